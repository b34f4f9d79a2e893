"""What the peers of bench.many have in common: data, first weights of each network, and the timing.

A peer trains the networks for as many steps as fill the time, and tells how many samples that were in all of them."""

import argparse
import json
import math
import os
import time

import numpy

from bench.many import MANY, table_data
from bench.networks import SEED
from bench.peers.harness import first_layers, load_training_data

PROBE_STEPS = 20  # of each network, before the clock starts


def load(network):
    """Inputs, and classes of them."""
    if network.units[0] == 784:
        inputs, targets = load_training_data()
        return inputs, targets.argmax(axis=1)
    return table_data()


def main(name, version, make_runner):
    """make_runner(network, inputs, labels, layers_of_each, orders) returns run(step_count), which trains every network
    for that many steps from where it stands and returns the mean cost of each network's last mini-batch."""
    parser = argparse.ArgumentParser()
    parser.add_argument("networks", choices=MANY)
    parser.add_argument("--members", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    network = MANY[options.networks].network
    inputs, labels = load(network)
    layers = [first_layers(network.units, seed) for seed in range(options.members)]
    orders = [numpy.random.default_rng(seed) for seed in range(options.members)]
    run = make_runner(network, inputs, labels.astype(numpy.int64), layers, orders)
    first = run(PROBE_STEPS)
    start = time.perf_counter()
    run(PROBE_STEPS)
    probe = time.perf_counter() - start
    most = MANY[options.networks].epochs * (len(inputs) // network.batch_size)
    steps = PROBE_STEPS * max(1, math.ceil(min(most, options.seconds / probe * PROBE_STEPS) / PROBE_STEPS))
    start = time.perf_counter()
    last = run(steps)
    seconds = time.perf_counter() - start
    if not numpy.mean(last) < numpy.mean(first):
        raise SystemExit(f"the cost went from {numpy.mean(first):.4g} to {numpy.mean(last):.4g}: the times are void")
    print(json.dumps({
        "version": version,
        "samples_per_second": round(options.members * steps * network.batch_size / seconds, 1),
        "steps": steps,
        "cores": len(os.sched_getaffinity(0)),
    }))


def is_seed(network):
    return network.recipe == SEED
