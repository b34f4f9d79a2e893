/* In which order a run changes its files: so that after a loss of power, too, each is wholly old or wholly new, and
 * config.json never stands beside what an older run has left. */
#include "command/system/exit.h"
#include "faults/faulty_run.h"
#include "faults/preload_log.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CHANGES = 2000 };

/* What tests/preload says of the changes, in order. */
typedef struct change {
    char what[8], path[512];
} change;

static change changes[MOST_CHANGES];
static size_t change_count;

static const scenario saving_run = {.name = "saving run",
                                    .words = (const char *const[]){TRAIN, "--valid-split", "0.25", "--hidden", "5",
                                                                   "--epochs", "3", "--plan", "layered",
                                                                   "--checkpoint-every", "1", "--quiet", "--force",
                                                                   "--output", "@run", NULL},
                                    .trains = true};

static void trace_run(void) {
    set_variable("FAULT_TRACE", "%s", scratch_path("trace"));
    trial tried = trial_run(&saving_run, true);
    assert_status(&tried.ended, EXIT_DONE);
    trial_release(&tried);
    unsetenv("FAULT_TRACE");
    FILE *file = fopen(scratch_path("trace"), "r");
    ck_assert_ptr_nonnull(file);
    for (change_count = 0; change_count < MOST_CHANGES; change_count++)
        if (fscanf(file, "%7s %511s", changes[change_count].what, changes[change_count].path) != 2) break;
    ck_assert_uint_lt(change_count, MOST_CHANGES);
    fclose(file);
    unlink(scratch_path("trace"));
}

/* A checked fixture: what the second run into a folder did to its files. */
static void order_create(void) {
    faults_create();
    preload_begin();
    trial_release(&(trial[]){trial_run(&saving_run, false)}[0]);
    trace_run();
}

static bool is_of_run(const change *one, const char *name) {
    const char *run = strstr(one->path, "/run/");
    return run && (!name || strcmp(run + 5, name) == 0);
}

/* The last change before `end` of the file of that path, which may be none. */
static const change *last_change(const char *path, size_t end) {
    while (end-- > 0)
        if (strcmp(changes[end].path, path) == 0) return &changes[end];
    return NULL;
}

/* Whether the path is that of the folder with the file. */
static bool is_folder_of(const char *folder, const char *file) {
    return strncmp(folder, file, strlen(folder)) == 0 && strrchr(file, '/') == file + strlen(folder);
}

START_TEST(a_file_is_on_the_disk_before_it_takes_its_place) {
    size_t new_count = 0;
    for (size_t i = 0; i < change_count; i++) {
        if (strcmp(changes[i].what, "from") != 0 || !strstr(changes[i].path, "/run/.epocl-")) continue;
        const change *last = last_change(changes[i].path, i);
        ck_assert_msg(last && strcmp(last->what, "fsync") == 0, "%s becomes %s, but was last changed by: %s",
                      changes[i].path, changes[i + 1].path, last ? last->what : "nothing");
        new_count++;
    }
    ck_assert_uint_ge(new_count, 6); /* configuration, model, best model, three checkpoints */
}
END_TEST

START_TEST(a_name_is_on_the_disk_before_the_next_change) {
    static const char *const names[] = {"config.json", "model.safetensors", "best.safetensors",
                                        "checkpoint.safetensors", "checkpoint-previous.safetensors"};
    size_t counts[sizeof names / sizeof *names] = {0};
    for (size_t i = 0; i < change_count; i++) {
        if (strcmp(changes[i].what, "to") != 0 || !is_of_run(&changes[i], NULL)) continue;
        ck_assert_uint_lt(i + 1, change_count);
        ck_assert_msg(strcmp(changes[i + 1].what, "fsync") == 0 && is_folder_of(changes[i + 1].path, changes[i].path),
                      "%s has its name, and next comes: %s %s", changes[i].path, changes[i + 1].what,
                      changes[i + 1].path);
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) counts[k] += is_of_run(&changes[i], names[k]);
    }
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) ck_assert_msg(counts[k] > 0, "%s is missing", names[k]);
}
END_TEST

START_TEST(history_is_on_the_disk_at_the_end) {
    size_t end = change_count;
    while (end > 0 && !is_of_run(&changes[end - 1], "history.csv")) end--;
    ck_assert_uint_gt(end, 0);
    ck_assert_str_eq(changes[end - 1].what, "fsync");
}
END_TEST

START_TEST(an_older_run_is_gone_before_the_configuration_changes) {
    size_t removed_count = 0;
    bool has_config = false;
    for (size_t i = 0; i < change_count; i++) {
        if (strcmp(changes[i].what, "to") == 0 && is_of_run(&changes[i], "config.json")) has_config = true;
        if (strcmp(changes[i].what, "unlink") != 0 || !is_of_run(&changes[i], NULL)) continue;
        if (strstr(changes[i].path, "/.epocl-")) continue;
        ck_assert_msg(!has_config, "%s is removed after config.json has its place", changes[i].path);
        removed_count++;
    }
    ck_assert(has_config);
    ck_assert_uint_ge(removed_count, 5); /* history, model, best model, two checkpoints */
}
END_TEST

Suite *order_suite(void);

Suite *order_suite(void) {
    Suite *suite = suite_create("order");
    TCase *tests = tcase_create("order of changes");
    tcase_add_checked_fixture(tests, order_create, fixture_remove);
    tcase_add_test(tests, a_file_is_on_the_disk_before_it_takes_its_place);
    tcase_add_test(tests, a_name_is_on_the_disk_before_the_next_change);
    tcase_add_test(tests, history_is_on_the_disk_at_the_end);
    tcase_add_test(tests, an_older_run_is_gone_before_the_configuration_changes);
    suite_add_tcase(suite, tests);
    return suite;
}
