"""What a failing call raises: an exception for each status of the library, with its sentence."""

from __future__ import annotations

import enum


class Status(enum.IntEnum):
    """epocl_status of include/epocl.h."""

    OK = 0
    ARGUMENT = 1
    NO_INPUT = 2
    DATA = 3
    DEVICE = 4
    OPENCL = 5
    MEMORY = 6
    SELF_TEST = 7
    CREATE = 8
    WRITE = 9
    DIVERGED = 10
    STOPPED = 11
    TIMEOUT = 12


class EpoclError(Exception):
    """A call of the library failed. The text is its sentence: what, where, what to do."""

    status: int = -1


class ArgumentError(EpoclError, ValueError):
    """An argument or option is out of its range."""

    status = Status.ARGUMENT


class InputError(EpoclError, OSError):
    """An input file does not exist or cannot be opened."""

    status = Status.NO_INPUT


class DataError(EpoclError, ValueError):
    """A file, model or data set is damaged or does not fit."""

    status = Status.DATA


class DeviceError(EpoclError, RuntimeError):
    """No OpenCL device, none that matches, or a process forked from one that had begun to use OpenCL."""

    status = Status.DEVICE


class OpenCLError(EpoclError, RuntimeError):
    """A call of OpenCL or CLBlast failed."""

    status = Status.OPENCL


class OutOfMemoryError(EpoclError, MemoryError):
    """The memory of the host or the device does not suffice."""

    status = Status.MEMORY


class SelfTestError(EpoclError, RuntimeError):
    """A kernel gave wrong results on this device."""

    status = Status.SELF_TEST


class OutputError(EpoclError, OSError):
    """An output file or folder cannot be created."""

    status = Status.CREATE


class WriteError(EpoclError, OSError):
    """Writing failed; an old file is intact."""

    status = Status.WRITE


class DivergedError(EpoclError, ArithmeticError):
    """The cost or a parameter is not finite any more."""

    status = Status.DIVERGED


class Stopped(EpoclError):
    """Trainer.stop() ended an epoch early; the next one goes on with its rest."""

    status = Status.STOPPED


class DeviceTimeoutError(EpoclError, TimeoutError):
    """The device did not answer in time."""

    status = Status.TIMEOUT


_OF_STATUS = {kind.status: kind for kind in EpoclError.__subclasses__()}


def error_of(status: int, text: str) -> EpoclError:
    """The exception for `status`; EpoclError itself for one that this package does not know."""
    error = _OF_STATUS.get(status, EpoclError)(text)
    error.status = Status(status) if status in _OF_STATUS else status
    return error
