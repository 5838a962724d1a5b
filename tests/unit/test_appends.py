"""Lanes that take places from one element do so together, and store side by side what they have: as each in its turn would."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, f64, i32, i64, u8, u32
from kdsl.compiler import lower
from kdsl.ir.core import Function, walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.ops import tile
from kdsl.runtime.cpu import threads
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def kept(x: Array[f32, 1], o: Array[f32, 1], n: Array[i32, 1], by: i32):
    i = kdsl.global_id(0)
    if i < x.shape[0] and x[i] > 0.5:
        k = kdsl.atomic_add(n[0], 1)
        o[k] = x[i] * 2.0


@kdsl.kernel
def numbers(x: Array[f32, 1], o: Array[i64, 1], n: Array[i64, 1], by: i32):
    """What is stored are the threads' numbers."""
    i = kdsl.global_id(0)
    if i < x.shape[0] and x[i] > 0.5:
        o[kdsl.atomic_add(n[0], 1)] = i64(i)


@kdsl.kernel
def several(x: Array[f32, 1], o: Array[f32, 1], n: Array[i32, 1], by: i32):
    """More than one place for each thread, and one of two counters."""
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        k = kdsl.atomic_add(n[1], by)
        o[k + i32(i % 2)] = x[i]


@kdsl.kernel
def down(x: Array[f32, 1], o: Array[f32, 1], n: Array[i32, 1], by: i32):
    """From the end on."""
    i = kdsl.global_id(0)
    if i < x.shape[0] and x[i] < 0.3:
        o[x.shape[0] - kdsl.atomic_sub(n[0], -1) - 1] = x[i]


@kdsl.kernel
def two_ways(x: Array[f32, 1], o: Array[f32, 1], n: Array[u32, 1], by: i32):
    """Of u32, some of those that took a place, and what each has got is used twice."""
    i = kdsl.global_id(0)
    if i < x.shape[0] and x[i] > 0.2:
        k = kdsl.atomic_add(n[0], u32(1))
        if x[i] > 0.6:
            o[k] = f32(k) + x[i]


@kdsl.kernel
def other_lanes(x: Array[f32, 1], o: Array[f32, 1], n: Array[i32, 1], by: i32):
    i = kdsl.global_id(0)
    if i < x.shape[0] and x[i] > 0.2:
        k = kdsl.atomic_add(n[0], 1)
        if x[i] > 0.6:
            o[k] = f32(k) + x[i]


@kdsl.kernel
def own_shares(x: Array[f32, 1], o: Array[f32, 1], n: Array[i32, 1], by: i32):
    """Each brings another number: lane by lane."""
    i = kdsl.global_id(0)
    if i < x.shape[0] and x[i] > 0.5:
        k = kdsl.atomic_add(n[0], 1 + i32(i % 3 == 0))
        o[k] = x[i]


KERNELS = [kept, numbers, several, down, two_ways, other_lanes, own_shares]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_results_are_the_interpreters(arch: str, kernel: kdsl.Kernel, monkeypatch: pytest.MonkeyPatch):
    """On one thread, where lanes take their turns from the lowest on."""
    f = kernel.ir(*declared_signature(kernel, None, {}))
    types = [p.type.element for p in f.params[1:3]]
    launch_on(arch, monkeypatch, kernel)
    threads.set_num_threads(1)
    try:
        for n in (3, 16, 61, 200):
            for some in (0.0, 0.5, 1.0):  # none of a vector, some, all
                x = (np.random.default_rng(n).random(n, np.float32) * 0.4 + some * 0.6).astype(np.float32)
                want, got = [[np.zeros(3 * n + 4, kdsl_dtype(types[0])), np.zeros(2, kdsl_dtype(types[1]))] for _ in range(2)]
                interpret(f, [x, *want, np.int32(3)], grid=(-(-n // 32), 1, 1), block=(32, 1, 1))
                kernel[-(-n // 32), 32](x, *got, 3)
                for a, b in zip(got, want, strict=True):
                    np.testing.assert_array_equal(a, b, err_msg=f"{n} threads, {some}")
    finally:
        threads.set_num_threads(0)


def kdsl_dtype(t: object) -> np.dtype:
    return np.dtype({"f32": "f4", "i32": "i4", "u32": "u4", "i64": "i8"}[str(t)])


@kdsl.kernel
def channels(x: Array[u8, 2], o: Array[u8, 3], w: Array[f64, 2], n: Array[i32, 2]):
    """A counter for each row, and elements of other sizes, along an axis that is not the last of all."""
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if i < x.shape[1] and j < x.shape[0] and x[j, i] > 100:
        k = kdsl.atomic_add(n[j, 1], 1)
        o[j, k, 0] = x[j, i]
        w[j, k] = f64(x[j, i]) * 0.5


@kdsl.kernel
def of_blocks(x: Array[f32, 1], o: Array[f32, 2], n: Array[i32, 1]):
    """Places of what a block shares."""
    t, b = kdsl.thread_id(0), kdsl.block_id(0)
    s, c = kdsl.shared(64, f32), kdsl.shared(1, i32)
    if t == 0:
        c[0] = 0
    kdsl.barrier()
    v = x[kdsl.global_id(0)]
    if v > 0.4:
        s[kdsl.atomic_add(c[0], 1)] = v
    kdsl.barrier()
    if t < c[0]:
        o[b, t] = s[t]
    if t == 0:
        n[b] = c[0]


@pytest.mark.parametrize("arch", RUNNABLE)
def test_other_memory(arch: str, monkeypatch: pytest.MonkeyPatch):
    launch_on(arch, monkeypatch, channels, of_blocks)
    rng = np.random.default_rng(3)
    x = rng.integers(0, 256, (5, 77), np.uint8)
    want, got = [[np.zeros((5, 77, 2), np.uint8), np.zeros((5, 77)), np.zeros((5, 2), np.int32)] for _ in range(2)]
    channels.interpret.over((77, 5))(x, *want)
    channels.over((77, 5))(x, *got)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_array_equal(a, b)
    v = rng.random(4 * 64, np.float32)
    want, got = [[np.zeros((4, 64), np.float32), np.zeros(4, np.int32)] for _ in range(2)]
    of_blocks.interpret[4, 64](v, *want)
    of_blocks[4, 64](v, *got)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_array_equal(np.sort(a, axis=-1), np.sort(b, axis=-1))


@pytest.mark.parametrize("arch", RUNNABLE)
def test_many_workers(arch: str, monkeypatch: pytest.MonkeyPatch):
    """Each has a place of its own, whatever the order."""
    launch_on(arch, monkeypatch, kept)
    x = np.random.default_rng(1).random(200_000, np.float32)
    o, n = np.zeros_like(x), np.zeros(1, np.int32)
    kept.over(x.size)(x, o, n, 0)
    want = x[x > 0.5] * np.float32(2)
    assert n[0] == want.size and not o[want.size :].any()
    np.testing.assert_array_equal(np.sort(o[: want.size]), np.sort(want))


@pytest.mark.parametrize("arch", RUNNABLE)
def test_nobody_takes_what_is_not_there(arch: str, monkeypatch: pytest.MonkeyPatch):
    """No lane takes part: neither counter nor places are looked at."""
    launch_on(arch, monkeypatch, kept)
    kept.over(100)(np.zeros(100, np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32), 0)


def _lowered(kernel: kdsl.Kernel, arch: str) -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])


@pytest.mark.parametrize("arch", ["x86-64-v2", "x86-64-v3", "x86-64-v4"])
def test_what_is_done_together(arch: str):
    def has(kernel: kdsl.Kernel) -> tuple[bool, bool]:
        """Updates lane by lane; lanes brought together."""
        names = {op.defn for op in walk(_lowered(kernel, arch).body)}
        return tile.ATOMIC in names, tile.COMPACT in names

    assert has(kept) == has(numbers) == (False, True)
    assert has(several) == has(two_ways) == has(other_lanes) == (False, False)
    assert has(own_shares) == (True, False)


def test_explain_says_so():
    text = kept.explain()
    assert "n: atomic add of i32: lanes take their places together, one locked instruction for all that take part" in text
    assert "for each active lane" in own_shares.explain()
