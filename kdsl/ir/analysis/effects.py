"""What code does besides computing: which arrays it reads and writes, what else is seen outside.

One idea: an array comes only from a parameter or `memory.alloc` (the verifier's rule), so the first operand of a
memory op is the array itself and the effect on its row is the effect on that array: no alias analysis.
"""

from __future__ import annotations

from ..core import Function, Op, Region, Value, walk
from ..opdef import Effect
from ..types import ArrayType

__all__ = ["array_effects", "has_effects", "only_reads", "region_effects"]


def array_effects(f: Function) -> dict[Value, Effect]:
    """What `f` does to each array that it takes or allocates: READ, WRITE, both or NONE."""
    found = {p: Effect.NONE for p in f.params if isinstance(p.type, ArrayType)}
    for op in walk(f.body):
        if op.defn.name == "memory.alloc":
            found[op.results[0]] = Effect.NONE
        elif op.defn.touches and op.operands:
            array = op.operands[0]
            found[array] = found.get(array, Effect.NONE) | (op.defn.effect & (Effect.READ | Effect.WRITE))
    return found


def only_reads(op: Op) -> bool:
    """Whether an atomic changes nothing, so that a load does it: bitwise or of 0, an exchange of a constant for itself."""
    kind, x = op.attributes.get("kind", op.defn.name.partition(".")[2]), op.operands[-1]
    if kind in ("compare_exchange", "atomic_cas"):
        return x.constant is not None and repr(op.operands[-2].constant) == repr(x.constant)  # 0.0 is not -0.0
    return kind == "or" and x.constant == 0


def region_effects(region: Region) -> Effect:
    """Everything that the ops of a region, and of the regions in it, may do."""
    effect = Effect.NONE
    for op in walk(region):
        if op.defn.effect is not Effect.NONE:
            effect |= op.defn.effect
    return effect


def has_effects(region: Region) -> bool:
    """Whether leaving a region out could be noticed: it writes, synchronises, reports, or threads meet in it."""
    return any(not op.defn.pure for op in walk(region))
