/* Lists of layer sizes: --hidden of `epocl train` and --net of `epocl bench`, read here once more in plain words. */
#include "command/commands.h"
#include "command/options/options.h"

#include "fuzz/support/target.h"
#include "fuzz/support/words.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static command_option find_option(const command *used, const char *name) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].row->name, name) == 0) return list[i];
    return (command_option){NULL, 0};
}

/* Fills `units` with numbers between single separators; false unless `text` is just that, within the bounds. */
static bool read_list(const char *text, const option_row *option, whole_list *units) {
    units->count = 0;
    if (option->minimum == 0 && (*text == '\0' || strcmp(text, "none") == 0)) return true;
    for (;; text++) {
        char *end = NULL;
        errno = 0;
        const unsigned long long number = strtoull(text, &end, 10);
        if (*text < '0' || *text > '9' || errno != 0 || number < 1 || number > option->maximum) return false;
        if (units->count == LIST_CAPACITY) return false;
        units->values[units->count++] = number;
        text = end;
        if (*text == '\0') return units->count >= option->minimum;
        if (!strchr(option->separators, *text)) return false;
    }
}

static void expect_list(const command *used, const char *name, const char *text) {
    const command_option found = find_option(used, name);
    const option_row *option = found.row;
    EXPECT(option);
    char *word = malloc(strlen(text) + 16);
    EXPECT(word);
    sprintf(word, "--%s=%s", name, text);
    /* With --help nothing else is asked for. */
    char first[] = "epocl", help[] = "--help", *argv[] = {first, word, help, NULL};
    settings read;
    whole_list expected;
    optind = 0; /* glibc's way to start anew */
    const epocl_status status = options_parse(used, 3, argv, &read);
    const bool is_right = read_list(text, option, &expected);
    EXPECT(status == (is_right ? EPOCL_OK : EPOCL_ERROR_ARGUMENT));
    if (is_right) {
        const whole_list *units = option_value(option, command_values_of(&found, &read));
        EXPECT(units->count == expected.count);
        EXPECT(memcmp(units->values, expected.values, expected.count * sizeof *expected.values) == 0);
    } else {
        expect_printable_error("");
    }
    free(word);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    char *text = word_copy(bytes, byte_count);
    expect_list(&command_train, "hidden", text);
    expect_list(&command_bench, "net", text);
    free(text);
    return 0;
}
