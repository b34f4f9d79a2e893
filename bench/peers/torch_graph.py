"""PyTorch on a GPU, a step captured as a CUDA graph: the host launches one graph a step."""

import torch

from bench.networks import ADAM
from bench.peers import harness
from bench.peers.torch_eager import DEVICE, TorchEager

WARM_UP_STEPS = 3  # outside of the capture, as PyTorch demands


class TorchGraph(TorchEager):
    name = "PyTorch CUDA graphs"

    def __init__(self, network, inputs, targets, layers):
        super().__init__(network, inputs, targets, layers)
        if network.recipe == ADAM:
            self.optimizer = torch.optim.Adam(
                self.model.parameters(), lr=network.learning_rate, fused=True, capturable=True)
        first = [parameter.detach().clone() for parameter in self.model.parameters()]
        self.index = torch.zeros(self.batch_size, dtype=torch.int64, device=DEVICE)
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP_STEPS):
                self.step(self.inputs[self.index], self.targets[self.index])
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad(set_to_none=True)
        with torch.cuda.graph(self.graph):
            self.step(self.inputs[self.index], self.targets[self.index])
        self.begin_with(first)

    def begin_with(self, first):
        """As if no step had been taken."""
        with torch.no_grad():
            for parameter, value in zip(self.model.parameters(), first):
                parameter.copy_(value)
            for state in self.optimizer.state.values():
                for value in state.values():
                    if torch.is_tensor(value):
                        value.zero_()

    def run(self, order):
        for index in torch.from_numpy(order).to(DEVICE).split(self.batch_size):
            self.index.copy_(index)
            self.graph.replay()
        torch.cuda.synchronize()


if __name__ == "__main__":
    harness.main(TorchGraph)
