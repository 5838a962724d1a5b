"""Which stores write what nobody will look at soon: they may go past the caches in a launch that writes more than fits.

One idea: an array that a kernel only writes, once a thread and outside of loops, is not worth a place in a cache by the
time it is larger than one. Whether it is, is known at the launch; here only which stores qualify.
"""

from __future__ import annotations

from .. import types as T
from ..core import Function, Op, Region
from ..opdef import Effect
from .effects import array_effects, region_effects

__all__ = ["streamed_stores"]


def streamed_stores(f: Function) -> list[Op]:
    """The stores of a thread-level function that qualify, in order."""
    if region_effects(f.body) & Effect.SYNC:
        return []  # a fence orders stores, and those past the caches obey another one
    written = {array for array, effect in array_effects(f).items() if effect is Effect.WRITE}
    return [op for op in _outside_loops(f.body) if op.name == "memory.store" and op.operands[0] in written and _whole(op)]


def _outside_loops(region: Region) -> list[Op]:
    found: list[Op] = []
    for op in region.ops:
        found.append(op)
        if op.name == "scf.if":
            for inner in op.regions:
                found += _outside_loops(inner)
    return found


def _whole(op: Op) -> bool:
    """Whether the store writes whole elements of an array of which elements may lie side by side."""
    array = op.operands[0].type
    if not isinstance(array, T.ArrayType) or array.space is not T.Space.GLOBAL or array.unit_axis is None:
        return False
    return T.size_and_align(array.element)[0] == T.element_of(op.operands[-1].type).size_bytes
