"""Elements that a loop changes round by round are kept in a register: `for k in range(n): o[i, j] += a[i, k] * b[k, j]`.

One idea: written with a sum of its own, `s += a[i, k] * b[k, j]`, such a kernel is a product of matrices like any other; with the
sum in memory each round waits for the last one's store, as `a` may be what it stores to. Where arguments do not overlap nobody can
tell the two apart. So threads do the one, where they do not and where the loop has a round at all, and else, one after the other,
what is written down. It is scalar promotion (Carr and Kennedy, "Scalar replacement in the presence of conditional control flow",
1994).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from copy import copy
from typing import NamedTuple

from ... import types as T
from ...analysis.accesses import is_argument
from ...builder import Builder, clone_op
from ...core import Function, Op, Region, Value, walk
from ...ops import arith, memory, scf, tile

__all__ = ["Kept", "either", "kept_in_registers"]

_MOST = 4  # elements that a loop keeps
_MOST_PAIRS = 6  # of arrays that are asked about for each row
_MOST_OPS = 400


class Kept(NamedTuple):
    """function: with elements in registers. apart: arrays that must not overlap for it. rounds: what loops count from and to, which
    must have a round."""

    function: Function
    apart: tuple[tuple[Value, Value], ...]
    rounds: tuple[tuple[Value, Value], ...]


class _Place(NamedTuple):
    """An element: its indices are the same in every round."""

    array: Value
    indices: tuple[Value, ...]
    offset: int
    type: T.Type


def kept_in_registers(f: Function) -> Kept | None:
    """A flat function that keeps what loops change; None where there is no such loop."""
    loops = [op for op in walk(f.body) if op.defn is scf.FOR]
    if f.debug or f.sites or not any(op.defn is memory.STORE for loop in loops for op in _reached(loop.regions[0])):
        return None
    if len(list(walk(f.body))) > _MOST_OPS:
        return None
    made, out = _Keeping(f), copy(f)
    out.body = copy(f.body)
    out.body.ops = []
    made.fill(f.body, out.body)
    if not made.found or len(made.apart) > _MOST_PAIRS:
        return None
    order = {v: k for k, v in enumerate(f.params)}
    return Kept(out, tuple(sorted(made.apart, key=lambda pair: [order[v] for v in pair])), tuple(made.rounds))


class _Keeping:
    """Ops of the function itself, but for loops that keep elements and what is around them. known: what values have become."""

    def __init__(self, f: Function) -> None:
        self.known_outside = _known_outside(f)
        self.known: dict[Value, Value] = {}
        self.apart: dict[tuple[Value, Value], None] = {}
        self.rounds: dict[tuple[Value, Value], None] = {}
        self.found = False

    def region(self, region: Region) -> Region:
        out = Region(tuple([a.type for a in region.args]), tuple([a.name for a in region.args]))
        self.known.update(zip(region.args, out.args, strict=True))
        self.fill(region, out)
        return out

    def fill(self, region: Region, out: Region) -> None:
        for op in region.ops:
            if op.regions:
                self.control(op, out)
            else:
                out.ops.append(self.mapped(op))

    def mapped(self, op: Op) -> Op:
        if not any(v in self.known for v in op.operands):
            return op
        made = Op(op.defn, tuple([self.known.get(v, v) for v in op.operands]), tuple([r.type for r in op.results]), op.attributes,
                  (), op.span)  # fmt: skip
        self.name(op, made)
        return made

    def name(self, op: Op, made: Op) -> None:
        for old, new in zip(op.results, made.results, strict=False):
            self.known[old], new.name = new, old.name

    def control(self, op: Op, out: Region) -> None:
        regions = tuple([self.region(region) for region in op.regions])
        operands = tuple([self.known.get(v, v) for v in op.operands])
        made = Op(op.defn, operands, tuple([r.type for r in op.results]), op.attributes, regions, op.span)
        places = _places(made) if op.defn is scf.FOR else {}
        if not places or not self.may_keep(made, places, out):
            self.name(op, made)
            out.ops.append(made)
            return
        self.found = True
        self.name(op, self.keep(made, places, out))

    def may_keep(self, loop: Op, places: dict[_Place, bool], out: Region) -> bool:
        """Whether nothing else in a loop looks at what it changes, as far as arguments do not overlap."""
        arrays = dict.fromkeys([place.array for place in places])
        others: dict[Value, None] = {}
        for op in walk(loop.regions[0]):
            if op.defn.orders or op.defn.convergent or (op.defn.writes and op.defn is not memory.STORE):
                return False
            if op.defn is memory.LOAD or op.defn is memory.STORE:
                others.setdefault(op.operands[0])
        pairs = [(a, b) for a in arrays for b in others if is_argument(b) and b not in arrays]
        pairs += [(a, b) for k, a in enumerate(arrays) for b in list(arrays)[k + 1 :]]
        rounds = (loop.operands[0], loop.operands[1])
        stored = {_place_of(op) for op in out.ops if op.defn is memory.STORE}
        if any(place not in stored for place in places):  # a thread stores to what is its own, which is there
            if any(v not in self.known_outside for v in rounds) or any(p not in stored and not each for p, each in places.items()):
                return False
            self.rounds.setdefault(rounds)
        self.apart.update(dict.fromkeys(pairs))
        return True

    def keep(self, loop: Op, places: dict[_Place, bool], out: Region) -> Op:
        """The loop, which carries what it keeps; what there is before it, and is left behind it, is in memory."""
        first: list[Value] = []
        for place in places:
            stored = _last_store(place, places, out)
            if stored is not None:
                out.ops.remove(stored)
                first.append(stored.operands[-1])
                continue
            load = Op(memory.LOAD, (place.array, *place.indices), (place.type,), {"offset": place.offset}, (), loop.span)
            out.ops.append(load)
            first.append(load.results[0])
        old = loop.regions[0]
        types = [*[a.type for a in old.args], *[place.type for place in places]]
        body = Region(tuple(types), (*[a.name for a in old.args], *["kept"] * len(places)))
        again = dict(zip(old.args, body.args, strict=False))
        now = dict(zip(places, body.args[len(old.args) :], strict=True))
        b = Builder(body)
        _without_memory(b, old.ops[:-1], again, now)
        b.yield_(*[again.get(v, v) for v in old.yielded], *now.values())
        given = (*loop.operands, *first)
        made = Op(scf.FOR, given, tuple([v.type for v in given[3:]]), loop.attributes, (body,), loop.span)
        out.ops.append(made)
        for place, value in zip(places, made.results[len(loop.results) :], strict=True):
            out.ops.append(Op(memory.STORE, (place.array, *place.indices, value), (), {"offset": place.offset}, (), loop.span))
        return made


def _without_memory(b: Builder, ops: Sequence[Op], again: dict[Value, Value], now: dict[_Place, Value]) -> None:
    """Ops of a round, whose elements are values. again: what values have become. now: what is in the elements."""
    for op in ops:
        place = _place_of(op)
        if op.defn is scf.IF and any(_place_of(inner) in now for inner in _reached_by(op)):
            _branch(b, op, again, now)
        elif place is None or place not in now:
            clone_op(b, op, again)
        elif op.defn is memory.LOAD:
            again[op.results[0]] = now[place]
        else:
            now[place] = again.get(op.operands[-1], op.operands[-1])


def _branch(b: Builder, op: Op, again: dict[Value, Value], now: dict[_Place, Value]) -> None:
    """A branch that gives what it leaves in the elements."""
    regions: list[Region] = []
    behind: list[dict[_Place, Value]] = []
    for region in op.regions:
        own = dict(now)
        with b.inside(Region()) as new:
            _without_memory(b, region.ops[:-1], again, own)
        regions.append(new)
        behind.append(own)
    changed = [place for place in now if any(own[place] is not now[place] for own in behind)]
    for old, new, own in zip(op.regions, regions, behind, strict=True):
        with b.inside(new):
            b.yield_(*[again.get(v, v) for v in old.yielded], *[own[place] for place in changed])
    types = [*[r.type for r in op.results], *[place.type for place in changed]]
    made = b.if_(again.get(op.operands[0], op.operands[0]), types, *regions)
    again.update(zip(op.results, made.results, strict=False))
    now.update(zip(changed, made.results[len(op.results) :], strict=True))


def _place_of(op: Op) -> _Place | None:
    if op.defn is memory.LOAD:
        array, *indices = op.operands
        return _Place(array, tuple(indices), op.attributes["offset"], op.results[0].type)
    if op.defn is memory.STORE:
        array, *indices, x = op.operands
        return _Place(array, tuple(indices), op.attributes["offset"], x.type)
    return None


def _places(loop: Op) -> dict[_Place, bool]:
    """Elements that a loop stores, and whether in every round, where it touches no others of their arrays; none where there are too
    many."""
    body = loop.regions[0]
    inside = {v for op in walk(body) for v in (*op.results, *[a for part in op.regions for a in part.args])} | set(body.args)
    reached = list(_reached(body))
    places: dict[_Place, bool] = {}
    for op in reached:
        place = _place_of(op) if op.defn is memory.STORE else None
        if place is not None and is_argument(place.array) and not any(v in inside for v in place.indices):
            places[place] = places.get(place, False) or op in body.ops
    arrays = dict.fromkeys([place.array for place in places])
    for op in walk(body):
        if not op.operands or op.operands[0] not in arrays or op.defn is memory.EXTENT:
            continue
        if _place_of(op) not in places or op not in reached:
            places = {p: each for p, each in places.items() if p.array is not op.operands[0]}
    pairs = [(p, q) for k, p in enumerate(places) for q in list(places)[k + 1 :]]
    return places if len(places) <= _MOST and all(p.array is not q.array or _are_two(p, q) for p, q in pairs) else {}


def _reached(region: Region) -> Iterator[Op]:
    """The ops of a region, and those of branches in it."""
    for op in region.ops:
        yield op
        if op.defn is scf.IF:
            for part in op.regions:
                yield from _reached(part)


def _reached_by(op: Op) -> list[Op]:
    return [inner for region in op.regions for inner in _reached(region)]


def _are_two(p: _Place, q: _Place) -> bool:
    """Whether two elements of an array are not one: components, or other numbers along an axis."""
    numbers = [(v.constant, w.constant) for v, w in zip(p.indices, q.indices, strict=True)]
    return p.type == q.type and any(isinstance(m, int) and isinstance(n, int) and m != n for m, n in numbers)


def _last_store(place: _Place, others: Container[_Place | None], out: Region) -> Op | None:
    """What was stored to an element just before, if nothing has looked at memory since. others: such elements."""
    for op in reversed(out.ops):
        if op.defn is memory.STORE and (stored := _place_of(op)) in others:
            if stored == place:
                return op
        elif op.defn.touches or op.defn.orders or op.regions:
            return None
    return None


def _known_outside(f: Function) -> set[Value]:
    """Values that are the same for all threads of a launch, computed from its arguments alone."""
    known = set(f.params)
    for op in walk(f.body):
        if op.defn.elementwise or op.defn in (memory.EXTENT, arith.CONSTANT):
            if all(v in known for v in op.operands):
                known.update(op.results)
    return known


def either(kept: Kept, fast: Function, plain: Function) -> Function:
    """`fast`, at block level, which now does what it did where it may, and else what `plain` does with a row's threads, one by one.
    All take the same arguments."""
    body = fast.body.ops[:-1]
    fast.body.ops = [op for op in body if op.defn is memory.ALLOC]
    b = Builder(fast.body)
    arrays = dict(zip(kept.function.params, fast.params, strict=True))
    conditions = [b.emit(tile.DISJOINT, arrays[x], arrays[y]) for x, y in kept.apart]
    again = dict(arrays)
    for lo, hi in kept.rounds:
        for v in (lo, hi):
            _again(b, v, again)
        conditions.append(b.emit(arith.LT, again[lo], again[hi]))
    safe = conditions[0]
    for condition in conditions[1:]:
        safe = b.emit(arith.AND, safe, condition)

    def together() -> None:
        b.region.ops += [op for op in body if op.defn is not memory.ALLOC]

    def rows() -> None:
        first, one = b.emit(tile.ROW, axis=1), b.constant(1, T.index)
        end = b.emit(tile.ROWS_END) if fast.attributes.get("rows", 1) > 1 else b.emit(arith.ADD, first, one)
        b.count(first, end, one, "y", row)

    def row(y: Value) -> None:
        mapping = dict(zip(plain.params, fast.params, strict=True))
        for op in plain.body.ops[:-1]:
            if op.defn is tile.ROW and op.attributes["axis"] == 1:
                mapping[op.results[0]] = y
            else:
                clone_op(b, op, mapping)

    b.when(safe, together, rows)
    b.yield_()
    return fast


def _again(b: Builder, v: Value, known: dict[Value, Value]) -> None:
    """A value that the arguments decide, made once more."""
    if v in known:
        return
    assert v.op is not None
    for w in v.op.operands:
        _again(b, w, known)
    clone_op(b, v.op, known)
