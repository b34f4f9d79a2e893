/* How much a model of a table goes by each column. */
#ifndef EPOCL_COMMAND_TABLE_TABLE_IMPORTANCE_H
#define EPOCL_COMMAND_TABLE_TABLE_IMPORTANCE_H

#include "data/encoder/encoder.h"

#include <stdint.h>

/* How much worse a metric became, in its unit, each time a column was shuffled: above 0 where the model goes by it. */
typedef struct importance {
    const char *metric, *label; /* static */
    bool rises;                 /* a larger metric is better */
    double baseline;            /* the metric of the data as they are */
    size_t column_count, repeat_count;
    double *falls;            /* [columns, repeats], owned */
    double *mean, *deviation; /* [columns], of those; owned */
    size_t *order;            /* [columns]: places, the most important first; owned */
} importance;

/* `metric` NULL: log loss of classes, RMSE of one number, R2 of several. Each column is shuffled among all rows, with
 * the same `repeats` permutations of `seed` for each. `data` is changed meanwhile. EPOCL_ERROR_ARGUMENT for a metric
 * that is no single number, or not of such targets. */
epocl_status importance_measure(epocl_predictor *predictor, epocl_dataset *data, const char *metric, size_t repeats,
                                uint64_t seed, importance *found);
void importance_release(importance *found);

#endif
