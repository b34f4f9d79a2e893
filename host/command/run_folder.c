#include "command/run_folder.h"

#include "base/checked.h"
#include "base/output_file.h"
#include "command/json_line.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONFIG, HISTORY, MODEL, BEST, CHECKPOINT, PREVIOUS, NEXT, FILE_COUNT };
static const char *const file_names[FILE_COUNT] = {
    [CONFIG] = "config.json",
    [HISTORY] = "history.csv",
    [MODEL] = "model.safetensors",
    [BEST] = "best.safetensors",
    [CHECKPOINT] = "checkpoint.safetensors",
    [PREVIOUS] = "checkpoint-previous.safetensors",
    [NEXT] = "checkpoint-next.safetensors",
};

struct run_folder {
    char *path;
    size_t existing_length;  /* of the start of `path` that was there before */
    char *files[FILE_COUNT]; /* their paths                                  */
    json_t *config;
    int lock; /* a descriptor of the folder, which holds the lock; or -1 */
    bool is_resumed;
    bool has_begun;      /* config.json is this run's, and nothing else is an older run's */
    bool has_output;     /* another file was written, or was there                        */
    bool has_checkpoint; /* the newest is whole, so that it can become the one before     */
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

static bool has_file(const run_folder *folder, size_t file) {
    struct stat state;
    return lstat(folder->files[file], &state) == 0;
}

/* The lock ends with the process, however that ends. A file system that has none is used without. */
static epocl_status lock(run_folder *folder) {
    folder->lock = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->lock < 0 || flock(folder->lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return EPOCL_OK;
    folder->has_output = true; /* the other's */
    return fail(EPOCL_ERROR_CREATE,
                "%s: another epocl is training there; stop it, wait for its end, or choose another "
                "--output",
                folder->path);
}

/* The paths, and nothing done. */
static epocl_status create(const char *path, run_folder **folder) {
    epocl_status status = EPOCL_OK;
    run_folder *made = NULL;
    *folder = NULL;
    TRY(allocate(1, sizeof *made, "a run's folder", &made));
    made->has_output = true; /* nothing to remove yet */
    made->lock = -1;
    TRY(allocate(strlen(path) + 1, 1, "a path", &made->path));
    strcpy(made->path, path);
    for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; end--) made->path[end - 1] = '\0';
    for (size_t i = 0; i < FILE_COUNT; i++) TRY(join(made->path, file_names[i], &made->files[i]));
    *folder = made;
    made = NULL;
cleanup:
    run_folder_release(made);
    return status;
}

epocl_status run_folder_open(const char *path, bool force, run_folder **folder) {
    epocl_status status = EPOCL_OK;
    run_folder *made = NULL;
    *folder = NULL;
    TRY(create(path, &made));
    for (size_t i = 0; i < FILE_COUNT && !force; i++)
        if (has_file(made, i))
            TRY(fail(EPOCL_ERROR_CREATE,
                     "%s: there is a run already (%s); choose another --output, overwrite it with --force, or go on "
                     "with it by --resume",
                     path, file_names[i]));
    TRY(measure_existing(made));
    made->has_output = false;
    TRY(output_folder_create(path, NULL));
    TRY(lock(made));
    *folder = made;
    made = NULL;
cleanup:
    run_folder_release(made);
    return status;
}

epocl_status run_folder_open_again(const char *path, run_folder **folder) {
    epocl_status status = EPOCL_OK;
    run_folder *made = NULL;
    *folder = NULL;
    TRY(create(path, &made));
    made->is_resumed = true;
    if (!has_file(made, CONFIG))
        TRY(fail(EPOCL_ERROR_NO_INPUT, "%s: no run to resume (no %s)", path, file_names[CONFIG]));
    TRY(lock(made));
    *folder = made;
    made = NULL;
cleanup:
    run_folder_release(made);
    return status;
}

epocl_status run_folder_prepare_again(run_folder *folder) {
    const epocl_status status = output_folder_create(folder->path, NULL);
    if (status != EPOCL_OK) return status;
    output_folder_clean(folder->path);
    unlink(folder->files[NEXT]);
    return EPOCL_OK;
}

epocl_status run_folder_find_checkpoint(run_folder *folder, epocl_checkpoint **checkpoint, const char **path,
                                        char **problem) {
    *checkpoint = NULL;
    *path = NULL;
    *problem = NULL;
    const epocl_status newest = epocl_checkpoint_load(folder->files[CHECKPOINT], checkpoint);
    if (newest == EPOCL_OK) {
        *path = folder->files[CHECKPOINT];
        folder->has_checkpoint = true;
        return EPOCL_OK;
    }
    const bool is_lost = newest == EPOCL_ERROR_DATA || newest == EPOCL_ERROR_NO_INPUT;
    if (!is_lost) return newest;
    if (!has_file(folder, PREVIOUS)) {
        if (newest != EPOCL_ERROR_NO_INPUT || has_file(folder, CHECKPOINT)) return newest;
        if (!has_file(folder, MODEL)) return EPOCL_OK;
        return fail(EPOCL_ERROR_NO_INPUT, "%s: there is a model, but no checkpoint to go on from", folder->path);
    }
    const size_t capacity = strlen(epocl_last_error()) + 1;
    const epocl_status status = allocate(capacity, 1, "a text", problem);
    if (status != EPOCL_OK) return status;
    strcpy(*problem, epocl_last_error());
    const epocl_status previous = epocl_checkpoint_load(folder->files[PREVIOUS], checkpoint);
    if (previous == EPOCL_OK)
        *path = folder->files[PREVIOUS];
    else if (previous == EPOCL_ERROR_DATA || previous == EPOCL_ERROR_NO_INPUT)
        return fail(EPOCL_ERROR_DATA, "no checkpoint is whole: %s; %s", *problem, epocl_last_error());
    return previous;
}

void run_folder_set_config(run_folder *folder, json_t *config) {
    json_decref(folder->config);
    folder->config = json_incref(config);
}

/* As few digits as give the same numbers again. */
static char *config_text(const json_t *config) {
    for (size_t digits = 9;; digits++) {
        char *text = json_written(config, JSON_INDENT(2) | JSON_REAL_PRECISION(digits));
        json_t *again = text ? json_loads(text, 0, NULL) : NULL;
        const bool is_equal = json_equal(config, again);
        json_decref(again);
        if (is_equal || !text || digits == 17) return text;
        free(text);
    }
}

/* Writes config.json and removes what is left of an older run: before config.json changes its place, so that it never
 * is beside an older run's checkpoints. */
static epocl_status begin(run_folder *folder) {
    epocl_status status = EPOCL_OK;
    output_file *file = NULL;
    char *text = NULL;
    if (folder->has_begun) return EPOCL_OK;
    text = config_text(folder->config);
    if (!text) return fail(EPOCL_ERROR_MEMORY, "not enough memory for %s", file_names[CONFIG]);
    TRY(output_file_open(folder->files[CONFIG], &file));
    TRY(output_file_write(file, text, strlen(text)));
    TRY(output_file_write(file, "\n", 1));
    for (size_t i = CONFIG + 1; i < FILE_COUNT && !folder->is_resumed; i++)
        if (unlink(folder->files[i]) != 0 && errno != ENOENT)
            TRY(fail(EPOCL_ERROR_WRITE, "%s: cannot remove what an older run left: %s", folder->files[i],
                     strerror(errno)));
    TRY(output_file_commit(file));
    folder->has_begun = true;
cleanup:
    output_file_release(file);
    free(text);
    return status;
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

static epocl_status save_network(run_folder *folder, const epocl_network *network, size_t file) {
    epocl_status status = begin(folder);
    if (status == EPOCL_OK) status = epocl_network_save(network, folder->files[file]);
    if (status == EPOCL_OK) folder->has_output = true;
    return status;
}

epocl_status run_folder_save_model(run_folder *folder, const epocl_network *network) {
    return save_network(folder, network, MODEL);
}

epocl_status run_folder_save_best(run_folder *folder, const epocl_network *network) {
    return save_network(folder, network, BEST);
}

epocl_status run_folder_save_checkpoint(run_folder *folder, epocl_trainer *trainer) {
    epocl_status status = EPOCL_OK;
    TRY(begin(folder));
    TRY(epocl_trainer_save(trainer, folder->files[NEXT]));
    folder->has_output = true;
    if (folder->has_checkpoint) TRY(output_file_move(folder->files[CHECKPOINT], folder->files[PREVIOUS]));
    folder->has_checkpoint = false;
    TRY(output_file_move(folder->files[NEXT], folder->files[CHECKPOINT]));
    folder->has_checkpoint = true;
cleanup:
    if (status != EPOCL_OK) unlink(folder->files[NEXT]);
    return status;
}

const char *run_folder_path(const run_folder *folder) {
    return folder->path;
}

const char *run_folder_config_path(const run_folder *folder) {
    return folder->files[CONFIG];
}

const char *run_folder_model_path(const run_folder *folder) {
    return folder->files[MODEL];
}

const char *run_folder_best_path(const run_folder *folder) {
    return has_file(folder, BEST) ? folder->files[BEST] : NULL;
}

const char *run_folder_checkpoint_path(const run_folder *folder) {
    return folder->has_checkpoint       ? folder->files[CHECKPOINT]
           : has_file(folder, PREVIOUS) ? folder->files[PREVIOUS]
                                        : NULL;
}

void run_folder_release(run_folder *folder) {
    if (!folder) return;
    if (!folder->has_output) {
        if (folder->has_begun) unlink(folder->files[CONFIG]);
        remove_folders(folder);
    }
    if (folder->lock >= 0) close(folder->lock);
    json_decref(folder->config);
    for (size_t i = 0; i < FILE_COUNT; i++) free(folder->files[i]);
    free(folder->path);
    free(folder);
}
