/* Where the columns of an encoder are in a table. */
#ifndef EPOCL_DATA_ENCODER_BIND_H
#define EPOCL_DATA_ENCODER_BIND_H

#include "data/encoder/encoder.h"

/* What encoder_encode_rows() takes of a table. The table must stay; encoder_bound_release(). */
typedef struct encoder_bound {
    size_t count;
    encoder_values *values; /* [count], as all below */
    float **places;
    uint32_t **codes;
} encoder_bound;

/* All columns that the encoder makes inputs of. EPOCL_ERROR_DATA names one that is missing, that two are called as, or
 * that holds something else. Numbers are taken for the categories that read as the same numbers, where any does. */
epocl_status encoder_bind(const encoder *e, const table *t, const column_names *names, encoder_bound *bound);
void encoder_bound_release(encoder_bound *bound);

/* The names of columns that are texts to the encoder, however a file's look, for table_options: texts[column_count +
 * 1], borrowed; how many they are. The target is among them where its classes are no numbers, or not as numbers are
 * written. */
size_t encoder_text_columns(const encoder *e, const char **texts);

/* The place of a column that must be there: of classes, or of finite numbers. */
epocl_status encoder_find_classes(const table *t, const column_names *names, const char *name, size_t *place);
epocl_status encoder_find_numbers(const table *t, const column_names *names, const char *name, size_t *place);

#endif
