/* Texts that live as long as their table, in a few blocks of memory. */
#ifndef EPOCL_DATA_FORMAT_TEXT_ARENA_H
#define EPOCL_DATA_FORMAT_TEXT_ARENA_H

#include "base/status.h"

#include <stddef.h>

typedef struct text_arena text_arena;

epocl_status text_arena_create(text_arena **arena);

/* A copy of `length` bytes with a NUL after them; NULL, with a sentence, when memory is out. */
char *text_arena_copy(text_arena *arena, const char *text, size_t length);

/* Frees all texts. */
void text_arena_clear(text_arena *arena);

/* Accepts NULL. */
void text_arena_release(text_arena *arena);

#endif
