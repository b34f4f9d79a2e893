"""Computes a trained network's outputs from its model file alone, in double precision, and compares them with
what epocl reported.

Usage: forward.py IMAGES LABELS RUN...
Each RUN is a folder with model.safetensors, evaluate.json (of `epocl evaluate --json`) and predict.csv (of
`epocl predict --proba`), all on the same IDX files. The last line is "N passed, N failed"; exit status 1 if any failed.
"""

import gzip
import json
import os
import sys

import numpy as np
from safetensors import safe_open

BORDERLINE_SAMPLES = 2  # whose two largest outputs single precision may order the other way
COST_TOLERANCE = 1e-5  # relative
OUTPUT_TOLERANCE = 1e-5  # absolute; outputs lie between 0 and 1
COMPARED_ROWS = 1000  # of the predictions


def read_idx(path):
    with gzip.open(path, "rb") as file:
        content = file.read()
    dimension_count = content[3]
    shape = np.frombuffer(content, ">u4", dimension_count, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimension_count).reshape(shape)


def weighted_outputs(path, inputs):
    """z of the output layer, [samples, outputs]."""
    with safe_open(path, framework="numpy") as model:
        metadata = model.metadata()
        assert metadata["format"] == "epocl" and metadata["activation"] == "sigmoid"
        tensor = {name: model.get_tensor(name).astype(np.float64) for name in model.keys()}
    counts = [int(count) for count in metadata["layers"].split(",")]
    activation = inputs * tensor["input.scale"] + tensor["input.shift"]
    for layer in range(len(counts) - 1):
        weights, biases = tensor[f"layers.{layer}.weight"], tensor[f"layers.{layer}.bias"]
        assert weights.shape == (counts[layer + 1], counts[layer]) and biases.shape == (counts[layer + 1],)
        weighted = activation @ weights.T + biases
        activation = sigmoid(weighted)
    return weighted


def sigmoid(z):
    return np.exp(-np.logaddexp(0.0, -z))


def mean_cost(z, labels):
    """Cross-entropy summed over the outputs, its mean over the samples."""
    one_hot = np.eye(z.shape[1])[labels]
    return np.mean(np.sum(np.logaddexp(0.0, z) - one_hot * z, axis=1))


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, is_right, text):
        if is_right:
            self.passed += 1
        else:
            self.failed += 1
        print("ok    " if is_right else "FAILED", text)


def check_evaluation(checks, run, z, labels):
    with open(os.path.join(run, "evaluate.json"), encoding="utf-8") as file:
        reported = json.loads(file.readline())
    samples = len(labels)
    checks.expect(reported["event"] == "evaluate" and reported["samples"] == samples,
                  f"{run}: {reported['samples']} samples, {samples} in the file")

    right = int(np.sum(np.argmax(z, axis=1) == labels))
    reported_right = round(reported["accuracy"] * samples)
    checks.expect(abs(reported_right - right) <= BORDERLINE_SAMPLES,
                  f"{run}: accuracy {reported['accuracy']:.4f} ({reported_right} right) from epocl, "
                  f"{right / samples:.4f} ({right} right) from the model file")
    checks.expect(right / samples > 0.7, f"{run}: the network has learned something")

    cost = mean_cost(z, labels)
    checks.expect(abs(reported["cost"] - cost) <= COST_TOLERANCE * cost,
                  f"{run}: cost {reported['cost']:.9g} from epocl, {cost:.9g} from the model file")


def check_predictions(checks, run, z):
    path = os.path.join(run, "predict.csv")
    with open(path, encoding="utf-8") as file:
        header = file.readline().strip()
    checks.expect(header == ",".join(["class"] + [f"sigmoid{i}" for i in range(z.shape[1])]), f"{run}: columns {header}")
    table = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
    checks.expect(table.shape == (z.shape[0], 1 + z.shape[1]), f"{run}: {table.shape[0]} predictions")

    rows = min(COMPARED_ROWS, len(table))
    largest = np.max(np.abs(table[:rows, 1:] - sigmoid(z[:rows])))
    checks.expect(largest <= OUTPUT_TOLERANCE, f"{run}: outputs of {rows} rows differ by at most {largest:.3g}")
    different = int(np.sum(table[:, 0] != np.argmax(z, axis=1)))
    checks.expect(different <= BORDERLINE_SAMPLES, f"{run}: {different} predicted classes differ")


def main():
    images, labels = read_idx(sys.argv[1]), read_idx(sys.argv[2])
    inputs = images.reshape(len(images), -1).astype(np.float64)
    checks = Checks()
    for run in sys.argv[3:]:
        z = weighted_outputs(os.path.join(run, "model.safetensors"), inputs)
        check_evaluation(checks, run, z, labels)
        check_predictions(checks, run, z)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed or not checks.passed else 0


if __name__ == "__main__":
    sys.exit(main())
