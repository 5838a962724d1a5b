"""How a block's work is cut at its barriers, before anything is emitted.

One idea: what is the same for the whole block (`Hoist`) runs once; runs of other ops (`Segment`) become loops over the block's
threads; an op that holds a barrier (`Structure`) stays as control flow of the block around its own plans. Nothing of a
segment outlives it but through a slot of memory for every thread, or by computing it again where that is cheap.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import TYPE_CHECKING

from ... import types as T
from ...analysis.uniformity import BLOCK, Uniformity
from ...core import Function, Op, Value, inner_ops, walk, with_inner
from .fills import Fill, fill_of

if TYPE_CHECKING:
    from .lanes import Lane

__all__ = ["Hoist", "Plan", "Planner", "Segment", "Structure", "external"]

# A value needed after its segment is computed again, rather than kept, when that takes at most so many ops.
RECOMPUTE_OPS = 6


class Hoist:
    """An op that runs once for the block."""

    __slots__ = ("op",)

    def __init__(self, op: Op) -> None:
        self.op = op


class Segment:
    """Ops that run for every thread, with no barrier among them; then `stores`: (value, the value whose slot it goes to). fill: the
    tile whose elements the ops run for, in place of threads. turns: of a loop that each thread takes before the next thread, by
    what is known in each; carried: what they hand on, (name, value)."""

    __slots__ = ("carried", "fill", "ops", "stores", "turns")

    def __init__(self, ops: list[Op], fill: Fill | None = None) -> None:
        self.ops = ops
        self.fill = fill
        self.turns: list[dict[Value, Lane | Value]] = []
        self.carried: list[tuple[Value, Value]] = []
        self.stores: list[tuple[Value, Value]] = []


class Structure:
    """Control flow of the whole block; a plan for each of the op's regions."""

    __slots__ = ("op", "plans")

    def __init__(self, op: Op, plans: list[Plan]) -> None:
        self.op = op
        self.plans = plans


Plan = list["Hoist | Segment | Structure"]


def external(ops: list[Op]) -> Iterator[Value]:
    """Values that ops (and their regions) use and do not define."""
    own: set[Value] = set()
    for op in ops:
        for inner in with_inner([op]):
            for v in inner.operands:
                if v not in own:
                    yield v
            own.update(inner.results)
            for region in inner.regions:
                own.update(region.args)


class Planner:
    """Makes the plan of a function, then says what each value that crosses segments needs."""

    def __init__(self, f: Function, levels: Uniformity, *, linear: bool = False, ops: Sequence[Op] | None = None,
                 through: Container[Op] = ()) -> None:  # fmt: skip
        """ops: of a part of the function. through: control flow that is the block's own although there is no barrier in it."""
        self.levels = levels
        self.through = through
        self.block: tuple[int, int, int] | None = None if linear else f.attributes.get("block")
        self.barriers = any(op.defn.name == "simt.barrier" for op in walk(f.body))
        self.threaded: set[Value] = set()  # defined in a segment, or carried through slots
        self.home: dict[Value, Segment] = {}
        self.segments = 0  # how many there are
        self.plan = self.region(f.body.ops[:-1] if ops is None else ops)
        self.slots: set[Value] = set()
        self._assign_slots(self.plan)

    # --- cutting ---

    def region(self, ops: Sequence[Op]) -> Plan:
        plan: Plan = []
        segment: Segment | None = None
        for op in ops:
            if op.defn.name == "simt.barrier":
                segment = None
            elif op.defn.name == "memory.alloc":
                continue
            elif self.barriers and (fill := fill_of(op, self.block, self.levels)) is not None:
                plan.append(Segment(fill.ops, fill))
                self.segments += 1
                segment = None
            elif op in self.through or _holds_barrier(op):
                plan.append(self.structure(op))
                segment = None
            elif self.hoists(op):
                if segment is not None and self.barriers and _reads(op) and any(_writes(o) for o in segment.ops):
                    segment = None
                if segment is None or not (_reads(op) and any(_writes(o) for o in segment.ops)):
                    self._place(plan, segment, Hoist(op))
                    continue
                self._add(segment, op)
            else:
                if segment is None:
                    segment = Segment([])
                    self.segments += 1
                    plan.append(segment)
                self._add(segment, op)
        return plan

    def _place(self, plan: Plan, segment: Segment | None, hoist: Hoist) -> None:
        """Before the open segment, which goes on."""
        plan.insert(len(plan) if segment is None else plan.index(segment), hoist)

    def _add(self, segment: Segment, op: Op) -> None:
        segment.ops.append(op)
        for r in op.results:
            self.threaded.add(r)
            self.home[r] = segment

    def hoists(self, op: Op) -> bool:
        """Whether an op may run once for the block: uniform, without effects, from values known to the block."""
        if any(v in self.threaded for v in external([op])):
            return False
        for inner in with_inner([op]):
            if not inner.defn.pure or self.levels.control.get(inner, BLOCK) > BLOCK:
                return False
            if any(self.levels.of(r) > BLOCK for r in inner.results):
                return False
            if _private(inner):
                return False
        return bool(op.results)

    def structure(self, op: Op) -> Structure:
        carried = op.regions[0].args[1:] if op.defn.name == "scf.for" else op.regions[0].args
        for a in [*carried, *op.results, *(op.regions[1].args if op.defn.name == "scf.while" else ())]:
            if self.levels.of(a) > BLOCK:
                self.threaded.add(a)
        return Structure(op, [self.region(r.ops[:-1]) for r in op.regions])

    # --- crossing values ---

    def _assign_slots(self, plan: Plan) -> None:
        for item in plan:
            if isinstance(item, Segment):
                for v in external(item.ops):
                    self._cross(v, item)
            elif isinstance(item, Structure):
                for v in item.op.operands:
                    self._cross(v, None)
                for region, inner in zip(item.op.regions, item.plans, strict=True):
                    # What threads yield is put where it is carried by the region's last segment.
                    last = inner[-1] if inner and isinstance(inner[-1], Segment) else None
                    for v in region.yielded:
                        self._cross(v, last if self.levels.of(v) > BLOCK else None)
                    self._assign_slots(inner)

    def _cross(self, v: Value, user: Segment | None) -> None:
        home = self.home.get(v)
        if home is None or home is user:
            return
        if not self.recomputable(v) or (user is None and self.levels.of(v) == BLOCK):
            self.slots.add(v)
        else:
            for w in v.op.operands if v.op else ():
                self._cross_inputs(w)

    def _cross_inputs(self, v: Value) -> None:
        """What a recomputed value is made of is recomputed too, down to what the block knows."""
        if v in self.home and not self.recomputable(v):
            self.slots.add(v)

    def recomputable(self, v: Value) -> bool:
        return self._cost(v) <= RECOMPUTE_OPS

    def _cost(self, v: Value, limit: int = RECOMPUTE_OPS) -> int:
        """Ops that computing a value again takes, counted until it is known to be more than `limit`."""
        op = v.op
        if v not in self.threaded:
            return 0
        if op is None or v not in self.home or not op.defn.pure or op.regions or op.defn.function:
            return RECOMPUTE_OPS + 1
        if op.defn.varying:
            return 0
        if not op.defn.elementwise:
            return RECOMPUTE_OPS + 1
        total = 1
        for w in op.operands:
            if total > limit:
                break
            total += self._cost(w, limit - total)
        return total


def _holds_barrier(op: Op) -> bool:
    return any(inner.defn.name == "simt.barrier" for inner in inner_ops(op))


def _reads(op: Op) -> bool:
    return any(inner.defn.reads for inner in with_inner([op]))


def _writes(op: Op) -> bool:
    return any((inner.defn.writes or inner.defn.orders) for inner in with_inner([op]))


def _private(op: Op) -> bool:
    return any(isinstance(v.type, T.ArrayType) and v.type.space is T.Space.PRIVATE for v in op.operands)
