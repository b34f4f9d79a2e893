"""FANN through fann_loop.c. It trains on the squared error and with one thread, so its steps are not compared with the
reference: only the arithmetic is that of the other peers."""

import ctypes
import sys

import numpy

from bench.peers import harness

FLOATS = ctypes.POINTER(ctypes.c_float)


class FannLoop(harness.Peer):
    name = "FANN"
    version = harness.debian_version("libfann-dev")
    checked = False

    def __init__(self, network, inputs, targets, layers):
        self.units, self.batch_size = network.units, network.batch_size
        self.inputs, self.targets = inputs, targets
        self.library = ctypes.CDLL(str(harness.BUILD / "fann_loop.so"))
        self.library.fann_loop_create.restype = ctypes.c_void_p
        self.library.fann_loop_run.restype = ctypes.c_double
        self.network = ctypes.c_void_p(
            self.library.fann_loop_create(
                (ctypes.c_uint * len(network.units))(*network.units),
                len(network.units) - 1,
                ctypes.c_float(network.learning_rate),
            )
        )
        if not self.network:
            sys.exit("not enough memory for FANN")
        self.library.fann_loop_weights.restype = FLOATS
        count = sum(above * (below + 1) for below, above in zip(self.units, self.units[1:]))
        self.weights = numpy.ctypeslib.as_array(self.library.fann_loop_weights(self.network), (count,))
        self.weights[:] = numpy.concatenate([numpy.column_stack(layer).ravel() for layer in layers])

    def run(self, order):
        error = self.library.fann_loop_run(
            self.network,
            self.inputs.ctypes.data_as(FLOATS),
            self.targets.ctypes.data_as(FLOATS),
            order.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_int64(len(order)),
            self.batch_size,
        )
        if not error >= 0:
            sys.exit("not enough memory for FANN")

    def layers(self):
        layers, first = [], 0
        for below, above in zip(self.units, self.units[1:]):
            last = first + above * (below + 1)
            rows = self.weights[first:last].reshape(above, below + 1)
            layers.append((rows[:, :below].copy(), rows[:, below].copy()))
            first = last
        return layers


if __name__ == "__main__":
    harness.main(FannLoop)
