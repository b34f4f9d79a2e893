import signal
from pathlib import Path

import numpy as np
import pytest

import epocl

NATIVE = Path(__file__).resolve().parents[1] / "native"
# In the repository the header lies beside the package, in a source distribution in it.
ROOT = NATIVE if NATIVE.is_dir() else Path(__file__).resolve().parents[2]


# A shell's background job inherits that Ctrl-C is ignored, and Python then leaves it so.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def header():
    return (ROOT / "include" / "epocl.h").read_text()


@pytest.fixture(scope="session")
def device():
    return epocl.Device()


@pytest.fixture
def options():
    return epocl.Options(
        hidden=(8,), activation="relu", cost="softmax-cross-entropy", optimizer="adam", learning_rate=0.01,
        plan="layered", tune="off",
    )  # fmt: skip


@pytest.fixture
def rings():
    """Points in three rings around the origin, float32 [300, 2], and their labels."""
    angle = 2.399963 * np.arange(300)
    radius = 3.0 * (np.arange(300) % 100) / 100
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return points.astype(np.float32), radius.astype(np.uint32)
