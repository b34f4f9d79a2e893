"""JAX with a whole epoch compiled as one function: the steps are a scan over the shuffled mini-batches."""

import functools

import jax
import jax.numpy as jnp
import numpy

from bench.peers import harness


def make_step(network):
    """The update of the parameters on a mini-batch."""

    def cost(layers, x, y):
        for weights, biases in layers[:-1]:
            x = jax.nn.sigmoid(x @ weights.T + biases)
        weights, biases = layers[-1]
        z = x @ weights.T + biases
        return jnp.sum(jax.nn.softplus(z) - y * z) / network.batch_size

    def step(layers, x, y):
        gradients = jax.grad(cost)(layers, x, y)
        return jax.tree.map(lambda value, gradient: value - network.learning_rate * gradient, layers, gradients)

    return step


class Jax(harness.Peer):
    version = jax.__version__

    def __init__(self, network, inputs, targets, layers):
        self.batch_size = network.batch_size
        self.inputs = jnp.asarray(inputs)
        self.targets = jnp.asarray(targets)
        self.parameters = [(jnp.array(weights), jnp.array(biases)) for weights, biases in layers]

    def layers(self):
        return [(numpy.array(weights), numpy.array(biases)) for weights, biases in self.parameters]


class JaxScan(Jax):
    name = "JAX scan"
    whole_epochs = True

    def __init__(self, network, inputs, targets, layers):
        super().__init__(network, inputs, targets, layers)
        step = make_step(network)

        @functools.partial(jax.jit, donate_argnums=0)
        def epoch(parameters, inputs, targets, batches):
            def scanned(parameters, batch):
                return step(parameters, inputs[batch], targets[batch]), None

            return jax.lax.scan(scanned, parameters, batches)[0]

        self.epoch = epoch

    def run(self, order):
        batches = order.reshape(-1, self.batch_size).astype(numpy.int32)
        self.parameters = jax.block_until_ready(self.epoch(self.parameters, self.inputs, self.targets, batches))


if __name__ == "__main__":
    harness.main(JaxScan)
