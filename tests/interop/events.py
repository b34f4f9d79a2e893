"""Files of events as TensorBoard reads them: a run, one that goes on, and one that trains epochs again.

Usage: events.py EPOCL FOLDER
"""

import csv
import pathlib
import shutil
import subprocess
import sys

import numpy
from checks import Checks
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def history(run):
    with open(run / "history.csv", newline="") as file:
        return list(csv.DictReader(file))


def scalars(folder):
    """{tag: [(step, value)]}, as TensorBoard shows them."""
    reader = EventAccumulator(str(folder))
    reader.Reload()
    return {tag: [(e.step, e.value) for e in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}


def expect_same(checks, what, folder, run):
    shown, rows = scalars(folder), history(run)
    columns = {"cost/train": "train_cost", "cost/validation": "valid_cost", "accuracy/validation": "valid_accuracy"}
    for tag, column in columns.items():
        wanted = [(int(row["epoch"]), float(row[column])) for row in rows]
        got = shown.get(tag, [])
        # both are of the same float, one in nine digits
        is_same = [s for s, _ in got] == [s for s, _ in wanted] and numpy.allclose(
            [v for _, v in got], [v for _, v in wanted], rtol=1e-7)
        checks.expect(is_same, f"{what}: {tag} of {len(wanted)} epochs")


def main():
    epocl, work = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    checks = Checks()
    rng = numpy.random.default_rng(1)
    x = rng.normal(size=(400, 5))
    table = numpy.column_stack([x, (x[:, 0] + x[:, 1] > 0).astype(int)])
    numpy.savetxt(work / "table.csv", table, delimiter=",", header="a,b,c,d,e,y", comments="", fmt="%.6g")
    run, events = work / "run", work / "events"

    def train(*words):
        subprocess.run([epocl, "train", *words, "--quiet", "--tensorboard", events], check=True)

    train(work / "table.csv", "--target", "y", "--task", "classification", "--hidden", "8", "--epochs", "3", "--patience",
          "0", "--output", run)
    expect_same(checks, "a run", events, run)
    shutil.copytree(run, work / "earlier")
    train("--resume", run, "--epochs", "6")
    expect_same(checks, "a run that goes on", events, run)
    # From an older checkpoint, with another rate: epochs 4 to 6 come again, and those shown are the later ones.
    train("--resume", work / "earlier", "--epochs", "6", "--learning-rate", "0.1")
    expect_same(checks, "epochs that come again", events, work / "earlier")
    checks.expect(history(run)[5] != history(work / "earlier")[5], "which are others")
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
