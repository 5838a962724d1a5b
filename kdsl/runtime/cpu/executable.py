"""One artifact loaded on the CPU, and the launch itself.

One idea: everything about a launch that the geometry decides is computed once and kept as a plan with its launch record
as bytes, so that launching again is a dictionary look-up and one foreign call. Arguments and record are `bytes` objects
made for this call, so launches from several Python threads never share them.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...artifact import Artifact, Entry
from ...diagnostics import DeviceError
from ..api import Device, Executable, Geometry, Stream
from ..faults import new_buffer, report
from ..host import aligned_memory
from . import threads
from .loader import load
from .schedule import INLINE_NS, Plan, launch_record, make_plan, scratch_bytes

__all__ = ["CpuExecutable"]

_SIGNATURE = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
_KEEPS_GIL = ctypes.PYFUNCTYPE(None, *_SIGNATURE)  # saves a tenth of a microsecond; for launches of a few
_FREES_GIL = ctypes.CFUNCTYPE(None, *_SIGNATURE)
_MAX_PLANS = 256


class _Scratch(threading.local):
    """Scratch memory of launches that run on the calling thread alone."""

    memory: np.ndarray[Any, Any] | None = None


_alone = _Scratch()
_pool_scratch: list[np.ndarray[Any, Any]] = []  # all workers', guarded by the pool's lock


def _grown(memory: np.ndarray[Any, Any] | None, size_bytes: int) -> np.ndarray[Any, Any]:
    return memory if memory is not None and memory.size >= size_bytes else aligned_memory(size_bytes)


def _address(memory: np.ndarray[Any, Any]) -> int:
    return memory.__array_interface__["data"][0]


class _Loaded:
    """One entry: its address, and its plans by geometry."""

    __slots__ = ("address", "brief", "briefs", "entry", "epoch", "long", "plans")

    def __init__(self, entry: Entry, address: int) -> None:
        self.entry = entry
        self.address = ctypes.c_void_p(address)
        self.brief = _KEEPS_GIL(address)
        self.long = _FREES_GIL(address)
        self.plans: dict[Geometry, tuple[Plan, bytes]] = {}
        self.briefs: dict[Geometry, tuple[bytes, ctypes.c_int64]] = {}  # (record, items) of launches that need no pool
        self.epoch = -1

    def learn(self, geometry: Geometry, took_ns: int) -> None:
        """A launch planned as brief took long: `Entry.cost` cannot know how often a loop runs. Plan with what it took.

        Only a geometry's first launch comes here; the margin keeps page faults and cold caches from counting.
        """
        if took_ns > 5 * INLINE_NS:
            threads_in_all = geometry[6] * geometry[7] * geometry[8]
            self.entry = replace(self.entry, cost=max(self.entry.cost, took_ns / threads_in_all))
            self.plans.clear()
            self.briefs.clear()

    def plan(self, geometry: Geometry) -> tuple[Plan, bytes]:
        plan = make_plan(self.entry, geometry, 1)
        if not plan.brief:
            pool = threads.shared_pool()  # starts the pool; short launches never do
            plan = make_plan(self.entry, geometry, pool.workers if pool else 1)
        if self.epoch != threads.epoch() or len(self.plans) >= _MAX_PLANS:
            self.plans = {}
            self.epoch = threads.epoch()
        found = self.plans[geometry] = (plan, launch_record(geometry, plan.chunk, streams=plan.streams))
        if plan.brief and plan.items:
            if len(self.briefs) >= _MAX_PLANS:
                self.briefs.clear()
            self.briefs[geometry] = (found[1], ctypes.c_int64(plan.items))
        return found


class CpuExecutable(Executable):
    """Code in this process. A launch has finished when it returns."""

    __slots__ = ("_entries", "_image", "artifact", "device")

    def __init__(self, device: Device, artifact: Artifact) -> None:
        if artifact.format != "elf":
            raise DeviceError(f"the CPU device loads ELF objects, and this artifact is {artifact.format!r}")
        self.device = device
        self.artifact = artifact
        self._image = load(artifact.binary)
        self._entries = {e.symbol: _Loaded(e, self._image.address(e.symbol)) for e in artifact.entries}

    def launch(self, entry: Entry, arguments: bytes, geometry: Geometry, stream: Stream | None = None) -> None:
        del stream
        loaded = self._entries[entry.symbol]
        found = loaded.plans.get(geometry) if loaded.epoch == threads.epoch() else None
        plan, record = found or loaded.plan(geometry)
        if self._needs_memory(entry):
            self._launch_with_memory(loaded, plan, arguments, geometry)
        elif plan.brief:
            if plan.items:
                started = time.perf_counter_ns()
                loaded.brief(arguments, record, 0, plan.items, 0)
                loaded.learn(geometry, time.perf_counter_ns() - started)
        elif not plan.shared or not _run_shared(loaded, plan, arguments, record):
            loaded.long(arguments, record, 0, plan.items, 0)

    def bind(self, entry: Entry) -> Callable[[bytes, Geometry, Stream | None], None]:
        if self._needs_memory(entry):
            return super().bind(entry)
        loaded = self._entries[entry.symbol]
        brief, briefs, zero, launch = loaded.brief, loaded.briefs, ctypes.c_int64(0), self.launch

        def launch_again(arguments: bytes, geometry: Geometry, stream: Stream | None = None) -> None:
            found = briefs.get(geometry)
            if found is None:
                launch(entry, arguments, geometry, stream)
                return
            brief(arguments, found[0], zero, found[1], zero)

        return launch_again

    def _needs_memory(self, entry: Entry) -> bool:
        return bool(self.artifact.sites or entry.shared_bytes or entry.thread_bytes)

    def _launch_with_memory(self, loaded: _Loaded, plan: Plan, arguments: bytes, geometry: Geometry) -> None:
        """A launch whose record is its own: scratch memory, or a diagnostic buffer."""
        if not plan.items:
            return
        sites = self.artifact.sites
        buffer = new_buffer() if sites else None
        diagnostics = _address(buffer) if buffer is not None else 0
        stride = (scratch_bytes(loaded.entry, geometry) + 63) // 64 * 64
        if not plan.shared or not _run_shared_scratch(loaded, plan, arguments, geometry, stride, diagnostics):
            scratch = 0
            if stride:
                _alone.memory = _grown(_alone.memory, stride)
                scratch = _address(_alone.memory)
            record = launch_record(geometry, plan.chunk, scratch, stride, diagnostics, plan.streams)
            loaded.long(arguments, record, 0, plan.items, 0)
        if buffer is not None:
            report(loaded.entry.name, buffer, sites)


def _run_shared(loaded: _Loaded, plan: Plan, arguments: bytes, record: bytes) -> bool:
    """Run on the pool; False when another Python thread uses it (or there is none): then the caller works alone."""
    pool = threads.shared_pool()
    if pool is None or not pool.lock.acquire(blocking=False):
        return False
    try:
        pool.run(loaded.address, arguments, record, plan.items, plan.grain)
    finally:
        pool.lock.release()
    return True


def _run_shared_scratch(loaded: _Loaded, plan: Plan, arguments: bytes, geometry: Geometry, stride: int,
                        diagnostics: int) -> bool:  # fmt: skip
    """As `_run_shared`, with scratch memory for each worker."""
    pool = threads.shared_pool()
    if pool is None or not pool.lock.acquire(blocking=False):
        return False
    try:
        scratch = 0
        if stride:
            memory = _grown(_pool_scratch[0] if _pool_scratch else None, stride * pool.workers)
            _pool_scratch[:] = [memory]
            scratch = _address(memory)
        record = launch_record(geometry, plan.chunk, scratch, stride, diagnostics, plan.streams)
        pool.run(loaded.address, arguments, record, plan.items, plan.grain)
    finally:
        pool.lock.release()
    return True
