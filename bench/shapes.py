"""Measures with `epocl bench` how the rate of training depends on a network's width and on the batch size.

Writes bench/results/DATE-CPU-shapes.json, and beside it a plot for each batch size: DATE-CPU-shapes-bN.svg.
From the repository's root: python3 -m bench.shapes
"""

import argparse
import json
import shlex
import subprocess
from pathlib import Path

from bench import machine

BATCH_SIZES = (1, 8, 32, 128, 512)
WIDTHS = (1, 8192)
SAMPLES = 10000
INPUTS, CLASSES = 784, 10


def read_lines(process):
    """The JSON lines of a run, each told as it comes."""
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "bench" and "samples_per_second" in event:
            percent = event["peak_percent"]
            share = "" if percent is None else f", {percent:.1f} % of peak"
            print(f"{event['network']}, batch {event['batch_size']}: {event['samples_per_second']:.0f} samples/s{share}"
                  f" ({event['device']}, {event['plan']})", flush=True)
        yield event


def sweep_width(batch_size, plot, options):
    command = [machine.BUILD / "epocl", "bench", "--json", "--quiet", "--sweep", "width", "--plot", plot]
    command += ["--from", str(options.widths[0]), "--to", str(options.widths[1])]
    command += ["--net", f"{INPUTS},{options.widths[0]},{CLASSES}", "--batch-size", str(batch_size)]
    command += ["--samples", str(options.samples), "--seconds", str(options.seconds)]
    command += shlex.split(options.epocl)
    with machine.Disturbance() as disturbance:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            events = list(read_lines(process))
    if process.returncode != 0:
        print(f"epocl exited with {process.returncode}; its lines say why", flush=True)
    return {
        "batch_size": batch_size,
        "exit_status": process.returncode,
        "disturbing_cores": disturbance.cores,
        "plot": plot.name,
        "lines": events,
    }


def main():
    parser = argparse.ArgumentParser(prog="python3 -m bench.shapes", description=__doc__.splitlines()[0])
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=BATCH_SIZES)
    parser.add_argument("--widths", type=int, nargs=2, default=WIDTHS, metavar=("FROM", "TO"), help="each twice the last")
    parser.add_argument("--samples", type=int, default=SAMPLES, help=f"an epoch, at most; default: {SAMPLES}")
    parser.add_argument("--seconds", type=float, default=1, help="of timing for each point; default: 1")
    parser.add_argument("--epocl", default="", help="further options of `epocl bench`, as one argument")
    parser.add_argument("--output", type=Path, default=machine.result_path("-shapes"))
    options = parser.parse_args()

    result = {
        "schema": 1,
        "machine": machine.describe_machine(),
        "commit": machine.describe_commit(),
        "versions": machine.describe_versions(),
        "sweeps": [],
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    for batch_size in options.batch_sizes:
        plot = options.output.with_name(f"{options.output.stem}-b{batch_size}.svg")
        result["sweeps"].append(sweep_width(batch_size, plot, options))
        machine.write_result(options.output, result)
    print(options.output)


if __name__ == "__main__":
    main()
