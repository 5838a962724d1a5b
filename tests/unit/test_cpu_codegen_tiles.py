"""Tiles as a whole, control flow and diagnostics on the CPU: masks as bits, permutations, loops of every step,
records."""

from __future__ import annotations

import numpy as np
import pytest
from cpu_run import array_type, block_function, diagnostic_buffer, index, load, over_row, run, store
from emulation_arm import Launch, run_arm
from test_cpu_codegen_memory import TARGETS

from kdsl.artifact import DiagnosticSlot
from kdsl.codegen import cpu
from kdsl.ir import types as T
from kdsl.ir.core import Function, Region, Value
from kdsl.ir.opdef import OPS
from kdsl.ir.ops import arith, memory, tile
from kdsl.target import CPU_TARGETS

pytestmark = pytest.mark.parametrize("target", TARGETS)


def go(f: Function, target: str, args: list, threads: tuple, buffer: np.ndarray | None = None, chunk: int = 64) -> None:
    if target == "aarch64":
        run_arm([Launch(cpu.compile_cpu(f, CPU_TARGETS[target]), args, threads, chunk=chunk, diagnostics=buffer)])
    else:
        run(f, target, args, threads, chunk=chunk, diagnostics=buffer)


@pytest.mark.parametrize("w", [4, 8, 16, 32])
@pytest.mark.parametrize("t", [T.f32, T.i8, T.f64, T.bool_], ids=str)
def test_tile_ops(t: T.ScalarType, w: int, target: str) -> None:
    masks = np.array(
        [[0] * w, [1] * w, [0] * (w - 1) + [1], [1] + [0] * (w - 1), [k % 3 == 1 for k in range(w)]]
    ).astype(bool)
    n = masks.size
    f, b = block_function(
        "tiles",
        [
            ("m", array_type(T.bool_)),
            ("x", array_type(t)),
            ("p", array_type(T.index)),
            ("o", array_type(T.u64)),
            ("q", array_type(t)),
            ("r", array_type(t)),
            ("c", array_type(t)),
        ],
        width=w,
    )
    m, x, p, o, q, r, c = f.params

    def body(i: Value, on: Value) -> None:
        mask, v, lane = (
            load(b, T.bool_, w, m, i, mask=on),
            load(b, t, w, x, i, mask=on),
            load(b, T.index, w, p, i, mask=on),
        )
        nth = b.emit(arith.MUL, b.emit(arith.FLOORDIV, i, index(b, w)), index(b, 4))
        first = b.emit(tile.FIRST, mask)
        results = [b.emit(tile.ANY, mask), b.emit(tile.ALL, mask), first, b.emit(tile.BITS, mask)]
        for k, v_k in enumerate(results):
            wide = v_k if v_k.type is T.u64 else b.emit(arith.CAST, v_k, type=T.u64)
            b.emit(memory.STORE, o, b.emit(arith.ADD, nth, index(b, k)), wide, offset=0)
        store(b, b.emit(tile.PERMUTE, v, lane), q, i, mask=on)
        store(b, b.emit(tile.COMPACT, v, mask), c, i, mask=on)
        one = b.emit(tile.EXTRACT, v, index(b, w - 1))
        store(b, b.emit(tile.INSERT, v, one, b.emit(arith.MINIMUM, first, index(b, w - 1))), r, i, mask=on)

    over_row(b, w, body)
    b.yield_()
    rng = np.random.default_rng(2)
    xs = rng.integers(0, 2 if t.is_bool else 100, n).astype(t.dtype)
    lane = rng.integers(-w, 3 * w, n)
    out, qs, rs, cs = np.zeros(4 * len(masks), np.uint64), np.zeros_like(xs), np.zeros_like(xs), np.zeros_like(xs)
    go(f, target, [masks.reshape(-1), xs, lane, out, qs, rs, cs], (n,), chunk=n)
    tiles = xs.reshape(-1, w)
    for k, mask in enumerate(masks):
        first = int(np.argmax(mask)) if mask.any() else w
        assert out[4 * k : 4 * k + 4].tolist() == [
            mask.any(),
            mask.all(),
            first,
            sum(1 << j for j in range(w) if mask[j]),
        ]
        assert np.array_equal(qs.reshape(-1, w)[k], tiles[k][lane.reshape(-1, w)[k] % w])
        want = np.zeros(w, xs.dtype)
        want[: mask.sum()] = tiles[k][mask]
        assert np.array_equal(cs.reshape(-1, w)[k], want)
        want = tiles[k].copy()
        want[min(first, w - 1)] = want[w - 1]
        assert np.array_equal(rs.reshape(-1, w)[k], want)


RANGES = [(0, 5, 1), (5, 0, 1), (0, 10, 3), (0, 9, 3), (7, -3, -2), (3, 3, 1), (0, 5, -1), (2**63 - 3, 2**63 - 1, 2),
          (-(2**63), -(2**63) + 5, 4), (5, -(2**63), -(2**62)), (0, 4, 0)]  # fmt: skip


@pytest.mark.parametrize("known", [True, False])
def test_for(known: bool, target: str) -> None:
    """Every kind of step, known or not: the sum of 2 * total + i tells count and order."""
    f, b = block_function("loops", [("r", array_type(T.i64)), ("o", array_type(T.i64))], width=4)
    r, o = f.params

    def at(array: Value, k: int) -> Value:
        return b.emit(arith.CAST, b.emit(memory.LOAD, array, index(b, k), type=T.i64, offset=0), type=T.index)

    for k, numbers in enumerate(RANGES):
        lo, hi, step = [at(r, 3 * k), at(r, 3 * k + 1), index(b, numbers[2]) if known else at(r, 3 * k + 2)]
        body = Region((T.index, T.i64, T.i64))
        with b.inside(body):
            i, total, other = body.args
            i = b.emit(arith.CAST, i, type=T.i64)
            b.yield_(other, b.emit(arith.ADD, b.emit(arith.ADD, total, total), i))
        zero = b.constant(0, T.i64)
        results = b.for_(lo, hi, step, (zero, zero), body).results
        for j in range(2):
            b.emit(memory.STORE, o, index(b, 2 * k + j), results[j], offset=0)
    b.yield_()
    out = np.zeros(2 * len(RANGES), np.int64)
    go(f, target, [np.array(RANGES).reshape(-1), out], (1,))
    for k, (lo, hi, step) in enumerate(RANGES):
        first = second = 0
        for i in range(lo, hi, step) if step else ():
            first, second = second, (first * 2 + i) % 2**64
        assert out[2 * k : 2 * k + 2].astype(np.uint64).tolist() == [first, second], RANGES[k]


def test_nested_while_and_if(target: str) -> None:
    """Collatz lengths: a divergent loop written with masks inside a uniform one, and a branch with values."""
    w = 8
    t, m = T.TileType(T.i64, (w,)), T.TileType(T.bool_, (w,))
    f, b = block_function("collatz", [("o", array_type(T.i64))], width=w)
    (o,) = f.params

    def body(i: Value, mask: Value) -> None:
        iota = b.emit(tile.IOTA, type=t)
        n = b.emit(
            arith.ADD, b.emit(arith.ADD, iota, b.splat(b.emit(arith.CAST, i, type=T.i64), (w,))), b.constant(1, t)
        )
        on = b.constant(True, m) if mask.constant else mask
        cond, inner = Region((t, t)), Region((t, t))
        with b.inside(cond):
            live = b.emit(arith.AND, b.emit(arith.NE, cond.args[0], b.constant(1, t)), on)
            b.yield_(b.emit(tile.ANY, live))
        with b.inside(inner):
            x, count = inner.args
            live = b.emit(arith.NE, x, b.constant(1, t))
            odd = b.emit(arith.NE, b.emit(arith.AND, x, b.constant(1, t)), b.constant(0, t))
            then, otherwise = Region(), Region()
            with b.inside(then):
                up = b.emit(arith.ADD, b.emit(arith.MUL, x, b.constant(3, t)), b.constant(1, t))
                b.yield_(b.emit(arith.SELECT, odd, up, b.emit(arith.FLOORDIV, x, b.constant(2, t))))
            with b.inside(otherwise):
                b.yield_(b.emit(arith.SHR, x, b.constant(1, t)))
            following = b.if_(b.emit(tile.ANY, odd), [t], then, otherwise).results[0]
            more = b.emit(arith.ADD, count, b.emit(arith.CAST, live, type=t))
            b.yield_(b.emit(arith.SELECT, live, following, x), more)
        loop = b.while_((n, b.constant(0, t)), cond, inner)
        store(b, loop.results[1], o, i, mask=mask)

    over_row(b, w, body)
    b.yield_()

    def length(n: int) -> int:
        count = 0
        while n != 1:
            n, count = (3 * n + 1 if n % 2 else n // 2), count + 1
        return count

    out = np.zeros(50, np.int64)
    go(f, target, [out], (50,))
    assert out.tolist() == [length(k + 1) for k in range(50)]


@pytest.mark.parametrize("capacity", [64, 3, 0])
def test_records(capacity: int, target: str) -> None:
    """Failing lanes write their thread and values; prints of many values take several records; overflow is counted."""
    w, n = 8, 22
    f, b = block_function("records", [("x", array_type(T.i32))], width=w)

    def body(i: Value, mask: Value) -> None:
        x = load(b, T.i32, w, f.params[0], i, mask=mask)
        on = b.constant(True, T.TileType(T.bool_, (w,))) if mask.constant else mask
        t = T.TileType(T.index, (w,))
        place = b.emit(arith.ADD, b.splat(i, (w,)), b.emit(tile.IOTA, type=t))
        ok = b.emit(arith.LT, x, b.constant(100, T.TileType(T.i32, (w,))))
        half = b.emit(arith.CAST, x, type=T.TileType(T.f16, (w,)))
        rows = [b.emit(OPS["block.row"], axis=axis) for axis in (1, 2)]
        b.emit(tile.CHECK, ok, on, place, *rows, x, b.constant(-1, T.i8), half, ok, site=5)
        is_last = b.emit(arith.EQ, place, b.constant(n - 1, t))
        b.emit(tile.PRINT, b.emit(arith.AND, is_last, on), place, *rows, *[b.constant(k, T.u32) for k in range(12)],
               site=6)  # fmt: skip

    over_row(b, w, body)
    b.yield_()
    xs = np.zeros(n, np.int32)
    xs[[3, 12, 21]] = 101, 102, -7
    xs[21] = 103
    buffer = diagnostic_buffer(capacity)
    go(f, target, [xs], (n,), buffer, chunk=16)
    assert buffer[DiagnosticSlot.COUNT] == 5
    records = buffer[DiagnosticSlot.HEADER :].reshape(-1, DiagnosticSlot.RECORD)
    for record, (thread, value) in zip(records, ((3, 101), (12, 102), (21, 103)), strict=False):
        as_double = int(np.float64(value).view(np.int64))
        assert record.tolist() == [5, 0, 0, 0, thread, 0, 0, value, -1, as_double, 0, 0, 0, 0, 0, 0]
    if capacity == 64:
        assert records[3].tolist() == [6, 0, 0, 0, 21, 0, 0, *range(9)]
        assert records[4].tolist()[:4] == [9, 10, 11, 0]
        assert not records[5:].any()
    go(f, target, [xs], (n,), None)  # nothing to write to: nothing happens
