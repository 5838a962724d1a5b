"""The CPU as a device: host memory, synchronous streams, and executables that run on the thread pool.

One idea: almost nothing is left to do here; `host` keeps the contract and `executable` launches.
"""

from __future__ import annotations

from ...artifact import Artifact
from ...target import cpu_target_of_host
from ..geometry import ANY_DEVICE
from ..host import HostDevice, only
from ..registry import Found
from .executable import CpuExecutable

__all__ = ["CpuDevice", "list_devices", "open_device"]


class CpuDevice(HostDevice):
    """This machine's processors. Launches on NumPy arrays and device arrays have finished when they return."""

    limits = ANY_DEVICE  # grids are loops

    def __init__(self) -> None:
        super().__init__("cpu", cpu_target_of_host())

    def load(self, artifact: Artifact) -> CpuExecutable:
        return CpuExecutable(self, artifact)


def list_devices() -> list[Found]:
    return [Found("cpu", f"this machine's processors: {cpu_target_of_host()}")]


def open_device(index: int) -> CpuDevice:
    only("cpu", index)
    return CpuDevice()
