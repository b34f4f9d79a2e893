"""Tables handed over by the Arrow stream protocol, without a library."""

from __future__ import annotations

import ctypes
from typing import Any, Callable, Optional, Union

import numpy as np

from ._native import ffi, string
from .columns import MISSING, Column

# Formats of the Arrow C data interface whose values lie in memory as numpy's.
_NUMPY_OF_FORMAT = {
    "c": np.int8, "C": np.uint8, "s": np.int16, "S": np.uint16, "i": np.int32, "I": np.uint32, "l": np.int64,
    "L": np.uint64, "e": np.float16, "f": np.float32, "g": np.float64,
}  # fmt: skip

_OFFSETS_OF_TEXT = {"u": np.int32, "U": np.int64}
_IS_TEXT = ("u", "U", "vu")

Texts = list[Optional[str]]


def read_stream(table: Any) -> list[Column]:
    """The columns of what `table.__arrow_c_stream__()` hands over."""
    capsule = table.__arrow_c_stream__()
    stream = ffi.cast("struct ArrowArrayStream *", _pointer_of(capsule, b"arrow_array_stream"))
    readers = _read_schema(stream)
    while True:
        batch = _fill(ffi.new("struct ArrowArray *"), stream, stream.get_next)
        if batch.release == ffi.NULL:
            break
        for place, reader in enumerate(readers):
            reader.add(batch.children[place], batch.offset, batch.length)
    return [reader.column() for reader in readers]  # the stream is released with its capsule, each batch with its object


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


# ---- Columns -----------------------------------------------------------------------------------------


class _Numbers:
    """Gathers the batches of a column of numbers or answers."""

    def __init__(self, name: str, kind: str) -> None:
        self._name, self._kind = name, kind
        self._parts: list[np.ndarray] = []

    def add(self, array: Any, offset: int, count: int) -> None:
        begin = array.offset + offset
        part = np.full(count, np.nan, np.float32)
        if count > 0 and self._kind != "n":
            _read_numbers(array, self._kind, begin, part)
            part[_is_missing(array, begin, count)] = np.nan
        self._parts.append(part)

    def column(self) -> Column:
        numbers = np.concatenate(self._parts) if self._parts else np.empty(0, np.float32)
        return Column(self._name, numbers=numbers, levels=("false", "true") if self._kind == "b" else ())


class _Categories:
    """Gathers the batches of a column of texts, or of places in a dictionary, which each batch may have of its own."""

    def __init__(self, name: str, kind: str, values: Optional[str]) -> None:
        self._name, self._kind, self._values = name, kind, values
        self._places: dict[str, int] = {}
        self._parts: list[np.ndarray] = []

    def add(self, array: Any, offset: int, count: int) -> None:
        begin = array.offset + offset
        if self._values is None:
            self._parts.append(self._codes_of(_read_texts(array, self._kind, begin, count)))
            return
        if count == 0:
            return
        dictionary = array.dictionary
        levels = self._codes_of(_read_values(dictionary, self._values, dictionary.offset, dictionary.length))
        is_missing = _is_missing(array, begin, count)
        places = _read_plain(array.buffers[1], self._kind, begin, count)
        self._parts.append(np.append(levels, np.uint32(MISSING))[np.where(is_missing, len(levels), places)])

    def _codes_of(self, texts: Texts) -> np.ndarray:
        places = self._places  # the empty text is missing, as in files
        codes = (places.setdefault(text, len(places)) if text else MISSING for text in texts)
        return np.fromiter(codes, np.uint32, len(texts))

    def column(self) -> Column:
        codes = np.concatenate(self._parts) if self._parts else np.empty(0, np.uint32)
        return Column(self._name, codes=codes, levels=tuple(self._places))


def _read_schema(stream: Any) -> list[Union[_Numbers, _Categories]]:
    schema = _fill(ffi.new("struct ArrowSchema *"), stream, stream.get_schema)
    if string(schema.format) != "+s":
        raise ValueError("the Arrow stream is of a single column, not of a table")
    return [_reader(schema.children[i]) for i in range(schema.n_children)]


def _reader(field: Any) -> Union[_Numbers, _Categories]:
    name, kind = string(field.name), string(field.format)
    if field.dictionary != ffi.NULL:
        values = string(field.dictionary.format)
        if values in _IS_TEXT or values in _NUMPY_OF_FORMAT:
            return _Categories(name, kind, values)
        raise ValueError(
            f"column {name!r} is a dictionary of Arrow's type {values!r}: there can be dictionaries of text or numbers; "
            "decode it, or leave it out"
        )
    if kind in _IS_TEXT:
        return _Categories(name, kind, None)
    if kind in ("b", "n") or kind in _NUMPY_OF_FORMAT:
        return _Numbers(name, kind)
    raise ValueError(
        f"column {name!r} is of Arrow's type {kind!r}, neither numbers, text nor categories: make numbers of it, or "
        "leave it out"
    )


# ---- Memory ------------------------------------------------------------------------------------------


def _bits(buffer: Any, begin: int, count: int) -> np.ndarray:
    """`count` bits from bit `begin` on, as 0 and 1."""
    first = begin // 8
    packed = np.frombuffer(ffi.buffer(buffer, (begin + count + 7) // 8), np.uint8)[first:]
    return np.unpackbits(packed, count=begin - 8 * first + count, bitorder="little")[begin - 8 * first :]


def _is_missing(array: Any, begin: int, count: int) -> np.ndarray:
    if array.null_count == 0 or array.buffers[0] == ffi.NULL:
        return np.zeros(count, bool)
    return _bits(array.buffers[0], begin, count) == 0


def _read_plain(buffer: Any, kind: str, begin: int, count: int) -> np.ndarray:
    dtype = np.dtype(_NUMPY_OF_FORMAT[kind])
    return np.frombuffer(ffi.buffer(buffer, (begin + count) * dtype.itemsize), dtype)[begin:]


def _read_numbers(array: Any, kind: str, begin: int, target: np.ndarray) -> None:
    if kind == "b":
        target[:] = _bits(array.buffers[1], begin, len(target))
        return
    with np.errstate(over="ignore"):  # too large is infinite, which is refused by name later
        target[:] = _read_plain(array.buffers[1], kind, begin, len(target))


def _read_values(array: Any, kind: str, begin: int, count: int) -> Texts:
    """Of a dictionary: texts, or numbers as texts."""
    if kind in _IS_TEXT:
        return _read_texts(array, kind, begin, count)
    return [str(value) for value in _read_plain(array.buffers[1], kind, begin, count).tolist()]


def _read_texts(array: Any, kind: str, begin: int, count: int) -> Texts:
    if count == 0:
        return []
    text_at = _viewed(array, begin, count) if kind == "vu" else _packed(array, kind, begin, count)
    is_missing = _is_missing(array, begin, count)
    return [None if is_missing[i] else text_at(i).decode("utf-8", "replace") for i in range(count)]


def _packed(array: Any, kind: str, begin: int, count: int) -> Callable[[int], bytes]:
    """Texts one after another, between offsets."""
    dtype = np.dtype(_OFFSETS_OF_TEXT[kind])
    offsets = np.frombuffer(ffi.buffer(array.buffers[1], (begin + count + 1) * dtype.itemsize), dtype)[begin:].tolist()
    data = memoryview(ffi.buffer(array.buffers[2], offsets[-1])) if offsets[-1] else memoryview(b"")
    return lambda i: bytes(data[offsets[i] : offsets[i + 1]])


def _viewed(array: Any, begin: int, count: int) -> Callable[[int], bytes]:
    """Views of 16 bytes: the length and up to 12 bytes; or length, 4 bytes, and buffer and place of all of them."""
    views = np.frombuffer(ffi.buffer(array.buffers[1], 16 * (begin + count)), np.int32).reshape(-1, 4)[begin:]
    short = views.tobytes()
    fields = views.tolist()

    def text_at(i: int) -> bytes:
        length, _, buffer, place = fields[i]
        if length <= 12:
            return short[16 * i + 4 : 16 * i + 4 + length]
        return bytes(ffi.buffer(ffi.cast("char *", array.buffers[2 + buffer]) + place, length))

    return text_at
