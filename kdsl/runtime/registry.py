"""Names to devices. A device's module loads when the device is first asked for; its absence is a reason, not an error.

One idea: one row per kind of device, in the order of preference; adding a device adds a row. A module gives
`list_devices() -> list[Found]`, which costs no more than it must, and `open_device(index) -> Device`; both raise
`DeviceError` with the reason where there is no driver.
"""

from __future__ import annotations

import os
import sys
from _thread import RLock
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..diagnostics import DeviceError, KdslError, refuse
from ..forks import undivided
from ..records import record
from .api import Device, Stream
from .arrays import DeviceArray

__all__ = ["KINDS", "Found", "best_name", "device", "device_of", "devices", "list_kind", "opened"]


class Found(metaclass=record):
    """A device of this machine, or a kind of device that it lacks. is_software: it is a processor that plays a GPU, which is
    never chosen unasked. reason: why it cannot be used; "" where it can."""

    name: str
    text: str
    is_software: bool = False
    reason: str = ""


class Kind(metaclass=record):
    """clues: files, one of which is there on Linux where there is hardware of this kind; () for what is everywhere.
    is_measure: runs nothing."""

    module: str
    clues: tuple[str, ...] = ()
    is_measure: bool = False


_NVIDIA = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg")  # dxg: Windows' devices in its Linux
_NOWHERE = ("/System/Library/Frameworks/Metal.framework",)  # on Linux
_AMD = ("/dev/kfd", "/dev/dxg")
_ANY_GPU = ("/dev/dri", *_NVIDIA, "/dev/mali0", "/dev/kgsl-3d0")

# In the order of preference for "the best available".
KINDS: dict[str, Kind] = {
    "cuda": Kind("kdsl.runtime.cuda.device", _NVIDIA),
    "hip": Kind("kdsl.runtime.hip.device", _AMD),
    "metal": Kind("kdsl.runtime.metal.device", _NOWHERE),
    "vulkan": Kind("kdsl.runtime.vulkan.device", _ANY_GPU),
    "opencl": Kind("kdsl.runtime.opencl.device", _ANY_GPU),
    "cpu": Kind("kdsl.runtime.cpu.device"),
    "null": Kind("kdsl.runtime.null", is_measure=True),
}
_open: dict[str, Device] = {}
_lock = RLock()
_best: str | None = None


def device(name: str | Device | None = None) -> Device:
    """The device called `name` ("cpu", "vulkan", "cuda:1", "null"); without a name the one KDSL_DEVICE says, or the best: a
    GPU before the processor, and never a processor that plays a GPU.

    The same name gives the same object. An unknown name is refused with K501; a device that is not there is a
    `DeviceError` with the reason.
    """
    if isinstance(name, Device):
        return name
    wanted = name or os.environ.get("KDSL_DEVICE") or best_name()
    if not isinstance(wanted, str):
        refuse("K501", None, f"there is no device {wanted!r}", help=f"the devices are: {', '.join(KINDS)}")
    return _open.get(wanted) or _opened(wanted)


def _opened(wanted: str) -> Device:
    kind, _, number = wanted.partition(":")
    if kind not in KINDS or (number and not number.isdecimal()):
        refuse("K501", None, f"there is no device {wanted!r}", help=f"the devices are: {', '.join(KINDS)}")
    canonical = f"{kind}:{int(number or 0)}"
    with undivided(), _lock:
        if canonical not in _open:
            _open[canonical] = import_module(KINDS[kind].module).open_device(int(number or 0))
        _open[wanted] = _open[canonical]
    return _open[wanted]


def opened() -> list[tuple[str, Any]]:
    """The devices that somebody has asked for, by name."""
    return list(_open.items())


def device_of(args: Sequence[object], stream: Stream | None = None) -> Device:
    """Where a launch runs: the stream's device, else that of its arrays, else the default."""
    if stream is not None:
        return stream.device
    for value in args:
        if type(value) is DeviceArray:
            return value.device
    return device()


def best_name() -> str:
    """The name of the device that launches use where nobody says anything. Looked for once."""
    global _best
    if _best is None:
        absent: set[str] = set()
        _best = next((found.name for kind in KINDS for found in _candidates(kind, absent)), "cpu")
    return _best


def _candidates(kind: str, absent: set[str]) -> list[Found]:
    """What of a kind may be chosen unasked. absent: clues that are known not to be there, which kinds share."""
    row = KINDS[kind]
    if row.is_measure or (row.clues and sys.platform == "linux" and not _has_clue(row, absent)):
        return []  # loading a driver takes tens of milliseconds, to learn that there is nothing
    return [found for found in list_kind(kind) if not found.is_software and not found.reason]


def _has_clue(row: Kind, absent: set[str]) -> bool:
    for clue in row.clues:
        if clue not in absent:
            if os.access(clue, os.F_OK):
                return True
            absent.add(clue)
    return False


def list_kind(kind: str) -> list[Found]:
    """Every device of a kind; where there is none, one row that says why."""
    try:
        return import_module(KINDS[kind].module).list_devices()
    except (DeviceError, ImportError) as e:
        return [Found(kind, "", reason=e.args[0] if not isinstance(e, KdslError) else str(e))]


def devices() -> list[Found]:
    """Every device of this machine, and every kind that it lacks with the reason; `kdsl doctor` prints them."""
    return [found for kind in KINDS for found in list_kind(kind)]
