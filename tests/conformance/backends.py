"""The backends that every case runs on. The interpreter is the first, and what the others are compared with.

One idea: a backend is one row of `BACKENDS`; what one is says `base`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from math import prod
from typing import Any

import numpy as np
import pytest
from conformance.base import Backend, ExpectedFailure, Triple, Unsupported, expand, expand_threads, flattened
from conformance.hardware import hardware
from conformance.khronos import khronos
from cpu_launch import pack_args
from emulation.backends import Hip, Metal
from emulation.ptx.backend import Ptx
from lowered import runs, why_not_even_lowered

from kdsl.artifact import Artifact
from kdsl.ir.core import Function, walk
from kdsl.target import CPU_TARGETS, GPU_TARGETS, Target, cpu_target_of_host

__all__ = ["BACKENDS", "Backend", "ExpectedFailure", "Unsupported", "backend_named", "compile_ir", "expand", "flattened"]

class Interpreter(Backend):
    """The reference; `options` are those of `kdsl.ir.interpreter.interpret`."""

    name = "interpreter"

    def __init__(self, **options: Any) -> None:
        self.options = options

    def run(
        self,
        function: Function,
        args: Sequence[Any],
        grid: Triple,
        block: Triple,
        threads: Triple | None = None,
        subgroup_size: int = 0,
    ) -> None:
        from kdsl.ir.interpreter import interpret

        given = flattened(function, args)
        interpret(function, given, grid, block, threads=threads, subgroup_size=subgroup_size or 8, **self.options)


class Cpu(Backend):
    """Compiled for a target, and run by the CPU device; x86-64-v4 in instructions of x86-64-v3, where the machine has no others."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.name = target.name
        self.lanes = target.lanes

    def missing(self) -> str:
        return why_not_even_lowered(self.target)

    def run(
        self,
        function: Function,
        args: Sequence[Any],
        grid: Triple,
        block: Triple,
        threads: Triple | None = None,
        subgroup_size: int = 0,
    ) -> None:
        if subgroup_size not in (0, self.lanes):
            raise Unsupported(f"subgroups of {self.lanes} lanes only")
        linear = walks_linearly(function, block, self.lanes)
        with runs(self.target):
            artifact = compile_ir(function, self.target, linear=linear, block=known_block(function, grid, block, threads))
            self.execute(artifact, args, (*grid, *block, *expand_threads(grid, block, threads)))

    def execute(self, artifact: Artifact, args: Sequence[Any], geometry: tuple[int, ...]) -> None:
        _loaded(artifact).launch(artifact.entry, pack_args(artifact, args), geometry)


class Emulated(Cpu):
    """AArch64 code under qemu-aarch64, or natively on such a machine."""

    @property
    def emulated(self) -> bool:  # type: ignore[override]
        return cpu_target_of_host().triple != self.target.triple

    def missing(self) -> str:
        if not self.emulated:
            return ""
        import shutil

        return "" if shutil.which("qemu-aarch64") else "no qemu-aarch64 on the PATH"

    def execute(self, artifact: Artifact, args: Sequence[Any], geometry: tuple[int, ...]) -> None:
        if not self.emulated:
            super().execute(artifact, args, geometry)
            return
        from emulation_arm import run_entry

        run_entry(artifact, artifact.entry, args, geometry)


_artifacts: dict[tuple[object, ...], tuple[Function, Artifact]] = {}
_executables: dict[int, tuple[Artifact, Any]] = {}


def compile_ir(function: Function, target: Target, *, linear: bool = False, block: Triple | None = None,
               cut: bool = False) -> Artifact:  # fmt: skip
    """The artifact of a thread-level function; made once per function object, target and shape of blocks."""
    key = (id(function), target.name, linear, block, cut)
    found = _artifacts.get(key)
    if found is None:
        from kdsl.compiler import compile_function

        if len(_artifacts) > 256:
            _artifacts.clear()
        found = _artifacts[key] = (function, compile_function(function, target, linear=linear, block=block, cut=cut))
    return found[1]


def _loaded(artifact: Artifact) -> Any:
    found = _executables.get(id(artifact))
    if found is None:
        from kdsl.runtime.cpu.device import CpuDevice

        if len(_executables) > 256:
            _executables.clear()
        found = _executables[id(artifact)] = (artifact, CpuDevice().load(artifact))
    return found[1]


def walks_linearly(function: Function, block: Triple, lanes: int) -> bool:
    """As `kdsl.kernel` decides it: subgroups are runs of the block's linear order."""
    from kdsl.ir.passes.vectorize import is_flat, needs_linear_order

    return block[0] % lanes != 0 and block[1] * block[2] > 1 and needs_linear_order(function) and not is_flat(function)


def known_block(function: Function, grid: Triple, block: Triple, threads: Triple | None) -> Triple | None:
    """As `kdsl.kernel` decides it: where no block is cut off, code is made for the blocks' shape."""
    from kdsl.ir.passes.vectorize import is_flat

    whole = expand_threads(grid, block, threads) == expand_threads(grid, block, None)
    return block if whole and not is_flat(function) else None


# Metal as on the family of GPUs that has the least and the greatest of u64 as atomics.
APPLE9 = replace(GPU_TARGETS["metal:3.1"], has=GPU_TARGETS["metal:3.1"].has | {"atomic_u64_extremes"})

BACKENDS: tuple[Backend, ...] = (
    Interpreter(),
    Cpu(CPU_TARGETS["x86-64-v2"]),
    Cpu(CPU_TARGETS["x86-64-v3"]),
    Cpu(CPU_TARGETS["x86-64-v4"]),
    Cpu(CPU_TARGETS["x86-64-v4-vbmi"]),
    Emulated(CPU_TARGETS["aarch64"]),
    Hip(GPU_TARGETS["hip:gfx1100"]),
    Hip(GPU_TARGETS["hip:gfx942"], as_run_on="hip:gfx1100"),
    Metal(APPLE9),
    Ptx(GPU_TARGETS["cuda:sm_90"]),
    *khronos(),
    *hardware(),
)


@cache
def backend_named(name: str) -> Backend:
    return next(b for b in BACKENDS if b.name == name)


def require(backend: Backend) -> Backend:
    """Skips the test with the reason when this machine cannot run the backend."""
    from toolbox import missing

    reason = backend.missing()
    if any(f"no {tool}" in reason for tool in ("qemu", "Vulkan", "OpenCL", "g++", "clang")):
        missing(reason)  # a program to install: a failure in continuous integration
    if reason:
        pytest.skip(reason)
    return backend


def backend_params() -> list[Any]:
    """For `pytest.mark.parametrize("backend", ...)`."""
    return [pytest.param(b, id=b.name, marks=[pytest.mark.qemu] if isinstance(b, Emulated) else []) for b in BACKENDS]


def ops_of(function: Function) -> set[str]:
    return {op.defn.name for op in walk(function.body)}


def array_bytes(args: Sequence[Any]) -> int:
    return sum(prod(a.shape) * a.itemsize for a in args if isinstance(a, np.ndarray))
