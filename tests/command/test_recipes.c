/* What a run has of its recipe where nothing else was given. */
#include "command/fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *recipes_suite(void);

/* Compares the settings that a run keeps with `expected`, pairs of name and JSON text up to a NULL. */
static void assert_settings(const char *const *expected) {
    json_t *config = json_load_file(scratch_path("run/config.json"), 0, NULL);
    const json_t *settings = json_object_get(config, "settings");
    for (; *expected; expected += 2) {
        char *found = json_dumps(json_object_get(settings, expected[0]), JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        ck_assert_msg(found && strcmp(found, expected[1]) == 0, "%s is %s, not %s", expected[0], found, expected[1]);
        free(found);
    }
    json_decref(config);
}
#define ASSERT_SETTINGS(...) assert_settings((const char *const[]){__VA_ARGS__, NULL})

#define PLAIN "train", "--data", "@images", "--labels", "@labels", "--hidden", "4", "--epochs", "2", "--quiet"

START_TEST(nothing_given_is_the_standard_recipe) {
    fixture_choose();
    assert_ended(run(PLAIN, "--output", "@run"), 0);
    ASSERT_SETTINGS("recipe", "\"standard\"", "activation", "\"relu\"", "cost", "\"auto\"", "optimizer", "\"adam\"",
                    "learning_rate", "0.001", "schedule", "\"cosine\"", "schedule_epochs", "2", "patience", "0");
}
END_TEST

START_TEST(validation_data_end_it_early) {
    assert_ended(run(PLAIN, "--valid-split", "0.25", "--output", "@run"), 0);
    ASSERT_SETTINGS("patience", "10", "schedule", "\"cosine\"");
}
END_TEST

START_TEST(what_is_given_wins_and_the_rate_follows_the_optimizer) {
    assert_ended(run(PLAIN, "--optimizer", "momentum", "--activation", "tanh", "--schedule", "constant",
                     "--valid-split", "0.25", "--patience", "3", "--output", "@run"),
                 0);
    ASSERT_SETTINGS("optimizer", "\"momentum\"", "learning_rate", "0.03", "activation", "\"tanh\"", "schedule",
                    "\"constant\"", "patience", "3", "cost", "\"auto\"");
}
END_TEST

START_TEST(the_seeds_recipe_is_a_word) {
    assert_ended(run(PLAIN, "--recipe", "seed", "--valid-split", "0.25", "--output", "@run"), 0);
    ASSERT_SETTINGS("recipe", "\"seed\"", "activation", "\"sigmoid\"", "cost", "\"cross-entropy\"", "optimizer",
                    "\"sgd\"", "learning_rate", "0.3", "schedule", "\"constant\"", "patience", "0");
    assert_refused(run("train", "--resume", "@run", "--recipe", "standard", "--epochs", "3"), 2, "--recipe");
    assert_ended(run("train", "--resume", "@run", "--epochs", "3", "--quiet"), 0);
    ASSERT_SETTINGS("recipe", "\"seed\"", "optimizer", "\"sgd\"");
}
END_TEST

/* One network learns a table of many rows in fewer epochs, and the rate falls to nothing by their end; what is given
 * holds, and several networks have what tables of few rows have. */
START_TEST(many_rows_need_fewer_epochs) {
    enum { ROWS = 11000 };
    static char text[ROWS * 16];
    size_t used = (size_t)snprintf(text, sizeof text, "x,y\n");
    for (size_t i = 0; i < ROWS; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%zu.5,%zu.25\n", i % 97, i * 7 % 31);
    scratch_write("many.csv", text, used);
#define MANY "train", "@many.csv", "--target", "y", "--hidden", "2", "--max-seconds", "0.001", "--quiet", "--force"
    assert_ended(run(MANY, "--output", "@run", "--valid-split", "0.05"), 0);
    ASSERT_SETTINGS("recipe", "\"table\"", "epochs", "40", "schedule", "\"cosine\"", "schedule_epochs", "40",
                    "patience", "12");
    assert_ended(run(MANY, "--output", "@run"), 0); /* 9350 rows to train on */
    ASSERT_SETTINGS("epochs", "100", "schedule", "\"constant\"", "patience", "16");
    assert_ended(run(MANY, "--output", "@run", "--valid-split", "0.05", "--epochs", "7", "--schedule", "constant"), 0);
    ASSERT_SETTINGS("epochs", "7", "schedule", "\"constant\"", "patience", "12");
}
END_TEST

Suite *recipes_suite(void) {
    Suite *suite = suite_create("recipes");
    TCase *tests = tcase_create("recipes");
    tcase_add_checked_fixture(tests, fixture_create_plain, fixture_remove);
    tcase_add_test(tests, nothing_given_is_the_standard_recipe);
    tcase_add_test(tests, validation_data_end_it_early);
    tcase_add_test(tests, what_is_given_wins_and_the_rate_follows_the_optimizer);
    tcase_add_test(tests, the_seeds_recipe_is_a_word);
    tcase_add_test(tests, many_rows_need_fewer_epochs);
    suite_add_tcase(suite, tests);
    return suite;
}
