#include "command/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static size_t count_files(const char *folder) {
    size_t count = 0;
    DIR *listing = opendir(folder);
    if (!listing) return 0;
    for (const struct dirent *entry; (entry = readdir(listing));) count += *entry->d_name != '.';
    closedir(listing);
    return count;
}

void doctor_cache(findings *found) {
    const char *folder = epocl_cache_folder();
    if (!folder) {
        finding_add(found, FINDING_NOTE, "cache", "set EPOCL_CACHE_DIR to a folder of yours, or HOME",
                    "nothing is kept: devices are tested and timed anew at every start");
        return;
    }
    if (access(folder, R_OK | W_OK | X_OK) == 0) {
        const size_t count = count_files(folder);
        finding_add(found, FINDING_OK, "cache", "", "%zu file%s in %s", count, count == 1 ? "" : "s", folder);
    } else if (errno == ENOENT) {
        finding_add(found, FINDING_OK, "cache", "", "%s is not there yet; the first run makes it", folder);
    } else {
        finding_add(found, FINDING_NOTE, "cache",
                    "make it yours (chown, chmod), or set EPOCL_CACHE_DIR to another folder",
                    "%s cannot be used: %s; devices are tested and timed anew at every start", folder, strerror(errno));
    }
}
