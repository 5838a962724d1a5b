"""The CPU as a device: host memory, synchronous streams, and executables that run on the thread pool.

One idea: almost nothing is left to do here; `host` keeps the contract and `executable` launches.
"""

from __future__ import annotations

from ...artifact import Artifact
from ...target import cpu_target_of_host
from ..api import Limits
from ..host import HostDevice
from .executable import CpuExecutable

__all__ = ["CpuDevice", "open_device"]


class CpuDevice(HostDevice):
    """This machine's processors. Launches on NumPy arrays and device arrays have finished when they return."""

    # Block sizes as on GPUs, so that a kernel that runs here runs there; grids are loops and may be as long as an
    # int64.
    limits = Limits(grid=(2**62, 2**62, 2**62), shared_bytes=1 << 30, subgroup_sizes=(4, 8, 16, 32))

    def __init__(self) -> None:
        super().__init__("cpu", cpu_target_of_host())

    def load(self, artifact: Artifact) -> CpuExecutable:
        return CpuExecutable(self, artifact)


def open_device() -> CpuDevice:
    return CpuDevice()
