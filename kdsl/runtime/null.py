"""The null device: it keeps the whole contract of `api`, checks included, and runs nothing.

One idea: with it, what a launch costs before any work starts can be measured, and programs can be checked without
running them. Memory is real (what is written can be read back), launches are counted.
"""

from __future__ import annotations

from ..artifact import Artifact, Entry
from ..target import Target
from .api import Device, Executable, Geometry, Limits, Stream
from .host import HostDevice, only
from .registry import Found

__all__ = ["NullDevice", "list_devices", "open_device"]


class NullExecutable(Executable):
    __slots__ = ("artifact", "device")

    def __init__(self, device: NullDevice, artifact: Artifact) -> None:
        self.device: Device = device
        self.artifact = artifact

    def launch(self, entry: Entry, arguments: bytes, geometry: Geometry, stream: Stream | None = None) -> None:
        del entry, arguments, geometry, stream
        self.device.launches += 1  # type: ignore[attr-defined]


class NullDevice(HostDevice):
    """`launches` counts the launches that did not happen. It loads artifacts of every target."""

    limits = Limits()

    def __init__(self) -> None:
        super().__init__("null", Target("null", "none"))
        self.launches = 0

    def load(self, artifact: Artifact) -> NullExecutable:
        return NullExecutable(self, artifact)


def list_devices() -> list[Found]:
    return [Found("null", "runs nothing: for measurements")]


def open_device(index: int) -> NullDevice:
    only("null", index)
    return NullDevice()
