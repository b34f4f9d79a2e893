/* What recipes are made of, in double precision, from the definitions of docs/math.md: functions, schedules,
 * optimisers, draws. Operations are marked for rounding.h. Formulas of activations and heads are those of
 * kernels/tables, which tests/host/test_functions.c has checked. */
#ifndef EPOCL_TESTS_RECIPE_STEPS_H
#define EPOCL_TESTS_RECIPE_STEPS_H

#include "model/functions.h"
#include "options/values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- functions ---- */

/* f(z), and f'(z) where `a` is f(z). */
double reference_activation(function activation, double z);
double reference_slope(function activation, double z, double a);

/* dC/dz of an output unit: `log_sum` is log(sum over the sample's units of exp(z)). */
double reference_head_delta(function head, function output, double z, double y, double log_sum);

/* ---- schedules, optimisers ---- */

/* Of schedules: the factor of the rate at x from 0 to 1, with the final factor f. */
double reference_schedule_factor(int schedule, double x, double f);

/* The numbers of a run that steps are made with. */
typedef struct reference_hyper {
    int optimizer;
    double momentum, epsilon, weight_decay, clip_value;
    double beta1, beta2, one_minus_beta1, one_minus_beta2, log_beta1, log_beta2;
} reference_hyper;

/* Each rounded as the device is given it. */
reference_hyper reference_hyper_of(const training_options *options);

/* What belongs to a step `t`, from 1: the learning rate by the schedule, and what makes up for averages that begin at
 * 0: factors of m or, for nadam, of g and m, and of the root of v. */
typedef struct reference_rates {
    double rate, of_m, of_g, of_root;
} reference_rates;
reference_rates reference_rates_of(const reference_hyper *h, double rate, double t);

/* A parameter, what its optimiser keeps, its gradient and its moving average. */
typedef struct reference_parameter {
    double w, m, v, gradient, average;
} reference_parameter;

/* Its step by the papers' equations; `g` is the gradient. */
void reference_optimizer_step(reference_parameter *p, const reference_hyper *h, const reference_rates *s, double g,
                              bool decays);

/* ---- draws, as kernels/rows/dropout.cl and perturb.cl describe them ---- */

/* Where a draw belongs: a sample's place in an epoch. */
typedef struct reference_place {
    uint64_t seed;
    uint32_t epoch, place;
} reference_place;

/* Whether a unit or input is left out at that rate; `purpose` is RANDOM_LEFT_OUT or RANDOM_DROPOUT + 16 layer. */
bool reference_is_left_out(const reference_place *at, uint32_t purpose, size_t unit, double rate);

/* A normal number, by Box and Muller. */
double reference_noise(const reference_place *at, size_t unit);

#endif
