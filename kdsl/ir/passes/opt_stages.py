"""Stages between barriers become straight code: `while d < 256: ...; barrier(); d *= 2` with a number for `d` in each of them.

One idea: a `while` counts what is known before any thread runs where its condition follows from carried values that start as
numbers and of which each is computed from such values alone. Scans, trees of sums and networks of sorting double or halve a
distance in shared memory between their barriers; as a number the distance tells `vectorize` which accesses are runs of
neighbours. The loops are unrolled by a sweep of `opt_simplify`, which folds the numbers as it does any others: what wraps wraps.
"""

from __future__ import annotations

from ..core import Function, Op, Region, Value, all_ops, walk
from ..ops import scf, simt
from .opt_simplify import TooLong, unrolled

__all__ = ["opt_stages"]

# That unrolling may make, in all loops together: a tree of sums takes 30 ms more to compile. With more (240), a Hillis-Steele scan
# of 256 elements would take 0.7 of its time and a Blelloch scan 0.8, but both 2.7 times as long to compile.
_MOST_OPS = 100


def opt_stages(f: Function) -> Function:
    """An equal function without its loops of known stages; `f` itself where there are none,
    they are too long, or the block's shape is not known."""
    if f.attributes.get("block") is None or f.debug:
        return f
    loops = _Search(f).found
    if not loops:
        return f
    try:
        return unrolled(f, loops, _MOST_OPS)
    except TooLong:
        return f


class _Search:
    """Finds the loops. numbers: carried values that are numbers in every trip."""

    def __init__(self, f: Function) -> None:
        self.found: set[Op] = set()
        self.numbers: set[Value] = set()
        for op in walk(f.body):  # what is around a loop comes before it
            if op.defn is scf.WHILE and _waits(op):
                self.look(op)

    def look(self, op: Op) -> None:
        cond, body = op.regions
        slots = {k for k, v in enumerate(op.operands) if self.is_number(v)}
        while True:
            assumed = {region.args[k] for region in op.regions for k in slots}
            self.numbers |= assumed
            fewer = {k for k in slots if self.is_number(body.yielded[k])}
            if fewer == slots:
                break
            self.numbers -= assumed
            slots = fewer
        if slots and self.is_number(cond.yielded[0]):
            self.found.add(op)
            self.numbers.update(op.results[k] for k in slots)
        else:
            self.numbers -= assumed

    def is_number(self, v: Value) -> bool:
        known: dict[Value, bool] = {}
        open_ = [v]  # no recursion: a value may be thousands of sums deep, and made of another twice at each
        while open_:
            w = open_[-1]
            op = w.op
            if w.constant is not None or w in self.numbers:
                known[w] = True
            elif op is None or not op.defn.elementwise or not all(known.get(x, True) for x in op.operands):
                known[w] = False
            else:
                missing = [x for x in op.operands if x not in known]
                if missing:
                    open_.append(missing[0])
                    continue
                known[w] = True
            open_.pop()
        return known[v]


def _waits(loop: Op) -> bool:
    regions: tuple[Region, ...] = loop.regions
    return any(inner.defn is simt.BARRIER for region in regions for inner in all_ops(region))
