/* npy arrays as columns: the first dimension counts rows, the others are flattened. */
#ifndef EPOCL_DATA_FORMAT_NPY_NPY_H
#define EPOCL_DATA_FORMAT_NPY_NPY_H

#include "data/format/npy/npy_header.h"
#include "data/table.h"

/* Appends the array's columns to `made`, without names; made->row_count is that of the array. Its bytes end the stream.
 */
epocl_status npy_read_columns(const byte_stream *stream, const npy_header *header, table *made);

/* A file that is one array; columns are called by their numbers. */
epocl_status npy_load(byte_source *bytes, table *made);

#endif
