"""The same as predict.c by ONNX Runtime, all rows in one call, on all cores.

Usage: onnx_session.py MODEL.onnx ROWS.f32 INPUTS OUTPUTS OUTPUT.f32 SECONDS COUNT..."""

import os
import statistics
import sys
import time

import numpy
import onnxruntime

MOST_RUNS, LEAST_RUNS, WARM_RUNS = 10000, 10, 3


def main():
    model, rows_file, inputs, _, output_file, most_seconds = sys.argv[1:7]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0))
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name, wanted = session.get_inputs()[0].name, [session.get_outputs()[-1].name]
    values = numpy.fromfile(rows_file, numpy.float32).reshape(-1, int(inputs))
    for count in map(int, sys.argv[7:]):
        rows, seconds = numpy.ascontiguousarray(values[:count]), []
        for _ in range(WARM_RUNS):
            predicted = session.run(wanted, {name: rows})[0]
        end = time.perf_counter() + float(most_seconds)
        while len(seconds) < MOST_RUNS and (len(seconds) < LEAST_RUNS or time.perf_counter() < end):
            start = time.perf_counter()
            predicted = session.run(wanted, {name: rows})[0]
            seconds.append(time.perf_counter() - start)
        print(count, f"{min(seconds):.9f} {statistics.median(seconds):.9f}", flush=True)
    predicted.astype(numpy.float32).tofile(output_file)


main()
