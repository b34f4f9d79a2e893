/* A table's format, told by its first bytes, and its reader. */
#ifndef EPOCL_DATA_FORMAT_OPEN_H
#define EPOCL_DATA_FORMAT_OPEN_H

#include "data/format/byte_source.h"
#include "data/table.h"

/* Opens a file at its first byte; *format is that of its content, or as the options say. `facts` has whether it is
 * gzip. */
epocl_status table_source_open(const char *path, const table_options *options, table *facts, byte_source **bytes,
                               table_format *format);

/* Reads all of it into `made`, an empty table. */
epocl_status table_load(byte_source *bytes, const table_options *options, table_format format, table *made);

#endif
