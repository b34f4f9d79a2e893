"""Exports a model of every activation and cost as ONNX, and compares what ONNX Runtime computes with `epocl predict`.

Usage: exported.py EPOCL FOLDER OLD_PYTHON
OLD_PYTHON has an old release of ONNX Runtime: its outputs are compared as well, by run_onnx.py.
"""

import os
import subprocess
import sys

import numpy as np
import onnx

import models
import run_onnx
from checks import Checks

TOLERANCE = 1e-6  # relative where outputs are larger than 1
BORDERLINE = 1e-6  # of two outputs, or an output and 0.5, that are this near, either may be the larger


def epocl(program, *words, output=None):
    with open(output or os.devnull, "w", encoding="utf-8") as file:
        subprocess.run([program, *words], check=True, stdout=file)


def check_outputs(checks, name, runtime, found, classes, outputs):
    label, values = found
    error = np.max(np.abs(values - outputs) / np.maximum(1, np.abs(outputs)))
    checks.expect(error <= TOLERANCE, f"{name}: {runtime} differs by {error:.2g} at most")
    checks.expect((label is None) == (classes is None), f"{name}: labels where epocl has them")
    if label is None or classes is None:
        return
    if classes.ndim == 2:
        is_clear = np.abs(outputs - 0.5) > BORDERLINE
    else:
        two = np.sort(outputs, axis=1)[:, -2:]
        is_clear = two[:, 1] - two[:, 0] > BORDERLINE
    checks.expect(label.shape == classes.shape and np.array_equal(label[is_clear], classes[is_clear]),
                  f"{name}: {runtime} has the same labels")


def check_model(checks, name, path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    domains = {opset.domain: opset.version for opset in model.opset_import}
    checks.expect(model.ir_version == 7 and domains == {"": 13}, f"{name}: IR 7, opset 13, core operators alone")


def main():
    program, folder, old_python = sys.argv[1:4]
    os.makedirs(folder, exist_ok=True)
    data, inputs = os.path.join(folder, "inputs.idx"), models.inputs()
    models.write_inputs(data, inputs)
    np.save(os.path.join(folder, "inputs.npy"), inputs)
    checks, paths, predicted = Checks(), [], []
    for index, (name, *shape) in enumerate(models.cases()):
        model, exported = (os.path.join(folder, f"{index}.{ending}") for ending in ("safetensors", "onnx"))
        predictions = os.path.join(folder, f"{index}.csv")
        models.write_model(model, *shape)
        epocl(program, "export", "--model", model, "--output", exported)
        epocl(program, "predict", "--model", model, "--data", data, "--proba", "--no-self-test", output=predictions)
        check_model(checks, name, exported)
        paths.append(exported)
        predicted.append((name, *models.read_predictions(predictions)))
        check_outputs(checks, name, "ONNX Runtime", run_onnx.run(exported, inputs), *predicted[-1][1:])
    subprocess.run([old_python, run_onnx.__file__, os.path.join(folder, "inputs.npy"), *paths], check=True)
    for path, (name, classes, outputs) in zip(paths, predicted):
        found = run_onnx.read(path)
        check_outputs(checks, name, "old ONNX Runtime", found, classes, outputs)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
