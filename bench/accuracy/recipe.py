"""A recipe, which is a file that `epocl train --config` takes, as peers read it; the data, and what a model is worth.

A peer is run as `python -m bench.accuracy.PEER CONFIG --seed N --output MODEL.npz`: from the images' files to a model.
"""

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy

from bench.idx import read_idx

CLASSES, PIXELS = 10, 784
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Recipe:
    """What a file says, under the names that epocl gives them; peers know no more than this."""

    hidden: tuple
    epochs: int
    batch_size: int
    learning_rate: float
    optimizer: str = "adam"
    weight_decay: float = 0.0
    schedule: str = "cosine"
    final_rate: float = 0.01
    label_smoothing: float = 0.0
    dropout: float = 0.0
    normalize: str = "scale255"
    activation: str = "relu"
    cost: str = "softmax-cross-entropy"

    @property
    def units(self):
        return (PIXELS, *self.hidden, CLASSES)


def read_recipe(path):
    """Fails where the file asks for more than peers know."""
    found = json.loads(Path(path).read_text())
    recipe = Recipe(**(found | {"hidden": tuple(found["hidden"])}))
    for name, known in (("optimizer", ("adam", "adamw")), ("schedule", ("constant", "cosine", "linear", "one-cycle")),
                        ("normalize", ("scale255", "zscore")), ("activation", ("relu",)), ("cost", ("softmax-cross-entropy",))):
        if getattr(recipe, name) not in known:
            raise SystemExit(f"{path}: {name} is none of {', '.join(known)}")
    if recipe.weight_decay and recipe.optimizer != "adamw":
        raise SystemExit(f"{path}: weight_decay is for adamw")
    return recipe


def rates(recipe, steps):
    """The learning rate of each of `steps` steps (kernels/tables/schedules.cl), float32."""
    x, f = numpy.arange(steps) / steps, recipe.final_rate
    falling = lambda x: 0.5 + 0.5 * numpy.cos(math.pi * x)
    rising = 0.04 + 0.96 * (1 - falling(numpy.minimum(x / 0.3, 1)))
    factor = {
        "constant": numpy.ones(steps),
        "linear": 1 - (1 - f) * x,
        "cosine": f + (1 - f) * falling(x),
        "one-cycle": numpy.where(x < 0.3, rising, f + (1 - f) * falling((x - 0.3) / 0.7)),
    }[recipe.schedule]
    return (recipe.learning_rate * factor).astype(numpy.float32)


def first_layers(recipe, seed):
    """[(weights [outputs, inputs], biases)]: He's, and Glorot's for the output layer, as epocl has them by itself."""
    generator = numpy.random.default_rng(seed)
    layers = []
    for l, (below, above) in enumerate(zip(recipe.units, recipe.units[1:])):
        limit = math.sqrt(6 / below if l < len(recipe.hidden) else 6 / (below + above))
        weights = generator.uniform(-limit, limit, (above, below)).astype(numpy.float32)
        layers.append((weights, numpy.zeros(above, numpy.float32)))
    return layers


def read_images(kind):
    """Bytes [samples, pixels], and labels; `kind` is train or t10k."""
    images = read_idx(f"{kind}-images-idx3")
    return images.reshape(len(images), -1), read_idx(f"{kind}-labels-idx1")


@dataclass(frozen=True)
class Model:
    """Inputs are scale * byte + shift, numbers or of each pixel; layers are [(weights [outputs, inputs], biases)]."""

    scale: numpy.ndarray
    shift: numpy.ndarray
    layers: list

    def save(self, path):
        numpy.savez(path, scale=self.scale, shift=self.shift,
                    **{f"{name}{l}": value for l, layer in enumerate(self.layers)
                       for name, value in zip(("weights", "biases"), layer)})


def accuracy(model):
    """Of a model file, on the test images; they are used for nothing else."""
    images, labels = read_images("t10k")
    arrays = numpy.load(model)
    values = images.astype(numpy.float32) * arrays["scale"] + arrays["shift"]
    for l in range((len(arrays.files) - 2) // 2):
        values = (numpy.maximum(values, 0) if l else values) @ arrays[f"weights{l}"].T + arrays[f"biases{l}"]
    return float((values.argmax(axis=1) == labels).mean())


def main(train):
    """Calls train(recipe, seed), which gives the model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("config")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", required=True)
    options = parser.parse_args()
    train(read_recipe(options.config), options.seed).save(options.output)
