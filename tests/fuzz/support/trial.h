/* A reader's trial: the input as a file in memory, read in pieces of any size, with an eye on what memory it takes. */
#ifndef EPOCL_TESTS_FUZZ_TRIAL_H
#define EPOCL_TESTS_FUZZ_TRIAL_H

#include <stddef.h>
#include <stdint.h>

/* The path of a regular file that holds these bytes, until the next call; from here on memory is counted. How reads
 * are cut short follows from the bytes. */
const char *trial_begin(const uint8_t *bytes, size_t byte_count);

/* Since trial_begin() no more than `most_bytes` of memory were held at one time. */
void trial_end(size_t most_bytes);

#endif
