"""PyTorch with the whole step compiled, from the forward pass to the update, as one graph."""

import os

import torch
from torch.nn import functional

from bench.peers import harness


class TorchCompile(harness.Peer):
    name = "PyTorch compile"
    version = torch.__version__

    def __init__(self, network, inputs, targets, layers):
        torch.set_num_threads(len(os.sched_getaffinity(0)))
        self.batch_size = network.batch_size
        self.inputs = torch.from_numpy(inputs)
        self.targets = torch.from_numpy(targets)
        self.parameters = [(torch.from_numpy(weights.copy()), torch.from_numpy(biases.copy()))
                           for weights, biases in layers]

        def cost(parameters, x, y):
            for weights, biases in parameters[:-1]:
                x = torch.sigmoid(functional.linear(x, weights, biases))
            z = functional.linear(x, *parameters[-1])
            return functional.binary_cross_entropy_with_logits(z, y, reduction="sum") / network.batch_size

        def step(parameters, x, y):
            for layer, gradients in zip(parameters, torch.func.grad(cost)(parameters, x, y)):
                for parameter, gradient in zip(layer, gradients):
                    parameter.sub_(gradient, alpha=network.learning_rate)

        self.step = torch.compile(step, fullgraph=True, dynamic=False)

    def run(self, order):
        index = torch.from_numpy(order)
        inputs = self.inputs[index].split(self.batch_size)
        targets = self.targets[index].split(self.batch_size)
        for x, y in zip(inputs, targets):
            self.step(self.parameters, x, y)

    def layers(self):
        return [(weights.numpy().copy(), biases.numpy().copy()) for weights, biases in self.parameters]


if __name__ == "__main__":
    harness.main(TorchCompile)
