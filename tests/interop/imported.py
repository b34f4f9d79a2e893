"""Lets `epocl import` read networks of other programs, and compares `epocl predict` with what they compute.

Usage: imported.py EPOCL FOLDER
Networks: scikit-learn's MLPClassifier and MLPRegressor through skl2onnx, and graphs as PyTorch and Keras write them.
"""

import os
import subprocess
import sys
import warnings

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

import models
from checks import Checks

TOLERANCE = 1e-5  # relative where outputs are larger than 1: another order of sums, and normalisation folded in


def run_epocl(program, *words):
    return subprocess.run([program, *words], capture_output=True, text=True)


def predict(program, folder, name, data, *options):
    """Outputs of the network in `name` as epocl computes them, or its refusal."""
    source, model = os.path.join(folder, name), os.path.join(folder, os.path.basename(name) + ".epocl")
    done = run_epocl(program, "import", source, "--output", model, *options)
    if done.returncode != 0:
        return done
    done = run_epocl(program, "predict", "--model", model, "--data", data, "--proba", "--no-self-test")
    if done.returncode != 0:
        return done
    rows = done.stdout.splitlines()
    columns = [place for place, name in enumerate(rows[0].split(",")) if name != "class" and "label" not in name]
    return np.array([row.split(",") for row in rows[1:]], np.float64)[:, columns]


def compare(checks, what, found, wanted):
    if isinstance(found, subprocess.CompletedProcess):
        checks.expect(False, f"{what}: {found.stderr.strip()}")
        return
    error = np.max(np.abs(found - wanted) / np.maximum(1, np.abs(wanted)))
    checks.expect(found.shape == wanted.shape and error <= TOLERANCE, f"{what}: differs by {error:.2g} at most")


# ---- scikit-learn -------------------------------------------------------------------------------


def check_sklearn(checks, program, folder, data, inputs):
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    draw = np.random.default_rng(5)
    three = np.argmax(inputs[:, :3] + draw.normal(0, 0.1, (len(inputs), 3)), axis=1)
    sizes = {"hidden_layer_sizes": (7, 5), "max_iter": 30, "random_state": 1}
    warnings.simplefilter("ignore", ConvergenceWarning)  # some steps are enough here
    cases = {
        "classifier, relu": (MLPClassifier(activation="relu", **sizes), three),
        "classifier, tanh, scaled": (make_pipeline(StandardScaler(), MLPClassifier(activation="tanh", **sizes)), three),
        "classifier of two, logistic": (MLPClassifier(activation="logistic", **sizes), three == 0),
        "classifier, identity": (MLPClassifier(activation="identity", **sizes), three),
        "regressor": (MLPRegressor(activation="relu", **sizes), inputs[:, 0] * inputs[:, 1]),
        "regressor, scaled": (make_pipeline(StandardScaler(), MLPRegressor(**sizes)), inputs[:, 0] ** 2),
    }
    for index, (name, (estimator, targets)) in enumerate(cases.items()):
        estimator.fit(inputs, targets)
        for zipmap in (True, False) if "classifier" in name else (None,):
            options = {} if zipmap is None else {"zipmap": zipmap}
            path = f"sklearn{index}{zipmap}.onnx"
            graph = to_onnx(estimator, inputs[:1], options=options or None)
            onnx.save(graph, os.path.join(folder, path))
            wanted = estimator.predict_proba(inputs) if options else estimator.predict(inputs).reshape(len(inputs), -1)
            compare(checks, f"scikit-learn, {name}, zipmap {zipmap}", predict(program, folder, path, data), wanted)


# ---- graphs as other programs write them -------------------------------------------------------


def tensor(name, values):
    return numpy_helper.from_array(np.asarray(values, np.float32), name)


def float_data(name, values):
    values = np.asarray(values, np.float32)
    return helper.make_tensor(name, TensorProto.FLOAT, values.shape, values.ravel().tolist())


def save(folder, name, nodes, tensors, output="y", inputs=models.INPUTS, opset=13):
    graph = helper.make_graph(nodes, "graph", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", inputs])],
                              [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)
    onnx.save(model, os.path.join(folder, name))


def graphs(folder):
    """Writes graphs and yields (file, options of import)."""
    draw = np.random.default_rng(3)
    count = models.INPUTS
    first, second = draw.normal(0, 0.4, (count, count)), draw.normal(0, 0.4, (count, 2))
    row, two = draw.normal(0, 0.3, count), draw.normal(0, 0.3, 2)
    node = helper.make_node

    save(folder, "keras.onnx", [
        node("MatMul", ["x", "w0"], ["a"]), node("Add", ["a", "b0"], ["b"]), node("Relu", ["b"], ["c"]),
        node("MatMul", ["c", "w1"], ["d"]), node("Add", ["b1", "d"], ["e"]), node("Softmax", ["e"], ["y"])],
        [tensor("w0", first), tensor("b0", row), tensor("w1", second), float_data("b1", two)])
    yield "keras.onnx", []

    # The same parameters in two layers, by Identity; the weights turned as nn.Linear has them.
    save(folder, "shared.onnx", [
        node("Flatten", ["x"], ["f"]), node("Identity", ["w0"], ["w0_again"]), node("Identity", ["b0"], ["b0_again"]),
        node("Gemm", ["f", "w0", "b0"], ["a"], transB=1), node("Tanh", ["a"], ["b"]),
        node("Gemm", ["b", "w0_again", "b0_again"], ["c"], transB=1, alpha=0.5, beta=2.0), node("Sigmoid", ["c"], ["d"]),
        node("Gemm", ["d", "w1"], ["y"])],
        [tensor("w0", first.T), tensor("b0", row), tensor("w1", second)])
    yield "shared.onnx", []

    # GELU as torch.onnx writes it below opset 20, from a constant node each; images divided by their deviation.
    root, one, half = (node("Constant", [], [name], value=numpy_helper.from_array(np.float32(value)))
                       for name, value in (("root", np.sqrt(2)), ("one", 1), ("half", 0.5)))
    save(folder, "gelu.onnx", [
        node("Sub", ["x", "mean"], ["m"]), node("Div", ["m", "deviation"], ["s"]),
        node("Gemm", ["s", "w0", "b0"], ["z"]), root, one, half, node("Div", ["z", "root"], ["u"]),
        node("Erf", ["u"], ["e"]), node("Add", ["e", "one"], ["p"]), node("Mul", ["z", "p"], ["q"]),
        node("Mul", ["q", "half"], ["g"]), node("Dropout", ["g"], ["h"]), node("Gemm", ["h", "w1", "b1"], ["o"]),
        node("Reshape", ["o", "shape"], ["y"])],
        [tensor("mean", row), tensor("deviation", np.abs(row) + 0.5), tensor("w0", first), tensor("b0", row),
         tensor("w1", second), tensor("b1", two), numpy_helper.from_array(np.array([-1, 2]), "shape")])
    yield "gelu.onnx", []

    # A sine as coordinate networks have it, and an output that is 1 unit wide.
    save(folder, "sine.onnx", [
        node("Gemm", ["x", "w0", "b0"], ["z"]), node("Mul", ["thirty", "z"], ["t"]), node("Sin", ["t"], ["s"]),
        node("Transpose", ["w1"], ["w1t"]), node("MatMul", ["s", "w1t"], ["o"]), node("Add", ["o", "b1"], ["y"])],
        [tensor("thirty", 2.5), tensor("w0", 0.2 * first), tensor("b0", row), tensor("w1", second[:, :1].T),
         tensor("b1", two[:1])])
    yield "sine.onnx", []

    # Weights that are turned twice and not at all; ReLU as a bound below and none above, as old exporters write it.
    save(folder, "turned.onnx", [
        node("Transpose", ["w0"], ["kept"], perm=[0, 1]), node("Gemm", ["x", "kept", "b0"], ["z"]),
        node("Clip", ["z"], ["c"], min=0.0, max=float(np.finfo(np.float32).max)),
        node("Transpose", ["w1"], ["w1t"], perm=[1, 0]), node("Transpose", ["w1t"], ["again"]),
        node("Gemm", ["c", "again", "b1"], ["y"])],
        [tensor("w0", first), tensor("b0", row), tensor("w1", second), tensor("b1", two)], opset=7)
    yield "turned.onnx", []

    # Logits, of which the caller says what they mean; the runtime's softmax is applied by hand below.
    save(folder, "logits.onnx", [
        node("Gemm", ["x", "w0", "b0"], ["a"]), node("LeakyRelu", ["a"], ["b"], alpha=0.15), node("Gemm", ["b", "w1", "b1"], ["y"])],
        [tensor("w0", first), tensor("b0", row), tensor("w1", second), tensor("b1", two)])
    yield "logits.onnx", ["--cost", "softmax-cross-entropy"]


def check_graphs(checks, program, folder, data, inputs):
    for name, options in graphs(folder):
        session = onnxruntime.InferenceSession(os.path.join(folder, name), providers=["CPUExecutionProvider"])
        wanted = session.run(None, {"x": inputs})[0].astype(np.float64)
        if options:
            wanted = np.exp(wanted) / np.sum(np.exp(wanted), axis=1, keepdims=True)
        compare(checks, name, predict(program, folder, name, data, *options), wanted)


def check_refusals(checks, program, folder, data):
    node, square, far = helper.make_node, tensor("w", np.eye(models.INPUTS)), tensor("far", 1000)
    dense, last = node("Gemm", ["x", "w"], ["z"]), node("Gemm", ["c", "w"], ["y"])
    cases = {
        "Conv": ([node("Conv", ["x", "w"], ["y"])], [square]),
        "LSTM": ([node("LSTM", ["x", "w", "w"], ["y"])], [square]),
        "LayerNormalization": ([dense, node("LayerNormalization", ["z", "w"], ["y"])], [square]),
        "Add": ([dense, node("Gemm", ["z", "w"], ["u"]), node("Add", ["z", "u"], ["y"])], [square]),
        "MatMul": ([node("MatMul", ["w", "x"], ["y"])], [square]),
        "Gemm": ([dense, node("Gemm", ["z", "w"], ["u"]), node("Gemm", ["u", "v"], ["y"])],
                 [square, tensor("v", np.eye(4))]),
        "HardSwish": ([dense, node("HardSwish", ["z"], ["y"])], [square]),
        "Transpose": ([node("Transpose", ["w"], ["t"], perm=[0, 2]), node("Gemm", ["x", "t"], ["y"])], [square]),
        "Clip": ([dense, node("Clip", ["z", "", "far"], ["c"]), last], [square, far]),
        "Min": ([dense, node("Min", ["far", "z"], ["c"]), last], [square, far]),
        "Max": ([dense, node("Max", ["z", "low"], ["c"]), last], [square, tensor("low", -1000)]),
        "Where": ([dense, node("Greater", ["z", "far"], ["g"]), node("Where", ["g", "far", "z"], ["c"]), last],
                  [square, far]),
    }
    for name, (nodes, tensors) in cases.items():
        save(folder, "refused.onnx", nodes, tensors, opset=17)
        done = predict(program, folder, "refused.onnx", data)
        is_refused = isinstance(done, subprocess.CompletedProcess) and done.returncode == 65
        checks.expect(is_refused and f"operator {name} " in done.stderr,
                      f"refused: {done.stderr.strip() if is_refused else name}")


# ---- safetensors --------------------------------------------------------------------------------


def check_sequential(checks, program, folder, data, inputs):
    draw = np.random.default_rng(9)
    shapes = {"net.0": (8, models.INPUTS), "net.2": (3, 8)}
    tensors = {}
    for name, shape in shapes.items():
        tensors[name + ".weight"] = draw.normal(0, 0.4, shape).astype(np.float32)
        tensors[name + ".bias"] = draw.normal(0, 0.4, shape[0]).astype(np.float32)
    save_file(tensors, os.path.join(folder, "torch.safetensors"))
    hidden = np.maximum(0, inputs @ tensors["net.0.weight"].T + tensors["net.0.bias"])
    wanted = hidden @ tensors["net.2.weight"].T + tensors["net.2.bias"]
    compare(checks, "safetensors of a Sequential",
            predict(program, folder, "torch.safetensors", data, "--activation", "relu", "--cost", "squared"), wanted)


# ---- what other programs wrote -------------------------------------------------------------------


def check_written(checks, program, folder, data, inputs):
    """Networks as PyTorch and Keras exported them (written/record.py)."""
    written = os.path.join(os.path.dirname(os.path.abspath(__file__)), "written")
    paths = sorted(name for name in os.listdir(written) if name.endswith(".onnx"))
    checks.expect(len(paths) >= 11, f"{len(paths)} files of PyTorch and Keras")
    outputs = {}
    for name in paths:
        path = os.path.join(written, name)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        outputs[name] = session.run(None, {session.get_inputs()[0].name: inputs})[0].astype(np.float64)
        compare(checks, name, predict(program, folder, path, data), outputs[name])
    path = os.path.join(written, "torch-relu.safetensors")
    options = ["--activation", "relu", "--cost", "softmax-cross-entropy"]
    compare(checks, "torch-relu.safetensors", predict(program, folder, path, data, *options),
            outputs["torch-legacy-relu.onnx"])


def main():
    program, folder = sys.argv[1:3]
    os.makedirs(folder, exist_ok=True)
    data, inputs = os.path.join(folder, "inputs.idx"), models.inputs()
    models.write_inputs(data, inputs)
    checks = Checks()
    check_sequential(checks, program, folder, data, inputs)
    check_graphs(checks, program, folder, data, inputs)
    check_written(checks, program, folder, data, inputs)
    check_refusals(checks, program, folder, data)
    check_sklearn(checks, program, folder, data, inputs)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
