#include "plan/constants.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void constants_set(constants *c, const char *name, size_t value) {
    size_t place = 0;
    while (place < c->count && place < CONSTANTS_CAPACITY && strcmp(c->entries[place].name, name) != 0) place++;
    if (place == c->count) c->count++;
    if (place == CONSTANTS_CAPACITY) return;
    c->entries[place].name = name;
    c->entries[place].value = (uint32_t)value;
}

void constants_set_float(constants *c, const char *name, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    constants_set(c, name, bits);
}

void constants_text(const constants *c, char text[CONSTANTS_TEXT_CAPACITY]) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < c->count && i < CONSTANTS_CAPACITY && length < CONSTANTS_TEXT_CAPACITY; i++)
        length += (size_t)snprintf(text + length, CONSTANTS_TEXT_CAPACITY - length, " -D%s=%" PRIu32,
                                   c->entries[i].name, c->entries[i].value);
}
