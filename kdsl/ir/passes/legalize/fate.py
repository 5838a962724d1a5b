"""What becomes of an op on a GPU target, asked without a function: for people, and for the test that finds holes.

One idea: what the pass would do is in its tables already.
"""

from __future__ import annotations

from ... import types as T
from ...opdef import OpDef
from .maker import NARROW_RULES, RULES, SPECIAL, Spells
from .wide import HALVED

__all__ = ["ATOMIC_HALVES", "ATOMIC_LOOP", "EXPANDED", "SPELLED", "fate"]

SPELLED = "an instruction of the target"
EXPANDED = "made of other ops"
ATOMIC_LOOP = "a loop of compare and exchange"
ATOMIC_HALVES = "an update of each half, where no old value is used"


def fate(defn: OpDef, t: T.ScalarType, spells: Spells) -> str:
    """One of the words above; "" where there is no way: a hole."""
    if spells(defn.name, t) and not t.storage:
        return SPELLED
    if defn.name.startswith("atomic."):
        bits = {16: T.u16, 32: T.u32, 64: T.u64}.get(t.bits)
        if bits is not None and spells("atomic.compare_exchange", bits):
            return ATOMIC_LOOP
        return ATOMIC_HALVES if t.bits == 64 and t.is_integer and defn.name.partition(".")[2] in HALVED else ""
    if defn.function or defn in RULES or defn in SPECIAL or defn in NARROW_RULES:
        return EXPANDED
    return EXPANDED if t.bits < 32 and not t.is_bool else ""  # in a wider type
