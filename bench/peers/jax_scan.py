"""JAX with a whole epoch compiled as one function: the steps are a scan over the shuffled mini-batches."""

import functools

import jax
import jax.numpy as jnp
import numpy

from bench.networks import ADAM
from bench.peers import harness
from bench.peers.harness import BETA1, BETA2, EPSILON


def make_cost(recipe):
    """Mean cost of a mini-batch."""
    activation = jax.nn.relu if recipe == ADAM else jax.nn.sigmoid

    def cost(layers, x, y):
        for weights, biases in layers[:-1]:
            x = activation(x @ weights.T + biases)
        weights, biases = layers[-1]
        z = x @ weights.T + biases
        if recipe == ADAM:
            return -jnp.sum(jax.nn.log_softmax(z) * y) / len(y)
        return jnp.sum(jax.nn.softplus(z) - y * z) / len(y)

    return cost


def first_state(recipe, layers):
    """The parameters, and with Adam the steps so far and the averages of gradients and of their squares."""
    if recipe != ADAM:
        return (layers,)
    return layers, jnp.zeros(()), jax.tree.map(jnp.zeros_like, layers), jax.tree.map(jnp.zeros_like, layers)


def make_step(network):
    """The update of the state on a mini-batch."""
    gradients_of = jax.grad(make_cost(network.recipe))

    def descend(state, x, y):
        (layers,) = state
        gradients = gradients_of(layers, x, y)
        return (jax.tree.map(lambda value, gradient: value - network.learning_rate * gradient, layers, gradients),)

    def adam(state, x, y):
        layers, t, first, second = state
        gradients, t = gradients_of(layers, x, y), t + 1
        first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, gradients)
        second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, gradients)
        rate, root = network.learning_rate / (1 - BETA1**t), jax.lax.rsqrt(1 - BETA2**t)
        step = lambda value, m, v: value - rate * m / (jnp.sqrt(v) * root + EPSILON)
        return jax.tree.map(step, layers, first, second), t, first, second

    return adam if network.recipe == ADAM else descend


class Jax(harness.Peer):
    version = jax.__version__

    def __init__(self, network, inputs, targets, layers):
        self.batch_size = network.batch_size
        self.inputs = jnp.asarray(inputs)
        self.targets = jnp.asarray(targets)
        layers = [(jnp.array(weights), jnp.array(biases)) for weights, biases in layers]
        self.state = first_state(network.recipe, layers)

    def layers(self):
        return [(numpy.array(weights), numpy.array(biases)) for weights, biases in self.state[0]]


class JaxScan(Jax):
    name = "JAX scan"
    whole_epochs = True

    def __init__(self, network, inputs, targets, layers):
        super().__init__(network, inputs, targets, layers)
        step = make_step(network)

        @functools.partial(jax.jit, donate_argnums=0)
        def epoch(state, inputs, targets, batches):
            def scanned(state, batch):
                return step(state, inputs[batch], targets[batch]), None

            return jax.lax.scan(scanned, state, batches)[0]

        self.epoch = epoch

    def run(self, order):
        batches = order.reshape(-1, self.batch_size).astype(numpy.int32)
        self.state = jax.block_until_ready(self.epoch(self.state, self.inputs, self.targets, batches))


if __name__ == "__main__":
    harness.main(JaxScan)
