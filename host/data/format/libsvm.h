/* LIBSVM text: a label and the values that are not 0, as index:value, on each line. */
#ifndef EPOCL_DATA_FORMAT_LIBSVM_H
#define EPOCL_DATA_FORMAT_LIBSVM_H

#include "data/format/byte_source.h"
#include "data/table.h"

/* Whether the start of a text, or all of it, is LIBSVM in every line, and has a pair. */
bool libsvm_is_likely(const char *text, size_t bytes, bool is_whole);

/* Column "label", the target, then one for each index, named after it: from 1, or from 0 if an index is 0 or the
 * options say so. Values that are not there are 0. qid:N and comments are left out. */
epocl_status libsvm_load(byte_source *bytes, const table_options *options, table *made);

#endif
