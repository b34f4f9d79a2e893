/* Runs that go well: what they print, what they write, and that the same seed gives the same bytes. */
#include "command/fixture.h"
#include "model/network.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

Suite *runs_suite(void);

static json_t *run_json(const char *const *words) {
    outcome ended = run_words(words);
    assert_status(&ended, 0);
    json_t *lines = json_lines(ended.out);
    outcome_release(&ended);
    return lines;
}
#define lines_of(...) run_json((const char *const[]){__VA_ARGS__, "--json", NULL})

/* A quiet run that must go well. */
#define train_quietly(...)                                                                                             \
    do {                                                                                                               \
        outcome ended_ = run(TRAIN, "--quiet", __VA_ARGS__);                                                           \
        assert_status(&ended_, 0);                                                                                     \
        ck_assert_str_eq(ended_.out, "");                                                                              \
        ck_assert_str_eq(ended_.err, "");                                                                              \
        outcome_release(&ended_);                                                                                      \
    } while (0)

static bool is_same_file(const char *first, const char *second) {
    size_t first_bytes = 0, second_bytes = 0;
    unsigned char *one = file_read(scratch_path(first), &first_bytes);
    unsigned char *other = file_read(scratch_path(second), &second_bytes);
    const bool is_same = first_bytes == second_bytes && memcmp(one, other, first_bytes) == 0;
    free(other);
    free(one);
    return is_same;
}

static char *text_read(const char *name) {
    size_t byte_count = 0;
    char *text = (char *)file_read(scratch_path(name), &byte_count);
    text[byte_count] = '\0';
    return text;
}

/* ---- Training --------------------------------------------------------------------------------- */

START_TEST(json_lines_are_epochs_and_a_done) {
    json_t *lines = lines_of(TRAIN, "--valid-split", "0.25", "--hidden", "8", "--epochs", "3", "--output", "@run");
    ck_assert_uint_eq(json_array_size(lines), 4);
    for (size_t i = 0; i < 3; i++) {
        const json_t *epoch = json_array_get(lines, i);
        ck_assert_str_eq(text_of(epoch, "event"), "epoch");
        ck_assert_double_eq(number_of(epoch, "epoch"), (double)i + 1);
        ck_assert_double_gt(number_of(epoch, "train_cost"), 0);
        ck_assert_double_gt(number_of(epoch, "valid_cost"), 0);
        ck_assert_double_le(number_of(epoch, "train_accuracy"), 1);
        ck_assert_double_le(number_of(epoch, "valid_accuracy"), 1);
        ck_assert_double_gt(number_of(epoch, "seconds"), 0);
        ck_assert_double_gt(number_of(epoch, "samples_per_second"), 0);
    }
    const json_t *done = json_array_get(lines, 3);
    ck_assert_str_eq(text_of(done, "event"), "done");
    ck_assert_double_eq(number_of(done, "epochs"), 3);
    ck_assert_str_eq(text_of(done, "model"), scratch_path("run/model.safetensors"));
    assert_contains(text_of(done, "device"), "0:0 ");
    ck_assert_str_ne(text_of(done, "plan"), "");
    ck_assert_double_gt(number_of(done, "seconds"), 0);
    ck_assert(json_is_false(json_object_get(done, "stopped")));
    json_decref(lines);
}
END_TEST

START_TEST(without_validation_it_is_null) {
    json_t *lines = lines_of(TRAIN, "--epochs", "1", "--output", "@run");
    const json_t *epoch = json_array_get(lines, 0);
    ck_assert(json_is_null(json_object_get(epoch, "valid_cost")));
    ck_assert(json_is_null(json_object_get(epoch, "valid_accuracy")));
    json_decref(lines);
    char *history = text_read("run/history.csv");
    assert_contains(history, ",,,");
    free(history);
}
END_TEST

START_TEST(progress_is_a_line_an_epoch) {
    outcome ended = run(TRAIN, "--hidden", "4", "--epochs", "2", "--output", "@run");
    assert_status(&ended, 0);
    ck_assert_str_eq(ended.out, "");
    assert_contains(ended.err, "16-4-3");
    assert_contains(ended.err, "epoch   1/2");
    assert_contains(ended.err, "epoch   2/2");
    assert_contains(ended.err, "run/model.safetensors\n");
    ck_assert_msg(!strpbrk(ended.err, "\r\033"), "control characters without a terminal: %s", ended.err);
    outcome_release(&ended);
}
END_TEST

START_TEST(a_run_writes_config_history_and_model) {
    train_quietly("--hidden", "6,4", "--epochs", "2", "--seed", "18446744073709551615", "--output", "@deep/run/");
    json_t *config = json_load_file(scratch_path("deep/run/config.json"), 0, NULL);
    ck_assert(json_is_object(config));
    const json_t *given = json_object_get(config, "settings");
    ck_assert_str_eq(text_of(given, "seed"), "18446744073709551615");
    ck_assert_double_eq(number_of(given, "epochs"), 2);
    ck_assert_double_eq_tol(number_of(given, "learning_rate"), 0.3, 1e-9);
    ck_assert_uint_eq(json_array_size(json_object_get(given, "hidden")), 2);
    ck_assert(json_is_object(json_object_get(config, "device")));
    ck_assert_str_ne(text_of(config, "plan"), "");
    ck_assert_str_eq(text_of(json_object_get(config, "network"), "normalization"), "scale255");
    json_decref(config);

    char *history = text_read("deep/run/history.csv");
    size_t line_count = 0;
    for (const char *c = history; *c; c++) line_count += *c == '\n';
    ck_assert_uint_eq(line_count, 3);
    free(history);
    ck_assert(scratch_exists("deep/run/model.safetensors"));
}
END_TEST

START_TEST(the_same_seed_gives_the_same_bytes) {
    train_quietly("--hidden", "8", "--epochs", "3", "--seed", "5", "--output", "@one");
    train_quietly("--hidden", "8", "--epochs", "3", "--seed", "5", "--output", "@two");
    train_quietly("--hidden", "8", "--epochs", "3", "--seed", "6", "--output", "@three");
    ck_assert(is_same_file("one/model.safetensors", "two/model.safetensors"));
    ck_assert(!is_same_file("one/model.safetensors", "three/model.safetensors"));
}
END_TEST

START_TEST(an_older_run_is_refused_without_force) {
    train_quietly("--epochs", "1", "--seed", "1", "--output", "@run");
    train_quietly("--epochs", "1", "--seed", "1", "--output", "@same");
    assert_refused(run(TRAIN, "--epochs", "1", "--seed", "2", "--output", "@run"), 73, "--force");
    ck_assert(is_same_file("run/model.safetensors", "same/model.safetensors"));
    train_quietly("--epochs", "1", "--seed", "2", "--output", "@run", "--force");
    ck_assert(!is_same_file("run/model.safetensors", "same/model.safetensors"));
}
END_TEST

START_TEST(a_batch_larger_than_the_data_is_one_batch) {
    train_quietly("--epochs", "2", "--batch-size", "240", "--output", "@exact");
    train_quietly("--epochs", "2", "--batch-size", "100000", "--output", "@large");
    ck_assert(is_same_file("exact/model.safetensors", "large/model.safetensors"));
}
END_TEST

START_TEST(a_folder_under_a_file_cannot_be_made) {
    assert_refused(run(TRAIN, "--quiet", "--output", "@labels/run"), 73, "labels/run");
    assert_refused(run(TRAIN, "--quiet", "--output", "@labels"), 73, "labels");
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES);
}
END_TEST

START_TEST(divergence_is_told_and_leaves_no_model) {
    assert_refused(run("train", "--recipe", "seed", "--data", "@floats", "--labels", "@labels", "--normalize", "none",
                       "--learning-rate", "1e29", "--epochs", "5", "--output", "@run", "--quiet"),
                   76, "no model was written");
    ck_assert(!scratch_exists("run/model.safetensors"));
}
END_TEST

/* ---- Dry runs --------------------------------------------------------------------------------- */

START_TEST(a_dry_run_writes_nothing) {
    static const char *const parts[] = {"device memory",      "total ", "launches of one step of 32 samples", "forward",
                                        "parameters     163", "16-"};
    outcome ended = run(TRAIN, "--hidden", "8", "--dry-run", "--output", "@run");
    assert_status(&ended, 0);
    for (size_t i = 0; i + 1 < sizeof parts / sizeof *parts; i++) assert_contains(ended.out, parts[i]);
    outcome_release(&ended);
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES);
}
END_TEST

START_TEST(a_dry_run_as_json_adds_up) {
    json_t *lines = lines_of(TRAIN, "--hidden", "8", "--dry-run");
    ck_assert_uint_eq(json_array_size(lines), 1);
    const json_t *plan = json_array_get(lines, 0), *memory = json_object_get(plan, "memory");
    ck_assert_str_eq(text_of(plan, "event"), "plan");
    ck_assert_double_eq(number_of(plan, "train_samples"), FIXTURE_SAMPLES);
    ck_assert_uint_gt(json_array_size(json_object_get(plan, "launches")), 3);
    double sum = 0;
    const char *purpose;
    json_t *bytes;
    json_object_foreach(json_object_get(memory, "purposes"), purpose, bytes) sum += json_number_value(bytes);
    ck_assert_double_gt(sum, FIXTURE_SAMPLES * FIXTURE_INPUTS);
    ck_assert_double_le(sum, number_of(memory, "total_bytes"));
    ck_assert_double_le(number_of(memory, "total_bytes"), number_of(memory, "device_bytes"));
    json_decref(lines);
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES);
}
END_TEST

/* Validation data whose labels are all wrong: the more is learned, the worse they are predicted. */
START_TEST(the_best_model_has_the_lowest_validation_cost) {
    unsigned char wrong[8 + FIXTURE_SAMPLES] = {0, 0, 8, 1, 0, 0, 0, FIXTURE_SAMPLES};
    for (size_t i = 0; i < FIXTURE_SAMPLES; i++) wrong[8 + i] = (unsigned char)((i + 1) % FIXTURE_CLASSES);
    scratch_write("wrong", wrong, sizeof wrong);
    json_t *lines = lines_of(TRAIN, "--valid", "@images", "--valid-labels", "@wrong", "--hidden", "8", "--epochs", "6",
                             "--batch-size", "8", "--learning-rate", "1", "--output", "@run");
    size_t best = 0;
    for (size_t i = 1; i < 6; i++)
        if (number_of(json_array_get(lines, i), "valid_cost") < number_of(json_array_get(lines, best), "valid_cost"))
            best = i;
    ck_assert_uint_lt(best, 3);
    json_t *evaluated =
        lines_of("evaluate", "--model", "@run/best.safetensors", "--data", "@images", "--labels", "@wrong");
    ck_assert_double_eq_tol(number_of(json_array_get(evaluated, 0), "cost"),
                            number_of(json_array_get(lines, best), "valid_cost"), 1e-6);
    json_decref(evaluated);
    json_decref(lines);
}
END_TEST

#define VALID_COST(lines, epoch) number_of(json_array_get(lines, (epoch)-1), "valid_cost")

/* Steps that are too long: the cost of the validation data goes down and up, and falls again after its best without
 * being as low. A last line tells of the run. */
START_TEST(the_best_epoch_is_the_best_of_all) {
    enum { EPOCHS = 12 };
    json_t *lines = lines_of(TRAIN, "--valid-split", "0.1", "--hidden", "4", "--epochs", "12", "--batch-size", "4",
                             "--learning-rate", "12", "--seed", "5", "--output", "@run");
    size_t best = 1;
    bool falls_later = false;
    for (size_t epoch = 2; epoch <= EPOCHS; epoch++) {
        if (VALID_COST(lines, epoch) < VALID_COST(lines, best)) {
            best = epoch;
            falls_later = false;
        } else if (VALID_COST(lines, epoch) < VALID_COST(lines, epoch - 1)) {
            falls_later = true;
        }
    }
    ck_assert(best > 1 && best < EPOCHS && falls_later); /* the case is there */
    ck_assert_double_eq(number_of(json_array_get(lines, EPOCHS), "best_epoch"), (double)best);
    json_decref(lines);
}
END_TEST

/* Steps too short to change anything: of equal epochs the first is the best, also when a run goes on. */
START_TEST(of_equal_epochs_the_first_is_the_best) {
    json_t *lines = lines_of(TRAIN, "--valid-split", "0.1", "--hidden", "4", "--epochs", "3", "--learning-rate",
                             "1e-30", "--output", "@run");
    ck_assert(VALID_COST(lines, 1) == VALID_COST(lines, 2) && VALID_COST(lines, 2) == VALID_COST(lines, 3));
    ck_assert_double_eq(number_of(json_array_get(lines, 3), "best_epoch"), 1);
    json_decref(lines);
    lines = lines_of("train", "--resume", "@run", "--epochs", "5");
    ck_assert_double_eq(number_of(json_array_get(lines, 2), "best_epoch"), 1);
    json_decref(lines);
}
END_TEST

/* ---- Models in use ---------------------------------------------------------------------------- */

#define MODEL "--model", "@run/model.safetensors"

static void train_well(void) {
    train_quietly("--hidden", "8", "--epochs", "20", "--batch-size", "8", "--learning-rate", "1", "--output", "@run");
}

START_TEST(a_model_that_learned_predicts_in_input_order) {
    train_well();
    outcome ended = run("predict", MODEL, "--data", "@images");
    assert_status(&ended, 0);
    ck_assert_str_eq(ended.err, "");
    ck_assert_msg(strncmp(ended.out, "class\n", 6) == 0, "%s", ended.out);
    const char *line = ended.out + 6;
    for (size_t sample = 0; sample < FIXTURE_SAMPLES; sample++, line += 2)
        ck_assert_msg(line[0] == (char)('0' + sample % FIXTURE_CLASSES) && line[1] == '\n', "sample %zu: %s", sample,
                      line);
    ck_assert_str_eq(line, "");
    outcome_release(&ended);
}
END_TEST

START_TEST(outputs_belong_to_the_class) {
    train_well();
    outcome ended = run("predict", MODEL, "--data", "@images", "--proba");
    assert_status(&ended, 0);
    ck_assert_msg(strncmp(ended.out, "class,sigmoid0,sigmoid1,sigmoid2\n", 33) == 0, "%s", ended.out);
    size_t line_count = 0;
    for (const char *line = strchr(ended.out, '\n') + 1; *line; line = strchr(line, '\n') + 1, line_count++) {
        unsigned class = 0;
        double p[FIXTURE_CLASSES];
        ck_assert_int_eq(sscanf(line, "%u,%lf,%lf,%lf\n", &class, &p[0], &p[1], &p[2]), 4);
        ck_assert_uint_lt(class, FIXTURE_CLASSES);
        for (size_t i = 0; i < FIXTURE_CLASSES; i++) ck_assert(p[i] >= 0 && p[i] <= p[class] && p[class] <= 1);
    }
    ck_assert_uint_eq(line_count, FIXTURE_SAMPLES);
    outcome_release(&ended);
}
END_TEST

/* What predict --proba says of the first sample under a network whose weights are 0. */
static void check_first_prediction(const float biases[FIXTURE_CLASSES], const char *expected) {
    static const size_t counts[] = {FIXTURE_INPUTS, FIXTURE_CLASSES};
    epocl_network *network = NULL;
    ck_assert_int_eq(network_allocate(counts, 1, &network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(network, "sigmoid", "cross-entropy", NULL), EPOCL_OK);
    network->normalization = "none";
    for (size_t i = 0; i < FIXTURE_INPUTS; i++) network->input_scale[i] = 1.0f;
    for (size_t i = 0; i < FIXTURE_CLASSES; i++) network->layers[0].biases[i] = biases[i];
    network->has_parameters = true;
    ck_assert_int_eq(epocl_network_save(network, scratch_path("fixed")), EPOCL_OK);
    epocl_network_release(network);
    outcome ended = run("predict", "--model", "@fixed", "--data", "@images", "--proba");
    assert_status(&ended, 0);
    ck_assert_msg(strncmp(ended.out, "class,sigmoid0,sigmoid1,sigmoid2\n", 33) == 0, "%s", ended.out);
    ck_assert_msg(strncmp(ended.out + 33, expected, strlen(expected)) == 0, "%s", ended.out);
    outcome_release(&ended);
}

START_TEST(of_equal_outputs_the_first_class_is_taken) {
    check_first_prediction((const float[FIXTURE_CLASSES]){0}, "0,0.5,0.5,0.5\n");
}
END_TEST

/* All outputs are 1, or 0, to a float; the weighted inputs still differ. */
START_TEST(the_class_is_right_where_outputs_are_rounded) {
    check_first_prediction((const float[FIXTURE_CLASSES]){100, 200, 150}, "1,1,1,1\n");
    check_first_prediction((const float[FIXTURE_CLASSES]){-250, -200, -150}, "2,0,0,0\n");
}
END_TEST

START_TEST(evaluation_is_that_of_validation) {
    json_t *lines =
        lines_of(TRAIN, "--valid", "@images", "--valid-labels", "@labels", "--epochs", "2", "--output", "@run");
    const json_t *epoch = json_array_get(lines, 1);
    json_t *evaluated = lines_of("evaluate", MODEL, "--data", "@images", "--labels", "@labels");
    ck_assert_uint_eq(json_array_size(evaluated), 1);
    const json_t *evaluation = json_array_get(evaluated, 0);
    ck_assert_str_eq(text_of(evaluation, "event"), "evaluate");
    ck_assert_double_eq(number_of(evaluation, "samples"), FIXTURE_SAMPLES);
    ck_assert_double_eq_tol(number_of(evaluation, "accuracy"), number_of(epoch, "valid_accuracy"), 1e-9);
    ck_assert_double_eq_tol(number_of(evaluation, "cost"), number_of(epoch, "valid_cost"), 1e-5);
    json_decref(evaluated);
    json_decref(lines);

    outcome ended = run("evaluate", MODEL, "--data", "@images", "--labels", "@labels");
    assert_status(&ended, 0);
    assert_contains(ended.out, "samples 240");
    outcome_release(&ended);
}
END_TEST

START_TEST(inspection_shows_layers_and_functions) {
    train_quietly("--hidden", "7,5", "--epochs", "1", "--output", "@run");
    json_t *lines = lines_of("inspect", MODEL);
    const json_t *model = json_array_get(lines, 0), *layers = json_object_get(model, "layers");
    ck_assert_str_eq(text_of(model, "event"), "inspect");
    ck_assert_uint_eq(json_array_size(layers), 3);
    ck_assert_double_eq(number_of(json_array_get(layers, 1), "inputs"), 7);
    ck_assert_double_eq(number_of(json_array_get(layers, 1), "outputs"), 5);
    ck_assert_double_eq(number_of(model, "parameters"), 17 * 7 + 8 * 5 + 6 * 3);
    ck_assert_str_eq(text_of(model, "activation"), "sigmoid");
    ck_assert_str_eq(text_of(model, "cost"), "cross-entropy");
    json_decref(lines);
    outcome ended = run("inspect", MODEL);
    assert_status(&ended, 0);
    assert_contains(ended.out, "parameters     177\n");
    outcome_release(&ended);
}
END_TEST

START_TEST(output_that_cannot_be_written_is_told) {
    static const char *const words[][6] = {
        {"devices"}, {"--help"}, {"inspect", MODEL}, {"predict", MODEL, "--data", "@images"}};
    train_quietly("--epochs", "1", "--output", "@run");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        outcome ended = run_words_into("/dev/full", words[i]);
        assert_status(&ended, 74);
        assert_contains(ended.err, "epocl: standard output: cannot write");
        outcome_release(&ended);
    }
}
END_TEST

Suite *runs_suite(void) {
    Suite *suite = suite_create("runs");
    TCase *training = tcase_create("training");
    tcase_add_checked_fixture(training, fixture_create, fixture_remove);
    tcase_add_test(training, json_lines_are_epochs_and_a_done);
    tcase_add_test(training, without_validation_it_is_null);
    tcase_add_test(training, progress_is_a_line_an_epoch);
    tcase_add_test(training, a_run_writes_config_history_and_model);
    tcase_add_test(training, the_same_seed_gives_the_same_bytes);
    tcase_add_test(training, an_older_run_is_refused_without_force);
    tcase_add_test(training, a_batch_larger_than_the_data_is_one_batch);
    tcase_add_test(training, a_folder_under_a_file_cannot_be_made);
    tcase_add_test(training, divergence_is_told_and_leaves_no_model);
    tcase_add_test(training, a_dry_run_writes_nothing);
    tcase_add_test(training, a_dry_run_as_json_adds_up);
    suite_add_tcase(suite, training);
    TCase *best = tcase_create("best epoch");
    tcase_add_checked_fixture(best, fixture_create, fixture_remove);
    tcase_add_test(best, the_best_model_has_the_lowest_validation_cost);
    tcase_add_test(best, the_best_epoch_is_the_best_of_all);
    tcase_add_test(best, of_equal_epochs_the_first_is_the_best);
    suite_add_tcase(suite, best);
    TCase *use = tcase_create("use");
    tcase_add_checked_fixture(use, fixture_create, fixture_remove);
    tcase_add_test(use, a_model_that_learned_predicts_in_input_order);
    tcase_add_test(use, of_equal_outputs_the_first_class_is_taken);
    tcase_add_test(use, the_class_is_right_where_outputs_are_rounded);
    tcase_add_test(use, outputs_belong_to_the_class);
    tcase_add_test(use, evaluation_is_that_of_validation);
    tcase_add_test(use, inspection_shows_layers_and_functions);
    tcase_add_test(use, output_that_cannot_be_written_is_told);
    suite_add_tcase(suite, use);
    return suite;
}
