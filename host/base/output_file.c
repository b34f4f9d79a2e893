/* For realpath(). */
#define _XOPEN_SOURCE 700

#include "base/output_file.h"

#include "base/checked.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMPORARY_NAME_CAPACITY = 64, TEMPORARY_NAME_TRIES = 1000 };

#define TEMPORARY_NAME ".epocl-%ld-%u.tmp" /* process, serial number */

struct output_file {
    char *path;       /* as the caller gave it, for messages              */
    char *target;     /* path with its symbolic links resolved            */
    const char *name; /* last part of target, within it                   */
    int folder;       /* descriptor of the folder, -1 until opened        */
    int descriptor;   /* of the temporary file, -1 when closed            */
    bool is_pending;  /* the temporary file exists under temporary_name   */
    char temporary_name[TEMPORARY_NAME_CAPACITY];
};

static epocl_status copy_text(const char *text, char **copy) {
    const size_t byte_count = strlen(text) + 1;
    const epocl_status status = allocate(byte_count, 1, "a path", copy);
    if (status == EPOCL_OK) memcpy(*copy, text, byte_count);
    return status;
}

/* Makes an empty file under a name that is not taken; returns its descriptor, or -1 with errno set. The name is
 * short and does not depend on the target's, which may already be as long as a name can be. */
static int create_temporary(int folder, char name[TEMPORARY_NAME_CAPACITY]) {
    static atomic_uint serial;
    for (int i = 0; i < TEMPORARY_NAME_TRIES; i++) {
        snprintf(name, TEMPORARY_NAME_CAPACITY, TEMPORARY_NAME, (long)getpid(), atomic_fetch_add(&serial, 1u));
        const int descriptor = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (descriptor >= 0 || errno != EEXIST) return descriptor;
    }
    return -1;
}

static int open_folder(const char *path) {
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* fsync; false with errno set. EINVAL is no failure: it comes from file systems that cannot sync a folder. */
static bool sync_descriptor(int descriptor) {
    int result;
    do result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result == 0 || errno == EINVAL;
}

static epocl_status resolve_target(output_file *file) {
    file->target = realpath(file->path, NULL);
    if (!file->target && errno != ENOENT)
        return fail(EPOCL_ERROR_CREATE, "%s: cannot create: %s", file->path, strerror(errno));
    if (!file->target) {
        const epocl_status status = copy_text(file->path, &file->target);
        if (status != EPOCL_OK) return status;
    }
    struct stat target_stat;
    if (stat(file->target, &target_stat) == 0 && !S_ISREG(target_stat.st_mode))
        return fail(EPOCL_ERROR_CREATE, "%s: exists and is not a regular file", file->path);
    const char *slash = strrchr(file->target, '/');
    file->name = slash ? slash + 1 : file->target;
    if (!*file->name) return fail(EPOCL_ERROR_CREATE, "'%s' is not the name of a file", file->path);
    return EPOCL_OK;
}

static epocl_status open_target_folder(output_file *file) {
    epocl_status status = EPOCL_OK;
    char *folder = NULL;
    const size_t folder_length = (size_t)(file->name - file->target);
    TRY(copy_text(folder_length ? file->target : ".", &folder));
    if (folder_length) folder[folder_length] = '\0';
    file->folder = open_folder(folder);
    if (file->folder < 0)
        status = fail(EPOCL_ERROR_CREATE, "%s: cannot open the folder '%s': %s", file->path, folder, strerror(errno));
cleanup:
    free(folder);
    return status;
}

epocl_status output_file_open(const char *path, output_file **file) {
    epocl_status status = EPOCL_OK;
    *file = NULL;
    if (!path) return fail(EPOCL_ERROR_ARGUMENT, "the path of an output file is NULL");

    output_file *opened = NULL;
    TRY(allocate(1, sizeof *opened, "an output file", &opened));
    opened->folder = opened->descriptor = -1;
    TRY(copy_text(path, &opened->path));
    TRY(resolve_target(opened));
    TRY(open_target_folder(opened));
    opened->descriptor = create_temporary(opened->folder, opened->temporary_name);
    if (opened->descriptor < 0) {
        status = fail(EPOCL_ERROR_CREATE, "%s: cannot create a file in its folder: %s", path, strerror(errno));
        goto cleanup;
    }
    opened->is_pending = true;
    *file = opened;
    opened = NULL;
cleanup:
    output_file_release(opened);
    return status;
}

static epocl_status write_failure(const output_file *file) {
    return fail(EPOCL_ERROR_WRITE, "%s: cannot write: %s", file->path, strerror(errno));
}

epocl_status output_file_write(output_file *file, const void *bytes, size_t byte_count) {
    const char *next = bytes;
    while (byte_count > 0) {
        const ssize_t written = write(file->descriptor, next, byte_count);
        if (written < 0) {
            if (errno == EINTR) continue;
            return write_failure(file);
        }
        next += written;
        byte_count -= (size_t)written;
    }
    return EPOCL_OK;
}

epocl_status output_file_commit(output_file *file) {
    if (!sync_descriptor(file->descriptor)) return write_failure(file);
    const int close_result = close(file->descriptor);
    file->descriptor = -1;
    if (close_result != 0 && errno != EINTR) return write_failure(file);
    if (renameat(file->folder, file->temporary_name, file->folder, file->name) != 0) return write_failure(file);
    file->is_pending = false;
    if (!sync_descriptor(file->folder))
        return fail(EPOCL_ERROR_WRITE, "%s: written, but its folder cannot be put on the disk: %s", file->path,
                    strerror(errno));
    return EPOCL_OK;
}

void output_file_release(output_file *file) {
    if (!file) return;
    if (file->descriptor >= 0) close(file->descriptor);
    if (file->is_pending) unlinkat(file->folder, file->temporary_name, 0);
    if (file->folder >= 0) close(file->folder);
    free(file->target);
    free(file->path);
    free(file);
}

epocl_status output_file_save(const char *path, const void *bytes, size_t byte_count) {
    epocl_status status = EPOCL_OK;
    output_file *file = NULL;
    TRY(output_file_open(path, &file));
    TRY(output_file_write(file, bytes, byte_count));
    TRY(output_file_commit(file));
cleanup:
    output_file_release(file);
    return status;
}

static epocl_status sync_folder_of(const char *path) {
    epocl_status status = EPOCL_OK;
    char *folder = NULL;
    int descriptor = -1;
    TRY(copy_text(path, &folder));
    char *slash = strrchr(folder, '/');
    if (slash) *(slash == folder ? slash + 1 : slash) = '\0';
    descriptor = open_folder(slash ? folder : ".");
    if (descriptor < 0 || !sync_descriptor(descriptor))
        status = fail(EPOCL_ERROR_WRITE, "%s: its folder cannot be put on the disk: %s", path, strerror(errno));
cleanup:
    if (descriptor >= 0) close(descriptor);
    free(folder);
    return status;
}

epocl_status output_file_move(const char *from, const char *to) {
    if (rename(from, to) != 0)
        return fail(EPOCL_ERROR_WRITE, "%s: cannot rename it to %s: %s", from, to, strerror(errno));
    return sync_folder_of(to);
}

void output_folder_clean(const char *path) {
    DIR *folder = opendir(path);
    if (!folder) return;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        long process = 0;
        unsigned serial = 0;
        char name[TEMPORARY_NAME_CAPACITY];
        if (sscanf(entry->d_name, TEMPORARY_NAME, &process, &serial) != 2 || process <= 0) continue;
        snprintf(name, sizeof name, TEMPORARY_NAME, process, serial);
        if (strcmp(name, entry->d_name) != 0) continue;
        if (kill((pid_t)process, 0) != 0 && errno == ESRCH) unlinkat(dirfd(folder), name, 0);
    }
    closedir(folder);
}

/* Makes `path` and the folders above it; each `/` is an end for a moment. 0, or an errno. */
static int make_folders(char *path, bool *created) {
    *created = false;
    for (char *end = path + 1;; end++) {
        if (*end != '/' && *end != '\0') continue;
        const char kept = *end;
        *end = '\0';
        const bool is_new = mkdir(path, 0755) == 0;
        const int code = is_new ? 0 : errno;
        struct stat folder_stat;
        const bool is_folder = stat(path, &folder_stat) == 0 && S_ISDIR(folder_stat.st_mode);
        *end = kept;
        if (!is_folder) return code == EEXIST ? ENOTDIR : code ? code : ENOENT;
        if (is_new) *created = true;
        if (kept == '\0') return 0;
    }
}

/* Creates and removes a file in the folder, and puts the folder and its name on the disk. 0, or an errno. */
static int prove_folder(const char *path) {
    int code = 0, descriptor = -1, parent = -1;
    char name[TEMPORARY_NAME_CAPACITY];
    const int folder = open_folder(path);
    if (folder < 0) return errno;
    descriptor = create_temporary(folder, name);
    if (descriptor < 0 || unlinkat(folder, name, 0) != 0) code = errno;
    parent = openat(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (code == 0 && parent >= 0 && !sync_descriptor(parent)) code = errno;
    if (parent >= 0) close(parent);
    if (descriptor >= 0 && close(descriptor) != 0 && errno != EINTR && code == 0) code = errno;
    close(folder);
    return code;
}

epocl_status output_folder_create(const char *path, bool *created) {
    if (created) *created = false;
    if (!path || !*path) return fail(EPOCL_ERROR_CREATE, "the name of the output folder is empty");
    char *copy = NULL;
    epocl_status status = copy_text(path, &copy);
    if (status != EPOCL_OK) return status;
    bool is_new = false;
    int code = make_folders(copy, &is_new);
    if (code != 0) {
        status = fail(EPOCL_ERROR_CREATE, "%s: cannot create the folder: %s", path, strerror(code));
    } else if ((code = prove_folder(path)) != 0) {
        status = fail(EPOCL_ERROR_CREATE, "%s: cannot create files in this folder: %s", path, strerror(code));
        if (is_new) rmdir(path);
    }
    if (status == EPOCL_OK && created) *created = is_new;
    free(copy);
    return status;
}
