"""Trains on tables with missing values, rare and unseen categories, and compares exported models, as ONNX and as C,
with `epocl predict`.

Usage: tables.py EPOCL FOLDER OLD_PYTHON
OLD_PYTHON has an old release of ONNX Runtime: its outputs are compared as well, by run_table.py.
"""

import csv
import ctypes
import json
import os
import re
import subprocess
import sys

import numpy as np
import onnx

import run_table
from checks import Checks

TOLERANCE = 1e-6    # of an output as the network computes it; of a value, times the target's range
C_TOLERANCE = 1e-5  # likewise, of C
BORDERLINE = 1e-6   # of two probabilities that are this near, either may be the larger
ROWS = 1200

# Name, target, columns that are no inputs, whether core operators suffice. `cost` and `value` are columns that outputs
# are named like, too.
CASES = [
    ("classes", "kind", "cost,value", False),
    ("two classes", "dear", "cost,kind", False),
    ("a value", "cost", "kind,dear", False),
    ("two values", "cost,value", "kind,dear", False),
    ("numbers alone, classes", "kind", "cost,dear,town,shop,floor,lift,one", True),
    ("numbers alone, a value", "cost", "kind,dear,town,shop,floor,lift,one", True),
    ("categories alone", "kind", "area,age,wide,half,few,cost,value,dear", False),
]
# The same, of members of one and more shapes.
ENSEMBLES = [
    ("an ensemble, classes", "kind", "cost,value", False, "--ensemble", "8", "--epochs", "20"),
    ("an ensemble, a value", "cost", "kind,dear", False, "--ensemble", "8", "--epochs", "8", "--preset", "quality"),
    ("an ensemble, two values", "cost,value", "kind,dear", False, "--ensemble", "8", "--epochs", "8"),
]


def table(rows, seed, is_new):
    """Numbers with few and many values, missing ones, of large range; categories of two levels, of hundreds, rare,
    missing, new."""
    draw = np.random.default_rng(seed)
    area = np.round(draw.gamma(4, 20, rows), 3)
    age = draw.integers(0, 90, rows)
    wide = draw.normal(0, 1, rows) * 10.0 ** draw.integers(-3, 7, rows)
    half = draw.normal(1e6, 3, rows)
    few = draw.integers(0, 3, rows)
    towns = ["Oslo", "Roma, \"antica\"", "Größe", "Åbo", "x y"] + (["new", "NEW"] if is_new else [])
    town = [towns[i] for i in draw.integers(0, len(towns), rows)]
    floor = [f"f{i}" if i < 3 else f"rare{i % 40}" for i in (draw.exponential(1.2, rows) * 2).astype(int)]
    lift = [("yes", "no")[i] for i in draw.integers(0, 2, rows)]
    one = [("a", "b", "")[i] for i in draw.integers(0, 3, rows)]
    shop = (draw.random(rows) ** 2 * 500).astype(int)  # so many that they have scores
    score = (shop % 7 - 3) / 3 + area / 80 + (age > 40) + 0.3 * few + np.array([len(t) for t in town]) / 6 + draw.normal(0, 0.2, rows)
    kind = [("flat", "house", "\"loft\"")[int(s > 2) + int(s > 3)] for s in score]
    cost = 2e5 + 1e5 * score
    value = -5 + 0.01 * score * draw.normal(1, 0.1, rows)
    gaps = {name: draw.random(rows) < 0.1 for name in ("area", "wide", "town", "lift", "shop")}
    if is_new:
        gaps["age"] = draw.random(rows) < 0.1
        area[:4] = [1e30, -1e30, 0, 1e-30]
    shop = [f"shop {i}" if i % 50 or not is_new else "new" for i in shop]
    columns = {"area": area, "age": age, "town": town, "shop": shop, "wide": wide, "floor": floor, "half": half, "lift": lift,
               "few": few, "one": one, "kind": kind, "dear": ["dear" if s > 2.5 else "cheap" for s in score],
               "cost": cost, "value": value}
    texts = {name: [v if isinstance(v, str) else format(np.float32(v), ".9g") for v in values]
             for name, values in columns.items()}
    return {name: ["" if name in gaps and gaps[name][i] else v for i, v in enumerate(values)]
            for name, values in texts.items()}


def write(path, columns):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values()))


def epocl(program, *words, output=None):
    with open(output or os.devnull, "w", encoding="utf-8") as file:
        subprocess.run([program, *words], check=True, stdout=file)


def read_predictions(path, has_classes):
    """Class names, or None, and outputs of `epocl predict --proba`; and the names of outputs."""
    with open(path, encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    first = 1 if has_classes else 0
    outputs = np.array([[float(v) for v in row[first:]] for row in rows])
    return (np.array([row[0] for row in rows]) if has_classes else None), outputs, names[first:]


def check_model(checks, name, path, is_core):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    domains = {opset.domain: opset.version for opset in model.opset_import}
    wanted = {"": 13} if is_core else {"": 13, "ai.onnx.ml": 2}
    checks.expect(model.ir_version == 7 and domains == wanted, f"{name}: IR 7, operator sets {wanted}")


def check_names(checks, name, path, wanted):
    """What the metadata say of the outputs' columns."""
    metadata = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    found = [metadata.get(f"class.{i}") or metadata.get(f"target.{i}") for i in range(len(wanted))]
    checks.expect(found == wanted, f"{name}: {found} are the outputs")


def columns_of_header(path):
    """(name, codes by names or None) of each input, and names of outputs, as the comment says."""
    inputs, outputs = [], []
    with open(path, encoding="utf-8") as file:
        inside, _, after = file.read().partition(" Inputs:\n")[2].partition(" * Outputs:\n")
    for line in inside.splitlines():
        column, level = re.fullmatch(r" \*     \d+  (.*): (.*)", line), re.fullmatch(r" \* +(\d+)  (.*)", line)
        if column:
            inputs.append((column[1], {} if "category" in column[2] else None))
        elif level:
            inputs[-1][1][level[2]] = int(level[1])
    for line in after.partition(" */")[0].splitlines():
        outputs.append(re.fullmatch(r" \*     \d+  (.*)", line)[1])
    return inputs, outputs


def number(text, codes):
    """A column's value as C takes it."""
    if not text:
        return np.nan
    return float(text) if codes is None else codes.get(text, -1)


def run_c(source, columns):
    """(label or None, outputs) of an exported model, compiled."""
    stem = source.removesuffix(".c")
    subprocess.run([os.environ.get("CC", "cc"), "-std=c99", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion",
                    "-Werror", "-shared", "-fPIC", source, "-o", stem + ".so", "-lm"], check=True)
    library = ctypes.CDLL(os.path.abspath(stem + ".so"))
    inputs, names = columns_of_header(stem + ".h")
    rows = np.array([[number(text, codes) for text in columns[name]] for name, codes in inputs], np.float32).T
    rows = np.ascontiguousarray(rows)
    outputs, label = np.zeros((len(rows), len(names)), np.float32), None
    pointer = ctypes.POINTER(ctypes.c_float)
    for row, output in zip(rows, outputs):
        library.net_predict(row.ctypes.data_as(pointer), output.ctypes.data_as(pointer))
    if hasattr(library, "net_class"):
        library.net_class.restype = ctypes.c_size_t
        label = np.array([names[library.net_class(row.ctypes.data_as(pointer))] for row in rows])
    return label, outputs


def check_outputs(checks, name, runtime, found, classes, outputs, tolerance=TOLERANCE):
    label, values = found
    scale = np.ones(outputs.shape[1]) if classes is not None else np.maximum(np.ptp(outputs, axis=0),
                                                                             np.max(np.abs(outputs), axis=0))
    error = np.max(np.abs(values - outputs) / np.maximum(1, scale))
    checks.expect(values.shape == outputs.shape and error <= tolerance,
                  f"{name}: {runtime} differs by {error:.2g} at most")
    checks.expect((label is None) == (classes is None), f"{name}: labels where epocl has them")
    if label is None or classes is None:
        return
    two = np.sort(outputs, axis=1)[:, -2:]
    is_clear = two[:, 1] - two[:, 0] > BORDERLINE
    checks.expect(np.array_equal(label.astype(str)[is_clear], classes[is_clear]),
                  f"{name}: {runtime} has the same labels")
    checks.expect(len(set(classes)) > 1, f"{name}: several classes are predicted")


def main():
    program, folder, old_python = sys.argv[1:4]
    os.makedirs(folder, exist_ok=True)
    known, new = (os.path.join(folder, f"{name}.csv") for name in ("known", "new"))
    write(known, table(ROWS, 3, False))
    columns = table(ROWS // 2, 4, True)
    write(new, columns)
    checks, paths, predicted = Checks(), [], []
    for index, (name, target, ignored, is_core, *words) in enumerate(CASES + ENSEMBLES):
        run, exported, predictions = (os.path.join(folder, f"{index}{ending}") for ending in ("", ".onnx", ".csv"))
        epochs = [] if "--epochs" in words else ["--epochs", "3"]
        epocl(program, "train", "--data", known, "--target", target, "--ignore", ignored, *epochs,
              "--seed", "1", "--output", run, "--force", "--quiet", *words)
        if words:
            shown = subprocess.run([program, "inspect", run, "--json"], check=True, stdout=subprocess.PIPE).stdout
            members = len(json.loads(shown).get("members", []))
            checks.expect(members > 1, f"{name}: {members} members")
        epocl(program, "export", "--model", run, "--output", exported)
        epocl(program, "predict", "--model", run, "--data", new, "--proba", "--no-self-test", output=predictions)
        source = os.path.join(folder, f"{index}.c")
        epocl(program, "export", "--model", run, "--output", source, "--prefix", "net")
        check_model(checks, name, exported, is_core)
        paths.append(exported)
        has_classes = target in ("kind", "dear")
        *values, names = read_predictions(predictions, has_classes)
        check_names(checks, name, exported, names if has_classes else target.split(","))
        predicted.append((name, *values))
        check_outputs(checks, name, "ONNX Runtime", run_table.run(exported, columns), *predicted[-1][1:])
        check_outputs(checks, name, "C", run_c(source, columns), *predicted[-1][1:], C_TOLERANCE)
    subprocess.run([old_python, run_table.__file__, new, *paths], check=True)
    for path, (name, classes, outputs) in zip(paths, predicted):
        check_outputs(checks, name, "old ONNX Runtime", run_table.read(path), classes, outputs)
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
