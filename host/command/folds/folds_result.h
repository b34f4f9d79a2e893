/* What a cross-validation found: printed fold by fold, then on average, and written as CSV. */
#ifndef EPOCL_COMMAND_FOLDS_FOLDS_RESULT_H
#define EPOCL_COMMAND_FOLDS_FOLDS_RESULT_H

#include "base/status.h"

#include <stdbool.h>

enum { FOLD_METRICS = 24 };

typedef struct fold_row {
    size_t fold; /* from 1 */
    size_t train_count, valid_count, held_out_count, epoch;
    double values[FOLD_METRICS]; /* NaN where undefined */
} fold_row;

/* Metrics that are single numbers, the same ones of each fold. */
typedef struct folds_result {
    bool is_json;
    fold_row *rows; /* [capacity], owned */
    size_t count, capacity, metric_count;
    epocl_metric metrics[FOLD_METRICS]; /* names and labels */
} folds_result;

epocl_status folds_result_begin(size_t fold_count, bool is_json, folds_result *result);

/* Takes the row with the metrics of its held-out rows, and prints it. */
epocl_status folds_result_add(folds_result *result, const fold_row *row, const epocl_metrics *metrics);

/* Prints means and deviations over all folds. */
epocl_status folds_result_end(const folds_result *result, const epocl_device_info *device);

/* As `name` in an open folder: a line a fold. */
epocl_status folds_result_save(const folds_result *result, int folder, const char *name);
void folds_result_release(folds_result *result);

#endif
