/* Runs of epocl in which something fails, and the count of those that did not cope. */
#ifndef EPOCL_TESTS_FAULTS_FAULTY_RUN_H
#define EPOCL_TESTS_FAULTS_FAULTY_RUN_H

#include "command/fixture.h"

#include <stdbool.h>

/* The words of a run that is made again and again, and what it does undisturbed. */
typedef struct scenario {
    const char *name;
    const char *const *words;
    bool trains;       /* into the folder @run                                                   */
    bool plan_is_open; /* --plan auto: a plan that fails is one not chosen, and timing varies    */
} scenario;

/* Small data (`images`, `images.gz`, `labels`, 60 samples) and a model trained on it (`model.safetensors`). Also sees
 * to it that a sanitizer's report is told from other failures, whatever the exit status. */
void faults_create(void);

enum { SCENARIO_COUNT = 5 };
extern const scenario scenarios[SCENARIO_COUNT]; /* train layered, resident, auto; evaluate; predict */

/* As run_words(); a run that lasts for minutes is killed, which its status shows. */
outcome run_within_time(const char *const *words);

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

/* What is wrong with any run that ended, whatever failed in it: a crash, a hang, a sanitizer's report, an exit status
 * that is not documented, a failure without a sentence. NULL if nothing is. */
const char *outcome_problem(const outcome *ended);

/* Every how many faults one is tried: FAULTS_STRIDE, or 1. */
unsigned long faults_stride(void);

/* Sets a variable of the environment to a formatted text. */
__attribute__((format(printf, 2, 3))) void set_variable(const char *name, const char *format, ...);

#endif
