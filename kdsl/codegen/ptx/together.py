"""Which loads and stores of one thread lie side by side, and are one instruction of 2, 4 or (of 16 bits) 8 elements.

One idea: a load may come earlier, and a store later, past whatever neither writes nor orders the same memory. So in each stretch
between such ops the first load of a group loads for all, and the last store stores for all. Where the group lies must be
known modulo its size: shared and private arrays start at multiples of 16; arguments lie anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import gcd
from typing import TYPE_CHECKING

from ...ir import types as T
from ...ir.core import Op, Value, walk
from ...ir.ops import arith, memory, scf
from .text import CLASS

if TYPE_CHECKING:
    from .emitter import Emitter

__all__ = ["Together", "is_static", "plan_together", "split", "static_strides", "widest"]

_FAR = 256  # ops between the first and the last of a group: what is loaded earlier takes registers meanwhile
_BASE = 16  # what the addresses of shared and private arrays are multiples of


@dataclass
class Together:
    """ops: loads or stores of elements that lie side by side, in that order; leader: the one at whose place the instruction
    stands. again: loads of the same elements, by which of them."""

    ops: tuple[Op, ...]
    leader: Op
    again: tuple[tuple[Op, int], ...] = ()


def split(v: Value) -> tuple[Value | None, int]:
    """An index as a value and a constant that is added to it. Index arithmetic wraps as addresses do."""
    constant = 0
    while True:
        known = v.constant
        if known is not None:
            return None, constant + int(known)
        op = v.op
        if op is None or op.defn not in (arith.ADD, arith.SUB):
            return v, constant
        a, b = op.operands
        if b.constant is not None:
            constant += int(b.constant) * (1 if op.defn is arith.ADD else -1)
            v = a
        elif a.constant is not None and op.defn is arith.ADD:
            constant += int(a.constant)
            v = b
        else:
            return v, constant


def static_strides(t: T.ArrayType) -> tuple[int, ...]:
    """Byte strides of an array of static shape."""
    size = T.size_and_align(t.element)[0]
    out: list[int] = []
    for extent in reversed(t.shape or ()):
        out.append(size)
        size *= extent
    return tuple(reversed(out))


def widest(t: T.ScalarType) -> int:
    """Elements that one instruction moves at most: 16 bytes, and 4 registers (two of f16 share one)."""
    return 8 if CLASS[t.name] == "h" else min(4, 16 // t.size_bytes)


Key = tuple[Value, T.ScalarType, tuple[tuple[Value, int], ...]]


@dataclass
class _Group:
    """Accesses of one kind that differ by constants: by byte offset, in order. modulus, residue: what their common part is
    a multiple of, and what is left."""

    t: T.ScalarType
    modulus: int
    residue: int
    since: int
    at: dict[int, list[Op]] = field(default_factory=dict)


def plan_together(e: Emitter, ops: list[Op]) -> None:
    """Note in `e.together` what ops of a region are one instruction."""
    if e.function.debug or not e.allocates:
        return  # every access has its own check; or nothing lies where it is known
    scan = _Scan(e)
    for k, op in enumerate(ops):
        scan.now = k
        if op.defn is memory.LOAD:
            scan.load(op)
        elif op.defn is memory.STORE:
            scan.store(op)
        elif op.regions:
            scan.control(op)
        elif not op.defn.mergeable and op.defn not in (memory.EXTENT, memory.ALLOC, scf.YIELD):
            scan.close()
    scan.close()


class _Scan:
    def __init__(self, e: Emitter) -> None:
        self.e = e
        self.now = 0
        self.places: dict[Op, int] = {}
        self.loads: dict[Key, _Group] = {}
        self.stores: dict[Key, _Group] = {}

    def load(self, op: Op) -> None:
        array = op.operands[0]
        if self.stores:
            self._finish(self.stores, array)
        if op in self.e.together or op.results[0] not in self.e.uses:
            return
        place = self._place(op, T.element_of(op.results[0].type))
        if place is None:
            return
        key, offset = place
        group = self._group(self.loads, key, op)
        group.at.setdefault(offset, []).append(op)

    def store(self, op: Op) -> None:
        array, t = op.operands[0], T.element_of(op.operands[-1].type)
        if self.loads:
            self._finish(self.loads, array)
        place = None if op in self.e.together else self._place(op, t)
        if place is None:
            if self.stores:
                self._finish(self.stores, array)
            return
        key, offset = place
        if self.stores:
            self._finish(self.stores, array, but=key)
            known = self.stores.get(key)
            if known is not None and (offset in known.at or (offset - next(iter(known.at))) % t.size_bytes):
                self._finish(self.stores, array)
        self._group(self.stores, key, op).at[offset] = [op]

    def control(self, op: Op) -> None:
        """Past a branch that neither writes nor orders anything; of what it reads, stores stay before it."""
        inner = [x for region in op.regions for x in walk(region)]
        if op.defn is not scf.IF or any(x.regions and x.defn is not scf.IF for x in inner):
            self.close()
        elif all(x.defn.mergeable or x.defn in (scf.IF, scf.YIELD) for x in inner):
            return
        elif all(x.defn.pure for x in inner):
            self._finish(self.stores)
        else:
            self.close()

    def close(self) -> None:
        self._finish(self.loads)
        self._finish(self.stores)

    def _place(self, op: Op, t: T.ScalarType) -> tuple[Key, int] | None:
        """What an access has in common with its neighbours, and its byte offset from there."""
        array = op.operands[0]
        at = array.type
        assert isinstance(at, T.ArrayType)
        if not is_static(at):
            return None
        if isinstance(at.element, T.StructType) and gcd(at.element.align, op.attributes["offset"]) % t.size_bytes:
            return None  # loaded in pieces
        constant, parts = op.attributes["offset"], []
        for v, stride in zip(op.operands[1 : 1 + at.rank], static_strides(at), strict=True):
            part, more = split(v)
            constant += more * stride
            if part is not None:
                parts.append((part, stride))
        return (array, t, tuple(parts)), constant

    def _group(self, table: dict[Key, _Group], key: Key, op: Op) -> _Group:
        self.places[op] = self.now
        group = table.get(key)
        if group is not None and self.now - group.since > _FAR:
            self._emit(table, key)
            group = None
        if group is None:
            _, t, parts = key
            m, r = self.e.residues.of_sum(parts, 0)
            m = min(m, _BASE)
            group = table[key] = _Group(t, m, r % m, self.now)
        return group

    def _finish(self, table: dict[Key, _Group], array: Value | None = None, but: Key | None = None) -> None:
        """Close the groups of an array (no two of them overlap), or those of all."""
        for key in list(table):
            if key != but and (array is None or array is key[0]):
                self._emit(table, key)

    def _emit(self, table: dict[Key, _Group], key: Key) -> None:
        group = table.pop(key)
        if len(group.at) < 2:
            return
        size = group.t.size_bytes
        left = dict(sorted(group.at.items()))
        count = widest(group.t)
        while count > 1:
            bytes_ = count * size
            if bytes_ <= group.modulus:
                for start in list(left):
                    places = range(start, start + bytes_, size)
                    if (start + group.residue) % bytes_ == 0 and all(place in left for place in places):
                        self._note([left.pop(place) for place in places], is_load=table is self.loads)
            count //= 2

    def _note(self, found: list[list[Op]], *, is_load: bool) -> None:
        ops = tuple([same[0] for same in found])
        if is_load:
            again = tuple([(op, k) for k, same in enumerate(found) for op in same[1:]])
            leader = min(ops, key=self.places.__getitem__)
        else:
            again, leader = (), max(ops, key=self.places.__getitem__)
        made = Together(ops, leader, again)
        for same in found:
            self.e.together.update(dict.fromkeys(same, made))


def is_static(t: T.Type) -> bool:
    """Whether an array lies where this module puts it, and so at a multiple of `_BASE`. Of an argument nobody promises more
    than that its elements are aligned."""
    return isinstance(t, T.ArrayType) and t.space is not T.Space.GLOBAL and t.shape is not None
