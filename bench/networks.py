"""The networks that everything here is measured on, each with two recipes, and what a sample of each costs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. Peers that know only plain gradient descent are measured with the seed's alone."""

    name: str
    activation: str  # of the hidden layers
    cost: str
    optimizer: str

    @property
    def epocl_options(self):
        return ["--activation", self.activation, "--cost", self.cost, "--optimizer", self.optimizer]


SEED = Recipe("seed", "sigmoid", "cross-entropy", "sgd")
ADAM = Recipe("adam", "relu", "softmax-cross-entropy", "adam")  # as people train: `epocl bench --recipe standard`


@dataclass(frozen=True)
class Network:
    name: str
    units: tuple  # inputs, hidden layers, outputs
    batch_size: int
    learning_rate: float
    recipe: Recipe = SEED

    @property
    def shape(self):
        return "-".join(str(count) for count in self.units)

    @property
    def flop_per_sample(self):
        """Multiplications and additions of the matrix products of training: with P weights, of which P_first lie in
        the first layer, 2P forward, 2P for the gradient, 2 (P - P_first) for the delta."""
        weights = [below * above for below, above in zip(self.units, self.units[1:])]
        return 6 * sum(weights) - 2 * weights[0]


SHAPES = {
    "S": ((784, 30, 10), 10),
    "M1": ((784, 128, 10), 32),
    "M": ((784, 512, 512, 10), 128),
    "L": ((784, 2048, 2048, 10), 512),
}
NETWORKS = {name: Network(name, *shape, 0.3) for name, shape in SHAPES.items()}
NETWORKS |= {f"{name}-adam": Network(f"{name}-adam", *shape, 0.001, ADAM) for name, shape in SHAPES.items()}
SEED_NETWORKS = tuple(SHAPES)
