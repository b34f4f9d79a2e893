/* Bounds what a test may allocate, to show that no input file makes the library take much memory. */
#ifndef EPOCL_TESTS_MEMORY_LIMIT_H
#define EPOCL_TESTS_MEMORY_LIMIT_H

#include <stddef.h>

/* From here on at most about `byte_count` bytes more than are in use; larger allocations fail. Without
 * effect under AddressSanitizer, which reserves address space of its own, where /proc is missing, and where
 * NO_MEMORY_LIMIT is set. */
void memory_limit_set(size_t byte_count);

void memory_limit_lift(void);

#endif
