#include "faults/faulty_run.h"
#include "command/system/exit.h"
#include "support/gzip_member.h"

#include <check.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_RUN_SECONDS = 1800, SAMPLES = 60 };

const scenario scenarios[SCENARIO_COUNT] = {
    {.name = "train layered", .words = TRAIN_WORDS("layered", "2"), .trains = true},
    {.name = "train resident", .words = TRAIN_WORDS("resident", "2"), .trains = true},
    {.name = "train auto",
     .words = (const char *const[]){TRAIN, "--valid-split", "0.25", "--hidden", "5", "--epochs", "2", "--batch-size",
                                    "8", "--no-self-test", "--quiet", "--force", "--output", "@run", NULL},
     .is_first_use = true,
     .trains = true,
     .plan_is_open = true},
    {.name = "dry run",
     .words = (const char *const[]){"train", "--data", "@images", "--labels", "@labels", "--hidden", "5", "--dry-run",
                                    "--json", NULL}},
    {.name = "evaluate",
     .words = (const char *const[]){"evaluate", "--model", "@model.safetensors", "--data", "@images", "--labels",
                                    "@labels", "--json", NULL}},
    {.name = "evaluate first",
     .words = (const char *const[]){"evaluate", "--model", "@model.safetensors", "--data", "@images", "--labels",
                                    "@labels", "--json", NULL},
     .is_first_use = true},
    {.name = "predict",
     .words =
         (const char *const[]){"predict", "--model", "@model.safetensors", "--data", "@images.gz", "--proba", NULL}},
};

void set_variable(const char *name, const char *format, ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ck_assert_int_eq(setenv(name, text, 1), 0);
}

void remove_run(void) {
    static const char *const names[] = {"run/config.json",
                                        "run/history.csv",
                                        "run/model.safetensors",
                                        "run/best.safetensors",
                                        "run/checkpoint.safetensors",
                                        "run/checkpoint-previous.safetensors",
                                        "run/checkpoint-next.safetensors",
                                        "run"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) (void)remove(scratch_path(names[i]));
}

/* As run_words(); a run that hangs is killed, which its status shows. */
static outcome run_within_time(const char *const *words) {
    const struct timespec pause = {.tv_nsec = 2000000};
    process started = start_words(words);
    for (long pauses = 0;; pauses++) {
        siginfo_t ended = {0};
        ck_assert_int_eq(waitid(P_PID, (id_t)started.id, &ended, WEXITED | WNOHANG | WNOWAIT), 0);
        if (ended.si_pid != 0) break;
        if (pauses == LONGEST_RUN_SECONDS * 500) kill(started.id, SIGKILL);
        nanosleep(&pause, NULL);
    }
    return process_end(&started);
}

/* Compiled kernels stay where they are kept otherwise: compiling is no part of what is tested. */
static void keep_compiled_kernels(void) {
    const char *cache = getenv("XDG_CACHE_HOME");
    if (cache && !getenv("POCL_CACHE_DIR")) set_variable("POCL_CACHE_DIR", "%s/pocl/kcache", cache);
}

void faults_create(void) {
    fixture_create();
    keep_compiled_kernels();
    fixture_write_images("images", "labels", SAMPLES);
    size_t byte_count = 0;
    unsigned char *images = file_read(scratch_path("images"), &byte_count);
    size_t gzip_count = 0;
    unsigned char *gzip = gzip_member(images, byte_count, &gzip_count);
    scratch_write("images.gz", gzip, gzip_count);
    free(gzip);
    free(images);
    set_variable("OPENCL_LAYERS", "%s", getenv("TEST_LAYER"));
    set_variable("LAYER_LOG", "%s", scratch_path("log"));
    trial first = trial_run(&scenarios[0], false);
    assert_status(&first.ended, EXIT_DONE);
    trial_release(&first);
    unsigned char *model = file_read(scratch_path("run/model.safetensors"), &byte_count);
    scratch_write("model.safetensors", model, byte_count);
    free(model);
}

static bool is_documented(int status) {
    static const int known[] = {EXIT_DONE,  EXIT_RUN_TIME, EXIT_USAGE, EXIT_DATA,    EXIT_NO_INPUT, EXIT_DEVICE,
                                EXIT_WRONG, EXIT_CREATE,   EXIT_WRITE, EXIT_STOPPED, EXIT_DIVERGED};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (status == known[i]) return true;
    return false;
}

const char *trial_problem(const trial *tried) {
    const outcome *ended = &tried->ended;
    const char *sentence = strstr(ended->err, "epocl: ");
    if (strstr(ended->err, "Sanitizer") || strstr(ended->err, "runtime error:")) return "a sanitizer reports";
    if (ended->status < 0) return "ended by a signal";
    if (!is_documented(ended->status)) return "an exit status that is not documented";
    if (ended->status != EXIT_DONE && (!sentence || strcmp(sentence, "epocl: \n") == 0))
        return "failed without a sentence";
    if (tried->log.call_count > 0 && !tried->log.has_end) return "the layer's log has no end";
    return *tried->log.problem ? tried->log.problem : NULL;
}

trial trial_run(const scenario *of, bool keeps_run) {
    if (!keeps_run) remove_run();
    unlink(scratch_path("log"));
    set_variable("XDG_CACHE_HOME", "%s", of->is_first_use ? "/dev/null/none" : scratch_path("cache"));
    trial tried = {.ended = run_within_time(of->words)};
    tried.log = call_log_read(scratch_path("log"));
    return tried;
}

void trial_release(trial *tried) {
    call_log_release(&tried->log);
    outcome_release(&tried->ended);
}

expectation expect(const scenario *of) {
    trial tried = trial_run(of, false);
    const char *problem = trial_problem(&tried);
    assert_status(&tried.ended, EXIT_DONE);
    ck_assert_msg(!problem, "%s, undisturbed: %s", of->name, problem);
    ck_assert_uint_gt(tried.log.call_count, 0);
    const expectation whole = {
        .of = of, .call_count = tried.log.call_count, .out = tried.ended.out, .files = run_files_read("run")};
    tried.ended.out = NULL;
    trial_release(&tried);
    return whole;
}

void expectation_release(expectation *whole) {
    run_files_release(&whole->files);
    free(whole->out);
}

const char *done_problem(const outcome *ended, const expectation *whole) {
    if (ended->status != EXIT_DONE) return "failed, though nothing that matters did";
    if (strcmp(ended->out, whole->out) != 0) return "done, but its output is not as it is without the fault";
    return whole->of->trains ? run_files_incomplete("run", &whole->files) : NULL;
}

const char *failed_problem(const outcome *ended, const expectation *whole, int status) {
    if (ended->status == EXIT_DONE) return "done in spite of the failure";
    if (ended->status != status) return "not the exit status for this failure";
    if (*ended->out) return "failed, but printed";
    return whole->of->trains ? run_files_problem("run", NULL, &whole->files, false) : NULL;
}

void tally_wrong(tally *counted, const char *fault, const outcome *ended, const char *format, ...) {
    counted->wrong++;
    printf("WRONG: %s: ", fault);
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf(" (status %d): %s\n", ended->status, ended->err);
    fflush(stdout);
}

void tally_end(const tally *counted) {
    printf("%s: %lu, wrong: %lu\n", counted->what, counted->tried, counted->wrong);
    fflush(stdout);
    ck_assert_uint_gt(counted->tried, 0);
    ck_assert_msg(counted->wrong == 0, "%lu of %lu went wrong: %s", counted->wrong, counted->tried, counted->what);
}

fault_range choose_faults(const char *scenario_name, unsigned long count, const char *what) {
    const char *text = getenv("FAULTS_SAMPLE");
    const unsigned long wanted = text ? strtoul(text, NULL, 10) : count;
    const unsigned long stride = wanted > 0 && wanted < count ? (count + wanted - 1) / wanted : 1;
    printf("%s: %lu %s, one in %lu\n", scenario_name, count, what, stride);
    fflush(stdout);
    return (fault_range){.begin = 1 + stride / 2, .stride = stride};
}
