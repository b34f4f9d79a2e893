/* Checkpoints of ensembles as files: what is written is read, and damage of any kind is found. */
#include "base/checked.h"
#include "ensemble/ensemble_file.h"
#include "support/damage.h"
#include "support/scratch.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *ensemble_file_suite(void);

static memory_block block_of(const char *text) {
    memory_block made = {strdup(text), strlen(text)};
    ck_assert_ptr_nonnull(made.bytes);
    return made;
}

/* Three members after two epochs: one that is trained, one at its end, one that never was any good. */
static epocl_ensemble_checkpoint *make(void) {
    epocl_ensemble_checkpoint *c = NULL;
    ck_assert_int_eq(allocate(1, sizeof *c, "a checkpoint", &c), EPOCL_OK);
    ck_assert_int_eq(allocate(2, sizeof *c->history, "a history", &c->history), EPOCL_OK);
    c->history[0] = (epocl_ensemble_epoch){.epoch = 1, .sample_count = 30, .trained_count = 3, .valid_cost = INFINITY};
    c->history[1] = (epocl_ensemble_epoch){.epoch = 2,
                                           .sample_count = 20,
                                           .trained_count = 2,
                                           .best_member = 1,
                                           .network_count = 1,
                                           .best_epoch = 2,
                                           .train_cost = 0.1,
                                           .valid_cost = 0.2,
                                           .latest_cost = 0.3,
                                           .best_member_cost = 0.4,
                                           .seconds = 0.5};
    c->epoch_count = 2;
    c->seconds = 0.25;
    c->member_count = 3;
    c->members[0] = (kept_member){.is_trained = true, .waited = 2, .file = block_of("first")};
    c->members[1] = (kept_member){.waited = 1, .best_epoch = 1, .improved = 0.375, .file = block_of("second one")};
    c->kept_count = 1;
    c->kept[0][0] = 1;
    c->kept[0][1] = 2;
    c->kept_file = block_of("all");
    strcpy(c->valid_data, "10 x 2 floats");
    strcpy(c->plan, "layered");
    return c;
}

static void write_to(const epocl_ensemble_checkpoint *c, const char *name) {
    ck_assert_msg(ensemble_checkpoint_write(file_at(NO_FOLDER, scratch_path(name)), c) == EPOCL_OK, "%s",
                  epocl_last_error());
}

static unsigned char *bytes_of(size_t *byte_count) {
    epocl_ensemble_checkpoint *c = make();
    write_to(c, "whole");
    epocl_ensemble_checkpoint_release(c);
    return file_read(scratch_path("whole"), byte_count);
}

START_TEST(what_is_written_is_read) {
    epocl_ensemble_checkpoint *c = make(), *read = NULL;
    write_to(c, "one");
    ck_assert_msg(epocl_ensemble_checkpoint_load(scratch_path("one"), &read) == EPOCL_OK, "%s", epocl_last_error());
    ck_assert(read->epoch_count == 2 && read->member_count == 3 && read->kept_count == 1 && read->seconds == 0.25);
    ck_assert(isinf(read->history[0].valid_cost) && read->history[1].best_epoch == 2);
    ck_assert(read->history[1].sample_count == 20 && read->history[1].best_member_cost == 0.4);
    ck_assert(read->members[0].is_trained && !read->members[1].is_trained && read->members[0].waited == 2);
    ck_assert(read->members[1].best_epoch == 1 && read->members[2].file.byte_count == 0);
    ck_assert(read->members[1].improved == 0.375);
    ck_assert(read->kept[0][0] == 1 && read->kept[0][1] == 2);
    ck_assert_uint_eq(read->members[1].file.byte_count, 10);
    ck_assert_mem_eq(read->members[1].file.bytes, "second one", 10);
    ck_assert_mem_eq(read->kept_file.bytes, "all", 3);
    ck_assert_str_eq(read->valid_data, c->valid_data);
    ck_assert_str_eq(read->plan, c->plan);
    write_to(read, "two");
    size_t counts[2];
    unsigned char *bytes[2] = {file_read(scratch_path("one"), &counts[0]), file_read(scratch_path("two"), &counts[1])};
    ck_assert_uint_eq(counts[0], counts[1]);
    ck_assert_mem_eq(bytes[0], bytes[1], counts[0]);
    free(bytes[0]);
    free(bytes[1]);
    epocl_ensemble_checkpoint_release(read);
    epocl_ensemble_checkpoint_release(c);
}
END_TEST

static void expect_refused(const unsigned char *bytes, size_t byte_count) {
    epocl_ensemble_checkpoint *read = NULL;
    const char *path = scratch_write("damaged", bytes, byte_count);
    ck_assert_int_eq(epocl_ensemble_checkpoint_load(path, &read), EPOCL_ERROR_DATA);
    ck_assert_ptr_null(read);
    ck_assert_msg(strncmp(epocl_last_error(), path, strlen(path)) == 0, "%s", epocl_last_error());
}

START_TEST(every_cut_and_every_changed_byte_is_refused) {
    size_t byte_count = 0;
    unsigned char *bytes = bytes_of(&byte_count);
    damage_each_length(bytes, byte_count, expect_refused);
    damage_each_byte(bytes, byte_count, expect_refused);
    free(bytes);
}
END_TEST

/* Whole files of what no training comes to. */
static void spoil(epocl_ensemble_checkpoint *c, int way) {
    switch (way) {
    case 0: c->members[1].best_epoch = 3; break;    /* later than the last epoch */
    case 1: c->members[2].is_trained = true; break; /* without a file */
    case 2: c->members[2].best_epoch = 1; break;
    case 3: c->kept[0][0] = 3; break; /* there is no such member */
    case 4: c->kept[0][1] = 0; break;
    case 5: c->kept[0][1] = 3; break;
    case 6: c->kept_count = 0; break; /* but its file is there */
    case 7: c->seconds = -1; break;
    case 8: c->seconds = NAN; break;
    case 9: c->members[1].improved = NAN; break;
    default: c->member_count = 0; break;
    }
}

START_TEST(what_no_training_comes_to_is_refused) {
    epocl_ensemble_checkpoint *c = make(), *read = NULL;
    const size_t member_count = c->member_count;
    spoil(c, _i);
    write_to(c, "spoilt");
    c->member_count = member_count;
    ck_assert_int_eq(epocl_ensemble_checkpoint_load(scratch_path("spoilt"), &read), EPOCL_ERROR_DATA);
    ck_assert_ptr_null(read);
    ck_assert_int_eq(epocl_ensemble_checkpoint_load(scratch_path("none"), &read), EPOCL_ERROR_NO_INPUT);
    ck_assert_int_eq(epocl_ensemble_checkpoint_load(NULL, &read), EPOCL_ERROR_ARGUMENT);
    epocl_ensemble_checkpoint_release(c);
}
END_TEST

Suite *ensemble_file_suite(void) {
    Suite *suite = suite_create("ensemble_file");
    TCase *tests = tcase_create("ensemble_file");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_test(tests, what_is_written_is_read);
    tcase_add_test(tests, every_cut_and_every_changed_byte_is_refused);
    tcase_add_loop_test(tests, what_no_training_comes_to_is_refused, 0, 11);
    suite_add_tcase(suite, tests);
    return suite;
}
