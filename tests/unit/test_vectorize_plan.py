"""Vectorize without simplify before it, and in time that grows with the program, not with the paths through its values."""

from __future__ import annotations

import time

import numpy as np

from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Region, walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.ops import arith, memory, simt
from kdsl.ir.passes.vectorize import vectorize


def doubled_across_a_barrier(times: int) -> Function:
    """x added to itself again and again, used behind a barrier."""
    f = Function("doubled", (("out", T.ArrayType(T.u32, 1)),))
    b = Builder(f.body)
    i = b.emit(simt.THREAD_ID, axis=0)
    x = b.emit(arith.CAST, i, type=T.u32)
    for _ in range(times):
        x = b.emit(arith.ADD, x, x)
    b.emit(simt.BARRIER)
    b.emit(memory.STORE, f.params[0], i, x, offset=0)
    b.yield_()
    return f


def test_a_value_of_many_shared_parts_is_priced_at_once() -> None:
    started = time.perf_counter()
    for times in (3, 6, 7, 60, 2000):
        g = vectorize(doubled_across_a_barrier(times), 4)
        if times < 100:
            out = np.zeros(6, np.uint32)
            interpret(g, [out], (1, 1, 1), (6, 1, 1))
            assert out.tolist() == [k * 2**times % 2**32 for k in range(6)]
        assert sum(1 for _ in walk(g.body)) < 300 + 30 * times
    assert time.perf_counter() - started < 20  # counted along every path, 60 steps would take for ever


def test_a_condition_of_many_shared_parts_is_made_once() -> None:
    f = Function("conditions", (("n", T.index), ("out", T.ArrayType(T.bool_, 1))))
    b = Builder(f.body)
    i = b.emit(simt.THREAD_ID, axis=0)
    a, c = b.emit(arith.LT, i, f.params[0]), b.emit(arith.GT, i, b.constant(1, T.index))
    for _ in range(30):
        a, c = c, b.emit(arith.AND, b.emit(arith.OR, a, c), c)
    b.emit(memory.STORE, f.params[1], i, c, offset=0)
    b.yield_()
    g = vectorize(f, 4)
    assert sum(1 for _ in walk(g.body)) < 4000
    one, two = np.zeros(9, np.bool_), np.zeros(9, np.bool_)
    interpret(f, [5, one], (1, 1, 1), (9, 1, 1))
    interpret(g, [5, two], (1, 1, 1), (9, 1, 1))
    assert one.tolist() == two.tolist()


def test_the_extent_of_a_private_array_is_the_threads_own() -> None:
    f = Function("extent", (("out", T.ArrayType(T.index, 1)),))
    b = Builder(f.body)
    mine = b.emit(memory.ALLOC, type=T.ArrayType(T.f32, 1, T.Space.PRIVATE, (5,), 0), name="mine")
    b.emit(memory.STORE, f.params[0], b.emit(simt.THREAD_ID, axis=0), b.emit(memory.EXTENT, mine, axis=0), offset=0)
    b.yield_()
    out = np.zeros(6, np.int64)
    interpret(vectorize(f, 4), [out], (1, 1, 1), (6, 1, 1))
    assert out.tolist() == [5] * 6


def test_a_carried_value_has_one_place() -> None:
    """What the last segment of a loop's body computes goes to where it is carried, and to no place of its own."""
    f = Function("carried", (("x", T.ArrayType(T.f32, 1)), ("out", T.ArrayType(T.f32, 1))))
    b = Builder(f.body)
    i = b.emit(simt.THREAD_ID, axis=0)
    cells = b.emit(memory.ALLOC, type=T.ArrayType(T.f32, 1, T.Space.SHARED, (8,), 0), name="cells")
    region = Region((T.index, T.f32), ("k", "total"))
    with b.inside(region):
        k, total = region.args
        b.emit(memory.STORE, cells, i, b.emit(memory.LOAD, f.params[0], b.emit(arith.ADD, k, i), type=T.f32, offset=0), offset=0)
        b.emit(simt.BARRIER)
        for at in range(8):
            total = b.emit(arith.ADD, total, b.emit(memory.LOAD, cells, b.constant(at, T.index), type=T.f32, offset=0))
        b.emit(simt.BARRIER)
        b.yield_(total)
    lo, hi, step = (b.constant(n, T.index) for n in (0, 24, 8))
    sums = b.for_(lo, hi, step, [b.emit(arith.CAST, i, type=T.f32)], region).results[0]
    b.emit(memory.STORE, f.params[1], i, sums, offset=0)
    b.yield_()
    g = vectorize(f, 4)
    x = np.arange(24, dtype=np.float32)
    one, two = np.zeros(8, np.float32), np.zeros(8, np.float32)
    interpret(f, [x, one], (1, 1, 1), (8, 1, 1))
    interpret(g, [x, two], (1, 1, 1), (8, 1, 1))
    assert one.tolist() == two.tolist() == [276.0 + t for t in range(8)]
    spaces = [op.results[0].type.space for op in walk(g.body) if op.defn.name == "memory.alloc"]
    assert spaces.count(T.Space.SLOTS) == 1
