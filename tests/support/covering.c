#include "support/covering.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Whether a pair has occurred, of factors a < b. */
typedef struct pairs {
    const size_t *counts;
    size_t factor_count, open_count;
    bool done[COVERING_FACTORS][COVERING_FACTORS][COVERING_LEVELS][COVERING_LEVELS];
} pairs;

static bool *pair_of(pairs *p, size_t a, size_t level_a, size_t b, size_t level_b) {
    return a < b ? &p->done[a][b][level_a][level_b] : &p->done[b][a][level_b][level_a];
}

/* Pairs that a value would add to those of a row, which has `COVERING_LEVELS` where nothing is chosen. */
static size_t gain(pairs *p, const size_t *row, size_t factor, size_t level) {
    size_t count = 0;
    for (size_t f = 0; f < p->factor_count; f++)
        if (f != factor && row[f] < COVERING_LEVELS) count += !*pair_of(p, factor, level, f, row[f]);
    return count;
}

/* Begins a row with the first pair that has not occurred; the first factor's, which rows of others have by the way, are
 * the last. */
static void begin_row(pairs *p, size_t *row) {
    for (size_t f = 0; f < p->factor_count; f++) row[f] = COVERING_LEVELS;
    for (size_t m = 1; m < p->factor_count; m++)
        for (size_t n = m + 1; n <= p->factor_count; n++) {
            const size_t a = m, b = n % p->factor_count;
            for (size_t i = 0; i < p->counts[a]; i++)
                for (size_t j = 0; j < p->counts[b]; j++) {
                    if (*pair_of(p, a, i, b, j)) continue;
                    row[a] = i;
                    row[b] = j;
                    return;
                }
        }
}

/* The other factors in turn, each with the value that adds most; of equal ones another with each row. */
static void end_row(pairs *p, size_t *row, size_t number) {
    for (size_t f = 0; f < p->factor_count; f++) {
        if (row[f] < COVERING_LEVELS) continue;
        size_t best = 0, most = 0;
        for (size_t i = 0; i < p->counts[f]; i++) {
            const size_t level = (number + i) % p->counts[f], added = gain(p, row, f, level);
            if (i > 0 && added <= most) continue;
            best = level;
            most = added;
        }
        row[f] = best;
    }
}

static void mark_row(pairs *p, const size_t *row) {
    for (size_t a = 0; a < p->factor_count; a++)
        for (size_t b = a + 1; b < p->factor_count; b++) {
            bool *done = pair_of(p, a, row[a], b, row[b]);
            p->open_count -= !*done;
            *done = true;
        }
}

size_t *covering_rows(const size_t *counts, size_t factor_count, size_t *row_count) {
    pairs *p = calloc(1, sizeof *p);
    size_t *rows = NULL;
    *row_count = 0;
    if (!p || factor_count > COVERING_FACTORS) abort();
    p->counts = counts;
    p->factor_count = factor_count;
    for (size_t a = 0; a < factor_count; a++)
        for (size_t b = a + 1; b < factor_count; b++) p->open_count += counts[a] * counts[b];
    while (p->open_count > 0) {
        rows = realloc(rows, (*row_count + 1) * factor_count * sizeof *rows);
        if (!rows) abort();
        size_t *row = rows + *row_count * factor_count;
        begin_row(p, row);
        end_row(p, row, *row_count);
        mark_row(p, row);
        ++*row_count;
    }
    free(p);
    return rows;
}
/* Whether each pair of the row's value of `factor` with others occurs in another row. */
static bool is_spare(const size_t *rows, size_t row_count, size_t factor_count, size_t row, size_t factor) {
    const size_t *own = rows + row * factor_count;
    for (size_t f = 0; f < factor_count; f++) {
        bool is_there = f == factor;
        for (size_t r = 0; r < row_count && !is_there; r++) {
            const size_t *other = rows + r * factor_count;
            is_there = r != row && other[f] == own[f] && other[factor] == own[factor];
        }
        if (!is_there) return false;
    }
    return true;
}

void covering_prefer_first(size_t *rows, size_t row_count, size_t factor_count, size_t factor) {
    for (size_t r = 0; r < row_count; r++)
        if (is_spare(rows, row_count, factor_count, r, factor)) rows[r * factor_count + factor] = 0;
}
