/* step: what follows an update: of gradients in memory their norm and the step of the optimiser; then what is made of
 * the parameters. */
#include "base/plural.h"
#include "operations/operations.h"

/* Inputs of an item: enough to be worth one. */
enum { STEP_ROWS = 32, NORM_ROWS = 256 };

/* Work for each parameter, adam's at most, and a square and a sum: told where work-groups may share it. */
static const double step_flop = 15.0, norm_flop = 2.0, average_flop = 3.0;

static double parameter_count(const layer_tensors *l) {
    return ((double)l->input_count + 1.0) * (double)l->output_count;
}

void launch_slots(launch *k, const batch_tensors *b, const tensor_id slots[SLOT_COUNT]) {
    for (size_t i = 0; i < OPTIMIZER_MOST_SLOTS; i++) {
        if (slots[i] == TENSOR_NONE)
            launch_unused(k, b->unused);
        else
            launch_in_place(k, slots[i]);
    }
}

/* A gradient that is added to is set to 0 for the next group. */
static void launch_gradient(launch *k, const layer_tensors *l, tensor_id gradient) {
    if (l->accumulates)
        launch_in_place(k, gradient);
    else
        launch_input(k, gradient);
}

static launch *add_plain_step(const plan *p, sequence *s, const layer_tensors *l) {
    const tensor *weights = &p->tensors[l->weights];
    launch *k = sequence_add(s, "step_plain", "step_plain", l->output_count, l->input_count, p->group_items, 1);
    launch_uint(k, l->input_count);
    launch_uint(k, l->output_count);
    launch_uint(k, weights->row_capacity);
    launch_uint(k, weights->width);
    return k;
}

static launch *add_tile_step(const plan *p, sequence *s, const layer_tensors *l) {
    const tensor *weights = &p->tensors[l->weights];
    launch *k = sequence_add(s, "step_tile", "step_tile", divide_up(l->input_count, STEP_ROWS),
                             divide_up(l->output_count, weights->width), 1, 1);
    launch_uint(k, STEP_ROWS);
    launch_uint(k, l->input_count);
    launch_uint(k, weights->row_capacity);
    k->flop = step_flop * parameter_count(l);
    return k;
}

void add_step(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    launch *k = p->matmul.provider == MATMUL_TILE ? add_tile_step(p, s, l) : add_plain_step(p, s, l);
    launch_input(k, b->hyper);
    launch_input(k, b->state);
    launch_gradient(k, l, l->weights_slots[SLOT_GRADIENT]);
    launch_gradient(k, l, l->biases_slots[SLOT_GRADIENT]);
    launch_in_place(k, l->weights);
    launch_in_place(k, l->biases);
    launch_slots(k, b, l->weights_slots);
    launch_slots(k, b, l->biases_slots);
    launch_detail(k, "layer %zu: %zu x %zu", l->number, l->output_count, l->input_count);
}

/* ---- the norm ---- */

/* Blocks of a layer's inputs, and the columns of their sums: whole panels. */
static size_t norm_blocks(const layer_tensors *l) {
    return divide_up(l->input_count, NORM_ROWS);
}

static size_t norm_columns(const plan *p, const layer_tensors *l) {
    return round_up(l->output_count, p->tensors[l->weights].width);
}

/* With those of the biases. */
static size_t norm_parts(const plan *p, const layer_tensors *l) {
    return (norm_blocks(l) + 1) * norm_columns(p, l);
}

static void add_norm(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l, tensor_id parts,
                     size_t first_part) {
    const tensor *weights = &p->tensors[l->weights];
    const size_t blocks = norm_blocks(l), columns = norm_columns(p, l);
    const bool is_tile = p->matmul.provider == MATMUL_TILE;
    launch *k = is_tile ? sequence_add(s, "norm_tile", "norm_tile", blocks + 1, columns / weights->width, 1, 1)
                        : sequence_add(s, "norm_plain", "norm_plain", columns, blocks + 1, p->group_items, 1);
    launch_uint(k, NORM_ROWS);
    launch_uint(k, blocks);
    launch_uint(k, columns);
    launch_uint(k, first_part);
    launch_uint(k, l->input_count);
    launch_uint(k, l->output_count);
    launch_uint(k, weights->row_capacity);
    if (!is_tile) launch_uint(k, weights->width);
    launch_input(k, b->state);
    launch_input(k, l->weights_slots[SLOT_GRADIENT]);
    launch_input(k, l->biases_slots[SLOT_GRADIENT]);
    launch_output(k, parts);
    if (is_tile) k->flop = norm_flop * parameter_count(l);
    launch_detail(k, "layer %zu: %zu x %zu", l->number, l->output_count, l->input_count);
}

void add_clip(plan *p, sequence *s, const batch_tensors *b, const layer_tensors *layers, size_t layer_count) {
    size_t count = 0, first = 0;
    for (size_t l = 0; l < layer_count; l++)
        if (!layers[l].is_frozen) count += norm_parts(p, &layers[l]);
    const tensor_id parts = plan_add_array(p, PURPOSE_ACTIVATIONS, count, sizeof(float), "norm_parts");
    for (size_t l = 0; l < layer_count; l++) {
        if (layers[l].is_frozen) continue;
        add_norm(p, s, b, &layers[l], parts, first);
        first += norm_parts(p, &layers[l]);
    }
    launch *k = sequence_add(s, "clip", "clip", p->reduce_items, 1, p->reduce_items, 1);
    launch_uint(k, count);
    launch_input(k, b->hyper);
    launch_input(k, parts);
    launch_in_place(k, b->state);
    k->reduces = true;
    launch_detail(k, "%zu sum%s of squares", count, plural_s(count));
}

/* ---- what is made of parameters after a step ---- */

void add_max_norm(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l, float most) {
    const tensor *weights = &p->tensors[l->weights];
    const bool is_tile = p->matmul.provider == MATMUL_TILE;
    launch *k = is_tile ? sequence_add(s, "max_norm_tile", "max_norm_tile", p->matmul.tile_vectors,
                                       divide_up(l->output_count, weights->width), 1, 1)
                        : sequence_add(s, "max_norm_plain", "max_norm_plain", l->output_count, 1, p->group_items, 1);
    launch_uint(k, NORM_ROWS);
    launch_uint(k, l->input_count);
    if (!is_tile) launch_uint(k, l->output_count);
    launch_uint(k, weights->row_capacity);
    if (!is_tile) launch_uint(k, weights->width);
    launch_float(k, most);
    launch_input(k, b->state);
    launch_in_place(k, l->weights);
    if (is_tile) k->flop = 2.0 * norm_flop * parameter_count(l);
    launch_detail(k, "layer %zu: %zu x %zu", l->number, l->output_count, l->input_count);
}

void add_average(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l) {
    const tensor *weights = &p->tensors[l->weights];
    const bool is_tile = p->matmul.provider == MATMUL_TILE;
    launch *k =
        is_tile ? sequence_add(s, "average_tile", "average_tile", divide_up(l->input_count, STEP_ROWS),
                               divide_up(l->output_count, weights->width), 1, 1)
                : sequence_add(s, "average_plain", "average_plain", l->output_count, l->input_count, p->group_items, 1);
    if (is_tile) launch_uint(k, STEP_ROWS);
    launch_uint(k, l->input_count);
    if (!is_tile) launch_uint(k, l->output_count);
    launch_uint(k, weights->row_capacity);
    if (!is_tile) launch_uint(k, weights->width);
    launch_input(k, b->state);
    launch_input(k, l->weights);
    launch_input(k, l->biases);
    launch_in_place(k, l->weights_slots[SLOT_AVERAGE]);
    launch_in_place(k, l->biases_slots[SLOT_AVERAGE]);
    if (is_tile) k->flop = average_flop * parameter_count(l);
    launch_detail(k, "layer %zu: %zu x %zu", l->number, l->output_count, l->input_count);
}
