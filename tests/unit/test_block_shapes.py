"""Code made for blocks of one shape: the same results as the interpreter's for every shape and target, and what it is for in
the code: several vectors side by side, shared memory on the stack, loops that threads share out in step.
"""

from __future__ import annotations

import re
from math import prod

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, u8, u32
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.diagnostics import DeviceError
from kdsl.ir.core import Function, walk
from kdsl.runtime.cpu.schedule import scratch_bytes
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

V4 = CPU_TARGETS["x86-64-v4"]


@kdsl.kernel
def product(a: Array[f32, 2], b: Array[f32, 2], c: Array[f32, 2]):
    sa = kdsl.shared((16, 16), f32)
    sb = kdsl.shared((16, 16), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    col, row = kdsl.global_id(0), kdsl.global_id(1)
    acc = f32(0)
    for t in range(a.shape[1] // 16):
        sa[ty, tx] = a[row, t * 16 + tx]
        sb[ty, tx] = b[t * 16 + ty, col]
        kdsl.barrier()
        for k in range(16):
            acc += sa[ty, k] * sb[k, tx]
        kdsl.barrier()
    c[row, col] = acc


@kdsl.kernel
def rows(x: Array[i32, 1], out: Array[i32, 1]):
    """Values that live across barriers, a branch of the block, one of a row, one of lanes, a loop of the block with one inside."""
    s = kdsl.shared(512, i32)
    tx, ty, tz = kdsl.thread_id(0), kdsl.thread_id(1), kdsl.thread_id(2)
    nx, ny, nz = kdsl.block_dim(0), kdsl.block_dim(1), kdsl.block_dim(2)
    t = (tz * ny + ty) * nx + tx
    n = nx * ny * nz
    mine = x[kdsl.block_id(0) * n + t]
    s[t] = mine
    kdsl.barrier()
    kept = mine
    for k in range(4):
        left = s[(t + 1) % n]
        if k % 2 == 0:
            kept += left * (k + 1)
        else:
            for j in range(k):
                kept += s[(t + j) % n] * x[j]
        kdsl.barrier()
        s[t] = kept
        if ty > 0:
            kept -= ty
        if tx % 3 == 1:
            kept += 7 * k
        kdsl.barrier()
    if tx < 3:
        s[t] += 5
    kdsl.barrier()
    if tx == 0:
        s[t] += 11
    kdsl.barrier()
    out[kdsl.block_id(0) * n + t] = kept + s[n - 1 - t]


@kdsl.kernel
def shared_out(x: Array[i32, 1], out: Array[i32, 1], n: i32):
    """Loops over what is more than the block has threads, in every form of counter; ends that leave some threads out."""
    s = kdsl.shared(256, i32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    t = ty * kdsl.block_dim(0) + tx
    size = kdsl.block_dim(0) * kdsl.block_dim(1)
    for k in range(t, 256, size):
        s[k] = x[k] * 3
    kdsl.barrier()
    total = i32(0)
    last = i32(-1)
    for k in range(kdsl.global_id(0), n, kdsl.block_dim(0) * kdsl.grid_dim(0)):
        total += x[k] + ty
        last = i32(k)
    for k in range(2 * tx + 1, n, 3):
        total += s[k % 256]
    for step in range(2):
        for k in range(t + 4, 200, 64):
            total += x[k] * (step + 1)
    kdsl.atomic_add(out[t], total)
    kdsl.atomic_max(out[256 + t], last)


@kdsl.kernel
def counts(x: Array[u8, 1], h: Array[u32, 1]):
    bins = kdsl.shared(256, u32)
    t = kdsl.thread_id(0)
    for k in range(t, 256, kdsl.block_dim(0)):
        bins[k] = 0
    kdsl.barrier()
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.block_dim(0) * kdsl.grid_dim(0)):
        kdsl.atomic_add(bins[x[i]], 1)
    kdsl.barrier()
    for k in range(t, 256, kdsl.block_dim(0)):
        kdsl.atomic_add(h[k], bins[k])


@kdsl.kernel
def halves(x: Array[f32, 1], out: Array[f32, 1]):
    s = kdsl.shared(256, f32)
    t = kdsl.thread_id(0)
    s[t] = x[kdsl.global_id(0)]
    kdsl.barrier()
    d = kdsl.block_dim(0) // 2
    while d > 0:
        if t < d:
            s[t] += s[t + d]
        kdsl.barrier()
        d //= 2
    if t == 0:
        out[kdsl.block_id(0)] = s[0]


@kdsl.kernel
def large(x: Array[f32, 1], out: Array[f32, 1]):
    """More shared memory than may lie on the stack."""
    s = kdsl.shared(20000, f32)
    t = kdsl.thread_id(0)
    s[t * 19] = x[t]
    kdsl.barrier()
    out[t] = s[(kdsl.block_dim(0) - 1 - t) * 19]


def both(kernel, grid, block, make) -> None:
    wanted, found = make(), make()
    kernel.interpret[grid, block](*wanted)
    kernel[grid, block](*found)
    for a, b in zip(wanted, found, strict=True):
        if isinstance(a, np.ndarray):
            assert np.allclose(a, b, rtol=1e-5) if a.dtype.kind == "f" else np.array_equal(a, b)


@pytest.fixture(params=RUNNABLE)
def target(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    launch_on(request.param, monkeypatch, product, rows, shared_out, counts, halves, large)
    return request.param


def test_a_tiled_product(target: str) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random((32, 48), np.float32), rng.random((48, 32), np.float32)
    both(product, (2, 2), (16, 16), lambda: (a, b, np.zeros((32, 32), np.float32)))


@pytest.mark.parametrize("block", [(16, 16), (5, 4, 2), (20, 3), (1, 7), (8, 8), (256,)], ids=str)
def test_blocks_of_every_shape(target: str, block: tuple[int, ...]) -> None:
    n = 3 * prod(block)
    x = np.random.default_rng(2).integers(-9, 9, n + 8, dtype=np.int32)
    both(rows, 3, block, lambda: (x, np.zeros(n, np.int32)))


@pytest.mark.parametrize("block", [(64,), (16, 8), (7,)], ids=str)
def test_loops_that_threads_share_out(target: str, block: tuple[int, ...]) -> None:
    x = np.random.default_rng(3).integers(-99, 99, 300, dtype=np.int32)
    for n in (0, 1, 37, 256, 300):
        both(shared_out, 2, block, lambda n=n: (x, np.zeros(512, np.int32), n))


@pytest.mark.parametrize("block", [100, 256])
def test_counts(target: str, block: int) -> None:
    for n in (0, 5, 1000, 4096):
        x = np.random.default_rng(4).integers(0, 256, n, dtype=np.uint8)
        both(counts, 3, block, lambda x=x: (x, np.zeros(256, np.uint32)))


@pytest.mark.parametrize("block", [1, 32, 256])
def test_halves(target: str, block: int) -> None:
    x = np.arange(3 * block, dtype=np.float32)
    both(halves, 3, block, lambda: (x, np.zeros(3, np.float32)))


def test_more_than_fits_the_stack(target: str) -> None:
    x = np.arange(1000, dtype=np.float32)
    both(large, 1, 1000, lambda: (x, np.zeros(1000, np.float32)))


def test_launches_of_one_kernel_with_many_shapes() -> None:
    """Beyond a number of shapes all share one code; a block that is cut off does from the start."""
    for n in range(1, 40):
        x, out = np.arange(n, dtype=np.float32), np.zeros(1, np.float32)
        halves[1, n](x, out)
        assert out[0] == x[: 1 << (n.bit_length() - 1)].sum() if n & (n - 1) == 0 else True
    x = np.arange(100, dtype=np.int32)
    wanted, found = np.zeros(100, np.int32), np.zeros(100, np.int32)
    cut.interpret.over(100, 64)(x, wanted)
    cut.over(100, 64)(x, found)
    assert np.array_equal(wanted, found)


@kdsl.kernel
def cut(x: Array[i32, 1], out: Array[i32, 1]):
    s = kdsl.shared(64, i32)
    t = kdsl.thread_id(0)
    s[t] = x[kdsl.global_id(0)]
    kdsl.barrier()
    out[kdsl.global_id(0)] = s[t ^ 1] if (t ^ 1) < 36 else s[t]


def test_code_for_one_shape_refuses_another() -> None:
    x, out = np.ones(32, np.float32), np.zeros(1, np.float32)
    halves._specialisations.clear()
    halves._fast.clear()
    halves[1, 32](x, out)
    launcher = next(v for k, v in next(iter(halves._specialisations.values())).launchers.items() if k[1].block == (32, 1, 1))
    with pytest.raises(DeviceError, match="full blocks"):
        launcher((x, out), (1, 1, 1, 16, 1, 1, 16, 1, 1))


# --- what it became ---


def lowered(kernel, block: tuple[int, int, int]) -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), V4, block=block)


def names(f: Function) -> list[str]:
    return [op.defn.name for op in walk(f.body)]


def test_a_tiled_product_is_one_block_of_registers() -> None:
    """16 sums stay in registers over all tiles: 16 multiply-adds that read one row of the second tile once."""
    text = assembly(lowered(product, (16, 16, 1)), V4)
    fused = [line for line in text.splitlines() if "vfmadd" in line]
    assert len(fused) == 16
    assert all("{1to16}" in line for line in fused)
    assert "gather" not in text
    inner = text[text.index("vfmadd") : text.rindex("vfmadd")]
    assert not re.search(r"vmov[ua]ps\s+%zmm\d+, \d*\(%rsp", inner)  # nothing is put away between them


def test_rows_that_are_short_get_short_vectors() -> None:
    assert lowered(rows, (8, 8, 1)).attributes["width"] == 8
    assert lowered(rows, (16, 4, 1)).attributes["width"] == 16


def test_shared_memory_and_slots_need_no_scratch_memory() -> None:
    from kdsl.codegen.cpu import compile_cpu

    entry = compile_cpu(lowered(rows, (16, 4, 1)), V4).entry
    assert scratch_bytes(entry, (1, 1, 1, 16, 4, 1, 16, 4, 1)) == 0
    assert entry.block == (16, 4, 1)


def test_only_the_threads_that_take_part_are_visited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No branch asks each vector of a reduction whether its threads are among the first d: not in straight code, nor in a loop."""
    text = str(lowered(halves, (256, 1, 1)))
    assert "scf.while" not in text and "tile.any" not in text
    monkeypatch.setattr("kdsl.ir.passes.opt_stages._MOST_OPS", 0)
    text = str(lowered(halves, (256, 1, 1)))
    loop = text[text.index("scf.while") :]
    assert "tile.any" not in loop
    assert "arith.minimum" in loop


def test_threads_that_share_out_a_loop_go_in_step() -> None:
    """One loop for the block around the loop over its vectors, which asks for later elements, and counts bytes one by one."""
    f = lowered(counts, (256, 1, 1))
    assert "memory.prefetch" in names(f)
    text = assembly(f, V4)
    assert "prefetch" in text
    # Each byte of a round goes to a table by itself, the next one to another of those that blocks have in common.
    tables = max((re.findall(r"incl\s+(\d+)\(%r\w+,%r\w+", part) for part in text.split("\n.LBB")), key=len)
    assert len(tables) == 16 and len(set(tables)) == 8
    assert not re.search("vpmovzxbq|gather|scatter", text)
