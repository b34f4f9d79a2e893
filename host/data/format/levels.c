#include "data/format/levels.h"

#include "base/checked.h"

#include <string.h>

enum { FIRST_SLOTS = 16 };

#define MAX_LEVELS (UINT32_MAX - 2)

/* Eight bytes at a time; the multiplier is that of splitmix64. */
static size_t hash(const char *text, size_t length) {
    uint64_t sum = length;
    for (; length > 0; text += 8) {
        uint64_t word = 0;
        const size_t count = smaller(length, 8);
        memcpy(&word, text, count);
        sum = (sum ^ word) * 0xbf58476d1ce4e5b9u;
        sum ^= sum >> 29;
        length -= count;
    }
    return (size_t)(sum ^ sum >> 32);
}

/* The slot that holds a text, or the free one where it would be. */
static size_t find_slot(const levels *table, const char *text, size_t length) {
    const size_t mask = table->slot_count - 1;
    size_t slot = hash(text, length) & mask;
    for (; table->slots[slot] != LEVEL_NONE; slot = (slot + 1) & mask) {
        const char *known = table->texts[table->slots[slot]];
        if (strncmp(known, text, length) == 0 && known[length] == '\0') break;
    }
    return slot;
}

uint32_t levels_find(const levels *table, const char *text, size_t length) {
    return table->slot_count ? table->slots[find_slot(table, text, length)] : LEVEL_NONE;
}

/* Twice the slots, at most half of them in use. */
static bool grow_slots(levels *table) {
    const size_t slot_count = table->slot_count ? 2 * table->slot_count : FIRST_SLOTS;
    size_t bytes = 0;
    uint32_t *slots = checked_multiply(slot_count, sizeof *slots, &bytes) ? malloc(bytes) : NULL;
    if (!slots) return false;
    memset(slots, 0xff, bytes);
    free(table->slots);
    table->slots = slots;
    table->slot_count = slot_count;
    for (uint32_t i = 0; i < table->count; i++) slots[find_slot(table, table->texts[i], strlen(table->texts[i]))] = i;
    return true;
}

static bool grow_texts(levels *table) {
    const size_t capacity = table->capacity ? 2 * table->capacity : FIRST_SLOTS / 2;
    char **texts = realloc(table->texts, capacity * sizeof *texts);
    if (!texts) return false;
    table->texts = texts;
    table->capacity = capacity;
    return true;
}

uint32_t levels_add(levels *table, text_arena *arena, const char *text, size_t length) {
    const uint32_t known = levels_find(table, text, length);
    if (known != LEVEL_NONE) return known;
    if (table->count == MAX_LEVELS) {
        fail(EPOCL_ERROR_DATA, "a column has more than %u different texts", (unsigned)MAX_LEVELS);
        return LEVEL_NONE;
    }
    if ((table->count == table->capacity && !grow_texts(table)) ||
        (table->count >= table->slot_count / 2 && !grow_slots(table))) {
        fail(EPOCL_ERROR_MEMORY, "not enough memory for the different texts of a column (%u so far)",
             (unsigned)table->count);
        return LEVEL_NONE;
    }
    char *copy = text_arena_copy(arena, text, length);
    if (!copy) return LEVEL_NONE;
    table->slots[find_slot(table, text, length)] = table->count;
    table->texts[table->count] = copy;
    return table->count++;
}

void levels_release_slots(levels *table) {
    free(table->slots);
    table->slots = NULL;
    table->slot_count = 0;
}

void levels_release(levels *table) {
    levels_release_slots(table);
    free(table->texts);
    *table = (levels){0};
}
