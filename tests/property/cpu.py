"""Random programs as machine code, against the interpreter: many programs to a module, every cell and its surroundings.

One idea: a program's seed decides everything about its run (target, optimisation, checks, how work is cut into items), so a
failure is seen again from its seed alone. Arrays lie between guard bytes, and what no thread may write is compared too.

    against_cpu(case)              # "" or what is wrong
    against_cpu_many(cases)        # the same for each, compiled together: faster
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from cpu_launch import diagnostic_buffer, item_count, launch_record, pack_args as pack, scratch_bytes
from emulation_arm import Launch, has_emulator, run_arm
from entries import EMULATES, entry_of
from lowered import RUNNABLE, V4, runs

from kdsl.artifact import Artifact, DiagnosticSlot, LaunchSlot
from kdsl.codegen.cpu import compile_many
from kdsl.compiler import lower
from kdsl.diagnostics import KdslError
from kdsl.ir.core import Function
from kdsl.ir.interpreter import interpret
from kdsl.ir.passes.vectorize import is_flat, needs_linear_order
from kdsl.runtime.cpu.loader import Image, load
from kdsl.target import CPU_TARGETS, Target

from .generate import SLIM, Case, compare

__all__ = ["Setting", "against_arm", "against_arm_many", "against_cpu", "against_cpu_many", "setting"]

ARM = CPU_TARGETS["aarch64"]
NATIVE = [V4] if EMULATES else [CPU_TARGETS[arch] for arch in RUNNABLE]
_GUARD = 256
_FILL = 0xA5


@dataclass(frozen=True)
class Setting:
    """How a case is compiled and run."""

    target: Target
    opt: str
    debug: bool

    @property
    def module(self) -> tuple[str, str]:
        return self.target.arch, self.opt


def setting(case: Case, targets: Sequence[Target] = NATIVE) -> Setting:
    """Targets take turns. One program in four (of slim ones, in sixteen) is optimised, which is
    most of the cost; one in four, if it may, has checks on."""
    turn = case.seed // 12  # sizes and targets have gone once around
    often = 16 if case.size <= SLIM else 4
    debug = case.checked and turn % 8 in (0, 5)
    return Setting(targets[case.seed % len(targets)], "default" if turn % often == 0 else "none", debug)


def compiled_function(case: Case, how: Setting) -> Function:
    """The case's program as the block-level function that is emitted, under a name of its own."""
    f = case.function
    f.name = f"random_{case.seed}"
    lanes, block = how.target.lanes, case.block
    linear = block[0] % lanes != 0 and block[1] * block[2] > 1 and needs_linear_order(f) and not is_flat(f)
    plain = f.attributes
    f.attributes = {**plain, "debug": True} if how.debug else plain
    try:
        return lower(f, how.target, linear=linear, block=known_block(case))
    finally:
        f.attributes = plain


def known_block(case: Case) -> tuple[int, int, int] | None:
    """The shape that code is made for: that of the launch, if no block is cut off; not always, to run the other code too."""
    whole = tuple([g * b for g, b in zip(case.grid, case.block, strict=True)])
    is_whole = case.threads is None or tuple(case.threads) == whole
    x, y, z = [*case.block, 1, 1][:3]
    return (x, y, z) if is_whole and case.seed % 4 and not is_flat(case.function) else None


class Arguments:
    """Arguments of a case between guard bytes."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.buffers: list[np.ndarray] = []
        self.values = [self._guarded(a) if isinstance(a, np.ndarray) else a for a in case.args()]

    def _guarded(self, a: np.ndarray) -> np.ndarray:
        base = a if a.base is None else a.base
        buffer = np.full(base.nbytes + 2 * _GUARD, _FILL, np.uint8)
        buffer[_GUARD : _GUARD + base.nbytes] = np.frombuffer(base.tobytes(), np.uint8)
        self.buffers.append(buffer)
        at = _GUARD + a.__array_interface__["data"][0] - base.__array_interface__["data"][0]
        return np.ndarray(a.shape, a.dtype, buffer, at, a.strides)

    def outside(self) -> list[bytes]:
        """What lies around the cells that the program may write."""
        for k, info in self.case.arrays.items():
            if info.pitch is not None or info.family:
                self.values[k][...] = np.zeros((), self.values[k].dtype)
        return [b.tobytes() for b in self.buffers]


def differences(case: Case, wanted: Arguments, found: Arguments) -> str:
    wrong = compare(case, wanted.values, found.values)
    if not wrong and wanted.outside() != found.outside():
        wrong = "memory that no thread may write has changed"
    return wrong


def expected(case: Case, target: Target) -> Arguments:
    args = Arguments(case)
    interpret(case.function, args.values, case.grid, case.block, threads=case.threads, check=case.checked,
              step_limit=100_000, subgroup_size=target.lanes)  # fmt: skip
    return args


def launch_of(case: Case, artifact: Artifact, values: list[Any]) -> Launch:
    """The case's launch: small work items, so that a row falls into several."""
    grid, block = case.grid, case.block
    threads = case.threads or tuple([g * b for g, b in zip(grid, block, strict=True)])
    width = artifact.entry.width
    chunk = width * random.Random(case.seed).choice((1, 2, 8))
    return Launch(artifact, values, threads, block, chunk, diagnostic_buffer() if artifact.sites else None, grid=grid)


def run_native(job: Launch, image: Image) -> None:
    """Call the code in this process, the items in two pieces: the later ones first, the others with stores past the caches."""
    artifact = job.artifact
    size = scratch_bytes(artifact, job.block)
    scratch = np.full(size + 128, 0xCD, np.uint8)
    start = -(-scratch.ctypes.data // 64) * 64
    diagnostics = 0 if job.diagnostics is None else job.diagnostics.ctypes.data
    record = launch_record(job.threads, job.block, job.chunk, start, 0, diagnostics, job.grid, artifact.entry.turned)
    items = item_count(artifact, record)
    arguments = np.frombuffer(pack(artifact, job.args) + bytes(8), np.uint8)
    entry = entry_of(artifact, artifact.entry, image)
    for streams, begin, end in ((0, items // 2, items), (1, 0, items // 2)):
        record[LaunchSlot.STREAM] = streams
        entry(arguments.ctypes.data, record.ctypes.data, begin, end, 0)


def _reports(job: Launch) -> str:
    if job.diagnostics is None or not job.diagnostics[DiagnosticSlot.COUNT]:
        return ""
    site = job.artifact.sites[int(job.diagnostics[DiagnosticSlot.HEADER])]
    return f"the checks report something that does not happen: {site}"


class _Batch:
    """Cases that are compiled into one module."""

    def __init__(self, how: tuple[str, str]) -> None:
        self.target, self.opt = CPU_TARGETS[how[0]], how[1]
        self.cases: list[Case] = []
        self.places: list[int] = []
        self.functions: list[Function] = []

    def run(self, results: list[str]) -> None:
        with runs(self.target):
            module = compile_many(self.functions, self.target, opt=self.opt)
        found = [Arguments(case) for case in self.cases]
        parts = [replace(module, entries=(entry,)) for entry in module.entries]
        jobs = [launch_of(case, part, args.values) for case, part, args in zip(self.cases, parts, found, strict=True)]
        if self.target is ARM:
            run_arm(jobs)
        else:
            image = load(module.binary)
            for job in jobs:
                run_native(job, image)
        for place, case, job, args in zip(self.places, self.cases, jobs, found, strict=True):
            try:
                results[place] = differences(case, expected(case, self.target), args) or _reports(job)
            except KdslError as error:
                results[place] = f"{type(error).__name__}: {error}"


def _compare(cases: Sequence[Case], targets: Sequence[Target]) -> list[str]:
    results = [""] * len(cases)
    batches: dict[tuple[str, str], _Batch] = {}
    for place, case in enumerate(cases):
        how = setting(case, targets)
        try:
            function = compiled_function(case, how)
        except KdslError as error:
            results[place] = f"{type(error).__name__}: {error}"
            continue
        batch = batches.setdefault(how.module, _Batch(how.module))
        batch.cases.append(case)
        batch.places.append(place)
        batch.functions.append(function)
    for batch in batches.values():
        batch.run(results)
    return results


def against_cpu_many(cases: Sequence[Case]) -> list[str]:
    """For each case "" or what is wrong with its code for one of this machine's targets."""
    return _compare(cases, NATIVE)


def against_arm_many(cases: Sequence[Case]) -> list[str]:
    """The same for AArch64, emulated where need be."""
    assert has_emulator() or ARM in NATIVE
    return _compare(cases, [ARM])


def against_cpu(case: Case) -> str:
    return against_cpu_many([case])[0]


def against_arm(case: Case) -> str:
    return against_arm_many([case])[0]
