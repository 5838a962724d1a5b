"""Threads with a point each, whose numbers all get the same: vectors as numbers lie, and what keeps them as points."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, i32, u8
from kdsl.compiler import lower
from kdsl.ir.core import Function, walk
from kdsl.ir.interpreter import interpret
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def move(x: Array[f32, 2], v: Array[f32, 2], m: Array[f32, 1], s: Array[f32, 1]):
    """What a point has, what a number has, and two arrays in place."""
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        for c in range(3):
            v[i, c] += s[c] / m[i]
            x[i, c] += v[i, c] * 0.5


@kdsl.kernel
def by_name(x: Array[f32, 2], v: Array[f32, 2], m: Array[f32, 1], s: Array[f32, 1]):
    i = kdsl.global_id(0)
    heavy = m[i] > 4.0
    a, b = x[i, 0] * s[0], x[i, 1] * s[1]
    v[i, 1] = b - 1.0 if heavy else b
    v[i, 0] = a - 1.0 if heavy else a


@kdsl.kernel
def blur(a: Array[u8, 3], out: Array[u8, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x > 0 and y > 0 and x < out.shape[1] - 1 and y < out.shape[0] - 1:
        for c in range(3):
            total = i32(0)
            for dy in range(-1, 2):
                for dx in range(-1, 2):
                    total += i32(a[y + dy, x + dx, c])
            out[y, x, c] = u8(total // 9)


@kdsl.kernel
def taps(a: Array[f32, 3], w: Array[f32, 2], out: Array[f32, 3]):
    """A loop that stays one, with loops in it."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x + w.shape[1] <= out.shape[1] and y + w.shape[0] <= out.shape[0]:
        for c in range(4):
            total = f32(0)
            for dy in range(w.shape[0]):
                for dx in range(w.shape[1]):
                    total += w[dy, dx] * a[y + dy, x + dx, c]
            out[y, x, c] = total


@kdsl.kernel
def bounce(x: Array[f32, 2], v: Array[f32, 2], m: Array[f32, 1]):
    """Threads part, and point and number decide."""
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        for c in range(3):
            y = x[i, c] + v[i, c]
            if y > 9.0 or y < m[i] - 3.0:
                v[i, c] = -v[i, c]
                y = x[i, c]
            x[i, c] = y


@kdsl.kernel
def as_many(x: Array[f32, 2], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    if i < out.shape[0]:
        for c in range(x.shape[1]):
            out[i, c] = x[i, c] * 3.0


@kdsl.kernel
def rows(x: Array[f32, 2], out: Array[f32, 2], m: Array[f32, 1]):
    """In place, and with what a thread has."""
    i = kdsl.global_id(0)
    for c in range(9):
        out[i, c] += x[i, c]
    for c in range(out.shape[1]):
        x[i, c] = x[i, c] * m[i] + f32(i)


@kdsl.kernel
def colours(a: Array[u8, 3], out: Array[u8, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < out.shape[1] and y < out.shape[0]:
        for c in range(out.shape[2]):
            out[y, x, c] = 255 - a[y, x, c]


@kdsl.kernel
def from_first(x: Array[f32, 2], out: Array[f32, 2]):
    """Where `out` is `x`, numbers behind the first have what it was made."""
    i = kdsl.global_id(0)
    for c in range(3):
        if x[i, c] > 2.0:
            out[i, c] = x[i, c] + x[i, 0]


@kdsl.kernel
def every_other(x: Array[f32, 2], out: Array[f32, 2]):
    """Where `out` begins one number behind `x`, each number has what the one before it became."""
    i = kdsl.global_id(0)
    for c in range(3):
        if i % 2 == 0:
            out[i, c] = x[i, c] + 1.0


@kdsl.kernel
def from_corner(x: Array[f32, 2], w: Array[f32, 2]):
    """Where `w` is `x`, one thread changes what it looks at."""
    i = kdsl.global_id(0)
    for c in range(3):
        if i == 32:
            x[i, c] = x[i, c] + w[32, 0]


@kdsl.kernel
def one_apart(x: Array[f32, 2], out: Array[f32, 2]):
    """The last number gets something else, and another that does not hang on it."""
    i = kdsl.global_id(0)
    out[i, 0] = x[i, 0] + 1.0
    out[i, 1] = x[i, 1] + 1.0
    out[i, 2] = x[i, 2] * 2.0
    out[i, 3] = 5.0 - x[i, 3]


@kdsl.kernel
def blend(a: Array[u8, 3], b: Array[u8, 3], out: Array[u8, 3]):
    """Three numbers by way of the fourth, which gets one of its own."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < out.shape[1] and y < out.shape[0]:
        alpha = i32(a[y, x, 3])
        for c in range(3):
            out[y, x, c] = u8((i32(a[y, x, c]) * alpha + i32(b[y, x, c]) * (255 - alpha)) // 255)
        out[y, x, 3] = u8(255)


@kdsl.kernel
def opaque(a: Array[u8, 3], out: Array[u8, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    for c in range(3):
        out[y, x, c] = 255 - a[y, x, c]
    out[y, x, 3] = a[y, x, 3]


@kdsl.kernel
def norm(x: Array[f32, 2], out: Array[f32, 2]):
    """All numbers are looked at by another value, too."""
    i = kdsl.global_id(0)
    n = x[i, 0] * x[i, 0] + x[i, 1] * x[i, 1]
    out[i, 0] = x[i, 0] * n
    out[i, 1] = x[i, 1] * n


@kdsl.kernel
def turn(x: Array[f32, 2], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    out[i, 0] = x[i, 1]
    out[i, 1] = x[i, 0]


@kdsl.kernel
def from_last(x: Array[f32, 2], out: Array[f32, 2], m: Array[f32, 1], s: Array[f32, 1]):
    """Numbers in another order, each with a factor that is loaded where it is needed."""
    i = kdsl.global_id(0)
    out[i, 2] = x[i, 2] * s[2] + m[i]
    out[i, 1] = x[i, 1] * s[1] + m[i]
    out[i, 0] = x[i, 0] * s[0] + m[i]


@kdsl.kernel
def with_first(x: Array[f32, 2], out: Array[f32, 2]):
    """All look at one number, which is among those that are alike."""
    i = kdsl.global_id(0)
    for c in range(3):
        out[i, c] = x[i, c] * x[i, 0]


POINTS = {move: 3, as_many: 3, rows: 9, from_last: 3, with_first: 3, by_name: 2, bounce: 3, from_first: 3, one_apart: 4, norm: 2,
          turn: 2}  # fmt: skip
PICTURES = {blur: 3, colours: 3, taps: 4, blend: 4, opaque: 4}


def _block(kernel: kdsl.Kernel, arch: str = "x86-64-v3") -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])


def _asked(f: Function) -> set[str | None]:
    """Arrays that are asked whether their points follow one another."""
    return {op.operands[0].name for op in walk(f.body) if op.name == "block.dense"}


def _laid(a: np.ndarray, how: str) -> np.ndarray:
    """The same numbers, in memory as points side by side, as parts of larger ones, from last to first, or number by number."""
    if how == "parts":
        wide = np.zeros((*a.shape[:-1], a.shape[-1] + 1), a.dtype)
        wide[..., :-1] = a
        return wide[..., :-1]
    if how == "backward":
        return a[::-1].copy()[::-1]
    return np.asfortranarray(a) if how == "columns" else a.copy()


def _arguments(kernel: kdsl.Kernel, size: int, how: tuple[str, str]) -> list[np.ndarray]:
    rng = np.random.default_rng(size)

    def some(*shape: int) -> np.ndarray:
        return rng.integers(1, 9, shape).astype(np.float32 if kernel is taps or kernel not in PICTURES else np.uint8)

    if kernel in PICTURES:
        shape = (7, size, PICTURES[kernel])
        arrays = [_laid(some(*shape), how[0]), _laid(some(*shape), how[1])]
        if kernel is blend:
            arrays.insert(1, some(*shape))
        return [arrays[0], some(3, 2), arrays[1]] if kernel is taps else arrays
    shape = size, POINTS[kernel]
    arrays = [_laid(some(*shape), how[0]), _laid(some(*shape), how[1])]
    more = {move: 2, rows: 1, by_name: 2, from_last: 2, bounce: 1}.get(kernel, 0)
    return [*arrays, *[some(size), some(shape[1])][:more]]


def _same_as_threads(kernel: kdsl.Kernel, arrays: list[np.ndarray], size: int, *, places: list[int] | None = None) -> None:
    """places: which of the arrays each argument is, where it is not the one at its place."""
    places = places or list(range(len(arrays)))
    wanted = [a.copy() for a in arrays]
    launch = kernel.over((size, 7) if kernel in PICTURES else size)
    g = launch.geometry
    interpret(kernel.ir(*declared_signature(kernel, None, {})), [wanted[k] for k in places], g[:3], g[3:6], threads=g[6:])
    launch(*[arrays[k] for k in places])
    for found, right in zip(arrays, wanted, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-6)  # of a quotient, and of a contracted sum of products


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", [*POINTS, *PICTURES], ids=lambda k: k.name)
def test_launches(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, kernel)
        for size in (5, 16, 37, 67):
            for how in (("dense", "dense"), ("dense", "parts"), ("parts", "dense"), ("backward", "dense"), ("columns", "columns")):
                _same_as_threads(kernel, _arguments(kernel, size, how), size)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", [as_many, from_first, one_apart, norm, turn, with_first], ids=lambda k: k.name)
def test_in_place(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, kernel)
        x, _ = _arguments(kernel, 67, ("dense", "dense"))
        _same_as_threads(kernel, [x], 67, places=[0, 0])


@pytest.mark.parametrize("arch", RUNNABLE)
def test_arrays_that_overlap(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that look at what no other changes, while they change it number by number."""
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, every_other, from_corner)
        memory = np.arange(3 * 67 + 1, dtype=np.float32)
        wanted = memory.copy()
        for i in range(0, 67, 2):
            for k in range(3 * i, 3 * i + 3):
                wanted[k + 1] = wanted[k] + 1.0
        every_other.over(67)(memory[:-1].reshape(67, 3), memory[1:].reshape(67, 3))
        np.testing.assert_array_equal(memory, wanted)
        x = np.arange(3 * 67, dtype=np.float32).reshape(67, 3)
        wanted = x.copy()
        for c in range(3):
            wanted[32, c] += wanted[32, 0]
        from_corner.over(67)(x, x)
        np.testing.assert_array_equal(x, wanted)


@pytest.mark.parametrize("kernel", [move, by_name, bounce, blur, taps, as_many, rows, colours, blend, opaque], ids=lambda k: k.name)
def test_the_interpreter_has_the_same_of_the_code(kernel: kdsl.Kernel) -> None:
    for how in (("dense", "dense"), ("parts", "dense")):
        found, wanted = (_arguments(kernel, 41, how) for _ in range(2))
        grid = (41, 7, 1) if kernel in PICTURES else (41, 1, 1)
        interpret(_block(kernel), found, grid, chunk=37)
        interpret(kernel.ir(*declared_signature(kernel, None, {})), wanted, grid)
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(a, b)


def test_numbers_that_get_the_same_stay_where_they_lie() -> None:
    wanted = {every_other: {"x", "out"}, from_corner: {"x"}, move: {"x", "v"},
              by_name: {"x", "v"}, blur: {"a", "out"}, taps: {"a", "out"}, bounce: {"x", "v"},
              from_last: {"x", "out"}, as_many: {"x", "out"},
              colours: {"a", "out"}, blend: {"a", "b", "out"}, opaque: {"a", "out"}, from_first: {"x", "out"}}  # fmt: skip
    for kernel, arrays in wanted.items():
        for arch in ("x86-64-v2", "x86-64-v3", "x86-64-v4"):
            assert _asked(_block(kernel, arch)) == arrays, (kernel.name, arch)


def test_other_points_stay_points() -> None:
    for kernel in (one_apart, norm, turn, with_first):
        assert not _asked(_block(kernel)), kernel.name
