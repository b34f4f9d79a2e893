#include "device/work_group.h"
#include "base/checked.h"

static const char *const small_kernel = "__kernel void small(__global float *x) { x[get_global_id(0)] = 0.0f; }";

epocl_status device_limits(const epocl_device *device, epocl_device_info *limits) {
    epocl_status status = EPOCL_OK;
    cl_program program = NULL;
    cl_kernel kernel = NULL;
    cl_int code;
    size_t granted = 0;
    *limits = device->info;
    program = clCreateProgramWithSource(device->context, 1, (const char *[]){small_kernel}, NULL, &code);
    if (!program) return fail_opencl(code, "clCreateProgramWithSource", device->info.name);
    CL_TRY(clBuildProgram(program, 1, &device->id, "-cl-std=CL1.2", NULL, NULL));
    kernel = clCreateKernel(program, "small", &code);
    if (!kernel) {
        status = fail_opencl(code, "clCreateKernel", device->info.name);
        goto cleanup;
    }
    CL_TRY(clGetKernelWorkGroupInfo(kernel, device->id, CL_KERNEL_WORK_GROUP_SIZE, sizeof granted, &granted, NULL));
    limits->max_work_group_size = smaller(limits->max_work_group_size, granted);
cleanup:
    if (kernel) clReleaseKernel(kernel);
    clReleaseProgram(program);
    return status;
}
