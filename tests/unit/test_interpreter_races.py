"""Planted races, each found with both of its lines; and kernels without a race, of which none may be reported.

One idea: a case builds a kernel whose later access stands on line 20 and whose earlier one on line 10, then names the
code it must give. Every case runs in every order of lanes and with blocks one by one and together.
"""

from __future__ import annotations

import numpy as np
import pytest
from handbuilt import Kernel

from kdsl.diagnostics import KernelFault
from kdsl.ir import types as T
from kdsl.ir.interpreter import interpret

RACES, CLEAN = {}, {}
B16 = ((1, 1, 1), (16, 1, 1))
B2 = ((2, 1, 1), (8, 1, 1))


def race(code, grid_and_block=B16, lines=(20, 10), **options):
    def add(f):
        RACES[f.__name__] = (f, code, grid_and_block, lines, options)
        return f

    return add


def clean(grid_and_block=B16, **options):
    def add(f):
        CLEAN[f.__name__] = (f, grid_and_block, options)
        return f

    return add


def f32(n=64):
    return np.zeros(n, np.float32)


# --- in one block ---


@race("K443", lines=(10, None))
def all_write_one_cell():
    k = Kernel(x="f32[1]")
    k.line = 10
    k.store(k.x, 3, k.tid().cast("f32"))
    return k, [f32()]


@race("K443", lines=(10, None))
def all_write_the_same_value():
    k = Kernel(x="f32[1]")
    k.line = 10
    k.store(k.x, k.tid() // 2, 1.0)
    return k, [f32()]


@race("K443")
def no_barrier_after_a_shared_write():
    k = Kernel(x="f32[1]")
    a = k.shared("a", 16)
    t = k.tid()
    k.line = 10
    k.store(a, t, 1.0)
    k.line = 20
    k.store(k.x, t, k.load(a, t ^ 1))
    return k, [f32()]


@race("K443", lines=(20, 10))
def no_barrier_at_the_end_of_a_loop():
    """Round j + 1 overwrites what others still read in round j."""
    k = Kernel(x="f32[1]")
    a = k.shared("a", 16)
    t = k.tid()

    def body(j, s):
        k.line = 20
        k.store(a, t, s)
        k.barrier()
        k.line = 10
        return k.load(a, (t + 1) % 16)

    k.store(k.x, t, k.for_(0, 3, body, [k.number(1.0, T.f32)]))
    return k, [f32()]


@race("K443")
def neighbour_stencil_in_place():
    k = Kernel(x="f32[1]")
    i = k.gid() + 1
    k.line = 10
    s = k.load(k.x, i - 1) + k.load(k.x, i + 1)
    k.line = 20
    k.store(k.x, i, s)
    return k, [f32()]


@race("K443", lines=(20, 10))
def histogram_without_atomics():
    k = Kernel(x="i32[1]", bins="i32[1]")
    b = k.load(k.x, k.gid()).cast("index") % 4
    k.line = 10
    n = k.load(k.bins, b)
    k.line = 20
    k.store(k.bins, b, n + 1)
    return k, [np.arange(64, dtype=np.int32), np.zeros(4, np.int32)]


@race("K443")
def atomic_then_plain_read():
    k = Kernel(n="i32[1]", out="i32[1]")
    k.line = 10
    k.atomic("add", k.n, 0, 1)
    k.line = 20
    k.store(k.out, k.tid(), k.load(k.n, 0))
    return k, [np.zeros(1, np.int32), np.zeros(64, np.int32)]


@race("K443")
def plain_write_then_atomic():
    k = Kernel(n="i32[1]")
    t = k.tid()
    k.line = 10
    k.if_(t == 0, lambda: k.store(k.n, 0, 0))
    k.line = 20
    k.atomic("add", k.n, 0, 1)
    return k, [np.zeros(1, np.int32)]


@race("K443")
def read_then_write_by_one_other():
    k = Kernel(x="f32[1]", out="f32[1]")
    t = k.tid()
    k.line = 10
    k.store(k.out, t, k.load(k.x, 5))
    k.line = 20
    k.if_(t == 9, lambda: k.store(k.x, 5, 2.0))
    return k, [f32(), f32()]


@race("K443", lines=(20, 15))
def the_reader_that_is_named_is_not_the_writer():
    """Thread 3 reads, too (line 10), but the race is with thread 4's read on line 15."""
    k = Kernel(x="f32[1]", out="f32[1]")
    t = k.tid()
    k.line = 10
    k.if_(t == 3, lambda: k.store(k.out, 3, k.load(k.x, 0)))
    k.line = 15
    k.if_(t == 4, lambda: k.store(k.out, 4, k.load(k.x, 0)))
    k.line = 20
    k.if_(t == 3, lambda: k.store(k.x, 0, 2.0))
    return k, [f32(), f32()]


PAIR = T.StructType("pair", (("a", T.f32, 0), ("b", T.f32, 4)), 8, 4)
WIDE = T.StructType("wide", (("a", T.f64, 0), ("b", T.f32, 8)), 12, 4)


@race("K443")
def the_same_field_of_one_struct():
    k = Kernel(x=T.ArrayType(PAIR, 1))
    t = k.tid()
    k.line = 10
    k.if_(t == 0, lambda: k.store(k.x, 0, 1.0, offset=4, type=T.f32))
    k.line = 20
    k.if_(t == 1, lambda: k.store(k.x, 0, 1.0, offset=4, type=T.f32))
    return k, [np.zeros(4, [("a", "f4"), ("b", "f4")])]


@race("K443")
def fields_of_two_views_overlap():
    """One view sees an f64 where the other sees the f32 in its second half."""
    k = Kernel(x=T.ArrayType(WIDE, 1), y="f32[1]")
    t = k.tid()
    k.line = 10
    k.if_(t == 0, lambda: k.store(k.x, 0, 1.0, offset=0, type=T.f64))
    k.line = 20
    k.if_(t == 1, lambda: k.store(k.y, 1, 1.0))
    base = np.zeros(96, np.uint8)
    return k, [base.view([("a", "f8"), ("b", "f4")]), base.view(np.float32)]


@race("K443")
def bytes_of_a_wider_element():
    k = Kernel(x="u8[1]", y="u32[1]")
    t = k.tid()
    k.line = 10
    k.if_(t < 4, lambda: k.store(k.y, t, 1))
    k.line = 20
    k.store(k.x, t, 7)
    base = np.zeros(16, np.uint8)
    return k, [base, base.view(np.uint32)]


@race("K443", lines=(10, None))
def a_broadcast_array_is_written():
    k = Kernel(x="f32[2]")
    k.line = 10
    k.store(k.x, (k.tid(), 0), 1.0)
    one = np.zeros((1, 4), np.float32)
    return k, [np.lib.stride_tricks.as_strided(one, (16, 4), (0, 4))]


@race("K443")
def two_views_one_element_apart():
    k = Kernel(x="f32[1]", y="f32[1]")
    i = k.gid()
    k.line = 10
    v = k.load(k.x, i)
    k.line = 20
    k.store(k.y, i, v)
    base = f32(65)
    return k, [base[:-1], base[1:]]


@race("K443", lines=(20, 10))
def reversed_in_place():
    k = Kernel(x="f32[1]", y="f32[1]")
    i = k.gid()
    k.line = 10
    v = k.load(k.x, i)
    k.line = 20
    k.store(k.y, i, v)
    base = f32(16)
    return k, [base, base[::-1]]


@race("K443")
def a_barrier_on_the_wrong_side():
    k = Kernel(x="f32[1]")
    a = k.shared("a", (2, 16))
    t = k.tid()
    k.barrier()
    k.line = 10
    k.store(a, (t % 2, t), 1.0)
    k.line = 20
    k.if_(t > 0, lambda: k.store(a, ((t - 1) % 2, t - 1), 0.0))
    k.barrier()
    return k, [f32()]


@race("K443")
def reduction_without_a_barrier_in_its_loop():
    k = Kernel(x="f32[1]")
    a = k.shared("a", 16)
    t = k.tid()
    k.store(a, t, 1.0)
    k.barrier()

    def step(half):
        def add():
            k.line = 20
            s = k.load(a, t) + k.load(a, t + half)
            k.line = 10
            k.store(a, t, s)

        k.if_(t < half, add)
        return half // 2

    k.while_(lambda half: half > 0, step, [k.dim() // 2])
    return k, [f32()]


@race("K443")
def prefix_sum_reads_what_others_write():
    k = Kernel(x="i32[1]")
    a = k.shared("a", 16, "i32")
    t = k.tid()
    k.store(a, t, 1)
    k.barrier()
    k.line = 10
    low = k.if_(t >= 4, lambda: k.load(a, t - 4), lambda: k.number(0, T.i32))
    k.line = 20
    k.store(a, t, k.load(a, t) + low)
    k.barrier()
    return k, [np.zeros(16, np.int32)]


@race("K443", ((1, 1, 1), (4, 4, 1)))
def wrong_column_of_a_transpose():
    k = Kernel(x="f32[2]")
    ty, tx = k.tid(1), k.tid(0)
    k.line = 10
    v = k.load(k.x, (ty, tx))
    k.line = 20
    k.store(k.x, (tx, ty), v)
    return k, [np.zeros((4, 4), np.float32)]


# --- between blocks ---


@race("K444", B2, (20, 10))
def halo_of_the_next_block():
    k = Kernel(x="f32[1]", y="f32[1]")
    i = k.gid()
    k.line = 10
    k.store(k.x, i, 1.0)
    k.barrier()
    k.line = 20
    k.store(k.y, i, k.load(k.x, i + 8 - k.bid() * 8))
    return k, [f32(), f32()]


@race("K444", B2, (10, None))
def every_block_writes_the_result():
    k = Kernel(out="f32[1]")
    t = k.tid()
    k.line = 10
    k.if_(t == 0, lambda: k.store(k.out, 0, 1.0))
    return k, [f32()]


@race("K444", ((3, 1, 1), (4, 1, 1)), (20, 10))
def a_barrier_does_not_order_blocks():
    k = Kernel(x="f32[1]")
    t, b = k.tid(), k.bid()
    k.line = 10
    k.if_(b == 0, lambda: k.store(k.x, t, 1.0))
    k.barrier()
    k.barrier()
    k.line = 20
    k.if_(b == 2, lambda: k.store(k.x, t + 3, 1.0))
    return k, [f32()]


@race("K444", B2, (20, 10))
def last_block_reads_partial_results():
    """Finished blocks are counted with an atomic, but the sums themselves are plain."""
    k = Kernel(part="f32[1]", count="i32[1]", out="f32[1]")
    b, t = k.bid(), k.tid()

    def first():
        k.line = 10
        k.store(k.part, b, 1.0)
        n = k.atomic("add", k.count, 0, 1)
        k.line = 20
        k.if_(n == 1, lambda: k.store(k.out, 0, k.load(k.part, 0) + k.load(k.part, 1)))

    k.if_(t == 0, first)
    return k, [f32(), np.zeros(1, np.int32), f32()]


@race("K444", ((2, 2, 1), (4, 1, 1)), (10, None))
def one_axis_of_the_grid_forgotten():
    k = Kernel(x="f32[1]")
    k.line = 10
    k.store(k.x, k.gid(0), 1.0)
    return k, [f32()]


@pytest.mark.parametrize("order", ["forward", "reverse", "random"])
@pytest.mark.parametrize("max_lanes", [1, 1 << 16])
@pytest.mark.parametrize("name", RACES)
def test_race_is_found(name, order, max_lanes):
    build, code, (grid, block), (line, other), options = RACES[name]
    k, args = build()
    with pytest.raises(KernelFault) as e:
        interpret(k.done(), args, grid, block, order=order, max_lanes=max_lanes, **options)
    d = e.value.diagnostic
    assert d.code == code, d.render()
    found = [d.span.line, *[label.span.line for label in d.labels]]
    # Which of two blocks comes first is open; so the two lines may come in either order.
    assert sorted(found) == sorted([line] if other is None else [line, other]), d.render()
    assert d.help and ("same line" in d.render()) == (other is None)


def test_there_are_enough_races():
    assert len(RACES) >= 20


# --- no race ---


@clean()
def own_element():
    k = Kernel(x="f32[1]")
    i = k.gid()
    k.store(k.x, i, k.load(k.x, i) + 1.0)
    return k, [f32()]


@clean(B2)
def barrier_between():
    k = Kernel(x="f32[1]")
    a = k.shared("a", 16)
    t = k.tid()

    def body(j, s):
        k.store(a, t, s)
        k.barrier()
        got = k.load(a, (t + 1) % 8)
        k.barrier()
        return got

    k.store(k.x, k.gid(), k.for_(0, 3, body, [k.number(1.0, T.f32)]))
    return k, [f32()]


@clean(B2)
def double_buffer():
    """One barrier a round is enough when rounds take turns between two halves."""
    k = Kernel(x="f32[1]")
    a = k.shared("a", (2, 8))
    t = k.tid()
    k.store(a, (0, t), 1.0)
    k.barrier()

    def body(j):
        k.store(a, ((j + 1) % 2, t), k.load(a, (j % 2, (t + 1) % 8)))
        k.barrier()

    k.for_(0, 5, body)
    return k, [f32()]


@clean(B2)
def only_atomics_meet():
    k = Kernel(n="i32[1]", out="i32[1]")
    k.store(k.out, k.gid(), k.atomic("add", k.n, 0, 1))
    k.atomic("max", k.n, 0, 5)
    return k, [np.zeros(1, np.int32), np.zeros(64, np.int32)]


@clean()
def plain_and_atomic_with_a_barrier_between():
    k = Kernel(n="i32[1]", out="i32[1]")
    t = k.tid()
    k.if_(t == 0, lambda: k.store(k.n, 0, 0))
    k.barrier()
    k.atomic("add", k.n, 0, 1)
    k.barrier()
    k.store(k.out, t, k.load(k.n, 0))
    return k, [np.zeros(1, np.int32), np.zeros(64, np.int32)]


@clean(B2)
def everyone_reads_one_element():
    k = Kernel(x="f32[1]", y="f32[1]")
    k.store(k.y, k.gid(), k.load(k.x, 0))
    return k, [f32(), f32()]


@clean(B2)
def different_fields_of_one_struct():
    k = Kernel(x=T.ArrayType(PAIR, 1))
    t = k.tid()
    k.if_(t % 2 == 0, lambda: k.store(k.x, k.gid() // 2, 1.0, offset=0, type=T.f32),
          lambda: k.store(k.x, k.gid() // 2, 2.0, offset=4, type=T.f32))  # fmt: skip
    return k, [np.zeros(16, [("a", "f4"), ("b", "f4")])]


@clean(B2)
def interleaved_views():
    k = Kernel(x="f32[1]", y="f32[1]")
    i = k.gid()
    k.store(k.x, i, k.load(k.x, i) + 1.0)
    k.store(k.y, i, k.load(k.y, i) + 1.0)
    base = f32(32)
    return k, [base[::2], base[1::2]]


@clean(B2)
def neighbouring_bytes():
    k = Kernel(x="u8[1]")
    k.store(k.x, k.gid(), 1)
    return k, [np.zeros(16, np.uint8)]


@clean(B2)
def adjacent_but_separate_halves():
    k = Kernel(x="f32[1]", y="f32[1]")
    i = k.gid()
    k.store(k.y, i, k.load(k.x, i))
    base = f32(32)
    return k, [base[:16], base[16:]]


@clean(((1, 1, 1), (16, 1, 1)))
def one_thread_does_it_all():
    k = Kernel(x="f32[1]")
    k.if_(k.tid() == 0, lambda: k.for_(0, 8, lambda j: k.store(k.x, 0, k.load(k.x, 0) + 1.0)))
    return k, [f32()]


@clean(((4, 1, 1), (1, 1, 1)))
def one_block_reads_its_own_global_writes():
    k = Kernel(x="f32[1]")
    b = k.bid()
    k.store(k.x, b, 1.0)
    k.barrier()
    k.store(k.x, b, k.load(k.x, b) + 1.0)
    return k, [f32()]


@clean(B2)
def global_memory_of_the_block_with_barriers():
    k = Kernel(x="f32[1]", y="f32[1]")
    i, t, b = k.gid(), k.tid(), k.bid()
    k.store(k.x, i, 1.0)
    k.barrier()
    k.store(k.y, i, k.load(k.x, b * 8 + (t + 3) % 8))
    return k, [f32(), f32()]


@clean(B2)
def every_block_has_its_own_shared_memory():
    k = Kernel(x="f32[1]")
    a = k.shared("a", 8)
    t = k.tid()
    k.store(a, t, 1.0)
    k.store(k.x, k.gid(), k.load(a, t))
    return k, [f32()]


@pytest.mark.parametrize("order", ["forward", "reverse", "random"])
@pytest.mark.parametrize("max_lanes", [1, 1 << 16])
@pytest.mark.parametrize("name", CLEAN)
def test_no_race_is_reported(name, order, max_lanes):
    build, (grid, block), options = CLEAN[name]
    k, args = build()
    interpret(k.done(), args, grid, block, order=order, max_lanes=max_lanes, **options)


def test_races_are_not_looked_for_when_told_so():
    k, args = all_write_one_cell()
    interpret(k.done(), args, *B16, detect_races=False)
    assert args[0][3] == 15


def test_message():
    k, args = no_barrier_after_a_shared_write()
    with pytest.raises(KernelFault) as e:
        interpret(k.done(), args, *B16)
    text = e.value.diagnostic.render()
    assert "data race on 'a'[1]: thread (0, 0, 0) and thread (1, 0, 0) of block (0, 0, 0)" in text
    assert "handbuilt_kernel.py:20" in text and "kdsl.barrier()" in text and "kernel 'kernel'" in text
