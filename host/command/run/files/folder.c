#include "command/run/files/folder.h"

#include "base/checked.h"
#include "base/files/folder.h"
#include "base/files/output_file.h"
#include "command/run/files/config.h"
#include "command/run/files/history_file.h"
#include "command/run/files/member_files.h"
#include "command/show/json_line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONFIG, HISTORY, SWEEP, MODEL, BEST, CHECKPOINT, PREVIOUS, NEXT, FILE_COUNT };
static const char *const file_names[FILE_COUNT] = {
    [CONFIG] = "config.json",
    [HISTORY] = "history.csv",
    [SWEEP] = "sweep.csv",
    [MODEL] = "model.safetensors",
    [BEST] = "best.safetensors",
    [CHECKPOINT] = "checkpoint.safetensors",
    [PREVIOUS] = "checkpoint-previous.safetensors",
    [NEXT] = "checkpoint-next.safetensors",
};

enum { OPENING_TRIES = 100 };

struct run_folder {
    char *path;
    size_t existing_length;  /* of the start of `path` that was there before          */
    int folder;              /* a descriptor, which has the lock; NO_FOLDER until opened */
    char *files[FILE_COUNT]; /* their paths, for messages                             */
    json_t *config;
    history_file history;
    bool is_forced, is_resumed;
    bool replaces;       /* what is there is of a run, or of epochs, that will be no more */
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

void run_folder_withdraw(const run_folder *folder) {
    char *path = NULL;
    if (folder->folder != NO_FOLDER && !folder_is_at(folder->folder, folder->path)) return; /* it was moved */
    if (join(folder->path, "", &path) != EPOCL_OK) return;
    for (; strlen(path) > folder->existing_length; cut_last(path)) rmdir(path);
    free(path);
}

static bool has_file(const run_folder *folder, size_t file) {
    return folder_has(folder->folder, file_names[file]);
}

/* Puts the folder's path before the sentence of a failure that begins with a file's name. */
static epocl_status in_folder(const run_folder *folder, epocl_status status) {
    for (size_t i = 0; i < FILE_COUNT && status != EPOCL_OK; i++)
        if (strncmp(epocl_last_error(), file_names[i], strlen(file_names[i])) == 0)
            return fail_prefix(status, "%s/", folder->path);
    return status;
}

/* The paths, and nothing done. */
static epocl_status create(const char *path, run_folder **folder) {
    epocl_status status = EPOCL_OK;
    run_folder *made = NULL;
    *folder = NULL;
    TRY(allocate(1, sizeof *made, "a run's folder", &made));
    made->folder = NO_FOLDER;
    TRY(allocate(strlen(path) + 1, 1, "a path", &made->path));
    strcpy(made->path, path);
    for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; end--) made->path[end - 1] = '\0';
    made->existing_length = strlen(made->path) + 1; /* nothing to remove yet */
    for (size_t i = 0; i < FILE_COUNT; i++) TRY(join(made->path, file_names[i], &made->files[i]));
    *folder = made;
    made = NULL;
cleanup:
    run_folder_release(made);
    return status;
}

/* ---- Opening ---- */

static epocl_status lock(run_folder *folder) {
    if (folder_lock(folder->folder)) return EPOCL_OK;
    folder->has_output = true; /* the other's */
    return fail(EPOCL_ERROR_CREATE,
                "%s: another epocl is training there; stop it, wait for its end, or choose another "
                "--output",
                folder->path);
}

/* A run that ends with nothing written removes the folder, which others may have opened before: they try again. */
static epocl_status make_and_lock(run_folder *folder) {
    epocl_status status = EPOCL_OK;
    bool is_new = false;
    for (int tries = 0; tries < OPENING_TRIES; tries++) {
        if (folder->folder != NO_FOLDER) close(folder->folder);
        folder->folder = NO_FOLDER;
        TRY(folder_make(folder->path, &is_new));
        folder->folder = folder_open(folder->path);
        if (folder->folder < 0)
            TRY(fail(EPOCL_ERROR_CREATE, "%s: cannot open the folder: %s", folder->path, strerror(errno)));
        TRY(lock(folder));
        if (folder_is_at(folder->folder, folder->path)) return EPOCL_OK;
    }
    status = fail(EPOCL_ERROR_CREATE, "%s: cannot create the folder: it is removed again and again", folder->path);
cleanup:
    return status;
}

/* With the lock, so that no other run can write one after this has looked. */
static epocl_status refuse_older(run_folder *folder) {
    if (folder->is_forced) return EPOCL_OK;
    for (size_t i = 0; i < FILE_COUNT; i++) {
        if (!has_file(folder, i)) continue;
        folder->has_output = true; /* another's */
        return fail(EPOCL_ERROR_CREATE,
                    "%s: there is a run already (%s); choose another --output, overwrite it with --force, or go on "
                    "with it by --resume",
                    folder->path, file_names[i]);
    }
    return EPOCL_OK;
}

epocl_status run_folder_open(const char *path, bool force, run_folder **folder) {
    epocl_status status = EPOCL_OK;
    run_folder *made = NULL;
    *folder = NULL;
    TRY(create(path, &made));
    made->is_forced = force;
    made->replaces = true;
    TRY(measure_existing(made));
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
    made->is_resumed = made->has_output = true;
    made->folder = folder_open(made->path);
    if (made->folder >= 0) TRY(lock(made));
    if (made->folder < 0 || !has_file(made, CONFIG))
        TRY(fail(EPOCL_ERROR_NO_INPUT, "%s: no run to resume (no %s)", path, file_names[CONFIG]));
    *folder = made;
    made = NULL;
cleanup:
    run_folder_release(made);
    return status;
}

epocl_status run_folder_prepare(run_folder *folder) {
    epocl_status status = EPOCL_OK;
    if (!folder->is_resumed) {
        TRY(make_and_lock(folder));
        TRY(refuse_older(folder));
    }
    const int code = folder_prove(folder->folder);
    if (code != 0)
        TRY(fail(EPOCL_ERROR_CREATE, "%s: cannot create files in this folder: %s", folder->path, strerror(code)));
    folder_clean(folder->folder);
    if (folder->is_resumed) unlinkat(folder->folder, file_names[NEXT], 0);
cleanup:
    return status;
}

int run_folder_descriptor(const run_folder *folder) {
    return folder->folder;
}

/* ---- Checkpoints of a run that goes on ---- */

/* How a checkpoint is read; nothing is left of one that fails. */
typedef epocl_status checkpoint_reader(int folder, const char *name, void *user);

/* Of a run of one network. */
typedef struct found_checkpoint {
    epocl_checkpoint *checkpoint;
    epocl_network *network;
} found_checkpoint;

static epocl_status read_checkpoint(int folder, const char *name, void *user) {
    epocl_status status = EPOCL_OK;
    found_checkpoint *found = user;
    TRY(epocl_checkpoint_load_at(folder, name, &found->checkpoint));
    TRY(epocl_network_load_at(folder, name, &found->network));
cleanup:
    if (status != EPOCL_OK) {
        epocl_checkpoint_release(found->checkpoint);
        found->checkpoint = NULL;
    }
    return status;
}

static epocl_status read_ensemble(int folder, const char *name, void *user) {
    return epocl_ensemble_checkpoint_load_at(folder, name, user);
}

static epocl_status find_checkpoint(run_folder *folder, checkpoint_reader *read, void *user, char **problem) {
    *problem = NULL;
    const epocl_status newest = in_folder(folder, read(folder->folder, file_names[CHECKPOINT], user));
    if (newest == EPOCL_OK) {
        folder->has_checkpoint = true;
        return EPOCL_OK;
    }
    const bool is_lost = newest == EPOCL_ERROR_DATA || newest == EPOCL_ERROR_NO_INPUT;
    if (!is_lost) return newest;
    if (!has_file(folder, PREVIOUS)) {
        if (newest != EPOCL_ERROR_NO_INPUT || has_file(folder, CHECKPOINT)) return newest;
        if (has_file(folder, MODEL))
            return fail(EPOCL_ERROR_NO_INPUT, "%s: there is a model, but no checkpoint to go on from", folder->path);
        folder->replaces = true; /* what was written before the first checkpoint */
        return EPOCL_OK;
    }
    const size_t capacity = strlen(epocl_last_error()) + 1;
    const epocl_status status = allocate(capacity, 1, "a text", problem);
    if (status != EPOCL_OK) return status;
    strcpy(*problem, epocl_last_error());
    const epocl_status previous = in_folder(folder, read(folder->folder, file_names[PREVIOUS], user));
    if (previous == EPOCL_ERROR_DATA || previous == EPOCL_ERROR_NO_INPUT)
        return fail(EPOCL_ERROR_DATA, "no checkpoint is whole: %s; %s", *problem, epocl_last_error());
    return previous;
}

epocl_status run_folder_find_checkpoint(run_folder *folder, epocl_checkpoint **checkpoint, epocl_network **network,
                                        char **problem) {
    found_checkpoint found = {NULL, NULL};
    const epocl_status status = find_checkpoint(folder, read_checkpoint, &found, problem);
    *checkpoint = found.checkpoint;
    *network = found.network;
    return status;
}

epocl_status run_folder_find_ensemble(run_folder *folder, epocl_ensemble_checkpoint **checkpoint, char **problem) {
    *checkpoint = NULL;
    return find_checkpoint(folder, read_ensemble, checkpoint, problem);
}

/* ---- Writing ---- */

void run_folder_set_config(run_folder *folder, json_t *config) {
    json_decref(folder->config);
    folder->config = json_incref(config);
}

static epocl_status remove_file(const run_folder *folder, size_t file) {
    if (unlinkat(folder->folder, file_names[file], 0) == 0 || errno == ENOENT) return EPOCL_OK;
    return fail(EPOCL_ERROR_WRITE, "%s: cannot remove what an older run left: %s", file_names[file], strerror(errno));
}

/* Writes config.json and removes what is left of an older run: before config.json changes its place, so that it never
 * is beside an older run's checkpoints. */
static epocl_status begin(run_folder *folder) {
    epocl_status status = EPOCL_OK;
    output_file *file = NULL;
    char *text = NULL;
    if (folder->has_begun) return EPOCL_OK;
    text = run_config_text(folder->config);
    if (!text) return fail(EPOCL_ERROR_MEMORY, "not enough memory for %s", file_names[CONFIG]);
    TRY(output_file_open_at(folder->folder, file_names[CONFIG], &file));
    TRY(output_file_write(file, text, strlen(text)));
    TRY(output_file_write(file, "\n", 1));
    for (size_t i = CONFIG + 1; i < FILE_COUNT && folder->replaces; i++) TRY(remove_file(folder, i));
    if (folder->replaces) TRY(member_files_remove(folder->folder, folder->path));
    TRY(output_file_commit(file));
    folder->has_begun = true;
cleanup:
    output_file_release(file);
    free(text);
    return status;
}

void run_folder_keep_figures(run_folder *folder) {
    folder->history.has_figures = true;
}

epocl_status run_folder_write_history(run_folder *folder, const epocl_epoch_result *epochs, size_t epoch_count,
                                      bool is_synced) {
    epocl_status status = EPOCL_OK;
    TRY(begin(folder));
    TRY(history_file_write(&folder->history, folder->folder, file_names[HISTORY], epochs, epoch_count, is_synced));
    folder->has_output = true;
cleanup:
    return in_folder(folder, status);
}

static epocl_status write_text(run_folder *folder, const char *name, const char *text, size_t length) {
    epocl_status status = EPOCL_OK;
    TRY(begin(folder));
    TRY(output_file_save_at(folder->folder, name, text, length));
    folder->has_output = true;
cleanup:
    return in_folder(folder, status);
}

epocl_status run_folder_write_history_text(run_folder *folder, const char *text, size_t length) {
    return write_text(folder, file_names[HISTORY], text, length);
}

epocl_status run_folder_write_sweep(run_folder *folder, const char *text, size_t length) {
    return write_text(folder, file_names[SWEEP], text, length);
}

epocl_status run_folder_save_member(run_folder *folder, const memory_block *checkpoint, size_t number) {
    const epocl_status begun = begin(folder);
    if (begun != EPOCL_OK) return in_folder(folder, begun);
    const epocl_status status = member_file_save(folder->folder, folder->path, number, checkpoint);
    if (status == EPOCL_OK) folder->has_output = true;
    return status;
}

epocl_status run_folder_load_member(const run_folder *folder, size_t number, memory_block *checkpoint) {
    return member_file_load(folder->folder, folder->path, number, checkpoint);
}

epocl_status run_folder_remove_members(run_folder *folder) {
    return member_files_remove(folder->folder, folder->path);
}

static epocl_status save_network(run_folder *folder, const epocl_network *network, size_t file) {
    epocl_status status = EPOCL_OK;
    TRY(begin(folder));
    TRY(epocl_network_save_at(network, folder->folder, file_names[file]));
    folder->has_output = true;
cleanup:
    return in_folder(folder, status);
}

epocl_status run_folder_save_model(run_folder *folder, const epocl_network *network) {
    return save_network(folder, network, MODEL);
}

epocl_status run_folder_save_best(run_folder *folder, const epocl_network *network) {
    return save_network(folder, network, BEST);
}

epocl_status run_folder_load_best(const run_folder *folder, epocl_network **network) {
    return in_folder(folder, epocl_network_load_at(folder->folder, file_names[BEST], network));
}

epocl_status run_folder_remove_best(run_folder *folder) {
    epocl_status status = EPOCL_OK;
    TRY(begin(folder));
    TRY(remove_file(folder, BEST));
cleanup:
    return in_folder(folder, status);
}

/* What was written under the name of the next checkpoint becomes the newest, and that the one before it. */
static epocl_status take_next(run_folder *folder, epocl_status written) {
    epocl_status status = EPOCL_OK;
    TRY(written);
    folder->has_output = true;
    if (folder->has_checkpoint) TRY(folder_move(folder->folder, file_names[CHECKPOINT], file_names[PREVIOUS]));
    folder->has_checkpoint = false;
    TRY(folder_move(folder->folder, file_names[NEXT], file_names[CHECKPOINT]));
    folder->has_checkpoint = true;
cleanup:
    if (status != EPOCL_OK) unlinkat(folder->folder, file_names[NEXT], 0);
    return in_folder(folder, status);
}

epocl_status run_folder_save_checkpoint(run_folder *folder, epocl_trainer *trainer, const epocl_network *best) {
    const epocl_status status = begin(folder);
    if (status != EPOCL_OK) return in_folder(folder, status);
    return take_next(folder, epocl_trainer_save_at(trainer, best, folder->folder, file_names[NEXT]));
}

epocl_status run_folder_save_ensemble(run_folder *folder, epocl_ensemble *ensemble) {
    const epocl_status status = begin(folder);
    if (status != EPOCL_OK) return in_folder(folder, status);
    return take_next(folder, epocl_ensemble_save_at(ensemble, folder->folder, file_names[NEXT]));
}

/* ---- Paths ---- */

const char *run_folder_path(const run_folder *folder) {
    return folder->path;
}

bool run_folder_is_moved(const run_folder *folder) {
    return !folder_is_at(folder->folder, folder->path);
}

const char *run_folder_config_path(const run_folder *folder) {
    return folder->files[CONFIG];
}

const char *run_folder_model_path(const run_folder *folder) {
    return folder->files[MODEL];
}

bool run_folder_has_model(const run_folder *folder) {
    return has_file(folder, MODEL);
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
        if (folder->has_begun) unlinkat(folder->folder, file_names[CONFIG], 0);
        run_folder_withdraw(folder);
    }
    if (folder->folder != NO_FOLDER) close(folder->folder);
    json_decref(folder->config);
    for (size_t i = 0; i < FILE_COUNT; i++) free(folder->files[i]);
    free(folder->path);
    free(folder);
}
