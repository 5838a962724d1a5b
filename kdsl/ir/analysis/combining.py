"""Which atomic updates of one element by many threads may be combined before the element is touched.

One idea: nobody can tell in which order threads arrive at an element, so where every thread adds to `out[0]` and none looks at
what was there, a worker may add up what its threads bring and update the element once. The bits are those of some order for
integers, minima and maxima; float sums may also be grouped, which is as exact and mostly more so, but no order of single
updates: not under math="strict" (docs/language.md, Atomics).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .. import types as T
from ..core import Function, Op, Region, Value, walk
from .uniformity import SUBGROUP, Uniformity

__all__ = ["combined_atomics", "neutral", "tabled_atomics"]

_KINDS = ("add", "sub", "min", "max", "and", "or", "xor")
_FACTS = ("memory.extent", "simt.global_id")
_MOST = 4  # each takes a register for every vector at once
_MOST_TABLES = 2  # arrays


def combined_atomics(f: Function, levels: Uniformity) -> list[Op]:
    """The atomics of a thread-level function whose element is the same for a whole piece of a row, and that qualify."""
    found = [op for ops in _groups(f) if all(_fixed(f, op.operands[1:-1], levels) for op in ops) for op in ops]
    return found if len(found) <= _MOST else []


def tabled_atomics(f: Function, levels: Uniformity) -> dict[Value, list[Op]]:
    """By array, the atomics that qualify and whose elements data choose: those that a worker may put by in a table, if the
    array turns out to be small (see `passes/vectorize/tables`)."""
    found: dict[Value, list[Op]] = {}
    for ops in _groups(f):
        array, t = ops[0].operands[0], ops[0].operands[-1].type
        assert isinstance(array.type, T.ArrayType)
        if array.type.element is t and not any(_fixed(f, op.operands[1:-1], levels) for op in ops):
            found[array] = ops
    return found if len(found) <= _MOST_TABLES else {}


def _groups(f: Function) -> list[list[Op]]:
    """Updates of an array that nothing else touches, all of one kind, that may be put by."""
    accesses: dict[Value, list[Op]] = {}
    for op in walk(f.body):
        if op.defn.orders:
            return []  # who waits for an update to be seen must see it
        if op.defn.touches and op.operands:
            accesses.setdefault(op.operands[0], []).append(op)
    atomics = [ops for ops in accesses.values() if ops[0].name.startswith("atomic.")]
    if not atomics:
        return []
    used = {v for op in walk(f.body) for v in op.operands}
    # Adding and taking a maximum do not commute.
    alike = [ops for ops in atomics if len({op.name for op in ops}) == 1 and all(_qualifies(op, used, f.math) for op in ops)]
    if not alike:
        return []
    later = _Later(f, used)
    return [ops for ops in alike if not any(later.looks(op) for op in ops)]


class _Access(NamedTuple):
    array: Value
    size: int


class _Later:
    """What a thread accesses after each of its atomics by another argument, which may overlap the first: it sees what it has done
    itself. Further updates that nobody looks at are put by too, or arrive in some order; and what a thread has loaded before, it
    has no reason to look for in what it updates."""

    def __init__(self, f: Function, used: set[Value]) -> None:
        self.used = used
        self.again: set[Op] = set()
        self.behind: dict[Op, frozenset[_Access]] = {}
        self.find_again(f.body, set())
        self.note(f.body, frozenset())

    def find_again(self, region: Region, seen: set[tuple[object, ...]]) -> None:
        """Loads of what was loaded before."""
        for op in region.ops:
            if op.name == "memory.load":
                key = (*op.operands, op.attributes["offset"])
                if key in seen:
                    self.again.add(op)
                seen.add(key)
            for inner in op.regions:
                self.find_again(inner, set(seen))

    def note(self, region: Region, after: frozenset[_Access]) -> frozenset[_Access]:
        """Note it for the atomics of a region, which `after` comes behind; gives what comes behind its begin."""
        for op in reversed(region.ops):
            if op.regions and op.name != "scf.if":  # the next round comes behind this one
                after = after.union(*[self.accesses(inner) for part in op.regions for inner in walk(part)])
            if op.regions:
                after = after.union(*[self.note(part, after) for part in op.regions])
            elif op.name.startswith("atomic."):
                self.behind[op] = after
            after |= self.accesses(op)
        return after

    def accesses(self, op: Op) -> frozenset[_Access]:
        if not (op.defn.touches and op.operands) or op.name == "memory.extent" or op in self.again:
            return frozenset()
        t = op.operands[0].type
        is_put_by = op.name.startswith("atomic.") and op.results and op.results[0] not in self.used
        if is_put_by or not isinstance(t, T.ArrayType) or t.space is not T.Space.GLOBAL:
            return frozenset()
        value = op.results[0] if op.name == "memory.load" else op.operands[-1]
        return frozenset([_Access(op.operands[0], T.element_of(value.type).size_bytes)])

    def looks(self, op: Op) -> bool:
        """Whether something behind an atomic may be of the same element."""
        size = T.element_of(op.operands[-1].type).size_bytes
        return any(other.array is not op.operands[0] and other.size == size for other in self.behind[op])


def _qualifies(op: Op, used: set[Value], math: str) -> bool:
    family, _, kind = op.name.partition(".")
    if family != "atomic" or kind not in _KINDS or op.results[0] in used:
        return False
    array, x = op.operands[0], op.operands[-1]
    t = T.element_of(x.type)
    if not isinstance(array.type, T.ArrayType) or array.type.space is not T.Space.GLOBAL:
        return False
    return not t.is_float or (t.bits >= 32 and (kind not in ("add", "sub") or math != "strict"))


def _fixed(f: Function, indices: Sequence[Value], levels: Uniformity) -> bool:
    """Whether indices are arithmetic on parameters and on ids that a row has one of: the same before and behind its threads."""
    for v in indices:
        if v in f.params:
            continue
        op = v.op
        if op is None or levels.of(v) > SUBGROUP or not (op.defn.elementwise or op.name in _FACTS):
            return False
        if op.defn.elementwise and not _fixed(f, op.operands, levels):
            return False
    return True


def neutral(kind: str, t: T.ScalarType) -> int | float:
    """What changes no element of type `t`, bit for bit."""
    if kind in ("min", "max"):
        if t.is_float:
            return float("inf") if kind == "min" else float("-inf")
        low, high = (-(1 << (t.bits - 1)), (1 << (t.bits - 1)) - 1) if t.is_signed else (0, (1 << t.bits) - 1)
        return high if kind == "min" else low
    if kind == "and":
        return -1 if t.is_signed else (1 << t.bits) - 1
    if t.is_float:
        return -0.0 if kind == "add" else 0.0
    return 0
