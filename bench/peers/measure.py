"""Measures epocl and its peers on the four networks with both recipes, in turn, and writes bench/results/DATE-CPU.json.

Runs from the repository's root, in the virtual environment that run.sh makes: python -m bench.peers.measure --help
"""

import argparse
import importlib.metadata
import json
import math
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench import epocl_runs, machine
from bench.networks import NETWORKS, SEED_NETWORKS
from bench.peers import table

PYTHON_PACKAGES = ("torch", "jax", "jaxlib", "numpy", "scikit-learn", "tinygrad")
LEAST_STEPS = 200  # timed in all rounds together, however slow a peer is
EPOCL_EPOCHS = {"S": 30, "M1": 30, "M": 3, "L": 3}  # timed a round, after one that warms up: a second at least
TIMEOUT_SECONDS = 900
TRIES = 3  # of a run that other processes disturb


@dataclass(frozen=True)
class Peer:
    module: str
    argument: str = ""
    environment: dict = field(default_factory=dict)
    networks: tuple = SEED_NETWORKS
    cores: int = 0  # that it may use; 0: all
    is_default: bool = True


def blas_environment():
    """OpenBLAS of some distributions does not know newer processors and then takes its slowest code."""
    flags = machine.cpu_flags()
    core = "SKYLAKEX" if "avx512f" in flags else "HASWELL" if "avx2" in flags else None
    # Its threads are not OpenMP's: those must sleep while it works.
    return {"OMP_WAIT_POLICY": "passive"} | ({"OPENBLAS_CORETYPE": core} if core else {})


def tinygrad_environment(device, **more):
    return {"DEV": device, "CACHEDB": str((machine.BUILD / "peers" / "tinygrad.db").absolute())} | more


PEERS = {
    "torch-eager": Peer("torch_eager", networks=tuple(NETWORKS)),
    "torch-compile": Peer("torch_compile"),
    "jax-step": Peer("jax_step", networks=tuple(NETWORKS)),
    "jax-scan": Peer("jax_scan", networks=tuple(NETWORKS)),
    "jax-scan-1": Peer("jax_scan", cores=1, networks=("S", "M1", "S-adam", "M1-adam")),  # faster than with all on small networks
    "openblas": Peer("c_loop", "openblas", blas_environment()),
    "onednn": Peer("c_loop", "onednn"),
    "scikit-learn": Peer("sklearn_mlp", networks=tuple(NETWORKS)),
    "tinygrad-cpu": Peer("tinygrad_jit", environment=tinygrad_environment("CPU")),
    "tinygrad-llvm": Peer("tinygrad_jit", environment=tinygrad_environment("CPU:LLVM"), is_default=False),
    "tinygrad-cl": Peer("tinygrad_jit", environment=tinygrad_environment("CL")),
    "tinygrad-beam": Peer("tinygrad_jit", environment=tinygrad_environment("CPU", BEAM="2"), is_default=False),
    "fann": Peer("fann_loop", networks=("S", "M1")),
}


def run_peer(peer, network, options, seed):
    environment = dict(os.environ)
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        environment.pop(name, None)
    environment |= peer.environment
    command = [sys.executable, "-m", f"bench.peers.{peer.module}"] + ([peer.argument] if peer.argument else [])
    command += [network.name, "--epochs", str(options.epochs), "--seconds", str(options.seconds), "--seed", str(seed)]
    command += ["--least-steps", str(math.ceil(options.least_steps / options.rounds))]
    if peer.cores:
        command = ["taskset", "--cpu-list", ",".join(map(str, sorted(os.sched_getaffinity(0))[: peer.cores]))] + command
    run = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=TIMEOUT_SECONDS)
    if run.returncode != 0:
        raise RuntimeError((run.stderr.strip().splitlines() or [f"exit status {run.returncode}"])[-1])
    return json.loads(run.stdout.splitlines()[-1])


def measure_one(key, network, options, round_number):
    """One line of the result; an error is a result, too."""
    start = time.perf_counter()
    with machine.Disturbance() as disturbance:
        try:
            if key == "epocl":
                result = epocl_runs.train(network, EPOCL_EPOCHS[network.name.partition("-")[0]], options=options.epocl)
            else:
                result = run_peer(PEERS[key], network, options, seed=round_number)
        except (RuntimeError, subprocess.TimeoutExpired, json.JSONDecodeError) as error:
            result = {"peer": key, "network": network.name, "error": str(error)}
    result = {"key": key, "round": round_number} | result | {"disturbing_cores": disturbance.cores}
    told = result.get("error") or f"{statistics.median(result['epochs']):,.0f} samples/s"
    seconds = time.perf_counter() - start
    print(f"round {round_number}  {network.name:7}  {key:14} {told}  ({seconds:.0f} s, {disturbance.cores:.2f} cores "
          "taken by others)", flush=True)
    return result


def measure_undisturbed(key, network, options, round_number):
    """Repeats a run that other processes disturbed; keeps the least disturbed one."""
    tries = []
    while len(tries) < TRIES:
        tries.append(measure_one(key, network, options, round_number))
        if tries[-1]["disturbing_cores"] <= options.tolerate:
            break
    return min(tries, key=lambda result: result["disturbing_cores"])


def summarize(runs, keys, peak_gflops):
    """Medians over all epochs of all rounds."""
    rows = []
    for network in NETWORKS.values():
        for key in keys:
            of_key = [run for run in runs if run["key"] == key and run["network"] == network.name]
            rates = [rate for run in of_key for rate in run.get("epochs", [])]
            if not rates:
                continue
            median = statistics.median(rates)
            gflops = 1e-9 * median * network.flop_per_sample
            rows.append({
                "network": network.name,
                "key": key,
                "peer": next(run["peer"] for run in of_key if "epochs" in run),
                "version": next(run["version"] for run in of_key if "epochs" in run),
                "median": round(median, 1),
                "min": min(rates),
                "max": max(rates),
                "epochs": len(rates),
                "disturbing_cores": max(run["disturbing_cores"] for run in of_key),
                "gflops": round(gflops, 2),
                "percent_of_peak": round(100 * gflops / peak_gflops, 1),
            })
    epocl = {row["network"]: row["median"] for row in rows if row["key"] == "epocl"}
    for row in rows:
        if row["network"] in epocl:
            row["times_slower_than_epocl"] = round(epocl[row["network"]] / row["median"], 2)
    return rows


def parse_options():
    def listed(text):
        return text.split(",")

    parser = argparse.ArgumentParser(prog="bench/peers/run.sh", description="Measures epocl and its peers in turn.")
    parser.add_argument("--rounds", type=int, default=3, help="default: 3")
    parser.add_argument("--networks", type=listed, default=list(NETWORKS), help="default: " + ",".join(NETWORKS))
    defaults = [key for key, peer in PEERS.items() if peer.is_default]
    parser.add_argument("--peers", type=listed, default=defaults, help="of " + ",".join(PEERS))
    parser.add_argument("--epochs", type=int, default=2, help="of a peer, timed a round, after warming up; default: 2")
    parser.add_argument("--seconds", type=float, default=10,
                        help="a peer's epoch that takes longer is cut; default: 10")
    parser.add_argument("--least-steps", type=int, default=LEAST_STEPS,
                        help=f"of a peer, timed in all rounds together, however slow; default: {LEAST_STEPS}")
    parser.add_argument("--tolerate", type=float, default=0.1, metavar="CORES",
                        help="a run is repeated when other processes take more; default: 0.1")
    parser.add_argument("--epocl", default="", help="further options of `epocl train`, as one argument")
    parser.add_argument("--output", type=Path, default=machine.result_path(),
                        help="default: bench/results/DATE-CPU.json")
    options = parser.parse_args()
    for given, known in ((options.networks, NETWORKS), (options.peers, PEERS)):
        for name in given:
            if name not in known:
                parser.error(f"'{name}' is not one of {', '.join(known)}")
    return options


def main():
    options = parse_options()
    keys = ["epocl"] + options.peers
    result = {
        "schema": 1,
        "machine": machine.describe_machine(),
        "commit": machine.describe_commit(),
        "versions": machine.describe_versions({name: importlib.metadata.version(name) for name in PYTHON_PACKAGES}),
        "settings": {"rounds": options.rounds, "epochs": options.epochs, "seconds": options.seconds,
                     "least_steps": options.least_steps, "epocl": options.epocl},
        "networks": {name: {"shape": NETWORKS[name].shape, "batch_size": NETWORKS[name].batch_size,
                            "learning_rate": NETWORKS[name].learning_rate, "recipe": NETWORKS[name].recipe.name,
                            "flop_per_sample": NETWORKS[name].flop_per_sample} for name in options.networks},
    }
    peaks, runs = [], []
    for round_number in range(1, options.rounds + 1):
        for name in options.networks:
            peaks.append(machine.measure_peak())
            for key in keys:
                if key == "epocl" or name in PEERS[key].networks:
                    runs.append(measure_undisturbed(key, NETWORKS[name], options, round_number))
    result["peak_gflops"] = {"best": max(peaks), "median": statistics.median(peaks), "min": min(peaks)}
    result["device"] = next((run["device"] for run in runs if "device" in run), None)
    result["summary"] = summarize(runs, keys, max(peaks))
    result["runs"] = runs
    machine.write_result(options.output, result)
    print(f"\n{options.output}\n\n{table.markdown(result, options.output)}")
    errors = [run for run in runs if "error" in run]
    for run in errors:
        print(f"not measured: {run['key']} on {run['network']}, round {run['round']}: {run['error']}", file=sys.stderr)
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
