/* The header of an npy array: a magic word, a version, a length and the text of a Python dictionary. */
#ifndef EPOCL_DATA_FORMAT_NPY_NPY_HEADER_H
#define EPOCL_DATA_FORMAT_NPY_NPY_HEADER_H

#include "data/format/byte_stream.h"

#include <stdbool.h>
#include <stdint.h>

#define NPY_MAGIC "\x93NUMPY"

enum { NPY_MAX_DIMENSIONS = 32, NPY_MAX_VALUE_BYTES = 1 << 16 };

typedef struct npy_header {
    char kind;          /* b boolean, i and u integers, f floats, S bytes, U text of 32-bit characters */
    size_t value_bytes; /* of one value                                                                */
    bool is_big_endian;
    bool is_fortran;     /* the first index runs fastest                                                */
    size_t row_count;    /* the first dimension, at least 1                                             */
    size_t column_count; /* the product of the others, at least 1                                       */
    size_t dimension_count;
    size_t dimensions[NPY_MAX_DIMENSIONS];
} npy_header;

/* EPOCL_ERROR_DATA for what is no npy header, and for types and shapes that make no table. */
epocl_status npy_header_read(const byte_stream *stream, npy_header *header);

#endif
