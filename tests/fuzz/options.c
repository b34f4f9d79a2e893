/* The command line of every command: the first byte chooses the command, the lines after it are the words. */
#include "command/commands.h"
#include "command/options/options.h"

#include "fuzz/support/target.h"
#include "fuzz/support/words.h"

#include <getopt.h>
#include <string.h>

/* The commands that the seeds of its corpus were made for, by their first byte. */
static const command *const known[] = {&command_devices, &command_train,   &command_evaluate,
                                       &command_predict, &command_inspect, &command_bench,
                                       &command_tune,    &command_export,  &command_import};

/* One of the choices or, for a choice that ends with a colon, a word that goes on after it. */
static bool is_choice(const char *choice, const char *value) {
    const size_t length = strlen(choice);
    return choice[length - 1] == ':' ? strncmp(choice, value, length) == 0 && value[length] : !strcmp(choice, value);
}

static void expect_choice(const option_row *row, const char *value) {
    bool is_known = false;
    for (const char *const *choice = row->choices; *choice; choice++) is_known |= is_choice(*choice, value);
    EXPECT(is_known);
}

static bool is_within(const option_range *range, double number) {
    const bool is_high = range->has_low ? number >= range->low : (float)number > (float)range->low;
    return is_high && (range->has_high ? number <= range->high : (float)number < (float)range->high);
}

/* A value that somebody gave, or the default. */
static void expect_in_range(const option_row *row, const void *values) {
    const void *value = option_value(row, values);
    char text[OPTION_TEXT_CAPACITY];
    option_text(row, values, text);
    switch (row->type) {
    case OPTION_FLAG: break;
    case OPTION_STRING:
    case OPTION_TEXT:
    case OPTION_PARSED: EXPECT(*text != '\0'); break;
    case OPTION_CHOICE: break;
    case OPTION_WHOLE: {
        const uint64_t number = *(const uint64_t *)value;
        EXPECT(number >= row->minimum && number <= row->maximum);
        break;
    }
    case OPTION_REAL: EXPECT(is_within(&row->range, *(const double *)value)); break;
    case OPTION_WHOLES: {
        const whole_list *list = value;
        EXPECT(list->count >= row->minimum && list->count <= LIST_CAPACITY);
        for (size_t i = 0; i < list->count; i++) EXPECT(list->values[i] >= 1 && list->values[i] <= row->maximum);
        break;
    }
    case OPTION_REALS: {
        const real_list *list = value;
        EXPECT(list->count >= row->minimum && list->count <= LIST_CAPACITY);
        for (size_t i = 0; i < list->count; i++) EXPECT(is_within(&row->range, list->values[i]));
        break;
    }
    }
    if (row->choices) expect_choice(row, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    if (byte_count == 0) return -1;
    const command *used = known[bytes[0] % (sizeof known / sizeof *known)];
    words given = words_begin(used->name, bytes + 1, byte_count - 1);
    settings read;
    optind = 0; /* glibc's way to start anew */
    const epocl_status status = options_parse(used, given.count, given.list, &read);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_ARGUMENT);
    if (status != EPOCL_OK) expect_printable_error("");
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    for (size_t i = 0; i < count && status == EPOCL_OK; i++) {
        const void *values = command_values_of(&list[i], &read);
        if (option_is_set(list[i].row, values))
            expect_in_range(list[i].row, values);
        else
            EXPECT(!list[i].row->default_value || strcmp(list[i].row->default_value, "none") == 0);
        EXPECT(!list[i].row->required || read.help || option_is_set(list[i].row, values));
    }
    words_end(&given);
    return 0;
}
