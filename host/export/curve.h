/* Functions of one number, known by their values at certain points: so an activation is recognised whatever operators a
 * program made it of. */
#ifndef EPOCL_EXPORT_CURVE_H
#define EPOCL_EXPORT_CURVE_H

#include "model/functions.h"

enum { CURVE_POINTS = 22 };

typedef struct curve {
    double values[CURVE_POINTS];
} curve;

/* The function z, at all points. */
curve curve_identity(void);

bool curve_is_identity(const curve *c);

/* Whether a bound from above (or, without `is_upper`, from below) cannot be told by the values: beyond the points the
 * function may still come to it. As large as a float's largest, it is none. */
bool curve_misses_bound(const curve *c, double bound, bool is_upper);

/* The activation that has these values, but for the rounding of constants in single precision; false: there is none. */
bool curve_recognize(const curve *c, function *activation);

#endif
