"""Shared memory in PTX: no access meets more bank conflicts than its source has.

One idea: what a warp asks of shared memory at once is what its threads ask for in one step, in the interpreter as in the
executor of PTX. Both are listened to, and one rule (CUDA C++ programming guide, "shared memory": 32 banks of 4 bytes; of 8 bytes
to a thread a half of the warp goes at a time, of 16 a quarter) says how often the memory has to be asked again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np
import pytest
from conformance.backends import Interpreter
from conformance.cases import Case, all_cases, blocks
from conformance.test_kernels import arguments, function_of
from example_files import example

import kdsl
from emulation.ptx import machine
from emulation.ptx.backend import Ptx
from emulation.ptx.memory import SHARED_BASE
from kdsl import Array, f32
from kdsl.ir import types as T
from kdsl.ir.core import Function, walk
from kdsl.ir.interpreter import memory as interpreted
from kdsl.target import GPU_TARGETS

WARP = 32


def again(byte: np.ndarray, lane: np.ndarray, size: int) -> int:
    """How often more than once memory is asked. byte: where each access begins; lane: which thread of which warp, 32 to each."""
    together = WARP * 4 // max(size, 4)  # threads that go at a time
    word = byte[:, None] // 4 + np.arange(max(size // 4, 1))
    group = np.broadcast_to((lane // together)[:, None], word.shape)
    asked = np.unique(np.stack([group.ravel(), word.ravel() % 32, word.ravel()], 1), axis=0)  # one word to all is one
    _, inverse, times = np.unique(asked[:, :2], axis=0, return_inverse=True, return_counts=True)
    most = np.zeros(int(asked[:, 0].max()) + 1, np.int64)
    np.maximum.at(most, asked[:, 0], times[inverse.ravel()])
    return int((most[most > 0] - 1).sum())


class Ear:
    """Counts accesses to shared memory, and how often it had to be asked again for them."""

    def __init__(self) -> None:
        self.accesses = self.again = 0

    def hear(self, byte: np.ndarray, lane: np.ndarray, size: int) -> None:
        if len(lane):
            self.accesses += 1
            self.again += again(np.asarray(byte, np.int64), np.asarray(lane, np.int64), size)


def of_source(run: Callable[[], None]) -> Ear:
    ear = Ear()

    def listening(m: Any, what: Callable[..., Any], memory: Any, picked: Any, size: int, offset: int) -> None:
        if memory.type.space is T.Space.SHARED:
            byte = np.full(picked.count, offset, np.int64)
            for i, stride in zip(picked.indices, memory.strides, strict=True):
                byte += i * stride
            a_block = -(-m.lanes.geometry.threads_per_block // WARP) * WARP
            ear.hear(byte, m.lanes.slot[picked.lanes] * a_block + m.lanes.linear[picked.lanes], size)

    def read(m: Any, op: Any, memory: Any, picked: Any, shape: Any, t: Any, offset: int) -> Any:
        listening(m, plain_read, memory, picked, t.size_bytes, offset)
        return plain_read(m, op, memory, picked, shape, t, offset)

    def write(m: Any, op: Any, memory: Any, picked: Any, values: Any, t: Any, offset: int) -> None:
        listening(m, plain_write, memory, picked, t.size_bytes, offset)
        plain_write(m, op, memory, picked, values, t, offset)

    plain_read, plain_write = interpreted.read, interpreted.write
    users = [m for m in _users() if getattr(m, "read", None) is plain_read or getattr(m, "write", None) is plain_write]
    patches = [
        mock.patch.object(m, name, new) for m in users for name, new in (("read", read), ("write", write)) if hasattr(m, name)
    ]
    for patch in patches:
        patch.start()
    try:
        run()
    finally:
        for patch in patches:
            patch.stop()
    return ear


def _users() -> list[Any]:
    return [m for name, m in sys.modules.items() if name.startswith("kdsl.ir.interpreter")]


def of_ptx(run: Callable[[], None]) -> Ear:
    ear = Ear()
    plain_load, plain_store = machine._Run.load, machine._Run.store

    def hear(self: Any, space: str, addresses: Any, lanes: np.ndarray, kind: str, count: int) -> None:
        if space == "shared":
            ear.hear(self._at(addresses, lanes).astype(np.int64) - SHARED_BASE, lanes, count * machine.ar.as_type(kind).itemsize)

    def load(self: Any, space: str, addresses: Any, lanes: np.ndarray, kind: str, count: int, what: str) -> Any:
        hear(self, space, addresses, lanes, kind, count)
        return plain_load(self, space, addresses, lanes, kind, count, what)

    def store(self: Any, space: str, addresses: Any, lanes: np.ndarray, kind: str, values: list[Any], what: str) -> None:
        hear(self, space, addresses, lanes, kind, len(values))
        plain_store(self, space, addresses, lanes, kind, values, what)

    with mock.patch.object(machine._Run, "load", load), mock.patch.object(machine._Run, "store", store):
        run()
    return ear


def both(case: Case, arch: str) -> tuple[Ear, Ear]:
    """What is heard of the case in the interpreter, and of its PTX."""
    args, w = arguments(case), case.where
    function = function_of(case, args, "default")
    source = of_source(lambda: Interpreter().run(function, arguments(case), w.grid, w.block, w.threads, WARP))
    return source, of_ptx(lambda: Ptx(GPU_TARGETS[f"cuda:{arch}"]).run(function, args, w.grid, w.block, w.threads))


def _shares(f: Function) -> bool:
    return any(op.name == "memory.alloc" and op.result.type.space is T.Space.SHARED for op in walk(f.body))  # type: ignore[union-attr]


def _of_examples() -> list[Case]:
    """Those of examples/ that share memory, on blocks of their own."""
    reduce, nbody, photo = example("reduce"), example("nbody"), example("photo")

    def floats(*shapes: tuple[int, ...]) -> Callable[..., list[Any]]:
        return lambda _where, rng: [rng.standard_normal(shape).astype(np.float32) for shape in shapes]

    def pictures(dtype: Any) -> Callable[..., list[Any]]:
        def make(_where: Any, rng: np.random.Generator) -> list[Any]:
            taps = rng.random(2 * photo.RADIUS + 1).astype(np.float32)
            return [rng.integers(0, 255, (40, 50)).astype(dtype), taps, np.zeros((40, 50), np.float32)]

        return make

    def counts(_where: Any, rng: np.random.Generator) -> list[Any]:
        return [rng.integers(0, 99, photo.BINS, dtype=np.int32), 10_000, np.zeros(photo.BINS, np.uint8)]

    def pixels(_where: Any, rng: np.random.Generator) -> list[Any]:
        return [rng.integers(0, 256, 5000).astype(np.uint8), np.zeros(photo.BINS, np.int32)]

    def tiles(x: int, y: int) -> Any:
        return blocks((-(-50 // x), -(-40 // y)), (x, y))

    n = 300
    return [
        Case(kernel, where, make, lambda *_: None)
        for kernel, where, make in [
            (reduce.sum_tree, blocks(2, reduce.BLOCK), floats((5000,), (2,))),
            (reduce.sum_subgroups, blocks(2, reduce.BLOCK), floats((5000,), (2,))),
            (nbody.accelerate, blocks(-(-n // nbody.BLOCK), nbody.BLOCK), floats((n, 4), (n, 3))),
            (photo.blur_along_x, tiles(photo.BLOCK_X, photo.BLOCK_Y), pictures(np.uint8)),
            (
                photo.blur_along_y,
                tiles(photo.BLOCK_Y, photo.BLOCK_X),
                pictures(np.float32),
            ),
            (photo.histogram, blocks(3, photo.BINS), pixels),
            (photo.equalising_table, blocks(1, photo.BINS), counts),
        ]
    ]


CASES = [case for case in (*all_cases(), *_of_examples()) if _shares(function_of(case, arguments(case), "default"))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} {case.where}")
def test_no_conflicts_that_the_source_has_not(case: Case) -> None:
    for arch in ("sm_75", "sm_90"):
        source, ptx = both(case, arch)
        assert ptx.again <= source.again, f"{arch}: memory is asked {ptx.again} times again, by the source {source.again}"


@kdsl.kernel
def turned(x: Array[f32, 2], out: Array[f32, 2], WIDTH: kdsl.const = 32):
    s = kdsl.shared((32, WIDTH), f32)
    i, j = kdsl.thread_id(0), kdsl.thread_id(1)
    s[j, i] = x[j, i]
    kdsl.barrier()
    out[j, i] = s[i, j]


def case_of(width: int) -> Case:
    def make(_where: Any, rng: np.random.Generator) -> list[Any]:
        return [rng.standard_normal((32, 32)).astype(np.float32), np.zeros((32, 32), np.float32)]

    return Case(turned, blocks(1, (32, 32)), make, lambda *_: None, (("WIDTH", width),))


def test_conflicts_are_heard() -> None:
    """A column of a square tile lies in one bank: each of 32 warps is served a thread at a time. With a longer row, none."""
    for width, wanted in ((32, 32 * 31), (33, 0)):
        source, ptx = both(case_of(width), "sm_80")
        assert (source.again, ptx.again) == (wanted, wanted)
        assert source.accesses == ptx.accesses == 2


def test_the_rule() -> None:
    lane = np.arange(32)
    assert again(lane * 4, lane, 4) == again(lane * 0, lane, 4) == again(lane // 4 * 4, lane, 1) == 0
    assert again(lane * 8, lane, 4) == 1  # every second word: two to a bank
    assert again(lane * 8, lane, 8) == again(lane * 16, lane, 16) == 0  # halves, quarters of the warp
    assert again(lane * 16, lane, 8) == 2  # each half meets twice
    assert again(lane * 128, lane, 4) == 31
