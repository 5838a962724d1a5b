"""Subgroup operations by shuffles of 32 bits and ballots.

One idea: which lanes are there decides how. All of them (blocks of whole subgroups that no launch cuts): trees of exchanges
with no test. The first so many (the last subgroup of a block of one row): the same with a comparison. Any (a block of
several rows that a launch cuts): every lane collects the values of all and works out the whole tree, the one that the
op's row describes, by itself; that is slow, and rare.

A lane of `subgroup.shuffle` is one that is there, afterwards: rows need not test it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING

from ... import types as T
from ...core import Op, Region
from ...opdef import OpDef
from ...ops import arith, memory, simt
from ..ir_algebra import Term
from .formats import round_to
from .maker import EXACT_ROWS, Maker, special

if TYPE_CHECKING:
    from . import Legalizer

__all__: list[str] = []

_MOST_LANES = 64  # as many as a ballot has bits
_WORDS = frozenset((T.i32, T.u32, T.f32))
_JOINS = {simt.SUM: arith.ADD, simt.MIN: arith.MINIMUM, simt.MAX: arith.MAXIMUM}


class _Lanes:
    """What is known of the lanes that come to an op. size: 0 where it is known only at run time."""

    def __init__(self, s: Legalizer) -> None:
        self.s = s
        self.m: Maker = s.m
        self.size = s.target.subgroup_size
        block = s.block or (1, 1, 1)
        is_cut = bool(s.source.attributes.get("cut"))
        self.all_there = bool(self.size and s.block and prod(block) % self.size == 0 and not is_cut)
        self.first_there = not is_cut or prod(block[1:]) == 1
        self._present: Term | None = None

    def number(self) -> Term:
        return self.m.wrap(self.m.raw(simt.LANE_ID, (), T.index))

    def count(self) -> Term:
        """Lanes of a full subgroup."""
        if self.size:
            return self.m.literal(self.size, T.index)
        return self.m.wrap(self.m.raw(simt.SUBGROUP_SIZE, (), T.index))

    def present(self) -> Term:
        """Bit k: whether lane k is there. Asked once, where it is asked first."""
        if self._present is None:
            self._present = _ballot(self.m, self.m.literal(True, T.bool_))
        return self._present

    def is_there(self, lane: Term, present: Term | None) -> Term:
        """Whether a lane, any index, is there."""
        m = self.m
        if present is None:
            return m.binary(arith.LT, m.to(lane, T.u64), self.size, T.bool_)
        bit = (present >> m.to(lane & (_MOST_LANES - 1), T.u64)) & 1
        return m.both(m.to(lane, T.u64) < _MOST_LANES, bit != 0)


def _ballot(m: Maker, x: Term) -> Term:
    return m.wrap(m.raw(simt.BALLOT, (x.value,), T.u64))


# One value of another lane


def _shuffle(m: Maker, x: Term, lane: Term, defn: OpDef = simt.SHUFFLE) -> Term:
    """x of a lane that is there, of any type of values; by the ops that say a lane relative to the own one, too."""
    t = x.element
    if t in _WORDS or (not t.is_bool and m.spelled(defn.name, t)):
        return m.wrap(m.raw(defn, (x.value, lane.value), t))
    if t.is_bool or t.bits < 32:
        wide = T.f32 if t.is_float else T.i32 if t.is_signed else T.u32
        return m.to(_shuffle(m, m.to(x, wide), lane, defn), t)
    bits = m.bitcast(x, "u64") if t.is_float else m.to(x, T.u64)
    low, high = [_shuffle(m, m.to(half, T.u32), lane, defn) for half in (bits, bits >> 32)]
    whole = (m.to(high, T.u64) << 32) | m.to(low, T.u64)
    return m.bitcast(whole, t.name) if t.is_float else m.to(whole, t)


def _from(lanes: _Lanes, x: Term, defn: OpDef, by: Term, lane: Callable[[], Term]) -> Term:
    """x of a lane that is there or the own one: relative to the own one, where all are there and the target has that."""
    m = lanes.m
    if lanes.all_there and m.spelled(f"{defn.name}:there", T.u32):
        return _shuffle(m, x, by, defn)
    return _shuffle(m, x, lane())


def _mapped(s: Legalizer, op: Op) -> tuple[Term, ...]:
    return s.m.terms(tuple([s.map[v] for v in op.operands]))


def _spelled(s: Legalizer, op: Op) -> bool:
    """Whether the target has the op as it is; then it stays."""
    x = s.map[op.operands[0]]
    kept = op.operands[0].type is x.type and isinstance(x.type, T.ScalarType) and s.m.spelled(op.name, x.type)
    if kept:
        s.copy(op)
    return kept


def _moves(defn: OpDef, source: Callable[[Term, Term], Term]) -> None:
    @special(defn)
    def rule(s: Legalizer, op: Op) -> None:
        if defn is not simt.SHUFFLE and _spelled(s, op):
            return
        lanes = _Lanes(s)
        x, by = _mapped(s, op)
        own = lanes.number()
        wanted = source(own, by)
        there = lanes.is_there(wanted, None if lanes.all_there else lanes.present())
        if _is_step(lanes, by) and lanes.all_there and s.m.spelled(f"{defn.name}:there", T.u32):
            moved = _shuffle(s.m, x, by, defn)  # past the ends, each target gives something else
            s.define(op, (moved if defn is simt.SHUFFLE_XOR else s.m.select(there, moved, x)).value)
            return
        s.define(op, _shuffle(s.m, x, s.m.select(there, wanted, own)).value)


def _is_step(lanes: _Lanes, by: Term) -> bool:
    """Whether a distance is known, and less than a subgroup's size."""
    return by.value.constant is not None and 0 <= by.value.constant < lanes.size


_moves(simt.SHUFFLE, lambda own, lane: lane)
_moves(simt.SHUFFLE_XOR, lambda own, mask: own ^ mask)
_moves(simt.SHUFFLE_UP, lambda own, delta: own - delta)
_moves(simt.SHUFFLE_DOWN, lambda own, delta: own + delta)


@special(simt.BROADCAST)
def _broadcast(s: Legalizer, op: Op) -> None:
    """The lane is one that is there, or anything may come of it."""
    if not _spelled(s, op):
        x, lane = _mapped(s, op)
        s.define(op, _shuffle(s.m, x, lane).value)


@special(simt.ANY)
def _any(s: Legalizer, op: Op) -> None:
    if not _spelled(s, op):
        (x,) = _mapped(s, op)
        s.define(op, (_ballot(s.m, x) != 0).value)


@special(simt.ALL)
def _all(s: Legalizer, op: Op) -> None:
    if not _spelled(s, op):
        (x,) = _mapped(s, op)
        s.define(op, (_ballot(s.m, ~x) == 0).value)


# Trees


class _Join:
    """How two values of a type are joined, as the IR says: rounded, where the type is narrow."""

    def __init__(self, m: Maker, defn: OpDef, t: T.ScalarType) -> None:
        self.m = m
        self.defn = defn
        self.type = t
        self.zero = m.literal(0.0 if t.is_float else 0, m.carriers.get(t, t))
        self.absent_is_zero = defn is arith.ADD  # else what is absent is left out

    def __call__(self, a: Term, b: Term) -> Term:
        m = self.m
        out = m.wrap(m.append(self.defn, (a.value, b.value), a.element))
        return out if self.type not in m.carriers or self.defn in EXACT_ROWS else round_to(m, out, self.type)


def _trees(defn: OpDef) -> None:
    @special(defn)
    def rule(s: Legalizer, op: Op) -> None:
        if _spelled(s, op):
            return
        lanes = _Lanes(s)
        (x,) = _mapped(s, op)
        t = op.results[0].type
        assert isinstance(t, T.ScalarType)
        join = _Join(s.m, _JOINS[defn], t)
        if lanes.all_there:
            out = _exchanged(lanes, x, join)
        else:
            out = _either(lanes, x.element, lambda: _halved(lanes, x, join, lanes.present()),
                          lambda: _collected(lanes, x, join, lanes.present(), _tree_of))  # fmt: skip
        s.define(op, out.value)


for _defn in _JOINS:
    _trees(_defn)


@special(simt.INCLUSIVE_SUM)
def _inclusive(s: Legalizer, op: Op) -> None:
    if not _spelled(s, op):
        s.define(op, _scanned(s, op).value)


@special(simt.EXCLUSIVE_SUM)
def _exclusive(s: Legalizer, op: Op) -> None:
    if not _spelled(s, op):
        s.define(op, _scanned(s, op, below=1).value)


def _scanned(s: Legalizer, op: Op, *, below: int = 0) -> Term:
    """Running sums, of the lane `below` lower."""
    lanes = _Lanes(s)
    (x,) = _mapped(s, op)
    t = op.results[0].type
    assert isinstance(t, T.ScalarType)
    join = _Join(s.m, arith.ADD, t)
    return _either(lanes, x.element, lambda: _running(lanes, x, join, below),
                   lambda: _collected(lanes, x, join, lanes.present(), lambda *a: _scan_of(*a, below=below)))  # fmt: skip


def _either(lanes: _Lanes, t: T.ScalarType, fast: Callable[[], Term], slow: Callable[[], Term]) -> Term:
    """`fast` where the lanes that are there are the first ones, which often is known; else `slow`."""
    m = lanes.m
    if lanes.first_there:
        return fast()
    present = lanes.present()
    then, otherwise = Region(), Region()
    for region, make in ((then, fast), (otherwise, slow)):
        with m.inside(region):
            m.b.yield_(make().value)
    made = m.b.if_(((present & (present + 1)) == 0).value, (t,), then, otherwise)
    return m.wrap(made.results[0])


def _loop(lanes: _Lanes, start: Term, carried: Term, goes_on: Callable[[Term], Term], after: Callable[[Term], Term],
          step: Callable[[Term, Term], Term]) -> Term:  # fmt: skip
    """A value through the steps of a tree, whose distances are known where the size of a subgroup is."""
    m = lanes.m
    if lanes.size:
        distances = [lanes.size >> k for k in range(1, lanes.size.bit_length())]
        for distance in distances if start.value.constant != 1 else reversed(distances):
            carried = step(m.literal(distance, T.index), carried)
        return carried
    types = (T.index, carried.element)
    cond, body = Region(types), Region(types)
    with m.inside(cond):
        m.b.yield_(goes_on(m.wrap(cond.args[0])).value)
    with m.inside(body):
        distance, value = m.wrap(body.args[0]), m.wrap(body.args[1])
        new = step(distance, value)
        m.b.yield_(after(distance).value, new.value)
    return m.wrap(m.b.while_((start.value, carried.value), cond, body).results[1])


def _downward(lanes: _Lanes, x: Term, step: Callable[[Term, Term], Term]) -> Term:
    """Steps at distances size/2, size/4, ... 1."""
    return _loop(lanes, lanes.count() >> 1, x, lambda d: d > 0, lambda d: d >> 1, step)


def _upward(lanes: _Lanes, x: Term, step: Callable[[Term, Term], Term]) -> Term:
    """Steps at distances 1, 2, 4, ... below the size."""
    return _loop(lanes, lanes.m.literal(1, T.index), x, lambda d: d < lanes.count(), lambda d: d << 1, step)


def _exchanged(lanes: _Lanes, x: Term, join: _Join) -> Term:
    """All lanes are there: each works out the nodes of its own number, and all end with the root."""
    own = lanes.number()
    return _downward(lanes, x, lambda d, v: join(v, _from(lanes, v, simt.SHUFFLE_XOR, d, lambda: own ^ d)))


def _halved(lanes: _Lanes, x: Term, join: _Join, present: Term) -> Term:
    """The first lanes are there: lane k adds lane k + d, where that one is; the root is lane 0's."""
    m, own = lanes.m, lanes.number()
    count = m.to(m.unary(arith.POPCOUNT, present), T.index)

    def step(d: Term, v: Term) -> Term:
        there = own + d < count
        other = _shuffle(m, v, m.select(there, own + d, own))
        if join.absent_is_zero:
            return join(v, m.select(there, other, join.zero))
        return m.select(there, join(v, other), v)

    return _shuffle(m, _downward(lanes, x, step), m.literal(0, T.index))


def _running(lanes: _Lanes, x: Term, join: _Join, below: int) -> Term:
    """The lanes below one that is there are there."""
    m, own = lanes.m, lanes.number()

    def step(d: Term, v: Term) -> Term:
        there = own >= d
        other = _from(lanes, v, simt.SHUFFLE_UP, d, lambda: m.select(there, own - d, own))
        return m.select(there, join(v, other), v)

    out = _upward(lanes, x, step)
    if not below:
        return out
    is_first = own == 0
    before = _from(lanes, out, simt.SHUFFLE_UP, m.literal(1, T.index), lambda: m.select(is_first, own, own - 1))
    return m.select(is_first, join.zero, before)


# Any lanes


class _Table:
    """The values of all lanes, in every lane."""

    def __init__(self, m: Maker, t: T.ScalarType, size: Term) -> None:
        self.m = m
        self.type = t
        self.size = size
        space = T.ArrayType(t, 1, T.Space.PRIVATE, (_MOST_LANES,), 0)
        self.array = m.raw(memory.ALLOC, (), space, {"name": "lanes"})

    def get(self, k: Term) -> Term:
        return self.m.wrap(self.m.raw(memory.LOAD, (self.array, k.value), self.type, {"offset": 0}))

    def put(self, k: Term, x: Term) -> None:
        self.m.b.emit_op(memory.STORE, (self.array, k.value, x.value), (), {"offset": 0})

    def each(self, first: Term, last: Term, do: Callable[[Term], None], step: int = 1) -> None:
        """`do` for the numbers from first up to (not including) last, or down."""
        m, body = self.m, Region((T.index,))
        by = m.literal(step, T.index)
        with m.inside(body):
            do(m.wrap(body.args[0]))
            m.b.yield_()
        m.b.for_(first.value, last.value, by.value, (), body)


def _collected(lanes: _Lanes, x: Term, join: _Join, present: Term,
               tree: Callable[[_Lanes, _Table, _Join, Term], Term]) -> Term:  # fmt: skip
    """The tree of the op's row, over a table of all lanes; 0 where there is none."""
    m, own = lanes.m, lanes.number()
    is_bits = x.element.is_bool
    held = m.to(x, T.u32) if is_bits else x
    table = _Table(m, held.element, lanes.count())

    def collect(k: Term) -> None:
        there = lanes.is_there(k, present)
        value = _shuffle(m, held, m.select(there, k, own))
        table.put(k, m.select(there, value, join.zero))

    table.each(m.literal(0, T.index), table.size, collect)
    return tree(lanes, table, join, present)


def _tree_of(lanes: _Lanes, table: _Table, join: _Join, present: Term) -> Term:
    m = lanes.m
    zero = m.literal(0, T.index)

    def step(d: Term, here: Term) -> Term:
        def one(k: Term) -> None:
            low, high = table.get(k), table.get(k + d)
            both = join(low, high)
            if not join.absent_is_zero:
                has_low = ((here >> m.to(k, T.u64)) & 1) != 0
                has_high = ((here >> m.to(k + d, T.u64)) & 1) != 0
                both = m.select(has_low, m.select(has_high, both, low), high)
            table.put(k, both)

        table.each(zero, d, one)
        return here | (here >> m.to(d, T.u64))

    _downward(lanes, present, step)
    return table.get(zero)


def _scan_of(lanes: _Lanes, table: _Table, join: _Join, present: Term, *, below: int) -> Term:
    m = lanes.m

    def step(d: Term, unused: Term) -> Term:
        # From above, so that a place that is read still holds what it was.
        table.each(table.size - 1, d - 1, lambda k: table.put(k, join(table.get(k), table.get(k - d))), -1)
        return unused

    _upward(lanes, m.literal(0, T.u32), step)
    own = lanes.number()
    if not below:
        return table.get(own)
    is_first = own == 0
    return m.select(is_first, join.zero, table.get(m.select(is_first, own, own - 1)))


