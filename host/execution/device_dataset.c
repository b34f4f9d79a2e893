#include "execution/device_dataset.h"

#include "base/checked.h"
#include "device/host_arena.h"
#include "device/wait.h"

#include <inttypes.h>

/* Values that an array is padded to: no less than plan_add_array() does with any usual matmul. */
enum { ARRAY_PADDING = 256 };

static const char *const array_names[ARRAY_COUNT] = {"inputs", "labels", "values", "weights"};

/* Where an array of a data set begins in host memory, NULL if it has none, and its bytes. */
static const void *host_array(const epocl_dataset *d, dataset_array array, size_t *bytes, size_t *value_bytes) {
    *value_bytes = array == ARRAY_INPUTS ? dataset_value_bytes(d) : sizeof(float);
    size_t values = d->sample_count;
    if (array == ARRAY_INPUTS) values *= d->input_count;
    if (array == ARRAY_VALUES) values *= d->value_count;
    *bytes = values * *value_bytes;
    const void *const arrays[ARRAY_COUNT] = {d->inputs, d->labels, d->values, d->weights};
    return arrays[array];
}

static epocl_status check_memory(const device_dataset *data, uint64_t taken_bytes) {
    const epocl_device_info *info = &data->device->info;
    const uint64_t total = device_dataset_bytes(data);
    for (size_t i = 0; i < ARRAY_COUNT; i++)
        if (data->bytes[i] > info->max_allocation_bytes)
            return fail(EPOCL_ERROR_MEMORY,
                        "the %s of the data set need %zu bytes in one piece, but %s allocates at most %" PRIu64
                        "; use fewer samples, or another device",
                        array_names[i], data->bytes[i], info->name, info->max_allocation_bytes);
    if (total + taken_bytes > info->global_memory_bytes)
        return fail(EPOCL_ERROR_MEMORY,
                    "the data set needs %" PRIu64 " bytes of device memory, but %s has %" PRIu64 ", of which %" PRIu64
                    " are taken; use fewer samples, or another device",
                    total, info->name, info->global_memory_bytes, taken_bytes);
    return EPOCL_OK;
}

static epocl_status upload(device_dataset *data, dataset_array array, const void *values, size_t bytes, char *memory) {
    cl_int code;
    data->buffers[array] = clCreateBuffer(data->device->context, CL_MEM_READ_WRITE | (memory ? CL_MEM_USE_HOST_PTR : 0),
                                          data->bytes[array], memory, &code);
    if (!data->buffers[array]) return fail_opencl(code, "clCreateBuffer", array_names[array]);
    return device_write(data->device, data->buffers[array], values, bytes, array_names[array]);
}

epocl_status device_dataset_create(epocl_device *device, const epocl_dataset *dataset, uint64_t taken_bytes,
                                   device_dataset **created) {
    epocl_status status = EPOCL_OK;
    device_dataset *data = NULL;
    const void *arrays[ARRAY_COUNT];
    size_t bytes[ARRAY_COUNT], value_bytes, offset = 0;
    *created = NULL;
    TRY(allocate(1, sizeof *data, "a data set on a device", &data));
    atomic_init(&data->holder_count, 1);
    data->device = device_hold(device);
    data->identity = dataset->identity;
    data->weights = dataset->weights;
    for (dataset_array i = 0; i < ARRAY_COUNT; i++) {
        arrays[i] = host_array(dataset, i, &bytes[i], &value_bytes);
        if (arrays[i]) data->bytes[i] = round_up(bytes[i], ARRAY_PADDING * value_bytes);
    }
    TRY(check_memory(data, taken_bytes));
    if (device->info.type == EPOCL_DEVICE_CPU) {
        data->host_arena = host_arena_allocate(device_dataset_bytes(data) + (size_t)ARRAY_COUNT * HOST_ARENA_ALIGNMENT);
        if (!data->host_arena) TRY(fail(EPOCL_ERROR_MEMORY, "not enough memory for the data set on the device"));
    }
    for (dataset_array i = 0; i < ARRAY_COUNT; i++) {
        if (!arrays[i]) continue;
        TRY(upload(data, i, arrays[i], bytes[i], data->host_arena ? data->host_arena + offset : NULL));
        offset += round_up(data->bytes[i], HOST_ARENA_ALIGNMENT);
    }
    dataset_fingerprint(dataset, data->fingerprint, sizeof data->fingerprint);
    *created = data;
    data = NULL;
cleanup:
    device_dataset_release(data);
    return status;
}

bool device_dataset_has_weights(const device_dataset *data, const epocl_dataset *dataset) {
    return data->identity == dataset->identity && data->weights == dataset->weights;
}

device_dataset *device_dataset_hold(device_dataset *data) {
    if (data) atomic_fetch_add(&data->holder_count, 1);
    return data;
}

void device_dataset_release(device_dataset *data) {
    if (!data || atomic_fetch_sub(&data->holder_count, 1) > 1) return;
    device_notice_fork(data->device);
    const bool is_idle = device_drain(data->device);
    for (size_t i = 0; i < ARRAY_COUNT; i++) {
        if (!data->buffers[i]) continue;
        if (is_idle)
            clReleaseMemObject(data->buffers[i]);
        else
            device_leave(data->buffers[i]);
    }
    if (is_idle)
        free(data->host_arena);
    else
        device_leave(data->host_arena);
    epocl_device_release(data->device);
    free(data);
}

uint64_t device_dataset_bytes(const device_dataset *data) {
    uint64_t total = 0;
    for (size_t i = 0; data && i < ARRAY_COUNT; i++) total += data->bytes[i];
    return total;
}
