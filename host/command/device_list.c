#include "command/device_list.h"

#include "base/checked.h"

epocl_status device_list(epocl_device_info **infos, size_t *count) {
    epocl_status status = EPOCL_OK;
    epocl_device_info *list = NULL;
    size_t capacity = 0;
    *infos = NULL;
    *count = 0;
    TRY(epocl_devices_list(NULL, 0, &capacity));
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
    TRY(epocl_device_open(selector, device));
    TRY(epocl_device_trust(*device, given->no_self_test));
    TRY(epocl_device_set_timeout(*device, given->timeout));
cleanup:
    return status;
}
