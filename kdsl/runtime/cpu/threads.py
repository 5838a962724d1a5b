"""The persistent thread pool that CPU launches share: who starts it, who may use it, what happens at fork and at exit.

One idea: the pool itself is native code (text in `kdsl.codegen.cpu.pool`), given to this module as object bytes by a
provider that the compiler side registers. Everything here is about ownership:

* one pool per process, started at the first launch that is worth it; the calling thread is worker 0;
* where its code has to be compiled first, launches run on the calling thread until they have taken as long together;
* one launch at a time: a Python thread that finds the pool busy runs its launch alone, on itself;
* a forked child has no threads: it forgets the parent's pool and starts its own when it needs one;
* no pool (no provider, no memory, no threads): launches run on the calling thread, and `pool_status` says why.

`KDSL_NUM_THREADS` or `set_num_threads` says how many threads take part, the caller among them; the default is the
number of processors that this process may use.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import time
from _thread import allocate_lock
from collections.abc import Callable
from typing import Any

import numpy as np

from ...diagnostics import DeviceError, KdslError
from ...forks import undivided
from ..host import aligned_memory
from .loader import load

__all__ = ["ThreadPool", "epoch", "epoch_address", "num_threads", "offer_pool_provider", "pool_status", "set_num_threads",
           "is_postponed", "ran_alone", "set_pool_provider", "shared_pool", "tell_of_pools"]  # fmt: skip

_MAX_THREADS = 1024
_SPIN = 10_000  # rounds of the pause instruction before sleeping: 0.1 to 0.5 ms; launches that follow find workers awake
_COMPILED_NS = 25_000_000  # what compiling the pool's code takes, about
_FEW = 16  # threads that a launch of some microseconds is shared by at most
_SPIN_CROWDED = 20  # with more threads than processors, spinning takes time from those that have work


class ThreadPool:
    """A running pool of `workers` threads, the caller among them.

    `run(entry, args, launch, items, grain)` calls the native function at `entry` for all work items and returns 1 when
    they are done, or 0 at once while another thread is in it; it releases the GIL. `run_address` is its native address, and
    `run_awake_address` that of one which also returns 0 where a worker sleeps, or 0 if there is none.
    """

    def __init__(self, object_bytes: bytes, workers: int) -> None:
        image = load(object_bytes)
        image.keep()  # a worker may still be leaving its last instructions when the pool is forgotten
        import signal  # its enumerations take a millisecond, and most processes never get here

        pointer, i64 = ctypes.c_void_p, ctypes.c_int64
        run = ctypes.CFUNCTYPE(i64, pointer, pointer, pointer, i64, i64)
        start = ctypes.CFUNCTYPE(i64, pointer, i64, ctypes.c_int32)(image.address("kdsl_pool_start"))
        self._stop = ctypes.CFUNCTYPE(None, pointer, i64)(image.address("kdsl_pool_stop"))
        self._take = ctypes.CFUNCTYPE(i64)(image.address("kdsl_pool_take"))
        self.run_address = image.address("kdsl_pool_run")
        awake = "kdsl_pool_run_awake"  # which bundles of earlier versions do not have
        self.run_awake_address = image.address(awake) if image.defines(awake) else 0
        self.run: Callable[[object, object, object, int, int], int] = run(self.run_address)
        self.pid = os.getpid()
        self._handles = (i64 * max(workers - 1, 1))()
        spin = _SPIN if workers <= _processors() else _SPIN_CROWDED
        # Signals belong to Python's main thread: one that a worker took would not interrupt a blocked call there.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self._started = start(ctypes.addressof(self._handles), workers - 1, spin)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.workers = self._started + 1
        self._scratch: np.ndarray[Any, Any] | None = None

    def scratch(self, size_bytes: int) -> np.ndarray[Any, Any]:
        """Memory of which each worker has that many bytes during a launch: who has been let into the pool has it to himself, and
        who may still come with an earlier one keeps that."""
        if self._scratch is None or self._scratch.size < size_bytes * self.workers:
            self._scratch = aligned_memory(size_bytes * self.workers)
        return self._scratch

    def take(self, timeout_s: float) -> bool:
        """Keep launches out for ever, once the one in progress has ended: they then find the pool busy and run alone."""
        until = time.monotonic() + timeout_s
        while not self._take():
            if time.monotonic() > until:
                return False
            time.sleep(0.001)
        return True

    def stop(self) -> None:
        """End the workers and wait for them. The pool cannot be used afterwards."""
        if self._started and self.pid == os.getpid():
            self._stop(ctypes.addressof(self._handles), self._started)
        self._started = 0
        self.workers = 1


class _State:
    """What this process knows about its pool."""

    def __init__(self) -> None:
        self.lock = allocate_lock()
        self.pool: ThreadPool | None = None
        self.tried = False
        self.wanted = 0  # set_num_threads, or 0
        self.postponed = False  # until launches have taken as long as compiling it
        self.alone_ns = 0.0  # which have taken so long
        self.why_not = "nothing was launched yet"


# Changes whenever `workers` may have changed, so that launch plans are made again; compiled calls look at it, too.
_epoch = ctypes.c_int64(0)
epoch_address = ctypes.addressof(_epoch)
_state = _State()
_provider: Callable[[], bytes] | None = None
_at_hand: Callable[[], bool] | None = None
_told: list[Callable[[ThreadPool | None], None]] = []


def set_pool_provider(provider: Callable[[], bytes] | None, at_hand: Callable[[], bool] | None = None) -> None:
    """Register the function that gives the pool's object code for this machine (from the cache, or compiled), and one that says
    whether it would be quick.

    It is called at most once per process, at the first launch worth spreading over threads.
    """
    global _provider, _at_hand
    _provider, _at_hand = provider, at_hand
    _state.alone_ns, _state.postponed = 0.0, False  # what launches have taken counts towards this one's code
    shutdown()


def offer_pool_provider(provider: Callable[[], bytes]) -> None:
    """Register a provider where there is none: for code that was compiled ahead of time beside a compiler, or without one."""
    global _provider
    if _provider is None:
        _provider = provider
        _state.tried = False


def _processors() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def num_threads() -> int:
    """How many threads a launch may use, the calling one among them (at least 1)."""
    if _state.wanted:
        return _state.wanted
    text = os.environ.get("KDSL_NUM_THREADS", "").strip()
    if not text:
        return min(_processors(), _MAX_THREADS)
    if not text.isdecimal() or not 1 <= int(text) <= _MAX_THREADS:
        raise DeviceError(f"KDSL_NUM_THREADS is {text!r}; it must be a number from 1 to {_MAX_THREADS}")
    return int(text)


def set_num_threads(count: int) -> None:
    """Use `count` threads (1 to 1024) from the next launch on; 0 goes back to the default."""
    if not 0 <= count <= _MAX_THREADS:
        raise DeviceError(f"the number of threads must be 1 to {_MAX_THREADS}, or 0 for the default; not {count}")
    _state.wanted = count
    shutdown()


def epoch() -> int:
    """A number that changes when the pool does."""
    return _epoch.value


def shared_pool(launch_ns: float | None = None) -> ThreadPool | None:
    """This process's pool, started if need be; None when launches run on the calling thread (see `pool_status`).

    launch_ns: how long the launch that it is for takes alone, roughly. Where the pool's code is yet to be compiled, which
    takes longer than that, there is none for it.
    """
    if _state.pool is not None or _state.tried:
        return _state.pool
    if launch_ns is not None and _at_hand is not None and num_threads() > 1 and (
        _state.alone_ns + launch_ns < _COMPILED_NS and not _at_hand()
    ):
        _state.postponed = True
        _state.why_not = "its code is compiled once launches have taken as long as that"
        return None
    with undivided(), _state.lock:  # it imports
        if not _state.tried:
            _state.pool = _start()
            _state.tried, _state.postponed = True, False
            _epoch.value += 1
            for tell in _told:
                tell(_state.pool)
    return _state.pool


def pool_for_short() -> ThreadPool | None:
    """The pool, if launches of less than what waking a worker takes may use it while its workers are awake: one that runs, or whose
    code is at hand. Not where many would crowd around so little, nor where they sleep at once, having to share processors."""
    if _state.pool is None and not _state.tried and _at_hand is not None and not _at_hand():
        return None
    pool = shared_pool()
    return pool if pool is not None and pool.run_awake_address and pool.workers <= min(_FEW, _processors()) else None


def is_postponed() -> bool:
    """Whether launches run alone until `ran_alone` has been told of enough of them."""
    return _state.postponed


def ran_alone(ns: int) -> None:
    """A launch ran on the calling thread, for want of a pool that was postponed. The more of them, the more it is worth."""
    _state.alone_ns += ns
    if _state.alone_ns >= _COMPILED_NS and _state.postponed:
        _state.postponed = False
        _epoch.value += 1  # plans are made again


def tell_of_pools(tell: Callable[[ThreadPool | None], None]) -> None:
    """Call `tell` with each pool that is started from now on, or None where there is none to be had. For native code that
    launches without Python; a pool that has ended just turns it away."""
    _told.append(tell)


def _start() -> ThreadPool | None:
    workers = num_threads()
    if workers == 1:
        _state.why_not = "one thread was asked for, or this process may use one processor only"
        return None
    if _provider is None:
        _state.why_not = "no compiler has registered the pool's code (set_pool_provider)"
        return None
    try:
        pool = ThreadPool(_provider(), workers)
    except (KdslError, OSError) as e:  # an odd system: launches still run, and `kdsl doctor` prints the reason
        _state.why_not = str(e)
        return None
    if pool.workers < workers:
        _state.why_not = f"the system gave only {pool.workers} of {workers} threads"
    return pool if pool.workers > 1 else None


def pool_status() -> str:
    """One line for `kdsl doctor`: how CPU launches run in this process, and why."""
    pool = _state.pool
    if pool is not None:
        short = f"; {_state.why_not}" if pool.workers < num_threads() else ""
        return f"{pool.workers} threads{short}"
    return f"launches run on the calling thread: {_state.why_not}"


def shutdown() -> None:
    """Stop the pool; the next launch that wants one starts it again. Waits for a launch in progress (5 s at most)."""
    pool = _state.pool
    if pool is not None and pool.pid == os.getpid() and pool.take(5.0):
        pool.stop()
    _forget()


def _forget() -> None:
    _state.pool = None
    _state.tried = False
    _epoch.value += 1


def _after_fork_in_child() -> None:
    """The child has only the thread that forked. The parent's pool stays in memory, unused; locks may be held."""
    wanted = _state.wanted
    _state.__init__()
    _state.wanted = wanted
    _epoch.value += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
atexit.register(shutdown)
