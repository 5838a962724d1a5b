"""Loops along a thread's own row, whose rounds are lanes: every length, arguments that overlap, sums in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i8, i16, i32, u8, u32
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import Function, walk
from kdsl.ir.interpreter import interpret
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel(math="strict")
def softmax(x: Array[f32, 2], y: Array[f32, 2]):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        m = x[i, 0]
        for j in range(x.shape[1]):
            m = max(m, x[i, j])
        s = f32(0)
        for j in range(x.shape[1]):
            e = (x[i, j] - m) * 0.25 + 1.0
            y[i, j] = e
            s += e
        for j in range(x.shape[1]):
            y[i, j] = y[i, j] / s


@kdsl.kernel(math="strict")
def totals(x: Array[f32, 2], y: Array[f32, 2], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    s, d, p, n = f32(-0.0), f32(-0.0), f32(1.5), i32(3)
    for j in range(x.shape[1]):
        e = x[i, j] * 0.5
        y[i, j] = e
        s += e
        d -= e
        p *= e
        n += i32(e * 8.0)
    out[i, 0], out[i, 1], out[i, 2], out[i, 3] = s, d, p, f32(n)


@kdsl.kernel(math="strict")
def quantize(x: Array[f32, 2], q: Array[i8, 2], scale: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        m = f32(0)
        for j in range(x.shape[1]):
            m = max(m, abs(x[i, j]))
        scale[i] = m / 127.0
        for j in range(x.shape[1]):
            q[i, j] = i8(kdsl.round(x[i, j] / scale[i]))


@kdsl.kernel
def dot8(a: Array[i8, 2], b: Array[i8, 2], out: Array[i32, 2]):
    i = kdsl.global_id(0)
    s, least, bits = i32(7), i32(99), i32(-1)
    for j in range(a.shape[1]):
        s += i32(a[i, j]) * i32(b[i, j])
        least = min(least, i32(a[i, j]))
        bits &= i32(b[i, j]) | 4
    out[i, 0], out[i, 1], out[i, 2] = s, least, bits


@kdsl.kernel
def dot(a: Array[i8, 2], b: Array[i8, 2], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    s = i32(0)
    for j in range(a.shape[1]):
        s += i32(a[i, j]) * i32(b[i, j])
    out[i] = s


@kdsl.kernel
def pairs(a: Array[i8, 2], b: Array[u8, 2], c: Array[i16, 2], out: Array[i32, 2], wrapped: Array[u32, 1]):
    """Sums of products that fit 16 bits, and of some that do not: of two numbers of 16 bits as such they wrap."""
    i = kdsl.global_id(0)
    s, t, u, v, w, z = i32(0), i32(5), i32(-1), i32(0), u32(3), i32(0)
    for j in range(a.shape[1]):
        s += i32(a[i, j]) * i32(b[i, j])
        t += i32(b[i, j]) * i32(b[i, j])
        u += i32(c[i, j]) * i32(c[i, j])
        v += i32(c[i, j] * c[i, j])
        w += u32(b[i, j]) * u32(b[i, j])
        z += i32(c[i, j])
    out[i, 0], out[i, 1], out[i, 2], out[i, 3], out[i, 4], wrapped[i] = s, t, u, v, z, w


@kdsl.kernel
def bags(places: Array[i32, 2], table: Array[f32, 2], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    for d in range(out.shape[1]):
        out[i, d] = 0.0
    for k in range(places.shape[1]):
        row = places[i, k]
        for d in range(out.shape[1]):
            out[i, d] += table[row, d]


@kdsl.kernel
def mirrored(x: Array[u8, 2], y: Array[u8, 2]):
    i = kdsl.global_id(0)
    for j in range(x.shape[1]):
        y[i, j] = x[i, x.shape[1] - 1 - j]


@kdsl.kernel
def picked(x: Array[i32, 2], y: Array[i32, 2]):
    i = kdsl.global_id(0)
    for j in range(x.shape[1]):
        if x[i, j] > 0:
            y[i, j] = x[i, j] * x[i, j] - 5 * y[i, j]


@kdsl.kernel
def escapes(out: Array[i32, 2]):
    """Lanes that leave a loop within the loop at different times."""
    y = kdsl.global_id(0)
    for x in range(out.shape[1]):
        a, n = f32(x) * 0.1 - 2.0, i32(0)
        z = f32(0)
        while n < 30 and z * z < 4.0:
            z = z * z + a + f32(y) * 0.01
            n += 1
        out[y, x] = n


@kdsl.kernel(math="strict")
def normal(x: Array[f32, 2], y: Array[f32, 2]):
    """Sums of floats, which lanes of threads take, and rows, which they fill in turn; a guard that differs between them."""
    i = kdsl.global_id(0)
    if i % 3 != 1 and i < x.shape[0]:
        s = f32(0)
        for j in range(x.shape[1]):
            s += x[i, j]
        mean = s / f32(x.shape[1] + 1)
        last = f32(0)
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] - mean + f32(i)
            last = max(last, x[i, j] - mean)
        y[i, 0] += last


@kdsl.kernel(math="strict")
def follows(x: Array[f32, 1], y: Array[f32, 1], n: i32):
    """A row of its own for each thread, whose elements may be made of those before where x is y."""
    i = kdsl.global_id(0)
    for j in range(1, n):
        y[i * (n + 3) + j] = x[i * (n + 3) + j - 1] * 0.5 + 1.0


@kdsl.kernel(math="strict")
def ragged(x: Array[f32, 2], start: Array[i32, 1], y: Array[f32, 2], sums: Array[f32, 2]):
    """Rows of different lengths, filled in turn by lanes that sum up others together."""
    i = kdsl.global_id(0)
    s = f32(0)
    for j in range(x.shape[1]):
        s += x[i, j]
    most = i32(-1)
    for j in range(start[i], start[i + 1]):
        y[i, j] = x[i, j] * s
        most = max(most, i32(x[i, j] * 9.0))
    sums[i, 0] = s
    sums[i, 1] = f32(most)


@kdsl.kernel(math="strict")
def turned(x: Array[f32, 2], h: i32, y: Array[f32, 2]):
    """Two places of a row, as far from each other as there are rounds, or nearer; in place where x is y."""
    i = kdsl.global_id(0)
    for j in range(x.shape[1] // 2):
        a, b = x[i, j], x[i, j + h]
        y[i, j] = a * 0.5 - b * 0.25
        y[i, j + h] = a * 0.25 + b * 0.5


@kdsl.kernel(math="strict")
def by_blocks(x: Array[f32, 2], y: Array[f32, 2]):
    """Ids as those who come from CUDA write them."""
    i = kdsl.block_id(0) * kdsl.block_dim(0) + kdsl.thread_id(0)
    if i < x.shape[0]:
        s, most = f32(0), f32(0)
        for j in range(x.shape[1]):
            s += x[i, j]
        for j in range(x.shape[1]):
            most = max(most, x[i, j])
            y[i, j] = x[i, j] - s + f32(kdsl.thread_id(0))
        y[i, 0] += most


ROWS = 13
LENGTHS = [0, 1, 3, 4, 7, 8, 16, 17, 20, 31, 41, 47, 70]
_wanted: dict[Any, list[Any]] = {}


def _rows(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((ROWS, n), np.float32)


def _same(kernel: Any, threads: int, args: list[Any], key: int = -1) -> None:
    """Both ways on arguments of their own. key: under which the interpreter's results are kept for other targets."""
    want, got = [[a.copy() if isinstance(a, np.ndarray) else a for a in args] for _ in range(2)]
    if (kernel, key) in _wanted:
        want = _wanted[kernel, key]
    else:
        kernel.interpret.over(threads)(*want)
        if key >= 0:
            _wanted[kernel, key] = want
    kernel.over(threads)(*got)
    for a, b in zip(want, got, strict=True):
        np.testing.assert_array_equal(b, a)


@pytest.mark.parametrize("target", RUNNABLE)
def test_every_length(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    for kernel in (softmax, totals, quantize, dot8, dot, pairs, bags, mirrored, picked, escapes, normal, ragged):
        launch_on(target, monkeypatch, kernel)
    for n in LENGTHS:
        x = _rows(n, n)
        a, b = rng.integers(-128, 128, (2, ROWS, n)).astype(np.int8)
        places, table = rng.integers(0, 9, (ROWS, 4)).astype(np.int32), rng.random((9, n), np.float32)
        start = rng.integers(0, n + 1, ROWS + 1).astype(np.int32)
        _same(ragged, ROWS, [x, start, np.zeros_like(x), np.zeros((ROWS, 2), np.float32)], n)
        _same(totals, ROWS, [x, np.zeros_like(x), np.zeros((ROWS, 4), np.float32)], n)
        _same(totals, ROWS, [x * np.float32(-0.0), np.zeros_like(x), np.zeros((ROWS, 4), np.float32)])
        if n:
            _same(softmax, ROWS + 2, [x, np.zeros_like(x)], n)
            _same(normal, ROWS, [x, np.zeros_like(x)], n)
            _same(quantize, ROWS + 2, [x + np.float32(0.1), np.zeros((ROWS, n), np.int8), np.zeros(ROWS, np.float32)], n)
        _same(dot8, ROWS, [a, b, np.zeros((ROWS, 3), np.int32)], n)
        _same(dot, ROWS, [a, b, np.zeros(ROWS, np.int32)], n)
        c = (rng.integers(-(1 << 15), 1 << 15, (ROWS, n)) | -(1 << 15) * (n % 2)).astype(np.int16)
        _same(pairs, ROWS, [a, b.view(np.uint8), c, np.zeros((ROWS, 5), np.int32), np.zeros(ROWS, np.uint32)], n)
        _same(bags, ROWS, [places, table, np.zeros_like(x)], n)
        _same(mirrored, ROWS, [a.view(np.uint8), b.view(np.uint8)], n)
        _same(picked, ROWS, [a.astype(np.int32), b.astype(np.int32)], n)
        _same(escapes, ROWS, [np.zeros((ROWS, n), np.int32)], n)


@pytest.mark.parametrize("n", [5, 24, 29])
def test_arguments_that_overlap(n: int) -> None:
    """In place, and one element further: rounds follow one another then."""
    for kernel in (softmax, normal):
        want, got = _rows(n, n), _rows(n, n)
        kernel.interpret.over(ROWS)(want, want)
        kernel.over(ROWS)(got, got)
        np.testing.assert_array_equal(got, want)
    for ahead in (0, 1, 2):
        want, got = np.random.default_rng(n).random((2, ROWS * (n + 3)), np.float32)
        got[:] = want
        follows.interpret.over(ROWS)(want, want[ahead:], n)
        follows.over(ROWS)(got, got[ahead:], n)
        np.testing.assert_array_equal(got, want)
    _same(follows, ROWS, [_rows(1, n + 3).reshape(-1), _rows(2, n + 3).reshape(-1), n])


@pytest.mark.parametrize("h", [0, 1, 7, 19, 20, 21])
def test_two_places_of_a_row(h: int) -> None:
    x = _rows(h, 41)
    _same(turned, ROWS, [x, h, np.zeros_like(x)])
    want, got = x.copy(), x.copy()
    turned.interpret.over(ROWS)(want, h, want)
    turned.over(ROWS)(got, h, got)
    np.testing.assert_array_equal(got, want)


def test_not_a_number() -> None:
    x = _rows(1, 40)
    x[3, 17], x[5, 39], x[7, :] = np.nan, np.inf, -0.0
    x[8, ::2] = 0.0
    _same(softmax, ROWS, [x, np.zeros_like(x)])


@pytest.mark.parametrize("block", [1, 5, 8, 16])
def test_blocks(block: int) -> None:
    x = _rows(2, 29)
    want, got = np.zeros((2, ROWS, 29), np.float32)
    by_blocks.interpret[-(-ROWS // block), block](x, want)
    by_blocks[-(-ROWS // block), block](x, got)
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("kind", ["one", "reversed", "rows"])
def test_in_place(kind: str) -> None:
    """The same memory by two names, once with another order of rows: then it only looks alike."""
    want, got = np.random.default_rng(5).random((2, ROWS + 1, 29), np.float32)
    got[:] = want
    for run, a in ((normal.interpret, want), (normal, got)):
        other = {"one": a[:ROWS], "reversed": a[:ROWS][::-1], "rows": a[1:]}[kind]
        if kind == "rows":
            run.over(1)(a[:1], other[:1])
        elif kind == "reversed":
            run.over(1)(a[:ROWS:14], other[::14])
        else:
            run.over(ROWS)(a[:ROWS], other)
    np.testing.assert_array_equal(got, want)


def _code(kernel: Any, arch: str = "x86-64-v3") -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])


def test_what_is_made_means_the_same() -> None:
    """Run by the interpreter, too."""
    rng = np.random.default_rng(4)
    a, b = rng.integers(-128, 128, (2, ROWS, 41)).astype(np.int8)
    c, x = rng.integers(-9999, 9999, (ROWS, 41)).astype(np.int16), _rows(1, 41)
    for kernel, args in (
        (pairs, [a, b.view(np.uint8), c, np.zeros((ROWS, 5), np.int32), np.zeros(ROWS, np.uint32)]),
        (softmax, [x, np.zeros_like(x)]), (normal, [x, np.zeros_like(x)]),
    ):  # fmt: skip
        want, got = [[v.copy() for v in args] for _ in range(2)]
        interpret(kernel.ir(*declared_signature(kernel, None, {})), want, (ROWS, 1, 1), (1, 1, 1))
        interpret(_code(kernel), got, (ROWS, 1, 1), (1, 1, 1))
        for p, q in zip(got, want, strict=True):
            np.testing.assert_array_equal(p, q)


def test_where_rounds_are_lanes() -> None:
    def vectors(f: Function) -> int:
        return sum(op.name in ("tile.load", "tile.store") for op in walk(f.body))

    for kernel in (softmax, totals, quantize, dot8, pairs, bags, mirrored, picked, follows, turned):
        made = _code(kernel)
        assert made.attributes["width"] == 1 and vectors(made), kernel
    assert _code(escapes).attributes["width"] == 1 and vectors(_code(escapes))
    assert sum(op.name == "tile.pairs" for op in walk(_code(dot8).body)) == 2  # of whole vectors, and of the last one
    of_pairs = [op.operands[0].type for op in walk(_code(dot).body) if op.name == "tile.pairs"]
    assert [T.shape_of(t)[0] for t in of_pairs] == [32, 32, 16, 16]  # and of those for shorter rows
    assert sum(op.name == "tile.pairs" for op in walk(_code(pairs).body)) == 8  # two of the five sums have the same products
    for kernel in (normal, ragged):
        mixed = _code(kernel)
        assert mixed.attributes["width"] > 1
        loops = [op for op in walk(mixed.body) if op.name == "scf.for"]  # the threads that are left store once behind them
        assert not any(op.name == "tile.scatter" for loop in loops for op in walk(loop.regions[0]))


@kdsl.kernel
def running(x: Array[f32, 2], y: Array[f32, 2]):
    i = kdsl.global_id(0)
    s = f32(0)
    for j in range(x.shape[1]):
        s += x[i, j]
        y[i, j] = s


@kdsl.kernel
def shifted(y: Array[f32, 2]):
    i = kdsl.global_id(0)
    for j in range(1, y.shape[1]):
        y[i, j] = y[i, j - 1] * 0.5


def test_rounds_of_short_rows_are_lanes_under_masks() -> None:
    """Where masked accesses are quick, 16 rounds of a row of 20 are one vector, and so are the others."""
    signature = {name: T.ArrayType(T.f32, 2, unit_axis=1) for name in ("x", "y")}
    for arch, masked in (("x86-64-v4", True), ("x86-64-v3", False)):
        ops = list(walk(lower(softmax.ir(signature), CPU_TARGETS[arch]).body))
        masks = [op.operands[-2].op for op in ops if op.name == "tile.store"]
        assert any(mask is not None and mask.name == "arith.lt" for mask in masks) == masked, arch


def test_where_rounds_follow_one_another() -> None:
    """A sum that is stored, and elements made of those before."""
    for kernel in (running, shifted):
        assert not any(op.name.startswith("tile.") for op in walk(_code(kernel).body)), kernel
    _same(running, ROWS, [_rows(1, 20), _rows(2, 20)])
    _same(shifted, ROWS, [_rows(1, 20)])


@kdsl.kernel
def distance(q: Array[u8, 1], x: Array[u8, 2], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    bits = i32(0)
    for k in range(64):
        bits += i32(kdsl.popcount(q[k] ^ x[i, k]))
    out[i] = bits


@kdsl.kernel
def of_subgroups(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[i] = kdsl.subgroup_sum(x[i]) + kdsl.subgroup_max(x[i])


@pytest.mark.parametrize("target", CPU_TARGETS)
@pytest.mark.parametrize("kernel", [distance, dot8, of_subgroups], ids=lambda k: k.name)
def test_lanes_are_joined_by_changing_places(kernel: Any, target: str) -> None:
    """Instructions within half a register, and none from any lane to any other."""
    f = _code(kernel, target)
    moved = [op.operands[1].op for op in walk(f.body) if op.name == "tile.permute"]
    assert {lanes.name for lanes in moved if lanes is not None} == {"arith.xor"}
    if "x86-64" in target:
        assert "vpermd" not in assembly(f, CPU_TARGETS[target])


def test_distances() -> None:
    x = np.random.default_rng(5).integers(0, 256, (37, 64)).astype(np.uint8)
    out = np.zeros(37, np.int32)
    distance.over(37)(x[4].copy(), x, out)
    np.testing.assert_array_equal(out, np.unpackbits(x[4] ^ x, axis=1).sum(1))
