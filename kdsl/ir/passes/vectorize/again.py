"""What a loop's condition has computed, and its body computes again of the same values.

One idea: `while x*x + y*y <= 4: x, y = x*x - y*y + a, ...` squares in every round what the condition squared at the end of
the round before. A loop under masks runs condition and body in one block, so it can carry those values from one to the
other; besides the work, that frees a*b + c of a product used once from being fused where the product is needed anyway.
"""

from __future__ import annotations

from ... import types as T
from ...analysis.uniformity import SUBGROUP, Uniformity
from ...core import Op, Region, Value

__all__ = ["computed_again"]

# Each takes a register throughout the loop.
_MOST_CARRIED = 4


def computed_again(source: Region, repeated: Region, levels: Uniformity) -> list[tuple[Value, Value]]:
    """(value of the body, the same value of the condition) of varying numbers that other ops of the body use."""
    same = dict(zip(repeated.args, source.args, strict=True))
    known = {_key(op, {}): op.results[0] for op in source.ops[:-1] if op.defn.elementwise}
    for op in repeated.ops[:-1]:
        found = known.get(_key(op, same)) if op.defn.elementwise else None
        if found is not None:
            same[op.results[0]] = found
    needed: set[Value] = set(repeated.yielded)
    for op in repeated.ops[:-1]:
        if op.results and op.results[0] in same:
            continue
        if op.regions:
            return []  # who uses what is not looked for inside
        needed.update(op.operands)
    made = [op.results[0] for op in repeated.ops[:-1] if op.results]
    again = [(v, same[v]) for v in made if v in same and v in needed and _is_number(v) and levels.of(v) > SUBGROUP]
    return again if len(again) <= _MOST_CARRIED else []


def _is_number(v: Value) -> bool:
    return isinstance(v.type, T.ScalarType) and not v.type.is_bool and v.type is not T.index


def _key(op: Op, same: dict[Value, Value]) -> tuple[object, ...]:
    operands = tuple([same.get(v, v) for v in op.operands])
    return (op.defn, operands, *[r.type for r in op.results], *[(k, repr(v)) for k, v in op.attributes.items()])
