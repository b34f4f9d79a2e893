/* What a predictor consists of, for what creates it (predictor.c) and what runs it (predictor_run.c). */
#ifndef EPOCL_PREDICTION_PREDICTOR_PARTS_H
#define EPOCL_PREDICTION_PREDICTOR_PARTS_H

#include "device/programs/executable.h"
#include "prediction/ensemble_predictor.h"
#include "prediction/predictor.h"
#include "steps/pass_plan.h"

/* What is done with a mini-batch, in this order; the last two as they are asked for. */
typedef enum inference_part { GATHER_BYTES, GATHER_FLOATS, HIDDEN_LAYERS, OUTPUTS, CLASSES, PART_COUNT } inference_part;

struct epocl_predictor {
    epocl_device *device;   /* held until the release                         */
    epocl_network *network; /* its shape and functions alone                  */
    bool has_values;        /* what it evaluates has target values, not labels */
    plan plan;
    parameter_tensors parameters;
    pass_plan pass;    /* tensors and layers; its sequences are not used */
    tensor_id outputs; /* [batch x outputs], row-major                   */
    sequence parts[PART_COUNT];
    bound_sequence bound[PART_COUNT];
    executable executable;
    size_t window;                /* mini-batches enqueued between two waits                                  */
    size_t slot_bytes;            /* of one of them in host memory                                            */
    cl_mem rows_in_place;         /* inputs of a mini-batch that are read where they are; NULL: none are      */
    bound_sequence *reader;       /* by these launches                                                        */
    char *staging;                /* the state of a beginning, then the slots; NULL after a failed wait       */
    float *rows;                  /* [batch x outputs] of weighted inputs, row-major; NULL until wanted       */
    epocl_predictor *other;       /* for targets of the other kind; NULL until there are any                  */
    ensemble_predictor *ensemble; /* of an ensemble, which has all that it needs: nothing above but the device */
};

static inline size_t output_count_of(const epocl_predictor *p) {
    return p->pass.layers[p->pass.layer_count - 1].output_count;
}

/* z of the output layer, in panels. */
static inline const tensor *weighted_inputs_of(const epocl_predictor *p) {
    return &p->plan.tensors[p->pass.layers[p->pass.layer_count - 1].output];
}

/* Memory of the host for the mini-batches of a window, as many as suit the device. */
epocl_status predictor_allocate_staging(epocl_predictor *p);

#endif
