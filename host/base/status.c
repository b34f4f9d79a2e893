#include "base/status.h"

#include "base/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ERROR_CAPACITY = 4096 };

static _Thread_local char last_error[ERROR_CAPACITY];

static const char *const status_names[] = {
    [EPOCL_OK] = "EPOCL_OK",
    [EPOCL_ERROR_ARGUMENT] = "EPOCL_ERROR_ARGUMENT",
    [EPOCL_ERROR_NO_INPUT] = "EPOCL_ERROR_NO_INPUT",
    [EPOCL_ERROR_DATA] = "EPOCL_ERROR_DATA",
    [EPOCL_ERROR_DEVICE] = "EPOCL_ERROR_DEVICE",
    [EPOCL_ERROR_OPENCL] = "EPOCL_ERROR_OPENCL",
    [EPOCL_ERROR_MEMORY] = "EPOCL_ERROR_MEMORY",
    [EPOCL_ERROR_SELF_TEST] = "EPOCL_ERROR_SELF_TEST",
    [EPOCL_ERROR_CREATE] = "EPOCL_ERROR_CREATE",
    [EPOCL_ERROR_WRITE] = "EPOCL_ERROR_WRITE",
    [EPOCL_ERROR_DIVERGED] = "EPOCL_ERROR_DIVERGED",
    [EPOCL_STOPPED] = "EPOCL_STOPPED",
    [EPOCL_ERROR_TIMEOUT] = "EPOCL_ERROR_TIMEOUT",
};

const char *epocl_version(void) {
    return EPOCL_VERSION;
}

const char *epocl_status_name(epocl_status status) {
    const size_t count = sizeof status_names / sizeof *status_names;
    return (size_t)status < count ? status_names[status] : "unknown epocl_status";
}

const char *epocl_last_error(void) {
    return last_error;
}

epocl_status fail(epocl_status status, const char *format, ...) {
    /* Formatted aside first: the arguments may contain the last error itself. */
    char text[ERROR_CAPACITY];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    memcpy(last_error, printable_clean(text), sizeof text);
    return status;
}

epocl_status fail_prefix(epocl_status status, const char *format, ...) {
    char text[ERROR_CAPACITY];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0) length = 0;
    if ((size_t)length < sizeof text) snprintf(text + length, sizeof text - (size_t)length, "%s", last_error);
    memcpy(last_error, printable_clean(text), sizeof text);
    return status;
}
