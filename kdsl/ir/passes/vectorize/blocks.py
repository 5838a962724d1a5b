"""One vectorized function: the block's memory, its control flow, and what each vector of threads knows.

One idea: the plan says what runs once for the block and what runs for each thread; the former is emitted as it is, the
latter as bodies in the loops over threads of `rows` and `block_rows`. What a thread knows beyond a barrier is in its slot.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ... import types as T
from ...analysis.uniformity import BLOCK, SUBGROUP
from ...analysis.uses import use_counts, users
from ...builder import Builder
from ...core import Function, Op, Region, Value, walk, with_inner
from ...ops import arith, memory, simt, tile
from . import block_rows, rows
from .along import ask_once
from .body import Body
from .choices import USUAL_REGISTERS, Choices
from .lanes import Lane
from .march import Strip, turns_together
from .memory import Private
from .merge import merged_axis
from .narrow import segments_of, whole_segments
from .plan import Hoist, Plan, Planner, Segment, Structure, external
from .row import Place
from .single import goes_along_rows
from .tables import Table, apart, begin_tables, bring_tables, make_table
from .team import run_together, shared_loop, team_size

__all__ = ["Blocks"]


class Blocks:
    """Emits one vectorized function."""

    def __init__(self, made: Choices, out: Function) -> None:
        self.b = Builder(out.body, made.source.span)
        self.out = out
        self.top = out.body
        # What was chosen: see there.
        self.source, self.width, self.flat, self.linear = made.source, made.width, made.flat, made.linear
        self.levels, self.differs = made.levels, made.differs
        self.registers, self.slow_masks = made.registers or USUAL_REGISTERS, made.slow_masks
        self.along, self.lanes_along = made.along, made.lanes_along
        self.combining, self.tabled, self.apart, self.plain = made.combining, made.tabled, made.apart, made.plain
        self.jam, self.places, self.march = made.jam, made.places, made.march
        self.few, self.sure, self.streams = made.few, made.sure, made.streams
        self.joined = made.joined
        self.planner = Planner(self.source, self.levels, linear=self.linear)
        self.uses = use_counts(self.source)
        self.tables: dict[Value, Table] = {}
        self.strip: Strip | None = None  # the piece of rows that march, while it does,
        self.strip_threads = 0  # and how many threads it has at most
        self.piece: tuple[Value, ...] | None = None  # of a row: its begin and end, and where it is along axes 1 and 2
        self.rows = 0  # of the piece, where it has several; the first is where it is
        self.direct: tuple[Blocks, int] | None = None  # what threads do without their blocks, if arrays do not overlap
        self.combined: dict[Op, Value] = {}
        self.shape: tuple[int, int, int] | None = None if self.flat else self.source.attributes.get("block")
        self.merged = merged_axis(self.source)
        self.busy: int | None = None  # segments that most threads take part in, once they were counted
        self.private: dict[Value, Private] = {}
        self.slots: dict[Value, Value] = {}
        self.ids: set[int] | None = None  # axes of `uses_id`, once it was asked
        self.own_rows: bool | None = None  # the same of `has_own_rows`
        self.env: dict[Value, Lane | Value] = dict(zip(self.source.params, out.params, strict=self.places is None))
        self.block = Body(self.b, self.width, self.levels, self.uses, {}, self.env, None)

    def run(self) -> None:
        self.allocate()
        if self.direct is not None:
            self.without_blocks(*self.direct)
            return
        self.along = ask_once(self.b, self.along, self.block.array)
        if not self.flat:
            rows.begin_sums(self)
            begin_tables(self)
        self.plan(self.planner.plan)
        if not self.flat:
            bring_tables(self)
            rows.bring_sums(self, lambda: Body(self.b, self.width, self.levels, self.uses, {}, dict(self.env), None))
        self.b.yield_()

    def without_blocks(self, direct: Blocks, axis: int) -> None:
        """Rows of many blocks; or blocks in turn, where arrays overlap. axis: see `rows.long_rows`."""
        b, safe = self.b, apart(self)
        assert safe is not None
        yes, no = Region(), Region()
        block: tuple[int, int, int] = self.source.attributes["block"]
        with b.inside(yes):
            rows.long_rows(self, direct, axis, block)
            b.yield_()
        with b.inside(no):
            self.plan(self.planner.plan)
            b.yield_()
        b.if_(safe, [], yes, no)
        b.yield_()

    def drop_jam(self) -> None:
        """One row after the other after all."""
        self.jam = None
        del self.out.attributes["rows"]

    def drop_march(self) -> None:
        """Each vector by itself after all."""
        self.march = None
        for name in ("rows", "march"):
            self.out.attributes.pop(name, None)

    # --- memory that exists for the block ---

    def allocate(self) -> None:
        for op in walk(self.source.body):
            if op.defn.name != "memory.alloc":
                continue
            t = op.results[0].type
            assert isinstance(t, T.ArrayType) and t.shape is not None
            if t.space is T.Space.SHARED:
                self.env[op.results[0]] = self._named(self.b.emit(memory.ALLOC, type=t, **op.attributes), op)
            else:
                self.private[op.results[0]] = self.private_array(op, t)

        for op in self.combining:
            t = T.ArrayType(T.element_of(op.operands[-1].type), 1, T.Space.PRIVATE, (self.width,), 0)
            self.combined[op] = self.b.emit(memory.ALLOC, type=t, name="combined")
        arrays = len(self.tabled) + any(op.defn is memory.ALLOC for op in walk(self.source.body))
        for array, ops in self.tabled.items():
            self.tables[array] = make_table(self.b, ops[0], share=1 << (arrays - 1).bit_length())

    def _named(self, v: Value, op: Op) -> Value:
        v.name = op.results[0].name
        return v

    def private_array(self, op: Op, t: T.ArrayType) -> Private:
        assert t.shape is not None
        if not self.planner.barriers:
            shape = (*t.shape, self.width)
            wide = T.ArrayType(t.element, len(shape), T.Space.PRIVATE, shape, len(shape) - 1)
            return Private(self._named(self.b.emit(memory.ALLOC, type=wide, **op.attributes), op), t.shape, slots=False)
        count = 1
        for extent in t.shape:
            count *= extent
        array = self.slot_array(t.element, op.attributes["name"], count)
        return Private(array, t.shape, slots=True)

    def slot_array(self, element: T.ElementType, name: str, count: int = 1) -> Value:
        """Memory with `count` elements for every thread of the block, or of the piece of rows."""
        if self.strip_threads:
            return self.own_array(T.ArrayType(element, 1, T.Space.PRIVATE, (self.strip_threads,), 0), name)
        return self.own_array(T.ArrayType(element, 1, T.Space.SLOTS, None, 0), name, count=count)

    def own_array(self, t: T.ArrayType, name: str, **attributes: Any) -> Value:
        """Memory of the worker, made at the top of the function."""
        with self.b.inside(Region()) as here:
            v = self.b.emit(memory.ALLOC, type=t, name=name, **attributes)
        self.top.ops.insert(0, here.ops[0])
        return v

    def slot(self, v: Value) -> Value:
        if v not in self.slots:
            self.slots[v] = self.slot_array(T.element_of(v.type), v.name or "kept")
        return self.slots[v]

    def loop(self, lo: Value, end: Value, step: Value, name: str, inside: Callable[[Value], None]) -> None:
        region = Region((T.index,), (name,))
        with self.b.inside(region):
            inside(region.args[0])
            self.b.yield_()
        self.b.for_(lo, end, step, [], region)

    # --- plans ---

    def plan(self, plan: Plan) -> None:
        for item in plan:
            if isinstance(item, Hoist):
                self.block.op(item.op)
            elif isinstance(item, Segment):
                self.segment(item)
            else:
                _STRUCTURES[item.op.defn.name](self, item)

    def scalar(self, v: Value) -> Value:
        """A uniform value at block level; one that a segment computed is read from thread 0's slot."""
        if v in self.slots or (v in self.planner.threaded and v not in self.env):
            return self.b.emit(memory.LOAD, self.slot(v), self.block.s.index(0), type=T.element_of(v.type), offset=0)
        return self.block.scalar(v)

    def scalars(self, values: tuple[Value, ...], like: tuple[Value, ...]) -> list[Value]:
        return [self.scalar(v) for v, a in zip(values, like, strict=True) if self.levels.of(a) == BLOCK]

    def keep(self, values: tuple[Value, ...], places: tuple[Value, ...]) -> list[tuple[Value, Value]]:
        """(value, place) for the carried values that live in slots."""
        return [(v, p) for v, p in zip(values, places, strict=True) if self.levels.of(p) > BLOCK]

    def finish(self, plan: Plan, stores: list[tuple[Value, Value]]) -> None:
        """Run a region's plan, its last segment (or one more) storing what the region yields."""
        if not stores:
            self.plan(plan)
            return
        if plan and isinstance(plan[-1], Segment):
            last = plan[-1]
        else:
            last = Segment([])
            plan = [*plan, last]
        last.stores = stores
        self.plan(plan)

    def block_if(self, item: Structure) -> None:
        op = item.op
        uniform = [r for r in op.results if self.levels.of(r) == BLOCK]
        for r in op.results:
            if self.levels.of(r) > BLOCK:
                self.slot(r)
        cond = self.scalar(op.operands[0])
        regions = []
        for region, plan in zip(op.regions, item.plans, strict=True):
            new = Region()
            with self.b.inside(new):
                self.finish(plan, self.keep(region.yielded, op.results))
                self.b.yield_(*self.scalars(region.yielded, op.results))
            regions.append(new)
        out = self.b.if_(cond, [r.type for r in uniform], *regions)
        self.env.update(zip(uniform, out.results, strict=True))

    def share_slots(self, groups: list[tuple[Value, ...]]) -> None:
        """A carried value has one slot under all its names: region arguments and result."""
        for group in groups:
            if self.levels.of(group[0]) > BLOCK:
                array = self.slot(group[0])
                self.slots.update((v, array) for v in group)

    def block_for(self, item: Structure) -> None:
        op = item.op
        region = op.regions[0]
        args, init = region.args[1:], op.operands[3:]
        self.share_slots(list(zip(args, op.results, strict=True)))
        self.enter(init, args)
        lo, hi, step = (self.scalar(v) for v in op.operands[:3])
        several = 1 if self.strip is None else turns_together(item, self.levels)
        if several > 1:
            lo = self.several_turns(item, lo, hi, several)
        start = self.scalars(init, args)
        uniform = [a for a in args if self.levels.of(a) == BLOCK]
        new = Region((T.index, *[v.type for v in start]), (region.args[0].name, *[a.name for a in uniform]))
        with self.b.inside(new):
            self.env.update(zip([region.args[0], *uniform], new.args, strict=True))
            self.finish(item.plans[0], self.keep(region.yielded, args))
            self.b.yield_(*self.scalars(region.yielded, args))
        out = self.b.for_(lo, hi, step, start, new)
        self.leave(op.results, args, out.results)

    def several_turns(self, item: Structure, lo: Value, hi: Value, several: int) -> Value:
        """So many turns of a loop that marches as one, as long as there are as many; gives where the others begin."""
        b, (region,), (plan,), known = self.b, item.op.regions, item.plans, set(self.env)
        counter, args = region.args[0], region.args[1:]
        count, zero = self.block.s.index(several), self.block.s.index(0)
        turns = b.emit(arith.SELECT, b.emit(arith.LT, lo, hi), b.emit(arith.SUB, hi, lo), zero)
        stop = b.emit(arith.ADD, lo, b.emit(arith.MUL, b.emit(arith.FLOORDIV, turns, count), count))
        segment = plan[-1]
        assert isinstance(segment, Segment)
        new = Region((T.index,), (counter.name,))
        with b.inside(new):
            for k in range(several):
                self.env[counter] = b.emit(arith.ADD, new.args[0], self.block.s.index(k)) if k else new.args[0]
                self.plan(plan[:-1])
                segment.turns.append({v: x for v, x in self.env.items() if v not in known})
            segment.carried = list(zip(args, region.yielded, strict=True))
            self.finish([segment], self.keep(region.yielded, args))
            segment.turns = []
            b.yield_()
        for v in [v for v in self.env if v not in known]:
            del self.env[v]
        b.for_(lo, stop, count, [], new)
        return stop

    def enter(self, init: tuple[Value, ...], args: tuple[Value, ...]) -> None:
        stores = self.keep(init, args)
        if stores:
            self.finish([], stores)

    def leave(self, results: tuple[Value, ...], args: tuple[Value, ...], new: tuple[Value, ...]) -> None:
        scalars = [r for r, a in zip(results, args, strict=True) if self.levels.of(a) == BLOCK]
        self.env.update(zip(scalars, new, strict=True))

    def block_while(self, item: Structure) -> None:
        op = item.op
        cond, body = op.regions
        self.share_slots(list(zip(cond.args, body.args, op.results, strict=True)))
        self.enter(op.operands, cond.args)
        start = self.scalars(op.operands, cond.args)
        types = tuple(v.type for v in start)
        test, repeated = Region(types), Region(types)
        with self.b.inside(test):
            self.env.update(zip([a for a in cond.args if self.levels.of(a) == BLOCK], test.args, strict=True))
            self.plan(item.plans[0])
            self.b.yield_(self.scalar(cond.yielded[0]))
        with self.b.inside(repeated):
            self.env.update(zip([a for a in body.args if self.levels.of(a) == BLOCK], repeated.args, strict=True))
            self.finish(item.plans[1], self.keep(body.yielded, cond.args))
            self.b.yield_(*self.scalars(body.yielded, cond.args))
        out = self.b.while_(start, test, repeated)
        self.leave(op.results, cond.args, out.results)

    # --- segments ---

    @functools.cached_property
    def users(self) -> Mapping[Value, Sequence[Op]]:
        """The ops that take each value."""
        return users(self.source)

    @functools.cached_property
    def homes(self) -> Mapping[Op, Segment]:
        """The segment of each op that is in one."""
        return {op: segment for segment in segments_of(self.planner.plan) for op in with_inner(segment.ops)}

    def is_wanted(self, op: Op) -> bool:
        """Whether an op does something, or gives what is kept; what else is used elsewhere is computed again there."""
        return not op.defn.pure or bool(op.regions) or any(r in self.planner.slots for r in op.results)

    def segment(self, segment: Segment) -> None:
        if not segment.stores and not any(self.is_wanted(op) for op in segment.ops):
            return
        for v in segment.stores:
            self.slot(v[1])
        if self.flat:
            rows.flat_rows(self, segment)
        elif self.linear:
            block_rows.linear_rows(self, segment)
        else:
            block_rows.block_rows(self, segment)

    def uses_id(self, axis: int) -> bool:
        """Whether the kernel asks for a thread's number among those of all blocks along an axis."""
        if self.ids is None:
            self.ids = {op.attributes["axis"] for op in walk(self.source.body) if op.defn.name == "simt.global_id"}
        return axis in self.ids

    @property
    def has_own_rows(self) -> bool:
        """Whether there is a loop in which each thread goes along a row of its own: of what is left of a row of threads."""
        if self.own_rows is None:
            self.own_rows = self.flat and any(goes_along_rows(op, self.levels) for op in walk(self.source.body))
        return self.own_rows

    def team_limit(self, segment: Segment, vectors: int, row: int) -> int:
        """How many vectors may run a segment side by side, of which so many are a row. Private arrays have room for one."""
        if self.direct is not None or any(not p.slots for p in self.private.values()):
            return 1  # what is done where arrays overlap is to be short
        if self.busy is None:
            long = None if self.shape is None or self.merged is not None else self.shape[0]
            self.busy = self.planner.segments if long is None else whole_segments(self, long)
        return team_size(segment.ops, self.levels, vectors, row, self.busy, self.registers)

    def run_vectors(self, segment: Segment, places: list[Place]) -> None:
        """A segment for one vector, or for several side by side."""
        bodies = [self.body(place) for place in places]
        if segment.fill is not None:
            for body in bodies:
                body.env.update({v: body.ids["simt.thread_id", axis] for axis, v in enumerate(segment.fill.counters)})
        wanted = [*external(segment.ops), *[v for v, _ in segment.stores if v.op not in segment.ops]]
        jam = self.jam if self.jam is not None and self.jam.fold is None and len(bodies) == self.jam.rows else None
        shares = any(shared_loop(op, self.levels) for op in segment.ops) or block_rows.updates_own(segment)
        if jam is None and not shares and not segment.turns:
            # Nothing but what is the same for all is shared: one vector after the other, so that registers hold one's values.
            for body in bodies:
                self.fetch_all([body], wanted)
                self.run_ops([body], segment, bodies[0])
            return
        self.fetch_all(bodies, wanted)
        if segment.turns:
            self.run_turns(bodies[0], segment)
        elif jam is None or jam.in_step:
            if jam is not None:
                bodies[0].moving = jam.moving
            self.run_ops(bodies, segment)
        else:
            jam.run(bodies, segment.ops)

    def fetch_all(self, bodies: list[Body], values: Sequence[Value]) -> None:
        for v in values:
            for body in bodies:
                self.fetch(body, v)

    def run_ops(self, bodies: list[Body], segment: Segment, first: Body | None = None) -> None:
        """first: the body that has run alone before, of which `bodies` take what is the same for the block."""
        slots, alone = self.planner.slots, len(bodies) == 1 and first in (None, bodies[0])
        for op in segment.ops:
            if alone:
                bodies[0].op(op)
            else:
                run_together(bodies, [op], self.levels, first)
            for r in op.results:
                if r in slots:
                    for body in bodies:
                        self.put(body, self.slot(r), body.kept(r))
        for body in bodies:
            kept = [(self.slot(place), body.kept(v)) for v, place in segment.stores]
            for array, value in kept:
                self.put(body, array, value)

    def run_turns(self, body: Body, segment: Segment) -> None:
        """Several turns of a loop for one vector: what they carry is in registers but before and behind them."""
        for k, known in enumerate(segment.turns):
            if k:
                body.env.update({a: body.lane(v) for a, v in segment.carried})
            body.env.update(known)
            for op in segment.ops:
                body.op(op)
        kept = [(self.slot(place), body.kept(v)) for v, place in segment.stores]
        for array, value in kept:
            self.put(body, array, value)

    def first_thread(self) -> Body:
        """A body that knows what the launch knows: ids are all 0, and a block is by itself."""
        zero, one = [self.block.s.uniform(self.block.s.index(n)) for n in (0, 1)]
        known: dict[Value, Lane | Value] = dict(self.env)
        for op in walk(self.source.body):
            if op.defn in (simt.GLOBAL_ID, simt.THREAD_ID, simt.BLOCK_ID):
                known[op.results[0]] = zero
            elif op.defn is simt.BLOCK_DIM and op.attributes["axis"] == self.merged:
                known[op.results[0]] = one
        return Body(self.b, self.width, self.levels, self.uses, {}, known, None)

    def body(self, place: Place) -> Body:
        body = Body(self.b, place.width or self.width, self.levels, self.uses, place.ids, dict(self.env), place.exists)
        body.private = self.private
        body.streams, body.streams_parts = frozenset(self.streams), not self.slow_masks
        body.combined = self.combined
        body.tables = self.tables
        body.along, body.lanes_along = self.along, self.lanes_along
        body.nth, body.run = place.nth, place.run
        body.again = place.again
        body.piece, body.levels = place.piece, place.levels or self.levels
        if place.sure:
            body.sure, body.shares = self.sure.asks, self.sure.shares
        if place.slot is not None and (self.slots or self.planner.slots or any(p.slots for p in self.private.values())):
            body.slot = place.slot()
        return body

    def place(self, body: Body) -> Value:
        """Of the first lane's element in slots. The position of a thread by itself is its element."""
        return self.b.emit(arith.MUL, body.slot_position(), body.s.index(body.width))

    def put(self, body: Body, array: Value, value: Value) -> None:
        if isinstance(value.type, T.ScalarType):
            self.b.emit(memory.STORE, array, self.place(body), value, offset=0)
            return
        true = self.b.constant(True, T.bool_)
        self.b.emit(tile.STORE, array, self.place(body), true, value, axis=0, step=1, offset=0)

    def fetch(self, body: Body, v: Value) -> None:
        """Make a value of another segment known in this vector: from its slot, or computed again."""
        if v in body.env or v in self.private:
            return
        planner = self.planner
        if v in self.slots or v in planner.slots or v.op is None or not planner.recomputable(v):
            if body.width == 1:
                element = T.element_of(v.type)
                body.env[v] = body.s.uniform(self.b.emit(memory.LOAD, self.slot(v), self.place(body), type=element, offset=0))
                return
            true = self.b.constant(True, T.bool_)
            wide = body.s.tile_type(T.element_of(v.type))
            loaded = self.b.emit(tile.LOAD, self.slot(v), self.place(body), true, type=wide, axis=0, step=1, offset=0)
            if self.levels.of(v) <= SUBGROUP:
                body.env[v] = body.s.uniform(self.b.emit(tile.EXTRACT, loaded, body.s.index(0)))
            else:
                body.env[v] = body.s.varying(loaded)
            return
        for w in v.op.operands:
            self.fetch(body, w)
        body.op(v.op)


_STRUCTURES: dict[str, Callable[[Blocks, Structure], None]] = {
    "scf.if": Blocks.block_if,
    "scf.for": Blocks.block_for,
    "scf.while": Blocks.block_while,
}
