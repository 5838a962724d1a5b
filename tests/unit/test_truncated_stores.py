"""Integers that are truncated and stored under a mask that is known to have one lane: nothing is written behind them.

LLVM stores the whole number there (llvm/llvm-project#179489), with the instructions of AVX-512 that truncate and store.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
from cpu_run import X86, array_type, block_function, index, load, run, store

from kdsl.codegen import cpu
from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Value
from kdsl.ir.ops import arith, tile
from kdsl.target import CPU_TARGETS

_CASES = [(a, b, lanes) for a, b in ((T.i64, T.i32), (T.i64, T.i16), (T.i64, T.i8), (T.i32, T.i16), (T.i32, T.u8), (T.i16, T.i8))
          for lanes in (2, 4, 8, 16, 32)]  # fmt: skip
_STORED = {1: r"vpextrb|movb", 2: r"vpextrw|movw", 4: r"vextractps|vpextrd|movl|vmovd|vmovss"}


def one_lane(wide: T.ScalarType, narrow: T.ScalarType, lanes: int, lane: int, *, mixed: bool = False) -> Function:
    """Of the lanes of x the one, truncated, to y."""
    f, b = block_function("one_lane", [("x", array_type(wide)), ("y", array_type(narrow))], flat=False, width=lanes)
    x, y = f.params
    v = load(b, wide, lanes, x, index(b, 0), mask=b.constant(True, T.bool_))
    iota = b.emit(tile.IOTA, type=T.TileType(T.i32, (lanes,)))
    mask = b.emit(arith.EQ, iota, b.splat(b.constant(lane, T.i32), (lanes,)))
    new = b.emit(arith.CAST, v, type=T.TileType(narrow, (lanes,)))
    _put(b, new, y, mask, lanes, mixed)
    b.yield_()
    return f


def _put(b: Builder, new: Value, y: Value, mask: Value, lanes: int, mixed: bool) -> None:
    if mixed:
        old = load(b, T.element_of(new.type), lanes, y, index(b, 0), mask=b.constant(True, T.bool_))
        new, mask = b.emit(arith.SELECT, mask, new, old), b.constant(True, T.bool_)
    store(b, new, y, index(b, 0), mask=mask)


@pytest.mark.parametrize("mixed", [False, True], ids=["masked", "mixed"])
@pytest.mark.parametrize("target", X86)
@pytest.mark.parametrize("wide, narrow, lanes", _CASES, ids=[f"{a}-{b}-{n}" for a, b, n in _CASES])
def test_what_lies_behind_stays(wide: T.ScalarType, narrow: T.ScalarType, lanes: int, target: str, mixed: bool) -> None:
    x = np.arange(lanes).astype(wide.dtype) * 3 - 11
    for lane in (0, lanes - 1):
        y = np.full(2 * lanes + 8, 85, narrow.dtype)
        want = y.copy()
        want[lane] = x[lane].astype(narrow.dtype)
        run(one_lane(wide, narrow, lanes, lane, mixed=mixed), target, (x, y), (1,), block=(1,))
        np.testing.assert_array_equal(y, want)


@pytest.mark.parametrize("wide, narrow, lanes", _CASES, ids=[f"{a}-{b}-{n}" for a, b, n in _CASES])
def test_code_for_avx512_stores_what_the_array_holds(wide: T.ScalarType, narrow: T.ScalarType, lanes: int) -> None:
    """Whatever the machine: the one store is as wide as an element."""
    text = cpu.assembly(one_lane(wide, narrow, lanes, 0), CPU_TARGETS["x86-64-v4"])
    stores = re.findall(r"^\s+(\w+)\s[^\n]*, \(%r\w+(?:,[^)]*)?\)( \{%k\d\})?$", text, re.MULTILINE)
    assert stores
    for name, masked in stores:
        assert masked or re.fullmatch(_STORED[narrow.size_bytes], name), text
