/* For dirfd() and fdopendir(). */
#define _XOPEN_SOURCE 700

#include "base/files/folder.h"

#include "base/checked.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMPORARY_NAME_TRIES = 1000 };

#define TEMPORARY_NAME ".epocl-%ld-%u.tmp" /* process, serial number */

int folder_open(const char *path) {
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool is_same_file(const struct stat *one, const struct stat *other) {
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

bool folder_is_at(int folder, const char *path) {
    struct stat opened, found;
    return fstat(folder, &opened) == 0 && stat(path, &found) == 0 && is_same_file(&opened, &found);
}

/* Whether the descriptor has the lock, or can do without. */
static bool take_lock(int descriptor) {
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

bool folder_lock(int folder) {
    return take_lock(folder);
}

bool folder_has(int folder, const char *name) {
    struct stat state;
    return fstatat(folder, name, &state, AT_SYMLINK_NOFOLLOW) == 0;
}

bool descriptor_sync(int descriptor) {
    int result;
    do result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result == 0 || errno == EINVAL;
}

bool descriptor_write(int descriptor, const void *bytes, size_t byte_count) {
    const char *next = bytes;
    while (byte_count > 0) {
        const ssize_t written = write(descriptor, next, byte_count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        next += written;
        byte_count -= (size_t)written;
    }
    return true;
}

/* ---- Temporary files ---- */

/* Whether a file that this process has opened is still the one of that name. */
static bool is_named(int folder, const char *name, int descriptor) {
    struct stat opened, found;
    return fstat(descriptor, &opened) == 0 && fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
           is_same_file(&opened, &found);
}

/* Removes a temporary file unless somebody has it locked, or locks cannot tell. */
static void remove_abandoned(int folder, const char *name) {
    uint64_t byte_count;
    const int descriptor = regular_file_open_at(folder, name, &byte_count);
    if (descriptor < 0) return;
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 && is_named(folder, name, descriptor)) unlinkat(folder, name, 0);
    close(descriptor);
}

static int create_new(int folder, const char *name) {
    return openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
}

int folder_create_temporary(int folder, char name[TEMPORARY_NAME_CAPACITY]) {
    static atomic_uint serial;
    for (int i = 0; i < TEMPORARY_NAME_TRIES; i++) {
        snprintf(name, TEMPORARY_NAME_CAPACITY, TEMPORARY_NAME, (long)getpid(), atomic_fetch_add(&serial, 1u));
        int descriptor = create_new(folder, name);
        if (descriptor < 0 && errno == EEXIST) {
            remove_abandoned(folder, name); /* of an earlier process of this number */
            descriptor = create_new(folder, name);
        }
        if (descriptor < 0 && errno != EEXIST) return -1;
        if (descriptor < 0) continue;
        if (take_lock(descriptor) && is_named(folder, name, descriptor)) return descriptor;
        close(descriptor); /* somebody cleaned up between the two calls */
    }
    errno = EEXIST;
    return -1;
}

static bool is_temporary(const char *name) {
    long process = 0;
    unsigned serial = 0;
    char again[TEMPORARY_NAME_CAPACITY];
    if (sscanf(name, TEMPORARY_NAME, &process, &serial) != 2 || process <= 0) return false;
    snprintf(again, sizeof again, TEMPORARY_NAME, process, serial);
    return strcmp(again, name) == 0;
}

void folder_clean(int folder) {
    const int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* closedir() closes it */
    DIR *listing = again >= 0 ? fdopendir(again) : NULL;
    if (!listing && again >= 0) close(again);
    if (!listing) return;
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (is_temporary(entry->d_name)) remove_abandoned(folder, entry->d_name);
    closedir(listing);
}

/* ---- Moving and making ---- */

epocl_status folder_move(int folder, const char *from, const char *to) {
    if (renameat(folder, from, folder, to) != 0)
        return fail(EPOCL_ERROR_WRITE, "%s: cannot rename it to %s: %s", from, to, strerror(errno));
    if (!descriptor_sync(folder))
        return fail(EPOCL_ERROR_WRITE, "%s: its folder cannot be put on the disk: %s", to, strerror(errno));
    return EPOCL_OK;
}

int folder_prove(int folder) {
    char name[TEMPORARY_NAME_CAPACITY];
    const int descriptor = folder_create_temporary(folder, name);
    int code = descriptor < 0 || unlinkat(folder, name, 0) != 0 ? errno : 0;
    const int parent = openat(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (code == 0 && parent >= 0 && !descriptor_sync(parent)) code = errno;
    if (parent >= 0) close(parent);
    if (descriptor >= 0 && close(descriptor) != 0 && errno != EINTR && code == 0) code = errno;
    return code;
}

/* Makes `path` and the folders above it; each `/` is an end for a moment. 0, or an errno. */
static int make_folders(char *path, bool *created) {
    for (char *end = path + 1;; end++) {
        if (*end != '/' && *end != '\0') continue;
        const char kept = *end;
        *end = '\0';
        const bool is_new = mkdir(path, 0755) == 0;
        const int code = is_new ? 0 : errno;
        struct stat state;
        const bool is_folder = stat(path, &state) == 0 && S_ISDIR(state.st_mode);
        *end = kept;
        if (!is_folder) return code == EEXIST ? ENOTDIR : code ? code : ENOENT;
        if (is_new) *created = true;
        if (kept == '\0') return 0;
    }
}

epocl_status folder_make(const char *path, bool *created) {
    *created = false;
    if (!path || !*path) return fail(EPOCL_ERROR_CREATE, "the name of the output folder is empty");
    char *copy = NULL;
    epocl_status status = allocate(strlen(path) + 1, 1, "a path", &copy);
    if (status != EPOCL_OK) return status;
    strcpy(copy, path);
    const int code = make_folders(copy, created);
    if (code != 0) status = fail(EPOCL_ERROR_CREATE, "%s: cannot create the folder: %s", path, strerror(code));
    free(copy);
    return status;
}
