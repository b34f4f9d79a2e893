"""Tables of numbers, from pandas or by the Arrow stream protocol, as one float32 matrix."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from ._native import ffi, string

_ENCODE = "epocl takes numbers: encode it first, for example with sklearn.preprocessing.OneHotEncoder"

# Formats of the Arrow C data interface whose values lie in memory as numpy's.
_NUMPY_OF_FORMAT = {
    "c": np.int8, "C": np.uint8, "s": np.int16, "S": np.uint16, "i": np.int32, "I": np.uint32, "l": np.int64,
    "L": np.uint64, "e": np.float16, "f": np.float32, "g": np.float64,
}  # fmt: skip


def as_matrix(inputs: Any) -> Any:
    """A table as float32 [n_rows, n_columns], missing values as NaN; a float32 or uint8 array, and whatever is neither
    table nor array, as it is. ValueError names a column that does not hold numbers."""
    if isinstance(inputs, np.ndarray):
        return inputs
    if hasattr(inputs, "iloc") and hasattr(inputs, "dtypes") and hasattr(inputs, "columns"):
        return _from_pandas(inputs)
    if hasattr(inputs, "__arrow_c_stream__"):
        return from_arrow(inputs)
    return inputs


def _from_pandas(frame: Any) -> np.ndarray:
    for name, dtype in zip(frame.columns, frame.dtypes):
        kind = getattr(dtype, "kind", "O")
        # Objects may be numbers; where they are not, the conversion says so.
        if (kind != "O" or str(dtype) != "object") and kind not in "biufc":
            raise ValueError(f"column {str(name)!r} is of type {dtype}; {_ENCODE}")
    if any(getattr(dtype, "kind", "O") in "cO" for dtype in frame.dtypes):
        return frame.to_numpy()
    if any(not isinstance(dtype, np.dtype) for dtype in frame.dtypes):  # pandas' own types, with missing values
        return frame.to_numpy(dtype=np.float32, na_value=np.nan)
    return frame.to_numpy(dtype=np.float32)


def from_arrow(table: Any) -> np.ndarray:
    """What `table.__arrow_c_stream__()` hands over, as float32 [n_rows, n_columns]."""
    capsule = table.__arrow_c_stream__()
    stream = ffi.cast("struct ArrowArrayStream *", _pointer_of(capsule, b"arrow_array_stream"))
    names, formats = _read_schema(stream)
    batches = []
    while True:
        batch = _fill(ffi.new("struct ArrowArray *"), stream, stream.get_next)
        if batch.release == ffi.NULL:
            break
        batches.append(batch)
    matrix = np.empty((sum(batch.length for batch in batches), len(names)), np.float32)
    row = 0
    for batch in batches:
        part = matrix[row : row + batch.length]
        for column, kind in enumerate(formats):
            _read_column(batch.children[column], kind, batch.offset, part[:, column])
        row += batch.length
    return matrix  # the stream is released with its capsule, each batch with its object


def _pointer_of(capsule: Any, name: bytes) -> int:
    function = ctypes.pythonapi.PyCapsule_GetPointer
    function.restype, function.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    return function(capsule, name)


def _fill(place: Any, stream: Any, get: Any) -> Any:
    """What `get` writes to `place`, released with the object returned."""
    if get(stream, place) != 0:
        raise ValueError(
            f"reading the Arrow stream failed: {string(stream.get_last_error(stream)) or 'no reason given'}"
        )

    def release(owned: Any) -> None:
        if owned.release != ffi.NULL:
            owned.release(owned)

    return ffi.gc(place, release)


def _read_schema(stream: Any) -> tuple[list[str], list[str]]:
    """Name and format of each column; all of them hold numbers."""
    schema = _fill(ffi.new("struct ArrowSchema *"), stream, stream.get_schema)
    if string(schema.format) != "+s":
        raise ValueError("the Arrow stream is of a single column, not of a table")
    names, formats = [], []
    for i in range(schema.n_children):
        child = schema.children[i]
        name, kind = string(child.name), string(child.format)
        if child.dictionary != ffi.NULL or kind in ("u", "U", "vu"):
            raise ValueError(f"column {name!r} holds text or categories; {_ENCODE}")
        if kind != "b" and kind != "n" and kind not in _NUMPY_OF_FORMAT:
            raise ValueError(f"column {name!r} is of Arrow's type {kind!r}; {_ENCODE}")
        names.append(name)
        formats.append(kind)
    return names, formats


def _bits(buffer: Any, begin: int, count: int) -> np.ndarray:
    """`count` bits from bit `begin` on, as 0 and 1."""
    first = begin // 8
    packed = np.frombuffer(ffi.buffer(buffer, (begin + count + 7) // 8), np.uint8)[first:]
    return np.unpackbits(packed, count=begin - 8 * first + count, bitorder="little")[begin - 8 * first :]


def _read_column(column: Any, kind: str, offset: int, target: np.ndarray) -> None:
    """Writes the values of a column to `target`. `offset` is that of the table around it."""
    begin, count = column.offset + offset, len(target)
    if count == 0:
        return
    if kind == "n":
        target[:] = np.nan
        return
    if kind == "b":
        target[:] = _bits(column.buffers[1], begin, count)
    else:
        dtype = np.dtype(_NUMPY_OF_FORMAT[kind])
        values = ffi.buffer(column.buffers[1], (begin + count) * dtype.itemsize)
        with np.errstate(over="ignore"):  # too large is infinite, which is refused by name later
            target[:] = np.frombuffer(values, dtype)[begin:]
    if column.null_count != 0 and column.buffers[0] != ffi.NULL:
        target[_bits(column.buffers[0], begin, count) == 0] = np.nan
