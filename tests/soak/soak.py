#!/usr/bin/env python3
"""Trains random networks, kills and resumes them at random moments, and compares with runs that nobody disturbed.

Usage: tests/soak/soak.py [--seconds 600] [--seed N] [--epocl build/epocl]

Model, best model and history (but for its times) must be equal to the byte. A run's folder and the commands that made
it are kept in the scratch folder when they are not, and the exit status is 1.
"""
import argparse
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

STOPPED = 75
SIGNALS = {"KILL": signal.SIGKILL, "INT": signal.SIGINT, "TERM": signal.SIGTERM, "USR1": signal.SIGUSR1,
           "INT twice": signal.SIGINT}


def write_data(folder, numbers, sample_count, input_count, class_count):
    """IDX files of bytes in which the labels show."""
    labels = bytes(numbers.randrange(class_count) for _ in range(sample_count))
    images = bytearray()
    for label in labels:
        images += bytes(numbers.randrange(100) + (100 if i % class_count == label else 0) for i in range(input_count))
    paths = [os.path.join(folder, "images"), os.path.join(folder, "labels")]
    with open(paths[0], "wb") as file:
        file.write(struct.pack(">IIII", 0x00000803, sample_count, 1, input_count) + images)
    with open(paths[1], "wb") as file:
        file.write(struct.pack(">II", 0x00000801, sample_count) + labels)
    return paths


class Soak:
    def __init__(self, arguments, scratch):
        self.epocl = os.path.abspath(arguments.epocl)
        self.scratch = scratch
        # Caches of its own, which nothing else on the machine clears meanwhile.
        self.environment = dict(os.environ, XDG_CACHE_HOME=os.path.join(scratch, "cache"))
        self.numbers = random.Random(arguments.seed)
        self.deadline = time.monotonic() + arguments.seconds
        self.counts = dict.fromkeys(["networks", "runs", "resumes", "damaged checkpoints", "mismatches"], 0)
        self.kills = dict.fromkeys(SIGNALS, 0)

    def is_over(self):
        return time.monotonic() >= self.deadline

    def start(self, words):
        self.said.write(" ".join(words) + "\n")
        self.said.flush()
        return subprocess.Popen([self.epocl] + words, stdout=subprocess.DEVNULL, stderr=self.said, env=self.environment)

    def random_words(self, folder):
        """The words of a training run that takes a few seconds, but for --output."""
        n = self.numbers
        samples = n.choice([500, 1023, 3000])
        images, labels = write_data(folder, n, samples, n.choice([7, 16, 49]), n.choice([2, 3, 10]))
        words = ["train", "--recipe", "seed", "--data", images, "--labels", labels, "--seed", str(n.randrange(1 << 64)),
                 "--batch-size", str(n.choice([1, 3, 10, 32, 100])), "--learning-rate", n.choice(["0.1", "0.3", "1"]),
                 "--hidden", n.choice(["none", "5", "16", "40", "12,7"]), "--epochs", str(n.randrange(5, 60)),
                 "--matmul", n.choice(["auto", "plain", "tile"]), "--checkpoint-every", n.choice(["1", "2", "5", "1s"])]
        if n.random() < 0.7:
            words += ["--valid-split", n.choice(["0.1", "0.25"])]
        matmul = words[words.index("--matmul") + 1]
        words += ["--plan", n.choice(["auto", "layered"] + (["resident"] if matmul == "tile" else []))]
        return words

    def disturb(self, process, duration):
        """Waits, sends signals, waits for the end; returns the exit status."""
        n = self.numbers
        name = n.choice(list(SIGNALS))
        # Half of them within the time that training takes, at the end of the process.
        delay = duration * (n.uniform(0, 1.1) if n.random() < 0.5 else n.uniform(0.7, 1))
        repeats = n.randrange(1, 6) if name == "USR1" else 2 if name == "INT twice" else 1
        for _ in range(repeats):
            try:
                return process.wait(delay)
            except subprocess.TimeoutExpired:
                process.send_signal(SIGNALS[name])
                self.said.write(f"SIG{name} after {delay:.3f} s\n")
                self.said.flush()
                self.kills[name] += 1
            delay = n.uniform(0, 0.02) if name == "INT twice" else n.uniform(0, duration / 10)
        return process.wait()

    def damage_newest(self, run):
        """Changes a byte of the newest checkpoint, if there is one before it."""
        newest = os.path.join(run, "checkpoint.safetensors")
        if not os.path.exists(newest) or not os.path.exists(os.path.join(run, "checkpoint-previous.safetensors")):
            return
        with open(newest, "r+b") as file:
            content = file.read()
            place = self.numbers.randrange(len(content))
            file.seek(place)
            file.write(bytes([content[place] ^ 1 << self.numbers.randrange(8)]))
        self.counts["damaged checkpoints"] += 1

    def disturbed_run(self, words, run, duration):
        """Trains into `run` through kills and resumes; False for an exit status that should not be."""
        n = self.numbers
        left = n.randrange(1, 8)
        status = None
        while status != 0:
            if os.path.exists(os.path.join(run, "config.json")):
                self.counts["resumes"] += 1
                process = self.start(["train", "--resume", run])
            else:
                process = self.start(words + ["--output", run, "--force"])
            status = self.disturb(process, duration) if left > 0 else process.wait()
            left -= 1
            self.said.write(f"exit status {status}\n")
            # A signal before training ends the process, as -9 does always.
            if status not in (0, STOPPED, -signal.SIGKILL, -signal.SIGINT, -signal.SIGTERM, -signal.SIGUSR1):
                return False
            if status < 0 and left < -1:
                return False
            if status != 0 and n.random() < 0.2:
                self.damage_newest(run)
        return True

    @staticmethod
    def read(run, name):
        path = os.path.join(run, name)
        if not os.path.exists(path):
            return None
        with open(path, "rb") as file:
            content = file.read()
        if name == "history.csv":
            return [line.split(b",")[:5] for line in content.split(b"\n")]
        return content

    def compare(self, whole, run):
        names = ["model.safetensors", "best.safetensors", "history.csv"]
        return [name for name in names if self.read(whole, name) != self.read(run, name)]

    def network(self):
        """One network: undisturbed, then disturbed a few times."""
        folder = tempfile.mkdtemp(dir=self.scratch)
        self.said = open(os.path.join(folder, "log"), "w")
        words = self.random_words(folder)
        whole = os.path.join(folder, "whole")
        if self.start(words + ["--output", whole]).wait() != 0:
            return self.mismatch(folder, "the undisturbed run failed")
        begin = time.monotonic()  # once more, now that the kernels are compiled
        self.start(words + ["--output", whole, "--force"]).wait()
        duration = time.monotonic() - begin
        self.counts["networks"] += 1
        for i in range(5):
            if self.is_over():
                break
            run = os.path.join(folder, f"run{i}")
            self.counts["runs"] += 1
            if not self.disturbed_run(words, run, duration):
                return self.mismatch(folder, f"{run}: ended with a status that should not be")
            different = self.compare(whole, run)
            if different:
                return self.mismatch(folder, f"{run}: {', '.join(different)} differ")
        self.said.close()
        shutil.rmtree(folder)

    def mismatch(self, folder, text):
        self.said.close()
        self.counts["mismatches"] += 1
        print(f"MISMATCH: {text}; see {folder}/log", flush=True)

    def report(self):
        kills = ", ".join(f"{name} {count}" for name, count in self.kills.items())
        print(", ".join(f"{name} {count}" for name, count in self.counts.items()) + f"; signals: {kills}", flush=True)


def main():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored, and by children, too
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=None, help="of what is tried; the moments differ each time")
    parser.add_argument("--epocl", default="build/epocl")
    arguments = parser.parse_args()
    if arguments.seed is None:
        arguments.seed = random.randrange(1 << 32)
    scratch = tempfile.mkdtemp(prefix="epocl-soak-")
    print(f"seed {arguments.seed}, scratch {scratch}", flush=True)
    soak = Soak(arguments, scratch)
    reported = time.monotonic()
    while not soak.is_over():
        soak.network()
        if time.monotonic() - reported >= 60:
            soak.report()
            reported = time.monotonic()
    soak.report()
    if soak.counts["mismatches"] == 0:
        shutil.rmtree(scratch)
    return 1 if soak.counts["mismatches"] else 0


if __name__ == "__main__":
    sys.exit(main())
