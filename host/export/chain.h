/* A fully connected network in the making, as its file tells it step by step: what is done to the inputs, then layers,
 * each of the one before. */
#ifndef EPOCL_EXPORT_CHAIN_H
#define EPOCL_EXPORT_CHAIN_H

#include "export/import.h"
#include "export/curve.h"

typedef struct chain_layer {
    size_t input_count, output_count;
    float *weights; /* [outputs, inputs], owned as the biases are */
    float *biases;
    function activation;
} chain_layer;

typedef struct chain {
    size_t affine_count;   /* of scale and shift: 1 stands for all inputs */
    double *scale, *shift; /* of the inputs */
    size_t input_count;    /* that the file says; 0: nothing yet */
    chain_layer layers[NETWORK_MAX_LAYERS];
    size_t layer_count;
    bool has_class; /* the class is made of the outputs: the largest */
} chain;

epocl_status chain_begin(chain *made);
void chain_release(chain *made);

/* The columns of the newest values: outputs of the last layer, or inputs; 0: not known. */
size_t chain_width(const chain *made);

/* value * factors + summands, of the inputs or, before their activation, of the last layer's outputs: one of them for
 * all, or one for each. EPOCL_ERROR_DATA when they do not fit. */
epocl_status chain_affine(chain *made, const double *factors, const double *summands, size_t count);

/* A layer after the last, whose activation is `before`: factor * weights, [outputs, inputs] or, if turned, [inputs,
 * outputs]. Its biases are 0. */
epocl_status chain_dense(chain *made, const curve *before, const double *weights, size_t output_count,
                         size_t input_count, bool is_turned, double factor);

/* What the outputs are. */
typedef struct chain_output {
    curve function;
    bool is_softmax; /* after the function, which is the identity then */
    bool is_pair;    /* the one output p stands for two: 1 - p and p   */
} chain_output;

/* The network; the chain keeps nothing of it. */
epocl_status chain_finish(chain *made, const chain_output *output, const import_wishes *wishes,
                          epocl_network **network);

#endif
