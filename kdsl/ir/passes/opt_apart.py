"""Where arguments do not overlap, a round loads before it stores: `m[i] = ...; v[i] = ...; p[i] -= m[i] / sqrt(v[i])`.

One idea: a load behind a store to another array waits for it, as the two may be one memory, and what a thread has stored it loads
anew behind a store to anything else. Processors wait as well where arrays lie apart, if only the last 12 bits of two addresses are
equal, which those of large arrays are, element by element. So such a loop is there twice: with its loads first, each of them once,
and with what it stored handed on, for arguments that do not overlap; and as it was. All other loops stay what they are.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from ...target import Target
from .. import types as T
from ..analysis.accesses import is_argument
from ..builder import Rebuilder, rebuild_op
from ..core import Function, Op, Region, Value, inner_ops, walk
from ..ops import arith, memory, scf, tile
from .opt_carried import LEAST_BITS, registers

__all__ = ["opt_apart"]

_MOST_OPS = 160  # of a loop, which is there twice then
_MOST_PAIRS = 6  # of arrays that are asked about for each row
_LOADS = (memory.LOAD, tile.LOAD, tile.GATHER)
_STORES = (memory.STORE, tile.STORE, tile.STREAM, tile.SCATTER)


def opt_apart(f: Function, target: Target) -> Function:
    """An equal function; `f` itself where no load waits for a store to another array."""
    if f.debug:
        return f
    found = {op: made for op in walk(f.body) if op.defn in (scf.FOR, scf.WHILE) and (made := _early(op, target)) is not None}
    return _Apart(f, found).new if found else f


class _Early:
    """What a loop is whose loads come first. orders: the ops of its regions. same: loads that are left out, each by what it gives.
    pairs: arrays that must not overlap for it. room: registers for what is loaded earlier."""

    def __init__(self, room: int) -> None:
        self.orders: dict[Region, list[Op]] = {}
        self.same: dict[Value, Value] = {}
        self.pairs: dict[tuple[Value, Value], None] = {}
        self.room = room

    def value(self, v: Value) -> Value:
        while v in self.same:
            v = self.same[v]
        return v


def _early(loop: Op, target: Target) -> _Early | None:
    """None where nothing is loaded any earlier, or again."""
    inside = inner_ops(loop)
    if len(inside) > _MOST_OPS or any(op.defn in (scf.FOR, scf.WHILE) for op in inside):
        return None
    made, gains = _Early(target.vector_registers // 2), False
    for region in [*loop.regions, *[r for op in inside for r in op.regions]]:
        order: list[Op] = []
        for ops in _segments(region):
            segment = _Segment(ops, made, target)
            gains = gains or segment.gains
            order += segment.ops
        made.orders[region] = order
    return made if gains and len(made.pairs) <= _MOST_PAIRS else None


def _segments(region: Region) -> Iterator[Sequence[Op]]:
    """Ops that follow one another and do nothing but compute, load and store; all others by themselves."""
    ops: list[Op] = []
    for op in region.ops:
        if not op.regions and (op.defn in _STORES or (op.defn.pure and (op.defn in _LOADS or not op.defn.reads))):
            ops.append(op)
            continue
        yield ops
        yield [op]
        ops = []
    yield ops


class _Segment:
    """ops: in their new order. gains: whether any is loaded earlier, or not at all."""

    def __init__(self, ops: Sequence[Op], all_: _Early, target: Target) -> None:
        self.all = all_
        self.target = target
        self.gains = False
        self.stores: list[Op] = []
        self.loads: list[Op] = []  # that may be anywhere before
        self.made: dict[Value, Op] = {}  # behind the first store
        self.ahead: set[Op] = set()
        for op in ops:
            if self.stores:
                self.made.update(dict.fromkeys(op.results, op))
            if op.defn in _STORES:
                self.stores.append(op)
            elif op.defn in _LOADS:
                self.load(op)
        first = list(ops).index(self.stores[0]) if self.stores else len(ops)
        late = ops[first:]
        self.ops = [*ops[:first], *[op for op in late if op in self.ahead], *[op for op in late if op not in self.ahead]]

    def load(self, op: Op) -> None:
        """Where a load goes, and what becomes of it. (One of some lanes stays: masks take longer anyway.)"""
        if op.defn is not memory.LOAD and op.operands[-1].constant is not True:
            return
        pairs: dict[tuple[Value, Value], None] = {}
        for store in reversed(self.stores):
            if op.operands[0] is store.operands[0]:
                if _is_whole(store) and _is_same_place(op, store) and _is_kept(op, store):
                    self.leave_out(op, store.operands[-1], pairs)
                    return
                if not _are_two(op, store):
                    return
            elif is_argument(op.operands[0]) and is_argument(store.operands[0]):
                a, c = store.operands[0], op.operands[0]
                pairs[(c, a) if (c, a) in self.all.pairs else (a, c)] = None
            elif not all(is_argument(v) or _is_own(v) for v in (op.operands[0], store.operands[0])):
                return
        for before in self.loads:
            if before.defn is op.defn and _is_equal(before, op):
                self.leave_out(op, before.results[0], pairs)
                return
        if self.stores:
            takes = registers(op.results[0].type, self.target)
            found: set[Op] = {op}
            if takes > self.all.room or not all(self.brings(v, found) for v in op.operands):
                return
            self.all.room -= takes
            self.ahead |= found
            self.all.pairs.update(pairs)
            self.gains = True
        self.loads.append(op)

    def leave_out(self, op: Op, known: Value, pairs: dict[tuple[Value, Value], None]) -> None:
        self.all.same[op.results[0]] = known
        self.all.pairs.update(pairs)
        self.gains = self.gains or bool(pairs)

    def brings(self, v: Value, found: set[Op]) -> bool:
        """Whether a value is there before the first store, with the ops that are brought there for it."""
        op = self.made.get(self.all.value(v))
        if op is None or op in self.ahead or op in found:
            return True
        if not op.defn.mergeable or not all(self.brings(w, found) for w in op.operands):
            return False
        found.add(op)
        return True


def _is_own(v: Value) -> bool:
    """Whether memory is the function's own, which no other array has any of."""
    return v.op is not None and v.op.defn is memory.ALLOC


def _places(op: Op) -> tuple[Value, ...]:
    """The indices of an access, and its mask, if it has one."""
    return op.operands[1:] if op.results else op.operands[1:-1]


def _is_whole(store: Op) -> bool:
    return store.defn is memory.STORE or (store.defn in (tile.STORE, tile.STREAM) and store.operands[-2].constant is True)


def _is_kept(load: Op, store: Op) -> bool:
    """Whether a load gives what was stored."""
    t = load.results[0].type
    element = T.element_of(t)
    return t == store.operands[-1].type and not (element.is_float and element.bits < LEAST_BITS)


def _is_same_place(load: Op, store: Op) -> bool:
    kinds = {memory.STORE: memory.LOAD, tile.STORE: tile.LOAD, tile.STREAM: tile.LOAD}
    if kinds[store.defn] is not load.defn:
        return False
    facts = {"step": 1, **store.attributes}  # of what streams it is
    return facts == load.attributes and all(_is_one(a, b) for a, b in zip(_places(load), _places(store), strict=True))


def _is_equal(one: Op, other: Op) -> bool:
    return (one.attributes == other.attributes and one.results[0].type == other.results[0].type
            and all(_is_one(a, b) for a, b in zip(one.operands, other.operands, strict=True)))  # fmt: skip


def _is_one(a: Value, b: Value) -> bool:
    return a is b or (a.constant is not None and a.constant == b.constant and a.type == b.type)


def _are_two(load: Op, store: Op) -> bool:
    """Whether elements of an array are certainly two: they have other places along an axis along which no lanes go."""
    if any("points" in op.attributes or op.defn in (tile.GATHER, tile.SCATTER) for op in (load, store)):
        return False
    t = load.operands[0].type
    assert isinstance(t, T.ArrayType)
    lanes = {op.attributes.get("axis") for op in (load, store)}
    pairs = list(zip(_places(load)[: t.rank], _places(store)[: t.rank], strict=True))
    return any(axis not in lanes and a.constant is not None and b.constant is not None and a.constant != b.constant
               for axis, (a, b) in enumerate(pairs))  # fmt: skip


class _Apart(Rebuilder):
    """A copy in which those loops are there twice, or once, where nothing is to be asked. now: the one whose loads come first."""

    def __init__(self, f: Function, found: dict[Op, _Early]) -> None:
        super().__init__(f)
        self.found = found
        self.now: _Early | None = None
        self.fill(f.body)

    def fill(self, region: Region) -> None:
        if self.now is None:
            super().fill(region)
            return
        for op in self.now.orders[region]:
            if op.results and op.results[0] in self.now.same:
                continue
            for v in op.operands:
                if v in self.now.same:
                    self.mapping[v] = self.mapping[self.now.value(v)]
            self.copy(op)

    def changes(self, op: Op) -> bool:
        early = self.found.get(op) if self.now is None else None
        if early is None:
            return False
        b = self.b
        asks = [b.emit(tile.DISJOINT, self.mapping[x], self.mapping[y]) for x, y in early.pairs]
        if not asks:
            self.first(op, early)
            return True
        safe = functools.reduce(lambda x, y: b.emit(arith.AND, x, y), asks)
        regions = Region(), Region()
        for region, make in zip(regions, (lambda: self.first(op, early), lambda: self.plain(op)), strict=True):
            with b.inside(region):
                make()
                b.yield_(*[self.mapping[v] for v in op.results])
        made = b.if_(safe, [v.type for v in op.results], *regions)
        self.mapping.update(zip(op.results, made.results, strict=True))
        return True

    def first(self, op: Op, early: _Early) -> None:
        self.now = early
        rebuild_op(self.b, op, self.mapping, self.fill)
        self.now = None

    def plain(self, op: Op) -> None:
        rebuild_op(self.b, op, self.mapping, self.fill)
