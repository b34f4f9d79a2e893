"""tinygrad with the step captured by TinyJit; the environment's DEV chooses the back end (CPU, CPU:LLVM, CL)."""

import importlib.metadata
import os

import numpy
from tinygrad import Device, Tensor, TinyJit, Variable

from bench.peers import harness


class TinygradJit(harness.Peer):
    name = f"tinygrad {os.environ.get('DEV', Device.DEFAULT)}"
    version = importlib.metadata.version("tinygrad")

    def __init__(self, network, inputs, targets, layers):
        batch_size = self.batch_size = network.batch_size
        self.inputs, self.targets = inputs, targets
        self.parameters = [(Tensor(weights.copy()).realize(), Tensor(biases.copy()).realize())
                           for weights, biases in layers]
        flat = [tensor for layer in self.parameters for tensor in layer]
        for tensor in flat:
            tensor.requires_grad = True
        self.first = Variable("first", 0, len(inputs) - batch_size)

        @TinyJit
        def step(inputs, targets, first):
            rows = ((first, first + batch_size), None)
            z = inputs.shrink(rows).reshape(batch_size, -1)
            y = targets.shrink(rows).reshape(batch_size, -1)
            for weights, biases in self.parameters[:-1]:
                z = z.linear(weights.T, biases).sigmoid()
            weights, biases = self.parameters[-1]
            z = z.linear(weights.T, biases)
            cost = z.binary_crossentropy_logits(y, reduction="sum") / batch_size
            gradients = cost.gradient(*flat)
            for tensor, gradient in zip(flat, gradients):
                tensor.assign(tensor - network.learning_rate * gradient)
            Tensor.realize(*flat)

        self.step = step

    def run(self, order):
        inputs, targets = self.shuffled(self.inputs, order), self.shuffled(self.targets, order)
        for first in range(0, len(order), self.batch_size):
            self.step(inputs, targets, self.first.bind(first))
        Device[Device.DEFAULT].synchronize()

    @staticmethod
    def shuffled(rows, order):
        """`rows` in the given order, as a tensor that always has the same shape, as TinyJit demands."""
        result = numpy.empty_like(rows)
        result[: len(order)] = rows[order]
        return Tensor(result).realize()

    def layers(self):
        return [(weights.numpy().copy(), biases.numpy().copy()) for weights, biases in self.parameters]


if __name__ == "__main__":
    harness.main(TinygradJit)
