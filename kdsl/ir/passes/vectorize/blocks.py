"""The loops over threads: pieces of rows for flat kernels, whole blocks (cut at their barriers) for the others.

One idea: W consecutive threads of a row are one vector. A row runs as full vectors without a mask and, where its length is
no multiple of W, one masked vector. Subgroup operations want the block's linear order: where rows are no
multiple of W the `linear` layout walks the whole block as one row and computes ids by division.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ... import types as T
from ...analysis.combining import neutral
from ...analysis.uniformity import BLOCK, SUBGROUP, Uniformity
from ...builder import Builder
from ...core import Function, Op, Region, Value, walk
from ...ops import arith, memory, simt, tile
from .body import Body
from .lanes import Lane
from .memory import Private, read_whole, run_along, write_whole
from .plan import Hoist, Plan, Planner, Segment, Structure, external

__all__ = ["Blocks"]

# Beyond so many ops a second, unmasked copy of a segment costs more compile time than its masks cost run time.
UNMASKED_COPY_OPS = 400
PIECES = 2  # of a row that starts between two lines of memory


class Blocks:
    """Emits one vectorized function."""

    def __init__(self, source: Function, out: Function, width: int, levels: Uniformity, planner: Planner,
                 uses: dict[Value, int], *, flat: bool, linear: bool, streams: Sequence[Op] = (),
                 combining: Sequence[Op] = ()) -> None:  # fmt: skip
        self.b = Builder(out.body, source.span)
        self.top = out.body
        self.source = source
        self.width = width
        self.levels = levels
        self.planner = planner
        self.uses = uses
        self.flat = flat
        self.linear = linear
        self.streams = streams
        self.combining = combining
        self.combined: dict[Op, Value] = {}
        self.private: dict[Value, Private] = {}
        self.slots: dict[Value, Value] = {}
        self.env: dict[Value, Lane | Value] = dict(zip(source.params, out.params, strict=True))
        self.block = Body(self.b, width, levels, uses, {}, self.env, None)

    def run(self) -> None:
        self.allocate()
        self.plan(self.planner.plan)
        self.b.yield_()

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
        """Memory with `count` elements for every thread of the block, made at the top of the function."""
        t = T.ArrayType(element, 1, T.Space.SLOTS, None, 0)
        with self.b.inside(Region()) as here:
            v = self.b.emit(memory.ALLOC, type=t, name=name, count=count)
        self.top.ops.insert(0, here.ops[0])
        return v

    def slot(self, v: Value) -> Value:
        if v not in self.slots:
            self.slots[v] = self.slot_array(T.element_of(v.type), v.name or "kept")
        return self.slots[v]

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
        start = self.scalars(init, args)
        uniform = [a for a in args if self.levels.of(a) == BLOCK]
        new = Region((T.index, *[v.type for v in start]), (region.args[0].name, *[a.name for a in uniform]))
        with self.b.inside(new):
            self.env.update(zip([region.args[0], *uniform], new.args, strict=True))
            self.finish(item.plans[0], self.keep(region.yielded, args))
            self.b.yield_(*self.scalars(region.yielded, args))
        out = self.b.for_(lo, hi, step, start, new)
        self.leave(op.results, args, out.results)

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

    def segment(self, segment: Segment) -> None:
        if not segment.ops and not segment.stores:
            return
        for v in segment.stores:
            self.slot(v[1])
        if self.flat:
            self.flat_rows(segment)
        elif self.linear:
            self.linear_rows(segment)
        else:
            self.block_rows(segment)

    def flat_rows(self, segment: Segment) -> None:
        b = self.b
        lo, hi = b.emit(tile.ROW_BEGIN), b.emit(tile.ROW_END)
        rows = [b.emit(tile.ROW, axis=axis) for axis in (1, 2)]

        def ids(x: Value) -> dict[tuple[str, int], Lane]:
            return {("simt.global_id", 0): Lane(T.index, scalar=x, step=1),
                    **{("simt.global_id", k + 1): self.block.s.uniform(v) for k, v in enumerate(rows)}}  # fmt: skip

        for op, sums in self.combined.items():
            self.start(op, sums)
        self.pieces(segment, lo, hi, ids)
        body = Body(b, self.width, self.levels, self.uses, ids(lo), dict(self.env), None)
        for op, sums in self.combined.items():
            self.update(body, op, sums)

    def start(self, op: Op, sums: Value) -> None:
        t = T.element_of(op.operands[-1].type)
        nothing = self.b.constant(neutral(op.name.removeprefix("atomic."), t), t)
        write_whole(self.b, sums, self.block.s.splat(nothing))

    def update(self, body: Body, op: Op, sums: Value) -> None:
        """What the threads of a row brought goes to its element; where they brought nothing the index may be anything."""
        b, s = self.b, self.block.s
        t = T.element_of(op.operands[-1].type)
        total = read_whole(b, sums, s.tile_type(t))
        unsigned = {32: T.u32, 64: T.u64}[t.bits]
        nothing = s.splat(b.constant(neutral(op.name.removeprefix("atomic."), t), t))
        bits = [b.emit(arith.BITCAST, x, type=s.tile_type(unsigned)) for x in (total, nothing)]
        some, none = Region(), Region()
        with b.inside(some):
            for v in op.operands[1:-1]:
                assert body.known(v)
            every = s.splat(b.constant(True, T.bool_))
            b.emit(tile.ATOMIC, body.array(op.operands[0]), *[body.scalar(v) for v in op.operands[1:-1]], every, total,
                   type=total.type, kind=op.name.removeprefix("atomic."), offset=op.attributes["offset"])  # fmt: skip
            b.yield_()
        with b.inside(none):
            b.yield_()
        b.if_(b.emit(tile.ANY, b.emit(arith.NE, *bits)), [], some, none)

    def pieces(self, segment: Segment, lo: Value, hi: Value, ids: Callable[[Value], dict[tuple[str, int], Lane]]) -> None:
        """A row in one piece, or in two where its start lies between two lines of what is streamed."""
        b = self.b
        lead = self.lead(lo, ids)
        if lead is None:
            self.vectors(segment, lo, hi, ids, None)
            return
        # Two pieces: the threads before the first whole line of memory, if there are any, and all others.
        s = self.block.s
        zero, one = s.index(0), s.index(1)
        middle = b.emit(arith.MINIMUM, b.emit(arith.ADD, lo, lead), hi)
        pieces = Region((T.index,), ("piece",))
        with b.inside(pieces):
            is_head = b.emit(arith.EQ, pieces.args[0], zero)
            begin, end = b.emit(arith.SELECT, is_head, lo, middle), b.emit(arith.SELECT, is_head, middle, hi)
            self.vectors(segment, begin, end, ids, None)
            b.yield_()
        first = b.emit(arith.SELECT, b.emit(arith.GT, lead, zero), zero, one)
        b.for_(first, s.index(PIECES), one, [], pieces)

    def lead(self, lo: Value, ids: Callable[[Value], dict[tuple[str, int], Lane]]) -> Value | None:
        """How many threads come before a whole line of what the first streamed store writes."""
        body = Body(self.b, self.width, self.levels, self.uses, ids(lo), dict(self.env), None)
        for op in self.streams:
            array, *indices = op.operands[:-1]
            if not all(body.known(v) for v in indices):
                continue
            lanes = [body.lane(v) for v in indices]
            axis = run_along(op, lanes)
            if axis is not None:
                scalars = [lane.scalar for lane in lanes if lane.scalar is not None]
                return self.b.emit(tile.LEAD, body.array(array), *scalars, axis=axis)
        return None

    def block_rows(self, segment: Segment) -> None:
        """for z, for y: one row of the block."""
        b, s = self.b, self.block.s
        extents = [b.emit(tile.EXTENT, axis=axis) for axis in range(3)]
        zero, one = s.index(0), s.index(1)
        padded = b.emit(arith.FLOORDIV, b.emit(arith.ADD, extents[0], s.index(self.width - 1)), s.index(self.width))
        outer, inner = Region((T.index,), ("z",)), Region((T.index,), ("y",))
        with b.inside(outer):
            z = outer.args[0]
            with b.inside(inner):
                y = inner.args[0]
                row = b.emit(arith.MUL, b.emit(arith.ADD, b.emit(arith.MUL, z, extents[1]), y), padded)
                self.vectors(segment, zero, extents[0], lambda x: self.row_ids(x, y, z), row)
                b.yield_()
            b.for_(zero, extents[1], one, [], inner)
            b.yield_()
        b.for_(zero, extents[2], one, [], outer)

    def row_ids(self, x: Value, y: Value, z: Value) -> dict[tuple[str, int], Lane]:
        s = self.block.s
        threads = [Lane(T.index, scalar=x, step=1), s.uniform(y), s.uniform(z)]
        return self.all_ids(threads)

    def all_ids(self, threads: list[Lane]) -> dict[tuple[str, int], Lane]:
        """thread_id and global_id = block_id * block_dim + thread_id."""
        b, s = self.b, self.block.s
        ids = {}
        for axis, lane in enumerate(threads):
            ids["simt.thread_id", axis] = lane
            if not self.uses_id("simt.global_id", axis):
                continue
            first = b.emit(arith.MUL, b.emit(simt.BLOCK_ID, axis=axis), b.emit(simt.BLOCK_DIM, axis=axis))
            ids["simt.global_id", axis] = s.apply(arith.ADD, [s.uniform(first), lane], T.index, {})
        return ids

    def uses_id(self, name: str, axis: int) -> bool:
        return any(op.defn.name == name and op.attributes["axis"] == axis for op in walk(self.source.body))

    def linear_rows(self, segment: Segment) -> None:
        """The block as one row of all its threads, as on hardware: those that do not exist keep their places, masked."""
        b, s = self.b, self.block.s
        dims = [b.emit(simt.BLOCK_DIM, axis=axis) for axis in range(3)]
        plane = b.emit(arith.MUL, dims[0], dims[1])
        total = b.emit(arith.MUL, plane, dims[2])
        extents = [s.uniform(b.emit(tile.EXTENT, axis=axis)) for axis in range(3)]

        def threads(t: Value) -> list[Lane]:
            place = Lane(T.index, scalar=t, step=1)
            row = s.apply(arith.FLOORDIV, [place, s.uniform(dims[0])], T.index, {})
            return [
                s.apply(arith.MOD, [place, s.uniform(dims[0])], T.index, {}),
                s.apply(arith.MOD, [row, s.uniform(dims[1])], T.index, {}),
                s.apply(arith.FLOORDIV, [place, s.uniform(plane)], T.index, {}),
            ]

        def exists(t: Value) -> Value:
            # Axis 2 counts on past the block's end, so its comparison also leaves out the rest of the last vector.
            inside = [s.tile(s.apply(arith.LT, [x, n], T.bool_, {})) for x, n in zip(threads(t), extents, strict=True)]
            return b.emit(arith.AND, b.emit(arith.AND, inside[0], inside[1]), inside[2])

        loop, some, none = Region((T.index,), ("t",)), Region(), Region()
        with b.inside(loop):
            t = loop.args[0]
            mask = exists(t)
            with b.inside(some):
                self.vector(segment, t, mask, lambda t: self.all_ids(threads(t)), s.index(0), s.index(0))
                b.yield_()
            with b.inside(none):
                b.yield_()
            b.if_(b.emit(tile.ANY, mask), [], some, none)
            b.yield_()
        b.for_(s.index(0), total, s.index(self.width), [], loop)

    def vectors(self, segment: Segment, lo: Value, hi: Value, ids: Callable[[Value], dict[tuple[str, int], Lane]],
                row: Value | None) -> None:  # fmt: skip
        """Full vectors of [lo, hi), then one masked vector for the rest."""
        b, s, w = self.b, self.block.s, self.width
        step = s.index(w)
        if sum(1 for op in segment.ops for _ in _nested(op)) > UNMASKED_COPY_OPS:
            self.vector_loop(segment, lo, hi, step, lambda x: self.tail_mask(x, hi), ids, row, lo)
            return
        whole = b.emit(arith.FLOORDIV, b.emit(arith.SUB, hi, lo), step)
        stop = b.emit(arith.ADD, lo, b.emit(arith.MUL, whole, step))
        self.vector_loop(segment, lo, stop, step, None, ids, row, lo)
        rest, none = Region(), Region()
        with b.inside(rest):
            self.vector(segment, stop, self.tail_mask(stop, hi), ids, row, lo)
            b.yield_()
        with b.inside(none):
            b.yield_()
        b.if_(b.emit(arith.LT, stop, hi), [], rest, none)

    def tail_mask(self, x: Value, hi: Value) -> Value:
        """Lanes k with x + k < hi."""
        b, s = self.b, self.block.s
        room = b.emit(arith.MINIMUM, b.emit(arith.SUB, hi, x), s.index(self.width))
        narrow = b.emit(arith.CAST, room, type=T.i32)
        return b.emit(arith.LT, s.iota(T.i32), s.splat(narrow))

    def vector_loop(self, segment: Segment, lo: Value, hi: Value, step: Value, mask: Callable[[Value], Value] | None,
                    ids: Callable[[Value], dict[tuple[str, int], Lane]], row: Value | None, first: Value) -> None:  # fmt: skip
        loop = Region((T.index,), ("x",))
        with self.b.inside(loop):
            x = loop.args[0]
            self.vector(segment, x, mask(x) if mask is not None else None, ids, row, first)
            self.b.yield_()
        self.b.for_(lo, hi, step, [], loop)

    def vector(self, segment: Segment, x: Value, exists: Value | None, ids: Callable[[Value], dict[tuple[str, int], Lane]],
               row: Value | None, first: Value) -> None:  # fmt: skip
        b = self.b
        body = Body(b, self.width, self.levels, self.uses, ids(x), dict(self.env), exists)
        body.private = self.private
        body.streams = frozenset(self.streams)
        body.combined = self.combined
        needs_slot = self.slots or self.planner.slots or any(p.slots for p in self.private.values())
        if row is not None and needs_slot:
            nth = b.emit(arith.FLOORDIV, b.emit(arith.SUB, x, first), body.s.index(self.width))
            body.slot = b.emit(arith.ADD, row, nth)
        wanted = [v for v, _ in segment.stores if v.op not in segment.ops]
        for v in [*external(segment.ops), *wanted]:
            self.fetch(body, v)
        for op in segment.ops:
            body.op(op)
            for r in op.results:
                if r in self.planner.slots:
                    self.put(body, self.slot(r), body.tile(r))
        kept = [(self.slot(place), body.tile(v)) for v, place in segment.stores]
        for array, value in kept:
            self.put(body, array, value)

    def place(self, body: Body) -> Value:
        return self.b.emit(arith.MUL, body.slot_position(), body.s.index(self.width))

    def put(self, body: Body, array: Value, value: Value) -> None:
        true = self.b.constant(True, T.bool_)
        self.b.emit(tile.STORE, array, self.place(body), true, value, axis=0, step=1, offset=0)

    def fetch(self, body: Body, v: Value) -> None:
        """Make a value of another segment known in this vector: from its slot, or computed again."""
        if v in body.env or v in self.private:
            return
        planner = self.planner
        if v in self.slots or v in planner.slots or v.op is None or not planner.recomputable(v):
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


def _nested(op: Op):
    yield op
    for region in op.regions:
        yield from walk(region)


_STRUCTURES: dict[str, Callable[[Blocks, Structure], None]] = {
    "scf.if": Blocks.block_if,
    "scf.for": Blocks.block_for,
    "scf.while": Blocks.block_while,
}
