"""The devices that the runtime suite runs over, and one kernel for all of them.

One idea: a device adds a row here, and keeps the whole contract. Where code must be the device's own, a kernel is compiled for
it; host devices take hand-written code, so that the runtime is tested without the compiler where it can be.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import handmade
import pytest
from late import late_device
from standins.hip import kept_amd_gpu
from standins.metal import kept_apple_gpu
from standins.ptx import kept_gpu
from toolbox import missing, require_tool

import kdsl
from kdsl import Array, f32
from kdsl.diagnostics import DeviceError
from kdsl.runtime import registry
from kdsl.runtime.api import Device, Geometry, Stream
from kdsl.runtime.launcher import launcher_of

__all__ = ["DEVICES", "opened", "saxpy_launcher"]


def _registered(name: str, monkeypatch: pytest.MonkeyPatch) -> Device:
    try:
        device = registry.device(name)
    except DeviceError as e:
        missing(str(e))
    monkeypatch.setenv("KDSL_DEVICE", name)
    return device


@functools.cache
def _apart(kind: str, name: str, variable: str, value: str) -> Device:
    """A second device of a kind, opened under an environment variable, with a name of its own."""
    before = os.environ.get(variable)
    os.environ[variable] = value
    try:
        device = import_module(registry.KINDS[kind].module).open_device(0)
        device.name = name
        return device
    finally:
        os.environ.pop(variable)
        if before is not None:
            os.environ[variable] = before


def _special(kind: str, name: str, variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> Device:
    _registered(kind, monkeypatch)  # or is skipped
    device = _apart(kind, name, variable, value)
    monkeypatch.setitem(registry._open, name, device)
    monkeypatch.setenv("KDSL_DEVICE", name)
    return device


def _cuda_stand_in(monkeypatch: pytest.MonkeyPatch) -> Device:
    """The CUDA runtime over a driver made of Python that executes PTX."""
    device = kept_gpu("cuda-stand-in")
    monkeypatch.setitem(registry._open, device.name, device)
    monkeypatch.setenv("KDSL_DEVICE", device.name)
    return device


def _hip_stand_in(monkeypatch: pytest.MonkeyPatch) -> Device:
    """The HIP runtime over a runtime and a compiler made of Python, which execute the text."""
    require_tool("g++")
    device = kept_amd_gpu()
    monkeypatch.setitem(registry._open, device.name, device)
    monkeypatch.setenv("KDSL_DEVICE", device.name)
    return device


def _metal_stand_in(monkeypatch: pytest.MonkeyPatch) -> Device:
    """The Metal runtime over a Metal made of Python, which executes the text."""
    require_tool("clang-19")
    device = kept_apple_gpu()
    monkeypatch.setitem(registry._open, device.name, device)
    monkeypatch.setenv("KDSL_DEVICE", device.name)
    return device


# Name of a device in the suite -> how it is opened.
DEVICES: dict[str, Callable[[pytest.MonkeyPatch], Device]] = {
    "cpu": functools.partial(_registered, "cpu"),
    "null": functools.partial(_registered, "null"),
    "late": lambda _: late_device(),
    "late-unified": lambda _: late_device(is_unified=True),
    "cuda-stand-in": _cuda_stand_in,
    "hip-stand-in": _hip_stand_in,
    "metal-stand-in": _metal_stand_in,
    "vulkan": functools.partial(_registered, "vulkan"),
    "opencl": functools.partial(_registered, "opencl"),
    "vulkan-discrete": functools.partial(_special, "vulkan", "vulkan-discrete", "KDSL_VULKAN_MEMORY", "discrete,incoherent"),
    "vulkan-incoherent": functools.partial(_special, "vulkan", "vulkan-incoherent", "KDSL_VULKAN_MEMORY", "incoherent"),
}


# `make check-gpu` names the devices that it runs the suite on.
DEVICES |= {name: functools.partial(_registered, name) for name in os.environ.get("KDSL_CHECK_GPU", "").split(",") if name}


def opened(name: str, monkeypatch: pytest.MonkeyPatch) -> Device:
    """The device of a row; a skip, or in continuous integration a failure, where it is not here."""
    return DEVICES[name](monkeypatch)


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1], z: Array[f32, 1]):
    i = kdsl.global_id(0)
    z[i] = a * x[i] + y[i]


class _Compiled:
    """A kernel in the place of a launcher: it finds one for each launch, as `kernel[...]` does."""

    def __call__(self, args: Sequence[object], geometry: Geometry, stream: Stream | None = None) -> None:
        saxpy._launcher(args, geometry, stream)(args, geometry, stream)

    def bound(self, args: Sequence[object], geometry: Geometry) -> Callable[[], None]:
        return saxpy._launcher(args, geometry).bound(args, geometry)


def saxpy_launcher(dev: Device, x: Any, y: Any, z: Any, cost: float = 1.0) -> Any:
    """`launch((a, x, y, z), geometry, stream)`: z = a * x + y, for arrays of one axis and any strides."""
    if dev.compiles_shapes:
        return _Compiled()
    artifact = handmade.artifact(handmade.SAXPY, "saxpy", cost)
    return launcher_of("saxpy", dev.load(artifact), artifact.entry, (2.0, x, y, z))
