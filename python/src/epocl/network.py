"""Networks: a description and, once trained or loaded, the parameters, in host memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional, Sequence, Union

import numpy as np

from . import _native
from ._native import ffi, lib
from .options import Options

if TYPE_CHECKING:
    import os

    from .dataset import Dataset

    PathLike = Union[str, bytes, os.PathLike]


@dataclass(frozen=True)
class NetworkColumn:
    """A column of a table that a network takes, or its target. `levels` are those of a category, None among them the
    missing one, or the names of classes; () for numbers."""

    name: str
    is_target: bool
    levels: tuple[Optional[str], ...]


class Network:
    """A network that fits `dataset`: as many inputs as it has, an output for each class or target value, inputs
    normalised by its statistics, which the network keeps. It has no parameters until it is trained.

    It can be copied and pickled once it has parameters.
    """

    _change_count = 0  # how often its parameters were changed where they are

    def __init__(self, dataset: "Dataset", options: Optional[Options] = None) -> None:
        options = Options() if options is None else options
        self._handle = _native.create("network", lib.epocl_network_create, dataset._handle, options._handle)

    @classmethod
    def _of(cls, handle: Any) -> "Network":
        network = cls.__new__(cls)
        network._handle = handle
        return network

    @classmethod
    def load(cls, path: "PathLike") -> "Network":
        """Reads a safetensors file that epocl has written, or a checkpoint."""
        return cls._of(_native.create("network", lib.epocl_network_load, _native.path_of(path)))

    def save(self, path: "PathLike") -> None:
        """Writes one safetensors file, whole or not at all."""
        _native.check(lib.epocl_network_save(self._handle, _native.path_of(path)))

    def export(self, path: "PathLike", format: Optional[str] = None, prefix: Optional[str] = None) -> None:
        """Writes a trained network as what other programs run: "onnx", "c", "c-int8" or "safetensors"; None: as the ending of
        `path` says. `prefix` begins the names in C."""
        texts = [ffi.NULL if text is None else text.encode() for text in (format, prefix)]
        _native.check(lib.epocl_network_export(self._handle, *texts, _native.path_of(path)))

    @classmethod
    def from_other(
        cls,
        path: "PathLike",
        activation: Optional[str] = None,
        cost: Optional[str] = None,
        output_activation: Optional[str] = None,
    ) -> "Network":
        """What another program trained: safetensors of a PyTorch Sequential, which does not say its activation and
        cost, or an ONNX file of a fully connected network, which does."""
        texts = [ffi.NULL if text is None else text.encode() for text in (activation, cost, output_activation)]
        return cls._of(_native.create("network", lib.epocl_network_import, _native.path_of(path), *texts))

    @classmethod
    def ensemble(cls, members: "Sequence[Network]", weights: Optional[Sequence[int]] = None) -> "Network":
        """One model of copies of trained networks, whose answer is the mean of theirs, each counting by its weight, a
        whole number; None: alike. They were made for the same data with the same options, but perhaps other hidden
        layers."""
        if weights is not None and len(weights) != len(members):
            raise ValueError(f"{len(members)} members have {len(weights)} weights")
        handles = ffi.new("epocl_network *[]", [member._handle for member in members])
        counts = ffi.NULL if weights is None else ffi.new("uint32_t[]", list(weights))
        return cls._of(_native.create("network", lib.epocl_network_create_ensemble, handles, counts, len(members)))

    @property
    def members(self) -> "list[Network]":
        """The networks of an ensemble, as copies; a network by itself is its only member."""
        count = lib.epocl_network_member_count(self._handle)
        return [self._member(index) for index in range(count)] if count > 1 else [self]

    def _member(self, index: int) -> "Network":
        member = ffi.cast("epocl_network *", lib.epocl_network_member(self._handle, index))
        alone = ffi.new("epocl_network *[]", [member])
        return Network._of(_native.create("network", lib.epocl_network_create_ensemble, alone, ffi.NULL, 1))

    @property
    def member_shares(self) -> tuple[float, ...]:
        """How much each member counts; they sum to 1."""
        count = lib.epocl_network_member_count(self._handle)
        return tuple(lib.epocl_network_member_share(self._handle, index) for index in range(count))

    def to_bytes(self) -> bytes:
        """What save() writes."""
        place, size = ffi.new("void **"), ffi.new("size_t *")
        _native.check(lib.epocl_network_save_memory(self._handle, place, size))
        try:
            return bytes(ffi.buffer(place[0], size[0]))
        finally:
            lib.epocl_memory_release(place[0])

    @classmethod
    def from_bytes(cls, content: bytes) -> "Network":
        """What load() makes of a file of this content."""
        return cls._of(_native.create("network", lib.epocl_network_load_memory, content, len(content)))

    def copy(self) -> "Network":
        return Network.from_bytes(self.to_bytes())

    __copy__ = copy

    def __deepcopy__(self, memo: Any) -> "Network":
        return self.copy()

    def __reduce__(self) -> Any:
        return (Network.from_bytes, (self.to_bytes(),))

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Units of each layer, the inputs first and the outputs last."""
        count = lib.epocl_network_layer_count(self._handle)
        units = (lib.epocl_network_output_count(self._handle, layer) for layer in range(count))
        return (lib.epocl_network_input_count(self._handle), *units)

    @property
    def input_count(self) -> int:
        return lib.epocl_network_input_count(self._handle)

    @property
    def output_count(self) -> int:
        return self.layer_sizes[-1]

    @property
    def parameter_count(self) -> int:
        return lib.epocl_network_parameter_count(self._handle)

    @property
    def has_parameters(self) -> bool:
        return lib.epocl_network_biases(self._handle, 0) != ffi.NULL

    @property
    def activation(self) -> str:
        return _native.string(lib.epocl_network_activation(self._handle))

    @property
    def cost(self) -> str:
        return _native.string(lib.epocl_network_cost(self._handle))

    @property
    def output(self) -> str:
        """Activation of the outputs, such as "softmax"."""
        return _native.string(lib.epocl_network_output(self._handle))

    @property
    def targets(self) -> str:
        """What the outputs stand for: "classes", "multi-label" or "values"."""
        return _native.string(lib.epocl_network_targets(self._handle))

    @property
    def normalization(self) -> str:
        return _native.string(lib.epocl_network_normalization(self._handle))

    @property
    def columns(self) -> tuple[NetworkColumn, ...]:
        """What a network of a table takes, and after that its targets; () of others."""
        columns: list[NetworkColumn] = []
        struct, size = _native.result("epocl_network_column")
        while self.normalization == "encoder" and (
            lib.epocl_network_column_at_sized(self._handle, len(columns), struct, size) == lib.EPOCL_OK
        ):
            levels = (struct.levels[place] for place in range(struct.level_count))
            texts = tuple(None if level == ffi.NULL else _native.string(level) for level in levels)
            columns.append(NetworkColumn(_native.string(struct.name), bool(struct.is_target), texts))
        return tuple(columns)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Of a network of a table that tells classes; () of others."""
        names: list[str] = []
        while (name := lib.epocl_network_class_name(self._handle, len(names))) != ffi.NULL:
            names.append(_native.string(name))
        return tuple(names)

    def weights(self, layer: int) -> np.ndarray:
        """float32 [n_out, n_in], read-only, of a layer counted from 0: a view of the network's own memory, in which
        Trainer.read() puts later values."""
        sizes = self.layer_sizes
        return self._view(lib.epocl_network_weights, layer, (sizes[layer + 1], sizes[layer]) if layer >= 0 else ())

    def biases(self, layer: int) -> np.ndarray:
        """float32 [n_out], likewise."""
        return self._view(lib.epocl_network_biases, layer, self.layer_sizes[layer + 1 :][:1] if layer >= 0 else ())

    def _view(self, function: Any, layer: int, shape: tuple[int, ...]) -> np.ndarray:
        if not 0 <= layer < len(self.layer_sizes) - 1:
            raise IndexError(f"there is no layer {layer}; the network has {len(self.layer_sizes) - 1}, counted from 0")
        values = function(self._handle, layer)
        if values == ffi.NULL:
            raise ValueError("the network has no parameters yet; train it first")
        # The view holds the pointer, whose destructor holds the network.
        kept = ffi.gc(ffi.cast("float *", values), lambda _, handle=self._handle: None)
        view = np.frombuffer(ffi.buffer(kept, 4 * int(np.prod(shape))), np.float32).reshape(shape)
        view.flags.writeable = False
        return view

    def __repr__(self) -> str:
        return f"<epocl.Network {'-'.join(map(str, self.layer_sizes))} {self.activation}, {self.cost}>"
