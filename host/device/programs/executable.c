#include "device/programs/executable.h"
#include "base/clock.h"
#include "device/host_arena.h"
#include "device/programs/program.h"
#include "device/wait.h"

#include <clblast_c.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- buffers and program ---- */

/* What makes a tensor smaller. */
static const char *advice_for(tensor_purpose purpose) {
    switch (purpose) {
    case PURPOSE_DATA_SET: return "use fewer samples";
    case PURPOSE_ACTIVATIONS: return "use a smaller batch or narrower layers";
    case PURPOSE_PARAMETERS: return "use narrower layers";
    case PURPOSE_STATE: break;
    }
    return "use another device";
}

/* Its place in the list of those that are lent; the list's end for others. */
static size_t lent_place(const lent_buffers *lent, tensor_id id) {
    size_t place = 0;
    while (place < lent->count && lent->tensors[place] != id) place++;
    return place;
}

bool executable_borrows(const executable *e, tensor_id id) {
    return lent_place(&e->lent, id) < e->lent.count;
}

uint64_t executable_own_bytes(const executable *e) {
    uint64_t bytes = plan_total_bytes(e->plan);
    for (size_t i = 0; i < e->lent.count; i++) bytes -= e->plan->tensors[e->lent.tensors[i]].bytes;
    return bytes;
}

/* Before anything is allocated: drivers over-commit, abort or hang rather than refuse. */
static epocl_status check_memory(const executable *e) {
    const plan *p = e->plan;
    const epocl_device_info *info = &e->device->info;
    const uint64_t total = executable_own_bytes(e), taken = e->lent.taken_bytes, most = info->max_allocation_bytes,
                   memory = info->global_memory_bytes;
    const tensor *largest = NULL;
    for (size_t i = TENSOR_FIRST; i < p->tensor_count; i++)
        if (!largest || p->tensors[i].bytes > largest->bytes) largest = &p->tensors[i];
    if (largest && largest->bytes > most)
        return fail(EPOCL_ERROR_MEMORY,
                    "%s (%s, %zu x %zu) needs %zu bytes in one piece, but %s allocates at most %" PRIu64
                    "; %s, or another device",
                    largest->name, tensor_purpose_name(largest->purpose), largest->rows, largest->columns,
                    largest->bytes, info->name, most, advice_for(largest->purpose));
    if (taken > 0 && total + taken > memory)
        return fail(EPOCL_ERROR_MEMORY,
                    "a network needs %" PRIu64 " bytes of device memory, but %s has %" PRIu64
                    ", of which data sets and other networks have %" PRIu64
                    "; use narrower layers, fewer samples, or another device",
                    total, info->name, memory, taken);
    if (largest && total > memory)
        return fail(EPOCL_ERROR_MEMORY,
                    "the run needs %" PRIu64 " bytes of device memory, but %s has %" PRIu64
                    "; the most, %zu bytes, goes to %s (%s): %s, or another device",
                    total, info->name, memory, largest->bytes, largest->name, tensor_purpose_name(largest->purpose),
                    advice_for(largest->purpose));
    return EPOCL_OK;
}

static epocl_status borrow_buffer(executable *e, tensor_id id) {
    epocl_status status = EPOCL_OK;
    cl_mem buffer = e->lent.buffers[lent_place(&e->lent, id)];
    CL_TRY(clRetainMemObject(buffer));
    e->buffers[id] = buffer;
cleanup:
    return status;
}

static epocl_status create_buffer(executable *e, tensor_id id, char *memory) {
    const tensor *t = &e->plan->tensors[id];
    cl_int code;
    e->buffers[id] = clCreateBuffer(e->device->context, CL_MEM_READ_WRITE | (memory ? CL_MEM_USE_HOST_PTR : 0),
                                    t->bytes, memory, &code);
    return e->buffers[id] ? executable_clear(e, id) : fail_opencl(code, "clCreateBuffer", t->name);
}

static epocl_status create_buffers(executable *e) {
    epocl_status status = EPOCL_OK;
    size_t offset = 0, arena_bytes = 0;
    TRY(allocate(e->plan->tensor_count, sizeof *e->buffers, "the buffers of a plan", &e->buffers));
    for (size_t i = TENSOR_FIRST; i < e->plan->tensor_count; i++)
        if (!executable_borrows(e, i)) arena_bytes += round_up(e->plan->tensors[i].bytes, HOST_ARENA_ALIGNMENT);
    if (e->device->info.type == EPOCL_DEVICE_CPU) {
        e->host_arena = host_arena_allocate(arena_bytes);
        if (!e->host_arena) return fail(EPOCL_ERROR_MEMORY, "not enough memory for a run of %zu bytes", arena_bytes);
    }
    for (size_t i = TENSOR_FIRST; i < e->plan->tensor_count; i++) {
        if (executable_borrows(e, i)) {
            TRY(borrow_buffer(e, i));
            continue;
        }
        TRY(create_buffer(e, i, e->host_arena ? e->host_arena + offset : NULL));
        offset += round_up(e->plan->tensors[i].bytes, HOST_ARENA_ALIGNMENT);
    }
cleanup:
    return status;
}

epocl_status executable_create(executable *e, epocl_device *device, const plan *p, const sequence *const *sequences,
                               size_t sequence_count, const lent_buffers *lent) {
    epocl_status status = EPOCL_OK;
    *e = (executable){.device = device, .plan = p};
    if (lent) e->lent = *lent;
    TRY(device_check(device));
    TRY(check_memory(e));
    for (program_part part = 0; part < PROGRAM_PARTS; part++)
        e->sources[part].count = program_sources(sequences, sequence_count, part, e->sources[part].files);
    TRY(create_buffers(e));
cleanup:
    if (status != EPOCL_OK) executable_release(e);
    return status;
}

/* Also of one whose buffers were not all made. Nothing enqueued may still use the arena, a stop included. */
static void release_buffers(executable *e) {
    const bool is_idle = !e->host_arena || device_drain(e->device);
    cl_mem *buffers = e->buffers;
    char *arena = e->host_arena;
    e->buffers = NULL;
    e->host_arena = NULL;
    if (!e->device || !device_is_lost(e->device)) {
        for (size_t i = 0; buffers && i < e->plan->tensor_count; i++)
            if (buffers[i]) clReleaseMemObject(buffers[i]);
        free(buffers);
    } else {
        device_leave(buffers);
    }
    if (is_idle)
        free(arena);
    else
        device_leave(arena);
}

void executable_release(executable *e) {
    release_buffers(e);
    for (program_part part = 0; part < PROGRAM_PARTS; part++) {
        if (e->device && device_is_lost(e->device))
            device_leave(e->programs[part]);
        else if (e->programs[part])
            clReleaseProgram(e->programs[part]);
    }
    free(e->parked);
    *e = (executable){0};
}

/* ---- host memory in the place of buffers ---- */

/* For each of its own tensors. */
static epocl_status move_tensors(executable *e, char *memory, bool to_device) {
    epocl_status status = EPOCL_OK;
    for (size_t i = TENSOR_FIRST; i < e->plan->tensor_count; i++) {
        const tensor *t = &e->plan->tensors[i];
        if (executable_borrows(e, i)) continue;
        TRY(to_device ? device_write(e->device, e->buffers[i], memory, t->bytes, t->name)
                      : device_read(e->device, e->buffers[i], memory, t->bytes, t->name));
        memory += t->bytes;
    }
cleanup:
    return status;
}

epocl_status executable_park(executable *e) {
    epocl_status status = EPOCL_OK;
    char *memory = NULL;
    TRY(allocate(executable_own_bytes(e), 1, "a network that waits for its turn", &memory));
    TRY(move_tensors(e, memory, false));
    release_buffers(e);
    e->parked = memory;
    memory = NULL;
cleanup:
    free(memory);
    return status;
}

epocl_status executable_unpark(executable *e, uint64_t taken_bytes) {
    epocl_status status = EPOCL_OK;
    e->lent.taken_bytes = taken_bytes;
    TRY(device_check(e->device));
    TRY(check_memory(e));
    status = create_buffers(e);
    if (status == EPOCL_OK) status = move_tensors(e, e->parked, true);
    if (status != EPOCL_OK) {
        release_buffers(e);
        return status;
    }
    free(e->parked);
    e->parked = NULL;
cleanup:
    return status;
}

/* ---- launches ---- */

/* Halves the launch's work-group until the kernel's own limit allows it: that can be below the device's, and drivers
 * do not reliably say so at the launch. A kernel that declares its size keeps it, and items that share a place stay
 * together. */
static epocl_status fit_work_group(const executable *e, const launch *l, bound_launch *bound) {
    epocl_status status = EPOCL_OK;
    size_t limit = 0, declared[3] = {0};
    CL_TRY_NAMED(
        clGetKernelWorkGroupInfo(bound->kernel, e->device->id, CL_KERNEL_WORK_GROUP_SIZE, sizeof limit, &limit, NULL),
        "clGetKernelWorkGroupInfo", l->kernel);
    CL_TRY_NAMED(clGetKernelWorkGroupInfo(bound->kernel, e->device->id, CL_KERNEL_COMPILE_WORK_GROUP_SIZE,
                                          sizeof declared, declared, NULL),
                 "clGetKernelWorkGroupInfo", l->kernel);
    size_t *local = bound->local;
    memcpy(local, l->local, sizeof bound->local);
    const bool is_split = l->shares && l->parts > 1;
    while (declared[0] == 0 && local[0] * local[1] > limit && (local[0] > 1 || (local[1] > 1 && !is_split)))
        local[local[0] > 1 ? 0 : 1] /= 2;
    if (local[0] * local[1] > limit)
        status = fail(EPOCL_ERROR_OPENCL, "kernel %s needs work-groups of %zu, but %s allows %zu", l->kernel,
                      local[0] * local[1], e->device->info.name, limit);
cleanup:
    return status;
}

static epocl_status set_argument(const launch *l, cl_kernel kernel, size_t i, size_t bytes, const void *value) {
    epocl_status status = EPOCL_OK;
    char detail[96];
    snprintf(detail, sizeof detail, "%s, argument %zu", l->kernel, i);
    CL_TRY_NAMED(clSetKernelArg(kernel, (cl_uint)i, bytes, value), "clSetKernelArg", detail);
cleanup:
    return status;
}

static epocl_status bind_launch(const executable *e, cl_program program, const launch *l, bound_launch *bound) {
    epocl_status status = EPOCL_OK;
    cl_int code;
    bound->kernel = clCreateKernel(program, l->kernel, &code);
    if (!bound->kernel) return fail_opencl(code, "clCreateKernel", l->kernel);
    for (size_t i = 0; i < l->argument_count; i++) {
        const argument *a = &l->arguments[i];
        const size_t bytes = a->kind == ARGUMENT_TENSOR ? sizeof(cl_mem) : sizeof(uint32_t);
        const void *value = a->kind == ARGUMENT_TENSOR ? (const void *)&e->buffers[a->value.tensor] : &a->value;
        TRY(set_argument(l, bound->kernel, i, bytes, value));
    }
    TRY(fit_work_group(e, l, bound));
cleanup:
    return status;
}

/* The program of a part, compiled for whoever wants it first. */
static epocl_status find_program(executable *e, program_part part, cl_program *program) {
    epocl_status status = EPOCL_OK;
    if (!e->programs[part]) {
        const double begin = seconds_now();
        status =
            program_build(e->device, e->plan, e->sources[part].files, e->sources[part].count, NULL, &e->programs[part]);
        e->compile_seconds += seconds_now() - begin;
    }
    *program = e->programs[part];
    return status;
}

static epocl_status build_written(const executable *e, const sequence *s, cl_program *program) {
    program_source sources[PROGRAM_MOST_SOURCES];
    const sequence *const parts[] = {s, s->inlined};
    const size_t count = program_sources(parts, 2, PROGRAM_WHOLE, sources);
    return program_build(e->device, e->plan, sources, count, s, program);
}

epocl_status bound_sequence_bind(bound_sequence *bound) {
    epocl_status status = EPOCL_OK;
    executable *e = bound->owner;
    const sequence *s = bound->sequence;
    for (size_t i = 0; e && i < s->count; i++) {
        const char *source = s->launches[i].source;
        const program_part part = program_part_of(source);
        cl_program program = bound->program;
        if (strcmp(source, "blas") == 0) continue;
        if (part != PROGRAM_WHOLE) TRY(find_program(e, part, &program));
        TRY(bind_launch(e, program, &s->launches[i], &bound->launches[i]));
    }
cleanup:
    return status;
}

void bound_sequence_unbind(bound_sequence *bound) {
    for (size_t i = 0; bound->owner && i < bound->sequence->count; i++) {
        if (bound->launches[i].kernel) clReleaseKernel(bound->launches[i].kernel);
        bound->launches[i].kernel = NULL;
    }
}

epocl_status bound_sequence_create(bound_sequence *bound, executable *e, const sequence *s) {
    epocl_status status = EPOCL_OK;
    *bound = (bound_sequence){.owner = e, .sequence = s};
    TRY(allocate(s->count, sizeof *bound->launches, "the kernels of a plan", &bound->launches));
    const double begin = seconds_now();
    if (s->text) TRY(build_written(e, s, &bound->program));
    bound->compile_seconds = seconds_now() - begin;
    TRY(bound_sequence_bind(bound));
cleanup:
    if (status != EPOCL_OK) bound_sequence_release(bound);
    return status;
}

void bound_sequence_release(bound_sequence *bound) {
    if (bound->owner && !device_is_lost(bound->owner->device)) {
        if (bound->launches) bound_sequence_unbind(bound);
        if (bound->program) clReleaseProgram(bound->program);
        free(bound->launches);
    } else {
        device_leave(bound->launches);
        device_leave(bound->program);
    }
    *bound = (bound_sequence){0};
}

epocl_status bound_sequence_replace(const bound_sequence *bound, tensor_id id, cl_mem buffer) {
    epocl_status status = EPOCL_OK;
    const cl_mem used = buffer ? buffer : bound->owner->buffers[id];
    for (size_t n = 0; n < bound->sequence->count; n++) {
        const launch *l = &bound->sequence->launches[n];
        for (size_t i = 0; i < l->argument_count; i++)
            if (l->arguments[i].kind == ARGUMENT_TENSOR && l->arguments[i].value.tensor == id)
                TRY(set_argument(l, bound->launches[n].kernel, i, sizeof used, &used));
    }
cleanup:
    return status;
}

static epocl_status enqueue_product(const executable *e, const launch *l, size_t batch_count, cl_event *event) {
    const blas_product *g = &l->product;
    const tensor *tensors = e->plan->tensors;
    cl_command_queue queue = e->device->queue;
    const CLBlastStatusCode code = CLBlastSgemm(
        CLBlastLayoutRowMajor, g->transpose_a ? CLBlastTransposeYes : CLBlastTransposeNo,
        g->transpose_b ? CLBlastTransposeYes : CLBlastTransposeNo, g->batch_is_k ? g->m : batch_count, g->n,
        g->batch_is_k ? batch_count : g->k, g->alpha, e->buffers[g->a], 0, tensors[g->a].width, e->buffers[g->b], 0,
        tensors[g->b].width, g->beta, e->buffers[g->c], 0, tensors[g->c].width, &queue, event);
    if (code == CLBlastSuccess) return EPOCL_OK;
    /* CLBlast passes OpenCL's codes through; its own lie below -1000. */
    if ((int)code > -1000) return fail_opencl((cl_int)code, "CLBlastSgemm", l->detail);
    return fail(EPOCL_ERROR_OPENCL, "CLBlastSgemm (%s): code %d of CLBlast's own", l->detail, (int)code);
}

epocl_status bound_sequence_enqueue(const bound_sequence *bound, size_t batch_count) {
    const executable *e = bound->owner;
    const epocl_status usable = device_check(e->device);
    if (usable != EPOCL_OK) return usable;
    if (e->parked) return fail(EPOCL_ERROR_ARGUMENT, "the network waits in host memory: its population trains it");
    for (size_t i = 0; i < bound->sequence->count; i++) {
        const launch *l = &bound->sequence->launches[i];
        const bound_launch *b = &bound->launches[i];
        const size_t rows = launch_rows(l, batch_count);
        if (b->kernel && rows == 0) continue;
        cl_event *event = e->recorder ? recorder_add(e->recorder, l) : NULL;
        if (!b->kernel) {
            const epocl_status status = enqueue_product(e, l, batch_count, event);
            if (status != EPOCL_OK) return status;
            continue;
        }
        const size_t first[2] = {0, l->first_row};
        const size_t of_groups[2] = {l->group_count * b->local[0], b->local[1]};
        const size_t of_samples[2] = {l->global[0], round_up(rows, b->local[1])};
        const cl_int code = clEnqueueNDRangeKernel(e->device->queue, b->kernel, 2, l->first_row ? first : NULL,
                                                   l->group_count ? of_groups : of_samples, b->local, 0, NULL, event);
        if (code != CL_SUCCESS) {
            char detail[160];
            snprintf(detail, sizeof detail, "%s, %s, %zu x %zu", l->kernel, l->detail, l->global[0], l->global[1]);
            return fail_opencl(code, "clEnqueueNDRangeKernel", detail);
        }
    }
    return EPOCL_OK;
}
