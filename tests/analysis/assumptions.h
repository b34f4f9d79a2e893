/* What the analysers of `make analyze` cannot see, since they look at one file at a time: fail() and its kin return
 * an error, so that whoever got EPOCL_OK got a result as well. */
#include "base/status.h"

#define fail(status, ...)        (fail(status, __VA_ARGS__), (status))
#define fail_prefix(status, ...) (fail_prefix(status, __VA_ARGS__), (status))
