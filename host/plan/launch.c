#include "plan/launch.h"

#include "base/checked.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_CAPACITY = 16 };

epocl_status sequence_create(sequence *s) {
    *s = (sequence){.capacity = FIRST_CAPACITY};
    return allocate(s->capacity, sizeof *s->launches, "the launches of a plan", &s->launches);
}

void sequence_release(sequence *s) {
    free(s->launches);
    free(s->text);
    *s = (sequence){0};
}

epocl_status sequence_check(const sequence *s) {
    if (s->is_incomplete) return fail(EPOCL_ERROR_MEMORY, "not enough memory for the launches of a plan");
    for (size_t i = 0; i < s->count; i++)
        if (s->launches[i].argument_count > LAUNCH_MAX_ARGUMENTS)
            return fail(EPOCL_ERROR_ARGUMENT, "kernel %s would need %zu arguments; a device takes %d",
                        s->launches[i].kernel, s->launches[i].argument_count, LAUNCH_MAX_ARGUMENTS);
    return EPOCL_OK;
}

/* The place of a further launch; that of the last one where memory does not suffice. */
static launch *sequence_next(sequence *s) {
    if (s->count == s->capacity) {
        launch *grown = realloc(s->launches, 2 * s->capacity * sizeof *grown);
        s->is_incomplete |= !grown;
        if (!grown) return &s->launches[s->count - 1];
        s->launches = grown;
        s->capacity *= 2;
    }
    return &s->launches[s->count++];
}

launch *sequence_add(sequence *s, const char *source, const char *kernel, size_t columns, size_t rows,
                     size_t local_columns, size_t local_rows) {
    launch *l = sequence_next(s);
    *l = (launch){
        .source = source,
        .items = {columns, rows},
        .global = {round_up(columns, local_columns), round_up(rows, local_rows)},
        .local = {local_columns, local_rows},
        .parts = 1,
    };
    snprintf(l->kernel, sizeof l->kernel, "%s", kernel);
    return l;
}

launch *sequence_add_shared(sequence *s, const char *source, const char *kernel, size_t columns, size_t rows,
                            size_t local_columns, size_t parts) {
    launch *l = sequence_add(s, source, kernel, columns, rows * parts, local_columns, parts);
    l->items[1] = rows;
    l->shares = true;
    l->parts = parts;
    return l;
}

launch *sequence_add_copy(sequence *s, const launch *l) {
    launch *copy = sequence_next(s);
    *copy = *l;
    return copy;
}

launch *sequence_add_product(sequence *s, const blas_product *product) {
    launch *l = sequence_next(s);
    *l = (launch){.source = "blas", .kernel = "clblast_gemm", .parts = 1, .product = *product};
    l->flop = 2.0 * (double)product->m * (double)product->n * (double)product->k;
    launch_input(l, product->a);
    launch_input(l, product->b);
    launch_argument(l, (argument){.kind = ARGUMENT_TENSOR,
                                  .is_input = product->beta != 0.0f,
                                  .is_output = true,
                                  .value.tensor = product->c});
    return l;
}

/* Adds piece `index` of `count` of a launch. */
static void add_piece(sequence *s, const launch *whole, size_t index, size_t count) {
    const size_t groups = whole->global[1] / whole->local[1];
    const size_t first = groups * index / count * whole->local[1], end = groups * (index + 1) / count * whole->local[1];
    launch *piece = sequence_next(s);
    *piece = *whole;
    piece->is_piece = true;
    piece->first_row = first;
    piece->global[1] = end - first;
    piece->items[1] = smaller(end / whole->parts, whole->items[1]) - first / whole->parts;
    piece->flop = whole->flop * (double)piece->items[1] / (double)whole->items[1];
    launch_detail(piece, "%.40s, %zu of %zu", whole->detail, index + 1, count);
}

/* The pieces that a launch is done in. */
static size_t count_pieces(const launch *whole, double most_flop, size_t most_rows) {
    const size_t rows = whole->local[1] ? whole->global[1] / whole->local[1] : 1;
    const double wanted = fmax(ceil(whole->flop / most_flop), (double)divide_up(rows, most_rows));
    return smaller((size_t)fmax(wanted, 1.0), rows ? rows : 1);
}

void sequence_split(sequence *s, double most_flop, size_t most_rows) {
    sequence split = {0};
    if (sequence_create(&split) != EPOCL_OK) {
        s->is_incomplete = true;
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        const launch *whole = &s->launches[i];
        const size_t count = count_pieces(whole, most_flop, most_rows);
        if (count == 1)
            sequence_add_copy(&split, whole);
        else
            for (size_t piece = 0; piece < count; piece++) add_piece(&split, whole, piece, count);
    }
    free(s->launches);
    s->launches = split.launches;
    s->count = split.count;
    s->capacity = split.capacity;
    s->is_incomplete |= split.is_incomplete;
}

launch *sequence_at(sequence *s, size_t place) {
    return &s->launches[place < s->count ? place : s->count - 1];
}

bool launch_has(const launch *l, tensor_id id) {
    for (size_t i = 0; i < l->argument_count; i++)
        if (l->arguments[i].kind == ARGUMENT_TENSOR && l->arguments[i].value.tensor == id) return true;
    return false;
}

bool launch_writes(const launch *l, tensor_id id) {
    for (size_t i = 0; i < l->argument_count; i++) {
        const argument *a = &l->arguments[i];
        if (a->kind == ARGUMENT_TENSOR && a->is_output && a->value.tensor == id) return true;
    }
    return false;
}

size_t launch_rows(const launch *l, size_t batch_count) {
    if (l->band_samples == 0) return l->global[1];
    const size_t needed = divide_up(batch_count, l->band_samples) * l->band_rows * l->parts;
    return needed > l->first_row ? smaller(needed - l->first_row, l->global[1]) : 0;
}

size_t launch_sample_count(const launch *l) {
    return l->items[l->sample == SAMPLE_COLUMN ? 0 : 1];
}

bool launch_conflicts(const launch *l, const argument *of_other) {
    if (of_other->kind != ARGUMENT_TENSOR) return false;
    return of_other->is_output ? launch_has(l, of_other->value.tensor) : launch_writes(l, of_other->value.tensor);
}

void launch_argument(launch *l, argument a) {
    if (l->argument_count < LAUNCH_MAX_ARGUMENTS) l->arguments[l->argument_count] = a;
    l->argument_count++;
}

void launch_bands(launch *l, size_t rows, size_t samples) {
    l->band_rows = rows;
    l->band_samples = samples;
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

void launch_output_samples(launch *l, tensor_id id) {
    launch_argument(l, (argument){.kind = ARGUMENT_TENSOR, .is_output = true, .by_sample = true, .value.tensor = id});
}

void launch_unused(launch *l, tensor_id id) {
    launch_argument(l, (argument){.kind = ARGUMENT_TENSOR, .value.tensor = id});
}

void launch_optional_input(launch *l, tensor_id id, tensor_id unused) {
    if (id == TENSOR_NONE)
        launch_unused(l, unused);
    else
        launch_input(l, id);
}

void launch_optional_output(launch *l, tensor_id id, tensor_id unused) {
    if (id == TENSOR_NONE)
        launch_unused(l, unused);
    else
        launch_output(l, id);
}

void launch_optional_samples(launch *l, tensor_id id, tensor_id unused) {
    if (id == TENSOR_NONE)
        launch_unused(l, unused);
    else
        launch_samples(l, id);
}

void launch_detail(launch *l, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(l->detail, sizeof l->detail, format, arguments);
    va_end(arguments);
}
