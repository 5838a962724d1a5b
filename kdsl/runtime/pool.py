"""The caching allocator: freed memory is kept by size class and given out again, after the work that used it.

One idea: freeing never waits. A block goes back together with the event after which it may be reused; the next
`allocate` looks which events are done. Because `free` is called by Python's garbage collector at any moment, even
in the middle of `allocate`, it only appends to a queue, which needs no lock.
"""

from __future__ import annotations

import os
import weakref
from _thread import allocate_lock
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from ..diagnostics import DeviceError
from ..records import record

__all__ = ["Block", "CachingPool", "Fence", "PoolStats", "size_class"]


class Fence(Protocol):
    """What a block waits for before it is reused: an `Event`, or anything with these two."""

    @property
    def done(self) -> bool: ...

    def wait(self) -> None: ...


class Block:
    """Memory from the pool: `handle` is what the device gave for `size_bytes`, the size of the class."""

    __slots__ = ("handle", "size_bytes")

    def __init__(self, handle: Any, size_bytes: int) -> None:
        self.handle = handle
        self.size_bytes = size_bytes


class PoolStats(metaclass=record):
    """Bytes held by users, kept for reuse, waiting for work; requests served from memory kept, and from the device."""

    live_bytes: int
    kept_bytes: int
    waiting_bytes: int
    reused: int
    allocated: int
    peak_bytes: int


def size_class(size_bytes: int) -> int:
    """The size that a request is rounded up to: steps of 64 bytes up to 512, then a quarter of a power of two (at most
    25 % more than asked for), from 64 MiB on whole 2 MiB pages."""
    if size_bytes <= 512:
        return max(size_bytes + 63 & ~63, 64)
    if size_bytes >= 64 << 20:
        page = 2 << 20
        return (size_bytes + page - 1) // page * page
    step = 1 << ((size_bytes - 1).bit_length() - 3)
    return (size_bytes + step - 1) & -step


class CachingPool:
    """One device's memory of one kind. `allocate_raw` raises `MemoryError` when there is none."""

    def __init__(
        self, allocate_raw: Callable[[int], Any], free_raw: Callable[[Any], None], limit_bytes: int = 0,
        patience_bytes: int = 0
    ) -> None:
        self._allocate_raw = allocate_raw
        self._free_raw = free_raw
        self.limit_bytes = limit_bytes  # of live, kept and waiting memory together; 0 is none
        self.patience_bytes = patience_bytes  # of waiting memory, beyond which its work is waited for; 0 is none
        self._lock = allocate_lock()
        _pools.add(self)
        self._returned: deque[tuple[Block, Fence | None]] = deque()  # freed, not looked at yet
        self._waiting: list[tuple[Block, Fence]] = []
        self._kept: dict[int, list[Block]] = {}
        self._live = self._kept_bytes = self._reused = self._allocated = self._peak = 0

    def allocate(self, size_bytes: int) -> Block:
        """Memory of at least `size_bytes`. `DeviceError` when neither the device nor the limit has room."""
        size = size_class(size_bytes)
        with self._lock:
            self._collect()
            kept = self._kept.get(size)
            if not kept and self.patience_bytes and sum(b.size_bytes for b, _ in self._waiting) > self.patience_bytes:
                self._wait()
                kept = self._kept.get(size)
            if kept:
                block = kept.pop()
                self._kept_bytes -= size
                self._reused += 1
            else:
                block = self._fresh(size)
            self._live += size
            self._peak = max(self._peak, self._held())
            return block

    def free(self, block: Block, after: Fence | None = None) -> None:
        """Give a block back; it is reused once `after` is done. Never blocks, may be called from a finalizer."""
        self._returned.append((block, after))

    def trim(self, keep_bytes: int = 0) -> int:
        """Give kept memory back to the device until at most `keep_bytes` are kept; gives the bytes freed."""
        with self._lock:
            self._collect()
            return self._trim(keep_bytes)

    def stats(self) -> PoolStats:
        with self._lock:
            self._collect()
            waiting = sum(b.size_bytes for b, _ in self._waiting)
            return PoolStats(self._live, self._kept_bytes, waiting, self._reused, self._allocated, self._peak)

    def _held(self) -> int:
        return self._live + self._kept_bytes + sum(b.size_bytes for b, _ in self._waiting)

    def _collect(self) -> None:
        """Take in what was freed, and what its work has left."""
        while self._returned:
            block, fence = self._returned.popleft()
            self._live -= block.size_bytes
            if fence is None or fence.done:
                self._keep(block)
            else:
                self._waiting.append((block, fence))
        if self._waiting:
            still = []
            for block, fence in self._waiting:
                if fence.done:
                    self._keep(block)
                else:
                    still.append((block, fence))
            self._waiting = still

    def _keep(self, block: Block) -> None:
        self._kept.setdefault(block.size_bytes, []).append(block)
        self._kept_bytes += block.size_bytes

    def _fresh(self, size: int) -> Block:
        """New memory from the device; makes room first by trimming, then by waiting for work."""
        for make_room in (lambda: None, lambda: self._trim(0), self._drain):
            make_room()
            if self.limit_bytes and self._held() + size > self.limit_bytes:
                continue
            try:
                handle = self._allocate_raw(size)
            except MemoryError:
                continue
            self._allocated += 1
            return Block(handle, size)
        limit = f" of a limit of {self.limit_bytes}" if self.limit_bytes else ""
        raise DeviceError(
            f"out of memory: {size} bytes were asked for, and {self._live}{limit} are in use\n"
            "  = help: free arrays that are no longer needed, or work in smaller pieces"
        )

    def _wait(self) -> None:
        for _, fence in self._waiting:
            fence.wait()
        self._collect()

    def _drain(self) -> None:
        self._wait()
        self._trim(0)

    def _trim(self, keep_bytes: int) -> int:
        freed = 0
        for size in sorted(self._kept, reverse=True):  # the largest first: fewest calls to the device
            blocks = self._kept[size]
            while blocks and self._kept_bytes > keep_bytes:
                self._free_raw(blocks.pop().handle)
                self._kept_bytes -= size
                freed += size
        return freed


_pools: weakref.WeakSet[CachingPool] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    """A thread that does not exist here may have held a lock."""
    for pool in _pools:
        pool._lock = allocate_lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
