#include "training/trainer.h"
#include "base/clock.h"
#include "base/plural.h"
#include "base/result.h"
#include "data/dataset.h"
#include "device/process.h"
#include "device/wait.h"
#include "model/ensemble.h"
#include "model/orthogonal.h"
#include "options/monitors.h"
#include "training/class_weights.h"
#include "training/matmul.h"
#include "training/plan_choice.h"
#include "training/self_test.h"
#include "training/tuning.h"

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

epocl_status trainer_allocate(epocl_device *device, epocl_trainer **trainer) {
    const epocl_status status = allocate(1, sizeof **trainer, "a trainer", trainer);
    if (status != EPOCL_OK) return status;
    (*trainer)->device = device_hold(device);
    pthread_mutex_init(&(*trainer)->stop_lock, NULL);
    return EPOCL_OK;
}

void trainer_name_plan(epocl_trainer *t, resident_shape shape) {
    char matmul[MATMUL_TEXT_CAPACITY], text[PLAN_TEXT_CAPACITY];
    matmul_choice_text(&t->plan.matmul, matmul);
    plan_request_text(&(plan_request){.shape = shape}, text);
    snprintf(t->plan_name, sizeof t->plan_name, "%s, matmul %s", text, matmul);
}

static recipe recipe_of(const training_options *o) {
    recipe r = {.optimizer = o->optimizer,
                .schedule = o->schedule,
                .learning_rate = (float)training_rate(o),
                .momentum = (float)o->momentum,
                .epsilon = (float)o->epsilon,
                .beta1 = o->beta1,
                .beta2 = o->beta2,
                .weight_decay = (float)o->weight_decay,
                .clip_value = (float)o->clip_value,
                .clip_norm = (float)o->clip_norm,
                .accumulate = (size_t)o->accumulate,
                .final_factor = (float)o->final_rate,
                .label_smoothing = (float)o->label_smoothing,
                .input_dropout = (float)o->input_dropout,
                .input_noise = (float)o->input_noise,
                .average = o->average,
                .max_norm = (float)o->max_norm,
                .warmup_epochs = (size_t)o->warmup,
                .epochs = (size_t)o->schedule_epochs};
    r.dropout_count = smaller(o->dropout.count, RECIPE_LAYERS);
    for (size_t i = 0; i < r.dropout_count; i++) r.dropout[i] = (float)o->dropout.values[i];
    return r;
}

/* What a recipe asks for and this run cannot do. */
static epocl_status check_recipe(const recipe *r, const epocl_network *network) {
    const size_t hidden_count = network->layer_count - 1;
    if (schedule_has_end(r->schedule) && r->epochs == 0)
        return fail(EPOCL_ERROR_ARGUMENT, "schedule '%s' goes through a number of epochs; set schedule-epochs",
                    schedule_words[r->schedule]);
    if (r->dropout_count > 1 && r->dropout_count != hidden_count)
        return fail(EPOCL_ERROR_ARGUMENT, "dropout is of %zu layers, but the network has %zu hidden layer%s",
                    r->dropout_count, hidden_count, plural_s(hidden_count));
    return EPOCL_OK;
}

/* There must be such layers, and one that is trained. */
static epocl_status check_frozen(const epocl_network *network, layer_set frozen) {
    size_t frozen_count = 0;
    for (size_t l = 0; l < LAYER_SET_MOST; l++) {
        if (!layer_set_has(frozen, l)) continue;
        frozen_count++;
        if (l >= network->layer_count)
            return fail(EPOCL_ERROR_ARGUMENT, "freeze: there is no layer %zu; those of the network are 0 to %zu", l,
                        network->layer_count - 1);
    }
    if (frozen_count < network->layer_count) return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT, "freeze: with all %zu layers there is nothing to train", network->layer_count);
}

epocl_status trainer_plan(epocl_trainer *t, const epocl_network *network, const epocl_dataset *train,
                          const epocl_dataset *valid, const training_options *options, const matmul_choice *matmul) {
    epocl_status status = EPOCL_OK;
    t->has_valid = valid != NULL;
    t->train_weight = dataset_mean_weight(train);
    t->valid_weight = valid ? dataset_mean_weight(valid) : 1.0;
    t->recipe = recipe_of(options);
    TRY(check_recipe(&t->recipe, network));
    TRY(plan_create(&t->plan, matmul, &t->device->info));
    if (t->is_one_of_many) t->plan.resident_groups = 1;
    TRY(parameters_plan(&t->parameters, &t->plan, network, &t->recipe));
    TRY(check_frozen(network, options->freeze));
    pass_data train_data = pass_data_of(train, "train", options->batch_size);
    train_data.frozen = options->freeze;
    TRY(pass_plan_training(&t->train, &t->plan, &t->parameters, network, &train_data, &t->recipe));
    if (valid) {
        pass_data valid_data = pass_data_of(valid, "valid", EVALUATION_BATCH);
        valid_data.has_weights = train_data.has_weights; /* one program for both */
        valid_data.keeps_outputs = monitor_is_metric(options->monitor);
        parameter_tensors evaluated = t->parameters; /* not owned */
        evaluated.layers = parameters_result(&t->parameters);
        TRY(pass_plan_evaluation(&t->valid, &t->plan, &evaluated, network, &valid_data));
        TRY(parameters_plan_best(&t->parameters, &t->plan, network));
        TRY(plan_check(&t->plan));
    }
    TRY(monitor_check(options, network, t->has_valid, train->values != NULL));
    t->monitor = monitor_begin(options);
    const resident_shape shape = plan_shape_asked(t, options);
    if (shape.group_count) TRY(resident_check(&t->plan, &t->train.step, shape));
    trainer_name_plan(t, shape);
cleanup:
    return status;
}

static epocl_status clear_slots(epocl_trainer *t) {
    epocl_status status = EPOCL_OK;
    for (size_t slot = 0; slot < SLOT_COUNT; slot++) {
        for (size_t l = 0; t->parameters.slots[slot] && l < t->parameters.layer_count; l++) {
            TRY(executable_clear(&t->executable, t->parameters.slots[slot][l].weights));
            TRY(executable_clear(&t->executable, t->parameters.slots[slot][l].biases));
        }
    }
cleanup:
    return status;
}

/* An average begins with the parameters. */
static epocl_status begin_average(epocl_trainer *t) {
    epocl_status status = EPOCL_OK;
    if (!t->parameters.slots[SLOT_AVERAGE]) return EPOCL_OK;
    TRY(parameters_read(t->parameters.layers, &t->executable, t->network));
    TRY(parameters_write(t->parameters.slots[SLOT_AVERAGE], &t->executable, t->network));
cleanup:
    return status;
}

static weight_distribution weights_of(const epocl_trainer *t, size_t number) {
    return initial_weights(&t->train.layers[number], t->options.training.initialization);
}

/* What draws the initial weights on the device: of all layers but those that were given. */
static epocl_status plan_draw(const epocl_trainer *t, const epocl_network *network, sequence *draw) {
    epocl_status status = EPOCL_OK;
    TRY(sequence_create(draw));
    for (size_t l = 0; l < t->train.layer_count; l++)
        if (!network->layers[l].is_given && weights_of(t, l).kind != WEIGHTS_orthogonal)
            add_initialize(&t->plan, draw, &t->train.layers[l], t->train.batch.state,
                           t->options.training.initialization);
    TRY(sequence_check(draw));
cleanup:
    return status;
}

/* A matrix that is made as a whole is made on the host. */
static epocl_status write_orthogonal(const epocl_trainer *t, size_t number, float scale) {
    epocl_status status = EPOCL_OK;
    layer *l = &t->network->layers[number];
    TRY(orthogonal_weights(l, (uint32_t)t->train.layers[number].number, t->options.training.seed, scale));
    TRY(executable_write_transposed(&t->executable, t->parameters.layers[number].weights, l->weights));
cleanup:
    return status;
}

/* Biases begin at 0. */
static epocl_status draw_parameters(epocl_trainer *t, const epocl_network *network, const sequence *draw) {
    epocl_status status = EPOCL_OK;
    bound_sequence bound = {0};
    for (size_t l = 0; l < t->parameters.layer_count; l++) {
        if (network->layers[l].is_given) continue;
        TRY(executable_clear(&t->executable, t->parameters.layers[l].weights));
        TRY(executable_clear(&t->executable, t->parameters.layers[l].biases));
        if (weights_of(t, l).kind == WEIGHTS_orthogonal) TRY(write_orthogonal(t, l, weights_of(t, l).scale));
    }
    TRY(bound_sequence_create(&bound, &t->executable, draw));
    TRY(bound_sequence_enqueue(&bound, 0));
    TRY(device_finish(t->device, t->device->queue, "the initial weights"));
cleanup:
    bound_sequence_release(&bound);
    return status;
}

/* Uploads the parameters that there are, and draws the others. */
static epocl_status begin_parameters(epocl_trainer *t, const epocl_network *network, const sequence *draw) {
    epocl_status status = EPOCL_OK;
    /* Choosing a plan has trained. */
    TRY(clear_slots(t));
    if (network->has_parameters || network->layers[0].is_given)
        TRY(parameters_write(t->parameters.layers, &t->executable, network));
    if (!network->has_parameters) TRY(draw_parameters(t, network, draw));
    TRY(begin_average(t));
cleanup:
    return status;
}

/* What of the data sets is on the device already. */
static void borrow(epocl_trainer *t, const epocl_dataset *train, const epocl_dataset *valid, const trainer_loan *loan,
                   lent_buffers *lent) {
    lent->taken_bytes = loan->taken_bytes;
    t->borrowed[0] = device_dataset_hold(loan->train);
    t->borrowed[1] = device_dataset_hold(loan->valid);
    if (loan->train) pass_borrow(&t->train, &t->plan, loan->train, loan_has_weights(loan->train, train), lent);
    if (loan->valid) pass_borrow(&t->valid, &t->plan, loan->valid, loan_has_weights(loan->valid, valid), lent);
}

epocl_status trainer_create_with(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                                 const epocl_dataset *valid, const training_options *options,
                                 const matmul_choice *matmul, const trainer_loan *loan, epocl_trainer **trainer) {
    epocl_status status = EPOCL_OK;
    sequence draw = {0};
    lent_buffers lent = {0};
    epocl_device *profiling = NULL;
    epocl_trainer *t = NULL;
    *trainer = NULL;
    if (options->profile) TRY(device_open_lane(device, true, &profiling));
    TRY(trainer_allocate(profiling ? profiling : device, &t));
    facts_describe(t->facts, train, valid, loan);
    t->is_one_of_many = loan != NULL;
    t->options = options_of_run(options, train);
    TRY(network_clone_shape(network, &t->network));
    TRY(trainer_plan(t, network, train, valid, options, matmul));
    matmul_choice_text(matmul, t->facts[FACT_MATMUL]);
    TRY(plan_draw(t, network, &draw));
    if (loan) borrow(t, train, valid, loan, &lent);

    const double begin = seconds_now();
    const sequence *sequences[] = {&draw, &t->train.begin, &t->train.step, &t->valid.begin,
                                   &t->valid.step}; /* empty without validation */
    TRY(executable_create(&t->executable, t->device, &t->plan, sequences, sizeof sequences / sizeof *sequences, &lent));
    TRY(pass_bind(&t->train, &t->executable));
    TRY(pass_upload(&t->train, &t->executable, network, train));
    const hyper_values hyper = recipe_hyper(&t->recipe, steps_of_epoch(&t->train));
    TRY(pass_write_hyper(&t->train, &t->executable, &hyper));
    if (valid) {
        TRY(pass_bind(&t->valid, &t->executable));
        TRY(pass_bind_step(&t->valid));
        TRY(pass_upload(&t->valid, &t->executable, network, valid));
        TRY(valid_figure_create(&t->figure, options->monitor, t->network, valid));
    }
    const double choice = seconds_now(), compiled = t->executable.compile_seconds;
    TRY(plan_choose(t, network, options));
    if (t->train.slice_steps == 0) TRY(pass_bind_step(&t->train));
    const double chosen = seconds_now();
    if (options->profile) t->reconsiders = false; /* a profile is of one plan, whose launches stay */
    trainer_name_plan(t, t->train.shape);
    t->position = (epoch_state){.seed_low = (uint32_t)options->seed, .seed_high = (uint32_t)(options->seed >> 32)};
    TRY(pass_write_state(&t->train, &t->executable, &t->position));
    TRY(begin_parameters(t, network, &draw));
    if (options->profile) TRY(profile_create(&t->executable, &t->profile));
    t->progress = (progress_watch){.tell = options->progress,
                                   .user = options->progress_user,
                                   .total = train->sample_count + (valid ? valid->sample_count : 0)};
    t->choice_seconds =
        chosen - choice - (t->executable.compile_seconds - compiled) - t->train.bound_resident.compile_seconds;
    t->upload_seconds = seconds_now() - begin - (chosen - choice) - compiled;
    *trainer = t;
    t = NULL;
cleanup:
    sequence_release(&draw);
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
                            const epocl_dataset *valid, const training_options *options, const trainer_loan *loan,
                            epocl_trainer **trainer) {
    epocl_status status = EPOCL_OK;
    matmul_choice matmul;
    weighed_data weighed = {0};
    const training_options heard = training_heard_by(device_main(device), options), *training = &heard;
    TRY(training_check(network, train, valid));
    TRY(class_weights_apply(&training->class_weights, train, network_output_count(network), &weighed));
    TRY(device_enter(device));
    const double begin = seconds_now();
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
    pass_release(&trainer->train);
    pass_release(&trainer->valid);
    valid_figure_release(&trainer->figure);
    profile_release(trainer->profile);
    executable_release(&trainer->executable);
    device_dataset_release(trainer->borrowed[0]);
    device_dataset_release(trainer->borrowed[1]);
    parameters_release(&trainer->parameters);
    plan_release(&trainer->plan);
    epocl_network_release(trainer->network);
    free(trainer->history);
    pthread_mutex_destroy(&trainer->stop_lock);
    epocl_device_release(trainer->device);
    free(trainer);
}

bool trainer_fits(const epocl_trainer *trainer, const epocl_network *network) {
    bool same = !network_is_ensemble(network) && network->layer_count == trainer->parameters.layer_count;
    for (size_t l = 0; same && l < network->layer_count; l++)
        same = network->layers[l].input_count == trainer->train.layers[l].input_count &&
               network->layers[l].output_count == trainer->train.layers[l].output_count;
    return same;
}

static epocl_status read_into(epocl_trainer *trainer, const layer_parameters *layers, epocl_network *network,
                              const char *caller) {
    if (!trainer_fits(trainer, network))
        return fail(EPOCL_ERROR_ARGUMENT, "%s: the network has another shape than the trainer", caller);
    const epocl_status usable = device_enter(trainer->device);
    return usable == EPOCL_OK ? parameters_read(layers, &trainer->executable, network) : usable;
}

epocl_status epocl_trainer_read(epocl_trainer *trainer, epocl_network *network) {
    if (!trainer || !network) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_read: NULL argument");
    return read_into(trainer, parameters_result(&trainer->parameters), network, "epocl_trainer_read");
}

epocl_status epocl_trainer_read_best(epocl_trainer *trainer, epocl_network *network) {
    if (!trainer || !network) return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_read_best: NULL argument");
    if (!trainer->has_best)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_trainer_read_best: %s",
                    trainer->has_valid ? "no epoch was the best so far" : "that takes validation data");
    return read_into(trainer, trainer->parameters.best, network, "epocl_trainer_read_best");
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
    const pass *train = &trainer->train;
    const size_t step_count = divide_up(train->batch.sample_count, train->batch.batch_size);
    const size_t step_launches = train->slice_steps > 0
                                     ? divide_up(step_count, train->slice_steps) * train->resident.count
                                     : step_count * train->step.count;
    const epocl_trainer_info made = {.choice_seconds = trainer->choice_seconds,
                                     .compile_seconds =
                                         trainer->executable.compile_seconds + train->bound_resident.compile_seconds,
                                     .upload_seconds = trainer->upload_seconds,
                                     .launch_count = train->begin.count + step_launches};
    result_write(info, info_bytes, &made, sizeof made);
}
