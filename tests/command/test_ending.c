/* How a run ends before its last epoch: without an improvement, or when its time is over. */
#include "command/fixture.h"

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

Suite *ending_suite(void);

/* A rate at which the validation cost goes down and up. */
#define SETTINGS                                                                                                       \
    TRAIN, "--valid-split", "0.1", "--hidden", "4", "--batch-size", "4", "--learning-rate", "12", "--seed", "5"

enum { PATIENCE = 3 };

static json_t *done_of(outcome ended) {
    assert_status(&ended, 0);
    json_t *lines = json_lines(ended.out);
    json_t *done = json_incref(json_array_get(lines, json_array_size(lines) - 1));
    ck_assert_str_eq(text_of(done, "event"), "done");
    json_decref(lines);
    outcome_release(&ended);
    return done;
}

static void assert_same_file(const char *one, const char *other, bool is_same) {
    size_t one_count = 0, other_count = 0;
    char *a = (char *)file_read(scratch_path(one), &one_count);
    char *b = (char *)file_read(scratch_path(other), &other_count);
    ck_assert_msg((one_count == other_count && memcmp(a, b, one_count) == 0) == is_same, "%s, %s", one, other);
    free(a);
    free(b);
}

/* Ends where an undisturbed run would have had no better figure for so long, with that run's best model until then;
 * goes on with more patience to the same bytes. */
START_TEST(patience_ends_with_the_best_model) {
    json_t *done = done_of(run(SETTINGS, "--epochs", "60", "--patience", "3", "--output", "@run", "--json", "--quiet"));
    const size_t epochs = (size_t)number_of(done, "epochs"), best = (size_t)number_of(done, "best_epoch");
    char count[16];
    ck_assert_uint_lt(epochs, 60);
    ck_assert_uint_eq(best + PATIENCE, epochs);
    ck_assert_str_eq(text_of(done, "ended_by"), "patience");
    ck_assert_uint_eq((size_t)number_of(done, "model_epoch"), best);
    ck_assert(json_is_false(json_object_get(done, "stopped")));
    json_decref(done);
    assert_same_file("run/model.safetensors", "run/best.safetensors", true);

    snprintf(count, sizeof count, "%zu", epochs);
    done = done_of(run(SETTINGS, "--epochs", count, "--output", "@whole", "--json", "--quiet"));
    ck_assert_str_eq(text_of(done, "ended_by"), "epochs");
    ck_assert_uint_eq((size_t)number_of(done, "model_epoch"), epochs);
    json_decref(done);
    assert_same_file("run/best.safetensors", "whole/best.safetensors", true);
    assert_same_file("run/model.safetensors", "whole/model.safetensors", false);

    outcome ended = run("train", "--resume", "@run"); /* nothing to do */
    assert_status(&ended, 0);
    assert_contains(ended.err, "ended early: no better validation cost for 3 epochs (--patience 3)");
    assert_contains(ended.err, "model.safetensors (the best, after epoch ");
    outcome_release(&ended);
    assert_same_file("run/model.safetensors", "run/best.safetensors", true);

    done = done_of(run("train", "--resume", "@run", "--patience", "0", "--epochs", "20", "--json", "--quiet"));
    json_decref(done);
    done = done_of(run("train", "--resume", "@whole", "--epochs", "20", "--json", "--quiet"));
    json_decref(done);
    assert_same_file("run/model.safetensors", "whole/model.safetensors", true);
    assert_same_file("run/best.safetensors", "whole/best.safetensors", true);
}
END_TEST

START_TEST(accuracy_can_be_the_figure) {
    json_t *done = done_of(run(SETTINGS, "--epochs", "6", "--monitor", "accuracy", "--output", "@run", "--json"));
    const size_t best = (size_t)number_of(done, "best_epoch");
    size_t byte_count = 0, first = 0, epoch = 0;
    double most = -1;
    char *history = (char *)file_read(scratch_path("run/history.csv"), &byte_count);
    history[byte_count - 1] = '\0'; /* in the place of the last line's end */
    for (char *line = strchr(history, '\n'); line; line = strchr(line + 1, '\n')) {
        double accuracy = 0;
        ck_assert_int_eq(sscanf(line, " %zu,%*f,%*f,%*f,%lf", &epoch, &accuracy), 2);
        if (accuracy > most) first = epoch;
        if (accuracy > most) most = accuracy;
    }
    ck_assert_uint_eq(best, first);
    free(history);
    json_decref(done);
    outcome ended = run("train", "--resume", "@run", "--monitor", "cost");
    assert_status(&ended, 2);
    assert_contains(ended.err, "was begun with accuracy");
    outcome_release(&ended);
}
END_TEST

/* A metric is told, kept in history.csv, and goes on after a resume. */
START_TEST(a_metric_can_be_the_figure) {
#define BY_METRIC SETTINGS, "--monitor", "macro-f1", "--patience", "4"
    json_t *whole = done_of(run(BY_METRIC, "--epochs", "30", "--output", "@whole", "--json"));
    json_decref(done_of(run(BY_METRIC, "--epochs", "2", "--output", "@run", "--json")));
    outcome ended = run("train", "--resume", "@run", "--epochs", "30", "--tensorboard", "@events");
    assert_status(&ended, 0);
    assert_contains(ended.err, " macro-f1 0.");
    assert_contains(ended.err, "ended early: no better macro F1 for 4 epochs");
    outcome_release(&ended);
    assert_same_file("run/model.safetensors", "whole/model.safetensors", true);
    size_t byte_count = 0, epoch = 0, first = 0;
    double most = -1;
    char *history = (char *)file_read(scratch_path("run/history.csv"), &byte_count);
    history[byte_count - 1] = '\0';
    assert_contains(history, ",samples_per_second,valid_figure\n");
    for (char *line = strchr(history, '\n'); line; line = strchr(line + 1, '\n')) {
        double figure = 0;
        ck_assert_int_eq(sscanf(line, " %zu,%*f,%*f,%*f,%*f,%*f,%*f,%lf", &epoch, &figure), 2);
        if (figure > most) first = epoch;
        if (figure > most) most = figure;
    }
    ck_assert_uint_eq((size_t)number_of(whole, "best_epoch"), first);
    ck_assert_uint_eq((size_t)number_of(whole, "epochs"), epoch);
    free(history);
    json_decref(whole);
    ended = run("report", "@run", "--output", "@page.html"); /* which reads the history */
    assert_status(&ended, 0);
    outcome_release(&ended);
    ended = run(SETTINGS, "--monitor", "rmse", "--output", "@none");
    assert_status(&ended, 2);
    assert_contains(ended.err, "monitor rmse: these targets and outputs have none, but balanced-accuracy,");
    outcome_release(&ended);
}
END_TEST

/* Says so, and goes on after a resume to the same bytes. */
START_TEST(a_plateau_lowers_the_rate) {
#define PLATEAU SETTINGS, "--schedule", "plateau", "--plateau-patience", "1", "--plateau-factor", "0.5"
    outcome ended = run(PLATEAU, "--epochs", "12", "--output", "@whole");
    assert_status(&ended, 0);
    assert_contains(ended.err, "learning rate 6 from epoch ");
    assert_contains(ended.err, "learning rate 3 from epoch ");
    outcome_release(&ended);
    json_decref(done_of(run(PLATEAU, "--epochs", "7", "--output", "@run", "--json")));
    json_decref(done_of(run("train", "--resume", "@run", "--epochs", "12", "--json")));
    assert_same_file("run/model.safetensors", "whole/model.safetensors", true);
    assert_same_file("run/best.safetensors", "whole/best.safetensors", true);
}
END_TEST

/* After the first epoch at the latest; with more time it goes on to the same bytes. */
START_TEST(time_ends_with_an_epoch) {
    json_t *done = done_of(run(SETTINGS, "--epochs", "4", "--max-seconds", "1e-9", "--output", "@run", "--json"));
    ck_assert_uint_eq((size_t)number_of(done, "epochs"), 1);
    ck_assert_str_eq(text_of(done, "ended_by"), "max-seconds");
    json_decref(done);
    done = done_of(run("train", "--resume", "@run", "--max-seconds", "1e9", "--json"));
    ck_assert_uint_eq((size_t)number_of(done, "epochs"), 4);
    json_decref(done);
    done = done_of(run(SETTINGS, "--epochs", "4", "--output", "@whole", "--json"));
    json_decref(done);
    assert_same_file("run/model.safetensors", "whole/model.safetensors", true);
    assert_same_file("run/best.safetensors", "whole/best.safetensors", true);
}
END_TEST

START_TEST(figures_need_validation_data) {
    assert_refused(run(TRAIN, "--patience", "3", "--output", "@run"), 2, "--patience goes by validation data");
    assert_refused(run(TRAIN, "--monitor", "accuracy", "--output", "@run"), 2, "--monitor goes by validation data");
    assert_refused(run(TRAIN, "--schedule", "plateau", "--output", "@run"), 2, "--schedule plateau goes by validation");
    assert_refused(run(SETTINGS, "--monitor", "acuracy", "--output", "@run"), 2, "did you mean 'accuracy'?");
    ck_assert(!scratch_exists("run"));
}
END_TEST

Suite *ending_suite(void) {
    Suite *suite = suite_create("ending");
    TCase *early = tcase_create("early");
    tcase_add_checked_fixture(early, fixture_create_plain, fixture_remove);
    tcase_add_test(early, patience_ends_with_the_best_model);
    tcase_add_test(early, accuracy_can_be_the_figure);
    tcase_add_test(early, a_metric_can_be_the_figure);
    tcase_add_test(early, a_plateau_lowers_the_rate);
    tcase_add_test(early, time_ends_with_an_epoch);
    tcase_add_test(early, figures_need_validation_data);
    suite_add_tcase(suite, early);
    return suite;
}
