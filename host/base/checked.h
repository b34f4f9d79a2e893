/* Arithmetic on sizes from outside, and allocation, that cannot overflow unseen. */
#ifndef EPOCL_BASE_CHECKED_H
#define EPOCL_BASE_CHECKED_H

#include "base/status.h"

#include <stdbool.h>
#include <stdlib.h>

/* product = a * b; false, with *product untouched, on overflow. */
static inline bool checked_multiply(size_t a, size_t b, size_t *product) {
    if (b != 0 && a > SIZE_MAX / b) return false;
    *product = a * b;
    return true;
}

/* The smallest multiple of `step` that is not below `value`; the caller bounds value below SIZE_MAX - step. */
static inline size_t round_up(size_t value, size_t step) {
    return (value + step - 1) / step * step;
}

static inline size_t divide_up(size_t value, size_t step) {
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): steps are sizes of tiles, panels and batches, never 0. */
    return (value + step - 1) / step;
}

static inline size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Zeroed memory for count × bytes, at least one byte; `what` names it in the error text. */
static inline epocl_status allocate(size_t count, size_t bytes, const char *what, void *pointer) {
    size_t total = 0;
    void *memory = checked_multiply(count, bytes, &total) ? calloc(total ? total : 1, 1) : NULL;
    *(void **)pointer = memory;
    if (!memory) return fail(EPOCL_ERROR_MEMORY, "not enough memory for %s (%zu x %zu bytes)", what, count, bytes);
    return EPOCL_OK;
}

#endif
