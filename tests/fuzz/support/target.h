/* What libFuzzer and a target know of each other, and how a target states what must hold. */
#ifndef EPOCL_TESTS_FUZZ_TARGET_H
#define EPOCL_TESTS_FUZZ_TARGET_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* The target: tries one input. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

/* A target may define how its inputs are changed: in place, to at most `capacity` bytes; returns their new number. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t byte_count, size_t capacity, unsigned int seed);

/* libFuzzer's own way to change bytes, for use in there. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t byte_count, size_t capacity);

/* Ends the process, which libFuzzer takes for a crash, unless the condition holds. */
#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition)) expect_failed(__FILE__, __LINE__, #condition);                                               \
    } while (0)
_Noreturn void expect_failed(const char *file, int line, const char *condition);

/* The last error is a sentence that starts with `prefix` (may be empty) and can be shown on a terminal. */
void expect_printable_error(const char *prefix);

#endif
