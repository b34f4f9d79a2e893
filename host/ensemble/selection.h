/* Greedy selection of an ensemble on validation data (R. Caruana et al., 2004): whose mean outputs cost least. Plain C;
 * sums are in double precision and in the order of samples, so that the same candidates give the same picks. */
#ifndef EPOCL_ENSEMBLE_SELECTION_H
#define EPOCL_ENSEMBLE_SELECTION_H

#include "model/network.h"

/* What the data ask for, and of which kind the answers are. */
typedef struct selection_task {
    const epocl_network *network; /* its head and outputs; any member's */
    size_t sample_count;
    size_t value_count;   /* numbers of a candidate for each sample: outputs, or 1 */
    const float *targets; /* [samples, values]; NULL: the one number is the probability of the right class */
    const float *weights; /* of samples; NULL: all weigh 1 */
} selection_task;

/* Whether one number of a sample says all that the cost needs: the probability of its right class. */
bool selection_takes_probability(const epocl_network *network, const epocl_dataset *valid);

/* A probability counts as no less than this, so that products of many stay apart from 0. */
#define SELECTION_LEAST_PROBABILITY 0x1p-30

enum { SELECTION_MOST_PICKS = 32 };

typedef struct selection {
    size_t picks[SELECTION_MOST_PICKS]; /* places among the candidates, in the order of choice; one may come often */
    size_t pick_count;                  /* 0: no candidate has a finite cost */
    double cost;                        /* of the mean of the picks */
} selection;

/* Begins with the candidate that costs least alone, and adds the one with which the mean costs least, as long as that
 * is less than before and there are no more than `most_picks`. Of equal costs the lowest place is taken. candidates[i]
 * is [samples, values]. */
epocl_status selection_make(const selection_task *task, const float *const *candidates, size_t candidate_count,
                            size_t most_picks, selection *made);

#endif
