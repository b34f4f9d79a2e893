/* Runs of epocl in which something fails, and the count of those that did not cope. */
#ifndef EPOCL_TESTS_FAULTS_FAULTY_RUN_H
#define EPOCL_TESTS_FAULTS_FAULTY_RUN_H

#include "command/fixture.h"
#include "faults/call_log.h"
#include "faults/run_files.h"

#include <stdbool.h>

/* The words of a run that is made again and again, and what it does undisturbed. */
typedef struct scenario {
    const char *name;
    const char *const *words;
    bool is_first_use; /* finds nothing in the cache of choices and self-tests, and keeps nothing there */
    bool trains;       /* into the folder @run                                                   */
    bool plan_is_open; /* --plan auto: a plan that fails is one not chosen, and timing varies    */
} scenario;

#define TRAIN_WORDS(plan, epochs)                                                                                      \
    (const char *const[]) {                                                                                            \
        TRAIN, "--valid-split", "0.25", "--hidden", "5", "--epochs", epochs, "--batch-size", "8", "--plan", plan,      \
            "--quiet", "--force", "--output", "@run", NULL                                                             \
    }

enum { SCENARIO_COUNT = 7 };
extern const scenario scenarios[SCENARIO_COUNT]; /* train layered, resident, auto; dry run;
                                                   evaluate, also on a device not tested yet; predict */

/* A checked fixture: small data and a model trained on it. All runs after it have the OpenCL layer and log their calls.
 * Ended by fixture_remove(). */
void faults_create(void);

/* What a scenario does undisturbed. */
typedef struct expectation {
    const scenario *of;
    size_t call_count;
    char *out;
    run_files files;
} expectation;

expectation expect(const scenario *of);
void expectation_release(expectation *whole);

/* A run of the scenario, with what the environment says shall fail. */
typedef struct trial {
    outcome ended;
    call_log log;
} trial;

/* Begins without the folder @run, unless it is to be kept from the run before. */
trial trial_run(const scenario *of, bool keeps_run);
void trial_release(trial *tried);

/* What is wrong whatever has failed: a crash, a hang, a sanitizer's report, an exit status that is not documented, a
 * failure without a sentence, an OpenCL object left. NULL if nothing is. */
const char *trial_problem(const trial *tried);

/* What is wrong when a run that ended as `ended` is to be done, or failed with `status`; NULL if nothing is. */
const char *done_problem(const outcome *ended, const expectation *whole);
const char *failed_problem(const outcome *ended, const expectation *whole, int status);

void remove_run(void);

/* Faults of one kind, over all scenarios. */
typedef struct tally {
    const char *what; /* "OpenCL calls failed" */
    unsigned long tried, wrong;
} tally;

/* Notes that a run did not cope, and prints why, with the fault and what the run said. */
__attribute__((format(printf, 4, 5))) void tally_wrong(tally *counted, const char *fault, const outcome *ended,
                                                       const char *format, ...);
/* Prints the totals; fails the test when there was none, or one was wrong. */
void tally_end(const tally *counted);

/* Which of `count` faults to try: begin, begin + stride, ... All, or about as many as FAULTS_SAMPLE says. Prints it. */
typedef struct fault_range {
    unsigned long begin, stride;
} fault_range;

fault_range choose_faults(const char *scenario_name, unsigned long count, const char *what);

/* Sets a variable of the environment to a formatted text. */
__attribute__((format(printf, 2, 3))) void set_variable(const char *name, const char *format, ...);

#endif
