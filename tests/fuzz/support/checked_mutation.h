/* Mutations of files that end with the CRC-32 of all before it. */
#ifndef EPOCL_TESTS_FUZZ_CHECKED_MUTATION_H
#define EPOCL_TESTS_FUZZ_CHECKED_MUTATION_H

#include <stddef.h>
#include <stdint.h>

/* For LLVMFuzzerCustomMutator(): mostly with the right checksum, without which nothing else would be looked at. */
size_t mutate_checked(uint8_t *bytes, size_t byte_count, size_t capacity, unsigned int seed);

#endif
