"""The GPUs of AMD's in this machine, for the registry."""

from __future__ import annotations

from ...diagnostics import DeviceError
from ..api import Device
from ..asynchronous import AsyncDevice
from ..bindings.hip import load
from ..registry import Found
from .context import describe, device_count
from .driver import HipDriver

__all__ = ["list_devices", "open_device"]


def list_devices() -> list[Found]:
    """`DeviceError` where there is no HIP runtime, or one that is too old."""
    hip = load()
    count = device_count(hip)
    if not count:
        raise DeviceError("the HIP runtime sees no GPU")
    return [Found(f"hip:{i}", describe(hip, i)) for i in range(count)]


def open_device(index: int) -> Device:
    return AsyncDevice(f"hip:{index}", HipDriver(index))
