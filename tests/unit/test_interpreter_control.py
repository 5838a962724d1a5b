"""Control flow, ids, shared memory and atomics in the interpreter, against plain Python loops over threads."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from handbuilt import Kernel

from kdsl.diagnostics import KernelFault
from kdsl.ir import types as T
from kdsl.ir.interpreter import interpret

ORDERS = ["forward", "reverse", "random"]


def i32(*shape):
    return np.zeros(shape, np.int32)


def per_thread(body, grid=(2, 1, 1), block=(8, 1, 1), **options):
    """Runs `out[i] = body(k, i as i32)` and gives out."""
    k = Kernel(out="i32[1]")
    i = k.gid()
    k.store(k.out, i, body(k, i.cast("i32")))
    out = i32(grid[0] * block[0])
    interpret(k.done(), (out,), grid, block, **options)
    return out.tolist()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("max_lanes", [1, 20, 1 << 16])
def test_ids_of_every_axis(order, max_lanes):
    grid, block = (3, 2, 2), (4, 3, 2)
    k = Kernel(out="i32[4]")
    place = tuple(k.gid(a) for a in (2, 1, 0))
    values = [*(k.tid(a) for a in range(3)), *(k.bid(a) for a in range(3)), *(k.dim(a) for a in range(3))]
    values += [k.op("simt.grid_dim", axis=a) for a in range(3)]
    for n, v in enumerate(values):
        k.store(k.out, (*place, n), v.cast("i32"))
    out = i32(4, 6, 12, 12)
    interpret(k.done(), (out,), grid, block, order=order, max_lanes=max_lanes)
    for z, y, x in itertools.product(range(4), range(6), range(12)):
        assert out[z, y, x].tolist() == [x % 4, y % 3, z % 2, x // 4, y // 3, z // 2, *block, *grid]


@pytest.mark.parametrize("threads", [(1, 1, 1), (5, 3, 1), (8, 4, 2), (7, 4, 1)])
def test_over_n_leaves_out_threads_that_do_not_exist(threads):
    block = (4, 2, 1)
    grid = tuple(-(-t // b) for t, b in zip(threads, block))
    k = Kernel(out="i32[3]")
    k.store(k.out, tuple(k.gid(a) for a in (2, 1, 0)), (k.gid(0) + k.gid(1) * 10 + k.gid(2) * 100).cast("i32") + 1)
    out = i32(*threads[::-1])
    interpret(k.done(), (out,), grid, block, threads=threads)
    z, y, x = np.indices(out.shape)
    assert (out == x + 10 * y + 100 * z + 1).all()


def test_nested_branches():
    def body(k, i):
        def odd():
            return k.if_(i < 5, lambda: i * 10, lambda: i * 100)

        def even():
            return k.if_(i > 9, lambda: k.if_(i == 12, lambda: i + 1000, lambda: i - 1000), lambda: -i)

        return k.if_((i & 1) == 1, odd, even)

    def want(i):
        if i & 1:
            return i * 10 if i < 5 else i * 100
        return (i + 1000 if i == 12 else i - 1000) if i > 9 else -i

    assert per_thread(body) == [want(i) for i in range(16)]


@pytest.mark.parametrize(
    "lo, hi, step", [(0, 7, 1), (3, 20, 4), (9, -2, -3), (0, 5, -1), (5, 0, 1), (0, 4, 0), (2, 2, 1)]
)
def test_for_loops_with_the_same_bounds(lo, hi, step):
    def body(k, i):
        zero = k.number(0, T.i32)
        return k.for_(lo, hi, lambda j, s: s * 3 + j.cast("i32") + i, [zero], step)

    def want(i):
        s = 0
        for j in range(lo, hi, step) if step else ():
            s = s * 3 + j + i
        return s

    assert per_thread(body) == [np.int64(want(i)).astype(np.int32) for i in range(16)]


def test_for_loops_with_bounds_of_each_thread():
    def body(k, i):
        lo, hi = i.cast("index") - 4, i.cast("index") * i.cast("index") % 11
        step = i.cast("index") % 4 - 1
        one, zero = k.number(1, T.i32), k.number(0, T.i32)
        a, n = k.for_(lo, hi, lambda j, a, n: (a * 2 + j.cast("i32"), n + 1), [one, zero], step)
        return a * 100 + n

    def want(i):
        a, n = 1, 0
        for j in range(i - 4, i * i % 11, i % 4 - 1) if i % 4 != 1 else ():
            a, n = a * 2 + j, n + 1
        return a * 100 + n

    assert per_thread(body) == [want(i) for i in range(16)]


@pytest.mark.parametrize("lo, hi, step", [
    (2**63 - 3, 2**63 - 1, 1), (-(2**63) + 2, -(2**63), -1), (-(2**63), 2**63 - 1, 2**62),
    (2**63 - 1, -(2**63), -(2**63)), (-(2**63), 2**63 - 1, 2**63 - 1)])  # fmt: skip
def test_counters_at_the_ends_of_the_range(lo, hi, step):
    def body(k, i):
        return k.for_(lo, hi, lambda j, n: n + 1, [k.number(0, T.i32)], step)

    assert per_thread(body, grid=(1, 1, 1)) == [len(range(lo, hi, step))] * 8


def test_while_collatz_leaves_threads_one_by_one():
    def body(k, i):
        def step(n, count):
            return k.if_((n & 1) == 0, lambda: n // 2, lambda: n * 3 + 1), count + 1

        return k.while_(lambda n, count: n > 1, step, [i + 1, k.number(0, T.i32)])[1]

    def want(n):
        count = 0
        while n > 1:
            n, count = n // 2 if n % 2 == 0 else 3 * n + 1, count + 1
        return count

    assert per_thread(body, grid=(4, 1, 1)) == [want(i + 1) for i in range(32)]


def test_early_exit_flags_of_break_continue_and_return():
    """What the front end makes of: for j in range(20): if j == i: break; if j % 3 == 0: continue; s += j."""

    def body(k, i):
        def step(j, s, running):
            def live():
                jj = j.cast("i32")
                on = jj != i
                add = on & (jj % 3 != 0)
                return k.if_(add, lambda: s + jj, lambda: s), on

            return k.if_(running, live, lambda: (s, running))

        return k.for_(0, 20, step, [k.number(0, T.i32), k.number(True, T.bool_)])[0]

    assert per_thread(body) == [sum(j for j in range(i) if j % 3) for i in range(16)]


def test_branches_four_deep_in_loops():
    def body(k, i):
        def outer(a, s):
            def inner(b, s):
                x = (a * 5 + b).cast("i32") + i
                return k.if_(x % 2 == 0, lambda: k.if_(x % 3 == 0, lambda: s + x, lambda: s - 1), lambda: s ^ x)

            return k.for_(0, a + 1, inner, [s])

        return k.for_(0, 4, outer, [k.number(0, T.i32)])

    def want(i):
        s = 0
        for a in range(4):
            for b in range(a + 1):
                x = a * 5 + b + i
                s = (s + x if x % 3 == 0 else s - 1) if x % 2 == 0 else s ^ x
        return s

    assert per_thread(body) == [want(i) for i in range(16)]


def test_a_branch_nobody_takes_does_not_run():
    k = Kernel(out="i32[1]", empty="i32[1]")
    i = k.gid()
    k.if_(i > 100, lambda: k.store(k.out, i, k.load(k.empty, i)))
    k.if_(i < 100, lambda: k.store(k.out, i, 1))
    out = i32(8)
    interpret(k.done(), (out, i32(0)), (1, 1, 1), (8, 1, 1))
    assert out.tolist() == [1] * 8


def test_endless_loops_meet_the_limit():
    k = Kernel("spin", out="i32[1]")
    k.line = 7
    k.while_(lambda n: n >= 0, lambda n: (n * 0,), [k.gid().cast("i32")])
    with pytest.raises(KernelFault) as e:
        interpret(k.done(), (i32(4),), (1, 1, 1), (4, 1, 1), step_limit=50)
    assert e.value.code == "K449" and e.value.diagnostic.span.line == 7


# --- shared memory and barriers ---


def block_sum(width, element="f32"):
    """out[block] = sum of x over the block, by halving in shared memory."""
    k = Kernel("block_sum", x=f"{element}[1]", out=f"{element}[1]")
    tile = k.shared("tile", width, element)
    t, i = k.tid(), k.gid()
    k.store(tile, t, k.load(k.x, i))
    k.barrier()

    def cond(half):
        return half > 0

    def step(half):
        k.if_(t < half, lambda: k.store(tile, t, k.load(tile, t) + k.load(tile, t + half)))
        k.barrier()
        return half // 2

    k.while_(cond, step, [k.dim() // 2])
    k.if_(t == 0, lambda: k.store(k.out, k.bid(), k.load(tile, 0)))
    return k.done()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("max_lanes", [1, 64, 1 << 16])
def test_reduction_with_barriers_in_a_loop(order, max_lanes):
    x = np.random.default_rng(1).integers(-9, 9, 64 * 5).astype(np.float32)
    out = np.zeros(5, np.float32)
    interpret(block_sum(64), (x, out), (5, 1, 1), (64, 1, 1), order=order, max_lanes=max_lanes, seed=3)
    assert out.tolist() == x.reshape(5, 64).sum(1).tolist()


@pytest.mark.parametrize("order", ORDERS)
def test_transpose_through_shared_memory(order):
    k = Kernel(x="i32[2]", y="i32[2]")
    tile = k.shared("tile", (4, 5), "i32")
    tx, ty = k.tid(0), k.tid(1)
    k.store(tile, (ty, tx), k.load(k.x, (k.gid(1), k.gid(0))))
    k.barrier()
    k.store(k.y, (k.bid(0) * 4 + ty, k.bid(1) * 4 + tx), k.load(tile, (tx, ty)))
    x = np.arange(12 * 8, dtype=np.int32).reshape(12, 8)
    y = i32(8, 12)
    interpret(k.done(), (x, y), (2, 3, 1), (4, 4, 1), order=order)
    assert (y == x.T).all()


def test_barriers_in_uniform_branches_and_nested_loops():
    k = Kernel(out="i32[1]", n="i32")
    a = k.shared("a", 8, "i32")
    t = k.tid()
    k.store(a, t, t.cast("i32"))

    def round_(j, s):
        def odd():
            k.barrier()
            got = k.load(a, (t + 1) % 8)
            k.barrier()
            k.store(a, t, got)
            return got

        def even():
            return k.for_(0, 2, lambda _, x: (k.barrier(), x + 1)[1], [s])

        return s + k.if_((j.cast("i32") + k.n) % 2 == 1, odd, even)

    k.store(k.out, k.gid(), k.for_(0, 4, round_, [k.number(0, T.i32)]))
    out = i32(16)
    interpret(k.done(), (out, 0), (2, 1, 1), (8, 1, 1))
    want = []
    for t in range(8):
        s = 0
        for j in range(4):
            s += (t + (j + 1) // 2) % 8 if j % 2 else s + 2
        want.append(s)
    assert out.tolist() == want * 2


def test_local_arrays_are_each_threads_own():
    k = Kernel(out="i32[1]")
    a = k.local("a", (2, 3), "i32")
    i = k.gid().cast("i32")
    k.for_(0, 2, lambda r: k.for_(0, 3, lambda c: k.store(a, (r, c), i * 100 + (r * 10 + c).cast("i32"))))
    k.store(k.out, k.gid(), k.load(a, (1, 2)) + k.load(a, (0, 1)))
    out = i32(12)
    interpret(k.done(), (out,), (3, 1, 1), (4, 1, 1))
    assert out.tolist() == [200 * i + 13 for i in range(12)]


# --- atomics ---

KINDS = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "min": min, "max": max, "and": lambda a, b: a & b,
    "or": lambda a, b: a | b, "xor": lambda a, b: a ^ b, "exchange": lambda a, b: b,
}  # fmt: skip


@pytest.mark.parametrize("element", ["i32", "u32", "i64", "u64", "f32", "f64", "f16"])
@pytest.mark.parametrize("kind", KINDS)
def test_atomics_one_lane_after_another(kind, element):
    if element.startswith("f") and kind in ("and", "or", "xor"):
        return
    k = Kernel(bins=f"{element}[1]", old=f"{element}[1]")
    i = k.gid()
    k.store(k.old, i, k.atomic(kind, k.bins, i * i % 5, (i * 3 + 1).cast(element)))
    dtype = T.SCALARS[element].dtype
    bins, old = np.arange(7, 12).astype(dtype), np.zeros(24, dtype)
    interpret(k.done(), (bins, old), (3, 1, 1), (8, 1, 1))
    cells, olds = list(range(7, 12)), []
    for i in range(24):
        olds.append(cells[i * i % 5])
        cells[i * i % 5] = KINDS[kind](cells[i * i % 5], i * 3 + 1)
    wrap = 2 ** T.SCALARS[element].bits if element.startswith("u") else 0
    assert bins.tolist() == [c % wrap if wrap else c for c in cells]
    assert old.tolist() == [c % wrap if wrap else c for c in olds]


def test_compare_exchange_compares_bits():
    k = Kernel(x="f32[1]", old="f32[1]")
    i = k.gid()
    k.store(k.old, i, k.atomic("compare_exchange", k.x, i, 0.0, 5.0))
    x, old = np.array([0.0, -0.0, np.nan, 1.0], np.float32), np.zeros(4, np.float32)
    interpret(k.done(), (x, old), (1, 1, 1), (4, 1, 1))
    assert x[0] == 5 and x[1] == 0 and np.isnan(x[2]) and x[3] == 1
    assert np.signbit(old[1]) and np.isnan(old[2])


def test_a_lock_free_maximum_by_compare_exchange():
    k = Kernel(x="i32[1]", best="i32[1]")
    mine = k.load(k.x, k.gid())

    def body(seen, done):
        got = k.atomic("compare_exchange", k.best, 0, seen, mine)
        return got, (got == seen) | (got >= mine)

    first = k.atomic("add", k.best, 0, 0)
    k.while_(lambda seen, done: ~done, body, [first, first >= mine])
    x = np.random.default_rng(5).permutation(64).astype(np.int32)
    best = np.array([-1], np.int32)
    interpret(k.done(), (x, best), (4, 1, 1), (16, 1, 1), step_limit=1000)
    assert best[0] == 63


@pytest.mark.parametrize("order", ORDERS)
def test_histogram_in_shared_memory(order):
    k = Kernel(x="i32[1]", bins="u32[1]")
    own = k.shared("own", 8, "u32")
    t = k.tid()
    k.if_(t < 8, lambda: k.store(own, t, 0))
    k.barrier()
    k.atomic("add", own, k.load(k.x, k.gid()).cast("index") % 8, 1)
    k.barrier()
    k.if_(t < 8, lambda: (k.atomic("add", k.bins, t, k.load(own, t)), None)[1])
    x = np.random.default_rng(2).integers(0, 1000, 32 * 6).astype(np.int32)
    bins = np.zeros(8, np.uint32)
    interpret(k.done(), (x, bins), (6, 1, 1), (32, 1, 1), order=order)
    assert bins.tolist() == np.bincount(x % 8, minlength=8).tolist()


@pytest.mark.parametrize("element", ["i32", "f32", "f16", "u8"])
@pytest.mark.parametrize("kind", KINDS)
def test_atomics_of_many_lanes_at_few_places(kind, element):
    """The short cut for crowds gives what one after another gives."""
    if element.startswith("f") and kind in ("and", "or", "xor"):
        return
    t = T.SCALARS[element]
    k = Kernel(bins=f"{element}[1]", x=f"{element}[1]", old=f"{element}[1]")
    i = k.gid()
    k.store(k.old, i, k.atomic(kind, k.bins, i % 3 % 2, k.load(k.x, i)))
    f = k.done()
    x = (np.random.default_rng(4).normal(size=96) * 50).astype(np.int64).astype(t.dtype)
    bins, old = np.array([3, 40], t.dtype), np.zeros(96, t.dtype)
    want, want_old = bins.copy(), old.copy()
    interpret(f, (bins, x, old), (1, 1, 1), (96, 1, 1))
    with np.errstate(all="ignore"):
        for i in range(96):
            cell = i % 3 % 2
            want_old[i] = want[cell]
            want[cell] = KINDS[kind](want[cell], x[i])
    assert bins.tolist() == want.tolist() and old.tolist() == want_old.tolist()
