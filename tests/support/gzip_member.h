/* Gzip data for tests. */
#ifndef EPOCL_TESTS_GZIP_MEMBER_H
#define EPOCL_TESTS_GZIP_MEMBER_H

#include <stddef.h>

/* Compresses into one gzip member in new memory, freed by the caller; *gzip_count is its size. */
unsigned char *gzip_member(const void *bytes, size_t byte_count, size_t *gzip_count);

#endif
