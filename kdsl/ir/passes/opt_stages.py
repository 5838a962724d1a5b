"""Stages between barriers become straight code: `while d < 256: ...; barrier(); d *= 2` with a number for `d` in each of them.

One idea: a `while` counts what is known before any thread runs where its condition follows from carried values that start as
numbers and of which each is computed from such values alone; a `for` between numbers does so by its counter, as `1 << k`. Scans,
trees of sums and networks of sorting double or halve a distance in shared memory between their barriers; as a number the
distance tells `vectorize` which accesses are runs of neighbours. The loops are unrolled by a sweep of `opt_simplify`, which
folds the numbers as it does any others: what wraps wraps.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..core import Function, Op, Region, Value, all_ops, walk
from ..ops import arith, scf, simt
from .opt_simplify import TooLong, unrolled

__all__ = ["opt_stages"]

# That unrolling may make, in all loops together: a tree of sums of 256 elements takes 40 ms more to compile. Scans with two
# barriers in a stage take longer as straight code, with all threads in each of many loops over threads; so do sorting networks.
_MOST_OPS = 260
# What makes a distance of a counter; of other loops around barriers, as over the tiles of a product, trips are alike.
_DISTANCES = (arith.SHL, arith.SHR, arith.FLOORDIV)


def opt_stages(f: Function) -> Function:
    """An equal function without its loops of known stages; `f` itself where there are none,
    they are too long, or the block's shape is not known."""
    if f.attributes.get("block") is None or f.debug:
        return f
    loops = _Search(f).found
    if not loops:
        return f
    fewer = {op for op in loops if op.defn is scf.WHILE}
    for some in (loops, fewer) if 0 < len(fewer) < len(loops) else (loops,):
        try:
            return unrolled(f, some, _MOST_OPS)
        except TooLong:
            pass
    return f


class _Search:
    """Finds the loops. numbers: carried values that are numbers in every trip."""

    def __init__(self, f: Function) -> None:
        self.found: set[Op] = set()
        self.numbers: set[Value] = set()
        for op in walk(f.body):  # what is around a loop comes before it
            if op.defn is scf.WHILE and _waits(op):
                self.look(op)
            elif op.defn is scf.FOR and _waits(op):
                self.count(op)

    def look(self, op: Op) -> None:
        cond, body = op.regions
        slots, assumed = self.carried(op.operands, [cond.args, body.args], body.yielded)
        if slots and self.is_number(cond.yielded[0]):
            self.found.add(op)
            self.numbers.update(op.results[k] for k in slots)
        else:
            self.numbers -= assumed

    def count(self, op: Op) -> None:
        """A `for` from number to number which tells distances by its counter, as `1 << k`, or halves one that it carries."""
        body = op.regions[0]
        if not all(self.is_number(v) for v in op.operands[:3]):
            return
        self.numbers.add(body.args[0])
        slots, assumed = self.carried(op.operands[3:], [body.args[1:]], body.yielded)
        if any(inner.defn in _DISTANCES and self.is_number(inner.results[0]) for inner in all_ops(body)):
            self.found.add(op)
            self.numbers.update(op.results[k] for k in slots)
        else:
            self.numbers -= assumed | {body.args[0]}

    def carried(self, init: Sequence[Value], args: Sequence[Sequence[Value]],
                after: Sequence[Value]) -> tuple[set[int], set[Value]]:  # fmt: skip
        """Which values of a loop are numbers in every trip, and what they are called in its regions."""
        slots = {k for k, v in enumerate(init) if self.is_number(v)}
        while True:
            assumed = {group[k] for group in args for k in slots}
            self.numbers |= assumed
            fewer = {k for k in slots if self.is_number(after[k])}
            if fewer == slots:
                return slots, assumed
            self.numbers -= assumed
            slots = fewer

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
