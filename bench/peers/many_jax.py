"""JAX, all networks at once: a step under vmap over the networks, many steps in a scan, the whole compiled."""

import functools

import jax
import jax.numpy as jnp
import numpy

from bench.peers import many
from bench.peers.harness import BETA1, BETA2, EPSILON

WEIGHT_DECAY = 0.01
SCAN_STEPS = 20  # compiled as one function


def make_step(network):
    is_seed, rate = many.is_seed(network), network.learning_rate
    activation = jax.nn.sigmoid if is_seed else jax.nn.relu
    decay = WEIGHT_DECAY if network.recipe.optimizer == "adamw" else 0.0

    def cost_of(layers, x, y):
        for weights, biases in layers[:-1]:
            x = activation(x @ weights.T + biases)
        weights, biases = layers[-1]
        z = x @ weights.T + biases
        wanted = jax.nn.one_hot(y, z.shape[-1])
        if is_seed:
            return jnp.sum(jax.nn.softplus(z) - wanted * z) / len(y)
        return -jnp.sum(jax.nn.log_softmax(z) * wanted) / len(y)

    def step(state, x, y):
        layers, t, first, second = state
        cost, gradients = jax.value_and_grad(cost_of)(layers, x, y)
        if is_seed:
            return (jax.tree.map(lambda value, g: value - rate * g, layers, gradients), t, first, second), cost
        t = t + 1
        first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, gradients)
        second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, gradients)
        scaled, root = rate / (1 - BETA1**t), jax.lax.rsqrt(1 - BETA2**t)
        update = lambda value, m, v: value * (1 - rate * decay) - scaled * m / (jnp.sqrt(v) * root + EPSILON)
        return (jax.tree.map(update, layers, first, second), t, first, second), cost

    return step


def make_runner(network, inputs, labels, layers_of_each, orders):
    x, y = jnp.asarray(inputs), jnp.asarray(labels)
    layers = jax.tree.map(lambda *values: jnp.stack(values), *layers_of_each)
    zeros = jax.tree.map(jnp.zeros_like, layers)
    state = [(layers, jnp.zeros(len(orders)), zeros, jax.tree.map(jnp.zeros_like, layers))]
    step = jax.vmap(make_step(network), in_axes=(0, 0, 0))

    @functools.partial(jax.jit, donate_argnums=0)
    def steps(state, x, y, batches):
        return jax.lax.scan(lambda state, batch: step(state, x[batch], y[batch]), state, batches)

    def run(step_count):
        """Whole scans: a few steps more at the end."""
        batch, cost = network.batch_size, None
        in_epoch = len(inputs) // batch // SCAN_STEPS * SCAN_STEPS
        for done in range(0, step_count, SCAN_STEPS):
            if done % in_epoch == 0:
                order = numpy.stack([each.permutation(len(inputs))[: in_epoch * batch] for each in orders])
                order = order.reshape(len(orders), in_epoch, batch).swapaxes(0, 1).astype(numpy.int32)
            place = done % in_epoch
            state[0], cost = steps(state[0], x, y, order[place : place + SCAN_STEPS])
        return numpy.asarray(jax.block_until_ready(cost))[-1]

    return run


if __name__ == "__main__":
    many.main("JAX vmap", jax.__version__, make_runner)
