"""Measures how fast many small networks are trained at once: 64 of each of two shapes, by epocl and by peers.

Writes bench/results/DATE-CPU-many.json and prints a table. From the repository's root, in the virtual environment that
bench/peers/run.sh makes: python -m bench.many
"""

import argparse
import dataclasses
import json
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy

from bench import epocl_runs, machine
from bench.networks import Network, Recipe, ADAM

MEMBERS = 64
TABLE_SAMPLES, TABLE_CLASSES = 50000, 2
ADAMW = Recipe("adamw", "relu", "softmax-cross-entropy", "adamw")
VALIDATION = 0.002  # of the samples: a sweep ranks by them, and they should take no time
PEERS = ("torch", "jax", "joblib")
TIMEOUT_SECONDS = 1800


@dataclasses.dataclass(frozen=True)
class Many:
    """Networks that differ in their seed, and so in their first weights and in the order of their samples."""

    network: Network
    epochs: int  # timed


MANY = {
    "S": Many(Network("S", (784, 30, 10), 10, 0.001, ADAM), 2),
    "S-sgd": Many(Network("S-sgd", (784, 30, 10), 10, 0.3), 2),
    "table": Many(Network("table", (30, 128, 128, TABLE_CLASSES), 256, 0.001, ADAMW), 4),
}


def table_data(samples=TABLE_SAMPLES, inputs=30):
    """Noise with a rule of two of its columns."""
    generator = numpy.random.default_rng(1)
    x = generator.standard_normal((samples, inputs)).astype(numpy.float32)
    y = (x[:, 0] * x[:, 1] + 0.5 * x[:, 2] + 0.3 * generator.standard_normal(samples) > 0).astype(numpy.uint8)
    return x, y


def data_files(many, folder):
    """IDX files of inputs and labels."""
    if many.network.units[0] == 784:
        return epocl_runs.IMAGES, epocl_runs.LABELS
    x, y = table_data()
    images, labels = Path(folder) / "inputs", Path(folder) / "labels"
    images.write_bytes(bytes([0, 0, 13, 2]) + numpy.array(x.shape, ">u4").tobytes() + x.astype(">f4").tobytes())
    labels.write_bytes(bytes([0, 0, 8, 1]) + numpy.array(y.shape, ">u4").tobytes() + y.tobytes())
    return images, labels


def epocl(many, members, options=""):
    """Samples a second of all members together, from the first launch to the last result; a first sweep of one epoch
    leaves the compiled kernels in their cache."""
    network = many.network
    with tempfile.TemporaryDirectory() as folder:
        images, labels = data_files(many, folder)

        def sweep(epochs):
            command = [machine.BUILD / "epocl", "sweep", "--data", images, "--labels", labels]
            command += ["--recipe", "seed", *network.recipe.epocl_options, "--halving", "off"]
            command += ["--hidden", ",".join(str(count) for count in network.units[1:-1])]
            command += ["--batch-size", str(network.batch_size), "--learning-rate", str(network.learning_rate)]
            command += ["--seeds", str(members), "--valid-split", str(VALIDATION), "--epochs", str(epochs)]
            command += ["--checkpoint-every", "1h", "--output", Path(folder) / "sweep", "--force", "--json", "--quiet"]
            output, error, status, peak = epocl_runs.run_to_end(command + shlex.split(options), folder)
            if status != 0:
                raise RuntimeError(error.strip() or f"epocl exited with {status}")
            return [json.loads(line) for line in output.splitlines()], peak

        sweep(1)
        events, peak = sweep(many.epochs)
    done = events[-1]
    costs = [event["train_cost"] for event in events if event["event"] == "epoch"]
    if not max(costs[-members:]) < max(costs[:members]):
        raise RuntimeError("the costs do not fall: the times are void")
    return {
        "samples_per_second": round(done["trained_samples"] / done["train_seconds"], 1),
        "workers": events[0]["workers"],
        "peak_bytes": peak,
    }


def peer(name, key, members, seconds):
    command = [sys.executable, "-m", f"bench.peers.many_{name}", key, "--members", str(members),
               "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "it failed")
    return json.loads(done.stdout.splitlines()[-1])


def measure(name, key, members, options):
    with machine.Disturbance() as disturbance:
        try:
            run = epocl(MANY[key], members, options.epocl) if name == "epocl" else \
                peer(name, key, members, options.seconds)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            run = {"error": str(error)}
    run |= {"peer": name, "networks": key, "members": members, "disturbing_cores": disturbance.cores}
    print(json.dumps(run), flush=True)
    return run


def summarize(runs, peak_gflops):
    rows = []
    for key, many in MANY.items():
        for name in ("epocl", *PEERS):
            speeds = [run["samples_per_second"] for run in runs
                      if run["peer"] == name and run["networks"] == key and "samples_per_second" in run
                      and run["members"] == max(each["members"] for each in runs)]
            if speeds:
                speed = statistics.median(speeds)
                share = 100 * 1e-9 * many.network.flop_per_sample * speed / peak_gflops
                rows.append({"networks": key, "peer": name, "samples_per_second": speed,
                             "percent_of_peak": round(share, 1)})
    own = {row["networks"]: row["samples_per_second"] for row in rows if row["peer"] == "epocl"}
    for row in rows:
        row["epocl_is_faster"] = round(own.get(row["networks"], 0) / row["samples_per_second"], 2)
    return rows


def markdown(result):
    lines = ["| networks | peer | samples/s | % of peak | epocl is faster |", "|---|---|---:|---:|---:|"]
    lines += [f"| {result['members']} of {row['networks']} | {row['peer']} | {row['samples_per_second']:,.0f} | "
              f"{row['percent_of_peak']} | {row['epocl_is_faster']} x |" for row in result["summary"]]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(prog="python3 -m bench.many", description=__doc__.splitlines()[0])
    listed = lambda text: text.split(",")
    parser.add_argument("--rounds", type=int, default=2, help="in which all take turns; default: 2")
    parser.add_argument("--members", type=int, default=MEMBERS, help=f"default: {MEMBERS}")
    parser.add_argument("--networks", type=listed, default=list(MANY), help="of " + ",".join(MANY))
    parser.add_argument("--peers", type=listed, default=list(PEERS), help="of " + ",".join(PEERS))
    parser.add_argument("--seconds", type=float, default=10, help="a peer's share of an epoch lasts; default: 10")
    parser.add_argument("--epocl", default="", help="further options of `epocl sweep`, as one argument")
    parser.add_argument("--output", type=Path, default=machine.result_path("-many"))
    options = parser.parse_args()

    runs, peaks = [], []
    for _ in range(options.rounds):
        for key in options.networks:
            peaks.append(machine.measure_peak())
            for members in sorted({2, options.members // 4, options.members} - {0, 1}):
                runs.append(measure("epocl", key, members, options))  # linear in members?
            runs += [measure(name, key, options.members, options) for name in options.peers]
    result = {
        "schema": 1,
        "machine": machine.describe_machine(),
        "commit": machine.describe_commit(),
        "versions": machine.describe_versions(),
        "peak_gflops": max(peaks),
        "members": options.members,
        "summary": summarize(runs, max(peaks)),
        "runs": runs,
    }
    machine.write_result(options.output, result)
    print(f"\n{options.output}\n\n{markdown(result)}")
    sys.exit(1 if any("error" in run for run in runs) else 0)


if __name__ == "__main__":
    main()
