"""JAX with a step compiled as one function, called for each mini-batch."""

import functools

import jax
import numpy

from bench.peers import harness
from bench.peers.jax_scan import Jax, make_step


class JaxStep(Jax):
    name = "JAX step"

    def __init__(self, network, inputs, targets, layers):
        super().__init__(network, inputs, targets, layers)
        step = make_step(network)

        @functools.partial(jax.jit, donate_argnums=0)
        def gather_and_step(state, inputs, targets, batch):
            return step(state, inputs[batch], targets[batch])

        self.step = gather_and_step

    def run(self, order):
        for batch in order.reshape(-1, self.batch_size).astype(numpy.int32):
            self.state = self.step(self.state, self.inputs, self.targets, batch)
        jax.block_until_ready(self.state)


if __name__ == "__main__":
    harness.main(JaxStep)
