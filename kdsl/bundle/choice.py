"""Which artifact of a variant a device gets.

One idea: a list of what may run, best first. A processor runs the levels that it has the instructions of; a GPU runs code for
older ones of its line (PTX, SPIR-V, MSL versions) or just its own (machine code, family-specific PTX).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ..target import CPU_TARGETS, Target, why_not

__all__ = ["artifacts_for", "runs"]

_BEST_CPU = ("x86-64-v4-vbmi", "x86-64-v4", "x86-64-v3", "x86-64-v2", "aarch64")


def _version(arch: str) -> tuple[int, ...]:
    return tuple([int(part) for part in re.findall(r"\d+", arch)])


def _cpu(arch: str, target: Target) -> bool:
    """The device's own level and those below it, as long as this machine has them."""
    if arch not in CPU_TARGETS or target.arch not in _BEST_CPU:
        return False
    return _BEST_CPU.index(arch) >= _BEST_CPU.index(target.arch) and not why_not(CPU_TARGETS[arch])


def _cuda(arch: str, target: Target) -> bool:
    if arch[-1:].isalpha():  # sm_90a: of that family alone
        return arch in (target.arch, f"{target.arch}a", f"{target.arch}f")
    return _version(arch) <= _version(target.arch)


_RUNS: dict[str, Callable[[str, Target], bool]] = {
    "cpu": _cpu,
    "cuda": _cuda,
    "hip": lambda arch, target: arch == target.arch.partition(":")[0],
    "metal": lambda arch, target: _version(arch) <= _version(target.arch),
    "vulkan": lambda arch, target: _version(arch) <= _version(target.arch),
    "opencl": lambda arch, target: _version(arch) <= _version(target.arch),
}


def runs(name: str, target: Target) -> bool:
    """Whether code for the target called `name` runs where code for `target` does."""
    backend, _, arch = name.partition(":")
    return backend == target.backend and backend in _RUNS and _RUNS[backend](arch, target)


def artifacts_for(names: Iterable[str], target: Target) -> list[str]:
    """Those of the target names whose code runs there, best first."""
    fitting = {name for name in names if runs(name, target)}
    if target.backend == "cpu":
        return sorted(fitting, key=lambda name: _BEST_CPU.index(name.partition(":")[2]))
    return sorted(fitting, key=lambda name: (_version(name.partition(":")[2]), name), reverse=True)
