/* Profiles: which launches they hold, their times, FLOP and bytes, and what a profiled epoch calls. */
#include "device/harness.h"
#include "layers/count.h"
#include "reference/reference.h"
#include "support/options.h"
#include "training/trainer.h"

#include <stdlib.h>
#include <string.h>

Suite *profile_suite(void);

enum { SAMPLES = 300, INPUTS = 30, CLASSES = 4, BATCH = 16, STEPS = 19, LAST_BATCH = 12, BEGIN = 2 };
static const size_t hidden[] = {21, 18};

/* Matmul providers, the last one in a resident plan. */
static const char *const providers[] = {"plain", "tile", "clblast", "resident"};
enum { PLAIN, TILE, CLBLAST, RESIDENT, PROVIDER_COUNT, AUTO_PLAN = PROVIDER_COUNT };

/* A trainer with validation data, which are the training data. */
typedef struct trained {
    epocl_dataset *data;
    epocl_network *network;
    epocl_trainer *trainer;
} trained;

static trained create_trainer(int provider, bool is_profiled) {
    trained t = {0};
    uint8_t inputs[SAMPLES * INPUTS];
    uint32_t labels[SAMPLES];
    for (uint32_t i = 0; i < SAMPLES * INPUTS; i++) inputs[i] = (uint8_t)reference_philox_word(9, 0, 0, i, 0);
    for (uint32_t i = 0; i < SAMPLES; i++) labels[i] = inputs[i * INPUTS] / 64;
    epocl_options shape;
    options_begin_recipe(&shape, RECIPE_SEED);
    set_hidden(&shape, hidden, 2);
    ck_assert_ok(epocl_dataset_from_bytes(inputs, labels, SAMPLES, INPUTS, CLASSES, &t.data));
    ck_assert_ok(epocl_network_create(t.data, &shape, &t.network));
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    set_option(&options, "matmul", providers[provider < RESIDENT ? provider : TILE]);
    set_option(&options, "plan", provider == AUTO_PLAN ? "auto" : provider == RESIDENT ? "resident" : "layered");
    options.training.batch_size = BATCH;
    options.training.learning_rate = 0.5f;
    options.training.profile = is_profiled;
    ck_assert_ok(epocl_trainer_create(test_device(), t.network, t.data, t.data, &options, &t.trainer));
    return t;
}

static void release_trainer(trained *t) {
    epocl_trainer_release(t->trainer);
    epocl_network_release(t->network);
    epocl_dataset_release(t->data);
}

static void run_epoch(const trained *t) {
    epocl_epoch_result result;
    ck_assert_ok(epocl_trainer_run_epoch(t->trainer, &result));
}

/* The profile, with its launches until the next call. */
typedef struct launches_of {
    size_t epoch, launch_count, left_out_count;
    const epocl_profile_launch *launches;
} launches_of;

static launches_of profile_of(const trained *t) {
    static epocl_profile_launch *launches;
    epocl_profile profile;
    ck_assert_ok(epocl_trainer_profile(t->trainer, &profile));
    free(launches);
    launches = malloc((profile.launch_count + 1) * sizeof *launches);
    ck_assert_ptr_nonnull(launches);
    for (size_t i = 0; i < profile.launch_count; i++)
        ck_assert_ok(epocl_trainer_profile_launch(t->trainer, i, &launches[i]));
    ck_assert_int_eq(epocl_trainer_profile_launch(t->trainer, profile.launch_count, launches), EPOCL_ERROR_ARGUMENT);
    return (launches_of){profile.epoch, profile.launch_count, profile.left_out_count, launches};
}

/* FLOP of products: forward and update of every layer, delta of all but the first. */
static double product_flop(double samples) {
    const double first = INPUTS * 21, others = 21 * 18 + 18 * CLASSES;
    return samples * (4 * first + 6 * others);
}

static double sum_flop(const launches_of *profile, const char *pass_name) {
    double sum = 0;
    for (size_t i = 0; i < profile->launch_count; i++)
        if (strcmp(profile->launches[i].pass, pass_name) == 0) sum += profile->launches[i].flop;
    return sum;
}

/* ---- what a profile holds ---- */

/* Compares a sequence with the launches from `place` on; returns the place after it. */
static size_t check_names(const launches_of *profile, size_t place, const sequence *s, const char *pass_name) {
    for (size_t i = 0; i < s->count; i++, place++) {
        ck_assert_uint_lt(place, profile->launch_count);
        ck_assert_str_eq(profile->launches[place].kernel, s->launches[i].kernel);
        ck_assert_str_eq(profile->launches[place].detail, s->launches[i].detail);
        ck_assert_str_eq(profile->launches[place].pass, pass_name);
    }
    return place;
}

START_TEST(every_launch_is_there_in_order) {
    trained t = create_trainer(_i, true);
    for (size_t epoch = 1; epoch <= 2; epoch++) {
        run_epoch(&t);
        const launches_of profile = profile_of(&t);
        ck_assert_uint_eq(profile.epoch, epoch);
        ck_assert_uint_eq(profile.left_out_count, 0);
        size_t place = check_names(&profile, 0, &t.trainer->planned.train.begin, "train");
        for (size_t step = 0; step < STEPS; step++)
            place = check_names(&profile, place, &t.trainer->planned.train.step, "train");
        place = check_names(&profile, place, &t.trainer->planned.valid.begin, "valid");
        place = check_names(&profile, place, &t.trainer->planned.valid.step, "valid");
        ck_assert_uint_eq(profile.launch_count, place);
        double last_end = 0;
        for (size_t i = 0; i < place; i++) {
            const epocl_profile_launch *one = &profile.launches[i];
            ck_assert_double_ge(one->queued, 0);
            ck_assert_double_ge(one->start, one->queued);
            ck_assert_double_ge(one->start, last_end);
            ck_assert_double_ge(one->end, one->start);
            last_end = one->end;
        }
        ck_assert_double_gt(last_end, 0);
        ck_assert_double_eq_tol(sum_flop(&profile, "train"), product_flop(SAMPLES), 1e-3);
        const double forward = 2.0 * (double)(SAMPLES * (INPUTS * 21 + 21 * 18 + 18 * CLASSES));
        ck_assert_double_eq_tol(sum_flop(&profile, "valid"), forward, 1e-3);
    }
    release_trainer(&t);
}
END_TEST

/* The place of step `step`'s launch of a kernel in the tile provider's profile, the layer's name in its detail. */
static const epocl_profile_launch *find_launch(const launches_of *profile, size_t step, const char *kernel,
                                               const char *layer_name) {
    for (size_t i = BEGIN + 10 * step; i < BEGIN + 10 * (step + 1); i++)
        if (strcmp(profile->launches[i].kernel, kernel) == 0 && strstr(profile->launches[i].detail, layer_name))
            return &profile->launches[i];
    ck_abort_msg("step %zu has no %s of %s", step, kernel, layer_name);
    return NULL;
}

/* Counted by hand; all kernels of a step read the state, those of training the numbers of the run. */
START_TEST(bytes_are_those_of_useful_values) {
    const double inputs = INPUTS, classes = CLASSES, batches[] = {BATCH, LAST_BATCH};
    const double state = sizeof(epoch_state), hyper = sizeof(hyper_values), value = 4, weights = inputs * 21;
    trained t = create_trainer(TILE, true);
    run_epoch(&t);
    const launches_of profile = profile_of(&t);
    ck_assert_double_eq(profile.launches[0].bytes, 2 * state + hyper);
    ck_assert_double_eq(profile.launches[1].bytes, state + value * (double)SAMPLES);
    for (size_t i = 0; i < 2; i++) {
        const double batch = batches[i];
        const struct {
            const char *kernel, *layer;
            double bytes;
        } expected[] = {
            {"gather_uchar", "30 inputs",
             state + batch * (inputs + value + value) + 2 * value * inputs + batch * (value * inputs + value)},
            {"forward_tile", "layer 0", state + value * (batch * inputs + weights + 21 + batch * 21)},
            /* Inputs, weights, biases and labels; delta twice, costs and classes. */
            {"cost_tile", "layer 2",
             state + value * (batch * 18 + 18 * classes + classes + batch + 2 * batch * classes + 2 * batch)},
            {"delta_tile", "layer 0", state + value * (21 * 18 + batch * 18 + 2 * batch * 21)},
            {"update_tile", "layer 0", state + hyper + value * (batch * inputs + batch * 21 + 2 * weights + 2 * 21)},
            {"metrics_step", "samples", 2 * state + hyper + value * (3 * batch + 1)},
        };
        for (size_t e = 0; e < sizeof expected / sizeof *expected; e++) {
            const epocl_profile_launch *one =
                find_launch(&profile, i ? STEPS - 1 : 0, expected[e].kernel, expected[e].layer);
            ck_assert_msg(one->bytes >= expected[e].bytes - 0.01 && one->bytes <= expected[e].bytes + 0.01,
                          "%s: %.2f bytes, not %.2f", expected[e].kernel, one->bytes, expected[e].bytes);
        }
    }
    release_trainer(&t);
}
END_TEST

/* A library's product counts its matrices, and twice the one that it adds to. */
START_TEST(bytes_of_a_library_product) {
    trained t = create_trainer(CLBLAST, true);
    const sequence *step = &t.trainer->planned.train.step;
    size_t product_count = 0;
    for (size_t i = 0; i < step->count; i++) {
        const launch *l = &step->launches[i];
        if (l->argument_count != 3) continue;
        const blas_product *g = &l->product;
        const double c = (double)g->m * (double)g->n * (g->beta != 0.0f ? 2 : 1);
        const double expected = 4 * ((double)g->m * (double)g->k + (double)g->k * (double)g->n + c);
        ck_assert_double_eq(plan_launch_bytes(&t.trainer->planned.plan, l, 1.0, 1.0), expected);
        product_count++;
    }
    ck_assert_uint_eq(product_count, 8);
    release_trainer(&t);
}
END_TEST

/* Whether its groups come together or give up: what the epoch did is the same work. */
START_TEST(a_resident_launch_is_a_slice) {
    if (test_device_is_polled()) return; /* several groups are for CPUs */
    const double parameters = INPUTS * 21 + 21 + 21 * 18 + 18 + 18 * CLASSES + CLASSES, samples = SAMPLES;
    trained t = create_trainer(RESIDENT, true);
    run_epoch(&t);
    const launches_of profile = profile_of(&t);
    const epocl_profile_launch *slice = &profile.launches[BEGIN + 1];
    ck_assert_str_eq(slice->kernel, "resident");
    ck_assert_double_eq_tol(sum_flop(&profile, "train"), product_flop(SAMPLES), 1e-3);
    if (!t.trainer->run.train.rests) ck_assert_double_eq_tol(slice->flop, product_flop(SAMPLES), 1e-3);
    /* The data set once, the parameters there and back, scale and shift; little more for the meetings. */
    const double bytes =
        plan_launch_bytes(&t.trainer->planned.plan, &t.trainer->run.train.written.launches[1], STEPS, 1.0);
    const double expected = samples * (INPUTS + 8) + 8 * parameters + 8 * INPUTS;
    ck_assert_double_ge(bytes, expected);
    ck_assert_double_le(bytes, expected + 4096);
    release_trainer(&t);
}
END_TEST

START_TEST(a_resident_plan_that_gives_up_counts_once) {
    if (test_device_is_polled()) return; /* several groups are for CPUs */
    trained t = create_trainer(RESIDENT, true);
    t.trainer->run.train.written.launches[1].group_count = 1; /* the meeting expects one group more */
    run_epoch(&t);
    const launches_of profile = profile_of(&t);
    ck_assert_double_eq_tol(sum_flop(&profile, "train"), product_flop(SAMPLES), 1e-3);
    if (test_device()->info.compute_units > 1) {
        ck_assert(t.trainer->run.train.rests);
        ck_assert_uint_eq(profile.launch_count, BEGIN + 2 + 10 * STEPS + 2 + t.trainer->planned.valid.step.count);
        ck_assert_double_eq(profile.launches[BEGIN + 1].flop, 0);
        ck_assert_double_eq(profile.launches[BEGIN + 1].bytes, 0);
    }
    release_trainer(&t);
}
END_TEST

START_TEST(launches_after_a_stop_did_nothing) {
    const uint32_t stop = 1;
    epocl_epoch_result result;
    trained t = create_trainer(TILE, true);
    ck_assert_ok(executable_write(&t.trainer->run.executable, t.trainer->planned.train.batch.stop, &stop, sizeof stop));
    ck_assert_int_eq(epocl_trainer_run_epoch(t.trainer, &result), EPOCL_STOPPED);
    ck_assert_uint_eq(result.sample_count, BATCH);
    const launches_of profile = profile_of(&t);
    ck_assert_uint_eq(profile.launch_count, BEGIN + 10 * STEPS);
    ck_assert_double_eq_tol(sum_flop(&profile, "train"), product_flop(BATCH), 1e-3);
    for (size_t i = BEGIN + 10; i < profile.launch_count; i++) ck_assert_double_eq(profile.launches[i].bytes, 0);
    release_trainer(&t);
}
END_TEST

START_TEST(what_finds_no_room_is_counted) {
    trained t = create_trainer(TILE, true);
    t.trainer->run.executable.recorder->capacity = 25;
    for (int epoch = 0; epoch < 2; epoch++) {
        run_epoch(&t);
        const launches_of profile = profile_of(&t);
        ck_assert_uint_eq(profile.launch_count, 25);
        ck_assert_uint_eq(profile.left_out_count, BEGIN + 10 * STEPS + 2 + t.trainer->planned.valid.step.count - 25);
    }
    release_trainer(&t);
}
END_TEST

START_TEST(without_the_option_there_is_none) {
    epocl_profile profile;
    trained t = create_trainer(TILE, false);
    run_epoch(&t);
    ck_assert_int_eq(epocl_trainer_profile(t.trainer, &profile), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_trainer_profile(t.trainer, NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_trainer_profile(NULL, &profile), EPOCL_ERROR_ARGUMENT);
    release_trainer(&t);
    t = create_trainer(TILE, true);
    ck_assert_ok(epocl_trainer_profile(t.trainer, &profile));
    ck_assert_uint_eq(profile.epoch + profile.launch_count + profile.left_out_count, 0);
    release_trainer(&t);
}
END_TEST

/* ---- what profiling does to an epoch ---- */

START_TEST(profiling_changes_no_number) {
    const float *parameters[2];
    trained t[] = {create_trainer(_i, false), create_trainer(_i, true)};
    for (int i = 0; i < 2; i++) {
        run_epoch(&t[i]);
        run_epoch(&t[i]);
        ck_assert_ok(epocl_trainer_read(t[i].trainer, t[i].network));
    }
    for (size_t l = 0; l < 3; l++) {
        const size_t counts[] = {INPUTS, 21, 18, CLASSES};
        for (int i = 0; i < 2; i++) parameters[i] = epocl_network_weights(t[i].network, l);
        ck_assert_mem_eq(parameters[0], parameters[1], counts[l] * counts[l + 1] * sizeof(float));
    }
    release_trainer(&t[0]);
    release_trainer(&t[1]);
}
END_TEST

/* The launches of a profile are those of the plan that its trainer names. */
START_TEST(an_automatic_plan_is_kept) {
    for (int is_profiled = 0; is_profiled < 2; is_profiled++) {
        trained t = create_trainer(AUTO_PLAN, is_profiled);
        ck_assert(t.trainer->choice.reconsiders == !is_profiled);
        release_trainer(&t);
    }
}
END_TEST

/* Events of launches and, where the host looks at them, of waits and reads. */
static unsigned long event_count(const call_counter *calls) {
    return calls->count("clEnqueueNDRangeKernel") +
           (test_device_is_polled() ? calls->count("clEnqueueMarkerWithWaitList") + calls->count("clEnqueueReadBuffer")
                                    : 0);
}

/* One launch and one event each; a wait after each pass, none within. */
START_TEST(all_events_are_read_and_released) {
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    trained t = create_trainer(TILE, true);
    calls.reset();
    run_epoch(&t);
    const unsigned long launches = calls.count("clEnqueueNDRangeKernel");
    ck_assert_uint_eq(launches, profile_of(&t).launch_count);
    ck_assert_uint_eq(calls.count("clReleaseEvent"), event_count(&calls));
    ck_assert_uint_eq(calls.count("clGetEventProfilingInfo"), 3 * launches);
    ck_assert_uint_eq(calls.count("clEnqueueReadBuffer"), 2);
    ck_assert_uint_eq(calls.count(test_device_is_polled() ? "clEnqueueMarkerWithWaitList" : "clFinish"), 2);
    for (size_t i = 0; calls.name(i); i++) { /* the first epoch is the best so far, and copied */
        static const char *const expected[] = {
            "clEnqueueNDRangeKernel", "clReleaseEvent", "clGetEventProfilingInfo",
            "clEnqueueReadBuffer",    "clFinish",       "clFlush",
            "clEnqueueCopyBuffer",    "clGetEventInfo", "clEnqueueMarkerWithWaitList"};
        bool is_expected = false;
        for (size_t e = 0; e < sizeof expected / sizeof *expected; e++)
            is_expected |= strcmp(calls.name(i), expected[e]) == 0;
        ck_assert_msg(is_expected || calls.count(calls.name(i)) == 0, "%s was called", calls.name(i));
    }
    release_trainer(&t);
}
END_TEST

START_TEST(an_epoch_that_fails_keeps_no_event) {
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    epocl_epoch_result result;
    trained t = create_trainer(TILE, true);
    size_t *local = t.trainer->run.train.bound_step.launches[4].local;
    const size_t kept = local[0];
    local[0] = (size_t)1 << 30;
    calls.reset();
    ck_assert_int_eq(epocl_trainer_run_epoch(t.trainer, &result), EPOCL_ERROR_OPENCL);
    ck_assert_uint_eq(calls.count("clEnqueueNDRangeKernel"), BEGIN + 5);
    ck_assert_uint_eq(calls.count("clReleaseEvent"), BEGIN + 4);
    local[0] = kept;
    t.trainer->failure = EPOCL_OK; /* it would refuse to go on; its results do not matter here */
    run_epoch(&t);
    ck_assert_uint_eq(profile_of(&t).launch_count, BEGIN + 10 * STEPS + 2 + t.trainer->planned.valid.step.count);
    release_trainer(&t);
}
END_TEST

/* A queue that keeps no times: training goes on, and asking for the profile says why there is none. */
START_TEST(times_that_are_refused_fail_no_epoch) {
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    epocl_profile profile;
    trained t = create_trainer(TILE, true);
    const cl_command_queue kept = t.trainer->device->queue;
    t.trainer->device->queue = test_device()->queue;
    calls.reset();
    run_epoch(&t);
    ck_assert_uint_eq(calls.count("clReleaseEvent"), event_count(&calls));
    ck_assert_int_eq(epocl_trainer_profile(t.trainer, &profile), EPOCL_ERROR_OPENCL);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "clGetEventProfilingInfo"));
    t.trainer->device->queue = kept;
    run_epoch(&t);
    ck_assert_uint_eq(profile_of(&t).epoch, 2);
    release_trainer(&t);
}
END_TEST

START_TEST(no_queue_stays_behind) {
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    test_device();
    calls.reset();
    trained t = create_trainer(TILE, true);
    run_epoch(&t);
    release_trainer(&t);
    ck_assert_uint_eq(calls.count("clCreateCommandQueue"), 2);
    ck_assert_uint_eq(calls.count("clReleaseCommandQueue"), 2);
    ck_assert_uint_eq(calls.count("clRetainContext"), calls.count("clReleaseContext"));
    ck_assert_uint_eq(calls.count("clCreateBuffer"), calls.count("clReleaseMemObject"));
}
END_TEST

Suite *profile_suite(void) {
    Suite *suite = suite_create("profile");
    TCase *content = tcase_create("content");
    tcase_add_loop_test(content, every_launch_is_there_in_order, 0, RESIDENT);
    tcase_add_test(content, bytes_are_those_of_useful_values);
    tcase_add_test(content, bytes_of_a_library_product);
    tcase_add_test(content, a_resident_launch_is_a_slice);
    tcase_add_test(content, a_resident_plan_that_gives_up_counts_once);
    tcase_add_test(content, launches_after_a_stop_did_nothing);
    tcase_add_test(content, what_finds_no_room_is_counted);
    tcase_add_test(content, without_the_option_there_is_none);
    suite_add_tcase(suite, content);
    TCase *conduct = tcase_create("conduct");
    tcase_add_loop_test(conduct, profiling_changes_no_number, 0, PROVIDER_COUNT);
    tcase_add_test(conduct, an_automatic_plan_is_kept);
    tcase_add_test(conduct, all_events_are_read_and_released);
    tcase_add_test(conduct, an_epoch_that_fails_keeps_no_event);
    tcase_add_test(conduct, times_that_are_refused_fail_no_epoch);
    tcase_add_test(conduct, no_queue_stays_behind);
    suite_add_tcase(suite, conduct);
    return suite;
}
