"""Files of Fashion-MNIST as arrays."""

import gzip
import os
from pathlib import Path

import numpy


def read_idx(name):
    folder = Path(os.environ.get("EPOCL_DATA", "/usr/share/datasets/fashion-mnist"))
    with gzip.open(folder / f"{name}-ubyte.gz") as file:
        content = file.read()
    dimensions = content[3]
    shape = numpy.frombuffer(content, ">u4", dimensions, 4)
    return numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * dimensions).reshape(shape)
