/* The parameters of a PyTorch Sequential, in safetensors, as a network. */
#include "base/checked.h"
#include "base/printable.h"
#include "export/import.h"
#include "model/safetensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A module of the file: the number in its name, and its tensors. */
typedef struct module {
    size_t number;
    const safetensors_tensor *weight, *bias; /* NULL without */
} module;

typedef struct sequential {
    module modules[NETWORK_MAX_LAYERS];
    size_t count;
    const char *prefix; /* of the names, before the number: "", "net." or "fc"; prefix_length characters */
    size_t prefix_length;
} sequential;

/* ---- Names -------------------------------------------------------------------------------------- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Splits "net.2.weight" in "net.", 2 and whether it is the weight; false for other names. */
static bool parse_name(const char *name, size_t *prefix_length, size_t *number, bool *is_weight) {
    enum { MOST_DIGITS = 6 };
    const char *dot = strrchr(name, '.');
    if (!dot || (strcmp(dot, ".weight") != 0 && strcmp(dot, ".bias") != 0)) return false;
    const char *digits = dot;
    while (digits > name && is_digit(digits[-1])) digits--;
    if (digits == dot || dot - digits > MOST_DIGITS) return false;
    *number = 0;
    for (const char *c = digits; c < dot; c++) *number = *number * 10 + (size_t)(*c - '0');
    *prefix_length = (size_t)(digits - name);
    *is_weight = strcmp(dot, ".weight") == 0;
    return true;
}

static module *find_module(sequential *found, size_t number) {
    for (size_t i = 0; i < found->count; i++)
        if (found->modules[i].number == number) return &found->modules[i];
    if (found->count == NETWORK_MAX_LAYERS) return NULL;
    found->modules[found->count] = (module){.number = number};
    return &found->modules[found->count++];
}

static epocl_status add_tensor(sequential *found, const safetensors_tensor *tensor) {
    char shown[PRINTABLE_CAPACITY];
    size_t prefix_length = 0, number = 0;
    bool is_weight = false;
    printable(tensor->name, shown);
    if (!parse_name(tensor->name, &prefix_length, &number, &is_weight))
        return fail(EPOCL_ERROR_DATA, "tensor '%s' is no weight or bias of a numbered module, such as 0.weight", shown);
    if (!found->prefix) {
        found->prefix = tensor->name;
        found->prefix_length = prefix_length;
    }
    if (found->prefix_length != prefix_length || memcmp(found->prefix, tensor->name, prefix_length) != 0)
        return fail(EPOCL_ERROR_DATA,
                    "tensor '%s' is of another module than those before it; only a single Sequential "
                    "can be imported",
                    shown);
    if (tensor->dimension_count != (is_weight ? 2 : 1))
        return fail(EPOCL_ERROR_DATA, "tensor '%s' has %zu dimensions, so it is not of a Linear module", shown,
                    tensor->dimension_count);
    module *one = find_module(found, number);
    if (!one) return fail(EPOCL_ERROR_DATA, "has more than %d modules with parameters", NETWORK_MAX_LAYERS);
    const safetensors_tensor **place = is_weight ? &one->weight : &one->bias;
    if (*place) return fail(EPOCL_ERROR_DATA, "tensor '%s' is there under another name as well", shown);
    *place = tensor;
    return EPOCL_OK;
}

static int compare_numbers(const void *left, const void *right) {
    const module *a = left, *b = right;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* ---- Shapes ------------------------------------------------------------------------------------- */

static epocl_status check_modules(const sequential *found, size_t counts[NETWORK_MAX_LAYERS + 1]) {
    if (found->count == 0) return fail(EPOCL_ERROR_DATA, "holds no tensors");
    for (size_t l = 0; l < found->count; l++) {
        const module *one = &found->modules[l];
        if (!one->weight) return fail(EPOCL_ERROR_DATA, "module %zu has a bias and no weight", one->number);
        const size_t *shape = one->weight->shape;
        if (l == 0) counts[0] = shape[1];
        if (counts[l] != shape[1])
            return fail(EPOCL_ERROR_DATA, "module %zu takes %zu values and the one before it gives %zu", one->number,
                        shape[1], counts[l]);
        if (one->bias && one->bias->shape[0] != shape[0])
            return fail(EPOCL_ERROR_DATA, "module %zu has %zu outputs and a bias of %zu values", one->number, shape[0],
                        one->bias->shape[0]);
        counts[l + 1] = shape[0];
    }
    return EPOCL_OK;
}

/* ---- Values ------------------------------------------------------------------------------------- */

static float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* 1 bit of sign, 5 of exponent, 10 of fraction. */
static float float_of_half(uint16_t half) {
    const int exponent = half >> 10 & 31, fraction = half & 1023;
    const double size = exponent == 0    ? ldexp(fraction, -24)
                        : exponent == 31 ? (fraction ? NAN : INFINITY)
                                         : ldexp(fraction + 1024, exponent - 25);
    return (float)(half >> 15 ? -size : size);
}

static float value_at(const char *type, const unsigned char *bytes, size_t index) {
    double wide;
    uint16_t narrow;
    if (strcmp(type, "F64") == 0) {
        memcpy(&wide, bytes + index * sizeof wide, sizeof wide);
        return (float)wide;
    }
    memcpy(&narrow, bytes + index * sizeof narrow, sizeof narrow);
    return strcmp(type, "BF16") == 0 ? float_of_bits((uint32_t)narrow << 16) : float_of_half(narrow);
}

static epocl_status read_tensor(const safetensors *file, const safetensors_tensor *tensor, float *values,
                                size_t count) {
    epocl_status status = EPOCL_OK;
    unsigned char *bytes = NULL;
    char shown[PRINTABLE_CAPACITY];
    if (strcmp(tensor->type, "F32") == 0) return safetensors_read(file, tensor, values);
    if (strcmp(tensor->type, "F64") != 0 && strcmp(tensor->type, "F16") != 0 && strcmp(tensor->type, "BF16") != 0)
        return fail(EPOCL_ERROR_DATA, "tensor '%s' is of type %s; F32, F64, F16 and BF16 are read",
                    printable(tensor->name, shown), tensor->type);
    TRY(allocate((size_t)tensor->byte_count, 1, "a tensor", &bytes));
    TRY(safetensors_read(file, tensor, bytes));
    for (size_t i = 0; i < count; i++) values[i] = value_at(tensor->type, bytes, i);
cleanup:
    free(bytes);
    return status;
}

static epocl_status read_values(const safetensors *file, const sequential *found, epocl_network *network) {
    epocl_status status = EPOCL_OK;
    for (size_t l = 0; l < found->count; l++) {
        const module *one = &found->modules[l];
        const layer *to = &network->layers[l];
        const size_t count = to->input_count * to->output_count;
        TRY(read_tensor(file, one->weight, to->weights, count));
        TRY(import_check_finite("weights", l, to->weights, count));
        if (!one->bias) continue;
        TRY(read_tensor(file, one->bias, to->biases, to->output_count));
        TRY(import_check_finite("biases", l, to->biases, to->output_count));
    }
cleanup:
    return status;
}

/* ---- What the layers compute -------------------------------------------------------------------- */

/* What the caller says, else what the file does, as those that epocl wrote do. */
static epocl_status set_functions(const safetensors *file, const import_wishes *wishes, epocl_network *network) {
    const char *activation = wishes->activation ? wishes->activation : safetensors_metadata(file, "activation");
    const char *cost = wishes->cost ? wishes->cost : safetensors_metadata(file, "cost");
    const char *output = wishes->output || wishes->cost ? wishes->output : safetensors_metadata(file, "output");
    if (!activation && network->layer_count == 1) activation = "identity";
    if (!activation || !cost)
        return fail(EPOCL_ERROR_ARGUMENT, "the file does not say what the network computes: give its %s",
                    activation ? "cost, such as softmax-cross-entropy or squared"
                               : "activation, such as relu, and its cost");
    const epocl_status status = import_set_functions(network, activation, cost, output);
    const char *targets = safetensors_metadata(file, "targets");
    /* Outputs that say yes or no each by itself are of several labels, unless the file has them of classes. */
    network->of_values =
        network->head.code != HEAD_softmax_cross_entropy && !(targets && strcmp(targets, "labels") == 0);
    const bool is_of_file = !wishes->activation && !wishes->cost && !wishes->output;
    return status == EPOCL_ERROR_ARGUMENT && is_of_file ? EPOCL_ERROR_DATA : status;
}

epocl_status import_sequential(const char *path, const import_wishes *wishes, epocl_network **network) {
    epocl_status status = EPOCL_OK;
    safetensors *file = NULL;
    epocl_network *made = NULL;
    sequential found = {.count = 0};
    size_t counts[NETWORK_MAX_LAYERS + 1] = {0};
    TRY(safetensors_open(file_at(NO_FOLDER, path), &file));
    const char *format = safetensors_metadata(file, "format");
    if (format && strcmp(format, "epocl") == 0) TRY(fail(EPOCL_ERROR_DATA, "is a model of epocl already"));
    for (size_t i = 0; i < safetensors_tensor_count(file); i++) TRY(add_tensor(&found, safetensors_tensor_at(file, i)));
    qsort(found.modules, found.count, sizeof *found.modules, compare_numbers);
    TRY(check_modules(&found, counts));
    status = network_allocate(counts, found.count, &made);
    if (status == EPOCL_ERROR_ARGUMENT) status = EPOCL_ERROR_DATA; /* a size that the file has */
    TRY(status);
    TRY(set_functions(file, wishes, made));
    TRY(read_values(file, &found, made));
    made->normalization = "none";
    for (size_t i = 0; i < counts[0]; i++) made->input_scale[i] = 1.0f;
    made->has_parameters = true;
    *network = made;
    made = NULL;
cleanup:
    epocl_network_release(made);
    safetensors_release(file);
    return status;
}
