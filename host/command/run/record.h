/* What a run has left in its folder, for those who look at it: a run that was begun, stopped, or is still training. */
#ifndef EPOCL_COMMAND_RUN_RECORD_H
#define EPOCL_COMMAND_RUN_RECORD_H

#include "base/status.h"

#include <jansson.h>
#include <stdbool.h>

/* A line of history.csv; what is not there is NaN. */
typedef struct run_epoch {
    size_t number; /* from 1 on */
    double train_cost, train_score, valid_cost, valid_score, seconds, samples_per_second;
} run_epoch;

typedef struct run_record {
    const char *path; /* the caller's               */
    json_t *config;   /* what config.json says      */
    bool of_values;   /* scores are RMSE, of which lower is better; else accuracies */
    run_epoch *epochs;
    size_t epoch_count;
    double seconds; /* of all epochs */
    bool has_model, has_best, has_checkpoint;
    bool is_sweep; /* the folder of many runs, of which it has the best model and no history */
} run_record;

/* Reads the folder's config.json and as many whole lines of its history.csv as there are, which may be none. Its texts
 * are not epocl's own. EPOCL_ERROR_NO_INPUT for a folder without a run, EPOCL_ERROR_DATA for a config.json that is
 * none. */
epocl_status run_record_read(const char *path, run_record *record);
void run_record_release(run_record *record);

/* A setting, or a member of "network", "device" or, with `object` "", of the whole; NULL where there is none. */
const json_t *run_record_member(const run_record *record, const char *object, const char *name);

/* The place of the epoch with the best validation cost or score; `epoch_count` where there is none. */
size_t run_record_best_cost(const run_record *record);
size_t run_record_best_score(const run_record *record);

/* A value as a text for people, "-" for null: lists with commas between, paths as they are. May hold any bytes. */
void run_value_text(const json_t *value, char *text, size_t capacity);

/* "784-128-10", or "-". */
void run_shape_text(const run_record *record, char *text, size_t capacity);

#endif
