/* Training steps to compare: a network with seeded parameters, and samples for it. Every value is exact in
 * single precision, so that both sides of a comparison start from the same numbers. */
#ifndef EPOCL_TESTS_REFERENCE_EXAMPLE_H
#define EPOCL_TESTS_REFERENCE_EXAMPLE_H

#include "reference/reference.h"

typedef enum reference_inputs {
    REFERENCE_INPUTS_SIGNED,  /* in [-1, 1): sums cancel                    */
    REFERENCE_INPUTS_POSITIVE /* in [0, 1), as images are: sums accumulate  */
} reference_inputs;

typedef struct reference_example {
    reference_network *network; /* Glorot weights, biases in [-1/2, 1/2)          */
    size_t sample_count;
    double *inputs;   /* [sample_count, counts[0]]                                */
    uint32_t *labels; /* [sample_count], below the count of the last layer        */
} reference_example;

/* counts has layer_count + 1 entries, as in reference_network. */
reference_example *reference_example_create(size_t layer_count, const size_t *counts, size_t sample_count,
                                            reference_inputs kind, uint64_t seed);
void reference_example_release(reference_example *example);

#endif
