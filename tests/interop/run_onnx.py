"""Runs ONNX models; needs onnxruntime and numpy alone.

Usage: run_onnx.py INPUTS.npy MODEL...    writes MODEL.npz with its outputs beside each
"""

import sys

import numpy as np
import onnxruntime


def run(path, inputs):
    """(label or None, probabilities or value) of an exported model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    values = dict(zip(names, session.run(names, {session.get_inputs()[0].name: inputs})))
    return values.get("label"), values[names[-1]]


def read(path):
    with np.load(path + ".npz") as found:
        return found.get("label"), found["values"]


def main():
    inputs = np.load(sys.argv[1])
    for path in sys.argv[2:]:
        label, values = run(path, inputs)
        np.savez(path + ".npz", values=values, **({} if label is None else {"label": label}))


if __name__ == "__main__":
    main()
