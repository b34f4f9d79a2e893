#include "command/sweep/search.h"

#include "base/checked.h"
#include "base/checksum.h"
#include "base/number.h"
#include "base/printable.h"
#include "base/random.h"
#include "options/registry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A purpose of random numbers beside those of the kernels. */
enum { RANDOM_SEARCH = 1000 };

/* Options that a sweep does not search, and why. */
static const struct {
    const char *name, *reason;
} fixed[] = {
    {"recipe", "it is of the whole sweep"},
    {"seed", "--seeds N trains each setting with N seeds"},
    {"cost", "validation costs of different kinds do not compare"},
    {"classes", "all members have the same outputs"},
    {"output-activation", "all members have the same outputs"},
    {"monitor", "it is what members are compared by"},
    {"schedule-epochs", "--epochs is of the whole sweep"},
    {"max-seconds", "what a clock ends is another each time"},
    {"freeze", "members begin anew"},
};

static bool is_scalar(const option_row *row) {
    return row->type == OPTION_WHOLE || row->type == OPTION_REAL || row->type == OPTION_CHOICE;
}

static bool is_number(const option_row *row) {
    return row->type == OPTION_WHOLE || row->type == OPTION_REAL || row->type == OPTION_WHOLES ||
           row->type == OPTION_REALS;
}

bool search_is_one(const option_row *row, const char *text) {
    return strchr(text, '|') || (is_number(row) && strstr(text, "..")) || (is_scalar(row) && strchr(text, ','));
}

static epocl_status check_searchable(const option_row *row, const char *origin) {
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(fixed[i].name, row->name) == 0)
            return fail(EPOCL_ERROR_ARGUMENT, "%s takes one value in a sweep: %s", origin, fixed[i].reason);
    if (row->scope == SCOPE_NETWORK || row->scope == SCOPE_TRAINING) return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT, "%s takes one value in a sweep: it makes no other model", origin);
}

/* ---- Reading ---------------------------------------------------------------------------------- */

/* Whether the option takes it: what a member is set to must not fail. */
static epocl_status check_value(const option_row *row, const char *origin, const char *text) {
    epocl_options scratch;
    options_begin(&scratch);
    return option_store(row, origin, text, &scratch);
}

static bool is_whole(const option_row *row) {
    return row->type == OPTION_WHOLE || row->type == OPTION_WHOLES;
}

/* Evenly by logarithm: of what is apart by ratios, unless the range begins at 0. */
static bool is_logarithmic(const search_dimension *d) {
    return d->row->is_ratio && d->low > 0;
}

/* `low..high`; both texts are cut apart. */
static epocl_status read_range(search_dimension *d, const char *origin, char *text) {
    epocl_status status = EPOCL_OK;
    char *between = strstr(text, ".."), *high = between + 2;
    *between = '\0';
    d->is_range = true;
    TRY(check_value(d->row, origin, text));
    TRY(check_value(d->row, origin, high));
    if (!number_real(text, &d->low) || !number_real(high, &d->high) || !(d->low < d->high))
        TRY(fail(EPOCL_ERROR_ARGUMENT, "%s must be a range of two numbers, the lower first, as 0.1..0.5", origin));
cleanup:
    return status;
}

static epocl_status read_list(search_dimension *d, const char *origin, char *text) {
    epocl_status status = EPOCL_OK;
    const char *separators = !strchr(text, '|') && is_scalar(d->row) ? "," : "|";
    for (char *value = text, *end = NULL; value; value = end) {
        if (d->value_count == SEARCH_VALUES)
            TRY(fail(EPOCL_ERROR_ARGUMENT, "%s must be a list of at most %d values", origin, SEARCH_VALUES));
        end = strpbrk(value, separators);
        if (end) *end++ = '\0';
        TRY(check_value(d->row, origin, value));
        d->values[d->value_count++] = value;
    }
cleanup:
    return status;
}

static epocl_status read_dimension(search *s, const option_row *row, const char *origin, char *text) {
    epocl_status status = EPOCL_OK;
    char shown[PRINTABLE_CAPACITY];
    TRY(check_searchable(row, origin));
    if (s->count == SEARCH_DIMENSIONS)
        TRY(fail(EPOCL_ERROR_ARGUMENT, "a sweep searches at most %d options", SEARCH_DIMENSIONS));
    search_dimension *d = &s->dimensions[s->count++];
    *d = (search_dimension){.row = row};
    if (is_number(row) && !strchr(text, '|') && strstr(text, "..")) return read_range(d, origin, text);
    if (strstr(text, "..") && is_number(row))
        TRY(fail(EPOCL_ERROR_ARGUMENT, "%s must be a range or a list, not a list of ranges ('%s')", origin,
                 printable(text, shown)));
    TRY(read_list(d, origin, text));
cleanup:
    return status;
}

/* A copy of the text of a search, to be cut apart. */
static epocl_status copy_text(const char *text, char copy[SEARCH_TEXT_CAPACITY]) {
    if (strlen(text) >= SEARCH_TEXT_CAPACITY)
        return fail(EPOCL_ERROR_ARGUMENT, "what a sweep searches must be told in %d characters", SEARCH_TEXT_CAPACITY);
    strcpy(copy, text);
    return EPOCL_OK;
}

/* Cuts the first option, and the text of its values, off what is left of a search. */
static epocl_status cut(char **left, const option_row **row, char **values) {
    char *one = *left, shown[PRINTABLE_CAPACITY];
    const size_t length = strcspn(one, ";");
    *left = one + length + (one[length] == ';');
    one[length] = '\0';
    *values = strchr(one, '=');
    if (*values) *(*values)++ = '\0';
    *row = registry_find(one);
    if (*row && *values) return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT, "a sweep searches options as learning-rate=1e-4..1e-2;hidden=64|128, not '%s'",
                printable(one, shown));
}

epocl_status search_parse(const char *text, search *s) {
    epocl_status status = EPOCL_OK;
    const option_row *row;
    char *values;
    s->count = 0;
    TRY(copy_text(text, s->text));
    for (char *left = s->text; *left;) {
        TRY(cut(&left, &row, &values));
        TRY(read_dimension(s, row, row->name, values));
    }
cleanup:
    return status;
}

bool search_has(const char *search_text, const option_row *row) {
    const size_t length = strlen(row->name);
    for (const char *one = search_text; *one; one += strcspn(one, ";"), one += *one == ';')
        if (strncmp(one, row->name, length) == 0 && one[length] == '=') return true;
    return false;
}

void search_remove(char search_text[SEARCH_TEXT_CAPACITY], const option_row *row) {
    const char *name = row->name;
    const size_t length = strlen(name);
    for (char *one = search_text; *one;) {
        char *end = one + strcspn(one, ";");
        char *next = *end ? end + 1 : end;
        if (strncmp(one, name, length) == 0 && one[length] == '=') {
            memmove(one, next, strlen(next) + 1);
            continue;
        }
        one = next;
    }
    const size_t whole = strlen(search_text);
    if (whole > 0 && search_text[whole - 1] == ';') search_text[whole - 1] = '\0';
}

epocl_status search_add(char search_text[SEARCH_TEXT_CAPACITY], const option_row *row, const char *origin,
                        const char *text) {
    epocl_status status = EPOCL_OK;
    search scratch = {.count = 0};
    TRY(check_searchable(row, origin));
    search_remove(search_text, row);
    const size_t used = strlen(search_text);
    if (strlen(text) >= sizeof scratch.text || strpbrk(text, ";="))
        TRY(fail(EPOCL_ERROR_ARGUMENT, "%s must be a range or a list of values", origin));
    strcpy(scratch.text, text);
    TRY(read_dimension(&scratch, row, origin, scratch.text));
    if (used + strlen(row->name) + strlen(text) + 3 > SEARCH_TEXT_CAPACITY)
        TRY(fail(EPOCL_ERROR_ARGUMENT, "%s: what a sweep searches must be told in %d characters", origin,
                 SEARCH_TEXT_CAPACITY));
    snprintf(search_text + used, SEARCH_TEXT_CAPACITY - used, "%s%s=%s", used ? ";" : "", row->name, text);
cleanup:
    return status;
}

epocl_status search_merge(char search_text[SEARCH_TEXT_CAPACITY], const char *text) {
    epocl_status status = EPOCL_OK;
    char copy[SEARCH_TEXT_CAPACITY];
    const option_row *row;
    char *values;
    TRY(copy_text(text, copy));
    for (char *left = copy; *left;) {
        TRY(cut(&left, &row, &values));
        TRY(search_add(search_text, row, row->name, values));
    }
cleanup:
    return status;
}

/* ---- Values ----------------------------------------------------------------------------------- */

/* From 0 on, below 1: by the option's name, so that searching another option changes none. */
static double draw_unit(const search_dimension *d, uint64_t seed, size_t number) {
    const uint32_t name = checksum_add(0, d->row->name, strlen(d->row->name));
    const uint32_t word = random_word((uint32_t)seed, (uint32_t)(seed >> 32), RANDOM_SEARCH, name, (uint32_t)number, 0);
    return (double)word / 4294967296.0;
}

static double draw_number(const search_dimension *d, double unit) {
    const double high = d->high + (is_whole(d->row) ? 1.0 : 0.0); /* a whole number is what it begins */
    const double drawn = is_logarithmic(d) ? d->low * pow(high / d->low, unit) : d->low + (high - d->low) * unit;
    return fmin(fmax(drawn, d->low), d->high);
}

/* Drawn numbers have four digits, so that people can tell and repeat them, or as many more as leave them in their range
 * and the option's. */
static epocl_status draw_real(const search_dimension *d, double value, epocl_options *options) {
    enum { DIGITS = 4, EXACT_DIGITS = 17 };
    epocl_status status = EPOCL_ERROR_ARGUMENT;
    for (int digits = DIGITS; status != EPOCL_OK && digits <= EXACT_DIGITS; digits++) {
        char rounded[32], text[32];
        double number = value;
        snprintf(rounded, sizeof rounded, "%.*g", digits, value);
        if (!number_real(rounded, &number) || number < d->low || number > d->high) continue;
        number_text(number, text, sizeof text);
        status = option_store(d->row, d->row->name, text, options);
    }
    return status;
}

static epocl_status draw_whole(const search_dimension *d, double value, epocl_options *options) {
    char text[32];
    snprintf(text, sizeof text, "%.0f", floor(value));
    return option_store(d->row, d->row->name, text, options);
}

epocl_status search_draw(const search *s, uint64_t seed, size_t number, epocl_options *options) {
    epocl_status status = EPOCL_OK;
    for (size_t i = 0; i < s->count; i++) {
        const search_dimension *d = &s->dimensions[i];
        const double unit = draw_unit(d, seed, number);
        if (!d->is_range)
            TRY(option_store(d->row, d->row->name, d->values[(size_t)(unit * (double)d->value_count)], options));
        else if (is_whole(d->row))
            TRY(draw_whole(d, draw_number(d, unit), options));
        else
            TRY(draw_real(d, draw_number(d, unit), options));
    }
cleanup:
    return status;
}

epocl_status search_product(const search *s, size_t most, size_t *count) {
    *count = 1;
    for (size_t i = 0; i < s->count; i++) {
        const search_dimension *d = &s->dimensions[i];
        if (d->is_range)
            return fail(EPOCL_ERROR_ARGUMENT, "--grid goes through lists; --%s is a range: list its values",
                        d->row->name);
        if (!checked_multiply(*count, d->value_count, count) || *count > most)
            return fail(EPOCL_ERROR_ARGUMENT, "--grid: the lists make more than %zu settings; leave some values out",
                        most);
    }
    return EPOCL_OK;
}

epocl_status search_place(const search *s, size_t number, epocl_options *options) {
    epocl_status status = EPOCL_OK;
    for (size_t i = s->count; i-- > 0;) {
        const search_dimension *d = &s->dimensions[i];
        TRY(option_store(d->row, d->row->name, d->values[number % d->value_count], options));
        number /= d->value_count;
    }
cleanup:
    return status;
}
