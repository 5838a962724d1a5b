"""The CUDA devices of this machine, for the registry."""

from __future__ import annotations

from ...diagnostics import DeviceError
from ..api import Device
from ..asynchronous import AsyncDevice
from ..bindings.cuda import load
from ..registry import Found
from .context import describe, device_count
from .driver import CudaDriver

__all__ = ["list_devices", "open_device"]


def list_devices() -> list[Found]:
    """`DeviceError` where there is no driver, or one that is too old."""
    cuda = load()
    count = device_count(cuda)
    if not count:
        raise DeviceError("the CUDA driver sees no GPU")
    return [Found(f"cuda:{i}", describe(cuda, i)) for i in range(count)]


def open_device(index: int) -> Device:
    return AsyncDevice(f"cuda:{index}", CudaDriver(index))
