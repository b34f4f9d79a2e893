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

/* What the words behind numbers have come to. */
typedef struct word_tally {
    size_t count, joined_length; /* words, and their length with commas between */
    const char *first;
    size_t first_length;
    bool is_one;
} word_tally;

/* "x2" and ":relu" behind the last number, each or none. */
static bool read_words(const char **text, whole_list *units, word_tally *words) {
    unsigned long long times = 1;
    if (**text == 'x') {
        char *end = NULL;
        errno = 0;
        times = strtoull(*text + 1, &end, 10);
        if ((*text)[1] < '0' || (*text)[1] > '9' || errno != 0 || times < 1) return false;
        *text = end;
    }
    const size_t length = **text == ':' ? strcspn(*text + 1, ",") : 0;
    if (**text == ':' && length == 0) return false;
    for (unsigned long long i = 0; i < times; i++) {
        if (i > 0 && units->count == LIST_CAPACITY) return false;
        if (i > 0) units->values[units->count] = units->values[units->count - 1];
        if (i > 0) units->count++;
        if (length == 0) continue;
        if (words->joined_length + length + 2 > OPTION_TEXT_CAPACITY) return false;
        if (words->count == 0) *words = (word_tally){.first = *text + 1, .first_length = length, .is_one = true};
        words->is_one &= length == words->first_length && memcmp(words->first, *text + 1, length) == 0;
        words->joined_length += length + (words->count > 0);
        words->count++;
    }
    if (length > 0) *text += 1 + length;
    return true;
}

static bool words_fit(const word_tally *words, const whole_list *units, const option_row *option) {
    if (words->count == 0) return true;
    return words->count == units->count &&
           (words->is_one ? words->first_length : words->joined_length) < option->words_capacity;
}

/* Fills `units` with numbers between single separators; false unless `text` is just that, within the bounds. */
static bool read_list(const char *text, const option_row *option, whole_list *units) {
    word_tally words = {.count = 0};
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
        if (option->words && !read_words(&text, units, &words)) return false;
        if (*text == '\0') return words_fit(&words, units, option) && units->count >= option->minimum;
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
