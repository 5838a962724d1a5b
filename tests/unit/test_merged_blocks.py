"""Blocks that walk an array with the stride of the grid run side by side: the same results, one long run of memory per trip."""

from __future__ import annotations

import numpy as np
import pytest
from cpu_launch import pack_args

import kdsl
from kdsl import Array, f32, i32, u8
from kdsl.codegen.cpu import compile_cpu
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.passes.vectorize.merge import MOST_LANES
from kdsl.ir.types import Space
from kdsl.runtime.cpu import executable, schedule
from kdsl.runtime.cpu.device import CpuDevice
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS, cpu_target_of_host, parse_target

BLOCK = 64


@kdsl.func
def added_up(x, block: kdsl.const):
    mine = f32(0)
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * block):
        mine += x[i]
    return mine


@kdsl.kernel
def sums(x: Array[f32, 1], out: Array[f32, 1]):
    """Every block's sum, through shared memory: which thread adds what, and in which order, shows in the bits."""
    partial = kdsl.shared((BLOCK,), f32)
    t = kdsl.thread_id(0)
    partial[t] = added_up(x, BLOCK)
    kdsl.barrier()
    width = kdsl.index(BLOCK // 2)
    while width > 0:
        if t < width:
            partial[t] += partial[t + width]
        kdsl.barrier()
        width //= 2
    if t == 0:
        out[kdsl.block_id(0)] = partial[0]


WIDE = 256


@kdsl.kernel
def wide_sums(x: Array[f32, 1], out: Array[f32, 1]):
    """Merged, these take more memory than a worker has on its stack."""
    partial = kdsl.shared((WIDE,), f32)
    t = kdsl.thread_id(0)
    partial[t] = added_up(x, WIDE)
    kdsl.barrier()
    out[kdsl.global_id(0)] = partial[WIDE - 1 - t]


@kdsl.kernel
def dots(x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 1]):
    mine = f32(0)
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        mine += x[i] * y[i]
    out[kdsl.global_id(0)] = mine


@kdsl.kernel
def tables(x: Array[u8, 1], out: Array[i32, 2]):
    """Every block's own counts."""
    mine = kdsl.shared((BLOCK,), i32)
    t = kdsl.thread_id(0)
    mine[t] = 0
    kdsl.barrier()
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        kdsl.atomic_add(mine[kdsl.index(x[i] & 63)], 1)
    kdsl.barrier()
    out[kdsl.block_id(0), t] = mine[t]


@kdsl.kernel
def scaled(x: Array[f32, 1], out: Array[f32, 1]):
    """No barrier, and a block that does more than the others."""
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * kdsl.block_dim(0)):
        out[i] = 2.0 * x[i]
        if kdsl.block_id(0) == 1:
            out[i] += 1.0


@kdsl.kernel
def planes(x: Array[f32, 1], out: Array[f32, 1]):
    """Blocks of two axes, which lie side by side along the third, and a step that is a number."""
    row = kdsl.shared((4, 16), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    mine = f32(0)
    for i in range(kdsl.block_id(0) * 64 + ty * 16 + tx, x.shape[0], 64 * 70):
        mine += x[i]
    row[ty, tx] = mine
    kdsl.barrier()
    out[kdsl.block_id(0) * 64 + ty * 16 + tx] = row[3 - ty, 15 - tx]


@kdsl.kernel
def far(x: Array[f32, 1], out: Array[f32, 1]):
    """A step so large that a few of them wrap."""
    mine = f32(0)
    for i in range(kdsl.global_id(0), x.shape[0], 1 << 61):
        mine += x[i] + 1.0
    kdsl.barrier()
    if kdsl.global_id(0) < out.shape[0]:
        out[kdsl.global_id(0)] = mine


@kdsl.kernel
def apart(x: Array[f32, 1], out: Array[f32, 1]):
    """A barrier that only some blocks come to: these run one by one."""
    last = kdsl.shared((BLOCK,), f32)
    t = kdsl.thread_id(0)
    mine = f32(0)
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        mine += x[i]
    last[t] = mine
    if kdsl.block_id(0) % 2 == 0:
        kdsl.barrier()
        mine += last[BLOCK - 1 - t]
    out[kdsl.global_id(0)] = mine


@kdsl.kernel(math="strict")
def subgroups(x: Array[f32, 1], out: Array[f32, 1]):
    """Subgroups of a block stay what they are; some threads come to an atomic."""
    mine = f32(0)
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        mine += x[i]
    kept = kdsl.shared((BLOCK,), f32)
    t = kdsl.thread_id(0)
    kept[t] = 0.0
    kdsl.barrier()
    before = kdsl.subgroup_inclusive_sum(mine)
    total = kdsl.subgroup_sum(mine)
    if kdsl.lane_id() == 0:
        kdsl.atomic_add(kept[t], total)
    kdsl.barrier()
    out[kdsl.global_id(0)] = before + kept[0] + kdsl.shuffle_xor(mine, 1)


@kdsl.kernel(math="strict")
def parted(x: Array[f32, 1], out: Array[f32, 1]):
    """Some blocks' subgroups add, others' do not: these run one by one."""
    mine = f32(0)
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        mine += x[i]
    if kdsl.block_id(0) % 2 == 0:
        mine = kdsl.subgroup_sum(mine)
    out[kdsl.global_id(0)] = mine


@kdsl.kernel
def waiting(x: Array[f32, 1], flags: Array[i32, 1]):
    """Each block waits for the one before: it must have ended."""
    t = kdsl.thread_id(0)
    total = f32(0)
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        total += x[i]
    kdsl.barrier()
    b = kdsl.block_id(0)
    while b > 0 and kdsl.atomic_add(flags[b - 1], 0) == 0:
        total += 1.0
    kdsl.barrier()
    if t == 0:
        kdsl.atomic_add(flags[b], 1 + i32(total) * 0)


def _lowered(kernel, target: str, block: tuple[int, int, int] = (BLOCK, 1, 1)):
    types, values = declared_signature(kernel, None, {})
    return lower(kernel.ir(types, values), CPU_TARGETS[target], block=block)


@pytest.mark.parametrize("n", [0, 1, 63, 64 * 7, 5000, 40_011])
@pytest.mark.parametrize("grid", [1, 2, 7, 32, 70])
def test_as_interpreted(grid: int, n: int) -> None:
    x = np.random.default_rng(n).random(n, np.float32)
    for kernel, block, given, shape, dtype in (
        (sums, BLOCK, x, (grid,), np.float32),
        (tables, BLOCK, (x * 64).astype(np.uint8), (grid, BLOCK), np.int32),
        (scaled, BLOCK, x, (n,), np.float32),
        (planes, (16, 4), x, (grid * 64,), np.float32),
        (far, BLOCK, x, (grid * BLOCK,), np.float32),
        (apart, BLOCK, x, (grid * BLOCK,), np.float32),
    ):
        got, want = np.zeros(shape, dtype), np.zeros(shape, dtype)
        kernel[grid, block](given, got)
        kernel.interpret[grid, block](given, want)
        assert np.array_equal(got, want), kernel.name


@pytest.mark.parametrize("target", CPU_TARGETS)
def test_what_runs_together(target: str) -> None:
    assert "merged" in _lowered(sums, target).attributes
    assert "merged" in _lowered(tables, target).attributes
    assert _lowered(planes, target, (16, 4, 1)).attributes["merged"][0] == 2
    assert "merged" in _lowered(subgroups, target).attributes
    for kernel in (apart, waiting, parted):
        assert "merged" not in _lowered(kernel, target).attributes


@pytest.mark.parametrize("n", [0, 63, 64 * 7, 5000])
@pytest.mark.parametrize("grid", [1, 7, 70])
def test_subgroups_as_interpreted(grid: int, n: int) -> None:
    x = np.random.default_rng(n).random(n, np.float32)
    for kernel in (subgroups, parted):
        got, want = np.zeros(grid * BLOCK, np.float32), np.zeros(grid * BLOCK, np.float32)
        kernel[grid, BLOCK](x, got)
        f = kernel.ir(*declared_signature(kernel, None, {}))
        interpret(f, (x, want), (grid, 1, 1), (BLOCK, 1, 1), subgroup_size=parse_target(None).lanes)
        assert np.array_equal(got, want), kernel.name


def test_subgroups_of_several_rows_stay_in_their_block() -> None:
    assert max([target.lanes for target in CPU_TARGETS.values()]) <= MOST_LANES
    assert "merged" not in _lowered(subgroups, "x86-64-v3", (8, 8, 1)).attributes


@pytest.mark.parametrize("target", CPU_TARGETS)
def test_what_a_loop_carries_is_read_once_for_several_trips(target: str) -> None:
    """Four, or eight of one array, where the second cache has room for what the next eight read."""

    def most(kernel) -> int:
        f = _lowered(kernel, target)
        bodies = [region.ops for op in walk(f.body) for region in op.regions]
        loads = [[op for op in ops if op.name == "tile.load" and op.operands[0] is f.params[0]] for ops in bodies]
        kept = [[op for op in ops if op.name == "tile.load" and op.operands[0].type.space is Space.SLOTS] for ops in bodies]
        return max([len(a) // len(b) for a, b in zip(loads, kept, strict=True) if a and b], default=0)

    has_room = target.startswith("x86-64-v4")
    assert most(sums) == (8 if has_room else 4)
    assert most(dots) == 2
    assert most(far) <= 1
    asked = [op.attributes["near"] for op in walk(_lowered(sums, target).body) if op.name == "memory.prefetch"]
    assert asked.count(False) == (8 if has_room else 0)
    tells = [op for op in walk(_lowered(sums, target).body) if op.name == "simt.looks_ahead"]
    assert len(tells) == has_room == compile_cpu(_lowered(sums, target), CPU_TARGETS[target]).entry.asks


@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize("kernel", [sums, wide_sums], ids=lambda k: k.name)
def test_launches_find_out_whether_asking_ahead_pays(kernel, ahead: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With memory of the launch's or without; the sums are the same either way, and what is known is tried no more. Code that does
    not ask is not tried."""
    clock, ways = [0], list[bool]()
    run, run_with_memory = executable._run, executable.CpuExecutable._launch_with_memory

    def goes(plan) -> None:
        ways.append(plan.streams)
        clock[0] += 10 if plan.streams is ahead else 15

    def goes_alone(loaded, plan, arguments: bytes, record: bytes) -> None:
        goes(plan)
        run(loaded, plan, arguments, record)

    def goes_with_memory(self, loaded, plan, arguments: bytes, geometry) -> None:
        goes(plan)
        run_with_memory(self, loaded, plan, arguments, geometry)

    monkeypatch.setattr(executable, "_run", goes_alone)
    monkeypatch.setattr(executable.CpuExecutable, "_launch_with_memory", goes_with_memory)
    monkeypatch.setattr(executable.time, "perf_counter_ns", lambda: clock[0])
    monkeypatch.setattr(executable.threads, "is_postponed", lambda: False)
    monkeypatch.setattr(schedule, "INLINE_NS", 0.0)
    target, x = cpu_target_of_host(), np.random.default_rng(3).random(300_000, np.float32)
    block = WIDE if kernel is wide_sums else BLOCK
    artifact = compile_cpu(_lowered(kernel, target.arch, (block, 1, 1)), target)
    assert bool(artifact.entry.shared_bytes or artifact.entry.thread_bytes) == (kernel is wide_sums)
    loaded, geometry = executable.CpuExecutable(CpuDevice(), artifact), (20, 1, 1, block, 1, 1, 20 * block, 1, 1)
    found = list[bytes]()
    for _ in range(120):
        out = np.zeros(20 * block, np.float32)
        loaded.launch(artifact.entry, pack_args(artifact, [x, out]), geometry)
        found.append(out.tobytes())
    asks = target.vector_bytes == 64
    assert len(set(found)) == 1 and any(found[0])
    assert ways[-50:] == [ahead and asks] * 50 and len(set(ways)) == 1 + asks


def test_a_block_may_wait_for_the_one_before() -> None:
    flags = np.zeros(20, np.int32)
    waiting[20, BLOCK](np.ones(5000, np.float32), flags)
    assert (flags == 1).all()


@pytest.mark.parametrize("target", CPU_TARGETS)
def test_the_memory_of_merged_blocks_fits_what_a_launch_gives(target: str) -> None:
    """Where it lies in scratch memory, the entry says how much a thread of the launch takes."""
    f = _lowered(sums, target)
    entry = compile_cpu(f, CPU_TARGETS[target]).entry
    shared = [op.results[0].type.shape for op in walk(f.body) if op.name == "memory.alloc" and op.results[0].type.shape]
    assert shared == [(f.attributes["merged"][1], BLOCK)] and entry.block == (BLOCK, 1, 1)
    assert entry.shared_bytes == 0 and entry.thread_bytes == 0
