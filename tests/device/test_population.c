/* Many networks at once: each is what it would be alone, whoever else is trained, and by however many workers. */
#include "device/problem.h"
#include "population/population.h"
#include "support/options.h"
#include "support/scratch.h"

#include <math.h>
#include <string.h>

Suite *population_suite(void);

enum { EPOCHS = 7, MOST_SETTINGS = 6 };

/* What a member is trained with: names and texts of options. */
typedef struct settings {
    const char *pairs[MOST_SETTINGS][2];
} settings;

static const settings variants[] = {
    {{{"optimizer", "sgd"}, {"learning-rate", "0.5"}}},
    {{{"optimizer", "sgd"}, {"learning-rate", "0.5"}, {"seed", "2"}}},
    {{{"optimizer", "momentum"}, {"learning-rate", "0.05"}, {"batch-size", "7"}, {"clip-norm", "1"}}},
    {{{"optimizer", "adam"}, {"dropout", "0.3"}, {"label-smoothing", "0.1"}}},
    {{{"optimizer", "adam"}, {"dropout", "0.1,0.2"}, {"input-dropout", "0.1"}, {"seed", "3"}}},
    {{{"optimizer", "adamw"}, {"weight-decay", "0.01"}, {"schedule", "cosine"}, {"schedule-epochs", "7"}}},
    {{{"optimizer", "lion"}, {"average", "0.9"}, {"accumulate", "2"}, {"max-norm", "2"}}},
    {{{"optimizer", "adam"}, {"learning-rate", "0.05"}, {"patience", "2"}}},
    {{{"optimizer", "adam"}, {"class-weights", "balanced"}, {"batch-size", "300"}}},
    {{{"optimizer", "adam"}, {"plan", "layered"}, {"freeze", "0"}}},
    {{{"optimizer", "adam"}, {"matmul", "plain"}, {"initialization", "orthogonal"}}},
    {{{"optimizer", "adam"}, {"matmul", "plain"}, {"plan", "resident:1x32"}, {"dropout", "0.2"}}},
    {{{"optimizer", "adam"}, {"matmul", "local"}}},
    {{{"optimizer", "adam"}, {"matmul", "clblast"}}},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

static epocl_dataset *data, *valid;
static epocl_network *network;

static void setup(void) {
    epocl_dataset *whole = NULL;
    scratch_create();
    problem_create(&whole, &network);
    ck_assert_ok(epocl_dataset_split(whole, 0.3, 5, &data, &valid));
    epocl_dataset_release(whole);
}

static void teardown(void) {
    epocl_network_release(network);
    epocl_dataset_release(valid);
    epocl_dataset_release(data);
    scratch_remove();
}

static epocl_options options_of(const settings *s) {
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    options.training.batch_size = 16;
    for (size_t i = 0; i < MOST_SETTINGS && s->pairs[i][0]; i++) set_option(&options, s->pairs[i][0], s->pairs[i][1]);
    return options;
}

static epocl_population *create(size_t worker_count) {
    epocl_population *population = NULL;
    ck_assert_ok(epocl_population_create(test_device(), worker_count, &population));
    return population;
}

static size_t add(epocl_population *population, const settings *s) {
    const epocl_options options = options_of(s);
    size_t member = 1000;
    ck_assert_ok(epocl_population_add(population, network, data, valid, &options, &member));
    return member;
}

static epocl_trainer *alone(const settings *s) {
    epocl_options options = options_of(s);
    epocl_trainer *trainer = NULL;
    set_option(&options, "tune", "off");
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, &options, &trainer));
    return trainer;
}

static epocl_network *shape(void) {
    epocl_network *made = NULL;
    ck_assert_ok(network_clone_shape(network, &made));
    return made;
}

static bool same_number(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

/* Fails unless both have the same history, but for times, and the same parameters, now and after the best epoch. */
static void check_same(epocl_trainer *a, epocl_trainer *b) {
    epocl_network *of_a = shape(), *of_b = shape();
    ck_assert_uint_eq(epocl_trainer_epoch_count(a), epocl_trainer_epoch_count(b));
    for (size_t i = 0; i < epocl_trainer_epoch_count(a); i++) {
        epocl_epoch_result x, y;
        ck_assert_ok(epocl_trainer_history(a, i, &x));
        ck_assert_ok(epocl_trainer_history(b, i, &y));
        ck_assert(same_number(x.train_cost, y.train_cost) && same_number(x.train_accuracy, y.train_accuracy));
        ck_assert(same_number(x.valid_cost, y.valid_cost) && same_number(x.valid_accuracy, y.valid_accuracy));
    }
    ck_assert_ok(epocl_trainer_read(a, of_a));
    ck_assert_ok(epocl_trainer_read(b, of_b));
    ck_assert(same_parameters(of_a, of_b));
    ck_assert_ok(epocl_trainer_read_best(a, of_a));
    ck_assert_ok(epocl_trainer_read_best(b, of_b));
    ck_assert(same_parameters(of_a, of_b));
    epocl_network_release(of_a);
    epocl_network_release(of_b);
}

/* All variants at once, each twice. */
START_TEST(a_member_is_what_it_is_alone) {
    static const size_t worker_counts[] = {1, 5};
    epocl_population *population = create(worker_counts[_i]);
    for (size_t i = 0; i < 2 * VARIANTS; i++) ck_assert_uint_eq(add(population, &variants[i % VARIANTS]), i);
    ck_assert_ok(epocl_population_run(population, EPOCHS, NULL, NULL));
    for (size_t i = 0; i < VARIANTS; i++) {
        epocl_trainer *trainer = alone(&variants[i]);
        ck_assert_ok(epocl_trainer_fit(trainer, EPOCHS, NULL, NULL, NULL));
        for (size_t twin = i; twin < 2 * VARIANTS; twin += VARIANTS) {
            ck_assert_ok(epocl_population_status(population, twin));
            check_same(trainer, epocl_population_member(population, twin));
        }
        epocl_trainer_release(trainer);
    }
    epocl_population_release(population);
}
END_TEST

/* Epoch by epoch for a while, as who chooses among members does, then to the end. */
START_TEST(runs_follow_each_other) {
    epocl_population *population = create(3);
    for (size_t i = 0; i < VARIANTS; i++) add(population, &variants[i]);
    for (size_t epoch = 1; epoch <= 3; epoch++) {
        ck_assert_ok(epocl_population_run(population, epoch, NULL, NULL));
        for (size_t i = 0; i < VARIANTS; i++)
            ck_assert_uint_eq(epocl_trainer_epoch_count(epocl_population_member(population, i)), epoch);
    }
    ck_assert_ok(epocl_population_run(population, EPOCHS, NULL, NULL));
    for (size_t i = 0; i < VARIANTS; i++) {
        epocl_trainer *trainer = alone(&variants[i]);
        ck_assert_ok(epocl_trainer_fit(trainer, EPOCHS, NULL, NULL, NULL));
        check_same(trainer, epocl_population_member(population, i));
        epocl_trainer_release(trainer);
    }
    epocl_population_release(population);
}
END_TEST

typedef struct listener {
    epocl_population *population;
    size_t told, stop_at, heard[2 * VARIANTS];
} listener;

static void listen(size_t member, const epocl_epoch_result *result, void *user) {
    listener *l = user;
    ck_assert_uint_eq(result->epoch, ++l->heard[member]);
    if (++l->told == l->stop_at) epocl_population_stop(l->population);
}

/* Every epoch of every member is told of once, in its order, over several stops. */
START_TEST(a_stopped_population_goes_on) {
    epocl_population *population = create(4);
    listener l = {.population = population, .stop_at = 5};
    size_t stops = 0;
    for (size_t i = 0; i < VARIANTS; i++) add(population, &variants[i]);
    for (epocl_status status = EPOCL_STOPPED; status != EPOCL_OK; l.stop_at = l.told + 5, stops++) {
        status = epocl_population_run(population, EPOCHS, listen, &l);
        ck_assert_msg(status == EPOCL_OK || status == EPOCL_STOPPED, "%s", epocl_last_error());
    }
    ck_assert_uint_gt(stops, 2);
    for (size_t i = 0; i < VARIANTS; i++) {
        epocl_trainer *trainer = alone(&variants[i]);
        ck_assert_ok(epocl_trainer_fit(trainer, EPOCHS, NULL, NULL, NULL));
        check_same(trainer, epocl_population_member(population, i));
        ck_assert_uint_eq(l.heard[i], epocl_trainer_epoch_count(trainer));
        epocl_trainer_release(trainer);
    }
    epocl_population_release(population);
}
END_TEST

/* Between runs, a stop is one of the next. */
START_TEST(a_stop_before_a_run_is_answered_by_it) {
    epocl_population *population = create(2);
    add(population, &variants[0]);
    epocl_population_stop(population);
    ck_assert_int_eq(epocl_population_run(population, EPOCHS, NULL, NULL), EPOCL_STOPPED);
    ck_assert_ok(epocl_population_run(population, EPOCHS, NULL, NULL));
    ck_assert_uint_eq(epocl_trainer_epoch_count(epocl_population_member(population, 0)), EPOCHS);
    epocl_population_release(population);
}
END_TEST

START_TEST(a_member_that_diverges_is_alone_in_that) {
    static const settings wild = {{{"cost", "squared"}, {"learning-rate", "1e20"}, {"activation", "relu"}}};
    epocl_population *population = create(2);
    epocl_options options = options_of(&wild);
    epocl_network *steep = NULL;
    size_t member;
    ck_assert_ok(epocl_network_create(data, &options, &steep));
    ck_assert_uint_eq(add(population, &variants[0]), 0);
    ck_assert_ok(epocl_population_add(population, steep, data, valid, &options, &member));
    ck_assert_uint_eq(add(population, &variants[3]), 2);
    ck_assert_ok(epocl_population_run(population, EPOCHS, NULL, NULL));
    ck_assert_ok(epocl_population_status(population, 0));
    ck_assert_int_eq(epocl_population_status(population, member), EPOCL_ERROR_DIVERGED);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "not finite"));
    for (size_t i = 0; i < 3; i += 2) {
        epocl_trainer *trainer = alone(&variants[i ? 3 : 0]);
        ck_assert_ok(epocl_trainer_fit(trainer, EPOCHS, NULL, NULL, NULL));
        check_same(trainer, epocl_population_member(population, i));
        epocl_trainer_release(trainer);
    }
    epocl_network_release(steep);
    epocl_population_release(population);
}
END_TEST

static epocl_population_info info_of(const epocl_population *population) {
    epocl_population_info info;
    epocl_population_describe(population, &info);
    return info;
}

/* Its weights are its own, and no data set's. */
static const settings balanced = {{{"optimizer", "adam"}, {"class-weights", "balanced"}}};

/* However many members, and whatever their batch size and matmul; data that were changed are others. */
START_TEST(a_data_set_is_on_the_device_once) {
    float weights[PROBLEM_SAMPLES];
    epocl_population *population = create(0);
    add(population, &variants[0]);
    const epocl_population_info one = info_of(population);
    ck_assert_uint_gt(one.worker_count, 0);
    ck_assert_uint_eq(one.data_set_count, 2);
    for (size_t i = 1; i < VARIANTS; i++) add(population, &variants[i]);
    ck_assert_uint_eq(info_of(population).data_set_bytes, one.data_set_bytes);
    ck_assert_uint_eq(info_of(population).member_count, VARIANTS);
    for (size_t i = 0; i < epocl_dataset_sample_count(data); i++) weights[i] = 1.0f + (float)(i % 3);
    ck_assert_ok(epocl_dataset_set_weights(data, weights));
    const settings *const of_weighed[] = {&variants[0], &balanced};
    for (size_t i = 0; i < 2; i++) ck_assert_uint_eq(add(population, of_weighed[i]), VARIANTS + i);
    ck_assert_uint_eq(info_of(population).data_set_count, 3);
    ck_assert_ok(epocl_population_run(population, EPOCHS, NULL, NULL));
    for (size_t i = 0; i < 2; i++) {
        epocl_trainer *trainer = alone(of_weighed[i]);
        ck_assert_ok(epocl_trainer_fit(trainer, EPOCHS, NULL, NULL, NULL));
        check_same(trainer, epocl_population_member(population, VARIANTS + i));
        epocl_trainer_release(trainer);
    }
    for (size_t i = 0; i < VARIANTS + 2; i++) ck_assert_ok(epocl_population_drop(population, i));
    const epocl_population_info none = info_of(population);
    ck_assert_uint_eq(none.data_set_count + none.data_set_bytes + none.member_bytes, 0);
    ck_assert_uint_eq(none.dropped_count, VARIANTS + 2);
    epocl_population_release(population);
}
END_TEST

/* ---- More members than the device has memory for ---- */

/* A device with memory for the data and so many networks, of the largest variant, beside what is left to others. */
static epocl_device *open_small(size_t network_count) {
    epocl_device *device = NULL;
    epocl_population *population = NULL;
    uint64_t largest = 0, data_set_bytes = 0, before = 0;
    ck_assert_ok(epocl_device_open(test_device_selector(), &device));
    ck_assert_ok(epocl_population_create(device, 0, &population));
    for (size_t i = 0; i < VARIANTS; i++) {
        const epocl_population_info info = (add(population, &variants[i]), info_of(population));
        if (info.member_bytes - before > largest) largest = info.member_bytes - before;
        before = info.member_bytes;
        data_set_bytes = info.data_set_bytes;
    }
    epocl_population_release(population);
    device->info.global_memory_bytes = (data_set_bytes + network_count * largest) * 8 / 7 + 8;
    return device;
}

/* In waves, with stops between: what each member comes to is the same. */
START_TEST(members_take_turns_where_memory_is_short) {
    static const size_t worker_counts[] = {1, 2, 5};
    epocl_device *device = open_small(3);
    epocl_population *population = NULL;
    listener l = {.stop_at = 20};
    ck_assert_ok(epocl_population_create(device, worker_counts[_i], &population));
    l.population = population;
    for (size_t i = 0; i < 2 * VARIANTS; i++) ck_assert_uint_eq(add(population, &variants[i % VARIANTS]), i);
    const epocl_population_info info = info_of(population);
    ck_assert_uint_gt(info.waiting_count, VARIANTS);
    ck_assert_uint_le(info.waiting_count, 2 * VARIANTS - 3);
    for (epocl_status status = EPOCL_STOPPED; status != EPOCL_OK; l.stop_at = l.told + 20) {
        status = epocl_population_run(population, EPOCHS, listen, &l);
        ck_assert_msg(status == EPOCL_OK || status == EPOCL_STOPPED, "%s", epocl_last_error());
        ck_assert_uint_le(info_of(population).member_bytes + info.data_set_bytes, device->info.global_memory_bytes);
    }
    for (size_t i = 0; i < VARIANTS; i++) {
        epocl_trainer *trainer = alone(&variants[i]);
        ck_assert_ok(epocl_trainer_fit(trainer, EPOCHS, NULL, NULL, NULL));
        for (size_t twin = i; twin < 2 * VARIANTS; twin += VARIANTS) {
            check_same(trainer, epocl_population_member(population, twin));
            ck_assert_uint_eq(l.heard[twin], epocl_trainer_epoch_count(trainer));
        }
        epocl_trainer_release(trainer);
    }
    epocl_population_release(population);
    epocl_device_release(device);
}
END_TEST

/* As after a stop, when a worker has left a member to be trained that is in the way of one that another brings in. */
START_TEST(no_room_beside_members_in_training_is_no_failure) {
    epocl_device *device = NULL;
    epocl_population *population = NULL;
    const epocl_options options = options_of(&variants[0]);
    size_t member = 0;
    epocl_status status = EPOCL_ERROR_ARGUMENT;
    ck_assert_ok(epocl_device_open(test_device_selector(), &device));
    ck_assert_ok(epocl_population_create(device, 1, &population));
    ck_assert_ok(epocl_population_add(population, network, data, valid, &options, &member));
    const epocl_population_info one = info_of(population);
    epocl_population_release(population);
    device->info.global_memory_bytes = (one.data_set_bytes + one.member_bytes) * 8 / 7 + 8;
    ck_assert_ok(epocl_population_create(device, 1, &population));
    for (size_t i = 0; i < 2; i++)
        ck_assert_ok(epocl_population_add(population, network, data, valid, &options, &member));
    ck_assert_uint_eq(info_of(population).waiting_count, 1);
    pthread_mutex_lock(&population->lock);
    ck_assert_ptr_null(population_bring_in(population, EPOCHS, &status));
    pthread_mutex_unlock(&population->lock);
    ck_assert_ok(status);
    ck_assert_uint_eq(info_of(population).waiting_count, 1);
    ck_assert_ok(epocl_population_run(population, EPOCHS, NULL, NULL));
    check_same(epocl_population_member(population, 0), epocl_population_member(population, 1));
    epocl_population_release(population);
    epocl_device_release(device);
}
END_TEST

/* Read, saved and dropped, but not trained by anybody else; and said in one sentence. */
static size_t said_count;
static void count_waits(const char *text, void *user) {
    (void)user;
    said_count += strstr(text, "room for 2 networks at once") != NULL;
}

START_TEST(a_member_that_waits_is_a_trainer) {
    epocl_device *device = open_small(2);
    epocl_population *population = NULL, *after = create(1);
    epocl_options options = options_of(&variants[3]);
    epocl_checkpoint *checkpoint = NULL;
    epocl_epoch_result result;
    void *bytes = NULL;
    size_t byte_count = 0, member = 0;
    ck_assert_ok(epocl_population_create(device, 0, &population));
    epocl_options_set_message(&options, count_waits, NULL);
    device->info.global_memory_bytes = UINT64_MAX;
    ck_assert_ok(epocl_population_add(population, network, data, valid, &options, &member));
    const epocl_population_info one = info_of(population);
    device->info.global_memory_bytes = (one.data_set_bytes + 2 * one.member_bytes) * 8 / 7 + 8;
    for (size_t i = 1; i < 5; i++)
        ck_assert_ok(epocl_population_add(population, network, data, valid, &options, &member));
    ck_assert_uint_eq(info_of(population).waiting_count, 3);
    ck_assert_uint_eq(said_count, 1);
    ck_assert_int_eq(epocl_trainer_run_epoch(epocl_population_member(population, 0), &result), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "waits in host memory"));
    epocl_population_release(population);

    ck_assert_ok(epocl_population_create(device, 0, &population));
    for (size_t i = 0; i < 5; i++)
        ck_assert_ok(epocl_population_add(population, network, data, valid, &options, &member));
    ck_assert_ok(epocl_population_run(population, 3, NULL, NULL));
    for (size_t i = 0; i < 5; i++) {
        ck_assert_ok(epocl_trainer_save_memory(epocl_population_member(population, i), &bytes, &byte_count));
        ck_assert_ok(epocl_checkpoint_load_memory(bytes, byte_count, &checkpoint));
        ck_assert_ok(epocl_population_resume(after, checkpoint, data, valid, &options, &member));
        epocl_checkpoint_release(checkpoint);
        epocl_memory_release(bytes);
    }
    ck_assert_ok(epocl_population_drop(population, 0));
    ck_assert_ok(epocl_population_run(population, EPOCHS, NULL, NULL));
    ck_assert_ok(epocl_population_run(after, EPOCHS, NULL, NULL));
    for (size_t i = 1; i < 5; i++)
        check_same(epocl_population_member(population, i), epocl_population_member(after, 0));
    epocl_population_release(population);
    epocl_population_release(after);
    epocl_device_release(device);
}
END_TEST

/* What does not fit by itself fits in no wave. */
START_TEST(one_member_that_is_too_large_is_refused) {
    epocl_device *device = open_small(1);
    epocl_population *population = NULL;
    const epocl_options options = options_of(&variants[0]);
    size_t member = 0;
    device->info.global_memory_bytes = UINT64_MAX;
    ck_assert_ok(epocl_population_create(device, 0, &population));
    ck_assert_ok(epocl_population_add(population, network, data, valid, &options, &member));
    const epocl_population_info one = info_of(population);
    device->info.global_memory_bytes = one.data_set_bytes + one.member_bytes - 1;
    ck_assert_int_eq(epocl_population_add(population, network, data, valid, &options, &member), EPOCL_ERROR_MEMORY);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "use narrower layers, fewer samples"));
    device->info.global_memory_bytes++;
    ck_assert_ok(epocl_population_add(population, network, data, valid, &options, &member));
    ck_assert_uint_eq(member, 1);
    ck_assert_ok(epocl_population_drop(population, 1));
    ck_assert_ok(epocl_population_add(population, network, data, valid, &options, &member));
    ck_assert_uint_eq(member, 2);
    ck_assert_ptr_null(epocl_population_member(population, 1));
    ck_assert_int_eq(epocl_population_status(population, 1), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_population_status(population, 3), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_population_drop(population, 1), EPOCL_ERROR_ARGUMENT);
    ck_assert_uint_eq(info_of(population).waiting_count, 1);
    ck_assert_ok(epocl_population_run(population, 1, NULL, NULL));
    epocl_population_release(population);
    epocl_device_release(device);
}
END_TEST

/* A member's checkpoint is one of any trainer. */
START_TEST(members_go_on_from_checkpoints) {
    epocl_population *before = create(2), *after = create(3);
    for (size_t i = 0; i < VARIANTS; i++) add(before, &variants[i]);
    ck_assert_ok(epocl_population_run(before, 3, NULL, NULL));
    for (size_t i = 0; i < VARIANTS; i++) {
        const epocl_options options = options_of(&variants[i]);
        epocl_checkpoint *checkpoint = NULL;
        size_t member;
        const char *path = scratch_path("member.checkpoint");
        ck_assert_ok(epocl_trainer_save(epocl_population_member(before, i), path));
        ck_assert_ok(epocl_checkpoint_load(path, &checkpoint));
        ck_assert_ok(epocl_population_resume(after, checkpoint, data, valid, &options, &member));
        epocl_checkpoint_release(checkpoint);
    }
    ck_assert_uint_eq(info_of(after).data_set_count, 2);
    ck_assert_ok(epocl_population_run(before, EPOCHS, NULL, NULL));
    ck_assert_ok(epocl_population_run(after, EPOCHS, NULL, NULL));
    for (size_t i = 0; i < VARIANTS; i++)
        check_same(epocl_population_member(before, i), epocl_population_member(after, i));
    epocl_population_release(before);
    epocl_population_release(after);
}
END_TEST

START_TEST(arguments_are_checked) {
    epocl_population *population = NULL;
    const epocl_options options = options_of(&variants[0]);
    size_t member;
    ck_assert_int_eq(epocl_population_create(NULL, 0, &population), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_population_create(test_device(), 100000, &population), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(population);
    population = create(1);
    ck_assert_int_eq(epocl_population_add(population, NULL, data, valid, &options, &member), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_population_add(population, network, NULL, valid, &options, &member), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_population_resume(population, NULL, data, valid, &options, &member), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_population_run(NULL, 1, NULL, NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_ok(epocl_population_run(population, 1, NULL, NULL)); /* nobody is there */
    ck_assert_uint_eq(epocl_population_member_count(population), 0);
    ck_assert_ptr_null(epocl_population_member(population, 0));
    epocl_population_stop(NULL);
    epocl_population_release(NULL);
    epocl_population_release(population);
}
END_TEST

Suite *population_suite(void) {
    Suite *suite = suite_create("population");
    TCase *tests = tcase_create("population");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_member_is_what_it_is_alone, 0, 2);
    tcase_add_test(tests, runs_follow_each_other);
    tcase_add_test(tests, a_stopped_population_goes_on);
    tcase_add_test(tests, a_stop_before_a_run_is_answered_by_it);
    tcase_add_test(tests, a_member_that_diverges_is_alone_in_that);
    tcase_add_test(tests, a_data_set_is_on_the_device_once);
    tcase_add_loop_test(tests, members_take_turns_where_memory_is_short, 0, 3);
    tcase_add_test(tests, no_room_beside_members_in_training_is_no_failure);
    tcase_add_test(tests, a_member_that_waits_is_a_trainer);
    tcase_add_test(tests, one_member_that_is_too_large_is_refused);
    tcase_add_test(tests, members_go_on_from_checkpoints);
    tcase_add_test(tests, arguments_are_checked);
    suite_add_tcase(suite, tests);
    return suite;
}
