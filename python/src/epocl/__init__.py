"""epocl: trains fully connected neural networks on any OpenCL device.

EpoclClassifier and EpoclRegressor are estimators of scikit-learn. Below them are Device, Table, Dataset, Options,
Network, Trainer and Predictor, which are the library's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _native
from .dataset import Dataset
from .device import Device, DeviceInfo, DeviceSpeed, PlatformInfo, devices, platforms
from .errors import (
    ArgumentError,
    DataError,
    DeviceError,
    DeviceTimeoutError,
    DivergedError,
    EpoclError,
    InputError,
    OpenCLError,
    OutOfMemoryError,
    OutputError,
    SelfTestError,
    Status,
    Stopped,
    WriteError,
)
from .network import Network, NetworkColumn
from .options import OptionInfo, Options, option_infos
from .predictor import Calibration, Evaluation, Predictor, calibrate, evaluate
from .tables import Table
from .trainer import End, EpochResult, Progress, Trainer, TrainerInfo

if TYPE_CHECKING:
    from .estimators import EpoclClassifier, EpoclRegressor, load, print_progress

__version__: str = _native.string(_native.lib.epocl_version())

# With them comes scikit-learn, which takes a second to import.
_ESTIMATORS = ("EpoclClassifier", "EpoclRegressor", "load", "print_progress")

__all__ = [
    "ArgumentError", "Calibration", "DataError", "Dataset", "Device", "DeviceError", "DeviceInfo", "DeviceSpeed",
    "DeviceTimeoutError", "DivergedError", "End", "EpochResult", "EpoclClassifier", "EpoclError", "EpoclRegressor",
    "Evaluation", "InputError", "Network", "NetworkColumn", "OpenCLError", "OptionInfo", "Options",
    "OutOfMemoryError", "OutputError", "PlatformInfo", "Predictor", "Progress", "SelfTestError", "Status", "Stopped",
    "Table", "Trainer", "TrainerInfo", "WriteError", "calibrate", "devices", "evaluate", "load", "option_infos",
    "platforms", "print_progress",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _ESTIMATORS:
        from . import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module 'epocl' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ESTIMATORS})
