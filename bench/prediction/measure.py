"""Measures how fast a trained network predicts rows in memory: epocl's predictor and ONNX Runtime on the same model,
the same rows of floats and all cores, in turn. Writes bench/results/DATE-CPU-prediction.json.

Usage: bench/prediction/run.sh [--networks M,L] [--rounds 3] [--no-file]
"""

import argparse
import statistics
import subprocess
import sys
from importlib import metadata

import numpy

from bench import machine
from bench.epocl_runs import IMAGES, LABELS
from bench.idx import read_idx
from bench.networks import NETWORKS, SHAPES

FOLDER = machine.BUILD / "prediction"
COUNTS = (1, 16, 128, 1024, 10000)  # rows of a call
PROGRAMS = {
    "epocl": [FOLDER / "predict"],
    "ONNX Runtime": [sys.executable, "bench/prediction/onnx_session.py"],
}


def make_model(network):
    """Trained by `epocl train` for an epoch; a file for each program."""
    run = FOLDER / network.name
    subprocess.run([machine.BUILD / "epocl", "train", "--data", IMAGES, "--labels", LABELS, "--recipe", "seed", "--epochs", "1",
                    "--hidden", ",".join(map(str, network.units[1:-1])), "--batch-size", str(network.batch_size),
                    "--learning-rate", str(network.learning_rate), *network.recipe.epocl_options,
                    "--output", run, "--force", "--quiet"], check=True)
    onnx = run / "model.onnx"
    onnx.unlink(missing_ok=True)
    subprocess.run([machine.BUILD / "epocl", "export", run, "--output", onnx], check=True, stdout=subprocess.DEVNULL)
    return {"epocl": run / "model.safetensors", "ONNX Runtime": onnx}


def measure(program, model, network, seconds):
    output = FOLDER / "outputs.f32"
    words = [model, FOLDER / "rows.f32", network.units[0], network.units[-1], output, seconds, *COUNTS]
    printed = subprocess.run([*PROGRAMS[program], *map(str, words)], check=True, capture_output=True, text=True).stdout
    times = {int(count): {"least": float(least), "median": float(median)}
             for count, least, median in map(str.split, printed.splitlines())}
    return times, numpy.fromfile(output, numpy.float32)


def rate_cell(name, network, count, runs, peak):
    median = {key: statistics.median(run["times"][count]["median"] for run in runs
                                     if run["network"] == network.name and run["program"] == key) for key in PROGRAMS}
    flop = 2 * sum(below * above for below, above in zip(network.units, network.units[1:]))
    times = "" if name == "epocl" else f" · {median[name] / median['epocl']:.2f}×"
    return f"{median[name] * 1e3:.2f} ms · {flop * count / median[name] / peak / 1e9:.0%}{times}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", default=",".join(SHAPES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each count of rows")
    parser.add_argument("--no-file", action="store_true")
    given = parser.parse_args()
    networks = [NETWORKS[f"{name}-adam"] for name in given.networks.split(",")]
    read_idx("t10k-images-idx3").reshape(max(COUNTS), -1).astype(numpy.float32).tofile(FOLDER / "rows.f32")
    models = {network.name: make_model(network) for network in networks}
    result = {"machine": machine.describe_machine(), "commit": machine.describe_commit(),
              "versions": machine.describe_versions({"onnxruntime": metadata.version("onnxruntime")})}
    runs, peaks = [], []
    with machine.Disturbance() as disturbance:
        for _ in range(given.rounds):
            for network in networks:
                peaks.append(machine.measure_peak())
                outputs = {}
                for name in PROGRAMS:
                    times, outputs[name] = measure(name, models[network.name][name], network, given.seconds)
                    runs.append({"network": network.name, "program": name, "times": times})
                difference = float(numpy.abs(outputs["epocl"] - outputs["ONNX Runtime"]).max())
                if not difference < 1e-4:
                    sys.exit(f"{network.name}: the outputs differ by {difference}")
    peak = max(peaks)
    result |= {"rounds": given.rounds, "peak_gflops": peak, "disturbing_cores": disturbance.cores, "runs": runs}
    for network in networks:
        print(f"\n| {network.shape}, rows of a call | " + " | ".join(map(str, COUNTS)) + " |\n|---" + "|---:" * len(COUNTS) + "|")
        for name in PROGRAMS:
            print(f"| {name} | " + " | ".join(rate_cell(name, network, count, runs, peak) for count in COUNTS) + " |")
    print(f"\nTime of a call, the median of {given.rounds} rounds · share of the peak of {peak:.0f} GFLOP/s · how many times "
          f"faster epocl is. Other processes took {disturbance.cores} cores.")
    if not given.no_file:
        machine.write_result(machine.result_path("-prediction"), result)


main()
