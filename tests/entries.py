"""Compiled entries as functions that tests call: the machine's own calls, or those of an emulated processor.

One idea: one switch. With TEST_AVX512=bochs in the environment (`make check-avx512`), code for x86-64-v4 is what the compiler makes
of it, and every test that runs it does so on the processor of `emulation_avx512`; without, it runs here, or is put otherwise where
the processor has less (`lowered`). Launches by the CPU device are among what is emulated.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from cpu_launch import scratch_bytes
from emulation_avx512 import Call, Memory, bytes_at, code_of, run_on_avx512

from kdsl import target as targets
from kdsl.artifact import Artifact, DiagnosticSlot, Entry, LaunchSlot
from kdsl.records import replace
from kdsl.runtime.api import CallPlan, Geometry, Stream
from kdsl.runtime.cpu import executable
from kdsl.runtime.cpu.loader import Image
from kdsl.target import CPU_TARGETS, Target

__all__ = ["EMULATES", "call_each", "entry_of", "fault_of"]

EMULATES = os.environ.get("TEST_AVX512", "") == "bochs"
# What bochs 2.7 computes otherwise than Intel's manual has it, and a part of the name of each test that sees it.
_FAULTS = {
    "VPSRAVQ by 64 shifts by 0": (
        "test_kernel[shifts-", "test_strict[arith-i64-i64-", "test_strict[arith-index-index-", "test_rows[arith-tile-i64-",
        "test_rows[arith-tile-index-",
    ),
    "KSHIFTRW by 15 gives 0": ("test_tile_ops[bool-16-",),
    "VRSQRT14PS of a power of two with an odd exponent is wrong": ("test_cpu_rsqrt.py::",),
    "VCVTPS2PH does not round ties to even": (
        "test_kernel[halves-", "test_kernel[exponents-", "f16-", "test_strict[cast-i16-", "test_strict[cast-u16-",
        *[f"test_rows[cast-{form}-{t}-" for form in ("tile", "scalar") for t in ("i16", "u16")],
    ),
    "VCVTTPD2UQQ from 2**63 on, and between -1 and 0, is wrong": (
        "test_strict[cast-f64-", "test_rows[cast-tile-f64-", "test_rows[cast-scalar-f64-",
    ),
    "VPEXTRW from a register of 16 to 31 takes displacements for bytes": ("test_backend[bf16-",),
}  # fmt: skip
_TARGET = CPU_TARGETS["x86-64-v4"]
_NATIVE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)


def fault_of(test: str) -> str:
    """Why a test may fail on the emulated processor, or ""."""
    return next((f"bochs: {fault}" for fault, names in _FAULTS.items() if any(name in test for name in names)), "")


def entry_of(artifact: Artifact, entry: Entry, image: Image) -> Callable[..., None]:
    """The entry as the function of kdsl/artifact.py; arguments and record by address."""
    if EMULATES and artifact.target == _TARGET.name:
        return _Emulated(artifact, entry, image)
    return _NATIVE(image.address(entry.symbol))


def call_each(target: Target, image: Image, symbol: str, calls: Sequence[Sequence[int]], arrays: Sequence[np.ndarray]) -> None:
    """Call a C function of integers and pointers again and again; `arrays` is what the pointers point to."""
    address = image.address(symbol)
    if EMULATES and target == _TARGET:
        run_on_avx512([Call(address, args) for args in calls], [code_of(image), *[bytes_at(a) for a in arrays]])
        return
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * len(calls[0]))(address)
    for args in calls:
        function(*args)


class _Emulated:
    """Called like the entry's C function, with addresses or with bytes."""

    def __init__(self, artifact: Artifact, entry: Entry, image: Image) -> None:
        self.artifact = replace(artifact, entries=(entry,))
        self.entry = entry
        self.image = image

    def __call__(self, arguments: bytes | int, record: bytes | int, begin: Any, end: Any, worker: Any) -> None:
        slots = _words(arguments, sum(p.slots for p in self.entry.params))
        launch = _words(record, LaunchSlot.COUNT)
        memory = [code_of(self.image), *[Memory(a.ctypes.data, a.ctypes.data + a.nbytes, False) for a in (slots, launch)]]
        memory += self._arrays(slots) + self._scratch(launch)
        items = [getattr(x, "value", x) for x in (begin, end, worker)]
        call = Call(self.image.address(self.entry.symbol), (slots.ctypes.data, launch.ctypes.data, *items))
        run_on_avx512([call], memory)

    def _arrays(self, slots: np.ndarray) -> list[Memory]:
        out, at = [], 0
        for p in self.entry.params:
            if p.kind == "array":
                address, *rest = slots[at : at + p.slots].tolist()
                reach = [(n - 1) * s for n, s in zip(rest[: p.rank], rest[p.rank :], strict=True)]
                if all(rest[: p.rank]):
                    end = address + sum(r for r in reach if r > 0) + p.size_bytes
                    out.append(Memory(address + sum(r for r in reach if r < 0), end))
            at += p.slots
        return out

    def _scratch(self, launch: np.ndarray) -> list[Memory]:
        out = []
        scratch, buffer = int(launch[LaunchSlot.SCRATCH]), int(launch[LaunchSlot.DIAGNOSTICS])
        if scratch:
            size = scratch_bytes(self.artifact, launch[LaunchSlot.BLOCK : LaunchSlot.THREADS].tolist()) - 64
            out.append(Memory(scratch, scratch + size))
        if buffer:
            capacity = int(_words(buffer, DiagnosticSlot.HEADER)[DiagnosticSlot.CAPACITY])
            out.append(Memory(buffer, buffer + 8 * (DiagnosticSlot.HEADER + capacity * DiagnosticSlot.RECORD)))
        return out


def _words(given: bytes | int, count: int) -> np.ndarray:
    """A copy of 8-byte slots."""
    return np.frombuffer(ctypes.string_at(given, 8 * count) if isinstance(given, int) else given, np.int64, count).copy()


def _emulate() -> None:
    """Launches of the CPU device call emulated entries too."""
    targets._NEEDS[_TARGET.arch] = targets._V3
    load, plan = executable.CpuExecutable.__init__, executable.CpuExecutable.call_plan
    shared, shared_scratch = executable._run_shared, executable._run_shared_scratch

    def load_emulated(self: Any, device: Any, artifact: Artifact) -> None:
        load(self, device, artifact)
        if artifact.target == _TARGET.name:
            for loaded in self._entries.values():
                loaded.brief = loaded.long = _Emulated(artifact, loaded.entry, self._image)

    def is_native(loaded: Any) -> bool:
        return not isinstance(loaded.long, _Emulated)

    def call_plan(self: Any, entry: Entry, geometry: Geometry, stream: Stream | None = None) -> CallPlan | None:
        return plan(self, entry, geometry, stream) if is_native(self._entries[entry.symbol]) else None

    executable.CpuExecutable.__init__ = load_emulated
    executable.CpuExecutable.call_plan = call_plan
    executable._run_shared = lambda loaded, *rest: is_native(loaded) and shared(loaded, *rest)
    executable._run_shared_scratch = lambda loaded, *rest: is_native(loaded) and shared_scratch(loaded, *rest)


if EMULATES:
    _emulate()
