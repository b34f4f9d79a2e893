/* Makes a device say that it has less than it has, and holds the program to it. */
#include "layers/layer.h"

#include <stdint.h>
#include <stdlib.h>

static cl_icd_dispatch next;
static unsigned long long most_work_items, most_local_bytes, most_allocation_bytes, most_global_bytes;

static void lower_size(void *value, unsigned long long most) {
    size_t *size = value;
    if (*size > most) *size = (size_t)most;
}

static void lower_ulong(void *value, unsigned long long most) {
    cl_ulong *size = value;
    if (*size > most) *size = most;
}

static CL_API_ENTRY cl_int CL_API_CALL limited_device_info(cl_device_id device, cl_device_info name, size_t size,
                                                           void *value, size_t *size_written) {
    size_t written = 0;
    const cl_int code = next.clGetDeviceInfo(device, name, size, value, &written);
    if (size_written) *size_written = written;
    if (code != CL_SUCCESS || !value) return code;
    switch (name) {
    case CL_DEVICE_MAX_WORK_GROUP_SIZE: lower_size(value, most_work_items); break;
    case CL_DEVICE_MAX_WORK_ITEM_SIZES:
        for (size_t i = 0; i < written / sizeof(size_t); i++) lower_size((size_t *)value + i, most_work_items);
        break;
    case CL_DEVICE_LOCAL_MEM_SIZE: lower_ulong(value, most_local_bytes); break;
    case CL_DEVICE_MAX_MEM_ALLOC_SIZE: lower_ulong(value, most_allocation_bytes); break;
    case CL_DEVICE_GLOBAL_MEM_SIZE: lower_ulong(value, most_global_bytes); break;
    default: break;
    }
    return code;
}

static CL_API_ENTRY cl_int CL_API_CALL limited_kernel_info(cl_kernel kernel, cl_device_id device,
                                                           cl_kernel_work_group_info name, size_t size, void *value,
                                                           size_t *size_written) {
    const cl_int code = next.clGetKernelWorkGroupInfo(kernel, device, name, size, value, size_written);
    if (code == CL_SUCCESS && value && name == CL_KERNEL_WORK_GROUP_SIZE) lower_size(value, most_work_items);
    return code;
}

static CL_API_ENTRY cl_mem CL_API_CALL limited_buffer(cl_context context, cl_mem_flags flags, size_t size,
                                                      void *host_ptr, cl_int *status) {
    cl_int code = CL_SUCCESS;
    if (size > most_allocation_bytes)
        code = CL_INVALID_BUFFER_SIZE;
    else if (size > most_global_bytes || tracked_buffer_bytes() > most_global_bytes - size)
        code = CL_MEM_OBJECT_ALLOCATION_FAILURE;
    if (code == CL_SUCCESS) return next.clCreateBuffer(context, flags, size, host_ptr, status);
    if (status) *status = code;
    return NULL;
}

/* A launch that leaves its work-group to the driver is the driver's matter. */
static cl_int check_launch(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const size_t *local) {
    cl_device_id device = NULL;
    cl_ulong local_bytes = 0;
    unsigned long long items = 1;
    for (cl_uint i = 0; local && i < dimensions; i++) items *= local[i];
    if (items > most_work_items) return CL_INVALID_WORK_GROUP_SIZE;
    cl_int code = next.clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof(cl_device_id), &device, NULL);
    if (code == CL_SUCCESS)
        code = next.clGetKernelWorkGroupInfo(kernel, device, CL_KERNEL_LOCAL_MEM_SIZE, sizeof local_bytes, &local_bytes,
                                             NULL);
    if (code != CL_SUCCESS) return code;
    return local_bytes > most_local_bytes ? CL_OUT_OF_RESOURCES : CL_SUCCESS;
}

static CL_API_ENTRY cl_int CL_API_CALL limited_launch(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                                                      const size_t *offset, const size_t *global, const size_t *local,
                                                      cl_uint wait_count, const cl_event *waits, cl_event *event) {
    const cl_int code = check_launch(queue, kernel, dimensions, local);
    if (code != CL_SUCCESS) return code;
    return next.clEnqueueNDRangeKernel(queue, kernel, dimensions, offset, global, local, wait_count, waits, event);
}

void lower_limits(cl_icd_dispatch *table) {
    most_work_items = layer_number("LAYER_MAX_WORK_GROUP", SIZE_MAX);
    most_local_bytes = layer_number("LAYER_MAX_LOCAL", UINT64_MAX);
    most_allocation_bytes = layer_number("LAYER_MAX_ALLOCATION", UINT64_MAX);
    most_global_bytes = layer_number("LAYER_MAX_GLOBAL", UINT64_MAX);
    if (most_work_items == SIZE_MAX && most_local_bytes == UINT64_MAX && most_allocation_bytes == UINT64_MAX &&
        most_global_bytes == UINT64_MAX)
        return;
    next = *table;
    table->clGetDeviceInfo = limited_device_info;
    table->clGetKernelWorkGroupInfo = limited_kernel_info;
    table->clCreateBuffer = limited_buffer;
    table->clEnqueueNDRangeKernel = limited_launch;
}
