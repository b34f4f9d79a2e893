/* Damaged checkpoints: cut anywhere, any byte changed. Their checksum finds all of it. */
#include "support/damage.h"
#include "support/scratch.h"
#include "model/network.h"
#include "training/checkpoint_file.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *checkpoint_damage_suite(void);

/* A run's second epoch in progress, of a network of 2-2. Returns the file's bytes, to be freed. */
static unsigned char *checkpoint_bytes(size_t *byte_count) {
    const size_t counts[] = {2, 2};
    epocl_epoch_result history[] = {{.epoch = 1, .sample_count = 10, .train_cost = 0.5, .seconds = 0.25}};
    epocl_checkpoint checkpoint = {.position = {.epoch = 2, .step = 1, .first = 4, .sample_count = 10, .correct = 3},
                                   .seconds = 0.125,
                                   .learning_rate = 0.3f,
                                   .history = history,
                                   .epoch_count = 1};
    options_begin(&checkpoint.options);
    for (size_t i = 0; i < FACT_COUNT; i++) strcpy(checkpoint.facts[i], "fact");
    ck_assert_int_eq(network_allocate(counts, 1, &checkpoint.network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(checkpoint.network, "sigmoid", "cross-entropy", NULL), EPOCL_OK);
    checkpoint.network->normalization = "none";
    checkpoint.network->has_parameters = true;
    const char *path = scratch_path("checkpoint");
    ck_assert_msg(checkpoint_write(file_at(NO_FOLDER, path), &checkpoint) == EPOCL_OK, "%s", epocl_last_error());
    epocl_network_release(checkpoint.network);

    epocl_checkpoint *loaded = NULL;
    ck_assert_msg(epocl_checkpoint_load(path, &loaded) == EPOCL_OK, "%s", epocl_last_error());
    epocl_checkpoint_release(loaded);
    return file_read(path, byte_count);
}

static void expect_refused(const unsigned char *bytes, size_t byte_count) {
    epocl_checkpoint *checkpoint = NULL;
    const char *path = scratch_write("damaged", bytes, byte_count);
    ck_assert_int_eq(epocl_checkpoint_load(path, &checkpoint), EPOCL_ERROR_DATA);
    ck_assert_ptr_null(checkpoint);
    ck_assert_msg(strncmp(epocl_last_error(), path, strlen(path)) == 0, "%s", epocl_last_error());
}

START_TEST(every_cut_is_refused) {
    size_t byte_count = 0;
    unsigned char *bytes = checkpoint_bytes(&byte_count);
    damage_each_length(bytes, byte_count, expect_refused);
    free(bytes);
}
END_TEST

START_TEST(every_changed_byte_is_refused) {
    size_t byte_count = 0;
    unsigned char *bytes = checkpoint_bytes(&byte_count);
    damage_each_byte(bytes, byte_count, expect_refused);
    free(bytes);
}
END_TEST

Suite *checkpoint_damage_suite(void) {
    Suite *suite = suite_create("checkpoint_damage");
    TCase *tests = tcase_create("damage");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_test(tests, every_cut_is_refused);
    tcase_add_test(tests, every_changed_byte_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
