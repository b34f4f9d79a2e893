/* What networks are trained with while they are measured: recipes of `epocl train` that the baselines know as well. */
#ifndef EPOCL_COMMAND_BENCH_BASELINE_RECIPE_H
#define EPOCL_COMMAND_BENCH_BASELINE_RECIPE_H

#include "options/recipes.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct bench_recipe {
    recipe_code code;
    bool has_relu;    /* hidden units; else they are sigmoid                                                */
    bool has_softmax; /* softmax cross-entropy; else cross-entropy of sigmoid units, each by itself         */
    bool has_adam;    /* with its usual numbers; else plain gradient descent                                */
    bool is_even;     /* steps have a length whatever the gradient's, so that the rate need not fall with the width */
    float learning_rate;
    /* Of the first epoch's mean cost: what other orders of summation come to in 16 steps, and at most, as it may grow
     * with the steps. */
    double tolerance, most_tolerance;
} bench_recipe;

/* Adam's numbers (kernels/tables/optimizers.cl), which the registry has as defaults. */
#define BENCH_BETA1   0.9
#define BENCH_BETA2   0.999
#define BENCH_EPSILON 1e-8

/* Their words, in the order of bench_recipes[]; NULL ends them. */
extern const char *const bench_recipe_words[];
extern const bench_recipe bench_recipes[];

/* The largest value of an initial weight of a layer, as a trainer draws them. */
double bench_recipe_limit(const bench_recipe *recipe, bool is_output, size_t input_count, size_t output_count);

#endif
