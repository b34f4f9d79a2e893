/* What the command line is made of: numbers, options and near misses. */
#include "command/show/describe.h"
#include "base/number.h"
#include "command/commands.h"
#include "command/options/options.h"
#include "base/suggest.h"

#include <check.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *words_suite(void);

START_TEST(whole_numbers_are_digits_within_64_bits) {
    static const char *const wrong[] = {
        "", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x10", "1x", "18446744073709551616", "99999999999999999999"};
    uint64_t value = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!number_whole(wrong[i], strlen(wrong[i]), &value), "%s", wrong[i]);
    ck_assert_uint_eq(value, 7);
    ck_assert(number_whole("18446744073709551615", 20, &value));
    ck_assert_uint_eq(value, UINT64_MAX);
    ck_assert(number_whole("12,5", 2, &value));
    ck_assert_uint_eq(value, 12);
}
END_TEST

START_TEST(real_numbers_are_finite_decimals) {
    static const char *const wrong[] = {"",    ".",  "-",   "nan",   "NaN", "inf", "infinity", "1e",   "1e+",
                                        "0x1", "1f", "1,5", "1e400", " 1",  "1 ",  "--1",      "1.2.3"};
    static const struct {
        const char *text;
        double value;
    } right[] = {{"0.3", 0.3}, {".5", 0.5}, {"5.", 5}, {"-2", -2}, {"+1e-3", 1e-3}, {"1E2", 100}};
    double value = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!number_real(wrong[i], &value), "%s", wrong[i]);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        ck_assert_msg(number_real(right[i].text, &value), "%s", right[i].text);
        ck_assert_double_eq(value, right[i].value);
    }
}
END_TEST

static const char *nearest(const char *word) {
    static const char *const known[] = {"train", "evaluate", "predict", "learning-rate"};
    suggestion near = suggestion_begin(word);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) suggestion_consider(&near, known[i]);
    return near.best ? near.best : "";
}

START_TEST(suggestions_are_near) {
    ck_assert_str_eq(nearest("trian"), "train");
    ck_assert_str_eq(nearest("rtian"), "train"); /* two swaps, or four changes */
    ck_assert_str_eq(nearest("trai"), "train");
    ck_assert_str_eq(nearest("eval"), "evaluate");
    ck_assert_str_eq(nearest("learningrate"), "learning-rate");
    ck_assert_str_eq(nearest("learning_rate"), "learning-rate");
    ck_assert_str_eq(nearest("training"), "train");
    ck_assert_str_eq(nearest("learning-rate-decay"), "learning-rate");
    ck_assert_str_eq(nearest("xyz"), "");
    ck_assert_str_eq(nearest(""), "");
    ck_assert_str_eq(nearest("a-word-longer-than-anything-that-could-ever-be-an-option"), "");
}
END_TEST

START_TEST(sizes_have_the_largest_unit_that_they_fill) {
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {{0, "0 bytes"},       {1023, "1023 bytes"},    {1024, "1.0 KiB"},       {1536, "1.5 KiB"},
                 {1048576, "1.0 MiB"}, {5ull << 30, "5.0 GiB"}, {3ull << 40, "3.0 TiB"}, {5000ull << 40, "5000.0 TiB"}};
    char text[32];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes_text(cases[i].bytes, text, sizeof text);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

/* ---- An option table -------------------------------------------------------------------------- */

static const option_row options[] = {
    {.name = "hidden",
     .type = OPTION_WHOLES,
     SETTING(library.network.hidden),
     .argument = "LIST",
     .separators = ",",
     .items = "layer sizes",
     .maximum = 100},
    {.name = "net",
     .type = OPTION_WHOLES,
     SETTING(shape),
     .argument = "SHAPE",
     .default_value = "4-2",
     .separators = "-,",
     .items = "layer sizes",
     .minimum = 2,
     .maximum = 100},
    {.name = "epochs",
     .letter = 'e',
     .type = OPTION_WHOLE,
     SETTING(epochs),
     .argument = "N",
     .default_value = "10",
     .minimum = 1,
     .maximum = 20},
    {.name = "every",
     .type = OPTION_PARSED,
     .parser = &interval_parser,
     SETTING(checkpoint_every),
     .argument = "N",
     .maximum = 1000},
    OPTION_DEVICE("auto"),
    OPTION_QUIET,
    OPTION_HELP,
};
static const char *const library[] = {"learning-rate", "matmul", NULL};
static const command table = {
    .name = "try", .options = options, .option_count = sizeof options / sizeof *options, .library = library};

/* Parses the words after the command's name. */
static epocl_status parse(settings *given, const char *const *words) {
    static char kept[8][64];
    char *argv[9] = {"try"};
    int count = 1;
    for (; words[count - 1]; count++) {
        snprintf(kept[count], sizeof *kept, "%s", words[count - 1]);
        argv[count] = kept[count];
    }
    optind = 0; /* glibc: also forget where in a word the last parse ended */
    return options_parse(&table, count, argv, given);
}
#define parse_words(given, ...) parse(given, (const char *const[]){__VA_ARGS__, NULL})

START_TEST(options_have_defaults) {
    settings given;
    unsetenv("EPOCL_DEVICE");
    ck_assert_int_eq(parse_words(&given, NULL), EPOCL_OK);
    ck_assert_uint_eq(given.epochs, 10);
    ck_assert_uint_eq(given.library.network.hidden.count, 0);
    ck_assert_uint_eq(given.shape.count, 2);
    ck_assert_uint_eq(given.shape.values[0], 4);
    ck_assert_str_eq(given.device, "auto");
    ck_assert(!given.quiet);
}
END_TEST

START_TEST(options_are_stored) {
    settings given;
    ck_assert_int_eq(parse_words(&given, "-qe3", "--hidden=7,8,9", "--learning-rate", "1e-3", "--matmul", "tile"),
                     EPOCL_OK);
    ck_assert_uint_eq(given.epochs, 3);
    ck_assert(given.quiet);
    ck_assert_uint_eq(given.library.network.hidden.count, 3);
    ck_assert_uint_eq(given.library.network.hidden.values[2], 9);
    ck_assert_double_eq(given.library.training.learning_rate, 1e-3);
    ck_assert_str_eq(given.library.training.matmul.text, "tile");
    ck_assert_int_eq(parse_words(&given, "--hidden", "none", "--epo", "4", "-e", "5"), EPOCL_OK);
    ck_assert_uint_eq(given.library.network.hidden.count, 0);
    ck_assert_uint_eq(given.epochs, 5);
    ck_assert_int_eq(parse_words(&given, "--hidden", ""), EPOCL_OK);
    ck_assert_uint_eq(given.library.network.hidden.count, 0);
}
END_TEST

START_TEST(environment_lies_between_default_and_command_line) {
    settings given;
    setenv("EPOCL_DEVICE", "gpu", 1);
    ck_assert_int_eq(parse_words(&given, NULL), EPOCL_OK);
    ck_assert_str_eq(given.device, "gpu");
    ck_assert_int_eq(parse_words(&given, "-d", "cpu"), EPOCL_OK);
    ck_assert_str_eq(given.device, "cpu");
    setenv("EPOCL_DEVICE", "", 1);
    ck_assert_int_eq(parse_words(&given, NULL), EPOCL_OK);
    ck_assert_str_eq(given.device, "auto");
    unsetenv("EPOCL_DEVICE");
}
END_TEST

START_TEST(values_out_of_range_name_option_and_range) {
    static const struct {
        const char *option, *value, *part;
    } cases[] = {
        {"--epochs", "0", "--epochs must be a whole number from 1 to 20, not '0'"},
        {"--epochs", "21", "from 1 to 20"},
        {"--epochs", "3x", "not '3x'"},
        {"--learning-rate", "nan", "--learning-rate must be a number above 0 and below 1e+30, not 'nan'"},
        {"--learning-rate", "0", "above 0"},
        {"--learning-rate", "-0.1", "above 0"},
        {"--learning-rate", "1e-60", "above 0"},
        {"--learning-rate", "1e30", "below 1e+30"},
        {"--learning-rate", "inf", "above 0"},
        {"--hidden", "0", "--hidden must be none or 1 to 64 layer sizes from 1 to 100"},
        {"--hidden", "-1", "from 1 to 100"},
        {"--hidden", "101", "from 1 to 100"},
        {"--hidden", "1000000000", "from 1 to 100"},
        {"--hidden", "5,", "with ',' between them"},
        {"--hidden", "5,,4", "with ',' between them"},
        {"--hidden", "5;4", "with ',' between them"},
        {"--net", "5", "--net must be 2 to 64 layer sizes"},
        {"--net", "", "--net must be 2 to 64 layer sizes"},
        {"--device", "", "--device must not be empty"},
        {"--matmul", "tils",
         "--matmul must be one of auto, plain, tile, tile:..., local, local:..., clblast, not 'tils'; did you mean "
         "'tile'?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        settings given;
        ck_assert_msg(parse_words(&given, cases[i].option, cases[i].value) == EPOCL_ERROR_ARGUMENT, "%s %s",
                      cases[i].option, cases[i].value);
        ck_assert_msg(strstr(epocl_last_error(), cases[i].part) != NULL, "%s", epocl_last_error());
    }
}
END_TEST

/* Whatever is typed, an error text is one line of printable characters, and names the word that is wrong. */
START_TEST(words_are_shown_as_printable_text) {
    static const struct {
        const char *words[3], *part;
    } cases[] = {
        {{"--matmul", "\x1b[31m"}, "not '?[31m'"},
        {{"--epochs", "3\n"}, "not '3?'"},
        {{"--learning-rate", "\xe2\x82\xac"}, "not '\?\?\?'"},
        {{"--hidden", "5\t"}, "not '5?'"},
        {{"--\x1b[31m"}, "unknown option '--?[31m'"},
        {{"\x1b[31m"}, "unexpected argument '?[31m'"},
        {{"-\x1b"}, "unknown option '-?'"},
        {{"-\xff"}, "unknown option '-?'"},
        /* getopt_long() has not gone on to the next word then; what stands before it is shorter than any option */
        {{"--hidden", "", "-\xffq"}, "unknown option '-?'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        settings given;
        ck_assert_int_eq(parse_words(&given, cases[i].words[0], cases[i].words[1], cases[i].words[2]),
                         EPOCL_ERROR_ARGUMENT);
        ck_assert_msg(strstr(epocl_last_error(), cases[i].part) != NULL, "%s", epocl_last_error());
    }
}
END_TEST

START_TEST(layer_lists_have_a_capacity) {
    char list[2 * LIST_CAPACITY + 2] = "1";
    settings given;
    char *argv[] = {"try", "--hidden", list};
    for (size_t i = 1; i < LIST_CAPACITY; i++) strcat(list, ",1");
    optind = 1;
    ck_assert_int_eq(options_parse(&table, 3, argv, &given), EPOCL_OK);
    ck_assert_uint_eq(given.library.network.hidden.count, LIST_CAPACITY);
    strcat(list, ",1");
    optind = 1;
    ck_assert_int_eq(options_parse(&table, 3, argv, &given), EPOCL_ERROR_ARGUMENT);
}
END_TEST

START_TEST(intervals_are_epochs_or_times) {
    static const struct {
        const char *text;
        uint64_t epochs, seconds;
    } right[] = {{"1", 1, 0}, {"1000", 1000, 0}, {"30s", 0, 30}, {"10m", 0, 600}, {"2h", 0, 7200}};
    static const char *const wrong[] = {"0", "0s", "s", "-1", "1.5m", "10 m", "5d", "1001", "1001s", "m5"};
    settings given;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        ck_assert_int_eq(parse_words(&given, "--every", right[i].text), EPOCL_OK);
        ck_assert_uint_eq(given.checkpoint_every.epochs, right[i].epochs);
        ck_assert_uint_eq(given.checkpoint_every.seconds, right[i].seconds);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(parse_words(&given, "--every", wrong[i]) == EPOCL_ERROR_ARGUMENT, "%s", wrong[i]);
}
END_TEST

START_TEST(what_was_given_lies_over_what_was_not) {
    settings under, over;
    unsetenv("EPOCL_DEVICE");
    ck_assert_int_eq(parse_words(&under, "--hidden", "5,6", "--epochs", "3", "--learning-rate", "0.5"), EPOCL_OK);
    ck_assert_int_eq(parse_words(&over, "--epochs", "10", "--quiet", "--device", "2", "--every", "5m"), EPOCL_OK);
    ck_assert_int_eq(options_lay_over(&table, &over, &under), EPOCL_OK);
    ck_assert_uint_eq(under.epochs, 10); /* its default, but given */
    ck_assert(under.quiet);
    ck_assert_str_eq(under.device, "2");
    ck_assert_uint_eq(under.checkpoint_every.seconds, 300);
    ck_assert_uint_eq(under.library.network.hidden.count, 2);
    ck_assert_double_eq(under.library.training.learning_rate, 0.5);
    ck_assert_str_eq(under.library.training.matmul.text, "auto");
}
END_TEST

START_TEST(another_name_is_the_same_option) {
    settings given;
    ck_assert_int_eq(parse_words(&given, "--lr", "0.25"), EPOCL_OK);
    ck_assert_double_eq(given.library.training.learning_rate, 0.25);
    ck_assert_int_eq(parse_words(&given, "--lr", "0"), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "--learning-rate must be"));
}
END_TEST

static const command *const all[] = {&command_devices, &command_train,  &command_evaluate, &command_predict,
                                     &command_inspect, &command_export, &command_import,   &command_bench,
                                     &command_tune,    &command_doctor};

/* A row whose heading is unknown would be left out; letters and names are one option's. */
START_TEST(every_option_of_a_command_is_taken) {
    for (size_t c = 0; c < sizeof all / sizeof *all; c++) {
        command_option list[COMMAND_OPTIONS_CAPACITY];
        const size_t count = command_options(all[c], list);
        size_t named = all[c]->takes_library ? registry_count : 0;
        for (size_t i = 0; all[c]->library && all[c]->library[i]; i++) {
            ck_assert_ptr_nonnull(registry_find(all[c]->library[i]));
            named++;
        }
        ck_assert_uint_eq(count, all[c]->option_count + named);
        ck_assert_uint_lt(count, COMMAND_OPTIONS_CAPACITY);
        for (size_t i = 0; i < count; i++) {
            ck_assert_ptr_nonnull(list[i].row->help);
            for (size_t j = 0; j < i; j++) {
                ck_assert_str_ne(list[i].row->name, list[j].row->name);
                ck_assert(!list[i].row->letter || list[i].row->letter != list[j].row->letter);
            }
        }
    }
}
END_TEST

/* A table of 200 options. */
START_TEST(there_is_room_for_many_options) {
    enum { MANY = 200 };
    static option_row rows[MANY];
    static char names[MANY][16];
    for (size_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "option-%03zu", i);
        rows[i] = (option_row){.name = names[i], .type = OPTION_WHOLE, SETTING(epochs), .argument = "N", .maximum = 9};
    }
    const command wide = {.name = "wide", .options = rows, .option_count = MANY};
    settings given, under = {.epochs = 0};
    char *argv[] = {"wide", "--option-199", "7"};
    optind = 0;
    ck_assert_int_eq(options_parse(&wide, 3, argv, &given), EPOCL_OK);
    ck_assert_uint_eq(given.epochs, 7);
    ck_assert_int_eq(options_lay_over(&wide, &given, &under), EPOCL_OK);
    ck_assert_uint_eq(under.epochs, 7);
    for (size_t i = 0; i < MANY; i++) ck_assert(given.given[i] == (i == 199));
}
END_TEST

Suite *words_suite(void) {
    Suite *suite = suite_create("words");
    TCase *words = tcase_create("words");
    tcase_add_test(words, whole_numbers_are_digits_within_64_bits);
    tcase_add_test(words, real_numbers_are_finite_decimals);
    tcase_add_test(words, suggestions_are_near);
    tcase_add_test(words, sizes_have_the_largest_unit_that_they_fill);
    suite_add_tcase(suite, words);
    TCase *parsing = tcase_create("options");
    tcase_add_test(parsing, options_have_defaults);
    tcase_add_test(parsing, options_are_stored);
    tcase_add_test(parsing, environment_lies_between_default_and_command_line);
    tcase_add_test(parsing, values_out_of_range_name_option_and_range);
    tcase_add_test(parsing, words_are_shown_as_printable_text);
    tcase_add_test(parsing, layer_lists_have_a_capacity);
    tcase_add_test(parsing, intervals_are_epochs_or_times);
    tcase_add_test(parsing, what_was_given_lies_over_what_was_not);
    tcase_add_test(parsing, another_name_is_the_same_option);
    tcase_add_test(parsing, every_option_of_a_command_is_taken);
    tcase_add_test(parsing, there_is_room_for_many_options);
    suite_add_tcase(suite, parsing);
    return suite;
}
