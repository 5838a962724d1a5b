"""Elements of a thread's own row as lanes, where threads run one at a time.

One idea: a thread that fills a row, or looks for the largest of one, has a loop whose rounds may run in any order, as threads may:
what it stores goes to another element each round, and what it carries is a sum or an extreme that may be taken in parts. So the
counter takes the place of the thread's number, and so many rounds are one vector. Whether what the loop reads is written
by it under another name is asked when the code runs; where it is, rounds follow one another as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ... import types as T
from ...analysis.accesses import indices_of, is_argument
from ...analysis.combining import neutral
from ...analysis.uniformity import BLOCK, VARYING, Uniformity
from ...core import Function, Op, Region, Value, walk
from ...opdef import OpDef
from ...ops import arith, tile
from .lanes import Lane, Lanes
from .parts import kind_of
from .plan import external
from .width import peak_of

if TYPE_CHECKING:
    from ...builder import Builder
    from .body import Body

__all__ = ["Along", "ask_once", "joined", "lanes_along", "loops_along", "run_along_row", "with_masks"]

# What a lane costs whose element lies anywhere, beside an op on scalars; and an element that is one of every second or third.
_APART, _SHUFFLED = 2.5, 2.0
_MASKED_STORE = 8.0  # of a vector
_IN_ORDER = 1.5  # of a lane that is added in its turn
_UPDATE = 3.0
_LONGEST = 1.7  # trips of a vector's loop beside those of one of its lanes, where they leave it at different times
_TRIPS = 8
_SLOW = {"arith.div": 4, "arith.floordiv": 8, "arith.mod": 8, "arith.sqrt": 4, "arith.rsqrt": 4, "arith.pow": 20}
_MOST_DISTANCES = 4
_IN_TURN = 16  # lanes at most, where one is updated after the other: for more there is no straight code (`codegen/cpu/atomics`)
_FEW = 16  # lanes of shorter vectors
_SOME = 4  # rounds from which on one under a mask takes less time than they do
_MOST_OPS = 150  # of a loop: it is made three times
_FACTS = ("memory.extent", "simt.global_id", "simt.thread_id", "simt.block_id", "simt.block_dim", "simt.grid_dim")
_ACCESSES = ("memory.load", "memory.store")
_IDEMPOTENT = (arith.MINIMUM, arith.MAXIMUM, arith.AND, arith.OR)


class _Pair(NamedTuple):
    """end: the op that adds to a carried value, in each round, a product of numbers that fit 16 bits, or one of them (y: None)."""

    end: Op
    x: Value
    y: Value | None


class _Asked(NamedTuple):
    """What is known when the code runs. goes: whether rounds may be lanes; repeats: whether they may run twice."""

    goes: Value
    repeats: Value


class Along(NamedTuple):
    """A loop whose rounds may be lanes. kinds: the op that puts parts of each carried value together. in_order: by carried value,
    the op at the end of each round that must not take them but one after the other, as sums of floats. pairs: by carried value, how
    two rounds are one. apart: arrays that must not overlap for it, or (True) may else be one. levels: what differs between rounds.
    repeats: whether a round may run twice, where arrays do not overlap. cost: of a round, as an op on scalars is 1. is_narrow:
    whether it takes elements of one or two bytes together, of which a vector has many. distances: of indices, which must be as far
    from each other as there are rounds. in_turn: whether data choose what a round updates. fewest: rounds from which on they are
    lanes, where lanes are threads else; 0 where threads run one after the other anyway. masked: whether what is no whole vector is
    one under a mask. asked: see there."""

    kinds: tuple[OpDef, ...]
    in_order: dict[int, Op]
    pairs: dict[int, _Pair]
    apart: tuple[tuple[Value, Value, bool], ...]
    levels: Uniformity
    repeats: bool
    cost: float
    is_narrow: bool
    distances: tuple[tuple[Value, Value], ...]
    in_turn: bool
    fewest: int = 0
    masked: bool = False
    asked: _Asked | None = None


def loops_along(f: Function, lanes: int, updates: Collection[Op] = ()) -> dict[Op, Along]:
    """The loops of a function that are worth it, the outermost of those that lie in one another. updates: atomics that are put by,
    which may be made in any order."""
    found: dict[Op, Along] = {}

    def look(region: Region) -> None:
        for op in region.ops:
            made = _along(f, op, lanes, updates) if op.name == "scf.for" else None
            if made is not None:
                found[op] = made
                continue
            for inner in op.regions:
                look(inner)

    look(f.body)
    return found


def with_masks(found: Mapping[Op, Along]) -> dict[Op, Along]:
    """For targets whose masked accesses are as quick as others. Not where data choose, or places have to be far apart."""
    return {op: made._replace(masked=not (made.in_turn or made.distances)) for op, made in found.items()}


def lanes_along(found: Mapping[Op, Along], lanes: int, registers: int) -> int:
    """How many lanes: of two vectors, or of four where bytes are all that is loaded, if no loop needs more registers than there are
    for them, and none is shorter."""
    peak = max([peak_of(op.regions[0], made.levels) for op, made in found.items()], default=0)
    shortest = min([trips for op in found if (trips := _trips(op)) is not None], default=4 * lanes)
    in_turn = any(made.in_turn for made in found.values())
    for more in (4, 2):
        if in_turn and more * lanes > _IN_TURN:
            continue
        fits = more * peak <= registers * 3 // 4 and more * lanes <= shortest
        if fits and (more == 2 or all(made.is_narrow for made in found.values())):
            return more * lanes
    return lanes


def _trips(op: Op) -> int | None:
    lo, hi = (v.constant for v in op.operands[:2])
    return hi - lo if isinstance(lo, int) and isinstance(hi, int) else None


def _along(f: Function, op: Op, lanes: int, updates: Collection[Op]) -> Along | None:
    region = op.regions[0]
    trips = _trips(op)
    if op.operands[2].constant != 1 or (trips is not None and trips < lanes):
        return None
    ops = list(walk(region))
    if len(ops) > _MOST_OPS or not all(inner in updates or _is_plain(inner) for inner in ops):
        return None
    kinds: list[OpDef] = []
    in_order: dict[int, Op] = {}
    pairs: dict[int, _Pair] = {}
    for k in range(len(region.yielded)):
        kind = kind_of(region, k)
        if kind is None:
            return None
        t = T.element_of(region.args[1 + k].type)
        if t.is_float and kind in (arith.ADD, arith.MUL) and (f.math != "fast" or t.bits < 32):
            last = _last(region, k)
            if last is None:
                return None
            in_order[k] = last
        elif kind is arith.ADD and t.bits == 32 and (pair := _pair(region, k)) is not None:
            pairs[k] = pair
        kinds.append(kind)
    levels = Uniformity(rows=True)
    levels.level.update(dict.fromkeys(region.args, VARYING))
    levels.loops[region.args[0]] = op
    levels.region(region)
    row = _Row(region, levels, lanes, updates)
    accesses = [inner for inner in ops if inner.name in _ACCESSES]
    distances = row.distances(accesses)
    if distances is None or len(distances) > _MOST_DISTANCES:
        return None
    vector, single = row.cost(region.ops[:-1], masked=False)
    vector += _IN_ORDER * lanes * len(in_order)
    if not row.moves or vector * 1.3 > single * lanes:
        return None
    updated = [inner for inner in ops if inner in updates]
    stored = list(dict.fromkeys([inner.operands[0] for inner in [*accesses, *updated] if inner.name != "memory.load"]))
    if in_order and not stored:
        return None  # threads side by side do it at once
    arrays = list(dict.fromkeys([inner.operands[0] for inner in [*accesses, *updated]]))
    places = {a: {_place(o) for o in accesses if o.operands[0] is a} for a in arrays}
    apart = [(a, c, places[a] == places[c] and len(places[a]) == 1 and _are_alike(a, c)) for a in stored for c in arrays
             if a is not c and not (c in stored and stored.index(c) < stored.index(a))]  # fmt: skip
    repeats = not kinds and not updated and not any(o.name == "memory.load" and o.operands[0] in stored for o in accesses)
    return Along(tuple(kinds), in_order, pairs, tuple(apart), levels, repeats, vector / lanes, not stored and row.narrow,
                 tuple(distances), any(row.place(inner) != 1 for inner in updated))  # fmt: skip


def _place(op: Op) -> tuple[object, ...]:
    """Where an access goes, but for the array."""
    return (op.attributes["offset"], *indices_of(op))


def _are_alike(a: Value, c: Value) -> bool:
    return isinstance(a.type, T.ArrayType) and isinstance(c.type, T.ArrayType) and a.type == c.type


def _is_plain(op: Op) -> bool:
    if op.defn.function:
        return False
    if op.name in _ACCESSES:
        return is_argument(op.operands[0])
    return op.defn.elementwise or op.name in _FACTS or op.name.startswith("scf.")


def _last(region: Region, place: int) -> Op | None:
    """The only op that takes a carried value, and gives the next."""
    op, carried = region.yielded[place].op, region.args[1 + place]
    users = [o for o in walk(region) if carried in o.operands]
    return op if op is not None and users == [op] and op.name in ("arith.add", "arith.sub", "arith.mul") else None


def _pair(region: Region, place: int) -> _Pair | None:
    """What is added to a sum in each round, where numbers of 16 bits are enough for it."""
    end = _last(region, place)
    if end is None or end.name != "arith.add":
        return None
    x = end.operands[1 if end.operands[0] is region.args[1 + place] else 0]
    first = _before_casts(x)
    t, op = T.element_of(first.type), first.op
    if op is not None and op.name == "arith.mul":
        a, c = [_before_casts(v) for v in op.operands]
        if not (_fits(a) and _fits(c)):
            return None
        (least, most), (low, high) = _product(T.element_of(a.type), T.element_of(c.type)), T.limits(t)
        return _Pair(end, a, c) if t.bits == 32 or (low <= least and most <= high) else None
    return _Pair(end, first, None) if _fits(first) else None


def _before_casts(v: Value) -> Value:
    """What an integer was before it was made wide."""
    while v.op is not None and v.op.name == "arith.cast":
        before = v.op.operands[0]
        a, c = T.element_of(before.type), T.element_of(v.type)
        if not a.is_integer or a.is_bool or a.bits >= c.bits or (a.is_signed and not c.is_signed):
            break
        v = before
    return v


def _fits(v: Value) -> bool:
    """Whether a value fits 16 bits with a sign."""
    t = T.element_of(v.type)
    return t.is_integer and (t.bits == 8 or (t.bits == 16 and t.is_signed))


def _product(a: T.ScalarType, c: T.ScalarType) -> tuple[int, int]:
    ends = [x * y for x in T.limits(a) for y in T.limits(c)]
    return min(ends), max(ends)


class _Row:
    """What the accesses of one loop are along its counter. moves: whether any goes along a row; narrow: whether loads do, of one
    or two bytes, and none of more."""

    def __init__(self, region: Region, levels: Uniformity, lanes: int, updates: Collection[Op]) -> None:
        self.counter = region.args[0]
        self.levels = levels
        self.lanes = lanes
        self.updates = updates
        self.inside: set[Value] = set(region.args)
        for op in walk(region):
            self.inside.update(op.results)
            for inner in op.regions:
                self.inside.update(inner.args)
        self.known: dict[Value, int | None] = {}
        self.moves = False
        self.narrow = False

    def step(self, v: Value) -> int | None:
        """n where v is n times the counter and what all rounds have alike."""
        if v not in self.known:
            self.known[v] = None
            self.known[v] = self._step(v)
        return self.known[v]

    def _step(self, v: Value) -> int | None:
        if v is self.counter:
            return 1
        if v not in self.inside:
            return 0
        op = v.op
        if op is None:
            return None
        if op.name in ("memory.extent", "arith.constant") or op.defn.varying:
            return 0
        if not op.defn.elementwise:
            return None
        steps = [self.step(w) for w in op.operands]
        if None in steps:
            return None
        given = [n for n in steps if n is not None]
        if not any(given):
            return 0
        if op.name == "arith.add":
            return sum(given)
        if op.name == "arith.sub":
            return given[0] - given[1]
        if op.name == "arith.neg":
            return -given[0]
        if op.name == "arith.cast" and T.element_of(v.type).is_integer and T.element_of(v.type).bits >= 32:
            return given[0]
        if op.name == "arith.mul":
            for n, other in zip(given, reversed(op.operands), strict=True):
                if n and isinstance(other.constant, int):
                    return n * other.constant
        return None

    def place(self, op: Op) -> int | None:
        """By how much an access goes on along the axis of neighbours in a round, where all else stays."""
        t = op.operands[0].type
        assert isinstance(t, T.ArrayType)
        steps = [self.step(v) for v in indices_of(op)]
        if all(n == 0 for n in steps):
            return 0
        if t.unit_axis is None or any(n != 0 for axis, n in enumerate(steps) if axis != t.unit_axis):
            return None
        element = T.element_of(op.results[0].type if op.name == "memory.load" else op.operands[-1].type)
        return steps[t.unit_axis] if T.size_and_align(t.element)[0] == element.size_bytes else None

    def distances(self, accesses: Sequence[Op]) -> list[tuple[Value, Value]] | None:
        """Pairs of indices that must be as far from each other as there are rounds, for no round to touch what another one stores,
        as far as one name of an array goes; None where some would in any case."""
        found: dict[tuple[Value, Value], None] = {}
        stores = [op for op in accesses if op.name == "memory.store"]
        for op in stores:
            if not self.place(op):
                return None
            for other in accesses:
                places = [indices_of(o) for o in (op, other)]
                if other.operands[0] is not op.operands[0] or places[0] == places[1]:
                    continue
                axis = op.operands[0].type.unit_axis if isinstance(op.operands[0].type, T.ArrayType) else None
                if axis is None or self.place(op) != 1 or self.place(other) != 1:
                    return None
                if any(v is not w for k, (v, w) in enumerate(zip(*places, strict=True)) if k != axis):
                    return None
                if all(self.is_near(where[axis]) for where in places):
                    return None
                if (places[1][axis], places[0][axis]) not in found:
                    found[places[0][axis], places[1][axis]] = None
        return list(found)

    def is_near(self, v: Value) -> bool:
        """Whether an index is the counter and a number."""
        op = v.op
        if op is None or op.name not in ("arith.add", "arith.sub"):
            return v is self.counter
        return any(w.constant is not None for w in op.operands) and any(self.is_near(w) for w in op.operands)

    def cost(self, ops: Sequence[Op], *, masked: bool) -> tuple[float, float]:
        """(of a vector of rounds, of one round)."""
        vector = single = 0.0
        for op in ops:
            if op.regions:
                parts = self.levels.control[op] > BLOCK
                both = [self.cost(r.ops[:-1], masked=masked or parts) for r in op.regions]
                trips = 1.0 if op.name == "scf.if" else _TRIPS
                vector += trips * sum([a for a, _ in both]) * (_LONGEST if parts and trips > 1 else 1.0)
                single += trips * sum([c for _, c in both])
            elif op.name in _ACCESSES:
                vector += self.access(op, masked=masked)
                single += 1
            elif op in self.updates:
                vector += self.update(op, masked=masked)
                single += _UPDATE
            elif op.name != "arith.constant":
                weight = _SLOW.get(op.name, 1)
                vector += weight
                single += weight
        return vector, single

    def access(self, op: Op, *, masked: bool) -> float:
        step = self.place(op)
        if step == 0:
            return 1.0
        if op.name == "memory.store":
            if step is None or abs(step) != 1:
                return self.lanes * _APART
            self.moves = True
            if masked:
                return _MASKED_STORE if T.element_of(op.operands[-1].type).bits >= 32 else self.lanes * _APART
            return 1.0 if step == 1 else _SHUFFLED
        if step is None or abs(step) > 4:
            uniform = all(self.levels.of(v) == BLOCK for v in op.operands[1:])  # of a loop within this one
            return 1.0 if uniform else 1.0 if self.beside(op) else self.lanes * _APART
        self.moves = True
        size = T.element_of(op.results[0].type).size_bytes
        self.narrow = size <= 2 if not self.narrow else self.narrow and size <= 2
        return 1.0 if step == 1 else _SHUFFLED

    def update(self, op: Op, *, masked: bool) -> float:
        """Of an atomic that is put by: a load, an operation and a store."""
        if self.place(op) != 1:
            return _UPDATE * self.lanes
        self.moves = True
        return _UPDATE + (_MASKED_STORE if masked else 0)

    def beside(self, op: Op) -> bool:
        """Whether a load in a loop within this one has the counter along the axis of neighbours, and else what all rounds share."""
        array, *indices = op.operands
        t = array.type
        if not isinstance(t, T.ArrayType) or t.unit_axis is None:
            return False
        if any(self.levels.of(v) > BLOCK for axis, v in enumerate(indices) if axis != t.unit_axis):
            return False
        self.moves = self.moves or indices[t.unit_axis] is self.counter
        return indices[t.unit_axis] is self.counter


# --- the code ---


def ask_once(b: Builder, found: Mapping[Op, Along], array: Callable[[Value], Value]) -> dict[Op, Along]:
    """The loops, with what is asked of their arrays here, once for all threads: no loop may be around it."""
    known: dict[tuple[OpDef, Value, Value], Value] = {}

    def ask(defn: OpDef, one: Value, other: Value) -> Value:
        if (defn, one, other) not in known:
            known[defn, one, other] = b.emit(defn, array(one), array(other))
        return known[defn, one, other]

    out: dict[Op, Along] = {}
    for op, made in found.items():
        goes, repeats = b.constant(True, T.bool_), b.constant(made.repeats, T.bool_)
        for one, other, is_same in made.apart:
            apart = ask(tile.DISJOINT, one, other)
            goes = b.emit(arith.AND, goes, b.emit(arith.OR, apart, ask(tile.SAME, one, other)) if is_same else apart)
            repeats = b.emit(arith.AND, repeats, apart) if made.repeats else repeats
        out[op] = made._replace(asked=_Asked(goes, repeats))
    return out


def run_along_row(body: Body, op: Op, made: Along, lanes: int) -> None:
    """The loop, of so many rounds at once: of a body with one thread, or of one thread of a body after the other."""
    if body.width == 1:
        _of_one(body, op, made, lanes)
        return
    b, s = body.b, body.s
    given = list(dict.fromkeys([v for v in external([op]) if isinstance(body.env.get(v), Lane)]))
    inner = [o.results[0] for o in walk(op.regions[0]) if o.defn.varying]
    own = {v: body.ids[v.op.name, v.op.attributes["axis"]] for v in inner if v.op is not None}
    own.update({v: body.lane(v) for v in given})
    tiles = {v: s.tile(x) for v, x in own.items() if not _is_even(x)}
    active = None if body.mask is None else b.emit(tile.BITS, body.mask)
    # What is the same in all lanes behind the loop, each gives anew.
    init = [body.value_of(v, uniform=body.stays_scalar(r)) for v, r in zip(op.operands[3:], op.results, strict=True)]
    loop = Region((T.index, *[v.type for v in init]), ("lane", *[a.name for a in op.regions[0].args[1:]]))
    with b.inside(loop):
        lane, before = loop.args[0], list(loop.args[1:])
        run, rest = Region(), Region()
        with b.inside(run if active is not None else loop):
            known = {v: s.uniform(b.emit(tile.EXTRACT, tiles[v], lane)) if v in tiles else _of_lane(body, x, lane)
                     for v, x in own.items()}  # fmt: skip
            one = body.like(body.levels.alone(), 1, known)
            one.ids = {key: _of_lane(body, x, lane) for key, x in body.ids.items() if inner and _is_even(x)}
            _of_one(one, op, made, lanes)
            after = [one.scalar(r) if body.stays_scalar(r) else b.emit(tile.INSERT, x, one.scalar(r), lane)
                     for x, r in zip(before, op.results, strict=True)]  # fmt: skip
            if active is not None:
                b.yield_(*after)
        if active is not None:
            with b.inside(rest):
                b.yield_(*before)
            bit = b.emit(arith.SHR, active, b.emit(arith.CAST, lane, type=T.u64))
            is_on = b.emit(arith.NE, b.emit(arith.AND, bit, b.constant(1, T.u64)), b.constant(0, T.u64))
            after = list(b.if_(is_on, [v.type for v in init], run, rest).results)
        b.yield_(*after)
    body.bind_all(op.results, b.for_(s.index(0), s.index(body.width), s.index(1), init, loop).results)


def _is_even(x: Lane) -> bool:
    return x.affine and x.exact


def _of_lane(body: Body, x: Lane, lane: Value) -> Lane:
    assert x.scalar is not None
    if not x.step:
        return x
    ahead = body.b.emit(arith.MUL, lane, body.s.index(x.step))
    at = ahead if x.type is T.index else body.b.emit(arith.CAST, ahead, type=x.type)
    return body.s.uniform(body.b.emit(arith.ADD, x.scalar, at))


def _of_one(body: Body, op: Op, made: Along, lanes: int) -> None:
    """Whole vectors of rounds and one that overlaps the last of them, or rounds one by one where there are fewer than lanes, or
    where arrays overlap."""
    b, s = body.b, body.s
    assert made.asked is not None
    lo, hi = (body.scalar(v) for v in op.operands[:2])
    init = [body.scalar(v) for v in op.operands[3:]]
    zero = s.index(0)
    rounds = b.emit(arith.SELECT, b.emit(arith.LT, lo, hi), b.emit(arith.SUB, hi, lo), zero)
    goes = made.asked.goes
    first = body.like(body.levels, 1, {op.regions[0].args[0]: s.uniform(lo)})
    for one, other in made.distances:
        assert first.known(one)
        assert first.known(other)
        apart = b.emit(arith.SUB, first.scalar(one), first.scalar(other))
        behind = b.emit(arith.LE, apart, b.emit(arith.SUB, zero, rounds))
        goes = b.emit(arith.AND, goes, b.emit(arith.OR, b.emit(arith.GE, apart, rounds), behind))
    if made.fewest:
        body.bind_all(op.results, tuple(_vectors(body, op, made, lanes, (lo, hi, rounds), init, made.asked.repeats)))
        return
    body.bind_all(op.results, _as_long_as(body, op, made, lanes, (lo, hi, rounds), init, goes))


def _as_long_as(body: Body, op: Op, made: Along, lanes: int, bounds: tuple[Value, Value, Value], init: Sequence[Value],
                goes: Value) -> tuple[Value, ...]:  # fmt: skip
    """Vectors where there are as many rounds as lanes, or some of a vector that may be masked; of bytes, which have many lanes,
    shorter ones for rows that are shorter."""
    b, s = body.b, body.s
    lo, hi, rounds = bounds
    assert made.asked is not None
    repeats = made.asked.repeats

    def as_long_as(least: int, vectors: Callable[[], Sequence[Value]], others: Callable[[], Sequence[Value]]) -> tuple[Value, ...]:
        yes, no = Region(), Region()
        with b.inside(yes):
            b.yield_(*vectors())
        with b.inside(no):
            b.yield_(*others())
        enough = b.emit(arith.AND, goes, b.emit(arith.GE, rounds, s.index(least)))
        return b.if_(enough, [v.type for v in init], yes, no).results

    def shorter() -> Sequence[Value]:
        if made.is_narrow and lanes > _FEW:
            return _as_long_as(body, op, made, _FEW, bounds, init, goes)
        if made.masked and not made.in_order:
            return as_long_as(_SOME, lambda: _under_masks(body, op, made, lanes, (lo, hi), init), one_by_one)
        return one_by_one()

    def one_by_one() -> Sequence[Value]:
        return body.each_round(op, (lo, hi, s.index(1)), init)

    least = _SOME if made.masked and made.in_order else lanes
    return as_long_as(least, lambda: _vectors(body, op, made, lanes, bounds, init, repeats), shorter)


def _under_masks(body: Body, op: Op, made: Along, lanes: int, bounds: tuple[Value, Value], init: Sequence[Value]) -> list[Value]:
    """Vectors of which lanes beyond the last round are off."""
    b, region = body.b, op.regions[0]
    lo, hi = bounds
    part = body.like(made.levels, lanes)
    start = _start(part, made, init)
    loop = Region((T.index, *[v.type for v in start]), tuple([a.name for a in region.args]))
    with b.inside(loop):
        left = b.emit(arith.CAST, b.emit(arith.SUB, hi, loop.args[0]), type=T.i32)
        part.mask = part.exists = exists = b.emit(arith.LT, part.s.iota(T.i32), part.s.splat(left))
        new = _one(part, region, made, loop.args[0], loop.args[1:])
        b.yield_(*[x if k in made.pairs or k in made.in_order else b.emit(arith.SELECT, exists, x, before)
                   for k, (x, before) in enumerate(zip(new, loop.args[1:], strict=True))])  # fmt: skip
    return _put_together(part, made, b.for_(lo, hi, part.s.index(lanes), start, loop).results, init)


def _start(wide: Body, made: Along, init: Sequence[Value]) -> list[Value]:
    """What lanes begin with."""
    b, start = wide.b, list[Value]()
    for k, (v, kind) in enumerate(zip(init, made.kinds, strict=True)):
        t = T.element_of(v.type)
        whole = v if kind in _IDEMPOTENT else b.constant(_nothing(kind, t), t)
        own = Lanes(b, wide.width // 2) if k in made.pairs else wide.s
        start.append(v if k in made.in_order else own.splat(whole))
    return start


def _put_together(wide: Body, made: Along, sums: Sequence[Value], init: Sequence[Value]) -> list[Value]:
    return [x if k in made.in_order else joined(wide, x, init[k], made.kinds[k]) for k, x in enumerate(sums)]


def _vectors(body: Body, op: Op, made: Along, lanes: int, bounds: tuple[Value, Value, Value], init: Sequence[Value],
             repeats: Value) -> list[Value]:  # fmt: skip
    """repeats: whether rounds may run twice, so that all lanes of the last vector may store."""
    b, region = body.b, op.regions[0]
    lo, hi, rounds = bounds
    width = body.s.index(lanes)
    wide = body.like(made.levels, lanes)
    stop = b.emit(arith.ADD, lo, b.emit(arith.MUL, b.emit(arith.FLOORDIV, rounds, width), width))
    start = _start(wide, made, init)
    loop = Region((T.index, *[v.type for v in start]), tuple([a.name for a in region.args]))
    with b.inside(loop):
        b.yield_(*_one(wide, region, made, loop.args[0], loop.args[1:]))
    sums = list(b.for_(lo, stop, width, start, loop).results)
    if made.in_order:
        sums = _put_together(wide, made, sums, init)
        if made.masked:
            return _under_masks(body, op, made, min(lanes, _FEW), (stop, hi), sums)
        return list(body.each_round(op, (stop, hi, body.s.index(1)), sums))
    rest, none = Region(), Region()
    with b.inside(rest):
        begin = b.emit(arith.SUB, hi, width)
        ahead = b.emit(arith.CAST, b.emit(arith.SUB, stop, begin), type=T.i32)
        ahead = b.emit(arith.SELECT, repeats, b.constant(0, T.i32), ahead)
        late = b.emit(arith.GE, wide.s.iota(T.i32), wide.s.splat(ahead))
        last = body.like(made.levels, lanes)
        last.mask = last.exists = late
        last.again = True
        new = _one(last, region, made, begin, sums)
        b.yield_(*[x if k in made.pairs else b.emit(arith.SELECT, late, x, before)
                   for k, (x, before) in enumerate(zip(new, sums, strict=True))])  # fmt: skip
    with b.inside(none):
        b.yield_(*sums)
    sums = list(b.if_(b.emit(arith.LT, stop, hi), [v.type for v in sums], rest, none).results)
    return _put_together(wide, made, sums, init)


def _one(body: Body, region: Region, made: Along, counter: Value, now: Sequence[Value]) -> list[Value]:
    """A vector of rounds from one on."""
    b = body.b
    body.env[region.args[0]] = Lane(T.index, scalar=counter, step=1)
    for a, v in zip(region.args[1:], now, strict=True):
        body.bind(a, v)
    ends = {*made.in_order.values(), *[pair.end for pair in made.pairs.values()]}
    for op in region.ops[:-1]:
        if op not in ends:
            body.op(op)
    out: list[Value] = []
    for k, v in enumerate(region.yielded):
        if k in made.pairs:
            out.append(_with_pairs(body, made.pairs[k], now[k]))
            continue
        end = made.in_order.get(k)
        if end is None:
            out.append(body.tile(v))
            continue
        x, total = body.tile(end.operands[1 if end.operands[0] is region.args[1 + k] else 0]), now[k]
        if body.mask is not None:
            x = b.emit(arith.SELECT, body.mask, x, body.s.splat(_changes_nothing(b, end.defn, T.element_of(x.type))))
        for lane in range(body.width):
            total = b.emit(end.defn, total, b.emit(tile.EXTRACT, x, body.s.index(lane)), **end.attributes)
        out.append(total)
    return out


def _with_pairs(body: Body, pair: _Pair, total: Value) -> Value:
    """A sum, in half as many lanes as there are rounds, and what these add to it."""
    b, s = body.b, body.s
    x = b.emit(arith.CAST, body.tile(pair.x), type=s.tile_type(T.i16))
    y = s.splat(b.constant(1, T.i16)) if pair.y is None else b.emit(arith.CAST, body.tile(pair.y), type=s.tile_type(T.i16))
    if body.mask is not None:
        x = b.emit(arith.SELECT, body.mask, x, s.splat(b.constant(0, T.i16)))
    more = b.emit(tile.PAIRS, x, y)
    t = T.element_of(total.type)
    return b.emit(arith.ADD, total, more if t is T.i32 else b.emit(arith.BITCAST, more, type=total.type))


def _changes_nothing(b: Builder, defn: OpDef, t: T.ScalarType) -> Value:
    """What a total may take without another bit: -0.0 is what may be added to 0.0 and -0.0."""
    if defn is arith.MUL:
        return b.constant(1.0 if t.is_float else 1, t)
    return b.constant((-0.0 if defn is arith.ADD else 0.0) if t.is_float else 0, t)


def _nothing(kind: OpDef, t: T.ScalarType) -> int | float:
    if kind is arith.MUL:
        return 1.0 if t.is_float else 1
    return neutral(kind.name.removeprefix("arith."), t)


def joined(body: Body, x: Value, init: Value, kind: OpDef) -> Value:
    """The parts that lanes have, and what there was before them."""
    b, s = body.b, Lanes(body.b, T.shape_of(x.type)[0])
    distance = s.width // 2
    while distance:
        x = b.emit(kind, x, b.emit(tile.PERMUTE, x, s.partners(s.index(distance))))
        distance //= 2
    total = b.emit(tile.EXTRACT, x, s.index(0))
    return total if kind in _IDEMPOTENT else b.emit(kind, init, total)
