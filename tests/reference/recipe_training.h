/* Training by any recipe in double precision, from the definitions of docs/math.md: what a trainer's parameters are
 * after some epochs. Functions are those of host/model/functions.h, which tests/host/test_functions.c has checked. */
#ifndef EPOCL_TESTS_RECIPE_REFERENCE_H
#define EPOCL_TESTS_RECIPE_REFERENCE_H

#include "data/dataset.h"
#include "model/network.h"
#include "options/values.h"

/* Trains `network`, which has the parameters to begin with, for `epoch_count` epochs; `sample_weights` [samples] are
 * what samples weigh, or NULL. What comes out has been computed in double precision and is rounded once. */
void recipe_reference_train(epocl_network *network, const epocl_dataset *data, const double *sample_weights,
                            const training_options *options, size_t epoch_count);

/* Of schedules: the factor of the rate at x from 0 to 1, with the final factor f. */
double reference_schedule_factor(int schedule, double x, double f);

/* An optimiser's step of one parameter by the papers' equations: `g` is the gradient, `t` counts from 1. */
typedef struct reference_parameter {
    double w, m, v, gradient, average;
} reference_parameter;
void reference_optimizer_step(reference_parameter *p, const training_options *o, double rate, double g, double t,
                              bool decays);

#endif
