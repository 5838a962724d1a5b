"""Thread-level ops over W lanes: every op of a region, under a mask.

One idea: `mask` None means that all W lanes are active, statically; otherwise it is a tile of bool with at least one lane
set wherever code runs. So uniform memory accesses stay scalar, and divergent code always sits behind a branch on its mask or
is pure and cheap enough to run for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ....diagnostics import InternalError
from ... import types as T
from ...analysis.uniformity import SUBGROUP, Uniformity
from ...builder import Builder
from ...core import Op, Region, Value, joined_by, walk
from ...opdef import OPS
from ...ops import arith, memory, simt, tile
from .again import computed_again
from .along import Along, joined, run_along_row
from .lanes import Lane, Lanes, is_multiple
from .rounds import Rounds, ask_ahead, counted, rounds_of
from .shared_places import Share, turns

if TYPE_CHECKING:
    from .folded import Piece
    from .memory import Private
    from .tables import Table

__all__ = ["Body", "is_arithmetic", "is_cheap", "KNOWN_OPS", "larger", "taken_by"]

# Pure ops a branch may hold and still be computed for all lanes and selected: below the price of a mispredicted branch.
FLATTEN_OPS = 12
# A loop of at most so many ops is made twice: without a mask while all lanes are in it, then with one.
UNMASKED_LOOP_OPS = 120
_FAR = 1 << 60  # no vector, and no few sums of such numbers, reach from here to where 64 bits wrap


class _Test(NamedTuple):
    """Of a round of a loop under masks. goes_on: each lane. known: what it computed that the round needs too. all_go_on: one
    answer for all lanes that must hold besides."""

    goes_on: Lane
    known: list[Value]
    all_go_on: Value | None


class Body:
    """Vectorizes regions for one place in the loop over threads.

    ids: op name and axis -> lane, of the threads in this vector. env: what each thread-level value has become.
    uses: how often each thread-level value is used anywhere. exists: mask of the threads that exist in this vector
    (None: all); subgroup operations see those.
    """

    def __init__(self, b: Builder, width: int, levels: Uniformity, uses: dict[Value, int],
                 ids: dict[tuple[str, int], Lane], env: dict[Value, Lane | Value], exists: Value | None) -> None:  # fmt: skip
        self.b = b
        self.s = Lanes(b, width)
        self.width = width
        self.levels = levels
        self.uses = uses
        self.ids = ids
        self.env = env
        self.exists = exists
        self.mask = exists
        self.private: dict[Value, Private] = {}
        self.streams: frozenset[Op] = frozenset()  # stores that may go past the caches
        self.streams_parts = False  # whether they may where some threads do not exist
        self.combined: Mapping[Op, Value] = {}  # atomics whose values are put by, and where
        self.tables: Mapping[Value, Table] = {}  # arrays whose updates a worker may put by
        self.along: Mapping[Op, Along] = {}  # loops whose rounds are lanes where a thread runs by itself,
        self.lanes_along = 1  # and of how many
        self.slot: Value | None = None
        self.sure: Container[Op] = ()  # what has been asked of all lanes (see `packed`): a branch they take, indices that count on
        self.shares: Mapping[Op, Share] = {}  # and what lanes share where
        self.piece: Piece | None = None  # where lanes go on from point to point
        self.again = False  # whether what lanes that do not exist load is there: their threads have run before
        self.moving: set[Value] | None = None  # of rows of one column side by side: what differs between them
        self.nth = 0  # of vectors that follow one another in the same code
        self.run = 1  # so many of them

    # --- values ---

    def lane(self, v: Value) -> Lane:
        found = self.env.get(v)
        if isinstance(found, Lane):
            return found
        if found is None:
            raise InternalError(f"value {v!r} has no vector form", where="vectorize")
        return self.s.uniform(found)

    def array(self, v: Value) -> Value:
        found = self.env[v]
        assert isinstance(found, Value)
        return found

    def scalar(self, v: Value) -> Value:
        lane = self.lane(v)
        if not lane.uniform or lane.scalar is None:
            raise InternalError(f"value {v!r} is not uniform", where="vectorize")
        return lane.scalar

    def tile(self, v: Value) -> Value:
        return self.s.tile(self.lane(v))

    def kept(self, v: Value) -> Value:
        """The form of a value that slots keep."""
        return self.value_of(v, uniform=self.width == 1)

    def slot_position(self) -> Value:
        """Number of this vector among the vectors of the block."""
        assert self.slot is not None
        return self.slot

    @property
    def loads_all(self) -> bool:
        """Whether what each lane loads is there."""
        return self.mask is None or (self.again and self.mask is self.exists)

    def active(self) -> Value:
        """The mask as an operand: a tile, or the scalar true."""
        return self.mask if self.mask is not None else self.b.constant(True, T.bool_)

    def and_mask(self, cond: Value) -> Value:
        return cond if self.mask is None else self.b.emit(arith.AND, self.mask, cond)

    def not_(self, mask: Value) -> Value:
        return self.b.emit(arith.NOT, mask)

    def is_far(self, v: Value) -> bool:
        """Whether numbers of 64 bits may be so large that they wrap between two lanes."""
        least, greatest = self.levels.range_of(v)
        return least < -_FAR or greatest > _FAR

    # --- ops ---

    def known(self, v: Value) -> bool:
        """Whether a value has a form here, which is made if arithmetic on ids and what is known is enough."""
        if v in self.env:
            return True
        op = v.op
        if op is None or not is_arithmetic(op) or not all(self.known(w) for w in taken_by(op)):
            return False
        self.op(op)
        return True

    def region(self, region: Region) -> None:
        """All ops of a region but its yield."""
        for op in region.ops[:-1]:
            self.op(op)

    def op(self, op: Op) -> None:
        b, defn = self.b, op.defn
        outer, b.span = b.span, op.span
        handler = _HANDLERS.get(defn.name)
        if handler is not None:
            handler(self, op)
        elif op in self.shares:
            out = op.results[0]
            self.env[out] = self.s.varying(turns(self, self.shares[op], T.element_of(out.type)))
        elif defn.elementwise:
            out = op.results[0]
            lane = self.env[out] = self.s.apply(defn, [self.lane(v) for v in op.operands], T.element_of(out.type), op.attributes)
            if lane.step and lane.type.bits == 64:
                lane.far = self.is_far(out)
        else:
            raise InternalError(f"{defn.name} cannot be vectorized", where="vectorize")
        b.span = outer

    def same(self, op: Op) -> None:
        """An op that is the same at block level."""
        self.env[op.results[0]] = self.s.uniform(
            self.b.emit(op.defn, type=op.results[0].type, **op.attributes)  # type: ignore[arg-type]
        )

    def id(self, op: Op) -> None:
        self.env[op.results[0]] = self.ids[op.defn.name, op.attributes["axis"]]

    def extent(self, op: Op) -> None:
        t = op.operands[0].type
        assert isinstance(t, T.ArrayType)
        if t.shape is not None:  # a private array has another shape here
            out = self.s.index(t.shape[op.attributes["axis"]])
        else:
            out = self.b.emit(memory.EXTENT, self.array(op.operands[0]), **op.attributes)
        self.env[op.results[0]] = self.s.uniform(out)

    def fence(self, op: Op) -> None:
        self.b.emit(simt.FENCE, **op.attributes)

    def nothing(self, op: Op) -> None:
        """Breakpoints only stop the interpreter."""

    # --- diagnostics ---

    def check(self, op: Op) -> None:
        ok, payload = op.operands[0], op.operands[1:]
        values = [*self.place(), *[self.scalar_or_tile(v) for v in payload]]
        self.b.emit(tile.CHECK, self.tile(ok), self.mask_tile(), *values, site=op.attributes["site"])

    def report(self, op: Op) -> None:
        values = [*self.place(), *[self.scalar_or_tile(v) for v in op.operands]]
        self.b.emit(tile.PRINT, self.mask_tile(), *values, site=op.attributes["site"])

    def place(self) -> list[Value]:
        """Where the threads of this vector are, along each axis: in the grid (flat) or in their block."""
        name = "simt.thread_id" if ("simt.thread_id", 0) in self.ids else "simt.global_id"
        return [self.form(self.ids[name, axis]) for axis in range(3)]

    def scalar_or_tile(self, v: Value) -> Value:
        return self.form(self.lane(v))

    def form(self, lane: Lane) -> Value:
        return lane.scalar if lane.uniform and lane.scalar is not None else self.s.tile(lane)

    def mask_tile(self) -> Value:
        return self.mask if self.mask is not None else self.s.splat(self.b.constant(True, T.bool_))

    # --- control flow ---

    def value_of(self, v: Value, *, uniform: bool) -> Value:
        return self.scalar(v) if uniform else self.tile(v)

    def stays_scalar(self, v: Value) -> bool:
        return self.levels.of(v) <= SUBGROUP

    def result_type(self, v: Value) -> T.Type:
        element = T.element_of(v.type)
        return element if self.stays_scalar(v) else self.s.tile_type(element)

    def bind(self, v: Value, new: Value) -> None:
        self.env[v] = self.s.uniform(new) if isinstance(new.type, T.ScalarType) else self.s.varying(new)

    def bind_all(self, old: tuple[Value, ...], new: tuple[Value, ...]) -> None:
        for o, n in zip(old, new, strict=True):
            self.bind(o, n)

    def if_(self, op: Op) -> None:
        cond = self.lane(op.operands[0])
        if cond.uniform and cond.scalar is not None:
            self.uniform_if(op, cond.scalar)
            return
        if all(is_cheap(r) for r in op.regions):
            self.flattened_if(op, cond)
            return
        test = op.operands[0].op
        if test is not None and all(v in self.env for v in test.operands) and len(op.regions[1].ops) == 1 and op not in self.sure:
            own, shared = self.parts_of(op.operands[0])
            if shared is not None:
                self.shared_if(op, own, shared)
                return
        self.parting_if(op, cond)

    def shared_if(self, op: Op, own: Lane, shared: Value) -> None:
        """A branch that threads take under a condition of their own and one that all have alike, which is asked first."""
        inside, nothing = Region(), Region()
        with self.b.inside(inside):
            self.parting_if(op, own)
            self.b.yield_(*[self.tile(r) for r in op.results])
        with self.b.inside(nothing):
            self.b.yield_(*[self.tile(v) for v in op.regions[1].yielded])
        out = self.b.if_(shared, [self.s.tile_type(T.element_of(r.type)) for r in op.results], inside, nothing)
        self.bind_all(op.results, out.results)

    def parting_if(self, op: Op, cond: Lane) -> None:
        """A branch that some threads take and others do not."""
        big = larger(op)
        if op in self.sure:
            self.region(op.regions[big])
            self.env.update({r: self.lane(v) for r, v in zip(op.results, op.regions[big].yielded, strict=True)})
            return
        known = cond.full, cond.none
        if self.mask is None and any(known):
            likely = big if known[big] is not None else 1 - big  # of `if i == 0` most vectors go the other way
            certain = known[likely]
            assert certain is not None
            self.coherent_if(op, cond, likely, certain())
            return
        self.bind_all(op.results, tuple(self.masked_if(op, cond)))

    def branch(self, region: Region, results: tuple[Value, ...], mask: Value | None) -> Region:
        """A region vectorized under a mask, yielding its results in the form the op's results take."""
        new, outer = Region(), self.mask
        self.mask = mask
        with self.b.inside(new):
            self.region(region)
            yields = [self.value_of(v, uniform=self.stays_scalar(r)) for r, v in zip(results, region.yielded, strict=True)]
            self.b.yield_(*yields)
        self.mask = outer
        return new

    def uniform_if(self, op: Op, cond: Value) -> None:
        regions = [self.branch(r, op.results, self.mask) for r in op.regions]
        out = self.b.if_(cond, [self.result_type(r) for r in op.results], *regions)
        self.bind_all(op.results, out.results)

    def flattened_if(self, op: Op, cond: Lane) -> None:
        for region in op.regions:
            self.region(region)
        for r, a, c in zip(op.results, op.regions[0].yielded, op.regions[1].yielded, strict=True):
            self.env[r] = self.select(cond, self.lane(a), self.lane(c), T.element_of(r.type))

    def select(self, cond: Lane, a: Lane, c: Lane, t: T.ScalarType) -> Lane:
        return self.s.apply(arith.SELECT, [cond, a, c], t, {})

    def coherent_if(self, op: Op, cond: Lane, big: int, certain: Value) -> None:
        """Where every lane takes the larger branch it runs without a mask; otherwise both run under theirs."""
        fast = self.branch(op.regions[big], op.results, None)
        slow = Region()
        with self.b.inside(slow):
            self.b.yield_(*self.masked_if(op, cond))
        out = self.b.if_(certain, [self.result_type(r) for r in op.results], fast, slow)
        self.bind_all(op.results, out.results)

    def masked_if(self, op: Op, cond: Lane) -> list[Value]:
        """Each branch behind a test that some lane takes it; results selected lane by lane."""
        taken = self.s.tile(cond)
        arms = []
        for region, chosen in ((op.regions[0], taken), (op.regions[1], None)):
            if len(region.ops) == 1:
                arms.append([self.value_of(v, uniform=False) for v in region.yielded])
                continue
            mask = self.and_mask(chosen if chosen is not None else self.not_(taken))
            inner = self.branch(region, op.results, mask)
            nothing = Region()
            with self.b.inside(nothing):
                self.b.yield_(*[self.b.constant(_zero(r.type), self.s.tile_type(T.element_of(r.type))) for r in op.results])
            out = self.b.if_(self.b.emit(tile.ANY, mask), [self.result_type(r) for r in op.results], inner, nothing)
            arms.append(list(out.results))
        return [self.b.emit(arith.SELECT, taken, a, c) for a, c in zip(*arms, strict=True)]

    def for_(self, op: Op) -> None:
        made = self.along.get(op)
        if made is not None and made.fewest:
            self.for_of_any_length(op, made)
            return
        if made is not None:
            run_along_row(self, op, made, self.lanes_along)
            return
        if self.levels.control[op] > SUBGROUP:
            self.divergent_for(op)
            return
        args = op.regions[0].args
        init = [self.value_of(v, uniform=self.stays_scalar(a)) for v, a in zip(op.operands[3:], args[1:], strict=True)]
        self.bind_all(op.results, tuple(self.each_round(op, [self.scalar(v) for v in op.operands[:3]], init)))

    def for_of_any_length(self, op: Op, made: Along) -> None:
        """A loop that lanes take alike: together, or, where it is long, one after the other with rounds as lanes."""
        b, args = self.b, op.regions[0].args
        lo, hi, step = [self.scalar(v) for v in op.operands[:3]]
        init = [self.value_of(v, uniform=self.stays_scalar(a)) for v, a in zip(op.operands[3:], args[1:], strict=True)]
        long, short = Region(), Region()
        with b.inside(long):
            run_along_row(self, op, made, self.lanes_along)
            b.yield_(*[self.value_of(r, uniform=self.stays_scalar(r)) for r in op.results])
        with b.inside(short):
            b.yield_(*self.each_round(op, [lo, hi, step], init))
        rounds = b.emit(arith.SELECT, b.emit(arith.LT, lo, hi), b.emit(arith.SUB, hi, lo), self.s.index(0))
        is_long = b.emit(arith.GE, rounds, self.s.index(made.fewest))
        self.bind_all(op.results, b.if_(is_long, [self.result_type(r) for r in op.results], long, short).results)

    def each_round(self, op: Op, bounds: Sequence[Value], init: Sequence[Value]) -> Sequence[Value]:
        """The loop that all lanes take alike; gives what it carried."""
        return self.rounds(op, rounds_of(op, [self]), bounds, init, self.s.uniform)

    def rounds(self, op: Op, rounds: Rounds | None, bounds: Sequence[Value], init: Sequence[Value],
               place: Callable[[Value], Lane]) -> Sequence[Value]:  # fmt: skip
        """The same, where it is known which rounds go together. place: what lanes count, of what the loop does."""
        region = op.regions[0]
        args = region.args

        def one(number: int, counter: Value, now: Sequence[Value]) -> list[Value]:
            self.env[args[0]] = place(counter)
            self.bind_all(args[1:], tuple(now))
            for inner in region.ops[:-1] if rounds is None else rounds.others if number else rounds.first:
                self.op(inner)
            out = [self.value_of(v, uniform=self.stays_scalar(a)) for v, a in zip(region.yielded, args[1:], strict=True)]
            if rounds is not None and number == rounds.together - 1:
                ask_ahead(self, rounds, counter)
            return out

        names = tuple([a.name for a in args])
        return counted(self.b, bounds, init, names, rounds.together if rounds else 1, one, rounds.extremes if rounds else ())

    def like(self, levels: Uniformity, width: int, more: Mapping[Value, Lane] | None = None) -> Body:
        """Another one of so many lanes in the place of this one. more: what is otherwise there than here."""
        body = Body(self.b, width, levels, self.uses, self.ids, {**self.env, **(more or {})}, None)
        body.tables = self.tables
        return body

    def loop_body(self, region: Region, body: Region, args: tuple[Value, ...]) -> None:
        with self.b.inside(body):
            self.bind_all(region.args, args)
            self.region(region)
            carried = region.args[len(region.args) - len(region.yielded) :]
            self.b.yield_(*[self.value_of(v, uniform=self.stays_scalar(a)) for v, a in zip(region.yielded, carried, strict=True)])

    def while_(self, op: Op) -> None:
        if self.levels.control[op] > SUBGROUP:
            self.divergent_while(op)
            return
        source, repeated = op.regions
        init = [self.value_of(v, uniform=self.stays_scalar(a)) for v, a in zip(op.operands, source.args, strict=True)]
        types = tuple(v.type for v in init)
        cond, body = Region(types), Region(types)
        with self.b.inside(cond):
            self.bind_all(source.args, cond.args)
            self.region(source)
            self.b.yield_(self.scalar(source.yielded[0]))
        self.loop_body(repeated, body, body.args)
        self.bind_all(op.results, self.b.while_(init, cond, body).results)

    # --- loops that lanes leave at different times ---

    def divergent_while(self, op: Op) -> None:
        """while any lane is active: run the body for the active ones, then ask each whether it goes on."""
        source, repeated = op.regions
        again = computed_again(source, repeated, self.levels)

        def test(values: list[Value]) -> _Test:
            self.bind_all(source.args, tuple(values))
            self.region(source)
            own, shared = self.parts_of(source.yielded[0])
            self.bind_all(tuple([v for v, _ in again.same]), tuple([self.tile(known) for _, known in again.same]))
            for inner in again.early:
                self.op(inner)
            return _Test(own, [self.tile(v) for v in again.carried], shared)

        def step(values: list[Value], known: list[Value]) -> list[Value]:
            self.bind_all(repeated.args, tuple(values))
            self.bind_all(tuple(again.carried), tuple(known))
            for inner in repeated.ops[:-1]:
                if not (inner.results and inner.results[0] in told):
                    self.op(inner)
            return [self.value_of(v, uniform=self.stays_scalar(a)) for v, a in zip(repeated.yielded, source.args, strict=True)]

        told = {*[v for v, _ in again.same], *again.carried}

        init = [self.value_of(v, uniform=self.stays_scalar(a)) for v, a in zip(op.operands, source.args, strict=True)]
        self.masked_loop(init, op.results, test, step)

    def parts_of(self, cond: Value) -> tuple[Lane, Value | None]:
        """A condition as what lanes differ in and what is the same for all that ask, which need not become a mask."""
        op = cond.op
        if op is not None and op.defn is arith.AND:
            a, c = op.operands
            for own, shared in ((a, c), (c, a)):
                if self.stays_scalar(shared) and not self.stays_scalar(own):
                    return self.lane(own), self.scalar(shared)
        return self.lane(cond), None

    def shadow(self, now: Value, new: Value, before: Value, old: Value) -> Value:
        """By lane, a scalar that was `before` for all lanes that are on and is `new`: what a count adds to them costs less."""
        n = _step(new, before)
        if n is None:
            return self.b.emit(arith.SELECT, now, self.s.splat(new), old)
        step, zero = [self.s.splat(self.b.constant(k, T.element_of(new.type))) for k in (n, 0)]
        return self.b.emit(arith.ADD, old, self.b.emit(arith.SELECT, now, step, zero))

    def divergent_for(self, op: Op) -> None:
        """A count whose range differs between lanes, as a while with the counter carried.

        A counter that starts at an affine lane and has one step for all (range(global_id(0), n, threads)) stays affine,
        so what it indexes is a vector load; and while all lanes are inside, the loop needs no mask. Where a step may lead beyond
        what numbers reach, it is limited, or the counter is.
        """
        lo, hi, step = op.operands[:3]
        region = op.regions[0]
        counter = region.args[0]
        first, steps = self.lane(lo), self.lane(step)
        is_near = not (self.is_far(lo) or self.is_far(hi))
        moves = first.affine and not first.far and first.make is None and steps.uniform
        if is_near and self.is_far(step):  # one step of so much ends the loop, too
            for limit, kind in ((_FAR * 2, arith.MINIMUM), (-_FAR * 2, arith.MAXIMUM)):
                steps = self.s.apply(kind, [steps, self.s.uniform(self.s.index(limit))], T.index, {})
        limits = not is_near and step.constant not in (-1, 1) and (self.is_far(step) or not moves)
        moves = moves and not limits
        scalar = self.stays_scalar(counter) or moves
        narrow = not scalar and not limits and self.counts_in_32_bits(op)
        t = T.i32 if narrow else T.index
        # Lanes that begin side by side, but for those that have wrapped in 32 bits.
        beside = narrow and first.scalar is not None and first.guard is None and first.step > 0 and first.widened
        aligned = moves and first.aligned and is_multiple(steps.scalar, self.width)
        far = moves and not is_near

        def count(values: list[Value]) -> Lane:
            if not scalar:
                lane = self.s.varying(self.as_type(values[0], T.index))
                if beside:  # an access has none that have wrapped, as these are below 0
                    start = self.b.emit(tile.EXTRACT, values[0], self.s.index(0))
                    lane.scalar, lane.step, lane.exact, lane.widened = self.as_type(start, T.index), first.step, False, True
                return lane
            lane = Lane(T.index, scalar=values[0], step=first.step)
            lane.aligned, lane.far = aligned, far
            return lane

        def inside(values: list[Value]) -> Lane:
            i, ends = count(values), self.lane(hi)
            if narrow:
                return self.s.apply(arith.LT, [self.s.varying(values[0]), self.as_short(hi)], T.bool_, {})
            up = self.s.apply(arith.LT, [i, ends], T.bool_, {})
            if steps.uniform and steps.scalar is not None and isinstance(steps.scalar.constant, int):
                k = steps.scalar.constant
                return up if k > 0 else self.s.apply(arith.GT, [i, ends], T.bool_, {})
            zero = self.s.uniform(self.s.index(0))
            down = self.s.apply(arith.GT, [i, ends], T.bool_, {})
            rises = self.s.apply(arith.GT, [steps, zero], T.bool_, {})
            falls = self.s.apply(arith.LT, [steps, zero], T.bool_, {})
            up = self.s.apply(arith.AND, [up, rises], T.bool_, {})
            return self.s.apply(arith.OR, [up, self.s.apply(arith.AND, [down, falls], T.bool_, {})], T.bool_, {})

        def advance(values: list[Value]) -> list[Value]:
            self.env[counter] = count(values)
            self.bind_all(region.args[1:], tuple(values[1:]))
            self.region(region)
            if narrow:
                i = self.s.varying(self.next_in_32_bits(values[0], step.constant))
            else:
                i = self.s.apply(arith.ADD, [self.lane(counter), steps], T.index, {})
            if limits:
                i = self.limited(self.lane(counter), i, steps)
            following = i.scalar if scalar and i.scalar is not None else self.s.tile(i)
            return [following] + [self.value_of(v, uniform=self.stays_scalar(a))
                                  for v, a in zip(region.yielded, region.args[1:], strict=True)]  # fmt: skip

        init = [first.scalar if scalar and first.scalar is not None else self.as_type(self.tile(lo), t)]
        init += [self.value_of(v, uniform=self.stays_scalar(a)) for v, a in zip(op.operands[3:], region.args[1:], strict=True)]
        if moves and self.mask is None and self.lane(hi).uniform and sum(1 for _ in walk(region)) <= UNMASKED_LOOP_OPS:
            init = self.unmasked_loop(init, first.step, self.scalar(hi), _scalar(steps), advance)
            if is_near and isinstance(step.constant, int) and step.constant >= (self.width - 1) * first.step > 0:
                self.last_trip(op.results, init, inside(init), advance)
                return
        elif beside and self.goes_by_many(op):
            init = self.side_by_side(op, first, init)
        elif (not scalar or self.stays_scalar(counter)) and (rounds := rounds_of(op, [self])) is not None:
            init = self.even_rounds(op, rounds, init)
        test: Callable[[list[Value]], _Test] = lambda values: _Test(inside(values), [], None)  # noqa: E731
        self.masked_loop(init, (None, *op.results), test, lambda values, _: advance(values))

    def goes_by_many(self, op: Op) -> bool:
        """Whether trips of all lanes are worth a loop of their own. Of rows that each vector has for itself most are too short."""
        is_short = sum(1 for _ in walk(op.regions[0])) <= UNMASKED_LOOP_OPS
        return is_short and self.mask is None and self.lane(op.operands[1]).uniform and op.operands[2].constant > self.width

    def side_by_side(self, op: Op, first: Lane, init: list[Value]) -> list[Value]:
        """The trips of which all lanes are inside, as none of them has wrapped then; gives the counters, in 32 bits, and the
        carried values behind them."""
        b, s, (counter, *carried), step = self.b, self.s, op.regions[0].args, op.operands[2].constant
        assert first.scalar is not None

        def trip(values: list[Value]) -> list[Value]:
            self.env[counter] = Lane(T.index, scalar=values[0], step=first.step)
            self.bind_all(tuple(carried), tuple(values[1:]))
            self.region(op.regions[0])
            out = [self.value_of(v, uniform=self.stays_scalar(a)) for v, a in zip(op.regions[0].yielded, carried, strict=True)]
            return [b.emit(arith.ADD, values[0], s.index(step)), *out]

        # The counter behind them is a number of 32 bits, too.
        hi = b.emit(arith.MINIMUM, self.scalar(op.operands[1]), s.index(T.limits(T.i32)[1] - step + 1))
        after, *rest = self.unmasked_loop([first.scalar, *init[1:]], first.step, hi, s.index(step), trip)
        gone = self.as_type(b.emit(arith.SUB, after, first.scalar), T.i32)
        return [b.emit(arith.ADD, init[0], s.splat(gone)), *rest]

    def counts_in_32_bits(self, op: Op) -> bool:
        """Whether a range's ends are numbers of 32 bits, as those in memory mostly are: half the vectors of indices."""
        lo, hi, step = op.operands[:3]
        least, greatest = T.limits(T.i32)
        known = all(least <= end <= greatest for v in (lo, hi) for end in self.levels.range_of(v))
        return known and isinstance(step.constant, int) and 0 < step.constant <= greatest

    def as_type(self, v: Value, t: T.Type) -> Value:
        """A number, or those of lanes, as integers of another width."""
        assert isinstance(t, T.ScalarType)
        if T.element_of(v.type) is t:
            return v
        return self.b.emit(arith.CAST, v, type=self.s.tile_type(t) if isinstance(v.type, T.TileType) else t)

    def as_short(self, v: Value) -> Lane:
        """A number that has 32 bits as such."""
        return self.s.apply(arith.CAST, [self.lane(v)], T.i32, {})

    def next_in_32_bits(self, i: Value, step: int) -> Value:
        """A counter's next number, or the largest, where no range goes on."""
        s, most = self.s, T.limits(T.i32)[1]
        if step > 1:
            i = self.b.emit(arith.MINIMUM, i, s.splat(s.constant(most - step, T.i32)))
        return self.b.emit(arith.ADD, i, s.splat(s.constant(step, T.i32)))

    def limited(self, before: Lane, after: Lane, step: Lane) -> Lane:
        """A counter that does not wrap, but stays at the end of what numbers reach, where no range goes on."""
        s = self.s
        rises = s.apply(arith.GT, [step, s.uniform(s.index(0))], T.bool_, {})
        is_less, is_more = [s.apply(kind, [after, before], T.bool_, {}) for kind in (arith.LT, arith.GT)]
        end = self.select(rises, s.uniform(s.index((1 << 63) - 1)), s.uniform(s.index(-1 << 63)), T.index)
        return self.select(self.select(rises, is_less, is_more, T.bool_), end, after, T.index)

    def even_rounds(self, op: Op, rounds: Rounds, init: list[Value]) -> list[Value]:
        """As many rounds as the shortest of the lanes' ranges has, without masks, so that some may go together; gives the
        counters and the carried values behind them."""
        b, s, zero, one = self.b, self.s, self.s.index(0), self.s.index(1)
        first, ends = init[0], self.tile(op.operands[1])
        ends = self.as_type(ends, T.element_of(first.type))
        if isinstance(first.type, T.ScalarType):
            least = b.emit(arith.MAXIMUM, joined(self, ends, first, arith.MINIMUM), first)
            return [least, *self.rounds(op, rounds, [first, least, one], init[1:], s.uniform)]
        # A difference that wraps is below 0: none.
        t = T.element_of(first.type)
        none = s.constant(0, t)
        length = b.emit(arith.SELECT, b.emit(arith.LT, first, ends), b.emit(arith.SUB, ends, first), s.splat(none))
        count = self.as_type(b.emit(arith.MAXIMUM, joined(self, length, none, arith.MINIMUM), none), T.index)

        def beyond(k: Value) -> Value:
            return b.emit(arith.ADD, first, s.splat(self.as_type(k, t)))

        out = self.rounds(op, rounds, [zero, count, one], init[1:], lambda k: s.varying(self.as_type(beyond(k), T.index)))
        return [beyond(count), *out]

    def unmasked_loop(self, init: list[Value], lane_step: int, hi: Value, step: Value,
                      advance: Callable[[list[Value]], list[Value]]) -> list[Value]:  # fmt: skip
        """An upward count for as long as all lanes are inside; gives the carried values behind it."""
        types = tuple(v.type for v in init)
        cond, body = Region(types), Region(types)
        reach = self.s.index(max((self.width - 1) * lane_step, 0))
        with self.b.inside(cond):
            furthest = self.b.emit(arith.ADD, cond.args[0], reach)
            inside = self.b.emit(arith.LT, furthest, hi)
            self.b.yield_(self.b.emit(arith.AND, inside, self.b.emit(arith.GT, step, self.s.index(0))))
        with self.b.inside(body):
            self.b.yield_(*advance(list(body.args)))
        return list(self.b.while_(init, cond, body).results)

    def last_trip(self, results: tuple[Value, ...], init: list[Value], inside: Lane,
                  advance: Callable[[list[Value]], list[Value]]) -> None:  # fmt: skip
        """Of a loop whose lanes were all inside until now: a step takes the first lane past where the last one is already, so
        there is no trip behind this one."""
        b, outer, wanted = self.b, self.mask, [k for k, r in enumerate(results) if self.uses.get(r, 0) > 0]
        mask = self.s.tile(inside)
        before = [self.widened(init[1 + k]) for k in wanted]
        some, none = Region(), Region()
        self.mask = mask
        with b.inside(some):
            after = advance(init)
            b.yield_(*[b.emit(arith.SELECT, mask, self.widened(after[1 + k]), old) for k, old in zip(wanted, before, strict=True)])
        self.mask = outer
        with b.inside(none):
            b.yield_(*before)
        made = b.if_(b.emit(tile.ANY, mask), [v.type for v in before], some, none).results
        self.bind_all(tuple([results[k] for k in wanted]), tuple(made))

    def widened(self, v: Value) -> Value:
        return self.s.splat(v) if isinstance(v.type, T.ScalarType) else v

    def masked_loop(self, init: list[Value], results: tuple[Value | None, ...],
                    test: Callable[[list[Value]], _Test],
                    step: Callable[[list[Value], list[Value]], list[Value]]) -> None:  # fmt: skip
        """The loop both divergent forms share. A carried value is kept per lane only if it is used after the loop.

        test: whether a lane goes on, values that are carried to the next `step` because it needs them too, and whether any does.
        """
        outer = self.mask
        wanted = [r is not None and self.uses.get(r, 0) > 0 for r in results]
        # A scalar that is used afterwards differs by lane then: carried a second time, as a tile.
        shadowed = [k for k, v in enumerate(init) if wanted[k] and isinstance(v.type, T.ScalarType)]
        goes_on, known, all_go_on = test(init)
        active = self.and_mask(self.s.tile(goes_on))
        n, m = len(init), len(init) + len(known)
        shared = [] if all_go_on is None else [all_go_on]
        carried = [*init, *known, *[self.s.splat(init[k]) for k in shadowed], *shared, active]
        types = tuple(v.type for v in carried)
        cond, body = Region(types), Region(types)
        with self.b.inside(cond):
            some = self.b.emit(tile.ANY, cond.args[-1])
            self.b.yield_(self.b.emit(arith.AND, some, cond.args[-2]) if shared else some)
        with self.b.inside(body):
            args = list(body.args)
            self.mask = now = args[-1]
            new = step(args[:n], args[n:m])
            keep = [self.b.emit(arith.SELECT, now, v, args[k]) if wanted[k] and isinstance(v.type, T.TileType) else v
                    for k, v in enumerate(new)]  # fmt: skip
            shadows = [self.shadow(now, new[k], args[k], args[m + j]) for j, k in enumerate(shadowed)]
            goes_on, known, all_go_on = test(keep)
            stays = self.s.tile(goes_on)
            still = self.b.emit(arith.AND, now, stays)
            for k in range(n):
                other = _of_staying(new[k], args[k], stays)
                if not wanted[k]:
                    keep[k] = other
                elif other is not new[k] and stays.op is not None and stays.op.defn is arith.NOT:  # one choice for two
                    keep[k] = self.b.emit(arith.SELECT, still, other, args[k])
            self.b.yield_(*keep, *known, *shadows, *([all_go_on] if all_go_on is not None else []), still)
        self.mask = outer
        out = self.b.while_(carried, cond, body)
        for k, r in enumerate(results):
            if r is not None and wanted[k]:
                self.bind(r, out.results[m + shadowed.index(k)] if k in shadowed else out.results[k])


def _of_staying(new: Value, old: Value, stays: Value) -> Value:
    """What a loop yields, if only lanes count that stay in it: those that leave, as by `if found: break`, keep what they had."""
    op = new.op
    if op is None or op.defn is not arith.SELECT or op.operands[1] is not old:
        return new
    leave, conditions = op.operands[0], [v.op for v in joined_by(stays, arith.AND)]
    none_left = any(found is not None and found.defn is arith.NOT and found.operands[0] is leave for found in conditions)
    return op.operands[2] if none_left else new


def _step(new: Value, before: Value) -> int | None:
    """The constant n where a counter became before + n."""
    op = new.op
    if op is None or op.defn is not arith.ADD or not T.element_of(new.type).is_integer or before not in op.operands:
        return None
    n = op.operands[1 if op.operands[0] is before else 0].constant
    return n if isinstance(n, int) else None


def _scalar(lane: Lane) -> Value:
    assert lane.uniform and lane.scalar is not None
    return lane.scalar


def _zero(t: T.Type) -> object:
    element = T.element_of(t)
    return False if element.is_bool else 0.0 if element.is_float else 0


def larger(op: Op) -> int:
    """The branch of an `if` that vectors are taken to go into."""
    return 0 if len(op.regions[0].ops) >= len(op.regions[1].ops) else 1


def is_cheap(region: Region) -> bool:
    """Pure elementwise ops, few and none slow: worth computing for all lanes to save a branch."""
    slow = {"arith.floordiv", "arith.mod", "arith.lookup"}
    ops = region.ops[:-1]
    return len(ops) <= FLATTEN_OPS and all(
        op.defn.elementwise and op.defn.name not in slow and not op.defn.function for op in ops
    )


def is_arithmetic(op: Op) -> bool:
    """Whether an op computes with numbers, or chooses among such, or is known to a row of threads by itself."""
    if op.name == "scf.if":
        return all(is_cheap(r) for r in op.regions)
    return op.defn.elementwise or op.name in KNOWN_OPS


def taken_by(op: Op) -> list[Value]:
    """What arithmetic is made of: of a choice what its branches take from around it, too."""
    inside = [inner for region in op.regions for inner in region.ops]
    return [v for o in (op, *inside) for v in o.operands if v.op not in inside]


_HANDLERS: dict[str, Callable[[Body, Op], None]] = {
    "simt.global_id": Body.id,
    "simt.thread_id": Body.id,
    "simt.block_id": Body.same,
    "simt.block_dim": Body.same,
    "simt.grid_dim": Body.same,
    "simt.healthy": Body.same,
    "simt.looks_ahead": Body.same,
    "arith.constant": Body.same,
    "memory.extent": Body.extent,
    "simt.fence": Body.fence,
    "simt.breakpoint": Body.nothing,
    "simt.check": Body.check,
    "simt.report": Body.report,
    "scf.if": Body.if_,
    "scf.for": Body.for_,
    "scf.while": Body.while_,
}


# What a row of threads, or a launch, knows by itself.
KNOWN_OPS = frozenset({"simt.global_id", "simt.thread_id", "simt.block_id", "simt.block_dim", "simt.grid_dim",
                       "arith.constant", "memory.extent"})  # fmt: skip


def handles(*names: str) -> Callable[[Callable[[Body, Op], None]], Callable[[Body, Op], None]]:
    """Register how ops are vectorized; `memory.py` and `subgroup.py` add theirs."""

    def register(rule: Callable[[Body, Op], None]) -> Callable[[Body, Op], None]:
        for name in names:
            assert name in OPS
            _HANDLERS[name] = rule
        return rule

    return register

