#include "training/trainer.h"
#include "base/clock.h"
#include "base/result.h"
#include "choice/matmul.h"
#include "choice/self_test.h"
#include "data/dataset.h"
#include "device/process.h"
#include "device/wait.h"
#include "execution/parameters.h"
#include "model/ensemble.h"
#include "training/class_weights.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

epocl_status training_check(const epocl_network *network, const epocl_dataset *train, const epocl_dataset *valid) {
    if (!network || !train) return fail(EPOCL_ERROR_ARGUMENT, "network or data set: NULL argument");
    epocl_status status = ensemble_refuse(network, "are not trained further");
    if (status == EPOCL_OK) status = network_check_dataset(network, train, true);
    if (status != EPOCL_OK || !valid) return status;
    status = network_check_dataset(network, valid, true);
    if (status == EPOCL_OK && (train->values != NULL) != (valid->values != NULL))
        status = fail(EPOCL_ERROR_DATA, "its targets are %s, and those to train on are %s",
                      valid->values ? "values" : "labels", train->values ? "values" : "labels");
    return status == EPOCL_OK ? status : fail_prefix(status, "validation data: ");
}

/* An empty trainer, for epocl_trainer_release(). It holds the device. */
static epocl_status allocate_trainer(epocl_device *device, epocl_trainer **trainer) {
    const epocl_status status = allocate(1, sizeof **trainer, "a trainer", trainer);
    if (status != EPOCL_OK) return status;
    (*trainer)->device = device_hold(device);
    pthread_mutex_init(&(*trainer)->stop_lock, NULL);
    return EPOCL_OK;
}

/* The plan of the run, and what goes by its data. */
static epocl_status plan_run(epocl_trainer *t, const epocl_network *network, const epocl_dataset *train,
                             const epocl_dataset *valid, const training_options *options, const matmul_choice *matmul,
                             bool is_one_of_many) {
    epocl_status status = EPOCL_OK;
    plan_shape asked;
    TRY(run_plan_create(&t->planned, &t->device->info, network, train, valid, options, matmul, is_one_of_many));
    TRY(monitor_check(options, network, valid != NULL, train->values != NULL));
    TRY(plan_asked(&t->planned, &t->device->info, options, &asked));
    t->train_weight = dataset_mean_weight(train);
    t->valid_weight = valid ? dataset_mean_weight(valid) : 1.0;
    t->monitor = monitor_begin(options);
    matmul_choice_text(matmul, t->facts[FACT_MATMUL]);
cleanup:
    return status;
}

epocl_status trainer_create_with(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                                 const epocl_dataset *valid, const training_options *options,
                                 const matmul_choice *matmul, const data_loan *loan, epocl_trainer **trainer) {
    epocl_status status = EPOCL_OK;
    epocl_device *profiling = NULL;
    epocl_trainer *t = NULL;
    *trainer = NULL;
    if (options->profile) TRY(device_open_lane(device, true, &profiling));
    TRY(allocate_trainer(profiling ? profiling : device, &t));
    facts_describe(t->facts, train, valid, loan);
    t->options = options_of_run(options, train);
    TRY(plan_run(t, network, train, valid, options, matmul, loan != NULL));

    const double begin = seconds_now();
    TRY(training_run_create(&t->run, t->device, &t->planned, network, train, valid, loan));
    if (valid) TRY(valid_figure_create(&t->figure, options->monitor, t->run.network, valid));
    const double choice = seconds_now(), compiled = t->run.executable.compile_seconds;
    TRY(plan_choose(&t->choice, &t->run, network, options));
    /* Where groups may fail to meet, or another plan may be tried, the steps by themselves are compiled beforehand,
     * also if they are in the driver's cache, from which they take 70 ms: later on a disk may be full. */
    if (t->run.train.slice_steps == 0 || t->run.train.shape.group_count > 1 || t->choice.reconsiders)
        TRY(pass_bind_step(&t->run.train));
    const double chosen = seconds_now();
    if (options->profile) t->choice.reconsiders = false; /* a profile is of one plan, whose launches stay */
    run_plan_name(&t->planned, t->run.train.shape, t->plan_name);
    TRY(training_run_begin(&t->run, network, &t->position));
    if (options->profile) TRY(profile_create(&t->run.executable, &t->profile));
    t->progress = (progress_watch){.tell = options->progress,
                                   .user = options->progress_user,
                                   .total = train->sample_count + (valid ? valid->sample_count : 0)};
    t->choice_seconds =
        chosen - choice - (t->run.executable.compile_seconds - compiled) - t->run.train.bound_written.compile_seconds;
    t->upload_seconds = seconds_now() - begin - (chosen - choice) - compiled;
    *trainer = t;
    t = NULL;
cleanup:
    epocl_trainer_release(t);
    epocl_device_release(profiling); /* the trainer holds it */
    return status;
}

training_options training_heard_by(const epocl_device *device, const training_options *options) {
    training_options heard = *options;
    if (heard.message) return heard;
    heard.message = device->message;
    heard.user = device->user;
    return heard;
}

epocl_status trainer_create(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                            const epocl_dataset *valid, const training_options *options, const data_loan *loan,
                            epocl_trainer **trainer) {
    epocl_status status = EPOCL_OK;
    matmul_choice matmul;
    weighed_data weighed = {0};
    const training_options heard = training_heard_by(device_main(device), options), *training = &heard;
    TRY(training_check(network, train, valid));
    TRY(class_weights_apply(&training->class_weights, train, network_output_count(network), &weighed));
    TRY(device_enter(device));
    const double begin = seconds_now();
    if (!loan) TRY(plan_ask_device(device, training));
    TRY(matmul_choose(device, network, training, smaller(training->batch_size, train->sample_count), &matmul));
    TRY(self_test_or_plain(device, &matmul, network, train->values != NULL, training));
    const double choice_seconds = seconds_now() - begin;
    options_say(training, "compiling the kernels and uploading the data");
    TRY(trainer_create_with(device, network, &weighed.data, valid, training, &matmul, loan, trainer));
    (*trainer)->choice_seconds += choice_seconds;
cleanup:
    weighed_data_release(&weighed);
    return status;
}

epocl_status epocl_trainer_create(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                                  const epocl_dataset *valid, const epocl_options *options, epocl_trainer **trainer) {
    if (trainer) *trainer = NULL;
    if (!device || !options || !trainer) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_create: NULL argument");
    return trainer_create(device, network, train, valid, &options->training, NULL, trainer);
}

void epocl_trainer_release(epocl_trainer *trainer) {
    if (!trainer) return;
    device_notice_fork(trainer->device);
    valid_figure_release(&trainer->figure);
    profile_release(trainer->profile);
    training_run_release(&trainer->run);
    run_plan_release(&trainer->planned);
    free(trainer->history);
    pthread_mutex_destroy(&trainer->stop_lock);
    epocl_device_release(trainer->device);
    free(trainer);
}

epocl_status trainer_park(epocl_trainer *t) {
    epocl_status status = EPOCL_OK;
    pthread_mutex_lock(&t->stop_lock);
    TRY(device_finish(t->device, t->device->control, "a stop on its way"));
    TRY(training_run_park(&t->run));
cleanup:
    pthread_mutex_unlock(&t->stop_lock);
    return status;
}

epocl_status trainer_unpark(epocl_trainer *t, uint64_t taken_bytes) {
    pthread_mutex_lock(&t->stop_lock);
    const epocl_status status = training_run_unpark(&t->run, taken_bytes);
    pthread_mutex_unlock(&t->stop_lock);
    return status;
}

bool trainer_fits(const epocl_trainer *trainer, const epocl_network *network) {
    const pass_plan *train = &trainer->planned.train;
    bool same = !network_is_ensemble(network) && network->layer_count == train->layer_count;
    for (size_t l = 0; same && l < network->layer_count; l++)
        same = network->layers[l].input_count == train->layers[l].input_count &&
               network->layers[l].output_count == train->layers[l].output_count;
    return same;
}

static epocl_status read_into(epocl_trainer *trainer, const layer_parameters *layers, epocl_network *network,
                              const char *caller) {
    if (!trainer_fits(trainer, network))
        return fail(EPOCL_ERROR_ARGUMENT, "%s: the network has another shape than the trainer", caller);
    const epocl_status usable = device_enter(trainer->device);
    return usable == EPOCL_OK ? parameters_read(layers, &trainer->run.executable, network) : usable;
}

epocl_status epocl_trainer_read(epocl_trainer *trainer, epocl_network *network) {
    if (!trainer || !network) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_read: NULL argument");
    return read_into(trainer, parameters_result(&trainer->planned.parameters), network, "epocl_trainer_read");
}

epocl_status epocl_trainer_read_best(epocl_trainer *trainer, epocl_network *network) {
    if (!trainer || !network) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_read_best: NULL argument");
    if (!trainer->has_best)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_read_best: %s",
                    trainer->planned.has_valid ? "no epoch was the best so far" : "that takes validation data");
    return read_into(trainer, trainer->planned.parameters.best, network, "epocl_trainer_read_best");
}

static epocl_status check_profiled(const epocl_trainer *trainer, const void *result) {
    if (!trainer || !result) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_profile: NULL argument");
    if (trainer->profile) return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_profile: the trainer was created without a profile");
}

epocl_status epocl_trainer_profile_sized(const epocl_trainer *trainer, epocl_profile *profile, size_t profile_bytes) {
    epocl_profile got = {0};
    epocl_status status = check_profiled(trainer, profile);
    if (status == EPOCL_OK) status = profile_get(trainer->profile, &got);
    if (profile) result_write(profile, profile_bytes, &got, sizeof got);
    return status;
}

epocl_status epocl_trainer_profile_launch_sized(const epocl_trainer *trainer, size_t index, epocl_profile_launch *one,
                                                size_t launch_bytes) {
    const epocl_status status = check_profiled(trainer, one);
    if (status != EPOCL_OK) return status;
    const epocl_profile_launch *found = profile_launch(trainer->profile, index);
    if (!found) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_profile_launch: there is no launch %zu", index);
    result_write(one, launch_bytes, found, sizeof *found);
    return EPOCL_OK;
}

const char *epocl_trainer_plan_name(const epocl_trainer *trainer) {
    return trainer->plan_name;
}

void epocl_trainer_describe_sized(const epocl_trainer *trainer, epocl_trainer_info *info, size_t info_bytes) {
    const training_run *run = &trainer->run;
    const pass *train = &run->train;
    const size_t step_count = steps_of_epoch(train->plan);
    const size_t step_launches = train->slice_steps > 0
                                     ? divide_up(step_count, train->slice_steps) * train->written.count
                                     : step_count * train->plan->step.count;
    const epocl_trainer_info made = {.choice_seconds = trainer->choice_seconds,
                                     .compile_seconds =
                                         run->executable.compile_seconds + train->bound_written.compile_seconds,
                                     .upload_seconds = trainer->upload_seconds,
                                     .launch_count = train->plan->begin.count + step_launches};
    result_write(info, info_bytes, &made, sizeof made);
}
