/* initialize, shuffle, gather, metrics and output: what surrounds the matrix products. */
#include "base/plural.h"
#include "operations/operations.h"

/* What keeps the deviation of activations and deltas from layer to layer: relu and its kind let half of it through, and
 * selu makes it 1 by itself. */
static int usual_initialization(const layer_tensors *l) {
    if (l->is_output) return INITIALIZATION_glorot_uniform;
    switch (l->activation.code) {
    case ACTIVATION_relu:
    case ACTIVATION_leaky_relu:
    case ACTIVATION_elu:
    case ACTIVATION_gelu:
    case ACTIVATION_gelu_tanh:
    case ACTIVATION_silu:
    case ACTIVATION_mish: return INITIALIZATION_he_uniform;
    case ACTIVATION_selu: return INITIALIZATION_lecun_normal;
    default: return INITIALIZATION_glorot_uniform;
    }
}

weight_distribution initial_weights(const layer_tensors *l, int initialization) {
    const int usual = usual_initialization(l);
    return initialization_distribution(initialization == INITIALIZATION_auto ? usual : initialization, l->input_count,
                                       l->output_count, usual == INITIALIZATION_he_uniform ? 2.0 : 1.0);
}

void add_initialize(const plan *p, sequence *s, const layer_tensors *l, tensor_id state, int initialization) {
    const tensor *weights = &p->tensors[l->weights];
    const weight_distribution drawn = initial_weights(l, initialization);
    launch *k = sequence_add(s, "initialize", "initialize", l->output_count, l->input_count, p->group_items, 1);
    launch_uint(k, l->input_count);
    launch_uint(k, l->output_count);
    launch_uint(k, weights->row_capacity);
    launch_uint(k, weights->width);
    launch_uint(k, l->number);
    launch_uint(k, drawn.kind == WEIGHTS_normal);
    launch_float(k, drawn.scale);
    launch_input(k, state);
    launch_output(k, l->weights);
    launch_detail(k, "layer %zu: %zu x %zu", l->number, l->output_count, l->input_count);
}

void add_metrics_begin(sequence *s, const batch_tensors *b) {
    launch *k = sequence_add(s, "metrics", "metrics_begin", 1, 1, 1, 1);
    launch_uint(k, b->sample_count);
    launch_uint(k, b->batch_size);
    launch_uint(k, b->hyper != TENSOR_NONE && b->weights == TENSOR_NONE);
    launch_optional_input(k, b->hyper, b->unused);
    launch_in_place(k, b->state);
}

void add_shuffle(const plan *p, sequence *s, const batch_tensors *b, bool shuffled) {
    launch *k = sequence_add(s, "shuffle", "shuffle_order", b->sample_count, 1, p->group_items, 1);
    launch_uint(k, b->sample_count);
    launch_uint(k, shuffled);
    launch_input(k, b->state);
    launch_output(k, b->order);
    launch_detail(k, "%zu sample%s", b->sample_count, plural_s(b->sample_count));
}

void add_gather(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *first_layer) {
    const tensor *input = &p->tensors[first_layer->input];
    const bool is_table = b->source_count > 0;
    const size_t columns = divide_up(b->input_count, p->gather_inputs);
    const size_t local_columns = smaller(p->group_items, GROUP_ITEMS_A_ROW);
    launch *k = sequence_add(s, "gather",
                             is_table   ? "gather_table"
                             : b->bytes ? "gather_uchar"
                                        : "gather_float",
                             columns, b->batch_size, local_columns, p->group_items / local_columns);
    k->sample = SAMPLE_ROW;
    launch_bands(k, 1, 1);
    launch_uint(k, b->input_count);
    if (is_table) launch_uint(k, b->source_count);
    launch_uint(k, b->output_count);
    launch_uint(k, input->row_capacity);
    launch_uint(k, input->width);
    launch_uint(k, p->tensors[b->value].width);
    launch_uint(k, b->values != TENSOR_NONE);
    launch_uint(k, b->weights != TENSOR_NONE);
    launch_input(k, b->state);
    launch_samples(k, b->order);
    launch_samples(k, b->inputs);
    launch_optional_samples(k, b->labels, b->unused);
    launch_optional_samples(k, b->values, b->unused);
    launch_optional_samples(k, b->weights, b->unused);
    if (is_table) launch_input(k, b->source);
    launch_input(k, b->scale);
    launch_input(k, b->shift);
    launch_output(k, first_layer->input);
    launch_optional_output(k, b->label, b->unused);
    launch_optional_output(k, b->value, b->unused);
    launch_optional_output(k, b->weight, b->unused);
    launch_detail(k, "%zu sample%s of %zu input%s", b->batch_size, plural_s(b->batch_size), b->input_count,
                  plural_s(b->input_count));
}

/* Inputs of an item; and the work of drawing one: ten rounds of Philox for four, a logarithm, a root, sine and cosine.
 */
enum { PERTURB_INPUTS = 64 };
static const double perturb_flop = 50.0;

void add_perturb(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *first_layer,
                 const recipe *r) {
    const tensor *input = &p->tensors[first_layer->input];
    launch *k = sequence_add(s, "perturb", "perturb", divide_up(b->input_count, PERTURB_INPUTS), b->batch_size, 1,
                             divide_up(p->group_items, GROUP_ITEMS_A_ROW));
    launch_uint(k, b->input_count);
    launch_uint(k, input->row_capacity);
    launch_uint(k, input->width);
    launch_float(k, r->input_dropout);
    launch_float(k, r->input_noise);
    launch_input(k, b->state);
    launch_in_place(k, first_layer->input);
    k->flop = perturb_flop * (double)b->batch_size * (double)b->input_count;
    launch_detail(k, "%zu sample%s of %zu input%s", b->batch_size, plural_s(b->batch_size), b->input_count,
                  plural_s(b->input_count));
}

/* What the weight of a mini-batch follows from, where samples have weights. */
static void launch_weights(launch *k, const batch_tensors *b) {
    launch_optional_input(k, b->weights == TENSOR_NONE ? TENSOR_NONE : b->order, b->unused);
    launch_optional_input(k, b->weights, b->unused);
}

void add_rates(sequence *s, const batch_tensors *b) {
    launch *k = sequence_add(s, "metrics", "rates", 1, 1, 1, 1);
    launch_uint(k, b->weights != TENSOR_NONE);
    launch_input(k, b->hyper);
    launch_weights(k, b);
    launch_in_place(k, b->state);
}

void add_metrics_step(const plan *p, sequence *s, const batch_tensors *b) {
    launch *k = sequence_add(s, "metrics", "metrics_step", p->reduce_items, 1, p->reduce_items, 1);
    launch_uint(k, b->batch_size);
    launch_uint(k, sum_samples(p, b));
    launch_uint(k, b->hyper != TENSOR_NONE);
    launch_uint(k, b->values != TENSOR_NONE);
    launch_uint(k, b->weights != TENSOR_NONE);
    launch_optional_input(k, b->hyper, b->unused);
    launch_weights(k, b);
    launch_input(k, b->stop);
    launch_input(k, b->costs);
    launch_optional_input(k, b->label, b->unused);
    launch_input(k, b->classes);
    launch_in_place(k, b->state);
    k->reduces = true;
    launch_detail(k, "%zu sample%s", b->batch_size, plural_s(b->batch_size));
}

/* What the kernels of output.cl begin with. */
static void launch_weighted_inputs(launch *k, const plan *p, const batch_tensors *b,
                                   const layer_tensors *output_layer) {
    const tensor *weighted_input = &p->tensors[output_layer->output];
    launch_uint(k, output_layer->output_count);
    launch_uint(k, weighted_input->row_capacity);
    launch_uint(k, weighted_input->width);
    launch_input(k, b->state);
    launch_input(k, output_layer->output);
    launch_detail(k, "%zu sample%s of %zu output%s", b->batch_size, plural_s(b->batch_size), output_layer->output_count,
                  plural_s(output_layer->output_count));
}

void add_output(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *output_layer,
                tensor_id outputs) {
    const bool by_sample = output_layer->activation.code == ACTIVATION_softmax;
    launch *k = by_sample
                    ? sequence_add(s, "output", "output_softmax", b->batch_size, 1, p->group_items, 1)
                    : sequence_add(s, "output", "output", output_layer->output_count, b->batch_size, p->group_items, 1);
    if (!by_sample) launch_bands(k, 1, 1);
    launch_weighted_inputs(k, p, b, output_layer);
    launch_output(k, outputs);
}

void add_output_keep(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *output_layer,
                     tensor_id kept) {
    if (cost_is_fused(p)) add_forward(p, s, b, output_layer);
    launch *k = sequence_add(s, "output", "output_keep", output_layer->output_count, b->batch_size, p->group_items, 1);
    launch_weighted_inputs(k, p, b, output_layer);
    launch_output_samples(k, kept);
}
