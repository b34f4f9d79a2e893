"""Trains a small network for 100 steps with each optimiser, schedule and regularisation, and compares the parameters with
those that PyTorch reaches in double precision from the same ones.

Usage: trajectories.py EPOCL FOLDER [--record]
FOLDER holds what is made on the way. PyTorch's results are in trajectories.json beside this file, so that it need not be
installed; --record makes that file anew, with PyTorch (`make bench-peers` installs one below build/peers). The last line
is "N passed, N failed"; exit status 1 if any failed.

A step takes all samples, so that no order of samples counts. Between the two lies fp32 alone: 100 steps of relative errors
of some 1e-6 a gradient, which well-conditioned steps add up. The bound is 1e-4 of the largest change of a layer's
parameters; errors of definition (a bias correction left out, an epsilon inside the root) are above 1e-2.
"""

import json
import os
import struct
import subprocess
import sys

import numpy as np
from safetensors.numpy import load_file

SAMPLES, INPUTS, HIDDEN, CLASSES, STEPS = 60, 8, 6, 3, 100
TOLERANCE = 1e-4
NO_STEP = 1e-30  # a learning rate that changes no parameter in fp32
RECORD = os.path.join(os.path.dirname(__file__), "trajectories.json")

# Name, options of `epocl train`. PyTorch's counterparts are in record().
RATE = {"sgd": 0.3, "momentum": 0.05, "nesterov": 0.05, "adagrad": 0.05, "rmsprop": 0.003}
ROWS = [[name, ["--optimizer", name, "--learning-rate", str(RATE.get(name, 0.01))]]
        for name in ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam")]
ROWS += [[f"{schedule} schedule", ["--learning-rate", "0.3", "--schedule", schedule, "--final-rate", "0.1"]]
         for schedule in ("linear", "cosine", "exponential", "step")]
ROWS += [
    ["weight decay in the gradient", ["--learning-rate", "0.3", "--weight-decay", "0.02"]],
    ["adam, weight decay in the gradient",
     ["--optimizer", "adam", "--learning-rate", "0.01", "--weight-decay", "0.02"]],
    ["adamw, weight decay apart", ["--optimizer", "adamw", "--learning-rate", "0.01", "--weight-decay", "0.5"]],
    ["gradients cut at a value", ["--learning-rate", "0.3", "--clip-value", "0.01"]],
    ["smoothed labels", ["--learning-rate", "0.3", "--label-smoothing", "0.1"]],
]
ACTIVATIONS = ("tanh", "sigmoid", "gelu", "gelu-tanh", "silu", "mish", "softplus", "elu", "selu", "leaky-relu", "relu")
ROWS += [[f"{name} units", ["--learning-rate", "0.1", "--activation", name]] for name in ACTIVATIONS]


def option(options, name, default=None):
    return options[options.index(name) + 1] if name in options else default


def make_data():
    """Inputs in bytes and labels, from a generator of whole numbers, so that they are the same everywhere."""
    state, numbers = 12345, []
    for _ in range(SAMPLES * INPUTS):
        state = (state * 1103515245 + 12345) % 2**31
        numbers.append(state >> 16 & 255)
    inputs = np.array(numbers, np.uint8).reshape(SAMPLES, INPUTS)
    labels = (inputs[:, 0].astype(int) + inputs[:, 1] - inputs[:, 2] // 2) // 100 % CLASSES
    return inputs, labels.astype(np.uint8)


def write_idx(path, values):
    with open(path, "wb") as file:
        file.write(bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes())


def train(epocl, folder, steps, options):
    """The parameters as PyTorch names them."""
    run = os.path.join(folder, "run")
    command = [epocl, "train", "--recipe", "seed", "--initialization", "glorot-uniform",
               "--data", os.path.join(folder, "inputs.idx"), "--labels", os.path.join(folder, "labels.idx"),
               "--hidden", str(HIDDEN), "--cost", "softmax-cross-entropy",
               "--normalize", "scale255", "--batch-size", str(SAMPLES), "--seed", "7", "--epochs", str(steps),
               "--tune", "off", "--output", run, "--force", "--quiet"]
    if "--activation" not in options:
        command += ["--activation", "tanh"]
    subprocess.run(command + options, check=True)
    return {name: value for name, value in load_file(os.path.join(run, "model.safetensors")).items()
            if name.startswith("layers.")}


def record(first, options, inputs, labels):
    """The parameters that PyTorch reaches from `first`."""
    import torch
    from torch import nn, optim

    torch.set_default_dtype(torch.float64)
    activations = {"tanh": nn.Tanh(), "sigmoid": nn.Sigmoid(), "gelu": nn.GELU(),
                   "gelu-tanh": nn.GELU(approximate="tanh"), "silu": nn.SiLU(), "mish": nn.Mish(),
                   "softplus": nn.Softplus(), "elu": nn.ELU(), "selu": nn.SELU(), "leaky-relu": nn.LeakyReLU(),
                   "relu": nn.ReLU()}
    model = nn.Sequential(nn.Linear(INPUTS, HIDDEN), activations[option(options, "--activation", "tanh")],
                          nn.Linear(HIDDEN, CLASSES))
    places = {"layers.0.weight": model[0].weight, "layers.0.bias": model[0].bias, "layers.1.weight": model[2].weight,
              "layers.1.bias": model[2].bias}
    with torch.no_grad():
        for name, place in places.items():
            place.copy_(torch.tensor(np.asarray(first[name], np.float64)))
    decay = float(option(options, "--weight-decay", 0))
    groups = [{"params": [model[0].weight, model[2].weight], "weight_decay": decay},
              {"params": [model[0].bias, model[2].bias], "weight_decay": 0.0}]
    rate = float(option(options, "--learning-rate"))
    make = {
        "sgd": lambda: optim.SGD(groups, lr=rate),
        "momentum": lambda: optim.SGD(groups, lr=rate, momentum=0.9),
        "nesterov": lambda: optim.SGD(groups, lr=rate, momentum=0.9, nesterov=True),
        "adagrad": lambda: optim.Adagrad(groups, lr=rate, eps=1e-8),
        "rmsprop": lambda: optim.RMSprop(groups, lr=rate, alpha=0.999, eps=1e-8),
        "adam": lambda: optim.Adam(groups, lr=rate),
        "adamw": lambda: optim.AdamW(groups, lr=rate),
        "nadam": lambda: optim.NAdam(groups, lr=rate),
    }
    optimizer = make[option(options, "--optimizer", "sgd")]()
    final = float(option(options, "--final-rate", 1))
    schedule = {
        "constant": lambda: optim.lr_scheduler.ConstantLR(optimizer, factor=1.0),
        "linear": lambda: optim.lr_scheduler.LinearLR(optimizer, 1.0, final, STEPS),
        "cosine": lambda: optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS, final * rate),
        "exponential": lambda: optim.lr_scheduler.ExponentialLR(optimizer, final ** (1 / STEPS)),
        "step": lambda: optim.lr_scheduler.MultiStepLR(optimizer, [34, 67], 0.1),
    }[option(options, "--schedule", "constant")]()
    cost = nn.CrossEntropyLoss(label_smoothing=float(option(options, "--label-smoothing", 0)))
    x = torch.tensor(inputs.astype(np.float64) / 255)
    y = torch.tensor(labels.astype(np.int64))
    clip = option(options, "--clip-value")
    for _ in range(STEPS):
        optimizer.zero_grad()
        cost(model(x), y).backward()
        if clip:
            nn.utils.clip_grad_value_(model.parameters(), float(clip))
        optimizer.step()
        schedule.step()
    return {name: place.detach().numpy() for name, place in places.items()}


def as_lists(parameters):
    return {name: [float(f"{value:.9g}") for value in np.ravel(values)] for name, values in parameters.items()}


def record_all(epocl, folder, inputs, labels):
    import torch

    rows = {}
    for name, options in ROWS:
        first = train(epocl, folder, 1, ["--learning-rate", str(NO_STEP), *option_pair(options, "--activation")])
        rows[name] = {"first": as_lists(first), "last": as_lists(record(first, options, inputs, labels))}
    lines = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()]
    version = torch.__version__.partition("+")[0]
    with open(RECORD, "w", encoding="utf-8") as file:
        file.write(f'{{"torch": "{version}", "steps": {STEPS}, "rows": {{\n' + ",\n".join(lines) + "\n}}\n")


def option_pair(options, name):
    return [name, option(options, name)] if name in options else []


def worst_share(found, recorded):
    """The largest error of a parameter against its layer's largest change."""
    worst = 0
    for name, values in found.items():
        first, last = np.array(recorded["first"][name]), np.array(recorded["last"][name])
        worst = max(worst, float(np.abs(np.ravel(values) - last).max() / np.abs(last - first).max()))
    return worst


def main():
    epocl, folder = sys.argv[1:3]
    inputs, labels = make_data()
    os.makedirs(folder, exist_ok=True)
    write_idx(os.path.join(folder, "inputs.idx"), inputs)
    write_idx(os.path.join(folder, "labels.idx"), labels)
    if "--record" in sys.argv:
        record_all(epocl, folder, inputs, labels)
    with open(RECORD, encoding="utf-8") as file:
        recorded = json.load(file)
    failed = 0
    for name, options in ROWS:
        found = train(epocl, folder, STEPS, [*options, "--schedule-epochs", str(STEPS)])
        share = worst_share(found, recorded["rows"][name])
        is_right = share <= TOLERANCE
        failed += not is_right
        print("ok    " if is_right else "FAILED", f"{name}: {STEPS} steps are off PyTorch's by {share:.1e} of their change")
    print(f"{len(ROWS) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
