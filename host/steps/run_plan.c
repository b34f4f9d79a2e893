#include "steps/run_plan.h"
#include "base/plural.h"
#include "options/monitors.h"

#include <stdio.h>

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

static epocl_status plan_passes(run_plan *r, const epocl_network *network, const epocl_dataset *train,
                                const epocl_dataset *valid, const training_options *options) {
    epocl_status status = EPOCL_OK;
    const bool have_weights = train->weights || (valid && valid->weights); /* one program for both */
    pass_data train_data = pass_data_of(train, "train", options->batch_size);
    train_data.frozen = options->freeze;
    train_data.has_weights = have_weights;
    TRY(pass_plan_training(&r->train, &r->plan, &r->parameters, network, &train_data, &r->recipe));
    if (!valid) return EPOCL_OK;
    pass_data valid_data = pass_data_of(valid, "valid", EVALUATION_BATCH);
    valid_data.has_weights = have_weights;
    valid_data.keeps_outputs = monitor_is_metric(options->monitor);
    parameter_tensors evaluated = r->parameters; /* not owned */
    evaluated.layers = parameters_result(&r->parameters);
    TRY(pass_plan_evaluation(&r->valid, &r->plan, &evaluated, network, &valid_data));
    TRY(parameters_plan_best(&r->parameters, &r->plan, network));
    TRY(plan_check(&r->plan));
cleanup:
    return status;
}

weight_distribution run_plan_weights(const run_plan *r, size_t number) {
    return initial_weights(&r->train.layers[number], r->initialization);
}

/* Of all layers but those that were given, and those whose matrices are made as a whole. */
static epocl_status plan_draw(run_plan *r, const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    TRY(sequence_create(&r->draw));
    for (size_t l = 0; l < r->train.layer_count; l++)
        if (!network->layers[l].is_given && run_plan_weights(r, l).kind != WEIGHTS_orthogonal)
            add_initialize(&r->plan, &r->draw, &r->train.layers[l], r->train.batch.state, r->initialization);
    sequence_split(&r->draw, r->plan.launch_flop, r->plan.launch_rows);
    TRY(sequence_check(&r->draw));
cleanup:
    return status;
}

/* All but the passes. */
static epocl_status begin(run_plan *r, const epocl_device_info *device, const epocl_network *network,
                          const training_options *options, const matmul_choice *matmul) {
    epocl_status status = EPOCL_OK;
    *r = (run_plan){.recipe = recipe_of(options), .initialization = options->initialization, .seed = options->seed};
    TRY(check_recipe(&r->recipe, network));
    TRY(plan_create(&r->plan, matmul, device));
    TRY(parameters_plan(&r->parameters, &r->plan, network, &r->recipe));
    TRY(check_frozen(network, options->freeze));
cleanup:
    return status;
}

epocl_status run_plan_create_step(run_plan *r, const epocl_device_info *device, const epocl_network *network,
                                  const training_options *options, size_t batch_size, const matmul_choice *matmul) {
    epocl_status status = EPOCL_OK;
    const pass_data data = {
        .name = "train", .sample_count = batch_size, .batch_size = batch_size, .frozen = options->freeze};
    TRY(begin(r, device, network, options, matmul));
    TRY(pass_plan_training(&r->train, &r->plan, &r->parameters, network, &data, &r->recipe));
cleanup:
    if (status != EPOCL_OK) run_plan_release(r);
    return status;
}

epocl_status run_plan_create(run_plan *r, const epocl_device_info *device, const epocl_network *network,
                             const epocl_dataset *train, const epocl_dataset *valid, const training_options *options,
                             const matmul_choice *matmul, bool is_one_of_many) {
    epocl_status status = EPOCL_OK;
    TRY(begin(r, device, network, options, matmul));
    r->has_valid = valid != NULL;
    r->is_one_of_many = is_one_of_many;
    if (is_one_of_many) r->plan.resident_groups = 1;
    TRY(plan_passes(r, network, train, valid, options));
    TRY(plan_draw(r, network));
cleanup:
    if (status != EPOCL_OK) run_plan_release(r);
    return status;
}

void run_plan_name(const run_plan *r, plan_shape shape, char name[RUN_PLAN_NAME_CAPACITY]) {
    char matmul[MATMUL_TEXT_CAPACITY], text[PLAN_TEXT_CAPACITY];
    matmul_choice_text(&r->plan.matmul, matmul);
    plan_request_text(&(plan_request){.shape = shape}, text);
    snprintf(name, RUN_PLAN_NAME_CAPACITY, "%s, matmul %s", text, matmul);
}

void run_plan_release(run_plan *r) {
    pass_plan_release(&r->train);
    pass_plan_release(&r->valid);
    parameters_release(&r->parameters);
    sequence_release(&r->draw);
    plan_release(&r->plan);
    *r = (run_plan){0};
}
