"""Stores of a point's elements wait for the end of a thread: whole vectors, where arguments do not overlap; else as written."""

from __future__ import annotations

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i16, u8
from kdsl.compiler import lower
from kdsl.ir.core import Function, walk
from kdsl.ir.passes.vectorize.stores_last import stores_last
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def interleave(l: Array[i16, 1], r: Array[i16, 1], o: Array[i16, 1]):
    i = kdsl.global_id(0)
    o[2 * i] = l[i]
    o[2 * i + 1] = r[i]


@kdsl.kernel
def swap(a: Array[u8, 3], o: Array[u8, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if 0 < x < a.shape[1] - 1:
        o[y, x, 0] = a[y, x, 2]
        o[y, x, 1] = a[y, x, 1]
        o[y, x, 2] = a[y, x, 0]


@kdsl.kernel
def move(p: Array[f32, 2], v: Array[f32, 2], dt: f32):
    """Elements that are stored, loaded again, and stored again in a branch."""
    i = kdsl.global_id(0)
    v[i, 1] = v[i, 1] - 9.5 * dt
    for k in kdsl.static_range(3):
        p[i, k] += v[i, k] * dt
    if p[i, 1] < 0.0:
        p[i, 1] = -p[i, 1]
        v[i, 1] = -0.5 * v[i, 1]


@kdsl.kernel
def in_place(p: Array[f32, 2], v: Array[f32, 2], dt: f32):
    """One array: nothing is asked."""
    i = kdsl.global_id(0)
    p[i, 0] = p[i, 0] + p[i, 2]
    p[i, 2] = p[i, 0] * dt
    p[i, 1] = p[i, 2] - p[i, 1]


@kdsl.kernel
def table(a: Array[u8, 1], t: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    o[2 * i] = t[a[i] >> 4]
    o[2 * i + 1] = t[a[i] & 15]


@kdsl.kernel
def other_element(p: Array[f32, 2], v: Array[f32, 2], n: kdsl.i32):
    """p[n, 0] may be what the thread has just stored."""
    i = kdsl.global_id(0)
    p[i, 0] = v[i, 0]
    p[i, 1] = p[n, 0] * 0.0 + v[i, 1]


@kdsl.kernel
def only_sometimes(p: Array[f32, 2], v: Array[f32, 2], dt: f32):
    i = kdsl.global_id(0)
    p[i, 0] = v[i, 0]
    if v[i, 1] > 0.0:
        p[i, 1] = v[i, 2]


def _lowered(kernel: kdsl.Kernel) -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"])


def _names(f: Function) -> list[str]:
    return [op.name for op in walk(f.body)]


@pytest.mark.parametrize("kernel", [interleave, swap, move, table], ids=lambda k: k.name)
def test_whether_arrays_overlap_is_asked(kernel: kdsl.Kernel) -> None:
    """Stores follow one another in the code for those that do not."""
    f = _lowered(kernel)
    assert "block.disjoint" in _names(f)
    assert "memory.store" in _names(f)  # one thread after the other, where they do
    last = next(op for op in walk(f.body) if op.name == "tile.store")
    assert any(last in region.ops and [op.name for op in region.ops[region.ops.index(last) : -1]].count("tile.load") == 0
               for op in walk(f.body) for region in op.regions)  # fmt: skip


def test_one_array_asks_nothing() -> None:
    names = _names(_lowered(in_place))
    assert "block.disjoint" not in names
    assert names.index("tile.store") > max(k for k, n in enumerate(names[: names.index("tile.store") + 3]) if n == "tile.load")


@pytest.mark.parametrize("kernel", [other_element, only_sometimes], ids=lambda k: k.name)
def test_what_stays(kernel: kdsl.Kernel) -> None:
    assert stores_last(kernel.ir(*declared_signature(kernel, None, {}))) is None
    assert stores_last(in_place.ir(*declared_signature(in_place, None, {}))) is not None


@pytest.mark.parametrize("target", ["x86-64-v2", "x86-64-v3"])
@pytest.mark.parametrize("n", [1, 7, 16, 100])
def test_points(n: int, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Apart, in place, of a view, and of arrays that overlap by one element."""
    monkeypatch.setenv("KDSL_TARGET", CPU_TARGETS[target].name)
    dt = np.float32(0.25)
    for kernel in (move, in_place, only_sometimes):
        whole = np.random.default_rng(n).standard_normal(8 * n + 16).astype(np.float32)
        for place in (3 * n + 8, 0, 1, 2, 3):
            for step in (1, 2):
                results = []
                for run in (kernel, kernel.interpret):
                    memory = whole.copy()
                    p, v = [memory[first : first + 3 * n].reshape(n, 3)[::step] for first in (0, place)]
                    run.over(1 if 0 < place < 4 else len(p))(p, v, dt)  # of several, each would see what others do
                    results.append(memory)
                np.testing.assert_allclose(results[0], results[1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("n", [1, 5, 32, 77])
def test_bytes(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KDSL_TARGET", CPU_TARGETS["x86-64-v3"].name)
    rng = np.random.default_rng(n)
    a, t = rng.integers(0, 256, n).astype(np.uint8), rng.integers(0, 256, 16).astype(np.uint8)
    l, r = rng.integers(-99, 99, (2, n)).astype(np.int16)
    picture = rng.integers(0, 256, (3, n, 4)).astype(np.uint8)
    for kernel, threads, args, out in [
        (table, n, (a, t), np.zeros(2 * n, np.uint8)),
        (interleave, n, (l, r), np.zeros(2 * n, np.int16)),
        (swap, (n, 3), (picture,), np.zeros((3, n, 3), np.uint8)),
        (swap, (n, 3), (picture[:, ::-1],), np.zeros((3, n, 4), np.uint8)),
    ]:
        got, want = out.copy(), out.copy()
        kernel.over(threads)(*args, got)
        kernel.interpret.over(threads)(*args, want)
        np.testing.assert_array_equal(got, want)


def test_a_thread_sees_what_it_stored_by_another_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels change places in place: the last takes the first as it is by then."""
    monkeypatch.setenv("KDSL_TARGET", CPU_TARGETS["x86-64-v3"].name)
    picture = np.random.default_rng(3).integers(0, 256, (2, 50, 3)).astype(np.uint8)
    want = picture.copy()
    want[:, 1:-1, 0] = want[:, 1:-1, 2]
    got = picture.copy()
    swap.over((50, 2))(got, got)
    np.testing.assert_array_equal(got, want)
