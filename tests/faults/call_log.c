#include "faults/call_log.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(call_log *log, const logged_call *call) {
    enum { STEP = 1024 };
    if (log->call_count % STEP == 0) {
        log->calls = realloc(log->calls, (log->call_count + STEP) * sizeof *log->calls);
        ck_assert_ptr_nonnull(log->calls);
    }
    log->calls[log->call_count++] = *call;
}

call_log call_log_read(const char *path) {
    call_log log = {0};
    char line[256], injected[16];
    FILE *file = fopen(path, "r");
    if (!file) return log; /* the run ended before its first call */
    while (fgets(line, sizeof line, file)) {
        logged_call call = {0};
        size_t number = 0;
        line[strcspn(line, "\n")] = '\0';
        const int found = sscanf(line, "%zu %47s %d %15s", &number, call.name, &call.code, injected);
        call.is_injected = found == 4;
        if (found >= 3) add(&log, &call);
        if (strncmp(line, "alive ", 6) == 0) log.has_end = true;
        if ((strncmp(line, "misuse", 6) == 0 || strncmp(line, "object ", 7) == 0) && !*log.problem)
            snprintf(log.problem, sizeof log.problem, "%.190s", line);
    }
    fclose(file);
    return log;
}

void call_log_release(call_log *log) {
    free(log->calls);
    *log = (call_log){0};
}
