#include "command/system/pocl_cache.h"

#include "epocl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_CAPACITY = 4096 };

static char unwritable[PATH_CAPACITY]; /* "" without */

bool folder_is_possible(const char *path) {
    char above[PATH_CAPACITY];
    struct stat state;
    if (snprintf(above, sizeof above, "%s", path) >= PATH_CAPACITY) {
        errno = ENAMETOOLONG;
        return false;
    }
    while (stat(above, &state) != 0) {
        char *slash = strrchr(above, '/');
        if (errno != ENOENT) return false;
        if (!slash)
            strcpy(above, ".");
        else if (slash == above)
            above[1] = '\0';
        else
            *slash = '\0';
    }
    if (!S_ISDIR(state.st_mode)) errno = ENOTDIR;
    return S_ISDIR(state.st_mode) && access(above, R_OK | W_OK | X_OK) == 0;
}

/* What PoCL takes where POCL_CACHE_DIR is not set; false where it takes a folder below /tmp. */
static bool default_folder(char folder[PATH_CAPACITY]) {
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (xdg && *xdg) return snprintf(folder, PATH_CAPACITY, "%s/pocl/kcache", xdg) < PATH_CAPACITY;
    return home && snprintf(folder, PATH_CAPACITY, "%s/.cache/pocl/kcache", home) < PATH_CAPACITY;
}

/* A folder that nobody else can write: what lies in it is run as code. */
static bool make_private_folder(char folder[PATH_CAPACITY]) {
    const char *temporary = getenv("TMPDIR");
    struct stat state;
    if (!temporary || !*temporary) temporary = "/tmp";
    if (snprintf(folder, PATH_CAPACITY, "%s/epocl-%lu", temporary, (unsigned long)geteuid()) >= PATH_CAPACITY)
        return false;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return false;
    return lstat(folder, &state) == 0 && S_ISDIR(state.st_mode) && state.st_uid == geteuid() &&
           (state.st_mode & (S_IWGRP | S_IWOTH)) == 0 && access(folder, R_OK | W_OK | X_OK) == 0;
}

void pocl_cache_begin(void) {
    char wanted[PATH_CAPACITY], base[PATH_CAPACITY], folder[PATH_CAPACITY + 8];
    const char *given = getenv("POCL_CACHE_DIR"), *own = epocl_cache_folder();
    *unwritable = '\0';
    if ((given && *given) || !default_folder(wanted) || folder_is_possible(wanted)) return;
    snprintf(unwritable, sizeof unwritable, "%s", wanted);
    if (own && folder_is_possible(own))
        snprintf(base, sizeof base, "%s", own);
    else if (!make_private_folder(base))
        return;
    snprintf(folder, sizeof folder, "%s/pocl", base);
    setenv("POCL_CACHE_DIR", folder, 1);
}

const char *pocl_cache_unwritable(void) {
    return *unwritable ? unwritable : NULL;
}
