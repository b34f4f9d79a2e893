/* update: a step of the optimiser with the sum of delta a^T (29), and of the biases with theirs (30); or these sums. */
#include "base/plural.h"
#include "operations/operations.h"

/* What is written of weights or biases: themselves, with what the optimiser keeps of them, or their gradient. */
static void launch_parameters(launch *k, const layer_tensors *l, tensor_id parameters, tensor_id gradient) {
    const bool is_fused = gradient == TENSOR_NONE;
    launch_argument(k, (argument){.kind = ARGUMENT_TENSOR,
                                  .is_input = is_fused || l->accumulates,
                                  .is_output = true,
                                  .value.tensor = is_fused ? parameters : gradient});
}

static void launch_kept(launch *k, const batch_tensors *b, const tensor_id slots[SLOT_COUNT]) {
    static const tensor_id none[SLOT_COUNT];
    launch_slots(k, b, slots[SLOT_GRADIENT] == TENSOR_NONE ? slots : none);
}

/* What update_plain, update_tile and update_local end with. */
static void launch_operands(launch *k, const plan *p, const batch_tensors *b, const layer_tensors *l) {
    launch_uint(k, sum_samples(p, b));
    launch_input(k, b->hyper);
    launch_input(k, b->state);
    launch_input(k, l->input);
    launch_input(k, l->delta);
    launch_parameters(k, l, l->weights, l->weights_slots[SLOT_GRADIENT]);
    launch_parameters(k, l, l->biases, l->biases_slots[SLOT_GRADIENT]);
    launch_kept(k, b, l->weights_slots);
    launch_kept(k, b, l->biases_slots);
}

static void add_plain(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    launch *k = add_sums(p, s, "update_plain", l->input_count, l->output_count, b->batch_size, l);
    launch_operands(k, p, b, l);
}

static void add_tile(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    const tensor *input = &p->tensors[l->input], *weights = &p->tensors[l->weights];
    const size_t panels = divide_up(l->output_count, weights->width);
    launch *k = add_tiles(s, "update_tile", l->input_count, p->matmul.tile_rows, panels, b->batch_size);
    launch_uint(k, lines_ahead(p->matmul.tile_rows * weights->width, l->input_count * l->output_count));
    launch_uint(k, l->input_count);
    launch_uint(k, input->row_capacity);
    launch_uint(k, weights->row_capacity);
    launch_operands(k, p, b, l);
}

static void add_local(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    if (is_narrow(p, l->output_count)) {
        add_plain(p, s, b, l);
        return;
    }
    const bool is_long = b->batch_size > p->sum_samples;
    launch *k =
        add_blocks(p, s, is_long ? "update_local_long" : "update_local",
                   &(block_product){
                       .rows = l->input_count, .columns = l->output_count, .depth = b->batch_size, .is_long = is_long});
    launch_uint(k, p->tensors[l->input].row_capacity);
    launch_uint(k, p->tensors[l->weights].row_capacity);
    launch_operands(k, p, b, l);
}

static void add_blas(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    const tensor *delta = &p->tensors[l->delta];
    sequence_add_product(s, &(blas_product){.m = l->input_count,
                                            .n = l->output_count,
                                            .k = b->batch_size,
                                            .batch_is_k = true,
                                            .transpose_a = true,
                                            .alpha = 1.0f,
                                            .beta = l->accumulates ? 1.0f : 0.0f,
                                            .a = l->input,
                                            .b = l->delta,
                                            .c = l->weights_slots[SLOT_GRADIENT]});
    launch *k = sequence_add(s, "update_blas", "update_blas", l->output_count, 1, p->group_items, 1);
    launch_uint(k, l->output_count);
    launch_uint(k, delta->row_capacity);
    launch_uint(k, delta->width);
    launch_uint(k, sum_samples(p, b));
    launch_input(k, b->hyper);
    launch_input(k, b->state);
    launch_input(k, l->delta);
    launch_parameters(k, l, l->biases, l->biases_slots[SLOT_GRADIENT]);
    launch_kept(k, b, l->biases_slots);
    launch_detail(k, "layer %zu: biases", l->number);
}

void add_update(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    typedef void add_function(const plan *, sequence *, const batch_tensors *, const layer_tensors *);
    static add_function *const add[MATMUL_PROVIDER_COUNT] = {
        [MATMUL_PLAIN] = add_plain, [MATMUL_TILE] = add_tile, [MATMUL_LOCAL] = add_local, [MATMUL_CLBLAST] = add_blas};
    const size_t place = s->count;
    add[p->matmul.provider](p, s, b, l);
    launch *k = sequence_at(s, place); /* the product */
    k->flop = 2.0 * (double)b->batch_size * (double)l->input_count * (double)l->output_count;
    launch_detail(k, "layer %zu: %zu sample%s, %zu x %zu", l->number, b->batch_size, plural_s(b->batch_size),
                  l->output_count, l->input_count);
}
