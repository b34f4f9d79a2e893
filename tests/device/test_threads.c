/* What the header promises to programs with threads: a stop from any of them, handles of their own, errors of their
 * own. `make tsan` runs this suite under ThreadSanitizer. */
#include "device/harness.h"
#include "layers/count.h"
#include "support/options.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

Suite *threads_suite(void);

enum { SAMPLES = 500, VALID_SAMPLES = 100000, INPUTS = 20, CLASSES = 4, STOPS = 5, EPOCHS = 3 };

static epocl_dataset *make_data_of(size_t sample_count) {
    float *inputs = malloc(sizeof *inputs * sample_count * INPUTS);
    double *reals = malloc(sizeof *reals * sample_count * INPUTS);
    uint32_t *labels = malloc(sizeof *labels * sample_count);
    epocl_dataset *data = NULL;
    ck_assert(inputs && reals && labels);
    fill_reals(reals, sample_count * INPUTS, 0.0, 1.0, 1);
    for (size_t i = 0; i < sample_count * INPUTS; i++) inputs[i] = (float)reals[i];
    for (size_t i = 0; i < sample_count; i++) labels[i] = (uint32_t)(i % CLASSES);
    ck_assert_ok(epocl_dataset_from_floats(inputs, labels, sample_count, INPUTS, CLASSES, &data));
    free(inputs);
    free(reals);
    free(labels);
    return data;
}

static epocl_dataset *make_data(void) {
    return make_data_of(SAMPLES);
}

static epocl_network *make_network(const epocl_dataset *data) {
    static const size_t hidden[] = {12};
    epocl_options options;
    epocl_network *network = NULL;
    options_begin_recipe(&options, RECIPE_SEED);
    set_hidden(&options, hidden, 1);
    ck_assert_ok(epocl_network_create(data, &options, &network));
    return network;
}

static epocl_options options_for(const char *plan_name) {
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    options.training.batch_size = 5;
    set_option(&options, "matmul", "tile");
    set_option(&options, "plan", plan_name);
    return options;
}

/* ---- stops ---- */

/* Stops a trainer, each time after the last stop was answered. */
typedef struct stopper {
    epocl_trainer *trainer;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    size_t answer_count;
} stopper;

static void *stop_again_and_again(void *given) {
    stopper *s = given;
    for (size_t i = 0; i < STOPS; i++) {
        epocl_trainer_stop(s->trainer);
        pthread_mutex_lock(&s->lock);
        while (s->answer_count <= i) pthread_cond_wait(&s->answered, &s->lock);
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

/* Bit 0: the plan; bit 1: with validation, which takes longer than the training. */
START_TEST(each_stop_of_another_thread_is_answered_once) {
    static const char *const plans[] = {"layered", "resident"};
    epocl_dataset *data = make_data(), *valid = _i / 2 ? make_data_of(VALID_SAMPLES) : NULL;
    epocl_network *network = make_network(data);
    const epocl_options options = options_for(plans[_i % 2]);
    stopper s = {.lock = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER};
    epocl_epoch_result result;
    pthread_t thread;
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, &options, &s.trainer));
    ck_assert_int_eq(pthread_create(&thread, NULL, stop_again_and_again, &s), 0);
    for (size_t stops = 0; stops < STOPS;) {
        const epocl_status status = epocl_trainer_run_epoch(s.trainer, &result);
        ck_assert_msg(status == EPOCL_OK || status == EPOCL_STOPPED, "%s", epocl_last_error());
        ck_assert_uint_eq(result.sample_count % options.training.batch_size, 0);
        if (status == EPOCL_OK) continue;
        stops++;
        pthread_mutex_lock(&s.lock);
        s.answer_count++;
        pthread_cond_signal(&s.answered);
        pthread_mutex_unlock(&s.lock);
    }
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_ok(epocl_trainer_run_epoch(s.trainer, &result));
    ck_assert_uint_eq(result.sample_count, SAMPLES);
    epocl_trainer_release(s.trainer);
    epocl_network_release(network);
    epocl_dataset_release(valid);
    epocl_dataset_release(data);
}
END_TEST

/* ---- handles ---- */

typedef struct epoch {
    epocl_trainer *trainer;
    epocl_status status;
    epocl_epoch_result result;
} epoch;

static void *run_epoch(void *given) {
    epoch *e = given;
    e->status = epocl_trainer_run_epoch(e->trainer, &e->result);
    return NULL;
}

/* The queue waits for an event until all of the epoch is in it: then only the device can still end it. */
START_TEST(a_stop_reaches_an_epoch_that_is_all_launched) {
    static const struct timespec pause = {.tv_nsec = 1000000};
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    epocl_device *own = test_device(), *device = NULL;
    epocl_dataset *data = make_data();
    epocl_network *network = make_network(data);
    const epocl_options options = options_for("layered");
    epoch stopped = {0};
    pthread_t thread;
    cl_int code[2];
    const cl_command_queue queue = clCreateCommandQueue(own->context, own->id, 0, &code[0]);
    const cl_event gate = clCreateUserEvent(own->context, &code[1]);
    ck_assert(code[0] == CL_SUCCESS && code[1] == CL_SUCCESS);
    ck_assert_ok(epocl_device_from_opencl(own->context, queue, &device));
    ck_assert_ok(epocl_trainer_create(device, network, data, NULL, &options, &stopped.trainer));
    ck_assert_int_eq(clEnqueueMarkerWithWaitList(queue, 1, &gate, NULL), CL_SUCCESS);
    calls.reset();
    ck_assert_int_eq(pthread_create(&thread, NULL, run_epoch, &stopped), 0);
    while (calls.count("clEnqueueReadBuffer") == 0) nanosleep(&pause, NULL);
    epocl_trainer_stop(stopped.trainer);
    ck_assert_int_eq(clSetUserEventStatus(gate, CL_COMPLETE), CL_SUCCESS);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(stopped.status, EPOCL_STOPPED);
    ck_assert_uint_lt(stopped.result.sample_count, epocl_dataset_sample_count(data));
    epocl_trainer_release(stopped.trainer);
    epocl_device_release(device);
    clReleaseEvent(gate);
    clReleaseCommandQueue(queue);
    epocl_network_release(network);
    epocl_dataset_release(data);
}
END_TEST

/* A training with handles of its own. Check's assertions are for the main thread: the outcome is looked at there. */
typedef struct training {
    const epocl_dataset *data; /* shared, only read */
    epocl_network *network;
    epocl_status status;
    char error[256];
} training;

static void *train(void *given) {
    training *t = given;
    const epocl_options options = options_for("layered");
    epocl_device *device = NULL;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result;
    t->status = epocl_device_open(test_device_selector(), &device);
    if (t->status == EPOCL_OK) t->status = epocl_trainer_create(device, t->network, t->data, NULL, &options, &trainer);
    for (int i = 0; i < EPOCHS && t->status == EPOCL_OK; i++) t->status = epocl_trainer_run_epoch(trainer, &result);
    if (t->status == EPOCL_OK) t->status = epocl_trainer_read(trainer, t->network);
    strncpy(t->error, t->status == EPOCL_OK ? "" : epocl_last_error(), sizeof t->error - 1);
    epocl_trainer_release(trainer);
    epocl_device_release(device);
    return NULL;
}

START_TEST(threads_train_with_handles_of_their_own) {
    enum { THREADS = 3 };
    epocl_dataset *data = make_data();
    training trainings[THREADS] = {{0}};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) trainings[i] = (training){.data = data, .network = make_network(data)};
    train(&trainings[0]);
    for (int i = 1; i < THREADS; i++) ck_assert_int_eq(pthread_create(&threads[i], NULL, train, &trainings[i]), 0);
    for (int i = 1; i < THREADS; i++) ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    const size_t bytes = sizeof(float) * INPUTS * epocl_network_output_count(trainings[0].network, 0);
    for (int i = 0; i < THREADS; i++) {
        ck_assert_msg(trainings[i].status == EPOCL_OK, "thread %d: %s", i, trainings[i].error);
        ck_assert_mem_eq(epocl_network_weights(trainings[i].network, 0), epocl_network_weights(trainings[0].network, 0),
                         bytes);
    }
    for (int i = 0; i < THREADS; i++) epocl_network_release(trainings[i].network);
    epocl_dataset_release(data);
}
END_TEST

/* What a server does: one trained network that all threads read, and of each thread a device, a predictor, copies of
 * the network through memory, and messages. */
enum { SERVINGS = 3 };

typedef struct serving {
    const epocl_dataset *data;    /* shared, only read */
    const epocl_network *network; /* likewise          */
    float outputs[SAMPLES * CLASSES];
    size_t message_count;
    epocl_status status;
    char error[256];
} serving;

static void count_message(const char *text, void *user) {
    (void)text;
    ++((serving *)user)->message_count;
}

static epocl_status serve_once(serving *s, epocl_device *device) {
    void *bytes = NULL;
    size_t byte_count = 0;
    epocl_network *copy = NULL;
    epocl_predictor *predictor = NULL;
    epocl_status status = epocl_network_save_memory(s->network, &bytes, &byte_count);
    if (status == EPOCL_OK) status = epocl_network_load_memory(bytes, byte_count, &copy);
    if (status == EPOCL_OK) status = epocl_predictor_create(device, copy, &predictor);
    if (status == EPOCL_OK) status = epocl_predictor_run(predictor, s->data, s->outputs, NULL);
    epocl_predictor_release(predictor);
    epocl_network_release(copy);
    epocl_memory_release(bytes);
    return status;
}

static void *serve(void *given) {
    serving *s = given;
    epocl_device *device = NULL;
    s->status = epocl_device_open(test_device_selector(), &device);
    if (s->status == EPOCL_OK) s->status = epocl_device_set_message(device, count_message, s);
    for (int i = 0; i < SERVINGS && s->status == EPOCL_OK; i++) s->status = serve_once(s, device);
    strncpy(s->error, s->status == EPOCL_OK ? "" : epocl_last_error(), sizeof s->error - 1);
    epocl_device_release(device);
    return NULL;
}

START_TEST(threads_predict_with_one_network) {
    enum { THREADS = 4 };
    static serving servings[THREADS];
    epocl_dataset *data = make_data();
    training trained = {.data = data, .network = make_network(data)};
    pthread_t threads[THREADS];
    train(&trained);
    ck_assert_msg(trained.status == EPOCL_OK, "%s", trained.error);
    for (int i = 0; i < THREADS; i++) servings[i] = (serving){.data = data, .network = trained.network};
    for (int i = 0; i < THREADS; i++) ck_assert_int_eq(pthread_create(&threads[i], NULL, serve, &servings[i]), 0);
    for (int i = 0; i < THREADS; i++) ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        ck_assert_msg(servings[i].status == EPOCL_OK, "thread %d: %s", i, servings[i].error);
        ck_assert_mem_eq(servings[i].outputs, servings[0].outputs, sizeof servings[i].outputs);
        ck_assert_uint_ge(servings[i].message_count, SERVINGS);
    }
    epocl_network_release(trained.network);
    epocl_dataset_release(data);
}
END_TEST

/* ---- errors ---- */

static void *fail_elsewhere(void *unused) {
    epocl_network *network = NULL;
    (void)unused;
    epocl_network_load("/another/thread's/model", &network);
    return NULL;
}

START_TEST(each_thread_has_an_error_of_its_own) {
    pthread_t thread;
    epocl_network *network = NULL;
    ck_assert_int_eq(epocl_network_load("/this/thread's/model", &network), EPOCL_ERROR_NO_INPUT);
    ck_assert_int_eq(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "/this/thread's/model"));
}
END_TEST

Suite *threads_suite(void) {
    Suite *suite = suite_create("threads");
    TCase *threads = tcase_create("threads");
    tcase_add_loop_test(threads, each_stop_of_another_thread_is_answered_once, 0, 4);
    tcase_add_test(threads, a_stop_reaches_an_epoch_that_is_all_launched);
    tcase_add_test(threads, threads_train_with_handles_of_their_own);
    tcase_add_test(threads, threads_predict_with_one_network);
    tcase_add_test(threads, each_thread_has_an_error_of_its_own);
    suite_add_tcase(suite, threads);
    return suite;
}
