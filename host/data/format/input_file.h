/* A whole file as a stream of bytes, plain or gzip, told by its first bytes. */
#ifndef EPOCL_DATA_FORMAT_INPUT_FILE_H
#define EPOCL_DATA_FORMAT_INPUT_FILE_H

#include "base/status.h"

#include <stdbool.h>

typedef struct input_file input_file;

/* Opens a regular file or, with "-", standard input, which may be a pipe; EPOCL_ERROR_NO_INPUT if it is missing, not
 * permitted, a folder, another pipe, a device or a terminal. `path` is kept for error texts and must outlive the
 * handle. */
epocl_status input_file_open(const char *path, input_file **file);

/* What error texts call it: the path, or "standard input". */
const char *input_file_name(const char *path);

bool input_file_is_gzip(const input_file *file);

/* Whether it is standard input, which is read once. */
bool input_file_is_stream(const input_file *file);

/* Back to the beginning of a file that is no stream. */
epocl_status input_file_rewind(input_file *file);

/* Reads `bytes` bytes, or what is left if that is less; *read_bytes says how many. Damaged gzip data is
 * EPOCL_ERROR_DATA, a read that fails EPOCL_ERROR_NO_INPUT. */
epocl_status input_file_read(input_file *file, void *memory, size_t bytes, size_t *read_bytes);

/* Reads exactly `bytes` (at least 1) bytes into new memory that the caller frees with free();
 * EPOCL_ERROR_DATA if fewer are left. However many a header declares, no more memory is taken than for
 * the bytes that are there: a plain file's size is checked first, the memory of a gzip file and of standard input
 * grows with what has been read, unless the end of a gzip file agrees with its header, in what deflate can hold: then
 * all of it is asked for at once, and if there is not as much, it grows. */
epocl_status input_file_read_new(input_file *file, size_t bytes, void **memory);

/* EPOCL_ERROR_DATA if anything follows what has been read. For a gzip file this also checks the
 * checksum: until it returns EPOCL_OK, the bytes read may be damaged. */
epocl_status input_file_expect_end(input_file *file);

/* Accepts NULL. */
void input_file_close(input_file *file);

#endif
