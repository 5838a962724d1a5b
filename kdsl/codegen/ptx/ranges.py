"""Which integers a value may be: what lets 64-bit arithmetic be done in 32 bits.

One idea: an interval per value, from its op and the intervals of its operands, once somebody asks; loops give their counters
an interval and what they carry none. `index` is 64 bits wide, and most indices are far from needing them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...ir import types as T
from ...ir.core import Op, Value

__all__ = ["INTEGERS", "Interval", "Ranges", "fits_word"]

Interval = tuple[int, int]
INTEGERS = frozenset(t for t in T.SCALARS.values() if t.is_integer)

_EXTENT = (0, 1 << 48)  # of an array: addresses have no more bits
_DEEP = 100  # ops back from where it is asked
_WORD = (-(1 << 31), (1 << 31) - 1)


def fits_word(found: Interval) -> bool:
    """Whether all of an interval are numbers of 32 bits with a sign."""
    return _WORD[0] <= found[0] and found[1] <= _WORD[1]


def _mul(a: Interval, b: Interval) -> Interval:
    ends = [x * y for x in a for y in b]
    return min(ends), max(ends)


def _quot(a: Interval, b: Interval) -> Interval | None:
    if b[0] <= 0:
        return None
    ends = [int(x / y) if abs(x) < 1 << 50 else (abs(x) // y) * (1 if x > 0 else -1) for x in a for y in b]
    return min(ends), max(ends)


def _rem(a: Interval, b: Interval) -> Interval | None:
    if b[0] <= 0:
        return None
    most = b[1] - 1
    return max(-most, a[0]) if a[0] < 0 else 0, min(most, a[1]) if a[1] > 0 else 0


def _floordiv(a: Interval, b: Interval) -> Interval | None:
    if b[0] <= 0:
        return None
    ends = [x // y for x in a for y in b]
    return min(ends), max(ends)


def _and(a: Interval, b: Interval) -> Interval | None:
    bounds = [x[1] for x in (a, b) if x[0] >= 0]
    return (0, min(bounds)) if bounds else None


def _or(a: Interval, b: Interval) -> Interval | None:
    if a[0] < 0 or b[0] < 0:
        return None
    return 0, (1 << max(a[1].bit_length(), b[1].bit_length())) - 1


def _shr(a: Interval, b: Interval) -> Interval | None:
    if b[0] < 0 or b[1] > 63:
        return (min(a[0], -1 if a[0] < 0 else 0), max(a[1], 0))
    ends = [x >> y for x in a for y in b]
    return min(ends), max(ends)


def _shl(a: Interval, b: Interval) -> Interval | None:
    if b[0] < 0 or b[1] > 63:
        return None
    ends = [x << y for x in a for y in b]
    return min(ends), max(ends)


_RULES: dict[str, Callable[..., Interval | None]] = {
    "arith.add": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "arith.sub": lambda a, b: (a[0] - b[1], a[1] - b[0]),
    "arith.mul": _mul,
    "arith.neg": lambda a: (-a[1], -a[0]),
    "arith.abs": lambda a: (0 if a[0] <= 0 <= a[1] else min(abs(a[0]), abs(a[1])), max(abs(a[0]), abs(a[1]))),
    "arith.minimum": lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
    "arith.maximum": lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    "arith.and": _and,
    "arith.or": _or,
    "arith.xor": _or,
    "arith.shl": _shl,
    "arith.shr": _shr,
    "machine.shl": _shl,
    "machine.shr": _shr,
    "machine.quot": _quot,
    "machine.rem": _rem,
    "arith.floordiv": _floordiv,
    "arith.cast": lambda a: a,
    "arith.popcount": lambda a: (0, 64),
    "arith.clz": lambda a: (0, 64),
    "arith.ctz": lambda a: (0, 64),
}


class Ranges:
    """Intervals of integer values; those of a block's ids follow from its shape."""

    def __init__(self, block: Sequence[int]) -> None:
        self.block = tuple(block)
        self.known: dict[Value, Interval] = {}

    def of(self, v: Value, deep: int = 0) -> Interval:
        found = self.known.get(v)
        if found is None:
            op = v.op
            if op is not None and deep < _DEEP:
                self.op(op, v, deep + 1)
            found = self.known.setdefault(v, T.limits(v.type))  # type: ignore[index]
        return found

    def learn(self, v: Value, found: Interval) -> bool:
        """Note an interval, unless the arithmetic may have wrapped; whether it was noted."""
        low, high = T.limits(v.type)  # type: ignore[arg-type]
        fits = low <= found[0] and found[1] <= high
        if fits:
            self.known[v] = found
        return fits

    def op(self, op: Op, result: Value, deep: int) -> None:
        """Note what an op's result, an integer, may be."""
        name, operands = op.defn.name, op.operands
        rule = _RULES.get(name)
        if rule is not None:
            for v in operands:
                if v.type not in INTEGERS:
                    return
            found = rule(*[self.of(v, deep) for v in operands])
            if found is not None:
                self.learn(result, found)
        elif name == "arith.constant":
            number = int(op.attributes["value"])
            self.known[result] = number, number
        elif name == "arith.select":
            a, b = self.of(operands[1], deep), self.of(operands[2], deep)
            self.known[result] = min(a[0], b[0]), max(a[1], b[1])
        elif name == "arith.lookup":
            self.known[result] = int(min(op.attributes["table"])), int(max(op.attributes["table"]))
        elif name == "memory.extent":
            self.known[result] = _EXTENT
        elif name.startswith("simt."):
            self.id(name, op.attributes.get("axis", 0), result)

    def id(self, name: str, axis: int, result: Value) -> None:
        # CUDA C++ programming guide, "Technical specifications per compute capability": blocks along x, y, z.
        blocks = (1 << 31) - 1 if axis == 0 else 65535
        threads = self.block[axis]
        top = {
            "simt.thread_id": threads - 1, "simt.block_dim": threads, "simt.block_id": blocks - 1, "simt.grid_dim": blocks,
            "simt.global_id": blocks * threads - 1, "simt.lane_id": 31, "simt.subgroup_size": 32,
        }.get(name)  # fmt: skip
        if top is not None:
            self.known[result] = ({"simt.grid_dim": 1, "simt.block_dim": threads, "simt.subgroup_size": 32}.get(name, 0), top)
