/* How the members of a sweep stand: what each has come to, which settings go on at a rung, and their ranks. */
#ifndef EPOCL_COMMAND_SWEEP_STANDING_H
#define EPOCL_COMMAND_SWEEP_STANDING_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* A rung: the settings in it are trained to so many epochs in all. */
enum { RUNGS_MOST = 3 };
typedef struct sweep_rung {
    size_t setting_count, epoch_count;
} sweep_rung;

/* The rungs of successive halving: at each but the last, the best one of `halving` settings goes on, which is trained
 * for `halving` times as many epochs, the last to `epoch_count`. Returns how many; 1 with halving 1. */
size_t rungs_plan(size_t setting_count, size_t epoch_count, size_t halving, sweep_rung rungs[RUNGS_MOST]);

/* What a member has come to in its epochs so far. */
typedef struct member_result {
    bool has_diverged;
    size_t epoch_count;
    epocl_epoch_result best; /* the first epoch with the best figure; of epoch 0: none */
} member_result;

/* Takes a further epoch into account, by a figure of options/monitors.h. */
void member_result_add(member_result *m, int monitor, const epocl_epoch_result *epoch);

/* The results of a trainer's first epochs, at most `epoch_count`. */
epocl_status member_result_read(const epocl_trainer *trainer, int monitor, size_t epoch_count, member_result *m);

/* A setting, over its seeds: means of the best figures, and how far they spread (sample standard deviation; NaN of
 * one). NaN where a seed has none, as after a divergence. */
typedef struct setting_result {
    size_t number, rung; /* of the sweep; the last rung that it was in, from 0 */
    double figure, spread;
    double cost, accuracy, rmse; /* of the validation data, NaN where there is none */
    size_t epoch_count;          /* of the member with the most                     */
} setting_result;

setting_result setting_result_of(const member_result *members, size_t seed_count, int monitor, size_t number,
                                 size_t rung);

/* Sorts best first: by rung, then figure, then number; those without a finite figure last. */
void settings_sort(setting_result *settings, size_t count, int monitor);

/* The figure of an epoch; and whether one is better than another, NaN being worst. */
double figure_of(int monitor, const epocl_epoch_result *epoch);
bool figure_is_better(int monitor, double one, double other);

#endif
