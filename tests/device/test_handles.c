/* What the header promises of handles: NULL after a failure, released in any order, and of no use after fork(). */
#include "device/problem.h"
#include "layers/count.h"
#include "support/scratch.h"
#include "support/options.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

Suite *handles_suite(void);

static epocl_dataset *data;
static epocl_network *network;

static void setup(void) {
    scratch_create();
    problem_create(&data, &network);
}

static void teardown(void) {
    epocl_network_release(network);
    epocl_dataset_release(data);
    scratch_remove();
}

static const char *checkpoint_of(epocl_trainer *trainer) {
    const char *path = scratch_path("checkpoint");
    ck_assert_ok(epocl_trainer_save(trainer, path));
    return path;
}

/* A device of its own, whose context nobody else uses. */
static epocl_device *open_device(void) {
    epocl_device *device = NULL;
    ck_assert_ok(epocl_device_open(test_device_selector(), &device));
    return device;
}

/* ---- failures ---- */

/* A call with a NULL argument, whose handle was not NULL before. */
#define REFUSED(handle, call)                                                                                          \
    do {                                                                                                               \
        (handle) = (void *)&stale;                                                                                     \
        ck_assert_int_eq(call, EPOCL_ERROR_ARGUMENT);                                                                  \
        ck_assert_msg((handle) == NULL, "%s leaves its handle", #call);                                                \
    } while (0)

START_TEST(a_null_argument_leaves_null) {
    static int stale;
    epocl_device *device;
    epocl_dataset *made, *other = NULL;
    epocl_network *loaded;
    epocl_trainer *trainer;
    epocl_predictor *predictor;
    epocl_checkpoint *checkpoint, *saved = NULL;
    const epocl_options options = problem_options("tile", 16, 0.5f);
    epocl_options shape;
    const float input = 0;
    options_begin_recipe(&shape, RECIPE_SEED);
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    ck_assert_ok(epocl_checkpoint_load(checkpoint_of(trainer), &saved));
    epocl_trainer_release(trainer);

    REFUSED(device, epocl_device_from_opencl(NULL, test_device()->queue, &device));
    REFUSED(device, epocl_device_from_opencl(test_device()->context, NULL, &device));
    REFUSED(made, epocl_dataset_load(NULL, NULL, &made));
    REFUSED(made, epocl_dataset_from_floats(NULL, NULL, 1, 1, 1, &made));
    REFUSED(made, epocl_dataset_from_bytes(NULL, NULL, 1, 1, 1, &made));
    REFUSED(made, epocl_dataset_from_floats(&input, NULL, 0, 1, 1, &made));
    REFUSED(made, epocl_dataset_split(NULL, 0.5, 1, &made, &other));
    REFUSED(made, epocl_dataset_split(NULL, 0.5, 1, &other, &made));
    REFUSED(made, epocl_dataset_split(data, 0.5, 1, &made, NULL));
    REFUSED(made, epocl_dataset_split(data, 0.5, 1, NULL, &made));
    REFUSED(loaded, epocl_network_create(NULL, &shape, &loaded));
    REFUSED(loaded, epocl_network_create(data, NULL, &loaded));
    REFUSED(loaded, epocl_network_load(NULL, &loaded));
    REFUSED(checkpoint, epocl_checkpoint_load(NULL, &checkpoint));
    REFUSED(predictor, epocl_predictor_create(NULL, network, &predictor));
    REFUSED(predictor, epocl_predictor_create(test_device(), NULL, &predictor));
    REFUSED(predictor, epocl_predictor_create(test_device(), network, &predictor)); /* not trained */
    REFUSED(trainer, epocl_trainer_create(NULL, network, data, NULL, &options, &trainer));
    REFUSED(trainer, epocl_trainer_create(test_device(), NULL, data, NULL, &options, &trainer));
    REFUSED(trainer, epocl_trainer_create(test_device(), network, NULL, NULL, &options, &trainer));
    REFUSED(trainer, epocl_trainer_create(test_device(), network, data, NULL, NULL, &trainer));
    REFUSED(trainer, epocl_trainer_resume(NULL, saved, data, NULL, &options, &trainer));
    REFUSED(trainer, epocl_trainer_resume(test_device(), NULL, data, NULL, &options, &trainer));
    REFUSED(trainer, epocl_trainer_resume(test_device(), saved, NULL, NULL, &options, &trainer));
    REFUSED(trainer, epocl_trainer_resume(test_device(), saved, data, NULL, NULL, &trainer));
    epocl_checkpoint_release(saved);
}
END_TEST

START_TEST(a_null_argument_leaves_nothing_to_release) {
    const epocl_options options = problem_options("tile", 16, 0.5f);
    static int stale;
    epocl_plan *described = (epocl_plan *)&stale;
    size_t count = 7;
    ck_assert_int_eq(epocl_plan_create(NULL, network, data, NULL, &options, &described), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(described);
    epocl_plan_release(NULL);
    ck_assert_int_eq(epocl_devices_list(NULL, 1, &count), EPOCL_ERROR_ARGUMENT);
    ck_assert_uint_eq(count, 0);
    count = 7;
    ck_assert_int_eq(epocl_platforms_list(NULL, 1, &count), EPOCL_ERROR_ARGUMENT);
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(a_queue_of_another_context_is_refused) {
    epocl_device *one = open_device(), *other = open_device(), *wrapped = (epocl_device *)&one;
    ck_assert_int_eq(epocl_device_from_opencl(one->context, other->queue, &wrapped), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(wrapped);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "another context"));
    epocl_device_release(other);
    epocl_device_release(one);
}
END_TEST

/* ---- orders of release ---- */

/* Bit 0: with a profile, and so with a device of the trainer's own; bit 1: resumed. */
START_TEST(a_trainer_keeps_what_it_needs) {
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    epocl_device *device = open_device();
    epocl_trainer *trainer = NULL, *other = NULL;
    epocl_checkpoint *checkpoint = NULL;
    epocl_epoch_result result;
    epocl_options options = problem_options("tile", 16, 0.5f);
    options.training.profile = _i % 2;
    ck_assert_ok(epocl_trainer_create(device, network, data, data, &options, &trainer));
    ck_assert_ok(epocl_trainer_create(device, network, data, NULL, &options, &other));
    if (_i / 2) {
        ck_assert_ok(epocl_checkpoint_load(checkpoint_of(trainer), &checkpoint));
        epocl_trainer_release(trainer);
        ck_assert_ok(epocl_trainer_resume(device, checkpoint, data, data, &options, &trainer));
        epocl_checkpoint_release(checkpoint);
    }
    calls.reset();
    epocl_device_release(device);
    epocl_dataset_release(data);
    epocl_network_release(network);
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    epocl_trainer_release(other);
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    problem_create(&data, &network);
    ck_assert_ok(epocl_trainer_read(trainer, network));
    checkpoint_of(trainer);
    epocl_trainer_release(trainer);
    ck_assert_uint_eq(calls.count("clReleaseContext"),
                      options.training.profile ? 3 : 1); /* each device's reference, once */
}
END_TEST

START_TEST(a_predictor_keeps_what_it_needs) {
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    epocl_device *device = open_device();
    epocl_predictor *predictor = NULL, *other = NULL;
    uint32_t before[PROBLEM_SAMPLES], after[PROBLEM_SAMPLES];
    const epocl_options options = problem_options("tile", 16, 0.5f);
    problem_train(network, data, &options, 1);
    ck_assert_ok(epocl_predictor_create(device, network, &predictor));
    ck_assert_ok(epocl_predictor_create(device, network, &other));
    ck_assert_ok(epocl_predictor_run(predictor, data, NULL, before));
    calls.reset();
    epocl_device_release(device);
    epocl_network_release(network);
    network = NULL;
    epocl_predictor_release(other);
    ck_assert_ok(epocl_predictor_run(predictor, data, NULL, after));
    ck_assert_mem_eq(before, after, sizeof before);
    ck_assert_uint_eq(calls.count("clReleaseContext"), 0);
    epocl_predictor_release(predictor);
    epocl_predictor_release(NULL);
    ck_assert_uint_eq(calls.count("clReleaseContext"), 1);
}
END_TEST

/* A device whose last holder is a trainer that could not be made. */
START_TEST(a_trainer_that_fails_keeps_nothing) {
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    epocl_device *device = open_device();
    epocl_trainer *trainer = NULL;
    const epocl_options options = problem_options("tile", 16, 0.5f);
    const uint64_t most = device->info.max_allocation_bytes;
    ck_assert_ok(epocl_device_trust(device, 1));
    device->info.max_allocation_bytes = 1;
    ck_assert_int_eq(epocl_trainer_create(device, network, data, NULL, &options, &trainer), EPOCL_ERROR_MEMORY);
    device->info.max_allocation_bytes = most;
    calls.reset();
    epocl_device_release(device);
    ck_assert_uint_eq(calls.count("clReleaseContext"), 1);
}
END_TEST

/* ---- fork ---- */

/* What a child says: the number of the first call that did not do as it should, or 0. */
static int use_in_child(epocl_device *device, epocl_trainer *trainer, epocl_predictor *predictor,
                        const epocl_checkpoint *checkpoint) {
    static float outputs[PROBLEM_SAMPLES * PROBLEM_CLASSES];
    const epocl_options options = problem_options("tile", 16, 0.5f);
    int number = 0;
    size_t count = 0;
    epocl_device *opened = NULL;
    epocl_trainer *created = NULL;
    epocl_predictor *other = NULL;
    epocl_epoch_result result;
    epocl_evaluation evaluation;
    epocl_device_speed speed;
    epocl_plan *described = NULL;
#define REFUSED_HERE(call)                                                                                             \
    do {                                                                                                               \
        number++;                                                                                                      \
        if ((call) != EPOCL_ERROR_DEVICE || !strstr(epocl_last_error(), "forked")) return number;                      \
    } while (0)
    REFUSED_HERE(epocl_platforms_list(NULL, 0, &count));
    REFUSED_HERE(epocl_devices_list(NULL, 0, &count));
    REFUSED_HERE(epocl_device_open("auto", &opened));
    REFUSED_HERE(epocl_device_from_opencl(device->context, device->queue, &opened));
    REFUSED_HERE(epocl_device_self_test(device));
    REFUSED_HERE(epocl_device_measure(device, &speed));
    REFUSED_HERE(epocl_trainer_create(device, network, data, NULL, &options, &created));
    REFUSED_HERE(epocl_trainer_resume(device, checkpoint, data, NULL, &options, &created));
    REFUSED_HERE(epocl_plan_create(device, network, data, NULL, &options, &described));
    REFUSED_HERE(epocl_trainer_run_epoch(trainer, &result));
    REFUSED_HERE(epocl_trainer_run_epoch(trainer, &result));
    REFUSED_HERE(epocl_trainer_read(trainer, network));
    REFUSED_HERE(epocl_trainer_save(trainer, scratch_path("child")));
    REFUSED_HERE(epocl_evaluate(device, network, data, &evaluation));
    REFUSED_HERE(epocl_predict(device, network, data, outputs));
    REFUSED_HERE(epocl_predictor_create(device, network, &other));
    REFUSED_HERE(epocl_predictor_run(predictor, data, outputs, NULL));
    REFUSED_HERE(epocl_predictor_evaluate(predictor, data, &evaluation));
    epocl_trainer_stop(trainer);
    epocl_trainer_release(trainer);
    epocl_predictor_release(predictor);
    epocl_device_release(device);
    return opened || created || other;
}

/* While a thread of the parent holds the trainer's lock, as when it stops it. */
START_TEST(a_forked_process_is_told_so) {
    epocl_device *device = open_device();
    epocl_trainer *trainer = NULL;
    epocl_predictor *predictor = NULL;
    epocl_checkpoint *checkpoint = NULL;
    epocl_epoch_result result;
    epocl_options options = problem_options("tile", 16, 0.5f);
    options.training.profile = _i;
    ck_assert_ok(epocl_trainer_create(device, network, data, NULL, &options, &trainer));
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_ok(epocl_trainer_read(trainer, network));
    ck_assert_ok(epocl_checkpoint_load(checkpoint_of(trainer), &checkpoint));
    ck_assert_ok(epocl_predictor_create(device, network, &predictor));
    pthread_mutex_lock(&trainer->stop_lock);
    const pid_t child = fork();
    if (child == 0) {
        alarm(60); /* ends it where it hangs */
        _exit(use_in_child(device, trainer, predictor, checkpoint));
    }
    pthread_mutex_unlock(&trainer->stop_lock);
    ck_assert_int_gt(child, 0);
    int ended = -1;
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    ck_assert_msg(ended == 0, "the child ended with %#x", (unsigned)ended);
    ck_assert_uint_eq(scratch_file_count(), 1);

    /* It makes no difference here. */
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    epocl_checkpoint_release(checkpoint);
    epocl_trainer_release(trainer);
    epocl_predictor_release(predictor);
    epocl_device_release(device);
}
END_TEST

static void count_message(const char *text, void *user) {
    ck_assert_ptr_nonnull(text);
    ++*(size_t *)user;
}

/* A trainer tells its options' message, else its device's; a predictor, which has no options, the device's. */
START_TEST(a_device_tells_what_takes_long) {
    size_t of_device = 0, of_options = 0;
    epocl_device *device = NULL;
    epocl_trainer *trainer = NULL;
    epocl_predictor *predictor = NULL;
    epocl_options options = problem_options("tile", 16, 0.5f);
    options.training.message = NULL;
    ck_assert_int_eq(epocl_device_set_message(NULL, count_message, &of_device), EPOCL_ERROR_ARGUMENT);
    ck_assert_ok(epocl_device_open(test_device_selector(), &device));
    ck_assert_ok(epocl_device_set_message(device, count_message, &of_device));
    ck_assert_ok(epocl_trainer_create(device, network, data, NULL, &options, &trainer));
    ck_assert_uint_ge(of_device, 1);
    of_device = 0;
    ck_assert_ok(epocl_trainer_read(trainer, network));
    ck_assert_ok(epocl_predictor_create(device, network, &predictor));
    ck_assert_uint_ge(of_device, 1);
    of_device = 0;
    epocl_trainer_release(trainer);
    epocl_options_set_message(&options, count_message, &of_options);
    ck_assert_ok(epocl_trainer_create(device, network, data, NULL, &options, &trainer));
    ck_assert_uint_ge(of_options, 1);
    ck_assert_uint_eq(of_device, 0);
    ck_assert_ok(epocl_device_set_message(device, NULL, NULL));
    epocl_predictor_release(predictor);
    epocl_trainer_release(trainer);
    epocl_device_release(device);
}
END_TEST

Suite *handles_suite(void) {
    Suite *suite = suite_create("handles");
    TCase *tests = tcase_create("handles");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_null_argument_leaves_null);
    tcase_add_test(tests, a_null_argument_leaves_nothing_to_release);
    tcase_add_test(tests, a_queue_of_another_context_is_refused);
    tcase_add_loop_test(tests, a_trainer_keeps_what_it_needs, 0, 4);
    tcase_add_test(tests, a_predictor_keeps_what_it_needs);
    tcase_add_test(tests, a_trainer_that_fails_keeps_nothing);
    tcase_add_test(tests, a_device_tells_what_takes_long);
    tcase_add_loop_test(tests, a_forked_process_is_told_so, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
