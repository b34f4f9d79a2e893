/* Makes a few OpenCL calls on the first device and prints what they give, a line each: what the layer of tests/layers
 * does to a program. Usage: layer_probe */
#include <CL/cl.h>
#include <stdio.h>

static const char source[] = "kernel void small(global float *a) { a[get_global_id(0)] = 1; }\n"
                             "kernel void hungry(global float *a) {\n"
                             "    local float room[2048];\n"
                             "    room[get_local_id(0)] = a[0];\n"
                             "    barrier(CLK_LOCAL_MEM_FENCE);\n"
                             "    a[get_global_id(0)] = room[0];\n"
                             "}\n";

enum { FLOATS = 64 };

static cl_context context;
static cl_command_queue queue;
static cl_device_id device;

static int begin(void) {
    cl_platform_id platform;
    cl_int code;
    if (clGetPlatformIDs(1, &platform, NULL) != CL_SUCCESS) return 0;
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL) != CL_SUCCESS) return 0;
    context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
    queue = context ? clCreateCommandQueue(context, device, 0, &code) : NULL;
    return queue != NULL;
}

static void tell_limits(void) {
    size_t work_group = 0;
    cl_ulong local_bytes = 0, allocation = 0, global_bytes = 0;
    clGetDeviceInfo(device, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof work_group, &work_group, NULL);
    clGetDeviceInfo(device, CL_DEVICE_LOCAL_MEM_SIZE, sizeof local_bytes, &local_bytes, NULL);
    clGetDeviceInfo(device, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof allocation, &allocation, NULL);
    clGetDeviceInfo(device, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof global_bytes, &global_bytes, NULL);
    printf("limits %zu %llu %llu %llu\n", work_group, (unsigned long long)local_bytes, (unsigned long long)allocation,
           (unsigned long long)global_bytes);
}

static cl_mem create(size_t bytes, cl_mem_flags flags, void *memory) {
    cl_int code = CL_SUCCESS;
    const cl_mem made = clCreateBuffer(context, flags, bytes, memory, &code);
    printf("buffer of %zu: %d\n", bytes, code);
    return made;
}

/* The first and last float of a buffer. */
static void tell_floats(cl_mem buffer) {
    float values[FLOATS] = {0};
    const cl_int code = clEnqueueReadBuffer(queue, buffer, CL_TRUE, 0, sizeof values, values, 0, NULL, NULL);
    printf("floats %g %g: %d\n", (double)values[0], (double)values[FLOATS - 1], code);
}

static void launch(cl_program program, const char *name, size_t local, cl_mem buffer) {
    const size_t global = FLOATS;
    const cl_kernel kernel = clCreateKernel(program, name, NULL);
    cl_ulong local_bytes = 0;
    clSetKernelArg(kernel, 0, sizeof buffer, &buffer);
    clGetKernelWorkGroupInfo(kernel, device, CL_KERNEL_LOCAL_MEM_SIZE, sizeof local_bytes, &local_bytes, NULL);
    printf("%s has %llu bytes of local memory\n", name, (unsigned long long)local_bytes);
    const cl_int code = clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &global, &local, 0, NULL, NULL);
    printf("%s by %zu: %d\n", name, local, code);
    clReleaseKernel(kernel);
}

int main(void) {
    static float own[FLOATS] = {1};
    const char *text = source;
    if (!begin()) return 1;
    tell_limits();
    const cl_mem fresh = create(sizeof own, CL_MEM_READ_WRITE, NULL);
    const cl_mem copy = create(sizeof own, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, own);
    const cl_mem large = create(1 << 20, CL_MEM_READ_WRITE, NULL); /* stays alive at the end */
    if (fresh) tell_floats(fresh);
    if (copy) tell_floats(copy);
    const cl_program program = clCreateProgramWithSource(context, 1, &text, NULL, NULL);
    printf("build: %d\n", clBuildProgram(program, 1, &device, "", NULL, NULL));
    launch(program, "small", 8, fresh);
    launch(program, "small", 32, fresh);
    launch(program, "hungry", 8, fresh);
    clFinish(queue);
    if (large) clRetainMemObject(large);
    clReleaseProgram(program);
    clReleaseMemObject(copy);
    clReleaseMemObject(fresh);
    clReleaseCommandQueue(queue);
    clReleaseContext(context);
    return 0;
}
