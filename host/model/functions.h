/* Codes and names of activations and costs, from the table that the kernels are made of. */
#ifndef EPOCL_MODEL_FUNCTIONS_H
#define EPOCL_MODEL_FUNCTIONS_H

#include "base/status.h"

#include "../../kernels/functions.cl"

#include <stdbool.h>

#define FUNCTION_CODE(code, name, ...) ACTIVATION_##name = code,
enum { ACTIVATIONS(FUNCTION_CODE) ACTIVATION_COUNT };
#undef FUNCTION_CODE

#define FUNCTION_CODE(code, name, ...) COST_##name = code,
enum { COSTS(FUNCTION_CODE) COST_COUNT };
#undef FUNCTION_CODE

/* The public name of a code ("sigmoid", "cross-entropy"), or NULL for a code out of range. */
const char *activation_name(int code);
const char *cost_name(int code);

/* Whether a network of such units can be trained by such a cost. */
bool functions_fit(int activation, int cost);

/* The code of a public name; EPOCL_ERROR_ARGUMENT, with the names there are (of activations: those that fit the cost),
 * for any other. */
epocl_status activation_from_name(const char *name, int cost, int *code);
epocl_status cost_from_name(const char *name, int *code);

#endif
