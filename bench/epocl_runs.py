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


def train(network, epochs, images=IMAGES, labels=LABELS, options=""):
    """Trains and returns what the run tells; the first epoch warms up and is not among `epochs`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [BUILD / "epocl", "train", "--data", images, "--labels", labels]
        command += ["--hidden", ",".join(str(count) for count in network.units[1:-1])]
        command += ["--batch-size", str(network.batch_size), "--learning-rate", str(network.learning_rate)]
        command += ["--epochs", str(epochs + 1), "--output", folder, "--json", "--force", "--quiet"]
        command += shlex.split(options)
        start = time.perf_counter()
        run = subprocess.run(command, capture_output=True, text=True)
        wall_seconds = time.perf_counter() - start
        if run.returncode != 0:
            raise RuntimeError(run.stderr.strip() or f"epocl exited with {run.returncode}")
        config = json.loads((Path(folder) / "config.json").read_text())
    events = [json.loads(line) for line in run.stdout.splitlines()]
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
        "device": {key: config["device"][key] for key in ("name", "platform_name", "device_version", "driver_version")},
    }
