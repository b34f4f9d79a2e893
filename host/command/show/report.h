/* What a training run tells: JSON lines on standard output with --json, lines for people on standard error. */
#ifndef EPOCL_COMMAND_SHOW_REPORT_H
#define EPOCL_COMMAND_SHOW_REPORT_H

#include "base/status.h"
#include "command/options/settings.h"
#include "command/show/progress.h"

typedef struct report {
    bool is_json;
    size_t epoch_count; /* asked for */
    size_t finished;    /* epochs */
    double samples_due; /* seconds_now() when the bar within an epoch is drawn again */
    double start;       /* seconds_now() */
    int monitor;        /* code of options/monitors.h */
    progress shown;
} report;

/* How a run ended. `last` is NULL when no epoch was completed. */
typedef struct run_end {
    const epocl_epoch_result *last;
    const char *folder, *model_path;
    size_t model_epoch; /* the best one, which the model is of; 0: it is of the last          */
    const epocl_progress *so_far;
    const training_options *training;
    size_t best_epoch; /* 0 without */
    const char *best_path;
    const epocl_device_info *device;
    const char *plan;
    bool is_stopped;
} run_end;

report report_begin(const settings *given);

/* A callback for epocl_options_set_message(); `user` is a report. */
void report_message(const char *text, void *user);

/* A callback for epocl_options_set_progress(), of a run that has a terminal; `user` likewise. */
void report_samples(size_t done, size_t total, void *user);

/* The device and the network, once both are known; data counts in samples, 0 without validation data. */
void report_start(report *told, const epocl_device_info *device, const epocl_network *network, size_t train_count,
                  size_t valid_count);

/* Training begins, how it will work, and the epochs that an earlier run has finished. */
void report_plan(report *told, const char *plan, size_t finished_epochs);

epocl_status report_epoch(report *told, const epocl_epoch_result *epoch);

/* The learning rate is another from an epoch on. */
epocl_status report_rate(report *told, size_t epoch, double learning_rate);
epocl_status report_done(report *told, const run_end *end);

#endif
