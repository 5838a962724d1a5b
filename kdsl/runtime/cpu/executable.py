"""One artifact loaded on the CPU, and the launch itself.

One idea: everything about a launch that the geometry decides is computed once and kept as a plan with its launch record
as bytes, so that launching again is a dictionary look-up and one foreign call. Arguments and record are `bytes` objects
made for this call, so launches from several Python threads never share them.
"""

from __future__ import annotations

import ctypes
import os
import time
from _thread import _local
from collections.abc import Callable
from typing import Any

import numpy as np

from ...artifact import USUAL_ROUNDS, Artifact, Entry
from ...diagnostics import DeviceError
from ...records import replace
from ..api import CallPlan, Device, Executable, Geometry, Stream
from ..host import aligned_memory
from . import threads
from .loader import load
from .schedule import INLINE_NS, Plan, launch_record, make_plan, make_short_plan, scratch_bytes, threads_in_all

__all__ = ["CpuExecutable"]

_SIGNATURE = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
_KEEPS_GIL = ctypes.PYFUNCTYPE(None, *_SIGNATURE)  # saves a tenth of a microsecond; for launches of a few
_FREES_GIL = ctypes.CFUNCTYPE(None, *_SIGNATURE)
_MAX_PLANS = 256
# Of the trials of one geometry (`_Trial`): which launches go the other way, launches to the next after a clear one and after one
# that was not, how many in a row have to agree, the most.
_OTHER, _REST, _SHORT_REST, _AGREED, _MOST_TRIALS = (True, False, False, True, False, True, True, False), 16, 8, 3, 8
_CLEAR, _ODD = 1.1, 2.0  # times as long: that is no accident; that is one, as where memory is touched for the first time


class _Scratch(_local):
    """Scratch memory of launches that run on the calling thread alone."""

    memory: np.ndarray[Any, Any] | None = None


_alone = _Scratch()
# The same for launches that compiled code makes, behind a word that is not 0 while one of them has it: others go through Python.
_locked: list[np.ndarray[Any, Any]] = []
_LOCK_BYTES = 64


def _locked_scratch(size_bytes: int) -> np.ndarray[Any, Any]:
    if not _locked or _locked[0].size < _LOCK_BYTES + size_bytes:
        memory = aligned_memory(_LOCK_BYTES + size_bytes)
        memory[:_LOCK_BYTES] = 0
        _locked[:] = [memory]
    return _locked[0]


def _after_fork_in_child() -> None:
    """A thread that does not exist here may have been in the memory."""
    for memory in _locked:
        memory[:_LOCK_BYTES] = 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


def _grown(memory: np.ndarray[Any, Any] | None, size_bytes: int) -> np.ndarray[Any, Any]:
    return memory if memory is not None and memory.size >= size_bytes else aligned_memory(size_bytes)


def _address(memory: np.ndarray[Any, Any]) -> int:
    return memory.__array_interface__["data"][0]


_LONG = 1.3  # times as long as launches that are worth the pool
# Launches that are tried with the pool and without it, of each the first, whose memory is in others' caches, in vain; and for how
# long those before them run, at least, as whoever has just begun to work takes longer.
_SHARED = (True, True, True, True, False, False, False, False)
_SETTLES, _SETTLES_NS = 8, 1e6
_TRIED_NS = 2e6  # launches that take longer alone are worth the pool's overhead, and not worth being tried
_LOSES = 1.2  # times as long as on one thread
_MUCH = 0.8  # of the time: no launch of more threads will lose


class _Sharing:
    """Whether workers help with launches of one geometry, which is known once both ways were tried: they may wait for each other's
    updates, for memory in another's cache, or to begin. Where they do not, it is tried once more: another program may have had a
    processor."""

    __slots__ = ("again", "launches", "ns", "times")

    def __init__(self) -> None:
        self.launches, self.ns = 0, 0.0  # before those that are tried
        self.times: list[int] = []  # in the order of `_SHARED`
        self.again = False

    @property
    def is_shared(self) -> bool:
        """Whether the next launch is one with the pool."""
        at = len(self.times)  # once: another thread may be adding to them
        return at >= len(_SHARED) or _SHARED[at]

    def took(self, ns: int) -> float | None:
        """How many times as long launches take with the pool as alone, once that is known."""
        if self.launches < _SETTLES or self.ns < _SETTLES_NS:
            self.launches, self.ns = self.launches + 1, self.ns + ns
            return None
        self.times.append(ns)
        if len(self.times) != len(_SHARED):  # more, where threads launch at once
            return None
        half = len(_SHARED) // 2
        shared, alone = [sorted(way)[len(way) // 2] for way in (self.times[1:half], self.times[half + 1 :])]
        if shared > _LOSES * alone and not self.again:
            self.again, self.launches, self.ns, self.times = True, 0, 0.0, []
            return None
        return shared / alone


class _Trial:
    """Whether stores past the caches, or asking for memory long before it is read, pay for launches of one geometry: each way is
    taken in turn, and the way of the shortest launch is taken for a while.

    Processors differ too much to say beforehand: what gains a third on one costs a third on the next, for a stencil and not for
    a sum of arrays. Launches whose two arrays change places go either way with both: other, this, this, other. Four launches
    are a trial where one way is clearly the faster, else eight. The first launch, whose arrays may be new memory, does not count.
    Other programs that use memory at the time make launches longer, never shorter, so of each way the shortest counts, and as all
    of one way may be hit, it stays as three trials in a row have it. Those after the first are over at once where a launch of the
    other way takes longer than each of the four before it.
    """

    __slots__ = ("agreed", "at", "before", "best_ns", "rest", "trials", "way")

    def __init__(self) -> None:
        self.way = self.agreed = self.trials = 0  # the faster, as far as is known; trials in a row that say so; of how many
        self.rest = 1  # launches to the next trial
        self.at = 0  # launches of this trial that were made
        self.best_ns = [float("inf"), float("inf")]
        self.before: list[int] = []  # the last four times between trials

    @property
    def next_streams(self) -> bool:
        """Whether the next launch has such stores."""
        return self._next() == 0

    def _next(self) -> int:
        return self.way if self.rest > 0 else self.way ^ _OTHER[self.at]

    def took(self, ns: int) -> bool:
        """Whether all is known."""
        if self.rest > 0:
            self.rest -= 1
            self.before = [*self.before[-3:], ns]
            return False
        way = self._next()
        self.best_ns[way] = min(self.best_ns[way], ns)
        self.at += 1
        if self.at == 1:
            longest = max(self.before)
            return self.agreed > 0 and _CLEAR * longest < ns < _ODD * longest and self._ends(self.way, True)
        clear = _CLEAR * min(self.best_ns) <= max(self.best_ns)
        if self.at == len(_OTHER) or (clear and 2 * self.at == len(_OTHER)):
            return self._ends(int(self.best_ns[1] < self.best_ns[0]), clear)
        return False

    def _ends(self, faster: int, clear: bool) -> bool:
        self.agreed = self.agreed + 1 if faster == self.way and self.trials else 1
        self.trials += 1
        self.way, self.rest = faster, _REST * self.agreed if clear else _SHORT_REST
        self.at, self.best_ns, self.before = 0, [float("inf"), float("inf")], []
        return self.agreed >= _AGREED or self.trials >= _MOST_TRIALS

    @property
    def streams(self) -> bool:
        return self.way == 0


class _Loaded:
    """One entry: its address, and its plans by geometry. most: the largest number of those that its loops go to; None: of all."""

    __slots__ = (
        "address", "brief", "briefs", "entry", "epoch", "gains_from", "long", "most", "plans", "sharing", "slow", "trials",
    )  # fmt: skip

    def __init__(self, entry: Entry, address: int, most: int | None = None) -> None:
        self.entry = entry
        self.most = most
        self.address = ctypes.c_void_p(address)
        self.brief = _KEEPS_GIL(address)
        self.long = _FREES_GIL(address)
        self.plans: dict[Geometry, tuple[Plan, bytes]] = {}
        self.briefs: dict[Geometry, tuple[bytes, ctypes.c_int64]] = {}  # (record, items) of launches that need no pool
        self.slow: dict[Geometry, int] = {}  # nanoseconds of launches that were planned as brief, and were not
        self.trials: dict[Geometry, _Trial | bool] = {}  # of launches that may store past the caches; whether they do, once known
        self.sharing: dict[Geometry, _Sharing | None] = {}  # of launches that may lose by the pool; None: all is known
        self.gains_from = float("inf")  # threads of a launch that gained much, as larger ones do too
        self.epoch = -1

    def may_lose(self, geometry: Geometry, plan: Plan) -> bool:
        """Whether a launch that is shared may take longer than on one thread, for all that is known."""
        if not plan.shared or (geometry in self.sharing and self.sharing[geometry] is None):
            return False
        threads = threads_in_all(geometry)
        return threads < self.gains_from and threads * self.entry.cost < _TRIED_NS

    def alone(self, geometry: Geometry) -> tuple[Plan, bytes]:
        """How one thread runs a launch, which goes through whole rows, and its launch record."""
        plan = make_plan(self.entry, geometry, 1)
        plan = replace(plan, streams=plan.streams and self.trials.get(geometry) is not False)
        return plan, launch_record(self.entry, geometry, plan.chunk, streams=plan.streams)

    def may_share(self, geometry: Geometry) -> bool:
        """Whether the next launch of those that are tried is one with the pool."""
        trial = self.sharing.get(geometry)
        return trial is None or trial.is_shared

    def learn_sharing(self, geometry: Geometry, took_ns: int) -> None:
        """A launch of those that are tried took so long."""
        trial = self.sharing.setdefault(geometry, _Sharing())
        ratio = None if trial is None else trial.took(took_ns)
        if ratio is None:
            return
        self.sharing[geometry] = None
        if ratio < _MUCH:
            self.gains_from = min(self.gains_from, threads_in_all(geometry))
        elif ratio > _LOSES:
            self.plans[geometry] = self.alone(geometry)

    def learn(self, geometry: Geometry, took_ns: int) -> None:
        """A launch planned as brief took long: `Entry.cost` cannot know how often a loop runs. Plan with what it took.

        It has to take long twice, as page faults, cold caches and other programs make one launch slow; after a launch that
        did not, the geometry comes here no more.
        """
        before = self.slow.pop(geometry, None)
        if took_ns <= _LONG * INLINE_NS:
            return
        if before is None:
            self.slow[geometry] = took_ns
            self.briefs.pop(geometry, None)
            return
        cost = min(before, took_ns) / threads_in_all(geometry)
        self.entry = replace(self.entry, cost=max(self.entry.cost, cost))
        self.plans.clear()
        self.briefs.clear()

    def known_plan(self, geometry: Geometry) -> tuple[Plan, bytes]:
        """The plan and its launch record, made if they are not known."""
        found = self.plans.get(geometry) if self.epoch == threads.epoch() else None
        return found or self.plan(geometry)

    def plan(self, geometry: Geometry) -> tuple[Plan, bytes]:
        block = self.entry.block
        if block is not None and (geometry[3:6] != block or any(geometry[6 + k] != geometry[k] * block[k] for k in range(3))):
            raise DeviceError(f"code for full blocks of {block} was given the launch {geometry}")
        plan = make_plan(self.entry, geometry, 1)
        if not plan.brief:
            # Starts the pool; short launches never do.
            pool = threads.shared_pool(self.entry.cost * threads_in_all(geometry))
            plan = make_plan(self.entry, geometry, pool.workers if pool else 1)
        if self.epoch != threads.epoch() or len(self.plans) >= _MAX_PLANS:
            self.plans = {}
            self.trials = {k: known for k, known in self.trials.items() if isinstance(known, bool)}  # records may have changed
            self.sharing = {}
            self.epoch = threads.epoch()
        if self.trials.get(geometry) is False:
            plan = replace(plan, streams=False)
        found = self.plans[geometry] = (plan, launch_record(self.entry, geometry, plan.chunk, streams=plan.streams))
        if len(self.briefs) >= _MAX_PLANS:
            self.briefs.clear()
        return found


class _Lengths:
    """One entry, by how long its loops are, of whose lengths up to twice as large each has plans of its own: as many rows may be
    short in one launch and long in the next. last: what the last launch was planned with."""

    __slots__ = ("address", "at", "entry", "known", "last")

    def __init__(self, entry: Entry, address: int) -> None:
        self.entry = entry
        self.address = address
        self.at = 8 * entry.counts_to
        self.known: dict[int, _Loaded] = {}
        self.last = _Loaded(entry, address)

    def of(self, arguments: bytes) -> _Loaded:
        """For a launch with these."""
        if self.at < 0:
            return self.last
        number = int.from_bytes(arguments[self.at : self.at + 8], "little", signed=True)
        octave = max(number, USUAL_ROUNDS - 1).bit_length()
        found = self.known.get(octave)
        if found is None:
            entry = replace(self.entry, cost=self.entry.cost_at(3 << octave - 2))
            found = self.known[octave] = _Loaded(entry, self.address, (1 << octave) - 1)
        self.last = found
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
        self._entries = {e.symbol: _Lengths(e, self._image.address(e.symbol)) for e in artifact.entries}

    def launch(self, entry: Entry, arguments: bytes, geometry: Geometry, stream: Stream | None = None) -> None:
        del stream
        loaded = self._entries[entry.symbol].of(arguments)
        plan, record = loaded.known_plan(geometry)
        if not plan.brief and threads.is_postponed():
            started = time.perf_counter_ns()
            self._launch(entry, loaded, plan, record, arguments, geometry)
            threads.ran_alone(time.perf_counter_ns() - started)
        elif loaded.may_lose(geometry, plan):
            if not loaded.may_share(geometry):
                plan, record = loaded.alone(geometry)
            started = time.perf_counter_ns()
            self._launch(entry, loaded, plan, record, arguments, geometry)
            loaded.learn_sharing(geometry, time.perf_counter_ns() - started)
        else:
            self._launch(entry, loaded, plan, record, arguments, geometry)

    def _launch(self, entry: Entry, loaded: _Loaded, plan: Plan, record: bytes, arguments: bytes, geometry: Geometry) -> None:
        if self._needs_memory(entry):
            if entry.asks and plan.streams and not plan.brief and loaded.trials.get(geometry) is not True:
                self._try(loaded, plan, arguments, geometry)
            else:
                self._launch_with_memory(loaded, plan, arguments, geometry)
        elif plan.brief:
            if plan.items:
                if geometry not in loaded.briefs:
                    loaded.briefs[geometry] = (record, ctypes.c_int64(plan.items))
                started = time.perf_counter_ns()
                loaded.brief(arguments, record, 0, plan.items, 0)
                loaded.learn(geometry, time.perf_counter_ns() - started)
        elif plan.streams and loaded.trials.get(geometry) is not True:
            self._try(loaded, plan, arguments, geometry)
        else:
            _run(loaded, plan, arguments, record)

    def _try(self, loaded: _Loaded, plan: Plan, arguments: bytes, geometry: Geometry) -> None:
        trial = loaded.trials.get(geometry)
        if not isinstance(trial, _Trial):
            trial = loaded.trials[geometry] = _Trial()
        tried = replace(plan, streams=trial.next_streams)
        started = time.perf_counter_ns()
        if self._needs_memory(loaded.entry):
            self._launch_with_memory(loaded, tried, arguments, geometry)
        else:
            _run(loaded, tried, arguments, launch_record(loaded.entry, geometry, plan.chunk, streams=tried.streams))
        if trial.took(time.perf_counter_ns() - started):
            loaded.trials[geometry] = trial.streams
            loaded.plans.pop(geometry, None)

    def bind(self, entry: Entry) -> Callable[[bytes, Geometry, Stream | None], None]:
        if self._needs_memory(entry):
            return super().bind(entry)
        lengths, zero, launch = self._entries[entry.symbol], ctypes.c_int64(0), self.launch
        if lengths.at >= 0:

            def launch_as_long(arguments: bytes, geometry: Geometry, stream: Stream | None = None) -> None:
                loaded = lengths.of(arguments)
                found = loaded.briefs.get(geometry)
                if found is None:
                    launch(entry, arguments, geometry, stream)
                    return
                loaded.brief(arguments, found[0], zero, found[1], zero)

            return launch_as_long
        brief, briefs = lengths.last.brief, lengths.last.briefs

        def launch_again(arguments: bytes, geometry: Geometry, stream: Stream | None = None) -> None:
            found = briefs.get(geometry)
            if found is None:
                launch(entry, arguments, geometry, stream)
                return
            brief(arguments, found[0], zero, found[1], zero)

        return launch_again

    def call_plan(self, entry: Entry, geometry: Geometry, stream: Stream | None = None) -> CallPlan | None:
        loaded = self._entries[entry.symbol].last
        if self.artifact.sites or stream is not None:
            return None
        limit = None if loaded.most is None else (entry.counts_to, loaded.most)
        plan, record = loaded.known_plan(geometry)
        if (plan.streams and loaded.trials.get(geometry) is not True) or (not plan.brief and threads.is_postponed()):
            return None
        if loaded.may_lose(geometry, plan):
            return None
        from ...calltable import MAX_SCRATCH

        stride = scratch_bytes(entry, geometry)
        if geometry in loaded.briefs and not stride:
            pool = threads.pool_for_short()
            short = make_short_plan(loaded.entry, geometry, pool.workers) if pool is not None else None
            if pool is not None and short is not None:
                record = launch_record(loaded.entry, geometry, short.chunk)
                return CallPlan(loaded.address.value or 0, short.items, short.claim, False, pool.run_awake_address,
                                0, record, threads.epoch_address, threads.epoch(), self, limit=limit)  # fmt: skip
        pool = threads.shared_pool() if plan.shared else None
        memory, skip = None, 0
        if stride and pool is not None:
            memory = pool.scratch(stride)
        elif stride > MAX_SCRATCH:
            memory, skip = _locked_scratch(stride), _LOCK_BYTES
        if memory is not None:
            record = launch_record(entry, geometry, plan.chunk, _address(memory) + skip, stride, 0, plan.streams)
        brief = plan.brief and memory is None  # nobody asks for a lock that holds Python's
        return CallPlan(loaded.address.value or 0, plan.items, plan.claim, brief, pool.run_address if pool else 0,
                        stride if memory is None else 0, record, threads.epoch_address, threads.epoch(), (self, memory),
                        lock=0 if memory is None else _address(memory), limit=limit)  # fmt: skip

    def _needs_memory(self, entry: Entry) -> bool:
        return bool(self.artifact.sites or entry.shared_bytes or entry.thread_bytes)

    def _launch_with_memory(self, loaded: _Loaded, plan: Plan, arguments: bytes, geometry: Geometry) -> None:
        """A launch whose record is its own: scratch memory, or a diagnostic buffer."""
        if not plan.items:
            return
        sites = self.artifact.sites
        from ..faults import new_buffer, report

        buffer = new_buffer() if sites else None
        diagnostics = _address(buffer) if buffer is not None else 0
        stride = scratch_bytes(loaded.entry, geometry)
        if not plan.shared or not _run_shared_scratch(loaded, plan, arguments, geometry, stride, diagnostics):
            scratch = 0
            if stride:
                _alone.memory = _grown(_alone.memory, stride)
                scratch = _address(_alone.memory)
            record = launch_record(loaded.entry, geometry, plan.chunk, scratch, stride, diagnostics, plan.streams)
            loaded.long(arguments, record, 0, plan.items, 0)
        if buffer is not None:
            report(loaded.entry.name, buffer, sites)


def _run(loaded: _Loaded, plan: Plan, arguments: bytes, record: bytes) -> None:
    if not plan.shared or not _run_shared(loaded, plan, arguments, record):
        loaded.long(arguments, record, 0, plan.items, 0)


def _run_shared(loaded: _Loaded, plan: Plan, arguments: bytes, record: bytes) -> bool:
    """Run on the pool; False when another thread uses it (or there is none): then the caller works alone."""
    pool = threads.shared_pool()
    return pool is not None and bool(pool.run(loaded.address, arguments, record, plan.items, plan.claim))


def _run_shared_scratch(loaded: _Loaded, plan: Plan, arguments: bytes, geometry: Geometry, stride: int,
                        diagnostics: int) -> bool:  # fmt: skip
    """As `_run_shared`, with scratch memory for each worker."""
    pool = threads.shared_pool()
    if pool is None:
        return False
    memory = pool.scratch(stride) if stride else None
    scratch = 0 if memory is None else _address(memory)
    record = launch_record(loaded.entry, geometry, plan.chunk, scratch, stride, diagnostics, plan.streams)
    return bool(pool.run(loaded.address, arguments, record, plan.items, plan.claim))
