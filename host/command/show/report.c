#include "command/show/report.h"

#include "base/clock.h"
#include "base/plural.h"
#include "command/show/describe.h"
#include "command/show/figure.h"
#include "command/show/json_line.h"
#include "options/monitors.h"
#include "options/requests.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define FIGURE_TEXT(code, name, word, field, is_better, text, also) [(code)] = (text),

report report_begin(const settings *given) {
    return (report){.is_json = given->json,
                    .epoch_count = (size_t)given->epochs,
                    .start = seconds_now(),
                    .monitor = given->library.training.monitor,
                    .shown = progress_begin(given->quiet)};
}

void report_message(const char *text, void *user) {
    report *told = user;
    progress_line(&told->shown, "%s", text);
}

void report_samples(size_t done, size_t total, void *user) {
    report *told = user;
    const double now = seconds_now(), between = 0.2;
    if (now < told->samples_due) return;
    told->samples_due = now + between;
    progress_bar_within(&told->shown, told->finished, (double)done / (double)total, told->epoch_count);
}

void report_start(report *told, const epocl_device_info *device, const epocl_network *network, size_t train_count,
                  size_t valid_count) {
    char device_name[300], shape[160];
    device_text(device, device_name, sizeof device_name);
    network_shape_text(network, shape, sizeof shape);
    progress_line(&told->shown, "device   %s (%s)", device_name, device->platform_name);
    progress_line(&told->shown, "network  %s, %zu parameters, %s, %s, normalization %s", shape,
                  epocl_network_parameter_count(network), epocl_network_activation(network),
                  epocl_network_cost(network), epocl_network_normalization(network));
    progress_line(&told->shown, "data     %zu sample%s to train, %zu to validate", train_count, plural_s(train_count),
                  valid_count);
}

void report_plan(report *told, const char *plan, size_t finished_epochs) {
    progress_line(&told->shown, "plan     %s", plan);
    told->finished = finished_epochs;
    progress_bar_begin(&told->shown, finished_epochs, told->epoch_count);
}

static epocl_status print_epoch_json(const epocl_epoch_result *epoch, double samples_per_second) {
    return json_line_print(json_pack("{ss sI so so so so so so so so so}",                 //
                                     "event", "epoch",                                     //
                                     "epoch", (json_int_t)epoch->epoch,                    //
                                     "train_cost", json_number(epoch->train_cost),         //
                                     "train_accuracy", json_number(epoch->train_accuracy), //
                                     "train_rmse", json_number(epoch->train_rmse),         //
                                     "valid_cost", json_number(epoch->valid_cost),         //
                                     "valid_accuracy", json_number(epoch->valid_accuracy), //
                                     "valid_rmse", json_number(epoch->valid_rmse),         //
                                     "valid_figure", json_number(epoch->valid_figure),     //
                                     "seconds", json_number(epoch->seconds),               //
                                     "samples_per_second", json_number(samples_per_second)));
}

/* "  train cost 0.25 accuracy 0.9", or what else there is. */
enum { SCORE_CAPACITY = 120 };
static void score_text(const char *of, double cost, double accuracy, double rmse, char text[SCORE_CAPACITY]) {
    char figure[FIGURE_CAPACITY];
    const size_t used = (size_t)snprintf(text, SCORE_CAPACITY, "  %s cost %s", of, figure_text(cost, true, figure));
    if (isfinite(accuracy))
        snprintf(text + used, SCORE_CAPACITY - used, " accuracy %.4f", accuracy);
    else if (isfinite(rmse))
        snprintf(text + used, SCORE_CAPACITY - used, " rmse %s", figure_text(rmse, true, figure));
}

/* Of a metric that the epochs are compared by, after its score. */
static void add_figure(int monitor, double figure, char text[SCORE_CAPACITY]) {
    const size_t used = strlen(text);
    snprintf(text + used, SCORE_CAPACITY - used, " %s %#.5g", monitor_words[monitor], figure);
}

epocl_status report_epoch(report *told, const epocl_epoch_result *epoch) {
    told->finished = epoch->epoch;
    const double samples_per_second = (double)epoch->sample_count / epoch->seconds;
    char train[SCORE_CAPACITY], valid[SCORE_CAPACITY] = "";
    score_text("train", epoch->train_cost, epoch->train_accuracy, epoch->train_rmse, train);
    if (isfinite(epoch->valid_cost))
        score_text("valid", epoch->valid_cost, epoch->valid_accuracy, epoch->valid_rmse, valid);
    if (monitor_is_metric(told->monitor)) add_figure(told->monitor, epoch->valid_figure, valid);
    if (progress_is_due(&told->shown) || epoch->epoch == told->epoch_count) {
        progress_line(&told->shown, "epoch %3zu/%zu%s%s  %.2f s, %.0f samples/s", epoch->epoch, told->epoch_count,
                      train, valid, epoch->seconds, samples_per_second);
        progress_bar(&told->shown, epoch->epoch, told->epoch_count);
    }
    return told->is_json ? print_epoch_json(epoch, samples_per_second) : EPOCL_OK;
}

epocl_status report_rate(report *told, size_t epoch, double learning_rate) {
    progress_line(&told->shown, "learning rate %g from epoch %zu on", learning_rate, epoch);
    if (!told->is_json) return EPOCL_OK;
    return json_line_print(json_pack("{ss sI so}",               //
                                     "event", "rate",            //
                                     "epoch", (json_int_t)epoch, //
                                     "learning_rate", json_number(learning_rate)));
}

/* Why training ended, where it is not the number of epochs. */
static void say_end(report *told, const run_end *end) {
    static const char *const figures[] = {MONITORS(FIGURE_TEXT)};
    const epocl_progress *so_far = end->so_far;
    if (so_far->end == EPOCL_END_PATIENCE)
        progress_line(&told->shown, "ended early: no better %s for %zu epoch%s (--patience %" PRIu64 ")",
                      figures[end->training->monitor], so_far->waited, plural_s(so_far->waited),
                      end->training->patience);
    if (so_far->end == EPOCL_END_SECONDS)
        progress_line(&told->shown, "ended early: training has taken %.1f s (--max-seconds %g)", so_far->train_seconds,
                      end->training->max_seconds);
}

/* The option that ended it. */
static const char *ended_by(const run_end *end) {
    static const char *const words[] = {[EPOCL_END_NONE] = "signal",
                                        [EPOCL_END_EPOCHS] = "epochs",
                                        [EPOCL_END_PATIENCE] = "patience",
                                        [EPOCL_END_SECONDS] = "max-seconds"};
    return words[end->so_far->end];
}

epocl_status report_done(report *told, const run_end *end) {
    const double seconds = seconds_now() - told->start;
    const epocl_epoch_result *last = end->last;
    const size_t epoch_count = last ? last->epoch : 0, model_epoch = end->model_epoch ? end->model_epoch : epoch_count;
    char device_name[300], duration[32], of_best[48] = "";
    device_text(end->device, device_name, sizeof device_name);
    duration_text(seconds, duration, sizeof duration);
    progress_clear(&told->shown);
    say_end(told, end);
    if (end->model_epoch) snprintf(of_best, sizeof of_best, " (the best, after epoch %zu)", end->model_epoch);
    progress_line(&told->shown, "%s after %zu epoch%s, %s: %s%s", end->is_stopped ? "stopped" : "done", epoch_count,
                  plural_s(epoch_count), duration, end->model_path, of_best);
    if (end->best_epoch) progress_line(&told->shown, "best after epoch %zu: %s", end->best_epoch, end->best_path);
    if (end->is_stopped) progress_line(&told->shown, "go on with: epocl train --resume %s", end->folder);
    if (!told->is_json) return EPOCL_OK;
    return json_line_print(json_pack("{ss sI so sI ss so so sI so so so sb so so so so so so}",        //
                                     "event", "done",                                                  //
                                     "epochs", (json_int_t)epoch_count,                                //
                                     "model", json_text(end->model_path),                              //
                                     "model_epoch", (json_int_t)model_epoch,                           //
                                     "ended_by", ended_by(end),                                        //
                                     "run", json_text(end->folder),                                    //
                                     "best", json_text(end->best_epoch ? end->best_path : NULL),       //
                                     "best_epoch", (json_int_t)end->best_epoch,                        //
                                     "device", json_text(device_name),                                 //
                                     "plan", json_text(end->plan),                                     //
                                     "seconds", json_number(seconds),                                  //
                                     "stopped", (int)end->is_stopped,                                  //
                                     "train_cost", json_number(last ? last->train_cost : NAN),         //
                                     "train_accuracy", json_number(last ? last->train_accuracy : NAN), //
                                     "train_rmse", json_number(last ? last->train_rmse : NAN),         //
                                     "valid_cost", json_number(last ? last->valid_cost : NAN),         //
                                     "valid_accuracy", json_number(last ? last->valid_accuracy : NAN), //
                                     "valid_rmse", json_number(last ? last->valid_rmse : NAN)));
}
