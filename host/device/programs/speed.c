/* What a device can do at most: kernels/speed.cl, timed. */
#include "base/clock.h"
#include "base/result.h"
#include "device/programs/program.h"
#include "device/wait.h"

#include <math.h>

/* The work of a run grows until it takes that long; then the best of some more runs counts. */
static const double run_seconds = 0.01;
enum { RUNS = 6, LEAST_ROUNDS = 8, MOST_ROUNDS = 1 << 15, LEAST_LAUNCHES = 16, MOST_LAUNCHES = 1 << 16 };

enum { SUMS = 12, ROUND_REPEATS = 8, LIMIT_OF_SUM = 2 }; /* of kernels/speed.cl; each sum tends to 2 */
enum { COPY_VECTOR_BYTES = 16, COPY_LEAST_BYTES = 1 << 20, COPY_MOST_BYTES = 1 << 28, COPY_GROWTH = 4 };

/* How a kernel's work is spread: CPUs want work-groups of one item, a few for each core so that all are busy to the
 * end, GPUs as many items as hide each other's latency. Both are tried. */
typedef enum spread { SPREAD_CPU, SPREAD_GPU, SPREAD_COUNT } spread;
enum { CPU_GROUPS = 16, GPU_GROUPS = 32, GPU_GROUP_ITEMS = 64 };              /* groups for each compute unit */
static const cl_uint copy_steps[] = {[SPREAD_CPU] = 4096, [SPREAD_GPU] = 16}; /* vectors that a work-item copies */

typedef struct probe {
    epocl_device *device;
    cl_kernel kernel;
    size_t item_count, group_items;
} probe;

/* Floats of a vector that the device has registers for. */
static size_t vector_width(const epocl_device_info *info) {
    size_t width = 1;
    while (2 * width <= info->native_vector_width && width < 16) width *= 2;
    return width;
}

static epocl_status begin_probe(probe *p, epocl_device *device, cl_program program, const char *kernel, spread how) {
    epocl_status status = EPOCL_OK;
    size_t limit = 0;
    cl_int code;
    *p = (probe){.device = device, .item_count = (size_t)CPU_GROUPS * device->info.compute_units, .group_items = 1};
    p->kernel = clCreateKernel(program, kernel, &code);
    if (!p->kernel) return fail_opencl(code, "clCreateKernel", kernel);
    if (how == SPREAD_CPU) return EPOCL_OK;
    CL_TRY_NAMED(clGetKernelWorkGroupInfo(p->kernel, device->id, CL_KERNEL_WORK_GROUP_SIZE, sizeof limit, &limit, NULL),
                 "clGetKernelWorkGroupInfo", kernel);
    p->group_items = smaller(limit, GPU_GROUP_ITEMS);
    p->item_count = (size_t)GPU_GROUPS * device->info.compute_units * p->group_items;
cleanup:
    return status;
}

static void end_probe(probe *p) {
    if (p->kernel) clReleaseKernel(p->kernel);
    *p = (probe){0};
}

/* Launches the kernel `launch_count` times and waits. */
static epocl_status time_launches(const probe *p, size_t launch_count, double *seconds) {
    epocl_status status = EPOCL_OK;
    const double begin = seconds_now();
    for (size_t i = 0; i < launch_count; i++)
        CL_TRY(clEnqueueNDRangeKernel(p->device->queue, p->kernel, 1, NULL, &p->item_count, &p->group_items, 0, NULL,
                                      NULL));
    TRY(device_finish(p->device, p->device->queue, "a measurement"));
    *seconds = seconds_now() - begin;
cleanup:
    return status;
}

/* Seconds of a launch in the best of several runs of at least `launch_count`. */
static epocl_status best_launch(const probe *p, size_t launch_count, double *best) {
    epocl_status status = EPOCL_OK;
    double seconds = 0;
    for (;; launch_count *= 2) {
        TRY(time_launches(p, launch_count, &seconds));
        if (seconds >= run_seconds || launch_count >= MOST_LAUNCHES) break;
    }
    *best = INFINITY;
    for (int run = 0; run < RUNS; run++) {
        TRY(time_launches(p, launch_count, &seconds));
        *best = fmin(*best, seconds / (double)launch_count);
    }
cleanup:
    return status;
}

static epocl_status create_buffer(epocl_device *device, size_t bytes, cl_mem *buffer) {
    cl_int code;
    *buffer = clCreateBuffer(device->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    return *buffer ? EPOCL_OK : fail_opencl(code, "clCreateBuffer", "measuring a device");
}

static void release_buffer(cl_mem buffer) {
    if (buffer) clReleaseMemObject(buffer);
}

/* EPOCL_ERROR_SELF_TEST unless the last float of a buffer is what it must be. */
static epocl_status check_last(epocl_device *device, cl_mem buffer, size_t bytes, const char *kernel, float expected) {
    epocl_status status = EPOCL_OK;
    float last = 0;
    TRY(device_read_at(device, buffer, bytes - sizeof last, &last, sizeof last, "a measurement"));
    const bool ok = fabsf(last - expected) <= 1e-3f * expected;
    if (!ok)
        status = fail(EPOCL_ERROR_SELF_TEST, "%s gives wrong results: %s ended at %g, %g was expected",
                      device->info.name, kernel, (double)last, (double)expected);
cleanup:
    return status;
}

/* ---- multiplications and additions ---- */

static epocl_status measure_fma(epocl_device *device, cl_program program, const char *kernel, spread how,
                                double *flop_per_second) {
    epocl_status status = EPOCL_OK;
    const cl_float first = 1.0f, factor = 0.5f, summand = 1.0f;
    cl_uint rounds = LEAST_ROUNDS;
    cl_mem sums = NULL;
    double seconds = 0;
    probe p = {0};
    TRY(begin_probe(&p, device, program, kernel, how));
    const size_t lane_count = p.item_count * vector_width(&device->info), bytes = lane_count * sizeof(cl_float);
    TRY(create_buffer(device, bytes, &sums));
    CL_TRY(clSetKernelArg(p.kernel, 1, sizeof first, &first));
    CL_TRY(clSetKernelArg(p.kernel, 2, sizeof factor, &factor));
    CL_TRY(clSetKernelArg(p.kernel, 3, sizeof summand, &summand));
    CL_TRY(clSetKernelArg(p.kernel, 4, sizeof sums, &sums));
    for (;; rounds *= 2) {
        double again = 0; /* some drivers make a kernel ready at its first launch */
        CL_TRY(clSetKernelArg(p.kernel, 0, sizeof rounds, &rounds));
        TRY(time_launches(&p, 1, &seconds));
        TRY(time_launches(&p, 1, &again));
        seconds = fmin(seconds, again);
        if (seconds >= run_seconds || rounds == MOST_ROUNDS) break;
    }
    TRY(best_launch(&p, 1, &seconds));
    TRY(check_last(device, sums, bytes, kernel, SUMS * LIMIT_OF_SUM));
    *flop_per_second = 2.0 * (double)(SUMS * ROUND_REPEATS) * (double)lane_count * rounds / seconds;
cleanup:
    release_buffer(sums);
    end_probe(&p);
    return status;
}

/* ---- copies ---- */

static epocl_status fill(epocl_device *device, cl_program program, float value, size_t bytes, cl_mem buffer) {
    epocl_status status = EPOCL_OK;
    const size_t count = bytes / sizeof value;
    probe p = {0};
    TRY(begin_probe(&p, device, program, "speed_fill", SPREAD_CPU));
    CL_TRY(clSetKernelArg(p.kernel, 0, sizeof value, &value));
    CL_TRY(clSetKernelArg(p.kernel, 1, sizeof buffer, &buffer));
    CL_TRY(clEnqueueNDRangeKernel(device->queue, p.kernel, 1, NULL, &count, NULL, 0, NULL, NULL));
cleanup:
    end_probe(&p);
    return status;
}

/* Seconds of copying `bytes`. */
static epocl_status time_copy(const probe *p, cl_program program, size_t bytes, double *seconds) {
    epocl_status status = EPOCL_OK;
    const float value = 3.0f;
    cl_mem from = NULL, to = NULL;
    TRY(create_buffer(p->device, bytes, &from));
    TRY(create_buffer(p->device, bytes, &to));
    TRY(fill(p->device, program, value, bytes, from));
    CL_TRY(clSetKernelArg(p->kernel, 1, sizeof from, &from));
    CL_TRY(clSetKernelArg(p->kernel, 2, sizeof to, &to));
    TRY(time_launches(p, 1, seconds)); /* the first touches the memory */
    TRY(best_launch(p, 1, seconds));
    TRY(check_last(p->device, to, bytes, "speed_copy", value));
cleanup:
    release_buffer(from);
    release_buffer(to);
    return status;
}

/* Caches make small copies fast, so the largest counts. */
static epocl_status measure_copy(epocl_device *device, cl_program program, spread how, double *bytes_per_second) {
    epocl_status status = EPOCL_OK;
    const uint64_t room = device->info.global_memory_bytes / 8, piece = device->info.max_allocation_bytes;
    const uint64_t most = room < piece ? room : piece;
    double seconds = 0;
    probe p = {0};
    TRY(begin_probe(&p, device, program, "speed_copy", how));
    CL_TRY(clSetKernelArg(p.kernel, 0, sizeof copy_steps[how], &copy_steps[how]));
    const size_t group_bytes = p.group_items * copy_steps[how] * COPY_VECTOR_BYTES;
    for (size_t bytes = COPY_LEAST_BYTES;; bytes *= COPY_GROWTH) {
        const size_t group_count = divide_up(bytes, group_bytes);
        p.item_count = group_count * p.group_items;
        TRY(time_copy(&p, program, group_count * group_bytes, &seconds));
        *bytes_per_second = 2 * (double)(group_count * group_bytes) / seconds;
        if (seconds >= run_seconds || bytes == COPY_MOST_BYTES || COPY_GROWTH * bytes > most) break;
    }
cleanup:
    end_probe(&p);
    return status;
}

/* ---- launches ---- */

static epocl_status measure_launch(epocl_device *device, cl_program program, double *launch_seconds) {
    epocl_status status = EPOCL_OK;
    probe p = {0};
    TRY(begin_probe(&p, device, program, "speed_nothing", SPREAD_CPU));
    p.item_count = device->info.compute_units;
    TRY(best_launch(&p, LEAST_LAUNCHES, launch_seconds));
cleanup:
    end_probe(&p);
    return status;
}

/* ---- all of it ---- */

static epocl_status build(epocl_device *device, cl_program *program) {
    epocl_status status = EPOCL_OK;
    static const program_source sources[] = {{.name = "speed"}};
    const matmul_choice vectors = {
        .provider = MATMUL_PLAIN, .vector_width = vector_width(&device->info), .tile_vectors = 1, .tile_rows = 1};
    plan none = {0};
    TRY(plan_create(&none, &vectors, &device->info));
    TRY(program_build(device, &none, sources, 1, NULL, program));
cleanup:
    plan_release(&none);
    return status;
}

static epocl_status measure(epocl_device *device, epocl_device_speed *speed) {
    epocl_status status = EPOCL_OK;
    static const char *const kernels[] = {"speed_mad", "speed_fma"};
    cl_program program = NULL;
    *speed = (epocl_device_speed){0};
    TRY(device_enter(device));
    TRY(build(device, &program));
    for (spread how = 0; how < SPREAD_COUNT; how++) {
        double rate = 0;
        for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
            TRY(measure_fma(device, program, kernels[i], how, &rate));
            speed->fma_flop_per_second = fmax(speed->fma_flop_per_second, rate);
        }
        TRY(measure_copy(device, program, how, &rate));
        speed->copy_bytes_per_second = fmax(speed->copy_bytes_per_second, rate);
    }
    TRY(measure_launch(device, program, &speed->launch_seconds));
cleanup:
    if (program) clReleaseProgram(program);
    return status;
}

epocl_status epocl_device_measure_sized(epocl_device *device, epocl_device_speed *speed, size_t speed_bytes) {
    epocl_device_speed made = {0};
    if (!device || !speed) return fail(EPOCL_ERROR_ARGUMENT, "epocl_device_measure: NULL argument");
    const epocl_status status = measure(device, &made);
    result_write(speed, speed_bytes, &made, sizeof made);
    return status;
}
