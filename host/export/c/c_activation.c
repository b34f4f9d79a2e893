#include "export/c/c_activation.h"

#include "model/functions.h"

#include <string.h>

/* The value of z; `p` is the function's parameter. What is not finite stays so. */
static const char *const formulas[] = {
    [ACTIVATION_sigmoid] = "1.0f / (1.0f + expf(-z))",
    [ACTIVATION_tanh] = "tanhf(z)",
    [ACTIVATION_relu] = "z < 0.0f ? 0.0f : z",
    [ACTIVATION_leaky_relu] = "z < 0.0f ? p * z : z",
    [ACTIVATION_elu] = "z < 0.0f ? p * expm1f(z) : z",
    [ACTIVATION_selu] = "z < 0.0f ? 1.75809934f * expm1f(z) : 1.05070099f * z",
    [ACTIVATION_gelu] = "z * (0.5f + 0.5f * erff(0.707106781f * z))",
    [ACTIVATION_gelu_tanh] = "0.5f * z * (1.0f + tanhf(z * (0.797884561f + 0.0356774081f * z * z)))",
    [ACTIVATION_silu] = "z / (1.0f + expf(-z))",
    [ACTIVATION_mish] = "z * tanhf((z < 0.0f ? 0.0f : z) + log1pf(expf(-fabsf(z))))",
    [ACTIVATION_softplus] = "(z < 0.0f ? 0.0f : z) + log1pf(expf(-fabsf(z)))",
    [ACTIVATION_sine] = "sinf(p * z)",
    [ACTIVATION_exponential] = "expf(z)",
};

/* The first layer of the same activation: functions are named by it. */
static size_t first_like(const epocl_network *network, size_t index) {
    size_t first = 0;
    while (!function_is_equal(network->layers[first].activation, network->layers[index].activation)) first++;
    return first;
}

static void define_softmax(text_file *text) {
    text_file_print(text, "/* Shares of 1. */\n"
                          "static void softmax(float *values, size_t count) {\n"
                          "    float largest = values[0], sum = 0.0f;\n"
                          "    for (size_t i = 1; i < count; i++)\n"
                          "        if (values[i] > largest) largest = values[i];\n"
                          "    for (size_t i = 0; i < count; i++) {\n"
                          "        values[i] = expf(values[i] - largest);\n"
                          "        sum += values[i];\n"
                          "    }\n"
                          "    for (size_t i = 0; i < count; i++) values[i] /= sum;\n"
                          "}\n\n");
}

void c_activation_define(text_file *text, const epocl_network *network) {
    for (size_t l = 0; l < network->layer_count; l++) {
        const function f = network->layers[l].activation;
        char name[FUNCTION_TEXT_CAPACITY];
        if (first_like(network, l) != l) continue;
        if (f.code == ACTIVATION_softmax) define_softmax(text);
        if (f.code == ACTIVATION_softmax || f.code == ACTIVATION_identity) continue;
        activation_text(f, name);
        text_file_print(text, "/* %s */\nstatic float activation_%zu(float z) {\n", name, l);
        if (strstr(formulas[f.code], "p *")) {
            text_file_print(text, "    const float p = ");
            text_file_float(text, f.parameter);
            text_file_print(text, ";\n");
        }
        text_file_print(text, "    return %s;\n}\n\n", formulas[f.code]);
    }
}

void c_activation_apply(text_file *text, const epocl_network *network, size_t layer_index, const char *values,
                        size_t count) {
    const function f = network->layers[layer_index].activation;
    if (f.code == ACTIVATION_softmax)
        text_file_print(text, "    softmax(%s, %zu);\n", values, count);
    else if (f.code != ACTIVATION_identity)
        text_file_print(text, "    for (size_t i = 0; i < %zu; i++) %s[i] = activation_%zu(%s[i]);\n", count, values,
                        first_like(network, layer_index), values);
}
