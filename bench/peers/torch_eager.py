"""PyTorch, eager, as its tutorials train: a Sequential, autograd, an optimizer, whose Adam is the fused one. On the
environment's PEERS_DEVICE (cpu, cuda), in fp32 throughout."""

import os

import torch
from torch.nn import functional

from bench.networks import ADAM
from bench.peers import harness

DEVICE = torch.device(os.environ.get("PEERS_DEVICE", "cpu"))


def sigmoid_cross_entropy(z, y):
    return functional.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(y)


class TorchEager(harness.Peer):
    name = "PyTorch eager"
    version = torch.__version__

    def __init__(self, network, inputs, targets, layers):
        torch.set_num_threads(len(os.sched_getaffinity(0)))
        self.batch_size = network.batch_size
        self.inputs = torch.from_numpy(inputs).to(DEVICE)
        self.targets = torch.from_numpy(targets).to(DEVICE)
        self.linears = [torch.nn.Linear(weights.shape[1], weights.shape[0], device=DEVICE) for weights, _ in layers]
        with torch.no_grad():
            for linear, (weights, biases) in zip(self.linears, layers):
                linear.weight.copy_(torch.from_numpy(weights))
                linear.bias.copy_(torch.from_numpy(biases))
        is_adam = network.recipe == ADAM
        modules = [self.linears[0]]
        for linear in self.linears[1:]:
            modules += [torch.nn.ReLU() if is_adam else torch.nn.Sigmoid(), linear]
        self.model = torch.nn.Sequential(*modules)
        if is_adam:
            self.targets, self.cost_of = self.targets.argmax(dim=1), functional.cross_entropy
            self.optimizer = torch.optim.Adam(self.model.parameters(), lr=network.learning_rate, fused=True)
        else:
            self.cost_of = sigmoid_cross_entropy
            self.optimizer = torch.optim.SGD(self.model.parameters(), lr=network.learning_rate)

    def step(self, x, y):
        self.optimizer.zero_grad(set_to_none=True)
        self.cost_of(self.model(x), y).backward()
        self.optimizer.step()

    def run(self, order):
        index = torch.from_numpy(order).to(DEVICE)
        inputs = self.inputs[index].split(self.batch_size)
        targets = self.targets[index].split(self.batch_size)
        for x, y in zip(inputs, targets):
            self.step(x, y)
        if DEVICE.type == "cuda":
            torch.cuda.synchronize()

    def layers(self):
        return [tuple(value.detach().cpu().numpy().copy() for value in (linear.weight, linear.bias))
                for linear in self.linears]


if __name__ == "__main__":
    harness.main(TorchEager)
