"""Which loads and stores of one thread lie side by side, and are one instruction of 2, 4 or (of 16 bits) 8 elements.

One idea: a load may come earlier, and a store later, past whatever neither writes nor orders the same memory. So in each stretch
between such ops the first load of a group loads for all, and the last store stores for all. Where the group lies must be
known modulo its size: shared and private arrays start at multiples of 16; arguments do where the kernel has asked (`twofold`).

No two shared or private arrays overlap, but arguments may. What is asked of them helps there, too: of two elements whose
addresses are known modulo 16, and differ there, no byte is the same, whatever arrays they are of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd
from typing import TYPE_CHECKING

from ...ir import types as T
from ...ir.core import Op, Region, Value, inner_ops
from ...ir.ops import arith, memory, scf
from .alignment import MODULUS, Residue, Residues, added, scaled
from .text import CLASS

if TYPE_CHECKING:
    from .emitter import Emitter

__all__ = ["ASKED", "Together", "is_static", "plan_together", "split", "static_strides", "widest", "worth_asking"]

_FAR = 256  # ops between the first and the last of a group: what is loaded earlier takes registers meanwhile
_MANY = 96  # accesses of a group, and stores that it goes past: each is compared with each
_BASE = 16  # what the addresses of shared and private arrays are multiples of
ASKED = 16  # what is asked of an argument's pointer and strides at most


@dataclass
class Together:
    """ops: loads or stores of elements that lie side by side, in that order; leader: the one at whose place the instruction
    stands. again: loads of the same elements, by which of them. A load that is there again may be by itself."""

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


# Byte strides are numbers where they are known; of others, the axis: a multiple of what the kernel asks of the argument.
Key = tuple[Value, T.ScalarType, tuple[tuple["Value | int", "int | str"], ...]]


@dataclass(frozen=True)
class _Access:
    """An element of an argument: byte offset from its common part with others of the key; its address is residue modulo modulus."""

    key: Key
    offset: int
    modulus: int
    residue: int

    @property
    def size(self) -> int:
        return self.key[1].size_bytes


@dataclass
class _Group:
    """Accesses of one kind that differ by constants: by byte offset, in order. modulus, residue: what their common part is
    a multiple of, and what is left. passed: of loads of an argument, the stores that a later one would be moved before."""

    t: T.ScalarType
    modulus: int
    residue: int
    since: int
    at: dict[int, list[Op]] = field(default_factory=dict)
    passed: list[_Access] = field(default_factory=list)


def plan_together(e: Emitter, ops: list[Op]) -> None:
    """Note in `e.together` what ops of a region are one instruction."""
    is_asked = e.is_fast or ops[0] in e.inside
    if e.function.debug or not (e.allocates or is_asked):
        return  # every access has its own check; or nothing lies where it is known
    _Scan(e.together, e.uses, e.residues, e.aligned if is_asked else {}).run(ops)


@dataclass
class Question:
    """What pointers and strides of arguments have to be multiples of, so that these ops are joined."""

    asked: dict[Value, int]
    ops: dict[Op, Together]


def worth_asking(region: Region, most: Mapping[Value, int], uses: Mapping[Value, int]) -> Question:
    """What of a region could be joined, if no more than `most` is asked of each argument."""
    residues = Residues()
    asked: dict[Value, int] = {}
    ops: dict[Op, Together] = {}

    def scan(region: Region) -> None:
        if _may_join(region):
            join(region)
        for op in region.ops:
            if op.regions:
                if op.defn is scf.FOR and (step := op.operands[2].constant):
                    residues.learn(op.regions[0].args[0], op.operands[0], int(step))
                for inner in op.regions:
                    scan(inner)

    def join(region: Region) -> None:
        found = _Scan({}, uses, residues, most)
        found.run(region.ops)
        joined = {op: group for op, group in found.together.items() if len(group.ops) > 1 and _is_argument(op.operands[0])}
        if joined:
            ops.update(joined)
            for table in (found.joined, found.relied):
                asked.update({v: max(asked.get(v, 1), size) for v, size in table.items() if v in most})

    scan(region)
    return Question({v: asked[v] for v in most if v in asked}, ops)


def _may_join(region: Region) -> bool:
    """Whether an argument is accessed twice in the same manner: there is nothing to join otherwise."""
    seen: set[tuple[Value, object]] = set()
    for op in region.ops:
        defn = op.defn
        if defn is memory.LOAD or defn is memory.STORE:
            key = op.operands[0], defn
            if key in seen and _is_argument(op.operands[0]):
                return True
            seen.add(key)
    return False


class _Scan:
    """One pass over the ops of a region.

    aligned: by argument, what its address and the strides that are not known are multiples of. joined, relied: of arguments,
    the largest group that was found, and what had to be asked so that something could be moved past something else.
    """

    def __init__(self, together: dict[Op, Together], uses: Mapping[Value, int], residues: Residues,
                 aligned: Mapping[Value, int]) -> None:  # fmt: skip
        self.together, self.uses, self.residues, self.aligned = together, uses, residues, aligned
        self.now = 0
        self.places: dict[Op, int] = {}
        self.loads: dict[Key, _Group] = {}
        self.stores: dict[Key, _Group] = {}
        self.joined: dict[Value, int] = {}
        self.relied: dict[Value, int] = {}

    def run(self, ops: Sequence[Op]) -> None:
        for k, op in enumerate(ops):
            self.now = k
            if op.defn is memory.LOAD:
                self.load(op)
            elif op.defn is memory.STORE:
                self.store(op)
            elif op.regions:
                self.control(op)
            elif not op.defn.mergeable and op.defn not in (memory.EXTENT, memory.ALLOC, scf.YIELD):
                self.close()
        self.close()

    def load(self, op: Op) -> None:
        array, t = op.operands[0], T.element_of(op.results[0].type)
        place = self._place(op, t)
        if _is_argument(array):
            if self.aligned:
                self._load_argument(op, place)
            return
        if self.stores:
            self._finish(self.stores, array)
        if place is None or op in self.together or op.results[0] not in self.uses:
            return
        key, offset = place
        self._group(self.loads, key, op).at.setdefault(offset, []).append(op)

    def _load_argument(self, op: Op, place: tuple[Key, int] | None) -> None:
        if place is None:
            self._finish_arguments(self.stores)
            return
        key, offset = place
        access = self._access(key, offset)
        self._finish_overlapping(access)
        if op in self.together or op.results[0] not in self.uses:
            return
        known = self.loads.get(key)
        if known is not None and not all(self._apart(access, other) for other in known.passed):
            self._emit(self.loads, key)
        group = self._group(self.loads, key, op)
        if not group.at:
            group.passed = [self._access(other, at) for other, g in self.stores.items() if _is_argument(other[0]) for at in g.at]
        group.at.setdefault(offset, []).append(op)

    def store(self, op: Op) -> None:
        array, t = op.operands[0], T.element_of(op.operands[-1].type)
        is_argument = _is_argument(array)
        if is_argument and not self.aligned:
            return
        place = None if op in self.together else self._place(op, t)
        if place is None:
            for table in (self.loads, self.stores):
                if is_argument:
                    self._finish_arguments(table)
                else:
                    self._finish(table, array)
            return
        key, offset = place
        if is_argument:
            access = self._access(key, offset)
            self._finish_overlapping(access, but=key)
            for other, group in self.loads.items():
                if _is_argument(other[0]):
                    group.passed.append(access)
        else:
            self._finish(self.loads, array)
            self._finish(self.stores, array, but=key)
        known = self.stores.get(key)
        if known is not None and (offset in known.at or (offset - next(iter(known.at))) % t.size_bytes):
            self._emit(self.stores, key)
        self._group(self.stores, key, op).at[offset] = [op]

    def control(self, op: Op) -> None:
        """Past a branch that neither writes nor orders anything; of what it reads, stores stay before it."""
        inner = inner_ops(op)
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
        if isinstance(at.element, T.StructType) and gcd(at.element.align, op.attributes["offset"]) % t.size_bytes:
            return None  # loaded in pieces
        strides: Sequence[int | str]
        if is_static(at):
            strides = static_strides(at)
        elif _is_argument(array) and self.aligned:
            size = T.size_and_align(at.element)[0]
            strides = [size if axis == at.unit_axis else f"axis {axis}" for axis in range(at.rank)]
        else:
            return None
        constant = op.attributes["offset"]
        parts: list[tuple[Value | int, int | str]] = []
        for v, stride in zip(op.operands[1 : 1 + at.rank], strides, strict=True):
            if isinstance(stride, str):
                known = v.constant
                if known != 0:
                    parts.append((v if known is None else int(known), stride))
                continue
            part, more = split(v)
            constant += more * stride
            if part is not None:
                parts.append((part, stride))
        return (array, t, tuple(parts)), constant

    # Arguments, which may overlap

    def _access(self, key: Key, offset: int) -> _Access:
        m, r = self._common(key)
        return _Access(key, offset, m, (r + offset) % m)

    def _common(self, key: Key) -> Residue:
        """What the common part of a key's accesses is, modulo a power of two of at most `_BASE`."""
        array, _, parts = key
        base = self.aligned.get(array, 1) if _is_argument(array) else _BASE
        total: Residue = base, 0
        for v, stride in parts:
            if isinstance(stride, str):
                total = added(total, (_of_strides(array, base), 0))
            elif isinstance(v, int):
                total = added(total, (MODULUS, v * stride % MODULUS))
            else:
                total = added(total, scaled(self.residues.of(v), stride))
        return total

    def _apart(self, a: _Access, b: _Access) -> bool:
        """Whether two elements have surely no byte in common."""
        if a.key[0] is b.key[0] and a.key[2] == b.key[2]:
            return a.offset + a.size <= b.offset or b.offset + b.size <= a.offset
        m = max(a.size, b.size) * 2
        while m <= min(a.modulus, b.modulus):
            distance = (a.residue - b.residue) % m
            if b.size <= distance <= m - a.size:
                for x in (a, b):
                    self.relied[x.key[0]] = max(self.relied.get(x.key[0], 1), m)
                return True
            m *= 2
        return False

    def _finish_overlapping(self, access: _Access, but: Key | None = None) -> None:
        """Close the groups of stores that may not move past an access."""
        for key in list(self.stores):
            if key != but and _is_argument(key[0]):
                group = self.stores[key]
                if not all(self._apart(access, self._access(key, at)) for at in group.at):
                    self._emit(self.stores, key)

    def _finish_arguments(self, table: dict[Key, _Group]) -> None:
        for key in list(table):
            if _is_argument(key[0]):
                self._emit(table, key)

    # Groups

    def _group(self, table: dict[Key, _Group], key: Key, op: Op) -> _Group:
        self.places[op] = self.now
        group = table.get(key)
        if group is not None and (self.now - group.since > _FAR or len(group.at) + len(group.passed) > _MANY):
            self._emit(table, key)
            group = None
        if group is None:
            m, r = self._common(key)
            group = table[key] = _Group(key[1], m, r % m, self.now)
        return group

    def _finish(self, table: dict[Key, _Group], array: Value | None = None, but: Key | None = None) -> None:
        """Close the groups of an array that overlaps no other, or those of all."""
        for key in list(table):
            if key != but and (array is None or array is key[0]):
                self._emit(table, key)

    def _emit(self, table: dict[Key, _Group], key: Key) -> None:
        group = table.pop(key)
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
                        self.joined[key[0]] = max(self.joined.get(key[0], 1), bytes_)
            count //= 2
        for same in left.values():
            if len(same) > 1:
                self._note([same], is_load=True)

    def _note(self, found: list[list[Op]], *, is_load: bool) -> None:
        ops = tuple([same[0] for same in found])
        if is_load:
            again = tuple([(op, k) for k, same in enumerate(found) for op in same[1:]])
            leader = min(ops, key=self.places.__getitem__)
        else:
            again, leader = (), max(ops, key=self.places.__getitem__)
        made = Together(ops, leader, again)
        for same in found:
            self.together.update(dict.fromkeys(same, made))


def _is_argument(array: Value) -> bool:
    t = array.type
    return isinstance(t, T.ArrayType) and t.space is T.Space.GLOBAL


def _of_strides(array: Value, base: int) -> int:
    """What strides that are not known are multiples of, if the kernel asked for `base`. Of elements of several numbers it is not
    asked for more than their size is a multiple of: hardly an array would have it."""
    t = array.type
    assert isinstance(t, T.ArrayType)
    if isinstance(t.element, T.ScalarType):
        return base
    return gcd(base, T.size_and_align(t.element)[0])


def is_static(t: T.Type) -> bool:
    """Whether an array lies where this module puts it, and so at a multiple of `_BASE`. Of an argument nobody promises more
    than that its elements are aligned: a kernel may ask."""
    return isinstance(t, T.ArrayType) and t.space is not T.Space.GLOBAL and t.shape is not None
