"""Ops that nothing needs: what expansions leave over.

One idea: uses come after definitions, so one walk backwards sees every use of a value before the op that makes it. What
branches and loops yield counts as used, whether or not their result is; `simplify` has dropped those of the user's.
"""

from __future__ import annotations

from ...core import Function, Op, Region, Value
from ...ops import scf

__all__ = ["without_dead"]


def without_dead(f: Function) -> Function:
    """A function that was just built, without the ops that nothing needs: they are taken out in place."""
    seen: set[Op] = set()
    _effects(f.body, seen)
    _prune(f.body, seen, set())
    return f


def _effects(region: Region, seen: set[Op]) -> bool:
    """Whether a region does what is seen outside; the ops that do are added to `seen`."""
    found = False
    for op in region.ops:
        if op.regions:
            inner = [_effects(r, seen) for r in op.regions]  # of every region, also behind one that has some
            if any(inner):
                seen.add(op)
                found = True
        elif not op.defn.pure and op.defn is not scf.YIELD:
            seen.add(op)
            found = True
    return found


def _prune(region: Region, seen: set[Op], used: set[Value]) -> None:
    kept: list[Op] = []
    for op in reversed(region.ops):
        if op.defn is not scf.YIELD and op not in seen and used.isdisjoint(op.results):
            continue
        for inner in op.regions:
            _prune(inner, seen, used)
        used.update(op.operands)
        kept.append(op)
    kept.reverse()
    region.ops[:] = kept
