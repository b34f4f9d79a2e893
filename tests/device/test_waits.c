/* Waits with a timeout: the same results when the device answers, an error in time when it does not. */
#include "device/harness.h"
#include "device/wait.h"
#include "layers/count.h"
#include "support/options.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

Suite *waits_suite(void);

enum { SAMPLES = 40, INPUTS = 6, CLASSES = 3 };

/* A device of its own on the tests' context; its queue waits for `gate`, unless that is NULL. */
typedef struct gated_device {
    epocl_device *device;
    cl_command_queue queue;
    cl_event gate;
} gated_device;

static gated_device gated_device_create(void) {
    gated_device g = {0};
    cl_int code;
    epocl_device *own = test_device();
    g.queue = clCreateCommandQueue(own->context, own->id, 0, &code);
    ck_assert_int_eq(code, CL_SUCCESS);
    ck_assert_ok(epocl_device_from_opencl(own->context, g.queue, &g.device));
    g.gate = clCreateUserEvent(own->context, &code);
    ck_assert_int_eq(code, CL_SUCCESS);
    return g;
}

static void gate_close(const gated_device *g) {
    ck_assert_int_eq(clEnqueueMarkerWithWaitList(g->queue, 1, &g->gate, NULL), CL_SUCCESS);
}

/* Opens the gate, so that the process can end. */
static void gated_device_release(gated_device *g) {
    ck_assert_int_eq(clSetUserEventStatus(g->gate, CL_COMPLETE), CL_SUCCESS);
    epocl_device_release(g->device);
    ck_assert_int_eq(clFinish(g->queue), CL_SUCCESS);
    clReleaseEvent(g->gate);
    clReleaseCommandQueue(g->queue);
}

static void create_problem(epocl_dataset **data, epocl_network **network) {
    float inputs[SAMPLES * INPUTS];
    uint32_t labels[SAMPLES];
    epocl_options shape;
    for (size_t i = 0; i < SAMPLES * INPUTS; i++) inputs[i] = (float)(i * 37 % 64) / 64.0f;
    for (size_t i = 0; i < SAMPLES; i++) labels[i] = (uint32_t)(i % CLASSES);
    ck_assert_ok(epocl_dataset_from_floats(inputs, labels, SAMPLES, INPUTS, CLASSES, data));
    options_begin_recipe(&shape, RECIPE_SEED);
    ck_assert_ok(epocl_network_create(*data, &shape, network));
}

static epocl_options plain_options(void) {
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    options.training.batch_size = 8;
    set_option(&options, "matmul", "plain");
    set_option(&options, "plan", "layered");
    return options;
}

static void assert_timed_out(epocl_status status) {
    ck_assert_msg(status == EPOCL_ERROR_TIMEOUT, "%s: %s", epocl_status_name(status), epocl_last_error());
    ck_assert(*epocl_last_error());
}

/* An epoch is launched without events: each launch relies on the one before. */
START_TEST(queues_keep_their_order) {
    const cl_command_queue queues[] = {test_device()->queue, test_device()->control};
    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++) {
        cl_command_queue_properties properties = 0;
        ck_assert_int_eq(clGetCommandQueueInfo(queues[i], CL_QUEUE_PROPERTIES, sizeof properties, &properties, NULL),
                         CL_SUCCESS);
        ck_assert_uint_eq(properties & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE, 0);
    }
}
END_TEST

START_TEST(a_timeout_must_be_a_time) {
    const double wrong[] = {-1.0, NAN, INFINITY, 1e10};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_int_eq(epocl_device_set_timeout(test_device(), wrong[i]), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_device_set_timeout(NULL, 1.0), EPOCL_ERROR_ARGUMENT);
}
END_TEST

/* More than a staged copy moves at once, in no whole number of pieces. */
START_TEST(copies_are_whole) {
    const size_t bytes = 40000001;
    gated_device g = gated_device_create();
    unsigned char *values = malloc(bytes), *back = calloc(bytes, 1);
    cl_int code;
    const cl_mem buffer = clCreateBuffer(g.device->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    ck_assert_int_eq(code, CL_SUCCESS);
    for (size_t i = 0; i < bytes; i++) values[i] = (unsigned char)(i * 31 + i / 251);
    ck_assert_ok(epocl_device_set_timeout(g.device, 1000));
    ck_assert_ok(device_write(g.device, buffer, values, bytes, "a buffer"));
    ck_assert_ok(device_finish(g.device, g.device->queue, "a write"));
    ck_assert_ok(device_read(g.device, buffer, back, bytes, "a buffer"));
    ck_assert(memcmp(values, back, bytes) == 0);
    clReleaseMemObject(buffer);
    free(back);
    free(values);
    gated_device_release(&g);
}
END_TEST

START_TEST(an_error_is_not_a_timeout) {
    gated_device g = gated_device_create();
    char value = 0;
    ck_assert_ok(epocl_device_set_timeout(g.device, 1000));
    ck_assert_int_eq(device_read(g.device, NULL, &value, 1, "nothing"), EPOCL_ERROR_OPENCL);
    ck_assert(!device_is_lost(g.device));
    gated_device_release(&g);
}
END_TEST

START_TEST(a_timeout_changes_no_result) {
    epocl_dataset *data;
    epocl_network *networks[2];
    float outputs[2][SAMPLES * CLASSES];
    const epocl_options options = plain_options();
    create_problem(&data, &networks[0]);
    epocl_network_release(networks[0]);
    for (int timed = 0; timed < 2; timed++) {
        gated_device g = gated_device_create();
        epocl_trainer *trainer;
        epocl_epoch_result result;
        epocl_dataset *same;
        create_problem(&same, &networks[timed]);
        ck_assert_ok(epocl_device_set_timeout(g.device, timed ? 1000 : 0));
        ck_assert_ok(epocl_trainer_create(g.device, networks[timed], same, same, &options, &trainer));
        ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
        ck_assert_ok(epocl_trainer_read(trainer, networks[timed]));
        ck_assert_ok(epocl_predict(g.device, networks[timed], same, outputs[timed]));
        epocl_trainer_release(trainer);
        epocl_dataset_release(same);
        gated_device_release(&g);
    }
    ck_assert(memcmp(outputs[0], outputs[1], sizeof outputs[0]) == 0);
    ck_assert(memcmp(epocl_network_weights(networks[0], 0), epocl_network_weights(networks[1], 0),
                     INPUTS * CLASSES * sizeof(float)) == 0);
    for (int timed = 0; timed < 2; timed++) epocl_network_release(networks[timed]);
    epocl_dataset_release(data);
}
END_TEST

/* All that a program may do with a device that does not answer, and with what it made there, ends. */
START_TEST(a_lost_device_is_given_up) {
    gated_device g = gated_device_create();
    epocl_dataset *data;
    epocl_network *network;
    epocl_trainer *trainer, *another;
    epocl_epoch_result result;
    epocl_evaluation evaluation;
    float outputs[SAMPLES * CLASSES];
    const epocl_options options = plain_options();
    create_problem(&data, &network);
    ck_assert_ok(epocl_trainer_create(g.device, network, data, NULL, &options, &trainer));
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_ok(epocl_trainer_read(trainer, network));
    const float first_weight = epocl_network_weights(network, 0)[0];

    ck_assert_ok(epocl_device_set_timeout(g.device, 0.05));
    gate_close(&g);
    assert_timed_out(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "epoch 2: "));
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), g.device->info.name));
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "within 0.05 s"));
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "train.state"));
    ck_assert(device_is_lost(g.device));

    ck_assert_ok(epocl_device_set_timeout(g.device, 0)); /* nothing waits any more, for ever least of all */
    assert_timed_out(epocl_trainer_run_epoch(trainer, &result));
    assert_timed_out(epocl_trainer_read(trainer, network));
    ck_assert(epocl_network_weights(network, 0)[0] == first_weight);
    assert_timed_out(epocl_trainer_create(g.device, network, data, NULL, &options, &another));
    ck_assert_ptr_null(another);
    assert_timed_out(epocl_evaluate(g.device, network, data, &evaluation));
    assert_timed_out(epocl_predict(g.device, network, data, outputs));
    epocl_trainer_stop(trainer);
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_dataset_release(data);
    gated_device_release(&g);
}
END_TEST

/* Each kind of wait on its own, of a CPU, which tells of the end, and of a GPU, which is asked. */
START_TEST(every_wait_ends) {
    gated_device g = gated_device_create();
    if (_i >= 4) g.device->info.type = EPOCL_DEVICE_GPU;
    epocl_dataset *data;
    epocl_network *network;
    epocl_trainer *trainer;
    epocl_evaluation evaluation;
    float outputs[SAMPLES * CLASSES];
    const epocl_options options = plain_options();
    create_problem(&data, &network);
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    ck_assert_ok(epocl_trainer_read(trainer, network));
    epocl_trainer_release(trainer);

    ck_assert_ok(epocl_device_set_timeout(g.device, 0.05));
    gate_close(&g);
    switch (_i % 4) {
    case 0: assert_timed_out(device_finish(g.device, g.device->queue, "nothing")); break;
    case 1: assert_timed_out(epocl_evaluate(g.device, network, data, &evaluation)); break;
    case 2: assert_timed_out(epocl_predict(g.device, network, data, outputs)); break;
    default: assert_timed_out(epocl_trainer_create(g.device, network, data, NULL, &options, &trainer)); break;
    }
    epocl_network_release(network);
    epocl_dataset_release(data);
    gated_device_release(&g);
}
END_TEST

/* ---- on a GPU, whose driver might spend a core on waiting ---- */

static double seconds_of_thread(void) {
    struct timespec used;
    ck_assert_int_eq(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used), 0);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

static void *open_later(void *gate) {
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    clSetUserEventStatus(gate, CL_COMPLETE);
    return NULL;
}

/* No call that blocks, with a timeout or without; the device is asked now and then, and the wait ends when the device
 * has. */
START_TEST(a_wait_for_a_gpu_looks_now_and_then) {
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    gated_device g = gated_device_create();
    pthread_t opener;
    cl_int code;
    cl_int value = 7, back = 0;
    const cl_mem buffer = clCreateBuffer(g.device->context, CL_MEM_READ_WRITE, sizeof value, NULL, &code);
    ck_assert_int_eq(code, CL_SUCCESS);
    const cl_event gate = clCreateUserEvent(g.device->context, &code);
    ck_assert_int_eq(code, CL_SUCCESS);
    g.device->info.type = EPOCL_DEVICE_GPU;
    if (_i >= 2) ck_assert_ok(epocl_device_set_timeout(g.device, 1000));
    ck_assert_ok(device_write(g.device, buffer, &value, sizeof value, "a buffer"));
    ck_assert_int_eq(clEnqueueMarkerWithWaitList(g.queue, 1, &gate, NULL), CL_SUCCESS);
    calls.reset();
    const double before = seconds_of_thread();
    ck_assert_int_eq(pthread_create(&opener, NULL, open_later, gate), 0);
    if (_i % 2 == 0)
        ck_assert_ok(device_finish(g.device, g.device->queue, "a gate"));
    else
        ck_assert_ok(device_read(g.device, buffer, &back, sizeof back, "a buffer"));
    printf("a wait of 0.1 s took %.4f s of the thread, %lu looks\n", seconds_of_thread() - before,
           calls.count("clGetEventInfo"));
    ck_assert_uint_eq(calls.count("clFinish") + calls.count("clWaitForEvents"), 0);
    ck_assert_uint_gt(calls.count("clGetEventInfo"), 1);
    ck_assert_int_eq(back, _i % 2 == 0 ? 0 : value);
    ck_assert_int_eq(pthread_join(opener, NULL), 0);
    clReleaseEvent(gate);
    clReleaseMemObject(buffer);
    gated_device_release(&g);
}
END_TEST

/* However long an epoch, the host is no more than ten flights of a hundred steps ahead of the device. */
START_TEST(an_epoch_is_sent_in_flights) {
    enum { STEPS = 1350 };
    static float inputs[STEPS];
    static uint32_t labels[STEPS];
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    epocl_dataset *data;
    epocl_network *network;
    epocl_trainer *trainer;
    epocl_epoch_result result;
    epocl_options options = plain_options();
    options.training.batch_size = 1;
    for (size_t i = 0; i < STEPS; i++) labels[i] = i % 2;
    ck_assert_ok(epocl_dataset_from_floats(inputs, labels, STEPS, 1, 2, &data));
    ck_assert_ok(epocl_network_create(data, &options, &network));
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    calls.reset();
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_uint_eq(result.sample_count, STEPS);
    ck_assert_uint_eq(calls.count("clEnqueueMarkerWithWaitList"), 13);
    if (test_device()->info.type == EPOCL_DEVICE_CPU) ck_assert_uint_eq(calls.count("clWaitForEvents"), 3);
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

Suite *waits_suite(void) {
    Suite *suite = suite_create("waits");
    TCase *tests = tcase_create("waits");
    tcase_add_test(tests, queues_keep_their_order);
    tcase_add_test(tests, a_timeout_must_be_a_time);
    tcase_add_test(tests, copies_are_whole);
    tcase_add_test(tests, an_error_is_not_a_timeout);
    tcase_add_test(tests, a_timeout_changes_no_result);
    tcase_add_test(tests, a_lost_device_is_given_up);
    tcase_add_loop_test(tests, every_wait_ends, 0, 8);
    tcase_add_loop_test(tests, a_wait_for_a_gpu_looks_now_and_then, 0, 4);
    tcase_add_test(tests, an_epoch_is_sent_in_flights);
    suite_add_tcase(suite, tests);
    return suite;
}
