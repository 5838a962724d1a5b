"""Short loops over neighbours are straight code; others stay loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, i32, u8
from kdsl.ir.core import walk
from kdsl.ir.passes.lower_checks import lower_checks
from kdsl.ir.passes.opt_short import opt_short
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def mean(a: Array[u8, 2], o: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x > 0 and y > 0 and x < a.shape[1] - 1 and y < a.shape[0] - 1:
        s = i32(0)
        for dy in range(-1, 2):
            for dx in range(-1, 2):
                if dx != 0 or dy != 0:
                    s += i32(a[y + dy, x + dx])
        o[y, x] = u8(s // 8)


@kdsl.kernel
def channels(x: Array[f32, 3], w: Array[f32, 3], o: Array[f32, 3]):
    """Rows of channels, each with an address of its own: the outer loop stays."""
    c, k, y = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    s = f32(0)
    for i in range(3):
        for j in range(3):
            s += x[y + i, k + j, c] * w[i, j, c]
    o[y, k, c] = s


@kdsl.kernel
def torus(a: Array[i32, 1], o: Array[i32, 1]):
    i = kdsl.global_id(0)
    s = i32(0)
    for k in range(-2, 3):
        s += a[(i + k) % a.shape[0]]
    o[i] = s


@kdsl.kernel
def longer(a: Array[i32, 1], o: Array[i32, 1], n: i32):
    i = kdsl.global_id(0)
    s = i32(0)
    for k in range(20):
        s += a[i + k]
    for k in range(n):
        s += a[i + k]
    for k in range(4):
        s = s * 3 + 1
    o[i] = s


@kdsl.kernel
def covered(a: Array[u8, 3], o: Array[u8, 3]):
    """Channels in the other order, under their own share."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    share = i32(a[y, x, 3])
    for c in range(3):
        o[y, x, 2 - c] = u8((i32(a[y, x, c]) * share + i32(o[y, x, 2 - c]) * (255 - share) + 127) // 255)
    o[y, x, 3] = 255


@kdsl.kernel
def unit(a: Array[f32, 2], o: Array[f32, 2]):
    i = kdsl.global_id(0)
    s = f32(0)
    for c in range(3):
        s += a[i, c] * a[i, c]
    r = 1 / kdsl.sqrt(s)
    for c in range(3):
        o[i, c] = a[i, c] * r


@kdsl.kernel
def grey(a: Array[u8, 2], o: Array[u8, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    for c in range(3):
        o[y, x, c] = a[y, x]


@kdsl.kernel
def passed_on(a: Array[i32, 2]):
    """Each round reads what the one before has stored."""
    i = kdsl.global_id(0)
    for c in range(3):
        a[i, c + 1] += a[i, c]


@kdsl.kernel
def blurred(a: Array[u8, 3], o: Array[u8, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x > 0 and y > 0 and x < a.shape[1] - 1 and y < a.shape[0] - 1:
        for c in range(3):
            s = i32(0)
            for dy in range(-1, 2):
                for dx in range(-1, 2):
                    s += i32(a[y + dy, x + dx, c])
            o[y, x, c] = u8(s // 9)


@kdsl.kernel
def weighed(a: Array[u8, 3], w: Array[f32, 2], o: Array[u8, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x > 0 and y > 0 and x < a.shape[1] - 1 and y < a.shape[0] - 1:
        for c in range(3):
            s = f32(0)
            for dy in range(3):
                for dx in range(3):
                    s += f32(a[y + dy - 1, x + dx - 1, c]) * w[dy, dx]
            o[y, x, c] = u8(s)


@kdsl.kernel
def taken_apart(a: Array[u8, 3], o: Array[f32, 3]):
    """Channels to planes: what is loaded is side by side."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    for c in range(3):
        o[c, y, x] = f32(a[y, x, c]) / 255


@kdsl.kernel
def wide(a: Array[f32, 3], o: Array[f32, 3]):
    """Too long with all channels: a row of the window is straight code."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    for c in range(3):
        s = f32(0)
        for dy in range(5):
            for dx in range(5):
                s += a[y + dy, x + dx, c]
        o[y, x, c] = s


@kdsl.kernel
def fifth(a: Array[f32, 2], o: Array[f32, 2]):
    """More than are loaded and stored together."""
    i = kdsl.global_id(0)
    for c in range(5):
        o[i, c] = a[i, c] + 1


@kdsl.kernel
def bits(x: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    for k in range(8):
        o[i * 8 + k] = (x[i] >> u8(7 - k)) & 1


@kdsl.kernel
def powers(x: Array[f32, 1], o: Array[f32, 2]):
    i = kdsl.global_id(0)
    p = f32(1)
    for k in range(6):
        o[i, k] = p
        p *= x[i]


@kdsl.kernel
def ninth(x: Array[f32, 1], o: Array[f32, 2]):
    """More than are stored together."""
    i = kdsl.global_id(0)
    for k in range(9):
        o[i, k] = x[i] + k


@kdsl.kernel
def planes(a: Array[f32, 2], o: Array[f32, 2]):
    """No channels: each round has a row."""
    i = kdsl.global_id(0)
    for c in range(3):
        o[c, i] = a[c, i] + 1


NEAR = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 0), (0, 1), (1, -1), (1, 0), (1, 1))
TAPS = (1, 8, 28, 56, 70, 56, 28, 8, 1)
FAR = tuple([(k, -k) for k in range(10)])


@kdsl.kernel
def nearest(a: Array[i32, 2], o: Array[i32, 2]):
    """More rounds than seven, whose places and shares are of tables: of three rows."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = i32(0)
    for k in range(9):
        dy, dx = NEAR[k]
        s += a[y + 1 + dy, x + 1 + dx] * TAPS[k]
    o[y, x] = s


@kdsl.kernel
def rows(a: Array[i32, 2], o: Array[i32, 2]):
    """Ten rows, each with an address of its own."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = i32(0)
    for k in range(10):
        dy, dx = FAR[k]
        s += a[y + dy, x + 9 + dx]
    o[y, x] = s


@kdsl.kernel
def inner(a: Array[i32, 2], o: Array[i32, 2]):
    """With a branch in each of nine rounds."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = i32(0)
    for k in range(9):
        dy, dx = NEAR[k]
        if 0 <= y + dy < a.shape[0] and 0 <= x + dx < a.shape[1]:
            s += a[y + dy, x + dx]
    o[y, x] = s


@kdsl.kernel(math="strict")
def product(a: Array[f32, 3], b: Array[f32, 3], o: Array[f32, 3]):
    """Of matrices that threads have."""
    i = kdsl.global_id(0)
    for r in range(4):
        for c in range(4):
            s = f32(0)
            for k in range(4):
                s += a[i, r, k] * b[i, k, c]
            o[i, r, c] = s


@kdsl.kernel(math="strict")
def shifted(a: Array[f32, 3], b: Array[f32, 3], o: Array[f32, 3]):
    """As many ops, and a counter that is more than an index."""
    i = kdsl.global_id(0)
    for r in range(4):
        for c in range(4):
            s = f32(0)
            for k in range(4):
                s += a[i, r, k] * b[i, (k + c) % 4, c]
            o[i, r, c] = s


def _loops(kernel: Any) -> int:
    f = simplify(lower_checks(kernel.ir(*declared_signature(kernel, None, {}))))
    return sum(op.name == "scf.for" for op in walk(opt_short(f).body))


def test_which_loops_stay() -> None:
    assert [_loops(k) for k in (mean, channels, torus, longer)] == [0, 1, 1, 3]
    assert [_loops(k) for k in (covered, unit, grey, passed_on)] == [0, 0, 0, 0]
    assert [_loops(k) for k in (blurred, weighed)] == [0, 0]
    assert [_loops(k) for k in (bits, powers, ninth, taken_apart)] == [0, 0, 1, 0]
    assert [_loops(k) for k in (fifth, planes, wide)] == [1, 1, 2]
    assert [_loops(k) for k in (nearest, rows, inner)] == [0, 1, 1]
    assert [_loops(k) for k in (product, shifted)] == [0, 2]


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("n", [1, 8, 37])
def test_matrices(arch: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of arrays without gaps and with, and in place, where each element is stored before others are loaded."""
    launch_on(arch, monkeypatch, product, shifted)
    rng = np.random.default_rng(n)
    a, b = rng.random((n, 4, 4), np.float32), rng.random((n, 4, 4), np.float32)
    gaps = rng.random((n, 5, 7), np.float32)[:, 1:, 2:6]
    for kernel in (product, shifted):
        for x, y in ((a, b), (gaps, b), (a, gaps)):
            want, got = np.zeros((2, n, 4, 4), np.float32)
            kernel.interpret.over(n)(x, y, want)
            kernel.over(n)(x, y, got)
            np.testing.assert_array_equal(got, want)
        want, got = a.copy(), a.copy()
        kernel.interpret.over(n)(want, b, want)
        kernel.over(n)(got, b, got)
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("n", [1, 7, 40])
def test_channels(arch: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(n)
    colours, points = rng.integers(0, 256, (3, n, 4), np.uint8), rng.random((n, 3), np.float32) + np.float32(0.1)
    steps = rng.integers(0, 99, (n, 4)).astype(np.int32)
    cases = (
        (covered, (n, 3), [colours, rng.integers(0, 256, (3, n, 4), np.uint8)]), (unit, n, [points, np.zeros_like(points)]),
        (grey, (n, 3), [colours[:, :, 0].copy(), np.zeros((3, n, 3), np.uint8)]), (passed_on, n, [steps]),
        (bits, n, [colours[0, :, 0].copy(), np.zeros(8 * n, np.uint8)]),
        (powers, n, [points[:, 0].copy(), np.zeros((n, 6), np.float32)]),
    )  # fmt: skip
    launch_on(arch, monkeypatch, *[kernel for kernel, _, _ in cases])
    with runs(CPU_TARGETS[arch]):
        for kernel, over, args in cases:
            want, got = [[v.copy() for v in args] for _ in range(2)]
            kernel.interpret.over(over)(*want)
            kernel.over(over)(*got)
            for p, q in zip(got, want, strict=True):
                np.testing.assert_allclose(p, q, rtol=1e-6)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("n", [3, 9, 41])
def test_windows_of_channels(arch: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Points side by side, and those that are not: the colours of points with a share, in either direction."""
    rng = np.random.default_rng(n)
    w, e = rng.random((3, 3), np.float32) * np.float32(0.11), rng.random((8, n + 4, 3), np.float32)
    four = rng.integers(0, 256, (4, n, 4), np.uint8)
    launch_on(arch, monkeypatch, blurred, weighed, wide)
    with runs(CPU_TARGETS[arch]):
        for a in (four[:, :, :3].copy(), four[:, :, :3], four[:, ::-1, 1:]):
            for kernel, args in ((blurred, (a,)), (weighed, (a, w))):
                want, got = np.zeros((2, 4, n, 3), np.uint8)
                kernel.interpret.over((n, 4))(*args, want)
                kernel.over((n, 4))(*args, got)
                np.testing.assert_array_equal(got, want)
                inside = np.zeros((4, n, 4), np.uint8)[:, :, 1:]
                kernel.over((n, 4))(*args, inside)
                np.testing.assert_array_equal(inside, want)
        want, got = np.zeros((2, 4, n, 3), np.float32)
        wide.interpret.over((n, 4))(e, want)
        wide.over((n, 4))(e, got)
        np.testing.assert_allclose(got, want, rtol=1e-6)


@pytest.mark.parametrize("n", [3, 20, 53])
def test_results(n: int) -> None:
    rng = np.random.default_rng(n)
    a = rng.integers(0, 256, (n, n)).astype(np.uint8)
    x, w = rng.random((n + 2, 5, 19), np.float32), rng.random((3, 3, 19), np.float32)
    row = rng.integers(0, 99, n + 20).astype(np.int32)
    table = rng.integers(0, 99, (n + 9, n + 9)).astype(np.int32)
    for kernel, over, args in (
        (mean, (n, n), [a, np.zeros_like(a)]), (channels, (19, 3, n), [x, w, np.zeros((n, 3, 19), np.float32)]),
        (torus, n, [row[:n], np.zeros(n, np.int32)]), (longer, n, [row, np.zeros(n, np.int32), 7]),
        (nearest, (n, n), [table, np.zeros((n, n), np.int32)]), (rows, (n, n), [table, np.zeros((n, n), np.int32)]),
        (inner, (n, n), [table, np.zeros((n, n), np.int32)]),
    ):  # fmt: skip
        want, got = [[v.copy() if isinstance(v, np.ndarray) else v for v in args] for _ in range(2)]
        kernel.interpret.over(over)(*want)
        kernel.over(over)(*got)
        for p, q in zip(got, want, strict=True):
            np.testing.assert_allclose(p, q, rtol=1e-6)
