#include "faults/preload_log.h"
#include "faults/faulty_run.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void preload_begin(void) {
    set_variable("FAULT_LOG", "%s", scratch_path("faults"));
    set_variable("LD_PRELOAD", "%s", getenv("FAULT_PRELOAD"));
}

preload_log preload_log_read(bool was_killed) {
    preload_log log = {0};
    char line[128];
    const char *path = scratch_path("faults");
    FILE *file = fopen(path, "r");
    ck_assert_msg(file || was_killed, "the preloaded library has left no log");
    while (file && fgets(line, sizeof line, file)) {
        sscanf(line, "allocations %lu", &log.allocations);
        sscanf(line, "writes %lu", &log.writes);
        if (strncmp(line, "failed ", 7) == 0) log.failed_count++;
        if (strstr(line, "failed mkdir")) log.has_failed_mkdir = true;
        if (strstr(line, "failed openat")) log.has_failed_openat = true;
        if (strstr(line, "failed unlink") || strstr(line, "failed rmdir")) log.has_failed_removal = true;
    }
    if (file) fclose(file);
    unlink(path);
    return log;
}
