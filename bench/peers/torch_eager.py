"""PyTorch, eager, as its tutorials train: a Sequential, autograd, an optimizer."""

import os

import torch
from torch.nn import functional

from bench.peers import harness


class TorchEager(harness.Peer):
    name = "PyTorch eager"
    version = torch.__version__

    def __init__(self, network, inputs, targets, layers):
        torch.set_num_threads(len(os.sched_getaffinity(0)))
        self.batch_size = network.batch_size
        self.inputs = torch.from_numpy(inputs)
        self.targets = torch.from_numpy(targets)
        self.linears = [torch.nn.Linear(weights.shape[1], weights.shape[0]) for weights, _ in layers]
        with torch.no_grad():
            for linear, (weights, biases) in zip(self.linears, layers):
                linear.weight.copy_(torch.from_numpy(weights))
                linear.bias.copy_(torch.from_numpy(biases))
        modules = [self.linears[0]]
        for linear in self.linears[1:]:
            modules += [torch.nn.Sigmoid(), linear]
        self.model = torch.nn.Sequential(*modules)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=network.learning_rate)

    def run(self, order):
        index = torch.from_numpy(order)
        inputs = self.inputs[index].split(self.batch_size)
        targets = self.targets[index].split(self.batch_size)
        for x, y in zip(inputs, targets):
            self.optimizer.zero_grad(set_to_none=True)
            cost = functional.binary_cross_entropy_with_logits(self.model(x), y, reduction="sum") / self.batch_size
            cost.backward()
            self.optimizer.step()

    def layers(self):
        return [(linear.weight.detach().numpy().copy(), linear.bias.detach().numpy().copy()) for linear in self.linears]


if __name__ == "__main__":
    harness.main(TorchEager)
