/* npz archives: arrays with names, of as many rows each. */
#ifndef EPOCL_DATA_FORMAT_NPY_NPZ_H
#define EPOCL_DATA_FORMAT_NPY_NPZ_H

#include "data/format/byte_source.h"
#include "data/table.h"

/* An array X, x or inputs is the columns "1", "2", ...; y, labels or targets beside it is the target, under its own
 * name; other arrays are left out then. A single array is the inputs whatever its name. Otherwise all arrays are
 * columns under their names, "NAME1", "NAME2", ... of those with more dimensions. */
epocl_status npz_load(byte_source *bytes, table *made);

#endif
