"""Block level in the interpreter: tiles, masked memory, flat rows, slots, records; and kernels after `vectorize`."""

from __future__ import annotations

import numpy as np
import pytest
from handbuilt import Kernel

from kdsl.artifact import Site
from kdsl.diagnostics import KernelFault
from kdsl.ir import types as T
from kdsl.ir.interpreter import interpret
from kdsl.ir.opdef import Level

W = 4


def block(flat=False, **params):
    return Kernel("blocky", Level.BLOCK, {"flat": flat, "width": W}, **params)


def tile(element="i32"):
    return T.TileType(T.SCALARS[element], (W,))


def iota(k, element="i32"):
    return k.op("tile.iota", type=tile(element))


def splat(k, x, like=T.i32):
    v = x if hasattr(x, "value") else k.number(x, like)
    return k.op("tile.splat", v, type=T.TileType(v.type, (W,)))


def true(k):
    return k.number(True, T.bool_)


def put(k, row, x):
    k.op("tile.store", k.out, k.index(row), k.index(0), true(k), x, axis=1, step=1, offset=0)


def test_tile_values():
    k = block(out="i32[2]")
    i = iota(k)
    put(k, 0, i * i + splat(k, 5))
    put(k, 1, splat(k, k.op("tile.extract", i * 7, k.index(2))))
    put(k, 2, k.op("tile.insert", i, k.number(9, T.i32), k.index(1)))
    put(k, 3, k.op("tile.permute", i * 10, iota(k, "index") + splat(k, 5, T.index)))
    mask = i > splat(k, 1)
    none = i > splat(k, 9)
    put(k, 4, splat(k, k.op("tile.first", mask).cast("i32")) + splat(k, k.op("tile.first", none).cast("i32") * 10))
    put(k, 5, splat(k, k.op("tile.bits", mask).cast("i32")))
    put(k, 6, splat(k, k.op("tile.any", mask).cast("i32") + k.op("tile.all", mask).cast("i32") * 10))
    put(k, 7, k.op("arith.select", mask, i, -i))
    put(k, 8, k.op("tile.compact", i * 10, mask))
    out = np.zeros((9, W), np.int32)
    interpret(k.done(), (out,), (1, 1, 1), (16, 1, 1))
    assert out.tolist() == [
        [5, 6, 9, 14], [14] * 4, [0, 9, 2, 3], [10, 20, 30, 0], [42] * 4, [12] * 4, [1] * 4, [0, -1, 2, 3],
        [20, 30, 0, 0],
    ]  # fmt: skip


def test_masked_and_strided_memory():
    k = block(x="f32[1]", y="f32[1]")
    i = iota(k)
    mask = i < splat(k, 3)
    v = k.op("tile.load", k.x, k.index(6), mask, type=tile("f32"), axis=0, step=-2, offset=0)
    k.op("tile.store", k.y, k.index(1), mask, v, axis=0, step=3, offset=0)
    wide = i.cast("index")
    odd = (i & splat(k, 1)) == splat(k, 1)
    g = k.op("tile.gather", k.x, wide * splat(k, 9, T.index), odd, type=tile("f32"), offset=0)
    k.op("tile.scatter", k.y, wide * wide, odd, g, offset=0)
    x, y = np.arange(28, dtype=np.float32), np.zeros(10, np.float32)
    interpret(k.done(), (x, y))
    want = np.zeros(10)
    want[[1, 4, 7]] = [6, 4, 2]
    want[[1, 9]] = [9, 27]
    assert y.tolist() == want.tolist()


def test_masked_lanes_may_lie_outside_but_others_not():
    def kernel(limit):
        k = block(x="f32[1]")
        k.line = 5
        one = splat(k, 1.0, T.f32)
        k.op("tile.store", k.x, k.index(3), iota(k) < splat(k, limit), one, axis=0, step=1, offset=0)
        return k.done()

    interpret(kernel(2), (np.zeros(5, np.float32),))
    with pytest.raises(KernelFault) as e:
        interpret(kernel(3), (np.zeros(5, np.float32),))
    assert e.value.code == "K440" and "index 5 " in e.value.diagnostic.message and e.value.diagnostic.span.line == 5


@pytest.mark.parametrize("chunk", [None, 4, 8])
def test_flat_functions_run_pieces_of_rows(chunk):
    k = block(flat=True, out="i32[3]")
    lo, hi = k.op("block.row_begin"), k.op("block.row_end")
    y, z = k.op("block.row", axis=1), k.op("block.row", axis=2)

    def body(x):
        mask = iota(k) < splat(k, (hi - x).cast("i32"))
        value = splat(k, (x + y * 100 + z * 1000).cast("i32")) + iota(k)
        k.op("tile.store", k.out, z, y, x, mask, value, axis=2, step=1, offset=0)

    k.for_(lo, hi, body, step=W)
    out = np.zeros((2, 3, 11), np.int32)
    interpret(k.done(), (out,), (3, 3, 2), (4, 1, 1), threads=(11, 3, 2), chunk=chunk)
    z, y, x = np.indices(out.shape)
    assert (out == x + 100 * y + 1000 * z).all()


@pytest.mark.parametrize("max_lanes", [1, 100])
def test_blocks_with_slots_and_extents(max_lanes):
    k = block(out="i32[1]")
    slots = k.op("memory.alloc", type=T.ArrayType(T.i32, 1, T.Space.SLOTS, None, 0), name="kept", count=2)
    n, b = k.op("block.extent", axis=0), k.bid(0)
    first = b * k.dim(0)

    def fill(x):
        k.op("tile.store", slots, x, true(k), splat(k, (first + x).cast("i32")) + iota(k), axis=0, step=1, offset=0)

    def drain(x):
        k.store(k.out, first + x, k.load(slots, n - 1 - x))

    k.for_(0, n, fill, step=W)
    k.for_(0, n, drain)
    out = np.zeros(15, np.int32)
    interpret(k.done(), (out,), (3, 1, 1), (6, 1, 1), threads=(15, 1, 1), max_lanes=max_lanes)
    assert out.tolist() == [5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6, 14, 13, 12]


def test_atomics_of_tiles():
    k = block(bins="i32[1]", old="i32[1]")
    i = iota(k)
    place = splat(k, 0, T.index)
    mask = i != splat(k, 1)
    old = k.op("tile.atomic", k.bins, place, mask, i + splat(k, 1), type=tile(), kind="add", offset=0)
    k.op("tile.store", k.old, k.index(0), true(k), old, axis=0, step=1, offset=0)
    was = k.op("tile.atomic_cas", k.bins, i.cast("index"), mask, splat(k, 0), splat(k, 7), type=tile(), offset=0)
    k.op("tile.store", k.old, k.index(4), true(k), was, axis=0, step=1, offset=0)
    bins, old = np.array([10, 0, 0, 5], np.int32), np.full(8, -1, np.int32)
    interpret(k.done(), (bins, old))
    assert bins.tolist() == [18, 0, 7, 5] and old.tolist() == [10, 0, 11, 14, 18, 0, 0, 5]


def test_records_of_sites():
    def kernel():
        k = block()
        i = iota(k)
        mask = i != splat(k, 2)
        at = [i.cast("index") + splat(k, 2, T.index), k.index(1), k.index(0)]
        k.op("tile.print", mask, *at, i, k.number(1.5, T.f32), site=0)
        k.op("tile.check", i < splat(k, 1), mask, *at, k.index(0), i.cast("index"), k.index(1), site=1)
        f = k.done()
        place = ("kernel.py", 3, 5, 9, "blocky")
        f.sites = [
            Site("print", "", place, (("text", "i "), ("value", "i32"), ("text", " "), ("value", "f32"))),
            Site("bounds", "x", place),
        ]
        return f

    said = []
    report = interpret(kernel(), (), check=False, on_print=said.append)
    assert said == ["i 0 1.5", "i 1 1.5", "i 3 1.5"]
    checks = [(r.thread, r.payload) for r in report.records if r.site == 1]
    assert checks == [((3, 1, 0), (0, 1, 1)), ((5, 1, 0), (0, 3, 1))]
    with pytest.raises(KernelFault) as e:
        interpret(kernel(), (), on_print=said.append)
    assert e.value.code == "K440" and e.value.diagnostic.span.line == 3
    assert "thread (3, 1, 0)" in e.value.diagnostic.message


def test_records_at_thread_level():
    k = Kernel("lowered")
    i = k.gid()
    k.op("simt.check", i != 5, k.index(0), i, k.index(5), site=0)
    k.if_(i < 2, lambda: (k.op("simt.report", i, site=1), None)[1])
    f = k.done()
    place = ("kernel.py", 3, 5, 9, "lowered")
    f.sites = [Site("bounds", "x", place), Site("print", "", place, (("value", "index"),))]
    said = []
    report = interpret(f, (), (2, 1, 1), (4, 1, 1), check=False, on_print=said.append)
    assert said == ["0", "1"]
    assert (0, (1, 0, 0), (1, 0, 0), (0, 5, 5)) in [(r.site, r.block, r.thread, r.payload) for r in report.records]
