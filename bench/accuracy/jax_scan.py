"""A recipe in JAX: the whole training is one compiled function, epochs and steps are scans, images lie in memory as
bytes. What was compiled is kept for the next process. An incomplete last mini-batch is left out: shapes are fixed."""

import os
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy

from bench.accuracy import recipe as recipes
from bench.accuracy.recipe import BETA1, BETA2, EPSILON


def make_cost(recipe):
    """Mean cost of a mini-batch."""

    def cost(layers, x, y, key):
        for l, (weights, biases) in enumerate(layers):
            x = x @ weights + biases
            if l + 1 < len(layers):
                x = jax.nn.relu(x)
                if recipe.dropout:
                    kept = jax.random.bernoulli(jax.random.fold_in(key, l), 1 - recipe.dropout, x.shape)
                    x = jnp.where(kept, x / (1 - recipe.dropout), 0)
        logs = jax.nn.log_softmax(x)
        right = -jnp.mean(jnp.take_along_axis(logs, y[:, None], axis=1))
        smoothing = recipe.label_smoothing
        return (1 - smoothing) * right - smoothing * jnp.mean(logs) if smoothing else right

    return cost


def normalization(recipe, images):
    """Factors and shifts of all, or of each pixel; a pixel that never changes becomes 0."""
    if recipe.normalize == "scale255":
        return jnp.float32(1 / 255), jnp.float32(0)
    mean, deviation = (of(images.astype(jnp.float32), axis=0) for of in (jnp.mean, jnp.std))
    scale = jnp.where(deviation > 0, 1 / deviation, 0)
    return scale, -mean * scale


def make_step(recipe):
    gradients_of = jax.grad(make_cost(recipe))

    def step(state, x, y, rate, key):
        layers, t, first, second = state
        gradients, t = gradients_of(layers, x, y, key), t + 1
        first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, gradients)
        second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, gradients)
        scale, root = rate / (1 - BETA1**t), jax.lax.rsqrt(1 - BETA2**t)

        def changed(w, m, v):
            kept = 1 - rate * recipe.weight_decay if w.ndim > 1 and recipe.weight_decay else 1
            return kept * w - scale * m / (jnp.sqrt(v) * root + EPSILON)

        return jax.tree.map(changed, layers, first, second), t, first, second

    return step


def train(recipe, seed):
    cache = Path(os.environ.get("BUILD", "build"), "peers", "jax-cache").absolute()
    jax.config.update("jax_compilation_cache_dir", str(cache))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    images, labels = recipes.read_images("train")
    steps = len(images) // recipe.batch_size
    rates = recipes.rates(recipe, recipe.epochs * steps).reshape(recipe.epochs, steps)
    layers = [(jnp.asarray(weights.T), jnp.asarray(biases)) for weights, biases in recipes.first_layers(recipe, seed)]
    step = make_step(recipe)

    @jax.jit
    def whole(layers, key, rates, images, labels):
        scale, shift = normalization(recipe, images)

        def epoch(state, given):
            rates, key = given
            order = jax.random.permutation(key, len(images))
            batches = order[: steps * recipe.batch_size].reshape(steps, recipe.batch_size)

            def scanned(state, given):
                batch, rate, number = given
                x = images[batch].astype(jnp.float32) * scale + shift
                return step(state, x, labels[batch], rate, jax.random.fold_in(key, number)), None

            return jax.lax.scan(scanned, state, (batches, rates, jnp.arange(steps)))[0], None

        zeros = jax.tree.map(jnp.zeros_like, layers)
        keys = jax.random.split(key, recipe.epochs)
        return jax.lax.scan(epoch, (layers, jnp.zeros(()), zeros, zeros), (rates, keys))[0][0], scale, shift

    trained, scale, shift = whole(layers, jax.random.key(seed), rates, images, labels.astype(numpy.int32))
    layers = [(numpy.asarray(weights).T, numpy.asarray(biases)) for weights, biases in trained]
    return recipes.Model(numpy.asarray(scale), numpy.asarray(shift), layers)


if __name__ == "__main__":
    recipes.main(train)
