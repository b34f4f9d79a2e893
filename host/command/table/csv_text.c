#include "command/table/csv_text.h"

#include <stdio.h>
#include <string.h>

void csv_print_text(const char *text, char separator) {
    const char special[] = {separator, '"', '\n', '\r', '\0'};
    if (!text) return;
    if (!text[strcspn(text, special)]) {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (; *text; text++) {
        if (*text == '"') putchar('"');
        putchar(*text);
    }
    putchar('"');
}
