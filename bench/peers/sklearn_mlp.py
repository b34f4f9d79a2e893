"""scikit-learn's MLPClassifier. Its output is a softmax with its own cost and its first weights are its own, so the
steps are not compared with the reference: only the arithmetic is that of the other peers."""

import numpy
import sklearn
from sklearn.neural_network import MLPClassifier

from bench.networks import ADAM
from bench.peers import harness


class SklearnMlp(harness.Peer):
    name = "scikit-learn"
    version = sklearn.__version__
    checked = False

    def __init__(self, network, inputs, targets, layers):
        self.inputs = inputs
        self.labels = targets.argmax(axis=1)
        self.classes = numpy.arange(targets.shape[1])
        self.classifier = MLPClassifier(
            hidden_layer_sizes=network.units[1:-1],
            activation="relu" if network.recipe == ADAM else "logistic",
            solver="adam" if network.recipe == ADAM else "sgd",
            alpha=0,
            batch_size=network.batch_size,
            learning_rate_init=network.learning_rate,
            momentum=0,
            nesterovs_momentum=False,
            random_state=1,
        )

    def run(self, order):
        """The classifier shuffles for itself."""
        count = len(order)
        self.classifier.partial_fit(self.inputs[:count], self.labels[:count], classes=self.classes)

    def cost(self, inputs, targets):
        """Its own: of a softmax."""
        if not hasattr(self.classifier, "coefs_"):
            return float(numpy.log(len(self.classes)))
        likelihood = (self.classifier.predict_proba(inputs) * targets).sum(axis=1)
        return float(-numpy.log(likelihood.clip(1e-12)).mean())


if __name__ == "__main__":
    harness.main(SklearnMlp)
