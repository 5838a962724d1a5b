"""Where loads, stores and atomics go: which memory, by which indices, and which of those counts elements side by side.

One idea: an access names its array first, then an index for each axis, then what it brings; passes ask for the parts here, not
by counting operands.
"""

from __future__ import annotations

from .. import types as T
from ..core import Op, Value
from ..ops import arith, memory

__all__ = ["in_row", "indices_of", "is_argument", "split_constant"]


def is_argument(v: Value) -> bool:
    """Whether a value is an array of the launch, which all threads see, and which others may overlap."""
    return isinstance(v.type, T.ArrayType) and v.type.space is T.Space.GLOBAL


def indices_of(op: Op) -> tuple[Value, ...]:
    """Of a load, a store, or an atomic that brings one value."""
    return op.operands[1:] if op.defn is memory.LOAD else op.operands[1:-1]


def in_row(op: Op) -> tuple[Value, list[Value]] | None:
    """(the index of elements that lie side by side, the others) of an access to an argument; None where it is to another
    array, or to one in which none lie so."""
    t = op.operands[0].type
    if not isinstance(t, T.ArrayType) or t.space is not T.Space.GLOBAL or t.unit_axis is None:
        return None
    others = list(indices_of(op))
    return others.pop(t.unit_axis), others


def split_constant(v: Value) -> tuple[Value, int]:
    """An index without the number that is added to it, and that number."""
    op = v.op
    n = op.operands[1].constant if op is not None and op.defn is arith.ADD else None
    return (op.operands[0], n) if op is not None and isinstance(n, int) else (v, 0)
