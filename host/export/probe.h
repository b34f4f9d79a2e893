/* Functions of one number, known by their values at certain points: so an activation is recognised whatever operators a
 * program made it of. */
#ifndef EPOCL_EXPORT_PROBE_H
#define EPOCL_EXPORT_PROBE_H

#include "model/functions.h"

enum { PROBE_POINTS = 22 };

typedef struct probe {
    double values[PROBE_POINTS];
} probe;

/* The function z, at all points. */
probe probe_identity(void);

bool probe_is_identity(const probe *p);

/* Whether a bound from above (or, without `is_upper`, from below) cannot be told by the values: beyond the points the
 * function may still come to it. As large as a float's largest, it is none. */
bool probe_misses_bound(const probe *p, double bound, bool is_upper);

/* The activation that has these values, but for the rounding of constants in single precision; false: there is none. */
bool probe_recognize(const probe *p, function *activation);

#endif
