/* The log of the OpenCL layer, read. */
#ifndef EPOCL_TESTS_FAULTS_CALL_LOG_H
#define EPOCL_TESTS_FAULTS_CALL_LOG_H

#include <stdbool.h>
#include <stddef.h>

typedef struct logged_call {
    char name[48];
    int code;
    bool is_injected;
} logged_call;

typedef struct call_log {
    logged_call *calls; /* call N at N - 1 */
    size_t call_count;
    bool has_end;      /* main() has ended */
    char problem[200]; /* an object left, a release of what is not alive; "" if none */
} call_log;

call_log call_log_read(const char *path);
void call_log_release(call_log *log);

#endif
