"""Rows within a row: threads along one axis that find their place by division, `y, x = t // w, t % w`.

One idea: between two multiples of w nothing is to be divided. t // w is the same for all threads there, and t % w counts on with t.
So the loop over threads goes in pieces, each of which ends where a division of the kernel comes to its next row. A piece is a row
as those of a grid with two axes are: what was divided is a number of the piece, accesses are vectors, and guards, as
`0 < x < w - 1 and y > 0`, say where it begins and ends. It also ends where a number would wrap, so that all that counts on does.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ... import types as T
from ...analysis.ranges import Ranges
from ...analysis.uniformity import BLOCK, SUBGROUP, Uniformity
from ...builder import Rebuilder
from ...core import Function, Op, Region, Value, walk
from ...ops import arith, memory, simt
from .body import KNOWN_OPS, Body
from .lanes import Lane
from .narrow import MIRROR, guard_of, parts_of
from .plan import Segment
from .single import NEEDS_LANES

if TYPE_CHECKING:
    from .blocks import Blocks

__all__ = ["Places", "in_pieces", "long_enough", "places_of"]

# Numbers of columns: of less, a row is not worth a loop, whether that is known to the compiler or found out in the launch.
_LEAST_KNOWN = 64
_LEAST = 4
_NEAR = 1 << 60  # numbers whose differences fit 64 bits, and of columns, vectors of which do


class Division(NamedTuple):
    """place // size is `row`, and place - place % size `first`, in all threads of a piece: parameters of the function."""

    place: Value
    size: Value | int
    row: Value
    first: Value


class Places(NamedTuple):
    """function: what threads do, with numbers of their piece as parameters behind its own. plain: the same without. columns: what
    is below which size. counting: what is one more in the next thread. wraps: what of it may wrap."""

    function: Function
    plain: Function
    divisions: tuple[Division, ...]
    columns: Mapping[Value, Value | int]
    counting: frozenset[Value]
    wraps: frozenset[Value]


# --- what is divided ---

_Key = tuple[Value, Value | int]


def places_of(f: Function, levels: Uniformity) -> Places | None:
    """The divisions that pieces spare a flat function; None where there are none, or it does what pieces of rows must not."""
    names = {op.defn.name for op in walk(f.body)}
    if names.isdisjoint(_DIVIDES) or "memory.alloc" in names or "folded" in f.attributes:
        return None
    if any(name.startswith(("atomic.", *NEEDS_LANES)) for name in names):  # short rows go thread by thread
        return None
    reader = _Reader(f, levels)
    for op in walk(f.body):
        if op.defn is simt.GLOBAL_ID and op.attributes["axis"]:
            return None
        reader.op(op)
    return _WithPlaces(f, reader).places(f) if reader.found else None


class _Reader:
    """counts: what is one more in the next thread, and whether it is a thread's number, or a column, as it is. rows: what is the
    same in a piece. found: by op, what it divides, and by what. columns: of those ops, which ask for the rest. numbered: what is
    divided so that a row's number is asked for. wraps: of what counts on, what may wrap."""

    def __init__(self, f: Function, levels: Uniformity) -> None:
        self.levels = levels
        self.counts: dict[Value, bool] = {}
        self.rows: set[Value] = set()
        self.known = {p: not isinstance(p.type, T.ArrayType) for p in f.params}
        self.found: dict[Op, _Key] = {}
        self.columns: set[Op] = set()
        self.wraps: set[Value] = set()
        self.numbered = {(op.operands[0], _size_in(op)) for op in walk(f.body) if op.defn.name in _NUMBERS}

    def op(self, op: Op) -> None:
        if op.defn is simt.GLOBAL_ID:
            self.counts[op.results[0]] = True
        elif op.operands and op.defn.elementwise:
            rule = _RULES.get(op.defn.name)
            if rule is not None and not self.counts.keys().isdisjoint(op.operands) and _holds_places(op.results[0]):
                rule(self, op)
            elif not self.rows.isdisjoint(op.operands) and all(self.is_same(v) for v in op.operands):
                self.rows.add(op.results[0])

    def is_same(self, v: Value) -> bool:
        return v in self.rows or self.is_known(v)

    def is_known(self, v: Value) -> bool:
        """Whether the launch knows it before any thread does anything."""
        if v not in self.known:
            op = v.op
            if op is None or self.levels.of(v) != BLOCK:
                self.known[v] = False
            elif op.defn is memory.EXTENT:
                self.known[v] = True
            else:
                self.known[v] = (op.defn.elementwise or op.name in KNOWN_OPS) and all(self.is_known(w) for w in op.operands)
        return self.known[v]

    def cast(self, op: Op) -> None:
        v, out = op.operands[0], op.results[0]
        self.counts[out] = self.counts[v]
        if T.element_of(out.type).bits < T.element_of(v.type).bits:
            self.wraps.add(out)

    def sum(self, op: Op) -> None:
        a, c = op.operands
        if op.defn is arith.ADD and a not in self.counts:
            a, c = c, a
        out = op.results[0]
        size = self.size_of_row(a, c) if op.defn is arith.SUB else None
        if size is not None:
            self.take(op, (a, size), is_column=True)
        elif a in self.counts and self.is_same(c):
            self.counts[out] = self.counts[a] and c in self.rows
            self.wraps.add(out)

    def size_of_row(self, place: Value, start: Value) -> Value | int | None:
        """n where start is place // n * n."""
        if start.op is None or start.op.defn not in (arith.MUL, arith.SHL):
            return None
        for row, n in (start.op.operands, start.op.operands[::-1]):
            found = None if row.op is None else self.found.get(row.op)
            if found is None or row.op in self.columns or found[0] is not place:
                continue
            times = 1 << n.constant if start.op.defn is arith.SHL and n.constant is not None else _size(n)
            if times == found[1]:
                return times
        return None

    def division(self, op: Op) -> None:
        """Of `(i + 1) % n`, which wraps at an edge, only one vector of a row is another; so it is where nothing divides by n."""
        v, n = op.operands
        size = _size_in(op)
        if v not in self.counts or size is None or not self.is_known(n):
            return
        if isinstance(size, int) and not _LEAST_KNOWN <= size <= _NEAR:
            return
        self.take(op, (v, size), is_column=op.defn.name not in _NUMBERS)

    def take(self, op: Op, key: _Key, *, is_column: bool) -> None:
        if not is_column:
            self.rows.add(op.results[0])
        elif self.counts[key[0]] or key in self.numbered:
            self.columns.add(op)
            self.counts[op.results[0]] = True
        else:
            return
        self.found[op] = key


def _holds_places(v: Value) -> bool:
    t = T.element_of(v.type)
    return t.kind is T.Kind.INT and t.bits >= 32


def _size_in(op: Op) -> Value | int | None:
    of = _SIZES.get(op.defn.name)
    return _size(op.operands[1]) if of is None else of(op.operands[1])


def _size(n: Value) -> Value | int:
    return n.constant if isinstance(n.constant, int) else n


def _from_shift(n: Value) -> int | None:
    return 1 << n.constant if isinstance(n.constant, int) and 0 <= n.constant < 31 else None


def _from_mask(n: Value) -> int | None:
    return n.constant + 1 if isinstance(n.constant, int) and n.constant > 0 and n.constant & (n.constant + 1) == 0 else None


_NUMBERS = frozenset(("arith.floordiv", "arith.shr"))
_DIVIDES = _NUMBERS | {"arith.mod", "arith.and"}
_SIZES: dict[str, Callable[[Value], int | None]] = {"arith.shr": _from_shift, "arith.and": _from_mask}
_RULES: dict[str, Callable[[_Reader, Op], None]] = {
    "arith.cast": _Reader.cast, "arith.add": _Reader.sum, "arith.sub": _Reader.sum, **dict.fromkeys(_DIVIDES, _Reader.division),
}  # fmt: skip


class _WithPlaces(Rebuilder):
    def __init__(self, f: Function, reader: _Reader) -> None:
        self.keys = list(dict.fromkeys(reader.found.values()))
        more = [(name, key[0].type) for key in self.keys for name in ("row", "first")]
        super().__init__(f, [*[(p.name, p.type) for p in f.params], *more])
        self.reader = reader
        self.new.attributes["places"] = len(more)

    def changes(self, op: Op) -> bool:
        key = self.reader.found.get(op)
        if key is None:
            return False
        at = len(self.new.params) + 2 * (self.keys.index(key) - len(self.keys))
        row, first = self.new.params[at : at + 2]
        out = op.results[0]
        self.mapping[out] = self.b.emit(arith.SUB, self.mapping[key[0]], first) if op in self.reader.columns else row
        return True

    def places(self, plain: Function) -> Places:
        self.fill(plain.body)
        own = self.new.params[len(plain.params) :]
        made = tuple([Division(self.mapping[place], size if isinstance(size, int) else self.mapping[size], row, first)
                      for (place, size), row, first in zip(self.keys, own[::2], own[1::2], strict=True)])  # fmt: skip
        columns = {self.mapping[op.results[0]]: made[self.keys.index(self.reader.found[op])].size for op in self.reader.columns}
        return Places(self.new, plain, made, columns, self.mapped(self.reader.counts), self.mapped(self.reader.wraps))

    def mapped(self, values: Iterable[Value]) -> frozenset[Value]:
        return frozenset([self.mapping[v] for v in values])


# --- the loop over pieces ---

Ids = Mapping[tuple[str, int], Lane]


def long_enough(blocks: Blocks, places: Places) -> Value | None:
    """Whether rows are worth a loop, and not so long that columns wrap in a vector, as the launch finds out; None: it is so."""
    b, s, found = blocks.b, blocks.block.s, None
    for size in dict.fromkeys([d.size for d in places.divisions]):
        if isinstance(size, int):
            continue
        assert blocks.block.known(size)
        columns = s.wide(blocks.block.scalar(size))
        found = s.both(found, b.emit(arith.GE, columns, s.index(_LEAST)))
        if T.element_of(size.type).bits == 64:
            found = s.both(found, b.emit(arith.LE, columns, s.index(_NEAR)))
    return found


class _Bound(NamedTuple):
    """A part of a guard: a value that counts on, a comparison and its other side; value None: a condition that holds, or fails."""

    value: Value | None
    name: str
    bound: Value


def in_pieces(blocks: Blocks, places: Places, segment: Segment, lo: Value, hi: Value, ids: Callable[[Value], Ids],
              run: Callable[[Segment, Value, Value], None]) -> None:  # fmt: skip
    """Threads from lo to hi, piece by piece. run: makes the code for those of a piece from one to another."""
    b, s = blocks.b, blocks.block.s
    bounds, inside = _peeled(blocks, places, segment)
    cond, body = Region((T.index,), ("t",)), Region((T.index,), ("t",))
    with b.inside(cond):
        b.yield_(b.emit(arith.LT, cond.args[0], hi))
    outside = set(blocks.env)
    with b.inside(body):
        t = body.args[0]
        here = {key: Lane(lane.type, scalar=lane.scalar) for key, lane in ids(t).items()}
        piece = _Piece(blocks, places, Body(b, 1, blocks.levels.alone(), blocks.uses, here, dict(blocks.env), None))
        piece.reach = b.emit(arith.SUB, b.emit(arith.SUB, hi, s.index(1)), t)
        piece.divide(places)
        for v in _may_wrap(places, [d.place for d in places.divisions] + [x.value for x in bounds if x.value is not None]):
            piece.cut_at_edge(v)
        for part in bounds:
            if part.name == "arith.ne":
                piece.cut_before(part)
        count = b.emit(arith.ADD, piece.reach, s.index(1))
        begin, end = piece.within(bounds, count)
        run(piece.hoisted(inside), b.emit(arith.ADD, t, begin), b.emit(arith.ADD, t, end))
        b.yield_(b.emit(arith.ADD, t, count))
    for v in blocks.env.keys() - outside:
        del blocks.env[v]
    b.while_([lo], cond, body)


def _may_wrap(places: Places, values: Iterable[Value]) -> list[Value]:
    """What of all that values count on with may wrap."""
    found: dict[Value, None] = {}
    for v in values:
        if v in places.wraps:
            found[v] = None
        if v.op is not None and v in places.counting:
            found.update(dict.fromkeys(_may_wrap(places, v.op.operands)))
    return list(found)


class _Piece:
    """What is the same in a piece. one: knows its first thread. reach: how many threads behind that belong to it. ranges: between
    which numbers values of the function are."""

    reach: Value

    def __init__(self, blocks: Blocks, places: Places, one: Body) -> None:
        self.blocks, self.one = blocks, one
        self.b, self.s = blocks.b, blocks.block.s
        self.ranges = Ranges(None)
        for v, size in places.columns.items():
            self.ranges.known[v] = 0, max((size if isinstance(size, int) else self.ranges.of(size)[1]) - 1, 0)
        for place, size, row, _ in places.divisions:
            least, greatest = self.ranges.of(place)
            if least >= 0:
                self.ranges.known[row] = 0, greatest // (size if isinstance(size, int) else _LEAST)

    def scalar(self, v: Value) -> Value:
        known = self.one.known(v)
        assert known
        return self.one.scalar(v)

    def divide(self, places: Places) -> None:
        b = self.b
        for place, size, row, first in places.divisions:
            at = self.scalar(place)
            n = b.constant(size, T.element_of(place.type)) if isinstance(size, int) else self.scalar(size)
            number = b.emit(arith.FLOORDIV, at, n)
            start = b.emit(arith.MUL, number, n)
            for v, known in ((row, number), (first, start)):
                self.one.env[v] = self.blocks.env[v] = known
            left = b.emit(arith.SUB, n, b.emit(arith.SUB, at, start))
            self.cut(b.emit(arith.SUB, self.s.wide(left), self.s.index(1)))

    def cut(self, reach: Value) -> None:
        self.reach = self.b.emit(arith.MINIMUM, self.reach, reach)

    def cut_at_edge(self, v: Value) -> None:
        """Of numbers below 0 the edge is further away than threads go."""
        t = T.element_of(v.type)
        at = self.b.emit(arith.MAXIMUM, self.s.wide(self.scalar(v)), self.s.index(0))
        self.cut(self.b.emit(arith.SUB, self.s.index((1 << (t.bits - 1)) - 1), at))

    def ahead(self, part: _Bound) -> tuple[Value, Value]:
        """(what counts, what bounds it), in the first thread."""
        assert part.value is not None
        return self.s.wide(self.scalar(part.value)), self.s.wide(self.scalar(part.bound))

    def cut_before(self, part: _Bound) -> None:
        at, n = self.ahead(part)
        b = self.b
        last = b.emit(arith.CAST, b.emit(arith.SUB, b.emit(arith.SUB, n, at), self.s.index(1)), type=T.u64)
        nearer = b.emit(arith.MINIMUM, b.emit(arith.CAST, self.reach, type=T.u64), last)
        self.reach = b.emit(arith.CAST, nearer, type=T.index)

    def within(self, bounds: Sequence[_Bound], count: Value) -> tuple[Value, Value]:
        """From which thread of the piece to which all bounds hold."""
        b, zero = self.b, self.s.index(0)
        begins, ends = [zero], [count]
        for part in bounds:
            if part.value is not None:
                near = self.distance(part, count)
                (ends if part.name in ("arith.lt", "arith.le") else begins).append(near)
        end = functools.reduce(lambda x, y: b.emit(arith.MINIMUM, x, y), ends)
        begin = functools.reduce(lambda x, y: b.emit(arith.MAXIMUM, x, y), begins)
        begin = begin if len(begins) == 1 else b.emit(arith.MINIMUM, begin, count)
        for part in bounds:
            if part.value is None:
                end = b.emit(arith.SELECT, self.scalar(part.bound), *((end, zero) if part.name == "holds" else (zero, end)))
        return begin, b.emit(arith.MAXIMUM, begin, end)

    def distance(self, part: _Bound, count: Value) -> Value:
        """How far away the first thread is for which it is otherwise; beyond the piece, any number that is."""
        b, zero, one = self.b, self.s.index(0), self.s.index(1)
        at, n = self.ahead(part)
        if part.name == "arith.ne":
            return b.emit(arith.SELECT, b.emit(arith.EQ, at, n), one, zero)
        is_next = part.name in ("arith.le", "arith.gt")
        if self.is_near(part):
            near = b.emit(arith.SUB, n, at)
            return b.emit(arith.ADD, near, one) if is_next else near
        # A difference that is not negative fits 64 bits without a sign.
        apart = b.emit(arith.CAST, b.emit(arith.SUB, n, at), type=T.u64)
        near = b.emit(arith.CAST, b.emit(arith.MINIMUM, apart, b.emit(arith.CAST, count, type=T.u64)), type=T.index)
        near = b.emit(arith.ADD, near, one) if is_next else near
        return b.emit(arith.SELECT, b.emit(arith.LT, n, at), zero, near)

    def is_near(self, part: _Bound) -> bool:
        """Whether the difference surely fits 64 bits, as between a column and the number of columns."""
        assert part.value is not None
        ends = [x for v in (part.value, part.bound) for x in self.ranges.of(v)]
        return all(abs(x) < _NEAR for x in ends)

    def hoisted(self, segment: Segment) -> Segment:
        """The ops that differ between the threads; what the others give is known to the piece."""
        rest = []
        for op in segment.ops:
            same = op.defn.elementwise and all(self.blocks.differs.of(r) <= SUBGROUP for r in op.results)
            if same and self.one.known(op.results[0]):
                self.blocks.env[op.results[0]] = self.scalar(op.results[0])
            else:
                rest.append(op)
        return Segment(rest)


def _peeled(blocks: Blocks, places: Places, segment: Segment) -> tuple[list[_Bound], Segment]:
    """The guards around all that a segment does, one in the other, as far as they bound what counts on, and what is inside."""
    found: list[_Bound] = []
    while (guard := guard_of(blocks, segment)) is not None:
        parts = [_bound(blocks, places, cond, holds) for cond, holds in parts_of(*guard.asks)]
        bounds = [part for part in parts if part is not None]
        if len(bounds) < len(parts):
            break
        found += bounds
        segment = guard.inside
    return found, segment


def _bound(blocks: Blocks, places: Places, cond: Value, holds: bool) -> _Bound | None:
    if blocks.differs.of(cond) <= SUBGROUP:
        return _Bound(None, "holds" if holds else "fails", cond) if _is_there(blocks, cond) else None
    op = cond.op
    if op is None or op.defn.name not in _CONTRARY:
        return None
    name, (a, n) = op.defn.name, op.operands
    if a not in places.counting:
        name, a, n = MIRROR.get(name, name), n, a
    if a not in places.counting or blocks.differs.of(n) > SUBGROUP or not (_is_there(blocks, n) and _is_there(blocks, a)):
        return None
    name = name if holds else _CONTRARY[name]
    return None if name == "arith.eq" else _Bound(a, name, n)


def _is_there(blocks: Blocks, v: Value) -> bool:
    """Whether a piece knows it in its first thread, from what the block knows."""
    op = v.op
    if v in blocks.env or op is None:
        return v in blocks.env or v in blocks.source.params
    return not op.regions and (op.defn.elementwise or op.name in KNOWN_OPS) and all(_is_there(blocks, w) for w in op.operands)


_CONTRARY = {"arith.lt": "arith.ge", "arith.ge": "arith.lt", "arith.gt": "arith.le", "arith.le": "arith.gt",
             "arith.eq": "arith.ne", "arith.ne": "arith.eq"}  # of integers  # fmt: skip
