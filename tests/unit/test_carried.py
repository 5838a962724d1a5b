"""What loops keep in memory at known places is a value that they carry: which arrays are, and which stay."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, f64, i32
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import Function, walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.ops import memory, scf, tile
from kdsl.ir.passes.vectorize import in_blocks_of
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

B = 32


@kdsl.kernel(math="strict")
def dot(x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 1]):
    s, t = kdsl.shared((B,), f32), kdsl.thread_id(0)
    mine = f32(0)
    piece = (x.shape[0] + kdsl.grid_dim(0) - 1) // kdsl.grid_dim(0)
    first = kdsl.block_id(0) * piece
    for i in range(first + t, kdsl.minimum(first + piece, x.shape[0]), B):
        mine += x[i] * y[i]
    s[t] = mine
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[t] - 0.5 * s[B - 1 - t]


@kdsl.kernel(math="strict")
def moments(x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 1]):
    """Two values, one of which hangs on the other, and more behind the loop."""
    s, t = kdsl.shared((B,), f32), kdsl.thread_id(0)
    a, b = f32(0), f32(1)
    for i in range(t, x.shape[0], B):
        a += x[i] * y[i]
        b = kdsl.maximum(b, a)
    s[t] = a
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[(t + 1) % B] + b


@kdsl.kernel(math="strict")
def over_barriers(x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 1]):
    """A loop that goes on behind a barrier, around one that does not: both carry."""
    s, t = kdsl.shared((B,), f32), kdsl.thread_id(0)
    mine = f32(0)
    for first in range(0, x.shape[0] - B + 1, B):
        s[t] = x[first + t]
        kdsl.barrier()
        for k in range(y.shape[0] % 7):
            mine = mine * 0.5 + s[(t + k) % B]
        kdsl.barrier()
        mine += y[first + t]
    out[kdsl.global_id(0)] = mine


@kdsl.kernel(math="strict")
def in_place(x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 1]):
    """Shared elements of the thread's own, which others look at behind the loop; of no round they are what they were."""
    s, t = kdsl.shared((B,), f32), kdsl.thread_id(0)
    s[t] = y[t]
    kdsl.barrier()
    for _ in range(x.shape[0] % 5):
        s[t] += x[t]
        kdsl.barrier()
    out[kdsl.global_id(0)] = s[B - 1 - t]


@kdsl.kernel(math="strict")
def beside(x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 1]):
    """A place of the neighbour's: vectors overlap, and memory stays memory."""
    s, t = kdsl.shared((B + 1,), f32), kdsl.thread_id(0)
    s[t] = y[t]
    if t == 0:
        s[B] = 3.0
    kdsl.barrier()
    for _ in range(x.shape[0] % 5):
        v = s[t + 1] + x[t]
        kdsl.barrier()
        s[t] = v
        kdsl.barrier()
    out[kdsl.global_id(0)] = s[t]


@kdsl.kernel(math="strict")
def under_a_guard(x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 1]):
    s, t = kdsl.shared((B,), f32), kdsl.thread_id(0)
    s[t] = y[t]
    kdsl.barrier()
    for k in range(x.shape[0] % 6):
        if k != 2:
            s[t] += x[t]
        kdsl.barrier()
    out[kdsl.global_id(0)] = s[B - 1 - t]


@kdsl.kernel(math="strict")
def wide(x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 1]):
    """Values of 64 bits, which take twice the registers, and counts."""
    s, t = kdsl.shared((B,), f32), kdsl.thread_id(0)
    a, n = f64(0), i32(0)
    for i in range(t, x.shape[0], B):
        a += f64(x[i]) * f64(y[i])
        n += 1 if x[i] > y[i] else 0
    s[t] = f32(a)
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[B - 1 - t] + f32(n)


KERNELS = [dot, moments, over_barriers, in_place, beside, under_a_guard, wide]


def _block(kernel: kdsl.Kernel, arch: str) -> Function:
    return lower(in_blocks_of(kernel.ir(*declared_signature(kernel, None, {})), (B, 1, 1)), CPU_TARGETS[arch])


def _carries(f: Function) -> int:
    """The most vectors that a loop carries."""
    loops = [op for op in walk(f.body) if op.defn is scf.FOR]
    return max([sum(isinstance(r.type, T.TileType) for r in op.results) for op in loops], default=0)


def _in_loops(f: Function) -> bool:
    """Whether a loop stores to memory of the block's own."""
    return any(
        inner.defn in (memory.STORE, tile.STORE) and inner.operands[0].type.space in (T.Space.SLOTS, T.Space.SHARED)
        for op in walk(f.body) if op.defn is scf.FOR for inner in walk(op.regions[0])
    )  # fmt: skip


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 95, 200, 1000, 1003])
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_results_are_the_interpreters(arch: str, kernel: kdsl.Kernel, size: int, monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(size)
    room = max(size, B)  # some kernels look at a thread's element
    x, y = [rng.standard_normal(room).astype(np.float32)[:room] for _ in range(2)]
    if kernel in (dot, moments, wide, over_barriers):
        x, y = x[:size], y[:size]
    got, want = np.zeros(3 * B, np.float32), np.zeros(3 * B, np.float32)
    interpret(kernel.ir(*declared_signature(kernel, None, {})), [x, y, want], grid=(3, 1, 1), block=(B, 1, 1))
    launch_on(arch, monkeypatch, kernel)
    kernel[3, B](x, y, got)
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(
    ("kernel", "arch", "vectors"),
    [(dot, "x86-64-v3", 4), (dot, "x86-64-v4", 2), (moments, "x86-64-v3", 8), (moments, "x86-64-v4", 4)],
)
def test_loops_carry_what_registers_hold(kernel: kdsl.Kernel, arch: str, vectors: int):
    f = _block(kernel, arch)
    assert _carries(f) == vectors


@pytest.mark.parametrize("kernel", [beside, under_a_guard])
def test_what_is_not_at_a_known_place_by_itself_stays_in_memory(kernel: kdsl.Kernel):
    assert _in_loops(_block(kernel, "x86-64-v3"))
