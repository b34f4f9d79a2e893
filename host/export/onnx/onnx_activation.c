#include "export/onnx/onnx_activation.h"

/* One operator of one value or two, without attributes. */
static const char *one(onnx_graph *graph, const char *operator_name, const char *a, const char *output) {
    return onnx_node(graph, operator_name, ONNX_INPUTS(a), output, NULL);
}

static const char *two(onnx_graph *graph, const char *operator_name, const char *a, const char *b, const char *output) {
    return onnx_node(graph, operator_name, ONNX_INPUTS(a, b), output, NULL);
}

static const char *scaled(onnx_graph *graph, const char *a, float factor) {
    return two(graph, "Mul", a, onnx_constant_number(graph, factor), NULL);
}

static const char *plus(onnx_graph *graph, const char *a, float summand) {
    return two(graph, "Add", a, onnx_constant_number(graph, summand), NULL);
}

/* 0.5 z (1 + part). */
static const char *gated(onnx_graph *graph, const char *z, const char *part, const char *output) {
    return two(graph, "Mul", scaled(graph, z, 0.5f), plus(graph, part, 1.0f), output);
}

static const char *gelu(onnx_graph *graph, const char *z, const char *output) {
    return gated(graph, z, one(graph, "Erf", scaled(graph, z, 0.707106781186548f), NULL), output);
}

/* The part is tanh(z (c + d z^2)). */
static const char *gelu_tanh(onnx_graph *graph, const char *z, const char *output) {
    const char *square = two(graph, "Mul", z, z, NULL);
    const char *factor = plus(graph, scaled(graph, square, 0.0356774081363001f), 0.797884560802865f);
    return gated(graph, z, one(graph, "Tanh", two(graph, "Mul", z, factor, NULL), NULL), output);
}

const char *onnx_activation(onnx_graph *graph, function activation, const char *z, const char *output) {
    const float p = activation.parameter;
    switch (activation.code) {
    case ACTIVATION_sigmoid: return one(graph, "Sigmoid", z, output);
    case ACTIVATION_tanh: return one(graph, "Tanh", z, output);
    case ACTIVATION_relu: return one(graph, "Relu", z, output);
    case ACTIVATION_leaky_relu:
        return onnx_node(graph, "LeakyRelu", ONNX_INPUTS(z), output, ONNX_ATTRIBUTES({.name = "alpha", .number = p}));
    case ACTIVATION_elu:
        return onnx_node(graph, "Elu", ONNX_INPUTS(z), output, ONNX_ATTRIBUTES({.name = "alpha", .number = p}));
    case ACTIVATION_selu:
        return onnx_node(
            graph, "Selu", ONNX_INPUTS(z), output,
            ONNX_ATTRIBUTES({.name = "alpha", .number = SELU_SA / SELU_S}, {.name = "gamma", .number = SELU_S}));
    case ACTIVATION_gelu: return gelu(graph, z, output);
    case ACTIVATION_gelu_tanh: return gelu_tanh(graph, z, output);
    case ACTIVATION_silu: return two(graph, "Mul", z, one(graph, "Sigmoid", z, NULL), output);
    case ACTIVATION_mish:
        return two(graph, "Mul", z, one(graph, "Tanh", one(graph, "Softplus", z, NULL), NULL), output);
    case ACTIVATION_softplus: return one(graph, "Softplus", z, output);
    case ACTIVATION_sine: return one(graph, "Sin", p == 1.0f ? z : scaled(graph, z, p), output); /* NOLINT: exactly */
    case ACTIVATION_exponential: return one(graph, "Exp", z, output);
    case ACTIVATION_softmax:
        return onnx_node(graph, "Softmax", ONNX_INPUTS(z), output,
                         ONNX_ATTRIBUTES({.name = "axis", .is_whole = true, .whole = -1}));
    default: break; /* identity */
    }
    return output ? one(graph, "Identity", z, output) : z;
}
