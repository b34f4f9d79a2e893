/* npy arrays and npz archives for tests, byte by byte as their formats say. */
#ifndef EPOCL_TESTS_ARRAY_FILES_H
#define EPOCL_TESTS_ARRAY_FILES_H

#include <stdbool.h>
#include <stddef.h>

enum { ARRAY_FILE_BYTES = 1 << 14 };

/* Writes an array to `file`; `shape` as Python writes it, "(2, 3)". Returns the number of bytes. */
size_t npy_write(unsigned char *file, const char *type, bool is_fortran, const char *shape, const void *values,
                 size_t byte_count);

typedef struct archive {
    unsigned char bytes[2 * ARRAY_FILE_BYTES];
    size_t byte_count;
    unsigned char directory[ARRAY_FILE_BYTES]; /* goes behind the members */
    size_t directory_bytes, member_count;
} archive;

/* Adds a member, deflated or stored, with 64-bit sizes as NumPy writes them or without; then the directory. */
void archive_add(archive *made, const char *name, const unsigned char *bytes, size_t byte_count, bool is_deflated,
                 bool is_wide);
void archive_end(archive *made);

#endif
