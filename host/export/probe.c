#include "export/probe.h"

#include <float.h>
#include <math.h>

/* The first two are those that parameters are found by; the last, after two on the same sides, are beyond where
 * programs cut functions off for accuracy, such as PyTorch its softplus at 20. */
enum { NEAR_ZERO, MINUS_ONE, NEXT_TO_LAST = PROBE_POINTS - 4, LAST = PROBE_POINTS - 2 };
static const double points[PROBE_POINTS] = {1e-6, -1.0, 0.0,  0.25, -0.25, 0.5, -0.5, 1.0, 1.5,  -1.5, 2.0,
                                            -2.0, 2.75, -2.8, 3.5,  -3.6,  5.0, -5.2, 8.0, -8.5, 30.0, -30.0};

probe probe_identity(void) {
    probe p;
    for (size_t i = 0; i < PROBE_POINTS; i++) p.values[i] = points[i];
    return p;
}

static bool is_function(const probe *p, function f) {
    const double tolerance = 4e-6; /* some roundings of constants, times the largest slope */
    for (size_t i = 0; i < PROBE_POINTS; i++) {
        const double wanted = activation_value(f, points[i]);
        if (!(fabs(p->values[i] - wanted) <= tolerance * (1.0 + fabs(wanted)))) return false;
    }
    return true;
}

bool probe_is_identity(const probe *p) {
    return is_function(p, (function){ACTIVATION_identity, 0.0f});
}

bool probe_misses_bound(const probe *p, double bound, bool is_upper) {
    const double level = 1e-3; /* a function that moves less towards its end stays there */
    const double sign = is_upper ? 1.0 : -1.0;
    if (fabs(bound) >= (double)FLT_MAX) return false;
    for (size_t end = 0; end < 2; end++) {
        const double next = sign * p->values[NEXT_TO_LAST + end], last = sign * p->values[LAST + end];
        if (last > next + level && last <= sign * bound) return true;
    }
    return false;
}

/* The only parameter with which the function could have these values. */
static float find_parameter(const probe *p, int code) {
    switch (code) {
    case ACTIVATION_leaky_relu: return (float)-p->values[MINUS_ONE];
    case ACTIVATION_elu: return (float)(p->values[MINUS_ONE] / expm1(-1.0));
    case ACTIVATION_sine: return (float)(p->values[NEAR_ZERO] / points[NEAR_ZERO]);
    default: return 0.0f;
    }
}

static bool has_parameter(int code) {
    return code == ACTIVATION_leaky_relu || code == ACTIVATION_elu || code == ACTIVATION_sine;
}

bool probe_recognize(const probe *p, function *activation) {
    for (int code = 0; code < ACTIVATION_COUNT; code++) {
        *activation = (function){code, find_parameter(p, code)};
        if (has_parameter(code) && !(activation->parameter > 0.0f && isfinite(activation->parameter))) continue;
        if (is_function(p, *activation)) return true;
    }
    return false;
}
