"""Networks with random parameters, written as epocl's model files, and data for them; the same each time."""

import numpy as np
from safetensors.numpy import save_file

ACTIVATIONS = ["identity", "sigmoid", "tanh", "relu", "leaky-relu", "leaky-relu(0.2)", "elu", "elu(0.7)", "selu", "gelu",
               "gelu-tanh", "silu", "mish", "softplus", "sine", "sine(3)", "exponential"]
# Costs, with the activation of their outputs where they have one of their own.
COSTS = {"cross-entropy": "sigmoid", "softmax-cross-entropy": "softmax", "squared": None, "absolute": None,
         "huber": None, "quantile(0.9)": None, "poisson": "exponential"}
INPUTS, UNITS, OUTPUTS, SAMPLES = 6, 9, 3, 200


def cases():
    """(name, counts, activation of the hidden layers, cost, output activation or None, normalization, of values)."""
    counts = [INPUTS, UNITS, OUTPUTS]
    for activation in ACTIVATIONS:
        yield f"hidden {activation}", counts, activation, "softmax-cross-entropy", None, "none", False
        yield f"output {activation}", counts, "tanh", "squared", activation, "none", True
    for cost, own in COSTS.items():
        yield f"cost {cost}", counts, "tanh", cost, None if own else "identity", "zscore", own is None or cost == "poisson"
        yield f"cost {cost}, other targets", counts, "tanh", cost, None if own else "identity", "zscore", own == "sigmoid"
    yield "deep", [INPUTS, 12, 8, 8, OUTPUTS], "relu,gelu,tanh", "softmax-cross-entropy", None, "minmax", False
    yield "no hidden layer", [INPUTS, OUTPUTS], "identity", "cross-entropy", None, "scale255", False
    yield "one output", [INPUTS, UNITS, 1], "mish", "squared", "identity", "zscore", True


def write_model(path, counts, activation, cost, output, normalization, of_values):
    """Weights of such a size that units are neither dead nor saturated, input statistics far from 0 and 1."""
    draw = np.random.default_rng(7)
    count = counts[0]
    scale, shift = np.ones(count), np.zeros(count)
    if normalization == "scale255":
        scale = scale / 255
    elif normalization != "none":
        scale, shift = draw.uniform(0.5, 2, count), draw.uniform(-1, 1, count)
    tensors = {"input.scale": scale, "input.shift": shift}
    for layer, (inputs, outputs) in enumerate(zip(counts, counts[1:])):
        tensors[f"layers.{layer}.weight"] = draw.normal(0, 0.8 / np.sqrt(inputs), (outputs, inputs))
        tensors[f"layers.{layer}.bias"] = draw.normal(0, 0.2, outputs)
    metadata = {"format": "epocl", "format_version": "1", "layers": ",".join(map(str, counts)),
                "activation": activation, "cost": cost, "normalization": normalization}
    if output:
        metadata["output"] = output
    if of_values:
        metadata["targets"] = "values"
    save_file({name: tensor.astype(np.float32) for name, tensor in tensors.items()}, path, metadata)


def inputs():
    return np.random.default_rng(11).normal(0, 1.5, (SAMPLES, INPUTS)).astype(np.float32)


def write_inputs(path, values):
    with open(path, "wb") as file:
        file.write(bytes([0, 0, 13, 2]) + np.array(values.shape, ">u4").tobytes() + values.astype(">f4").tobytes())


def read_predictions(path):
    """Labels, or None, and outputs of `epocl predict --proba`."""
    with open(path, encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    table = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
    labels = [place for place, name in enumerate(names) if name == "class" or name.startswith("label")]
    outputs = table[:, len(labels):]
    if not labels:
        return None, outputs
    return table[:, 0 if names[0] == "class" else labels].astype(int), outputs
