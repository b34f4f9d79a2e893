/* Gzip files in memory: unpacked whole by zlib, to compare the reader with, and changed so that they stay worth
 * reading, which random changes under a checksum rarely are. */
#ifndef EPOCL_TESTS_FUZZ_GZIP_MEMBERS_H
#define EPOCL_TESTS_FUZZ_GZIP_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No format packs more than this to 1. */
enum { GZIP_RATIO = 1032 };

/* Unpacks a file that is nothing but whole members, each of which passes its checks, and zeros after them, into memory
 * that the next call reuses; false for any other file. */
bool gzip_unpack(const uint8_t *bytes, size_t byte_count, const uint8_t **plain, size_t *plain_count);

/* A custom mutator: changes what is packed, or the packed bytes, of which then most get the right checksum. */
size_t gzip_mutate(uint8_t *bytes, size_t byte_count, size_t capacity, unsigned int seed);

#endif
