#include "plan/plan.h"
#include "plan/block.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { RESIDENT_MOST_GROUPS = 16 };
enum { BLAS_PANEL_STEP = 16 }; /* a single panel is as wide as its matrix, rounded up to this */

static const char *const purpose_names[] = {
    [PURPOSE_PARAMETERS] = "parameters",
    [PURPOSE_ACTIVATIONS] = "activations",
    [PURPOSE_DATA_SET] = "data set",
    [PURPOSE_STATE] = "state",
};

static const char *const provider_names[] = {
    [MATMUL_PLAIN] = "plain",
    [MATMUL_TILE] = "tile",
    [MATMUL_LOCAL] = "local",
    [MATMUL_CLBLAST] = "clblast",
};

const char *tensor_purpose_name(tensor_purpose purpose) {
    return purpose_names[purpose];
}

const char *matmul_provider_name(matmul_provider provider) {
    return provider_names[provider];
}

/* ---- launches ---- */

epocl_status sequence_create(sequence *s, size_t capacity) {
    *s = (sequence){.capacity = capacity};
    return allocate(capacity, sizeof *s->launches, "the launches of a plan", &s->launches);
}

void sequence_release(sequence *s) {
    free(s->launches);
    free(s->text);
    *s = (sequence){0};
}

launch *sequence_add(sequence *s, const char *source, const char *kernel, size_t columns, size_t rows,
                     size_t local_columns, size_t local_rows) {
    launch *l = &s->launches[s->count++];
    *l = (launch){
        .source = source,
        .kernel = kernel,
        .items = {columns, rows},
        .global = {round_up(columns, local_columns), round_up(rows, local_rows)},
        .local = {local_columns, local_rows},
    };
    return l;
}

launch *sequence_add_product(sequence *s, const blas_product *product) {
    launch *l = &s->launches[s->count++];
    *l = (launch){.source = "blas", .kernel = "clblast_gemm", .product = *product};
    l->flop = 2.0 * (double)product->m * (double)product->n * (double)product->k;
    launch_input(l, product->a);
    launch_input(l, product->b);
    launch_argument(l, (argument){.kind = ARGUMENT_TENSOR,
                                  .is_input = product->beta != 0.0f,
                                  .is_output = true,
                                  .value.tensor = product->c});
    return l;
}

void launch_argument(launch *l, argument a) {
    l->arguments[l->argument_count++] = a;
}

void launch_uint(launch *l, size_t value) {
    launch_argument(l, (argument){.kind = ARGUMENT_UINT, .value.uint_value = (uint32_t)value});
}

void launch_float(launch *l, float value) {
    launch_argument(l, (argument){.kind = ARGUMENT_FLOAT, .value.float_value = value});
}

void launch_input(launch *l, tensor_id id) {
    launch_argument(l, (argument){.kind = ARGUMENT_TENSOR, .is_input = true, .value.tensor = id});
}

void launch_output(launch *l, tensor_id id) {
    launch_argument(l, (argument){.kind = ARGUMENT_TENSOR, .is_output = true, .value.tensor = id});
}

void launch_in_place(launch *l, tensor_id id) {
    launch_argument(l, (argument){.kind = ARGUMENT_TENSOR, .is_input = true, .is_output = true, .value.tensor = id});
}

void launch_samples(launch *l, tensor_id id) {
    launch_argument(l, (argument){.kind = ARGUMENT_TENSOR, .is_input = true, .by_sample = true, .value.tensor = id});
}

void launch_unused(launch *l, tensor_id id) {
    launch_argument(l, (argument){.kind = ARGUMENT_TENSOR, .value.tensor = id});
}

void launch_detail(launch *l, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(l->detail, sizeof l->detail, format, arguments);
    va_end(arguments);
}

/* ---- the plan ---- */

epocl_status plan_create(plan *p, const matmul_choice *matmul, const epocl_device_info *device,
                         size_t tensor_capacity) {
    *p = (plan){.matmul = *matmul,
                .group_items = 64,
                .compute_units = device->compute_units,
                .resident_groups = 1,
                .sum_samples = matmul->sum_samples ? matmul->sum_samples : SUM_SAMPLES,
                .tensor_capacity = tensor_capacity};
    while (p->group_items > device->max_work_group_size && p->group_items > 1) p->group_items /= 2;
    p->reduce_items = smaller(p->group_items, 32);
    if (matmul->provider == MATMUL_LOCAL && !block_fits(matmul, device))
        return fail(EPOCL_ERROR_ARGUMENT,
                    "matmul local needs work-groups of %zu and %zu bytes of local memory, but %s has %zu and %llu; "
                    "try matmul plain",
                    block_group_items(matmul), block_local_bytes(matmul), device->name, device->max_work_group_size,
                    (unsigned long long)device->local_memory_bytes);
    /* Work-groups that wait for each other are sure to go on only where they are threads; more gain nothing. */
    if (device->type == EPOCL_DEVICE_CPU) p->resident_groups = smaller(device->compute_units, RESIDENT_MOST_GROUPS);
    return allocate(tensor_capacity, sizeof *p->tensors, "the tensors of a plan", &p->tensors);
}

void plan_release(plan *p) {
    free(p->tensors);
    *p = (plan){0};
}

size_t plan_panel_width(const plan *p) {
    const matmul_choice *m = &p->matmul;
    if (m->provider == MATMUL_LOCAL) return BLOCK_PANEL;
    return m->provider == MATMUL_CLBLAST ? 0 : m->vector_width * m->tile_vectors;
}

/* Columns of the panels of a matrix with that many columns. */
static size_t panel_width(const plan *p, size_t columns) {
    const size_t width = plan_panel_width(p);
    return width ? width : round_up(columns, BLAS_PANEL_STEP);
}

/* Rows and columns of all matrices are padded to multiples of this, so that whole tiles fit. */
static size_t padding(const plan *p) {
    return p->matmul.provider == MATMUL_LOCAL ? p->matmul.block : panel_width(p, 1);
}

static tensor_id plan_add(plan *p, const tensor *t, const char *name) {
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
    for (size_t i = 0; i < p->tensor_count; i++) total += p->tensors[i].bytes;
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

/* ---- matmul choices by name ---- */

void matmul_choice_text(const matmul_choice *choice, char text[MATMUL_TEXT_CAPACITY]) {
    const char *name = matmul_provider_name(choice->provider);
    if (choice->provider == MATMUL_TILE)
        snprintf(text, MATMUL_TEXT_CAPACITY, "%s:%zux%zux%zu", name, choice->tile_rows, choice->tile_vectors,
                 choice->vector_width);
    else if (choice->provider == MATMUL_LOCAL)
        snprintf(text, MATMUL_TEXT_CAPACITY, "%s:%zux%zux%zux%zu", name, choice->block, choice->tile_rows,
                 choice->tile_vectors, choice->parts);
    else
        snprintf(text, MATMUL_TEXT_CAPACITY, "%s", name);
}

static bool is_one_of(size_t value, const size_t *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (values[i] == value) return true;
    return false;
}

/* A tile that kernels/tile.cl can be compiled for. */
static bool is_tile(const matmul_choice *choice) {
    static const size_t rows[] = {4, 8, 16}, vectors[] = {1, 2, 4, 8}, widths[] = {4, 8, 16};
    const size_t panel = choice->tile_vectors * choice->vector_width;
    return is_one_of(choice->tile_rows, rows, 3) && is_one_of(choice->tile_vectors, vectors, 4) &&
           is_one_of(choice->vector_width, widths, 3) && panel >= BLAS_PANEL_STEP;
}

bool matmul_choice_parse(const char *text, matmul_choice *choice) {
    matmul_choice parsed = *choice;
    char whole[MATMUL_TEXT_CAPACITY];
    for (int i = 0; i < MATMUL_PROVIDER_COUNT; i++) {
        parsed.provider = (matmul_provider)i;
        if (strcmp(text, provider_names[i]) == 0) {
            *choice = parsed;
            return true;
        }
    }
    if (sscanf(text, "tile:%2zux%2zux%2zu", &parsed.tile_rows, &parsed.tile_vectors, &parsed.vector_width) == 3) {
        parsed.provider = MATMUL_TILE;
        if (!is_tile(&parsed)) return false;
    } else if (sscanf(text, "local:%3zux%2zux%2zux%2zu", &parsed.block, &parsed.tile_rows, &parsed.tile_vectors,
                      &parsed.parts) == 4) {
        parsed.provider = MATMUL_LOCAL;
        parsed.vector_width = BLOCK_VECTOR;
        if (!block_is_shape(&parsed)) return false;
    } else {
        return false;
    }
    matmul_choice_text(&parsed, whole);
    if (strcmp(text, whole) != 0) return false;
    parsed.sample_rows = parsed.tile_rows;
    *choice = parsed;
    return true;
}
