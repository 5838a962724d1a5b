"""CPU code of hand-built functions: what a person would write down as the first things that must work."""

from __future__ import annotations

import numpy as np
import pytest
from cpu_run import X86, array_type, block_function, load, over_row, run, store

from kdsl.ir import types as T
from kdsl.ir.core import Function, Value
from kdsl.ir.ops import arith
from kdsl.target import CPU_TARGETS


def saxpy(lanes: int) -> Function:
    f, b = block_function("saxpy", (("a", T.f32), ("x", array_type(T.f32)), ("y", array_type(T.f32))))
    a, x, y = f.params

    def body(i: Value, mask: Value) -> None:
        product = b.emit(arith.MUL, b.splat(a, (lanes,)), load(b, T.f32, lanes, x, i, mask=mask))
        store(b, b.emit(arith.ADD, product, load(b, T.f32, lanes, y, i, mask=mask)), y, i, mask=mask)

    over_row(b, lanes, body)
    b.yield_()
    return f


@pytest.mark.parametrize("target", X86)
@pytest.mark.parametrize("n", [0, 1, 15, 16, 63, 64, 65, 1000])
def test_saxpy(target: str, n: int) -> None:
    x, y = np.arange(n, dtype=np.float32), np.ones(n + 1, np.float32)
    expected = 3 * x + 1
    run(saxpy(CPU_TARGETS[target].lanes), target, (3.0, x, y), (n,))
    assert np.array_equal(y[:n], expected)
    assert y[n] == 1
