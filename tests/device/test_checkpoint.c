/* A run that is stopped, saved and resumed is the run that was not, byte for byte. */
#include "data/dataset.h"
#include "device/problem.h"
#include "execution/parameters.h"
#include "support/options.h"
#include "support/scratch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *checkpoint_suite(void);

/* 75 samples in batches of 8: the last of an epoch's 10 steps has 3. */
enum { SAMPLES = 75, INPUTS = 9, CLASSES = 4, BATCH = 8, STEPS = 10, EPOCHS = 4 };

static epocl_dataset *data, *valid;
static epocl_network *network;

static epocl_dataset *make_data(size_t sample_count, float offset) {
    float inputs[SAMPLES * INPUTS];
    uint32_t labels[SAMPLES];
    epocl_dataset *made = NULL;
    for (size_t i = 0; i < sample_count * INPUTS; i++) inputs[i] = (float)(i * 7919 % 101) / 101.0f + offset;
    for (size_t i = 0; i < sample_count; i++) labels[i] = (uint32_t)(i * i % CLASSES);
    ck_assert_ok(epocl_dataset_from_floats(inputs, labels, sample_count, INPUTS, CLASSES, &made));
    return made;
}

static bool has_recipe; /* whether options_for() sets one: of two of the tests */

static void setup(void) {
    static const size_t hidden[] = {11, 6};
    epocl_options shape;
    has_recipe = false;
    scratch_create();
    data = make_data(SAMPLES, 0.0f);
    valid = make_data(20, 0.25f);
    options_begin_recipe(&shape, RECIPE_SEED);
    set_hidden(&shape, hidden, 2);
    ck_assert_ok(epocl_network_create(data, &shape, &network));
}

static void teardown(void) {
    epocl_network_release(network);
    epocl_dataset_release(valid);
    epocl_dataset_release(data);
    scratch_remove();
}

static char told[1024];

static void hear(const char *text, void *unused) {
    (void)unused;
    strncat(told, text, sizeof told - strlen(told) - 1);
}

enum { RECIPE_OPTIONS = 7 };

/* A recipe for each provider, so that each optimiser, schedule and change of a mini-batch goes on exactly. */
static const char *const recipes[PROBLEM_PROVIDERS][RECIPE_OPTIONS][2] = {
    {{"optimizer", "sgd"}, {"accumulate", "3"}},
    {{"optimizer", "adam"}, {"dropout", "0.2"}, {"clip-norm", "0.1"}, {"initialization", "orthogonal"}},
    {{"optimizer", "nesterov"}, {"schedule", "cosine"}, {"input-noise", "0.1"}, {"input-dropout", "0.2"}},
    {{"optimizer", "lion"}, {"weight-decay", "0.01"}, {"accumulate", "2"}, {"average", "0.5"}},
    {{"optimizer", "adamw"},
     {"schedule", "one-cycle"},
     {"accumulate", "4"},
     {"clip-norm", "0.2"},
     {"max-norm", "0.9"},
     {"average", "0.9"}},
    {{"optimizer", "momentum"}, {"accumulate", "2"}, {"clip-norm", "0.2"}, {"dropout", "0.1"}, {"max-norm", "0.8"}}};

static void set_recipe(epocl_options *options, const char *provider) {
    for (size_t i = 0; i < PROBLEM_PROVIDERS; i++) {
        if (strcmp(problem_providers[i], provider) != 0) continue;
        for (size_t o = 0; o < RECIPE_OPTIONS && recipes[i][o][0]; o++)
            set_option(options, recipes[i][o][0], recipes[i][o][1]);
        set_option(options, "schedule-epochs", "3");
        set_option(options, "warmup", "1");
        set_option(options, "class-weights", "balanced");
        set_option(options, "learning-rate", "0.05");
    }
}

static epocl_options options_for(const char *provider) {
    epocl_options options = problem_options(provider, BATCH, 0.7f);
    options.training.seed = 0x123456789ABCDEFu;
    options.training.message = hear;
    told[0] = '\0';
    if (has_recipe) set_recipe(&options, provider);
    return options;
}

static epocl_trainer *begin(const char *provider) {
    epocl_trainer *trainer = NULL;
    const epocl_options options = options_for(provider);
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, &options, &trainer));
    return trainer;
}

/* Ends the epoch that runs next after one step of it. */
static void stop_after_a_step(epocl_trainer *trainer) {
    const uint32_t stop = 1;
    ck_assert_ok(executable_write(&trainer->run.executable, trainer->planned.train.batch.stop, &stop, sizeof stop));
}

static void run_epochs(epocl_trainer *trainer, size_t count) {
    epocl_epoch_result result;
    for (size_t i = 0; i < count; i++) ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
}

/* Runs `count` steps of an epoch, each up to a stop of its own; false when the epoch is finished. */
static bool run_steps(epocl_trainer *trainer, size_t count) {
    epocl_epoch_result result;
    for (size_t i = 0; i < count; i++) {
        stop_after_a_step(trainer);
        const epocl_status status = epocl_trainer_run_epoch(trainer, &result);
        if (status == EPOCL_OK) { /* the last step: the stop came too late and is for the next epoch */
            const uint32_t go_on = 0;
            ck_assert_ok(
                executable_write(&trainer->run.executable, trainer->planned.train.batch.stop, &go_on, sizeof go_on));
            return false;
        }
        ck_assert_int_eq(status, EPOCL_STOPPED);
    }
    return true;
}

/* What a file of that path has is saved in memory and loaded from there. */
static epocl_checkpoint *load_from_memory(epocl_trainer *trainer, const char *path) {
    static unsigned char of_file[1 << 16];
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    const size_t file_count = fread(of_file, 1, sizeof of_file, file);
    fclose(file);
    epocl_checkpoint *checkpoint = NULL;
    void *bytes = NULL;
    size_t count = 0;
    ck_assert_ok(epocl_trainer_save_memory(trainer, &bytes, &count));
    ck_assert_uint_eq(count, file_count);
    ck_assert_mem_eq(bytes, of_file, count);
    ck_assert_ok(epocl_checkpoint_load_memory(bytes, count, &checkpoint));
    epocl_checkpoint *damaged = NULL;
    ((unsigned char *)bytes)[count / 2] ^= 1;
    ck_assert_int_eq(epocl_checkpoint_load_memory(bytes, count, &damaged), EPOCL_ERROR_DATA);
    ck_assert_ptr_null(damaged);
    epocl_memory_release(bytes);
    return checkpoint;
}

/* Saves, releases, and creates again from the file, or from memory: in turn. */
static void save_and_resume(epocl_trainer **trainer, const char *provider) {
    const epocl_options options = options_for(provider);
    const char *path = scratch_path("checkpoint");
    static bool in_memory;
    epocl_checkpoint *checkpoint = NULL;
    const bool is_within = position_is_of_epoch(&(*trainer)->position, (*trainer)->epoch);
    const double seconds = (*trainer)->seconds;
    ck_assert_ok(epocl_trainer_save(*trainer, path));
    in_memory = !in_memory;
    if (in_memory)
        checkpoint = load_from_memory(*trainer, path);
    else
        ck_assert_ok(epocl_checkpoint_load(path, &checkpoint));
    epocl_trainer_release(*trainer);
    ck_assert_ok(epocl_trainer_resume(test_device(), checkpoint, data, valid, &options, trainer));
    if (is_within) ck_assert((*trainer)->seconds == seconds); /* those of the epoch so far */
    epocl_checkpoint_release(checkpoint);
}

/* History (but for the time) and parameters, by bits. */
static void assert_same(epocl_trainer *one, epocl_trainer *other) {
    const size_t count = epocl_trainer_epoch_count(one);
    ck_assert_uint_eq(count, epocl_trainer_epoch_count(other));
    for (size_t i = 0; i < count; i++) {
        epocl_epoch_result expected, found;
        ck_assert_ok(epocl_trainer_history(one, i, &expected));
        ck_assert_ok(epocl_trainer_history(other, i, &found));
        ck_assert(isfinite(expected.valid_cost));
        ck_assert(found.seconds > 0);
        expected.seconds = found.seconds;
        ck_assert_mem_eq(&expected, &found, sizeof expected);
    }
    epocl_network *copy = NULL;
    ck_assert_ok(network_clone_shape(network, &copy));
    ck_assert_ok(epocl_trainer_read(one, network));
    ck_assert_ok(epocl_trainer_read(other, copy));
    for (size_t l = 0; l < network->layer_count; l++) {
        const layer *a = &network->layers[l], *b = &copy->layers[l];
        ck_assert_mem_eq(a->weights, b->weights, a->input_count * a->output_count * sizeof(float));
        ck_assert_mem_eq(a->biases, b->biases, a->output_count * sizeof(float));
    }
    epocl_network_release(copy);
    epocl_trainer_release(one);
    epocl_trainer_release(other);
}

/* Each provider, with plain gradient descent and then with its recipe. */
static const char *provider_of_test(int index) {
    has_recipe = index >= PROBLEM_PROVIDERS;
    return problem_providers[index % PROBLEM_PROVIDERS];
}

START_TEST(stops_change_nothing) {
    const char *provider = provider_of_test(_i);
    epocl_trainer *whole = begin(provider), *stopped = begin(provider);
    run_epochs(whole, EPOCHS);
    for (size_t epoch = 0; epoch < EPOCHS; epoch++)
        if (run_steps(stopped, epoch * 3 + 1)) run_epochs(stopped, 1);
    assert_same(whole, stopped);
}
END_TEST

START_TEST(an_epoch_goes_on_in_a_new_trainer) {
    const char *provider = provider_of_test(_i);
    epocl_trainer *whole = begin(provider), *resumed = begin(provider);
    run_epochs(whole, EPOCHS);
    save_and_resume(&resumed, provider); /* before any epoch */
    run_epochs(resumed, 1);
    save_and_resume(&resumed, provider); /* between epochs */
    ck_assert_str_eq(told, "compiling the kernels and uploading the data");
    epocl_trainer_stop(resumed);
    epocl_epoch_result result;
    ck_assert_int_eq(epocl_trainer_run_epoch(resumed, &result), EPOCL_STOPPED);
    ck_assert_uint_eq(result.sample_count, 0);
    save_and_resume(&resumed, provider); /* before the first step */
    for (size_t step = 1; run_steps(resumed, 1); step++)
        if (step % 4 == 1) save_and_resume(&resumed, provider); /* after steps 1, 5 and 9: before the last */
    run_epochs(resumed, 1);
    ck_assert(run_steps(resumed, 2));
    save_and_resume(&resumed, provider);
    run_epochs(resumed, 1);
    assert_same(whole, resumed);
}
END_TEST

/* Validation data of three mini-batches, the last of which has 76 samples. */
static epocl_dataset *make_long_valid(void) {
    enum { COUNT = 2 * EVALUATION_BATCH + 76 };
    float *inputs = malloc(COUNT * INPUTS * sizeof *inputs);
    uint32_t *labels = malloc(COUNT * sizeof *labels);
    epocl_dataset *made = NULL;
    ck_assert(inputs && labels);
    for (size_t i = 0; i < COUNT * INPUTS; i++) inputs[i] = (float)(i * 7919 % 103) / 103.0f;
    for (size_t i = 0; i < COUNT; i++) labels[i] = (uint32_t)(i * i % CLASSES);
    ck_assert_ok(epocl_dataset_from_floats(inputs, labels, COUNT, INPUTS, CLASSES, &made));
    free(inputs);
    free(labels);
    return made;
}

/* Runs an epoch to a stop within its validation, after `sample_count` samples of that; all of its training is done. */
static void stop_in_validation(epocl_trainer *trainer, bool at_once, uint32_t sample_count) {
    const uint32_t stop = 1;
    const size_t epoch = trainer->epoch + 1;
    epocl_epoch_result result;
    if (at_once)
        epocl_trainer_stop(trainer);
    else
        ck_assert_ok(executable_write(&trainer->run.executable, trainer->planned.valid.batch.stop, &stop, sizeof stop));
    ck_assert_int_eq(epocl_trainer_run_epoch(trainer, &result), EPOCL_STOPPED);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "of its validation"));
    ck_assert_uint_eq(result.epoch, epoch);
    ck_assert_uint_eq(result.sample_count, SAMPLES);
    ck_assert(isfinite(result.train_cost) && isnan(result.valid_cost) && result.seconds > 0);
    ck_assert_uint_eq(trainer->epoch, epoch - 1);
    ck_assert_uint_eq(trainer->validated.first, sample_count);
}

/* As validation data are no part of what is saved, a resumed validation begins anew. */
START_TEST(a_validation_goes_on_after_a_stop) {
    epocl_dataset_release(valid);
    valid = make_long_valid();
    epocl_trainer *whole = begin(problem_providers[_i]), *stopped = begin(problem_providers[_i]);
    run_epochs(whole, EPOCHS);
    stop_in_validation(stopped, false, EVALUATION_BATCH);
    stop_in_validation(stopped, true, EVALUATION_BATCH);
    stop_in_validation(stopped, false, 2 * EVALUATION_BATCH);
    run_epochs(stopped, 1);
    ck_assert_uint_eq(stopped->epoch, 1);
    stop_in_validation(stopped, false, EVALUATION_BATCH);
    save_and_resume(&stopped, problem_providers[_i]);
    stop_in_validation(stopped, true, 0);
    save_and_resume(&stopped, problem_providers[_i]);
    stop_in_validation(stopped, false, EVALUATION_BATCH);
    run_epochs(stopped, 1);
    ck_assert_uint_eq(stopped->epoch, 2);
    stop_in_validation(stopped, false, EVALUATION_BATCH);
    save_and_resume(&stopped, problem_providers[_i]);
    run_epochs(stopped, 1);
    ck_assert(run_steps(stopped, 3));
    run_epochs(stopped, 1);
    assert_same(whole, stopped);
}
END_TEST

START_TEST(a_plan_can_change_at_a_resume) {
    epocl_trainer *whole = begin("tile"), *resumed = begin("resident");
    run_epochs(whole, 3);
    run_epochs(resumed, 1);
    ck_assert(run_steps(resumed, 3));
    save_and_resume(&resumed, "tile");
    ck_assert(run_steps(resumed, 3));
    save_and_resume(&resumed, "resident");
    run_epochs(resumed, 2);
    assert_same(whole, resumed);
}
END_TEST

/* The trainer's best network is kept with a checkpoint, or another of its shape with parameters. */
START_TEST(a_network_is_kept_with_a_checkpoint) {
    epocl_trainer *trainer = begin("tile");
    epocl_network *best = NULL, *other = NULL;
    epocl_checkpoint *checkpoint = NULL;
    run_epochs(trainer, 1);
    ck_assert_ok(epocl_trainer_save(trainer, scratch_path("checkpoint")));
    ck_assert_ok(epocl_network_load(scratch_path("checkpoint"), &best));
    ck_assert_ok(epocl_checkpoint_load(scratch_path("checkpoint"), &checkpoint));
    ck_assert(same_parameters(epocl_checkpoint_best(checkpoint), best));
    epocl_checkpoint_release(checkpoint);
    run_epochs(trainer, 1);
    ck_assert_ok(epocl_trainer_save_at(trainer, best, -1, scratch_path("checkpoint")));
    ck_assert_ok(epocl_checkpoint_load(scratch_path("checkpoint"), &checkpoint));
    ck_assert(epocl_network_biases(epocl_checkpoint_best(checkpoint), 0)[0] == epocl_network_biases(best, 0)[0]);
    ck_assert(epocl_network_biases(checkpoint->network, 0)[0] != epocl_network_biases(best, 0)[0]);

    epocl_options shape;
    options_begin_recipe(&shape, RECIPE_SEED);
    set_hidden(&shape, (const size_t[]){3}, 1);
    ck_assert_ok(epocl_network_create(data, &shape, &other));
    ck_assert_int_eq(epocl_trainer_save_at(trainer, other, -1, scratch_path("checkpoint")), EPOCL_ERROR_ARGUMENT);
    epocl_checkpoint_release(checkpoint);
    epocl_network_release(other);
    epocl_network_release(best);
    epocl_trainer_release(trainer);
}
END_TEST

START_TEST(matmul_is_the_checkpoints) {
    static const char *const pinned[] = {"plain", "clblast"};
    epocl_trainer *trainer = begin(pinned[_i]), *resumed = NULL;
    epocl_checkpoint *checkpoint = NULL;
    ck_assert_ok(epocl_trainer_save(trainer, scratch_path("checkpoint")));
    ck_assert_ok(epocl_checkpoint_load(scratch_path("checkpoint"), &checkpoint));
    epocl_options options = options_for("auto");
    ck_assert_ok(epocl_trainer_resume(test_device(), checkpoint, data, valid, &options, &resumed));
    ck_assert_str_eq(epocl_trainer_plan_name(resumed), epocl_trainer_plan_name(trainer));
    ck_assert_ptr_null(strstr(told, "last bits"));
    epocl_trainer_release(resumed);
    set_option(&options, "matmul", "tile");
    ck_assert_int_eq(epocl_trainer_resume(test_device(), checkpoint, data, valid, &options, &resumed),
                     EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(resumed);

    /* One that there is not, in a file whose checksum is right. */
    static const char *const nonsense[] = {"", "auto", "tile:8x2", "tile:0x0x0", "fast"};
    char written[PRINTABLE_CAPACITY];
    set_option(&options, "matmul", "auto");
    strcpy(written, checkpoint->facts[FACT_MATMUL]);
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        strcpy(checkpoint->facts[FACT_MATMUL], nonsense[i]);
        ck_assert_int_eq(epocl_trainer_resume(test_device(), checkpoint, data, valid, &options, &resumed),
                         EPOCL_ERROR_DATA);
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), "matmul"));
    }
    strcpy(checkpoint->facts[FACT_MATMUL], written);
    set_option(&options, "matmul", "tile");

    /* Made elsewhere, or here with another driver or epocl: it says so, and goes on with what suits this device. */
    static const run_fact changing[] = {FACT_DEVICE, FACT_DRIVER, FACT_EPOCL};
    for (size_t i = 0; i < sizeof changing / sizeof *changing; i++) {
        char *fact = checkpoint->facts[changing[i]];
        strcpy(written, fact);
        strcpy(fact, "elsewhere");
        told[0] = '\0';
        ck_assert_ok(epocl_trainer_resume(test_device(), checkpoint, data, valid, &options, &resumed));
        ck_assert_ptr_nonnull(strstr(told, "elsewhere"));
        ck_assert_ptr_nonnull(strstr(told, "its last bits may differ"));
        ck_assert_ptr_nonnull(strstr(epocl_trainer_plan_name(resumed), "tile"));
        epocl_trainer_release(resumed);
        strcpy(fact, written);
    }
    epocl_trainer_release(trainer);
    epocl_checkpoint_release(checkpoint);
}
END_TEST

START_TEST(a_run_that_does_not_fit_is_refused) {
    epocl_trainer *trainer = begin("tile"), *resumed = NULL;
    epocl_checkpoint *checkpoint = NULL;
    run_epochs(trainer, 1);
    ck_assert_ok(epocl_trainer_save(trainer, scratch_path("checkpoint")));
    epocl_trainer_release(trainer);
    ck_assert_ok(epocl_checkpoint_load(scratch_path("checkpoint"), &checkpoint));
    const epocl_options good = options_for("tile");
    epocl_options options = good;
    epocl_dataset *other = make_data(SAMPLES, 0.001f);

#define refused(train, validation, status, part)                                                                       \
    do {                                                                                                               \
        ck_assert_int_eq(epocl_trainer_resume(test_device(), checkpoint, train, validation, &options, &resumed),       \
                         status);                                                                                      \
        ck_assert_ptr_null(resumed);                                                                                   \
        ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "%s", epocl_last_error());                             \
    } while (0)
    refused(other, valid, EPOCL_ERROR_DATA, "training data");
    refused(data, other, EPOCL_ERROR_DATA, "validation data");
    refused(data, NULL, EPOCL_ERROR_DATA, "validation data");
    data->labels[SAMPLES - 1] ^= 1;
    refused(data, valid, EPOCL_ERROR_DATA, "training data");
    data->labels[SAMPLES - 1] ^= 1;
    options.training.seed++;
    refused(data, valid, EPOCL_ERROR_ARGUMENT, "seed");
    options = good;
    options.training.batch_size++;
    refused(data, valid, EPOCL_ERROR_ARGUMENT, "batch size");
    options = good;

    /* Within a file whose checksum is right, a position that the data cannot have come to. */
    checkpoint->position.seed_low++;
    refused(data, valid, EPOCL_ERROR_DATA, "position");
    checkpoint->position.seed_low--;
    checkpoint->position.step--;
    refused(data, valid, EPOCL_ERROR_DATA, "position");
    checkpoint->position.step++;
    checkpoint->position.first--;
    refused(data, valid, EPOCL_ERROR_DATA, "position");
    checkpoint->position.first++;

    /* Trained, and without data for the validation that is left of the epoch. */
    char with_valid[PRINTABLE_CAPACITY];
    strcpy(with_valid, checkpoint->facts[FACT_VALID_DATA]);
    strcpy(checkpoint->facts[FACT_VALID_DATA], "none");
    checkpoint->position.epoch++;
    refused(data, NULL, EPOCL_ERROR_DATA, "position");
    checkpoint->position.epoch--;
    strcpy(checkpoint->facts[FACT_VALID_DATA], with_valid);

    options.training.learning_rate = 0.25f;
    told[0] = '\0';
    ck_assert_ok(epocl_trainer_resume(test_device(), checkpoint, data, valid, &options, &resumed));
    ck_assert_ptr_nonnull(strstr(told, "the learning rate is 0.25 from now on; it was 0.7"));
    run_epochs(resumed, 1);
    epocl_trainer_release(resumed);
    epocl_checkpoint_release(checkpoint);
    epocl_dataset_release(other);
}
END_TEST

/* ---- values that are not finite ---- */

/* A weight of each layer in turn becomes infinite or NaN within an epoch. */
START_TEST(what_is_not_finite_is_found_and_not_saved) {
    static const float values[] = {INFINITY, -INFINITY, NAN};
    const size_t l = (size_t)_i / 3 % 3;
    const float value = values[_i % 3];
    epocl_trainer *trainer = begin(_i < 9 ? "tile" : "resident");
    epocl_epoch_result result;
    char place[64];
    ck_assert(run_steps(trainer, 4));
    ck_assert_ok(epocl_trainer_save(trainer, scratch_path("good")));
    ck_assert_ok(epocl_trainer_read(trainer, network));
    network->layers[l].weights[3] = value;
    ck_assert_ok(parameters_write(trainer->planned.parameters.layers, &trainer->run.executable, network));
    network->has_parameters = false;

    /* An infinite weight saturates a hidden unit, and the cost stays finite: it is found when it would be saved. */
    const epocl_status ran = epocl_trainer_run_epoch(trainer, &result);
    if (ran == EPOCL_ERROR_DIVERGED) {
        /* Infinity times the slope 0 of a saturated unit makes the layer below NaN, a step later. */
        const bool is_handed_down = l == 1 && isinf(value);
        snprintf(place, sizeof place, "step %d of epoch 1 on, first in layer %zu", is_handed_down ? 6 : 5,
                 is_handed_down ? 0 : l);
        ck_assert_msg(strstr(epocl_last_error(), place) != NULL, "%s", epocl_last_error());
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), "learning rate"));
        ck_assert_int_eq(epocl_trainer_run_epoch(trainer, &result), EPOCL_ERROR_DIVERGED);
        ck_assert_int_eq(epocl_trainer_save(trainer, scratch_path("bad")), EPOCL_ERROR_DIVERGED);
    } else {
        ck_assert_int_eq(ran, EPOCL_OK);
        ck_assert(l < 2 && !isnan(value));
        snprintf(place, sizeof place, "layers.%zu.weight contains infinity", l);
        ck_assert_int_eq(epocl_trainer_save(trainer, scratch_path("bad")), EPOCL_ERROR_DIVERGED);
        ck_assert_msg(strstr(epocl_last_error(), place) != NULL, "%s", epocl_last_error());
    }
    epocl_trainer_release(trainer);
    ck_assert_uint_eq(scratch_file_count(), 1);
    epocl_checkpoint *good = NULL;
    ck_assert_ok(epocl_checkpoint_load(scratch_path("good"), &good));
    epocl_checkpoint_release(good);
}
END_TEST

START_TEST(inputs_that_are_not_finite_are_named) {
    epocl_trainer *trainer = begin("tile");
    epocl_epoch_result result;
    const float value = NAN;
    ck_assert_ok(executable_write(&trainer->run.executable, trainer->planned.train.batch.inputs, &value, sizeof value));
    ck_assert_int_eq(epocl_trainer_run_epoch(trainer, &result), EPOCL_ERROR_DIVERGED);
    ck_assert_msg(strstr(epocl_last_error(), "inputs are not finite") != NULL, "%s", epocl_last_error());
    epocl_trainer_release(trainer);
}
END_TEST

Suite *checkpoint_suite(void) {
    Suite *suite = suite_create("checkpoint");
    TCase *tests = tcase_create("checkpoint");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, stops_change_nothing, 0, 2 * PROBLEM_PROVIDERS);
    tcase_add_loop_test(tests, an_epoch_goes_on_in_a_new_trainer, 0, 2 * PROBLEM_PROVIDERS);
    tcase_add_loop_test(tests, a_validation_goes_on_after_a_stop, 0, PROBLEM_PROVIDERS);
    tcase_add_test(tests, a_plan_can_change_at_a_resume);
    tcase_add_test(tests, a_network_is_kept_with_a_checkpoint);
    tcase_add_test(tests, a_run_that_does_not_fit_is_refused);
    tcase_add_loop_test(tests, what_is_not_finite_is_found_and_not_saved, 0, 18);
    tcase_add_test(tests, inputs_that_are_not_finite_are_named);
    suite_add_tcase(suite, tests);
    TCase *matmul = tcase_create("matmul");
    tcase_add_checked_fixture(matmul, setup, teardown);
    tcase_add_loop_test(matmul, matmul_is_the_checkpoints, 0, 2);
    suite_add_tcase(suite, matmul);
    return suite;
}
