#include "reference/recipe_steps.h"

#include "base/random.h"
#include "plan/recipe.h"
#include "reference/rounding.h"

#include <math.h>

/* ---- functions ---- */

/* By OpenCL's limits. */
#define exp(x)   rounded_by(EXP_UNITS, exp(x))
#define expm1(x) rounded_by(EXP_UNITS, expm1(x))
#define log1p(x) rounded_by(4, log1p(x))
#define tanh(x)  rounded_by(10, tanh(x))
#define erf(x)   rounded_by(32, erf(x))
#define sin(x)   rounded_by(CIRCULAR_UNITS, sin(x))
#define cos(x)   rounded_by(CIRCULAR_UNITS, cos(x))

#define IS_POSITIVE(z) ((z) > 0.0 ? 1.0 : 0.0)
#define VALUE_OF(code_, name, usual, of_a, f, df)                                                                      \
    if (activation.code == (code_)) return f;
#define SLOPE_OF(code_, name, usual, of_a, f, df)                                                                      \
    if (activation.code == (code_)) return df;
#define DELTA_OF(code_, name, usual, output_, through, cost, delta)                                                    \
    if (head.code == (code_)) return (delta);
#define IS_THROUGH(code_, name, usual, output_, through, cost, delta) (head.code == (code_) && (through)) ||

static double value_of(function activation, double z) {
    const double p = (double)activation.parameter;
    (void)p;
    ACTIVATIONS(VALUE_OF)
    return z;
}

static double slope_of(function activation, double z, double a) {
    const double p = (double)activation.parameter;
    (void)p, (void)a;
    ACTIVATIONS(SLOPE_OF)
    return NAN;
}

static double delta_of(function head, double z, double a, double y, double log_sum) {
    const double p = (double)head.parameter;
    HEADS(DELTA_OF)
    return NAN;
}

#undef exp
#undef expm1
#undef log1p
#undef tanh
#undef erf
#undef sin
#undef cos

/* The sums and products of a formula, at most 8 one after the other. */
static double formula(double z, double result) {
    return rounded_within(8, fmax(fmax(1.0, fabs(z)), fabs(result)), result);
}

/* What is not changed is exact. */
double reference_activation(function activation, double z) {
    const double a = value_of(activation, z);
    return activation.code == ACTIVATION_identity || activation.code == ACTIVATION_relu ? a : formula(z, a);
}

double reference_slope(function activation, double z, double a) {
    const double slope = slope_of(activation, z, a);
    return activation.code == ACTIVATION_identity || activation.code == ACTIVATION_relu ? slope : formula(z, slope);
}

double reference_head_delta(function head, function output, double z, double y, double log_sum) {
    const double a = reference_activation(output, z), delta = formula(z, delta_of(head, z, a, y, log_sum));
    return HEADS(IS_THROUGH) false ? rounded(delta * reference_slope(output, z, a)) : delta;
}

/* ---- schedules ---- */

/* Half a cosine, from 1 to 0. */
static double falling(double x) {
    return rounded((1 + rounded_by(CIRCULAR_UNITS, cos(rounded(acos(-1.0) * x)))) / 2);
}

double reference_schedule_factor(int schedule, double x, double f) {
    /* At a third of the run the quotient is that of 1 and 3, whatever its rounding. */
    if (schedule == SCHEDULE_step) return rounded(pow(10.0, -fmin(floor(3 * x), 2)));
    x = rounded_by(DIVISION_UNITS, x);
    switch (schedule) {
    case SCHEDULE_linear: return rounded(1 + rounded((f - 1) * x));
    case SCHEDULE_cosine: return rounded(f + rounded((1 - f) * falling(x)));
    case SCHEDULE_exponential: return rounded_by(EXP_UNITS, exp(rounded_by(LOG_UNITS + 1, x * log(f))));
    case SCHEDULE_one_cycle:
        if (x < 0.3) return rounded(1 - rounded(0.96 * falling(rounded_by(DIVISION_UNITS, x / 0.3))));
        return rounded(f + rounded((1 - f) * falling(rounded_by(DIVISION_UNITS, (x - 0.3) / 0.7))));
    case SCHEDULE_coslog: {
        const double angle = rounded(2 * acos(-1.0) * rounded_by(LOG_UNITS, log2(rounded(1 + rounded(15 * x)))));
        return rounded(0.5 - rounded_by(CIRCULAR_UNITS, cos(angle)) / 2);
    }
    default: return 1;
    }
}

/* ---- optimisers ---- */

reference_hyper reference_hyper_of(const training_options *o) {
    return (reference_hyper){.optimizer = o->optimizer,
                             .momentum = rounded(o->momentum),
                             .epsilon = rounded(o->epsilon),
                             .weight_decay = rounded(o->weight_decay),
                             .clip_value = rounded(o->clip_value),
                             .beta1 = rounded(o->beta1),
                             .beta2 = rounded(o->beta2),
                             .one_minus_beta1 = rounded(1 - o->beta1),
                             .one_minus_beta2 = rounded(1 - o->beta2),
                             .log_beta1 = rounded(log(o->beta1)),
                             .log_beta2 = rounded(log(o->beta2))};
}

/* 1 - beta^t. */
static double lacking(double log_beta, double t) {
    return rounded_by(EXP_UNITS, -expm1(rounded(t * log_beta)));
}

static double nadam_momentum(const reference_hyper *h, double t) {
    return rounded(h->beta1 * rounded(1 - rounded_by(16, pow(0.96, 0.004 * t)) / 2));
}

reference_rates reference_rates_of(const reference_hyper *h, double rate, double t) {
    reference_rates s = {.rate = rate,
                         .of_m = rounded_by(DIVISION_UNITS, rate / lacking(h->log_beta1, t)),
                         .of_root =
                             rounded_by(DIVISION_UNITS, 1 / rounded_by(ROOT_UNITS, sqrt(lacking(h->log_beta2, t))))};
    if (h->optimizer != OPTIMIZER_nadam) return s;
    double product = 1.0;
    for (double i = 1; i <= t; i++) product = rounded(product * nadam_momentum(h, i));
    const double next = nadam_momentum(h, t + 1);
    s.of_g = rounded_by(DIVISION_UNITS, rounded(rate * rounded(1 - nadam_momentum(h, t))) / rounded(1 - product));
    s.of_m = rounded_by(DIVISION_UNITS, rounded(rate * next) / rounded(1 - rounded(product * next)));
    return s;
}

static double root(double x) {
    return rounded_by(ROOT_UNITS, sqrt(x));
}

/* memory x + share g. */
static double kept(double memory, double x, double share, double g) {
    return rounded(rounded(memory * x) + rounded(share * g));
}

static void descend(reference_parameter *p, double step) {
    p->w = rounded(p->w - step);
}

void reference_optimizer_step(reference_parameter *p, const reference_hyper *h, const reference_rates *s, double g,
                              bool decays) {
    const double mu = h->momentum, decay = decays ? h->weight_decay : 0.0, rate = s->rate;
    const bool is_apart = h->optimizer == OPTIMIZER_adamw || h->optimizer == OPTIMIZER_lion;
    if (!is_apart && decay > 0) g = rounded(g + rounded(decay * p->w));
    if (h->clip_value > 0) g = fmax(fmin(g, h->clip_value), -h->clip_value);
    if (is_apart && decay > 0) descend(p, rounded(rounded(rate * decay) * p->w));
    switch (h->optimizer) {
    case OPTIMIZER_sgd: descend(p, rounded(rate * g)); return;
    case OPTIMIZER_momentum:
    case OPTIMIZER_nesterov:
        p->m = rounded(rounded(mu * p->m) + g);
        if (h->optimizer == OPTIMIZER_momentum) descend(p, rounded(rate * p->m));
        if (h->optimizer == OPTIMIZER_nesterov) descend(p, rounded(rate * rounded(g + rounded(mu * p->m))));
        return;
    case OPTIMIZER_adagrad:
    case OPTIMIZER_rmsprop:
        p->m = h->optimizer == OPTIMIZER_adagrad ? rounded(p->m + rounded(g * g))
                                                 : kept(h->beta2, p->m, rounded(h->one_minus_beta2 * g), g);
        descend(p, rounded_by(DIVISION_UNITS, rounded(rate * g) / rounded(root(p->m) + h->epsilon)));
        return;
    case OPTIMIZER_lion: {
        const double direction = kept(h->beta1, p->m, h->one_minus_beta1, g);
        descend(p, rate * ((direction > 0) - (direction < 0)));
        p->m = kept(h->beta2, p->m, h->one_minus_beta2, g);
        return;
    }
    }
    p->m = kept(h->beta1, p->m, h->one_minus_beta1, g);
    p->v = kept(h->beta2, p->v, rounded(h->one_minus_beta2 * g), g);
    double ahead = rounded(s->of_m * p->m);
    if (h->optimizer == OPTIMIZER_nadam) ahead = rounded(rounded(s->of_g * g) + ahead);
    descend(p, rounded_by(DIVISION_UNITS, ahead / rounded(rounded(root(p->v) * s->of_root) + h->epsilon)));
}

/* ---- draws ---- */

static double draw(const reference_place *at, uint32_t purpose, size_t unit, size_t word) {
    uint32_t counter[4] = {(uint32_t)(unit / 64 * 16 + unit % 16), at->epoch, purpose, at->place};
    random_philox(counter, (uint32_t)at->seed, (uint32_t)(at->seed >> 32));
    return (double)random_unit(counter[word]);
}

bool reference_is_left_out(const reference_place *at, uint32_t purpose, size_t unit, double rate) {
    return rate > 0 && draw(at, purpose, unit, unit / 16 % 4) < (double)(float)rate;
}

double reference_noise(const reference_place *at, size_t unit) {
    const size_t part = unit / 16 % 4, word = part / 2 * 2;
    const double squared = rounded_by(LOG_UNITS, -2.0 * log(draw(at, RANDOM_NOISE, unit, word) + ldexp(1.0, -24)));
    const double angle = 2.0 * acos(-1.0) * draw(at, RANDOM_NOISE, unit, word + 1);
    return rounded(root(squared) * rounded_by(CIRCULAR_UNITS, part % 2 ? sin(angle) : cos(angle)));
}
