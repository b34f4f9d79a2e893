/* An epoch of a trainer: training, validation, and what follows from them. */
#include "base/clock.h"
#include "base/result.h"
#include "data/encoder/encoder.h"
#include "device/process.h"
#include "device/wait.h"
#include "execution/divergence.h"
#include "execution/parameters.h"
#include "model/network.h"
#include "options/monitors.h"
#include "training/trainer.h"

#include <math.h>
#include <string.h>

/* Over the samples so far, or their weights, `mean_weight` on average over all. */
static double mean_cost(const epoch_state *state, double mean_weight) {
    return ((double)state->cost + (double)state->cost_compensation) / ((double)state->first * mean_weight);
}

/* NaN where nothing is right or wrong. */
static double accuracy(const epocl_trainer *t, const epoch_state *state) {
    if (t->planned.train.batch.values != TENSOR_NONE && head_is_of_values(t->run.network->head)) return NAN;
    return (double)state->correct / (double)state->first;
}

/* What follows from a mean cost, if it is of half the squared errors of values. A table's one number to predict is
 * learned on a scale of its own; its error is told in its unit. */
static double rmse(const epocl_trainer *t, double cost) {
    const bool is_squared = t->planned.train.batch.values != TENSOR_NONE && t->run.network->head.code == HEAD_squared;
    const encoder *e = t->run.network->encoder;
    const double unit = e && e->target_count == 1 ? (double)e->targets[0].scale : 1.0;
    return is_squared ? unit * sqrt(2.0 * cost / (double)network_output_count(t->run.network)) : NAN;
}

void trainer_add_errors(const epocl_trainer *t, epocl_epoch_result *result) {
    result->train_rmse = rmse(t, result->train_cost);
    result->valid_rmse = rmse(t, result->valid_cost);
    if (!monitor_is_metric(t->monitor.code)) result->valid_figure = monitor_figure(t->monitor.code, result);
}

/* Answers a stop, of which a write may still be on its way: `*position` is where it ended a pass. */
static epocl_status answer_stop(epocl_trainer *t, const epoch_state *position, const char *samples) {
    epocl_status status = EPOCL_OK;
    const uint32_t go_on = 0;
    pthread_mutex_lock(&t->stop_lock);
    TRY(device_finish(t->device, t->device->control, "a stop on its way"));
    TRY(executable_write(&t->run.executable, t->planned.train.batch.stop, &go_on, sizeof go_on));
    if (t->planned.has_valid)
        TRY(executable_write(&t->run.executable, t->planned.valid.batch.stop, &go_on, sizeof go_on));
    atomic_store(&t->stop_requested, false);
    status = fail(EPOCL_STOPPED, "stopped in epoch %zu after %u of %u %s", t->epoch + 1, (unsigned)position->first,
                  (unsigned)position->sample_count, samples);
cleanup:
    pthread_mutex_unlock(&t->stop_lock);
    return status;
}

/* The machine is busy: layered for this epoch and some more, twice as many as the last time. */
static void rest(epocl_trainer *t) {
    t->rest_epochs = t->rest_epochs ? 2 * t->rest_epochs : 1;
    t->resume_epoch = t->epoch + 1 + t->rest_epochs;
    pass_rest(&t->run.train);
}

static epocl_status reserve_history(epocl_trainer *t) {
    if (t->epoch < t->history_capacity) return EPOCL_OK;
    const size_t capacity = t->history_capacity ? 2 * t->history_capacity : 64;
    epocl_epoch_result *grown = realloc(t->history, capacity * sizeof *grown);
    if (!grown) return fail(EPOCL_ERROR_MEMORY, "not enough memory for the history of %zu epochs", capacity);
    t->history = grown;
    t->history_capacity = capacity;
    return EPOCL_OK;
}

/* Whether an epoch takes so long that somebody wants to know how far it is; of the first, who knows. */
static bool is_long(const epocl_trainer *t) {
    const double seconds = 0.5;
    return t->epoch == 0 || t->history[t->epoch - 1].seconds >= seconds;
}

/* An epoch from its beginning, or what a stop left of it: t->position is where it ended. */
static epocl_status train_epoch(epocl_trainer *t) {
    epocl_status status = EPOCL_OK;
    const size_t first = position_is_within(&t->position) ? t->position.first : 0;
    if (t->run.train.rests && t->epoch >= t->resume_epoch) TRY(pass_resume(&t->run.train));
    if (position_is_within(&t->position))
        TRY(pass_go_on(&t->run.train, &t->position));
    else
        TRY(pass_enqueue_begin(&t->run.train));
    watch_begin(&t->progress, 0, first, t->planned.train.batch.sample_count, is_long(t));
    TRY(pass_enqueue_steps(&t->run.train, first, &t->stop_requested, &t->progress));
    watch_follow(&t->progress, t->device);
    TRY(pass_read_state(&t->run.train, &t->position));
    if (pass_gave_up(&t->run.train, &t->position) && !atomic_load(&t->stop_requested)) {
        profile_collect(t->profile, &t->run.train, "train", t->position.first);
        rest(t);
        TRY(pass_enqueue_steps(&t->run.train, t->position.first, &t->stop_requested, NULL));
        TRY(pass_read_state(&t->run.train, &t->position));
    }
cleanup:
    watch_end(&t->progress, t->device);
    return status;
}

/* What is known of the epoch's training so far. */
static void describe_training(const epocl_trainer *t, epocl_epoch_result *result) {
    result->seconds = t->seconds;
    result->sample_count = t->position.first;
    if (t->position.first == 0) return;
    result->train_cost = mean_cost(&t->position, t->train_weight);
    result->train_accuracy = accuracy(t, &t->position);
}

/* The training of an epoch, or what a stop left of it. */
static epocl_status run_training(epocl_trainer *t, epocl_epoch_result *result) {
    epocl_status status = EPOCL_OK;
    const epoch_state *position = &t->position;
    if (!position_is_within(position)) t->seconds = 0;
    const double begin = seconds_now();
    TRY(train_epoch(t));
    t->seconds += seconds_now() - begin;
    profile_collect(t->profile, &t->run.train, "train", position->first);
    describe_training(t, result);
    if (position->nonfinite_step)
        TRY(fail_diverged(&t->run.train, position, "the cost is not finite any more, from step %u of epoch %zu on",
                          (unsigned)position->nonfinite_step, result->epoch));
    if (position_is_within(position)) TRY(answer_stop(t, position, "samples"));
    if (!t->run.train.rests) t->rest_epochs = 0;
    if (!atomic_load(&t->stop_requested)) TRY(plan_reconsider(&t->choice, result->seconds / (double)position->step));
    run_plan_name(&t->planned, t->run.train.shape, t->plan_name);
cleanup:
    return status;
}

/* The validation of a trained epoch, or what a stop left of it. */
static epocl_status run_validation(epocl_trainer *t, epocl_epoch_result *result) {
    epocl_status status = EPOCL_OK;
    epoch_state *position = &t->validated;
    const size_t first = position_is_within(position) ? position->first : 0;
    if (position_is_within(position))
        TRY(pass_go_on(&t->run.valid, position));
    else
        TRY(pass_enqueue_begin(&t->run.valid));
    watch_begin(&t->progress, t->planned.train.batch.sample_count, first, t->planned.valid.batch.sample_count,
                is_long(t));
    TRY(pass_enqueue_steps(&t->run.valid, first, &t->stop_requested, &t->progress));
    watch_follow(&t->progress, t->device);
    TRY(pass_read_state(&t->run.valid, position));
    profile_collect(t->profile, &t->run.valid, "valid", position->first);
    if (position->nonfinite_step)
        TRY(fail_diverged(&t->run.valid, position, "the cost of the validation data is not finite after epoch %zu",
                          result->epoch));
    if (position_is_within(position)) TRY(answer_stop(t, position, "samples of its validation"));
    result->valid_cost = mean_cost(position, t->valid_weight);
    result->valid_accuracy = accuracy(t, position);
    TRY(valid_figure_read(&t->figure, t->run.network, &t->run.valid, &result->valid_figure));
cleanup:
    watch_end(&t->progress, t->device);
    return status;
}

epocl_status trainer_write_rate(const epocl_trainer *t) {
    const float rate = (float)((double)t->planned.recipe.learning_rate * t->monitor.rate);
    _Static_assert(offsetof(hyper_values, learning_rate) == 0, "the rate comes first");
    return executable_write(&t->run.executable, t->planned.train.batch.hyper, &rate, sizeof rate);
}

/* What follows from an epoch's result. It waits for nothing, but when a plateau lowers the rate. */
static epocl_status heed_result(epocl_trainer *t, const epocl_epoch_result *result) {
    epocl_status status = EPOCL_OK;
    const double rate = t->monitor.rate;
    if (monitor_add(&t->monitor, result)) {
        t->has_best = false;
        TRY(parameters_keep_best(&t->planned.parameters, &t->run.executable));
        t->has_best = true;
    }
    if (t->monitor.rate < rate) TRY(trainer_write_rate(t));
cleanup:
    return status;
}

static epocl_status run_epoch(epocl_trainer *trainer, epocl_epoch_result *result) {
    epocl_status status = EPOCL_OK;
    *result = (epocl_epoch_result){.train_cost = NAN,
                                   .train_accuracy = NAN,
                                   .valid_cost = NAN,
                                   .valid_accuracy = NAN,
                                   .train_rmse = NAN,
                                   .valid_rmse = NAN,
                                   .valid_figure = NAN,
                                   .epoch = trainer->epoch + 1};
    if (trainer->failure != EPOCL_OK)
        return fail(trainer->failure, "epocl_trainer_run_epoch: an epoch has failed before; create a new trainer");
    status = device_enter(trainer->device);
    if (status != EPOCL_OK) return status;
    TRY(reserve_history(trainer));
    profile_begin(trainer->profile, result->epoch);
    if (position_is_of_epoch(&trainer->position, trainer->epoch) && !position_is_within(&trainer->position))
        describe_training(trainer, result);
    else
        TRY(run_training(trainer, result));
    if (trainer->planned.has_valid) TRY(run_validation(trainer, result));
    TRY(heed_result(trainer, result));
    trainer_add_errors(trainer, result);
    trainer->history[trainer->epoch++] = *result;
cleanup:
    if (status != EPOCL_STOPPED) trainer->failure = status;
    profile_end(trainer->profile);
    if (status == EPOCL_ERROR_TIMEOUT) return fail_prefix(status, "epoch %zu: ", result->epoch);
    return status;
}

epocl_status epocl_trainer_run_epoch_sized(epocl_trainer *trainer, epocl_epoch_result *result, size_t result_bytes) {
    epocl_epoch_result made;
    if (!trainer || !result) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_run_epoch: NULL argument");
    const epocl_status status = run_epoch(trainer, &made);
    result_write(result, result_bytes, &made, sizeof made);
    return status;
}

void epocl_trainer_stop(epocl_trainer *trainer) {
    static const uint32_t stop = 1;
    if (!trainer || process_is_forked()) return; /* whose lock another thread of the parent may hold */
    pthread_mutex_lock(&trainer->stop_lock);
    atomic_store(&trainer->stop_requested, true);
    if (device_is_lost(trainer->device) || trainer->run.executable.parked) goto unlock;
    /* Past the launches that wait in the device's queue. Should a driver hold this back, the pass goes on to
     * its end: late, never wrong. */
    const training_run *run = &trainer->run;
    const pass_plan *const passes[] = {&trainer->planned.train, &trainer->planned.valid};
    for (size_t i = 0; i < (trainer->planned.has_valid ? 2 : 1); i++)
        clEnqueueWriteBuffer(trainer->device->control, run->executable.buffers[passes[i]->batch.stop], CL_FALSE, 0,
                             sizeof stop, &stop, 0, NULL, NULL);
    clFlush(trainer->device->control);
unlock:
    pthread_mutex_unlock(&trainer->stop_lock);
}
