"""Numbers of points, `a[i, c]` with few c: vectors that go on from point to point, and what they do where points lie apart."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, f64, i16, i32, u8
from kdsl.compiler import lower
from kdsl.ir.core import Function, walk
from kdsl.ir.interpreter import interpret
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def step(x: Array[f32, 2], s: Array[f32, 1], m: Array[f32, 1], out: Array[f32, 2]):
    i, c = kdsl.global_id(0), kdsl.global_id(1)
    if i < out.shape[0] and c < out.shape[1]:
        out[i, c] += x[i, c] * s[c] + m[i] + f32(i) - 2.0 * f32(c)


@kdsl.kernel
def parts(x: Array[f64, 2], s: Array[f64, 2], m: Array[i32, 1], out: Array[f64, 2]):
    """Lanes part by which number they have, and by which point; and have one number of their point in common."""
    i, c = kdsl.global_id(0), kdsl.global_id(1)
    y = x[i, c] - x[i, 0]
    if c == 0 or y > 5.0:
        y = y * s[1, c] + f64(m[i]) - x[i, 1]
    if m[i] != 3:
        out[i, c] = y


@kdsl.kernel
def later(x: Array[i16, 2], out: Array[u8, 2], ahead: i32):
    """The points behind."""
    c, i = kdsl.global_id(0), kdsl.global_id(1)
    if c < out.shape[1] and i < out.shape[0]:
        out[i, c] = u8(x[i + ahead, c] - x[i, c])


@kdsl.kernel
def turn(x: Array[f32, 2], out: Array[f32, 2]):
    """Not only its own number of a point."""
    i, c = kdsl.global_id(0), kdsl.global_id(1)
    out[i, c] = x[i, (c + 1) % 3]


@kdsl.kernel
def prints(x: Array[f32, 2], out: Array[f32, 2]):
    i, c = kdsl.global_id(0), kdsl.global_id(1)
    if x[i, c] < 0.0:
        print(i, c)
    out[i, c] = x[i, c]


def _block(kernel: kdsl.Kernel, *, beside: int = 0, folded: int = 3, arch: str = "x86-64-v3") -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch], beside=beside, folded=folded)


def _asked(f: Function) -> set[str | None]:
    """Arrays that are asked whether their points follow one another."""
    return {op.operands[0].name for op in walk(f.body) if op.name == "block.dense"}


def _laid(a: np.ndarray, how: str) -> np.ndarray:
    """The same numbers, in memory as points side by side, as parts of larger ones, from last to first, or number by number."""
    if how == "parts":
        wide = np.zeros((a.shape[0], a.shape[1] + 1), a.dtype)
        wide[:, :-1] = a
        return wide[:, :-1]
    if how == "backward":
        return a[::-1].copy()[::-1]
    return np.asfortranarray(a) if how == "columns" else a.copy()


def _arguments(kernel: kdsl.Kernel, points: int, count: int, how: tuple[str, str]) -> tuple[object, ...]:
    rng = np.random.default_rng(points * 8 + count)

    def some(shape: tuple[int, ...], dtype: type) -> np.ndarray:
        return rng.integers(0, 9, shape).astype(dtype)

    if kernel is later:
        return _laid(some((points + 2, count), np.int16), how[0]), _laid(some((points, count), np.uint8), how[1]), 2
    t, shape = (np.float64, (2, count)) if kernel is parts else (np.float32, (count,))
    m = some((points,), np.int32 if kernel is parts else np.float32)
    return _laid(some((points, count), t), how[0]), some(shape, t), m, _laid(some((points, count), t), how[1])


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", [step, parts, later], ids=lambda k: k.name)
def test_launches(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    with runs(CPU_TARGETS[arch]):
        launch_on(arch, monkeypatch, kernel)
        at = 1 if kernel is later else 3
        for points, count in ((8, 2), (37, 3), (64, 4), (37, 7), (67, 8), (69, 10), (66, 17), (70, 28)):
            for how in (("dense", "dense"), ("dense", "parts"), ("backward", "dense"), ("columns", "columns")):
                launch = kernel.over((count, points) if kernel is later else (points, count))
                wanted, found = (_arguments(kernel, points, count, how) for _ in range(2))
                g = launch.geometry
                interpret(kernel.ir(*declared_signature(kernel, None, {})), wanted, g[:3], g[3:6], threads=g[6:])
                launch(*found)
                np.testing.assert_array_equal(found[at], wanted[at])


@pytest.mark.parametrize("count", [2, 3, 5, 8, 11, 20])
def test_vectors_go_on_from_point_to_point(count: int) -> None:
    """What the interpreter has of the code, in pieces of rows, where a guard has fewer numbers, and where points lie apart."""
    assert _asked(_block(step, folded=count)) == {"x", "out"}
    assert _asked(_block(parts, folded=count)) == {"x", "out"}
    assert _asked(_block(later, beside=1, folded=count)) == {"x", "out"}
    for how in (("dense", "dense"), ("parts", "dense")):
        for kept in (count, count - 1):
            x, s, m, out = _arguments(step, 61, count, how)
            out = out[:, :kept].copy()  # type: ignore[index]
            wanted = out.copy()
            interpret(_block(step, folded=count), (x, s, m, out), (61, count, 1), chunk=24)
            interpret(step.ir(*declared_signature(step, None, {})), (x, s, m, wanted), (61, count, 1))
            np.testing.assert_array_equal(out, wanted)


def test_what_else_threads_access_keeps_them_as_they_were() -> None:
    for kernel in (turn, prints):
        f = _block(kernel)
        assert not _asked(f) and f.attributes.get("rows") != 3
    assert not _asked(_block(step, folded=0))
    assert not _asked(_block(step, folded=41)), "so many vectors would take long to compile"


def test_launches_have_code_for_how_many_numbers_points_have() -> None:
    a = np.zeros((80, 40), np.float32)
    step._specialisations.clear()
    step._fast.clear()
    for points, count in ((40, 3), (40, 4), (40, 8), (3, 3), (40, 1), (80, 10), (80, 40)):
        part = a[:points, :count].copy()
        step.over((points, count))(part, part[0], part[:, 0].copy(), part.copy())
    (spec,) = step._specialisations.values()
    assert {(walk.beside, walk.folded) for walk in spec.executables} == {(0, 3), (0, 4), (0, 10), (None, 0), (0, 0)}
    assert {made.artifact.entry.rows for walk, made in spec.executables.items() if walk.folded} == {3, 4, 10}
