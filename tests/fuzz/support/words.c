#include "fuzz/support/words.h"

#include "fuzz/support/target.h"

#include <stdlib.h>
#include <string.h>

char *word_copy(const uint8_t *bytes, size_t byte_count) {
    size_t length = 0;
    while (length < byte_count && bytes[length] != '\0') length++;
    char *text = malloc(length + 1);
    EXPECT(text);
    if (length > 0) memcpy(text, bytes, length);
    text[length] = '\0';
    return text;
}

words words_begin(const char *first, const uint8_t *bytes, size_t byte_count) {
    words given = {.list = {word_copy((const uint8_t *)first, strlen(first))}, .count = 1};
    for (size_t at = 0; at < byte_count && given.count < WORDS_CAPACITY; at++) {
        size_t end = at;
        while (end < byte_count && bytes[end] != '\n') end++;
        given.list[given.count++] = word_copy(bytes + at, end - at);
        at = end;
    }
    return given;
}

/* The parser may have changed the order of the words. */
void words_end(words *given) {
    for (int i = 0; i < given->count; i++) free(given->list[i]);
}
