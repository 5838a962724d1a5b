"""Quotients and remainders by constants, which are rounded down without being corrected, against the rows."""

from __future__ import annotations

import re

import numpy as np
import pytest
from cpu_rows import corners
from cpu_run import X86, array_type, block_function, index, load, over_row, run, store

from kdsl.codegen import cpu
from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Region, Value
from kdsl.ir.evaluate import evaluate
from kdsl.ir.opdef import OPS
from kdsl.ir.ops import arith, memory
from kdsl.target import CPU_TARGETS

DIVISORS = (1, 2, 3, 5, 7, 8, 10, 97, 100, 127, -1, -3, -7, -8)


def _divisors(t: T.ScalarType) -> list[int]:
    info = np.iinfo(t.dtype)
    return [d for d in (*DIVISORS, 400, 1000, int(info.max), int(info.max) - 1, int(info.min)) if info.min <= d <= info.max]


def _made(b: Builder, x: Value, t: T.ScalarType, lanes: int) -> list[Value]:
    of = T.TileType(t, (lanes,)) if lanes else t
    return [b.emit(defn, x, b.constant(d, of)) for d in _divisors(t) for defn in (arith.FLOORDIV, arith.MOD)]


def _divides(t: T.ScalarType, lanes: int) -> Function:
    outs = 2 * len(_divisors(t))
    f, b = block_function("divides", [("a", array_type(t)), *[(f"o{k}", array_type(t)) for k in range(outs)]])

    def tiles(i: Value, mask: Value) -> None:
        for r, out in zip(_made(b, load(b, t, lanes, f.params[0], i, mask=mask), t, lanes), f.params[1:], strict=True):
            store(b, r, out, i, mask=mask)

    if lanes:
        over_row(b, lanes, tiles)
    else:
        loop = Region((T.index,))
        with b.inside(loop):
            (i,) = loop.args
            for r, out in zip(_made(b, b.emit(memory.LOAD, f.params[0], i, type=t, offset=0), t, 0), f.params[1:], strict=True):
                b.emit(memory.STORE, out, i, r, offset=0)
            b.yield_()
        b.for_(b.emit(OPS["block.row_begin"]), b.emit(OPS["block.row_end"]), index(b, 1), (), loop)
    b.yield_()
    return f


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("target", X86)
@pytest.mark.parametrize("t", [T.i8, T.u8, T.i16, T.u16, T.i32, T.u32, T.i64, T.u64, T.index], ids=str)
@pytest.mark.parametrize("form", ["tile", "scalar"])
def test_divisors_that_are_known(form: str, t: T.ScalarType, target: str) -> None:
    info = np.iinfo(t.dtype)
    some = np.random.default_rng(3).integers(info.min, info.max, 300, t.dtype, endpoint=True)
    values = np.concatenate([corners(t).astype(t.dtype), np.arange(0, 100, dtype=t.dtype), some])
    if t.is_signed:
        values = np.concatenate([values, np.arange(-100, 0, dtype=t.dtype)])
    outs = [np.zeros(len(values), t.dtype) for _ in range(2 * len(_divisors(t)))]
    f = _divides(t, CPU_TARGETS[target].lanes if form == "tile" else 0)
    run(f, target, [values, *outs], (len(values),), chunk=len(values) + 16)
    rows = [(d, defn) for d in _divisors(t) for defn in (arith.FLOORDIV, arith.MOD)]
    for (d, defn), out in zip(rows, outs, strict=True):
        np.testing.assert_array_equal(out, evaluate(defn, t, [values, np.full_like(values, d)], {}), f"{defn.name} by {d}")


def test_nothing_is_corrected() -> None:
    """Signed numbers by a positive constant: a quotient of 32 bits takes LLVM half the time so, and processors less too."""
    text = cpu.emit(_divides(T.i32, 8), CPU_TARGETS["x86-64-v3"])
    divisors = [int(d) for d in re.findall(r"= sdiv .* splat \(i32 (-?\d+)\)", text)]
    assert len(divisors) == text.count("= sdiv ") > 0 and max(divisors) < 0
