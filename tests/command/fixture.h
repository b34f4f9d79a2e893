/* Runs the built epocl program, on small data sets of its own. All functions end the test on failure. */
#ifndef EPOCL_TESTS_COMMAND_FIXTURE_H
#define EPOCL_TESTS_COMMAND_FIXTURE_H

#include "support/scratch.h"

#include <jansson.h>
#include <stdio.h>
#include <sys/types.h>

/* Writes IDX files of 8-bit inputs, in which the labels 0, 1, 2, 0, ... show, and of the labels. */
void fixture_write_images(const char *images_name, const char *labels_name, size_t sample_count);

/* The data of every test: a scratch folder with `images` (IDX, 8-bit), `labels` and `floats` (IDX, float,
 * values of 1e30). */
enum { FIXTURE_SAMPLES = 240, FIXTURE_INPUTS = 16, FIXTURE_CLASSES = 3, FIXTURE_FILES = 3 };

/* A checked fixture: makes the scratch folder and the data; no setting of the caller's reaches the program. Afterwards
 * OCL_ICD_VENDORS is what it was. */
void fixture_create(void);
void fixture_remove(void);

/* The same for tests that are about neither kernels nor their choice: programs train by those that a driver compiles
 * soonest, and test no device. Where something is tested with the program's own choice as well, the test calls
 * fixture_choose(): from then on programs choose and test as they do without settings. */
void fixture_create_plain(void);
void fixture_choose(void);

/* How a run ended. */
typedef struct outcome {
    int status; /* exit status, or -N after signal N */
    char *out, *err;
} outcome;

/* Runs epocl with these words until it ends; a word that starts with '@' is a name in the scratch folder. */
outcome run_words(const char *const *words);
#define run(...) run_words((const char *const[]){__VA_ARGS__, NULL})
void outcome_release(outcome *ended);

/* From now on programs read this file as their standard input; NULL, as at first, is an empty one. */
void fixture_set_input(const char *path);

/* The same with standard output going to a file that is there. */
outcome run_words_into(const char *path, const char *const *words);

/* The words of a training run on the data, before those that make the run. */
#define TRAIN "train", "--recipe", "seed", "--data", "@images", "--labels", "@labels"

/* A run in the background. */
typedef struct process {
    pid_t id;
    FILE *out, *err;
} process;

process start_words(const char *const *words);
/* The same with outputs of the caller's, which process_end() closes; NULL: the program has none. */
process start_words_into(FILE *out, FILE *err, const char *const *words);
#define start(...) start_words((const char *const[]){__VA_ARGS__, NULL})
/* Waits until `text` is in `output`, its `out` or `err`; a process that ends before fails the test. */
void process_await(const process *started, FILE *output, const char *text);
/* The same for a file in the scratch folder. */
void process_await_file(const process *started, const char *name);
outcome process_end(process *started);

/* That it ended with that status, and no more; releases it. */
void assert_ended(outcome ended, int status);

/* One sentence on standard error that contains `part`, nothing on standard output, and the exit status. */
void assert_refused(outcome ended, int status, const char *part);

/* Exit status 0, or `status`. */
void assert_status(const outcome *ended, int status);

void assert_contains(const char *text, const char *part);

/* UTF-8 without a character that a terminal could take for a command. */
void assert_text_only(const char *text);

/* A file that xmllint takes for well-formed XML. */
void assert_well_formed(const char *path);

/* Whether there is such a name in the scratch folder. */
int scratch_exists(const char *name);

/* The lines of `text` as JSON objects, each with "event" and "schema": an array that the caller drops. */
json_t *json_lines(const char *text);

/* A member that must be there. */
double number_of(const json_t *line, const char *member);
const char *text_of(const json_t *line, const char *member);

#endif
