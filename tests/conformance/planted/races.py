"""Data races: two threads, one element, no order. Each kernel has one; the lines at fault end in `# planted`.

`RACES` has per kernel its launch, its arguments, the array and whether the threads are of one block.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from conformance.cases import Where, blocks, over
from conformance.planted.bounds import PARTICLE, Particle, f4, i4

import kdsl
from kdsl import Array, f32, i32


class Race(NamedTuple):
    """A kernel, how it is launched, and what the report must name."""

    kernel: Any
    where: Where
    args: tuple[Any, ...]
    array: str
    same_block: bool


RACES: list[Race] = []


def planted(where: Where, *args: Any, array: str, same_block: bool = True):
    """Decorates a kernel: where its race is when it is launched so."""

    def add(kernel: Any) -> Any:
        RACES.append(Race(kernel, where, args, array, same_block))
        return kernel

    return add


@planted(over(32), i4(1), array="out")
@kdsl.kernel
def all_write_one(out: Array[i32, 1]):
    out[0] = i32(kdsl.global_id(0))  # planted


@planted(over(32), i4(1), array="out")
@kdsl.kernel
def all_write_the_same(out: Array[i32, 1]):
    i = kdsl.global_id(0)
    out[i * 0] = 7  # planted


@planted(over(32), i4(4), array="sums")
@kdsl.kernel
def sum_without_atomic(sums: Array[i32, 1]):
    i = kdsl.global_id(0)
    sums[i % 4] += 1  # planted


@planted(over(32), i4(33), array="x")
@kdsl.kernel
def shift_in_place(x: Array[i32, 1]):
    i = kdsl.global_id(0)
    x[i] = x[i + 1]  # planted


@planted(blocks(1, 32), i4(32), array="s")
@kdsl.kernel
def barrier_forgotten(out: Array[i32, 1]):
    s = kdsl.shared((32,), i32)
    t = kdsl.thread_id(0)
    s[t] = i32(t)  # planted
    out[t] = s[31 - t]  # planted


@planted(blocks(1, 32), i4(32), array="s")
@kdsl.kernel
def barrier_forgotten_at_the_end(x: Array[i32, 1]):
    s = kdsl.shared((32,), i32)
    t = kdsl.thread_id(0)
    for k in range(3):
        s[t] = x[t]  # planted
        kdsl.barrier()
        x[t] = s[31 - t]  # planted


@planted(blocks(1, 64), i4(64), array="s")
@kdsl.kernel
def reduction_without_barrier(x: Array[i32, 1]):
    s = kdsl.shared((64,), i32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    kdsl.barrier()
    width = kdsl.index(32)
    while width > 0:
        if t < width:
            s[t] += s[t + width]  # planted
        width //= 2
    x[t] = 0


@planted(blocks(1, 32), i4(32), array="s")
@kdsl.kernel
def scan_in_one_buffer(x: Array[i32, 1]):
    s = kdsl.shared((32,), i32)
    t = kdsl.thread_id(0)
    s[t] = x[t]
    kdsl.barrier()
    for k in range(5):
        step = 1 << k
        if t >= step:
            s[t] += s[t - step]  # planted
        kdsl.barrier()
    x[t] = s[t]


@planted(blocks(1, (8, 8)), i4(8, 8), array="x")
@kdsl.kernel
def transpose_in_place(x: Array[i32, 2]):
    a, b = kdsl.thread_id(0), kdsl.thread_id(1)
    x[a, b] = x[b, a]  # planted


@planted(blocks(4, 16), i4(1), array="out", same_block=False)
@kdsl.kernel
def blocks_write_one(out: Array[i32, 1]):
    if kdsl.thread_id(0) == 0:
        out[0] = i32(kdsl.block_id(0))  # planted


@planted(blocks(2, 16), i4(34), i4(32), array="x", same_block=False)
@kdsl.kernel
def halo_of_another_block(x: Array[i32, 1], out: Array[i32, 1]):
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    v = x[i + 1] if t == 15 else 0  # planted
    kdsl.barrier()
    x[i] = v  # planted
    out[i] = v


@planted(blocks(3, 8), i4(3), i4(1), array="sums", same_block=False)
@kdsl.kernel
def last_block_reads_all(sums: Array[i32, 1], total: Array[i32, 1]):
    b = kdsl.block_id(0)
    if kdsl.thread_id(0) == 0:
        sums[b] = i32(b)  # planted
        if b == 2:
            total[0] = sums[0] + sums[1]  # planted


@planted(over(16), i4(4), array="count")
@kdsl.kernel
def atomic_and_plain_write(count: Array[i32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_add(count[i % 4], 1)  # planted
    if i == 5:
        count[2] = 0  # planted


@planted(over(16), i4(4), i4(16), array="count")
@kdsl.kernel
def atomic_and_plain_read(count: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    kdsl.atomic_add(count[1], 1)  # planted
    out[i] = count[1]  # planted


@planted(over(16), np.zeros(16, PARTICLE), array="particles")
@kdsl.kernel
def field_of_a_neighbour(particles: Array[Particle, 1]):
    i = kdsl.global_id(0)
    particles[i].place.x = 1.0 + f32(i)  # planted
    if i > 0:
        particles[i].place.y = particles[i - 1].place.x  # planted


@kdsl.func
def bump(values, k):
    values[k] += 1  # planted


@planted(over(20), i4(20), i4(10), array="bins")
@kdsl.kernel
def in_a_function(x: Array[i32, 1], bins: Array[i32, 1]):
    i = kdsl.global_id(0)
    bump(bins, x[i] // 2)


@planted(over(30), i4(30), f4(30), array="out")
@kdsl.kernel
def scatter_to_same(x: Array[i32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    if x[i] % 3 == 0:
        out[x[i] // 9] = 1.0  # planted


@planted(blocks(1, 32), i4(32), array="s")
@kdsl.kernel
def one_writes_all_read(x: Array[i32, 1]):
    s = kdsl.shared((1,), i32)
    t = kdsl.thread_id(0)
    if t == 0:
        s[0] = 5  # planted
    x[t] += s[0]  # planted


@planted(blocks(1, 32), i4(32), array="s")
@kdsl.kernel
def flag_in_a_loop(x: Array[i32, 1]):
    """The barrier orders the writes, but not the next round's write after this round's read."""
    s = kdsl.shared((1,), i32)
    t = kdsl.thread_id(0)
    for k in range(4):
        if t == k:
            s[0] = x[t]  # planted
        kdsl.barrier()
        x[t] += s[0] * i32(k)  # planted


@planted(blocks(1, (4, 4)), i4(4, 4), array="x")
@kdsl.kernel
def stencil_in_place(x: Array[i32, 2]):
    a, b = kdsl.thread_id(0), kdsl.thread_id(1)
    if a > 0:
        x[b, a] += x[b, a - 1]  # planted


@planted(blocks(1, 48), i4(48), array="s")
@kdsl.kernel
def subgroups_are_not_enough(x: Array[i32, 1]):
    """The order of a subgroup's threads says nothing about another subgroup's."""
    s = kdsl.shared((48,), i32)
    t = kdsl.thread_id(0)
    v = kdsl.subgroup_sum(x[t])
    s[t] = v  # planted
    x[t] = s[(t + 33) % 48]  # planted
