#include "command/run_folder.h"

#include "base/checked.h"
#include "base/output_file.h"
#include "command/json_line.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONFIG, HISTORY, MODEL, FILE_COUNT };
static const char *const file_names[FILE_COUNT] = {"config.json", "history.csv", "model.safetensors"};

struct run_folder {
    char *path;
    size_t existing_length;  /* of the start of `path` that was there before */
    char *files[FILE_COUNT]; /* their paths                                  */
    json_t *config;
    bool has_begun;  /* config.json is this run's, and what else an older run left was removed */
    bool has_output; /* history or model was written                                  */
};

static epocl_status join(const char *folder, const char *name, char **path) {
    const size_t capacity = strlen(folder) + strlen(name) + 2;
    const epocl_status status = allocate(capacity, 1, "a path", path);
    if (status == EPOCL_OK) snprintf(*path, capacity, "%s/%s", folder, name);
    return status;
}

/* Cuts the last component off. */
static void cut_last(char *path) {
    char *slash = strrchr(path, '/');
    *(slash ? slash : path) = '\0';
}

static epocl_status measure_existing(run_folder *folder) {
    char *start = NULL;
    const epocl_status status = join(folder->path, "", &start);
    if (status != EPOCL_OK) return status;
    struct stat state;
    while (*start && stat(start, &state) != 0) cut_last(start);
    folder->existing_length = strlen(start);
    free(start);
    return EPOCL_OK;
}

/* Removes the folders that this run made, if they are empty. */
static void remove_folders(const run_folder *folder) {
    char *path = NULL;
    if (join(folder->path, "", &path) != EPOCL_OK) return;
    for (; strlen(path) > folder->existing_length; cut_last(path)) rmdir(path);
    free(path);
}

epocl_status run_folder_open(const char *path, bool force, run_folder **folder) {
    epocl_status status = EPOCL_OK;
    run_folder *made = NULL;
    *folder = NULL;
    TRY(allocate(1, sizeof *made, "a run's folder", &made));
    made->has_output = true; /* nothing to remove yet */
    TRY(allocate(strlen(path) + 1, 1, "a path", &made->path));
    strcpy(made->path, path);
    for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; end--) made->path[end - 1] = '\0';
    for (size_t i = 0; i < FILE_COUNT; i++) {
        struct stat state;
        TRY(join(made->path, file_names[i], &made->files[i]));
        if (!force && lstat(made->files[i], &state) == 0)
            TRY(fail(EPOCL_ERROR_CREATE,
                     "%s: there is a run already (%s); choose another --output, or overwrite it with --force", path,
                     file_names[i]));
    }
    TRY(measure_existing(made));
    made->has_output = false;
    TRY(output_folder_create(path, NULL));
    *folder = made;
    made = NULL;
cleanup:
    run_folder_release(made);
    return status;
}

void run_folder_set_config(run_folder *folder, json_t *config) {
    json_decref(folder->config);
    folder->config = json_incref(config);
}

/* Writes config.json and removes what is left of an older run. */
static epocl_status begin(run_folder *folder) {
    if (folder->has_begun) return EPOCL_OK;
    char *text = json_written(folder->config, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    if (!text) return fail(EPOCL_ERROR_MEMORY, "not enough memory for %s", file_names[CONFIG]);
    const epocl_status status = output_file_save(folder->files[CONFIG], text, strlen(text));
    free(text);
    if (status != EPOCL_OK) return status;
    folder->has_begun = true;
    for (size_t i = HISTORY; i < FILE_COUNT; i++)
        if (unlink(folder->files[i]) != 0 && errno != ENOENT)
            return fail(EPOCL_ERROR_WRITE, "%s: cannot remove what an older run left: %s", folder->files[i],
                        strerror(errno));
    return EPOCL_OK;
}

static epocl_status write_text(output_file *file, const char *text) {
    return output_file_write(file, text, strlen(text));
}

/* A field of history.csv; empty where there is no value. */
static void append_field(char *line, size_t capacity, double value) {
    const size_t used = strlen(line);
    snprintf(line + used, capacity - used, isfinite(value) ? ",%.9g" : ",", value);
}

static epocl_status write_epochs(output_file *file, const epocl_epoch_result *epochs, size_t epoch_count) {
    epocl_status status = write_text(file, "epoch,train_cost,train_accuracy,valid_cost,valid_accuracy,seconds,"
                                           "samples_per_second\n");
    for (size_t i = 0; i < epoch_count && status == EPOCL_OK; i++) {
        const epocl_epoch_result *epoch = &epochs[i];
        const double fields[] = {epoch->train_cost, epoch->train_accuracy,
                                 epoch->valid_cost, epoch->valid_accuracy,
                                 epoch->seconds,    (double)epoch->sample_count / epoch->seconds};
        char line[256];
        snprintf(line, sizeof line, "%zu", epoch->epoch);
        for (size_t j = 0; j < sizeof fields / sizeof *fields; j++) append_field(line, sizeof line, fields[j]);
        status = write_text(file, line);
        if (status == EPOCL_OK) status = write_text(file, "\n");
    }
    return status;
}

epocl_status run_folder_write_history(run_folder *folder, const epocl_epoch_result *epochs, size_t epoch_count) {
    epocl_status status = EPOCL_OK;
    output_file *file = NULL;
    TRY(begin(folder));
    TRY(output_file_open(folder->files[HISTORY], &file));
    TRY(write_epochs(file, epochs, epoch_count));
    TRY(output_file_commit(file));
    folder->has_output = true;
cleanup:
    output_file_release(file);
    return status;
}

epocl_status run_folder_save_model(run_folder *folder, const epocl_network *network) {
    epocl_status status = begin(folder);
    if (status == EPOCL_OK) status = epocl_network_save(network, folder->files[MODEL]);
    if (status == EPOCL_OK) folder->has_output = true;
    return status;
}

const char *run_folder_model_path(const run_folder *folder) {
    return folder->files[MODEL];
}

void run_folder_release(run_folder *folder) {
    if (!folder) return;
    if (!folder->has_output) {
        if (folder->has_begun) unlink(folder->files[CONFIG]);
        remove_folders(folder);
    }
    json_decref(folder->config);
    for (size_t i = 0; i < FILE_COUNT; i++) free(folder->files[i]);
    free(folder->path);
    free(folder);
}
