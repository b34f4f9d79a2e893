/* Constants of a program: what its kernels are compiled with, as -DNAME=value. */
#ifndef EPOCL_PLAN_CONSTANTS_H
#define EPOCL_PLAN_CONSTANTS_H

#include <stddef.h>
#include <stdint.h>

enum { CONSTANTS_CAPACITY = 48, CONSTANTS_TEXT_CAPACITY = 2048 };

typedef struct constants {
    struct {
        const char *name; /* static */
        uint32_t value;
    } entries[CONSTANTS_CAPACITY];
    size_t count; /* above CONSTANTS_CAPACITY: some had no room */
} constants;

/* Sets a constant, anew if there is one of that name; a float by its bits, which is exact in any locale: kernels read
 * it with as_float(). */
void constants_set(constants *c, const char *name, size_t value);
void constants_set_float(constants *c, const char *name, float value);

/* " -DNAME=value" for each, in the order of their first setting: what a compiler takes, and what names the program. */
void constants_text(const constants *c, char text[CONSTANTS_TEXT_CAPACITY]);

#endif
