/* Settings from a file, from the environment and from the command line, and what is printed of those in effect. */
#include "command/fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *settings_file_suite(void);

static void write_text(const char *name, const char *text) {
    scratch_write(name, text, strlen(text));
}

/* The settings that these words print; the caller drops them. */
static json_t *printed(const char *const *words) {
    outcome ended = run_words(words);
    assert_status(&ended, 0);
    ck_assert_str_eq(ended.err, "");
    json_t *config = json_loads(ended.out, 0, NULL);
    json_t *settings = json_incref(json_object_get(config, "settings"));
    ck_assert(json_is_object(settings));
    json_decref(config);
    outcome_release(&ended);
    return settings;
}
#define PRINTED(...) printed((const char *const[]){"train", "--print-config", __VA_ARGS__, NULL})

static void assert_number(const json_t *settings, const char *name, double expected) {
    ck_assert_double_eq(json_number_value(json_object_get(settings, name)), expected);
}

static void assert_text(const json_t *settings, const char *name, const char *expected) {
    ck_assert_str_eq(json_string_value(json_object_get(settings, name)), expected);
}

static void assert_same_files(const char *name, const char *other) {
    size_t count = 0, other_count = 0;
    unsigned char *bytes = file_read(scratch_path(name), &count);
    unsigned char *other_bytes = file_read(scratch_path(other), &other_count);
    ck_assert_uint_eq(count, other_count);
    ck_assert_mem_eq(bytes, other_bytes, count);
    free(bytes);
    free(other_bytes);
}

START_TEST(a_run_is_begun_with_the_settings_of_another) {
    assert_ended(run(TRAIN, "--valid-split", "0.25", "--hidden", "9:tanh,5:relu", "--seed", "11", "--batch-size", "7",
                     "--optimizer", "adamw", "--schedule", "cosine", "--epochs", "2", "--quiet", "--output", "@run"),
                 0);
    assert_ended(run("train", "--config", "@run/config.json", "--quiet", "--output", "@again"), 0);
    assert_same_files("run/config.json", "again/config.json");
    assert_same_files("run/model.safetensors", "again/model.safetensors");
}
END_TEST

START_TEST(what_is_printed_is_read_again) {
    outcome first =
        run("train", "--data", "@images", "--labels", "@labels", "--hidden", "9:tanh,5:relu", "--dropout", "0.1,0.3",
            "--seed", "18446744073709551615", "--checkpoint-every", "10m", "--learning-rate", "0.1", "--class-weights",
            "1,2,0.7", "--freeze", "0-1", "--valid-split", "0.3", "--print-config");
    assert_status(&first, 0);
    write_text("settings", first.out);
    outcome second = run("train", "--config", "@settings", "--print-config");
    assert_status(&second, 0);
    ck_assert_str_eq(second.out, first.out);
    outcome_release(&first);
    outcome_release(&second);
}
END_TEST

START_TEST(the_command_line_wins_over_the_environment_and_that_over_the_file) {
    write_text("settings", "{\"hidden\": [8, 4], \"epochs\": 7, \"plan\": \"layered\", \"tune\": \"off\"}");
    json_t *settings = PRINTED("--config", "@settings");
    assert_number(settings, "epochs", 7);
    assert_text(settings, "plan", "layered");
    assert_text(settings, "activation", "relu"); /* of the recipe */
    assert_number(settings, "learning_rate", 0.001);
    json_decref(settings);
    setenv("EPOCL_PLAN", "resident", 1);
    settings = PRINTED("--config", "@settings");
    assert_text(settings, "plan", "resident");
    assert_text(settings, "tune", "off");
    json_decref(settings);
    settings = PRINTED("--config", "@settings", "--plan", "resident:2", "--epochs", "3", "--recipe", "seed");
    assert_text(settings, "plan", "resident:2");
    assert_number(settings, "epochs", 3);
    assert_text(settings, "activation", "sigmoid");
    ck_assert_uint_eq(json_array_size(json_object_get(settings, "hidden")), 2);
    json_decref(settings);
}
END_TEST

/* The file's rate and schedule are those that its optimiser and epochs have anyway. */
START_TEST(what_follows_goes_by_the_settings_in_effect) {
    assert_ended(
        run("train", "--data", "@images", "--labels", "@labels", "--epochs", "2", "--quiet", "--output", "@run"), 0);
    json_t *settings = PRINTED("--config", "@run/config.json", "--epochs", "9", "--optimizer", "sgd");
    assert_number(settings, "schedule_epochs", 9);
    assert_number(settings, "learning_rate", 0.3);
    json_decref(settings);
}
END_TEST

/* Values by hand may be as the command line has them. */
START_TEST(values_may_be_texts) {
    write_text("settings", "{\"hidden\": \"8:tanh,4:relu\", \"epochs\": \"7\", \"seed\": 5, \"learning_rate\": 1, "
                           "\"recipe\": \"seed\"}");
    json_t *settings = PRINTED("--config", "@settings");
    assert_text(settings, "activation", "tanh,relu");
    assert_number(settings, "epochs", 7);
    assert_text(settings, "seed", "5");
    json_decref(settings);
}
END_TEST

static const struct {
    const char *text, *part;
} refused[] = {
    {"{\"epoch\": 3}", "'epoch' is none that a run keeps; did you mean 'epochs'?"},
    {"{\"batch-size\": 3}", "did you mean 'batch_size'?"},
    {"{\"output\": \"elsewhere\"}", "'output' is none that a run keeps; remove it"},
    {"{\"force\": true}", "'force'"},
    {"{\"profile\": \"victim\"}", "'profile'"},
    {"{\"config\": \"other\"}", "'config'"},
    {"{\"no_self_test\": true}", "'no_self_test'"},
    {"{\"epochs\": 0}", "epochs must be a whole number"},
    {"{\"epochs\": [3]}", "'epochs' is not of the type"},
    {"{\"texts\": []}", "'texts'"},
    {"{\"schema\": 1, \"settings\": {\"epochs\": 3}, \"note\": 1}", "'note' is none that epocl writes"},
    {"[1]", "not the configuration"},
    {"{\"epochs\": 3,}", "settings:1:14: "},
    {"{\"epochs\": 3, \"epochs\": 4}", "duplicate"},
};

START_TEST(what_is_no_setting_is_refused) {
    write_text("settings", refused[_i].text);
    assert_refused(run("train", "--config", "@settings", "--print-config"), 65, refused[_i].part);
}
END_TEST

START_TEST(a_run_that_goes_on_takes_no_file) {
    assert_ended(run(TRAIN, "--matmul", "tile", "--epochs", "1", "--quiet", "--output", "@run"), 0);
    assert_refused(run("train", "--resume", "@run", "--config", "@run/config.json"), 2,
                   "--config and --resume exclude each other");
    assert_refused(run("train", "--config", "@none"), 66, "none");
    /* What the environment says of what cannot change is for new runs. */
    setenv("EPOCL_MATMUL", "plain", 1);
    json_t *settings = PRINTED("--resume", "@run", "--epochs", "2");
    assert_text(settings, "matmul", "tile");
    assert_number(settings, "epochs", 2);
    json_decref(settings);
    assert_ended(run("train", "--resume", "@run", "--epochs", "2", "--quiet"), 0);
    settings = PRINTED("--data", "@images");
    assert_text(settings, "matmul", "plain");
    json_decref(settings);
}
END_TEST

Suite *settings_file_suite(void) {
    Suite *suite = suite_create("settings_file");
    TCase *tcase = tcase_create("settings_file");
    tcase_add_checked_fixture(tcase, fixture_create, fixture_remove);
    tcase_add_test(tcase, a_run_is_begun_with_the_settings_of_another);
    tcase_add_test(tcase, what_is_printed_is_read_again);
    tcase_add_test(tcase, the_command_line_wins_over_the_environment_and_that_over_the_file);
    tcase_add_test(tcase, what_follows_goes_by_the_settings_in_effect);
    tcase_add_test(tcase, values_may_be_texts);
    tcase_add_loop_test(tcase, what_is_no_setting_is_refused, 0, (int)(sizeof refused / sizeof *refused));
    tcase_add_test(tcase, a_run_that_goes_on_takes_no_file);
    suite_add_tcase(suite, tcase);
    return suite;
}
