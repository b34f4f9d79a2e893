"""The four networks that everything here is measured on, and what a sample of each costs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    name: str
    units: tuple  # inputs, hidden layers, outputs
    batch_size: int
    learning_rate: float

    @property
    def shape(self):
        return "-".join(str(count) for count in self.units)

    @property
    def flop_per_sample(self):
        """Multiplications and additions of the matrix products of training: with P weights, of which P_first lie in
        the first layer, 2P forward, 2P for the gradient, 2 (P - P_first) for the delta."""
        weights = [below * above for below, above in zip(self.units, self.units[1:])]
        return 6 * sum(weights) - 2 * weights[0]


NETWORKS = {
    network.name: network
    for network in (
        Network("S", (784, 30, 10), 10, 0.3),
        Network("M1", (784, 128, 10), 32, 0.3),
        Network("M", (784, 512, 512, 10), 128, 0.3),
        Network("L", (784, 2048, 2048, 10), 512, 0.3),
    )
}
