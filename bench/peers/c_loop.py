"""The loop of gemm_loop.c on OpenBLAS or oneDNN. Usage: python -m bench.peers.c_loop LIBRARY NETWORK ..."""

import ctypes
import sys

from bench.peers import harness

FLOATS = ctypes.POINTER(ctypes.c_float)
NAMES = {"openblas": ("C loop, OpenBLAS", "libopenblas-dev"), "onednn": ("C loop, oneDNN", "libdnnl-dev")}


def pointer(array):
    return array.ctypes.data_as(FLOATS)


class CLoop(harness.Peer):

    def __init__(self, network, inputs, targets, layers):
        self.kept = inputs, targets  # the loop reads them
        self.parameters = [(weights.copy(), biases.copy()) for weights, biases in layers]
        rows = FLOATS * len(layers)
        self.library.gemm_loop_create.restype = ctypes.c_void_p
        self.loop = ctypes.c_void_p(
            self.library.gemm_loop_create(
                (ctypes.c_int * len(network.units))(*network.units),
                len(layers),
                network.batch_size,
                ctypes.c_float(network.learning_rate),
                pointer(inputs),
                pointer(targets),
                rows(*(pointer(weights) for weights, _ in self.parameters)),
                rows(*(pointer(biases) for _, biases in self.parameters)),
            )
        )
        if not self.loop:
            sys.exit("not enough memory for the loop")

    def run(self, order):
        self.library.gemm_loop_run(self.loop, order.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(len(order)))

    def layers(self):
        return [(weights.copy(), biases.copy()) for weights, biases in self.parameters]


def choose(library_name):
    CLoop.name, package = NAMES[library_name]
    CLoop.version = harness.debian_version(package)
    CLoop.library = ctypes.CDLL(str(harness.BUILD / f"{library_name}_loop.so"))
    if library_name == "openblas":
        CLoop.library.openblas_get_corename.restype = ctypes.c_char_p
        CLoop.version += f" ({CLoop.library.openblas_get_corename().decode()})"


if __name__ == "__main__":
    choose(sys.argv.pop(1))
    harness.main(CLoop)
