"""The GPUs of this Mac, for the registry."""

from __future__ import annotations

from ...diagnostics import DeviceError
from ..api import Device
from ..asynchronous import AsyncDevice
from ..bindings.metal import load
from ..registry import Found
from .driver import MetalDriver, describe

__all__ = ["list_devices", "open_device"]


def list_devices() -> list[Found]:
    """`DeviceError` where there is no Metal."""
    metal = load()
    found = metal.devices()
    if not found:
        raise DeviceError("Metal is here, but sees no GPU")
    return [Found(f"metal:{i}" if i else "metal", describe(metal, device)) for i, device in enumerate(found)]


def open_device(index: int) -> Device:
    return AsyncDevice(f"metal:{index}" if index else "metal", MetalDriver(index))
