"""Accesses outside an array: each kernel has one, on the line that ends in `# planted`.

`BUGS` has per kernel its launch, its arguments, and what the report must say: array, axis, index, extent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from conformance.cases import Where, blocks, over

import kdsl
from kdsl import Array, f32, i32, u8, vec


class Bug(NamedTuple):
    """A kernel, how it is launched, and the report it must give."""

    kernel: Any
    where: Where
    args: tuple[Any, ...]
    array: str
    axis: int
    index: int
    extent: int
    same_thread: bool = True  # False: the interpreter stops at the first fault in time, a debug build at the lowest thread


BUGS: list[Bug] = []


def planted(where: Where, *args: Any, array: str, axis: int = 0, index: int, extent: int, same_thread: bool = True):
    """Decorates a kernel: what is wrong with it when it is launched so."""

    def add(kernel: Any) -> Any:
        BUGS.append(Bug(kernel, where, args, array, axis, index, extent, same_thread))
        return kernel

    return add


def i4(*shape: int) -> np.ndarray:
    return np.arange(int(np.prod(shape)), dtype="i4").reshape(shape)


def f4(*shape: int) -> np.ndarray:
    return i4(*shape).astype("f4")


# --- reads ---


@planted(over(11), i4(10), i4(11), array="x", index=10, extent=10)
@kdsl.kernel
def read_behind_the_end(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i] = x[i]  # planted


@planted(over(10), i4(10), i4(10), array="x", index=10, extent=10)
@kdsl.kernel
def off_by_one_neighbour(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    left = x[i - 1] if i > 0 else 0
    out[i] = x[i + 1] - left  # planted


@planted(over(10), i4(10), i4(10), array="x", index=-1, extent=10)
@kdsl.kernel
def negative_index(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i] = x[i - 1]  # planted


@planted(over(9), i4(9), i4(9), array="x", index=9, extent=9)
@kdsl.kernel
def loop_goes_too_far(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    total = i32(0)
    for k in range(x.shape[0] + 1):
        total += x[k]  # planted
    out[i] = total


@planted(over(7), i4(7), i4(7), array="x", index=-1, extent=7)
@kdsl.kernel
def downward_loop_goes_too_far(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    total = i32(0)
    for k in range(i, -2, -1):
        total += x[k]  # planted
    out[i] = total


@planted(over(40), np.array([3] * 40, "i4"), i4(40), i4(40), array="table", index=43, extent=40)
@kdsl.kernel
def through_a_table(step: Array[i32, 1], table: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    k = i + step[i] + 3 * step[i] // 9
    if k <= 42:
        out[i] = 0
    else:
        out[i] = table[k]  # planted


@planted(over(20), i4(20), i4(20), array="x", index=20, extent=20, same_thread=False)
@kdsl.kernel
def while_after_break(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    k = i
    while True:
        # A debug build goes on after the fault with a 0, so the loop has an end of its own.
        if k > 25 or x[k] > 100:  # planted
            break
        k += 1
    out[i] = i32(k)


@planted(over(20), i4(20), i4(20), array="x", index=27, extent=20)
@kdsl.kernel
def behind_a_break(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    k = kdsl.index(0)
    while k < 100:
        if k * 3 > 80:
            break
        k += 1
    if i == 7:
        out[i] = x[k]  # planted


@planted(over(12), i4(12), i4(12), array="x", index=1000, extent=12)
@kdsl.kernel
def far_away(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    if i == 5:
        out[i] = x[i * 200]  # planted


@planted(over(12), f4(0), f4(12), array="x", index=0, extent=0)
@kdsl.kernel
def empty_array(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[i] = x[0]  # planted


# --- writes ---


@planted(blocks(3, 32), i4(90), array="out", index=90, extent=90)
@kdsl.kernel
def tail_block(out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i] = i32(i)  # planted


@planted(over(8), i4(8), i4(8), array="out", index=8, extent=8)
@kdsl.kernel
def reversed_write(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[out.shape[0] - i] = x[i]  # planted


@planted(over(10), i4(15), array="out", index=16, extent=15)
@kdsl.kernel
def strided_write(out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i * 2] = 1  # planted


@planted(over(100, 64), i4(100), i4(10), array="bins", index=10, extent=10)
@kdsl.kernel
def wrong_guard(x: Array[i32, 1], bins: Array[i32, 1]):
    i = kdsl.global_id(0)
    if x[i] <= bins.shape[0]:
        bins[x[i]] = 1  # planted


@planted(over(16), i4(4, 5)[:, ::2], array="out", index=3, axis=1, extent=3)
@kdsl.kernel
def strided_view(out: Array[i32, 2]):
    i = kdsl.global_id(0)
    out[i // 4, i % 4] = 7  # planted


@planted(over(20), i4(20), array="out", index=19 * 19, extent=20)
@kdsl.kernel
def augmented(out: Array[i32, 1]):
    i = kdsl.global_id(0)
    if i == 19:
        out[i * i] += 1  # planted


# --- axes ---


@planted(over((5, 4)), i4(4, 5), i4(4, 5), array="x", axis=0, index=4, extent=4)
@kdsl.kernel
def swapped_axes(x: Array[i32, 2], out: Array[i32, 2]):
    a, b = kdsl.global_id(0), kdsl.global_id(1)
    out[b, a] = x[a, b]  # planted


@planted(over((6, 4)), i4(4, 6), i4(4, 6), array="x", axis=1, index=6, extent=6)
@kdsl.kernel
def right_neighbour(x: Array[i32, 2], out: Array[i32, 2]):
    a, b = kdsl.global_id(0), kdsl.global_id(1)
    out[b, a] = x[b, a + 1]  # planted


@planted(over((3, 4, 2), (2, 2, 2)), i4(2, 4, 3), array="x", axis=0, index=-1, extent=2)
@kdsl.kernel
def three_axes_first(x: Array[i32, 3]):
    a, b, c = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    if a == 1:
        x[c - 1, b, a] = 5  # planted


@planted(over((3, 4, 2), (2, 2, 2)), i4(2, 4, 3), array="x", axis=1, index=4, extent=4)
@kdsl.kernel
def three_axes_middle(x: Array[i32, 3]):
    a, b, c = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    if a == 2:
        x[c, b + 2 * c, a] = 5  # planted


@planted(over((3, 4, 2), (2, 2, 2)), i4(2, 4, 3), array="x", axis=2, index=3, extent=3)
@kdsl.kernel
def three_axes_last(x: Array[i32, 3]):
    a, b, c = kdsl.global_id(0), kdsl.global_id(1), kdsl.global_id(2)
    if b == 3:
        x[c, b, a + c] = 5  # planted


# --- shared and local memory ---


@planted(blocks(2, 32), i4(64), array="near", index=32, extent=32)
@kdsl.kernel
def halo_forgotten(out: Array[i32, 1]):
    near = kdsl.shared((32,), i32)
    t = kdsl.thread_id(0)
    near[t] = i32(t)
    kdsl.barrier()
    out[kdsl.global_id(0)] = near[t + 1]  # planted


@planted(blocks(1, 40), i4(40), array="near", index=32, extent=32)
@kdsl.kernel
def block_larger_than_shared(out: Array[i32, 1]):
    near = kdsl.shared((32,), i32)
    t = kdsl.thread_id(0)
    near[t] = i32(t)  # planted
    kdsl.barrier()
    out[kdsl.global_id(0)] = near[t % 32]


@planted(blocks(1, (4, 8)), i4(8, 4), array="tile", axis=1, index=4, extent=4)
@kdsl.kernel
def shared_of_two_axes(out: Array[i32, 2]):
    tile = kdsl.shared((8, 4), i32)
    a, b = kdsl.thread_id(0), kdsl.thread_id(1)
    if b < 5:
        tile[a, b] = 1  # planted
    kdsl.barrier()
    out[b, a] = tile[a, 0]


@planted(over(9), i4(9), i4(9), array="kept", index=4, extent=4)
@kdsl.kernel
def local_array(x: Array[i32, 1], out: Array[i32, 1]):
    kept = kdsl.local((4,), i32)
    i = kdsl.global_id(0)
    for k in range(4):
        kept[k] = x[i]
    out[i] = kept[x[i] % 5]  # planted


@planted(blocks(2, 16), i4(32), array="kept", index=-1, extent=3)
@kdsl.kernel
def local_array_across_a_barrier(out: Array[i32, 1]):
    kept = kdsl.local((3,), i32)
    t = kdsl.thread_id(0)
    for k in range(3):
        kept[k] = i32(t)
    kdsl.barrier()
    kept[t % 4 - 1] = 9  # planted
    kdsl.barrier()
    out[kdsl.global_id(0)] = kept[0]


# --- functions, fields, atomics ---


@kdsl.func
def pick(values, k):
    if k < 3:
        return values[0]
    return values[k * 2]  # planted


@planted(over(12), i4(12), i4(12), array="x", index=12, extent=12)
@kdsl.kernel
def in_a_function(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i] = pick(x, i)


@kdsl.func
def deep(values, k):
    total = i32(0)
    for j in range(3):
        total += deeper(values, k + j)
    return total


@kdsl.func
def deeper(values, k):
    return values[k]  # planted


@planted(over(12), i4(12), i4(12), array="x", index=12, extent=12, same_thread=False)
@kdsl.kernel
def in_a_function_of_a_function(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i] = deep(x, i)


@kdsl.struct
@dataclass
class Particle:
    place: vec(f32, 3)
    kind: u8


PARTICLE = np.dtype([("place", "f4", 3), ("kind", "u1")], align=True)


@planted(over(10), np.zeros(9, PARTICLE), f4(10), array="particles", index=9, extent=9)
@kdsl.kernel
def field_read(particles: Array[Particle, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[i] = particles[i].place.y  # planted


@planted(over(10), np.zeros(9, PARTICLE), array="particles", index=9, extent=9)
@kdsl.kernel
def field_write(particles: Array[Particle, 1]):
    i = kdsl.global_id(0)
    particles[i].kind = 3  # planted


@planted(over(6), np.zeros((5, 2), "f4"), array="points", index=-2, extent=5)
@kdsl.kernel
def component_write(points: Array[vec(f32, 2), 1]):
    i = kdsl.global_id(0)
    points[i - 2].x = 3.0  # planted


@planted(over(33), i4(33), i4(8), array="bins", index=8, extent=8)
@kdsl.kernel
def atomic_bins(x: Array[i32, 1], bins: Array[i32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_add(bins[x[i] // 4], 1)  # planted


@planted(blocks(2, 32), i4(1), array="count", index=1, extent=1)
@kdsl.kernel
def atomic_per_block(count: Array[i32, 1]):
    if kdsl.thread_id(0) == 3:
        old = kdsl.atomic_max(count[kdsl.block_id(0)], 4)  # planted


@planted(over(20), i4(20), i4(20), array="x", index=20, extent=20)
@kdsl.kernel
def second_operand_of_and(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    if i >= 0 and x[i + 1] > 3:  # planted
        out[i] = 1


@planted(over(30), i4(30), i4(30), array="x", index=30, extent=30)
@kdsl.kernel
def four_deep_inside(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    total = i32(0)
    for a in range(2):
        if i > 10:
            k = kdsl.index(0)
            while k < 2:
                k += 1
                if x[i] == 28:
                    total += x[i + k]  # planted
                    if total > 10000:
                        return
    out[i] = total
