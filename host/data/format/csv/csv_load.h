/* A whole file of separated values as a table. */
#ifndef EPOCL_DATA_FORMAT_CSV_CSV_LOAD_H
#define EPOCL_DATA_FORMAT_CSV_CSV_LOAD_H

#include "data/format/byte_source.h"
#include "data/table.h"

/* Fills `made`, which table_create() made. */
epocl_status csv_load(byte_source *bytes, const table_options *options, table *made);

#endif
