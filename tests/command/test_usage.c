/* Help, version, words that are not known, and what lies between the command line and the work. */
#include "command/fixture.h"

#include "epocl.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *usage_suite(void);

static const char *const commands[] = {"devices", "train",  "sweep",  "evaluate", "importance", "predict", "inspect",
                                       "compare", "report", "export", "import",   "bench",      "tune",    "doctor"};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

START_TEST(short_help_names_every_command) {
    static const char *const words[][2] = {{NULL}, {"--help"}, {"-h"}, {"help"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        outcome ended = run_words(words[i]);
        assert_status(&ended, 0);
        for (size_t j = 0; j < COMMAND_COUNT; j++) assert_contains(ended.out, commands[j]);
        ck_assert_str_eq(ended.err, "");
        outcome_release(&ended);
    }
}
END_TEST

START_TEST(version_is_the_library_s) {
    static const char *const words[][2] = {{"--version"}, {"-V"}, {"-v"}, {"version"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        outcome ended = run_words(words[i]);
        assert_status(&ended, 0);
        ck_assert_str_eq(ended.out, "epocl " EPOCL_VERSION "\n");
        outcome_release(&ended);
    }
}
END_TEST

START_TEST(help_starts_with_two_examples) {
    const char *name = commands[_i];
    char start_of_help[64], second[64];
    outcome ended = run(name, "--help");
    assert_status(&ended, 0);
    ck_assert_str_eq(ended.err, "");
    snprintf(start_of_help, sizeof start_of_help, "Examples:\n  epocl %s", name);
    ck_assert_msg(strncmp(ended.out, start_of_help, strlen(start_of_help)) == 0, "%s", ended.out);
    snprintf(second, sizeof second, "\n  epocl %s", name);
    assert_contains(ended.out + strlen(start_of_help), second);
    assert_contains(ended.out, "\nOutput:\n");
    assert_contains(ended.out, "--help");
    outcome same = run("help", name);
    ck_assert_str_eq(same.out, ended.out);
    outcome_release(&same);
    for (const char *line = ended.out; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        ck_assert_msg(strcspn(line, "\n") <= 110, "too long: %.*s", (int)strcspn(line, "\n"), line);
    outcome_release(&ended);
}
END_TEST

START_TEST(help_names_options_groups_and_defaults) {
    static const char *const parts[] = {
        "--data FILE",      "--labels FILE",     "--valid FILE",  "--valid-labels FILE", "--valid-split FRACTION",
        "--hidden LIST",    "--activation NAME", "--cost NAME",   "-e, --epochs N",      "-b, --batch-size N",
        "--learning-rate",  "-s, --seed N",      "--normalize",   "-d, --device DEVICE", "--matmul KIND",
        "-o, --output DIR", "--dry-run",         "--json",        "-q, --quiet",         "--force",
        "(default: relu)",  "(default: adam)",   "(default: 32)", "(required)",          "\nTraining:\n",
    };
    outcome ended = run("train", "--help");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) assert_contains(ended.out, parts[i]);
    ck_assert_ptr_null(strstr(ended.out, "--loss"));
    ck_assert_ptr_null(strstr(ended.out, "--lr "));
    outcome_release(&ended);
}
END_TEST

static const struct {
    const char *words[8];
    const char *part;
} wrong_words[] = {
    {{"trian"}, "unknown command 'trian'; did you mean 'train'?"},
    {{"frobnicate"}, "unknown command 'frobnicate'; see epocl --help"},
    {{"\x1b[31m"}, "unknown command '?[31m'"},
    {{"-\x1b[31m"}, "unknown option '-?[31m'"},
    {{"--json", "devices"}, "unknown option '--json'; the command comes first"},
    {{"train", "--epocs", "3"}, "unknown option '--epocs'; did you mean '--epochs'?"},
    {{"train", "--learning_rate=1"}, "unknown option '--learning_rate'; did you mean '--learning-rate'?"},
    {{"train", "--frobnicate"}, "unknown option '--frobnicate'; see epocl train --help"},
    {{"train", "--layers", "3"}, "there is no --layers: --hidden LIST gives the units of the hidden layers"},
    {{"predict", "--optimizer", "adam"}, "unknown option '--optimizer'; see epocl predict --help"},
    {{"predict", "--output", "x"}, "there is no --output: the classes go to standard output"},
    {{"benchmark"}, "unknown command 'benchmark'; did you mean 'bench'?"},
    {{"help", "trian"}, "unknown command 'trian'; did you mean 'train'?"},
    {{"train", "-z"}, "unknown option '-z'"},
    {{"train", "--val", "x"}, "--val can mean --valid, --valid-labels, --valid-targets, --valid-split"},
    {{"train", "--data"}, "--data needs a value (FILE)"},
    {{"train", "-e"}, "--epochs needs a value (N)"},
    {{"train", "--json=3"}, "--json takes no value"},
    {{"tune", "word"}, "unexpected argument 'word'"},
    {{"train", "@images", "word"}, "unexpected argument 'word'"},
    {{"inspect", "--json", "--model", "@a", "--", "--model"}, "unexpected argument '--model'"},
    {{"inspect", "@a", "@b"}, "unexpected argument '"},
    {{"predict", "run1", "new.csv"}, "unexpected argument 'new.csv': only --data may be left out before its value"},
    {{"inspect", ""}, "FILE must not be empty"},
    {{"inspect"}, "epocl inspect needs --model FILE"},
    {{"train", "--labels", "@labels", "--output", "@run"}, "epocl train needs --data FILE"},
    {{"train", "--data", "@images", "--output", "@run"},
     "epocl train needs --target COLUMN of a table, or --labels FILE"},
    {{"evaluate"}, "epocl evaluate needs --model FILE"},
    {{"predict", "--model", "@run"}, "epocl predict needs --data FILE"},
    {{"train", "--recipe", "seed", "--data", "@images", "--labels", "@labels"}, "epocl train needs --output DIR"},
};

START_TEST(wrong_words_are_refused) {
    assert_refused(run_words(wrong_words[_i].words), 2, wrong_words[_i].part);
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES);
}
END_TEST

static const char *const wrong_values[][3] = {
    {"--hidden", "0", "--hidden must be"},
    {"--hidden", "-1", "--hidden must be"},
    {"--hidden", "1000000000", "from 1 to 16777216"},
    {"--hidden", "1e9", "from 1 to 16777216"},
    {"--epochs", "0", "--epochs must be a whole number from 1"},
    {"--batch-size", "0", "--batch-size must be a whole number from 1"},
    {"--batch-size", "1.5", "--batch-size must be a whole number from 1"},
    {"--learning-rate", "NaN", "--learning-rate must be a number above 0"},
    {"--learning-rate", "0", "--learning-rate must be a number above 0"},
    {"--learning-rate", "-0.1", "--learning-rate must be a number above 0"},
    {"--learning-rate", "1e999", "--learning-rate must be a number above 0"},
    {"--learning-rate", "0,3", "--learning-rate must be a number above 0"},
    {"--seed", "-1", "--seed must be a whole number from 0 to 18446744073709551615"},
    {"--seed", "18446744073709551616", "--seed must be a whole number"},
    {"--normalize", "zscor", "did you mean 'zscore'?"},
    {"--matmul", "cublas", "--matmul must be one of auto, plain, tile, tile:..., local, local:..., clblast"},
    {"--valid-split", "1", "--valid-split must be a number above 0 and below 1"},
    {"--valid-split", "0", "--valid-split must be a number above 0 and below 1"},
    {"--valid", "@images", "--valid-labels is missing"},
    {"--valid-labels", "@labels", "--valid is missing"},
    {"--output", "", "--output must not be empty"},
    {"--activation", "sigmoyd", "'sigmoyd'"},
    {"--activation", "rel",
     "unknown activation 'rel'; did you mean 'relu'? (there are: identity, sigmoid, tanh, relu, "},
    {"--optimizer", "adm", "did you mean 'adam'?"},
    {"--schedule", "cosin", "did you mean 'cosine'?"},
    {"--dropout", "1", "--dropout must be 1 to 64 parts from 0 and below 1"},
    {"--lr", "0", "--learning-rate must be a number above 0"},
    {"--cost", "cros-entropy", "'cros-entropy'"},
    {"--loss", "cros-entropy", "'cros-entropy'"},
};

START_TEST(wrong_values_are_refused) {
    assert_refused(run(TRAIN, "--output", "@run", wrong_values[_i][0], wrong_values[_i][1]), 2, wrong_values[_i][2]);
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES);
}
END_TEST

START_TEST(valid_and_split_exclude_each_other) {
    assert_refused(
        run(TRAIN, "--output", "@run", "--valid", "@images", "--valid-labels", "@labels", "--valid-split", "0.1"), 2,
        "exclude each other");
}
END_TEST

START_TEST(a_device_that_is_not_there_lists_those_that_are) {
    assert_refused(run(TRAIN, "--output", "@run", "--device", "no-such-device"), 69, "no-such-device");
    assert_refused(run(TRAIN, "--output", "@run", "--device", "99"), 69, "(0:0)");
    assert_refused(run("bench", "-q", "--samples", "10", "--net", "2-2", "--device", "99:99"), 69, "99:99");
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES);
}
END_TEST

START_TEST(the_environment_names_a_device) {
    setenv("EPOCL_DEVICE", "no-such-device", 1);
    assert_refused(run(TRAIN, "--output", "@run"), 69, "no-such-device");
    outcome ended = run(TRAIN, "--dry-run", "--device", "0");
    assert_status(&ended, 0);
    outcome_release(&ended);
    unsetenv("EPOCL_DEVICE");
}
END_TEST

START_TEST(no_platform_at_all_is_a_sentence) {
    setenv("OCL_ICD_VENDORS", "/nonexistent/", 1);
    assert_refused(run("devices"), 69, "no OpenCL device");
    assert_refused(run("devices", "--json"), 69, "no OpenCL device");
    assert_refused(run(TRAIN, "--output", "@run"), 69, "no OpenCL device");
    assert_refused(run(TRAIN, "--dry-run"), 69, "no OpenCL device");
    assert_refused(run("bench", "-q", "--samples", "10", "--net", "2-2", "--device", "cpu"), 69, "no OpenCL device");
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES);
}
END_TEST

START_TEST(devices_are_listed) {
    outcome ended = run("devices");
    assert_status(&ended, 0);
    assert_contains(ended.out, "INDEX");
    assert_contains(ended.out, "0:0");
    outcome_release(&ended);

    static const char *const texts[] = {"type", "name", "vendor", "platform_name", "driver_version"};
    static const char *const numbers[] = {"index", "platform", "device", "compute_units", "global_memory_bytes"};
    ended = run("devices", "--json");
    json_t *lines = json_lines(ended.out);
    ck_assert_uint_ge(json_array_size(lines), 1);
    const json_t *first = json_array_get(lines, 0);
    ck_assert_str_eq(json_string_value(json_object_get(first, "event")), "device");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(json_is_string(json_object_get(first, texts[i])), "%s", texts[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ck_assert_msg(json_is_integer(json_object_get(first, numbers[i])), "%s", numbers[i]);
    json_decref(lines);
    outcome_release(&ended);
}
END_TEST

Suite *usage_suite(void) {
    Suite *suite = suite_create("usage");
    TCase *usage = tcase_create("usage");
    tcase_add_checked_fixture(usage, fixture_create_plain, fixture_remove);
    tcase_add_test(usage, short_help_names_every_command);
    tcase_add_test(usage, version_is_the_library_s);
    tcase_add_loop_test(usage, help_starts_with_two_examples, 0, COMMAND_COUNT);
    tcase_add_test(usage, help_names_options_groups_and_defaults);
    tcase_add_loop_test(usage, wrong_words_are_refused, 0, sizeof wrong_words / sizeof *wrong_words);
    tcase_add_loop_test(usage, wrong_values_are_refused, 0, sizeof wrong_values / sizeof *wrong_values);
    tcase_add_test(usage, valid_and_split_exclude_each_other);
    suite_add_tcase(suite, usage);
    TCase *devices = tcase_create("devices");
    tcase_add_checked_fixture(devices, fixture_create_plain, fixture_remove);
    tcase_add_test(devices, a_device_that_is_not_there_lists_those_that_are);
    tcase_add_test(devices, the_environment_names_a_device);
    tcase_add_test(devices, no_platform_at_all_is_a_sentence);
    tcase_add_test(devices, devices_are_listed);
    suite_add_tcase(suite, devices);
    return suite;
}
