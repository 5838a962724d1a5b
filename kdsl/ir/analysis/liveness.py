"""What of a function matters: which ops must stay, and which carried values and results of control flow.

One idea: start at what is seen outside (writes, barriers, prints) and follow operands backwards until nothing is
added. A loop whose results nobody needs and whose body nobody sees is not reached, so it is dead, however busy it is.
"""

from __future__ import annotations

from ..core import Function, Op, Region, Value
from ..ops import scf

__all__ = ["Liveness", "liveness"]


class Liveness:
    """ops: those that must stay. slots: per `if`, `for` and `while`, the numbers of results that someone needs."""

    __slots__ = ("ops", "slots")

    def __init__(self) -> None:
        self.ops: set[Op] = set()
        self.slots: dict[Op, set[int]] = {}


class _Marker:
    def __init__(self, f: Function) -> None:
        self.live = Liveness()
        self.holder: dict[Op, Op | None] = {}  # the op in whose region an op stands
        self.of_region: dict[Region, Op] = {}
        self.work: list[Value] = list(f.body.yielded)
        roots: list[Op] = []
        self.survey(f.body, None, roots)
        for op in roots:
            self.need(op)
        self.follow()

    def survey(self, region: Region, holder: Op | None, roots: list[Op]) -> None:
        self.holder.update(dict.fromkeys(region.ops, holder))
        for op in region.ops:
            if op.regions:
                for inner in op.regions:
                    self.of_region[inner] = op
                    self.survey(inner, op, roots)
                if op.defn not in (scf.IF, scf.FOR, scf.WHILE):
                    roots.append(op)  # an op this analysis does not know is kept whole
            elif not op.defn.pure and op.defn is not scf.YIELD:
                roots.append(op)

    def need(self, op: Op) -> None:
        """`op` must run: so must what holds it, and what decides whether and how often."""
        live = self.live
        if op in live.ops:
            return
        live.ops.add(op)
        holder = self.holder[op]
        if holder is not None:
            self.need(holder)
        if not op.regions:
            self.work += op.operands
        elif op.defn is scf.IF:
            self.work.append(op.operands[0])
        elif op.defn is scf.FOR:
            self.work += op.operands[:3]
        elif op.defn is scf.WHILE:
            self.work += op.regions[0].yielded
        else:
            self.work += op.operands
            for region in op.regions:
                self.work += region.yielded

    def follow(self) -> None:
        """What makes the values that are needed."""
        work, needed, holders = self.work, self.live.ops, self.holder
        while work:
            v = work.pop()
            owner = v.owner
            if type(owner) is not Op:
                op = self.of_region.get(owner)  # type: ignore[arg-type]
                first = 1 if op is not None and op.defn is scf.FOR else 0
                if op is not None and v.index >= first:
                    self.slot(op, v.index - first)
            elif owner.regions:
                self.need(owner)
                self.slot(owner, v.index)
            elif owner not in needed:  # as `need`: most values come here
                needed.add(owner)
                work += owner.operands
                holder = holders[owner]
                if holder is not None and holder not in needed:
                    self.need(holder)

    def slot(self, op: Op, k: int) -> None:
        """Result or carried value `k` of `op` is needed: so is whatever it may be."""
        slots = self.live.slots.setdefault(op, set())
        if k in slots or op.defn not in (scf.IF, scf.FOR, scf.WHILE):
            return
        slots.add(k)
        if op.defn is scf.IF:
            self.work += [region.yielded[k] for region in op.regions]
            return
        self.work.append(op.operands[k + (3 if op.defn is scf.FOR else 0)])
        self.work.append(op.regions[-1].yielded[k])


def liveness(f: Function) -> Liveness:
    """Which ops and which carried values of `f` matter."""
    return _Marker(f).live
