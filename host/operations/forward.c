/* forward: z = W a + b (4), a = f(z) (5). */
#include "base/plural.h"
#include "operations/operations.h"

/* How a unit's activation follows from z. The output layer keeps z: the cost is computed from it. */
static void launch_unit(launch *k, const layer_tensors *l) {
    launch_uint(k, l->is_output ? ACTIVATION_identity : (size_t)l->activation.code);
    launch_float(k, l->activation.parameter);
    launch_float(k, l->is_output ? 0.0f : l->dropout);
    launch_uint(k, l->number);
    launch_uint(k, l->slope != TENSOR_NONE);
}

/* What forward_plain, forward_tile and forward_local end with. */
static void launch_operands(launch *k, const batch_tensors *b, const layer_tensors *l) {
    launch_unit(k, l);
    launch_input(k, b->state);
    launch_input(k, l->input);
    launch_input(k, l->weights);
    launch_input(k, l->biases);
    launch_output(k, l->output);
    launch_optional_output(k, l->slope, b->unused);
}

static void add_plain(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    launch *k = add_sums(p, s, "forward_plain", b->batch_size, l->output_count, l->input_count, l);
    k->sample = SAMPLE_ROW;
    launch_bands(k, 1, 1);
    launch_operands(k, b, l);
}

static void add_tile(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    const tensor *input = &p->tensors[l->input], *weights = &p->tensors[l->weights];
    const size_t panels = divide_up(l->output_count, weights->width);
    launch *k = add_tiles(s, "forward_tile", b->batch_size, p->matmul.sample_rows, panels, l->input_count);
    launch_bands(k, panels, k->items[0] * p->matmul.sample_rows);
    launch_fetches(p, k, b->batch_size, p->matmul.sample_rows, panels, weights->width, l->input_count);
    launch_uint(k, l->input_count);
    launch_uint(k, input->row_capacity);
    launch_uint(k, weights->row_capacity);
    launch_operands(k, b, l);
}

static void add_local(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    if (is_narrow(p, l->output_count)) {
        add_plain(p, s, b, l);
        return;
    }
    launch *k =
        add_blocks(p, s, "forward_local",
                   &(block_product){
                       .rows = b->batch_size, .columns = l->output_count, .depth = l->input_count, .has_parts = true});
    launch_bands(k, k->shape.parts, k->shape.block);
    launch_uint(k, l->input_count);
    launch_uint(k, p->tensors[l->input].row_capacity);
    launch_uint(k, p->tensors[l->weights].row_capacity);
    launch_operands(k, b, l);
}

static void add_blas(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    const tensor *output = &p->tensors[l->output];
    sequence_add_product(s, &(blas_product){.m = b->batch_size,
                                            .n = l->output_count,
                                            .k = l->input_count,
                                            .alpha = 1.0f,
                                            .a = l->input,
                                            .b = l->weights,
                                            .c = l->output});
    launch *k = sequence_add(s, "forward_blas", "forward_blas", l->output_count, b->batch_size, p->group_items, 1);
    launch_bands(k, 1, 1);
    launch_uint(k, l->output_count);
    launch_uint(k, output->row_capacity);
    launch_uint(k, output->width);
    launch_unit(k, l);
    launch_input(k, b->state);
    launch_input(k, l->biases);
    launch_in_place(k, l->output);
    launch_optional_output(k, l->slope, b->unused);
    launch_detail(k, "layer %zu: bias, activation", l->number);
}

void add_forward(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    typedef void add_function(const plan *, sequence *, const batch_tensors *, const layer_tensors *);
    static add_function *const add[MATMUL_PROVIDER_COUNT] = {
        [MATMUL_PLAIN] = add_plain, [MATMUL_TILE] = add_tile, [MATMUL_LOCAL] = add_local, [MATMUL_CLBLAST] = add_blas};
    const size_t place = s->count;
    add[p->matmul.provider](p, s, b, l);
    launch *k = sequence_at(s, place); /* the product */
    k->flop = 2.0 * (double)b->batch_size * (double)l->input_count * (double)l->output_count;
    launch_detail(k, "layer %zu: %zu sample%s, %zu -> %zu", l->number, b->batch_size, plural_s(b->batch_size),
                  l->input_count, l->output_count);
}
