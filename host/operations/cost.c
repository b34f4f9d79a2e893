/* cost: of the output layer's weighted input (7), with its delta (19). */
#include "base/plural.h"
#include "operations/operations.h"

/* Rows that the kernel writes delta transposed to: 0 where nobody wants it. */
static size_t transposed_rows(const plan *p, const layer_tensors *l) {
    return delta_needs_transposed(p, l) ? p->tensors[l->delta_transposed].row_capacity : 0;
}

/* What cost and cost_tile end with: targets and results. */
static void launch_targets(launch *k, const plan *p, const batch_tensors *b, const layer_tensors *l) {
    launch_optional_input(k, b->label, b->unused);
    launch_optional_input(k, b->value, b->unused);
    launch_optional_input(k, b->weight, b->unused);
    launch_output(k, l->delta);
    launch_optional_output(k, delta_needs_transposed(p, l) ? l->delta_transposed : TENSOR_NONE, b->unused);
    launch_output(k, b->costs);
    launch_output(k, b->classes);
}

static void add_separate(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l,
                         const target_levels *levels) {
    const tensor *output = &p->tensors[l->output];
    add_forward(p, s, b, l);
    launch *k = sequence_add(s, "cost", "cost", b->batch_size, 1, p->group_items, 1);
    k->sample = SAMPLE_COLUMN;
    launch_uint(k, l->output_count);
    launch_uint(k, b->batch_size);
    launch_uint(k, output->row_capacity);
    launch_uint(k, output->width);
    launch_uint(k, transposed_rows(p, l));
    launch_uint(k, p->tensors[l->delta_transposed].width);
    launch_float(k, levels->hot);
    launch_float(k, levels->cold);
    launch_input(k, b->state);
    launch_input(k, l->output);
    launch_targets(k, p, b, l);
    launch_detail(k, "%zu sample%s of %zu output%s", b->batch_size, plural_s(b->batch_size), l->output_count,
                  plural_s(l->output_count));
}

static void add_fused(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l,
                      const target_levels *levels) {
    const size_t row_tiles = divide_up(b->batch_size, p->matmul.sample_rows);
    launch *k = sequence_add(s, "cost_tile", "cost_tile", row_tiles, 1, 1, 1);
    launch_uint(k, lines_ahead(p->matmul.sample_rows * p->tensors[l->weights].width, b->batch_size * l->input_count));
    launch_uint(k, l->input_count);
    launch_uint(k, l->output_count);
    launch_uint(k, p->tensors[l->input].row_capacity);
    launch_uint(k, p->tensors[l->weights].row_capacity);
    launch_uint(k, transposed_rows(p, l));
    launch_float(k, levels->hot);
    launch_float(k, levels->cold);
    launch_input(k, b->state);
    launch_input(k, l->input);
    launch_input(k, l->weights);
    launch_input(k, l->biases);
    launch_targets(k, p, b, l);
    k->flop = 2.0 * (double)b->batch_size * (double)l->input_count * (double)l->output_count;
    launch_detail(k, "layer %zu: %zu sample%s, %zu -> %zu", l->number, b->batch_size, plural_s(b->batch_size),
                  l->input_count, l->output_count);
}

bool cost_is_fused(const plan *p) {
    return p->matmul.provider == MATMUL_TILE;
}

void add_cost(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *output_layer,
              const target_levels *levels) {
    if (cost_is_fused(p))
        add_fused(p, s, b, output_layer, levels);
    else
        add_separate(p, s, b, output_layer, levels);
}
