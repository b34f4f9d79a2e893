/* The command line of every command: the first byte chooses the command, the lines after it are the words. */
#include "command/commands.h"
#include "command/options/options.h"

#include "fuzz/support/target.h"
#include "fuzz/support/words.h"

#include <getopt.h>
#include <string.h>

static const command *const commands[] = {&command_devices, &command_train, &command_evaluate, &command_predict,
                                          &command_inspect, &command_bench, &command_tune};

/* One of the choices or, for a choice that ends with a colon, a word that goes on after it. */
static bool is_choice(const char *choice, const char *value) {
    const size_t length = strlen(choice);
    return choice[length - 1] == ':' ? strncmp(choice, value, length) == 0 && value[length] : !strcmp(choice, value);
}

static void expect_choice(const command_option *option, const char *value) {
    bool is_known = false;
    for (const char *const *choice = option->choices; *choice && value; choice++) is_known |= is_choice(*choice, value);
    EXPECT(is_known || (!value && !option->default_value));
}

static void expect_units(const command_option *option, const unit_list *units) {
    EXPECT(units->count >= option->minimum && units->count <= UNITS_CAPACITY);
    for (size_t i = 0; i < units->count; i++) EXPECT(units->values[i] >= 1 && units->values[i] <= option->maximum);
}

/* A value that nobody gave, and that has no default, is zero. */
static void expect_in_range(const command_option *option, const settings *given) {
    const void *value = (const char *)given + option->offset;
    const bool may_be_zero = !option->default_value;
    switch (option->type) {
    case OPTION_FLAG: break;
    case OPTION_TEXT: {
        const char *text = *(const char *const *)value;
        EXPECT(text ? *text != '\0' : may_be_zero && (!option->required || given->help));
        break;
    }
    case OPTION_CHOICE: expect_choice(option, *(const char *const *)value); break;
    case OPTION_WHOLE: {
        const uint64_t number = *(const uint64_t *)value;
        EXPECT((number >= option->minimum && number <= option->maximum) || (number == 0 && may_be_zero));
        break;
    }
    case OPTION_REAL: {
        const double number = *(const double *)value;
        EXPECT(((float)number > (float)option->above && number < option->below) || (number == 0.0 && may_be_zero));
        break;
    }
    case OPTION_UNITS: expect_units(option, value); break;
    case OPTION_EVERY: {
        const interval *every = value;
        EXPECT((every->epochs > 0) + (every->seconds > 0) == 1 || (may_be_zero && !every->epochs && !every->seconds));
        break;
    }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    if (byte_count == 0) return -1;
    const command *used = commands[bytes[0] % (sizeof commands / sizeof *commands)];
    words given = words_begin(used->name, bytes + 1, byte_count - 1);
    settings read;
    optind = 0; /* glibc's way to start anew */
    const epocl_status status = options_parse(used, given.count, given.list, &read);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_ARGUMENT);
    if (status != EPOCL_OK) expect_printable_error("");
    for (size_t i = 0; i < used->option_count && status == EPOCL_OK; i++) expect_in_range(&used->options[i], &read);
    words_end(&given);
    return 0;
}
