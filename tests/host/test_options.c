/* The registry of options: set, asked and listed by name, and docs/options.md, which is written from it. */
#include "base/result.h"
#include "model/functions.h"
#include "options/registry.h"
#include "support/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *options_suite(void);

static epocl_options *made(void) {
    epocl_options *options = NULL;
    ck_assert_int_eq(epocl_options_create(&options), EPOCL_OK);
    return options;
}

static void assert_value(const epocl_options *options, const char *name, const char *expected) {
    char text[256];
    ck_assert_int_eq(epocl_options_get(options, name, text, sizeof text), EPOCL_OK);
    ck_assert_str_eq(text, expected);
}

static void assert_refused(epocl_options *options, const char *name, const char *text, const char *part) {
    ck_assert_int_eq(epocl_options_set(options, name, text), EPOCL_ERROR_ARGUMENT);
    ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "'%s' does not say '%s'", epocl_last_error(), part);
}

START_TEST(every_option_has_its_default) {
    epocl_options *options = made();
    epocl_option_info info;
    for (size_t i = 0; i < registry_count; i++) {
        ck_assert_int_eq(epocl_options_list(i, &info), EPOCL_OK);
        ck_assert_str_eq(info.name, registry[i].name);
        assert_value(options, info.name, info.default_value ? info.default_value : "none");
        if (info.default_value) ck_assert_int_eq(epocl_options_set(options, info.name, info.default_value), EPOCL_OK);
        ck_assert(info.help && info.group && info.argument);
    }
    ck_assert_int_eq(epocl_options_list(registry_count, &info), EPOCL_ERROR_ARGUMENT);
    epocl_options_release(options);
}
END_TEST

START_TEST(values_are_set_by_name) {
    epocl_options *options = made(), *copy = NULL;
    ck_assert_int_eq(epocl_options_set(options, "learning-rate", "1e-3"), EPOCL_OK);
    assert_value(options, "learning_rate", "0.001");
    ck_assert_int_eq(epocl_options_set_number(options, "lr", 0.1), EPOCL_OK);
    assert_value(options, "learning-rate", "0.1");
    ck_assert_int_eq(epocl_options_set_number(options, "batch-size", 64), EPOCL_OK);
    assert_value(options, "batch-size", "64");
    ck_assert_int_eq(epocl_options_set(options, "seed", "18446744073709551615"), EPOCL_OK);
    assert_value(options, "seed", "18446744073709551615");
    ck_assert_int_eq(epocl_options_set_list(options, "hidden", (const size_t[]){7, 8}, 2), EPOCL_OK);
    assert_value(options, "hidden", "7,8");
    ck_assert_int_eq(epocl_options_copy(options, &copy), EPOCL_OK);
    ck_assert_int_eq(epocl_options_set_list(options, "hidden", NULL, 0), EPOCL_OK);
    assert_value(options, "hidden", "none");
    assert_value(copy, "hidden", "7,8");
    ck_assert_int_eq(epocl_options_set(options, "plan", "resident:12"), EPOCL_OK);
    ck_assert(options->training.plan.is_resident && options->training.plan.shape.group_count == 12);
    assert_value(options, "plan", "resident:12");
    ck_assert_int_eq(epocl_options_set(options, "plan", "resident:1x256"), EPOCL_OK);
    ck_assert(options->training.plan.shape.group_count == 1 && options->training.plan.shape.group_items == 256);
    assert_value(options, "plan", "resident:1x256");
    ck_assert_int_eq(epocl_options_set(options, "plan", "merged"), EPOCL_OK);
    ck_assert(options->training.plan.shape.is_merged && !options->training.plan.is_resident);
    assert_value(options, "plan", "merged");
    ck_assert_int_eq(epocl_options_set(options, "tune", "full"), EPOCL_OK);
    ck_assert_int_eq(options->training.tune, TUNE_FULL);
    epocl_options_release(copy);
    epocl_options_release(options);
    epocl_options_release(NULL);
}
END_TEST

/* Words behind the units are the option activation; units may be repeated. */
START_TEST(units_have_words_and_multiples) {
    static const char *const texts[][3] = {{"256:relu,128:tanh", "256,128", "relu,tanh"},
                                           {"256:relu,128:relu", "256,128", "relu"},
                                           {"9x3:elu(0.5)", "9,9,9", "elu(0.5)"},
                                           {"9x2:relu,4:tanh", "9,9,4", "relu,relu,tanh"},
                                           {"4:tanh,9x2:relu,9:rel", "4,9,9,9", "tanh,relu,relu,rel"},
                                           {"7x1,8x2", "7,8,8", "relu"},
                                           {"5x64:relu", NULL, "relu"},
                                           {"none", "none", "relu"}};
    static const char *const wrong[] = {
        "9:relu,8", "9,8:relu", "9:",   "9:,8:relu", ":relu",   "9x0",  "9x",
        "x2",       "9x2x2",    "9x65", "9:relu,",   "9 :relu", "9x-1", "9x18446744073709551617",
        "0x2"};
    char many[64 * 20] = "", text[OPTION_TEXT_CAPACITY];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        epocl_options *options = made();
        ck_assert_int_eq(epocl_options_set(options, "hidden", texts[i][0]), EPOCL_OK);
        if (texts[i][1]) assert_value(options, "hidden", texts[i][1]);
        assert_value(options, "activation", texts[i][2]);
        epocl_options_release(options);
    }
    epocl_options *options = made();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(options, "hidden", wrong[i], "128:relu,64:tanh with a word behind each), not '");
    for (size_t i = 0; i < 64; i++) strcat(many, i % 2 ? ",7:leaky-relu(0.5)" : i ? ",7:sine" : "7:sine");
    assert_refused(options, "hidden", many, "layer sizes"); /* no room for so many words */
    assert_value(options, "hidden", "none");
    assert_value(options, "activation", "relu");
    ck_assert_int_eq(epocl_options_get(options, "hidden", text, sizeof text), EPOCL_OK);
    epocl_options_release(options);
}
END_TEST

START_TEST(layers_are_a_number_or_a_list) {
    static const char *const texts[][2] = {
        {"0", "none"},        {"none", "none"},        {"2", "2"},   {"0-1", "2"},  {"2-2", "2-2"}, {"0,1,2", "3"},
        {"3,0-1", "0-1,3-3"}, {"5-6,63", "5-6,63-63"}, {"64", "64"}, {"0-63", "64"}};
    static const char *const wrong[] = {"65", "0-64", "2-1", "1,", ",1", "", "-", "1-", "all", "1.5", "-1", "0x1"};
    epocl_options *options = made();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert_int_eq(epocl_options_set(options, "freeze", texts[i][0]), EPOCL_OK);
        assert_value(options, "freeze", texts[i][1]);
        ck_assert_int_eq(epocl_options_set(options, "freeze", texts[i][1]), EPOCL_OK);
        assert_value(options, "freeze", texts[i][1]);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(options, "freeze", wrong[i], "freeze must be a number of layers");
    assert_value(options, "freeze", "64");
    epocl_options_release(options);
}
END_TEST

START_TEST(recipes_set_what_goes_together) {
    epocl_options *options = made();
    for (int code = 0; recipe_words[code]; code++) {
        ck_assert_int_eq(epocl_options_set(options, "learning-rate", "7"), EPOCL_OK);
        ck_assert_int_eq(epocl_options_set(options, "recipe", recipe_words[code]), EPOCL_OK);
        assert_value(options, "recipe", recipe_words[code]);
        assert_value(options, "learning-rate", "none");
        for (const recipe_setting *s = recipe_settings(code); s->name; s++) assert_value(options, s->name, s->text);
        for (const recipe_setting *s = recipe_run_settings(code); s->name; s++)
            if (registry_find(s->name)) ck_assert_int_eq(epocl_options_set(options, s->name, s->text), EPOCL_OK);
    }
    ck_assert_int_eq(epocl_options_set(options, "recipe", "seed"), EPOCL_OK);
    assert_value(options, "activation", "sigmoid");
    ck_assert_double_eq(training_rate(&options->training), 0.3);
    ck_assert_int_eq(epocl_options_set(options, "optimizer", "adamw"), EPOCL_OK);
    ck_assert_double_eq(training_rate(&options->training), 0.001);
    ck_assert_int_eq(epocl_options_set(options, "lr", "0.5"), EPOCL_OK);
    ck_assert_double_eq(training_rate(&options->training), 0.5);
    assert_refused(options, "recipe", "sead", "one of standard, seed, table");
    assert_value(options, "recipe", "seed");
    epocl_options_release(options);
}
END_TEST

/* Of two words for one figure, the longer one is kept; and there are no two figures with one word. */
START_TEST(figures_have_short_words) {
    static const char *const wanted[][2] = {
        {"f1", "macro-f1"},  {"auc", "roc-auc"}, {"logloss", "log-loss"},         {"loss", "cost"},
        {"acc", "accuracy"}, {"mae", "mae"},     {"pr-auc", "average-precision"}, {"rmse", "rmse"},
        {"r2", "r2"}};
    epocl_options *options = made();
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        ck_assert_int_eq(epocl_options_set(options, "monitor", wanted[i][0]), EPOCL_OK);
        assert_value(options, "monitor", wanted[i][1]);
    }
    for (size_t i = 0; monitor_words[i]; i++)
        for (size_t other = 0; monitor_words[other] && monitor_also_words[i]; other++) {
            ck_assert_str_ne(monitor_also_words[i], monitor_words[other]);
            if (other != i && monitor_also_words[other])
                ck_assert_str_ne(monitor_also_words[i], monitor_also_words[other]);
        }
    assert_refused(options, "monitor", "aux", "roc-auc (auc), average-precision (pr-auc)");
    epocl_options_release(options);
}
END_TEST

START_TEST(what_is_wrong_changes_nothing) {
    epocl_options *options = made();
    char text[4];
    ck_assert_int_eq(epocl_options_set(options, "batch-size", "5"), EPOCL_OK);
    assert_refused(options, "batch-size", "0", "batch-size must be a whole number from 1 to");
    assert_refused(options, "batch-size", "2.5", "not '2.5'");
    assert_refused(options, "learning-rate", "0", "above 0 and below");
    assert_refused(options, "learning-rate", "nan", "not 'nan'");
    assert_refused(options, "learning-rat", "1", "did you mean 'learning-rate'?");
    assert_refused(options, "momentus-maximus", "1", "there is no option");
    assert_refused(options, "hidden", "3,0", "none or 1 to 64 layer sizes");
    assert_refused(options, "tune", "fast", "one of off, quick, full");
    assert_refused(options, "matmul", "fast", "one of auto, plain, tile");
    assert_refused(options, "activation", "", "must not be empty");
    static const char *const plans[] = {"",
                                        "resident:",
                                        "resident:0",
                                        "resident:-1",
                                        "resident:2x",
                                        "layered:2",
                                        "merged:2",
                                        "Auto",
                                        "resident:0x64",
                                        "resident:1x0",
                                        "resident:1x",
                                        "resident:1x7",
                                        "resident:x",
                                        "resident:1x99999",
                                        "resident:1x-1",
                                        "resident:01x64"};
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) assert_refused(options, "plan", plans[i], "plan must be");
    ck_assert_int_eq(epocl_options_set_number(options, "batch-size", 2.5), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_options_set_number(options, "learning-rate", NAN), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_options_set(NULL, "seed", "1"), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_options_set(options, NULL, "1"), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_options_set(options, "seed", NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_options_get(options, "plan", text, sizeof text), EPOCL_ERROR_ARGUMENT);
    assert_value(options, "batch-size", "5");
    assert_value(options, "plan", "auto");
    assert_refused(options, "dropout", "0.99999999", "below 1"); /* 1 as a float */
    assert_refused(options, "input-dropout", "0.99999999", "below 1");
    assert_refused(options, "epsilon", "1e-38", "from 1.2e-38"); /* denormal, which devices may take for 0 */
    ck_assert_int_eq(epocl_options_set(options, "epsilon", "1.2e-38"), EPOCL_OK);
    epocl_options_release(options);
}
END_TEST

/* ---- types that no option of the library has so far ---- */

typedef struct values {
    double share, rate;
    real_list list;
    bool flag;
    char words[8];
} values;

static const option_row rows[] = {
    {.name = "share", .type = OPTION_REAL, VALUE(values, share), .range = FROM_BELOW(0, 1)},
    {.name = "rate", .type = OPTION_REAL, VALUE(values, rate), .range = FROM_TO(0, 1), .default_value = "0.5"},
    {.name = "list", .type = OPTION_REALS, VALUE(values, list), .range = FROM_BELOW(0, 1), .items = "shares"},
    {.name = "flag", .type = OPTION_FLAG, VALUE(values, flag)},
    {.name = "words", .type = OPTION_TEXT, TEXT_VALUE(values, words)},
};
enum { SHARE, RATE, LIST, FLAG, WORDS, ROWS };

START_TEST(ranges_and_lists_of_reals) {
    values one = {.flag = false}, other;
    char text[OPTION_TEXT_CAPACITY];
    option_defaults(rows, ROWS, &one);
    ck_assert(isnan(one.share) && !option_is_set(&rows[SHARE], &one));
    ck_assert_double_eq(one.rate, 0.5);
    other = one;
    ck_assert_int_eq(option_store(&rows[SHARE], "share", "0", &one), EPOCL_OK);
    ck_assert(option_is_set(&rows[SHARE], &one) && !option_is_equal(&rows[SHARE], &one, &other));
    ck_assert_int_eq(option_store(&rows[SHARE], "share", "1", &one), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "share must be a number from 0 and below 1, not '1'"));
    ck_assert_int_eq(option_store(&rows[RATE], "rate", "1", &one), EPOCL_OK);
    ck_assert_int_eq(option_store(&rows[RATE], "rate", "1.5", &one), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(option_store(&rows[LIST], "list", "0.1,0,0.25", &one), EPOCL_OK);
    ck_assert_str_eq(option_text(&rows[LIST], &one, text), "0.1,0,0.25");
    ck_assert_int_eq(option_store(&rows[LIST], "list", "0.1,1", &one), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(option_store(&rows[LIST], "list", "none", &one), EPOCL_OK);
    ck_assert_uint_eq(one.list.count, 0);
    ck_assert_int_eq(option_store(&rows[FLAG], "flag", "on", &one), EPOCL_OK);
    ck_assert(one.flag);
    ck_assert_int_eq(option_store(&rows[FLAG], "flag", "off", &one), EPOCL_OK);
    ck_assert_int_eq(option_store(&rows[FLAG], "flag", "maybe", &one), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(option_store(&rows[WORDS], "words", "1234567", &one), EPOCL_OK);
    ck_assert_int_eq(option_store(&rows[WORDS], "words", "12345678", &one), EPOCL_ERROR_ARGUMENT);
    ck_assert_str_eq(one.words, "1234567");
    for (size_t i = 0; i < ROWS; i++) option_copy(&rows[i], &one, &other);
    for (size_t i = 0; i < ROWS; i++) ck_assert(option_is_equal(&rows[i], &one, &other));
}
END_TEST

/* ---- documentation ---- */

static const char docs_path[] = "docs/options.md", written_head[] = "**Activations**: ",
                  table_head[] = "| option | values | default | resumed | what |\n";

static void append_functions(char *text, const char *heading, int count, void (*name)(function, char *)) {
    char word[FUNCTION_TEXT_CAPACITY];
    strcat(text, heading);
    for (int code = 0; code < count; code++) {
        name((function){code, 0.0f}, word);
        word[strcspn(word, "(")] = '\0'; /* of a parameter that is not the usual one */
        sprintf(text + strlen(text), "%s%s", code == 0 ? "" : ", ", word);
    }
}

/* The words that options take which are tables of their own, and the rates that are not given. */
static void append_words(char *text) {
    append_functions(text, written_head, ACTIVATION_COUNT, activation_text);
    append_functions(text, ".\n**Costs**: ", HEAD_COUNT, head_text);
    strcat(text, ".\n**Learning rates** that are not given:");
    for (int code = 0; optimizer_words[code]; code++)
        sprintf(text + strlen(text), "%s %s %g", code == 0 ? "" : ",", optimizer_words[code], optimizer_rates[code]);
    strcat(text, ". The formulas are in [math.md](math.md).\n\n");
}

static void append_row(char *text, const option_row *row) {
    char range[OPTION_TEXT_CAPACITY];
    option_range_text(row, range);
    sprintf(text + strlen(text), "| `--%s %s`", row->name, row->argument);
    if (row->letter) sprintf(text + strlen(text), ", `-%c`", row->letter);
    if (row->also) sprintf(text + strlen(text), ", `--%s`", row->also);
    sprintf(text + strlen(text), " | %s%s | %s | %s | %s |\n",
            row->type == OPTION_WHOLES || row->type == OPTION_REALS ? "list, " : "", *range ? range : "text",
            row->default_value ? row->default_value : "", row->can_change ? "may change" : "as begun", row->help);
}

/* What stands in the file from the activations on. */
static void write_table(char *text) {
    *text = '\0';
    append_words(text);
    strcat(text, table_head);
    strcat(text, "|---|---|---|---|---|\n");
    for (size_t i = 0; i < registry_count; i++) append_row(text, &registry[i]);
}

static char *read_docs(void) {
    static char text[1 << 16];
    FILE *file = fopen(docs_path, "r");
    ck_assert_msg(file != NULL, "%s is not here; the tests run in the project's folder", docs_path);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* WRITE_DOCS=1, as `make docs` sets it, writes the table instead. */
START_TEST(the_documentation_is_of_these_options) {
    static char expected[1 << 16];
    char *text = read_docs(), *table = strstr(text, written_head);
    ck_assert_ptr_nonnull(table);
    write_table(expected);
    if (getenv("WRITE_DOCS")) {
        FILE *file = fopen(docs_path, "w");
        ck_assert_ptr_nonnull(file);
        *table = '\0';
        fprintf(file, "%s%s", text, expected);
        ck_assert_int_eq(fclose(file), 0);
    } else {
        ck_assert_msg(strcmp(table, expected) == 0, "%s is not what the registry says: run make docs", docs_path);
    }
}
END_TEST

/* ---- the binary interface ---- */

/* An older program's structure is shorter, a newer one's longer. */
START_TEST(results_are_as_large_as_the_caller_says) {
    union {
        epocl_option_info info;
        unsigned char bytes[2 * sizeof(epocl_option_info)];
    } result;
    epocl_option_info whole;
    memset(&whole, 0, sizeof whole);
    ck_assert_int_eq(epocl_options_list(3, &whole), EPOCL_OK);
    for (size_t bytes = 0; bytes <= sizeof result.bytes; bytes += 8) {
        memset(&result, 0xAA, sizeof result);
        ck_assert_int_eq(epocl_options_list_sized(3, &result.info, bytes), EPOCL_OK);
        const size_t known = bytes < sizeof whole ? bytes : sizeof whole;
        ck_assert_mem_eq(&result, &whole, known);
        for (size_t i = known; i < bytes; i++) ck_assert_uint_eq(result.bytes[i], 0);
        for (size_t i = bytes; i < sizeof result.bytes; i++) ck_assert_uint_eq(result.bytes[i], 0xAA);
    }
}
END_TEST

/* Fields stay where they are while EPOCL_ABI stays; new ones come after the last, here too. Of 64-bit systems. */
START_TEST(fields_stay_where_they_are) {
#define FIELD(structure, field, place)                                                                                 \
    { #structure "." #field, offsetof(structure, field), place }
    static const struct {
        const char *name;
        size_t offset, recorded;
    } fields[] = {
        FIELD(epocl_device_info, index, 0),
        FIELD(epocl_device_info, type, 24),
        FIELD(epocl_device_info, name, 28),
        FIELD(epocl_device_info, global_memory_bytes, 1312),
        FIELD(epocl_device_info, compute_units, 1344),
        FIELD(epocl_device_info, self_test, 1352),
        FIELD(epocl_device_info, unusable, 1368),
        FIELD(epocl_device_info, group_fence, 1496),
        FIELD(epocl_device_info, tensor_cores, 1500),
        FIELD(epocl_platform_info, device_count, 768),
        FIELD(epocl_platform_info, failure, 776),
        FIELD(epocl_device_speed, launch_seconds, 16),
        FIELD(epocl_option_info, type, 16),
        FIELD(epocl_option_info, range, 48),
        FIELD(epocl_option_info, help, 144),
        FIELD(epocl_option_info, can_change, 168),
        FIELD(epocl_epoch_result, train_cost, 16),
        FIELD(epocl_epoch_result, valid_accuracy, 40),
        FIELD(epocl_epoch_result, seconds, 48),
        FIELD(epocl_epoch_result, valid_rmse, 64),
        FIELD(epocl_epoch_result, valid_figure, 72),
        FIELD(epocl_checkpoint_info, learning_rate, 8),
        FIELD(epocl_checkpoint_info, epocl, 56),
        FIELD(epocl_profile, left_out_count, 16),
        FIELD(epocl_profile_launch, bytes, 56),
        FIELD(epocl_trainer_info, launch_count, 24),
        FIELD(epocl_evaluation, sample_count, 16),
        FIELD(epocl_metric, kind, 16),
        FIELD(epocl_metric, values, 40),
        FIELD(epocl_plan_info, total_bytes, 112),
        FIELD(epocl_plan_buffer, bytes, 88),
        FIELD(epocl_plan_launch, flop, 112),
    };
#undef FIELD
    if (sizeof(void *) != 8) return;
    ck_assert_int_eq(EPOCL_ABI, 0);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        ck_assert_msg(fields[i].offset == fields[i].recorded, "%s is at %zu, not %zu: is this a new EPOCL_ABI?",
                      fields[i].name, fields[i].offset, fields[i].recorded);
    ck_assert_int_eq(EPOCL_ERROR_TIMEOUT, 12);
    ck_assert_int_eq(EPOCL_DEVICE_OTHER, 2);
    ck_assert_int_eq(EPOCL_OPTION_REALS, 6);
    ck_assert_int_eq(EPOCL_OPTION_OF_DEVICE, 2);
}
END_TEST

Suite *options_suite(void) {
    Suite *suite = suite_create("options");
    TCase *tests = tcase_create("options");
    tcase_add_test(tests, every_option_has_its_default);
    tcase_add_test(tests, values_are_set_by_name);
    tcase_add_test(tests, layers_are_a_number_or_a_list);
    tcase_add_test(tests, units_have_words_and_multiples);
    tcase_add_test(tests, recipes_set_what_goes_together);
    tcase_add_test(tests, figures_have_short_words);
    tcase_add_test(tests, what_is_wrong_changes_nothing);
    tcase_add_test(tests, ranges_and_lists_of_reals);
    tcase_add_test(tests, the_documentation_is_of_these_options);
    tcase_add_test(tests, results_are_as_large_as_the_caller_says);
    tcase_add_test(tests, fields_stay_where_they_are);
    suite_add_tcase(suite, tests);
    return suite;
}
