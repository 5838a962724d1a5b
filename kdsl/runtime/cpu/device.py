"""The CPU as a device: host memory, synchronous streams, and executables that run on the thread pool.

One idea: almost nothing is left to do here; `host` keeps the contract and `executable` launches.
"""

from __future__ import annotations

from ...artifact import Artifact
from ...diagnostics import DeviceError
from ...target import CPU_TARGETS, cpu_target_of_host, why_not
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
        """Code for this machine; `DeviceError` for what it lacks the instructions of, which would end the process."""
        if artifact.target != self.target.name:
            target = CPU_TARGETS.get(artifact.target.removeprefix("cpu:"))
            reason = why_not(target) if target is not None else f"it is code for {artifact.target}"
            if reason:
                help = f"KDSL_TARGET, where it is set, must name a target that this machine has; the best is {self.target}"
                raise DeviceError(f"this machine cannot run code for {artifact.target}: {reason}\n  = help: {help}")
        return CpuExecutable(self, artifact)


def list_devices() -> list[Found]:
    return [Found("cpu", f"this machine's processors: {cpu_target_of_host()}")]


def open_device(index: int) -> CpuDevice:
    only("cpu", index)
    return CpuDevice()
