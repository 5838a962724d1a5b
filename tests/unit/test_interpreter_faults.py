"""What the interpreter reports besides races: out of bounds, division by zero, asserts, undefined reads, divergence."""

from __future__ import annotations

import re

import numpy as np
import pytest
from handbuilt import Kernel

from kdsl.diagnostics import KernelFault
from kdsl.ir import types as T
from kdsl.ir.interpreter import CODES, interpret

BOUNDS = {}


def bounds(array, axis, index, extent, block, thread, grid=(1, 1, 1), size=(8, 1, 1), **options):
    def add(f):
        want = f"index {index} is out of bounds for axis {axis} of array '{array}' with extent {extent}, in block "
        place = (
            f"{(*block, *(0,) * (3 - len(block)))}, thread {(*thread, *(0,) * (3 - len(thread)))} of kernel 'kernel'"
        )
        BOUNDS[f.__name__] = (f, want + place, grid, size, options)
        return f

    return add


def f32(*shape):
    return np.zeros(shape, np.float32)


def fault_of(k, args, grid=(1, 1, 1), block=(8, 1, 1), **options):
    with pytest.raises(KernelFault) as e:
        interpret(k.done(), args, grid, block, **options)
    return e.value.diagnostic


# Each builds a kernel whose line 5 is wrong.


@bounds("x", 0, 5, 5, (0,), (5,))
def load_past_the_end():
    k = Kernel(x="f32[1]", y="f32[1]")
    i = k.gid()
    k.line = 5
    v = k.load(k.x, i)
    k.line = 6
    k.store(k.y, i, v)
    return k, [f32(5), f32(8)]


@bounds("y", 0, 12, 12, (1,), (4,), (2, 1, 1))
def store_past_the_end_in_the_last_block():
    k = Kernel(y="f32[1]")
    k.line = 5
    k.store(k.y, k.gid(), 1.0)
    return k, [f32(12)]


@bounds("x", 0, -1, 8, (0,), (0,))
def left_neighbour_of_the_first():
    k = Kernel(x="f32[1]", y="f32[1]")
    i = k.gid()
    k.line = 5
    k.store(k.y, i, k.load(k.x, i - 1))
    return k, [f32(8), f32(8)]


@bounds("x", 0, 8, 8, (0,), (7,))
def right_neighbour_of_the_last():
    k = Kernel(x="f32[1]", y="f32[1]")
    i = k.gid()
    k.line = 5
    k.store(k.y, i, k.load(k.x, i + 1))
    return k, [f32(8), f32(8)]


@bounds("x", 1, 4, 4, (0,), (4,))
def second_axis():
    k = Kernel(x="f32[2]")
    k.line = 5
    k.store(k.x, (0, k.tid()), 1.0)
    return k, [f32(9, 4)]


@bounds("x", 0, 3, 3, (0, 1), (0, 1), (1, 2, 1), (4, 2, 1))
def first_axis():
    k = Kernel(x="f32[2]")
    k.line = 5
    k.store(k.x, (k.gid(1), k.gid(0)), 1.0)
    return k, [f32(3, 4)]


@bounds("x", 0, 4, 4, (0,), (4,))
def axes_swapped():
    k = Kernel(x="f32[2]")
    k.line = 5
    k.store(k.x, (k.tid(), 0), 1.0)
    return k, [f32(8, 4).T]


@bounds("tile", 0, 8, 8, (0,), (7,))
def shared_halo():
    k = Kernel(x="f32[1]")
    a = k.shared("tile", 8)
    t = k.tid()
    k.store(a, t, 1.0)
    k.barrier()
    k.line = 5
    k.store(k.x, t, k.load(a, t + 1))
    return k, [f32(8)]


@bounds("tile", 1, 4, 4, (2,), (4,), (3, 1, 1))
def shared_second_axis_in_one_block():
    k = Kernel(x="f32[1]")
    a = k.shared("tile", (4, 4))
    t = k.tid()
    k.line = 5
    k.if_(k.bid() == 2, lambda: k.store(a, (0, t), 1.0))
    return k, [f32(8)]


@bounds("own", 0, 3, 3, (0,), (3,))
def local_array():
    k = Kernel(x="f32[1]")
    a = k.local("own", 3)
    k.line = 5
    k.store(a, k.tid(), 1.0)
    return k, [f32(8)]


@bounds("bins", 0, 9, 4, (0,), (3,))
def atomic_with_a_value_as_index():
    k = Kernel(x="i32[1]", bins="i32[1]")
    v = k.load(k.x, k.gid()).cast("index")
    k.line = 5
    k.atomic("add", k.bins, v, 1)
    return k, [np.array([0, 1, 2, 9, 1, 1, 99, 1], np.int32), np.zeros(4, np.int32)]


@bounds("x", 0, 8, 8, (0,), (0,))
def loop_one_too_far():
    k = Kernel(x="f32[1]", y="f32[1]")
    i = k.gid()

    def body(j, s):
        k.line = 5
        return s + k.load(k.x, j)

    k.store(k.y, i, k.for_(0, 9, body, [k.number(0.0, T.f32)]))
    return k, [f32(8), f32(8)]


@bounds("x", 0, 0, 0, (0,), (0,))
def empty_array():
    k = Kernel(x="f32[1]", y="f32[1]")
    k.line = 5
    k.store(k.y, k.gid(), k.load(k.x, 0))
    return k, [f32(0), f32(8)]


@bounds("x", 0, 6, 5, (0,), (6,))
def only_the_branch_is_wrong():
    k = Kernel(x="f32[1]")
    i = k.gid()
    k.line = 5
    k.if_((i < 5) | (i == 6), lambda: k.store(k.x, i, 1.0))
    return k, [f32(5)]


@bounds("x", 0, 2**31, 7, (0,), (0,))
def far_away():
    k = Kernel(x="f32[1]")
    k.line = 5
    k.store(k.x, k.gid() + 2**31, 1.0)
    return k, [f32(7)]


@bounds("x", 0, -(2**63), 7, (0,), (3,))
def the_smallest_index():
    k = Kernel(x="f32[1]")
    i = k.gid()
    k.line = 5
    k.if_(i == 3, lambda: k.store(k.x, -(2**63) + i * 0, 1.0))
    return k, [f32(7)]


@bounds("x", 0, 6, 6, (1,), (2,), (2, 1, 1), (4, 1, 1), threads=(7, 1, 1))
def over_one_too_many():
    k = Kernel(x="f32[1]")
    k.line = 5
    k.store(k.x, k.gid(), 1.0)
    return k, [f32(6)]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("order", ["forward", "reverse", "random"])
@pytest.mark.parametrize("name", BOUNDS)
def test_out_of_bounds_is_found(name, order, check):
    build, want, grid, block, options = BOUNDS[name]
    k, args = build()
    d = fault_of(k, args, grid, block, order=order, check=check, **options)
    assert d.code == "K440" and d.span.line == 5 and d.help
    assert d.message == want


def test_there_are_enough_out_of_bounds():
    assert len(BOUNDS) >= 15


def test_guarded_accesses_are_fine():
    k = Kernel(x="f32[1]")
    i = k.gid()
    k.if_(i < k.extent(k.x), lambda: k.store(k.x, i, 1.0))
    x = f32(11)
    interpret(k.done(), (x,), (2, 1, 1), (8, 1, 1))
    assert x.sum() == 11


@pytest.mark.parametrize("name", ["floordiv", "mod"])
def test_division_by_zero(name):
    k = Kernel(x="i32[1]")
    i = k.gid()
    k.line = 9
    k.store(k.x, i, k.op(f"arith.{name}", k.number(7, T.i32), i.cast("i32") - 3))
    f = k.done()
    with pytest.raises(KernelFault) as e:
        interpret(f, (np.zeros(8, np.int32),), (1, 1, 1), (8, 1, 1))
    d = e.value.diagnostic
    assert d.code == "K441" and d.span.line == 9 and "thread (3, 0, 0) of kernel" in d.message
    x = np.ones(8, np.int32)
    interpret(f, (x,), (1, 1, 1), (8, 1, 1), check=False)
    assert x[3] == 0


def test_division_by_zero_where_nobody_is():
    k = Kernel(x="i32[1]")
    i = k.gid()
    k.if_(i != 3, lambda: k.store(k.x, i, 12 // (i.cast("i32") - 3)))
    interpret(k.done(), (np.zeros(8, np.int32),), (1, 1, 1), (8, 1, 1))


def test_assertions():
    k = Kernel(x="i32[1]")
    i = k.gid()
    k.line = 4
    k.op("simt.assert", i < 13, message="too far")
    k.store(k.x, i, 1)
    f = k.done()
    with pytest.raises(KernelFault) as e:
        interpret(f, (np.zeros(16, np.int32),), (2, 1, 1), (8, 1, 1))
    d = e.value.diagnostic
    assert d.code == "K442" and d.span.line == 4
    assert d.message == "assertion failed: too far, in block (1, 0, 0), thread (5, 0, 0) of kernel 'kernel'"
    interpret(f, (np.zeros(16, np.int32),), (2, 1, 1), (8, 1, 1), check=False)


def test_print_in_order_of_threads():
    k = Kernel(x="f32[1]")
    i = k.gid()
    parts = ("i = ", "{}", ", x = ", "{}", " ok: ", "{}")
    x = k.load(k.x, i)
    k.if_(i % 2 == 1, lambda: (k.op("simt.print", i, x, x > 0.5, parts=parts), None)[1])
    for order in ("forward", "random"):
        said = []
        f = k.function if order != "forward" else k.done()
        interpret(f, (np.array([0, 0.1, 0, np.inf], np.float32),), (2, 1, 1), (2, 1, 1), on_print=said.append)
        assert said == ["i = 1, x = 0.1 ok: False", "i = 3, x = inf ok: True"]


# --- undefined reads ---


def test_shared_memory_nobody_wrote():
    k = Kernel(x="f32[1]")
    a = k.shared("tile", 10)
    t = k.tid()
    k.store(a, t, 1.0)
    k.barrier()
    k.line = 8
    k.store(k.x, t, k.load(a, t + 1))
    d = fault_of(k, [f32(8)])
    assert d.code == "K445" and d.span.line == 8 and "'tile'[8]" in d.message and "thread (7, 0, 0)" in d.message


def test_shared_memory_is_not_kept_between_blocks():
    k = Kernel(x="f32[1]")
    a = k.shared("tile", 8)
    t = k.tid()
    k.if_(k.bid() == 0, lambda: k.store(a, t, 1.0))
    k.line = 8
    k.store(k.x, t, k.load(a, t))
    assert fault_of(k, [f32(8)], (2, 1, 1)).code == "K445"


def test_atomic_on_shared_memory_nobody_wrote():
    k = Kernel(x="f32[1]")
    a = k.shared("n", 1, "i32")
    k.line = 3
    k.atomic("add", a, 0, 1)
    assert fault_of(k, [f32(8)]).code == "K445"


def test_local_array_nobody_wrote():
    k = Kernel(x="f32[1]")
    a = k.local("own", 4)
    t = k.tid()
    k.if_(t != 5, lambda: k.store(a, 2, 1.0))
    k.line = 8
    k.store(k.x, t, k.load(a, 2))
    d = fault_of(k, [f32(8)])
    assert d.code == "K446" and d.span.line == 8 and "'own'[2]" in d.message and "thread (5, 0, 0)" in d.message


def test_a_local_array_in_a_loop_is_new_each_round():
    k = Kernel(x="f32[1]")

    def body(j):
        a = k.local("own", 4)
        k.if_(j == 0, lambda: k.store(a, 0, 1.0))
        k.line = 6
        k.store(k.x, k.tid(), k.load(a, 0))

    k.for_(0, 2, body)
    assert fault_of(k, [f32(8)]).code == "K446"


def test_half_of_a_wide_element():
    k = Kernel(x="f64[1]")
    pair = T.StructType("pair", (("a", T.f32, 0), ("b", T.f32, 4)), 8, 4)
    a = k.op("memory.alloc", type=T.ArrayType(pair, 1, T.Space.PRIVATE, (2,)), name="own")
    k.store(a, 0, 1.0, offset=4, type=T.f32)
    k.line = 6
    k.store(k.x, k.tid(), k.load(a, 0, T.f32, offset=0).cast("f64"))
    assert fault_of(k, [np.zeros(8)]).code == "K446"


# --- divergence ---


def test_barrier_in_a_varying_branch():
    k = Kernel(x="f32[1]")
    t = k.tid()

    def then():
        k.line = 7
        k.barrier()

    k.line = 6
    k.if_(t < 5, then)
    d = fault_of(k, [f32(8)])
    assert d.code == "K447" and d.span.line == 7 and [x.span.line for x in d.labels] == [6]
    assert "only 5 of the 8 threads" in d.message and "thread (5, 0, 0)" in d.message


def test_barrier_after_some_threads_returned():
    """`if t == 2: return` is a flag that later code asks for."""
    k = Kernel(x="f32[1]")
    stays = k.tid() != 2

    def rest():
        k.line = 9
        k.barrier()

    k.line = 3
    k.if_(stays, rest)
    d = fault_of(k, [f32(8)])
    assert d.code == "K447" and d.span.line == 9 and d.labels[0].span.line == 3 and "thread (2, 0, 0)" in d.message


def test_barrier_in_a_loop_that_threads_leave():
    k = Kernel(x="f32[1]")

    def body(j):
        k.line = 5
        k.barrier()

    k.line = 4
    k.for_(0, k.tid() + 1, body)
    d = fault_of(k, [f32(8)])
    assert d.code == "K447" and d.span.line == 5 and d.labels[0].span.line == 4


def test_barrier_that_whole_blocks_skip():
    k = Kernel(x="f32[1]")
    a = k.shared("tile", 4)
    t = k.tid()

    def then():
        k.store(a, t, 1.0)
        k.barrier()
        k.store(k.x, k.gid(), k.load(a, (t + 1) % 4))

    k.if_(k.bid() % 2 == 1, then)
    x = f32(16)
    interpret(k.done(), (x,), (4, 1, 1), (4, 1, 1))
    assert x.tolist() == [0] * 4 + [1] * 4 + [0] * 4 + [1] * 4


def test_barrier_waits_only_for_threads_that_exist():
    k = Kernel(x="f32[1]")
    k.barrier()
    k.store(k.x, k.gid(), 1.0)
    x = f32(6)
    interpret(k.done(), (x,), (2, 1, 1), (4, 1, 1), threads=(6, 1, 1))
    assert x.sum() == 6


def test_subgroup_operation_in_a_varying_branch():
    k = Kernel(x="f32[1]")
    t = k.tid()
    x = k.load(k.x, t)

    def then():
        k.line = 7
        k.store(k.x, t, k.op("subgroup.sum", x))

    k.line = 6
    k.if_(t != 1, then)
    d = fault_of(k, [f32(8)], subgroup_size=4)
    assert d.code == "K448" and d.span.line == 7 and d.labels[0].span.line == 6
    assert "only 3 of the 4 threads" in d.message and "thread (1, 0, 0)" in d.message


def test_subgroup_operation_in_a_branch_by_subgroup():
    k = Kernel(x="f32[1]")
    t = k.tid()
    x = k.load(k.x, t)
    k.if_(t < 4, lambda: k.store(k.x, t, k.op("subgroup.sum", x)))
    x = np.ones(8, np.float32)
    interpret(k.done(), (x,), (1, 1, 1), (8, 1, 1), subgroup_size=4)
    assert x.tolist() == [4] * 4 + [1] * 4


# --- the codes and the debugger ---


def test_codes_are_a_table():
    codes = [c for c, _, _ in CODES]
    assert codes == sorted(set(codes)) and all(re.fullmatch("K4[456][0-9]", c) for c in codes)
    assert all(title and text.endswith(".") for _, title, text in CODES)


def test_breakpoint_stops_at_the_users_line_with_the_kernels_values(monkeypatch):
    seen = []

    def stop(*args, **kwargs):
        import sys

        frame = sys._getframe(1)
        seen.append((frame.f_code.co_filename, frame.f_lineno, dict(frame.f_locals)))

    monkeypatch.setattr("sys.breakpointhook", stop)
    k = Kernel(x="f32[1]", n="i32")
    i = k.gid()
    i.value.name = "i"
    k.line = 12

    def then():
        k.op("simt.breakpoint")
        k.store(k.x, i, 1.0)

    k.if_(i > 4, then)
    interpret(k.done(), (f32(8), 41), (2, 1, 1), (4, 1, 1))
    ((file, line, names),) = seen
    assert file.endswith("handbuilt_kernel.py") and line == 12
    assert names["i"].tolist() == [4, 5, 6, 7] and names["n"].tolist() == [41] * 4
    assert names["active"].tolist() == [False, True, True, True] and names["thread"][1].tolist() == [1, 0, 0]
    assert names["x"].shape == (8,)
