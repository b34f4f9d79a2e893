/* A file for what a target writes, in memory where the system has /dev/shm. */
#ifndef EPOCL_TESTS_FUZZ_SCRATCH_FILE_H
#define EPOCL_TESTS_FUZZ_SCRATCH_FILE_H

#include <stddef.h>
#include <stdint.h>

/* The file's path, always the same; removed when the process ends. */
const char *scratch_file_path(void);

/* The bytes of the file that is there now, to be freed. */
uint8_t *scratch_file_read(size_t *byte_count);

#endif
