/* The files of a training run, and whether they are whole. */
#ifndef EPOCL_TESTS_FAULTS_RUN_FILES_H
#define EPOCL_TESTS_FAULTS_RUN_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* Contents, NUL-terminated; NULL for a file that is not there. */
typedef struct run_files {
    char *config, *history, *model;
    size_t model_bytes;
} run_files;

/* Reads the files of a folder in the scratch folder, which may be missing itself. */
run_files run_files_read(const char *folder);
void run_files_release(run_files *files);

/* Makes the folder, with these files. */
void run_files_write(const char *folder, const run_files *files);

/* What is wrong in the folder, or NULL: a checkpoint that is not whole; a file that is not wholly of the run `older`
 * (which may be NULL) or of `whole`; one that no run writes, but for temporary ones where a killed process is to be
 * excused. History may have fewer lines than the whole run's; what is timed may differ, and the plan's name. */
const char *run_files_problem(const char *folder, const run_files *older, const run_files *whole,
                              bool may_be_temporary);

/* The same for a run that claims to be done: nothing may be missing. */
const char *run_files_incomplete(const char *folder, const run_files *whole);

#endif
