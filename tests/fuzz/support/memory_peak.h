/* How much memory the code under test holds at most, counted at the allocator. */
#ifndef EPOCL_TESTS_FUZZ_MEMORY_PEAK_H
#define EPOCL_TESTS_FUZZ_MEMORY_PEAK_H

#include <stddef.h>

void memory_peak_begin(void);

/* The most bytes allocated at one time since memory_peak_begin(), those from before not counted. */
size_t memory_peak_end(void);

#endif
