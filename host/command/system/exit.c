#include "command/system/exit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const int exit_codes[] = {
    [EPOCL_OK] = EXIT_DONE,
    [EPOCL_ERROR_ARGUMENT] = EXIT_USAGE,
    [EPOCL_ERROR_NO_INPUT] = EXIT_NO_INPUT,
    [EPOCL_ERROR_DATA] = EXIT_DATA,
    [EPOCL_ERROR_DEVICE] = EXIT_DEVICE,
    [EPOCL_ERROR_OPENCL] = EXIT_RUN_TIME,
    [EPOCL_ERROR_MEMORY] = EXIT_RUN_TIME,
    [EPOCL_ERROR_SELF_TEST] = EXIT_WRONG,
    [EPOCL_ERROR_CREATE] = EXIT_CREATE,
    [EPOCL_ERROR_WRITE] = EXIT_WRITE,
    [EPOCL_ERROR_DIVERGED] = EXIT_DIVERGED,
    [EPOCL_STOPPED] = EXIT_STOPPED,
    [EPOCL_ERROR_TIMEOUT] = EXIT_TIMEOUT,
};

static int exit_code_of(epocl_status status) {
    const size_t count = sizeof exit_codes / sizeof *exit_codes;
    return (size_t)status < count ? exit_codes[status] : EXIT_RUN_TIME;
}

void exit_with(epocl_status status) {
    if (status == EPOCL_ERROR_TIMEOUT) {
        fflush(NULL);
        _exit(exit_code_of(status));
    }
    exit(exit_code_of(status));
}
