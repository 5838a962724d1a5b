"""Subgroup operations at every size, with a partial last subgroup, against loops over a list of lanes."""

from __future__ import annotations

import numpy as np
import pytest
from handbuilt import Kernel

from kdsl.diagnostics import KernelFault
from kdsl.ir import types as T
from kdsl.ir.interpreter import interpret

SIZES = [1, 2, 4, 8, 16, 32, 64]


def run(size, f, n=44, element="f32", result=None, block=None, threads=None, grid=(2, 1, 1), **options):
    """out[i] = f(k, x[i], i) over blocks of n threads; gives (x, out) per existing thread of each block."""
    block = block or (n, 1, 1)
    result = result or element
    k = Kernel(x=f"{element}[1]", out=f"{result}[1]")
    linear = k.tid(0) + k.dim(0) * (k.tid(1) + k.dim(1) * k.tid(2))
    i = k.bid() * (block[0] * block[1] * block[2]) + linear
    k.store(k.out, i, f(k, k.load(k.x, i), i))
    count = grid[0] * block[0] * block[1] * block[2]
    rng = np.random.default_rng(size)
    x = (
        rng.integers(0, 2, count).astype(bool)
        if element == "bool"
        else rng.normal(size=count).astype(T.SCALARS[element].dtype)
    )
    out = np.zeros(count, T.SCALARS[result].dtype)
    interpret(k.done(), (x, out), grid, block, threads=threads, subgroup_size=size, **options)
    return x, out


def subgroups(n, size, blocks=2):
    """Lists of the global numbers of each subgroup's threads; None where there is no thread."""
    for b in range(blocks):
        for start in range(0, n, size):
            yield [b * n + start + k if start + k < n else None for k in range(size)]


SHUFFLES = {
    "shuffle": lambda own, other: other,
    "shuffle_xor": lambda own, other: own ^ other,
    "shuffle_up": lambda own, other: own - other,
    "shuffle_down": lambda own, other: own + other,
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SHUFFLES)
@pytest.mark.parametrize("other", [0, 1, 3, 7, 40, -1])
def test_shuffles(name, size, other):
    x, out = run(size, lambda k, v, i: k.op(f"subgroup.{name}", v, k.index(other) + i * 0))
    for group in subgroups(44, size):
        for own, i in enumerate(group):
            if i is None:
                continue
            source = SHUFFLES[name](own, other)
            there = 0 <= source < size and group[source] is not None
            assert out[i] == x[group[source] if there else i]


@pytest.mark.parametrize("size", SIZES)
def test_broadcast(size):
    x, out = run(size, lambda k, v, i: k.op("subgroup.broadcast", v, k.index(size // 3)), n=48)
    for group in subgroups(48, size):
        assert all(out[i] == x[group[size // 3]] for i in group if i is not None)


@pytest.mark.parametrize("lane", [8, -1, 4, "own"])
def test_broadcast_from_nowhere(lane):
    """Of the 12 threads the last 4 are a subgroup of 8 that is half filled."""

    def f(k, v, i):
        return k.op("subgroup.broadcast", v, k.op("simt.lane_id") if lane == "own" else k.index(lane))

    with pytest.raises(KernelFault) as e:
        run(8, f, n=12)
    assert e.value.code == "K450"
    run(8, f, n=12, check=False)


@pytest.mark.parametrize("size", SIZES)
def test_votes(size):
    x, bits = run(size, lambda k, v, i: k.op("subgroup.ballot", v), element="bool", result="u64")
    _, some = run(size, lambda k, v, i: k.op("subgroup.any", v), element="bool")
    _, every = run(size, lambda k, v, i: k.op("subgroup.all", v), element="bool")
    for group in subgroups(44, size):
        held = [i is not None and bool(x[i]) for i in group]
        for i in filter(lambda i: i is not None, group):
            assert int(bits[i]) == sum(b << n for n, b in enumerate(held))
            assert some[i] == any(held) and every[i] == all(h for h, j in zip(held, group) if j is not None)


def tree_sum(values):
    while len(values) > 1:
        half = len(values) // 2
        values = [a + b for a, b in zip(values[:half], values[half:])]
    return values[0]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("element", ["f32", "f16", "f64", "i32", "u8"])
def test_sums_minima_maxima(size, element):
    dtype = T.SCALARS[element].dtype
    x, total = run(size, lambda k, v, i: k.op("subgroup.sum", v), element=element)
    _, low = run(size, lambda k, v, i: k.op("subgroup.min", v), element=element)
    _, high = run(size, lambda k, v, i: k.op("subgroup.max", v), element=element)
    with np.errstate(all="ignore"):
        for group in subgroups(44, size):
            here = [i for i in group if i is not None]
            want = tree_sum([x[i] if i is not None else dtype.type(0) for i in group])
            assert (total[here] == want).all()
            assert (low[here] == x[here].min()).all() and (high[here] == x[here].max()).all()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("element", ["f32", "i64"])
def test_running_sums(size, element):
    x, inclusive = run(size, lambda k, v, i: k.op("subgroup.inclusive_sum", v), element=element)
    _, exclusive = run(size, lambda k, v, i: k.op("subgroup.exclusive_sum", v), element=element)
    for group in subgroups(44, size):
        sums = [x[i] if i is not None else x.dtype.type(0) for i in group]
        distance = 1
        while distance < size:
            sums = [s + sums[n - distance] if n >= distance else s for n, s in enumerate(sums)]
            distance *= 2
        for n, i in enumerate(group):
            if i is not None:
                assert inclusive[i] == sums[n] and exclusive[i] == (sums[n - 1] if n else 0)


def test_bf16_sums_round_after_every_addition():
    x = np.full(4, 0x3F80, np.uint16)  # 1.0
    x[0] = 0x4380  # 256.0: adding 1 to it is lost
    k = Kernel(x="bf16[1]", out="bf16[1]")
    k.store(k.out, k.tid(), k.op("subgroup.sum", k.load(k.x, k.tid())))
    out = np.zeros(4, np.uint16)
    interpret(k.done(), (x, out), (1, 1, 1), (4, 1, 1), subgroup_size=4)
    assert out.tolist() == [0x4381] * 4  # (256 + 1 -> 256) + (1 + 1) = 258


@pytest.mark.parametrize("size", SIZES)
def test_lane_id_and_size(size):
    _, lane = run(size, lambda k, v, i: k.op("simt.lane_id").cast("i32"), result="i32", block=(6, 3, 2))
    _, sizes = run(size, lambda k, v, i: k.op("simt.subgroup_size").cast("i32"), result="i32")
    assert lane.tolist() == [n % size for n in range(36)] * 2 and (sizes == size).all()


@pytest.mark.parametrize("order", ["forward", "reverse", "random"])
def test_a_block_cut_short_has_absent_lanes(order):
    """over(5, 3) in blocks of (4, 2): places are those of the full block, absent threads give nothing."""
    k = Kernel(out="i32[2]")
    one = k.number(1, T.i32) + k.gid(0).cast("i32") * 0
    k.store(k.out, (k.gid(1), k.gid(0)), k.op("subgroup.sum", one) * 100 + k.op("simt.lane_id").cast("i32"))
    out = np.zeros((3, 5), np.int32)
    interpret(k.done(), (out,), (2, 2, 1), (4, 2, 1), threads=(5, 3, 1), subgroup_size=8, order=order)
    assert out.tolist() == [[800, 801, 802, 803, 200], [804, 805, 806, 807, 204], [400, 401, 402, 403, 100]]


def test_reduction_of_a_block_by_subgroups():
    size, n = 8, 64
    k = Kernel(x="f32[1]", out="f32[1]")
    part = k.shared("part", n // size)
    t = k.tid()
    s = k.op("subgroup.sum", k.load(k.x, k.gid()))
    k.if_(k.op("simt.lane_id") == 0, lambda: k.store(part, t // k.op("simt.subgroup_size"), s))
    k.barrier()

    def first():
        total = k.op("subgroup.sum", k.load(part, t))
        k.if_(t == 0, lambda: k.store(k.out, k.bid(), total))

    k.if_(t < 8, first)
    x, out = np.arange(n * 3, dtype=np.float32), np.zeros(3, np.float32)
    interpret(k.done(), (x, out), (3, 1, 1), (n, 1, 1), subgroup_size=size)
    assert out.tolist() == x.reshape(3, n).sum(1).tolist()
