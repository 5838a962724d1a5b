"""Windows that blocks bring anew in each turn of a loop, as those that march through a volume with a plane in shared memory: what
became of them, and that they are as interpreted, overlapping or not. And loops in which shared memory is something else."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.ir.interpreter import interpret
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS, parse_target

BLOCK = (8, 4)


@kdsl.kernel
def inside_only(a: Array[f32, 3], o: Array[f32, 3]):
    """Threads of the inside bring a plane and its halo; the planes below and above are kept from turn to turn."""
    t, u = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.block_id(0) * 8 + t + 1, kdsl.block_id(1) * 4 + u + 1
    s = kdsl.shared((6, 10), f32)
    nz, ny, nx = a.shape[0], a.shape[1], a.shape[2]
    inside = x < nx - 1 and y < ny - 1
    below, here, above = f32(0.0), f32(0.0), f32(0.0)
    if inside:
        below, here = a[0, y, x], a[1, y, x]
    for z in range(1, nz - 1):
        if inside:
            above = a[z + 1, y, x]
        kdsl.barrier()
        if inside:
            s[u + 1, t + 1] = here
            if t == 0:
                s[u + 1, 0] = a[z, y, x - 1]
            if t == 7 or x == nx - 2:
                s[u + 1, t + 2] = a[z, y, x + 1]
            if u == 0:
                s[0, t + 1] = a[z, y - 1, x]
            if u == 3 or y == ny - 2:
                s[u + 2, t + 1] = a[z, y + 1, x]
        kdsl.barrier()
        if inside:
            o[z, y, x] = s[u + 1, t] + 2.0 * s[u + 1, t + 2] + 3.0 * s[u, t + 1] + 5.0 * s[u + 2, t + 1] + below + above - here
        below, here = here, above


@kdsl.kernel
def shifted(a: Array[f32, 3], o: Array[f32, 3]):
    """All threads keep three planes; every second one is done."""
    t, u = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = kdsl.shared((6, 10), f32)
    nz, ny, nx = a.shape[0], a.shape[1], a.shape[2]
    if x < nx and y < ny:
        here, above = a[0, y, x], a[2, y, x]
    else:
        here, above = 0.0, 0.0
    for z in range(2, nz - 2, 2):
        below = here
        here = above
        if x < nx and y < ny:
            above = a[z + 2, y, x]
            s[u + 1, t + 1] = a[z, y, x]
            if t == 0 and x > 0:
                s[u + 1, 0] = a[z, y, x - 1]
            if t == 7 and x < nx - 1:
                s[u + 1, 9] = a[z, y, x + 1]
        kdsl.barrier()
        if 0 < x < nx - 1 and y < ny:
            o[z, y, x] = s[u + 1, t] + 2.0 * s[u + 1, t + 2] + 3.0 * s[u + 1, t + 1] - below - 7.0 * above
        kdsl.barrier()


@kdsl.kernel
def sums_of_turns(a: Array[f32, 3], o: Array[f32, 2]):
    """What a thread adds up itself goes on from turn to turn, and is brought at the end."""
    t, u = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = kdsl.shared((4, 9), f32)
    total = f32(0.0)
    for z in range(a.shape[0]):
        if x < a.shape[2] and y < a.shape[1]:
            s[u, t] = a[z, y, x]
            if t == 7 and x < a.shape[2] - 1:
                s[u, 8] = a[z, y, x + 1]
        kdsl.barrier()
        if x < a.shape[2] - 1 and y < a.shape[1]:
            total = total * 0.5 + s[u, t + 1] - s[u, t]
        kdsl.barrier()
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = total


@kdsl.kernel
def first_is_another(a: Array[f32, 3], o: Array[f32, 3]):
    """The first turn's plane is not the one that its counter leads to."""
    t, u = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = kdsl.shared((4, 8), f32)
    inside = x < a.shape[2] and y < a.shape[1]
    here = f32(0.0)
    if inside:
        here = a[2, y, x]
    for z in range(1, a.shape[0] - 1):
        if inside:
            s[u, t] = here
        kdsl.barrier()
        if inside and t > 0:
            o[z, y, x] = s[u, t - 1]
        kdsl.barrier()
        if inside:
            here = a[z + 1, y, x]


@kdsl.kernel
def now_and_then(a: Array[f32, 3], o: Array[f32, 3]):
    """The tile is of every second plane: a turn looks at what the one before has brought."""
    t, u = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = kdsl.shared((4, 8), f32)
    inside = x < a.shape[2] and y < a.shape[1]
    for z in range(a.shape[0]):
        if inside and z % 2 == 0:
            s[u, t] = a[z, y, x]
        kdsl.barrier()
        if inside and t > 0:
            o[z, y, x] = s[u, t - 1]
        kdsl.barrier()


@kdsl.kernel
def two_buffers(a: Array[f32, 3], o: Array[f32, 3]):
    """Where a thread stores is another place in each turn."""
    t, u = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = kdsl.shared((2, 4, 8), f32)
    inside = x < a.shape[2] and y < a.shape[1]
    for z in range(a.shape[0]):
        if inside:
            s[z % 2, u, t] = a[z, y, x]
        kdsl.barrier()
        if inside and t > 0 and z > 0:
            o[z, y, x] = s[z % 2, u, t - 1] - s[(z + 1) % 2, u, t - 1]
        kdsl.barrier()


@kdsl.kernel
def in_each_others_place(a: Array[f32, 3], o: Array[f32, 2]):
    """In each turn another thread stores an element, and the last one's is what stays."""
    t, u = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = kdsl.shared((4, 8), f32)
    inside = x < a.shape[2] and y < a.shape[1]
    for z in range(a.shape[0]):
        if inside:
            s[u, t] = a[z, y, x]
        kdsl.barrier()
        if inside and t > 0 and u == (5 * z + 2) % 4:
            o[kdsl.block_id(1), x] = s[u, t - 1]
        kdsl.barrier()


@kdsl.kernel
def seen_by_others(a: Array[f32, 3], o: Array[f32, 3]):
    """A turn looks at what its neighbour has stored in the one before."""
    t, u = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = kdsl.shared((4, 8), f32)
    inside = x < a.shape[2] and y < a.shape[1]
    for z in range(1, a.shape[0]):
        if inside:
            s[u, t] = a[z, y, x]
        kdsl.barrier()
        if inside and 0 < t:
            o[z, y, x] = s[u, t - 1] + o[z - 1, y, x - 1]
        kdsl.barrier()


@kdsl.kernel
def as_many_as_given(a: Array[f32, 3], o: Array[f32, 3], n: i32):
    """Nobody knows whether there are so many planes."""
    t, u = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = kdsl.shared((4, 8), f32)
    inside = x < a.shape[2] and y < a.shape[1]
    for z in range(n):
        if inside:
            s[u, t] = a[z, y, x]
        kdsl.barrier()
        if inside and t > 0:
            o[z, y, x] = s[u, t - 1]
        kdsl.barrier()


@kdsl.kernel
def changes_planes(a: Array[f32, 3], o: Array[f32, 3]):
    """What is kept was loaded before it was changed."""
    t, u = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = kdsl.shared((4, 8), f32)
    inside = x < a.shape[2] and y < a.shape[1]
    here = f32(0.0)
    if inside:
        here = o[0, y, x]
    for z in range(a.shape[0] - 1):
        if inside:
            s[u, t] = a[z, y, x]
        kdsl.barrier()
        if inside and t > 0:
            o[z + 1, y, x] = s[u, t - 1] + here
        kdsl.barrier()
        if inside:
            here = o[z + 1, y, x]


WINDOWS = (inside_only, shifted, sums_of_turns)
OTHERS = (first_is_another, now_and_then, two_buffers, in_each_others_place, seen_by_others, as_many_as_given)


def lowered(kernel, arch: str = "x86-64-v3"):
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch], block=(*BLOCK, 1))


def arguments(kernel, shape: tuple[int, int, int]) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(sum(shape))
    a = rng.integers(-99, 99, shape).astype(np.float32)
    flat = kernel in (sums_of_turns, in_each_others_place)
    o = np.full(shape[1:] if flat else shape, 7, np.float32)
    return (a, o, shape[0]) if kernel is as_many_as_given else (a, o)


SHAPES = [(9, 12, 24), (5, 9, 40), (12, 5, 131), (4, 4, 8), (10, 21, 67), (3, 3, 3)]


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", [*WINDOWS, *OTHERS, changes_planes], ids=lambda k: k.name)
def test_as_interpreted(kernel, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, kernel)
    for shape in SHAPES:
        grid = -(-shape[2] // 8), -(-shape[1] // 4)
        got, want = [arguments(kernel, shape) for _ in range(2)]
        kernel[grid, BLOCK](*got)
        kernel.interpret[grid, BLOCK](*want)
        np.testing.assert_array_equal(got[1], want[1])


@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_what_became_of_them(arch: str) -> None:
    for kernel in WINDOWS:
        f = lowered(kernel, arch)
        assert "neighbours" in f.attributes, kernel.name
    for kernel in OTHERS:
        assert "neighbours" not in lowered(kernel, arch).attributes, kernel.name


def test_nothing_is_kept_that_is_loaded() -> None:
    """The planes below and above are elements of the argument then, of which no copies are kept for a row of blocks."""
    f = lowered(inside_only)
    (choice,) = [op for op in f.body.ops if op.name == "scf.if"]
    loops = [op for op in walk(choice.regions[0]) if op.name == "scf.for"]
    assert loops and not any(v.type.__class__.__name__ == "TileType" for op in loops for v in op.results)
    assert not [op for op in walk(choice.regions[0]) if op.name == "tile.load" and op.operands[0].name not in ("a", "a_2")]


@pytest.mark.parametrize("kernel", WINDOWS, ids=lambda k: k.name)
@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
def test_at_block_level(kernel, arch: str) -> None:
    for shape in SHAPES[:3]:
        grid = -(-shape[2] // 8), -(-shape[1] // 4)
        got, want = [arguments(kernel, shape) for _ in range(2)]
        interpret(lowered(kernel, arch), got, (*grid, 1), (*BLOCK, 1))
        kernel.interpret[grid, BLOCK](*want)
        np.testing.assert_array_equal(got[1], want[1])


@pytest.mark.parametrize("arch", RUNNABLE)
def test_arrays_that_overlap(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks go as they are written then: with one block, that is what the interpreter does as well."""
    launch_on(arch, monkeypatch, shifted)
    start = np.random.default_rng(1).integers(-9, 9, (9, 4, 8)).astype(np.float32)
    for down in (0, 1):
        arrays = [np.concatenate([start, start]) for _ in range(2)]
        for array, launch in zip(arrays, (shifted[(1, 1), BLOCK], shifted.interpret[(1, 1), BLOCK]), strict=True):
            launch(array[:9], array[down : 9 + down])
        np.testing.assert_array_equal(*arrays)


def test_large_volumes_by_several_workers() -> None:
    rng = np.random.default_rng(4)
    a = rng.integers(-99, 99, (20, 131, 517)).astype(np.float32)
    o = np.zeros_like(a)
    inside_only[(-(-515 // 8), -(-129 // 4)), BLOCK](a, o)
    want = np.zeros_like(a)
    mid = a[1:-1, 1:-1, 1:-1]
    want[1:-1, 1:-1, 1:-1] = (a[1:-1, 1:-1, :-2] + 2 * a[1:-1, 1:-1, 2:] + 3 * a[1:-1, :-2, 1:-1] + 5 * a[1:-1, 2:, 1:-1]
                              + a[:-2, 1:-1, 1:-1] + a[2:, 1:-1, 1:-1] - mid)  # fmt: skip
    np.testing.assert_array_equal(o, want)


def test_a_launch_knows_what_a_thread_costs() -> None:
    from kdsl.codegen.cpu import compile_cpu

    entry = compile_cpu(lowered(inside_only), parse_target("x86-64-v3")).entry
    assert 1 < entry.cost < 50 and entry.rows == 1024 and not entry.flat
