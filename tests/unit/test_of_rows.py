"""What threads of a row do alike is done once for it."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32
from kdsl.compiler import lower
from kdsl.ir.core import Op, Region
from kdsl.ir.ops import memory, scf, tile
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel(math="strict")
def normalised(x: Array[f32, 2], p: Array[f32, 1], out: Array[f32, 2]):
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if i < x.shape[0] and j < x.shape[1]:
        out[i, j] = (x[i, j] - p[i]) / kdsl.sqrt(p[i] + 1.0)


@kdsl.kernel(math="strict")
def centred(x: Array[f32, 2], p: Array[f32, 1], out: Array[f32, 2]):
    """Each thread adds up the whole row."""
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if i < x.shape[0] and j < x.shape[1]:
        total = f32(0)
        for k in range(x.shape[1]):
            total += x[i, k]
        out[i, j] = x[i, j] - total


@kdsl.kernel(math="strict")
def by_the_first(x: Array[f32, 2], p: Array[f32, 1], out: Array[f32, 2]):
    """One row, and a branch that all take."""
    i = kdsl.global_id(0)
    if i < out.shape[1] and kdsl.global_id(1) == 0:
        scale = f32(1)
        if p.shape[0] > 1:
            scale = p[0] * 0.5 + p[1]
        out[0, i] = x[0, i] * scale


@kdsl.kernel(math="strict")
def behind_a_store(x: Array[f32, 2], p: Array[f32, 1], out: Array[f32, 2]):
    """What a thread has stored itself it sees: out may be x."""
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if i < x.shape[0] and j == 1 and j < x.shape[1]:
        out[i, j] = x[i, j] + 1.0
        out[i, 0] = x[i, 1] * p[i]


@kdsl.kernel(math="strict")
def in_place(x: Array[f32, 2], p: Array[f32, 1], out: Array[f32, 2]):
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if i < out.shape[0] and j < out.shape[1]:
        out[i, j] = out[i, j] * p[i] + x[i, 0]


KERNELS = [normalised, centred, by_the_first, behind_a_store, in_place]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_results_are_the_interpreters(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    launch_on(arch, monkeypatch, kernel)
    for w in (1, 7, 16, 40, 67):
        rng = np.random.default_rng(w)
        x, p = rng.random((5, w), np.float32), rng.random(5, np.float32)
        grid, block = (-(-w // 16) + 1, 6), (16, 1)  # rows and threads outside of the arrays, whose parameters are not there
        want, got = [rng.random((5, w), np.float32) for _ in range(2)]
        got[:] = want
        kernel.interpret[grid, block](x, p, want)
        kernel[grid, block](x, p, got)
        np.testing.assert_array_equal(got, want, err_msg=str(w))
    same, other = x.copy(), x.copy()
    if kernel is behind_a_store:
        kernel.interpret[grid, block](same, p, same)
        kernel[grid, block](other, p, other)
        np.testing.assert_array_equal(other, same)


def _in_loops(region: Region, depth: int = 0) -> list[tuple[Op, int]]:
    """Ops, with how many loops are around each."""
    found: list[tuple[Op, int]] = []
    for op in region.ops:
        found.append((op, depth))
        for part in op.regions:
            found += _in_loops(part, depth + (op.defn is scf.FOR))
    return found


@pytest.mark.parametrize("kernel", [normalised, by_the_first, in_place], ids=lambda k: k.__name__)
def test_nothing_is_loaded_again_for_each_vector(kernel: kdsl.Kernel):
    for arch in ("x86-64-v3", "x86-64-v4", "aarch64"):
        f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])
        ops = _in_loops(f.body)
        stores = {depth for op, depth in ops if op.defn in (tile.STORE, tile.STREAM)}
        alone = {depth for op, depth in ops if op.defn is memory.LOAD}
        assert alone
        assert max(alone) < max(stores), arch


def test_a_sum_over_the_row_is_no_longer_made_by_each_thread():
    """Of rows of 256, each 256 times."""
    f = lower(centred.ir(*declared_signature(centred, None, {})), CPU_TARGETS["x86-64-v3"])
    ops = _in_loops(f.body)
    store = max(depth for op, depth in ops if op.defn in (tile.STORE, tile.STREAM))
    assert all(depth <= store for op, depth in ops if op.defn in (memory.LOAD, tile.LOAD))


@kdsl.kernel
def smoothed(x: Array[f32, 2], w: Array[f32, 1], out: Array[f32, 2]):
    """Down a column, with a weight for each round."""
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if j < out.shape[1] and i < out.shape[0]:
        total = f32(0)
        for k in range(w.shape[0]):
            total += w[k] * x[i + k, j]
        out[i, j] = total


@kdsl.kernel
def as_long_as_it_is(x: Array[f32, 2], w: Array[i32, 1], out: Array[f32, 2]):
    """Threads whose loops are of any length."""
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    if j < out.shape[1] and i < out.shape[0]:
        total = f32(0)
        for k in range(w[j]):
            total += x[k, j]
        out[i, j] = total


def test_loops_that_wait_for_their_sums_have_four_vectors():
    for arch in ("x86-64-v3", "x86-64-v4"):
        target = CPU_TARGETS[arch]
        f, g = [lower(k.ir(*declared_signature(k, None, {})), target) for k in (smoothed, as_long_as_it_is)]
        assert f.attributes["width"] == 4 * target.lanes
        assert f.attributes["few"] == 2 * target.lanes
        assert g.attributes["width"] <= 2 * target.lanes


@pytest.mark.parametrize("arch", RUNNABLE)
def test_rows_that_are_no_four_vectors(arch: str, monkeypatch: pytest.MonkeyPatch):
    launch_on(arch, monkeypatch, smoothed)
    for width in (1, 15, 16, 33, 63, 64, 65, 100, 127, 200):
        rng = np.random.default_rng(width)
        x, w = rng.random((9, width), np.float32), rng.random(5, np.float32)
        out = np.full((5, width), -1, np.float32)
        smoothed.over((width, 5))(x, w, out)
        want = sum(w[k].astype(np.float64) * x[k : k + 5] for k in range(5))
        np.testing.assert_allclose(out, want, rtol=1e-6)  # five products and sums, in another order at most
