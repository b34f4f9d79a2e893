#include "base/checked.h"
#include "base/plural.h"
#include "command/doctor/doctor.h"
#include "command/show/describe.h"
#include "command/system/device_list.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What a device gets for each wait of the self-test. */
enum { SELF_TEST_SECONDS = 120 };

/* ---- lists ---- */

static epocl_status list_platforms(epocl_platform_info **infos, size_t *count) {
    epocl_status status = EPOCL_OK;
    size_t capacity = 0;
    TRY(epocl_platforms_list(NULL, 0, &capacity));
    TRY(allocate(capacity, sizeof **infos, "the list of platforms", infos));
    TRY(epocl_platforms_list(*infos, capacity, count));
    *count = smaller(*count, capacity);
cleanup:
    return status;
}

static epocl_status list_devices(epocl_device_info **infos, size_t *count) {
    epocl_status status = EPOCL_OK;
    size_t capacity = 0;
    TRY(epocl_devices_list(NULL, 0, &capacity));
    TRY(allocate(capacity, sizeof **infos, "the list of devices", infos));
    TRY(epocl_devices_list(*infos, capacity, count));
    *count = smaller(*count, capacity);
cleanup:
    return status;
}

/* ---- platforms ---- */

/* rusticl shows no device unless told which drivers to use. */
static void advise_rusticl(const hardware *seen, char *advice, size_t capacity) {
    const char *driver = "llvmpipe";
    for (size_t i = 0; i < GPU_VENDOR_COUNT; i++)
        if (seen->gpu_counts[i] > 0) driver = gpu_vendors[i].rusticl_name;
    snprintf(advice, capacity, "export RUSTICL_ENABLE=%s to use it%s", driver,
             strcmp(driver, "llvmpipe") == 0 ? " on the CPU" : "");
}

static void report_platform(findings *found, const epocl_platform_info *info, const hardware *seen) {
    char advice[256] = "nothing to do unless a device is missing: then see the nodes and GPUs above";
    if (*info->failure) {
        finding_add(found, FINDING_PROBLEM, "platform", "reinstall its driver, or look at dmesg",
                    "%s (%s) cannot list its devices: %s", info->name, info->version, info->failure);
        return;
    }
    if (info->device_count > 0) {
        finding_add(found, FINDING_OK, "platform", "", "%s (%s) has %zu device%s", info->name, info->version,
                    info->device_count, plural_s(info->device_count));
        return;
    }
    if (strstr(info->name, "rusticl")) advise_rusticl(seen, advice, sizeof advice);
    finding_add(found, FINDING_NOTE, "platform", advice, "%s (%s) has no device", info->name, info->version);
}

static void report_platforms(findings *found, const hardware *seen) {
    epocl_platform_info *infos = NULL;
    size_t count = 0;
    if (list_platforms(&infos, &count) != EPOCL_OK)
        finding_add(found, FINDING_PROBLEM, "platforms", "see the drivers above", "the platforms cannot be listed: %s",
                    epocl_last_error());
    else if (count == 0)
        finding_add(found, FINDING_PROBLEM, "platforms", "see the drivers above",
                    "the loader offers no OpenCL platform");
    for (size_t i = 0; i < count; i++) report_platform(found, &infos[i], seen);
    free(infos);
}

/* ---- devices ---- */

static void report_limits(findings *found, const char *name, const epocl_device_info *info) {
    char memory[32], piece[32], local[32];
    bytes_text(info->global_memory_bytes, memory, sizeof memory);
    bytes_text(info->max_allocation_bytes, piece, sizeof piece);
    bytes_text(info->local_memory_bytes, local, sizeof local);
    finding_add(
        found, FINDING_OK, "device", "",
        "%s: %s, driver %s, %u unit%s, %s of memory, at most %s in one piece, work-groups of %zu, %s local memory",
        name, info->device_version, info->driver_version, info->compute_units, plural_s(info->compute_units), memory,
        piece, info->max_work_group_size, local);
}

static epocl_status report_self_test(findings *found, const char *name, const char *selector) {
    epocl_device *device = NULL;
    epocl_status status = epocl_device_open(selector, &device);
    if (status != EPOCL_OK) {
        finding_add(found, FINDING_PROBLEM, "device", "reinstall its driver, or see whether another program holds it",
                    "%s cannot be opened: %s", name, epocl_last_error());
        return status;
    }
    TRY(epocl_device_set_timeout(device, SELF_TEST_SECONDS));
    TRY(epocl_device_self_test(device));
    finding_add(found, FINDING_OK, "self-test", "", "%s computes what the host computes", name);
cleanup:
    if (status != EPOCL_OK)
        finding_add(found, FINDING_PROBLEM, "self-test", "update or reinstall its driver, or use another device",
                    "%s: %s", name, epocl_last_error());
    epocl_device_release(device);
    return status;
}

/* EPOCL_OK for a device that can be used. */
static epocl_status report_device(findings *found, const epocl_device_info *info) {
    char name[300], selector[48];
    device_text(info, name, sizeof name);
    snprintf(selector, sizeof selector, "%zu:%zu", info->platform, info->device);
    if (*info->unusable) {
        finding_add(found, FINDING_PROBLEM, "device", "use another device, or a newer driver for this one",
                    "%s cannot be used: %s", name, info->unusable);
        return EPOCL_ERROR_DEVICE;
    }
    report_limits(found, name, info);
    return report_self_test(found, name, selector);
}

static bool contains_word(const char *text, const char *word) {
    const size_t length = strlen(word);
    for (; *text; text++) {
        size_t i = 0;
        while (i < length && tolower((unsigned char)text[i]) == word[i]) i++;
        if (i == length) return true;
    }
    return false;
}

static void report_unknown_gpus(findings *found, const epocl_device_info *infos, size_t count, const hardware *seen) {
    for (size_t v = 0; v < GPU_VENDOR_COUNT; v++) {
        bool is_known = seen->gpu_counts[v] == 0;
        for (size_t i = 0; i < count && !is_known; i++)
            is_known = infos[i].type == EPOCL_DEVICE_GPU && contains_word(infos[i].vendor, gpu_vendors[v].word);
        if (!is_known)
            finding_add(found, FINDING_PROBLEM, "gpu", gpu_vendors[v].opencl_advice,
                        "no OpenCL platform offers the %s GPU", gpu_vendors[v].name);
    }
}

static void report_choice(findings *found, size_t usable_count) {
    const char *selector = getenv("EPOCL_DEVICE");
    epocl_device *device = NULL;
    epocl_device_info info;
    char name[300];
    if (selector && !*selector) selector = NULL;
    if (usable_count == 0 || (selector && strcmp(selector, "all") == 0)) return;
    if (epocl_device_open(selector, &device) != EPOCL_OK) {
        finding_add(found, FINDING_PROBLEM, "choice", "unset EPOCL_DEVICE, or set it to one of the devices above", "%s",
                    epocl_last_error());
        return;
    }
    epocl_device_describe(device, &info);
    device_text(&info, name, sizeof name);
    finding_add(found, FINDING_OK, "choice", "", "commands use %s unless told otherwise by --device", name);
    epocl_device_release(device);
}

epocl_status doctor_devices(findings *found, const hardware *seen, size_t *usable_count) {
    epocl_status status = EPOCL_OK;
    epocl_device_info *infos = NULL;
    size_t count = 0;
    *usable_count = 0;
    char text[2048];
    if (!device_list_survives(text, sizeof text)) {
        finding_add(found, FINDING_PROBLEM, "devices",
                    "mend the driver above that does it or, if none does alone, move ICD files away one by one",
                    "listing the devices %s", text);
        return EPOCL_OK;
    }
    report_platforms(found, seen);
    if (list_devices(&infos, &count) != EPOCL_OK)
        finding_add(found, FINDING_PROBLEM, "devices", "see the platforms above", "the devices cannot be listed: %s",
                    epocl_last_error());
    for (size_t i = 0; i < count; i++) {
        const epocl_status reported = report_device(found, &infos[i]);
        if (reported == EPOCL_OK) ++*usable_count;
        if (reported == EPOCL_ERROR_TIMEOUT) status = reported;
    }
    report_unknown_gpus(found, infos, count, seen);
    report_choice(found, *usable_count);
    free(infos);
    return status;
}
