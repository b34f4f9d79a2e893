/* What people type, and what the program says of it: near ways to the same end, and data that look odd. */
#include "command/fixture.h"

#include "support/idx_file.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *manners_suite(void);

static const char *file_text(const char *name) {
    static char text[1 << 16];
    size_t byte_count = 0;
    unsigned char *bytes = file_read(scratch_path(name), &byte_count);
    ck_assert_uint_lt(byte_count, sizeof text);
    memcpy(text, bytes, byte_count);
    text[byte_count] = '\0';
    free(bytes);
    return text;
}

static void assert_same_models(const char *name, const char *other_name) {
    size_t count = 0, other_count = 0;
    unsigned char *bytes = file_read(scratch_path(name), &count);
    unsigned char *other_bytes = file_read(scratch_path(other_name), &other_count);
    ck_assert_uint_eq(count, other_count);
    ck_assert_mem_eq(bytes, other_bytes, count);
    free(bytes);
    free(other_bytes);
}

/* Trains for an epoch; the program's standard error. The caller frees it. */
static char *train(const char *const *words) {
    outcome ended = run_words(words);
    assert_status(&ended, 0);
    char *text = strdup(ended.err);
    outcome_release(&ended);
    return text;
}
#define TRAINED(...) train((const char *const[]){"train", "--recipe", "seed", "--epochs", "1", __VA_ARGS__, NULL})

/* ---- words ---- */

START_TEST(one_is_singular_and_lines_end) {
    char *told = TRAINED("--data", "@images", "--labels", "@labels", "--output", "@run", "--batch-size", "1");
    assert_contains(told, "done after 1 epoch, ");
    const char *config = file_text("run/config.json");
    ck_assert_str_eq(config + strlen(config) - 2, "}\n");
    free(told);
    outcome ended = run(TRAIN, "--dry-run", "--batch-size", "1", "--hidden", "3");
    assert_status(&ended, 0);
    assert_contains(ended.out, "launches of one step of 1 sample\n");
    ck_assert_ptr_null(strstr(ended.out, " 1 samples"));
    outcome_release(&ended);
    ended = run(TRAIN, "--dry-run", "--plan", "resident:1", "--matmul", "tile");
    assert_status(&ended, 0);
    ck_assert_ptr_null(strstr(ended.out, " 1 groups"));
    outcome_release(&ended);
}
END_TEST

START_TEST(a_model_needs_no_option_to_be_inspected) {
    free(TRAINED("--data", "@images", "--labels", "@labels", "--output", "@run"));
    outcome with = run("inspect", "--model", "@run/model.safetensors");
    outcome without = run("inspect", "@run/model.safetensors");
    assert_status(&with, 0);
    assert_status(&without, 0);
    ck_assert_str_eq(with.out, without.out);
    outcome folder = run("inspect", "@run");
    ck_assert_str_eq(with.out, folder.out);
    outcome_release(&with);
    outcome_release(&without);
    outcome_release(&folder);
    assert_refused(run("inspect", "@"), 66, "/model.safetensors: ");
}
END_TEST

START_TEST(lr_is_the_learning_rate) {
    free(TRAINED("--data", "@images", "--labels", "@labels", "--output", "@a", "--learning-rate", "0.01"));
    free(TRAINED("--data", "@images", "--labels", "@labels", "--output", "@b", "--lr", "0.01"));
    assert_same_models("a/model.safetensors", "b/model.safetensors");
}
END_TEST

/* ---- standard input ---- */

START_TEST(data_may_come_from_standard_input) {
    free(TRAINED("--data", "@images", "--labels", "@labels", "--output", "@a"));
    fixture_set_input(scratch_path("images"));
    free(TRAINED("--data", "-", "--labels", "@labels", "--output", "@b"));
    assert_same_models("a/model.safetensors", "b/model.safetensors");
    outcome from_file = run("predict", "--model", "@a/model.safetensors", "--data", "@images");
    outcome from_input = run("predict", "--model", "@a/model.safetensors", "--data", "-");
    assert_status(&from_input, 0);
    ck_assert_str_eq(from_file.out, from_input.out);
    outcome_release(&from_file);
    outcome_release(&from_input);

    fixture_set_input(scratch_path("labels"));
    outcome ended = run("evaluate", "--model", "@a/model.safetensors", "--data", "@images", "--labels", "-");
    assert_status(&ended, 0);
    outcome_release(&ended);
    assert_refused(run("predict", "--model", "@a/model.safetensors", "--data", "-"), 65, "standard input: ");
}
END_TEST

START_TEST(standard_input_is_read_once) {
    assert_refused(run("train", "--recipe", "seed", "--data", "-", "--labels", "-", "--output", "@run"), 2,
                   "standard input (-)");
    assert_refused(run(TRAIN, "--valid", "-", "--valid-labels", "-", "--output", "@run"), 2, "standard input (-)");
    fixture_set_input(NULL);
    assert_refused(run("train", "--recipe", "seed", "--data", "-", "--labels", "@labels", "--output", "@run"), 65,
                   "standard input: ");
}
END_TEST

/* ---- classes ---- */

static const idx_file four_samples = {0x08, 2, {4, 2}, 8, {1, 2, 3, 4, 5, 6, 7, 8}};

static const struct {
    unsigned char labels[4];
    const char *part; /* NULL: nothing is said */
} odd_labels[] = {
    {{0, 1, 2, 1}, NULL},
    {{1, 2, 1, 2}, "labels4: no sample to train has label 0: labels count from 0, and the largest makes 3 classes\n"},
    {{0, 0, 0, 0}, "labels4: all samples to train have label 0: with one class there is nothing to learn\n"},
    {{1, 1, 1, 1}, "labels4: all samples to train have label 1: with one class there is nothing to learn\n"},
    {{0, 11, 11, 0}, "has label 1, 2, 3, 4, 5, 6, 7, 8, ...: "},
    {{0, 9, 9, 0}, "has label 1, 2, 3, 4, 5, 6, 7, 8: "},
};

START_TEST(classes_without_a_sample_are_told) {
    idx_file labels = {0x08, 1, {4}, 4, {0}};
    memcpy(labels.payload, odd_labels[_i].labels, 4);
    idx_file_write(&four_samples, "images4", false);
    idx_file_write(&labels, "labels4", false);
    char *told = TRAINED("--data", "@images4", "--labels", "@labels4", "--output", "@run", "--quiet");
    if (odd_labels[_i].part)
        assert_contains(told, odd_labels[_i].part);
    else
        ck_assert_str_eq(told, "");
    free(told);
    told = TRAINED("--data", "@images4", "--labels", "@labels4", "--output", "@other", "--quiet", "--classes", "20");
    ck_assert_str_eq(told, "");
    free(told);
}
END_TEST

START_TEST(a_label_that_only_validation_has_is_told_with_its_file) {
    static const idx_file labels = {0x08, 1, {4}, 4, {0, 1, 0, 1}}, more = {0x08, 1, {4}, 4, {0, 1, 2, 4}};
    idx_file_write(&four_samples, "images4", false);
    idx_file_write(&labels, "labels4", false);
    idx_file_write(&more, "more4", false);
#define FOUR "--data", "@images4", "--labels", "@labels4", "--valid", "@images4", "--valid-labels", "@more4", "--output"
    assert_refused(run("train", "--recipe", "seed", FOUR, "@run"), 65,
                   "more4: has label 4 and the network has outputs for labels 0 to 1 only; --classes 5 makes as many");
    ck_assert(!scratch_exists("run"));
    free(TRAINED(FOUR, "@run", "--classes", "5"));
    assert_contains(file_text("run/config.json"), "\"classes\": 5");
    outcome ended = run("inspect", "@run/model.safetensors", "--json");
    assert_contains(ended.out, "\"outputs\":5}");
    outcome_release(&ended);
    ended = run("train", "--resume", "@run", "--epochs", "2");
    assert_status(&ended, 0);
    outcome_release(&ended);

    assert_refused(run("train", "--recipe", "seed", FOUR, "@other", "--classes", "1"), 2, "--classes 1 is too few: ");
    free(TRAINED("--data", "@images4", "--labels", "@labels4", "--output", "@few"));
    assert_refused(run("evaluate", "--model", "@few/model.safetensors", "--data", "@images4", "--labels", "@more4"), 65,
                   "more4: has label 4 and the network has outputs for labels 0 to 1 only\n");
    assert_refused(run("predict", "--model", "@few/model.safetensors", "--data", "@images"), 65,
                   "images: has 16 values a sample and the network takes 2");
    assert_refused(run(TRAIN, "--valid", "@images4", "--valid-labels", "@more4", "--output", "@other"), 65,
                   "images4: has 2 values a sample and the network takes 16");
}
END_TEST

Suite *manners_suite(void) {
    Suite *suite = suite_create("manners");
    TCase *tests = tcase_create("manners");
    tcase_add_checked_fixture(tests, fixture_create_plain, fixture_remove);
    tcase_add_test(tests, one_is_singular_and_lines_end);
    tcase_add_test(tests, a_model_needs_no_option_to_be_inspected);
    tcase_add_test(tests, lr_is_the_learning_rate);
    tcase_add_test(tests, data_may_come_from_standard_input);
    tcase_add_test(tests, standard_input_is_read_once);
    tcase_add_loop_test(tests, classes_without_a_sample_are_told, 0, sizeof odd_labels / sizeof *odd_labels);
    tcase_add_test(tests, a_label_that_only_validation_has_is_told_with_its_file);
    suite_add_tcase(suite, tests);
    return suite;
}
