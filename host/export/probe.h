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

/* The activation that has these values, but for the rounding of constants in single precision; false: there is none. */
bool probe_recognize(const probe *p, function *activation);

#endif
