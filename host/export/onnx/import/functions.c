/* Operators that are functions of each value by itself, and choices between them. */
#include "base/checked.h"
#include "export/onnx/import/importer.h"

#include <math.h>

static double relu(double z) {
    return z > 0.0 ? z : 0.0;
}
static double sigmoid(double z) {
    return 1.0 / (1.0 + exp(-z));
}
static double softplus(double z) {
    return relu(z) + log1p(exp(-fabs(z)));
}
static double negate(double z) {
    return -z;
}
static double mish(double z) {
    return z * tanh(softplus(z));
}
static double softsign(double z) {
    return z / (1.0 + fabs(z));
}

static epocl_status apply_to_one(importer *from) {
    const graph_value *signal = NULL;
    const epocl_status status = importer_signal(from, 0, &signal);
    if (status != EPOCL_OK) return status;
    graph_value made = *signal;
    for (size_t i = 0; i < CURVE_POINTS; i++)
        made.signal.function.values[i] = from->present->of_one(made.signal.function.values[i]);
    return importer_make(from, made);
}

/* Functions with an exponential below 0: LeakyRelu and PRelu (`is_line`), Elu, Selu. */
static epocl_status apply_bent(importer *from, double alpha, double gamma, bool is_line) {
    const graph_value *signal = NULL;
    epocl_status status = onnx_operator_real(&from->node, "alpha", &alpha);
    if (status == EPOCL_OK) status = onnx_operator_real(&from->node, "gamma", &gamma);
    if (status == EPOCL_OK) status = importer_signal(from, 0, &signal);
    if (status != EPOCL_OK) return status;
    graph_value made = *signal;
    for (size_t i = 0; i < CURVE_POINTS; i++) {
        const double z = made.signal.function.values[i];
        made.signal.function.values[i] = gamma * (z >= 0.0 ? z : alpha * (is_line ? z : expm1(z)));
    }
    return importer_make(from, made);
}

static epocl_status leaky_relu(importer *from) {
    return apply_bent(from, (double)0.01f, 1.0, true);
}
static epocl_status elu(importer *from) {
    return apply_bent(from, 1.0, 1.0, false);
}
static epocl_status selu(importer *from) {
    return apply_bent(from, 1.67326319217681884765625, 1.05070102214813232421875, false);
}

static epocl_status prelu(importer *from) {
    double slope = 0.0;
    const epocl_status status = importer_number(from, 1, &slope);
    return status == EPOCL_OK ? apply_bent(from, slope, 1.0, true) : status;
}

static epocl_status gelu(importer *from) {
    const graph_value *signal = NULL;
    protobuf_part kind = {NULL, NULL};
    epocl_status status = onnx_operator_text(&from->node, "approximate", &kind);
    if (status == EPOCL_OK) status = importer_signal(from, 0, &signal);
    if (status != EPOCL_OK) return status;
    const function f = {kind.next && protobuf_is_text(kind, "tanh") ? ACTIVATION_gelu_tanh : ACTIVATION_gelu, 0.0f};
    graph_value made = *signal;
    for (size_t i = 0; i < CURVE_POINTS; i++)
        made.signal.function.values[i] = activation_value(f, made.signal.function.values[i]);
    return importer_make(from, made);
}

static double add(double a, double b) {
    return a + b;
}
static double subtract(double a, double b) {
    return a - b;
}
static double multiply(double a, double b) {
    return a * b;
}
static double divide(double a, double b) {
    return a / b;
}

/* A bound that an operator sets. */
static epocl_status check_bound(const graph_value *signal, double bound, bool is_upper) {
    if (!curve_misses_bound(&signal->signal.function, bound, is_upper)) return EPOCL_OK;
    return fail(EPOCL_ERROR_DATA, "its bound %g is further than functions are compared", bound);
}

/* Two functions of the same values. */
static epocl_status combine_signals(importer *from) {
    const graph_value *a = NULL, *b = NULL;
    epocl_status status = importer_signal(from, 0, &a);
    if (status == EPOCL_OK) status = importer_signal(from, 1, &b);
    if (status != EPOCL_OK) return status;
    graph_value made = *a;
    for (size_t i = 0; i < CURVE_POINTS; i++)
        made.signal.function.values[i] =
            from->present->of_two(a->signal.function.values[i], b->signal.function.values[i]);
    return importer_make(from, made);
}

/* A function of the signal alone: with the number in place of the constant. */
static epocl_status combine_number(importer *from, const graph_value *signal, size_t constant_place) {
    double number = 0.0;
    double (*const compute)(double, double) = from->present->of_two;
    epocl_status status = importer_number(from, constant_place, &number);
    if (status == EPOCL_OK && (compute == fmin || compute == fmax))
        status = check_bound(signal, number, compute == fmin);
    if (status != EPOCL_OK) return status;
    graph_value made = *signal;
    for (size_t i = 0; i < CURVE_POINTS; i++) {
        const double z = signal->signal.function.values[i];
        made.signal.function.values[i] = constant_place == 0 ? compute(number, z) : compute(z, number);
    }
    return importer_make(from, made);
}

/* Factors or summands of the columns, which become those of the inputs or of the last layer. */
static epocl_status combine_columns(importer *from, size_t constant_place) {
    epocl_status status = EPOCL_OK;
    const onnx_tensor *tensor = NULL;
    double *numbers = NULL, *factors = NULL, *summands = NULL;
    TRY(importer_numbers(from, constant_place, &numbers, &tensor));
    TRY(allocate(tensor->count, sizeof *factors, "factors", &factors));
    TRY(allocate(tensor->count, sizeof *summands, "summands", &summands));
    for (size_t i = 0; i < tensor->count; i++) {
        const double number = numbers[i];
        factors[i] = importer_is_operator(from, "Mul")   ? number
                     : importer_is_operator(from, "Div") ? 1.0 / number
                                                         : 1.0;
        summands[i] = importer_is_operator(from, "Add") ? number : importer_is_operator(from, "Sub") ? -number : 0.0;
    }
    TRY(chain_affine(&from->made, factors, summands, tensor->count));
    const graph_value made = {.kind = VALUE_SIGNAL, .age = ++from->age, .signal.function = curve_identity()};
    TRY(importer_make(from, made));
cleanup:
    free(summands);
    free(factors);
    free(numbers);
    return status;
}

/* A constant with a column for each of the signal's; before the first layer, any. */
static bool is_of_columns(const importer *from, const graph_value *signal, const onnx_tensor *constant) {
    if (!curve_is_identity(&signal->signal.function)) return false;
    if (from->made.layer_count == 0) return constant->count == 1 || onnx_tensor_is_row(constant);
    return onnx_tensor_is_row(constant) && constant->count == chain_width(&from->made);
}

static epocl_status apply_to_two(importer *from) {
    double (*const compute)(double, double) = from->present->of_two;
    const graph_value *signal = NULL;
    if (from->node.input_count != 2) return fail(EPOCL_ERROR_DATA, "it has not two inputs");
    if (importer_is_kind(from, 0, VALUE_SIGNAL) && importer_is_kind(from, 1, VALUE_SIGNAL))
        return combine_signals(from);
    const size_t constant_place = importer_is_kind(from, 0, VALUE_CONSTANT) ? 0 : 1;
    const epocl_status status = importer_signal(from, 1 - constant_place, &signal);
    if (status != EPOCL_OK) return status;
    if (!importer_is_kind(from, constant_place, VALUE_CONSTANT))
        return fail(EPOCL_ERROR_DATA, "input %zu is no constant", constant_place);
    const bool is_linear =
        compute == add || compute == multiply || (constant_place == 1 && (compute == subtract || compute == divide));
    if (is_linear && is_of_columns(from, signal, &from->inputs[constant_place]->constant))
        return combine_columns(from, constant_place);
    return combine_number(from, signal, constant_place);
}

/* Clip: from opset 11 on, its bounds are inputs. */
static epocl_status clip(importer *from) {
    double low = -INFINITY, high = INFINITY;
    const graph_value *signal = NULL;
    epocl_status status = EPOCL_OK;
    TRY(onnx_operator_real(&from->node, "min", &low));
    TRY(onnx_operator_real(&from->node, "max", &high));
    if (from->node.input_count > 1 && from->inputs[1]) TRY(importer_number(from, 1, &low));
    if (from->node.input_count > 2 && from->inputs[2]) TRY(importer_number(from, 2, &high));
    TRY(importer_signal(from, 0, &signal));
    TRY(check_bound(signal, low, false));
    TRY(check_bound(signal, high, true));
    graph_value made = *signal;
    for (size_t i = 0; i < CURVE_POINTS; i++)
        made.signal.function.values[i] = fmin(fmax(made.signal.function.values[i], low), high);
    TRY(importer_make(from, made));
cleanup:
    return status;
}

static double is_greater(double a, double b) {
    return a > b;
}
static double is_greater_or_equal(double a, double b) {
    return a >= b;
}
static double is_less(double a, double b) {
    return a < b;
}
static double is_less_or_equal(double a, double b) {
    return a <= b;
}

/* What an operator of one value reads in that place: a function of the newest signal, or the same number everywhere. */
static epocl_status get_function(const importer *from, size_t place, curve *found) {
    double number = 0.0;
    const graph_value *signal = NULL;
    epocl_status status = EPOCL_OK;
    if (importer_is_kind(from, place, VALUE_CONSTANT)) {
        status = importer_number(from, place, &number);
        for (size_t i = 0; i < CURVE_POINTS; i++) found->values[i] = number;
    } else {
        status = importer_signal(from, place, &signal);
        if (status == EPOCL_OK) *found = signal->signal.function;
    }
    return status;
}

/* Whether the number in that place, if it is one, is beyond what the function comes to at the points. */
static bool is_beyond(const importer *from, size_t place, const curve *compared, double number) {
    return importer_is_kind(from, place, VALUE_CONSTANT) &&
           (curve_misses_bound(compared, number, true) || curve_misses_bound(compared, number, false));
}

/* A label is made of it as well: what is no comparison of functions, all of which the points show, is one. */
static epocl_status compare(importer *from) {
    curve a, b;
    graph_value made = {.kind = VALUE_LABEL, .age = from->age};
    made.is_condition = get_function(from, 0, &a) == EPOCL_OK && get_function(from, 1, &b) == EPOCL_OK;
    made.is_condition =
        made.is_condition && !is_beyond(from, 0, &b, a.values[0]) && !is_beyond(from, 1, &a, b.values[0]);
    for (size_t i = 0; i < CURVE_POINTS && made.is_condition; i++)
        made.signal.function.values[i] = from->present->of_two(a.values[i], b.values[i]);
    return importer_make(from, made);
}

static epocl_status where(importer *from) {
    const graph_value *condition = from->node.input_count == 3 ? from->inputs[0] : NULL;
    curve when, otherwise;
    epocl_status status = EPOCL_OK;
    if (!condition || !condition->is_condition || condition->age != from->age)
        return fail(EPOCL_ERROR_DATA, "it chooses by something else than a value and a number");
    graph_value made = {.kind = VALUE_SIGNAL, .age = from->age};
    TRY(get_function(from, 1, &when));
    TRY(get_function(from, 2, &otherwise));
    for (size_t i = 0; i < CURVE_POINTS; i++)
        made.signal.function.values[i] =
            condition->signal.function.values[i] > 0.0 ? when.values[i] : otherwise.values[i];
    TRY(importer_make(from, made));
cleanup:
    return status;
}

const import_operator import_functions[] = {
    {.name = "Relu", .apply = apply_to_one, .of_one = relu},
    {.name = "Sigmoid", .apply = apply_to_one, .of_one = sigmoid},
    {.name = "Tanh", .apply = apply_to_one, .of_one = tanh},
    {.name = "Softplus", .apply = apply_to_one, .of_one = softplus},
    {.name = "Exp", .apply = apply_to_one, .of_one = exp},
    {.name = "Erf", .apply = apply_to_one, .of_one = erf},
    {.name = "Sin", .apply = apply_to_one, .of_one = sin},
    {.name = "Cos", .apply = apply_to_one, .of_one = cos},
    {.name = "Neg", .apply = apply_to_one, .of_one = negate},
    {.name = "Abs", .apply = apply_to_one, .of_one = fabs},
    {.name = "Sqrt", .apply = apply_to_one, .of_one = sqrt},
    {.name = "Mish", .apply = apply_to_one, .of_one = mish},
    {.name = "Log", .apply = apply_to_one, .of_one = log},
    {.name = "Softsign", .apply = apply_to_one, .of_one = softsign},
    {.name = "LeakyRelu", .apply = leaky_relu},
    {.name = "PRelu", .apply = prelu},
    {.name = "Elu", .apply = elu},
    {.name = "Selu", .apply = selu},
    {.name = "Gelu", .apply = gelu},
    {.name = "Clip", .apply = clip},
    {.name = "Add", .apply = apply_to_two, .of_two = add},
    {.name = "Sub", .apply = apply_to_two, .of_two = subtract},
    {.name = "Mul", .apply = apply_to_two, .of_two = multiply},
    {.name = "Div", .apply = apply_to_two, .of_two = divide},
    {.name = "Pow", .apply = apply_to_two, .of_two = pow},
    {.name = "Max", .apply = apply_to_two, .of_two = fmax},
    {.name = "Min", .apply = apply_to_two, .of_two = fmin},
    {.name = "Greater", .apply = compare, .of_two = is_greater},
    {.name = "GreaterOrEqual", .apply = compare, .of_two = is_greater_or_equal},
    {.name = "Less", .apply = compare, .of_two = is_less},
    {.name = "LessOrEqual", .apply = compare, .of_two = is_less_or_equal},
    {.name = "Where", .apply = where},
    {.name = NULL},
};
