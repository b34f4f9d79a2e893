/* An encoder: how the columns of a table become a network's inputs and targets, and its outputs answers. It is fitted
 * on the rows to train on alone, lives in the network, and is saved with it. No OpenCL here.
 *
 *     table ── encode ──► data set: [samples, sources], floats ── gather, on the device ──► inputs
 *
 * A source is what the data set keeps of a column for each sample, on the device too: of a number its place on a normal
 * scale, and the number itself where there are ramps; of a category its code, and of one that has many levels scores of
 * that one (scores/level_scores.h). An input is made of one source when a mini-batch is gathered, so neither one-hot
 * columns nor ramps ever lie in memory for all samples. */
#ifndef EPOCL_DATA_ENCODER_H
#define EPOCL_DATA_ENCODER_H

#include "data/columns/columns.h"
#include "data/dataset.h"
#include "data/table.h"

#include <float.h>
#include <stdatomic.h>
#include <stdbool.h>

/* In the place of a value that is missing, or a category that was not there to train on. */
#define ENCODER_MISSING (-FLT_MAX)

enum {
    ENCODER_MOST_KNOTS = 1000,     /* of a number's map to the normal scale             */
    ENCODER_RAMPS = 16,            /* of a number, at most                              */
    ENCODER_RARE = 5,              /* rows that a category needs for a place of its own */
    ENCODER_MOST_PLACES = 256,     /* of a column, the rest included                    */
    ENCODER_MOST_LEVELS = 1 << 17, /* of a column that has scores                       */
    ENCODER_MOST_TEXT = 1 << 24    /* bytes that its names may take in a model          */
};

/* How an input is made of its source (kernels/rows/gather.cl). */
typedef enum input_shape {
    INPUT_LINEAR, /* (value - offset) * factor; 0 where it is missing      */
    INPUT_RAMP,   /* the same within 0 and 1; 0 where it is missing        */
    INPUT_EQUAL   /* factor where the value is the offset, else 0          */
} input_shape;

typedef struct encoded_input {
    size_t source;
    input_shape shape;
    float offset, factor;
} encoded_input;

/* One column. A number has knots, a category levels. */
typedef struct encoder_column {
    char *name; /* owned, as all below */
    column_kind kind;
    bool has_missing;   /* of a number: was missing somewhere, so an input says where              */
    size_t knot_count;  /* at least 2                                                              */
    float *knots;       /* rising numbers, and                                                     */
    float *heights;     /* their places on the normal scale; between them lie straight lines       */
    size_t edge_count;  /* 0 or at least 3                                                         */
    float *edges;       /* rising numbers; a ramp lies between each and the next                   */
    size_t level_count; /* at least 1                                                              */
    char **levels;      /* texts; NULL is the missing one                                          */
    bool has_rest;      /* one further place for rare and new ones; else those are missing values  */
    size_t place_count; /* levels that have an input of their own, the first ones; others have the rest's */
    size_t score_count; /* 0, and all have one; else                                               */
    float *scores;      /* [level_count + 1][score_count], of the rest last                        */
    uint32_t *sorted;   /* [level_count], levels in the order of their texts; by encoder_finish()  */
} encoder_column;

/* A number to predict: (value - mean) / scale is what the network learns. */
typedef struct encoder_target {
    char *name;
    float mean, scale; /* scale is above 0 */
    float low, high;   /* of the rows to train on: no answer lies beyond */
} encoder_target;

typedef struct encoder {
    atomic_size_t holders;
    size_t column_count; /* at least 1 */
    encoder_column *columns;
    size_t target_count; /* of values; 1 with classes */
    encoder_target *targets;
    size_t class_count; /* 0: values                      */
    char **classes;     /* their names                    */
    char *id_name;      /* of a column that is copied to predictions; NULL without */
    size_t source_count, input_count;
    encoded_input *inputs;
    /* All of the above as it is saved (encoder_text.c): names, kinds and levels as JSON; numbers. */
    char *text;
    float *numbers;
    size_t text_bytes, number_count;
    uint32_t checksum; /* of both: tells encoders apart */
} encoder;

/* An encoder with room for so many of each, all else zero: the caller fills it in and calls encoder_finish(). */
epocl_status encoder_allocate(size_t column_count, size_t target_count, size_t class_count, encoder **result);

/* Makes inputs, text, numbers and checksum from columns and targets. EPOCL_ERROR_DATA where a name is not UTF-8 or all
 * of them are too long. */
epocl_status encoder_finish(encoder *e);
epocl_status encoder_write_text(encoder *e); /* its part that makes text and numbers */

/* The encoder of such a text and numbers, of which nothing is taken on trust: EPOCL_ERROR_DATA says what is wrong. */
epocl_status encoder_read_text(const char *text, size_t text_bytes, const float *numbers, size_t number_count,
                               encoder **result);

/* A further holder; the last to release it frees it. NULL is accepted. */
encoder *encoder_hold(encoder *e);

/* Whether both make the same of a table; either may be NULL: none. */
bool encoder_is_alike(const encoder *one, const encoder *other);
void encoder_release(encoder *e);

/* A copy of a text; NULL of NULL. */
epocl_status encoder_copy_text(const char *text, char **copy);

/* As strcmp(); NULL comes first. */
int encoder_compare_texts(const char *left, const char *right);

/* Sources and inputs of one column, and the numbers that the encoder keeps of it. */
size_t encoder_column_sources(const encoder_column *column);
size_t encoder_column_inputs(const encoder_column *column);
size_t encoder_column_numbers(const encoder_column *column);

/* What the columns of `plan` are in the rows of the table listed in `rows`: nothing else is looked at. Targets are
 * standardised if `standardises`. EPOCL_ERROR_DATA when no column is left to learn from. */
epocl_status encoder_fit(const table *t, const column_plan *plan, const uint32_t *rows, size_t row_count,
                         bool standardises, encoder **result);

/* Rows of a table as a data set; `rows` NULL: all. Columns are found by name, further ones ignored. With
 * `takes_targets`, the target columns must be there, else they are not looked at. The weights of samples are those of
 * column `weight` unless it is TABLE_NO_COLUMN. EPOCL_ERROR_DATA names what is missing or not known. */
epocl_status encoder_encode(encoder *e, const table *t, const uint32_t *rows, size_t row_count, bool takes_targets,
                            size_t weight, epocl_dataset **result);

/* The same of the rows that the encoder was fitted on, with `plan`: the scores of each are those of other rows, of
 * other groups where rows are split by groups. */
epocl_status encoder_encode_training(encoder *e, const table *t, const column_plan *plan, const uint32_t *rows,
                                     size_t row_count, epocl_dataset **result);

/* The rows of a table whose targets are all there, and whose weight, unless `weight` is TABLE_NO_COLUMN; for free(). */
epocl_status encoder_rows(const encoder *e, const table *t, size_t weight, uint32_t **rows, size_t *row_count);

/* Where the values of one of its columns are: numbers, NaN where missing; or codes, of each of which `places` tells the
 * place among the encoder's levels (encoder_place()), `missing_place` that of TABLE_MISSING; others are the rest. NULL:
 * all are missing. */
typedef struct encoder_values {
    const float *numbers;
    const uint32_t *codes;
    size_t code_count;
    const float *places;
    float missing_place;
    bool is_zero; /* without numbers and codes: all are 0 */
} encoder_values;

/* Those of a column that the table does not have and yet implies (table_implies()). */
encoder_values encoder_implied_values(const encoder_column *column, const table *t);

/* The place of a text among a column's levels, or of the rest; NULL: a missing value. */
float encoder_place(const encoder_column *column, const char *text);

/* The place of the rest, or of what is not known where there is none. */
float encoder_rest(const encoder_column *column);

/* How many of the rows have a category of a column that is none of its levels; `rows` NULL: the first ones. */
size_t encoder_unknown_count(const encoder_column *column, const encoder_values *values, const uint32_t *rows,
                             size_t row_count);

/* The same of all columns of a table that is encoded: counts[column_count]. */
epocl_status encoder_unknown_counts(const encoder *e, const table *t, const uint32_t *rows, size_t row_count,
                                    size_t *counts);

/* The sources of a category at such a place. */
void encoder_category_sources(const encoder_column *column, float place, float *sources);

/* A data set of so many samples without targets, whose inputs are to be filled in: values[column_count] of `rows`, or
 * NULL for all. */
epocl_status encoder_dataset(encoder *e, size_t row_count, epocl_dataset **result);
void encoder_encode_rows(const encoder *e, const encoder_values *values, const uint32_t *rows, size_t row_count,
                         float *sources);

/* Outputs of a network that has it: one for each class, or for each target of values. */
static inline size_t encoder_output_count(const encoder *e) {
    return e->class_count ? e->class_count : e->target_count;
}

/* Where a number lies on the normal scale of a column. */
float encoder_height(const encoder_column *column, float number);

/* What a network has learned of a target, in the target's unit: a target itself, and an output. */
static inline double encoder_target_value(const encoder_target *target, double value) {
    return value * (double)target->scale + (double)target->mean;
}
double encoder_output_value(const encoder_target *target, double output);

/* What a network learns of a target. */
static inline float encoder_learned_value(const encoder_target *target, float value) {
    return (float)(((double)value - (double)target->mean) / (double)target->scale);
}

/* Turns the outputs of a network, [samples, targets], back to values within the range of the rows to train on. With
 * classes nothing changes. */
void encoder_decode(const encoder *e, float *outputs, size_t sample_count);

#endif
