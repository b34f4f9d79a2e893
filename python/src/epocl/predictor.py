"""Predictors: a network that stays on a device, for any number of data sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional, Union

import numpy as np

from . import _native
from ._native import ffi, lib
from .columns import is_table
from .dataset import Dataset
from .device import Device
from .network import Network
from .tables import Table


@dataclass(frozen=True)
class Evaluation:
    """Mean cost over the samples, and the part of them whose class is their label, or all of whose outputs say yes and
    no rightly (NaN for values to predict)."""

    cost: float
    accuracy: float
    sample_count: int


def _dataset(inputs: Any, table_network: Optional[Network]) -> Dataset:
    """What a network takes; `table_network`: the network, where it is of a table."""
    if isinstance(inputs, Dataset):
        return inputs
    if table_network is not None and (isinstance(inputs, Table) or is_table(inputs)):
        return (inputs if isinstance(inputs, Table) else Table(inputs)).encode(table_network)
    return Dataset(inputs)


def evaluate(device: Device, network: Network, dataset: Dataset) -> Evaluation:
    """Cost and accuracy of `network` on data with labels or target values."""
    struct, size = _native.result("epocl_evaluation")
    with device._lock:
        _native.check(lib.epocl_evaluate_sized(device._handle, network._handle, dataset._handle, struct, size))
    return _native.record(Evaluation, struct)


@dataclass(frozen=True)
class Calibration:
    """The temperature that calibrating has found, 1 where none is better, and the mean cost before and after."""

    temperature: float
    cost_before: float
    cost_after: float


def calibrate(device: Device, network: Network, dataset: Dataset) -> Calibration:
    """Calibrates the probabilities of a network or an ensemble on data that it was not trained on, and changes it: the
    output layers' parameters are divided by a temperature. Its cost on `dataset` never rises."""
    struct, size = _native.result("epocl_calibration")
    with device._lock:
        status = lib.epocl_network_calibrate_sized(device._handle, network._handle, dataset._handle, struct, size)
        network._change_count += 1
        _native.check(status)
    return _native.record(Calibration, struct)


class Predictor:
    """`network` on `device`, compiled. It keeps what it needs of both: training the network on does not change it."""

    def __init__(self, device: Device, network: Network) -> None:
        self._lock = device._lock
        self._output_count = network.output_count
        self._member_count = len(network.member_shares)
        self._table_network = network.copy() if network.columns else None
        with self._lock:
            self._handle = _native.create("predictor", lib.epocl_predictor_create, device._handle, network._handle)

    def predict(self, inputs: Union[Dataset, Any]) -> np.ndarray:
        """The network's outputs, float32 [n_samples, n_outputs], for a data set, an array or a table."""
        dataset = _dataset(inputs, self._table_network)
        outputs = np.empty((dataset.sample_count, self._output_count), np.float32)
        self._run(dataset, ffi.from_buffer("float[]", outputs, require_writable=True), ffi.NULL)
        return outputs

    def predict_classes(self, inputs: Union[Dataset, Any]) -> np.ndarray:
        """The class of each sample, uint32 [n_samples]: the output whose weighted input is largest."""
        dataset = _dataset(inputs, self._table_network)
        classes = np.empty(dataset.sample_count, np.uint32)
        self._run(dataset, ffi.NULL, ffi.from_buffer("uint32_t[]", classes, require_writable=True))
        return classes

    def predict_members(self, inputs: Union[Dataset, Any]) -> np.ndarray:
        """What each member of an ensemble says by itself, float32 [n_members, n_samples, n_outputs]: how far they are
        apart tells how sure the model is."""
        dataset = _dataset(inputs, self._table_network)
        outputs = np.empty((self._member_count, dataset.sample_count, self._output_count), np.float32)
        for member, place in enumerate(outputs):
            room = ffi.from_buffer("float[]", place, require_writable=True)
            with self._lock:
                _native.check(lib.epocl_predictor_run_member(self._handle, member, dataset._handle, room, ffi.NULL))
        return outputs

    def _run(self, dataset: Dataset, outputs: Any, classes: Any) -> None:
        with self._lock:
            _native.check(lib.epocl_predictor_run(self._handle, dataset._handle, outputs, classes))

    def evaluate(self, dataset: Dataset) -> Evaluation:
        """Cost and accuracy on data with labels or target values."""
        struct, size = _native.result("epocl_evaluation")
        with self._lock:
            _native.check(lib.epocl_predictor_evaluate_sized(self._handle, dataset._handle, struct, size))
        return _native.record(Evaluation, struct)

    def metrics(self, dataset: Dataset) -> dict[str, Union[float, np.ndarray]]:
        """All that can be said of the predictions and the targets of `dataset`, by name: "accuracy", "f1", ... A float,
        or float64 [n_classes] or [n_classes, n_classes] of those that are for each class, or for each true class with
        each predicted one. docs/math.md has the names."""
        with self._lock:
            made = _native.create("metrics", lib.epocl_predictor_metrics, self._handle, dataset._handle)
        found: dict[str, Union[float, np.ndarray]] = {}
        struct, size = _native.result("epocl_metric")
        while lib.epocl_metrics_at_sized(made, len(found), struct, size) == lib.EPOCL_OK:
            found[_native.string(struct.name)] = _metric(struct)
        return found


def _metric(metric: Any) -> Union[float, np.ndarray]:
    if metric.kind in (lib.EPOCL_METRIC_OVERALL, lib.EPOCL_METRIC_AVERAGE):
        return float(metric.values[0])
    values = np.array(ffi.unpack(metric.values, metric.rows * metric.columns))
    return values if metric.kind == lib.EPOCL_METRIC_EACH else values.reshape(metric.rows, metric.columns)
