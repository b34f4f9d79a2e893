#include "export/curve.h"

#include <float.h>
#include <math.h>

/* The first two are those that parameters are found by; the last, after two on the same sides, are beyond where
 * programs cut functions off for accuracy, such as PyTorch its softplus at 20. */
enum { NEAR_ZERO, MINUS_ONE, NEXT_TO_LAST = CURVE_POINTS - 4, LAST = CURVE_POINTS - 2 };
static const double points[CURVE_POINTS] = {1e-6, -1.0, 0.0,  0.25, -0.25, 0.5, -0.5, 1.0, 1.5,  -1.5, 2.0,
                                            -2.0, 2.75, -2.8, 3.5,  -3.6,  5.0, -5.2, 8.0, -8.5, 30.0, -30.0};

curve curve_identity(void) {
    curve c;
    for (size_t i = 0; i < CURVE_POINTS; i++) c.values[i] = points[i];
    return c;
}

static bool is_function(const curve *c, function f) {
    const double tolerance = 4e-6; /* some roundings of constants, times the largest slope */
    for (size_t i = 0; i < CURVE_POINTS; i++) {
        const double wanted = activation_value(f, points[i]);
        if (!(fabs(c->values[i] - wanted) <= tolerance * (1.0 + fabs(wanted)))) return false;
    }
    return true;
}

bool curve_is_identity(const curve *c) {
    return is_function(c, (function){ACTIVATION_identity, 0.0f});
}

bool curve_misses_bound(const curve *c, double bound, bool is_upper) {
    const double level = 1e-3; /* a function that moves less towards its end stays there */
    const double sign = is_upper ? 1.0 : -1.0;
    if (fabs(bound) >= (double)FLT_MAX) return false;
    for (size_t end = 0; end < 2; end++) {
        const double next = sign * c->values[NEXT_TO_LAST + end], last = sign * c->values[LAST + end];
        if (last > next + level && last <= sign * bound) return true;
    }
    return false;
}

/* The only parameter with which the function could have these values. */
static float find_parameter(const curve *c, int code) {
    switch (code) {
    case ACTIVATION_leaky_relu: return (float)-c->values[MINUS_ONE];
    case ACTIVATION_elu: return (float)(c->values[MINUS_ONE] / expm1(-1.0));
    case ACTIVATION_sine: return (float)(c->values[NEAR_ZERO] / points[NEAR_ZERO]);
    default: return 0.0f;
    }
}

static bool has_parameter(int code) {
    return code == ACTIVATION_leaky_relu || code == ACTIVATION_elu || code == ACTIVATION_sine;
}

bool curve_recognize(const curve *c, function *activation) {
    for (int code = 0; code < ACTIVATION_COUNT; code++) {
        *activation = (function){code, find_parameter(c, code)};
        if (has_parameter(code) && !(activation->parameter > 0.0f && isfinite(activation->parameter))) continue;
        if (is_function(c, *activation)) return true;
    }
    return false;
}
