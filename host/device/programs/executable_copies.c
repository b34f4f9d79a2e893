/* Copies between tensors, and between them and host memory: that of an executable that is parked. */
#include "device/device.h"
#include "device/programs/executable.h"
#include "device/wait.h"

#include <string.h>

/* ---- in host memory ---- */

/* Where one of its own tensors begins. */
static char *parked_place(const executable *e, tensor_id id) {
    size_t offset = 0;
    for (size_t i = TENSOR_FIRST; i < id; i++)
        if (!executable_borrows(e, i)) offset += e->plan->tensors[i].bytes;
    return e->parked + offset;
}

static epocl_status write_parked(const executable *e, tensor_id id, size_t offset, const void *values, size_t bytes) {
    memcpy(parked_place(e, id) + offset, values, bytes);
    return EPOCL_OK;
}

static epocl_status read_parked(const executable *e, tensor_id id, void *values, size_t bytes) {
    memcpy(values, parked_place(e, id), bytes);
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
    if (e->parked) return write_parked(e, id, 0, values, bytes);
    return device_write(e->device, e->buffers[id], values, bytes, e->plan->tensors[id].name);
}

epocl_status executable_read(const executable *e, tensor_id id, void *values, size_t bytes) {
    if (e->parked) return read_parked(e, id, values, bytes);
    return device_read(e->device, e->buffers[id], values, bytes, e->plan->tensors[id].name);
}

epocl_status executable_write_later(const executable *e, tensor_id id, size_t offset, const void *values,
                                    size_t bytes) {
    if (e->parked) return write_parked(e, id, offset, values, bytes);
    return device_write_later(e->device, e->buffers[id], offset, values, bytes, e->plan->tensors[id].name);
}

epocl_status executable_read_later(const executable *e, tensor_id id, void *values, size_t bytes) {
    if (e->parked) return read_parked(e, id, values, bytes);
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
