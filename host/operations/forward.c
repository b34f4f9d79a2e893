/* forward: z = W a + b (4), a = f(z) (5). */
#include "base/plural.h"
#include "operations/operations.h"

/* The output layer keeps its weighted input: the cost is computed from it. */
static uint32_t forward_activation(const layer_tensors *l) {
    return l->is_output ? 0 : l->activation;
}

/* What forward_plain, forward_tile and forward_local end with. */
static void launch_operands(launch *k, const batch_tensors *b, const layer_tensors *l) {
    launch_uint(k, forward_activation(l));
    launch_input(k, b->state);
    launch_input(k, l->input);
    launch_input(k, l->weights);
    launch_input(k, l->biases);
    launch_output(k, l->output);
}

static launch *add_plain(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    launch *k = sequence_add(s, "forward_plain", "forward_plain", l->output_count, b->batch_size, p->group_items, 1);
    launch_plain_shape(k, p, l);
    launch_operands(k, b, l);
    return k;
}

static launch *add_tile(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    const tensor *input = &p->tensors[l->input], *weights = &p->tensors[l->weights];
    const size_t panels = divide_up(l->output_count, weights->width);
    launch *k = add_tiles(s, "forward_tile", b->batch_size, p->matmul.sample_rows, panels, l->input_count);
    launch_fetches(k, b->batch_size, p->matmul.sample_rows, panels, weights->width, l->input_count);
    launch_uint(k, l->input_count);
    launch_uint(k, input->row_capacity);
    launch_uint(k, weights->row_capacity);
    launch_operands(k, b, l);
    return k;
}

static launch *add_local(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    launch *k =
        add_blocks(p, s, "forward_local", "forward_local_split", b->batch_size, l->output_count, l->input_count);
    launch_uint(k, l->input_count);
    launch_uint(k, p->tensors[l->input].row_capacity);
    launch_uint(k, p->tensors[l->weights].row_capacity);
    launch_operands(k, b, l);
    return k;
}

static launch *add_blas(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    const tensor *output = &p->tensors[l->output];
    launch *product = sequence_add_product(s, &(blas_product){.m = b->batch_size,
                                                              .n = l->output_count,
                                                              .k = l->input_count,
                                                              .alpha = 1.0f,
                                                              .a = l->input,
                                                              .b = l->weights,
                                                              .c = l->output});
    launch *k = sequence_add(s, "forward_blas", "forward_blas", l->output_count, b->batch_size, p->group_items, 1);
    launch_uint(k, l->output_count);
    launch_uint(k, output->row_capacity);
    launch_uint(k, output->width);
    launch_uint(k, forward_activation(l));
    launch_input(k, b->state);
    launch_input(k, l->biases);
    launch_in_place(k, l->output);
    launch_detail(k, "layer %zu: bias, activation", l->number);
    return product;
}

void add_forward(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    typedef launch *add_function(const plan *, sequence *, const batch_tensors *, const layer_tensors *);
    static add_function *const add[MATMUL_PROVIDER_COUNT] = {
        [MATMUL_PLAIN] = add_plain, [MATMUL_TILE] = add_tile, [MATMUL_LOCAL] = add_local, [MATMUL_CLBLAST] = add_blas};
    launch *k = add[p->matmul.provider](p, s, b, l);
    k->flop = 2.0 * (double)b->batch_size * (double)l->input_count * (double)l->output_count;
    launch_detail(k, "layer %zu: %zu sample%s, %zu -> %zu", l->number, b->batch_size, plural_s(b->batch_size),
                  l->input_count, l->output_count);
}
