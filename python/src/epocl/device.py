"""Devices: what there is, and opening one."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import Any, Optional

from . import _native
from ._native import ffi, lib


@dataclass(frozen=True)
class DeviceInfo:
    """What a device says of itself. `unusable` tells why epocl cannot use it; "" when it can. `type` is 0 for a CPU,
    1 for a GPU, 2 for others; `group_fence` is the version of OpenCL C with a fence between its work-groups, or 0; `tensor_cores` is 1 where epocl can multiply
    by them, else 0."""

    index: int
    platform: int
    device: int
    type: int
    name: str
    vendor: str
    platform_name: str
    device_version: str
    driver_version: str
    global_memory_bytes: int
    max_allocation_bytes: int
    local_memory_bytes: int
    max_work_group_size: int
    compute_units: int
    native_vector_width: int
    self_test: str
    unusable: str
    group_fence: int
    tensor_cores: int


@dataclass(frozen=True)
class PlatformInfo:
    """An OpenCL implementation. `failure` tells why its devices are not known; else ""."""

    name: str
    vendor: str
    version: str
    device_count: int
    failure: str


@dataclass(frozen=True)
class DeviceSpeed:
    """What a device can do at most, as measured."""

    fma_flop_per_second: float
    copy_bytes_per_second: float
    launch_seconds: float


def _list(function: Any, struct: str, kind: type) -> list:
    count = ffi.new("size_t *")
    size = ffi.sizeof(struct)
    _native.check(function(ffi.NULL, 0, count, size))
    infos = ffi.new(f"{struct}[]", max(count[0], 1))
    capacity = count[0]
    if capacity:
        _native.check(function(infos, capacity, count, size))
    return [_native.record(kind, infos[i]) for i in range(min(capacity, count[0]))]


def devices() -> list[DeviceInfo]:
    """All devices of all platforms, in the order that `Device("0")`, `Device("1")`, ... count."""
    return _list(lib.epocl_devices_list_sized, "epocl_device_info", DeviceInfo)


def platforms() -> list[PlatformInfo]:
    """All OpenCL implementations that the loader finds."""
    return _list(lib.epocl_platforms_list_sized, "epocl_platform_info", PlatformInfo)


class Device:
    """An open device.

    `selector` is "auto" (the first GPU, else the first device), "cpu", "gpu", an index, "PLATFORM:DEVICE" or a part of
    what a device says of its name ("nvidia"). None: the environment's EPOCL_DEVICE, else "auto".

    Threads may share a device: their calls wait for each other, a training's for one epoch at a time.
    """

    def __init__(self, selector: Optional[str] = None) -> None:
        if selector is None:
            selector = os.environ.get("EPOCL_DEVICE") or "auto"
        self._handle = _native.create("device", lib.epocl_device_open, str(selector).encode())
        self._lock = threading.RLock()

    @property
    def info(self) -> DeviceInfo:
        struct, size = _native.result("epocl_device_info")
        lib.epocl_device_describe_sized(self._handle, struct, size)
        return _native.record(DeviceInfo, struct)

    @property
    def name(self) -> str:
        return self.info.name

    def __repr__(self) -> str:
        info = self.info
        return f"<epocl.Device {info.platform}:{info.device} {info.name!r}>"

    def set_timeout(self, seconds: float) -> None:
        """The longest that one wait for the device may take; 0, as at first, is for ever. A device that exceeds it is
        lost: this call and all later ones raise DeviceTimeoutError."""
        with self._lock:
            _native.check(lib.epocl_device_set_timeout(self._handle, seconds))

    def self_test(self) -> None:
        """Compares the kernels' results on this device with the host's; SelfTestError names one that is wrong."""
        with self._lock:
            _native.check(lib.epocl_device_self_test(self._handle))

    def trust(self, is_trusted: bool = True) -> None:
        """Whether the device is used without a self-test from now on."""
        with self._lock:
            _native.check(lib.epocl_device_trust(self._handle, int(is_trusted)))

    def measure(self) -> DeviceSpeed:
        """Compiles and runs kernels for some tenths of a second."""
        struct, size = _native.result("epocl_device_speed")
        with self._lock:
            _native.check(lib.epocl_device_measure_sized(self._handle, struct, size))
        return _native.record(DeviceSpeed, struct)


_open = threading.local()


def open_device(selector: Optional[str]) -> Device:
    """This thread's device of that name, which stays open: it keeps the programs that it has compiled."""
    if not hasattr(_open, "devices"):
        _open.devices = {}
    if selector not in _open.devices:
        _open.devices[selector] = Device(selector)
    return _open.devices[selector]
