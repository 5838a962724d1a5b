"""What a loop carries and may be taken in parts, which are put together behind it: sums and extremes.

One idea: where all that a loop does with a carried value is to join it with something that does not hang on it, by one kind of op
that takes its operands in any grouping, rounds need not wait for each other.
"""

from __future__ import annotations

from ...core import Region, Value, walk
from ...opdef import OpDef
from ...ops import arith

__all__ = ["kind_of"]

_PARTS = {"arith.add": arith.ADD, "arith.sub": arith.ADD, "arith.mul": arith.MUL, "arith.minimum": arith.MINIMUM,
          "arith.maximum": arith.MAXIMUM, "arith.and": arith.AND, "arith.or": arith.OR, "arith.xor": arith.XOR}  # fmt: skip


def kind_of(region: Region, place: int) -> OpDef | None:
    """The op that joins what a loop carries at a place with something that does not hang on it, in every round; None where rounds
    are to follow one another."""
    parts = {region.args[1 + place]}
    found: set[OpDef] = set()
    if not _collect(region, parts, found) or region.yielded[place] not in parts or len(found) != 1:
        return None
    if any(v in parts for k, v in enumerate(region.yielded) if k != place):
        return None
    return found.pop()


def _collect(region: Region, parts: set[Value], found: set[OpDef]) -> bool:
    """Add what is made of `parts` by joining; whether nothing else is made of them."""
    for op in region.ops[:-1]:
        mine = [k for k, v in enumerate(op.operands) if v in parts]
        if op.regions:
            if op.name != "scf.if" or mine or not all(_collect(inner, parts, found) for inner in op.regions):
                if mine or any(v in parts for inner in op.regions for o in walk(inner) for v in o.operands):
                    return False
                continue
            for k, r in enumerate(op.results):
                both = [inner.yielded[k] in parts for inner in op.regions]
                if all(both):
                    parts.add(r)
                elif any(both):
                    return False
        elif mine:
            if op.name == "arith.select" and mine == [1, 2]:
                parts.add(op.results[0])
            elif op.name in _PARTS and len(mine) == 1 and (op.name != "arith.sub" or mine == [0]) and not op.attributes:
                found.add(_PARTS[op.name])
                parts.add(op.results[0])
            else:
                return False
    return True
