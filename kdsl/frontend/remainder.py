"""`%` and `//` of floats, as Python and NumPy compute them: the remainder is exact, however large the quotient.

One idea: of magnitudes, `a - q * b` with `q` the truncated quotient is a float, so one fused multiply-add gives it without
rounding. Where the quotient has more bits than a float holds exactly, it is subtracted in parts, largest first, in a branch that
threads rarely take.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence

from ..ir import types as T
from ..ir.core import Region, Value
from ..ir.ops import arith
from .lowering import Lowering

__all__ = ["divide_floor", "modulo", "remainder", "with_sign"]

_STEP = {T.f32: 22, T.f64: 51}  # bits of a quotient that is off by less than one, also where division is not rounded correctly


def modulo(L: Lowering, x: Value, y: Value, node: ast.AST) -> Value:
    """`x % y` with the sign of y: as `numpy.mod`, bit for bit but for the payload of a NaN."""
    if _is_one(y):
        return L.emit(node, arith.SUB, x, L.emit(node, arith.FLOOR, x))
    return _Floats(L, node).run(x, y, _Floats.modulo)


def divide_floor(L: Lowering, x: Value, y: Value, node: ast.AST) -> Value:
    """`x // y`: as `numpy.floor_divide`; a zero may have the other sign."""
    return _Floats(L, node).run(x, y, _Floats.floored)


def remainder(L: Lowering, x: Value, y: Value, node: ast.AST) -> Value:
    """C's `fmod`: the same with the sign of x."""
    return _Floats(L, node).run(x, y, _Floats.remainder)


def with_sign(L: Lowering, x: Value, y: Value, node: ast.AST) -> Value:
    """The magnitude of x with the sign of y, also that of a zero or a NaN."""
    t = x.type
    assert isinstance(t, T.ScalarType)
    signed = {16: T.i16, 32: T.i32, 64: T.i64}[t.bits]
    bits, size = L.emit(node, arith.BITCAST, y, type=signed), L.emit(node, arith.ABS, x)
    is_below = L.emit(node, arith.LT, bits, L.constant(0, signed, node))
    return L.emit(node, arith.SELECT, is_below, L.emit(node, arith.NEG, size), size)


def _is_one(y: Value) -> bool:
    op = getattr(y, "owner", None)
    return getattr(op, "defn", None) is arith.CONSTANT and op.attributes["value"] == 1.0  # type: ignore[union-attr]


class _Floats:
    """Ops on floats of one type at one place of the text."""

    def __init__(self, L: Lowering, node: ast.AST) -> None:
        self.L = L
        self.node = node
        self.t: T.ScalarType = T.f32

    def run(self, x: Value, y: Value, compute: Callable[[_Floats, Value, Value], Value]) -> Value:
        """Narrow floats go through f32, which holds their remainders."""
        given = x.type
        assert isinstance(given, T.ScalarType)
        self.t = given if given.bits >= 32 else T.f32
        if self.t is given:
            return compute(self, x, y)
        wide = [self._do(arith.CAST, v, type=T.f32) for v in (x, y)]
        return self._do(arith.CAST, compute(self, *wide), type=given)

    def modulo(self, x: Value, y: Value) -> Value:
        _, rest, opposite = self._truncated(x, y)
        size = self._do(arith.ABS, y)
        rest = self._pick(opposite, self._do(arith.SUB, size, rest), rest)
        return self._pick(self._do(arith.LT, y, self._number(0.0)), self._do(arith.NEG, rest), rest)

    def remainder(self, x: Value, y: Value) -> Value:
        return with_sign(self.L, self._truncated(x, y)[1], x, self.node)

    def floored(self, x: Value, y: Value) -> Value:
        zero = self._number(0.0)
        whole, rest, opposite = self._truncated(x, y)
        whole = self._pick(opposite, self._do(arith.ADD, whole, self._number(1.0)), whole)
        differ = self._do(arith.NE, self._do(arith.LT, x, zero), self._do(arith.LT, y, zero))
        signed = self._pick(differ, self._do(arith.NEG, whole), whole)
        known = self._pick(self._do(arith.ISNAN, rest), rest, signed)
        return self._pick(self._do(arith.EQ, y, zero), self._do(arith.DIV, x, y), known)

    def _truncated(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        """Quotient and remainder of the magnitudes, and whether there is a remainder of a quotient below 0."""
        zero = self._number(0.0)
        a, b = self._do(arith.ABS, x), self._do(arith.ABS, y)
        whole = self._do(arith.TRUNC, self._do(arith.DIV, a, b))
        fast_whole, fast_rest = self._subtracted(whole, a, b)
        most = self._number(2.0 ** _STEP[self.t])
        is_large = self._do(arith.GE, whole, most)
        for is_number in (self._do(arith.LT, a, self._number(math.inf)), self._do(arith.GT, b, zero)):
            is_large = self._do(arith.AND, is_large, is_number)
        slow = self._region((), lambda: self._in_parts(a, b, most))
        fast = self._region((), lambda: (fast_whole, fast_rest))
        whole, rest = self.L.b.if_(is_large, (self.t, self.t), slow, fast).results
        is_below = self._do(arith.LT, a, b)  # also below an infinity
        whole, rest = self._pick(is_below, zero, whole), self._pick(is_below, a, rest)
        differ = self._do(arith.NE, self._do(arith.LT, x, zero), self._do(arith.LT, y, zero))
        return whole, rest, self._do(arith.AND, differ, self._do(arith.GT, rest, zero))

    def _subtracted(self, whole: Value, a: Value, b: Value) -> tuple[Value, Value]:
        """a - whole * b, from 0 to below b; the quotient may have been rounded up to the next number, or down from it."""
        one = self._number(1.0)
        rest = self._do(arith.FMA, self._do(arith.NEG, whole), b, a)
        over = self._do(arith.LT, rest, self._number(0.0))
        under = self._do(arith.GE, rest, b)
        moved = self._pick(over, self._do(arith.ADD, rest, b), self._pick(under, self._do(arith.SUB, rest, b), rest))
        up = self._pick(under, self._do(arith.ADD, whole, one), whole)
        return self._pick(over, self._do(arith.SUB, whole, one), up), moved

    def _in_parts(self, a: Value, b: Value, most: Value) -> tuple[Value, Value]:
        """The same of any finite a and b > 0: b times a power of two is taken off as often as fits, the largest power first."""
        down = self._number(2.0 ** -_STEP[self.t])

        def is_small(t: Value) -> Value:
            return self._do(arith.GE, self._do(arith.DIV, a, t), most)

        def take(rest: Value, t: Value) -> tuple[Value, Value]:
            part = self._do(arith.TRUNC, self._do(arith.DIV, rest, t))
            return self._subtracted(part, rest, t)[1], self._do(arith.MUL, t, down)

        (top,) = self._while((b,), is_small, lambda t: (self._do(arith.MUL, t, most),))
        rest, _ = self._while((a, top), lambda rest, t: self._do(arith.GE, t, b), take)
        return self._do(arith.ROUND, self._do(arith.DIV, self._do(arith.SUB, a, rest), b)), rest

    # Ops

    def _do(self, defn: object, *operands: Value, type: T.Type | None = None) -> Value:
        flags = {"exact": True} if defn in (arith.ADD, arith.SUB, arith.MUL) else {}
        return self.L.emit(self.node, defn, *operands, type=type, **flags)  # type: ignore[arg-type]

    def _number(self, value: float) -> Value:
        return self.L.constant(value, self.t, self.node)

    def _pick(self, cond: Value, a: Value, b: Value) -> Value:
        return self._do(arith.SELECT, cond, a, b)

    def _region(self, types: Sequence[T.Type], fill: Callable[..., Sequence[Value]]) -> Region:
        region = Region(tuple(types))
        with self.L.b.inside(region):
            self.L.b.yield_(*fill(*region.args))
        return region

    def _while(self, init: Sequence[Value], cond: Callable[..., Value], body: Callable[..., Sequence[Value]]) -> Sequence[Value]:
        types = [v.type for v in init]
        test = self._region(types, lambda *carried: (cond(*carried),))
        return self.L.b.while_(init, test, self._region(types, body)).results
