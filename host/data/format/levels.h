/* The distinct texts of a column, numbered in order of first appearance. */
#ifndef EPOCL_DATA_FORMAT_LEVELS_H
#define EPOCL_DATA_FORMAT_LEVELS_H

#include "data/format/text_arena.h"

#include <stdint.h>

typedef struct levels {
    char **texts; /* [count], in an arena */
    uint32_t count;
    size_t capacity;
    uint32_t *slots; /* a hash table of places in `texts`, LEVEL_NONE where free */
    size_t slot_count;
} levels;

#define LEVEL_NONE UINT32_MAX

/* The place of a text; LEVEL_NONE if it is not there. An all-zero table is empty. */
uint32_t levels_find(const levels *table, const char *text, size_t length);

/* The same; a text that is not there is added, a copy in `arena`. LEVEL_NONE, with a sentence, when memory is out or
 * there are 2^32 - 2 texts. */
uint32_t levels_add(levels *table, text_arena *arena, const char *text, size_t length);

/* Frees what finds texts, then the texts' places as well. Both accept a table that is empty. */
void levels_release_slots(levels *table);
void levels_release(levels *table);

#endif
