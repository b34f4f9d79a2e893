/* A run as a page: whole and well-formed, with nothing from elsewhere, whatever is in the run's files. */
#include "command/flats.h"

#include "support/idx_file.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

Suite *report_suite(void);

/* The page that these words write, which the caller frees. */
static char *page_of(const char *name, const char *const *words) {
    outcome ended = run_words(words);
    assert_status(&ended, 0);
    outcome_release(&ended);
    assert_well_formed(scratch_path(name));
    size_t byte_count = 0;
    unsigned char *bytes = file_read(scratch_path(name), &byte_count);
    char *text = malloc(byte_count + 1);
    ck_assert_ptr_nonnull(text);
    memcpy(text, bytes, byte_count);
    text[byte_count] = '\0';
    free(bytes);
    ck_assert_ptr_null(strstr(text, "<script"));
    ck_assert_ptr_null(strstr(text, "http:"));
    ck_assert_ptr_null(strstr(text, "https:"));
    ck_assert_ptr_null(strstr(text, "url("));
    ck_assert_ptr_null(strstr(text, "nan"));
    return text;
}
#define PAGE(name, ...) page_of(name, (const char *const[]){"report", __VA_ARGS__, NULL})

static void write_text(const char *name, const char *text) {
    scratch_write(name, text, strlen(text));
}

START_TEST(a_run_of_classes_has_all_sections) {
    assert_ended(run(TRAIN, "--valid-split", "0.25", "--epochs", "3", "--quiet", "--output", "@run"), 0);
    char *page = PAGE("run/report.html", "@run");
    assert_contains(page, "<h2>Learning curves</h2>");
    assert_contains(page, "The model, on the validation data of the run: 60 samples.");
    assert_contains(page, "<th>balanced accuracy</th>");
    assert_contains(page, "<table class=\"matrix\">");
    assert_contains(page, "<h2>Calibration</h2>");
    assert_contains(page, "16-3");
    assert_contains(page, "prefers-color-scheme:dark");
    free(page);
    page = PAGE("other.html", "@run", "--data", "@images", "--labels", "@labels", "--output", "@other.html");
    assert_contains(page, ": 240 samples.");
    free(page);
}
END_TEST

/* The matrix is that of the metrics: its rows are as long as the classes are frequent. */
START_TEST(the_figures_are_those_of_evaluate) {
    assert_ended(
        run(TRAIN, "--valid", "@images", "--valid-labels", "@labels", "--epochs", "3", "--quiet", "--output", "@run"),
        0);
    char *page = PAGE("run/report.html", "@run");
    outcome ended = run("evaluate", "--json", "--model", "@run", "--data", "@images", "--labels", "@labels");
    assert_status(&ended, 0);
    json_t *lines = json_lines(ended.out);
    const json_t *line = json_array_get(lines, 0), *matrix = json_object_get(line, "confusion_matrix");
    char cell[64];
    snprintf(cell, sizeof cell, "<th>accuracy</th><td>%.5g</td>", number_of(line, "accuracy"));
    assert_contains(page, cell);
    const char *place = strstr(page, "class=\"matrix\"");
    for (size_t row = 0; row < FIXTURE_CLASSES; row++)
        for (size_t column = 0; column < FIXTURE_CLASSES; column++) {
            snprintf(cell, sizeof cell, ">%g</td>",
                     json_number_value(json_array_get(json_array_get(matrix, row), column)));
            place = strstr(strstr(place, "<td"), ">");
            ck_assert_msg(strncmp(place, cell, strlen(cell)) == 0, "%.20s, not %s", place, cell);
        }
    json_decref(lines);
    outcome_release(&ended);
    free(page);
}
END_TEST

static void write_table(const char *name) {
    char text[1 << 14] = "size,town <b>,price & tax\n";
    for (int i = 0; i < 200; i++)
        sprintf(text + strlen(text), "%d,%s,%d\n", i % 17, i % 3 ? "\"a<i>\"" : "b",
                1000 * (i % 17) + 500 * (i % 3 > 0));
    write_text(name, text);
}

START_TEST(a_run_of_values_has_residuals) {
    write_table("table.csv");
    assert_ended(run("train", "@table.csv", "--target", "price & tax", "--epochs", "3", "--quiet", "--output", "@run"),
                 0);
    char *page = PAGE("run/report.html", "@run");
    assert_contains(page, "<h2>Residuals of price &amp; tax</h2>");
    assert_contains(page, "predicted less true");
    assert_contains(page, "--target &#39;price &amp; tax&#39;");
    ck_assert_ptr_null(strstr(page, "Calibration</h2>"));
    free(page);
}
END_TEST

/* Of each column what `epocl importance` says of the same rows, the first column first. */
START_TEST(importance_is_there_when_asked_for) {
    char cell[128];
    flats_write("flats.csv", true, 0, FLATS);
    flats_write("new.csv", true, FLATS, NEW_FLATS);
    train(FLAT_TABLE, "--target", "price", "--features", "area,kind,quarter", "--output", "@run", "--seed", "9");
    char *page = PAGE("plain.html", "@run", "--output", "@plain.html");
    ck_assert_ptr_null(strstr(page, "What it goes by"));
    free(page);
    page = PAGE("page.html", "@run", "--data", "@new.csv", "--importance", "--output", "@page.html");
    char *text = output("importance", "--model", "@run", "--data", "@new.csv", "--json", "--seed", "9");
    json_t *lines = json_lines(text);
    const json_t *columns = json_object_get(json_array_get(lines, 0), "columns");
    ck_assert_uint_eq(json_array_size(columns), 3);
    const char *place = strstr(page, "<h2>What it goes by</h2>");
    ck_assert_ptr_nonnull(place);
    assert_contains(place, "rises by</th>");
    for (size_t i = 0; i < 3; i++) {
        const json_t *column = json_array_get(columns, i);
        snprintf(cell, sizeof cell, "<tr><th>%s</th><td class=\"n\">%.5g</td><td class=\"n\">%.3g</td>",
                 text_of(column, "name"), number_of(column, "mean"), number_of(column, "deviation"));
        ck_assert_msg(strstr(place, cell) != NULL, "%s", cell);
        place = strstr(place, cell);
    }
    json_decref(lines);
    free(text);
    free(page);
    assert_ended(run(TRAIN, "--valid-split", "0.25", "--hidden", "4", "--epochs", "1", "--output", "@idx", "--quiet"),
                 0);
    assert_refused(run("report", "@idx", "--importance"), 2, "was not trained on a table");
}
END_TEST

START_TEST(texts_are_escaped) {
    ck_assert_int_eq(mkdir(scratch_path("run"), 0777), 0);
    write_text("run/config.json",
               "{\"settings\": {\"data\": \"<script>alert(1)</script>\", \"<img/>\": \"]]>\\u0007\"}, "
               "\"device\": {\"name\": \"a & b\\u202e\\\"'\"}, \"plan\": \"</pre><h1>\"}");
    write_text("run/history.csv",
               "epoch,train_cost,train_accuracy,valid_cost,valid_accuracy,seconds,samples_per_second\n"
               "1,0.5,,,,0.5,100\n");
    char *page = PAGE("run/report.html", "@run");
    assert_contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;");
    assert_contains(page, "<th>&lt;img/&gt;</th><td>]]&gt;?</td>");
    assert_contains(page, "a &amp; b???&quot;&#39;");
    assert_contains(page, "&lt;/pre&gt;&lt;h1&gt;");
    assert_contains(page, "there is no model.safetensors yet");
    assert_contains(page, "Nothing was evaluated: ");
    free(page);
}
END_TEST

START_TEST(data_that_are_gone_leave_a_page_without_them) {
    assert_ended(
        run(TRAIN, "--valid", "@images", "--valid-labels", "@labels", "--epochs", "2", "--quiet", "--output", "@run"),
        0);
    ck_assert_int_eq(rename(scratch_path("images"), scratch_path("moved")), 0);
    char *page = PAGE("run/report.html", "@run");
    assert_contains(page, "Nothing was evaluated: ");
    assert_contains(page, "<h2>Learning curves</h2>");
    free(page);
    assert_refused(run("report", "@run", "--data", "@images", "--labels", "@labels"), 66, "images");
    assert_refused(run("report", "@run", "--data", "@moved"), 2, "needs --labels FILE");
    assert_refused(run("report"), 2, "epocl report needs --run DIR");
    assert_refused(run("report", "@"), 66, "holds no run");
}
END_TEST

/* The command line of a page, with the run's folder in the place of NEW; run by a shell. */
static void run_again(const char *page) {
    static char line[1 << 13];
    const char *from = strstr(page, "<pre>epocl ") + strlen("<pre>epocl ");
    const char *program = getenv("EPOCL");
    size_t used = (size_t)snprintf(line, sizeof line, "'%s' ", program);
    static const struct {
        const char *entity;
        char character;
    } entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
    while (strncmp(from, "NEW</pre>", 9) != 0) {
        char c = *from++;
        for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
            if (strncmp(from - 1, entities[i].entity, strlen(entities[i].entity)) == 0) {
                c = entities[i].character;
                from += strlen(entities[i].entity) - 1;
                break;
            }
        ck_assert_uint_lt(used + 1, sizeof line);
        line[used++] = c;
    }
    snprintf(line + used, sizeof line - used, "'%s' --quiet", scratch_path("again"));
    const int status = system(line);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s", line);
}

static const char *const lines[][24] = {
    {TRAIN, "--valid-split", "0.25", "--hidden", "9:tanh,5:relu", "--seed", "11", "--schedule", "step", "--epochs",
     "2"},
    {"train", "--data", "@images", "--labels", "@labels", "--dropout", "0.25", "--hidden", "8", "--epochs", "2"},
    {"train", "@table.csv", "--target", "price & tax", "--epochs", "2", "--hidden", "8", "--plan", "layered"},
};

START_TEST(the_command_line_makes_the_run_again) {
    const char *words[32];
    size_t count = 0;
    write_table("table.csv");
    for (; lines[_i][count]; count++) words[count] = lines[_i][count];
    words[count++] = "--quiet";
    words[count++] = "--output";
    words[count++] = "@run";
    words[count] = NULL;
    assert_ended(run_words(words), 0);
    char *page = PAGE("run/report.html", "@run");
    run_again(page);
    size_t byte_count = 0, again_count = 0;
    unsigned char *model = file_read(scratch_path("run/model.safetensors"), &byte_count);
    unsigned char *again = file_read(scratch_path("again/model.safetensors"), &again_count);
    ck_assert_uint_eq(byte_count, again_count);
    ck_assert_mem_eq(model, again, byte_count);
    free(model);
    free(again);
    free(page);
}
END_TEST

Suite *report_suite(void) {
    Suite *suite = suite_create("report");
    TCase *tcase = tcase_create("report");
    tcase_add_checked_fixture(tcase, fixture_create_plain, fixture_remove);
    tcase_add_test(tcase, a_run_of_classes_has_all_sections);
    tcase_add_test(tcase, the_figures_are_those_of_evaluate);
    tcase_add_test(tcase, a_run_of_values_has_residuals);
    tcase_add_test(tcase, importance_is_there_when_asked_for);
    tcase_add_test(tcase, texts_are_escaped);
    tcase_add_test(tcase, data_that_are_gone_leave_a_page_without_them);
    tcase_add_loop_test(tcase, the_command_line_makes_the_run_again, 0, (int)(sizeof lines / sizeof *lines));
    suite_add_tcase(suite, tcase);
    return suite;
}
