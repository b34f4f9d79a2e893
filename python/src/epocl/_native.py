"""libepocl itself: found, loaded and called."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any, Callable, TypeVar

from . import _cpu_runtime, _ffi
from .errors import error_of

Record = TypeVar("Record")


def _load() -> Any:
    """EPOCL_LIBRARY where it is set, else the library that lies in this package."""
    named = os.environ.get("EPOCL_LIBRARY")
    if named:
        return ffi.dlopen(named)
    libraries = sorted(Path(__file__).parent.glob("libepocl.so.*"))
    if not libraries:
        raise ImportError(
            "this installation of epocl lacks libepocl; install a wheel, or set EPOCL_LIBRARY to its path"
        )
    return ffi.dlopen(str(libraries[-1]))


ffi: Any = _ffi.ffi
_cpu_runtime.use_where_there_is_none()
lib: Any = _load()


def string(text: Any) -> str:
    """A text of the library's; "" for NULL."""
    return "" if text == ffi.NULL else ffi.string(text).decode("utf-8", "replace")


def check(status: int) -> None:
    """Raises what the last call of this thread has failed with."""
    if status != lib.EPOCL_OK:
        raise error_of(status, string(lib.epocl_last_error()))


def create(kind: str, make: Callable[..., int], *arguments: Any) -> Any:
    """The handle that `make` writes through its last argument; it is released with the object returned."""
    place = ffi.new(f"epocl_{kind} **")
    check(make(*arguments, place))
    return own(kind, place[0])


def own(kind: str, handle: Any) -> Any:
    return ffi.gc(handle, getattr(lib, f"epocl_{kind}_release"))


def path_of(path: Any) -> bytes:
    return os.fsencode(path)


def result(struct: str) -> tuple[Any, int]:
    """Room for one `struct`, and its size as NAME_sized functions ask for it."""
    return ffi.new(f"{struct} *"), ffi.sizeof(struct)


def record(kind: type[Record], struct: Any) -> Record:
    """The fields that `kind`, a dataclass, has of a C structure, as Python's own values."""
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: _value(getattr(struct, name)) for name in names})


def _value(value: Any) -> Any:
    return string(value) if isinstance(value, ffi.CData) else value
