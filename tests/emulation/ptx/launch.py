"""Launches of artifacts in format "ptx" on NumPy arrays, as the runtime makes them, on the executor.

One idea: the bytes of all arguments (where they overlap, together) are copied into the executor's memory, with gaps that nothing
may touch, and copied back; the slots are those of `kdsl/codegen/layout.py`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from cpu_launch import diagnostic_buffer, pack_args

from kdsl.artifact import Artifact, Entry

from .machine import Fault, Module
from .memory import Memory

__all__ = ["launch", "module_of"]

Triple = tuple[int, int, int]
_modules: dict[int, tuple[Artifact, Module]] = {}


def module_of(artifact: Artifact) -> Module:
    """The parsed text; kept, since a case launches it again and again. Its memory is new at every launch."""
    found = _modules.get(id(artifact))
    if found is None:
        if len(_modules) > 64:
            _modules.clear()
        found = _modules[id(artifact)] = (artifact, Module(artifact.binary.decode()))
    return found[1]


class _Placed:
    """Where the bytes of the arguments lie in the executor's memory."""

    def __init__(self, memory: Memory, arrays: Sequence[np.ndarray]) -> None:
        self.memory = memory
        bounds = sorted(np.lib.array_utils.byte_bounds(a) for a in arrays if a.size)
        self.stretches: list[tuple[int, int, int]] = []  # host address, bytes, address in the executor
        merged: list[list[int]] = []
        for low, high in bounds:
            if merged and low < merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], high)
            else:
                merged.append([low, high])
        for low, high in merged:
            self.stretches.append((low, high - low, memory.put(ctypes.string_at(low, high - low), shift=low % 16)))

    def address(self, host: int) -> int:
        for low, size, there in self.stretches:
            if low <= host < low + size:
                return there + host - low
        return 0  # of an array without elements

    def back(self) -> None:
        for low, size, there in self.stretches:
            ctypes.memmove(low, self.memory.get(there, size), size)


def launch(artifact: Artifact, args: Sequence[Any], grid: Triple, block: Triple, threads: Triple, *, order: str = "together",
           entry: Entry | None = None) -> np.ndarray | None:  # fmt: skip
    """Run an entry; arrays are written in place. Gives the diagnostic buffer, where the artifact has sites."""
    entry = entry or artifact.entry
    module = module_of(artifact)
    memory = module.memory
    used = memory.used
    try:
        arrays = [a for a in args if isinstance(a, np.ndarray) and a.ndim]
        placed = _Placed(memory, arrays)
        slots = _slots(artifact, entry, args, placed)
        if entry.cut:
            slots += np.asarray(threads, np.int64).tobytes()
        elif tuple(threads) != tuple([g * b for g, b in zip(grid, block, strict=True)]):
            raise Fault("the launch ends inside of blocks, and the code was not made for that")
        report = diagnostic_buffer() if artifact.sites else None
        at = 0
        if report is not None:
            at = memory.put(report.tobytes())
            slots += np.asarray([at, report.nbytes // 4, 4], np.int64).tobytes()
        # What the launch adds in dynamic shared memory: nothing where all of it is static.
        dynamic = entry.shared_bytes if entry.shared_bytes > 48 * 1024 else 0
        hardware = (block[0] // entry.coarsen, block[1], block[2])
        module.launch(entry.symbol, grid, hardware, slots, shared_bytes=dynamic, order=order)
        placed.back()
        if report is not None:
            report[:] = np.frombuffer(memory.get(at, report.nbytes), report.dtype)
        return report
    finally:
        memory.valid[used:] = False
        memory.used = used


def _slots(artifact: Artifact, entry: Entry, args: Sequence[Any], placed: _Placed) -> bytes:
    from dataclasses import replace

    return pack_args(replace(artifact, entries=(entry,)), args, placed.address)
