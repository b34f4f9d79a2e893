"""epocl on a GPU, each way by itself, and its peers there: the four networks with both recipes. Prints a table.

Usage: BUILD=build python3 -m bench.gpu [--ways auto,merged] [--peers jax-scan,torch-graph] [--networks S,M] [--json FILE]
Peers are modules of bench.peers, in a Python that has PyTorch and JAX for that GPU.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from bench import epocl_runs
from bench.networks import NETWORKS

EPOCHS = 8  # timed, after one that warms up; the best counts
WAYS = {
    "auto": "",
    "layered": "--plan layered",
    "merged": "--plan merged",
    "plain, layered": "--plan layered --matmul plain",
    "plain, merged": "--plan merged --matmul plain",
    "blocks, layered": "--plan layered --matmul local",
    "blocks, merged": "--plan merged --matmul local",
}
PEERS = {
    "torch-eager": ("torch_eager", {}),
    "torch-graph": ("torch_graph", {}),
    "jax-scan": ("jax_scan", {"JAX_DEFAULT_MATMUL_PRECISION": "highest"}),  # else it multiplies in TF32
    "jax-scan-tf32": ("jax_scan", {}),
}


def run_epocl(options, network):
    return epocl_runs.train(network, EPOCHS, options=f"--device gpu {options}")


def run_peer(name, network):
    module, more = PEERS[name]
    environment = dict(os.environ) | {"PEERS_DEVICE": "cuda", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"} | more
    command = [sys.executable, "-m", f"bench.peers.{module}", network.name, "--epochs", str(EPOCHS), "--seconds", "1"]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if run.returncode != 0:
        raise RuntimeError((run.stderr.strip().splitlines() or [f"exit status {run.returncode}"])[-1])
    return json.loads(run.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ways", default="auto", help="; ".join(WAYS) + "; or options of epocl train")
    parser.add_argument("--peers", default="", help=", ".join(PEERS))
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--json", type=Path, help="all that was measured")
    given = parser.parse_args()
    ways = [(f"epocl, {way}", run_epocl, WAYS.get(way, way)) for way in given.ways.split(";") if way]
    peers = [(name, run_peer, name) for name in given.peers.split(",") if name]
    names, results = given.networks.split(","), []
    print("| samples/s, the best epoch | " + " | ".join(names) + " |\n|---" + "|---:" * len(names) + "|", flush=True)
    for label, run, argument in ways + peers:
        cells = []
        for name in names:
            try:
                result = run(argument, NETWORKS[name])
                cells.append(f"{max(result['epochs']):,.0f}")
            except (RuntimeError, json.JSONDecodeError) as error:
                result = {"network": name, "error": str(error)}
                cells.append("-")
            results.append({"way": label} | result)
            told = result.get("error") or result.get("plan", "")
            print(f"{label}, {name}: {cells[-1]} {told}, start-up {result.get('start_up_seconds', '-')} s", file=sys.stderr, flush=True)
        print(f"| {label} | " + " | ".join(cells) + " |", flush=True)
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
