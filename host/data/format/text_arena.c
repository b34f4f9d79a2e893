#include "data/format/text_arena.h"

#include "base/checked.h"

#include <string.h>

enum { FIRST_BYTES = 1 << 10, MOST_BYTES = 1 << 20 };

typedef struct block {
    struct block *next;
    size_t used, capacity;
    char bytes[];
} block;

struct text_arena {
    block *blocks;     /* the newest first     */
    size_t next_bytes; /* of the next block    */
};

epocl_status text_arena_create(text_arena **arena) {
    const epocl_status status = allocate(1, sizeof **arena, "a table's texts", arena);
    if (status == EPOCL_OK) (*arena)->next_bytes = FIRST_BYTES;
    return status;
}

static block *add_block(text_arena *arena, size_t least_bytes) {
    const size_t capacity = least_bytes > arena->next_bytes ? least_bytes : arena->next_bytes;
    block *added = malloc(sizeof *added + capacity);
    if (!added) {
        fail(EPOCL_ERROR_MEMORY, "not enough memory for a table's texts (%zu bytes)", capacity);
        return NULL;
    }
    *added = (block){.next = arena->blocks, .capacity = capacity};
    arena->blocks = added;
    if (arena->next_bytes < MOST_BYTES) arena->next_bytes *= 2;
    return added;
}

char *text_arena_copy(text_arena *arena, const char *text, size_t length) {
    block *place = arena->blocks;
    if (!place || place->capacity - place->used < length + 1) place = add_block(arena, length + 1);
    if (!place) return NULL;
    char *copy = place->bytes + place->used;
    memcpy(copy, text, length);
    copy[length] = '\0';
    place->used += length + 1;
    return copy;
}

void text_arena_clear(text_arena *arena) {
    while (arena->blocks) {
        block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

void text_arena_release(text_arena *arena) {
    if (!arena) return;
    text_arena_clear(arena);
    free(arena);
}
