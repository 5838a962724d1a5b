"""Shared arrays of merged blocks that may be one: a histogram's, which each block empties, counts in and adds to the same elements.

One idea: where each block does nothing with an array but empty it, update it by one kind of atomic and bring all of it to where
the other blocks bring theirs, nobody can tell whose table counted what, as only the sum is ever seen. So neighbouring
blocks need not have a table each. They share as many as suit the processor: neighbouring threads have different ones, as updates
of one element wait for each other and data often come in runs; memory is read from its begin to its end, where a table for each
block wants several blocks' data in turn; and one block of all empties and brings, in place of each.

What must hold, for each array: it is written by stores of what is the same in all blocks, updated by atomics of one kind whose
old values nobody wants, and loaded only to be the operand of an atomic of that kind on memory of the launch, or of such a sum.
Stores and loads must happen alike in all blocks, so nothing of theirs may come from a block's number or from memory. And barriers
must stand between the three, as the table of one is now that of all. Float sums stay apart: their grouping shows in the bits.

Whether an element was counted at all may be asked before it is brought (`if mine[k] != 0`): what changes nothing is the only thing
that stays behind, and so it is as if all of it were brought.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from ... import types as T
from ...analysis.accesses import is_argument
from ...analysis.combining import JOINED, neutral
from ...analysis.uniformity import SUBGROUP, Uniformity, uniformity
from ...analysis.uses import users
from ...core import Function, Op, Region, Value, walk
from ...ops import arith, memory, scf, simt
from .tables import COMBINE

__all__ = ["Facts", "Pool", "padding", "pools"]

# Tables for neighbouring threads, and what they may take together: half of the nearest cache.
_MOST_WAYS, _MOST_BYTES = 8, 16 << 10
_PAGE, _LINE = 4096, 64
_IDEMPOTENT = ("min", "max", "and", "or")


class Pool(NamedTuple):
    """ways: tables. kind: of the atomics. once: what one block of all does, stores and the atomics that bring what was counted."""

    ways: int
    kind: str
    once: frozenset[Op]


def pools(f: Function, block: tuple[int, int, int]) -> dict[Value, Pool]:
    """By array, those that neighbouring blocks along axis 0 of the grid may share."""
    atomics = [op for op in walk(f.body) if op.defn.name.startswith("atomic.")]
    updated = {op.operands[0]: None for op in atomics if _may_share(op.operands[0].type)}
    if not updated:
        return {}
    facts, levels = Facts(f), uniformity(f)
    found = {array: facts.pool(array, block, levels) for array in updated}
    return {array: pool for array, pool in found.items() if pool is not None}


def _may_share(t: T.Type) -> bool:
    return isinstance(t, T.ArrayType) and t.space is T.Space.SHARED and isinstance(t.element, T.ScalarType)


class Facts:
    """Of a function: what its blocks may have different, which ops stand between the same barriers, and who uses what."""

    def __init__(self, f: Function) -> None:
        self.body = f.body
        self.own: set[Value] = set()  # values that blocks may have different
        self.apart: set[Op] = set()  # ops that blocks may come to differently
        self.parts: list[int] = [0]  # of the code between barriers: the number of an equal one
        self.part: dict[Op, int] = {}
        self.users = users(f)
        self.guards = {op for op in walk(f.body) if _is_guard(op)}  # each says nothing of its array but that (see `_asks`)
        before = -1
        while before != len(self.own) + len(self.apart):
            before = len(self.own) + len(self.apart)
            self._differs(f.body, inside=False)
        self._cut(f.body, 0)

    def _differs(self, region: Region, *, inside: bool) -> None:
        for op in region.ops:
            if inside:
                self.apart.add(op)
            own = any(v in self.own for v in op.operands)
            if op.regions:
                asks = op.operands[:3] if op.defn is scf.FOR else op.operands[:1] if op.defn is scf.IF else op.operands
                asks = (*asks, *op.regions[0].yielded[:1]) if op.defn is scf.WHILE else asks
                parts = inside or (op not in self.guards and any(v in self.own for v in asks))
                for part in op.regions:
                    self._differs(part, inside=parts)
                own = own or parts or any(v in self.own for part in op.regions for v in part.yielded)
                counts = op.defn is scf.FOR and not parts  # alike, whatever is carried
                self.own.update([v for part in op.regions for v in part.args[counts:]] if own else ())
            elif op.defn in (simt.BLOCK_ID, simt.GLOBAL_ID):
                own = op.attributes["axis"] == 0
            elif op.defn.reads and op.defn is not memory.EXTENT:
                own = True
            self.own.update(op.results if own else ())

    def _cut(self, region: Region, part: int) -> int:
        """Number the code between barriers; gives the number of what comes behind the region."""
        for op in region.ops:
            self.part[op] = part
            if op.defn is simt.BARRIER:
                part = len(self.parts)
                self.parts.append(part)
            elif op.regions:
                ends = [self._cut(inner, part) for inner in op.regions]
                if op.defn is not scf.IF:  # the next round, and none at all
                    ends.append(part)
                for end in ends[1:]:
                    self._same(ends[0], end)
                part = ends[0]
        return part

    def _same(self, a: int, b: int) -> None:
        low, high = sorted((self.parts[a], self.parts[b]))
        self.parts = [low if p == high else p for p in self.parts]

    def beside(self, op: Op) -> list[Op]:
        """The ops between the same barriers."""
        part = self.parts[self.part[op]]
        return [other for other in walk(self.body) if self.parts[self.part[other]] == part]

    def _of(self, ops: list[Op]) -> set[int]:
        return {self.parts[self.part[op]] for op in ops}

    def _alike(self, op: Op) -> bool:
        """Whether all blocks do the same op with the same indices."""
        return op not in self.apart and not any(v in self.own for v in op.operands[1 : len(op.operands) - bool(op.defn.writes)])

    def pool(self, array: Value, block: tuple[int, int, int], levels: Uniformity) -> Pool | None:
        t = array.type
        assert isinstance(t, T.ArrayType)
        assert isinstance(t.element, T.ScalarType)
        element, uses = t.element, [op for op in self.users.get(array, []) if op.defn is not memory.EXTENT]
        stores = [op for op in uses if op.defn is memory.STORE]
        loads = [op for op in uses if op.defn is memory.LOAD]
        updates = [op for op in uses if op.defn.name.startswith("atomic.")]
        kinds = {JOINED.get(op.name.removeprefix("atomic.")) for op in updates}
        kind = next(iter(kinds), None)
        if kind is None or len(kinds) > 1 or len(uses) != len(stores) + len(loads) + len(updates):
            return None
        if (element.is_float and kind not in ("min", "max")) or any(op.results[0] in self.users for op in updates):
            return None
        parts, inner = self._combined(loads, kind, element)
        looks = {user: None for v in parts for user in self.users.get(v, []) if user not in inner}
        brings = [op for op in looks if not self._asks(op, kind, element)]
        if not all(self._empties(op, kind, element) for op in stores) or not all(self._alike(op) for op in loads):
            return None
        if not all(self._brings(op, kind, parts) for op in brings) or not self._unseen(brings, kind, element):
            return None
        if not self._in_turn(stores, updates, loads):
            return None
        varies = all(any(levels.of(v) > SUBGROUP for v in op.operands[1:-1]) for op in updates)
        return Pool(_ways(t, element, block) if varies else 1, kind, frozenset([*stores, *brings]))

    def _empties(self, op: Op, kind: str, element: T.ScalarType) -> bool:
        """Whether a store leaves the same behind where all blocks make it in one table, and in each of several."""
        value = op.operands[-1]
        if value.type is not element or not self._alike(op):
            return False
        return value not in self.own if kind in _IDEMPOTENT else value.constant == neutral(kind, element)

    def _asks(self, op: Op, kind: str, element: T.ScalarType) -> bool:
        """Whether an op asks if an element is to be brought, and nothing else hangs on that. What is kept back would change
        nothing: it is neutral, or not above 0, where numbers begin."""
        if op.defn is not arith.NE and (op.defn is not arith.GT or element.is_float or element.is_signed or neutral(kind, element)):
            return False
        is_all = op.operands[1].constant == neutral(kind, element)
        return is_all and all(user in self.guards for user in self.users.get(op.results[0], []))

    def _combined(self, loads: list[Op], kind: str, element: T.ScalarType) -> tuple[set[Value], set[Op]]:
        """What was loaded, and what is combined of that alone, as of tables for each warp; and the ops that do so. A loop may go
        through them, if it begins with nothing."""
        parts, ops = {op.results[0] for op in loads}, set[Op]()

        def fits(v: Value) -> bool:
            return v in parts or (v.type is element and v.constant == neutral(kind, element))

        for op in walk(self.body):  # an op comes behind what it is made of, and a loop before what is in it
            if op.defn is scf.FOR and self._sums(op, loads) and fits(op.operands[3]) and parts.isdisjoint(op.operands[:3]):
                body = op.regions[0]
                parts.add(body.args[1])
                for inner in body.ops:
                    if inner.defn is COMBINE[kind] and all(fits(v) for v in inner.operands):
                        parts.update(inner.results)
                if not fits(body.yielded[0]):
                    return {op.results[0] for op in loads}, set()
                parts.add(op.results[0])
                ops.update([op, body.ops[-1]])
            elif op.defn is COMBINE[kind] and all(fits(v) for v in op.operands):
                parts.update(op.results)
                ops.add(op)
        return parts, ops

    def _sums(self, loop: Op, loads: list[Op]) -> bool:
        """Whether a loop carries one value, and loads."""
        return len(loop.results) == 1 and any(op in loads for op in loop.regions[0].ops)

    def _brings(self, op: Op, kind: str, parts: set[Value]) -> bool:
        """Whether an op combines what was loaded with an element that is the same for all blocks, and nobody wants to know the old
        value."""
        family, _, how = op.name.partition(".")
        if family != "atomic" or JOINED.get(how) != kind or op.results[0] in self.users:
            return False
        x = op.operands[-1]
        is_operand_only = not any(v is x for v in op.operands[1:-1])
        return is_argument(op.operands[0]) and is_operand_only and self._alike(op) and x in parts

    def _in_turn(self, *groups: list[Op]) -> bool:
        """Whether no two of the groups meet between the same barriers."""
        parts = [self._of(ops) for ops in groups]
        return sum([len(p) for p in parts]) == len(set().union(*parts))

    def _unseen(self, brings: list[Op], kind: str, element: T.ScalarType) -> bool:
        """Whether before the next barrier no thread looks at what it brings, or changes it in another way."""
        parts = self._of(brings)
        for op in walk(self.body):
            is_access = op.defn.touches and bool(op.operands) and is_argument(op.operands[0])
            if not is_access or self.parts[self.part[op]] not in parts:
                continue
            brought = JOINED.get(op.name.removeprefix("atomic.")) == kind and op.operands[-1].type is element
            if not brought or op.results[0] in self.users:
                return False
        return True


def _is_guard(op: Op) -> bool:
    """Whether an op is a condition on an element of a table under which only that element is brought."""
    asked = op.operands[0].op if op.defn is scf.IF and not op.results else None
    looked = asked.operands[0].op if asked is not None and asked.operands else None
    if looked is None or looked.defn is not memory.LOAD or not _may_share(looked.operands[0].type):
        return False

    def is_looked_at(op: Op | None) -> bool:
        if op is None or op.defn is not memory.LOAD:
            return False
        return op.operands == looked.operands and op.attributes == looked.attributes

    yes, no = op.regions
    brings = [inner for inner in yes.ops if not inner.defn.elementwise and inner.defn is not scf.YIELD and not is_looked_at(inner)]
    is_bare = all(inner.defn is scf.YIELD for inner in no.ops)
    return is_bare and all(inner.name.startswith("atomic.") and is_looked_at(inner.operands[-1].op) for inner in brings)


def _ways(t: T.ArrayType, element: T.ScalarType, block: tuple[int, int, int]) -> int:
    assert t.shape is not None
    room = max(min(_MOST_BYTES // max(prod(t.shape) * element.size_bytes, 1), _MOST_WAYS, block[0]), 1)
    return 1 << room.bit_length() - 1


def padding(shape: tuple[int, ...], size_bytes: int, ways: int) -> int:
    """Elements behind a table for which no two have an element where addresses have the same lowest 12 bits: a processor that takes
    one's update for the other's begins anew (floats counted in 8 tables of 1 KB: 4 to 16 times as long on a Zen 4). Not of
    tables of several rows, of which those of channels took 1.25 times as long where all bytes are equal."""
    if prod(shape[:-1]) > 1:
        return 0
    some = max(_LINE // size_bytes, 1)
    for more in range(0, 8 * some, some):
        step = (shape[-1] + more) * size_bytes
        if all(_LINE <= n * step % _PAGE <= _PAGE - _LINE for n in range(1, ways)):
            return more
    return 0
