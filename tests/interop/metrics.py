"""Compares the metrics of `epocl evaluate --json` with scikit-learn's, of the same targets and weights and of outputs
that are computed from the model file in double precision.

Usage: metrics.py EPOCL FOLDER
FOLDER holds what is made on the way. The last line is "N passed, N failed"; exit status 1 if any failed.
"""

import json
import os
import subprocess
import sys
import warnings

import numpy as np
from safetensors import safe_open
from sklearn import metrics

TOLERANCE = 1e-4  # what single precision may do to a mean, or to the order of two scores in a thousand
SAMPLES, INPUTS, HIDDEN = 1000, 6, 5


def write_idx(path, values):
    types = {"uint8": (8, "u1"), "float32": (13, ">f4")}
    code, layout = types[str(values.dtype)]
    with open(path, "wb") as file:
        file.write(bytes([0, 0, code, values.ndim]) + np.array(values.shape, ">u4").tobytes())
        file.write(values.astype(layout).tobytes())


def weighted_outputs(path, inputs):
    """z of the output layer; the hidden layer's units are tanh."""
    with safe_open(path, framework="numpy") as model:
        tensor = {name: model.get_tensor(name).astype(np.float64) for name in model.keys()}
    hidden = inputs * tensor["input.scale"] + tensor["input.shift"]
    hidden = np.tanh(hidden @ tensor["layers.0.weight"].T + tensor["layers.0.bias"])
    return hidden @ tensor["layers.1.weight"].T + tensor["layers.1.bias"]


def report(targets, said, weights, averages, labels=None):
    """Precision, recall and F1 of each class, with NaN for what is undefined, and averages with 0 in its place."""
    options = {"sample_weight": weights}
    values = metrics.precision_recall_fscore_support(targets, said, labels=labels, zero_division=np.nan, **options)
    found = dict(zip(["precision", "recall", "f1", "support"], values))
    for average in averages:
        values = metrics.precision_recall_fscore_support(targets, said, average=average, **options)
        found |= {f"{average}_{name}": value for name, value in zip(["precision", "recall", "f1"], values)}
    return found


def of_classes(z, targets, weights):
    count = z.shape[1]
    shares = np.exp(z - z.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    said = z.argmax(axis=1)
    found = report(targets, said, weights, ["macro", "weighted"], range(count))
    found["accuracy"] = metrics.accuracy_score(targets, said, sample_weight=weights)
    found["balanced_accuracy"] = metrics.balanced_accuracy_score(targets, said, sample_weight=weights)
    found["log_loss"] = metrics.log_loss(targets, shares, labels=range(count), sample_weight=weights)
    found["confusion_matrix"] = metrics.confusion_matrix(targets, said, labels=range(count), sample_weight=weights)
    if count > 5:
        found["top_5_accuracy"] = metrics.top_k_accuracy_score(targets, z, k=5, labels=range(count),
                                                               sample_weight=weights)
    if count == 2:
        score = z[:, 1] - z[:, 0]
        found["brier_score"] = metrics.brier_score_loss(targets, shares[:, 1], sample_weight=weights)
        found["roc_auc"] = metrics.roc_auc_score(targets, score, sample_weight=weights)
        found["average_precision"] = metrics.average_precision_score(targets, score, sample_weight=weights)
    return found


def of_answers(z, targets, weights):
    said = (z > 0).astype(int)
    found = report(targets, said, weights, ["micro", "macro", "weighted"])
    found["accuracy"] = metrics.accuracy_score(targets, said, sample_weight=weights)
    found["output_accuracy"] = [metrics.accuracy_score(targets[:, i], said[:, i], sample_weight=weights)
                                for i in range(z.shape[1])]
    return found


def of_values(z, targets, weights):
    functions = {"rmse": metrics.root_mean_squared_error, "mae": metrics.mean_absolute_error, "r2": metrics.r2_score}
    found = {name: function(targets, z, sample_weight=weights) for name, function in functions.items()}
    return found | {f"output_{name}": function(targets, z, sample_weight=weights, multioutput="raw_values")
                    for name, function in functions.items()}


def make_cases(x):
    """Name, targets as a file has them, and what scikit-learn says of them."""
    draws = np.random.default_rng(7)
    slopes = draws.normal(size=(INPUTS, 8))
    truth = x @ slopes + draws.normal(scale=0.5, size=(len(x), 8))
    yield "2 classes", (truth[:, 0] > 0.5).astype(np.uint8), of_classes
    yield "3 classes, one rare", (truth[:, :2].argmax(axis=1) + (truth[:, 2] > 5)).astype(np.uint8), of_classes
    yield "8 classes", truth.argmax(axis=1).astype(np.uint8), of_classes
    yield "0 and 1", (truth[:, :3] > 0).astype(np.uint8), of_answers
    yield "values", truth[:, :2].astype(np.float32), of_values


def agree(epocls, others):
    ours = np.array(epocls, dtype=float)  # null becomes NaN
    theirs = np.asarray(others, dtype=float)
    return ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)


def main():
    epocl, folder = sys.argv[1:]
    warnings.simplefilter("ignore")  # scikit-learn's on what is undefined
    os.makedirs(folder, exist_ok=True)
    path = {name: os.path.join(folder, name) for name in ["x", "y", "w", "run"]}
    draws = np.random.default_rng(1)
    x = draws.normal(size=(SAMPLES, INPUTS)).astype(np.float32)
    weights = draws.uniform(0.0, 3.0, SAMPLES).astype(np.float32)
    write_idx(path["x"], x)
    write_idx(path["w"], weights)
    data = ["--data", path["x"], "--labels", path["y"]]
    passed = failed = 0
    for name, targets, of in make_cases(x):
        write_idx(path["y"], targets)
        subprocess.run([epocl, "train", *data, "--hidden", str(HIDDEN), "--activation", "tanh", "--cost", "auto",
                        "--epochs", "3", "--learning-rate", "0.05", "--output", path["run"], "--force", "--quiet"],
                       check=True)
        z = weighted_outputs(os.path.join(path["run"], "model.safetensors"), x.astype(np.float64))
        for weighing in [[], ["--sample-weights", path["w"]]]:
            told = subprocess.run([epocl, "evaluate", "--model", path["run"], *data, *weighing, "--json"], check=True,
                                  stdout=subprocess.PIPE)
            reported = json.loads(told.stdout)
            for metric, value in of(z, targets, weights.astype(np.float64) if weighing else None).items():
                if agree(reported[metric], value):
                    passed += 1
                    continue
                failed += 1
                print(f"FAILED {name}{', weighed' if weighing else ''}: {metric} {reported[metric]} from epocl, {value}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
