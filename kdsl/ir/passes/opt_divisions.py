"""Vectors of 64 bits are divided as rarely as possible: it takes ten times as long as anything else that ids go through.

One idea: of loops that find their place by `i // w, i % w` most vectors lie within a row, and take a number for each
(`vectorize/lanes.py`); the vectors of quotients and of remainders are for those that do not. So what one branch alone uses is
computed in it, with all that is made of it. A remainder beside its quotient, of vectors as of numbers, is what a product leaves.
"""

from __future__ import annotations

from .. import types as T
from ..analysis.uses import users
from ..builder import Rebuilder
from ..core import Function, Op, Region, Value, inner_ops, walk
from ..ops import arith, scf

__all__ = ["opt_divisions"]

_DIVISIONS = (arith.FLOORDIV, arith.MOD)


def opt_divisions(f: Function) -> Function:
    """An equal function; `f` itself where there are no such divisions."""
    found = [op for op in walk(f.body) if _takes_long(op)]
    return _Divisions(f, found).new if found and not f.debug else f


def _takes_long(op: Op) -> bool:
    if op.defn not in _DIVISIONS:
        return False
    t, by = op.results[0].type, op.operands[1].constant
    if isinstance(t, T.TileType):
        return T.element_of(t).bits == 64 and not (isinstance(by, int) and by & (by - 1) == 0)
    return isinstance(t, T.ScalarType) and t.bits >= 32 and by is None


def _may_move(op: Op) -> bool:
    return op.defn is scf.YIELD or op.defn is scf.IF or (op.defn.mergeable and not op.regions)


class _Divisions(Rebuilder):
    def __init__(self, f: Function, found: list[Op]) -> None:
        super().__init__(f)
        self.home: dict[Op, Region] = {}
        self.above: dict[Region, Op] = {}
        for op in walk(f.body):
            for region in op.regions:
                self.above[region] = op
                self.home.update(dict.fromkeys(region.ops, region))
        self.home.update(dict.fromkeys(f.body.ops, f.body))
        self.late: dict[Region, list[Op]] = {}  # what is computed first in a branch, from the last to the first
        self._sink(f, found)
        self.divided = {op.operands for op in found if op.defn is arith.FLOORDIV}
        self.quotients: dict[tuple[Value, ...], Value] = {}
        self.fill(f.body)

    def _sink(self, f: Function, found: list[Op]) -> None:
        after = users(f)
        moving = {op for op in found if isinstance(op.results[0].type, T.TileType)}
        for op in list(moving):
            around = self.above.get(self.home[op])
            while around is not None and len(around.results) == 1 and all(map(_may_move, [around, *inner_ops(around)])):
                moving.add(around)
                around = self.above.get(self.home[around])
        for op in walk(f.body):
            if op not in moving and len(op.results) == 1 and _may_move(op) and any(v.op in moving for v in op.operands):
                moving.add(op)
        origin, pairs = dict(self.home), dict[tuple[Value, ...], list[Op]]()
        for op in found:
            pairs.setdefault(op.operands, []).append(op)
        for op in reversed([op for op in walk(f.body) if op in moving]):
            # Quotient and remainder stay together.
            beside = [o for o in pairs.get(op.operands, ()) if origin[o] is origin[op]] or [op]
            uses = [use for o in beside for use in after.get(o.results[0], [])]
            if (branch := self._branch(op, uses)) is not None:
                self.home[op] = branch
                self.late.setdefault(branch, []).append(op)

    def _branch(self, op: Op, uses: list[Op]) -> Region | None:
        """The innermost branch, within the region that an op stands in, that holds all of its uses."""
        paths = [self._path(use, self.home[op]) for use in uses]
        best = None
        for regions in zip(*paths, strict=False):  # as far as the shortest goes
            if any(r is not regions[0] for r in regions) or self.above[regions[0]].defn is not scf.IF:
                break
            best = regions[0]
        return best

    def _path(self, op: Op, top: Region) -> list[Region]:
        """The regions that an op stands in, from within `top` on."""
        path, region = list[Region](), self.home[op]
        while region is not top:
            path.append(region)
            region = self.home[self.above[region]]
        return path[::-1]

    def fill(self, region: Region) -> None:
        outer = dict(self.quotients)
        for op in [*reversed(self.late.get(region, [])), *region.ops]:
            if self.home[op] is region:
                self.copy(op)
        self.quotients = outer

    def changes(self, op: Op) -> bool:
        if not _takes_long(op):
            return False
        key = op.operands
        if op.defn is arith.MOD and key not in self.divided:
            return False
        if key not in self.quotients:
            self.quotients[key] = self.b.emit(arith.FLOORDIV, *[self.mapping[v] for v in key])
        x, by, out = *[self.mapping[v] for v in key], self.quotients[key]
        if op.defn is arith.MOD:
            rest = self.b.emit(arith.SUB, x, self.b.emit(arith.MUL, out, by))
            t = by.type
            assert isinstance(t, (T.ScalarType, T.TileType))
            zero = self.b.constant(0, t)
            out = rest if key[1].constant else self.b.emit(arith.SELECT, self.b.emit(arith.EQ, by, zero), zero, rest)
        self.mapping[op.results[0]] = out
        return True
