/* A folder of one's own for the files of a test. All functions end the test on failure. */
#ifndef EPOCL_TESTS_SCRATCH_H
#define EPOCL_TESTS_SCRATCH_H

#include <stddef.h>

/* A checked fixture: makes the folder, and removes it with the files in it. */
void scratch_create(void);
void scratch_remove(void);

/* The path of `name` in the folder; the text holds until the eighth call after this one. */
const char *scratch_path(const char *name);

/* Files in the folder, `.` and `..` not counted. */
size_t scratch_file_count(void);

/* Writes a file of the folder, and reads any file whole; its memory is the caller's. */
const char *scratch_write(const char *name, const void *bytes, size_t byte_count);
unsigned char *file_read(const char *path, size_t *byte_count);

/* Lowers the size a file may grow to, as a full disk would, until the call with SCRATCH_NO_LIMIT. */
#define SCRATCH_NO_LIMIT ((size_t)-1)
void scratch_limit_file_bytes(size_t byte_count);

#endif
