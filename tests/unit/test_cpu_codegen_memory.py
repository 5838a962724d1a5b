"""Memory on the CPU: steps, masks, gathers, structs, shared and private arrays, slots, atomics; x86-64 levels and
NEON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from cpu_run import X86, array_type, block_function, index, load, over_row, run, store
from emulation_arm import Launch, has_emulator, run_arm

from kdsl.codegen import cpu
from kdsl.ir import formats, types as T
from kdsl.ir.core import Function, Region, Value
from kdsl.ir.opdef import OPS
from kdsl.ir.ops import arith, memory, simt, tile
from kdsl.target import CPU_TARGETS

TARGETS = [
    *X86,
    pytest.param("aarch64", marks=[pytest.mark.qemu, pytest.mark.skipif(not has_emulator(), reason="no qemu-aarch64")]),
]
FEW = [T.f32, T.f64, T.i8, T.u16, T.i64, T.bool_, T.f16, T.bf16]


@pytest.fixture(params=TARGETS)
def target(request: Any) -> str:
    return request.param


def go(
    f: Function, target: str, args: Sequence[Any], threads: Sequence[int], block: Sequence[int] = (64,), chunk: int = 64
) -> None:
    if target == "aarch64":
        run_arm([Launch(cpu.compile_cpu(f, CPU_TARGETS[target]), args, threads, block, chunk)])
    else:
        run(f, target, args, threads, block, chunk)


def lanes_of(target: str) -> int:
    return CPU_TARGETS[target].lanes


def some(t: T.ScalarType, n: int) -> np.ndarray:
    return formats.encode(t, formats.convert(t, np.arange(n) % 251 % (100 if t.bits > 1 else 2)))


@pytest.mark.parametrize("t", FEW, ids=str)
@pytest.mark.parametrize("step", [1, -1, 0, 2, 3, 4, -2, 7])
def test_steps(t: T.ScalarType, step: int, target: str) -> None:
    """Loads and stores with a constant step, with and without a mask; nothing past either end is touched."""
    w, n = lanes_of(target), 37
    f, b = block_function("steps", [("x", array_type(t)), ("y", array_type(t)), ("z", array_type(t))])
    x, y, z = f.params
    base = index(b, abs(step) * n)

    def body(i: Value, mask: Value) -> None:
        at = b.emit(arith.ADD, b.emit(arith.MUL, i, index(b, step)), base)
        v = load(b, t, w, x, at, mask=mask, step=step)
        store(b, v, y, i, mask=mask)
        if step:
            store(b, v, z, at, mask=mask, step=step)

    over_row(b, w, body)
    b.yield_()
    last = abs(step) * n + (n - 1) * max(step, 0)
    xs = some(t, last + 1)  # the last element that is read is the array's last
    ys, zs = np.zeros(n, xs.dtype), np.zeros_like(xs)
    go(f, target, (xs, ys, zs), (n,), chunk=w * 2)
    places = abs(step) * n + np.arange(n) * step
    assert np.array_equal(ys, xs[places])
    if step:
        want = np.zeros_like(xs)
        want[places] = xs[places]
        assert np.array_equal(zs, want)


@pytest.mark.parametrize("t", FEW, ids=str)
def test_gather_scatter(t: T.ScalarType, target: str) -> None:
    w, n = lanes_of(target), 50
    two = T.ArrayType(t, 2, unit_axis=1)
    f, b = block_function(
        "gather",
        [
            ("x", two),
            ("i", array_type(T.i32)),
            ("j", array_type(T.index)),
            ("k", array_type(T.bool_)),
            ("y", array_type(t)),
            ("z", two),
        ],
    )
    x, pi, pj, pk, y, z = f.params

    def body(at: Value, mask: Value) -> None:
        i = b.emit(arith.CAST, load(b, T.i32, w, pi, at, mask=mask), type=T.TileType(T.index, (w,)))
        j = load(b, T.index, w, pj, at, mask=mask)
        on = load(b, T.bool_, w, pk, at, mask=mask)
        on = on if mask.constant else b.emit(arith.AND, on, mask)
        v = b.emit(tile.GATHER, x, i, j, on, type=T.TileType(t, (w,)), offset=0)
        store(b, v, y, at, mask=on)
        b.emit(tile.SCATTER, z, i, j, on, v, offset=0)

    over_row(b, w, body)
    b.yield_()
    rng = np.random.default_rng(1)
    xs = some(t, 6 * 9).reshape(6, 9)
    i, j = rng.integers(0, 6, n).astype(np.int32), rng.integers(0, 9, n)
    on = rng.integers(0, 2, n).astype(bool)
    i[~on], j[~on] = 2**30, 2**60  # lanes that are off must not be touched
    ys, zs = np.zeros(n, xs.dtype), np.zeros_like(xs)
    go(f, target, (xs, i, j, on, ys, zs), (n,))
    want, wanted = np.zeros_like(ys), np.zeros_like(zs)
    want[on] = xs[i[on], j[on]]
    wanted[i[on], j[on]] = xs[i[on], j[on]]
    assert np.array_equal(ys, want)
    assert np.array_equal(zs, wanted)


def test_strides(target: str) -> None:
    """A transposed copy of a view with negative strides: columns of a row-major array."""
    w = lanes_of(target)
    t = T.ArrayType(T.f32, 2, unit_axis=None)
    f, b = block_function("strides", [("x", t), ("y", T.ArrayType(T.f32, 2, unit_axis=1))])
    x, y = f.params
    row = b.emit(OPS["block.row"], axis=1)
    over_row(b, w, lambda i, mask: store(b, load(b, T.f32, w, x, i, row, mask=mask, axis=0), y, row, i, mask=mask))
    b.yield_()
    xs = np.arange(40 * 14, dtype=np.float32).reshape(40, 14)[::-2, 1::3]
    ys = np.zeros((xs.shape[1], xs.shape[0]), np.float32)
    go(f, target, (xs, ys), (xs.shape[0], xs.shape[1]), chunk=w)
    assert np.array_equal(ys, xs.T)


def test_struct_fields_and_aggregates(target: str) -> None:
    w, n = lanes_of(target), 21
    s = T.StructType("P", (("a", T.f32, 0), ("b", T.f64, 8), ("c", T.i8, 16)), 24, 8)
    f, b = block_function(
        "fields",
        [
            ("p", array_type(s)),
            ("v", array_type(T.VectorType(T.f32, 3))),
            ("o", array_type(T.f64)),
            ("k.x", T.f32),
            ("k.y", T.i16),
            ("q", T.u8),
        ],
        aggregates=(("k", "K", 8, (("k.x", 0), ("k.y", 4))),),
    )
    p, v, o, kx, ky, q = f.params

    def body(i: Value, mask: Value) -> None:
        double = T.TileType(T.f64, (w,))
        parts = [load(b, T.f32, w, p, i, mask=mask), load(b, T.f64, w, p, i, mask=mask, offset=8),
                 load(b, T.i8, w, p, i, mask=mask, offset=16)]  # fmt: skip
        parts += [load(b, T.f32, w, v, i, mask=mask, offset=4 * k) for k in range(3)]
        parts += [b.splat(s, (w,)) for s in (kx, ky, q)]
        total = b.constant(0.0, double)
        for k, part in enumerate(parts):
            wide = part if part.type == double else b.emit(arith.CAST, part, type=double)
            total = b.emit(arith.ADD, total, b.emit(arith.MUL, wide, b.constant(float(k + 1), double)))
        store(b, total, o, i, mask=mask)
        store(b, b.emit(arith.CAST, total, type=T.TileType(T.i8, (w,))), p, i, mask=mask, offset=16)
        store(b, b.emit(arith.CAST, total, type=T.TileType(T.f32, (w,))), v, i, mask=mask, offset=4)

    over_row(b, w, body)
    b.yield_()
    rng = np.random.default_rng(0)
    ps = np.zeros(
        n, np.dtype({"names": ["a", "b", "c"], "formats": ["f4", "f8", "i1"], "offsets": [0, 8, 16], "itemsize": 24})
    )
    ps["a"], ps["b"], ps["c"] = rng.integers(0, 9, (3, n))
    vs = rng.integers(0, 9, (n, 3)).astype(np.float32)
    want = ps["a"] + 2 * ps["b"] + 3.0 * ps["c"] + vs.astype(float) @ [4, 5, 6] + 7 * 2.5 + 8 * -3 + 9 * 200
    os, before = np.zeros(n), vs.copy()
    flat = vs.view("V12").reshape(n)
    go(f, target, (ps, flat, os, np.float32(2.5).tobytes() + np.int16(-3).tobytes(), 200), (n,))
    assert np.array_equal(os, want)
    assert np.array_equal(ps["c"], np.clip(want, -128, 127).astype(np.int8))
    assert np.array_equal(vs[:, 1], want.astype(np.float32)) and np.array_equal(vs[:, [0, 2]], before[:, [0, 2]])


def test_private_shared_slots(target: str) -> None:
    """A block function: private arrays by lanes, a value kept in slots, a block-wide sum in shared memory."""
    w = lanes_of(target)
    f, b = block_function("blocks", [("o", array_type(T.i32)), ("s", array_type(T.i32))], flat=False, width=w)
    o, s = f.params
    private = b.emit(memory.ALLOC, type=T.ArrayType(T.i32, 2, T.Space.PRIVATE, (3, w), 1), name="p")
    shared = b.emit(memory.ALLOC, type=T.ArrayType(T.i32, 1, T.Space.SHARED, (2,), 0), name="t")
    kept = b.emit(memory.ALLOC, type=T.ArrayType(T.i32, 1, T.Space.SLOTS, None, 0), name="k", count=1)
    flags = b.emit(memory.ALLOC, type=T.ArrayType(T.bool_, 1, T.Space.SLOTS, None, 0), name="f", count=2)
    t = T.TileType(T.i32, (w,))
    zero = index(b, 0)
    b.emit(memory.STORE, shared, zero, b.constant(0, T.i32), offset=0)
    size, block = b.emit(simt.BLOCK_DIM, axis=0), b.emit(simt.BLOCK_ID, axis=0)
    first = b.emit(arith.MUL, size, block)
    extent = b.emit(OPS["block.extent"], axis=0)
    iota = b.emit(tile.IOTA, type=t)

    def loop(emit: Callable[[Value, Value], None]) -> None:
        body = Region((T.index,))
        with b.inside(body):
            x = body.args[0]
            left = b.emit(arith.CAST, b.emit(arith.SUB, extent, x), type=T.i32)
            emit(x, b.emit(arith.LT, iota, b.splat(left, (w,))))
            b.yield_()
        b.for_(zero, extent, index(b, w), (), body)

    def one(x: Value, mask: Value) -> None:
        lane = b.emit(arith.ADD, iota, b.splat(b.emit(arith.CAST, b.emit(arith.ADD, x, first), type=T.i32), (w,)))
        for k in range(3):
            store(b, b.emit(arith.MUL, lane, b.constant(k + 1, t)), private, index(b, k), zero, mask=mask)
        which = b.emit(arith.CAST, b.emit(arith.MOD, lane, b.constant(3, t)), type=T.TileType(T.index, (w,)))
        row = b.emit(arith.CAST, iota, type=T.TileType(T.index, (w,)))
        v = b.emit(tile.GATHER, private, which, row, mask, type=t, offset=0)
        store(b, v, kept, x, mask=b.constant(True, T.bool_))
        store(b, b.emit(arith.LT, v, b.constant(20, t)), flags, x, mask=b.constant(True, T.bool_))
        b.emit(tile.ATOMIC, shared, zero, mask, v, type=t, kind="add", offset=0)

    def two(x: Value, mask: Value) -> None:
        v = load(b, T.i32, w, kept, x, mask=b.constant(True, T.bool_))
        low = load(b, T.bool_, w, flags, x, mask=b.constant(True, T.bool_))
        v = b.emit(arith.SELECT, low, b.emit(arith.NEG, v), v)
        store(b, v, o, b.emit(arith.ADD, first, x), mask=mask)

    loop(one)
    b.emit(simt.FENCE, scope="block")
    loop(two)
    total = b.emit(memory.LOAD, shared, zero, type=T.i32, offset=0)
    b.emit(memory.STORE, s, block, total, offset=0)
    b.yield_()
    n = 45
    out, sums = np.zeros(n, np.int32), np.zeros(3, np.int32)
    go(f, target, (out, sums), (n,), (19,))
    lane = np.arange(n)
    v = lane * (lane % 3 + 1)
    assert np.array_equal(out, np.where(v < 20, -v, v))
    assert np.array_equal(sums, [v[k * 19 : k * 19 + 19].sum() for k in range(3)])


KINDS = ["add", "sub", "min", "max", "and", "or", "xor", "exchange"]


@pytest.mark.parametrize("t", [T.i32, T.u8, T.i64, T.f32, T.f64, T.f16, T.bf16], ids=str)
def test_atomics(t: T.ScalarType, target: str) -> None:
    """Lane by lane at scattered and at one address, results used and unused; compare-exchange."""
    w, n = lanes_of(target), 30
    kinds = [k for k in KINDS if t.is_integer or k not in ("and", "or", "xor")]
    f, b = block_function(
        "atomics",
        [
            ("x", array_type(t)),
            ("i", array_type(T.index)),
            ("a", T.ArrayType(t, 2, unit_axis=1)),
            ("u", array_type(t)),
            ("o", array_type(t)),
            ("c", array_type(t)),
        ],
    )
    x, pi, a, u, o, c = f.params
    tt = T.TileType(t, (w,))

    def body(i: Value, mask: Value) -> None:
        mask = mask if not mask.constant else b.constant(True, T.TileType(T.bool_, (w,)))
        v, at = load(b, t, w, x, i, mask=mask), load(b, T.index, w, pi, i, mask=mask)
        for k, kind in enumerate(kinds):
            b.emit(tile.ATOMIC, a, index(b, k), at, mask, v, type=tt, kind=kind, offset=0)
            b.emit(tile.ATOMIC, u, index(b, k), mask, v, type=tt, kind=kind, offset=0)
        old = b.emit(tile.ATOMIC, u, index(b, 8), mask, v, type=tt, kind="add", offset=0)
        store(b, old, o, i, mask=mask)
        b.emit(tile.ATOMIC_CAS, c, at, mask, b.constant(1, tt), v, type=tt, offset=0)

    over_row(b, w, body)
    b.yield_()
    rng = np.random.default_rng(5)
    value = formats.convert(t, rng.integers(0, 9, n))
    at = rng.integers(0, 5, n)
    start = formats.convert(t, np.full((8, 5), 3))
    numpy = {"add": np.add, "sub": np.subtract, "min": np.minimum, "max": np.maximum, "and": np.bitwise_and,
             "or": np.bitwise_or, "xor": np.bitwise_xor, "exchange": lambda old, new: new}  # fmt: skip
    want, wanted = start.copy(), start[:, 0].copy()
    cas = formats.convert(t, np.ones(5))
    old, now = np.zeros_like(value), start[0, 0]
    for k, v in enumerate(value):
        for row, kind in enumerate(kinds):
            want[row, at[k]] = formats.round_to(t, numpy[kind](want[row, at[k]], v))
            wanted[row] = formats.round_to(t, numpy[kind](wanted[row], v))
        old[k], now = now, formats.round_to(t, np.add(now, v))
        cas[at[k]] = v if cas[at[k]] == 1 else cas[at[k]]
    args = [
        formats.encode(t, z)
        for z in (value, start, np.append(start[:, 0], start[0, 0]), np.zeros_like(value), np.ones(5))
    ]
    args = [args[0], at, *args[1:]]
    args[-1] = formats.encode(t, formats.convert(t, np.ones(5)))
    go(f, target, args, (n,), chunk=64)
    assert np.array_equal(formats.decode(t, args[2]), want)
    assert np.array_equal(formats.decode(t, args[3])[:8], wanted)
    assert np.array_equal(formats.decode(t, args[4]), old)
    assert np.array_equal(formats.decode(t, args[5]), cas)


def test_scalar_atomics(target: str) -> None:
    f, b = block_function(
        "scalar_atomics", [("a", array_type(T.i32)), ("h", array_type(T.f32))], width=lanes_of(target)
    )
    a, h = f.params
    for k, kind in enumerate(KINDS):
        b.emit(OPS[f"atomic.{kind}"], a, index(b, k), b.constant(6, T.i32), offset=0)
    b.emit(OPS["atomic.compare_exchange"], a, index(b, 8), b.constant(3, T.i32), b.constant(9, T.i32), offset=0)
    b.emit(OPS["atomic.max"], h, index(b, 0), b.constant(2.5, T.f32), offset=0)
    old = b.emit(OPS["atomic.add"], h, index(b, 1), b.constant(2.5, T.f32), offset=0)
    b.emit(memory.STORE, h, index(b, 2), old, offset=0)
    b.yield_()
    xs, hs = np.full(9, 3, np.int32), np.ones(3, np.float32)
    go(f, target, (xs, hs), (1,))
    assert xs.tolist() == [9, -3, 3, 6, 2, 7, 5, 6, 9]
    assert hs.tolist() == [2.5, 3.5, 1.0]
