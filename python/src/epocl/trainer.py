"""Trainers: one network on one device, an epoch a call."""

from __future__ import annotations

import enum
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import _native
from ._native import ffi, lib
from .dataset import Dataset
from .device import Device
from .errors import Status, Stopped
from .network import Network
from .options import Options

if TYPE_CHECKING:
    from .network import PathLike


@dataclass(frozen=True)
class EpochResult:
    """What an epoch came to. Costs are means over the samples, those of training each before its own update; what there
    is not is NaN. `epoch` is 1 for the first; `seconds` are of training alone; the rmse are of values with cost
    squared; `valid_figure` is what the option monitor names."""

    epoch: int
    sample_count: int
    train_cost: float
    train_accuracy: float
    valid_cost: float
    valid_accuracy: float
    seconds: float
    train_rmse: float
    valid_rmse: float
    valid_figure: float


@dataclass(frozen=True)
class TrainerInfo:
    """What a trainer's creation took, and how many launches an epoch of training is now."""

    choice_seconds: float
    compile_seconds: float
    upload_seconds: float
    launch_count: int


class End(enum.IntEnum):
    """Why training ends; epocl_end of include/epocl.h."""

    NONE = 0
    EPOCHS = 1
    PATIENCE = 2
    SECONDS = 3


@dataclass(frozen=True)
class Progress:
    """What the epochs so far say of a run. `best_epoch` is the first with the best figure of those that the option
    monitor names (0: none, or no validation data); `waited` counts the epochs since the last improvement."""

    end: int
    epoch_count: int
    best_epoch: int
    best_figure: float
    waited: int
    train_seconds: float
    rate_factor: float


class Trainer:
    """Trains `network`, from its parameters or from initial ones, on `train`; evaluates `valid` after each epoch.

    Creation compiles kernels and copies the data to the device. The network stays as it is until read(). `on_message`
    hears of slow stages.
    """

    def __init__(
        self,
        device: Device,
        network: Network,
        train: Dataset,
        valid: Optional[Dataset] = None,
        options: Optional[Options] = None,
        *,
        on_message: Optional[Callable[[str], None]] = None,
    ) -> None:
        self._create(lib.epocl_trainer_create, device, network._handle, train, valid, options, on_message)
        self._network = network

    @classmethod
    def resume(
        cls,
        device: Device,
        path: "PathLike",
        train: Dataset,
        valid: Optional[Dataset] = None,
        options: Optional[Options] = None,
        *,
        on_message: Optional[Callable[[str], None]] = None,
    ) -> "Trainer":
        """Goes on where the trainer stood that wrote the checkpoint `path`: with its data, and with its values of the
        options that tell what training computes."""
        checkpoint = _native.create("checkpoint", lib.epocl_checkpoint_load, _native.path_of(path))
        trainer = cls.__new__(cls)
        trainer._create(lib.epocl_trainer_resume, device, checkpoint, train, valid, options, on_message)
        trainer._network = Network.load(path)
        return trainer

    def _create(
        self,
        make: Callable[..., int],
        device: Device,
        source: Any,
        train: Dataset,
        valid: Optional[Dataset],
        options: Optional[Options],
        on_message: Optional[Callable[[str], None]],
    ) -> None:
        used = Options() if options is None else options.copy()
        used._set_message(on_message)
        valid_handle = ffi.NULL if valid is None else valid._handle
        self._lock = device._lock
        self.has_valid = valid is not None
        with self._lock:
            self._handle = _native.create(
                "trainer", make, device._handle, source, train._handle, valid_handle, used._handle
            )
        self._late_stop = False

    def run_epoch(self) -> EpochResult:
        """Trains on every sample once, in a new order, and evaluates the validation data.

        Ctrl-C, or any other exception of a signal handler, ends the epoch after the mini-batch in progress; then, as
        after stop(), the next call goes on with the rest. Raises Stopped after stop(), DivergedError when the cost is
        not finite any more.
        """
        # Signal handlers run in the main thread, between two instructions of Python, of which a call of C is one.
        if threading.current_thread() is not threading.main_thread():
            return self._run_epoch()
        outcome: list[Any] = []
        done = threading.Event()

        def work() -> None:
            try:
                outcome.append(self._run_epoch())
            except BaseException as error:
                outcome.append(error)
            done.set()

        threading.Thread(target=work, name="epocl", daemon=True).start()
        try:
            done.wait()
        except BaseException:
            self.stop()
            done.wait()
            self._late_stop = bool(outcome) and not isinstance(outcome[0], Stopped)
            raise
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]

    def _run_epoch(self) -> EpochResult:
        struct, size = _native.result("epocl_epoch_result")
        with self._lock:
            status = lib.epocl_trainer_run_epoch_sized(self._handle, struct, size)
            if status == Status.STOPPED and self._late_stop:  # by a stop that was meant for the epoch before
                status = lib.epocl_trainer_run_epoch_sized(self._handle, struct, size)
            self._late_stop = False
            _native.check(status)
        return _native.record(EpochResult, struct)

    def fit(self, epoch_count: int, each: Optional[Callable[[EpochResult], Optional[bool]]] = None) -> Progress:
        """Runs epochs until there are `epoch_count` in all, the options patience or max_seconds end the training, or
        `each`, called with the result of every epoch, returns True."""
        while self.progress(epoch_count).end == End.NONE:
            result = self.run_epoch()
            if each is not None and each(result):
                break
        return self.progress(epoch_count)

    def progress(self, epoch_count: int) -> Progress:
        """Whether training is to end, when `epoch_count` epochs are wanted in all."""
        struct, size = _native.result("epocl_progress")
        _native.check(lib.epocl_trainer_progress_sized(self._handle, epoch_count, struct, size))
        return _native.record(Progress, struct)

    def stop(self) -> None:
        """From any thread: ends a running epoch after the mini-batch in progress; between epochs, the next one."""
        lib.epocl_trainer_stop(self._handle)

    def read(self, network: Optional[Network] = None) -> Network:
        """Copies the parameters from the device into `network`, which must have the trainer's shape, and returns it.
        None: the network that the trainer was created for."""
        return self._read(lib.epocl_trainer_read, network)

    def read_best(self, network: Optional[Network] = None) -> Network:
        """Likewise, the parameters after the best epoch: with validation data a trainer keeps them on the device."""
        return self._read(lib.epocl_trainer_read_best, network)

    def _read(self, function: Callable[..., int], network: Optional[Network]) -> Network:
        network = self._network if network is None else network
        with self._lock:
            status = function(self._handle, network._handle)
            network._change_count += 1
            _native.check(status)
        return network

    def save(self, path: "PathLike") -> None:
        """Writes a checkpoint: all that training goes on from."""
        with self._lock:
            _native.check(lib.epocl_trainer_save(self._handle, _native.path_of(path)))

    @property
    def epoch_count(self) -> int:
        """The epochs finished so far, those before a resume included."""
        return lib.epocl_trainer_epoch_count(self._handle)

    @property
    def history(self) -> list[EpochResult]:
        """The result of each of them."""
        results = []
        struct, size = _native.result("epocl_epoch_result")
        for index in range(self.epoch_count):
            _native.check(lib.epocl_trainer_history_sized(self._handle, index, struct, size))
            results.append(_native.record(EpochResult, struct))
        return results

    @property
    def plan_name(self) -> str:
        """How the trainer works on its device, such as "layered, matmul tile:8x2x16"."""
        return _native.string(lib.epocl_trainer_plan_name(self._handle))

    @property
    def info(self) -> TrainerInfo:
        struct, size = _native.result("epocl_trainer_info")
        lib.epocl_trainer_describe_sized(self._handle, struct, size)
        return _native.record(TrainerInfo, struct)
