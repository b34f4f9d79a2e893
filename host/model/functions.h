/* Activations and heads by code and by name, from the tables that the kernels are made of. */
#ifndef EPOCL_MODEL_FUNCTIONS_H
#define EPOCL_MODEL_FUNCTIONS_H

#include "base/status.h"

#include <stdbool.h>

#include "../../kernels/tables/activations.cl"
#include "../../kernels/tables/heads.cl"

/* Softmax is no elementwise function, and so none of the table: it is the output of a head alone. */
#define FUNCTION_CODE(code, name, ...) ACTIVATION_##name = code,
enum { ACTIVATIONS(FUNCTION_CODE) ACTIVATION_softmax, ACTIVATION_COUNT = ACTIVATION_softmax };
#undef FUNCTION_CODE

#define FUNCTION_CODE(code, name, ...) HEAD_##name = code,
enum { HEADS(FUNCTION_CODE) HEAD_COUNT };
#undef FUNCTION_CODE

/* An activation, or the cost of a head, with its parameter: 0 where it has none. */
typedef struct function {
    int code;
    float parameter;
} function;

static inline bool function_is_equal(function a, function b) {
    return a.code == b.code && a.parameter == b.parameter;
}

/* As a person writes it: "relu", "leaky-relu(0.1)", "huber(1)"; without the parameter where it is the usual one. */
enum { FUNCTION_TEXT_CAPACITY = 64 };
void activation_text(function activation, char text[FUNCTION_TEXT_CAPACITY]);
void head_text(function head, char text[FUNCTION_TEXT_CAPACITY]);

/* Reads the first `length` characters of such a text; EPOCL_ERROR_ARGUMENT, with the names there are, for any other. */
epocl_status activation_parse(const char *text, size_t length, function *activation);
epocl_status head_parse(const char *text, function *head);

/* The tables' formulas in double precision: a and f'(z) of a unit; cost and dC/dz of an output unit with target y,
 * where log_sum is log(sum of exp(z)) over the sample's outputs. Softmax itself is exp(z - log_sum). */
double activation_value(function activation, double z);
double activation_slope(function activation, double z);
double head_cost(function head, function output, double z, double y, double log_sum);
double head_delta(function head, function output, double z, double y, double log_sum);

/* Whether the slope follows from a alone, and need not be stored beside it. */
bool activation_has_slope_of_a(function activation);

/* The activation of a head's outputs, and whether any other will do. */
function head_output(function head);
bool head_takes_any_output(function head);

/* Whether its targets usually are values, not labels. */
bool head_is_of_values(function head);

#endif
