"""What an estimator's file says beside the network's own: safetensors files, changed as bytes."""

from __future__ import annotations

import json
import os
import secrets
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .network import Network, PathLike

_NOTES = "estimator"  # a key of the metadata, which the library does not read
_ALIGNMENT = 8


def _parts(content: bytes) -> tuple[dict, int]:
    """The header, and where the tensors begin."""
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), 8 + length


def read_notes(path: PathLike) -> dict[str, Any]:
    """What with_notes() has noted in a file; {} where nothing."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        metadata = json.loads(file.read(length)).get("__metadata__", {})
    return json.loads(metadata.get(_NOTES, "{}"))


def with_notes(content: bytes, **notes: Any) -> bytes:
    """A network's file that keeps values of JSON, too."""
    header, begin = _parts(content)
    header["__metadata__"][_NOTES] = json.dumps(notes)
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return struct.pack("<Q", len(text)) + text + content[begin:]


def with_scaled_output(network: Network, scale: np.ndarray, mean: np.ndarray) -> bytes:
    """The file of a network whose outputs are output * scale + mean; [n_outputs] each."""
    content = bytearray(network.to_bytes())
    header, begin = _parts(bytes(content))
    last = len(network.layer_sizes) - 2
    changed = {
        "weight": network.weights(last) * scale[:, np.newaxis],
        "bias": network.biases(last) * scale + mean,
    }
    for name, values in changed.items():
        first, end = header[f"layers.{last}.{name}"]["data_offsets"]
        content[begin + first : begin + end] = values.astype("<f4").tobytes()
    return bytes(content)


def write(path: PathLike, content: bytes) -> None:
    """Whole or not at all, readable by whom the process's umask lets."""
    target = os.fsdecode(path)
    temporary = os.path.join(os.path.dirname(target), f".epocl-{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
