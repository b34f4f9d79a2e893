#!/usr/bin/env python3
"""Measures how fast tables of numbers are read: epocl and its peers, each in a process of its own and on one thread,
from a file in the page cache. Prints MB of the file a second of processor time (user and system), and the memory held
at most as multiples of the same numbers as 32-bit floats.

Usage: measure.py --epocl PROGRAM [--values 10000000] [--rounds 3] [--folder FOLDER] [--no-peers]
"""
import argparse
import os
import subprocess
import sys
from pathlib import Path

import numpy

# What a peer's process runs; FILE is the file. What it imports is not timed.
PEERS = {
    "pandas": "import pandas", "pandas, pyarrow engine": "import pandas, pyarrow",
    "DuckDB": "import duckdb, numpy", "Polars": "import polars", "LightGBM": "import lightgbm",
}
READS = {
    "pandas": "data = pandas.read_csv(FILE, dtype='float32')",
    "pandas, pyarrow engine": "pyarrow.set_cpu_count(1); data = pandas.read_csv(FILE, engine='pyarrow')",
    "DuckDB": "duckdb.execute('set threads to 1'); data = duckdb.read_csv(FILE).fetchnumpy()",
    "Polars": "data = polars.read_csv(FILE)",
    "LightGBM": "data = lightgbm.Dataset(FILE, params={'header': True, 'num_threads': 1, 'verbose': -1}).construct()",
}
TIMED = """
import re, resource
FILE = {file!r}
{imports}
def used():
    own = resource.getrusage(resource.RUSAGE_SELF)
    held = re.search("VmHWM:[^0-9]*([0-9]+)", open("/proc/self/status").read())  # ru_maxrss counts the parent's
    return own.ru_utime + own.ru_stime, int(held[1]) // 1024
before = used()
{read}
after = used()
print(f"{{after[0] - before[0]:.4f}} {{after[1] - before[1]}}")
"""
# How values are written, the lowest whole one and the one past the highest (None: normal ones), and how
# many columns there are. All have as many values.
TABLES = {
    "six decimals": ("%.6f", None, 20),
    "17 digits": ("%.17g", None, 20),
    "two decimals": ("%.2f", None, 20),
    "0 to 255": ("%d", (0, 256), 20),
    "digits": ("%d", (0, 10), 20),
    "-9 to 9": ("%d", (-9, 10), 20),
    "digits, 1 column": ("%d", (0, 10), 1),
    "digits, 2 columns": ("%d", (0, 10), 2),
    "digits, 2000 columns": ("%d", (0, 10), 2000),
}


def make(path, rows, columns, form, bounds):
    """The same file each time."""
    random = numpy.random.default_rng(1)
    with open(path, "w") as file:
        file.write(",".join(f"c{i}" for i in range(columns)) + "\n")
        for first in range(0, rows, 1000):
            shape = (min(1000, rows - first), columns)
            values = random.integers(*bounds, shape) if bounds else random.standard_normal(shape)
            numpy.savetxt(file, values, fmt=form, delimiter=",")


def run(command, **more):
    words = subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout.splitlines()[-1].split()
    return float(words[0]), float(words[1])


def measure(name, program, path):
    if name == "epocl":
        return run([program, path])
    code = TIMED.format(file=str(path), imports=PEERS[name], read=READS[name])
    one = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
    return run([sys.executable, "-c", code], env=os.environ | one)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epocl", required=True)
    parser.add_argument("--values", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("."))
    parser.add_argument("--no-peers", action="store_true")
    given = parser.parse_args()
    print(f"{'file':20} {'reader':24} {'MB/s':>8} {'memory':>8}")
    for table, (form, bounds, columns) in TABLES.items():
        path = given.folder / "table.csv"
        make(path, given.values // columns, columns, form, bounds)
        megabytes = path.stat().st_size / 1e6
        floats = given.values * 4 / 2**20
        for name in ["epocl"] if given.no_peers else ["epocl", *PEERS]:
            rounds = [measure(name, given.epocl, path) for _ in range(given.rounds)]
            seconds, memory = min(rounds)
            print(f"{table:20} {name:24} {megabytes / seconds:8.0f} {memory / floats:8.2f}", flush=True)
        path.unlink()


main()
