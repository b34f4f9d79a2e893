/* What config.json may say of a run that is to go on: what epocl writes, and what is true of its checkpoint. */
#define _XOPEN_SOURCE 700 /* mkfifo */

#include "command/show/byte_text.h"
#include "command/fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *resume_config_suite(void);

#define SETTINGS                                                                                                       \
    TRAIN, "--valid-split", "0.125", "--hidden", "9,5", "--batch-size", "7", "--learning-rate", "0.5", "--seed", "11", \
        "--quiet"
#define RESUME "train", "--resume", "@run", "--epochs", "3", "--quiet"

static void begin_run(void) {
    assert_ended(run(SETTINGS, "--epochs", "2", "--output", "@run"), 0);
}

static json_t *read_config(void) {
    json_t *config = json_load_file(scratch_path("run/config.json"), 0, NULL);
    ck_assert(json_is_object(config));
    return config;
}

/* Puts `value`, as JSON, in the place of a member of the object `of` ("" is the whole); "" removes it. */
static void change(const char *of, const char *name, const char *value) {
    json_t *config = read_config(), *object = *of ? json_object_get(config, of) : config;
    if (*value)
        ck_assert_int_eq(json_object_set_new(object, name, json_loads(value, JSON_DECODE_ANY, NULL)), 0);
    else
        ck_assert_int_eq(json_object_del(object, name), 0);
    ck_assert_int_eq(json_dump_file(config, scratch_path("run/config.json"), 0), 0);
    json_decref(config);
}

typedef struct changed_member {
    const char *of, *name, *value, *part; /* `part` of what is said of it */
} changed_member;

/* ---- what is not epocl's ---- */

static const changed_member foreign[] = {
    {"settings", "profile", "\"victim\"", "'profile' is none that a run keeps"},
    {"settings", "output", "\"elsewhere\"", "'output'"},
    {"settings", "force", "true", "'force'"},
    {"settings", "no_self_test", "true", "'no_self_test'"},
    {"settings", "timeout", "0.001", "'timeout'"},
    {"settings", "resume", "\"elsewhere\"", "'resume'"},
    {"settings", "dry_run", "true", "'dry_run'"},
    {"settings", "help", "true", "'help'"},
    {"settings", "json", "true", "'json'"},
    {"settings", "loss", "\"cross-entropy\"", "'loss'"},
    {"settings", "valid-split", "0.5", "'valid-split'"},
    {"", "note", "\"by a stranger\"", "'note' is none that epocl writes"},
    {"", "schema", "2", "not the configuration"},
    {"settings", "seed", "11", "'seed' is not of the type"},
    {"settings", "data", "null", "needs --data"},
    {"settings", "data", "{\"percent_encoded\": \"a%4\"}", "'data' is not of the type"},
    {"settings", "hidden", "[9, 5.5]", "'hidden' is not of the type"},
    {"settings", "epochs", "\"3\"", "'epochs' is not of the type"},
    {"settings", "epochs", "-3", "epochs must be a whole number"},
    {"settings", "normalize", "null", "'normalize' is not of the type"},
    {"settings", "labels", "", "needs --target COLUMN of a table, or --labels FILE"},
};

START_TEST(what_epocl_does_not_write_is_refused) {
    const changed_member *tried = &foreign[_i];
    begin_run();
    scratch_write("victim", "untouched", 9);
    change(tried->of, tried->name, tried->value);
    ck_assert_int_eq(chdir(scratch_path(".")), 0);
    assert_refused(run(RESUME), strstr(tried->part, "needs") ? 2 : 65, tried->part);
    size_t byte_count = 0;
    unsigned char *bytes = file_read(scratch_path("victim"), &byte_count);
    ck_assert(byte_count == 9 && memcmp(bytes, "untouched", 9) == 0);
    free(bytes);
}
END_TEST

START_TEST(what_is_no_small_file_is_refused) {
    begin_run();
    ck_assert_int_eq(truncate(scratch_path("run/config.json"), (off_t)1 << 32), 0);
    assert_refused(run(RESUME), 65, "config.json: is larger than");
    ck_assert_int_eq(remove(scratch_path("run/config.json")), 0);
    ck_assert_int_eq(mkfifo(scratch_path("run/config.json"), 0600), 0);
    assert_refused(run(RESUME), 66, "config.json: is a pipe");
}
END_TEST

/* ---- what is not true ---- */

static const changed_member untrue[] = {
    {"settings", "hidden", "[9, 4]", "hidden layers 9,4, but the checkpoint has 9,5"},
    {"settings", "hidden", "[]", "hidden layers none, but the checkpoint has 9,5"},
    {"settings", "classes", "4", "classes 4, but the checkpoint has 3"},
    {"settings", "activation", "\"identity\"", "activation identity, but the checkpoint has sigmoid"},
    {"settings", "cost", "\"squared\"", "cost squared, but the checkpoint has cross-entropy"},
    {"settings", "normalize", "\"zscore\"", "normalization zscore, but the checkpoint has scale255"},
    {"settings", "seed", "\"12\"", "seed 12, but the checkpoint has 11"},
    {"settings", "batch_size", "8", "batch size 8, but the checkpoint has 7"},
    {"settings", "matmul", "\"plain\"", "matmul plain, but the checkpoint has tile"},
    {"settings", "valid_split", "null", "validation data none, but the checkpoint has 30 x 16"},
    {"settings", "valid_split", "0.25", "another training data"},
    {"network", "layers", "[{\"inputs\": 16, \"outputs\": 3}]", "network's 'layers'"},
    {"network", "parameters", "1", "network's 'parameters' 1, but the network has "},
    {"network", "activation", "\"tanh\"", "network's 'activation'"},
    {"network", "cost", "\"none\"", "network's 'cost'"},
    {"network", "normalization", "\"none\"", "network's 'normalization'"},
    {"network", "accuracy", "1", "network's 'accuracy'"},
};

START_TEST(what_contradicts_the_checkpoint_is_refused) {
    const changed_member *tried = &untrue[_i];
    begin_run();
    change(tried->of, tried->name, tried->value);
    size_t before_count = 0, after_count = 0;
    unsigned char *before = file_read(scratch_path("run/config.json"), &before_count);
    assert_refused(run(RESUME), 65, tried->part);
    unsigned char *after = file_read(scratch_path("run/config.json"), &after_count);
    ck_assert(before_count == after_count && memcmp(before, after, before_count) == 0);
    free(after);
    free(before);
}
END_TEST

/* The network that the settings make is compared, too. */
START_TEST(a_run_without_a_checkpoint_is_compared) {
    begin_run();
    static const char *const files[] = {"run/checkpoint.safetensors", "run/model.safetensors"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) ck_assert_int_eq(remove(scratch_path(files[i])), 0);
    change("settings", "hidden", "[9, 4]");
    assert_refused(run(RESUME), 65, "network's 'layers'");
    change("settings", "hidden", "[9, 5]");
    assert_ended(run(RESUME), 0);
}
END_TEST

/* After a run on another device that came to no checkpoint, this is no mistake. */
static const changed_member told[] = {
    {"device", "name", "\"another \\u001b device\"", "device another ? device, but the checkpoint has "},
    {"device", "driver_version", "\"1\"", "driver "},
    {"", "epocl", "\"0.0.1\"", "epocl 0.0.1, but the checkpoint has "},
    {"", "plan", "\"layered, matmul plain\"", "matmul plain, but the checkpoint has tile"},
};

START_TEST(what_may_differ_is_told_and_corrected) {
    const changed_member *tried = &told[_i];
    begin_run();
    json_t *config = read_config();
    outcome ended = run(RESUME, "--epochs", "2");
    assert_status(&ended, 0);
    ck_assert_str_eq(ended.err, "");
    outcome_release(&ended);
    change(tried->of, tried->name, tried->value);
    ended = run(RESUME);
    assert_status(&ended, 0);
    assert_contains(ended.err, tried->part);
    assert_contains(ended.err, ", which holds");
    outcome_release(&ended);
    json_t *again = read_config();
    if (strcmp(tried->name, "plan") != 0)
        ck_assert(json_equal(json_object_get(config, "device"), json_object_get(again, "device")));
    ck_assert(json_equal(json_object_get(config, "epocl"), json_object_get(again, "epocl")));
    json_decref(again);
    json_decref(config);
}
END_TEST

/* ---- the same command line again ---- */

START_TEST(the_same_settings_can_be_given_again) {
    begin_run();
    outcome ended = run(SETTINGS, "--epochs", "3", "--output", "@run/", "--force", "--resume", "@run");
    assert_status(&ended, 0);
    outcome_release(&ended);
    assert_ended(run(RESUME, "--loss", "cross-entropy", "--normalize", "auto", "--matmul", "auto"), 0);
    static const char *const refused[][3] = {{"--hidden", "9", "--hidden 9: the run in "},
                                             {"--hidden", "9", " was begun with 9,5"},
                                             {"--seed", "12", "with 11"},
                                             {"--batch-size", "8", "with 7"},
                                             {"--valid-split", "0.25", "with 0.125"},
                                             {"--normalize", "zscore", "with auto"},
                                             {"--activation", "identity", "with sigmoid"},
                                             {"--cost", "quadratic", "with cross-entropy"},
                                             {"--loss", "quadratic", "with cross-entropy"},
                                             {"--output", "@other", "goes on where it is"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_refused(run(RESUME, refused[i][0], refused[i][1]), 2, refused[i][2]);
}
END_TEST

/* ---- where the data is ---- */

START_TEST(relative_paths_are_found_from_elsewhere) {
    ck_assert_int_eq(mkdir(scratch_path("elsewhere"), 0777), 0);
    ck_assert_int_eq(chdir(scratch_path(".")), 0);
    assert_ended(run("train", "--recipe", "seed", "--data", "images", "--labels", "labels", "--epochs", "1", "--quiet",
                     "--output", "run"),
                 0);
    assert_ended(run(RESUME, "--epochs", "2"), 0);
    json_t *config = read_config();
    ck_assert_str_eq(text_of(json_object_get(config, "settings"), "data"), "images");
    json_decref(config);
    ck_assert_int_eq(chdir(scratch_path("elsewhere")), 0);
    assert_ended(run(RESUME), 0);
    ck_assert_int_eq(chdir("/"), 0);
    assert_ended(run(RESUME, "--epochs", "4"), 0);

    /* Run and data, moved together. */
    change("", "folder", "\"/nowhere\"");
    change("settings", "data", "\"images\"");
    change("settings", "labels", "\"labels\"");
    ck_assert_int_eq(chdir(scratch_path(".")), 0);
    assert_ended(run(RESUME, "--epochs", "5"), 0);
    ck_assert_int_eq(rename(scratch_path("images"), scratch_path("moved")), 0);
    assert_refused(run(RESUME, "--epochs", "6"), 66, "give its place anew: --data");
    assert_ended(run(RESUME, "--epochs", "6", "--data", "@moved"), 0);
}
END_TEST

START_TEST(paths_of_any_bytes_are_found) {
    static const char name[] = "M\374nchen 100%41";
    char word[64];
    begin_run();
    ck_assert_int_eq(rename(scratch_path("images"), scratch_path(name)), 0);
    snprintf(word, sizeof word, "@%s", name);
    assert_ended(run(RESUME, "--data", word), 0);
    assert_ended(run(RESUME, "--epochs", "4"), 0);
    json_t *config = read_config();
    const json_t *data = json_object_get(json_object_get(config, "settings"), "data");
    assert_contains(text_of(data, "percent_encoded"), "/M%FCnchen%20100%2541");
    json_decref(config);
}
END_TEST

START_TEST(texts_of_any_bytes_come_back) {
    static const char *const plain[] = {"", "/data/x", "100%25", "M\303\274nchen \033"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        json_t *written = byte_text_json(plain[i]), *read = byte_text_read(written);
        ck_assert_str_eq(json_string_value(written), plain[i]);
        ck_assert_str_eq(json_string_value(read), plain[i]);
        json_decref(read);
        json_decref(written);
    }
    char all[256];
    for (int i = 0; i < 255; i++) all[i] = (char)(255 - i);
    all[255] = '\0';
    json_t *written = byte_text_json(all), *read = byte_text_read(written);
    ck_assert(json_is_object(written));
    ck_assert_str_eq(json_string_value(read), all);
    json_decref(read);
    json_decref(written);
    static const char *const wrong[] = {"{}",
                                        "1",
                                        "null",
                                        "{\"percent_encoded\": \"%\"}",
                                        "{\"percent_encoded\": \"%4\"}",
                                        "{\"percent_encoded\": \"%00\"}",
                                        "{\"percent_encoded\": \"%4g\"}",
                                        "{\"percent_encoded\": \"%ff\"}",
                                        "{\"percent_encoded\": \"a\", \"b\": 1}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        json_t *value = json_loads(wrong[i], JSON_DECODE_ANY, NULL);
        ck_assert_msg(value && !byte_text_read(value), "%s", wrong[i]);
        json_decref(value);
    }
}
END_TEST

Suite *resume_config_suite(void) {
    Suite *suite = suite_create("resume_config");
    TCase *config = tcase_create("resume_config");
    tcase_add_checked_fixture(config, fixture_create, fixture_remove);
    tcase_add_loop_test(config, what_epocl_does_not_write_is_refused, 0, sizeof foreign / sizeof *foreign);
    tcase_add_test(config, what_is_no_small_file_is_refused);
    tcase_add_loop_test(config, what_contradicts_the_checkpoint_is_refused, 0, sizeof untrue / sizeof *untrue);
    tcase_add_test(config, a_run_without_a_checkpoint_is_compared);
    tcase_add_loop_test(config, what_may_differ_is_told_and_corrected, 0, sizeof told / sizeof *told);
    tcase_add_test(config, the_same_settings_can_be_given_again);
    tcase_add_test(config, relative_paths_are_found_from_elsewhere);
    tcase_add_test(config, paths_of_any_bytes_are_found);
    tcase_add_test(config, texts_of_any_bytes_come_back);
    suite_add_tcase(suite, config);
    return suite;
}
