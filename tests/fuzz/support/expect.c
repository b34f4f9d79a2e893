#include "fuzz/support/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void expect_failed(const char *file, int line, const char *condition) {
    fprintf(stderr, "%s:%d: does not hold: %s\nThe last error: %s\n", file, line, condition, epocl_last_error());
    abort();
}

void expect_printable_error(const char *prefix) {
    const char *text = epocl_last_error();
    EXPECT(strncmp(text, prefix, strlen(prefix)) == 0 && text[strlen(prefix)] != '\0');
    for (; *text; text++) EXPECT(*text >= 0x20 && *text < 0x7f);
}
