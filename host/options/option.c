#include "options/option.h"

#include "base/number.h"
#include "base/printable.h"
#include "base/suggest.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Ranges in words -------------------------------------------------------------------------- */

/* Adds to a text, as far as there is room. */
__attribute__((format(printf, 3, 4))) static void append(char *text, size_t capacity, const char *format, ...) {
    const size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, capacity - used, format, arguments);
    va_end(arguments);
}

/* The other word for one of the choices; NULL where there is none. */
static const char *also_choice(const option_row *row, ptrdiff_t place) {
    return row->also_choices ? row->also_choices[place] : NULL;
}

static void append_choices(const option_row *row, const char *between, const char *last, char *text, size_t capacity) {
    for (const char *const *choice = row->choices; *choice; choice++) {
        const char *other = also_choice(row, choice - row->choices);
        append(text, capacity, "%s%s%s",
               choice == row->choices ? ""
               : choice[1]            ? between
                                      : last,
               *choice, (*choice)[strlen(*choice) - 1] == ':' ? "..." : "");
        if (other) append(text, capacity, " (%s)", other);
    }
}

static void append_range(const option_range *range, char *text, size_t capacity) {
    append(text, capacity, "%s %g and %s %g", range->has_low ? "from" : "above", range->low,
           range->has_high ? "to" : "below", range->high);
}

void option_range_text(const option_row *row, char text[OPTION_TEXT_CAPACITY]) {
    *text = '\0';
    if (row->choices) append_choices(row, ", ", " or ", text, OPTION_TEXT_CAPACITY);
    switch (row->type) {
    case OPTION_WHOLE:
    case OPTION_WHOLES:
        append(text, OPTION_TEXT_CAPACITY, "%" PRIu64 " to %" PRIu64,
               row->type == OPTION_WHOLE ? row->minimum : UINT64_C(1), row->maximum);
        break;
    case OPTION_REAL:
    case OPTION_REALS: append_range(&row->range, text, OPTION_TEXT_CAPACITY); break;
    default: break;
    }
}

/* ---- Read ------------------------------------------------------------------------------------- */

static void *place_of(const option_row *row, void *values) {
    return (char *)values + row->offset;
}

/* The same word or, for a choice that ends with a colon, one that goes on after it. */
static bool is_choice(const char *choice, const char *text) {
    const size_t length = strlen(choice);
    if (choice[length - 1] != ':') return strcmp(choice, text) == 0;
    return strncmp(choice, text, length) == 0 && text[length] != '\0';
}

/* Where among the choices a text is. */
static epocl_status find_choice(const option_row *row, const char *origin, const char *text, int *place) {
    suggestion near = suggestion_begin(text);
    char known[512] = "", shown[PRINTABLE_CAPACITY];
    for (*place = 0; row->choices[*place]; ++*place) {
        const char *other = also_choice(row, *place);
        if (is_choice(row->choices[*place], text) || (other && strcmp(other, text) == 0)) return EPOCL_OK;
        suggestion_consider(&near, row->choices[*place]);
    }
    append_choices(row, ", ", ", ", known, sizeof known);
    return fail(EPOCL_ERROR_ARGUMENT, "%s must be one of %s, not '%s'%s", origin, known, printable(text, shown),
                suggestion_text(&near, "", ""));
}

epocl_status option_check_choice(const option_row *row, const char *origin, const char *text) {
    int place = 0;
    return find_choice(row, origin, text, &place);
}

static epocl_status read_choice(const option_row *row, const char *origin, const char *text, int *value) {
    int place = 0;
    const epocl_status status = find_choice(row, origin, text, &place);
    if (status == EPOCL_OK) *value = place;
    return status;
}

/* Whether a word may be the value of a text. */
static epocl_status check_text(const option_row *row, const char *origin, const char *text) {
    if (*text == '\0') return fail(EPOCL_ERROR_ARGUMENT, "%s must not be empty", origin);
    return row->choices ? option_check_choice(row, origin, text) : EPOCL_OK;
}

static epocl_status read_string(const option_row *row, const char *origin, const char *text, const char **value) {
    const epocl_status status = check_text(row, origin, text);
    if (status == EPOCL_OK) *value = text;
    return status;
}

static epocl_status read_text(const option_row *row, const char *origin, const char *text, char *value) {
    const epocl_status status = check_text(row, origin, text);
    if (status != EPOCL_OK) return status;
    if (strlen(text) >= row->capacity)
        return fail(EPOCL_ERROR_ARGUMENT, "%s must be at most %zu characters, not %zu", origin, row->capacity - 1,
                    strlen(text));
    strcpy(value, text);
    return EPOCL_OK;
}

static epocl_status read_flag(const char *origin, const char *text, bool *value) {
    char shown[PRINTABLE_CAPACITY];
    const bool is_off = text && strcmp(text, "off") == 0;
    if (text && !is_off && strcmp(text, "on") != 0)
        return fail(EPOCL_ERROR_ARGUMENT, "%s must be on or off, not '%s'", origin, printable(text, shown));
    *value = !is_off;
    return EPOCL_OK;
}

static epocl_status read_whole(const option_row *row, const char *origin, const char *text, uint64_t *value) {
    uint64_t number = 0;
    char shown[PRINTABLE_CAPACITY];
    if (!number_whole(text, strlen(text), &number) || number < row->minimum || number > row->maximum)
        return fail(EPOCL_ERROR_ARGUMENT, "%s must be a whole number from %" PRIu64 " to %" PRIu64 ", not '%s'", origin,
                    row->minimum, row->maximum, printable(text, shown));
    *value = number;
    return EPOCL_OK;
}

/* A float must keep it apart from a bound that is not part of the range. */
static bool is_within(const option_range *range, double number) {
    const bool is_high = range->has_low ? number >= range->low : (float)number > (float)range->low;
    return is_high && (range->has_high ? number <= range->high : (float)number < (float)range->high);
}

static epocl_status read_real(const option_row *row, const char *origin, const char *text, double *value) {
    double number = 0;
    char shown[PRINTABLE_CAPACITY], range[96] = "";
    if (number_real(text, &number) && is_within(&row->range, number)) {
        *value = number;
        return EPOCL_OK;
    }
    append_range(&row->range, range, sizeof range);
    return fail(EPOCL_ERROR_ARGUMENT, "%s must be a number %s, not '%s'", origin, range, printable(text, shown));
}

/* Adds one item of a list; false for what is none. */
typedef bool item_reader(const option_row *row, const char *text, size_t length, void *list);

static bool read_whole_item(const option_row *row, const char *text, size_t length, void *list) {
    whole_list *wholes = list;
    uint64_t number = 0;
    if (wholes->count == LIST_CAPACITY || !number_whole(text, length, &number) || number < 1 || number > row->maximum)
        return false;
    wholes->values[wholes->count++] = (size_t)number;
    return true;
}

/* Numbers with a word behind each. */
typedef struct worded_list {
    whole_list numbers;
    size_t word_count;
    char words[OPTION_TEXT_CAPACITY]; /* with commas between */
} worded_list;

/* Adds a word; false where there is no room. */
static bool add_word(worded_list *list, const char *word, size_t length) {
    const size_t used = strlen(list->words);
    if (length == 0 || used + length + 2 > sizeof list->words) return false;
    append(list->words, sizeof list->words, "%s%.*s", used ? "," : "", (int)length, word);
    list->word_count++;
    return true;
}

/* "256", "256x2", "256:relu" or "256x2:relu". */
static bool read_worded_item(const option_row *row, const char *text, size_t length, void *list) {
    worded_list *worded = list;
    const char *colon = memchr(text, ':', length);
    const size_t numbers_length = colon ? (size_t)(colon - text) : length;
    const char *cross = memchr(text, 'x', numbers_length);
    const size_t number_length = cross ? (size_t)(cross - text) : numbers_length;
    uint64_t times = 1;
    if (cross && (!number_whole(cross + 1, numbers_length - number_length - 1, &times) || times < 1)) return false;
    for (; times > 0; times--) {
        if (!read_whole_item(row, text, number_length, &worded->numbers)) return false;
        if (colon && !add_word(worded, colon + 1, length - numbers_length - 1)) return false;
    }
    return true;
}

/* The words as a text: one where all are the same. */
static void join_words(worded_list *list) {
    const size_t length = strcspn(list->words, ",");
    for (const char *word = list->words; *word; word += strcspn(word, ",")) {
        if (*word == ',') word++;
        if (strcspn(word, ",") != length || strncmp(word, list->words, length) != 0) return;
    }
    list->words[length] = '\0';
}

static bool read_real_item(const option_row *row, const char *text, size_t length, void *list) {
    enum { ITEM_CAPACITY = 64 };
    real_list *reals = list;
    char item[ITEM_CAPACITY];
    double number = 0;
    if (reals->count == LIST_CAPACITY || length >= ITEM_CAPACITY) return false;
    snprintf(item, sizeof item, "%.*s", (int)length, text);
    if (!number_real(item, &number) || !is_within(&row->range, number)) return false;
    reals->values[reals->count++] = number;
    return true;
}

/* False unless `text` is a list of such items; their number is for the caller to check. */
static bool read_items(const option_row *row, const char *text, item_reader *read, void *list) {
    if (row->minimum == 0 && (*text == '\0' || strcmp(text, "none") == 0)) return true;
    for (;;) {
        const char *end = strpbrk(text, row->separators ? row->separators : ",");
        if (!read(row, text, end ? (size_t)(end - text) : strlen(text), list)) return false;
        if (!end) return true;
        text = end + 1;
    }
}

static epocl_status fail_list(const option_row *row, const char *origin, const char *text) {
    char shown[PRINTABLE_CAPACITY], range[96] = "";
    if (row->type == OPTION_REALS)
        append_range(&row->range, range, sizeof range);
    else
        snprintf(range, sizeof range, "from 1 to %" PRIu64, row->maximum);
    return fail(EPOCL_ERROR_ARGUMENT, "%s must be %s%" PRIu64 " to %d %s %s with '%c' between them%s, not '%s'", origin,
                row->minimum ? "" : "none or ", row->minimum ? row->minimum : 1, LIST_CAPACITY,
                row->items ? row->items : "numbers", range, row->separators ? *row->separators : ',',
                row->words ? " (128x2 for two of them, 128:relu,64:tanh with a word behind each)" : "",
                printable(text, shown));
}

/* Sets the other option, too, where there are words. */
static epocl_status read_worded(const option_row *row, const char *origin, const char *text, void *values) {
    worded_list read = {.word_count = 0};
    const bool is_list = read_items(row, text, read_worded_item, &read) && read.numbers.count >= row->minimum;
    join_words(&read);
    if (!is_list || (read.word_count > 0 && read.word_count != read.numbers.count) ||
        strlen(read.words) >= row->words_capacity)
        return fail_list(row, origin, text);
    *(whole_list *)place_of(row, values) = read.numbers;
    if (read.word_count > 0) strcpy((char *)values + row->words_offset, read.words);
    return EPOCL_OK;
}

static epocl_status read_wholes(const option_row *row, const char *origin, const char *text, whole_list *value) {
    whole_list read = {.count = 0};
    if (!read_items(row, text, read_whole_item, &read) || read.count < row->minimum)
        return fail_list(row, origin, text);
    *value = read;
    return EPOCL_OK;
}

static epocl_status read_reals(const option_row *row, const char *origin, const char *text, real_list *value) {
    real_list read = {.count = 0};
    if (!read_items(row, text, read_real_item, &read) || read.count < row->minimum) return fail_list(row, origin, text);
    *value = read;
    return EPOCL_OK;
}

epocl_status option_store(const option_row *row, const char *origin, const char *text, void *values) {
    void *value = place_of(row, values);
    switch (row->type) {
    case OPTION_FLAG: return read_flag(origin, text, value);
    case OPTION_STRING: return read_string(row, origin, text, value);
    case OPTION_TEXT: return read_text(row, origin, text, value);
    case OPTION_CHOICE: return read_choice(row, origin, text, value);
    case OPTION_WHOLE: return read_whole(row, origin, text, value);
    case OPTION_REAL: return read_real(row, origin, text, value);
    case OPTION_WHOLES:
        return row->words ? read_worded(row, origin, text, values) : read_wholes(row, origin, text, value);
    case OPTION_REALS: return read_reals(row, origin, text, value);
    case OPTION_PARSED: break;
    }
    return row->parser->read(row, origin, text, value);
}

void option_defaults(const option_row *rows, size_t count, void *values) {
    for (size_t i = 0; i < count; i++) {
        const option_row *row = &rows[i];
        if (row->type == OPTION_REAL) *(double *)place_of(row, values) = NAN;
        if (row->default_value) (void)option_store(row, row->name, row->default_value, values);
    }
}

/* ---- Write ------------------------------------------------------------------------------------ */

/* The text of the value; "" for none. */
static void write_value(const option_row *row, const void *value, char text[OPTION_TEXT_CAPACITY]) {
    *text = '\0';
    switch (row->type) {
    case OPTION_FLAG: snprintf(text, OPTION_TEXT_CAPACITY, "%s", *(const bool *)value ? "on" : "off"); break;
    case OPTION_STRING:
        if (*(const char *const *)value) snprintf(text, OPTION_TEXT_CAPACITY, "%s", *(const char *const *)value);
        break;
    case OPTION_TEXT: snprintf(text, OPTION_TEXT_CAPACITY, "%s", (const char *)value); break;
    case OPTION_CHOICE: snprintf(text, OPTION_TEXT_CAPACITY, "%s", row->choices[*(const int *)value]); break;
    case OPTION_WHOLE:
        if (*(const uint64_t *)value >= row->minimum)
            snprintf(text, OPTION_TEXT_CAPACITY, "%" PRIu64, *(const uint64_t *)value);
        break;
    case OPTION_REAL:
        if (!isnan(*(const double *)value)) number_text(*(const double *)value, text, OPTION_TEXT_CAPACITY);
        break;
    case OPTION_WHOLES: {
        const whole_list *list = value;
        for (size_t i = 0; i < list->count; i++) {
            if (i > 0) append(text, OPTION_TEXT_CAPACITY, "%c", row->separators ? *row->separators : ',');
            append(text, OPTION_TEXT_CAPACITY, "%zu", list->values[i]);
        }
        break;
    }
    case OPTION_REALS: {
        const real_list *list = value;
        for (size_t i = 0; i < list->count; i++) {
            char number[32];
            number_text(list->values[i], number, sizeof number);
            append(text, OPTION_TEXT_CAPACITY, i ? ",%s" : "%s", number);
        }
        break;
    }
    case OPTION_PARSED: row->parser->write(value, text, OPTION_TEXT_CAPACITY); break;
    }
}

const char *option_text(const option_row *row, const void *values, char text[OPTION_TEXT_CAPACITY]) {
    write_value(row, option_value(row, values), text);
    if (!*text) strcpy(text, "none");
    return text;
}

bool option_is_set(const option_row *row, const void *values) {
    char text[OPTION_TEXT_CAPACITY];
    write_value(row, option_value(row, values), text);
    return *text != '\0';
}

const char *option_words(const option_row *row, char words[OPTION_WORDS_CAPACITY]) {
    snprintf(words, OPTION_WORDS_CAPACITY, "%s", row->name);
    for (char *c = words; *c; c++)
        if (*c == '-') *c = ' ';
    return words;
}

/* ---- Compare, copy ---------------------------------------------------------------------------- */

static size_t value_bytes(const option_row *row) {
    static const size_t bytes[] = {
        [OPTION_FLAG] = sizeof(bool),       [OPTION_STRING] = sizeof(const char *),
        [OPTION_CHOICE] = sizeof(int),      [OPTION_WHOLE] = sizeof(uint64_t),
        [OPTION_REAL] = sizeof(double),     [OPTION_WHOLES] = sizeof(whole_list),
        [OPTION_REALS] = sizeof(real_list),
    };
    if (row->type == OPTION_TEXT) return row->capacity;
    return row->type == OPTION_PARSED ? row->parser->bytes : bytes[row->type];
}

bool option_is_equal(const option_row *row, const void *one, const void *other) {
    char text[OPTION_TEXT_CAPACITY], other_text[OPTION_TEXT_CAPACITY];
    if (row->type == OPTION_TEXT) return strcmp(option_value(row, one), option_value(row, other)) == 0;
    if (row->type == OPTION_STRING) {
        const char *a = *(const char *const *)option_value(row, one);
        const char *b = *(const char *const *)option_value(row, other);
        return a && b ? strcmp(a, b) == 0 : a == b;
    }
    return strcmp(option_text(row, one, text), option_text(row, other, other_text)) == 0;
}

void option_copy(const option_row *row, const void *from, void *to) {
    memcpy(place_of(row, to), option_value(row, from), value_bytes(row));
}
