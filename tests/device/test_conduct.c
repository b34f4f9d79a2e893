/* How an epoch goes: what is launched, the resident plan, stops, divergence, and that nothing stays behind. */
#include "device/problem.h"
#include "layers/count.h"
#include "support/options.h"

#include <math.h>
#include <string.h>

Suite *conduct_suite(void);

/* Layered, resident of groups, resident of items, merged. */
static const char *const kinds[] = {"tile", "resident", "items", "merged", "merged blocks"};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* ---- an epoch's conduct ---- */

/* A description says how many launches an epoch has, and what the creation took. */
static void check_description(const epocl_trainer *trainer, unsigned long launch_count) {
    epocl_trainer_info info;
    epocl_trainer_describe(trainer, &info);
    ck_assert_uint_eq(info.launch_count, launch_count);
    ck_assert(isfinite(info.choice_seconds) && info.choice_seconds >= 0);
    ck_assert(isfinite(info.compile_seconds) && info.compile_seconds > 0);
    ck_assert(isfinite(info.upload_seconds) && info.upload_seconds > 0);
}

/* An epoch is launched, read once, and nothing else. */
static void check_epoch(const call_counter *calls, epocl_trainer *trainer, unsigned long launches) {
    epocl_epoch_result result;
    calls->reset();
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_uint_eq(calls->count("clEnqueueNDRangeKernel"), launches);
    check_description(trainer, launches);
    ck_assert_uint_eq(calls->count("clEnqueueReadBuffer"), 1);
    ck_assert_uint_le(calls->count("clFlush"), 2);
    for (size_t i = 0; calls->name(i); i++) {
        const char *name = calls->name(i);
        if (strcmp(name, "clEnqueueNDRangeKernel") == 0 || strcmp(name, "clEnqueueReadBuffer") == 0 ||
            strcmp(name, "clFlush") == 0)
            continue;
        if (test_device_is_polled() && (strcmp(name, "clGetEventInfo") == 0 || strcmp(name, "clReleaseEvent") == 0))
            continue;
        ck_assert_msg(calls->count(name) == 0, "%s was called %lu times", name, calls->count(name));
    }
}

START_TEST(an_epoch_only_launches_and_reads_once) {
    call_counter calls;
    ck_assert_msg(find_call_counter(&calls), "the counting layer is not loaded: OPENCL_LAYERS");
    epocl_dataset *data;
    epocl_network *network;
    epocl_trainer *trainer = NULL;
    problem_create(&data, &network);
    static const char *const matmuls[] = {"tile", "plain", "local"};
    const epocl_options options = problem_options(matmuls[_i], 16, 0.5f);
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    for (int epoch = 0; epoch < 2; epoch++) {
        /* 19 steps of gather, 2 forward, cost (tile: fused with the last forward), 2 delta, 3 update and metrics;
         * before them, metrics and shuffle. */
        const unsigned long launches = 2 + 19 * (1 + 2 + (_i ? 2 : 1) + 2 + 3 + 1);
        check_epoch(&calls, trainer, launches);
    }
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

/* As many as the plan has: of products by sums two, a chain and all updates with what ends the step. */
START_TEST(a_merged_epoch_is_few_launches) {
    call_counter calls;
    ck_assert_msg(find_call_counter(&calls), "the counting layer is not loaded: OPENCL_LAYERS");
    epocl_dataset *data;
    epocl_network *network;
    epocl_trainer *trainer = NULL;
    problem_create(&data, &network);
    const epocl_options options = problem_options(_i ? "merged blocks" : "merged", 16, 0.5f);
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    const pass *train = &trainer->run.train;
    const unsigned long launches = 2 + 19 * (_i ? train->written.count : 2);
    ck_assert_uint_lt(train->written.count, train->plan->step.count);
    check_epoch(&calls, trainer, launches);
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

/* ---- the resident plan ---- */

/* The resident kernel is written out from the layered launches: the same numbers, bit for bit. In a small network each
 * group makes nearly everything for itself; in a wide one the groups share most of it. */
START_TEST(resident_is_layered_in_one_launch) {
    static const char *const plans[] = {"layered", "resident", "resident:1x100"};
    static const size_t hidden[][2] = {{21, 18}, {200, 150}, {200, 5}};
    const int resident = 1 + _i / 3; /* of groups, of items */
    epocl_dataset *data;
    epocl_network *network[2];
    epocl_epoch_result result[2];
    for (int i = 0; i < 2; i++) {
        epocl_options options = problem_options("tile", 40, 0.5f); /* more than a reduction's lanes */
        set_option(&options, "plan", plans[i * resident]);
        problem_create_of(hidden[_i % 3], &data, &network[i]);
        result[i] = problem_train(network[i], data, &options, 3);
        epocl_dataset_release(data);
    }
    ck_assert(same_parameters(network[0], network[1]));
    ck_assert(result[0].train_cost == result[1].train_cost);
    ck_assert(result[0].train_accuracy == result[1].train_accuracy);
    epocl_network_release(network[0]);
    epocl_network_release(network[1]);
}
END_TEST

/* A meeting that a group never comes to must end, and the epoch go on layered. The patience is spent by a meeting that
 * expects one group more than are launched. */
START_TEST(a_meeting_that_fails_is_survived) {
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    epocl_dataset *data;
    epocl_network *network[2];
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result;
    epocl_options options = problem_options("tile", 16, 0.5f);
    set_option(&options, "plan", "layered");
    problem_create(&data, &network[0]);
    problem_train(network[0], data, &options, 3);
    epocl_dataset_release(data);

    problem_create(&data, &network[1]);
    set_option(&options, "plan", "resident");
    ck_assert_ok(epocl_trainer_create(test_device(), network[1], data, NULL, &options, &trainer));
    ck_assert_ptr_nonnull(strstr(epocl_trainer_plan_name(trainer), "resident"));
    const bool meets = trainer->run.train.shape.group_count > 1; /* else there is no meeting that could fail */
    if (meets) trainer->run.train.written.launches[1].group_count = 1;
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_uint_eq(result.sample_count, 300);
    if (meets) ck_assert(trainer->run.train.rests);
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    if (meets) trainer->run.train.written.launches[1].group_count = trainer->planned.plan.resident_groups;
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result)); /* it tries again, and on a busy machine may fail again */
    if (meets) ck_assert(!trainer->run.train.rests || trainer->rest_epochs > 1);
    ck_assert_ok(epocl_trainer_read(trainer, network[1]));
    ck_assert(same_parameters(network[0], network[1]));
    epocl_trainer_release(trainer);
    epocl_network_release(network[0]);
    epocl_network_release(network[1]);
    epocl_dataset_release(data);
}
END_TEST

START_TEST(a_resident_epoch_is_few_launches) {
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    epocl_dataset *data;
    epocl_network *network;
    epocl_trainer *trainer = NULL;
    problem_create(&data, &network);
    epocl_options options = problem_options("tile", 2, 0.5f);
    /* No meeting that a busy machine could hold up, and none to be reset. Of 150 steps, 100 are a slice of a group; a
     * group of items may be slow, and its slice is short until it has been timed. */
    set_option(&options, "plan", _i ? "resident:1x64" : "resident:1");
    const double slow_step = 6.0 * (30 * 21 + 21 * 18 + 18 * 4) * 2 / 1e9;
    const unsigned long launches = 2 + (_i ? divide_up(150, (size_t)(0.05 / slow_step)) : 2);
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    check_epoch(&calls, trainer, launches);
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

START_TEST(a_stop_keeps_whole_steps) {
    epocl_dataset *data;
    epocl_network *network;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result;
    problem_create(&data, &network);
    const epocl_options options = problem_options(kinds[_i], 16, 0.5f);
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, data, &options, &trainer));
    epocl_trainer_stop(trainer);
    /* Before an epoch, nothing is enqueued; as the device sees it within one, the step in progress is finished. */
    ck_assert_int_eq(epocl_trainer_run_epoch(trainer, &result), EPOCL_STOPPED);
    ck_assert_uint_eq(result.sample_count, 0);
    const uint32_t stop = 1;
    ck_assert_ok(executable_write(&trainer->run.executable, trainer->planned.train.batch.stop, &stop, sizeof stop));
    ck_assert_int_eq(epocl_trainer_run_epoch(trainer, &result), EPOCL_STOPPED);
    ck_assert_uint_eq(result.sample_count, 16);
    ck_assert(result.train_accuracy > 0 && result.train_accuracy * 16 == floor(result.train_accuracy * 16));
    /* It stops once; then training goes on. */
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_uint_eq(result.sample_count, 300);
    ck_assert_ok(epocl_trainer_read(trainer, network));
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

/* Costs are summed in single precision, with what is lost on the side: of 256 samples, more than a float holds. */
START_TEST(a_cost_is_more_than_a_float) {
    enum { SAMPLES = 256 };
    epocl_dataset *data, *rest, *part;
    epocl_network *network;
    problem_create(&data, &network);
    ck_assert_ok(epocl_dataset_split(data, (double)SAMPLES / (double)PROBLEM_SAMPLES, 1, &rest, &part));
    const epocl_options options = problem_options("tile", 1, 0.5f);
    const epocl_epoch_result result = problem_train(network, part, &options, 1);
    ck_assert_uint_eq(result.sample_count, SAMPLES);
    const double sum = result.train_cost * (double)SAMPLES; /* exact */
    ck_assert(sum != (double)(float)sum);
    epocl_network_release(network);
    epocl_dataset_release(data);
    epocl_dataset_release(rest);
    epocl_dataset_release(part);
}
END_TEST

START_TEST(divergence_is_an_error) {
    epocl_dataset *data;
    epocl_network *network;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result;
    problem_create(&data, &network);
    const epocl_options options = problem_options(kinds[_i], 16, 3e38f);
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, data, &options, &trainer));
    epocl_status status = EPOCL_OK;
    for (int i = 0; i < 5 && status == EPOCL_OK; i++) status = epocl_trainer_run_epoch(trainer, &result);
    ck_assert_int_eq(status, EPOCL_ERROR_DIVERGED);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "learning rate"));
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

/* What is trained on is finite, what is validated is not. */
START_TEST(a_validation_that_is_not_finite_is_an_error) {
    enum { SAMPLES = 40 };
    static float inputs[SAMPLES], large[SAMPLES];
    static uint32_t labels[SAMPLES];
    epocl_dataset *data = NULL, *valid = NULL;
    epocl_network *network = NULL;
    epocl_options *shape = NULL;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result;
    for (size_t i = 0; i < SAMPLES; i++) {
        labels[i] = i % 2;
        inputs[i] = (float)labels[i];
        large[i] = 3e38f;
    }
    ck_assert_ok(epocl_dataset_from_floats(inputs, labels, SAMPLES, 1, 2, &data));
    ck_assert_ok(epocl_dataset_from_floats(large, labels, SAMPLES, 1, 2, &valid));
    ck_assert_ok(epocl_options_create(&shape));
    ck_assert_ok(epocl_options_set(shape, "recipe", "seed"));
    ck_assert_ok(epocl_options_set(shape, "normalize", "none"));
    ck_assert_ok(epocl_network_create(data, shape, &network));
    epocl_options_release(shape);
    const epocl_options options = problem_options(kinds[_i], 1, 1.0f);
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, &options, &trainer));
    epocl_status status = EPOCL_OK; /* a weight above 1.2 makes 3e38 infinite */
    for (int i = 0; i < 5 && status == EPOCL_OK; i++) {
        status = epocl_trainer_run_epoch(trainer, &result);
        if (status == EPOCL_OK) ck_assert(isfinite(result.valid_cost));
    }
    ck_assert_int_eq(status, EPOCL_ERROR_DIVERGED);
    ck_assert_msg(strstr(epocl_last_error(), "validation data is not finite after epoch") != NULL, "%s",
                  epocl_last_error());
    ck_assert(isnan(result.valid_cost) && isfinite(result.train_cost));
    ck_assert_int_eq(epocl_trainer_run_epoch(trainer, &result), EPOCL_ERROR_DIVERGED);
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_dataset_release(data);
    epocl_dataset_release(valid);
}
END_TEST

START_TEST(nothing_stays_behind) {
    static const char *const objects[][2] = {{"clCreateBuffer", "clReleaseMemObject"},
                                             {"clCreateKernel", "clReleaseKernel"},
                                             {"clCreateProgramWithSource", "clReleaseProgram"}};
    enum { PROGRAMS = 2 };
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    epocl_dataset *data;
    epocl_network *network;
    epocl_evaluation evaluation;
    float outputs[300 * 4];
    uint32_t classes[300];
    epocl_device *device = NULL;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result;
    problem_create(&data, &network);
    epocl_options options = problem_options("auto", 16, 0.5f);
    set_option(&options, "plan", "auto");
    calls.reset();
    ck_assert_ok(epocl_device_open(test_device_selector(), &device));
    ck_assert_ok(epocl_trainer_create(device, network, data, NULL, &options, &trainer));
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_ok(epocl_trainer_read(trainer, network));
    epocl_trainer_release(trainer);
    ck_assert_ok(epocl_evaluate(device, network, data, &evaluation));
    ck_assert_ok(epocl_predict(device, network, data, outputs));
    ck_assert_ok(epocl_predict_classes(device, network, data, classes));
    epocl_device_release(device);
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        ck_assert_uint_gt(calls.count(objects[i][0]), 0);
        const unsigned long retained = i == PROGRAMS ? calls.count("clRetainProgram") : 0;
        ck_assert_uint_eq(calls.count(objects[i][0]) + retained, calls.count(objects[i][1]));
    }
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

Suite *conduct_suite(void) {
    Suite *suite = suite_create("conduct");
    TCase *tests = tcase_create("conduct");
    tcase_add_loop_test(tests, an_epoch_only_launches_and_reads_once, 0, 3);
    tcase_add_loop_test(tests, a_merged_epoch_is_few_launches, 0, 2);
    tcase_add_loop_test(tests, resident_is_layered_in_one_launch, 0, 6);
    tcase_add_test(tests, a_meeting_that_fails_is_survived);
    tcase_add_loop_test(tests, a_resident_epoch_is_few_launches, 0, 2);
    tcase_add_loop_test(tests, a_stop_keeps_whole_steps, 0, KINDS);
    tcase_add_test(tests, a_cost_is_more_than_a_float);
    tcase_add_test(tests, nothing_stays_behind);
    suite_add_tcase(suite, tests);
    TCase *divergence = tcase_create("divergence");
    tcase_add_loop_test(divergence, divergence_is_an_error, 0, KINDS);
    tcase_add_loop_test(divergence, a_validation_that_is_not_finite_is_an_error, 0, KINDS);
    suite_add_tcase(suite, divergence);
    return suite;
}
