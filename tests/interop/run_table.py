"""Runs ONNX models that take the columns of a table; needs onnxruntime and numpy alone.

Usage: run_table.py TABLE.csv MODEL...    writes MODEL.npz with its outputs beside each
"""

import csv
import sys

import numpy as np
import onnxruntime

from run_onnx import read  # noqa: F401  (as run_onnx.py keeps outputs)


def column(values, is_number):
    if is_number:
        return np.array([[float(v) if v else np.nan] for v in values], np.float32)
    return np.array([[v] for v in values], object)


def run(path, columns):
    """(label or None, probabilities or value) of an exported model; columns are texts by name."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    feed = {}
    for taken in session.get_inputs():
        name = taken.name if taken.name in columns else taken.name.rstrip("_")
        feed[taken.name] = column(columns[name], taken.type == "tensor(float)")
    values = dict(zip(names, session.run(names, feed)))
    return values.get("label"), values[names[-1]]


def main():
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    columns = dict(zip(names, zip(*rows)))
    for path in sys.argv[2:]:
        label, values = run(path, columns)
        np.savez(path + ".npz", values=values, **({} if label is None else {"label": label.astype(str)}))


if __name__ == "__main__":
    main()
