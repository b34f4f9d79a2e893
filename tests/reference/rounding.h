/* What single precision does to a computation, found by doing it to the computation in double precision.
 *
 * A reference marks each of its operations by rounded(). By itself that changes nothing. Between rounding_begin() and
 * rounding_end() each result is made larger or smaller by all that OpenCL allows of its operation, in units of
 * u = 2^-24 of it, the sign being drawn; so a run has the errors of a device, other ones with each seed. rounding.c has
 * the bound that follows from how far such runs are from the one without. */
#ifndef EPOCL_TESTS_ROUNDING_H
#define EPOCL_TESTS_ROUNDING_H

#include <stddef.h>
#include <stdint.h>

void rounding_begin(uint64_t seed);
void rounding_end(void);

/* Of a sum, difference or product, or of a number that is given to the device. */
double rounded(double x);

/* Of a function that may be off by `units` of u |x|: twice its limit in ulp. */
enum { DIVISION_UNITS = 5, ROOT_UNITS = 6, EXP_UNITS = 6, LOG_UNITS = 6, CIRCULAR_UNITS = 8 };
double rounded_by(double units, double x);

/* Of an expression whose largest term is `size`, and which is off by `units` of u |size|. */
double rounded_within(double units, double size, double x);

/* The bound on the errors of `count` numbers: of squares[i], the sum over `run_count` runs of (found with errors -
 * found without)^2, the largest. */
double rounding_bound(size_t count, const double *squares, size_t run_count);

#endif
