#include "command/options/options.h"

#include "base/checked.h"
#include "base/printable.h"
#include "command/options/number.h"
#include "command/options/suggest.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_CAPACITY = 40, LONG_ONLY = 256 };

const char *const matmul_choices[] = {"auto", "plain", "tile", "tile:", "local", "local:", "clblast", NULL};
const char *const plan_choices[] = {"auto", "layered", "resident", "resident:", NULL};
const char *const tune_choices[] = {"off", "quick", "full", NULL};

/* ---- Values ----------------------------------------------------------------------------------- */

static void *value_of(const command_option *option, settings *given) {
    return (char *)given + option->offset;
}

/* The same word or, for a choice that ends with a colon, one that goes on after it. */
static bool is_choice(const char *choice, const char *text) {
    const size_t length = strlen(choice);
    if (choice[length - 1] != ':') return strcmp(choice, text) == 0;
    return strncmp(choice, text, length) == 0 && text[length] != '\0';
}

static epocl_status store_choice(const command_option *option, const char *origin, const char *text,
                                 const char **value) {
    suggestion near = suggestion_begin(text);
    char known[160] = "", shown[PRINTABLE_CAPACITY];
    for (const char *const *choice = option->choices; *choice; choice++) {
        if (is_choice(*choice, text)) {
            *value = text;
            return EPOCL_OK;
        }
        suggestion_consider(&near, *choice);
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s%s", used ? ", " : "", *choice,
                 (*choice)[strlen(*choice) - 1] == ':' ? "..." : "");
    }
    return fail(EPOCL_ERROR_ARGUMENT, "%s must be one of %s, not '%s'%s", origin, known, printable(text, shown),
                suggestion_text(&near, "", ""));
}

static epocl_status store_whole(const command_option *option, const char *origin, const char *text, uint64_t *value) {
    uint64_t number = 0;
    char shown[PRINTABLE_CAPACITY];
    const bool ok = number_whole(text, strlen(text), &number) && number >= option->minimum && number <= option->maximum;
    if (!ok)
        return fail(EPOCL_ERROR_ARGUMENT, "%s must be a whole number from %" PRIu64 " to %" PRIu64 ", not '%s'", origin,
                    option->minimum, option->maximum, printable(text, shown));
    *value = number;
    return EPOCL_OK;
}

static epocl_status store_real(const command_option *option, const char *origin, const char *text, double *value) {
    double number = 0;
    char shown[PRINTABLE_CAPACITY];
    const bool ok = number_real(text, &number) && number < option->below && (float)number > (float)option->above;
    if (!ok)
        return fail(EPOCL_ERROR_ARGUMENT, "%s must be a number above %g and below %g, not '%s'", origin, option->above,
                    option->below, printable(text, shown));
    *value = number;
    return EPOCL_OK;
}

/* False unless `text` is a list as the option wants it. */
static bool read_units(const command_option *option, const char *text, unit_list *units) {
    units->count = 0;
    if (option->minimum == 0 && (*text == '\0' || strcmp(text, "none") == 0)) return true;
    for (;;) {
        const char *end = strpbrk(text, option->separators);
        const size_t length = end ? (size_t)(end - text) : strlen(text);
        uint64_t number = 0;
        if (!number_whole(text, length, &number) || number < 1 || number > option->maximum) return false;
        if (units->count == UNITS_CAPACITY) return false;
        units->values[units->count++] = (size_t)number;
        if (!end) return units->count >= option->minimum;
        text = end + 1;
    }
}

static epocl_status store_units(const command_option *option, const char *origin, const char *text, unit_list *units) {
    char shown[PRINTABLE_CAPACITY];
    if (read_units(option, text, units)) return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT,
                "%s must be %s%" PRIu64 " to %d layer sizes from 1 to %" PRIu64 " with '%c' between them, not '%s'",
                origin, option->minimum ? "" : "none or ", option->minimum ? option->minimum : 1, UNITS_CAPACITY,
                option->maximum, *option->separators, printable(text, shown));
}

static epocl_status store_interval(const command_option *option, const char *origin, const char *text,
                                   interval *every) {
    static const char units[] = "smh";
    static const uint64_t unit_seconds[] = {1, 60, 3600};
    const size_t length = strlen(text);
    const char *unit = length > 0 ? strchr(units, text[length - 1]) : NULL;
    uint64_t number = 0;
    char shown[PRINTABLE_CAPACITY];
    if (!number_whole(text, unit ? length - 1 : length, &number) || number < 1 || number > option->maximum)
        return fail(
            EPOCL_ERROR_ARGUMENT,
            "%s must be a number of epochs, or of seconds, minutes or hours as 30s, 10m or 2h, from 1 to %" PRIu64
            ", not '%s'",
            origin, option->maximum, printable(text, shown));
    *every = (interval){0};
    if (unit)
        every->seconds = number * unit_seconds[unit - units];
    else
        every->epochs = number;
    return EPOCL_OK;
}

/* `origin` names the place the text is from, for error texts. */
static epocl_status store(const command_option *option, const char *origin, const char *text, settings *given) {
    void *value = value_of(option, given);
    switch (option->type) {
    case OPTION_FLAG: *(bool *)value = true; return EPOCL_OK;
    case OPTION_CHOICE: return store_choice(option, origin, text, value);
    case OPTION_WHOLE: return store_whole(option, origin, text, value);
    case OPTION_REAL: return store_real(option, origin, text, value);
    case OPTION_UNITS: return store_units(option, origin, text, value);
    case OPTION_EVERY: return store_interval(option, origin, text, value);
    case OPTION_TEXT: break;
    }
    if (*text == '\0') return fail(EPOCL_ERROR_ARGUMENT, "%s must not be empty", origin);
    *(const char **)value = text;
    return EPOCL_OK;
}

static epocl_status store_defaults(const command *used, settings *given) {
    epocl_status status = EPOCL_OK;
    memset(given, 0, sizeof *given);
    for (size_t i = 0; i < used->option_count && status == EPOCL_OK; i++) {
        const command_option *option = &used->options[i];
        const char *text = option->environment ? getenv(option->environment) : NULL;
        if (text && *text) {
            status = store(option, option->environment, text, given);
            given->given |= UINT64_C(1) << i;
        } else if (option->default_value)
            status = store(option, option->name, option->default_value, given);
    }
    return status;
}

/* ---- Parsing ---------------------------------------------------------------------------------- */

/* A long word that getopt_long() refused: misused, short for several options, or not known. */
static epocl_status fail_long(const command *used, const char *word) {
    char name[48], candidates[256] = "", otherwise[64], shown[PRINTABLE_CAPACITY];
    const size_t length = strcspn(word + 2, "=");
    snprintf(name, sizeof name, "%.*s", (int)smaller(length, sizeof name - 1), word + 2);

    suggestion near = suggestion_begin(name);
    for (size_t i = 0; i < used->option_count; i++) {
        const command_option *option = &used->options[i];
        if (strcmp(option->name, name) == 0)
            return fail(EPOCL_ERROR_ARGUMENT, "--%s takes no value; see epocl %s --help", name, used->name);
        suggestion_consider(&near, option->name);
        const size_t written = strlen(candidates);
        if (length > 0 && strncmp(option->name, name, length) == 0)
            snprintf(candidates + written, sizeof candidates - written, "%s--%s", written ? ", " : "", option->name);
    }
    if (*candidates) return fail(EPOCL_ERROR_ARGUMENT, "--%s can mean %s; write it in full", name, candidates);
    for (const foreign_option *known = used->foreign; known && known->name; known++)
        if (strcmp(known->name, name) == 0)
            return fail(EPOCL_ERROR_ARGUMENT, "there is no --%s: %s; see epocl %s --help", name, known->hint,
                        used->name);
    snprintf(otherwise, sizeof otherwise, "; see epocl %s --help", used->name);
    return fail(EPOCL_ERROR_ARGUMENT, "unknown option '--%s'%s", printable(name, shown),
                suggestion_text(&near, "--", otherwise));
}

/* The option that a value of getopt_long() stands for: the letter of one, or LONG_ONLY and its place. */
static const command_option *option_of(const command *used, int code) {
    if (code >= LONG_ONLY) return &used->options[code - LONG_ONLY];
    size_t place = 0;
    while (place + 1 < used->option_count && used->options[place].letter != code) place++;
    return &used->options[place];
}

/* NULL where the command has no option of that name. */
static const command_option *named_option(const command *used, const char *name) {
    for (size_t i = 0; i < used->option_count; i++)
        if (strcmp(used->options[i].name, name) == 0) return &used->options[i];
    return NULL;
}

static epocl_status parse_words(const command *used, int argc, char **argv, settings *given) {
    struct option table[OPTIONS_CAPACITY + 1] = {0};
    char letters[2 * OPTIONS_CAPACITY + 2] = ":"; /* a missing value is told apart from an unknown option */
    size_t letter_count = 1;
    for (size_t i = 0; i < used->option_count && i < OPTIONS_CAPACITY; i++) {
        const command_option *option = &used->options[i];
        table[i] = (struct option){.name = option->name,
                                   .has_arg = option->type == OPTION_FLAG ? no_argument : required_argument,
                                   .val = LONG_ONLY + (int)i};
        if (!option->letter) continue;
        letters[letter_count++] = option->letter;
        if (option->type != OPTION_FLAG) letters[letter_count++] = ':';
    }

    char shown[PRINTABLE_CAPACITY];
    opterr = 0;
    optind = 0; /* from the beginning, also the second time */
    for (;;) {
        const int code = getopt_long(argc, argv, letters, table, NULL);
        if (code == -1) break;
        if (code == '?' && optopt != 0 && optopt < LONG_ONLY) /* a letter, negative beyond ASCII */
            return fail(EPOCL_ERROR_ARGUMENT, "unknown option '-%s'; see epocl %s --help",
                        printable((const char[]){(char)optopt, '\0'}, shown), used->name);
        if (code == '?') return fail_long(used, argv[optind - 1]);
        const command_option *option = option_of(used, code == ':' ? optopt : code);
        if (code == ':')
            return fail(EPOCL_ERROR_ARGUMENT, "--%s needs a value (%s); see epocl %s --help", option->name,
                        option->argument, used->name);
        char origin[64];
        snprintf(origin, sizeof origin, "--%s", option->name);
        const epocl_status status = store(option, origin, optarg, given);
        given->given |= UINT64_C(1) << (option - used->options);
        if (status != EPOCL_OK || given->help) return status;
    }
    if (optind < argc && used->operand) {
        const command_option *operand = named_option(used, used->operand);
        const bool is_missing = !*(const char **)value_of(operand, given);
        const epocl_status status = is_missing ? store(operand, operand->argument, argv[optind++], given) : EPOCL_OK;
        if (status != EPOCL_OK) return status;
    }
    if (optind < argc)
        return fail(EPOCL_ERROR_ARGUMENT, "unexpected argument '%s'; see epocl %s --help",
                    printable(argv[optind], shown), used->name);
    return EPOCL_OK;
}

epocl_status options_parse(const command *used, int argc, char **argv, settings *given) {
    epocl_status status = EPOCL_OK;
    TRY(store_defaults(used, given));
    TRY(parse_words(used, argc, argv, given));
    for (size_t i = 0; i < used->option_count && !given->help; i++) {
        const command_option *option = &used->options[i];
        if (option->required && !*(const char **)value_of(option, given))
            TRY(fail(EPOCL_ERROR_ARGUMENT, "epocl %s needs --%s %s; see epocl %s --help", used->name, option->name,
                     option->argument, used->name));
    }
cleanup:
    return status;
}

/* ---- Values at hand --------------------------------------------------------------------------- */

epocl_status option_store(const command_option *option, const char *origin, const char *text, settings *given) {
    return store(option, origin, text, given);
}

const void *option_value(const command_option *option, const settings *given) {
    return (const char *)given + option->offset;
}

static void append_units(const unit_list *units, char separator, char *text, size_t capacity) {
    for (size_t i = 0, used = 0; i < units->count && used < capacity; i++) {
        if (i > 0) used += (size_t)snprintf(text + used, capacity - used, "%c", separator);
        if (used < capacity) used += (size_t)snprintf(text + used, capacity - used, "%zu", units->values[i]);
    }
}

const char *option_text(const command_option *option, const settings *given, char text[OPTION_TEXT_CAPACITY]) {
    const void *value = option_value(option, given);
    const char *word = "";
    *text = '\0';
    switch (option->type) {
    case OPTION_FLAG: word = *(const bool *)value ? "set" : ""; break;
    case OPTION_TEXT:
    case OPTION_CHOICE: word = *(const char *const *)value; break;
    case OPTION_WHOLE:
        if (*(const uint64_t *)value >= option->minimum)
            snprintf(text, OPTION_TEXT_CAPACITY, "%" PRIu64, *(const uint64_t *)value);
        break;
    case OPTION_REAL:
        if (*(const double *)value > option->above)
            snprintf(text, OPTION_TEXT_CAPACITY, "%.9g", *(const double *)value);
        break;
    case OPTION_UNITS: append_units(value, *option->separators, text, OPTION_TEXT_CAPACITY); break;
    case OPTION_EVERY: {
        const interval *every = value;
        snprintf(text, OPTION_TEXT_CAPACITY, "%" PRIu64 "%s", every->epochs ? every->epochs : every->seconds,
                 every->epochs ? "" : "s");
        break;
    }
    }
    if (word && *word) snprintf(text, OPTION_TEXT_CAPACITY, "%s", word);
    if (!*text) strcpy(text, "none");
    return text;
}

static const size_t value_bytes[] = {
    [OPTION_FLAG] = sizeof(bool),      [OPTION_TEXT] = sizeof(const char *), [OPTION_CHOICE] = sizeof(const char *),
    [OPTION_WHOLE] = sizeof(uint64_t), [OPTION_REAL] = sizeof(double),       [OPTION_EVERY] = sizeof(interval),
    [OPTION_UNITS] = sizeof(unit_list)};

bool option_is_equal(const command_option *option, const settings *one, const settings *other) {
    const void *a = option_value(option, one), *b = option_value(option, other);
    if (option->type == OPTION_TEXT || option->type == OPTION_CHOICE) {
        const char *text = *(const char *const *)a, *other_text = *(const char *const *)b;
        return text && other_text ? strcmp(text, other_text) == 0 : text == other_text;
    }
    if (option->type == OPTION_UNITS) {
        const unit_list *units = a, *others = b;
        return units->count == others->count &&
               memcmp(units->values, others->values, units->count * sizeof *units->values) == 0;
    }
    return memcmp(a, b, value_bytes[option->type]) == 0;
}

bool options_is_given(const settings *given, size_t i) {
    return given->given >> i & 1;
}

void options_lay_over(const command *used, const settings *over, settings *under) {
    for (size_t i = 0; i < used->option_count; i++) {
        const command_option *option = &used->options[i];
        if (options_is_given(over, i))
            memcpy((char *)under + option->offset, option_value(option, over), value_bytes[option->type]);
    }
    under->given |= over->given;
}

/* ---- Help ------------------------------------------------------------------------------------- */

void options_print_help(const command *used) {
    enum { HELP_COLUMN = 30 };
    printf("Examples:\n");
    for (size_t i = 0; i < sizeof used->examples / sizeof *used->examples && used->examples[i]; i++)
        printf("  epocl %s\n", used->examples[i]);
    printf("\nepocl %s: %s\n", used->name, used->summary);
    if (used->operand) printf("--%s may be left out before its value.\n", used->operand);

    const char *group = "";
    for (size_t i = 0; i < used->option_count; i++) {
        const command_option *option = &used->options[i];
        if (!option->help) continue;
        if (strcmp(group, option->group) != 0) printf("\n%s:\n", option->group);
        group = option->group;

        int column = option->letter ? printf("  -%c, ", option->letter) : printf("      ");
        column += printf("--%s", option->name);
        if (option->argument) column += printf(" %s", option->argument);
        if (column > HELP_COLUMN - 2) column = printf("\n") - 1;
        printf("%*s%s", HELP_COLUMN - column, "", option->help);
        if (option->required) printf(" (required)");
        if (option->default_value) printf(" (default: %s)", *option->default_value ? option->default_value : "none");
        printf("\n");
    }
    if (used->notes) printf("\n%s\n", used->notes);
}
