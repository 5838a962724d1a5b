"""How small floats may be: where an instruction that flushes subnormals gives the same as one that does not.

One idea: of each value a number, not negative, that it is known not to lie below (or it is NaN): a square is not negative, and a
square plus 0.01 is no subnormal. Nothing is ever taken from a bound, so a rounding moves it by a small part of itself, and
all roundings on the way together by less than the half that is left to the least normal number.
"""

from __future__ import annotations

import math

from ...ir import types as T
from ...ir.core import Op, Value
from .ranges import Ranges

__all__ = ["Bounds"]

_NONE = -math.inf
_DEEP = 24  # ops back from where it is asked
_NORMAL = 2.0**-125  # twice the least normal number of f32


class Bounds:
    def __init__(self, ranges: Ranges) -> None:
        self.ranges = ranges
        self.known: dict[Value, float] = {}

    def is_normal(self, v: Value) -> bool:
        """Whether an f32 is NaN or greater than any subnormal."""
        return self.of(v) >= _NORMAL

    def of(self, v: Value, deep: int = 0) -> float:
        found = self.known.get(v)
        if found is None:
            if v.op is None or deep > _DEEP:
                return _NONE
            found = self.known[v] = self._of(v.op, deep + 1)
        return found

    def _of(self, op: Op, deep: int) -> float:
        name, operands = op.defn.name, op.operands
        if name == "arith.constant":
            value = float(op.attributes["value"])
            return value if value >= 0 else _NONE
        if name == "arith.cast":
            return self._cast(operands[0], op.results[0], deep)
        if not operands or not isinstance(operands[0].type, T.ScalarType):
            return _NONE
        if name == "arith.mul":
            return self._product(operands[0], operands[1], deep)
        if name == "arith.fma":
            return _plus(self._product(operands[0], operands[1], deep), self.of(operands[2], deep))
        if name == "arith.add":
            return _plus(self.of(operands[0], deep), self.of(operands[1], deep))
        if name == "arith.abs":
            return max(self.of(operands[0], deep), 0.0)
        if name == "arith.sqrt":
            return math.sqrt(max(self.of(operands[0], deep), 0.0))
        if name == "arith.maximum":
            return max(self.of(v, deep) for v in operands)
        if name == "arith.fmax":
            return self._fmax(operands, deep)
        if name in ("arith.minimum", "arith.fmin"):
            return min(self.of(v, deep) for v in operands)
        if name == "arith.select":
            return min(self.of(v, deep) for v in operands[1:])
        return _NONE

    def _product(self, a: Value, b: Value, deep: int) -> float:
        return 0.0 if a is b or (self.of(a, deep) >= 0 and self.of(b, deep) >= 0) else _NONE

    def _fmax(self, operands: tuple[Value, ...], deep: int) -> float:
        """A number where the other one is NaN; so of two that may be, only the lesser bound holds."""
        bounds = [self.of(v, deep) for v in operands]
        sure = [x for v, x in zip(operands, bounds, strict=True) if v.constant is not None]
        return max([min(bounds), *sure])

    def _cast(self, x: Value, result: Value, deep: int) -> float:
        t, to = x.type, result.type
        if not isinstance(t, T.ScalarType) or not isinstance(to, T.ScalarType) or t.is_bool:
            return _NONE
        found = float(self.ranges.of(x)[0]) if t.is_integer else self.of(x, deep)
        if found < 0:
            return _NONE
        return found if to in (T.f32, T.f64) else 0.0  # a narrower one has small numbers that are zero


def _plus(a: float, b: float) -> float:
    return a + b if a >= 0 and b >= 0 else _NONE
