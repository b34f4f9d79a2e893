/* What a sweep tries: of some options of the library a range or a list of values, on the command line in the place of a
 * value.
 *
 *     --learning-rate 1e-4..1e-2     a range; of a rate, evenly by its logarithm
 *     --hidden '64|128|256x2'        a list; the commas of --hidden are between layers
 *     --batch-size 64,128            a list; of what has one value, commas will do, too
 *
 * All of them are kept as one text, "learning-rate=1e-4..1e-2;hidden=64|128|256x2". */
#ifndef EPOCL_COMMAND_SWEEP_SEARCH_H
#define EPOCL_COMMAND_SWEEP_SEARCH_H

#include "options/option.h"

enum { SEARCH_TEXT_CAPACITY = 2048, SEARCH_DIMENSIONS = 24, SEARCH_VALUES = 64 };

/* One of the options: a range, or a list. */
typedef struct search_dimension {
    const option_row *row; /* of the library's registry */
    bool is_range;
    double low, high;
    size_t value_count;
    const char *values[SEARCH_VALUES]; /* texts that the option takes, memory of the search */
} search_dimension;

typedef struct search {
    size_t count;
    search_dimension dimensions[SEARCH_DIMENSIONS]; /* in the order in which they were given */
    char text[SEARCH_TEXT_CAPACITY];
} search;

/* Whether a text is a range or a list of what one value is expected of. */
bool search_is_one(const option_row *row, const char *text);

/* Adds one to the text of a search, in the place of an earlier one of that option. EPOCL_ERROR_ARGUMENT, which begins
 * with `origin`, where the option has no such values, or cannot be searched. */
epocl_status search_add(char search_text[SEARCH_TEXT_CAPACITY], const option_row *row, const char *origin,
                        const char *text);

/* Adds all that another text says. */
epocl_status search_merge(char search_text[SEARCH_TEXT_CAPACITY], const char *text);

/* Whether the text of a search has an option. */
bool search_has(const char *search_text, const option_row *row);

/* Takes an option out of the text of a search: it has one value. */
void search_remove(char search_text[SEARCH_TEXT_CAPACITY], const option_row *row);

/* The dimensions of a text, "" for none. The result must not be moved. */
epocl_status search_parse(const char *text, search *s);

/* Sets the options that are searched to the values of try `number`: drawn, each a function of seed, option and number;
 * or in the place of that number in the product of all lists, the last option varying fastest. */
epocl_status search_draw(const search *s, uint64_t seed, size_t number, epocl_options *options);
epocl_status search_place(const search *s, size_t number, epocl_options *options);

/* How many places that product has. EPOCL_ERROR_ARGUMENT for a range, and for more than `most`. */
epocl_status search_product(const search *s, size_t most, size_t *count);

#endif
