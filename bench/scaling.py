"""Measures how the time of an epoch grows with the samples and with the width of a network, and the memory of a run.

Writes bench/results/DATE-CPU-scaling.json and prints tables. From the repository's root: python3 -m bench.scaling
"""

import argparse
import gzip
import statistics
import struct
import tempfile
from pathlib import Path

from bench import epocl_runs, machine
from bench.networks import NETWORKS, Network

SAMPLE_COUNTS = (10000, 20000, 30000, 40000, 50000, 60000)
WIDTHS = (32, 64, 128, 256, 512, 1024, 2048)
WIDTH_BATCH_SIZE = 128
EPOCHS = 5
MEMORY_EPOCHS = (2, 20, 200)
INPUTS, CLASSES = 784, 10


def write_first_samples(source, target, count):
    """The first samples of an IDX file, as a plain one."""
    with gzip.open(source) as file:
        magic = file.read(4)
        _, *dimensions = struct.unpack(f">{magic[3]}I", file.read(4 * magic[3]))
        sample_bytes = 1
        for dimension in dimensions:
            sample_bytes *= dimension
        header = magic + struct.pack(f">{magic[3]}I", count, *dimensions)
        target.write_bytes(header + file.read(count * sample_bytes))


def measure(network, epochs, images=epocl_runs.IMAGES, labels=epocl_runs.LABELS, options=""):
    with machine.Disturbance() as disturbance:
        run = epocl_runs.train(network, epochs, images, labels, options)
    seconds = run["epoch_seconds"]
    return {
        "shape": network.shape,
        "batch_size": network.batch_size,
        "epoch_seconds": round(statistics.median(seconds), 6),
        "epoch_seconds_min": round(min(seconds), 6),
        "epoch_seconds_max": round(max(seconds), 6),
        "plan": run["plan"],
        "disturbing_cores": disturbance.cores,
    }


def sweep_samples(network, options):
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        images, labels = Path(folder) / "images", Path(folder) / "labels"
        for count in SAMPLE_COUNTS:
            write_first_samples(epocl_runs.IMAGES, images, count)
            write_first_samples(epocl_runs.LABELS, labels, count)
            row = {"samples": count} | measure(network, options.epochs, images, labels, options.epocl)
            row["microseconds_a_sample"] = round(1e6 * row["epoch_seconds"] / count, 4)
            rows.append(row)
            print(f"{count} samples: {row['epoch_seconds']:.4f} s", flush=True)
    return rows


def sweep_width(peak_gflops, options):
    rows = []
    for width in WIDTHS:
        network = Network("width", (INPUTS, width, CLASSES), WIDTH_BATCH_SIZE, 0.3)
        row = {"width": width} | measure(network, options.epochs, options=options.epocl)
        row["parameters"] = width * (INPUTS + 1) + CLASSES * (width + 1)
        gflops = 1e-9 * network.flop_per_sample * max(SAMPLE_COUNTS) / row["epoch_seconds"]
        row["gflops"] = round(gflops, 2)
        row["percent_of_peak"] = round(100 * gflops / peak_gflops, 1)
        row["nanoseconds_a_parameter"] = round(1e9 * row["epoch_seconds"] / row["parameters"], 2)
        rows.append(row)
        print(f"width {width}: {row['epoch_seconds']:.4f} s, {row['percent_of_peak']} % of peak", flush=True)
    return rows


def sweep_epochs(network, options):
    """The most memory of the process: constant over epochs."""
    rows = []
    for epochs in MEMORY_EPOCHS:
        run = epocl_runs.train(network, epochs - 1, options=options.epocl)
        rows.append({"epochs": epochs, "mebibytes": round(run["peak_bytes"] / 2**20, 1)})
        print(f"{rows[-1]['epochs']} epochs: {rows[-1]['mebibytes']} MiB", flush=True)
    return rows


def fit_line(xs, ys):
    """Least squares: slope, intercept and the share of the variance that the line explains."""
    mean_x, mean_y = statistics.mean(xs), statistics.mean(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys)) / spread
    intercept = mean_y - slope * mean_x
    unexplained = sum((y - intercept - slope * x) ** 2 for x, y in zip(xs, ys))
    return slope, intercept, 1 - unexplained / sum((y - mean_y) ** 2 for y in ys)


def table(heads, rows, keys):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---:|" * (len(heads) - 1) + "---|"]
    lines += ["| " + " | ".join(str(row[key]) for key in keys) + " |" for row in rows]
    return "\n".join(lines)


def markdown(result):
    slope, intercept, explained = result["samples_line"]
    network = result["samples"][0]
    return "\n\n".join([
        f"{network['shape']}, batch {network['batch_size']}: {1e6 * slope:.2f} µs a sample and {1e3 * intercept:.2f} ms "
        f"an epoch; this line explains {100 * explained:.2f} % of the variance.",
        table(("samples", "seconds an epoch", "µs a sample", "plan"), result["samples"],
              ("samples", "epoch_seconds", "microseconds_a_sample", "plan")),
        "The most memory of the process: " +
        ", ".join(f"{row['mebibytes']} MiB in {row['epochs']} epochs" for row in result["epochs"]) + ".",
        f"{INPUTS}-width-{CLASSES}, batch {WIDTH_BATCH_SIZE}, {max(SAMPLE_COUNTS)} samples:",
        table(("width", "parameters", "seconds an epoch", "ns a parameter", "% of peak", "plan"), result["widths"],
              ("width", "parameters", "epoch_seconds", "nanoseconds_a_parameter", "percent_of_peak", "plan")),
    ])


def main():
    parser = argparse.ArgumentParser(prog="python3 -m bench.scaling", description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"timed, after a first one; default: {EPOCHS}")
    parser.add_argument("--network", choices=NETWORKS, default="M1", help="of the sweep over samples; default: M1")
    parser.add_argument("--epocl", default="", help="further options of `epocl train`, as one argument")
    parser.add_argument("--output", type=Path, default=machine.result_path("-scaling"))
    options = parser.parse_args()

    result = {
        "schema": 1,
        "machine": machine.describe_machine(),
        "commit": machine.describe_commit(),
        "versions": machine.describe_versions(),
        "peak_gflops": machine.measure_peak(),
    }
    result["samples"] = sweep_samples(NETWORKS[options.network], options)
    result["samples_line"] = fit_line([row["samples"] for row in result["samples"]],
                                      [row["epoch_seconds"] for row in result["samples"]])
    result["widths"] = sweep_width(result["peak_gflops"], options)
    result["epochs"] = sweep_epochs(NETWORKS[options.network], options)
    machine.write_result(options.output, result)
    print(f"\n{options.output}\n\n{markdown(result)}")


if __name__ == "__main__":
    main()
