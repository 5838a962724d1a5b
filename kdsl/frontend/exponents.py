"""`ldexp`, `frexp` and `modf`: floats taken apart and put together by the bits of their exponents.

One idea: a power of two is a float made of bits, and a product with it is exact, or rounded once where the result is denormal.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import NamedTuple

from ..ir import types as T
from ..ir.core import Value
from ..ir.opdef import OpDef
from ..ir.ops import arith
from .lowering import Lowering
from .remainder import with_sign

__all__ = ["split_exponent", "split_fraction", "times_power_of_two"]


class _Layout(NamedTuple):
    """Of a float: the integer of its bits, how many are the fraction, and its greatest exponent."""

    bits: T.ScalarType
    fraction: int
    bias: int


_LAYOUTS = {T.f32: _Layout(T.i32, 23, 127), T.f64: _Layout(T.i64, 52, 1023)}


class _Maker:
    """Ops on a float of 32 or 64 bits at one place of the text."""

    def __init__(self, L: Lowering, t: T.ScalarType, node: ast.AST) -> None:
        self.L = L
        self.node = node
        self.t = t
        self.layout = _LAYOUTS[t]

    def do(self, defn: OpDef, *operands: Value, type: T.Type | None = None) -> Value:
        return self.L.emit(self.node, defn, *operands, type=type)

    def whole(self, value: int) -> Value:
        return self.L.constant(value, self.layout.bits, self.node)

    def number(self, value: float) -> Value:
        return self.L.constant(value, self.t, self.node)

    def power(self, n: Value) -> Value:
        """2**n in the range of normal exponents."""
        biased = self.do(arith.ADD, n, self.whole(self.layout.bias))
        return self.do(arith.BITCAST, self.do(arith.SHL, biased, self.whole(self.layout.fraction)), type=self.t)

    def limited(self, n: Value, low: int, high: int) -> Value:
        return self.do(arith.MINIMUM, self.do(arith.MAXIMUM, n, self.whole(low)), self.whole(high))


def _wide(L: Lowering, x: Value, node: ast.AST, compute: Callable[[_Maker, Value], Value]) -> Value:
    """Narrow floats go through f32, which holds them all."""
    given = x.type
    assert isinstance(given, T.ScalarType)
    if given.bits >= 32:
        return compute(_Maker(L, given, node), x)
    out = compute(_Maker(L, T.f32, node), L.emit(node, arith.CAST, x, type=T.f32))
    return L.emit(node, arith.CAST, out, type=given)


def times_power_of_two(L: Lowering, x: Value, n: Value, node: ast.AST) -> Value:
    """`ldexp`: x * 2**n, rounded once. In three factors, as a float's exponent may be further away than one goes; after one that
    goes down, as in musl's scalbn, no denormal is left that the next would round again."""

    def compute(m: _Maker, x: Value) -> Value:
        fraction, bias = m.layout.fraction, m.layout.bias
        rest = _exponent(m, n)
        for _ in range(2):
            is_far = m.do(arith.LT, rest, m.whole(1 - bias))
            step = m.do(arith.SELECT, is_far, m.whole(1 - bias + fraction + 1), m.limited(rest, 1 - bias, bias))
            x, rest = m.do(arith.MUL, x, m.power(step)), m.do(arith.SUB, rest, step)
        return m.do(arith.MUL, x, m.power(m.limited(rest, 1 - bias, bias)))

    return _wide(L, x, node, compute)


def _exponent(m: _Maker, n: Value) -> Value:
    """n in the type of the float's bits, or as far away as makes no difference."""
    t, most = n.type, 4 * m.layout.bias
    assert isinstance(t, T.ScalarType)
    if t.kind is T.Kind.UINT:
        n = m.do(arith.MINIMUM, n, m.L.constant(min(most, (1 << t.bits) - 1), t, m.node))
        return m.L.cast(n, m.layout.bits, m.node)
    wide = n if t.bits == 64 else m.L.cast(n, T.i64, m.node)
    w = wide.type
    assert isinstance(w, T.ScalarType)
    near = m.do(arith.MAXIMUM, wide, m.L.constant(-most, w, m.node))
    return m.L.cast(m.do(arith.MINIMUM, near, m.L.constant(most, w, m.node)), m.layout.bits, m.node)


def split_exponent(L: Lowering, x: Value, node: ast.AST) -> tuple[Value, Value]:
    """`frexp`: the number in [1/2, 1) and the exponent (i32) of x = number * 2**exponent; of 0, infinities and NaN x and 0."""
    exponents: list[Value] = []

    def compute(m: _Maker, x: Value) -> Value:
        fraction, bias = m.layout.fraction, m.layout.bias
        size = m.do(arith.ABS, x)
        is_denormal = m.do(arith.LT, size, m.number(2.0 ** (1 - bias)))
        up = m.do(arith.SELECT, is_denormal, m.do(arith.MUL, x, m.number(2.0 ** (fraction + 1))), x)
        bits = m.do(arith.BITCAST, up, type=m.layout.bits)
        field = m.whole((1 << (m.t.bits - 1 - fraction)) - 1)
        exponent = m.do(arith.AND, m.do(arith.SHR, bits, m.whole(fraction)), field)
        shift = m.do(arith.SELECT, is_denormal, m.whole(bias - 1 + fraction + 1), m.whole(bias - 1))
        is_number = m.do(arith.AND, m.do(arith.GT, size, m.number(0.0)), m.do(arith.LT, size, m.number(math.inf)))
        exponent = m.do(arith.SELECT, is_number, m.do(arith.SUB, exponent, shift), m.whole(0))
        exponents.append(m.L.cast(exponent, T.i32, node))
        kept = m.whole(~(((1 << (m.t.bits - 1 - fraction)) - 1) << fraction))
        half = m.do(arith.OR, m.do(arith.AND, bits, kept), m.whole((bias - 1) << fraction))
        return m.do(arith.SELECT, is_number, m.do(arith.BITCAST, half, type=m.t), x)

    return _wide(L, x, node, compute), exponents[0]


def split_fraction(L: Lowering, x: Value, node: ast.AST) -> tuple[Value, Value]:
    """`modf`: what is behind the point and the rest, both with the sign of x; of an infinity 0 and x."""
    t = x.type
    assert isinstance(t, T.ScalarType)
    whole = L.emit(node, arith.TRUNC, x)
    rest = L.emit(node, arith.SELECT, L.emit(node, arith.ISINF, x), L.constant(0.0, t, node), L.emit(node, arith.SUB, x, whole))
    return with_sign(L, rest, x, node), whole
