"""Sums of which only the lowest bits are kept, in as many bits as those.

One idea: the lowest bits of a sum, a choice or a bitwise combination follow from those of its operands: `u8(1 if found else 0)` and
`u8(i32(a[i]) - i32(b[i]))` need no 32 bits, whatever the numbers are. Literals are i32, so that is how most bytes are made.
Products of 8 bits stay as they are: processors have none.
"""

from __future__ import annotations

from .. import types as T
from ..analysis.uses import use_counts
from ..builder import Rebuilder
from ..core import Function, Op, Value, walk
from ..ops import arith

__all__ = ["low_bits"]

_ROWS = frozenset({d.name for d in (arith.ADD, arith.SUB, arith.MUL, arith.NEG, arith.AND, arith.OR, arith.XOR, arith.SELECT)})
_MOST_WIDE = 1  # values of more bits that a tree begins with: each is cast, as the tree's last one was


def low_bits(f: Function) -> Function:
    """An equal function; `f` itself where there is no such value."""
    casts = [op for op in walk(f.body) if op.name == "arith.cast" and _is_narrowing(op)]
    if not casts:
        return f
    pass_ = _LowBits(f)
    for op in casts:
        pass_.choose(op)
    return pass_.run() if pass_.chosen else f


def _is_narrowing(op: Op) -> bool:
    t, source = op.results[0].type, op.operands[0]
    if not (isinstance(t, T.ScalarType) and isinstance(source.type, T.ScalarType) and source.op is not None):
        return False
    return t.is_integer and t.bits <= 16 and source.type.is_integer and source.type.bits > 16 and source.op.name in _ROWS


class _LowBits(Rebuilder):
    """chosen: casts whose trees are made in the type that they give. inner: the ops of those trees."""

    def __init__(self, f: Function) -> None:
        super().__init__(f)
        self.f = f
        self.uses = use_counts(f)
        self.chosen: set[Op] = set()
        self.inner: set[Op] = set()
        self.dead: set[Op] = set()

    def choose(self, op: Op) -> None:
        t = op.results[0].type
        assert isinstance(t, T.ScalarType)
        inner: list[Op] = []
        if self.wide(op.operands[0], t, inner) > _MOST_WIDE or not inner:
            return
        self.chosen.add(op)
        self.inner.update(inner)

    def wide(self, v: Value, t: T.ScalarType, inner: list[Op]) -> int:
        """How many values of more bits the tree under v begins with; its ops go to `inner`."""
        op = v.op
        if isinstance(v.constant, (bool, int)):
            return 0
        if op is None:
            return 1
        if _is_widening(op):
            return 0
        if op.name not in _ROWS or self.uses.get(v, 0) != 1 or (op.name == "arith.mul" and t.bits < 16):
            return 1
        inner.append(op)
        return sum(self.wide(x, t, inner) for x in _parts(op))

    def run(self) -> Function:
        self.dead = self.inner | {op for op in walk(self.f.body) if _is_widening(op) and self.is_left_over(op)}
        self.fill(self.f.body)
        return self.new

    def is_left_over(self, op: Op) -> bool:
        """Whether a cast was for chosen trees alone."""
        inside = sum(1 for inner in self.inner for v in inner.operands if v is op.results[0])
        return inside > 0 and self.uses.get(op.results[0], 0) == inside

    def changes(self, op: Op) -> bool:
        if op in self.chosen and op not in self.dead:
            t = op.results[0].type
            assert isinstance(t, T.ScalarType)
            made = self.low(op.operands[0], t)
            made.name = made.name or op.results[0].name
            self.mapping[op.results[0]] = made
        return op in self.dead or op in self.chosen

    def low(self, v: Value, t: T.ScalarType) -> Value:
        """The lowest bits of a value."""
        op = v.op
        if isinstance(v.constant, (bool, int)):
            low = int(v.constant) & (1 << t.bits) - 1
            return self.b.constant(low - (1 << t.bits) if t.is_signed and low >> (t.bits - 1) else low, t)
        if op is not None and op in self.inner:
            parts = [self.low(x, t) for x in _parts(op)]
            if op.name == "arith.select":
                return self.b.emit(op.defn, self.mapping[op.operands[0]], *parts)
            if op.name == "arith.neg":
                return self.b.emit(arith.SUB, self.b.constant(0, t), *parts)
            return self.b.emit(op.defn, *parts)
        new = self.mapping[op.operands[0] if op is not None and _is_widening(op) else v]
        return new if new.type is t else self.b.emit(arith.CAST, new, type=t)


def _is_widening(op: Op) -> bool:
    if op.name != "arith.cast":
        return False
    t = op.operands[0].type
    return isinstance(t, T.ScalarType) and (t.is_bool or (t.is_integer and t.bits <= 16))


def _parts(op: Op) -> tuple[Value, ...]:
    return op.operands[1:] if op.name == "arith.select" else op.operands
