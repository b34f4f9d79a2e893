/* The flat list of devices over all platforms, and choosing one of them. */
#include "base/checked.h"
#include "base/result.h"
#include "device/device_info.h"
#include "device/process.h"
#include "device/wait.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct device_list {
    cl_device_id *ids;
    epocl_device_info *infos;
    size_t count;
    char problem[256]; /* why the first platform or device left out is not in the list; "" if none was */
} device_list;

static void device_list_release(device_list *list) {
    free(list->ids);
    free(list->infos);
    *list = (device_list){0};
}

/* What an OpenCL call has refused is left out of the list: others may do. Any other failure is the caller's. */
static epocl_status leave_out(device_list *list, epocl_status status) {
    if (status != EPOCL_ERROR_OPENCL) return status;
    if (!*list->problem) snprintf(list->problem, sizeof list->problem, "%s", epocl_last_error());
    return EPOCL_OK;
}

static epocl_status device_list_grow(device_list *list, size_t count) {
    cl_device_id *ids = realloc(list->ids, count * sizeof *ids);
    if (ids) list->ids = ids;
    epocl_device_info *infos = realloc(list->infos, count * sizeof *infos);
    if (infos) list->infos = infos;
    return ids && infos ? EPOCL_OK : fail(EPOCL_ERROR_MEMORY, "not enough memory for the list of devices");
}

/* Appends the devices of one platform. A platform that cannot say which it has is left out, and so is a device that
 * cannot be described. */
static epocl_status device_list_append(device_list *list, cl_platform_id platform, size_t platform_index) {
    epocl_status status = EPOCL_OK;
    cl_uint count = 0, found = 0;
    cl_int code = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, NULL, &count);
    if (code == CL_DEVICE_NOT_FOUND || (code == CL_SUCCESS && count == 0)) return EPOCL_OK;
    const size_t first = list->count;
    if (code == CL_SUCCESS) {
        TRY(device_list_grow(list, first + count));
        code = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, list->ids + first, &found);
    }
    if (code != CL_SUCCESS) return leave_out(list, fail_opencl(code, "clGetDeviceIDs", ""));

    for (size_t i = 0; i < smaller(count, found); i++) { /* fewer when one has gone meanwhile */
        epocl_device_info *info = &list->infos[list->count];
        memset(info, 0, sizeof *info);
        status = device_info_read(list->ids[first + i], info);
        if (status != EPOCL_OK) {
            TRY(leave_out(list, status));
            continue;
        }
        list->ids[list->count] = list->ids[first + i];
        info->index = list->count;
        info->platform = platform_index;
        info->device = i;
        list->count++;
    }
cleanup:
    return status;
}

/* All platforms, for the caller to free. Without any, loaders return an error: that is an empty list. */
static epocl_status platforms_read(cl_platform_id **platforms, cl_uint *count) {
    cl_uint found = 0;
    *platforms = NULL;
    *count = 0;
    const epocl_status usable = process_check();
    if (usable != EPOCL_OK) return usable;
    cl_int code = clGetPlatformIDs(0, NULL, &found);
    if (code == OPENCL_NO_PLATFORM || (code == CL_SUCCESS && found == 0)) return EPOCL_OK;
    if (code == CL_SUCCESS) {
        const epocl_status status = allocate(found, sizeof **platforms, "the list of platforms", platforms);
        if (status != EPOCL_OK) return status;
        code = clGetPlatformIDs(found, *platforms, NULL);
    }
    if (code != CL_SUCCESS) return fail_opencl(code, "clGetPlatformIDs", "");
    *count = found;
    return EPOCL_OK;
}

/* An empty list is no failure, unless something was left out of it. */
static epocl_status device_list_read(device_list *list) {
    cl_platform_id *platforms = NULL;
    cl_uint count = 0;
    *list = (device_list){0};
    epocl_status status = platforms_read(&platforms, &count);
    if (status != EPOCL_OK) {
        count = 0;
        TRY(leave_out(list, status));
    }
    for (cl_uint i = 0; i < count; i++) TRY(device_list_append(list, platforms[i], i));
    status = list->count > 0 || !*list->problem
                 ? EPOCL_OK
                 : fail(EPOCL_ERROR_DEVICE, "no OpenCL device can be used: %s", list->problem);
cleanup:
    free(platforms);
    if (status != EPOCL_OK) device_list_release(list);
    return status;
}

epocl_status epocl_devices_list_sized(epocl_device_info *infos, size_t capacity, size_t *count, size_t info_bytes) {
    if (count) *count = 0;
    if (!count || (capacity && !infos)) return fail(EPOCL_ERROR_ARGUMENT, "epocl_devices_list: NULL argument");
    device_list list;
    const epocl_status status = device_list_read(&list);
    if (status != EPOCL_OK) return status;
    *count = list.count;
    for (size_t i = 0; i < smaller(capacity, list.count); i++)
        result_write_at(infos, i, info_bytes, &list.infos[i], sizeof list.infos[i]);
    device_list_release(&list);
    return EPOCL_OK;
}

epocl_status epocl_platforms_list_sized(epocl_platform_info *infos, size_t capacity, size_t *count, size_t info_bytes) {
    epocl_status status = EPOCL_OK;
    cl_platform_id *platforms = NULL;
    cl_uint platform_count = 0;
    if (count) *count = 0;
    if (!count || (capacity && !infos)) return fail(EPOCL_ERROR_ARGUMENT, "epocl_platforms_list: NULL argument");
    TRY(platforms_read(&platforms, &platform_count));
    for (size_t i = 0; i < smaller(capacity, platform_count); i++) {
        epocl_platform_info made;
        TRY(platform_info_read(platforms[i], &made));
        result_write_at(infos, i, info_bytes, &made, sizeof made);
    }
    *count = platform_count;
cleanup:
    free(platforms);
    return status;
}

/* ---- choosing ---- */

static bool contains_ignoring_case(const char *text, const char *part) {
    const size_t length = strlen(part);
    for (; *text; text++) {
        size_t i = 0;
        while (i < length && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i])) i++;
        if (i == length) return true;
    }
    return false;
}

/* A whole text of digits as a number. */
static bool parse_index(const char *text, size_t length, size_t *index) {
    if (length == 0 || length > 9) return false;
    *index = 0;
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)text[i])) return false;
        *index = *index * 10 + (size_t)(text[i] - '0');
    }
    return true;
}

static bool matches(const epocl_device_info *info, const char *selector) {
    size_t index, platform, device;
    const char *colon = strchr(selector, ':');
    if (strcmp(selector, "cpu") == 0) return info->type == EPOCL_DEVICE_CPU;
    if (strcmp(selector, "gpu") == 0) return info->type == EPOCL_DEVICE_GPU;
    if (parse_index(selector, strlen(selector), &index)) return info->index == index;
    if (colon && parse_index(selector, (size_t)(colon - selector), &platform) &&
        parse_index(colon + 1, strlen(colon + 1), &device))
        return info->platform == platform && info->device == device;
    const char *const texts[] = {info->name, info->vendor, info->platform_name, info->device_version};
    for (size_t i = 0; *selector && i < sizeof texts / sizeof *texts; i++)
        if (contains_ignoring_case(texts[i], selector)) return true;
    return false;
}

static const epocl_device_info *first_match(const device_list *list, const char *selector, bool usable_only) {
    for (size_t i = 0; i < list->count; i++) {
        const epocl_device_info *info = &list->infos[i];
        if ((!usable_only || !*info->unusable) && (!selector || matches(info, selector))) return info;
    }
    return NULL;
}

/* The first that matches, if there is one the first of those that are usable. */
static const epocl_device_info *choose(const device_list *list, const char *selector) {
    const bool automatic = !selector || strcmp(selector, "auto") == 0;
    const char *const asked = automatic ? NULL : selector;
    const epocl_device_info *chosen = automatic ? first_match(list, "gpu", true) : NULL;
    if (!chosen) chosen = first_match(list, asked, true);
    return chosen ? chosen : first_match(list, asked, false);
}

static epocl_status check_usable(const epocl_device_info *info) {
    if (!*info->unusable) return EPOCL_OK;
    return fail(EPOCL_ERROR_DEVICE, "%zu:%zu %s cannot be used: %s; choose another device", info->platform,
                info->device, info->name, info->unusable);
}

static epocl_status fail_no_match(const device_list *list, const char *selector) {
    if (list->count == 0)
        return fail(EPOCL_ERROR_DEVICE,
                    "no OpenCL device found; epocl doctor says why; a driver for a GPU is missing, or "
                    "PoCL for the CPU (Debian: pocl-opencl-icd)");
    char known[2048] = "";
    for (size_t i = 0; i < list->count; i++) {
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%zu (%zu:%zu) %s", i ? ", " : "", i, list->infos[i].platform,
                 list->infos[i].device, list->infos[i].name);
    }
    return fail(EPOCL_ERROR_DEVICE, "no device matches '%s'; there are: %s", selector, known);
}

/* ---- opening ---- */

/* Held by the caller; no queues and no context yet. `programs`: of its context; NULL for a new one. */
static epocl_status device_allocate(program_cache *programs, epocl_device **device) {
    const epocl_status status = allocate(1, sizeof **device, "a device", device);
    if (status != EPOCL_OK) return status;
    atomic_init(&(*device)->holder_count, 1);
    (*device)->programs = program_cache_hold(programs);
    return programs ? EPOCL_OK : program_cache_create(&(*device)->programs);
}

epocl_device *device_hold(epocl_device *device) {
    atomic_fetch_add(&device->holder_count, 1);
    return device;
}

/* The queue must be of that context, and do its commands in order. */
static epocl_status check_queue(cl_context context, cl_command_queue queue) {
    epocl_status status = EPOCL_OK;
    cl_context its_context = NULL;
    cl_command_queue_properties properties = 0;
    CL_TRY(clGetCommandQueueInfo(queue, CL_QUEUE_CONTEXT, sizeof its_context, &its_context, NULL));
    CL_TRY(clGetCommandQueueInfo(queue, CL_QUEUE_PROPERTIES, sizeof properties, &properties, NULL));
    if (its_context != context)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_device_from_opencl: the queue is of another context");
    if (properties & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_device_from_opencl: the queue must execute in order");
cleanup:
    return status;
}

static epocl_status create_queue(const epocl_device *device, cl_command_queue_properties properties,
                                 cl_command_queue *queue) {
    cl_int code;
    *queue = clCreateCommandQueue(device->context, device->id, properties, &code);
    return *queue ? EPOCL_OK : fail_opencl(code, "clCreateCommandQueue", device->info.name);
}

epocl_status epocl_device_open(const char *selector, epocl_device **device) {
    epocl_status status = EPOCL_OK;
    device_list list = {0};
    epocl_device *d = NULL;
    cl_int code;
    if (!device) return fail(EPOCL_ERROR_ARGUMENT, "epocl_device_open: NULL argument");
    *device = NULL;
    TRY(device_list_read(&list));
    const epocl_device_info *chosen = choose(&list, selector);
    if (!chosen) {
        status = fail_no_match(&list, selector ? selector : "auto");
        goto cleanup;
    }
    TRY(check_usable(chosen));
    TRY(device_allocate(NULL, &d));
    d->info = *chosen;
    d->id = list.ids[chosen->index]; /* NOLINT(clang-analyzer-core.NullDereference): of the list, which is not empty */
    d->context = clCreateContext(NULL, 1, &d->id, NULL, NULL, &code);
    if (!d->context) {
        status = fail_opencl(code, "clCreateContext", d->info.name);
        goto cleanup;
    }
    TRY(create_queue(d, 0, &d->queue));
    TRY(create_queue(d, 0, &d->control));
    *device = d;
    d = NULL;
cleanup:
    epocl_device_release(d);
    device_list_release(&list);
    return status;
}

epocl_status epocl_device_from_opencl(cl_context context, cl_command_queue queue, epocl_device **device) {
    epocl_status status = EPOCL_OK;
    epocl_device *d = NULL;
    if (device) *device = NULL;
    if (!context || !queue || !device) return fail(EPOCL_ERROR_ARGUMENT, "epocl_device_from_opencl: NULL argument");
    TRY(process_check());
    TRY(check_queue(context, queue));
    TRY(device_allocate(NULL, &d));
    CL_TRY(clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof d->id, &d->id, NULL));
    TRY(device_info_read(d->id, &d->info));
    TRY(check_usable(&d->info));
    CL_TRY(clRetainContext(context));
    d->context = context;
    CL_TRY(clRetainCommandQueue(queue));
    d->queue = queue;
    TRY(create_queue(d, 0, &d->control));
    *device = d;
    d = NULL;
cleanup:
    epocl_device_release(d);
    return status;
}

epocl_status device_open_lane(epocl_device *device, bool keeps_times, epocl_device **lane) {
    epocl_status status = EPOCL_OK;
    epocl_device *d = NULL;
    *lane = NULL;
    TRY(device_allocate(device->programs, &d));
    d->main = device_hold(device_main(device));
    d->id = device->id;
    d->info = device->info;
    d->is_trusted = device->is_trusted;
    CL_TRY(clRetainContext(device->context));
    d->context = device->context;
    TRY(create_queue(d, keeps_times ? CL_QUEUE_PROFILING_ENABLE : 0, &d->queue));
    TRY(create_queue(d, 0, &d->control));
    *lane = d;
    d = NULL;
cleanup:
    epocl_device_release(d);
    return status;
}

epocl_status epocl_device_set_message(epocl_device *device, void (*message)(const char *text, void *user), void *user) {
    if (!device) return fail(EPOCL_ERROR_ARGUMENT, "epocl_device_set_message: device is NULL");
    device->message = message;
    device->user = user;
    return EPOCL_OK;
}

void device_say(const epocl_device *device, const char *text) {
    if (device->message) device->message(text, device->user);
}

void epocl_device_describe_sized(const epocl_device *device, epocl_device_info *info, size_t info_bytes) {
    result_write(info, info_bytes, &device->info, sizeof device->info);
}

/* What is to be released next: the device of a lane, or NULL. */
static epocl_device *release_one(epocl_device *device) {
    if (atomic_fetch_sub(&device->holder_count, 1) > 1) return NULL;
    device_notice_fork(device);
    if (device_is_lost(device)) {
        device_leave(device);
        return NULL;
    }
    epocl_device *next = device->main;
    if (device->control) clReleaseCommandQueue(device->control);
    if (device->queue) clReleaseCommandQueue(device->queue);
    program_cache_release(device->programs);
    if (device->context) clReleaseContext(device->context);
    free(device);
    return next;
}

void epocl_device_release(epocl_device *device) {
    while (device) device = release_one(device);
}
