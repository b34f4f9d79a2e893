/* Operations: each appends its launches to a sequence, for the plan's matmul provider. One function for
 * each stem of kernels/: the kernel file says what is computed, the function here says with which
 * tensors and over which range.
 *
 * Shapes: `batch_size` samples; layer l has input_count(l) inputs and output_count(l) outputs, and its
 * inputs are the outputs of layer l-1. */
#ifndef EPOCL_OPERATIONS_OPERATIONS_H
#define EPOCL_OPERATIONS_OPERATIONS_H

#include "model/functions.h"
#include "plan/block.h"
#include "plan/plan.h"
#include "plan/recipe.h"

/* One layer's tensors. A pass over other data shares `weights` and `biases`. */
typedef struct layer_tensors {
    size_t number; /* from 0                                                                 */
    size_t input_count, output_count;
    function activation; /* of the output layer, applied by cost and output, not by forward         */
    float dropout;       /* probability that a unit is left out of a mini-batch; 0 outside training */
    bool is_output;
    tensor_id weights;                   /* [inputs x outputs]                                               */
    tensor_id biases;                    /* [outputs]                                                        */
    tensor_id weights_slots[SLOT_COUNT]; /* what is kept of them, likewise, each or TENSOR_NONE. With a gradient, */
    tensor_id biases_slots[SLOT_COUNT];  /* the update writes it, else it takes the step                          */
    bool is_frozen;                      /* training leaves its parameters as they are */
    bool accumulates;                    /* the update adds to the gradient                                       */
    tensor_id input;                     /* [batch x inputs]: the layer below's output                       */
    tensor_id output;                    /* [batch x outputs]: a, or z in the output layer                   */
    tensor_id slope;            /* [batch x outputs]: f'(z); or TENSOR_NONE: not wanted, or it follows from a */
    tensor_id delta;            /* [batch x outputs]                                                */
    tensor_id delta_transposed; /* [outputs x batch], where the provider wants it                   */
} layer_tensors;

/* The tensors of one data set and of the mini-batches drawn from it. */
typedef struct batch_tensors {
    size_t sample_count, batch_size, input_count, output_count;
    size_t source_count; /* values of a sample in the data set: of a table; else 0, and there are input_count */
    bool bytes;          /* inputs are 8-bit                                  */
    tensor_id state, stop;
    tensor_id hyper;          /* in training */
    tensor_id inputs, labels; /* the data set, as it came                          */
    tensor_id values;         /* targets with a value for each output: [samples x outputs]; or TENSOR_NONE */
    tensor_id weights;        /* [samples]; TENSOR_NONE: all weigh 1               */
    tensor_id order;          /* [samples]                                         */
    tensor_id scale, shift;   /* [inputs]; of a table, factors and offsets         */
    tensor_id source;         /* [inputs] of a table: where the value lies, and the input's shape */
    tensor_id label, value;   /* [batch], or [batch x outputs]                     */
    tensor_id weight;         /* [batch]                                           */
    tensor_id unused;         /* for arguments of no use */
    tensor_id costs;          /* [batch]                                           */
    tensor_id classes;        /* [batch]: the output whose z is largest; with values, 1 where all are right */
} batch_tensors;

/* What targets of 1 and of 0 stand for: 1 and 0 without label smoothing. */
typedef struct target_levels {
    float hot, cold;
} target_levels;

/* True when delta_transposed of `l` must exist: the delta below `l` is propagated through it. */
bool delta_needs_transposed(const plan *p, const layer_tensors *l);

/* Adds a launch of forward_plain, delta_plain or update_plain of a layer, which makes `rows` x `columns` sums of
 * `depth` terms, each by as many parts (kernels/shared/sums.cl) as the device and the sum have, with the sizes that
 * they begin with. */
launch *add_sums(const plan *p, sequence *s, const char *kernel, size_t rows, size_t columns, size_t depth,
                 const layer_tensors *l);

/* Samples that a kernel sums at once (kernels/shared/common.cl): a section's, or UINT32_MAX where the mini-batch is no
 * more, so that a compiler which knows it leaves sections out. */
uint32_t sum_samples(const plan *p, const batch_tensors *b);

/* Adds a launch over the register tiles, of `tile_rows`, of a product with `rows` rows, `panels` panels and sums of
 * `depth` terms, in blocks whose part of the broadcast operand fits a core's cache (kernels/products/tile.cl), with the
 * arguments of that. */
launch *add_tiles(sequence *s, const char *kernel, size_t rows, size_t tile_rows, size_t panels, size_t depth);

/* Cache lines to fetch ahead of `floats` of an operand: none if a core's cache holds all of the operand. */
uint32_t lines_ahead(size_t floats, size_t operand_floats);

/* What forward_tile and delta_tile are to fetch ahead, as arguments that follow those of add_tiles(). */
void launch_fetches(const plan *p, launch *k, size_t rows, size_t tile_rows, size_t panels, size_t panel_width,
                    size_t depth);

/* Whether a product with so few columns is better made of sums by parts than of blocks, of which it would fill but a
 * part of few. */
bool is_narrow(const plan *p, size_t columns);

/* Adds a launch over the blocks of a product (kernels/products/local.cl), in the shape that suits it among those of the
 * plan: of the kernel in the file `source` that has that shape's name. */
launch *add_blocks(const plan *p, sequence *s, const char *source, const block_product *product);

/* By the code of kernels/tables/initializations.cl, or INITIALIZATION_auto: what suits the layer's activation. A launch
 * draws what is uniform or normal. */
weight_distribution initial_weights(const layer_tensors *l, int initialization);
void add_initialize(const plan *p, sequence *s, const layer_tensors *l, tensor_id state, int initialization);
void add_metrics_begin(sequence *s, const batch_tensors *b);
void add_shuffle(const plan *p, sequence *s, const batch_tensors *b, bool shuffled);
void add_gather(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *first_layer);
/* In training, the inputs that were gathered are changed. */
void add_perturb(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *first_layer, const recipe *r);
void add_forward(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l);
/* Forward of the output layer, its cost and its delta: one launch where the provider can, else two or three. */
void add_cost(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *output_layer,
              const target_levels *levels);
bool cost_is_fused(const plan *p); /* then z of the output layer goes nowhere */
/* Of the layer below `l`, from l's delta. */
void add_delta(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l, const layer_tensors *below);
void add_update(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l);
/* Of layers whose gradients are in memory: the factor of them all, and a layer's step. add_clip() adds a tensor. */
void add_clip(plan *p, sequence *s, const batch_tensors *b, const layer_tensors *layers, size_t layer_count);
void add_step(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l);
/* After a step: no unit's weights have a larger norm. */
void add_max_norm(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l, float most);
/* After that: the moving average of a layer's parameters. */
void add_average(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *l);
/* What an optimiser keeps of weights or biases, as arguments of update and step. */
void launch_slots(launch *k, const batch_tensors *b, const tensor_id slots[SLOT_COUNT]);
/* What the state says of the mini-batch that comes next, in training. */
void add_rates(sequence *s, const batch_tensors *b);
void add_metrics_step(const plan *p, sequence *s, const batch_tensors *b);
void add_output(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *output_layer,
                tensor_id outputs);
/* After add_cost(): z of the output layer goes to its samples' places in `kept`, [samples x outputs]. */
void add_output_keep(const plan *p, sequence *s, const batch_tensors *b, const layer_tensors *output_layer,
                     tensor_id kept);

#endif
