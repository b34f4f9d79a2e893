/* An option: one row of a table, from which parsing, help, error texts, config.json and documentation are made. Values
 * lie where the row says, in a structure of plain memory that can be copied. No OpenCL here. */
#ifndef EPOCL_OPTIONS_OPTION_H
#define EPOCL_OPTIONS_OPTION_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { LIST_CAPACITY = 64 };

typedef struct whole_list {
    size_t values[LIST_CAPACITY];
    size_t count;
} whole_list;

typedef struct real_list {
    double values[LIST_CAPACITY];
    size_t count;
} real_list;

typedef enum option_type {
    OPTION_FLAG,   /* bool: a text that is NULL or "on" sets it, "off" clears it                      */
    OPTION_STRING, /* const char *, memory of who sets it; not empty                                  */
    OPTION_TEXT,   /* char[capacity], not empty                                                       */
    OPTION_CHOICE, /* int, the place of a word in `choices`                                           */
    OPTION_WHOLE,  /* uint64_t from `minimum` to `maximum`                                            */
    OPTION_REAL,   /* double within `range`, which a float must keep, too                             */
    OPTION_WHOLES, /* whole_list: numbers from 1 to `maximum`, at least `minimum` of them, with one of
                      `separators` between; where minimum is 0, "none" and "" are the empty list      */
    OPTION_REALS,  /* real_list, each number within `range`, with commas between; likewise            */
    OPTION_PARSED  /* what `parser` makes of the text                                                 */
} option_type;

/* Numbers between two bounds, which belong to them or not. */
typedef struct option_range {
    double low, high;
    bool has_low, has_high;
} option_range;

struct option_row;

/* A value of a type of its own: plain memory. */
typedef struct option_parser {
    /* `origin` names the place the text is from, for the error text. */
    epocl_status (*read)(const struct option_row *row, const char *origin, const char *text, void *value);
    /* The text that read() takes for it; "" for none. */
    void (*write)(const void *value, char *text, size_t capacity);
    size_t bytes;
} option_parser;

typedef enum option_scope { SCOPE_COMMAND, SCOPE_NETWORK, SCOPE_TRAINING, SCOPE_DEVICE } option_scope;

/* Without a default, what was not set is false, NULL, "", 0, NaN or an empty list. */
typedef struct option_row {
    const char *name; /* words with hyphens, as in --learning-rate          */
    const char *also; /* another name, left out of the help; NULL without   */
    char letter;      /* short name on the command line; 0 without          */
    option_type type;
    option_scope scope;        /* what it describes                                  */
    size_t offset;             /* of its value in the structure                      */
    size_t capacity;           /* of a text                                          */
    const char *argument;      /* name of its argument in the help; NULL for a flag  */
    const char *group;         /* heading in the help                                */
    const char *default_value; /* parsed as if given; NULL without                   */
    const char *environment;   /* variable that replaces the default on the command line; NULL without */
    const char *help;
    bool required;
    /* Where a run is resumed: what is kept is in its config.json and taken from there; what can change may be given
     * anew. So what is kept and cannot change may be given again with the same value, and what is neither is refused.
     */
    bool is_kept, can_change;
    bool is_fact; /* of a checkpoint, which refuses another value: it decides about a run's bytes */
    bool is_path; /* of a file to read */
    uint64_t minimum, maximum;
    option_range range;
    bool is_ratio; /* of numbers: two are apart by their ratio, as rates are, and not by their difference */
    const char *const *choices;      /* ends with NULL; one that ends with a colon goes on freely. Of a text, if any */
    const char *const *also_choices; /* another word for each of a choice's, in their order, NULL where there is none */
    const char *separators;          /* the first is the one that texts name             */
    const char *items;               /* what a list has, for error texts: "layer sizes"  */
    /* Of OPTION_WHOLES: another option, a text, which words behind the numbers set: "256:relu,128:tanh" sets that to
     * "relu,tanh". All numbers have one, or none has. Such numbers may also be repeated: 256x2. NULL without. */
    const char *words;
    size_t words_offset, words_capacity; /* of its value */
    const option_parser *parser;
} option_row;

/* For tables: ranges, and places of values. */
#define ABOVE_BELOW(above, below)                                                                                      \
    { (above), (below), false, false }
#define FROM_BELOW(from, below)                                                                                        \
    { (from), (below), true, false }
#define FROM_TO(from, to)                                                                                              \
    { (from), (to), true, true }
#define VALUE(structure, field) .offset = offsetof(structure, field)
#define WORDS_VALUE(structure, field)                                                                                  \
    .words_offset = offsetof(structure, field), .words_capacity = sizeof((structure *)NULL)->field
#define TEXT_VALUE(structure, field) .offset = offsetof(structure, field), .capacity = sizeof((structure *)NULL)->field

/* Sets all options of a table to their defaults. */
void option_defaults(const option_row *rows, size_t count, void *values);

/* Reads the option's value from a text. EPOCL_ERROR_ARGUMENT says what `origin`, the place the text is from, must be.
 */
epocl_status option_store(const option_row *row, const char *origin, const char *text, void *values);

/* For parsers: whether the text is, or begins as, one of the choices. */
epocl_status option_check_choice(const option_row *row, const char *origin, const char *text);

/* The value as a text that option_store() takes, the number of a real one exactly; "none" without. */
enum { OPTION_TEXT_CAPACITY = 2048 };
const char *option_text(const option_row *row, const void *values, char text[OPTION_TEXT_CAPACITY]);

/* Whether it has a value, be it the default; flags always have. */
bool option_is_set(const option_row *row, const void *values);

bool option_is_equal(const option_row *row, const void *one, const void *other);
void option_copy(const option_row *row, const void *from, void *to);

/* What values it may have, in words: "1 to 20", "above 0 and below 1", "off, quick or full"; "" without bounds. */
void option_range_text(const option_row *row, char text[OPTION_TEXT_CAPACITY]);

/* Its name as words: "batch size". */
enum { OPTION_WORDS_CAPACITY = 48 };
const char *option_words(const option_row *row, char words[OPTION_WORDS_CAPACITY]);

static inline const void *option_value(const option_row *row, const void *values) {
    return (const char *)values + row->offset;
}

#endif
