"""Kernels over elements of 8 and 16 bits: as many threads at a time as fill registers with those.

One idea: lanes are counted by elements of 32 bits, and of bytes that many are a quarter of a register. Where all that differs
between threads has 8 or 16 bits, two or four times as many run together. What tells them apart must stay cheap: places are
never looked at lane by lane, elements lie side by side in memory, and conditions are the same for most whole vectors (`i == 0`, the
edge that `max(i - 1, 0)` meets), so that they are asked once for each. Vectors for which they are not, and the rest of a row,
are left to vectors of as many threads as other kernels have, whose masks cost less where no instruction masks bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from ... import types as T
from ...analysis.accesses import indices_of
from ...analysis.uniformity import SUBGROUP, Uniformity
from ...core import Function, Op, Region, Value, walk
from ...ops import arith
from .body import KNOWN_OPS, Body, is_cheap, larger
from .lanes import Lane
from .shared_places import Share, is_id, share_of, shared_loads, turn_of
from .width import BY_LANE

if TYPE_CHECKING:
    from .blocks import Blocks

__all__ = ["COMPARES", "MOST_LANES", "NOTHING", "Ask", "Packed", "asked", "at_edges", "holds_for_all", "packed", "sharing"]


class Ask(NamedTuple):
    """Of a vector: a condition must be the same for all lanes (holds: which), an index must count on, or (n) begin at a multiple
    of n. loops: in whose rounds the index must count on, too, the first and the last of each."""

    value: Value
    holds: bool | None = None
    n: int = 0
    loops: tuple[Op, ...] = ()


MOST_LANES = 64  # whose masks are numbers of a register
# Ops of a thread: longer ones have enough to do for vectors that are less full, and are made once more for this.
_MOST_OPS = 80
_FURTHEST = 4  # elements from lane to lane that whole vectors are loaded and shuffled for
COMPARES = frozenset(("arith.lt", "arith.le", "arith.gt", "arith.ge", "arith.eq", "arith.ne"))


class Packed(NamedTuple):
    """times: how many times as many threads fill registers. asks: what must hold for all threads of such a vector, by the op that
    it lets go without masks and gathers. shares: ops whose lanes share places."""

    times: int
    asks: dict[Op, list[Ask]]
    shares: dict[Op, Share]


NOTHING = Packed(1, {}, {})


def packed(f: Function, levels: Uniformity, *, slow_masks: bool) -> Packed | None:
    """How the threads of a flat function fill registers with elements of 8 or 16 bits; None where they have others, too."""
    narrow = any(op.name == "memory.load" and _element(op).size_bytes <= 2 for op in walk(f.body))
    if not narrow or sum(1 for _ in walk(f.body)) > _MOST_OPS:
        return None
    reader = _Reader(f, levels, slow_masks=slow_masks)
    if not reader.region(f.body) or not reader.has_whole_stores():
        return None
    return Packed(32 // reader.bits, reader.asks, reader.shares)


def sharing(f: Function, levels: Uniformity, width: int) -> Packed | None:
    """The same where lanes are as wide as they are, but share places, of which a vector has one at least."""
    shares = {op: share for op, share in shared_loads(f, levels).items() if share.n <= width}
    if not shares or sum(1 for _ in walk(f.body)) > _MOST_OPS:
        return None
    return Packed(1, {op: [Ask(share.id, None, share.n)] for op, share in shares.items()}, shares)


def _element(op: Op) -> T.ScalarType:
    return T.element_of((op.results[0] if op.results else op.operands[-1]).type)


class _Place(NamedTuple):
    """A value that grows by `step` from lane to lane; only where a bound is not met, if `bounded`."""

    step: int
    bounded: bool


class _Reader:
    """Looks at what threads do, in order."""

    def __init__(self, f: Function, levels: Uniformity, *, slow_masks: bool) -> None:
        self.levels = levels
        self.slow_masks = slow_masks
        self.bits = 8  # of the widest value that differs
        self.places: dict[Value, _Place] = {}
        self.asks: dict[Op, list[Ask]] = {}
        self.shared: set[Value] = set()  # places that neighbours share, and which of those a lane is
        self.shares: dict[Op, Share] = {}
        self.masked = False  # whether threads part over data here
        self.stores: dict[tuple[Value, int], int] = {}  # by array and step
        self.known: dict[Value, bool] = dict.fromkeys(f.params, True)  # whether a vector knows it before it does anything

    def region(self, region: Region) -> bool:
        return all(self.op(op) for op in region.ops[:-1])

    def differs(self, v: Value) -> bool:
        return self.levels.of(v) > SUBGROUP

    def op(self, op: Op) -> bool:
        if op.name.startswith(BY_LANE) or op.defn.function or op.defn.orders:
            return False
        if op.defn.touches:
            return self.access(op)
        if op.regions:
            return self.structure(op)
        if any(v in self.shared for v in op.operands):
            return self.of_shared(op)
        if any(v in self.places for v in op.operands):
            return self.of_places(op)
        return all(self.fits(v) for v in op.results)

    def fits(self, v: Value) -> bool:
        """Whether a value takes no more of a register than 16 bits of each lane."""
        t = v.type
        if not self.differs(v) or not isinstance(t, T.ScalarType) or t.is_bool:
            return True
        if v.op is not None and v.op.name == "simt.global_id":
            self.places[v] = _Place(1, bounded=False)
            return True
        if not t.is_integer or t.bits > 16:
            return False
        self.bits = max(self.bits, t.bits)
        return True

    # Places

    def of_places(self, op: Op) -> bool:
        """Whether what is made of places is one, or a condition that is asked once, or a number of few bits that counts on."""
        v, t = op.results[0], op.results[0].type
        given = [self.places.get(x) for x in op.operands]
        assert isinstance(t, T.ScalarType)
        if any(p is None and self.differs(x) for p, x in zip(given, op.operands, strict=True)):
            return False
        bounded = any(p is not None and p.bounded for p in given)
        if op.name in COMPARES:
            return not bounded and not all(given)
        if op.name in ("arith.floordiv", "arith.shr", "arith.mod", "arith.and") and is_id(op.operands[0]):
            self.shared.add(v)
            return True
        step = _step(op, [p.step if p else 0 for p in given])
        if step is None:
            return False
        if t.kind is T.Kind.INT and t.bits >= 32:
            self.places[v] = _Place(step, bounded or op.name in _BOUNDS)
            return True
        return t.is_integer and t.bits <= 16 and not bounded and op.name == "arith.cast" and self.fits(v)

    def of_shared(self, op: Op) -> bool:
        """Whether what is made of shared places is one, or a number of few bits that says which of the neighbours a lane is."""
        turn = turn_of(op)
        if turn is None:
            self.shared.update(op.results)
            return share_of(op.results[0], self.levels) is not None
        self.asks[op], self.shares[op] = [Ask(turn.id, None, turn.n)], turn
        return self.fits(op.results[0])

    def is_known(self, v: Value) -> bool:
        """Whether a value is made of ids, arguments and numbers alone."""
        found = self.known.get(v)
        if found is None:
            op = v.op
            found = op is not None and not op.regions and (op.defn.elementwise or op.name in KNOWN_OPS)
            found = self.known[v] = found and all(self.is_known(w) for w in op.operands)  # type: ignore[union-attr]
        return found

    # Memory

    def access(self, op: Op) -> bool:
        array = op.operands[0]
        t = array.type
        if op.name not in ("memory.load", "memory.store") or not isinstance(t, T.ArrayType) or t.space is not T.Space.GLOBAL:
            return False
        element = _element(op)
        if op.results and not all(self.fits(v) for v in op.results):
            return False
        moving = [(axis, v) for axis, v in enumerate(indices_of(op)) if self.differs(v)]
        if not moving:
            return bool(op.results)
        if moving[0][1] in self.shared:
            return self.access_shared(op, moving)
        place = self.places.get(moving[0][1])
        if len(moving) > 1 or moving[0][0] != t.unit_axis or place is None or element.size_bytes > 2 or op.attributes["offset"]:
            return False
        if T.size_and_align(t.element)[0] != element.size_bytes or not (place.step == -1 or 0 < place.step <= _FURTHEST):
            return False
        if place.bounded:
            if not self.is_known(moving[0][1]):
                return False
            self.asks[op] = [Ask(moving[0][1])]
        if op.results:
            return True
        self.bits = max(self.bits, 8 * element.size_bytes)
        key = (array, abs(place.step))
        self.stores[key] = self.stores.get(key, 0) + 1
        return op.operands[-1] not in self.places

    def access_shared(self, op: Op, moving: list[tuple[int, Value]]) -> bool:
        share = share_of(moving[0][1], self.levels)
        if share is None or not op.results or len(moving) > 1 or op.attributes["offset"] or self.masked:
            return False
        self.asks[op], self.shares[op] = [Ask(share.id, None, share.n)], share._replace(axis=moving[0][0])
        return True

    def has_whole_stores(self) -> bool:
        """Whether there is a store for each of the elements that lanes are apart: others are written one by one."""
        return bool(self.stores) and all(count >= step for (_, step), count in self.stores.items())

    # Control flow

    def structure(self, op: Op) -> bool:
        if op.name == "scf.for":
            return self.levels.control[op] <= SUBGROUP and self.region(op.regions[0]) and self.carry(op)
        if op.name != "scf.if":
            return False
        cond = op.operands[0]
        regions, masked = op.regions, self.masked
        if self.differs(cond) and not all(is_cheap(r) for r in regions):
            big = larger(op)
            if self.is_known(cond) and self.is_asked(cond, holds=big == 0):
                self.asks[op] = [Ask(cond, big == 0)]
                regions = (op.regions[big],)
            elif self.slow_masks:
                return False
            else:
                self.masked = True
        fits = all(self.region(r) for r in regions)
        self.masked = masked
        return fits and self.carry(op)

    def carry(self, op: Op) -> bool:
        return all(self.fits(v) for v in op.results) and not any(v in self.places for r in op.regions for v in r.yielded)

    def is_asked(self, cond: Value, *, holds: bool) -> bool:
        """Whether it takes one question to know that a condition holds for all lanes, or for none."""
        op = cond.op
        if not self.differs(cond):
            return True
        if op is None:
            return False
        if op.defn is arith.NOT:
            return self.is_asked(op.operands[0], holds=not holds)
        if op.defn in (arith.AND, arith.OR):
            found = [self.is_asked(v, holds=holds) for v in op.operands]
            return all(found) if holds == (op.defn is arith.AND) else any(found)
        if op.name == ("arith.eq" if holds else "arith.ne"):
            return False
        return op.name in COMPARES and all(v.type is T.index for v in op.operands)


_BOUNDS = ("arith.minimum", "arith.maximum", "arith.mod")


def _step(op: Op, steps: Sequence[int]) -> int | None:
    """By how much a result grows from lane to lane, if evenly, as far as `Lanes` knows."""
    a, b = steps[0], steps[-1]
    number = op.operands[-1].constant
    match op.name:
        case "arith.add":
            return a + b
        case "arith.sub":
            return a - b
        case "arith.neg":
            return -a
        case "arith.mul" if isinstance(number, int) and b == 0:
            return a * number
        case "arith.shl" if isinstance(number, int) and b == 0 and 0 <= number < 16:
            return a << number
        case "arith.cast":
            return a if T.element_of(op.operands[0].type).kind is T.Kind.INT else None
        case "arith.minimum" | "arith.maximum":
            return a or b if a == 0 or b == 0 else None
        case "arith.mod" if b == 0 and not (isinstance(number, int) and number < MOST_LANES * abs(a)):
            return a
    return None


def asked(blocks: Blocks, ops: Sequence[Op]) -> Iterator[Ask]:
    """What must hold for vectors that are as full as they can be to run these ops."""
    for op in ops:
        wanted = blocks.sure.asks.get(op, ())
        yield from wanted
        taken = [op.regions[larger(op)]] if wanted and op.regions else op.regions
        for region in taken:
            yield from asked(blocks, region.ops)


def at_edges(asks: Sequence[Ask]) -> bool:
    """Whether vectors that are left are few: those that meet what bounds an index."""
    return all(ask.holds is None and not ask.n for ask in asks)


def holds_for_all(body: Body, asks: Sequence[Ask]) -> Value:
    """Whether all that is asked holds for a vector."""
    answer: Value | None = None
    b, s = body.b, body.s
    for v, wanted, n, loops in asks:
        if loops:
            for lane in _at_ends(body, v, loops):
                answer = s.both(answer, lane.guard)
            continue
        known = body.known(v)
        assert known
        lane = body.lane(v)
        if n:
            assert lane.scalar is not None
            one = b.emit(arith.EQ, b.emit(arith.AND, lane.scalar, s.index(n - 1)), s.index(0))
        elif wanted is None:
            one = lane.guard
        elif lane.uniform:
            continue
        else:
            certain = lane.full if wanted else lane.none
            one = certain() if certain is not None else b.constant(False, T.bool_)
        answer = s.both(answer, one)
    return b.constant(True, T.bool_) if answer is None else answer


def _at_ends(body: Body, v: Value, loops: Sequence[Op]) -> Iterator[Lane]:
    """What a value is in the first and in the last round of each loop."""
    before = dict(body.env)
    for ends in product((False, True), repeat=len(loops)):
        for loop, is_last in zip(loops, ends, strict=True):
            lo, hi = [body.scalar(x) for x in loop.operands[:2] if body.known(x)]
            end = body.b.emit(arith.SUB, hi, body.s.index(1)) if is_last else lo
            body.env[loop.regions[0].args[0]] = body.s.uniform(end)
        known = body.known(v)
        assert known
        yield body.lane(v)
        body.env = dict(before)
