#include "plan/plan.h"

#include "plan/block.h"
#include "plan/resident/resident.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { RESIDENT_MOST_GROUPS = 16, RESIDENT_MOST_GPU_GROUPS = 128, FIRST_CAPACITY = 32 };

/* Where a GPU serves a display, too, a launch of two seconds is ended by the system; a slow one does as much in one. */
static const double gpu_launch_flop = 20e9;
enum { GPU_LAUNCH_ROWS = 65535 }; /* CUDA's grids have no more */

static const char *const purpose_names[] = {
    [PURPOSE_PARAMETERS] = "parameters",
    [PURPOSE_ACTIVATIONS] = "activations",
    [PURPOSE_DATA_SET] = "data set",
    [PURPOSE_STATE] = "state",
};

const char *tensor_purpose_name(tensor_purpose purpose) {
    return purpose_names[purpose];
}

/* What every kernel file may be compiled with; kernels have defaults of their own for use without a host. */
static void define_shapes(plan *p) {
    const matmul_choice *m = &p->matmul;
    constants *c = &p->constants;
    constants_set(c, "REDUCE_ITEMS", p->reduce_items);
    constants_set(c, "MOST_PARTS", p->most_parts);
    constants_set(c, "PANEL_WIDTH", matmul_panel_width(m));
    if (m->provider != MATMUL_LOCAL) { /* whose shapes are the launches' */
        constants_set(c, "VECTOR_WIDTH", m->vector_width);
        constants_set(c, "TILE_VECTORS", m->tile_vectors);
        constants_set(c, "TILE_ROWS", m->tile_rows);
        constants_set(c, "SAMPLE_ROWS", m->sample_rows);
    }
    constants_set(c, "BLOCK_DEPTH", BLOCK_DEPTH);
    constants_set(c, "BLOCK_GAP", BLOCK_GAP);
    constants_set(c, "GATHER_INPUTS", p->gather_inputs);
    constants_set(c, "MEETING_LINE", MEETING_LINE);
    constants_set(c, "MEETING_LINES", MEETING_LINES);
}

/* Work-groups that wait for each other are sure to go on where they are threads, and where those that have begun stay
 * on their compute units; and what one wrote before they met, the others see where there is a fence for it
 * (kernels/resident/meeting.cl): on CPUs; on NVIDIA's GPUs, where it was seen; elsewhere one of the language. On Mesa's
 * llvmpipe, groups were seen to compute wrong (docs/implementations.md). */
static void find_groups(plan *p, const epocl_device_info *device) {
    const bool is_nvidia = strcmp(device->platform_name, "NVIDIA CUDA") == 0;
    p->resident_groups = 1;
    if (strcmp(device->platform_name, "rusticl") == 0) return;
    if (p->is_gpu && !is_nvidia) p->fence_version = device->group_fence;
    if (!p->is_gpu || is_nvidia || p->fence_version)
        p->resident_groups = smaller(p->compute_units, p->is_gpu ? RESIDENT_MOST_GPU_GROUPS : RESIDENT_MOST_GROUPS);
}

/* What runs work-groups. Intel's driver counts execution units of 8 lanes, of which eight or more share local memory
 * and are given work-groups together. */
static size_t units_of(const epocl_device_info *device) {
    enum { TOGETHER = 8 };
    const bool are_lanes =
        device->type != EPOCL_DEVICE_CPU && strncmp(device->platform_name, "Intel", strlen("Intel")) == 0;
    return are_lanes ? divide_up(device->compute_units, TOGETHER) : device->compute_units;
}

epocl_status plan_create(plan *p, const matmul_choice *matmul, const epocl_device_info *device) {
    const bool is_gpu = device->type != EPOCL_DEVICE_CPU;
    *p = (plan){.matmul = *matmul,
                .is_gpu = is_gpu,
                .gather_inputs = is_gpu ? GATHER_INPUTS_GPU : GATHER_INPUTS,
                .group_items = 64,
                .compute_units = units_of(device),
                .most_parts = is_gpu ? PLAN_MOST_PARTS : 1,
                .launch_flop = is_gpu ? gpu_launch_flop : INFINITY,
                .launch_rows = is_gpu ? GPU_LAUNCH_ROWS : UINT32_MAX,
                .sum_samples = matmul->sum_samples ? matmul->sum_samples : SUM_SAMPLES,
                .tensor_count = TENSOR_FIRST,
                .tensor_capacity = FIRST_CAPACITY};
    while (p->group_items > device->max_work_group_size && p->group_items > 1) p->group_items /= 2;
    while (p->most_parts > 1 && p->most_parts * PART_COLUMNS > device->max_work_group_size) p->most_parts /= 2;
    p->reduce_items = smaller(p->group_items, 32);
    for (size_t i = 0; matmul->provider == MATMUL_LOCAL && i < matmul->shape_count; i++) {
        const block_shape *shape = &matmul->shapes[i];
        if (block_fits(shape, device)) continue;
        return fail(EPOCL_ERROR_ARGUMENT,
                    "matmul local needs work-groups of %zu and %zu bytes of local memory, but %s has %zu and %llu; "
                    "try matmul plain",
                    block_group_items(shape), block_local_bytes(shape), device->name, device->max_work_group_size,
                    (unsigned long long)device->local_memory_bytes);
    }
    find_groups(p, device);
    define_shapes(p);
    return allocate(p->tensor_capacity, sizeof *p->tensors, "the tensors of a plan", &p->tensors);
}

epocl_status plan_check(const plan *p) {
    return p->is_incomplete ? fail(EPOCL_ERROR_MEMORY, "not enough memory for the tensors of a plan") : EPOCL_OK;
}

void plan_release(plan *p) {
    free(p->tensors);
    *p = (plan){0};
}

/* Columns of the panels of a matrix with that many columns. */
static size_t panel_width(const plan *p, size_t columns) {
    const size_t width = matmul_panel_width(&p->matmul);
    return width ? width : round_up(columns, BLAS_PANEL_STEP);
}

/* Rows and columns of all matrices are padded to multiples of this, so that whole tiles fit. */
static size_t padding(const plan *p) {
    return p->matmul.provider == MATMUL_LOCAL ? block_padding(&p->matmul) : panel_width(p, 1);
}

static tensor_id plan_add(plan *p, const tensor *t, const char *name) {
    if (p->tensor_count == p->tensor_capacity) {
        tensor *grown = realloc(p->tensors, 2 * p->tensor_capacity * sizeof *grown);
        p->is_incomplete |= !grown;
        if (!grown) return TENSOR_NONE;
        p->tensors = grown;
        p->tensor_capacity *= 2;
    }
    tensor *added = &p->tensors[p->tensor_count];
    *added = *t;
    snprintf(added->name, sizeof added->name, "%s", name);
    return p->tensor_count++;
}

tensor_id plan_add_matrix(plan *p, tensor_purpose purpose, size_t rows, size_t columns, const char *name) {
    const size_t width = panel_width(p, columns);
    /* Rows are padded like columns, since a transposed matrix swaps them and tiles of both divide a panel. */
    const size_t row_capacity = round_up(rows, padding(p));
    const tensor t = {
        .purpose = purpose,
        .rows = rows,
        .columns = columns,
        .row_capacity = row_capacity,
        .width = width,
        .value_bytes = sizeof(float),
        .bytes = row_capacity * round_up(round_up(columns, width), padding(p)) * sizeof(float),
    };
    return plan_add(p, &t, name);
}

tensor_id plan_add_array(plan *p, tensor_purpose purpose, size_t count, size_t value_bytes, const char *name) {
    const size_t capacity = round_up(count, padding(p));
    const tensor t = {
        .purpose = purpose,
        .rows = 1,
        .columns = count,
        .row_capacity = 1,
        .width = capacity,
        .value_bytes = value_bytes,
        .bytes = capacity * value_bytes,
    };
    return plan_add(p, &t, name);
}

uint64_t plan_total_bytes(const plan *p) {
    uint64_t total = 0;
    for (size_t i = TENSOR_FIRST; i < p->tensor_count; i++) total += p->tensors[i].bytes;
    return total;
}

double plan_launch_bytes(const plan *p, const launch *l, double batches, double data_set_part) {
    double bytes = 0;
    for (size_t i = 0; i < l->argument_count; i++) {
        const argument *a = &l->arguments[i];
        if (a->kind != ARGUMENT_TENSOR) continue;
        const tensor *t = &p->tensors[a->value.tensor];
        const double part = a->by_sample ? data_set_part : t->purpose == PURPOSE_ACTIVATIONS ? batches : 1.0;
        bytes += (a->is_input + a->is_output) * part * (double)t->rows * (double)t->columns * (double)t->value_bytes;
    }
    return bytes;
}
