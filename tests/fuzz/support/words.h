/* The words of a command line, each in memory of its own, so that a step beyond one is noticed. */
#ifndef EPOCL_TESTS_FUZZ_WORDS_H
#define EPOCL_TESTS_FUZZ_WORDS_H

#include <stddef.h>
#include <stdint.h>

enum { WORDS_CAPACITY = 32 };

typedef struct words {
    char *list[WORDS_CAPACITY + 1]; /* ends with NULL */
    int count;
} words;

/* A first word and those of the input, which stand in lines; lines beyond the capacity are left out. */
words words_begin(const char *first, const uint8_t *bytes, size_t byte_count);
void words_end(words *given);

/* The bytes as a text of their own, up to a NUL in them; to be freed. */
char *word_copy(const uint8_t *bytes, size_t byte_count);

#endif
