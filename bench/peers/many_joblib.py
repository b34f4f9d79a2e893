"""scikit-learn's MLPClassifier, as many at a time as there are cores, by joblib. Its first weights and its output, a softmax,
are its own."""

import os

import joblib
import numpy
import sklearn
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from bench.peers import many


def train(classifier, inputs, labels, classes, order, step_count, batch_size):
    """From where it stands; an epoch's part for each call, as partial_fit shuffles what it is given."""
    with threadpool_limits(1):
        left = step_count
        while left > 0:
            count = min(left, len(inputs) // batch_size) * batch_size
            chosen = order.permutation(len(inputs))[:count]
            classifier.partial_fit(inputs[chosen], labels[chosen], classes=classes)
            left -= count // batch_size
    return classifier, order


def make_runner(network, inputs, labels, layers_of_each, orders):
    classes = numpy.arange(network.units[-1])
    members = [(MLPClassifier(hidden_layer_sizes=network.units[1:-1],
                              activation="logistic" if many.is_seed(network) else "relu",
                              solver="sgd" if many.is_seed(network) else "adam",
                              alpha=0,
                              batch_size=network.batch_size,
                              learning_rate_init=network.learning_rate,
                              momentum=0,
                              nesterovs_momentum=False,
                              random_state=seed), order) for seed, order in enumerate(orders)]

    def run(step_count):
        work = (joblib.delayed(train)(classifier, inputs, labels, classes, order, step_count, network.batch_size)
                for classifier, order in members)
        members[:] = joblib.Parallel(n_jobs=len(os.sched_getaffinity(0)))(work)
        return [classifier.loss_ for classifier, _ in members]

    return run


if __name__ == "__main__":
    many.main("scikit-learn, joblib", sklearn.__version__, make_runner)
