"""`x ** n` of integers, where n is known when the kernel runs: products by the bits of n, which wrap as all products do.

One idea: a negative power is what its fraction is cut off to: exact for 1 and -1, otherwise 0, which a debug build reports.
"""

from __future__ import annotations

import ast

from ..ir import types as T
from ..ir.core import Region, Value
from ..ir.ops import arith, simt
from .lowering import Lowering

__all__ = ["whole_power"]

_FRACTION = "a negative power of an integer is a fraction"


def whole_power(L: Lowering, x: Value, n: Value, node: ast.AST) -> Value:
    """x ** n in the type of x."""
    t, of_n = x.type, n.type
    assert isinstance(t, T.ScalarType) and isinstance(of_n, T.ScalarType)
    one, zero, none = L.constant(1, t, node), L.constant(0, t, node), L.constant(0, of_n, node)
    odd = L.emit(node, arith.NE, L.emit(node, arith.AND, n, L.constant(1, of_n, node)), none)
    if x.constant == -1:
        return L.emit(node, arith.SELECT, odd, x, one)
    if x.constant == 2 and t is of_n:
        if of_n.kind is not T.Kind.UINT:
            L.emit(node, simt.ASSERT, L.emit(node, arith.GE, n, none), message=_FRACTION)
        return L.emit(node, arith.SHL, one, n)  # 0 for a negative n too
    if of_n.kind is T.Kind.UINT:
        return _product(L, x, n, one, node)
    is_fraction = L.emit(node, arith.LT, n, none)
    result = _product(L, x, L.emit(node, arith.MAXIMUM, n, none), one, node)
    is_unit = L.emit(node, arith.EQ, x, one)
    cut = L.emit(node, arith.SELECT, is_unit, one, zero)
    if t.kind is not T.Kind.UINT:
        is_minus = L.emit(node, arith.EQ, x, L.constant(-1, t, node))
        sign = L.emit(node, arith.SELECT, odd, x, one)
        is_unit, cut = L.emit(node, arith.OR, is_unit, is_minus), L.emit(node, arith.SELECT, is_minus, sign, cut)
    is_whole = L.emit(node, arith.OR, L.emit(node, arith.NOT, is_fraction), is_unit)
    L.emit(node, simt.ASSERT, is_whole, message=_FRACTION)
    return L.emit(node, arith.SELECT, is_fraction, cut, result)


def _product(L: Lowering, x: Value, n: Value, one: Value, node: ast.AST) -> Value:
    """x ** n for n >= 0."""
    of_n = n.type
    assert isinstance(of_n, T.ScalarType)
    types = (x.type, x.type, of_n)
    test, body = Region(types), Region(types)
    with L.b.inside(test):
        L.b.yield_(L.emit(node, arith.NE, test.args[2], L.constant(0, of_n, node)))
    with L.b.inside(body):
        result, square, rest = body.args
        bit, none = L.constant(1, of_n, node), L.constant(0, of_n, node)
        odd = L.emit(node, arith.NE, L.emit(node, arith.AND, rest, bit), none)
        more = L.emit(node, arith.SELECT, odd, L.emit(node, arith.MUL, result, square), result)
        L.b.yield_(more, L.emit(node, arith.MUL, square, square), L.emit(node, arith.SHR, rest, bit))
    L.b.span = L.span(node)
    return L.b.while_([one, x, n], test, body).results[0]
