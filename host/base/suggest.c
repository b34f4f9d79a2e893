#include "base/suggest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WORD_CAPACITY = 48 }; /* longer words get no suggestion */

static size_t smallest(size_t a, size_t b, size_t c) {
    const size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other. */
static size_t edit_distance(const char *from, const char *to) {
    size_t cost[WORD_CAPACITY][WORD_CAPACITY];
    const size_t from_length = strlen(from), to_length = strlen(to);
    if (from_length >= WORD_CAPACITY || to_length >= WORD_CAPACITY) return SIZE_MAX;
    for (size_t i = 0; i <= from_length; i++) {
        for (size_t j = 0; j <= to_length; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            const size_t replaced = cost[i - 1][j - 1] + (from[i - 1] != to[j - 1]);
            cost[i][j] = smallest(cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced);
            const int is_swap = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
            if (is_swap && cost[i - 2][j - 2] + 1 < cost[i][j]) cost[i][j] = cost[i - 2][j - 2] + 1;
        }
    }
    return cost[from_length][to_length];
}

suggestion suggestion_begin(const char *word) {
    return (suggestion){.word = word, .distance = 2 + strlen(word) / 4};
}

void suggestion_consider(suggestion *search, const char *candidate) {
    enum { LEAST_START = 4 }; /* of a longer word: "benchmark" */
    const size_t length = strlen(search->word), known_length = strlen(candidate);
    const int is_start = (length >= 2 && strncmp(search->word, candidate, length) == 0) ||
                         (known_length >= LEAST_START && strncmp(search->word, candidate, known_length) == 0);
    const int is_same = strcasecmp(search->word, candidate) == 0;
    const size_t distance = is_same ? 0 : is_start ? 1 : edit_distance(search->word, candidate);
    if (distance >= search->distance || (distance >= known_length && !is_same)) return;
    search->best = candidate;
    search->distance = distance;
}

const char *suggestion_text(const suggestion *search, const char *prefix, const char *otherwise) {
    static _Thread_local char text[96];
    if (!search->best) return otherwise;
    snprintf(text, sizeof text, "; did you mean '%s%s'?", prefix, search->best);
    return text;
}
