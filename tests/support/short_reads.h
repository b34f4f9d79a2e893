/* A system whose reads return less than was asked for, and are interrupted: read() and pread() of the program, which
 * the linker leads here. */
#ifndef EPOCL_TESTS_SHORT_READS_H
#define EPOCL_TESTS_SHORT_READS_H

#include <stddef.h>
#include <stdint.h>

/* From here on reads return 1 to `most_bytes` bytes at random, and some are interrupted; 0 lets them be. */
void short_reads_begin(size_t most_bytes, uint32_t seed);
void short_reads_end(void);

#endif
