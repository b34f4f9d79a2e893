/* For realpath(). */
#define _XOPEN_SOURCE 700

#include "base/files/output_file.h"

#include "base/checked.h"
#include "base/files/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output_file {
    char *path;       /* as the caller gave it, for messages              */
    char *target;     /* the same, of a path with its symbolic links resolved */
    const char *name; /* last part of target, within it                   */
    int folder;       /* a descriptor of its own, -1 until opened         */
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

static epocl_status resolve_target(output_file *file) {
    file->target = realpath(file->path, NULL);
    if (!file->target && errno != ENOENT)
        return fail(EPOCL_ERROR_CREATE, "%s: cannot create: %s", file->path, strerror(errno));
    if (!file->target) {
        const epocl_status status = copy_text(file->path, &file->target);
        if (status != EPOCL_OK) return status;
    }
    const char *slash = strrchr(file->target, '/');
    file->name = slash ? slash + 1 : file->target;
    if (!*file->name) return fail(EPOCL_ERROR_CREATE, "'%s' is not the name of a file", file->path);
    return EPOCL_OK;
}

/* What is there already can only be a regular file or a link, which is replaced. */
static epocl_status check_target(const output_file *file) {
    struct stat state;
    if (fstatat(file->folder, file->name, &state, AT_SYMLINK_NOFOLLOW) != 0) return EPOCL_OK;
    if (S_ISREG(state.st_mode) || S_ISLNK(state.st_mode)) return EPOCL_OK;
    return fail(EPOCL_ERROR_CREATE, "%s: exists and is not a regular file", file->path);
}

static epocl_status open_target_folder(output_file *file) {
    epocl_status status = EPOCL_OK;
    char *folder = NULL;
    const size_t folder_length = (size_t)(file->name - file->target);
    TRY(copy_text(folder_length ? file->target : ".", &folder));
    if (folder_length) folder[folder_length] = '\0';
    file->folder = folder_open(folder);
    if (file->folder < 0)
        status = fail(EPOCL_ERROR_CREATE, "%s: cannot open the folder '%s': %s", file->path, folder, strerror(errno));
cleanup:
    free(folder);
    return status;
}

/* The file's name in an open folder, of which it takes a descriptor of its own. */
static epocl_status set_target_in(output_file *file, int folder) {
    const epocl_status status = copy_text(file->path, &file->target);
    if (status != EPOCL_OK) return status;
    file->name = file->target;
    file->folder = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    if (file->folder >= 0) return EPOCL_OK;
    return fail(EPOCL_ERROR_CREATE, "%s: cannot open its folder: %s", file->path, strerror(errno));
}

epocl_status output_file_open_at(int folder, const char *name, output_file **file) {
    epocl_status status = EPOCL_OK;
    *file = NULL;
    if (!name) return fail(EPOCL_ERROR_ARGUMENT, "the path of an output file is NULL");

    output_file *opened = NULL;
    TRY(allocate(1, sizeof *opened, "an output file", &opened));
    opened->folder = opened->descriptor = -1;
    TRY(copy_text(name, &opened->path));
    if (folder == NO_FOLDER) {
        TRY(resolve_target(opened));
        TRY(open_target_folder(opened));
    } else {
        TRY(set_target_in(opened, folder));
    }
    TRY(check_target(opened));
    opened->descriptor = folder_create_temporary(opened->folder, opened->temporary_name);
    if (opened->descriptor < 0) {
        status = fail(EPOCL_ERROR_CREATE, "%s: cannot create a file in its folder: %s", name, strerror(errno));
        goto cleanup;
    }
    opened->is_pending = true;
    *file = opened;
    opened = NULL;
cleanup:
    output_file_release(opened);
    return status;
}

epocl_status output_file_open(const char *path, output_file **file) {
    return output_file_open_at(NO_FOLDER, path, file);
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
    if (!descriptor_sync(file->descriptor)) return write_failure(file);
    const int close_result = close(file->descriptor);
    file->descriptor = -1;
    if (close_result != 0 && errno != EINTR) return write_failure(file);
    if (renameat(file->folder, file->temporary_name, file->folder, file->name) != 0) return write_failure(file);
    file->is_pending = false;
    if (!descriptor_sync(file->folder))
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

epocl_status output_file_save_at(int folder, const char *name, const void *bytes, size_t byte_count) {
    epocl_status status = EPOCL_OK;
    output_file *file = NULL;
    TRY(output_file_open_at(folder, name, &file));
    TRY(output_file_write(file, bytes, byte_count));
    TRY(output_file_commit(file));
cleanup:
    output_file_release(file);
    return status;
}

epocl_status output_file_save(const char *path, const void *bytes, size_t byte_count) {
    return output_file_save_at(NO_FOLDER, path, bytes, byte_count);
}

epocl_status output_folder_create(const char *path, bool *created) {
    bool is_new = false;
    const epocl_status status = folder_make(path, &is_new);
    if (created) *created = false;
    if (status != EPOCL_OK) return status;
    const int folder = folder_open(path);
    const int code = folder >= 0 ? folder_prove(folder) : errno;
    if (folder >= 0) close(folder);
    if (created) *created = is_new && code == 0;
    if (code == 0) return EPOCL_OK;
    if (is_new) rmdir(path);
    return fail(EPOCL_ERROR_CREATE, "%s: cannot create files in this folder: %s", path, strerror(code));
}
