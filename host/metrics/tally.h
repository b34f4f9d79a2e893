/* What metrics are computed from, added up over samples as they come. In double precision, from the weighted inputs z
 * of the output layer, which tell outputs apart that are rounded to 0 or 1. No OpenCL here. */
#ifndef EPOCL_METRICS_TALLY_H
#define EPOCL_METRICS_TALLY_H

#include "metrics/ranking.h"
#include "model/network.h"

enum {
    TALLY_TOP = 5,              /* k of top-k accuracy                            */
    TALLY_MOST_CONFUSION = 1000 /* classes of which a confusion matrix is kept    */
};

/* Of a class, or of an output that says no or yes: sums of weights. */
typedef struct class_tally {
    double true_weight, predicted_weight, hit_weight; /* of samples that are of it, said to be, both */
    double right_weight;                              /* of samples of which it is rightly said or not said */
    bool occurs;                                      /* among targets or predictions, whatever the weights */
} class_tally;

/* Of an output that is a number. */
typedef struct value_tally {
    double squared_error, absolute_error; /* sums over the samples, weighed                     */
    double mean, deviation;               /* of the targets, and the sum of squares around that */
} value_tally;

typedef struct tally {
    network_targets targets;
    function output; /* activation of the outputs */
    const struct encoder
        *encoder; /* of the network, which stays: errors of values are in its targets' units; or NULL */
    size_t output_count;
    size_t sample_count;
    double weight;           /* of all samples                                              */
    double right_weight;     /* of those whose class, or all of whose answers, are right    */
    double cost;             /* mean over the weights, whoever computes it                  */
    double top_weight;       /* of those whose class is among the TALLY_TOP largest outputs */
    double log_loss, brier;  /* sums, weighed                                               */
    class_tally *classes;    /* [output_count], of classes and multi-label                  */
    double *confusion;       /* [class, predicted class]; NULL where there are too many     */
    ranked_sample *scores;   /* of all samples, where there is one question; else NULL      */
    double *log_probability; /* [output_count], for the sample in work                      */
    value_tally *values;     /* [output_count], of values                                   */
} tally;

/* `targets` is what the network's outputs stand for with the data. */
epocl_status tally_create(const epocl_network *network, network_targets targets, size_t sample_count, tally *t);
void tally_release(tally *t);

/* Samples and what the network says of them; `weights` is NULL where all weigh 1. */
typedef struct tally_samples {
    size_t count;
    const float *weighted_inputs; /* [count, output_count] */
    const uint32_t *classes; /* the class that is said, or, with values as targets, whether all answers are right; or,
                                where that is NULL, what follows from the weighted inputs */
    const uint32_t *labels;  /* or, where that is NULL, */
    const float *values;     /* [count, output_count] */
    const float *weights;
} tally_samples;
void tally_add(tally *t, const tally_samples *samples);

/* After the last sample. */
void tally_finish(tally *t);

/* Whether outputs can be taken as probabilities of classes: those of softmax, and those of sigmoid divided by their
 * sum. */
static inline bool tally_has_probabilities(const tally *t) {
    return t->output.code == ACTIVATION_softmax || t->output.code == ACTIVATION_sigmoid;
}

#endif
