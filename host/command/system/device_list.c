#include "command/system/device_list.h"

#include "base/checked.h"
#include "command/system/driver_files.h"
#include "command/system/driver_guard.h"
#include "command/system/in_child.h"

#include <stdio.h>

enum { LIST_SECONDS = 120 };

static bool list_all(const char *unused, char *text, size_t capacity) {
    size_t count = 0;
    (void)unused, (void)text, (void)capacity;
    epocl_platforms_list(NULL, 0, &count);
    epocl_devices_list(NULL, 0, &count);
    return true;
}

/* Before OpenCL starts. */
static epocl_status check_files(void) {
    char path[4096];
    if (!driver_files_wait(path, sizeof path)) return EPOCL_OK;
    return fail(EPOCL_ERROR_DEVICE,
                "%s is a pipe or a device, for which every program that uses OpenCL would wait: remove it", path);
}

bool device_list_survives(char *text, size_t capacity) {
    char path[4096];
    if (driver_files_wait(path, sizeof path)) {
        snprintf(text, capacity, "would wait without end for %s", path);
        return false;
    }
    return in_child(list_all, "", LIST_SECONDS, text, capacity);
}

epocl_status device_list(epocl_device_info **infos, size_t *count) {
    epocl_status status = EPOCL_OK;
    epocl_device_info *list = NULL;
    size_t capacity = 0;
    *infos = NULL;
    *count = 0;
    TRY(check_files());
    fflush(stdout);
    driver_guard_begin();
    status = epocl_devices_list(NULL, 0, &capacity);
    driver_guard_end();
    TRY(status);
    if (capacity == 0)
        TRY(fail(EPOCL_ERROR_DEVICE, "no OpenCL device found; epocl doctor says why; a driver for a GPU is missing, or "
                                     "PoCL for the CPU (Debian: pocl-opencl-icd)"));
    TRY(allocate(capacity, sizeof *list, "the list of devices", &list));
    TRY(epocl_devices_list(list, capacity, count));
    *count = smaller(*count, capacity);
    *infos = list;
    list = NULL;
cleanup:
    free(list);
    return status;
}

epocl_status device_open(const settings *given, const char *selector, epocl_device **device) {
    epocl_status status = EPOCL_OK;
    TRY(check_files());
    fflush(stdout);
    driver_guard_begin();
    status = epocl_device_open(selector, device);
    driver_guard_end();
    TRY(status);
    TRY(epocl_device_trust(*device, given->no_self_test));
    TRY(epocl_device_set_timeout(*device, given->timeout > 0 ? given->timeout : 0));
cleanup:
    return status;
}
