/* delta: of the layer below = (W^T delta) * f'(z) (24). */
#include "base/plural.h"
#include "operations/operations.h"

static double delta_flop(const batch_tensors *b, const layer_tensors *l) {
    return 2.0 * (double)b->batch_size * (double)l->input_count * (double)l->output_count;
}

bool delta_needs_transposed(const plan *p, const layer_tensors *l) {
    return p->matmul.provider == MATMUL_TILE && l->number > 0;
}

/* What is stored of f'(z): the slope itself, or a. */
static tensor_id stored_of(const layer_tensors *below) {
    return below->slope != TENSOR_NONE ? below->slope : below->output;
}

/* How f'(z) follows from that. */
static void launch_activation(launch *k, const layer_tensors *below) {
    launch_uint(k, below->slope != TENSOR_NONE ? SLOPE_STORED : (size_t)below->activation.code);
    launch_float(k, below->activation.parameter);
}

/* What delta_plain, delta_tile and delta_local end with; `delta` is the layer's, or its transposed copy. */
static void launch_operands(launch *k, const batch_tensors *b, const layer_tensors *l, tensor_id delta,
                            const layer_tensors *below) {
    launch_activation(k, below);
    launch_input(k, b->state);
    launch_input(k, l->weights);
    launch_input(k, delta);
    launch_input(k, stored_of(below));
    launch_output(k, below->delta);
}

/* Groups of several samples and inputs: a sample's deltas are read by all of the one, an input's weights, which lie a
 * panel's row apart, by all of the other. */
static void make_square(const plan *p, launch *k) {
    k->is_square = true;
    k->local[0] = smaller(p->group_items, GROUP_ITEMS_A_ROW);
    k->local[1] = p->group_items / k->local[0];
    for (size_t i = 0; i < 2; i++) k->global[i] = round_up(k->items[i], k->local[i]);
}

static void add_plain(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l,
                      const layer_tensors *below) {
    launch *k = add_sums(p, s, "delta_plain", b->batch_size, l->input_count, l->output_count, l);
    k->sample = SAMPLE_ROW;
    if (p->is_gpu && k->parts == 1) make_square(p, k);
    launch_operands(k, b, l, l->delta, below);
}

static void add_tile(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l,
                     const layer_tensors *below) {
    const tensor *input = &p->tensors[l->input], *weights = &p->tensors[l->weights];
    const tensor *delta_transposed = &p->tensors[l->delta_transposed];
    const bool transposed = delta_needs_transposed(p, below);
    const size_t panels = divide_up(b->batch_size, delta_transposed->width);
    launch *k = add_tiles(s, "delta_tile", l->input_count, p->matmul.tile_rows, panels, l->output_count);
    launch_fetches(p, k, l->input_count, p->matmul.tile_rows, panels, weights->width, l->output_count);
    launch_uint(k, l->input_count);
    launch_uint(k, l->output_count);
    launch_uint(k, input->row_capacity);
    launch_uint(k, weights->row_capacity);
    launch_uint(k, delta_transposed->row_capacity);
    launch_uint(k, transposed ? p->tensors[below->delta_transposed].row_capacity : 0);
    launch_uint(k, transposed);
    launch_operands(k, b, l, l->delta_transposed, below);
    launch_optional_output(k, transposed ? below->delta_transposed : TENSOR_NONE, b->unused);
}

/* Sums of a compute unit, so few that it has them all at a time. */
enum { FEW_SUMS = 1024 };

/* Of so few terms that they fill no step of a block; and so few that reading them one by one is no matter, or little
 * enough of a sample to be part of a chain (plan/units.h), which is worth more than blocks. */
static bool is_shallow(const plan *p, const batch_tensors *b, const layer_tensors *l) {
    return is_narrow(p, l->output_count) && (b->batch_size * l->input_count <= FEW_SUMS * p->compute_units ||
                                             delta_flop(b, l) <= SAMPLE_FLOP * (double)b->batch_size);
}

static void add_local(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l,
                      const layer_tensors *below) {
    if (is_narrow(p, l->input_count) || is_shallow(p, b, l)) {
        add_plain(p, s, b, l, below);
        return;
    }
    launch *k =
        add_blocks(p, s, "delta_local",
                   &(block_product){
                       .rows = b->batch_size, .columns = l->input_count, .depth = l->output_count, .has_parts = true});
    launch_uint(k, l->output_count);
    launch_uint(k, p->tensors[l->input].row_capacity);
    launch_uint(k, p->tensors[l->weights].row_capacity);
    launch_operands(k, b, l, l->delta, below);
}

static void add_blas(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l,
                     const layer_tensors *below) {
    const tensor *delta_below = &p->tensors[below->delta];
    sequence_add_product(s, &(blas_product){.m = b->batch_size,
                                            .n = l->input_count,
                                            .k = l->output_count,
                                            .transpose_b = true,
                                            .alpha = 1.0f,
                                            .a = l->delta,
                                            .b = l->weights,
                                            .c = below->delta});
    launch *k = sequence_add(s, "delta_blas", "delta_blas", l->input_count, b->batch_size, p->group_items, 1);
    launch_uint(k, l->input_count);
    launch_uint(k, delta_below->row_capacity);
    launch_uint(k, delta_below->width);
    launch_activation(k, below);
    launch_input(k, b->state);
    launch_input(k, stored_of(below));
    launch_in_place(k, below->delta);
    launch_detail(k, "layer %zu: slope of the activation", below->number);
}

void add_delta(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l, const layer_tensors *below) {
    typedef void add_function(const plan *, sequence *, const batch_tensors *, const layer_tensors *,
                              const layer_tensors *);
    static add_function *const add[MATMUL_PROVIDER_COUNT] = {
        [MATMUL_PLAIN] = add_plain, [MATMUL_TILE] = add_tile, [MATMUL_LOCAL] = add_local, [MATMUL_CLBLAST] = add_blas};
    const size_t place = s->count;
    add[p->matmul.provider](p, s, b, l, below);
    launch *k = sequence_at(s, place); /* the product */
    k->flop = delta_flop(b, l);
    launch_detail(k, "layer %zu: %zu sample%s, %zu <- %zu", below->number, b->batch_size, plural_s(b->batch_size),
                  l->input_count, l->output_count);
}
