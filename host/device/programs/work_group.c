#include "device/programs/work_group.h"
#include "base/checked.h"
#include "device/programs/program.h"
#include "plan/block.h"

#include <stdio.h>
#include <string.h>

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

epocl_status block_ask(const epocl_device *device, const matmul_choice *choice, block_answer *answer) {
    const block_shape shape = choice->shapes[0];
    block_shape whole = shape;
    whole.parts = 1;
    const program_source sources[] = {{"forward_local", whole},
                                      {"delta_local", whole},
                                      {.shape = whole},
                                      {"forward_local", shape},
                                      {"delta_local", shape}};
    enum { WHOLE = 3, ALL = 5 };
    program_source asked[ALL];
    const size_t count = shape.parts > 1 ? ALL : WHOLE;
    /* A few bytes do not matter; where half of its sums are there, a shape is not what it is meant to be. */
    const size_t sum_bytes = shape.tile_rows * shape.tile_vectors * BLOCK_VECTOR * sizeof(float);
    epocl_status status = EPOCL_OK;
    plan p = {0};
    cl_program program = NULL;
    kernel_answer small = {0}, own = {0};
    memcpy(asked, sources, sizeof asked);
    snprintf(asked[2].name, sizeof asked[2].name, "%s", choice->is_long ? "update_local_long" : "update_local");
    *answer = (block_answer){.is_granted = true, .is_in_registers = true};
    TRY(ask_small_kernel(device, &small));
    TRY(plan_create(&p, choice, &device->info));
    TRY(program_build(device, &p, asked, count, NULL, &program));
    for (size_t i = 0; i < count; i++) {
        char kernel[KERNEL_NAME_CAPACITY], text[BLOCK_TEXT_CAPACITY];
        block_shape_text(&asked[i].shape, text);
        snprintf(kernel, sizeof kernel, "%.20s_%.25s", asked[i].name, text);
        TRY(ask_kernel(device, program, kernel, &own));
        answer->is_granted &= own.group_items >= block_group_items(&asked[i].shape);
        answer->is_in_registers &=
            device->info.type == EPOCL_DEVICE_CPU || own.private_bytes < small.private_bytes + sum_bytes / 2;
    }
cleanup:
    if (program) clReleaseProgram(program);
    plan_release(&p);
    return status;
}
