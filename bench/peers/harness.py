"""What all peers have in common: the data, the first weights, the check against a reference, and the timing.

A peer is a class below `Peer`, in a module of its own that calls `main` with it. It prints a line of JSON, or fails.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy

from bench.idx import read_idx
from bench.networks import ADAM, NETWORKS, SEED

BUILD = Path(os.environ.get("BUILD", "build")).absolute() / "peers"
CLASSES = 10
CHECK_STEPS = 3  # compared with the reference, one by one
CHECK_TOLERANCE = 1e-3  # of the largest change of a layer's weights; fp32 in another order of summation
ADAM_TOLERANCE = 1e-2  # likewise, in root mean square: Adam's first steps are the gradient's sign, also of rounding
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
COST_SAMPLES = 2000
SETTLE_SECONDS = 0.3  # until the threads of numpy's BLAS, which computed the reference, have stopped spinning
PROBE_STEPS = 5  # before the timed epochs, to warm up and to see how long an epoch takes


class Peer:
    """What a peer adds: name and version, and

    __init__(network, inputs, targets, layers)
        inputs [samples, 784] and targets [samples, 10] are float32; layers are [(weights [outputs, inputs],
        biases [outputs])]. It copies them to where it wants them, and does not change them.
    run(order)
        trains on the samples `order`, a whole number of mini-batches in that order, and waits for the end.
    layers()
        the present weights and biases, as above.
    """

    checked = True  # whether `run` does what `reference_steps` does; otherwise only the cost is checked
    whole_epochs = False  # whether `run` is compiled for a number of steps, so that only whole epochs are timed

    recipe = SEED  # of the network; `main` sets it

    def cost(self, inputs, targets):
        """Cross-entropy, summed over the outputs, mean over the samples."""
        output = forward(self.recipe, self.layers(), inputs)[-1].astype(numpy.float64).clip(1e-12, 1 - 1e-12)
        if self.recipe == ADAM:
            return float(-(targets * numpy.log(output)).sum() / len(inputs))
        return float(-(targets * numpy.log(output) + (1 - targets) * numpy.log(1 - output)).sum() / len(inputs))


def debian_version(package):
    query = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    return query.stdout or "unknown"


def load_training_data():
    images = read_idx("train-images-idx3")
    labels = read_idx("train-labels-idx1")
    inputs = images.reshape(len(images), -1).astype(numpy.float32) / numpy.float32(255)
    return inputs, numpy.eye(CLASSES, dtype=numpy.float32)[labels]


def first_layers(units, seed):
    generator = numpy.random.default_rng(seed)
    return [
        (
            (generator.standard_normal((above, below)) / math.sqrt(below)).astype(numpy.float32),
            numpy.zeros(above, numpy.float32),
        )
        for below, above in zip(units, units[1:])
    ]


def sigmoid(z):
    return 1 / (1 + numpy.exp(-z))


def softmax(z):
    exponentials = numpy.exp(z - z.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def forward(recipe, layers, inputs):
    activations = [inputs]
    for i, (weights, biases) in enumerate(layers):
        z = activations[-1] @ weights.T + biases
        if recipe != ADAM:
            activations.append(sigmoid(z))
        else:
            activations.append(softmax(z) if i == len(layers) - 1 else numpy.maximum(z, 0))
    return activations


def slope(recipe, activation):
    return (activation > 0) if recipe == ADAM else activation * (1 - activation)


def adam_step(network, averages, t, parameter, gradient):
    """`averages`: of gradients and of their squares, [2, ...]; changed in place, as the parameter is."""
    averages[0] += (1 - BETA1) * (gradient - averages[0])
    averages[1] += (1 - BETA2) * (gradient**2 - averages[1])
    first, second = averages[0] / (1 - BETA1**t), averages[1] / (1 - BETA2**t)
    parameter -= network.learning_rate * first / (numpy.sqrt(second) + EPSILON)


def reference_steps(network, layers, inputs, targets, order):
    """Mini-batch gradient descent, plain or Adam's; returns the layers after it."""
    layers = [(weights.copy(), biases.copy()) for weights, biases in layers]
    averages = [[numpy.zeros((2, *parameter.shape)) for parameter in layer] for layer in layers]
    for t, first in enumerate(range(0, len(order), network.batch_size), 1):
        batch = order[first : first + network.batch_size]
        activations = forward(network.recipe, layers, inputs[batch])
        delta = activations[-1] - targets[batch]
        for i in reversed(range(len(layers))):
            weights, biases = layers[i]
            below = activations[i]
            delta_below = delta @ weights * slope(network.recipe, below)
            gradients = delta.T @ below / network.batch_size, delta.sum(axis=0) / network.batch_size
            for parameter, gradient, kept in zip(layers[i], gradients, averages[i]):
                if network.recipe == ADAM:
                    adam_step(network, kept, t, parameter, gradient)
                else:
                    parameter -= network.learning_rate * gradient
            delta = delta_below
    return layers


def check_steps(network, first, expected, found):
    for i, ((start, _), (wanted, wanted_biases), (weights, biases)) in enumerate(zip(first, expected, found)):
        change = numpy.abs(wanted - start).max()
        if not numpy.isfinite(change):
            sys.exit(f"{network.name}: numpy's own steps are not finite in layer {i + 1}: nothing to check against")
        if network.recipe == ADAM:
            tolerance, error = ADAM_TOLERANCE, math.sqrt(((wanted - weights) ** 2).mean())
        else:
            tolerance = CHECK_TOLERANCE
            error = max(numpy.abs(wanted - weights).max(), numpy.abs(wanted_biases - biases).max())
        if not error <= tolerance * change:
            sys.exit(f"{network.name}: layer {i + 1} is off by {error:.2g} after {CHECK_STEPS} steps that change it "
                     f"by up to {change:.2g}: not timed")


def time_run(peer, order):
    start = time.perf_counter()
    peer.run(order)
    return time.perf_counter() - start


def main(make_peer):
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--epochs", type=int, default=2, help="timed, after warming up")
    parser.add_argument("--seconds", type=float, default=10, help="an epoch that takes longer is cut short")
    parser.add_argument("--least-steps", type=int, default=200, help="timed in all, however slow")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    network = NETWORKS[options.network]
    batch_size = network.batch_size

    inputs, targets = load_training_data()
    layers = first_layers(network.units, options.seed)
    generator = numpy.random.default_rng(options.seed)
    step_count = len(inputs) // batch_size

    def draw(steps):
        return generator.permutation(len(inputs))[: steps * batch_size]

    peer = make_peer(network, inputs, targets, layers)
    peer.recipe = network.recipe
    cost_before = peer.cost(inputs[:COST_SAMPLES], targets[:COST_SAMPLES])

    order = draw(CHECK_STEPS)
    compile_seconds = time_run(peer, order)
    if peer.checked:
        check_steps(network, layers, reference_steps(network, layers, inputs, targets, order), peer.layers())

    time.sleep(SETTLE_SECONDS)
    probe_steps = step_count if peer.whole_epochs else PROBE_STEPS
    probe_seconds = min(time_run(peer, draw(probe_steps)) for _ in range(1 if peer.whole_epochs else 3))
    if not peer.whole_epochs:
        affordable = max(options.seconds / probe_seconds * probe_steps, options.least_steps / options.epochs)
        step_count = min(step_count, math.ceil(affordable))

    seconds = [time_run(peer, draw(step_count)) for _ in range(options.epochs)]
    if peer.whole_epochs:
        compile_seconds = probe_seconds - min(seconds)

    cost = peer.cost(inputs[:COST_SAMPLES], targets[:COST_SAMPLES])
    if not cost < 0.95 * cost_before:
        sys.exit(f"{network.name}: the cost went from {cost_before:.4g} to {cost:.4g}: the times are void")
    cores = len(os.sched_getaffinity(0))
    result = {
        "peer": peer.name if cores == os.cpu_count() else f"{peer.name} on {cores} of {os.cpu_count()} cores",
        "version": peer.version,
        "network": network.name,
        "epochs": [round(step_count * batch_size / each, 1) for each in seconds],
        "steps_an_epoch": step_count,
        "train_cost": round(cost, 5),
        "compile_seconds": round(compile_seconds, 3),
    }
    print(json.dumps(result), flush=True)
