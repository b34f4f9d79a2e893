"""Runs of the program epocl."""

import json
import os
import shlex
import subprocess
import tempfile
import time
from pathlib import Path

from bench.machine import BUILD

DATA = Path(os.environ.get("EPOCL_DATA", "/usr/share/datasets/fashion-mnist"))
IMAGES = DATA / "train-images-idx3-ubyte.gz"
LABELS = DATA / "train-labels-idx1-ubyte.gz"


def run_to_end(command, folder):
    """Standard output, standard error, exit status, and the most memory that it had, in bytes."""
    with open(Path(folder) / "output", "w+") as output, open(Path(folder) / "error", "w+") as error:
        process = subprocess.Popen(command, stdout=output, stderr=error, text=True)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        error.seek(0)
        return output.read(), error.read(), process.returncode, 1024 * usage.ru_maxrss


def train(network, epochs, images=IMAGES, labels=LABELS, options=""):
    """Trains and returns what the run tells; the first epoch warms up and is not among `epochs`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [BUILD / "epocl", "train", "--data", images, "--labels", labels]
        command += ["--hidden", ",".join(str(count) for count in network.units[1:-1])]
        command += ["--batch-size", str(network.batch_size), "--learning-rate", str(network.learning_rate)]
        command += ["--recipe", "seed"] + network.recipe.epocl_options
        command += ["--epochs", str(epochs + 1), "--output", Path(folder) / "run", "--json", "--quiet"]
        command += shlex.split(options)
        start = time.perf_counter()
        output, error, status, peak_bytes = run_to_end(command, folder)
        wall_seconds = time.perf_counter() - start
        if status != 0:
            raise RuntimeError(error.strip() or f"epocl exited with {status}")
        config = json.loads((Path(folder) / "run" / "config.json").read_text())
    events = [json.loads(line) for line in output.splitlines()]
    told = [event for event in events if event["event"] == "epoch"]
    first_cost, last_cost = told[0]["train_cost"], told[-1]["train_cost"]
    if not last_cost < first_cost:
        raise RuntimeError(f"the cost went from {first_cost} to {last_cost}: the times are void")
    return {
        "peer": "epocl",
        "version": config["epocl"],
        "network": network.name,
        "epochs": [round(epoch["samples_per_second"], 1) for epoch in told[1:]],
        "epoch_seconds": [epoch["seconds"] for epoch in told[1:]],
        "train_cost": last_cost,
        "start_up_seconds": round(wall_seconds - sum(epoch["seconds"] for epoch in told), 3),
        "plan": config["plan"],
        "peak_bytes": peak_bytes,
        "device": {key: config["device"][key] for key in ("name", "platform_name", "device_version", "driver_version")},
    }
