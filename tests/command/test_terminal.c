/* What reaches the terminal is text, whatever the texts are that epocl passes on. */
#include "command/fixture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

Suite *terminal_suite(void);

/* A title for the window, a colour by C1's CSI, Latin-1, an override of direction, and a line of its own. */
#define NASTY                                                                                                          \
    "\033]0;title\a \302\233"                                                                                          \
    "31m M\374nchen \342\200\256 \177\nepocl: all is well"
#define NASTY_SHOWN "?]0;title? ??31m M?nchen ??? ??epocl: all is well"

static outcome assert_text(outcome ended, int status) {
    assert_status(&ended, status);
    assert_text_only(ended.out);
    assert_text_only(ended.err);
    ck_assert_msg(!strstr(ended.err, "\nepocl: all is well") && !strstr(ended.out, "\nepocl: all is well"),
                  "a line that is not epocl's: %s%s", ended.out, ended.err);
    return ended;
}

static void expect_text(outcome ended, int status) {
    ended = assert_text(ended, status);
    outcome_release(&ended);
}

START_TEST(paths_are_text) {
    outcome ended = assert_text(
        run("train", "--recipe", "seed", "--data", "@" NASTY, "--labels", "@labels", "--output", "@run"), 66);
    assert_contains(ended.err, "/" NASTY_SHOWN ": cannot open");
    outcome_release(&ended);
    expect_text(run("inspect", "--model", "@" NASTY), 66);
    expect_text(run("train", "--resume", "@" NASTY), 66);

    ended = assert_text(run(TRAIN, "--epochs", "1", "--output", "@" NASTY), 0);
    assert_contains(ended.err, "/" NASTY_SHOWN "/model.safetensors");
    outcome_release(&ended);
    ended = assert_text(run("train", "--resume", "@" NASTY, "--epochs", "2", "--json", "--quiet"), 0);
    json_t *lines = json_lines(ended.out);
    assert_contains(text_of(json_array_get(lines, json_array_size(lines) - 1), "run"), "\033]0;title\a \302\233"
                                                                                       "31m");
    json_decref(lines);
    outcome_release(&ended);
    expect_text(run("inspect", "--model", "@" NASTY "/model.safetensors"), 0);
    expect_text(run(TRAIN, "--epochs", "1", "--output", "@" NASTY), 73);
}
END_TEST

START_TEST(words_and_variables_are_text) {
    expect_text(run(NASTY), 2);
    expect_text(run("train", "--" NASTY), 2);
    expect_text(run(TRAIN, "--activation", NASTY, "--dry-run"), 2);
    expect_text(run(TRAIN, "--matmul", "tile:" NASTY, "--dry-run"), 2);
    expect_text(run(TRAIN, "--device", NASTY, "--dry-run"), 69);
    setenv("EPOCL_DEVICE", NASTY, 1);
    expect_text(run("doctor"), 0);
    outcome ended = assert_text(run("doctor", "--json"), 0);
    json_decref(json_lines(ended.out));
    outcome_release(&ended);
    unsetenv("EPOCL_DEVICE");
}
END_TEST

START_TEST(files_are_text) {
    static const char *const configs[] = {"{\"" NASTY "\": 1, tru" NASTY "}", "\"\\u001b[31m" NASTY,
                                          "{\"schema\": 1, \"settings\": {\"\\u001b[31m\\u009b31m\": 1}}"};
    ck_assert_int_eq(mkdir(scratch_path("run"), 0777), 0);
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        scratch_write("run/config.json", configs[i], strlen(configs[i]));
        expect_text(run("train", "--resume", "@run"), 65);
    }
    static const char library[] = "lib\033[31m\302\233no\377.so";
    ck_assert_int_eq(mkdir(scratch_path("vendors"), 0777), 0);
    scratch_write("vendors/nasty\033.icd", library, strlen(library));
    ck_assert_int_eq(setenv("OCL_ICD_VENDORS", scratch_path("vendors"), 1), 0);
    outcome ended = assert_text(run("doctor"), 69);
    assert_contains(ended.out, "lib?[31m??no?.so");
    outcome_release(&ended);
    ended = assert_text(run("doctor", "--json"), 69);
    json_decref(json_lines(ended.out));
    outcome_release(&ended);
}
END_TEST

/* A kernel that does not compile: the compiler's log shows its lines, each of them indented. */
START_TEST(a_log_is_text) {
    static const char kernel[] = "#error \033[31m \302\233 \377\n";
    static const char *const names[] = {"initialize", "shuffle", "gather", "metrics"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s.cl", names[i]);
        scratch_write(name, i ? "\n" : kernel, i ? 1 : strlen(kernel));
    }
    setenv("EPOCL_KERNEL_DIR", scratch_path("."), 1);
    outcome ended = run(TRAIN, "--output", "@run", "--matmul", "plain", "--no-self-test");
    unsetenv("EPOCL_KERNEL_DIR");
    ck_assert_int_ne(ended.status, 0);
    assert_contains(ended.err, "clBuildProgram");
    assert_text_only(ended.err);
    outcome_release(&ended);
}
END_TEST

Suite *terminal_suite(void) {
    Suite *suite = suite_create("terminal");
    TCase *terminal = tcase_create("terminal");
    tcase_add_checked_fixture(terminal, fixture_create_plain, fixture_remove);
    tcase_add_test(terminal, paths_are_text);
    tcase_add_test(terminal, words_and_variables_are_text);
    tcase_add_test(terminal, files_are_text);
    tcase_add_test(terminal, a_log_is_text);
    suite_add_tcase(suite, terminal);
    return suite;
}
