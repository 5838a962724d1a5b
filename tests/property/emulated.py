"""Random programs as HIP and as Metal texts on the executor, against the interpreter: many programs to a compilation.

One idea: a program's seed decides everything about its run, as in `cpu`: its target, whether code is made for launches that end
inside blocks, the order of threads, whether checks are on. Every second batch looks for races and accesses out of bounds.

    against_hip(case)  against_metal(case)             # "" or what is wrong
    against_hip_many(cases)  against_metal_many(cases) # the same for each, compiled together: faster
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from conformance.base import Job
from cpu_launch import diagnostic_buffer
from emulation.arguments import packed
from emulation.backends import Emulated, Hip, Metal
from emulation.executor import EmulationError, Memory

from kdsl.artifact import Artifact, DiagnosticSlot
from kdsl.diagnostics import CompileError, KdslError
from kdsl.target import CPU_TARGETS, GPU_TARGETS, Target

from .cpu import Arguments, differences, expected
from .generate import Case

__all__ = ["against_hip", "against_hip_many", "against_metal", "against_metal_many"]

_TARGETS: dict[str, tuple[type[Emulated], tuple[Target, ...]]] = {
    "hip": (Hip, (GPU_TARGETS["hip:gfx1100"], GPU_TARGETS["hip:gfx942"])),
    "metal": (Metal, (GPU_TARGETS["metal:3.1"], GPU_TARGETS["metal:2.4"], GPU_TARGETS["metal:3.2"])),
}


class _Backend:
    """One target's programs of a batch."""

    def __init__(self, kind: type[Emulated], target: Target, *, checked: bool) -> None:
        self.backend = kind(target, checked=checked)
        # How many lanes a subgroup has is what the interpreter is told of, by way of a target.
        self.lanes = replace(CPU_TARGETS["x86-64-v2"], vector_bytes=4 * target.subgroup_size)
        self.cases: list[tuple[int, Case, Job]] = []


def _job(case: Case) -> Job:
    whole = tuple([g * b for g, b in zip(case.grid, case.block, strict=True)])
    is_whole = case.threads is None or tuple(case.threads) == whole
    x, y, z = case.block
    return Job(case.function, (x, y, z), not is_whole or case.seed % 8 == 0)


def _run(backend: Emulated, case: Case, job: Job, args: Arguments) -> str:
    """Run a program; what its checks report."""
    artifact = backend.artifact_of(job)
    threads = case.threads or tuple([g * b for g, b in zip(case.grid, case.block, strict=True)])
    hidden = struct.pack("<3q", *threads) if artifact.entry.cut else b""
    more: list[Memory] = []
    diagnostics = diagnostic_buffer()
    if artifact.sites:
        hidden += struct.pack("<Q2q", diagnostics.ctypes.data, diagnostics.nbytes // 4, 4)
        more = [Memory(diagnostics.ctypes.data, diagnostics.nbytes)]
    given = packed(artifact, args.values, hidden, more)
    backend.execute(artifact, given, ((*case.grid,), job.block), order=case.seed % 3)  # type: ignore[arg-type]
    return _report(artifact, diagnostics)


def _report(artifact: Artifact, diagnostics: np.ndarray) -> str:
    if not diagnostics[DiagnosticSlot.COUNT]:
        return ""
    return f"the checks report something that does not happen: {artifact.sites[int(diagnostics[DiagnosticSlot.HEADER])]}"


def _against(kind: str, cases: Sequence[Case]) -> list[str]:
    results = [""] * len(cases)
    make, targets = _TARGETS[kind]
    checked = bool(cases) and cases[0].seed // 48 % 2 == 0
    parts = [_Backend(make, target, checked=checked) for target in targets]
    plain = [case.function.attributes for case in cases]
    for k, case in enumerate(cases):
        case.function.name = f"random_{case.seed}"
        if case.checked and case.seed % 4 == 3:
            case.function.attributes = {**plain[k], "debug": True}
        parts[case.seed % len(parts)].cases.append((k, case, _job(case)))
    try:
        for part in parts:
            part.backend.prepare([job for _, _, job in part.cases])
            for k, case, job in part.cases:
                args = Arguments(case)
                try:
                    wrong = _run(part.backend, case, job, args)
                    case.function.attributes = plain[k]
                    results[k] = differences(case, expected(case, part.lanes), args) or wrong
                except CompileError as error:
                    results[k] = "" if error.code == "K511" else f"{error.code}: {error}"  # what the target lacks
                except (KdslError, EmulationError) as error:
                    results[k] = f"{type(error).__name__}: {error}"
    finally:
        for case, attributes in zip(cases, plain, strict=True):
            case.function.attributes = attributes
    return results


def against_hip_many(cases: Sequence[Case]) -> list[str]:
    return _against("hip", cases)


def against_metal_many(cases: Sequence[Case]) -> list[str]:
    return _against("metal", cases)


def against_hip(case: Case) -> str:
    return against_hip_many([case])[0]


def against_metal(case: Case) -> str:
    return against_metal_many([case])[0]
