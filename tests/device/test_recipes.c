/* What a mini-batch is changed by and weighed with, against the definitions: learning rates by schedule, dropout's
 * draws, weights of samples, target values. */
#include "base/random.h"
#include "data/dataset.h"
#include "device/problem.h"
#include "plan/recipe.h"
#include "reference/recipe_steps.h"
#include "support/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *recipes_suite(void);

/* ---- schedules ---- */

enum { STEPS_PER_EPOCH = 7, EPOCHS = 5, WARMUP = 1 };

START_TEST(rates_follow_the_schedule) {
    const kernel_shape shape = {4, 3, 5, 6};
    const matmul_choice matmul = test_matmul(MATMUL_PLAIN);
    recipe r = recipe_plain(0.25f);
    r.schedule = _i;
    r.final_factor = 0.125f;
    r.warmup_epochs = WARMUP;
    r.epochs = EPOCHS;
    harness h;
    harness_create(&h, &matmul, &shape, shape.batch_size, false);
    recipe_define(&h.plan.constants, &r);
    add_rates(&h.sequence, &h.batch);
    harness_begin(&h);
    const hyper_values hyper = recipe_hyper(&r, STEPS_PER_EPOCH);
    ck_assert_ok(executable_write(&h.executable, h.batch.hyper, &hyper, sizeof hyper));
    for (uint32_t step = 0; step < (EPOCHS + 1) * STEPS_PER_EPOCH; step++) {
        const uint32_t warm = WARMUP * STEPS_PER_EPOCH, all = EPOCHS * STEPS_PER_EPOCH;
        h.state.epoch = 1 + step / STEPS_PER_EPOCH;
        h.state.step = step % STEPS_PER_EPOCH;
        h.state.batch_count = (uint32_t)shape.batch_count;
        ck_assert_ok(executable_write(&h.executable, h.batch.state, &h.state, sizeof h.state));
        harness_run(&h);
        const double x = fmin((double)(step - warm) / (double)(all - warm), 1.0);
        const double factor = step < warm ? (step + 1) / (double)warm : reference_schedule_factor(r.schedule, x, 0.125);
        /* Functions of a few ulp, of an argument that log2 and 2 pi make up to 26 times as uncertain. */
        ck_assert_msg(fabs((double)h.state.learning_rate - 0.25 * factor) <= 200 * 0.25 * ldexp(1.0, -24),
                      "%s, step %u: %.9g, not %.9g", schedule_words[_i], step, (double)h.state.learning_rate,
                      0.25 * factor);
        ck_assert(h.state.weight == 3.0f);
    }
    harness_release(&h);
}
END_TEST

/* After more steps than a word counts, training is at its end, and not at its beginning again. */
START_TEST(steps_beyond_a_word_are_the_last) {
    const kernel_shape shape = {4, 3, 5, 6};
    const matmul_choice matmul = test_matmul(MATMUL_PLAIN);
    const uint32_t steps_per_epoch = 3000000000;
    recipe r = recipe_plain(0.25f);
    r.schedule = SCHEDULE_linear;
    r.final_factor = 0.125f;
    r.warmup_epochs = WARMUP;
    r.epochs = EPOCHS;
    harness h;
    harness_create(&h, &matmul, &shape, shape.batch_size, false);
    recipe_define(&h.plan.constants, &r);
    add_rates(&h.sequence, &h.batch);
    harness_begin(&h);
    const hyper_values hyper = recipe_hyper(&r, steps_per_epoch);
    ck_assert_uint_eq(hyper.warmup_steps, steps_per_epoch);
    ck_assert_uint_eq(hyper.total_steps, UINT32_MAX);
    ck_assert_ok(executable_write(&h.executable, h.batch.hyper, &hyper, sizeof hyper));
    h.state.epoch = 3; /* 1,705,032,704 more than 2^32 */
    h.state.step = 0;
    h.state.batch_count = (uint32_t)shape.batch_count;
    ck_assert_ok(executable_write(&h.executable, h.batch.state, &h.state, sizeof h.state));
    harness_run(&h);
    ck_assert_double_eq_tol((double)h.state.learning_rate, 0.25 * 0.125, 1e-6);
    harness_release(&h);
}
END_TEST

/* ---- dropout ---- */

static reference_place place_of(const epoch_state *s, uint32_t place) {
    return (reference_place){(uint64_t)s->seed_high << 32 | s->seed_low, s->epoch, place};
}

START_TEST(dropped_units_are_those_drawn) {
    const kernel_shape shape = {9, 8, 7, 150};
    const matmul_provider provider = (matmul_provider)(MATMUL_PLAIN + _i);
    const matmul_choice matmul = test_matmul(provider);
    const float rate = 0.375f;
    double *inputs = calloc(9 * 7, sizeof *inputs), *weights = calloc(7 * 150, sizeof *weights);
    double *biases = malloc(150 * sizeof *biases), *outputs = malloc(9 * 150 * sizeof *outputs);
    size_t kept_count = 0;
    for (size_t i = 0; i < 150; i++) biases[i] = 1.0;
    recipe r = recipe_plain(0.1f);
    r.dropout[0] = rate;
    r.dropout_count = 1;
    harness h;
    harness_create(&h, &matmul, &shape, shape.batch_size, false);
    recipe_define(&h.plan.constants, &r);
    h.layer.is_output = false;
    h.layer.dropout = rate;
    h.state.seed_low = 5;
    h.state.seed_high = 6;
    h.state.first = 100;
    add_forward(&h.plan, &h.sequence, &h.batch, &h.layer);
    harness_begin(&h);
    harness_write(&h, h.layer.input, inputs);
    harness_write_transposed(&h, h.layer.weights, weights);
    harness_write(&h, h.layer.biases, biases);
    harness_run(&h);
    harness_read(&h, h.layer.output, outputs);
    for (uint32_t s = 0; s < shape.batch_count; s++) {
        const reference_place at = place_of(&h.state, 100 + s);
        for (uint32_t u = 0; u < 150; u++) {
            const uint32_t purpose = RANDOM_DROPOUT + 16 * (uint32_t)h.layer.number;
            const bool is_kept = !reference_is_left_out(&at, purpose, u, (double)rate);
            ck_assert_double_eq_tol(outputs[s * 150 + u], is_kept ? 1.0 / (1.0 - 0.375) : 0.0, 1e-6);
            kept_count += is_kept;
        }
    }
    /* Of 1,200 draws 750 are expected, with a deviation of 17. */
    ck_assert_uint_gt(kept_count, 650);
    ck_assert_uint_lt(kept_count, 850);
    harness_release(&h);
    double *arrays[] = {inputs, weights, biases, outputs};
    for (size_t i = 0; i < 4; i++) free(arrays[i]);
}
END_TEST

/* A rate for all hidden layers is one for each of them. */
START_TEST(layers_have_dropout_of_their_own) {
    epocl_dataset *data = NULL;
    epocl_network *network = NULL;
    epocl_trainer *trainer = NULL;
    epocl_options options = problem_options("plain", 16, 0.1f);
    problem_create(&data, &network);
    set_option(&options, "dropout", "0.25");
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    ck_assert(trainer->planned.train.layers[0].dropout == 0.25f && trainer->planned.train.layers[1].dropout == 0.25f);
    epocl_trainer_release(trainer);
    set_option(&options, "dropout", "0,0.5");
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    ck_assert(trainer->planned.train.layers[0].dropout == 0.0f && trainer->planned.train.layers[1].dropout == 0.5f);
    epocl_trainer_release(trainer);
    set_option(&options, "dropout", "0.1,0.2,0.3");
    ck_assert_int_eq(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer),
                     EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "2 hidden layers"));
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

/* ---- inputs ---- */

START_TEST(inputs_are_changed_as_drawn) {
    enum { IN = 150, BATCH = 9, COUNT = 8 };
    const kernel_shape shape = {BATCH, COUNT, IN, 4};
    const matmul_choice matmul = test_matmul((matmul_provider)(MATMUL_PLAIN + _i / 3));
    const float rate = _i % 3 == 1 ? 0.0f : 0.375f, deviation = _i % 3 == 2 ? 0.0f : 0.5f;
    double given[BATCH * IN], found[BATCH * IN], sum = 0.0, squares = 0.0;
    recipe r = recipe_plain(0.1f);
    r.input_dropout = rate;
    r.input_noise = deviation;
    harness h;
    harness_create(&h, &matmul, &shape, shape.batch_size, false);
    h.state.seed_low = 5;
    h.state.seed_high = 6;
    h.state.first = 100;
    add_perturb(&h.plan, &h.sequence, &h.batch, &h.layer, &r);
    harness_begin(&h);
    fill_reals(given, BATCH * IN, -1.0, 1.0, 7);
    harness_write(&h, h.layer.input, given);
    harness_run(&h);
    harness_read(&h, h.layer.input, found);
    for (uint32_t s = 0; s < BATCH; s++) {
        const reference_place at = place_of(&h.state, 100 + s);
        for (uint32_t u = 0; u < IN; u++) {
            const double noise = s < COUNT ? reference_noise(&at, u) : 0.0;
            const bool is_kept = s >= COUNT || !reference_is_left_out(&at, RANDOM_LEFT_OUT, u, (double)rate);
            const double factor = s >= COUNT ? 1.0 : 1.0 / (1.0 - (double)rate);
            const double expected = is_kept ? factor * (given[s * IN + u] + (double)deviation * noise) : 0.0;
            /* The logarithm, root, sine and cosine of a few ulp, of numbers below 6. */
            ck_assert_double_eq_tol(found[s * IN + u], expected, 32 * 6 * ldexp(1.0, -24));
            sum += noise;
            squares += noise * noise;
        }
    }
    /* Of 1,200 normal numbers the mean deviates by 0.03 and that of the squares by 0.04. */
    ck_assert_double_eq_tol(sum / (COUNT * IN), 0.0, 0.12);
    ck_assert_double_eq_tol(squares / (COUNT * IN), 1.0, 0.16);
    harness_check_untouched(&h, h.layer.input, BATCH, IN);
    harness_release(&h);
}
END_TEST

/* ---- weights, values, smoothing ---- */

enum { SAMPLES = 6, INPUTS = 3, CLASSES = 2 };
static const float inputs[SAMPLES * INPUTS] = {0.1f, 0.9f, 0.3f, 0.7f, 0.2f, 0.5f, 0.4f, 0.8f, 0.6f,
                                               0.3f, 0.1f, 0.9f, 0.6f, 0.5f, 0.2f, 0.8f, 0.4f, 0.7f};
static const uint32_t labels[SAMPLES] = {0, 1, 0, 1, 1, 0};

static epocl_dataset *dataset_of(size_t count, const size_t *places) {
    float of_places[16 * INPUTS];
    uint32_t labels_of[16];
    epocl_dataset *data = NULL;
    for (size_t i = 0; i < count; i++) {
        memcpy(of_places + i * INPUTS, inputs + places[i] * INPUTS, INPUTS * sizeof *inputs);
        labels_of[i] = labels[places[i]];
    }
    ck_assert_ok(epocl_dataset_from_floats(of_places, labels_of, count, INPUTS, CLASSES, &data));
    return data;
}

static epocl_options options_of(const char *provider) {
    epocl_options options = problem_options(provider, 16, 0.5f);
    set_option(&options, "normalize", "none");
    set_option(&options, "activation", "tanh");
    set_option(&options, "cost", "softmax-cross-entropy");
    return options;
}

/* One step of one batch each: a sample of weight 2 is as good as two. */
START_TEST(a_weight_of_two_is_a_sample_twice) {
    static const size_t once[] = {0, 1, 2, 3, 4, 5}, twice[] = {0, 0, 1, 2, 3, 3, 4, 5};
    static const float weights[] = {2, 1, 1, 2, 1, 1};
    const epocl_options options = options_of(problem_providers[_i]);
    epocl_dataset *weighted = dataset_of(6, once), *repeated = dataset_of(8, twice);
    epocl_network *one = NULL, *other = NULL;
    ck_assert_ok(epocl_dataset_set_weights(weighted, weights));
    ck_assert_ok(epocl_network_create(repeated, &options, &one));
    ck_assert_ok(epocl_network_create(repeated, &options, &other));
    const epocl_epoch_result of_weights = problem_train(one, weighted, &options, 1);
    const epocl_epoch_result of_copies = problem_train(other, repeated, &options, 1);
    ck_assert_double_eq_tol(of_weights.train_cost, of_copies.train_cost, 1e-6);
    for (size_t i = 0; i < INPUTS * CLASSES; i++)
        ck_assert_double_eq_tol((double)one->layers[0].weights[i], (double)other->layers[0].weights[i], 1e-6);
    epocl_network_release(one);
    epocl_network_release(other);
    epocl_dataset_release(weighted);
    epocl_dataset_release(repeated);
}
END_TEST

/* The same for a class, whose samples may have weights of their own; and of what is balanced. */
START_TEST(a_class_of_weight_two_is_its_samples_twice) {
    static const size_t all[] = {0, 1, 2, 3, 4}, repeated[] = {0, 0, 1, 2, 2, 3, 4};
    static const float weights[] = {1, 1, 1, 1.5f, 1}, repeated_weights[] = {1, 1, 1, 1, 1, 1.5f, 1};
    epocl_options options = options_of(problem_providers[_i]), weighed = options, balanced = options;
    set_option(&weighed, "class-weights", "2,1");
    set_option(&balanced, "class-weights", "balanced");
    epocl_dataset *data = dataset_of(5, all), *copies = dataset_of(7, repeated); /* 2 of class 0, 3 of class 1 */
    epocl_network *networks[4] = {NULL};
    for (size_t i = 0; i < 4; i++) ck_assert_ok(epocl_network_create(copies, &options, &networks[i]));
    ck_assert_ok(epocl_dataset_set_weights(data, weights));
    ck_assert_ok(epocl_dataset_set_weights(copies, repeated_weights));
    const epocl_epoch_result of_weights = problem_train(networks[0], data, &weighed, 1);
    const epocl_epoch_result of_copies = problem_train(networks[1], copies, &options, 1);
    ck_assert_double_eq_tol(of_weights.train_cost, of_copies.train_cost, 1e-6);
    for (size_t i = 0; i < INPUTS * CLASSES; i++)
        ck_assert_double_eq_tol((double)networks[0]->layers[0].weights[i], (double)networks[1]->layers[0].weights[i],
                                1e-6);
    ck_assert_float_eq(data->weights[0], 1.0f); /* the caller's stay as they are */

    set_option(&weighed, "class-weights", "1.25,0.83333333333333333");
    problem_train(networks[2], data, &weighed, 2);
    problem_train(networks[3], data, &balanced, 2);
    ck_assert_mem_eq(networks[2]->layers[0].weights, networks[3]->layers[0].weights, INPUTS * CLASSES * sizeof(float));
    for (size_t i = 0; i < 4; i++) epocl_network_release(networks[i]);
    epocl_dataset_release(data);
    epocl_dataset_release(copies);
}
END_TEST

START_TEST(class_weights_that_do_not_fit_are_refused) {
    static const size_t zeros[] = {0, 2};
    static const float values[] = {1, 2, 3, 4};
    static const struct {
        const char *text, *part;
    } cases[] = {{"1,2,3", "class-weights has 3 weights for 2 classes"}, {"0,1", "are 0 for all classes"}};
    epocl_options options = options_of("plain");
    epocl_dataset *data = dataset_of(2, zeros);
    epocl_network *network = NULL;
    epocl_trainer *trainer = NULL;
    epocl_plan *plan_ = NULL;
    ck_assert_ok(epocl_network_create(data, &options, &network));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set_option(&options, "class-weights", cases[i].text);
        ck_assert_int_eq(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer),
                         EPOCL_ERROR_ARGUMENT);
        ck_assert_msg(strstr(epocl_last_error(), cases[i].part) != NULL, "%s", epocl_last_error());
        ck_assert_int_eq(epocl_plan_create(test_device(), network, data, NULL, &options, &plan_), EPOCL_ERROR_ARGUMENT);
    }
    epocl_network_release(network);
    ck_assert_ok(epocl_dataset_set_values(data, values, 2));
    set_option(&options, "cost", "squared");
    ck_assert_ok(epocl_network_create(data, &options, &network));
    ck_assert_int_eq(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer),
                     EPOCL_ERROR_ARGUMENT);
    ck_assert_msg(strstr(epocl_last_error(), "are values") != NULL, "%s", epocl_last_error());

    /* Validation data must have targets of the same kind. */
    epocl_dataset *labelled = dataset_of(2, zeros);
    set_option(&options, "class-weights", "none");
    ck_assert_int_eq(epocl_trainer_create(test_device(), network, data, labelled, &options, &trainer),
                     EPOCL_ERROR_DATA);
    ck_assert_msg(strstr(epocl_last_error(), "validation data: its targets are labels") != NULL, "%s",
                  epocl_last_error());
    epocl_network_release(network);
    epocl_dataset_release(labelled);
    epocl_dataset_release(data);
}
END_TEST

/* A linear law is found, and what is predicted is what it says. */
START_TEST(values_are_learned) {
    static const size_t all[] = {0, 1, 2, 3, 4, 5};
    float values[SAMPLES * 2], outputs[SAMPLES * 2];
    epocl_options options = options_of(problem_providers[_i]);
    set_option(&options, "cost", "squared");
    epocl_dataset *data = dataset_of(SAMPLES, all);
    epocl_network *network = NULL;
    epocl_evaluation evaluation;
    for (size_t s = 0; s < SAMPLES; s++) {
        values[2 * s] = 1.0f + 2.0f * inputs[s * INPUTS] - inputs[s * INPUTS + 1];
        values[2 * s + 1] = inputs[s * INPUTS + 2] - 3.0f;
    }
    ck_assert_ok(epocl_dataset_set_values(data, values, 2));
    ck_assert_uint_eq(epocl_dataset_value_count(data), 2);
    ck_assert_ok(epocl_network_create(data, &options, &network));
    const epocl_epoch_result result = problem_train(network, data, &options, 2000);
    ck_assert_double_lt(result.train_cost, 1e-5);
    ck_assert(isnan(result.train_accuracy));
    ck_assert_ok(epocl_evaluate(test_device(), network, data, &evaluation));
    ck_assert_double_lt(evaluation.cost, 1e-5);
    ck_assert_ok(epocl_predict(test_device(), network, data, outputs));
    for (size_t i = 0; i < SAMPLES * 2; i++) ck_assert_double_eq_tol((double)outputs[i], (double)values[i], 0.02);
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

/* From weights of 0 every output is as likely: the cost is that of the entropy, smoothed or not, and the step of the
 * biases is towards the smoothed targets. */
START_TEST(smoothed_targets_are_between) {
    static const size_t one[] = {1};
    epocl_options options = options_of("plain");
    set_option(&options, "label-smoothing", "0.5");
    epocl_dataset *data = dataset_of(1, one);
    epocl_network *network = NULL;
    ck_assert_ok(epocl_network_create(data, &options, &network));
    network->has_parameters = true; /* all of them 0 */
    problem_train(network, data, &options, 1);
    /* Targets 0.25 and 0.75, outputs 0.5, rate 0.5. */
    ck_assert_double_eq_tol((double)network->layers[0].biases[0], -0.125, 1e-6);
    ck_assert_double_eq_tol((double)network->layers[0].biases[1], 0.125, 1e-6);
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

/* ---- gradients by way of memory ---- */

/* Trains the problem with two hidden layers for some epochs; `settings` are pairs of names and texts, ended by NULL. */
static epocl_network *train_with(const char *provider, size_t batch_size, size_t epochs, const char *const *settings) {
    epocl_options options = problem_options(provider, batch_size, 0.25f);
    epocl_dataset *data = NULL;
    epocl_network *network = NULL;
    problem_create(&data, &network);
    for (; *settings; settings += 2) set_option(&options, settings[0], settings[1]);
    problem_train(network, data, &options, epochs);
    epocl_dataset_release(data);
    return network;
}
#define SETTINGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void assert_same_and_release(epocl_network *one, epocl_network *other) {
    ck_assert(same_parameters(one, other));
    epocl_network_release(one);
    epocl_network_release(other);
}

/* A step in memory is the step in registers, and a bound that nothing reaches changes no bit. That of sgd, which does
 * nothing that adam's does not, for the first two alone. */
START_TEST(a_norm_that_is_not_reached_clips_nothing) {
    static const char *const optimizers[] = {"adam", "sgd"};
    const char *provider = problem_providers[_i % PROBLEM_PROVIDERS], *optimizer = optimizers[_i / PROBLEM_PROVIDERS];
    epocl_network *free_ = train_with(provider, 16, 2, SETTINGS("optimizer", optimizer));
    epocl_network *bound = train_with(provider, 16, 2, SETTINGS("optimizer", optimizer, "clip-norm", "1e20"));
    assert_same_and_release(free_, bound);
}
END_TEST

/* The largest step of plain gradient descent is the rate times the norm. */
START_TEST(a_clipped_gradient_is_as_long_as_it_may_be) {
    const char *provider = problem_providers[_i];
    epocl_network *before = train_with(provider, PROBLEM_SAMPLES, 1, SETTINGS("learning-rate", "1e-30"));
    epocl_network *after = train_with(provider, PROBLEM_SAMPLES, 1, SETTINGS("clip-norm", "0.01"));
    double squares = 0.0;
    for (size_t l = 0; l < before->layer_count; l++) {
        const layer *from = &before->layers[l], *to = &after->layers[l];
        for (size_t i = 0; i < from->input_count * from->output_count; i++)
            squares += pow((double)to->weights[i] - (double)from->weights[i], 2);
        for (size_t i = 0; i < from->output_count; i++)
            squares += pow((double)to->biases[i] - (double)from->biases[i], 2);
    }
    /* 1e-6 / 0.01 is a ten thousandth at most; rounding of weights near 1 is 2^-25 each, of 1,200. */
    ck_assert_double_eq_tol(sqrt(squares), 0.25 * 0.01, 0.25 * 0.01 * 1e-4 + 1e-6);
    epocl_network_release(before);
    epocl_network_release(after);
}
END_TEST

/* Also where the last group has fewer mini-batches, and its last one fewer samples. */
START_TEST(a_group_is_a_mini_batch) {
    static const struct {
        size_t batch;
        const char *count;
        size_t whole;
    } cases[] = {{25, "12", 300}, {7, "12", 84}, {300, "12", 300}}; /* of one count, which is compiled into kernels */
    const char *provider = problem_providers[_i / 3];
    const size_t c = (size_t)_i % 3;
    epocl_network *groups = train_with(provider, cases[c].batch, 3, SETTINGS("accumulate", cases[c].count));
    epocl_network *whole = train_with(provider, cases[c].whole, 3, SETTINGS("accumulate", "1"));
    for (size_t l = 0; l < whole->layer_count; l++)
        for (size_t i = 0; i < whole->layers[l].input_count * whole->layers[l].output_count; i++)
            ck_assert_double_eq_tol((double)groups->layers[l].weights[i], (double)whole->layers[l].weights[i], 2e-6);
    epocl_network_release(groups);
    epocl_network_release(whole);
}
END_TEST

/* A step an epoch: the average of what other runs end with after each. It is what is validated, too. */
START_TEST(averages_are_as_defined) {
    enum { RUNS = 4 };
    const double memory = 0.6;
    const char *provider = problem_providers[_i];
    epocl_network *ends[RUNS + 1], *averaged = NULL;
    epocl_options options = problem_options(provider, PROBLEM_SAMPLES, 2.0f);
    epocl_dataset *data = NULL;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result;
    epocl_evaluation evaluation;
    problem_create(&data, &averaged);
    ends[0] = train_with(provider, PROBLEM_SAMPLES, 1, SETTINGS("learning-rate", "1e-30"));
    for (size_t n = 1; n <= RUNS; n++)
        ends[n] = train_with(provider, PROBLEM_SAMPLES, n, SETTINGS("learning-rate", "2"));
    set_option(&options, "average", "0.6");
    ck_assert_ok(epocl_trainer_create(test_device(), averaged, data, data, &options, &trainer));
    for (size_t n = 1; n <= RUNS; n++) ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_ok(epocl_trainer_read(trainer, averaged));
    for (size_t l = 0; l < averaged->layer_count; l++) {
        const layer *found = &averaged->layers[l];
        for (size_t i = 0; i < (found->input_count + 1) * found->output_count; i++) {
            const size_t weights = found->input_count * found->output_count;
            double expected = 0.0;
            for (size_t n = 0; n <= RUNS; n++) {
                const layer *end = &ends[n]->layers[l];
                const double w = (double)(i < weights ? end->weights[i] : end->biases[i - weights]);
                const double kept = fmin(memory, (1.0 + (double)n) / (10.0 + (double)n));
                expected = n == 0 ? w : kept * expected + (1.0 - kept) * w;
            }
            const double actual = (double)(i < weights ? found->weights[i] : found->biases[i - weights]);
            ck_assert_double_eq_tol(actual, expected, 1e-6);
        }
    }
    ck_assert_ok(epocl_evaluate(test_device(), averaged, data, &evaluation));
    ck_assert_double_eq_tol(evaluation.cost, result.valid_cost, 1e-6);
    for (size_t n = 0; n <= RUNS; n++) epocl_network_release(ends[n]);
    epocl_trainer_release(trainer);
    epocl_network_release(averaged);
    epocl_dataset_release(data);
}
END_TEST

static double norm_of_unit(const layer *l, size_t unit) {
    double squares = 0.0;
    for (size_t i = 0; i < l->input_count; i++) squares += pow((double)l->weights[unit * l->input_count + i], 2);
    return sqrt(squares);
}

/* 0.9 is about what units begin with, so that it holds some and not others; 1e15 holds none. */
START_TEST(no_unit_has_a_larger_norm) {
    const char *provider = problem_providers[_i];
    epocl_network *held = train_with(provider, 16, 2, SETTINGS("max-norm", "0.9"));
    epocl_network *free_ = train_with(provider, 16, 2, SETTINGS("optimizer", "sgd"));
    size_t count_at = 0, count_below = 0, count_above = 0;
    for (size_t l = 0; l < held->layer_count; l++) {
        for (size_t unit = 0; unit < held->layers[l].output_count; unit++) {
            const double norm = norm_of_unit(&held->layers[l], unit);
            /* Sums of 30 squares, a root, a division, products: each rounded once. */
            ck_assert_double_le(norm, 0.9 * (1.0 + 20.0 * ldexp(1.0, -24)));
            count_at += norm > 0.9 * (1.0 - 20.0 * ldexp(1.0, -24));
            count_below += norm < 0.89;
            count_above += norm_of_unit(&free_->layers[l], unit) > 0.9;
        }
    }
    ck_assert_uint_gt(count_at, 0);
    ck_assert_uint_gt(count_below, 0);
    ck_assert_uint_gt(count_above, 0);
    epocl_network_release(held);
    assert_same_and_release(free_, train_with(provider, 16, 2, SETTINGS("max-norm", "1e15")));
}
END_TEST

/* The resident plan is the layered one, also where both kinds of writers meet. Of items those without a norm alone:
 * with one, and with all else, they are in the suite of items. */
static const char *const resident_recipes[][9] = {
    {"optimizer", "nadam", "dropout", "0.25,0.1", "max-norm", "0.9", "input-noise", "0.1", NULL},
    {"optimizer", "adam", "average", "0.9", "accumulate", "3", "input-dropout", "0.2", NULL},
    {"clip-norm", "0.05", NULL},
    {"optimizer", "adamw", "clip-norm", "0.1", "accumulate", "2", "weight-decay", "0.1", NULL},
};
enum { RESIDENT_RECIPES = 4, RECIPES_OF_ITEMS = 2 };

static void assert_layered(const char *matmul, const char *kind, const char *const *settings) {
    assert_same_and_release(train_with(matmul, 16, 3, settings), train_with(kind, 16, 3, settings));
}

START_TEST(resident_is_layered) {
    assert_layered("tile", "resident", resident_recipes[_i]);
}
END_TEST

START_TEST(items_are_layered) {
    assert_layered("plain", "items", resident_recipes[_i]);
    assert_layered("tile", "items of tiles", resident_recipes[_i]);
}
END_TEST

Suite *recipes_suite(void) {
    Suite *suite = suite_create("recipes");
    TCase *tests = tcase_create("recipes");
    tcase_add_loop_test(tests, rates_follow_the_schedule, 0, SCHEDULE_COUNT);
    tcase_add_test(tests, steps_beyond_a_word_are_the_last);
    tcase_add_loop_test(tests, dropped_units_are_those_drawn, 0, 3);
    tcase_add_test(tests, layers_have_dropout_of_their_own);
    tcase_add_loop_test(tests, inputs_are_changed_as_drawn, 0, 9);
    tcase_add_loop_test(tests, a_weight_of_two_is_a_sample_twice, 0, PROBLEM_PROVIDERS);
    tcase_add_loop_test(tests, a_class_of_weight_two_is_its_samples_twice, 0, PROBLEM_PROVIDERS);
    tcase_add_test(tests, class_weights_that_do_not_fit_are_refused);
    tcase_add_loop_test(tests, values_are_learned, 0, PROBLEM_PROVIDERS);
    tcase_add_test(tests, smoothed_targets_are_between);
    suite_add_tcase(suite, tests);
    TCase *runs = tcase_create("runs");
    tcase_add_loop_test(runs, a_norm_that_is_not_reached_clips_nothing, 0, PROBLEM_PROVIDERS + 2);
    tcase_add_loop_test(runs, a_clipped_gradient_is_as_long_as_it_may_be, 0, PROBLEM_PROVIDERS);
    tcase_add_loop_test(runs, a_group_is_a_mini_batch, 0, 3 * PROBLEM_PROVIDERS);
    tcase_add_loop_test(runs, averages_are_as_defined, 0, PROBLEM_PROVIDERS);
    tcase_add_loop_test(runs, no_unit_has_a_larger_norm, 0, PROBLEM_PROVIDERS);
    tcase_add_loop_test(runs, resident_is_layered, 0, RESIDENT_RECIPES);
    tcase_add_loop_test(runs, items_are_layered, 0, RECIPES_OF_ITEMS);
    suite_add_tcase(suite, runs);
    return suite;
}
