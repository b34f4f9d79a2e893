#include "device/programs/work_group.h"
#include "base/checked.h"
#include "device/programs/program.h"
#include "plan/block.h"

static const char *const small_kernel = "__kernel void small(__global float *x) { x[get_global_id(0)] = 0.0f; }";

/* What a device says of a kernel. */
typedef struct kernel_answer {
    size_t group_items;
    cl_ulong private_bytes; /* of an item; some drivers give every kernel the same */
} kernel_answer;

static epocl_status ask_kernel(const epocl_device *device, cl_program program, const char *name,
                               kernel_answer *answer) {
    epocl_status status = EPOCL_OK;
    cl_int code;
    cl_kernel kernel = clCreateKernel(program, name, &code);
    if (!kernel) return fail_opencl(code, "clCreateKernel", name);
    CL_TRY_NAMED(clGetKernelWorkGroupInfo(kernel, device->id, CL_KERNEL_WORK_GROUP_SIZE, sizeof answer->group_items,
                                          &answer->group_items, NULL),
                 "clGetKernelWorkGroupInfo", name);
    CL_TRY_NAMED(clGetKernelWorkGroupInfo(kernel, device->id, CL_KERNEL_PRIVATE_MEM_SIZE, sizeof answer->private_bytes,
                                          &answer->private_bytes, NULL),
                 "clGetKernelWorkGroupInfo", name);
cleanup:
    clReleaseKernel(kernel);
    return status;
}

static epocl_status ask_small_kernel(const epocl_device *device, kernel_answer *answer) {
    epocl_status status = EPOCL_OK;
    cl_int code;
    const cl_program program =
        clCreateProgramWithSource(device->context, 1, (const char *[]){small_kernel}, NULL, &code);
    if (!program) return fail_opencl(code, "clCreateProgramWithSource", device->info.name);
    CL_TRY(clBuildProgram(program, 1, &device->id, "-cl-std=CL1.2", NULL, NULL));
    TRY(ask_kernel(device, program, "small", answer));
cleanup:
    clReleaseProgram(program);
    return status;
}

epocl_status device_limits(const epocl_device *device, epocl_device_info *limits) {
    kernel_answer small = {0};
    *limits = device->info;
    const epocl_status status = ask_small_kernel(device, &small);
    if (status == EPOCL_OK) limits->max_work_group_size = smaller(limits->max_work_group_size, small.group_items);
    return status;
}

epocl_status blocks_ask(const epocl_device *device, const plan *p, const sequence *s, bool in_registers,
                        block_answer *answer) {
    const bool is_asked = in_registers && device->info.type != EPOCL_DEVICE_CPU;
    epocl_status status = EPOCL_OK;
    cl_program programs[PROGRAM_PARTS] = {0};
    kernel_answer small = {0}, own = {0};
    *answer = (block_answer){0};
    TRY(ask_small_kernel(device, &small));
    for (size_t i = 0; i < s->count && !answer->unfit; i++) {
        const launch *l = &s->launches[i];
        const program_part part = program_part_of(l->source);
        /* A few bytes do not matter; where half of its sums are there, a shape is not what it is meant to be. */
        const size_t sum_bytes = l->shape.tile_rows * l->shape.tile_vectors * BLOCK_VECTOR * sizeof(float);
        program_source sources[PROGRAM_MOST_SOURCES];
        if (!l->shape.block) continue;
        if (!programs[part]) {
            const size_t count = program_sources(&s, 1, part, sources);
            TRY(program_build(device, p, sources, count, NULL, &programs[part]));
        }
        TRY(ask_kernel(device, programs[part], l->kernel, &own));
        answer->is_granted = own.group_items >= block_group_items(&l->shape);
        if (!answer->is_granted || (is_asked && own.private_bytes >= small.private_bytes + sum_bytes / 2))
            answer->unfit = l;
    }
cleanup:
    for (size_t part = 0; part < PROGRAM_PARTS; part++)
        if (programs[part]) clReleaseProgram(programs[part]);
    return status;
}
