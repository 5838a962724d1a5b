"""Looking at functions: values taken apart."""

from __future__ import annotations

from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, joined_by
from kdsl.ir.ops import arith


def test_what_joins_to_a_value_comes_in_order() -> None:
    f = Function("f", (("x", T.i32), ("y", T.i32), ("z", T.i32)))
    b = Builder(f.body, f.span)
    x, y, z = f.params
    total = b.emit(arith.ADD, y, z)
    product = b.emit(arith.MUL, b.emit(arith.MUL, x, total), b.emit(arith.MUL, z, x))
    assert list(joined_by(product, arith.MUL)) == [x, total, z, x]
    assert list(joined_by(product, arith.ADD)) == [product]
    assert list(joined_by(x, arith.MUL)) == [x]
