"""Data sets: samples in the library's memory, each with a label, or with a value for each output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

import numpy as np

from . import _native
from ._native import ffi, lib
from .columns import as_matrix

if TYPE_CHECKING:
    from .network import PathLike


def floats(values: Any) -> tuple[np.ndarray, Any]:
    """float32 in the order of rows, copied only where it is not yet, and a pointer to it, which holds it."""
    array = np.ascontiguousarray(values, np.float32)
    return array, ffi.from_buffer("float[]", array)


class Dataset:
    """A copy of samples.

    inputs: array or table [n_samples, n_inputs] of numbers; uint8 stays as it is, all else becomes float32. Tables
    may be pandas', or any that has the Arrow stream protocol. labels: whole numbers from 0, [n_samples]. values:
    numbers to predict, [n_samples] or [n_samples, n_outputs], in the place of labels. weights: [n_samples], 0 or above.
    class_count: how many classes there are; else one more than the largest label.
    """

    def __init__(
        self,
        inputs: Any,
        labels: Any = None,
        *,
        values: Any = None,
        weights: Any = None,
        class_count: Optional[int] = None,
    ) -> None:
        if labels is not None and values is not None:
            raise ValueError("a data set has either labels or values")
        matrix = np.asarray(as_matrix(inputs))
        if matrix.ndim != 2:
            raise ValueError(f"inputs must have 2 dimensions, [n_samples, n_inputs], not {matrix.ndim}")
        pointer: Any
        if matrix.dtype == np.uint8:
            make, kind = lib.epocl_dataset_from_bytes, "uint8_t[]"
            pointer = ffi.from_buffer(kind, np.ascontiguousarray(matrix))
        else:
            make = lib.epocl_dataset_from_floats
            _, pointer = floats(matrix)
        classes, label_pointer = _labels(labels, len(matrix), class_count)
        self._handle = _native.create("dataset", make, pointer, label_pointer, *matrix.shape, classes)
        if values is not None:
            self.set_values(values)
        if weights is not None:
            self.set_weights(weights)

    @classmethod
    def _of(cls, handle: Any) -> "Dataset":
        dataset = cls.__new__(cls)
        dataset._handle = handle
        return dataset

    @classmethod
    def load(cls, inputs_path: "PathLike", labels_path: Optional["PathLike"] = None) -> "Dataset":
        """Reads IDX files, plain or gzip."""
        labels = ffi.NULL if labels_path is None else _native.path_of(labels_path)
        return cls._of(_native.create("dataset", lib.epocl_dataset_load, _native.path_of(inputs_path), labels))

    def set_values(self, values: Any) -> None:
        """Targets: numbers [n_samples] or [n_samples, n_outputs], copied, in the place of labels."""
        array, pointer = floats(values)
        if array.ndim not in (1, 2) or len(array) != self.sample_count:
            raise ValueError(
                f"values must be [{self.sample_count}] or [{self.sample_count}, n_outputs], not {array.shape}"
            )
        outputs = 1 if array.ndim == 1 else array.shape[1]
        _native.check(lib.epocl_dataset_set_values(self._handle, pointer, outputs))

    def set_weights(self, weights: Any) -> None:
        """A weight for each sample, 0 or above, copied: weight 2 counts as two that are alike."""
        array, pointer = floats(weights)
        if array.shape != (self.sample_count,):
            raise ValueError(f"weights must be [{self.sample_count}], not {array.shape}")
        _native.check(lib.epocl_dataset_set_weights(self._handle, pointer))

    def split(self, fraction: float, seed: int = 1) -> tuple["Dataset", "Dataset"]:
        """Two new data sets by a seeded permutation; `fraction` of the samples goes to the second."""
        places = ffi.new("epocl_dataset *[2]")
        _native.check(lib.epocl_dataset_split(self._handle, fraction, seed, places, places + 1))
        return Dataset._of(_native.own("dataset", places[0])), Dataset._of(_native.own("dataset", places[1]))

    @property
    def sample_count(self) -> int:
        return lib.epocl_dataset_sample_count(self._handle)

    @property
    def input_count(self) -> int:
        return lib.epocl_dataset_input_count(self._handle)

    @property
    def class_count(self) -> int:
        """0 without labels."""
        return lib.epocl_dataset_class_count(self._handle)

    @property
    def value_count(self) -> int:
        """Target values a sample; 0 without."""
        return lib.epocl_dataset_value_count(self._handle)

    def count_classes(self) -> np.ndarray:
        """How many samples each class has, [class_count]."""
        counts = ffi.new("size_t[]", max(self.class_count, 1))
        _native.check(lib.epocl_dataset_count_classes(self._handle, counts))
        return np.array(list(counts), np.intp)[: self.class_count]

    def __len__(self) -> int:
        return self.sample_count

    def __repr__(self) -> str:
        targets = f", {self.class_count} classes" if self.class_count else f", {self.value_count} values"
        return f"<epocl.Dataset {self.sample_count} x {self.input_count}{targets}>"


def _labels(labels: Any, sample_count: int, class_count: Optional[int]) -> tuple[int, Any]:
    """The number of classes, and a pointer to the labels as uint32."""
    if labels is None:
        return 0, ffi.NULL
    array = np.asarray(labels)
    if array.shape != (sample_count,):
        raise ValueError(f"labels must be [{sample_count}], one for each sample, not {array.shape}")
    if array.dtype.kind not in "iub":
        raise ValueError(f"labels must be whole numbers counted from 0, not {array.dtype}")
    if array.size and int(array.min()) < 0:
        raise ValueError("labels are counted from 0; one is negative")
    if class_count is None:
        class_count = int(array.max()) + 1 if array.size else 0
    # One that does not fit stays too large, so that the library names it.
    fitting = array if array.dtype.itemsize <= 4 else np.minimum(array, 2**32 - 1)
    return class_count, ffi.from_buffer("uint32_t[]", np.ascontiguousarray(fitting, np.uint32))
