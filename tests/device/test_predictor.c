/* Predictors: many data sets through one of them, and programs that are compiled once for all who want them. */
#include "data/dataset.h"
#include "device/embedded_kernels.h"
#include "device/problem.h"
#include "layers/count.h"
#include "support/options.h"
#include "support/scratch.h"
#include "prediction/predictor.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

Suite *predictor_suite(void);

enum { OUTPUT_VALUES = PROBLEM_SAMPLES * PROBLEM_CLASSES };

/* A trained network and its data: bytes, and the first `count` of the same samples as floats without labels. */
static epocl_dataset *data;
static epocl_network *network;
static call_counter calls;

static void setup(void) {
    ck_assert(find_call_counter(&calls));
    problem_create(&data, &network);
    const epocl_options options = problem_options("tile", 16, 0.5f);
    problem_train(network, data, &options, 1);
}

static void teardown(void) {
    epocl_network_release(network);
    epocl_dataset_release(data);
}

static epocl_dataset *make_floats(size_t count) {
    epocl_dataset *floats = NULL;
    float inputs[PROBLEM_SAMPLES * PROBLEM_INPUTS];
    for (size_t i = 0; i < count * PROBLEM_INPUTS; i++) inputs[i] = ((const uint8_t *)data->inputs)[i];
    ck_assert_ok(epocl_dataset_from_floats(inputs, NULL, count, PROBLEM_INPUTS, 0, &floats));
    return floats;
}

static epocl_predictor *make_predictor(size_t batch_size) {
    epocl_predictor *predictor = NULL;
    ck_assert_ok(predictor_create(test_device(), network, batch_size, false, &predictor));
    return predictor;
}

/* ---- results ---- */

/* Small mini-batches, so that there are several waits; data sets of other types, sizes and without labels in turn. */
START_TEST(many_data_sets_go_through_one_predictor) {
    static const size_t batches[] = {1, 7, 64, 1024}, counts[] = {300, 1, 55, 56, 57, 6, 300};
    float expected[OUTPUT_VALUES], outputs[OUTPUT_VALUES];
    uint32_t expected_classes[PROBLEM_SAMPLES], classes[PROBLEM_SAMPLES];
    epocl_evaluation once, again;
    ck_assert_ok(epocl_predict(test_device(), network, data, expected));
    ck_assert_ok(epocl_predict_classes(test_device(), network, data, expected_classes));
    ck_assert_ok(epocl_evaluate(test_device(), network, data, &once));
    epocl_predictor *predictor = make_predictor(batches[_i]);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        epocl_dataset *floats = make_floats(counts[i]);
        memset(outputs, 0xAA, sizeof outputs);
        memset(classes, 0xAA, sizeof classes);
        ck_assert_ok(epocl_predictor_run(predictor, floats, outputs, i % 2 ? classes : NULL));
        ck_assert_mem_eq(outputs, expected, counts[i] * PROBLEM_CLASSES * sizeof *outputs);
        ck_assert_ok(epocl_predictor_run(predictor, floats, NULL, classes));
        ck_assert_mem_eq(classes, expected_classes, counts[i] * sizeof *classes);
        epocl_dataset_release(floats);

        ck_assert_ok(epocl_predictor_evaluate(predictor, data, &again));
        ck_assert(again.accuracy == once.accuracy);
        ck_assert_uint_eq(again.sample_count, PROBLEM_SAMPLES);
        if (batches[_i] >= PROBLEM_SAMPLES)
            ck_assert(again.cost == once.cost);
        else /* sums of other mini-batches */
            ck_assert_double_eq_tol(again.cost, once.cost, 1e-6 * once.cost);
        ck_assert_ok(epocl_predictor_run(predictor, data, outputs, classes));
        ck_assert_mem_eq(outputs, expected, sizeof outputs);
        ck_assert_mem_eq(classes, expected_classes, sizeof classes);
    }
    epocl_predictor_release(predictor);
}
END_TEST

/* A CPU reads the inputs of many samples in the caller's memory, and those of few, which come after, where they were
 * copied to. Not where somebody may leave before it is done. */
START_TEST(rows_are_read_where_they_are) {
    enum { FEW = 5 };
    float values[FEW * PROBLEM_INPUTS], expected[OUTPUT_VALUES], outputs[OUTPUT_VALUES];
    const bool is_cpu = test_device()->info.type == EPOCL_DEVICE_CPU;
    epocl_dataset *many = make_floats(PROBLEM_SAMPLES), *few = NULL;
    for (size_t i = 0; i < FEW * PROBLEM_INPUTS; i++) values[i] = (float)(i % 7);
    ck_assert_ok(epocl_dataset_from_floats(values, NULL, FEW, PROBLEM_INPUTS, 0, &few));
    epocl_predictor *predictor = make_predictor(PROBLEM_SAMPLES), *other = make_predictor(PROBLEM_SAMPLES);
    ck_assert_ok(epocl_device_set_timeout(test_device(), _i ? 60 : 0));
    ck_assert_ok(epocl_predictor_run(other, few, expected, NULL));
    for (int time = 0; time < 2; time++) {
        calls.reset();
        ck_assert_ok(epocl_predictor_run(predictor, many, outputs, NULL));
        ck_assert_uint_eq(calls.count("clEnqueueWriteBuffer"), is_cpu && _i == 0 ? 1 : 2);
        ck_assert_ok(epocl_predictor_run(predictor, few, outputs, NULL));
        ck_assert_mem_eq(outputs, expected, FEW * PROBLEM_CLASSES * sizeof *outputs);
    }
    ck_assert_ok(epocl_device_set_timeout(test_device(), 0));
    epocl_predictor_release(predictor);
    epocl_predictor_release(other);
    epocl_dataset_release(many);
    epocl_dataset_release(few);
}
END_TEST

START_TEST(a_failure_leaves_a_predictor_usable) {
    float inputs[PROBLEM_SAMPLES * PROBLEM_INPUTS] = {0};
    uint32_t classes[PROBLEM_SAMPLES], same[PROBLEM_SAMPLES];
    epocl_dataset *large = NULL, *other = NULL;
    epocl_evaluation evaluation;
    epocl_network_release(network);
    const epocl_options options = problem_options("tile", 16, 0.5f);
    ck_assert_ok(epocl_network_create(data, &options, &network)); /* without hidden units, which are never large */
    problem_train(network, data, &options, 1);
    network->layers[0].weights[0] = 16;
    network->input_scale[0] = 1;
    epocl_predictor *predictor = make_predictor(7); /* 56 samples between waits */
    ck_assert_ok(epocl_predictor_run(predictor, data, NULL, classes));
    network->layers[0].weights[0] = 0; /* the predictor has its own */

    inputs[250 * PROBLEM_INPUTS] = 3e38f;
    ck_assert_ok(
        epocl_dataset_from_floats(inputs, data->labels, PROBLEM_SAMPLES, PROBLEM_INPUTS, PROBLEM_CLASSES, &large));
    ck_assert_int_eq(epocl_predictor_run(predictor, large, NULL, same), EPOCL_ERROR_DATA);
    ck_assert_msg(strstr(epocl_last_error(), "sample 250") != NULL, "%s", epocl_last_error());
    ck_assert_int_eq(epocl_predictor_evaluate(predictor, large, &evaluation), EPOCL_ERROR_DIVERGED);
    ck_assert_ok(epocl_dataset_from_floats(inputs, NULL, 1, 1, 0, &other));
    ck_assert_int_eq(epocl_predictor_run(predictor, other, NULL, same), EPOCL_ERROR_DATA);
    ck_assert_int_eq(epocl_predictor_evaluate(predictor, other, &evaluation), EPOCL_ERROR_DATA);
    ck_assert_int_eq(epocl_predictor_run(predictor, data, NULL, NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_predictor_run(NULL, data, NULL, same), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_predictor_evaluate(predictor, data, NULL), EPOCL_ERROR_ARGUMENT);

    ck_assert_ok(epocl_predictor_run(predictor, data, NULL, same));
    ck_assert_mem_eq(classes, same, sizeof classes);
    epocl_predictor_release(predictor);
    epocl_dataset_release(large);
    epocl_dataset_release(other);
}
END_TEST

/* ---- what is done once ---- */

static const char *const once[] = {"clCreateProgramWithSource", "clBuildProgram", "clCreateKernel", "clSetKernelArg",
                                   "clCreateBuffer"};
enum { BUILDS = 2, ONCE = sizeof once / sizeof *once }; /* the first two are what a program takes */

static void assert_none(size_t count) {
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(calls.count(once[i]) == 0, "%s was called %lu times", once[i], calls.count(once[i]));
}

START_TEST(a_second_run_makes_nothing_anew) {
    uint32_t classes[PROBLEM_SAMPLES];
    float outputs[OUTPUT_VALUES];
    epocl_evaluation evaluation;
    epocl_dataset *floats = make_floats(PROBLEM_SAMPLES);
    epocl_predictor *predictor = make_predictor(64);
    calls.reset();
    ck_assert_ok(epocl_predictor_run(predictor, data, outputs, classes));
    ck_assert_ok(epocl_predictor_run(predictor, floats, outputs, NULL));
    ck_assert_ok(epocl_predictor_evaluate(predictor, data, &evaluation));
    assert_none(ONCE);
    /* Of each mini-batch its inputs, labels and place, the first one's with the state. No parameters. */
    ck_assert_uint_eq(calls.count("clEnqueueWriteBuffer"), 5 * (3 + 2 + 3));
    ck_assert_uint_eq(calls.count("clEnqueueFillBuffer"), 0);
    ck_assert_uint_eq(calls.count("clEnqueueReadBuffer"), 5 * (3 + 1) + 1);
    if (test_device_is_polled())
        ck_assert_uint_eq(calls.count("clEnqueueMarkerWithWaitList"), 3);
    else
        ck_assert_uint_eq(calls.count("clFinish"), 5 * 3); /* a CPU waits for each mini-batch */
    epocl_predictor_release(predictor);
    epocl_dataset_release(floats);
}
END_TEST

/* Whether a further user of the device compiles: a predictor, and a trainer as one before it. */
START_TEST(a_program_is_compiled_once_for_a_device) {
    const epocl_options options = problem_options(_i ? "resident" : "tile", 16, 0.5f);
    epocl_network *fresh = NULL;
    epocl_dataset *same = NULL;
    problem_create(&same, &fresh);
    epocl_predictor_release(make_predictor(64));
    problem_train(fresh, data, &options, 1);
    calls.reset();
    epocl_predictor_release(make_predictor(300));
    problem_train(fresh, data, &options, 1);
    assert_none(BUILDS);
    epocl_network_release(fresh);
    epocl_dataset_release(same);
}
END_TEST

/* Of a network with other functions and another recipe only the step is compiled, which is two programs: that around an
 * epoch is that of the first, and the one that predictors have. With another optimiser alone, its updates are. */
START_TEST(what_surrounds_an_epoch_is_compiled_once) {
    epocl_options options = problem_options("tile", 24, 0.01f);
    epocl_network *other = NULL;
    epocl_dataset *same = NULL;
    epocl_predictor_release(make_predictor(64));
    problem_create_of((const size_t[]){30, 20}, &same, &other);
    ck_assert_ok(network_set_functions(other, "tanh", "squared", NULL));
    set_option(&options, "optimizer", "adam");
    set_option(&options, "accumulate", "3");
    set_option(&options, "average", "0.9");
    set_option(&options, "clip-norm", "1");
    calls.reset();
    problem_train(other, same, &options, 1);
    ck_assert_uint_eq(calls.count("clBuildProgram"), 2);
    set_option(&options, "optimizer", "rmsprop");
    calls.reset();
    problem_train(other, same, &options, 1);
    ck_assert_uint_eq(calls.count("clBuildProgram"), 1);
    epocl_network_release(other);
    epocl_dataset_release(same);
}
END_TEST

/* ---- the cache ---- */

static cl_program make_program(const char *text) {
    cl_int code;
    const cl_program program = clCreateProgramWithSource(test_device()->context, 1, &text, NULL, &code);
    ck_assert_int_eq(code, CL_SUCCESS);
    return program;
}

/* Whether a cache has the program, and gives another reference to it. */
static bool is_kept(program_cache *cache, const char *const *texts, size_t count, const char *options,
                    cl_program program) {
    cl_program found = NULL;
    ck_assert_ok(program_cache_find(cache, texts, count, options, &found));
    if (!found) return false;
    ck_assert(!program || found == program);
    ck_assert_int_eq(clReleaseProgram(found), CL_SUCCESS);
    return true;
}

START_TEST(a_program_is_known_by_all_of_its_text) {
    const char *const one[] = {"ab", "c"}, *const other[] = {"a", "bc"}, *const longer[] = {"ab", "c", ""};
    program_cache *cache = NULL;
    ck_assert_ok(program_cache_create(&cache));
    const cl_program program = make_program("abc");
    ck_assert_ok(program_cache_keep(cache, one, 2, "-w", program));
    ck_assert(is_kept(cache, one, 2, "-w", program));
    ck_assert(!is_kept(cache, one, 2, "-W", NULL));
    ck_assert(!is_kept(cache, one, 1, "-w", NULL));
    ck_assert(!is_kept(cache, other, 2, "-w", NULL));
    ck_assert(!is_kept(cache, longer, 3, "-w", NULL));
    program_cache_release(program_cache_hold(cache));
    program_cache_release(cache);
    cl_uint references = 0;
    ck_assert_int_eq(clGetProgramInfo(program, CL_PROGRAM_REFERENCE_COUNT, sizeof references, &references, NULL),
                     CL_SUCCESS);
    ck_assert_uint_eq(references, 1);
    ck_assert_int_eq(clReleaseProgram(program), CL_SUCCESS);
}
END_TEST

/* Of more programs than it keeps, those that were used last stay. */
START_TEST(a_cache_keeps_what_is_used) {
    enum { PROGRAMS = 3 * PROGRAM_CACHE_CAPACITY };
    char names[PROGRAMS][8];
    program_cache *cache = NULL;
    ck_assert_ok(program_cache_create(&cache));
    calls.reset();
    for (size_t i = 0; i < PROGRAMS; i++) {
        snprintf(names[i], sizeof names[i], "%zu", i);
        const cl_program program = make_program("");
        ck_assert_ok(program_cache_keep(cache, (const char *const[]){names[i]}, 1, "", program));
        ck_assert_int_eq(clReleaseProgram(program), CL_SUCCESS);
        ck_assert(is_kept(cache, (const char *const[]){names[0]}, 1, "", NULL));
    }
    for (size_t i = 1; i < PROGRAMS; i++)
        ck_assert_int_eq(is_kept(cache, (const char *const[]){names[i]}, 1, "", NULL),
                         i > PROGRAMS - PROGRAM_CACHE_CAPACITY);
    program_cache_release(cache);
    ck_assert_uint_eq(calls.count("clCreateProgramWithSource") + calls.count("clRetainProgram"),
                      calls.count("clReleaseProgram"));
}
END_TEST

static void write_kernels(const char *changed) {
    for (size_t i = 0; i < embedded_kernel_count; i++) {
        const bool is_changed = strcmp(embedded_kernels[i].name, changed) == 0;
        char text[1 << 16];
        const int length =
            snprintf(text, sizeof text, "%s%s", embedded_kernels[i].text, is_changed ? "\n/* another */\n" : "");
        ck_assert_int_lt(length, (int)sizeof text);
        scratch_write(embedded_kernels[i].name, text, (size_t)length);
    }
}

START_TEST(a_changed_kernel_file_is_compiled) {
    epocl_device *device = NULL;
    epocl_predictor *predictor = NULL;
    scratch_create();
    write_kernels("");
    char folder[4096];
    static const size_t built[] = {2, 0, 1, 0}; /* the other program does not have the changed file */
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    ck_assert_ok(epocl_device_open(test_device_selector(), &device));
    ck_assert_ok(epocl_device_trust(device, 1));
    setenv("EPOCL_KERNEL_DIR", folder, 1);
    for (int i = 0; i < 4; i++) {
        if (i == 2) write_kernels("gather.cl");
        calls.reset();
        const epocl_status status = epocl_predictor_create(device, network, &predictor);
        if (i == 3) unsetenv("EPOCL_KERNEL_DIR");
        ck_assert_ok(status);
        ck_assert_uint_eq(calls.count("clBuildProgram"), built[i]);
        epocl_predictor_release(predictor);
    }
    epocl_device_release(device);
    scratch_remove();
}
END_TEST

/* ---- threads ---- */

static void *predict_again_and_again(void *result) {
    for (size_t i = 0; i < 20; i++) {
        epocl_predictor *predictor = NULL;
        epocl_status status = epocl_predictor_create(test_device(), network, &predictor);
        if (status == EPOCL_OK) status = epocl_predictor_run(predictor, data, NULL, result);
        epocl_predictor_release(predictor);
        if (status != EPOCL_OK) return "a prediction failed";
    }
    return NULL;
}

START_TEST(threads_share_a_devices_programs) {
    enum { THREADS = 3 };
    pthread_t threads[THREADS];
    static uint32_t classes[THREADS][PROBLEM_SAMPLES], expected[PROBLEM_SAMPLES];
    ck_assert_ok(epocl_predict_classes(test_device(), network, data, expected));
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, predict_again_and_again, classes[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *failure = NULL;
        ck_assert_int_eq(pthread_join(threads[i], &failure), 0);
        ck_assert_ptr_null(failure);
        ck_assert_mem_eq(classes[i], expected, sizeof expected);
    }
}
END_TEST

Suite *predictor_suite(void) {
    Suite *suite = suite_create("predictor");
    TCase *tests = tcase_create("predictor");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, many_data_sets_go_through_one_predictor, 0, 4);
    tcase_add_loop_test(tests, rows_are_read_where_they_are, 0, 2);
    tcase_add_test(tests, a_failure_leaves_a_predictor_usable);
    tcase_add_test(tests, a_second_run_makes_nothing_anew);
    tcase_add_loop_test(tests, a_program_is_compiled_once_for_a_device, 0, 2);
    tcase_add_test(tests, what_surrounds_an_epoch_is_compiled_once);
    tcase_add_test(tests, a_program_is_known_by_all_of_its_text);
    tcase_add_test(tests, a_cache_keeps_what_is_used);
    tcase_add_test(tests, a_changed_kernel_file_is_compiled);
    tcase_add_test(tests, threads_share_a_devices_programs);
    suite_add_tcase(suite, tests);
    return suite;
}
