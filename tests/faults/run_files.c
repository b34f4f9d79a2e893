#include "faults/run_files.h"
#include "epocl.h"
#include "support/scratch.h"

#include <check.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { STEADY_FIELDS = 5 }; /* of a line of history: what comes after them is timed */

static char *read_text(const char *folder, const char *name, size_t *byte_count) {
    char inner[256];
    struct stat state;
    snprintf(inner, sizeof inner, "%s/%s", folder, name);
    const char *path = scratch_path(inner);
    if (stat(path, &state) != 0) return NULL;
    char *text = (char *)file_read(path, byte_count);
    text[*byte_count] = '\0'; /* file_read() has room for it */
    return text;
}

run_files run_files_read(const char *folder) {
    size_t unused = 0;
    run_files files = {0};
    files.config = read_text(folder, "config.json", &unused);
    files.history = read_text(folder, "history.csv", &unused);
    files.model = read_text(folder, "model.safetensors", &files.model_bytes);
    return files;
}

static void write_bytes(const char *folder, const char *name, const char *bytes, size_t byte_count) {
    char inner[256];
    snprintf(inner, sizeof inner, "%s/%s", folder, name);
    scratch_write(inner, bytes, byte_count);
}

void run_files_write(const char *folder, const run_files *files) {
    ck_assert_int_eq(mkdir(scratch_path(folder), 0755), 0);
    write_bytes(folder, "config.json", files->config, strlen(files->config));
    write_bytes(folder, "history.csv", files->history, strlen(files->history));
    write_bytes(folder, "model.safetensors", files->model, files->model_bytes);
}

void run_files_release(run_files *files) {
    free(files->config);
    free(files->history);
    free(files->model);
    *files = (run_files){0};
}

/* A configuration without the plan's name; NULL when it is not JSON. */
static json_t *settings_of(const char *config) {
    json_t *settings = json_loads(config, JSON_REJECT_DUPLICATES, NULL);
    if (settings) json_object_del(settings, "plan");
    return settings;
}

static bool same_config(const char *config, const char *other) {
    json_t *settings = settings_of(config), *others = other ? settings_of(other) : NULL;
    const bool same = settings && others && json_equal(settings, others);
    json_decref(settings);
    json_decref(others);
    return same;
}

/* The length of a line's fields that are not timed. */
static size_t steady_length(const char *line, const char *end) {
    const char *place = line;
    for (int field = 0; place < end; place++)
        if (*place == ',' && ++field == STEADY_FIELDS) break;
    return (size_t)(place - line);
}

static size_t count_in(const char *line, const char *end, char wanted) {
    size_t count = 0;
    for (; line < end; line++) count += *line == wanted;
    return count;
}

/* Whether `history` begins as `whole` does, line by line; all lines, if `all`. It ends with a line, or, if
 * `may_be_cut`, with a part of one. */
static bool same_history(const char *history, const char *whole, bool all, bool may_be_cut) {
    while (*history) {
        const char *end = strchr(history, '\n'), *whole_end = strchr(whole, '\n');
        if (!whole_end) return false;
        if (!end) return may_be_cut;
        const size_t length = steady_length(history, end);
        if (length != steady_length(whole, whole_end) || memcmp(history, whole, length) != 0) return false;
        if (count_in(history, end, ',') != count_in(whole, whole_end, ',')) return false;
        history = end + 1;
        whole = whole_end + 1;
    }
    return !all || *whole == '\0';
}

static bool same_model(const run_files *files, const run_files *other) {
    return other->model && files->model_bytes == other->model_bytes &&
           memcmp(files->model, other->model, files->model_bytes) == 0;
}

/* Checkpoints, whose checksum tells whether they are whole, and the best model. */
static const char *const checkpoints[] = {"checkpoint.safetensors", "checkpoint-previous.safetensors"};
static const char best[] = "best.safetensors";

static bool is_expected(const char *name, bool may_be_temporary) {
    const char *const names[] = {
        ".", "..", "config.json", "history.csv", "model.safetensors", checkpoints[0], checkpoints[1], best};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return may_be_temporary && (strncmp(name, ".epocl-", 7) == 0 || strcmp(name, "checkpoint-next.safetensors") == 0);
}

static const char *path_in(const char *folder, const char *name) {
    char inner[256];
    snprintf(inner, sizeof inner, "%s/%s", folder, name);
    return scratch_path(inner);
}

/* What is wrong with those of them that are there. */
static const char *checkpoint_problem(const char *folder) {
    for (size_t i = 0; i < sizeof checkpoints / sizeof *checkpoints; i++) {
        epocl_checkpoint *checkpoint = NULL;
        const epocl_status status = epocl_checkpoint_load(path_in(folder, checkpoints[i]), &checkpoint);
        epocl_checkpoint_release(checkpoint);
        if (status != EPOCL_OK && status != EPOCL_ERROR_NO_INPUT) return "a checkpoint is not whole";
    }
    epocl_network *network = NULL;
    const epocl_status status = epocl_network_load(path_in(folder, best), &network);
    epocl_network_release(network);
    return status == EPOCL_OK || status == EPOCL_ERROR_NO_INPUT ? NULL : "best.safetensors is not whole";
}

static const char *stranger(const char *folder, bool may_be_temporary) {
    static char problem[300];
    DIR *listing = opendir(scratch_path(folder));
    if (!listing) return NULL;
    *problem = '\0';
    for (const struct dirent *entry; (entry = readdir(listing));)
        if (!is_expected(entry->d_name, may_be_temporary))
            snprintf(problem, sizeof problem, "leaves %s", entry->d_name);
    closedir(listing);
    return *problem ? problem : NULL;
}

const char *run_files_problem(const char *folder, const run_files *older, const run_files *whole,
                              bool may_be_temporary) {
    static const run_files none = {0};
    if (!older) older = &none;
    const char *problem = stranger(folder, may_be_temporary);
    if (!problem) problem = checkpoint_problem(folder);
    if (problem) return problem;
    run_files files = run_files_read(folder);
    if (files.config && !same_config(files.config, whole->config) && !same_config(files.config, older->config))
        problem = "config.json is not whole";
    else if (files.history && !same_history(files.history, whole->history, false, may_be_temporary) &&
             !(older->history && strcmp(files.history, older->history) == 0))
        problem = "history.csv is not whole";
    else if (files.model && !same_model(&files, whole) && !same_model(&files, older))
        problem = "model.safetensors is not whole";
    run_files_release(&files);
    return problem;
}

const char *run_files_incomplete(const char *folder, const run_files *whole) {
    const char *problem = stranger(folder, false);
    if (!problem) problem = checkpoint_problem(folder);
    if (problem) return problem;
    run_files files = run_files_read(folder);
    if (!files.config || !same_config(files.config, whole->config))
        problem = "done, but config.json is not as it is without the fault";
    else if (!files.history || !same_history(files.history, whole->history, true, false))
        problem = "done, but history.csv is not as it is without the fault";
    else if (!files.model || !same_model(&files, whole))
        problem = "done, but the model is not as it is without the fault";
    run_files_release(&files);
    return problem;
}
