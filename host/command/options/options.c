#include "command/options/options.h"

#include "base/checked.h"
#include "base/number.h"
#include "base/printable.h"
#include "base/suggest.h"
#include "command/sweep/search.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_ONLY = 256 };

/* ---- What a command takes --------------------------------------------------------------------- */

/* Headings of the help, in order. */
static const char *const groups[] = {"Model",    "Data",     "Table", "Network", "Training", "Regularisation",
                                     "Schedule", "Stopping", "Sweep", "Timing",  "Device",   "Output"};

static bool takes(const command *used, const option_row *row) {
    for (const char *const *name = used->library; name && *name; name++)
        if (strcmp(*name, row->name) == 0) return true;
    return used->takes_library;
}

static bool is_of(const option_row *row, const char *group) {
    return row->group ? strcmp(row->group, group) == 0 : group == groups[0];
}

static size_t append_option(command_option *list, size_t count, const option_row *row, size_t base) {
    if (count < COMMAND_OPTIONS_CAPACITY) list[count++] = (command_option){row, base};
    return count;
}

size_t command_options(const command *used, command_option list[COMMAND_OPTIONS_CAPACITY]) {
    size_t count = 0;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        for (size_t i = 0; i < used->option_count; i++)
            if (is_of(&used->options[i], groups[g])) count = append_option(list, count, &used->options[i], 0);
        for (size_t i = 0; i < registry_count; i++)
            if (takes(used, &registry[i]) && is_of(&registry[i], groups[g]))
                count = append_option(list, count, &registry[i], offsetof(settings, library));
    }
    return count;
}

void command_options_mark_searched(const command_option *list, size_t count, settings *given) {
    for (size_t i = 0; i < count; i++) {
        if (command_option_is_search(&list[i])) given->given[i] = true;
        if (list[i].base && search_has(given->search, list[i].row)) given->given[i] = false;
    }
}

/* ---- Intervals -------------------------------------------------------------------------------- */

static epocl_status read_interval(const option_row *row, const char *origin, const char *text, void *value) {
    static const char units[] = "smh";
    static const uint64_t unit_seconds[] = {1, 60, 3600};
    const size_t length = strlen(text);
    const char *unit = length > 0 ? strchr(units, text[length - 1]) : NULL;
    uint64_t number = 0;
    char shown[PRINTABLE_CAPACITY];
    if (!number_whole(text, unit ? length - 1 : length, &number) || number < 1 || number > row->maximum)
        return fail(
            EPOCL_ERROR_ARGUMENT,
            "%s must be a number of epochs, or of seconds, minutes or hours as 30s, 10m or 2h, from 1 to %" PRIu64
            ", not '%s'",
            origin, row->maximum, printable(text, shown));
    interval *every = value;
    *every = (interval){.epochs = unit ? 0 : number};
    if (unit) every->seconds = number * unit_seconds[unit - units];
    return EPOCL_OK;
}

static void write_interval(const void *value, char *text, size_t capacity) {
    const interval *every = value;
    if (every->epochs || every->seconds)
        snprintf(text, capacity, "%" PRIu64 "%s", every->epochs ? every->epochs : every->seconds,
                 every->epochs ? "" : "s");
}

const option_parser interval_parser = {read_interval, write_interval, sizeof(interval)};

/* ---- Defaults --------------------------------------------------------------------------------- */

static epocl_status store_defaults(const command *used, const command_option *list, size_t count, settings *given) {
    epocl_status status = EPOCL_OK;
    memset(given, 0, sizeof *given);
    option_defaults(used->options, used->option_count, given);
    options_begin(&given->library);
    for (size_t i = 0; i < count && status == EPOCL_OK; i++) {
        const option_row *row = list[i].row;
        const char *text = row->environment ? getenv(row->environment) : NULL;
        if (!text || !*text) continue;
        status = option_store(row, row->environment, text, command_values(&list[i], given));
        given->given[i] = given->from_environment[i] = true;
    }
    return status;
}

/* ---- Parsing ---------------------------------------------------------------------------------- */

/* What words are read by. */
typedef struct word_reader {
    const command *used;
    const command_option *list;
    size_t count;
    const option_row **worded; /* the option whose words have set another one; NULL: none has */
} word_reader;

/* A long word that getopt_long() refused: misused, short for several options, or not known. */
static epocl_status fail_long(const word_reader *reader, const char *word) {
    char name[48], candidates[256] = "", otherwise[64], shown[PRINTABLE_CAPACITY];
    const char *command_name = reader->used->name;
    const size_t length = strcspn(word + 2, "=");
    snprintf(name, sizeof name, "%.*s", (int)smaller(length, sizeof name - 1), word + 2);

    suggestion near = suggestion_begin(name);
    for (size_t i = 0; i < 2 * reader->count; i++) {
        const option_row *row = reader->list[i / 2].row;
        const char *known = i % 2 ? row->also : row->name;
        if (!known) continue;
        if (strcmp(known, name) == 0)
            return fail(EPOCL_ERROR_ARGUMENT, "--%s takes no value; see epocl %s --help", name, command_name);
        suggestion_consider(&near, known);
        const size_t written = strlen(candidates);
        if (length > 0 && strncmp(known, name, length) == 0)
            snprintf(candidates + written, sizeof candidates - written, "%s--%s", written ? ", " : "", known);
    }
    if (*candidates) return fail(EPOCL_ERROR_ARGUMENT, "--%s can mean %s; write it in full", name, candidates);
    for (const foreign_option *known = reader->used->foreign; known && known->name; known++)
        if (strcmp(known->name, name) == 0)
            return fail(EPOCL_ERROR_ARGUMENT, "there is no --%s: %s; see epocl %s --help", name, known->hint,
                        command_name);
    snprintf(otherwise, sizeof otherwise, "; see epocl %s --help", command_name);
    return fail(EPOCL_ERROR_ARGUMENT, "unknown option '--%s'%s", printable(name, shown),
                suggestion_text(&near, "--", otherwise));
}

/* The place of the option that a value of getopt_long() stands for: the letter of one, or LONG_ONLY and its place. */
static size_t place_of(const word_reader *reader, int code) {
    if (code >= LONG_ONLY) return (size_t)(code - LONG_ONLY);
    size_t place = 0;
    while (place + 1 < reader->count && reader->list[place].row->letter != code) place++;
    return place;
}

/* What getopt_long() wants: names, other names, and letters; a missing value is told apart from an unknown option. */
static void fill_getopt(const word_reader *reader, struct option *table, char *letters) {
    size_t count = 0;
    *letters++ = ':';
    for (size_t i = 0; i < reader->count; i++) {
        const option_row *row = reader->list[i].row;
        const int takes_value = row->type == OPTION_FLAG ? no_argument : required_argument;
        table[count++] = (struct option){.name = row->name, .has_arg = takes_value, .val = LONG_ONLY + (int)i};
        if (row->also)
            table[count++] = (struct option){.name = row->also, .has_arg = takes_value, .val = LONG_ONLY + (int)i};
        if (!row->letter) continue;
        *letters++ = row->letter;
        if (takes_value == required_argument) *letters++ = ':';
    }
}

/* The place of the option that the words of a text set: --hidden 128:relu is an --activation, too. That of the text's
 * own option where there are none. */
static size_t place_of_words(const word_reader *reader, size_t place, const char *text) {
    const char *name = reader->list[place].row->words;
    for (size_t i = 0; i < reader->count && name && strchr(text, ':'); i++)
        if (strcmp(reader->list[i].row->name, name) == 0) return i;
    return place;
}

/* Whether a word is a range or a list in the place of a value, or a text of such. */
static bool is_search(const word_reader *reader, size_t place, const char *text) {
    const command_option *option = &reader->list[place];
    if (!reader->used->searches || !text) return false;
    return command_option_is_search(option) || (option->base && search_is_one(option->row, text));
}

static epocl_status store_search(const word_reader *reader, size_t place, const char *origin, const char *text,
                                 settings *given) {
    const command_option *option = &reader->list[place];
    const epocl_status status = command_option_is_search(option) ? search_merge(given->search, text)
                                                                 : search_add(given->search, option->row, origin, text);
    if (status == EPOCL_OK) command_options_mark_searched(reader->list, reader->count, given);
    return status;
}

static epocl_status store_word(const word_reader *reader, size_t place, const char *text, settings *given) {
    epocl_status status = EPOCL_OK;
    const option_row *row = reader->list[place].row, **worded = reader->worded;
    const size_t words_place = text ? place_of_words(reader, place, text) : place;
    const command_option *words = &reader->list[words_place];
    const bool sets_words = words_place != place;
    /* Whether words and their option have been given, one after the other. */
    const bool is_both =
        given->given[words_place] && (sets_words ? !*worded : *worded && strcmp((*worded)->words, row->name) == 0);
    char origin[64], before[OPTION_TEXT_CAPACITY], after[OPTION_TEXT_CAPACITY];
    snprintf(origin, sizeof origin, "--%s", row->name);
    if (is_search(reader, place, text)) return store_search(reader, place, origin, text, given);
    if (reader->used->searches && reader->list[place].base) search_remove(given->search, row);
    option_text(words->row, command_values(words, given), before);
    TRY(option_store(row, origin, text, command_values(&reader->list[place], given)));
    if (is_both && strcmp(before, option_text(words->row, command_values(words, given), after)) != 0)
        TRY(fail(EPOCL_ERROR_ARGUMENT, "--%s and the words of --%s contradict each other: %s and %s", words->row->name,
                 sets_words ? row->name : (*worded)->name, sets_words ? before : after, sets_words ? after : before));
    given->given[place] = given->given[words_place] = true;
    given->from_environment[place] = given->from_environment[words_place] = false;
    if (sets_words) *worded = row;
cleanup:
    return status;
}

static epocl_status parse_options(const word_reader *reader, int argc, char **argv, const struct option *table,
                                  const char *letters, settings *given) {
    char shown[PRINTABLE_CAPACITY];
    const char *name = reader->used->name;
    opterr = 0;
    optind = 0; /* from the beginning, also the second time */
    for (;;) {
        const int code = getopt_long(argc, argv, letters, table, NULL);
        if (code == -1) return EPOCL_OK;
        if (code == '?' && optopt != 0 && optopt < LONG_ONLY) /* a letter, negative beyond ASCII */
            return fail(EPOCL_ERROR_ARGUMENT, "unknown option '-%s'; see epocl %s --help",
                        printable((const char[]){(char)optopt, '\0'}, shown), name);
        if (code == '?') return fail_long(reader, argv[optind - 1]);
        const size_t place = place_of(reader, code == ':' ? optopt : code);
        const option_row *row = reader->list[place].row;
        if (code == ':')
            return fail(EPOCL_ERROR_ARGUMENT, "--%s needs a value (%s); see epocl %s --help", row->name, row->argument,
                        name);
        const epocl_status status = store_word(reader, place, optarg, given);
        if (status != EPOCL_OK || given->help) return status;
    }
}

/* The word that an option's name may be left out before. */
static epocl_status parse_operand(const word_reader *reader, char **argv, settings *given) {
    for (size_t i = 0; i < reader->count; i++) {
        const command_option *option = &reader->list[i];
        if (strcmp(option->row->name, reader->used->operand) != 0) continue;
        if (option_is_set(option->row, command_values(option, given))) return EPOCL_OK;
        given->given[i] = true;
        return option_store(option->row, option->row->argument, argv[optind++], command_values(option, given));
    }
    return EPOCL_OK;
}

static epocl_status parse_words(const word_reader *reader, int argc, char **argv, settings *given) {
    epocl_status status = EPOCL_OK;
    struct option *table = NULL;
    char *letters = NULL, shown[PRINTABLE_CAPACITY];
    TRY(allocate(2 * reader->count + 1, sizeof *table, "the options", &table));
    TRY(allocate(2 * reader->count + 2, 1, "the options", &letters));
    fill_getopt(reader, table, letters);
    TRY(parse_options(reader, argc, argv, table, letters, given));
    if (given->help) goto cleanup;
    if (optind < argc && reader->used->operand) TRY(parse_operand(reader, argv, given));
    if (reader->used->words) {
        given->words = argv + optind;
        given->word_count = (size_t)(argc - optind);
        if (optind == argc)
            status = fail(EPOCL_ERROR_ARGUMENT, "epocl %s needs %s...; see epocl %s --help", reader->used->name,
                          reader->used->words, reader->used->name);
    } else if (optind < argc && reader->used->operand) {
        status = fail(EPOCL_ERROR_ARGUMENT,
                      "unexpected argument '%s': only --%s may be left out before its value; see epocl %s --help",
                      printable(argv[optind], shown), reader->used->operand, reader->used->name);
    } else if (optind < argc) {
        status = fail(EPOCL_ERROR_ARGUMENT, "unexpected argument '%s'; see epocl %s --help",
                      printable(argv[optind], shown), reader->used->name);
    }
cleanup:
    free(table);
    free(letters);
    return status;
}

epocl_status options_parse(const command *used, int argc, char **argv, settings *given) {
    epocl_status status = EPOCL_OK;
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const option_row *worded = NULL;
    const word_reader reader = {used, list, command_options(used, list), &worded};
    TRY(store_defaults(used, list, reader.count, given));
    TRY(parse_words(&reader, argc, argv, given));
    for (size_t i = 0; i < reader.count && !given->help; i++) {
        const option_row *row = list[i].row;
        if (row->required && !option_is_set(row, command_values(&list[i], given)))
            TRY(fail(EPOCL_ERROR_ARGUMENT, "epocl %s needs --%s %s; see epocl %s --help", used->name, row->name,
                     row->argument, used->name));
    }
cleanup:
    return status;
}

epocl_status options_lay_over(const command *used, const settings *over, settings *under) {
    epocl_status status = EPOCL_OK;
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    for (size_t i = 0; i < count; i++) {
        if (!over->given[i]) continue;
        if (list[i].base) search_remove(under->search, list[i].row);
        if (command_option_is_search(&list[i]))
            TRY(search_merge(under->search, over->search));
        else
            option_copy(list[i].row, command_values_of(&list[i], over), command_values(&list[i], under));
        under->given[i] = true;
    }
cleanup:
    return status;
}

/* ---- Help ------------------------------------------------------------------------------------- */

static void print_option(const option_row *row) {
    enum { HELP_COLUMN = 30 };
    int column = row->letter ? printf("  -%c, ", row->letter) : printf("      ");
    column += printf("--%s", row->name);
    if (row->argument) column += printf(" %s", row->argument);
    if (column > HELP_COLUMN - 2) column = printf("\n") - 1;
    printf("%*s%s", HELP_COLUMN - column, "", row->help);
    if (row->required) printf(" (required)");
    if (row->default_value) printf(" (default: %s)", *row->default_value ? row->default_value : "none");
    printf("\n");
}

/* What a resumed run may change, of a command that resumes. */
static void print_changeable(const command_option *list, size_t count) {
    enum { LINE = 108 };
    printf("\nWith --resume, all settings are those of the run; these can be given anew:\n");
    int column = printf(" ");
    for (size_t i = 0; i < count; i++) {
        const option_row *row = list[i].row;
        if (!row->is_kept || !row->can_change) continue;
        if (column + (int)strlen(row->name) + 3 > LINE) column = printf("\n ") - 1;
        column += printf(" --%s", row->name);
    }
    printf("\n");
}

/* EPOCL_DEVICE and its kin. */
static void print_variables(const command_option *list, size_t count) {
    const char *before = "\nVariables of the environment, for options that are not given:\n  ";
    for (size_t i = 0; i < count; i++) {
        if (!list[i].row->environment) continue;
        printf("%s%s", before, list[i].row->environment);
        before = ", ";
    }
    if (*before == ',') printf("\n");
}

static bool resumes(const command_option *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].row->name, "resume") == 0) return true;
    return false;
}

void options_print_help(const command *used) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    printf("Examples:\n");
    for (size_t i = 0; i < sizeof used->examples / sizeof *used->examples && used->examples[i]; i++)
        printf("  epocl %s\n", used->examples[i]);
    printf("\nepocl %s: %s\n", used->name, used->summary);
    if (used->operand) printf("--%s may be left out before its value.\n", used->operand);

    const char *group = "";
    for (size_t i = 0; i < count; i++) {
        const option_row *row = list[i].row;
        if (strcmp(group, row->group) != 0) printf("\n%s:\n", row->group);
        group = row->group;
        print_option(row);
    }
    if (used->notes) printf("\n%s\n", used->notes);
    if (resumes(list, count)) print_changeable(list, count);
    print_variables(list, count);
}
