#define _GNU_SOURCE /* scandir()'s order; makedev() */

#include "command/system/driver_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

const char *variable_text(const char *name) {
    const char *text = getenv(name);
    return text && *text ? text : NULL;
}

static int is_icd_file(const struct dirent *entry) {
    const size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".icd") == 0;
}

int driver_files_list(const char *folder, struct dirent ***entries) {
    return scandir(folder, entries, is_icd_file, alphasort);
}

/* /dev/null, in whose stead a file or folder is hidden, ends at once. */
static bool waits(const char *path) {
    struct stat state;
    if (stat(path, &state) != 0) return false;
    return S_ISFIFO(state.st_mode) || (S_ISCHR(state.st_mode) && state.st_rdev != makedev(1, 3));
}

/* Whether one of a folder's ICD files does, or what is in the folder's place. */
static bool folder_waits(const char *folder, char *path, size_t capacity) {
    struct dirent **entries = NULL;
    snprintf(path, capacity, "%s", folder);
    bool found = waits(path);
    const int count = found ? 0 : driver_files_list(folder, &entries);
    for (int i = 0; i < count; i++) {
        if (!found) {
            snprintf(path, capacity, "%s/%s", folder, entries[i]->d_name);
            found = waits(path);
        }
        free(entries[i]);
    }
    free(entries);
    return found;
}

bool driver_files_wait(char *path, size_t capacity) {
    const char *vendors = variable_text("OCL_ICD_VENDORS"), *other = variable_text("OPENCL_VENDOR_PATH");
    return (other && folder_waits(other, path, capacity)) ||
           folder_waits(vendors ? vendors : DRIVER_FOLDER, path, capacity);
}
