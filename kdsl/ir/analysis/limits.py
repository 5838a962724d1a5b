"""Between which numbers a float lies: what spares functions the special cases that their arguments do not meet.

One idea: as `ranges` does for integers, what functions give, squares, magnitudes and constants bound is followed through
arithmetic, backwards and not far. An answer speaks of numbers and infinities; NaN is always possible.

A lower limit of 0 says more: the sign bit is clear, so nothing divided by it changes its sign. What may be -0.0 has the limit
-`_LEAST`. Limits are widened by what rounding, and functions within their error, may add.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

from .. import types as T
from ..core import Op, Value
from .ranges import ORDER, Ranges

__all__ = ["ANY", "Limits", "limits_of", "magnitude"]

Limits = tuple[float, float]
ANY: Limits = (-math.inf, math.inf)
_LEAST = 5e-324
_DEPTH = 7

_UNIT: Limits = (-1.0, 1.0)
_POSITIVE: Limits = (0.0, math.inf)
_GIVEN: dict[str, Limits] = {
    "math.sin": _UNIT, "math.cos": _UNIT, "math.tanh": _UNIT, "math.erf": _UNIT,
    "math.exp": _POSITIVE, "math.exp2": _POSITIVE, "math.expm1": (-1.0, math.inf), "math.cosh": (1.0, math.inf),
    "math.asin": (-math.pi / 2, math.pi / 2), "math.acos": (0.0, math.pi), "math.atan": (-math.pi / 2, math.pi / 2),
    "math.atan2": (-math.pi, math.pi), "random.uniform": (0.0, 1.0), "arith.sqrt": (-_LEAST, math.inf), "arith.sign": _UNIT,
}  # fmt: skip


def limits_of(v: Value, depth: int = _DEPTH) -> Limits:
    """(least, greatest) of a float; `ANY` where nothing is known."""
    op = v.op
    t = T.element_of(v.type)
    if op is None or depth == 0 or not isinstance(t, T.ScalarType) or not t.is_float:
        return ANY
    if op.name in ("arith.constant", "tile.splat"):
        value = v.constant
        return ANY if value is None or value != value else (_signed_zero(float(value)), float(value))
    given = _GIVEN.get(op.name)
    if given is not None:
        return _widened(*given, t)
    find = _RULES.get(op.name)
    return _widened(*find(op, depth - 1), t) if find is not None else ANY


def _signed_zero(x: float) -> float:
    return -_LEAST if x == 0 and math.copysign(1.0, x) < 0 else x


def _widened(low: float, high: float, t: T.ScalarType) -> Limits:
    if low != low or high != high:
        return ANY
    slack = {64: 1e-14, 32: 1e-6}.get(t.bits, 1e-2)  # of bf16 half a unit is 2**-9
    normal, largest = (2.0**-1022, 1.7e308) if t.bits == 64 else (2.0**-14, 65000.0) if t is T.f16 else (2.0**-126, 3.4e38)
    if 0 < low < normal:
        low = 0.0
    if -normal < high < 0:
        high = 0.0
    low -= abs(low) * slack
    high += abs(high) * slack
    return (-math.inf if low < -largest else min(low, largest)), (math.inf if high > largest else max(high, -largest))


def _times(a: float, b: float) -> float:
    """0 * inf is NaN, of which nothing is said: what is near both is 0."""
    return a * b if a and b else 0.0


def _product_of(a: Limits, b: Limits) -> Limits:
    ends = [_times(x, y) for x in a for y in b]
    low = min(ends)
    return (-_LEAST if low == 0 and (a[0] < 0 or b[0] < 0) else low), max(ends)


def _square(a: Limits) -> Limits:
    ends = [_times(x, x) for x in a]
    return (0.0 if a[0] <= 0 <= a[1] else min(ends)), max(ends)


def _factors(v: Value, depth: int) -> list[Value]:
    op = v.op
    if op is None or op.name != "arith.mul" or not depth:
        return [v]
    return [f for x in op.operands for f in _factors(x, depth - 1)]


def _product(op: Op, depth: int) -> Limits:
    """Of -0.5 * z * z each z has the other's sign."""
    found = (1.0, 1.0)
    for factor, count in Counter(_factors(op.results[0], 4)).items():
        limits = limits_of(factor, depth)
        square = _square(limits)
        for _ in range(count // 2):
            found = _product_of(found, square)
        if count % 2:
            found = _product_of(found, limits)
    return found


def _sum(op: Op, depth: int) -> Limits:
    a, b = [limits_of(v, depth) for v in op.operands]
    return a[0] + b[0], a[1] + b[1]


def _negative(a: Limits) -> Limits:
    return (-a[1] if a[1] else -_LEAST), -a[0]


def _difference(op: Op, depth: int) -> Limits:
    a, b = [limits_of(v, depth) for v in op.operands]
    return a[0] - b[1], a[1] - b[0]


def _quotient(op: Op, depth: int) -> Limits:
    a, b = [limits_of(v, depth) for v in op.operands]
    if b[0] < 0:
        return ANY
    low = 0.0 if a[0] >= 0 else a[0] / b[0] if b[0] else -math.inf
    high = 0.0 if a[1] <= 0 else a[1] / b[0] if b[0] else math.inf
    return low, high


def magnitude(a: Limits) -> Limits:
    """Of the number without its sign."""
    low, high = a
    return max(0.0, low, -high), max(-low, high)


def _least(op: Op, depth: int) -> Limits:
    a, b = [limits_of(v, depth) for v in op.operands]
    return min(a[0], b[0]), min(a[1], b[1])


def _greatest(op: Op, depth: int) -> Limits:
    a, b = [limits_of(v, depth) for v in op.operands]
    return max(a[0], b[0]), max(a[1], b[1])


def _either(a: Limits, b: Limits) -> Limits:
    return min(a[0], b[0]), max(a[1], b[1])


def _either_zero(x: float) -> float:
    """Of 0.0 and -0.0 neither is less, so what is at least one of them may be the other."""
    return float(x) or -_LEAST


def _least_number(op: Op, depth: int) -> Limits:
    """Where one is NaN, the other; no constant is."""
    low, high = _either(*[limits_of(v, depth) for v in op.operands])
    return low, min([high, *[float(v.constant) for v in op.operands if v.constant is not None]])


def _greatest_number(op: Op, depth: int) -> Limits:
    low, high = _either(*[limits_of(v, depth) for v in op.operands])
    return max([low, *[_either_zero(v.constant) for v in op.operands if v.constant is not None]]), high


def _choice(op: Op, depth: int) -> Limits:
    """Of a select; one that compares what it selects with a constant is a minimum or a maximum of numbers."""
    cond, *chosen = op.operands
    low, high = _either(*[limits_of(v, depth) for v in chosen])
    test = cond.op
    if test is None or test.name not in ORDER or set(test.operands) != set(chosen):
        return low, high
    constants = [v.constant for v in chosen if v.constant is not None]
    if ORDER[test.name] == (test.operands[0] is chosen[0]):
        return low, min([high, *map(float, constants)])
    return max([low, *map(_either_zero, constants)]), high


def _cast(op: Op, depth: int) -> Limits:
    source = T.element_of(op.operands[0].type)
    if source.is_float:
        return limits_of(op.operands[0], depth)
    low, high = Ranges(None).of(op.operands[0], min(depth, 6))
    return float(low), float(high)


def _fused(op: Op, depth: int) -> Limits:
    a, b, c = op.operands
    limits = limits_of(a, depth)
    product = _square(limits) if a is b else _product_of(limits, limits_of(b, depth))
    added = limits_of(c, depth)
    return product[0] + added[0], product[1] + added[1]


_RULES: dict[str, Callable[[Op, int], Limits]] = {
    "arith.add": _sum, "arith.sub": _difference, "arith.mul": _product, "arith.div": _quotient, "arith.fma": _fused,
    "arith.neg": lambda op, depth: _negative(limits_of(op.operands[0], depth)),
    "arith.abs": lambda op, depth: magnitude(limits_of(op.operands[0], depth)),
    "arith.minimum": _least, "arith.maximum": _greatest, "arith.fmin": _least_number, "arith.fmax": _greatest_number,
    "arith.select": _choice, "arith.cast": _cast,
}  # fmt: skip
