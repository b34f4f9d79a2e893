#include "command/doctor/doctor.h"
#include "command/system/pocl_cache.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

static void report_own(findings *found) {
    const char *folder = epocl_cache_folder();
    if (!folder) {
        finding_add(found, FINDING_NOTE, "cache", "set EPOCL_CACHE_DIR to a folder of yours, or HOME",
                    "nothing is kept: devices are tested and timed anew at every start");
        return;
    }
    if (access(folder, R_OK | W_OK | X_OK) == 0) {
        const size_t count = count_files(folder);
        finding_add(found, FINDING_OK, "cache", "", "%zu file%s in %s", count, count == 1 ? "" : "s", folder);
    } else if (errno == ENOENT && folder_is_possible(folder)) {
        finding_add(found, FINDING_OK, "cache", "", "%s is not there yet; the first run makes it", folder);
    } else {
        finding_add(found, FINDING_NOTE, "cache",
                    "make it yours (chown, chmod), or set EPOCL_CACHE_DIR to another folder",
                    "%s cannot be used: %s; devices are tested and timed anew at every start", folder, strerror(errno));
    }
}

/* PoCL's, which is of no use to it if it cannot be written; nothing where it can. */
static void report_pocl(findings *found) {
    static const char advice[] = "set POCL_CACHE_DIR, or HOME, to a folder that this user can write";
    const char *folder = getenv("POCL_CACHE_DIR"), *unwritable = pocl_cache_unwritable();
    const bool is_set = folder && *folder;
    if (is_set && !folder_is_possible(folder))
        finding_add(found, FINDING_PROBLEM, "cache", advice,
                    "POCL_CACHE_DIR=%s cannot be used: %s; PoCL has no device without it", folder, strerror(errno));
    else if (is_set && unwritable)
        finding_add(found, FINDING_NOTE, "cache", advice,
                    "PoCL cannot keep kernels in %s, and so had no device; epocl lets it use %s", unwritable, folder);
    else if (unwritable)
        finding_add(found, FINDING_PROBLEM, "cache", advice,
                    "PoCL cannot keep kernels in %s; it has no device without that", unwritable);
}

void doctor_cache(findings *found) {
    report_own(found);
    report_pocl(found);
}
