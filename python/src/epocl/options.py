"""Options of networks and trainers, by the names of the library's registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from . import _native
from ._native import ffi, lib

Value = Union[None, bool, int, float, str, tuple]

_TEXT_CAPACITY = 2048  # more than any value has


@dataclass(frozen=True)
class OptionInfo:
    """One option. `type` is "flag", "choice", "text", "whole", "real", "wholes" or "reals"; `scope` is "network",
    "training" or "device"; `default` is None where there is none."""

    name: str
    also: Optional[str]
    type: str
    scope: str
    default: Value
    choices: tuple[str, ...]
    range: str
    help: str


_TYPES = ("flag", "choice", "text", "whole", "real", "wholes", "reals")
_SCOPES = ("network", "training", "device")


def _python_name(name: str) -> str:
    return name.replace("-", "_")


_CONVERT: dict[str, Callable[[str], Value]] = {
    "flag": lambda text: text == "on",
    "choice": str,
    "text": str,
    "whole": int,
    "real": float,
    "wholes": lambda text: tuple(int(item) for item in text.split(",")),
    "reals": lambda text: tuple(float(item) for item in text.split(",")),
}


def _python_value(kind: str, text: Optional[str]) -> Value:
    """A value that the library writes as `text`; None: none."""
    if kind in ("wholes", "reals") and text in (None, "", "none"):
        return ()
    return None if text is None else _CONVERT[kind](text)


def _text_of(value: Any) -> str:
    """A value as the library reads it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return "on" if value else "off"
    if hasattr(value, "tolist"):  # numpy's numbers and arrays
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return ",".join(_text_of(item) for item in value) or "none"
    return repr(value)


def option_infos() -> list[OptionInfo]:
    """All options that networks and trainers have, in the order of the library's documentation."""
    infos: list[OptionInfo] = []
    struct, size = _native.result("epocl_option_info")
    while lib.epocl_options_list_sized(len(infos), struct, size) == lib.EPOCL_OK:
        kind = _TYPES[struct.type]
        choices: list[str] = []
        while struct.choices != ffi.NULL and struct.choices[len(choices)] != ffi.NULL:
            choices.append(_native.string(struct.choices[len(choices)]))
        default = None if struct.default_value == ffi.NULL else _native.string(struct.default_value)
        infos.append(
            OptionInfo(
                name=_python_name(_native.string(struct.name)),
                also=_python_name(_native.string(struct.also)) or None,
                type=kind,
                scope=_SCOPES[struct.scope],
                default=_python_value(kind, default),
                choices=tuple(choices),
                range=_native.string(struct.range),
                help=_native.string(struct.help),
            )
        )
    return infos


_infos = {info.name: info for info in option_infos()}
_names = {info.also: info.name for info in _infos.values() if info.also}


class Options(Mapping):
    """Values by name, each with a default, as `options["learning_rate"] = 0.1` or `Options(hidden=(128, 64))`.

    Names are those of `epocl train` with underscores for hyphens. Lists are tuples; None stands for no value, and sets
    nothing. An unknown name, or a value out of its range, is a ValueError with the library's sentence.
    """

    def __init__(self, values: Optional[Mapping[str, Any]] = None, /, **more: Any) -> None:
        self._handle = _native.create("options", lib.epocl_options_create)
        self._message: Any = None
        self.update(values, **more)

    def update(self, values: Optional[Mapping[str, Any]] = None, /, **more: Any) -> None:
        """Sets several options."""
        for name, value in {**(values or {}), **more}.items():
            self[name] = value

    def __setitem__(self, name: str, value: Any) -> None:
        if value is not None:
            _native.check(lib.epocl_options_set(self._handle, str(name).encode(), _text_of(value).encode()))

    def __getitem__(self, name: str) -> Value:
        known = _names.get(name.replace("-", "_"), name.replace("-", "_"))
        if known not in _infos:
            raise KeyError(name)
        text = ffi.new("char[]", _TEXT_CAPACITY)
        _native.check(lib.epocl_options_get(self._handle, known.encode(), text, _TEXT_CAPACITY))
        info, written = _infos[known], _native.string(text)
        return _python_value(info.type, None if written == "none" and info.default is None else written)

    def __iter__(self) -> Iterator[str]:
        return iter(_infos)

    def __len__(self) -> int:
        return len(_infos)

    def __repr__(self) -> str:
        changed = (f"{name}={self[name]!r}" for name, info in _infos.items() if self[name] != info.default)
        return f"Options({', '.join(changed)})"

    def copy(self) -> "Options":
        copied = Options()
        copied._handle = _native.create("options", lib.epocl_options_copy, self._handle)
        return copied

    __copy__ = copy

    def __deepcopy__(self, memo: Any) -> "Options":
        return self.copy()

    def __reduce__(self) -> Any:
        return (Options, (dict(self),))

    def _set_message(self, function: Optional[Callable[[str], None]]) -> None:
        """`function` hears of each slow stage of a trainer's creation; None: nobody."""
        kind = ffi.typeof(lib.epocl_options_set_message).args[1]
        self._message = function and ffi.callback(kind, lambda text, user: function(_native.string(text)))
        lib.epocl_options_set_message(self._handle, self._message or ffi.NULL, ffi.NULL)
