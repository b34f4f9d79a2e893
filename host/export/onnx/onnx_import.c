/* An ONNX graph as a network: its operators are gone through in turn, and each value is known as a constant or as a
 * function of the newest layer's weighted inputs. */
#include "base/checked.h"
#include "base/printable.h"
#include "export/chain.h"
#include "export/onnx/onnx_fields.h"
#include "export/onnx/onnx_file.h"

#include <math.h>
#include <string.h>

typedef enum value_kind {
    VALUE_CONSTANT,
    VALUE_SIGNAL, /* a function of what the chain has newest, [samples, columns]         */
    VALUE_LABEL,  /* a class, or what is made of one: of no interest                     */
    VALUE_SHAPE   /* sizes that the graph computes                                       */
} value_kind;

typedef struct value {
    protobuf_part name;
    value_kind kind;
    onnx_tensor constant;
    bool is_turned; /* the constant is the tensor with rows and columns exchanged */
    size_t age;     /* of a signal: the chain's, when it was made                 */
    chain_output signal;
    bool is_condition; /* a label that says where a signal is so, `signal` being 1 there and else 0, for Where */
} value;

typedef struct importer {
    onnx_file *file;
    chain made;
    size_t age; /* counts factors, summands and layers: only the newest can go on */
    value *values;
    size_t value_count, value_capacity;
    onnx_operator node; /* the present one, and what it reads: NULL for an input that was left out */
    const value *inputs[ONNX_NODE_INPUTS];
} importer;

/* ---- Values ------------------------------------------------------------------------------------- */

/* An empty name is none. */
static bool is_same_name(protobuf_part a, protobuf_part b) {
    const size_t length = protobuf_length(a);
    return length && length == protobuf_length(b) && memcmp(a.next, b.next, length) == 0;
}

static const value *find_value(const importer *from, protobuf_part name) {
    for (size_t i = from->value_count; i > 0; i--)
        if (is_same_name(from->values[i - 1].name, name)) return &from->values[i - 1];
    return NULL;
}

static epocl_status add_value(importer *to, const value *added) {
    if (to->value_count == to->value_capacity) return fail(EPOCL_ERROR_DATA, "has more values than its operators make");
    to->values[to->value_count++] = *added;
    return EPOCL_OK;
}

/* What the present operator makes. */
static epocl_status make_value(importer *to, value made) {
    if (to->node.output_count == 0) return fail(EPOCL_ERROR_DATA, "has no output");
    made.name = to->node.outputs[0];
    return add_value(to, &made);
}

static const char *part_text(protobuf_part part, char text[PRINTABLE_CAPACITY]) {
    char copy[PRINTABLE_CAPACITY];
    const size_t length = smaller(protobuf_length(part), sizeof copy - 1);
    memcpy(copy, part.next, length);
    copy[length] = '\0';
    return printable(copy, text);
}

static bool is_operator(const importer *from, const char *name) {
    return protobuf_is_text(from->node.operator_name, name);
}

/* ---- What operators read ------------------------------------------------------------------------ */

static bool is_kind(const importer *from, size_t place, value_kind kind) {
    return place < from->node.input_count && from->inputs[place] && from->inputs[place]->kind == kind;
}

/* The signal in that place, of the newest values. */
static epocl_status get_signal(const importer *from, size_t place, const value **signal) {
    if (!is_kind(from, place, VALUE_SIGNAL))
        return fail(EPOCL_ERROR_DATA, "input %zu is not computed from the network's inputs", place);
    *signal = from->inputs[place];
    if ((*signal)->age != from->age)
        return fail(EPOCL_ERROR_DATA, "it takes values from before the last layer, so the network is no plain chain");
    if ((*signal)->signal.is_softmax || (*signal)->signal.is_pair)
        return fail(EPOCL_ERROR_DATA, "it comes after the outputs");
    return EPOCL_OK;
}

/* The numbers of a constant, to be freed. */
static epocl_status get_numbers(const importer *from, size_t place, double **numbers, const onnx_tensor **tensor) {
    if (!is_kind(from, place, VALUE_CONSTANT)) return fail(EPOCL_ERROR_DATA, "input %zu is no constant", place);
    *tensor = &from->inputs[place]->constant;
    if (!onnx_tensor_is_real(*tensor))
        return fail(EPOCL_ERROR_DATA, "input %zu is of another type than float and double", place);
    const epocl_status status = allocate((*tensor)->count, sizeof **numbers, "a tensor", numbers);
    if (status == EPOCL_OK) onnx_tensor_reals(*tensor, *numbers);
    return status;
}

/* A constant that is one number. */
static epocl_status get_number(const importer *from, size_t place, double *number) {
    if (!is_kind(from, place, VALUE_CONSTANT) || !onnx_tensor_is_real(&from->inputs[place]->constant) ||
        from->inputs[place]->constant.count != 1)
        return fail(EPOCL_ERROR_DATA, "input %zu is not one number", place);
    onnx_tensor_reals(&from->inputs[place]->constant, number);
    return EPOCL_OK;
}

/* Whether the constant is a row: all of its values lie along the last axis. */
static bool is_row(const onnx_tensor *tensor) {
    return tensor->dimension_count >= 1 && tensor->shape[tensor->dimension_count - 1] == tensor->count;
}

/* ---- Functions of one value --------------------------------------------------------------------- */

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

static const struct {
    const char *name;
    double (*compute)(double);
} unary[] = {
    {"Relu", relu}, {"Sigmoid", sigmoid}, {"Tanh", tanh}, {"Softplus", softplus}, {"Exp", exp},
    {"Erf", erf},   {"Sin", sin},         {"Cos", cos},   {"Neg", negate},        {"Abs", fabs},
    {"Sqrt", sqrt}, {"Mish", mish},       {"Log", log},   {"Softsign", softsign},
};

static epocl_status apply_unary(importer *from, double (*compute)(double)) {
    const value *signal = NULL;
    const epocl_status status = get_signal(from, 0, &signal);
    if (status != EPOCL_OK) return status;
    value made = *signal;
    for (size_t i = 0; i < PROBE_POINTS; i++) made.signal.function.values[i] = compute(made.signal.function.values[i]);
    return make_value(from, made);
}

/* Functions with an exponential below 0: LeakyRelu and PRelu (`is_line`), Elu, Selu. */
static epocl_status apply_bent(importer *from, double alpha, double gamma, bool is_line) {
    const value *signal = NULL;
    epocl_status status = onnx_operator_real(&from->node, "alpha", &alpha);
    if (status == EPOCL_OK) status = onnx_operator_real(&from->node, "gamma", &gamma);
    if (status == EPOCL_OK) status = get_signal(from, 0, &signal);
    if (status != EPOCL_OK) return status;
    value made = *signal;
    for (size_t i = 0; i < PROBE_POINTS; i++) {
        const double z = made.signal.function.values[i];
        made.signal.function.values[i] = gamma * (z >= 0.0 ? z : alpha * (is_line ? z : expm1(z)));
    }
    return make_value(from, made);
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
    const epocl_status status = get_number(from, 1, &slope);
    return status == EPOCL_OK ? apply_bent(from, slope, 1.0, true) : status;
}

static epocl_status gelu(importer *from) {
    const value *signal = NULL;
    protobuf_part kind = {NULL, NULL};
    epocl_status status = onnx_operator_text(&from->node, "approximate", &kind);
    if (status == EPOCL_OK) status = get_signal(from, 0, &signal);
    if (status != EPOCL_OK) return status;
    const function f = {kind.next && protobuf_is_text(kind, "tanh") ? ACTIVATION_gelu_tanh : ACTIVATION_gelu, 0.0f};
    value made = *signal;
    for (size_t i = 0; i < PROBE_POINTS; i++)
        made.signal.function.values[i] = activation_value(f, made.signal.function.values[i]);
    return make_value(from, made);
}

/* ---- Functions of two values -------------------------------------------------------------------- */

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

static const struct {
    const char *name;
    double (*compute)(double, double);
} binary[] = {
    {"Add", add}, {"Sub", subtract}, {"Mul", multiply}, {"Div", divide}, {"Pow", pow}, {"Max", fmax}, {"Min", fmin},
};

/* Two functions of the same values. */
static epocl_status combine_signals(importer *from, double (*compute)(double, double)) {
    const value *a = NULL, *b = NULL;
    epocl_status status = get_signal(from, 0, &a);
    if (status == EPOCL_OK) status = get_signal(from, 1, &b);
    if (status != EPOCL_OK) return status;
    value made = *a;
    for (size_t i = 0; i < PROBE_POINTS; i++)
        made.signal.function.values[i] = compute(a->signal.function.values[i], b->signal.function.values[i]);
    return make_value(from, made);
}

/* A function of the signal alone: with the number in place of the constant. */
static epocl_status combine_number(importer *from, double (*compute)(double, double), const value *signal,
                                   size_t constant_place) {
    double number = 0.0;
    const epocl_status status = get_number(from, constant_place, &number);
    if (status != EPOCL_OK) return status;
    value made = *signal;
    for (size_t i = 0; i < PROBE_POINTS; i++) {
        const double z = signal->signal.function.values[i];
        made.signal.function.values[i] = constant_place == 0 ? compute(number, z) : compute(z, number);
    }
    return make_value(from, made);
}

/* Factors or summands of the columns, which become those of the inputs or of the last layer. */
static epocl_status combine_columns(importer *from, size_t constant_place) {
    epocl_status status = EPOCL_OK;
    const onnx_tensor *tensor = NULL;
    double *numbers = NULL, *factors = NULL, *summands = NULL;
    TRY(get_numbers(from, constant_place, &numbers, &tensor));
    TRY(allocate(tensor->count, sizeof *factors, "factors", &factors));
    TRY(allocate(tensor->count, sizeof *summands, "summands", &summands));
    for (size_t i = 0; i < tensor->count; i++) {
        const double number = numbers[i];
        factors[i] = is_operator(from, "Mul") ? number : is_operator(from, "Div") ? 1.0 / number : 1.0;
        summands[i] = is_operator(from, "Add") ? number : is_operator(from, "Sub") ? -number : 0.0;
    }
    TRY(chain_affine(&from->made, factors, summands, tensor->count));
    const value made = {.kind = VALUE_SIGNAL, .age = ++from->age, .signal.function = probe_identity()};
    TRY(make_value(from, made));
cleanup:
    free(summands);
    free(factors);
    free(numbers);
    return status;
}

/* A constant with a column for each of the signal's; before the first layer, any. */
static bool is_of_columns(const importer *from, const value *signal, const onnx_tensor *constant) {
    if (!probe_is_identity(&signal->signal.function)) return false;
    if (from->made.layer_count == 0) return constant->count == 1 || is_row(constant);
    return is_row(constant) && constant->count == chain_width(&from->made);
}

static epocl_status apply_binary(importer *from, double (*compute)(double, double)) {
    const value *signal = NULL;
    if (from->node.input_count != 2) return fail(EPOCL_ERROR_DATA, "it has not two inputs");
    if (is_kind(from, 0, VALUE_SIGNAL) && is_kind(from, 1, VALUE_SIGNAL)) return combine_signals(from, compute);
    const size_t constant_place = is_kind(from, 0, VALUE_CONSTANT) ? 0 : 1;
    const epocl_status status = get_signal(from, 1 - constant_place, &signal);
    if (status != EPOCL_OK) return status;
    if (!is_kind(from, constant_place, VALUE_CONSTANT))
        return fail(EPOCL_ERROR_DATA, "input %zu is no constant", constant_place);
    const bool is_linear =
        compute == add || compute == multiply || (constant_place == 1 && (compute == subtract || compute == divide));
    if (is_linear && is_of_columns(from, signal, &from->inputs[constant_place]->constant))
        return combine_columns(from, constant_place);
    return combine_number(from, compute, signal, constant_place);
}

/* Clip: from opset 11 on, its bounds are inputs. */
static epocl_status clip(importer *from) {
    double low = -INFINITY, high = INFINITY;
    const value *signal = NULL;
    epocl_status status = EPOCL_OK;
    TRY(onnx_operator_real(&from->node, "min", &low));
    TRY(onnx_operator_real(&from->node, "max", &high));
    if (from->node.input_count > 1 && from->inputs[1]) TRY(get_number(from, 1, &low));
    if (from->node.input_count > 2 && from->inputs[2]) TRY(get_number(from, 2, &high));
    TRY(get_signal(from, 0, &signal));
    value made = *signal;
    for (size_t i = 0; i < PROBE_POINTS; i++)
        made.signal.function.values[i] = fmin(fmax(made.signal.function.values[i], low), high);
    TRY(make_value(from, made));
cleanup:
    return status;
}

/* ---- Choices ------------------------------------------------------------------------------------ */

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

static const struct {
    const char *name;
    double (*compute)(double, double);
} comparisons[] = {
    {"Greater", is_greater},
    {"GreaterOrEqual", is_greater_or_equal},
    {"Less", is_less},
    {"LessOrEqual", is_less_or_equal},
};

/* What an operator of one value reads in that place: a function of the newest signal, or the same number everywhere. */
static epocl_status get_function(const importer *from, size_t place, probe *found) {
    double number = 0.0;
    const value *signal = NULL;
    epocl_status status = EPOCL_OK;
    if (is_kind(from, place, VALUE_CONSTANT)) {
        status = get_number(from, place, &number);
        for (size_t i = 0; i < PROBE_POINTS; i++) found->values[i] = number;
    } else {
        status = get_signal(from, place, &signal);
        if (status == EPOCL_OK) *found = signal->signal.function;
    }
    return status;
}

/* A label is made of it as well: what is no comparison of functions is one. */
static epocl_status compare(importer *from, double (*compute)(double, double)) {
    probe a, b;
    value made = {.kind = VALUE_LABEL, .age = from->age};
    made.is_condition = get_function(from, 0, &a) == EPOCL_OK && get_function(from, 1, &b) == EPOCL_OK;
    for (size_t i = 0; i < PROBE_POINTS && made.is_condition; i++)
        made.signal.function.values[i] = compute(a.values[i], b.values[i]);
    return make_value(from, made);
}

static epocl_status where(importer *from) {
    const value *condition = from->node.input_count == 3 ? from->inputs[0] : NULL;
    probe when, otherwise;
    epocl_status status = EPOCL_OK;
    if (!condition || !condition->is_condition || condition->age != from->age)
        return fail(EPOCL_ERROR_DATA, "it chooses by something else than a value and a number");
    value made = {.kind = VALUE_SIGNAL, .age = from->age};
    TRY(get_function(from, 1, &when));
    TRY(get_function(from, 2, &otherwise));
    for (size_t i = 0; i < PROBE_POINTS; i++)
        made.signal.function.values[i] =
            condition->signal.function.values[i] > 0.0 ? when.values[i] : otherwise.values[i];
    TRY(make_value(from, made));
cleanup:
    return status;
}

/* ---- Layers ------------------------------------------------------------------------------------- */

/* The product of the signal and a matrix, [inputs, outputs] unless turned. */
static epocl_status multiply_matrix(importer *from, bool is_turned, double factor) {
    epocl_status status = EPOCL_OK;
    const value *signal = NULL;
    const onnx_tensor *tensor = NULL;
    double *weights = NULL;
    TRY(get_signal(from, 0, &signal));
    TRY(get_numbers(from, 1, &weights, &tensor));
    if (tensor->dimension_count != 2 || tensor->count == 0)
        TRY(fail(EPOCL_ERROR_DATA, "its second input is no matrix"));
    is_turned = is_turned != from->inputs[1]->is_turned;
    const size_t inputs = tensor->shape[is_turned ? 1 : 0], outputs = tensor->shape[is_turned ? 0 : 1];
    TRY(chain_dense(&from->made, &signal->signal.function, weights, outputs, inputs, !is_turned, factor));
    from->age++;
cleanup:
    free(weights);
    return status;
}

static epocl_status make_layer(importer *from) {
    return make_value(from, (value){.kind = VALUE_SIGNAL, .age = from->age, .signal.function = probe_identity()});
}

static epocl_status matmul(importer *from) {
    const epocl_status status = multiply_matrix(from, false, 1.0);
    return status == EPOCL_OK ? make_layer(from) : status;
}

static epocl_status gemm(importer *from) {
    epocl_status status = EPOCL_OK;
    const onnx_tensor *tensor = NULL;
    double alpha = 1.0, beta = 1.0, *biases = NULL, *ones = NULL;
    int64_t turn_a = 0, turn_b = 0;
    TRY(onnx_operator_real(&from->node, "alpha", &alpha));
    TRY(onnx_operator_real(&from->node, "beta", &beta));
    TRY(onnx_operator_whole(&from->node, "transA", &turn_a));
    TRY(onnx_operator_whole(&from->node, "transB", &turn_b));
    if (turn_a) TRY(fail(EPOCL_ERROR_DATA, "it turns its first input"));
    TRY(multiply_matrix(from, turn_b != 0, alpha));
    if (from->node.input_count > 2 && from->inputs[2]) {
        TRY(get_numbers(from, 2, &biases, &tensor));
        if (tensor->count != 1 && !is_row(tensor)) TRY(fail(EPOCL_ERROR_DATA, "its biases are no row"));
        if (tensor->count == 0) TRY(fail(EPOCL_ERROR_DATA, "its biases are missing"));
        TRY(allocate(tensor->count, sizeof *ones, "factors", &ones));
        for (size_t i = 0; i < tensor->count; i++) {
            ones[i] = 1.0;
            biases[i] *= beta;
        }
        TRY(chain_affine(&from->made, ones, biases, tensor->count));
    }
    TRY(make_layer(from));
cleanup:
    free(ones);
    free(biases);
    return status;
}

/* Scaler of ai.onnx.ml: (value - offset) * scale, each one number or one a column. */
static epocl_status scaler(importer *from) {
    epocl_status status = EPOCL_OK;
    const value *signal = NULL;
    size_t offset_count = 0, scale_count = 0;
    double *offsets = NULL, *scales = NULL;
    const size_t most = protobuf_length(from->node.message) / sizeof(float) + 1;
    TRY(get_signal(from, 0, &signal));
    if (!probe_is_identity(&signal->signal.function)) TRY(fail(EPOCL_ERROR_DATA, "it comes after an activation"));
    TRY(allocate(most, sizeof *offsets, "offsets", &offsets));
    TRY(allocate(most, sizeof *scales, "scales", &scales));
    TRY(onnx_operator_floats(&from->node, "offset", offsets, most, &offset_count));
    TRY(onnx_operator_floats(&from->node, "scale", scales, most, &scale_count));
    const size_t count = offset_count > scale_count ? offset_count : scale_count;
    if (count == 0 || (offset_count > 1 && scale_count > 1 && offset_count != scale_count))
        TRY(fail(EPOCL_ERROR_DATA, "its offsets and scales do not fit"));
    /* From the last on: one number stands in the first place for all. */
    for (size_t i = count; i-- > 0;) {
        const double scale = scale_count == 0 ? 1.0 : scales[scale_count == 1 ? 0 : i];
        const double offset = offset_count == 0 ? 0.0 : offsets[offset_count == 1 ? 0 : i];
        scales[i] = scale;
        offsets[i] = -offset * scale;
    }
    TRY(chain_affine(&from->made, scales, offsets, count));
    from->age++;
    TRY(make_layer(from));
cleanup:
    free(scales);
    free(offsets);
    return status;
}

/* ---- Operators that leave values as they are ---------------------------------------------------- */

static epocl_status pass(importer *from) {
    if (from->node.input_count == 0 || !from->inputs[0]) return fail(EPOCL_ERROR_DATA, "has no input");
    return make_value(from, *from->inputs[0]);
}

static epocl_status cast(importer *from) {
    int64_t type = 0;
    const epocl_status status = onnx_operator_whole(&from->node, "to", &type);
    if (status != EPOCL_OK) return status;
    if (type == ONNX_FLOAT || type == ONNX_DOUBLE) return pass(from);
    return make_value(from, (value){.kind = is_kind(from, 0, VALUE_SIGNAL) ? VALUE_LABEL : VALUE_SHAPE});
}

static epocl_status flatten(importer *from) {
    int64_t axis = 1;
    const epocl_status status = onnx_operator_whole(&from->node, "axis", &axis);
    if (status != EPOCL_OK) return status;
    if (axis != 1) return fail(EPOCL_ERROR_DATA, "its axis is %lld, not 1", (long long)axis);
    return pass(from);
}

/* [samples, columns] as it was; before the first layer, any shape is made that. */
static epocl_status reshape(importer *from) {
    const size_t width = chain_width(&from->made);
    int64_t sizes[ONNX_DIMENSIONS];
    if (is_kind(from, 1, VALUE_SHAPE) && from->made.layer_count == 0) return pass(from);
    if (!is_kind(from, 1, VALUE_CONSTANT) || !onnx_tensor_is_whole(&from->inputs[1]->constant) ||
        from->inputs[1]->constant.count == 0 || from->inputs[1]->constant.count > ONNX_DIMENSIONS)
        return fail(EPOCL_ERROR_DATA, "its shape is no constant");
    const size_t count = from->inputs[1]->constant.count;
    onnx_tensor_wholes(&from->inputs[1]->constant, sizes);
    const int64_t last = sizes[count - 1];
    const bool is_column = count == 1 && width == 1 && last == -1;
    const bool is_kept = count == 2 && (last == -1 || (last > 0 && (width == 0 || (uint64_t)last == width)));
    if (!is_column && !is_kept) return fail(EPOCL_ERROR_DATA, "it does not keep a sample's values in a row");
    if (width == 0 && last > 0) from->made.input_count = (size_t)last;
    return pass(from);
}

static epocl_status transpose(importer *from) {
    if (!is_kind(from, 0, VALUE_CONSTANT) || from->inputs[0]->constant.dimension_count != 2)
        return fail(EPOCL_ERROR_DATA, "it turns something else than a constant matrix");
    value made = *from->inputs[0];
    made.is_turned = !made.is_turned;
    return make_value(from, made);
}

static epocl_status constant(importer *from) {
    bool is_there = false;
    value made = {.kind = VALUE_CONSTANT};
    const epocl_status status = onnx_operator_tensor(&from->node, "value", &made.constant, &is_there);
    if (status != EPOCL_OK) return status;
    if (!is_there) made.kind = VALUE_SHAPE; /* what is no tensor is no parameter */
    return make_value(from, made);
}

static epocl_status shape(importer *from) {
    return make_value(from, (value){.kind = VALUE_SHAPE});
}

/* ---- Outputs ------------------------------------------------------------------------------------ */

static epocl_status softmax(importer *from) {
    const value *signal = NULL;
    int64_t axis = -1;
    epocl_status status = onnx_operator_whole(&from->node, "axis", &axis);
    if (status == EPOCL_OK) status = get_signal(from, 0, &signal);
    if (status != EPOCL_OK) return status;
    if (axis != 1 && axis != -1) return fail(EPOCL_ERROR_DATA, "its axis is %lld, not 1", (long long)axis);
    if (!probe_is_identity(&signal->signal.function)) return fail(EPOCL_ERROR_DATA, "it comes after an activation");
    value made = *signal;
    made.signal.is_softmax = true;
    return make_value(from, made);
}

/* 1 - p beside p, as programs tell two classes of one unit. */
static epocl_status concat(importer *from) {
    const value *first = NULL, *second = NULL;
    epocl_status status = get_signal(from, 0, &first);
    if (status == EPOCL_OK) status = get_signal(from, 1, &second);
    if (status != EPOCL_OK) return status;
    bool is_pair = from->node.input_count == 2 && from->made.layer_count && chain_width(&from->made) == 1;
    for (size_t i = 0; i < PROBE_POINTS && is_pair; i++) {
        const double p = second->signal.function.values[i];
        is_pair = fabs(first->signal.function.values[i] - (1.0 - p)) <= 1e-6 &&
                  fabs(p - sigmoid(probe_identity().values[i])) <= 1e-6;
    }
    if (!is_pair) return fail(EPOCL_ERROR_DATA, "it joins something else than the two classes of one output");
    value made = *second;
    made.signal.is_pair = true;
    return make_value(from, made);
}

static epocl_status label(importer *from) {
    return make_value(from, (value){.kind = VALUE_LABEL});
}

static epocl_status argmax(importer *from) {
    from->made.has_class = true;
    return label(from);
}

/* ---- Operators by name -------------------------------------------------------------------------- */

static const struct {
    const char *name;
    epocl_status (*apply)(importer *);
} others[] = {
    {"Gemm", gemm},
    {"MatMul", matmul},
    {"LeakyRelu", leaky_relu},
    {"PRelu", prelu},
    {"Elu", elu},
    {"Selu", selu},
    {"Gelu", gelu},
    {"Clip", clip},
    {"Identity", pass},
    {"Dropout", pass},
    {"Cast", cast},
    {"Flatten", flatten},
    {"Reshape", reshape},
    {"Transpose", transpose},
    {"Constant", constant},
    {"Shape", shape},
    {"Softmax", softmax},
    {"Concat", concat},
    {"Scaler", scaler},
    {"ZipMap", pass},
    {"ArgMax", argmax},
    {"Where", where},
};

/* Of its inputs, one is of the kind, and no other a signal. */
static bool reads(const importer *from, value_kind kind) {
    bool is_read = false;
    for (size_t i = 0; i < from->node.input_count; i++) {
        if (kind != VALUE_SIGNAL && is_kind(from, i, VALUE_SIGNAL)) return false;
        is_read = is_read || is_kind(from, i, kind);
    }
    return is_read;
}

static epocl_status apply_operator(importer *from) {
    const bool is_core = protobuf_is_text(from->node.domain, "") || protobuf_is_text(from->node.domain, "ai.onnx") ||
                         protobuf_is_text(from->node.domain, "ai.onnx.ml");
    /* What is made of labels and sizes is of their kind, whatever it is. */
    if (reads(from, VALUE_LABEL)) return label(from);
    if (reads(from, VALUE_SHAPE)) return shape(from);
    for (size_t i = 0; i < sizeof others / sizeof *others && is_core; i++)
        if (is_operator(from, others[i].name)) return others[i].apply(from);
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons && is_core; i++)
        if (is_operator(from, comparisons[i].name)) return compare(from, comparisons[i].compute);
    for (size_t i = 0; i < sizeof unary / sizeof *unary && is_core; i++)
        if (is_operator(from, unary[i].name)) return apply_unary(from, unary[i].compute);
    for (size_t i = 0; i < sizeof binary / sizeof *binary && is_core; i++)
        if (is_operator(from, binary[i].name)) return apply_binary(from, binary[i].compute);
    return fail(EPOCL_ERROR_DATA, "it is none of a fully connected network");
}

static epocl_status import_node(importer *from, protobuf_part message) {
    char name[PRINTABLE_CAPACITY], operator_name[PRINTABLE_CAPACITY];
    epocl_status status = onnx_operator_read(message, &from->node);
    if (status != EPOCL_OK) return status;
    for (size_t i = 0; i < from->node.input_count && status == EPOCL_OK; i++) {
        const protobuf_part input = from->node.inputs[i];
        from->inputs[i] = protobuf_length(input) ? find_value(from, input) : NULL;
        if (protobuf_length(input) && !from->inputs[i])
            status = fail(EPOCL_ERROR_DATA, "input '%s' is not there before it", part_text(input, name));
    }
    if (status == EPOCL_OK) status = apply_operator(from);
    if (status == EPOCL_OK) return EPOCL_OK;
    return fail_prefix(status,
                       "operator %s%s%s%s cannot be imported: ", part_text(from->node.operator_name, operator_name),
                       protobuf_length(from->node.name) ? " '" : "", part_text(from->node.name, name),
                       protobuf_length(from->node.name) ? "'" : "");
}

/* ---- The graph ---------------------------------------------------------------------------------- */

static epocl_status add_inputs(importer *from) {
    epocl_status status = EPOCL_OK;
    size_t count = 0;
    for (size_t i = 0; i < from->file->constant_count; i++) {
        const onnx_tensor *tensor = &from->file->constants[i];
        TRY(add_value(from, &(value){.name = tensor->name, .kind = VALUE_CONSTANT, .constant = *tensor}));
    }
    for (size_t i = 0; i < from->file->input_count; i++) {
        const protobuf_part name = from->file->inputs[i];
        if (find_value(from, name)) continue; /* old files list initialisers, too */
        if (++count > 1) TRY(fail(EPOCL_ERROR_DATA, "has more than one input, and a network has one"));
        TRY(add_value(from, &(value){.name = name, .kind = VALUE_SIGNAL, .signal.function = probe_identity()}));
    }
    if (count == 0) status = fail(EPOCL_ERROR_DATA, "has no input");
cleanup:
    return status;
}

/* The first output that the network computes. */
static epocl_status find_output(const importer *from, const value **output) {
    char shown[PRINTABLE_CAPACITY];
    for (size_t i = 0; i < from->file->output_count; i++) {
        *output = find_value(from, from->file->outputs[i]);
        if (!*output)
            return fail(EPOCL_ERROR_DATA, "output '%s' is not computed", part_text(from->file->outputs[i], shown));
        if ((*output)->kind != VALUE_SIGNAL) continue;
        if ((*output)->age == from->age) return EPOCL_OK;
        return fail(EPOCL_ERROR_DATA, "output '%s' is not that of the last layer",
                    part_text(from->file->outputs[i], shown));
    }
    return fail(EPOCL_ERROR_DATA, "has no output that is the network's");
}

epocl_status import_onnx(const char *path, const import_wishes *wishes, epocl_network **network) {
    epocl_status status = EPOCL_OK;
    importer from = {.file = NULL};
    const value *output = NULL;
    TRY(onnx_file_open(path, &from.file));
    TRY(chain_begin(&from.made));
    from.value_capacity = from.file->constant_count + from.file->input_count + from.file->node_count;
    TRY(allocate(from.value_capacity, sizeof *from.values, "values", &from.values));
    TRY(add_inputs(&from));
    for (size_t i = 0; i < from.file->node_count; i++) TRY(import_node(&from, from.file->nodes[i]));
    TRY(find_output(&from, &output));
    TRY(chain_finish(&from.made, &output->signal, wishes, network));
cleanup:
    chain_release(&from.made);
    free(from.values);
    onnx_file_release(from.file);
    return status;
}
