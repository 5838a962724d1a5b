"""Between which numbers an integer lies: what spares the corrections of division and shifts.

One idea: ids, extents, narrow types and constants are bounded, and bounds pass through sums, products and counters. Only
asked where the answer changes code, so it follows operands backwards, and not far. Also spares loops the test whether
`range(b, b + 8)` runs eight times.
"""

from __future__ import annotations

from collections.abc import Callable

from .. import types as T
from ..core import Op, Value
from ..ops import arith
from .accesses import split_constant

__all__ = ["ORDER", "RANGE_OF_IDS", "Ranges", "distance", "outcome"]

Range = tuple[int, int]
_DEPTH = 12
# More threads and elements than any machine has. A block that runs is one of at least one.
RANGE_OF_IDS: Range = (0, 1 << 42)
_IDS: dict[str, Range] = {
    "memory.extent": (0, 1 << 48), "simt.block_id": (0, (1 << 31) - 1), "simt.grid_dim": (1, 1 << 31),
    "simt.global_id": RANGE_OF_IDS, "simt.block_dim": (1, 1 << 11), "simt.thread_id": (0, 1 << 11),
    "simt.lane_id": (0, 127), "simt.subgroup_size": (1, 128),
}  # fmt: skip


def _product(a: Range, b: Range) -> Range:
    ends = [x * y for x in a for y in b]
    return min(ends), max(ends)


def _and(a: Range, b: Range) -> Range | None:
    """A number that is not negative bounds what is left of the other."""
    tops = [hi for lo, hi in (a, b) if lo >= 0]
    return (0, min(tops)) if tops else None


def _quotient(a: Range, b: Range) -> Range | None:
    """By 0 it is 0."""
    if a[0] < 0 or b[0] < 0:
        return None
    return (a[0] // b[1], a[1] // b[0]) if b[0] > 0 else (0, a[1])


def _rest(a: Range, b: Range) -> Range | None:
    return (0, max(b[1] - 1, 0)) if b[0] >= 0 else None


def _magnitude(a: Range) -> Range:
    return 0 if a[0] <= 0 <= a[1] else min(abs(a[0]), abs(a[1])), max(abs(a[0]), abs(a[1]))


def _shifted(a: Range, b: Range) -> Range | None:
    return (a[0] >> b[1], a[1] >> b[0]) if a[0] >= 0 and 0 <= b[0] <= b[1] < 64 else None


def _raised(a: Range, b: Range) -> Range | None:
    return (a[0] << b[0], a[1] << b[1]) if a[0] >= 0 and 0 <= b[0] <= b[1] < 64 else None


_RULES: dict[str, Callable[..., Range | None]] = {
    "arith.add": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "arith.sub": lambda a, b: (a[0] - b[1], a[1] - b[0]),
    "arith.mul": _product,
    "arith.neg": lambda a: (-a[1], -a[0]),
    "arith.abs": _magnitude,
    "arith.minimum": lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
    "arith.maximum": lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    "arith.and": _and,
    "arith.floordiv": _quotient,
    "machine.quot": _quotient,
    "arith.mod": _rest,
    "machine.rem": lambda a, b: _rest(a, b) if a[0] >= 0 else None,
    "machine.shr": _shifted,
    "machine.shl": _raised,
    "arith.shr": _shifted,
    "arith.shl": _raised,
}



def outcome(name: str, *given: Range) -> Range:
    """Between which numbers the op of that name gives, if it never wraps: `arith.add`, `arith.sub` or `arith.mul`."""
    found = _RULES[name](*given)
    assert found is not None, name
    return found


ORDER = {"arith.lt": True, "arith.le": True, "arith.gt": False, "arith.ge": False}  # whether the lesser one makes it true


class Ranges:
    """Ranges of integer values of one function. loops: of the counter of each loop, its lo, hi and step."""

    def __init__(self, block: tuple[int, int, int] | None) -> None:
        self.known: dict[Value, Range] = {}
        self.loops: dict[Value, tuple[Value, Value, Value | int]] = {}
        self.block = block

    def of(self, v: Value, depth: int = _DEPTH) -> Range:
        """(least, greatest); those of its type where nothing better is known."""
        t = T.element_of(v.type)
        if not t.is_integer:
            return T.limits(T.bool_)
        found = self.known.get(v)
        if found is None:
            limits = T.limits(t)
            found = self._find(v, depth) if depth else None
            if found is None or found[0] < limits[0] or found[1] > limits[1]:
                found = limits  # what wraps may be anything
            if depth == _DEPTH:
                self.known[v] = found
        return found

    def _find(self, v: Value, depth: int) -> Range | None:
        op = v.op
        if op is None:
            return self._counter(v, depth)
        if op.name == "arith.constant":
            value = int(op.attributes["value"])
            return value, value
        if op.name in _IDS:
            return self._of_id(op)
        if op.name == "arith.cast":
            source = T.element_of(op.operands[0].type)
            return self.of(op.operands[0], depth - 1) if source.is_integer else None
        if op.name == "arith.select":
            return self._choice(op, depth)
        if op.name == "scf.if":
            a, b = (self.of(region.yielded[v.index], depth - 1) for region in op.regions)
            return min(a[0], b[0]), max(a[1], b[1])
        join = _RULES.get(op.name)
        return join(*[self.of(x, depth - 1) for x in op.operands]) if join is not None else None

    def _choice(self, op: Op, depth: int) -> Range:
        """Of a select; one that compares what it selects is a minimum or a maximum."""
        cond, *chosen = op.operands
        a, b = (self.of(x, depth - 1) for x in chosen)
        test = cond.op
        if test is not None and test.name in ORDER and set(test.operands) == set(chosen):
            is_least = ORDER[test.name] == (test.operands[0] is chosen[0])
            return _RULES["arith.minimum" if is_least else "arith.maximum"](a, b) or (min(a[0], b[0]), max(a[1], b[1]))
        return min(a[0], b[0]), max(a[1], b[1])

    def _of_id(self, op: Op) -> Range:
        if self.block is not None and op.name in ("simt.thread_id", "simt.block_dim"):
            size = self.block[op.attributes["axis"]]
            return (0, size - 1) if op.name == "simt.thread_id" else (size, size)
        return _IDS[op.name]

    def _counter(self, v: Value, depth: int) -> Range | None:
        """The counter of a loop that counts up, in its body."""
        bounds = self.loops.get(v)
        if bounds is None:
            return None
        lo, hi, step = ((x, x) if isinstance(x, int) else self.of(x, depth - 1) for x in bounds)
        past = hi[1] - 1 + step[1]  # of a `while` it is computed: there it must not wrap
        if step[0] <= 0 or lo[0] >= hi[1] or (isinstance(bounds[2], int) and past > T.limits(T.element_of(v.type))[1]):
            return None
        return lo[0], hi[1] - 1


def distance(lo: Value, hi: Value, ranges: Ranges) -> int | None:
    """How much greater one index is than another, where both are one value and constants that are added to it without wrapping."""
    (a, before), (b, after) = _split(lo), _split(hi)
    if a is not b or b is None:
        return None
    least, greatest = ranges.of(a)
    limits = T.limits(T.element_of(a.type))
    if not all(limits[0] <= least + k and greatest + k <= limits[1] for k in (before, after)):
        return None
    return after - before


def _split(v: Value) -> tuple[Value, int]:
    """A value without the constant that is added to it, and the constant; of a widened sum, that of the sum."""
    op = v.op
    while op is not None and op.defn is arith.CAST and _widens(op):
        v = op.operands[0]
        op = v.op
    return split_constant(v)


def _widens(op: Op) -> bool:
    """Whether a cast keeps every number of its operand's type."""
    source, t = (T.element_of(v.type) for v in (op.operands[0], op.results[0]))
    if not (source.is_integer and t.is_integer):
        return False
    if source.is_signed == t.is_signed:
        return source.bits <= t.bits
    return t.is_signed and source.bits < t.bits
