/* Every operation of a training run that changes files fails, or the process is killed in it. */
#include "command/system/exit.h"
#include "faults/faulty_run.h"
#include "faults/preload_log.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Two runs into the same folder: `older` is there, and `whole` takes its place. What `whole` saves when the disk takes
 * no history is the model of `one_epoch`. */
typedef struct overwriting {
    expectation older, whole, one_epoch;
} overwriting;

static const scenario older_run = {.name = "older run",
                                   .words = (const char *const[]){"train", "--data", "@images", "--labels", "@labels",
                                                                  "--hidden", "7", "--epochs", "3", "--plan", "layered",
                                                                  "--quiet", "--force", "--output", "@run", NULL},
                                   .trains = true};

static const scenario one_epoch_run = {.name = "one epoch", .words = TRAIN_WORDS("layered", "1"), .trains = true};

static overwriting overwriting_begin(void) {
    preload_begin();
    return (overwriting){
        .older = expect(&older_run), .whole = expect(&scenarios[0]), .one_epoch = expect(&one_epoch_run)};
}

static void overwriting_end(overwriting *both) {
    expectation_release(&both->older);
    expectation_release(&both->whole);
    expectation_release(&both->one_epoch);
}

/* What killed runs have left. */
static void remove_temporary_files(void) {
    DIR *listing = opendir(scratch_path("run"));
    char name[300];
    for (const struct dirent *entry; listing && (entry = readdir(listing));) {
        snprintf(name, sizeof name, "run/%.255s", entry->d_name);
        if (strncmp(entry->d_name, ".epocl-", 7) == 0) unlink(scratch_path(name));
    }
    if (listing) closedir(listing);
}

/* Puts the older run, or nothing, where the next run writes. */
static void set_folder(const overwriting *both, bool is_used) {
    remove_temporary_files();
    remove_run();
    if (is_used) run_files_write("run", &both->older.files);
}

/* The changes that a run makes which nothing disturbs. */
static unsigned long count_changes(const overwriting *both, bool is_used) {
    set_folder(both, is_used);
    trial tried = trial_run(both->whole.of, true);
    assert_status(&tried.ended, EXIT_DONE);
    trial_release(&tried);
    return preload_log_read(false).writes;
}

static const char *judge_failed(const trial *tried, const overwriting *both, bool is_used, const char *reason) {
    const preload_log log = preload_log_read(tried->ended.status < 0);
    const int status = tried->ended.status;
    const char *problem = trial_problem(tried);
    if (problem) return problem;
    /* A folder that is there needs not be made, and a history that cannot be added to is made anew. */
    if (log.failed_count == 0 || (status == EXIT_DONE && (log.has_failed_mkdir || log.has_failed_openat)))
        return done_problem(&tried->ended, &both->whole);
    if (status == EXIT_DONE) return "done in spite of the failure";
    if (status != EXIT_WRITE && status != EXIT_CREATE) return "not the exit status for this failure";
    if (!strstr(tried->ended.err, reason)) return "does not say why";

    const run_files *older = is_used ? &both->older.files : NULL;
    run_files early = both->whole.files;
    early.model = both->one_epoch.files.model;
    early.model_bytes = both->one_epoch.files.model_bytes;
    problem = run_files_problem("run", older, &early, log.has_failed_removal); /* what cannot be removed stays */
    return problem ? run_files_problem("run", older, &both->whole.files, log.has_failed_removal) : NULL;
}

static void try_failure(const overwriting *both, bool is_used, unsigned long number, const char *suffix, int code,
                        tally *counted) {
    char fault[120];
    set_folder(both, is_used);
    set_variable("FAULT_WRITE", "%lu%s", number, suffix);
    set_variable("FAULT_ERRNO", "%d", code);
    trial tried = trial_run(both->whole.of, true);
    const char *problem = judge_failed(&tried, both, is_used, strerror(code));
    snprintf(fault, sizeof fault, "%s folder, change %lu%s, %s", is_used ? "used" : "new", number, suffix,
             strerror(code));
    if (problem) tally_wrong(counted, fault, &tried.ended, "%s", problem);
    counted->tried++;
    trial_release(&tried);
}

START_TEST(every_write_fails) {
    tally counted = {.what = "writes failed"};
    overwriting both = overwriting_begin();
    for (int is_used = 0; is_used <= 1; is_used++) {
        unsetenv("FAULT_WRITE");
        const unsigned long count = count_changes(&both, is_used);
        const fault_range chosen = choose_faults(is_used ? "used folder" : "new folder", count, "changes of files");
        for (unsigned long number = chosen.begin; number <= count; number += chosen.stride) {
            try_failure(&both, is_used, number, "", EIO, &counted);
            try_failure(&both, is_used, number, "", ENOSPC, &counted);
            try_failure(&both, is_used, number, "+", ENOSPC, &counted);
        }
    }
    overwriting_end(&both);
    tally_end(&counted);
}
END_TEST

static const char *judge_killed(const trial *tried, const overwriting *both, bool is_used) {
    preload_log_read(true);
    if (tried->ended.status != -9) return "was not killed";
    return run_files_problem("run", is_used ? &both->older.files : NULL, &both->whole.files, true);
}

/* A run with --force into what the killed one has left. */
static const char *judge_rerun(const trial *tried, const overwriting *both) {
    preload_log_read(false);
    remove_temporary_files();
    const char *problem = trial_problem(tried);
    return problem ? problem : done_problem(&tried->ended, &both->whole);
}

static void try_kill(const overwriting *both, bool is_used, unsigned long number, tally *counted) {
    char fault[120];
    snprintf(fault, sizeof fault, "%s folder, killed at change %lu", is_used ? "used" : "new", number);
    set_folder(both, is_used);
    set_variable("FAULT_KILL", "%lu", number);
    trial killed = trial_run(both->whole.of, true);
    const char *problem = judge_killed(&killed, both, is_used);
    if (problem) tally_wrong(counted, fault, &killed.ended, "%s", problem);
    trial_release(&killed);

    unsetenv("FAULT_KILL");
    trial again = trial_run(both->whole.of, true);
    const char *rerun_problem = judge_rerun(&again, both);
    if (rerun_problem) tally_wrong(counted, fault, &again.ended, "the next run: %s", rerun_problem);
    trial_release(&again);
    counted->tried++;
}

START_TEST(killed_at_every_write) {
    tally counted = {.what = "kills"};
    overwriting both = overwriting_begin();
    for (int is_used = 0; is_used <= 1; is_used++) {
        const unsigned long count = count_changes(&both, is_used);
        const fault_range chosen = choose_faults(is_used ? "used folder" : "new folder", count, "changes of files");
        for (unsigned long number = chosen.begin; number <= count; number += chosen.stride)
            try_kill(&both, is_used, number, &counted);
    }
    overwriting_end(&both);
    tally_end(&counted);
}
END_TEST

Suite *writes_suite(void);

Suite *writes_suite(void) {
    Suite *suite = suite_create("writes");
    TCase *tests = tcase_create("every change of a file");
    tcase_add_checked_fixture(tests, faults_create, fixture_remove);
    tcase_add_test(tests, every_write_fails);
    tcase_add_test(tests, killed_at_every_write);
    suite_add_tcase(suite, tests);
    return suite;
}
