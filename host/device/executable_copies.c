/* Copies between tensors, and between them and host memory: that of an executable that is parked. */
#include "device/device.h"
#include "device/executable.h"
#include "device/wait.h"

#include <string.h>

/* ---- in host memory ---- */

/* Where one of its own tensors begins. */
static size_t parked_offset(const executable *e, tensor_id id) {
    size_t offset = 0;
    for (size_t i = TENSOR_FIRST; i < id; i++)
        if (!executable_borrows(e, i)) offset += e->plan->tensors[i].bytes;
    return offset;
}

/* Of tensors in host memory: to `values` or, where they are NULL, from `others`. */
static epocl_status copy_parked(const executable *e, tensor_id id, size_t offset, void *values, const void *others,
                                size_t bytes) {
    char *place = e->parked + parked_offset(e, id) + offset;
    if (values)
        memcpy(values, place, bytes);
    else
        memcpy(place, others, bytes);
    return EPOCL_OK;
}

/* ---- copies ---- */

epocl_status executable_clear(const executable *e, tensor_id id) {
    epocl_status status = EPOCL_OK;
    const cl_uchar zero = 0;
    const tensor *t = &e->plan->tensors[id];
    TRY(device_check(e->device));
    CL_TRY_NAMED(clEnqueueFillBuffer(e->device->queue, e->buffers[id], &zero, 1, 0, t->bytes, 0, NULL, NULL),
                 "clEnqueueFillBuffer", t->name);
cleanup:
    return status;
}

epocl_status executable_copy(const executable *e, tensor_id from, tensor_id to) {
    epocl_status status = EPOCL_OK;
    const tensor *t = &e->plan->tensors[from];
    TRY(device_check(e->device));
    CL_TRY_NAMED(clEnqueueCopyBuffer(e->device->queue, e->buffers[from], e->buffers[to], 0, 0, t->bytes, 0, NULL, NULL),
                 "clEnqueueCopyBuffer", t->name);
cleanup:
    return status;
}

epocl_status executable_write(const executable *e, tensor_id id, const void *values, size_t bytes) {
    if (e->parked) return copy_parked(e, id, 0, NULL, values, bytes);
    return device_write(e->device, e->buffers[id], values, bytes, e->plan->tensors[id].name);
}

epocl_status executable_read(const executable *e, tensor_id id, void *values, size_t bytes) {
    if (e->parked) return copy_parked(e, id, 0, values, NULL, bytes);
    return device_read(e->device, e->buffers[id], values, bytes, e->plan->tensors[id].name);
}

epocl_status executable_write_later(const executable *e, tensor_id id, size_t offset, const void *values,
                                    size_t bytes) {
    if (e->parked) return copy_parked(e, id, offset, NULL, values, bytes);
    return device_write_later(e->device, e->buffers[id], offset, values, bytes, e->plan->tensors[id].name);
}

epocl_status executable_read_later(const executable *e, tensor_id id, void *values, size_t bytes) {
    if (e->parked) return copy_parked(e, id, 0, values, NULL, bytes);
    return device_read_later(e->device, e->buffers[id], values, bytes, e->plan->tensors[id].name);
}

epocl_status executable_write_transposed(const executable *e, tensor_id id, const float *matrix) {
    epocl_status status = EPOCL_OK;
    const tensor *t = &e->plan->tensors[id];
    float *panels = NULL;
    TRY(allocate(t->bytes, 1, t->name, &panels));
    for (size_t column = 0; column < t->columns; column++)
        for (size_t row = 0; row < t->rows; row++)
            panels[tensor_index(t, row, column)] = matrix[column * t->rows + row];
    TRY(executable_write(e, id, panels, t->bytes));
cleanup:
    free(panels);
    return status;
}

epocl_status executable_read_transposed(const executable *e, tensor_id id, float *matrix) {
    epocl_status status = EPOCL_OK;
    const tensor *t = &e->plan->tensors[id];
    float *panels = NULL;
    TRY(allocate(t->bytes, 1, t->name, &panels));
    TRY(executable_read(e, id, panels, t->bytes));
    for (size_t column = 0; column < t->columns; column++)
        for (size_t row = 0; row < t->rows; row++)
            matrix[column * t->rows + row] = panels[tensor_index(t, row, column)];
cleanup:
    free(panels);
    return status;
}
