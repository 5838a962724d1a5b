"""Work of every kind in random order on Vulkan, from three threads at once, with rings of a few kilobytes: what comes of it is
what NumPy says.

One idea: a `Hand` gives a stream random work on arrays of its own, and does the same to NumPy arrays. Now and then it looks at
one. Small rings, few launches to a submission and memory that comes and goes take every turn of the queue in a second.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from present import opened

import kdsl
from kdsl import Array, i32
from kdsl.runtime.vulkan import queue as queues

_COUNT = 120
_LENGTHS = (1, 7, 64, 300, 1000)


@kdsl.kernel
def combine(x: Array[i32, 1], y: Array[i32, 1], z: Array[i32, 1], k: i32):
    i = kdsl.global_id(0)
    if i < x.shape[0] and i < y.shape[0] and i < z.shape[0]:
        z[i] = x[i] * 3 + y[i] + k


@kdsl.kernel
def turn(x: Array[i32, 1], rounds: i32):
    i = kdsl.global_id(0)
    v = x[i]
    for r in range(rounds):
        v = v * 5 + r
    x[i] = v


# More arguments than push constants hold.
@kdsl.kernel
def combine_many(a: Array[i32, 1], b: Array[i32, 1], c: Array[i32, 1], d: Array[i32, 1], e: Array[i32, 1], f: Array[i32, 1],
                 k: i32, out: Array[i32, 1]):  # fmt: skip
    i = kdsl.global_id(0)
    out[i] = a[i] + b[i] * 2 + c[i] * 3 + d[i] * 4 + e[i] * 5 + f[i] * 6 + k


class Hand:
    """Random work on one stream. `host` is what `arrays` must hold."""

    def __init__(self, dev: Any, stream: Any, seed: int) -> None:
        self.dev, self.stream = dev, stream
        self.rng = np.random.default_rng(seed)
        self.host: list[np.ndarray] = []
        self.arrays: list[Any] = []
        for n in _LENGTHS:
            self.add(n)
        self.given: list[str] = []

    def add(self, n: int) -> None:
        data = self.rng.integers(-99, 99, n).astype(np.int32)
        self.host.append(data.copy())
        self.arrays.append(self.dev.array(data))

    def pick(self, count: int = 1) -> list[int]:
        return [int(k) for k in self.rng.integers(0, len(self.arrays), count)]

    def work(self, count: int) -> None:
        kinds = [self.combine, self.combine, self.turn, self.many, self.many, self.fill, self.replace, self.staged, self.write,
                 self.copy, self.look, self.recording]  # fmt: skip
        for _ in range(count):
            kind = kinds[int(self.rng.integers(len(kinds)))]
            self.given.append(kind.__name__)
            kind()
        for k in range(len(self.arrays)):
            self.check(k)

    def combine(self) -> None:
        x, y, z = self.pick(3)
        k = int(self.rng.integers(100))
        n = min(self.host[j].size for j in (x, y, z))
        combine.over(n, 64)(self.arrays[x], self.arrays[y], self.arrays[z], k, stream=self.stream)
        self.host[z][:n] = self.host[x][:n] * 3 + self.host[y][:n] + k

    def turn(self) -> None:
        (x,), rounds = self.pick(), int(self.rng.integers(1, 400))
        turn.over(self.host[x].size, 64)(self.arrays[x], rounds, stream=self.stream)
        for r in range(rounds):
            self.host[x] = self.host[x] * 5 + r

    def many(self) -> None:
        n = _LENGTHS[int(self.rng.integers(len(_LENGTHS)))]
        fit = [k for k, a in enumerate(self.host) if a.size >= n]
        taken = [fit[int(j)] for j in self.rng.integers(0, len(fit), 7)]
        k = int(self.rng.integers(1000))
        combine_many.over(n, 64)(*[self.arrays[j] for j in taken[:6]], k, self.arrays[taken[6]], stream=self.stream)
        self.host[taken[6]][:n] = sum(self.host[j][:n] * (w + 1) for w, j in enumerate(taken[:6])) + k

    def fill(self) -> None:
        (x,), value = self.pick(), int(self.rng.integers(-5, 5))
        a = self.arrays[x]
        self.dev.fill(a.buffer, np.int32(value).tobytes(), a.nbytes, a.offset, stream=self.stream)
        self.host[x][:] = value

    def replace(self) -> None:
        """An array goes while work may still use it, and another comes."""
        (x,) = self.pick()
        n = self.host[x].size
        del self.host[x], self.arrays[x]
        self.add(n)

    def staged(self) -> None:
        """Arrays of the host."""
        n = int(self.rng.integers(1, 3000))
        x, y, z = [self.rng.integers(-99, 99, n).astype(np.int32) for _ in range(3)]
        wanted = x * 3 + y + 1
        combine.over(n, 64)(x, y, z, 1, stream=self.stream)
        assert np.array_equal(z, wanted), self.story()

    def write(self) -> None:
        """What the host writes while work is under way."""
        (x,) = self.pick()
        data = self.rng.integers(-9, 9, self.host[x].size).astype(np.int32)
        a = self.arrays[x]
        self.dev.write(a.buffer, data, a.offset, stream=self.stream)
        self.host[x] = data.copy()
        data[:] = 77

    def copy(self) -> None:
        x, y = self.pick(2)
        n = min(self.host[x].size, self.host[y].size)
        a, b = self.arrays[x], self.arrays[y]
        self.dev.copy(a.buffer, b.buffer, 4 * n, a.offset, b.offset, stream=self.stream)
        self.host[y][:n] = self.host[x][:n].copy()

    def look(self) -> None:
        self.check(self.pick()[0])

    def check(self, k: int) -> None:
        a, got = self.arrays[k], np.full(self.host[k].size, -1, np.int32)
        self.dev.read(a.buffer, got, a.offset, stream=self.stream)
        assert np.array_equal(got, self.host[k]), f"{got[:8]}, not {self.host[k][:8]}; {self.story()}"

    def recording(self) -> None:
        x, y, z = self.pick(3)
        n = min(self.host[j].size for j in (x, y, z))
        with self.dev.commands() as c:
            combine.over(n, 64)(self.arrays[x], self.arrays[y], self.arrays[z], 4)
            combine.over(n, 64)(self.arrays[z], self.arrays[y], self.arrays[x], 5)
        for _ in range(2):
            c.submit(self.stream)
            self.host[z][:n] = self.host[x][:n] * 3 + self.host[y][:n] + 4
            self.host[x][:n] = self.host[z][:n] * 3 + self.host[y][:n] + 5

    def story(self) -> str:
        return f"the last of {len(self.given)} pieces of work: {' '.join(self.given[-30:])}"


@pytest.mark.parametrize("name", ["vulkan", "vulkan-incoherent", "vulkan-discrete"])
def test_random_work_from_three_threads(name, monkeypatch) -> None:
    """Two of them on one stream."""
    dev: Any = opened(name, monkeypatch)
    monkeypatch.setattr(queues, "_RING_BYTES", 8 << 10)
    monkeypatch.setattr(queues, "_PIECE_BYTES", 2 << 10)
    monkeypatch.setattr(queues, "_MOST_SUBMISSIONS", 4)
    shared = dev.stream()
    hands = [Hand(dev, stream, seed) for seed, stream in enumerate((shared, shared, dev.stream()))]
    failures: list[BaseException] = []

    def work(hand: Hand) -> None:
        try:
            hand.work(_COUNT)
        except BaseException as e:  # noqa: BLE001
            failures.append(e)

    with np.errstate(all="ignore"):
        threads = [threading.Thread(target=work, args=(hand,)) for hand in hands]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    if failures:
        raise failures[0]
