"""What a loop's condition has computed, and its body computes again of the same values.

One idea: `while x*x + y*y <= 4: x, y = x*x - y*y + a, ...` squares in every round what the condition squared at the end of
the round before. A loop under masks runs condition and body in one block, so it can carry those values from one to the
other; besides the work, that frees a*b + c of a product used once from being fused where the product is needed anyway.
Where the body only asks for the difference of two such values, that is made beforehand and carried in place of both.
"""

from __future__ import annotations

from typing import NamedTuple

from ... import types as T
from ...analysis.uniformity import SUBGROUP, Uniformity
from ...core import Op, Region, Value

__all__ = ["Again", "computed_again"]

# Each takes a register throughout the loop.
_MOST_CARRIED = 4


class Again(NamedTuple):
    """same: (value of the body, the same value of the condition) of varying numbers that other ops of the body use. early: ops of
    the body that need nothing else, and without which it does not need some of them. carried: the body's values of both kinds
    that are left."""

    same: list[tuple[Value, Value]]
    early: list[Op]
    carried: list[Value]


def computed_again(source: Region, repeated: Region, levels: Uniformity) -> Again:
    """What the body need not compute, as the condition has."""
    same = dict(zip(repeated.args, source.args, strict=True))
    known = {_key(op, {}): op.results[0] for op in source.ops[:-1] if op.defn.elementwise}
    for op in repeated.ops[:-1]:
        found = known.get(_key(op, same)) if op.defn.elementwise else None
        if found is not None:
            same[op.results[0]] = found
    rest = [op for op in repeated.ops[:-1] if not (op.results and op.results[0] in same)]
    if any(op.regions for op in rest):
        return Again([], [], [])  # who uses what is not looked for inside
    used = [*repeated.yielded, *[v for op in rest for v in op.operands]]
    made = [op.results[0] for op in repeated.ops[:-1] if op.results]
    again = [v for v in made if v in same and v in used and _is_number(v) and levels.of(v) > SUBGROUP]
    early = [op for op in rest if _stands_for_two(op, again, used)]
    carried = [v for v in again if not any(v in op.operands for op in early)] + [op.results[0] for op in early]
    return Again([(v, same[v]) for v in again], early, carried) if len(carried) <= _MOST_CARRIED else Again([], [], [])


def _stands_for_two(op: Op, again: list[Value], used: list[Value]) -> bool:
    """Whether an op makes one number of two or more that nobody else asks for."""
    operands = set(op.operands)
    if not op.defn.elementwise or len(operands) < 2 or not _is_number(op.results[0]):
        return False
    return all(v in again and used.count(v) == op.operands.count(v) for v in operands)


def _is_number(v: Value) -> bool:
    return isinstance(v.type, T.ScalarType) and not v.type.is_bool and v.type is not T.index


def _key(op: Op, same: dict[Value, Value]) -> tuple[object, ...]:
    operands = tuple([same.get(v, v) for v in op.operands])
    return (op.defn, operands, *[r.type for r in op.results], *[(k, repr(v)) for k, v in op.attributes.items()])
