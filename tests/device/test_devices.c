/* What a trainer is made from: options, devices and the plan that is told beforehand. */
#include "device/problem.h"
#include "device/programs/program.h"
#include "layers/count.h"
#include "support/options.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

Suite *devices_suite(void);

START_TEST(bad_options_are_refused) {
    epocl_dataset *data;
    epocl_network *network;
    epocl_trainer *trainer = NULL;
    problem_create(&data, &network);
    epocl_options options = problem_options("local", 16, 0.5f); /* whose items wait for each other */
    set_option(&options, "plan", "resident");
    ck_assert_int_eq(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer),
                     EPOCL_ERROR_ARGUMENT);
    options = problem_options("tile:8x3x16", 16, 0.5f); /* no shape of a tile */
    ck_assert_int_eq(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer),
                     EPOCL_ERROR_ARGUMENT);
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

START_TEST(networks_that_do_not_fit_are_refused) {
    static const size_t hidden[] = {21, 17};
    epocl_dataset *data, *same;
    epocl_network *network, *other;
    epocl_trainer *trainer = NULL;
    epocl_evaluation evaluation;
    float outputs[PROBLEM_SAMPLES * PROBLEM_CLASSES];
    uint32_t classes[PROBLEM_SAMPLES];
    problem_create(&data, &network);
    problem_create_of(hidden, &same, &other);
    ck_assert_int_eq(epocl_evaluate(test_device(), network, data, &evaluation), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "has not been trained"));
    ck_assert_int_eq(epocl_predict(test_device(), network, data, outputs), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_predict_classes(test_device(), network, data, classes), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_predict_classes(test_device(), network, data, NULL), EPOCL_ERROR_ARGUMENT);
    const epocl_options options = problem_options("tile", 16, 0.5f);
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    ck_assert_int_eq(epocl_trainer_read(trainer, other), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "another shape"));
    epocl_trainer_release(trainer);
    epocl_network_release(other);
    epocl_network_release(network);
    epocl_dataset_release(same);
    epocl_dataset_release(data);
}
END_TEST

/* ---- devices and plans ---- */

static cl_uint references_of(cl_command_queue queue) {
    cl_uint count = 0;
    ck_assert_int_eq(clGetCommandQueueInfo(queue, CL_QUEUE_REFERENCE_COUNT, sizeof count, &count, NULL), CL_SUCCESS);
    return count;
}

START_TEST(the_callers_own_context_and_queue_work) {
    epocl_dataset *data;
    epocl_network *network;
    epocl_device *own = test_device(), *wrapped = NULL;
    epocl_evaluation a, b;
    problem_create(&data, &network);
    const epocl_options options = problem_options("tile", 16, 0.5f);
    problem_train(network, data, &options, 1);
    ck_assert_ok(epocl_device_from_opencl(own->context, own->queue, &wrapped));
    ck_assert_ok(epocl_evaluate(own, network, data, &a));
    ck_assert_ok(epocl_evaluate(wrapped, network, data, &b));
    ck_assert(a.cost == b.cost && a.accuracy == b.accuracy);
    epocl_device_release(wrapped);
    ck_assert_ok(epocl_evaluate(own, network, data, &b)); /* still there */
    ck_assert_int_eq(epocl_device_from_opencl(NULL, own->queue, &wrapped), EPOCL_ERROR_ARGUMENT);
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

/* In a queue that nothing was enqueued in, since a driver may count commands, too. */
START_TEST(a_device_keeps_the_callers_queue) {
    epocl_device *own = test_device(), *wrapped = NULL;
    cl_int code = CL_SUCCESS;
    const cl_command_queue queue = clCreateCommandQueue(own->context, own->id, 0, &code);
    ck_assert_int_eq(code, CL_SUCCESS);
    ck_assert_ok(epocl_device_from_opencl(own->context, queue, &wrapped));
    ck_assert_uint_eq(references_of(queue), 2);
    epocl_device_release(wrapped);
    ck_assert_uint_eq(references_of(queue), 1);
    ck_assert_int_eq(clReleaseCommandQueue(queue), CL_SUCCESS);
}
END_TEST

/* Launches rely on the ones before. */
START_TEST(a_queue_out_of_order_is_refused) {
    epocl_device *own = test_device(), *wrapped = NULL;
    cl_int code = CL_SUCCESS;
    const cl_command_queue queue =
        clCreateCommandQueue(own->context, own->id, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE, &code);
    if (!queue) return; /* the device has none */
    ck_assert_int_eq(epocl_device_from_opencl(own->context, queue, &wrapped), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(wrapped);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "in order"));
    clReleaseCommandQueue(queue);
}
END_TEST

START_TEST(codes_of_memory_are_told_apart) {
    ck_assert_int_eq(fail_opencl(CL_MEM_OBJECT_ALLOCATION_FAILURE, "clCall(x)", ""), EPOCL_ERROR_MEMORY);
    ck_assert_int_eq(fail_opencl(CL_OUT_OF_HOST_MEMORY, "clCall(x)", ""), EPOCL_ERROR_MEMORY);
    ck_assert_int_eq(fail_opencl(CL_OUT_OF_RESOURCES, "clCall(x)", "of a test"), EPOCL_ERROR_OPENCL);
    ck_assert_str_eq(epocl_last_error(), "clCall (of a test): CL_OUT_OF_RESOURCES (-5)");
}
END_TEST

START_TEST(devices_are_chosen_by_words) {
    epocl_device_info infos[16], info;
    epocl_device *device = NULL;
    size_t count = 0;
    char selector[64], other_case[sizeof info.platform_name];
    ck_assert_ok(epocl_devices_list(infos, 16, &count));
    ck_assert_uint_ge(count, 1);
    for (size_t i = 0; i < sizeof other_case; i++) {
        const unsigned char c = (unsigned char)infos[0].platform_name[i];
        other_case[i] = (char)(islower(c) ? toupper(c) : tolower(c));
    }
    const char *const type = infos[0].type == EPOCL_DEVICE_CPU ? "cpu" : "gpu";
    const char *const words[] = {"auto", type, "0", other_case, infos[0].device_version};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        ck_assert_ok(epocl_device_open(words[i], &device));
        epocl_device_describe(device, &info);
        ck_assert_str_eq(info.name, infos[0].name);
        epocl_device_release(device);
    }
    snprintf(selector, sizeof selector, "%zu:%zu", infos[0].platform, infos[0].device);
    ck_assert_ok(epocl_device_open(selector, &device));
    epocl_device_release(device);
    const char *const wrong[] = {"99", "7:7", "no such device", "", "0:", "-1", "0000000000", "0000000000:0"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_int_eq(epocl_device_open(wrong[i], &device), EPOCL_ERROR_DEVICE);
        ck_assert_ptr_null(device);
        ck_assert_msg(strstr(epocl_last_error(), infos[0].name), "the list of devices is missing: %s",
                      epocl_last_error());
    }
}
END_TEST

START_TEST(a_plan_is_described_as_it_is_made) {
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    epocl_dataset *data;
    epocl_network *network;
    epocl_plan *described = NULL;
    epocl_plan_info summary;
    epocl_plan_buffer buffer;
    epocl_plan_launch first, last;
    problem_create(&data, &network);
    const epocl_options options = problem_options("tile", 16, 0.5f);
    test_device();
    calls.reset();
    ck_assert_ok(epocl_plan_create(test_device(), network, data, data, &options, &described));
    epocl_plan_describe(described, &summary);
    for (size_t i = 0; calls.name(i); i++) ck_assert_uint_eq(calls.count(calls.name(i)), 0);
    ck_assert_uint_eq(summary.launch_count, 10);
    uint64_t total = 0;
    size_t weight_count = 0;
    for (size_t i = 0; i < summary.buffer_count; i++) {
        ck_assert_ok(epocl_plan_buffer_at(described, i, &buffer));
        total += buffer.bytes;
        if (strcmp(buffer.name, "layers.0.weight") != 0) continue;
        ck_assert_uint_eq(buffer.rows, PROBLEM_INPUTS);
        ck_assert_uint_eq(buffer.columns, 21);
        weight_count++;
    }
    ck_assert_uint_eq(total, summary.total_bytes);
    ck_assert_uint_eq(weight_count, 1);
    ck_assert_ok(epocl_plan_launch_at(described, 0, &first));
    ck_assert_ok(epocl_plan_launch_at(described, 9, &last));
    ck_assert_str_eq(first.kernel, "gather_uchar");
    ck_assert_str_eq(last.kernel, "metrics_step");
    ck_assert_int_eq(epocl_plan_launch_at(described, 10, &last), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_plan_buffer_at(described, summary.buffer_count, &buffer), EPOCL_ERROR_ARGUMENT);

    epocl_trainer *trainer = NULL;
    calls.reset();
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, data, &options, &trainer));
    ck_assert_uint_eq(calls.count("clCreateBuffer"), summary.buffer_count);
    ck_assert_str_eq(epocl_trainer_plan_name(trainer), summary.name);
    epocl_trainer_release(trainer);
    epocl_plan_release(described);
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

/* What an optimiser's averages become where gradients are 0 is slow on a CPU. */
START_TEST(cpus_are_asked_to_take_denormal_numbers_for_0) {
    static const epocl_device_type types[] = {EPOCL_DEVICE_CPU, EPOCL_DEVICE_GPU};
    static const program_source sources[] = {{.name = "metrics"}};
    const matmul_choice plain = {.provider = MATMUL_PLAIN, .vector_width = 4, .tile_vectors = 4};
    for (size_t i = 0; i < 2; i++) {
        epocl_device_info info = test_device()->info;
        plan p = {0};
        program_text text;
        info.type = types[i];
        ck_assert_ok(plan_create(&p, &plain, &info));
        ck_assert_ok(program_text_create(&text, &p, sources, 1, NULL));
        ck_assert_int_eq(strstr(text.options, " -cl-denorms-are-zero") != NULL, types[i] == EPOCL_DEVICE_CPU);
        program_text_release(&text);
        plan_release(&p);
    }
}
END_TEST

Suite *devices_suite(void) {
    Suite *suite = suite_create("devices");
    TCase *tests = tcase_create("devices");
    tcase_add_test(tests, bad_options_are_refused);
    tcase_add_test(tests, networks_that_do_not_fit_are_refused);
    tcase_add_test(tests, the_callers_own_context_and_queue_work);
    tcase_add_test(tests, a_device_keeps_the_callers_queue);
    tcase_add_test(tests, a_queue_out_of_order_is_refused);
    tcase_add_test(tests, codes_of_memory_are_told_apart);
    tcase_add_test(tests, devices_are_chosen_by_words);
    tcase_add_test(tests, a_plan_is_described_as_it_is_made);
    tcase_add_test(tests, cpus_are_asked_to_take_denormal_numbers_for_0);
    suite_add_tcase(suite, tests);
    return suite;
}
