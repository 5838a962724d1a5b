"""The caching allocator: reuse, events, limit, trimming, finalizers."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from kdsl.diagnostics import DeviceError
from kdsl.runtime.pool import CachingPool, PoolStats, size_class


class Raw:
    """A device with `room` bytes."""

    def __init__(self, room: int = 1 << 40) -> None:
        self.room, self.calls, self.live = room, 0, 0

    def allocate(self, size: int) -> bytearray:
        self.calls += 1
        if self.live + size > self.room:
            raise MemoryError
        self.live += size
        return bytearray(0) + size.to_bytes(8, "little")

    def free(self, handle: bytearray) -> None:
        self.live -= int.from_bytes(handle, "little")


class Fence:
    def __init__(self) -> None:
        self.done, self.waited = False, False

    def wait(self) -> None:
        self.done = self.waited = True


def make(room: int = 1 << 40, limit: int = 0) -> tuple[CachingPool, Raw]:
    raw = Raw(room)
    return CachingPool(raw.allocate, raw.free, limit), raw


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 511, 512, 513, 1000, 4097, 10**6, 10**7, 64 << 20, (64 << 20) + 1])
def test_size_classes(size) -> None:
    got = size_class(size)
    assert got >= max(size, 64) and got % 64 == 0 and size_class(got) == got
    assert size < 512 or got <= size * 1.25 + 64


def test_reuse() -> None:
    pool, raw = make()
    a = pool.allocate(1000)
    pool.free(a)
    assert pool.allocate(990) is a and raw.calls == 1
    assert pool.stats() == PoolStats(1024, 0, 0, 1, 1, pool.stats().peak_bytes)


def test_memory_is_reused_only_after_the_work_that_used_it() -> None:
    pool, raw = make()
    a, fence = pool.allocate(1000), Fence()
    pool.free(a, after=fence)
    assert pool.allocate(1000) is not a and pool.stats().waiting_bytes == 1024
    fence.done = True
    assert pool.allocate(1000) is a and not fence.waited


def test_limit_trims_then_waits_then_refuses() -> None:
    pool, raw = make(limit=10_500)
    kept = pool.allocate(4096)
    pool.free(kept)
    big = pool.allocate(8192)  # only fits after the kept block went
    assert raw.live == 8192
    fence = Fence()
    pool.free(big, after=fence)
    again = pool.allocate(10_000 - 100)
    assert fence.waited
    with pytest.raises(DeviceError, match="out of memory"):
        pool.allocate(5000)
    pool.free(again)


def test_a_full_device() -> None:
    pool, raw = make(room=4096)
    a = pool.allocate(2048)
    pool.free(a)
    pool.allocate(4096)
    assert raw.live == 4096
    with pytest.raises(DeviceError):
        pool.allocate(64)


def test_trim() -> None:
    pool, raw = make()
    for block in [pool.allocate(1 << k) for k in range(10, 16)]:
        pool.free(block)
    assert pool.trim(keep_bytes=5000) > 0 and pool.stats().kept_bytes <= 5000
    pool.trim()
    assert raw.live == 0 and pool.stats().kept_bytes == 0


def test_free_inside_allocate() -> None:
    """The garbage collector may free while the pool is allocating, in the same thread."""
    pool, raw = make()
    a = pool.allocate(100)
    inner = pool._allocate_raw

    def allocate(size: int) -> object:
        pool.free(a)
        return inner(size)

    pool._allocate_raw = allocate
    pool.allocate(5000)
    assert pool.allocate(100) is a


def test_many_threads() -> None:
    pool, raw = make()
    held: set[int] = set()
    failures: list[int] = []

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for size in rng.integers(1, 5000, 400):
            block = pool.allocate(int(size))
            if id(block) in held:
                failures.append(int(size))
            held.add(id(block))
            held.discard(id(block))
            pool.free(block)

    started = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in started:
        t.start()
    for t in started:
        t.join()
    assert not failures and pool.stats().live_bytes == 0
