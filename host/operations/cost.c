/* cost: of the output layer's weighted input (7), with its delta (19). */
#include "base/plural.h"
#include "operations/operations.h"

/* Where the transposed delta goes: the kernel's row count for it is 0 where nobody wants it. */
typedef struct transposed_delta {
    tensor_id id;
    size_t rows;
} transposed_delta;

static transposed_delta find_transposed(const plan *p, const batch_tensors *b, const layer_tensors *l) {
    if (delta_needs_transposed(p, l))
        return (transposed_delta){l->delta_transposed, p->tensors[l->delta_transposed].row_capacity};
    /* An unused argument still needs a buffer of its own, since the kernel's arguments are restrict. */
    return (transposed_delta){b->stop, 0};
}

static void launch_transposed(launch *k, const transposed_delta *transposed) {
    if (transposed->rows)
        launch_output(k, transposed->id);
    else
        launch_unused(k, transposed->id);
}

static void add_separate(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l,
                         uint32_t cost_code) {
    const tensor *output = &p->tensors[l->output];
    const transposed_delta transposed = find_transposed(p, b, l);
    add_forward(p, s, b, l);
    launch *k = sequence_add(s, "cost", "cost", b->batch_size, 1, p->group_items, 1);
    launch_uint(k, l->output_count);
    launch_uint(k, b->batch_size);
    launch_uint(k, output->row_capacity);
    launch_uint(k, output->width);
    launch_uint(k, transposed.rows);
    launch_uint(k, p->tensors[transposed.id].width);
    launch_uint(k, l->activation);
    launch_uint(k, cost_code);
    launch_input(k, b->state);
    launch_input(k, l->output);
    launch_input(k, b->label);
    launch_output(k, l->delta);
    launch_transposed(k, &transposed);
    launch_output(k, b->costs);
    launch_output(k, b->classes);
    launch_detail(k, "%zu sample%s of %zu output%s", b->batch_size, plural_s(b->batch_size), l->output_count,
                  plural_s(l->output_count));
}

static void add_fused(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l, uint32_t cost_code) {
    const transposed_delta transposed = find_transposed(p, b, l);
    const size_t row_tiles = divide_up(b->batch_size, p->matmul.sample_rows);
    launch *k = sequence_add(s, "cost_tile", "cost_tile", row_tiles, 1, 1, 1);
    launch_uint(k, lines_ahead(p->matmul.sample_rows * p->tensors[l->weights].width, b->batch_size * l->input_count));
    launch_uint(k, l->input_count);
    launch_uint(k, l->output_count);
    launch_uint(k, p->tensors[l->input].row_capacity);
    launch_uint(k, p->tensors[l->weights].row_capacity);
    launch_uint(k, transposed.rows);
    launch_uint(k, l->activation);
    launch_uint(k, cost_code);
    launch_input(k, b->state);
    launch_input(k, l->input);
    launch_input(k, l->weights);
    launch_input(k, l->biases);
    launch_input(k, b->label);
    launch_output(k, l->delta);
    launch_transposed(k, &transposed);
    launch_output(k, b->costs);
    launch_output(k, b->classes);
    k->flop = 2.0 * (double)b->batch_size * (double)l->input_count * (double)l->output_count;
    launch_detail(k, "layer %zu: %zu sample%s, %zu -> %zu", l->number, b->batch_size, plural_s(b->batch_size),
                  l->input_count, l->output_count);
}

void add_cost(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *output_layer,
              uint32_t cost_code) {
    if (p->matmul.provider == MATMUL_TILE)
        add_fused(p, s, b, output_layer, cost_code);
    else
        add_separate(p, s, b, output_layer, cost_code);
}
