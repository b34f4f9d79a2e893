#include "faults/faulty_run.h"
#include "command/exit.h"

#include <check.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { LONGEST_RUN_SECONDS = 300, SAMPLES = 60 };

#define TRAIN_WORDS(plan)                                                                                              \
    (const char *const[]) {                                                                                            \
        "train", "--data", "@images", "--labels", "@labels", "--valid-split", "0.25", "--hidden", "5", "--epochs",     \
            "2", "--batch-size", "8", "--plan", plan, "--quiet", "--force", "--output", "@run", NULL                   \
    }

const scenario scenarios[SCENARIO_COUNT] = {
    {.name = "train layered", .words = TRAIN_WORDS("layered"), .trains = true},
    {.name = "train resident", .words = TRAIN_WORDS("resident"), .trains = true},
    {.name = "train auto", .words = TRAIN_WORDS("auto"), .trains = true, .plan_is_open = true},
    {.name = "evaluate",
     .words = (const char *const[]){"evaluate", "--model", "@model.safetensors", "--data", "@images", "--labels",
                                    "@labels", "--json", NULL}},
    {.name = "predict",
     .words = (const char *const[]){"predict", "--model", "@model.safetensors", "--data", "@images", "--proba", NULL}},
};

void set_variable(const char *name, const char *format, ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ck_assert_int_eq(setenv(name, text, 1), 0);
}

void faults_create(void) {
    fixture_create();
    fixture_write_images("images", "labels", SAMPLES);
    outcome ended = run_within_time(scenarios[0].words);
    assert_status(&ended, EXIT_DONE);
    outcome_release(&ended);
    size_t byte_count = 0;
    unsigned char *model = file_read(scratch_path("run/model.safetensors"), &byte_count);
    scratch_write("model.safetensors", model, byte_count);
    free(model);
}

outcome run_within_time(const char *const *words) {
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

static bool is_documented(int status) {
    static const int known[] = {EXIT_DONE,  EXIT_RUN_TIME, EXIT_USAGE, EXIT_DATA,    EXIT_NO_INPUT, EXIT_DEVICE,
                                EXIT_WRONG, EXIT_CREATE,   EXIT_WRITE, EXIT_STOPPED, EXIT_DIVERGED};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (status == known[i]) return true;
    return false;
}

const char *outcome_problem(const outcome *ended) {
    if (strstr(ended->err, "Sanitizer") || strstr(ended->err, "runtime error:")) return "a sanitizer reports";
    if (ended->status < 0) return "ended by a signal";
    if (!is_documented(ended->status)) return "an exit status that is not documented";
    if (ended->status == EXIT_DONE) return NULL;
    const char *sentence = strstr(ended->err, "epocl: ");
    if (!sentence || strcmp(sentence, "epocl: \n") == 0) return "failed without a sentence";
    return NULL;
}

unsigned long faults_stride(void) {
    const char *text = getenv("FAULTS_STRIDE");
    const unsigned long stride = text ? strtoul(text, NULL, 10) : 1;
    return stride > 0 ? stride : 1;
}
