/* What a trainer's epochs so far say of the run: which was the best, and whether there is still an improvement. All of
 * it follows from the history, so that a resumed run knows the same. No OpenCL here. */
#ifndef EPOCL_TRAINING_MONITOR_H
#define EPOCL_TRAINING_MONITOR_H

#include "epocl.h"
#include "options/values.h"

#include <stdbool.h>

typedef struct monitor {
    int code;                /* of options/monitors.h                                                      */
    double min_delta;        /* an improvement is at least that much better than the last one, and better  */
    size_t best_epoch;       /* the first with the best figure; 0: none yet                                */
    double best;             /* its figure                                                                 */
    double improved;         /* the figure of the last improvement                                         */
    size_t waited;           /* epochs since then                                                          */
    double seconds;          /* of training, in all                                                        */
    double rate;             /* what schedule plateau has made of the learning rate: a factor, else 1      */
    size_t plateau;          /* epochs since the last improvement, or since it last made less of it        */
    size_t plateau_patience; /* 0: another schedule                                                  */
    double plateau_factor, least_rate;
} monitor;

monitor monitor_begin(const training_options *options);

/* EPOCL_ERROR_ARGUMENT when options ask for what only validation data can tell and there is none, or for a figure that
 * the network has none of; has_values: its targets are values. */
epocl_status monitor_check(const training_options *options, const epocl_network *network, bool has_valid,
                           bool has_values);

/* The name of its metric (metrics/metrics.h); and the figure of an epoch. */
const char *monitor_metric(int code);
double monitor_figure(int code, const epocl_epoch_result *epoch);

/* Takes the next epoch of the history; true when it is the best so far. */
bool monitor_add(monitor *m, const epocl_epoch_result *epoch);

/* Why training ends after the epochs so far, of `epoch_count` that are wanted. */
epocl_end monitor_end(const monitor *m, const training_options *options, size_t finished, size_t epoch_count);

#endif
