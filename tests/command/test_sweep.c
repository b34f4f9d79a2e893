/* Sweeps: what is searched, who goes on, and that a sweep has one result, however it comes to it. */
/* For F_SETPIPE_SZ. */
#define _GNU_SOURCE

#include "command/fixture.h"

#include "command/sweep/search.h"
#include "command/sweep/standing.h"
#include "options/monitors.h"
#include "options/registry.h"

#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

Suite *sweep_suite(void);

#define SWEEP "sweep", "--recipe", "seed", "--data", "@images", "--labels", "@labels", "--quiet"

/* A file's text, for free(). */
static char *read_text(const char *name, size_t *length) {
    unsigned char *bytes = file_read(scratch_path(name), length);
    char *text = calloc(*length + 1, 1);
    ck_assert_ptr_nonnull(text);
    memcpy(text, bytes, *length);
    free(bytes);
    return text;
}

static void assert_same_file(const char *one, const char *other) {
    size_t counts[2];
    const char *const names[] = {one, other};
    char *texts[2];
    for (size_t i = 0; i < 2; i++) {
        texts[i] = read_text(names[i], &counts[i]);
    }
    ck_assert_msg(counts[0] == counts[1] && memcmp(texts[0], texts[1], counts[0]) == 0, "%s and %s differ", one, other);
    free(texts[0]);
    free(texts[1]);
}

/* Lines of sweep.csv, its first included. */
static size_t count_lines(const char *name) {
    size_t count = 0, byte_count;
    char *text = read_text(name, &byte_count);
    for (size_t i = 0; i < byte_count; i++) count += text[i] == '\n';
    free(text);
    return count;
}

/* ---- what is searched ---- */

static search *parse(const char *text) {
    search *s = calloc(1, sizeof *s);
    ck_assert_ptr_nonnull(s);
    ck_assert_msg(search_parse(text, s) == EPOCL_OK, "%s", epocl_last_error());
    return s;
}

START_TEST(draws_are_within_their_ranges) {
    search *s = parse("learning-rate=1e-4..1e-2;batch-size=8..64;dropout=0..0.5;momentum=0.5..0.9;hidden=4|8x2");
    size_t low_rates = 0, small_batches = 0, deep = 0, ends[2] = {0, 0};
    enum { DRAWS = 1000 };
    for (size_t i = 0; i < DRAWS; i++) {
        epocl_options options;
        options_begin(&options);
        ck_assert_int_eq(search_draw(s, 3, i, &options), EPOCL_OK);
        const training_options *t = &options.training;
        ck_assert(t->learning_rate >= 1e-4 && t->learning_rate <= 1e-2 && t->batch_size >= 8 && t->batch_size <= 64);
        ck_assert(t->dropout.count == 1 && t->dropout.values[0] >= 0 && t->dropout.values[0] <= 0.5);
        ck_assert(t->momentum >= 0.5 && t->momentum <= 0.9);
        low_rates += t->learning_rate < 1e-3;
        small_batches += t->batch_size < 23; /* 8 * sqrt(65 / 8) is 22.8 */
        deep += options.network.hidden.count == 2;
        ends[0] += t->batch_size == 8;
        ends[1] += t->batch_size == 64;
    }
    /* Each is a half of 1000 draws: five standard deviations are 79. */
    ck_assert(low_rates > 420 && low_rates < 580 && small_batches > 420 && small_batches < 580);
    ck_assert(deep > 420 && deep < 580 && ends[0] > 0 && ends[1] > 0);
    free(s);
}
END_TEST

/* Four digits would make 1 of some of the first, which the option does not take, and leave the range of the others. */
START_TEST(no_rounding_leaves_a_range) {
    search *s = parse("beta2=0.999..0.99999;learning-rate=0.00012345..0.00012349");
    size_t close_to_one = 0;
    for (size_t i = 0; i < 1000; i++) {
        epocl_options options;
        options_begin(&options);
        ck_assert_msg(search_draw(s, 3, i, &options) == EPOCL_OK, "%s", epocl_last_error());
        const training_options *t = &options.training;
        ck_assert(t->beta2 >= 0.999 && t->beta2 <= 0.99999);
        ck_assert(t->learning_rate >= 0.00012345 && t->learning_rate <= 0.00012349);
        close_to_one += t->beta2 > 0.99995;
    }
    ck_assert_uint_gt(close_to_one, 0);
    free(s);
}
END_TEST

/* An equal name takes the place of what was there; what is left stays. */
START_TEST(searches_add_up) {
    char text[SEARCH_TEXT_CAPACITY] = "learning-rate=0.1..0.2;hidden=4|8";
    ck_assert_int_eq(search_merge(text, "batch-size=8,16;learning-rate=0.3..0.4"), EPOCL_OK);
    ck_assert_str_eq(text, "hidden=4|8;batch-size=8,16;learning-rate=0.3..0.4");
    ck_assert(search_has(text, registry_find("hidden")) && !search_has(text, registry_find("seed")));
    ck_assert_int_eq(search_merge(text, "hidden=4|8;;dropout=0..0.5"), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(search_merge(text, "hidden"), EPOCL_ERROR_ARGUMENT);
}
END_TEST

/* Another option that is searched, and another order, change no draw. */
START_TEST(a_draw_is_of_seed_option_and_number) {
    search *one = parse("learning-rate=1e-4..1e-2"), *more = parse("hidden=4|8;learning-rate=1e-4..1e-2");
    size_t same_of_seeds = 0;
    for (size_t i = 0; i < 100; i++) {
        epocl_options a, b, c;
        options_begin(&a);
        options_begin(&b);
        options_begin(&c);
        ck_assert_int_eq(search_draw(one, 1, i, &a), EPOCL_OK);
        ck_assert_int_eq(search_draw(more, 1, i, &b), EPOCL_OK);
        ck_assert_int_eq(search_draw(more, 2, i, &c), EPOCL_OK);
        ck_assert(a.training.learning_rate == b.training.learning_rate);
        same_of_seeds += a.training.learning_rate == c.training.learning_rate;
    }
    ck_assert_uint_lt(same_of_seeds, 5);
    free(one);
    free(more);
}
END_TEST

START_TEST(a_grid_has_each_combination_once) {
    search *s = parse("hidden=4|8x2;batch-size=8,16,32");
    size_t count = 0, seen[2][3] = {{0}};
    ck_assert_int_eq(search_product(s, 100, &count), EPOCL_OK);
    ck_assert_uint_eq(count, 6);
    for (size_t i = 0; i < count; i++) {
        epocl_options options;
        options_begin(&options);
        ck_assert_int_eq(search_place(s, i, &options), EPOCL_OK);
        const size_t batch = options.training.batch_size == 8 ? 0 : options.training.batch_size == 16 ? 1 : 2;
        seen[options.network.hidden.count - 1][batch]++;
    }
    for (size_t i = 0; i < 6; i++) ck_assert_uint_eq(seen[i / 3][i % 3], 1);
    ck_assert_int_eq(search_product(s, 5, &count), EPOCL_ERROR_ARGUMENT);
    free(s);
}
END_TEST

/* The commas of a list of layers are no search. */
START_TEST(a_search_is_told_from_a_value) {
    static const struct {
        const char *name, *text;
        bool is_search;
    } cases[] = {{"hidden", "64,128", false},        {"hidden", "64|128", true},       {"hidden", "16..64", true},
                 {"dropout", "0.1,0.2", false},      {"dropout", "0..0.5", true},      {"learning-rate", "1e-3", false},
                 {"learning-rate", "0.1,0.2", true}, {"optimizer", "adam", false},     {"optimizer", "adam,lion", true},
                 {"activation", "relu,tanh", false}, {"activation", "relu|tanh", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(search_is_one(registry_find(cases[i].name), cases[i].text) == cases[i].is_search, "%s %s",
                      cases[i].name, cases[i].text);
}
END_TEST

START_TEST(what_cannot_be_searched_is_refused) {
    static const struct {
        const char *option, *text, *says;
    } cases[] = {{"--learning-rate", "1e-2..1e-4", "the lower first"},
                 {"--learning-rate", "0..1", "--learning-rate must be a number above 0"},
                 {"--learning-rate", "0.1..0.2|0.3", "not a list of ranges"},
                 {"--dropout", "0..2", "--dropout must be"},
                 {"--optimizer", "adam|nosuch", "nosuch"},
                 {"--hidden", "4|-1", "--hidden"},
                 {"--cost", "squared|cross-entropy", "do not compare"},
                 {"--seed", "1..5", "--seeds"},
                 {"--plan", "layered|resident", "no other model"},
                 {"--search", "learning-rate", "learning-rate=1e-4..1e-2"},
                 {"--search", "nosuch=1|2", "nosuch"},
                 {"--max-seconds", "100", "what a clock ends is another each time"},
                 {"--epochs", "1..5", "--epochs"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(run(SWEEP, cases[i].option, cases[i].text, "--output", "@sweep"), 2, cases[i].says);
    assert_refused(run(SWEEP, "--output", "@sweep"), 2, "nothing is searched");
    assert_refused(run(SWEEP, "--learning-rate", "0.1..0.3"), 2, "--output");
    assert_refused(run(SWEEP, "--learning-rate", "0.1..0.3", "--grid", "--output", "@sweep"), 2, "--grid");
    assert_refused(run("train", "--data", "@images", "--labels", "@labels", "--learning-rate", "0.1..0.2"), 2,
                   "--learning-rate must be a number");
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES);
}
END_TEST

/* ---- who goes on ---- */

START_TEST(rungs_are_of_thirds) {
    sweep_rung rungs[RUNGS_MOST];
    ck_assert_uint_eq(rungs_plan(64, 27, 3, rungs), 3);
    ck_assert(rungs[0].setting_count == 64 && rungs[1].setting_count == 22 && rungs[2].setting_count == 8);
    ck_assert(rungs[0].epoch_count == 3 && rungs[1].epoch_count == 9 && rungs[2].epoch_count == 27);
    ck_assert_uint_eq(rungs_plan(64, 27, 1, rungs), 1);
    ck_assert(rungs[0].setting_count == 64 && rungs[0].epoch_count == 27);
    ck_assert_uint_eq(rungs_plan(1, 27, 3, rungs), 1);
    ck_assert_uint_eq(rungs_plan(3, 1, 3, rungs), 1);
    ck_assert_uint_eq(rungs_plan(2, 10, 2, rungs), 2);
    ck_assert(rungs[0].epoch_count == 5 && rungs[1].setting_count == 1 && rungs[1].epoch_count == 10);
}
END_TEST

/* Those that have diverged are last, whatever their rung. */
START_TEST(ranks_are_by_rung_then_figure) {
    setting_result settings[] = {{.number = 0, .rung = 0, .figure = 0.1},
                                 {.number = 1, .rung = 1, .figure = 0.5},
                                 {.number = 2, .rung = 1, .figure = NAN},
                                 {.number = 3, .rung = 1, .figure = 0.5},
                                 {.number = 4, .rung = 1, .figure = 0.4}};
    static const size_t by_cost[] = {4, 1, 3, 0, 2}, by_accuracy[] = {1, 3, 4, 0, 2};
    settings_sort(settings, 5, MONITOR_cost);
    for (size_t i = 0; i < 5; i++) ck_assert_uint_eq(settings[i].number, by_cost[i]);
    settings_sort(settings, 5, MONITOR_accuracy);
    for (size_t i = 0; i < 5; i++) ck_assert_uint_eq(settings[i].number, by_accuracy[i]);
}
END_TEST

START_TEST(a_setting_is_the_mean_of_its_seeds) {
    member_result members[3] = {{.epoch_count = 0}};
    for (size_t i = 0; i < 3; i++) {
        member_result_add(&members[i], MONITOR_cost, &(epocl_epoch_result){.epoch = 1, .valid_cost = 5});
        member_result_add(&members[i], MONITOR_cost,
                          &(epocl_epoch_result){.epoch = 2, .valid_cost = 1.0 + (double)i, .valid_accuracy = 0.5});
        member_result_add(&members[i], MONITOR_cost, &(epocl_epoch_result){.epoch = 3, .valid_cost = 4});
    }
    setting_result s = setting_result_of(members, 3, MONITOR_cost, 7, 1);
    ck_assert(s.figure == 2.0 && s.spread == 1.0 && s.cost == 2.0 && s.accuracy == 0.5 && s.epoch_count == 3);
    ck_assert(members[0].best.epoch == 2 && s.number == 7 && s.rung == 1);
    ck_assert(isnan(setting_result_of(members, 1, MONITOR_cost, 0, 0).spread));
    members[1].has_diverged = true;
    ck_assert(isnan(setting_result_of(members, 3, MONITOR_cost, 0, 0).figure));
}
END_TEST

/* ---- sweeps ---- */

#define SEARCHED SWEEP, "--learning-rate", "0.01..3", "--hidden", "6|4x2", "--count", "7", "--epochs", "9"

/* However many at a time. */
START_TEST(a_sweep_has_one_result) {
    fixture_choose();
    assert_ended(run(SEARCHED, "--workers", "1", "--output", "@one"), 0);
    assert_ended(run(SEARCHED, "--workers", "5", "--output", "@five"), 0);
    assert_same_file("one/sweep.csv", "five/sweep.csv");
    assert_same_file("one/model.safetensors", "five/model.safetensors");
    ck_assert_uint_eq(count_lines("one/sweep.csv"), 8);
    assert_refused(run(SEARCHED, "--output", "@one"), 73, "--force");
    size_t byte_count;
    assert_ended(run("report", "@one"), 0);
    char *page = read_text("one/report.html", &byte_count);
    ck_assert(strstr(page, "epocl sweep --") && !strstr(page, "--learning-rate none"));
    free(page);
    outcome compared = run("compare", "@one");
    ck_assert_ptr_nonnull(strstr(compared.out, "/sweep.csv"));
    outcome_release(&compared);
    assert_ended(run(SEARCHED, "--output", "@one", "--force"), 0);
    assert_same_file("one/sweep.csv", "five/sweep.csv");
}
END_TEST

/* The best network is what `epocl train` makes of its line, where the last epoch is the best. */
START_TEST(a_member_is_what_train_makes) {
    assert_ended(run(SWEEP, "--valid-split", "0.25", "--hidden", "6|4x2", "--grid", "--learning-rate", "0.05",
                     "--epochs", "4", "--output", "@sweep"),
                 0);
    size_t byte_count;
    char *text = read_text("sweep/sweep.csv", &byte_count);
    const bool is_deep = strstr(text, "\n1,1,1,") != NULL;
    ck_assert_ptr_nonnull(strstr(text, ",4,4,")); /* epochs, and the best one */
    free(text);
    assert_ended(run(TRAIN, "--valid-split", "0.25", "--hidden", is_deep ? "4x2" : "6", "--learning-rate", "0.05",
                     "--epochs", "4", "--quiet", "--output", "@train"),
                 0);
    assert_same_file("sweep/model.safetensors", "train/model.safetensors");
}
END_TEST

/* A word may be searched: the best of two initialisations is trained as by itself. */
START_TEST(initializations_may_be_searched) {
    assert_ended(run(SWEEP, "--initialization", "orthogonal|he-normal", "--grid", "--hidden", "6", "--valid-split",
                     "0.25", "--epochs", "1", "--output", "@sweep"),
                 0);
    size_t byte_count;
    char *text = read_text("sweep/sweep.csv", &byte_count);
    ck_assert_uint_eq(count_lines("sweep/sweep.csv"), 3);
    ck_assert(strstr(text, "orthogonal") && strstr(text, "he-normal"));
    const char *better = strstr(text, "orthogonal") < strstr(text, "he-normal") ? "orthogonal" : "he-normal";
    free(text);
    assert_ended(run(TRAIN, "--initialization", better, "--hidden", "6", "--valid-split", "0.25", "--epochs", "1",
                     "--quiet", "--output", "@train"),
                 0);
    assert_same_file("sweep/model.safetensors", "train/model.safetensors");
}
END_TEST

/* In a file, as on the command line; what is given has one value again. */
START_TEST(a_file_may_search) {
    static const char file[] = "{\"learning_rate\": \"0.01..3\", \"hidden\": \"6|4x2\", \"count\": 7, \"epochs\": 9}";
    scratch_write("search.json", file, strlen(file));
    assert_ended(run(SEARCHED, "--output", "@words"), 0);
    assert_ended(run(SWEEP, "--config", "@search.json", "--output", "@file"), 0);
    assert_same_file("words/model.safetensors", "file/model.safetensors");
    ck_assert_uint_eq(count_lines("file/sweep.csv"), 8);
    assert_ended(run(SWEEP, "--config", "@search.json", "--learning-rate", "0.1", "--grid", "--output", "@grid"), 0);
    ck_assert_uint_eq(count_lines("grid/sweep.csv"), 3);
    assert_refused(run(SWEEP, "--config", "@search.json", "--learning-rate", "3..2", "--output", "@bad"), 2,
                   "lower first");
}
END_TEST

static void assert_searched(const char *config, const char *searched) {
    size_t byte_count;
    char *text = read_text(config, &byte_count);
    assert_contains(text, searched);
    free(text);
}

/* What is searched in several places is searched together; a later range or list takes the place of an earlier one of
 * the same option, and one of a value. */
START_TEST(no_search_is_lost) {
    static const char file[] = "{\"learning_rate\": \"0.01..3\", \"hidden\": \"6|4x2\", \"count\": 7, \"epochs\": 9}",
                      text[] = "{\"learning_rate\": \"0.01..3\", \"search\": \"hidden=6|4x2;learning-rate=1..2\", "
                               "\"count\": 7, \"epochs\": 9}";
    scratch_write("search.json", file, strlen(file));
    scratch_write("text.json", text, strlen(text));
    assert_ended(run(SEARCHED, "--output", "@words"), 0);
    assert_ended(run(SWEEP, "--learning-rate", "0.01..3", "--hidden", "5", "--search", "hidden=6|4x2", "--count", "7",
                     "--epochs", "9", "--output", "@both"),
                 0);
    assert_same_file("words/sweep.csv", "both/sweep.csv");
    assert_ended(run(SWEEP, "--config", "@text.json", "--output", "@text"), 0);
    assert_searched("text/config.json", "\"hidden=6|4x2;learning-rate=0.01..3\"");
    assert_same_file("words/model.safetensors", "text/model.safetensors");

    assert_ended(run(SWEEP, "--config", "@search.json", "--learning-rate", "5", "--learning-rate", "0.05..0.5",
                     "--output", "@over"),
                 0);
    assert_searched("over/config.json", "\"hidden=6|4x2;learning-rate=0.05..0.5\"");
    assert_ended(
        run(SWEEP, "--config", "@over/config.json", "--dropout", "0|0.5", "--hidden", "6", "--output", "@last"), 0);
    assert_searched("last/config.json", "\"learning-rate=0.05..0.5;dropout=0|0.5\"");
}
END_TEST

START_TEST(seeds_are_told_with_their_spread) {
    outcome ended = run(SWEEP, "--hidden", "5", "--seeds", "3", "--epochs", "2", "--output", "@sweep");
    ck_assert_int_eq(ended.status, 0);
    ck_assert_ptr_nonnull(strstr(ended.out, "±"));
    outcome_release(&ended);
    ck_assert_uint_eq(count_lines("sweep/sweep.csv"), 4);
}
END_TEST

START_TEST(json_tells_rungs_and_settings) {
    outcome ended = run(SEARCHED, "--json", "--output", "@sweep");
    size_t counts[5] = {0};
    static const char *const events[] = {"sweep", "epoch", "rung", "setting", "done"};
    ck_assert_int_eq(ended.status, 0);
    for (char *line = ended.out, *end; (end = strchr(line, '\n')); line = end + 1) {
        json_t *event = json_loadb(line, (size_t)(end - line), 0, NULL);
        const char *name = json_string_value(json_object_get(event, "event"));
        ck_assert_ptr_nonnull(name);
        for (size_t i = 0; i < 5; i++) counts[i] += strcmp(name, events[i]) == 0;
        json_decref(event);
    }
    /* 7 settings to 1 epoch, 3 to 3, 1 to 9 */
    ck_assert(counts[0] == 1 && counts[1] == 7 + 3 * 2 + 6 && counts[2] == 3 && counts[3] == 7 && counts[4] == 1);
    outcome_release(&ended);
}
END_TEST

START_TEST(settings_that_all_diverge_are_told) {
    assert_refused(run(SWEEP, "--cost", "squared", "--activation", "relu", "--hidden", "5", "--learning-rate",
                       "1e25..1e28", "--count", "2", "--output", "@sweep"),
                   76, "all settings have diverged");
    ck_assert_uint_eq(count_lines("sweep/sweep.csv"), 3);
    ck_assert(!scratch_exists("sweep/model.safetensors"));
}
END_TEST

/* With rates that rise, the better setting of the first rung diverges in the last one: the model is what the other one
 * had come to before it was dropped. */
START_TEST(a_finalist_that_diverges_costs_no_sweep) {
#define RISING                                                                                                         \
    "--cost", "squared", "--activation", "identity", "--hidden", "5", "--warmup", "27", "--batch-size", "24",          \
        "--valid-split", "0.2"
    assert_ended(run(SWEEP, RISING, "--learning-rate", "1e-4|2", "--grid", "--epochs", "27", "--output", "@sweep"), 0);
    size_t byte_count;
    char *text = read_text("sweep/sweep.csv", &byte_count);
    assert_contains(text, "\n1,0,1,0.0001,1,9,9,");
    assert_contains(text, ",dropped\n2,1,1,2,2,");
    assert_contains(text, ",diverged\n");
    free(text);
    assert_ended(run(TRAIN, RISING, "--learning-rate", "1e-4", "--epochs", "9", "--quiet", "--output", "@train"), 0);
    assert_same_file("sweep/model.safetensors", "train/model.safetensors");
}
END_TEST

#define LONG                                                                                                           \
    SWEEP, "--learning-rate", "0.01..3", "--hidden", "6|4x2", "--count", "6", "--epochs", "1500", "--patience", "9999"

/* Killed as soon as members are saved, at whichever rung that is; then stopped; then to the end. */
START_TEST(a_killed_sweep_goes_on_to_the_same_bytes) {
    assert_ended(run(LONG, "--output", "@whole"), 0);
    process killed = start(LONG, "--checkpoint-every", "50", "--output", "@parts");
    process_await_file(&killed, "parts/member-0003.safetensors");
    kill(killed.id, SIGKILL);
    outcome ended = process_end(&killed);
    ck_assert_int_eq(ended.status, -SIGKILL);
    outcome_release(&ended);
    process stopped = start("sweep", "--resume", "@parts", "--json");
    process_await(&stopped, stopped.out, "\"epoch\"");
    kill(stopped.id, SIGTERM);
    assert_ended(process_end(&stopped), 75);
    assert_refused(run("sweep", "--resume", "@parts", "--learning-rate", "0.1"), 2, "--learning-rate");
    assert_refused(run("sweep", "--resume", "@parts", "--seeds", "2"), 2, "--seeds");
    assert_ended(run("sweep", "--resume", "@parts", "--quiet"), 0);
    assert_same_file("whole/sweep.csv", "parts/sweep.csv");
    assert_same_file("whole/model.safetensors", "parts/model.safetensors");
    assert_ended(run("sweep", "--resume", "@parts", "--quiet"), 0);
    assert_same_file("whole/model.safetensors", "parts/model.safetensors");
}
END_TEST

/* Of a rung that all have come to, a sweep that goes on saves nobody again. */
START_TEST(members_that_are_saved_are_not_saved_again) {
    enum { MEMBERS = 6, DROPPED = 4 };
    struct stat before[MEMBERS], after;
    char name[64];
    size_t same = 0;
    process stopped = start(LONG, "--checkpoint-every", "5", "--json", "--output", "@parts");
    process_await(&stopped, stopped.out, "\"event\":\"rung\"");
    kill(stopped.id, SIGTERM);
    assert_ended(process_end(&stopped), 75);
    for (size_t i = 0; i < MEMBERS; i++) {
        snprintf(name, sizeof name, "parts/member-%04zu.safetensors", i);
        ck_assert_int_eq(stat(scratch_path(name), &before[i]), 0);
    }
    stopped = start("sweep", "--resume", "@parts", "--json");
    process_await(&stopped, stopped.out, "\"event\":\"epoch\"");
    kill(stopped.id, SIGTERM);
    assert_ended(process_end(&stopped), 75);
    for (size_t i = 0; i < MEMBERS; i++) {
        snprintf(name, sizeof name, "parts/member-%04zu.safetensors", i);
        ck_assert_int_eq(stat(scratch_path(name), &after), 0);
        same += after.st_ino == before[i].st_ino && after.st_mtim.tv_sec == before[i].st_mtim.tv_sec &&
                after.st_mtim.tv_nsec == before[i].st_mtim.tv_nsec;
    }
    ck_assert_uint_ge(same, DROPPED);
}
END_TEST

static void pause_for(long milliseconds) {
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000}, NULL);
}

/* A pipe that has room for so many bytes. */
static void create_full_pipe(int ends[2], size_t room) {
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    const int capacity = fcntl(ends[1], F_SETPIPE_SZ, 4096);
    ck_assert_int_gt(capacity, (int)room);
    char *filler = calloc((size_t)capacity, 1);
    ck_assert_int_eq(write(ends[1], filler, (size_t)capacity - room), capacity - (ssize_t)room);
    free(filler);
}

/* A stop comes when all mini-batches up to a save are done, while nobody reads the line about their epoch: the next
 * ones do not begin. */
START_TEST(a_stop_before_a_save_is_heeded) {
    enum { ROOM = 200 }; /* for what is said at the beginning, and not for an epoch */
    static const char *const words[] = {SWEEP, "--search",           "hidden=5", "--count", "1",        "--epochs",
                                        "2",   "--checkpoint-every", "1",        "--json",  "--output", "@interrupted",
                                        NULL};
    int ends[2], filled = 0, there = 0;
    char drained[4096];
    create_full_pipe(ends, ROOM);
    ck_assert_int_eq(ioctl(ends[0], FIONREAD, &filled), 0);
    process stopped = start_words_into(fdopen(ends[1], "w"), tmpfile(), words);
    fclose(stopped.out);
    stopped.out = NULL;
    for (; there <= filled; pause_for(5)) ck_assert_int_eq(ioctl(ends[0], FIONREAD, &there), 0);
    pause_for(500); /* an epoch takes a millisecond */
    kill(stopped.id, SIGTERM);
    pause_for(200);
    while (read(ends[0], drained, sizeof drained) > 0) {
    }
    close(ends[0]);
    assert_ended(process_end(&stopped), 75);
    ck_assert(!scratch_exists("interrupted/model.safetensors"));
    assert_ended(run("sweep", "--resume", "@interrupted", "--quiet"), 0);
    assert_ended(run(SWEEP, "--search", "hidden=5", "--count", "1", "--epochs", "2", "--output", "@whole"), 0);
    assert_same_file("whole/model.safetensors", "interrupted/model.safetensors");
}
END_TEST

/* PoCL's CPU as two devices: whatever the members are spread over, and where they go on after a kill. */
START_TEST(a_sweep_over_devices_has_the_same_result) {
    assert_ended(run(SEARCHED, "--output", "@one"), 0);
    ck_assert_int_eq(setenv("POCL_DEVICES", "pthread pthread", 1), 0);
    outcome ended = run(SEARCHED, "--device", "all", "--json", "--workers", "3", "--output", "@all");
    ck_assert_int_eq(ended.status, 0);
    json_t *lines = json_lines(ended.out);
    ck_assert_double_eq(number_of(json_array_get(lines, 0), "workers"), 6); /* so there were two */
    json_decref(lines);
    outcome_release(&ended);
    assert_same_file("one/sweep.csv", "all/sweep.csv");
    assert_same_file("one/model.safetensors", "all/model.safetensors");
    assert_refused(run(SEARCHED, "--device", "0:0,nosuch", "--output", "@none"), 69, "no device matches 'nosuch'");
    assert_refused(run(SEARCHED, "--device", "0:0,0:1,0", "--output", "@none"), 2, "0 is device 0, which is named");
    ck_assert(!scratch_exists("none"));

    process killed = start(LONG, "--checkpoint-every", "50", "--device", "0:1,0:0", "--output", "@parts");
    process_await_file(&killed, "parts/member-0003.safetensors");
    kill(killed.id, SIGKILL);
    ended = process_end(&killed);
    ck_assert_int_eq(ended.status, -SIGKILL);
    outcome_release(&ended);
    process stopped = start("sweep", "--resume", "@parts", "--json", "--device", "all");
    process_await(&stopped, stopped.out, "\"epoch\"");
    kill(stopped.id, SIGTERM);
    assert_ended(process_end(&stopped), 75);
    unsetenv("POCL_DEVICES");
    assert_ended(run("sweep", "--resume", "@parts", "--device", "0", "--quiet"), 0);
    assert_ended(run(LONG, "--output", "@whole"), 0);
    assert_same_file("whole/sweep.csv", "parts/sweep.csv");
    assert_same_file("whole/model.safetensors", "parts/model.safetensors");
}
END_TEST

#define WAVE_MEMORY "150" /* KiB */

/* Of seven networks that a device has room for a few of at once: in waves, through all rungs, also where it was killed.
 */
START_TEST(a_sweep_in_waves_has_the_same_result) {
    assert_ended(run(SEARCHED, "--output", "@one"), 0);
    assert_ended(run(LONG, "--output", "@whole"), 0);
    ck_assert_int_eq(setenv("OPENCL_LAYERS", getenv("ODD_LAYER_PATH"), 1), 0);
    ck_assert_int_eq(setenv("ODD_LAYER", "memory=" WAVE_MEMORY, 1), 0);
    outcome ended = run("sweep", "--recipe", "seed", "--data", "@images", "--labels", "@labels", "--learning-rate",
                        "0.01..3", "--hidden", "6|4x2", "--count", "7", "--epochs", "9", "--output", "@waves");
    ck_assert_int_eq(ended.status, 0);
    ck_assert_ptr_nonnull(strstr(ended.err, "memory   has room for "));
    outcome_release(&ended);
    assert_same_file("one/sweep.csv", "waves/sweep.csv");
    assert_same_file("one/model.safetensors", "waves/model.safetensors");
    process killed = start(LONG, "--checkpoint-every", "50", "--output", "@parts");
    process_await_file(&killed, "parts/member-0003.safetensors");
    kill(killed.id, SIGKILL);
    ended = process_end(&killed);
    ck_assert_int_eq(ended.status, -SIGKILL);
    outcome_release(&ended);
    assert_ended(run("sweep", "--resume", "@parts", "--quiet"), 0);
    assert_same_file("whole/sweep.csv", "parts/sweep.csv");
    assert_same_file("whole/model.safetensors", "parts/model.safetensors");
    ck_assert_int_eq(setenv("ODD_LAYER", "memory=40", 1), 0);
    assert_refused(run(SEARCHED, "--output", "@none"), 1, "use narrower layers, fewer samples");
    ck_assert(!scratch_exists("none"));
}
END_TEST

static void remove_devices(void) {
    unsetenv("POCL_DEVICES");
    unsetenv("OPENCL_LAYERS");
    unsetenv("ODD_LAYER");
    fixture_remove();
}

Suite *sweep_suite(void) {
    Suite *suite = suite_create("sweep");
    TCase *tests = tcase_create("sweep");
    tcase_add_checked_fixture(tests, fixture_create_plain, remove_devices);
    tcase_add_test(tests, draws_are_within_their_ranges);
    tcase_add_test(tests, no_rounding_leaves_a_range);
    tcase_add_test(tests, searches_add_up);
    tcase_add_test(tests, a_draw_is_of_seed_option_and_number);
    tcase_add_test(tests, a_grid_has_each_combination_once);
    tcase_add_test(tests, a_search_is_told_from_a_value);
    tcase_add_test(tests, what_cannot_be_searched_is_refused);
    tcase_add_test(tests, rungs_are_of_thirds);
    tcase_add_test(tests, ranks_are_by_rung_then_figure);
    tcase_add_test(tests, a_setting_is_the_mean_of_its_seeds);
    tcase_add_test(tests, a_sweep_has_one_result);
    tcase_add_test(tests, a_member_is_what_train_makes);
    tcase_add_test(tests, initializations_may_be_searched);
    tcase_add_test(tests, a_file_may_search);
    tcase_add_test(tests, no_search_is_lost);
    tcase_add_test(tests, seeds_are_told_with_their_spread);
    tcase_add_test(tests, json_tells_rungs_and_settings);
    tcase_add_test(tests, settings_that_all_diverge_are_told);
    tcase_add_test(tests, a_finalist_that_diverges_costs_no_sweep);
    tcase_add_test(tests, a_sweep_over_devices_has_the_same_result);
    tcase_add_test(tests, a_killed_sweep_goes_on_to_the_same_bytes);
    tcase_add_test(tests, members_that_are_saved_are_not_saved_again);
    tcase_add_test(tests, a_stop_before_a_save_is_heeded);
    tcase_add_test(tests, a_sweep_in_waves_has_the_same_result);
    suite_add_tcase(suite, tests);
    return suite;
}
