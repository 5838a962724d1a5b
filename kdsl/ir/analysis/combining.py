"""Which atomic updates of one element by many threads may be combined before the element is touched.

One idea: nobody can tell in which order threads arrive at an element, so where every thread adds to `out[0]` and none looks at
what was there, a worker may add up what its threads bring and update the element once. The bits are those of some order for
integers, minima and maxima; float sums may also be grouped, which is as exact and mostly more so, but no order of single
updates: not under math="strict" (docs/language.md, Atomics).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .. import types as T
from ..core import Function, Op, Region, Value, walk
from .accesses import is_argument
from .uniformity import SUBGROUP, Uniformity

__all__ = ["JOINED", "combined_atomics", "neutral", "seen_through", "tabled_atomics"]

# By kind of an atomic, that by which what several bring is joined before: what is taken away is added up first.
JOINED = {"add": "add", "sub": "add", "min": "min", "max": "max", "and": "and", "or": "or", "xor": "xor"}
_FACTS = ("memory.extent", "simt.global_id", "simt.block_id", "simt.block_dim", "simt.grid_dim")
_MOST = 4  # each takes a register for every vector at once
_MOST_TABLES = 4  # arrays: those of a picture's channels


def combined_atomics(f: Function, levels: Uniformity, most: int = SUBGROUP) -> list[Op]:
    """The atomics of a thread-level function whose element is the same for a whole piece of a row, and that qualify. most: BLOCK
    for those whose element is the same for a block."""
    found = [op for ops in _groups(f, apart=True) if all(_fixed(f, op.operands[1:-1], levels, most) for op in ops) for op in ops]
    return found if len(found) <= _MOST else []


def tabled_atomics(f: Function, levels: Uniformity) -> dict[Value, list[Op]]:
    """By array, the atomics that qualify and whose elements data choose: those that a worker may put by in a table, if the
    array turns out to be small (see `passes/vectorize/tables`). Behind a barrier a thread sees what others of its block did, but
    not by this array, which nothing looks at; of any other `seen_through` tells."""
    found: dict[Value, list[Op]] = {}
    for ops in _groups(f, over=("simt.barrier",)):
        array, t = ops[0].operands[0], ops[0].operands[-1].type
        assert isinstance(array.type, T.ArrayType)
        if array.type.element is t and not any(_fixed(f, op.operands[1:-1], levels, SUBGROUP) for op in ops):
            found[array] = ops
    return found if len(found) <= _MOST_TABLES else {}


def _groups(f: Function, *, apart: bool = False, over: Collection[str] = ()) -> list[list[Op]]:
    """Updates of an array that nothing else touches, all of one kind, that may be put by. apart: of an element. over: ops that
    order memory, beyond which they may be."""
    accesses: dict[Value, list[Op]] = {}
    for op in walk(f.body):
        if op.defn.orders and op.name not in over:
            return []  # who waits for an update to be seen must see it
        if op.defn.touches and op.operands:
            accesses.setdefault(op.operands[0], []).append(op)
    atomics = [ops for ops in accesses.values() if ops[0].name.startswith("atomic.")]
    if not atomics:
        return []
    used = {v for op in walk(f.body) for v in op.operands}
    if apart:
        atomics = [part for ops in atomics for part in _by_element(ops)]
    # Adding and taking a maximum do not commute.
    return [ops for ops in atomics if len({op.name for op in ops}) == 1 and all(_qualifies(op, used, f.math) for op in ops)]


def _by_element(ops: list[Op]) -> list[list[Op]]:
    """Updates of an array by the elements they are of, where those are known by number and lie side by side: surely others,
    as the least and the largest of a box."""
    t = ops[0].operands[0].type
    if not isinstance(t, T.ArrayType) or t.given.rank != 1 or t.given.unit_axis != 0:
        return [ops]
    found: dict[object, list[Op]] = {}
    for op in ops:
        place = [v.constant for v in op.operands[1 : 1 + t.rank]]
        if not op.name.startswith("atomic.") or not all(isinstance(n, int) for n in place):
            return [ops]
        found.setdefault((*place, op.attributes["offset"]), []).append(op)
    return list(found.values())


def seen_through(f: Function, updates: Collection[Op]) -> list[tuple[Value, Value]]:
    """Of updates that are to be put by: (their array, another argument by which a thread accesses memory afterwards). Where the two
    overlap a thread would miss what it has done itself, so that they may be put by only where they do not."""
    found: dict[tuple[Value, Value], None] = {}
    used = {v for op in walk(f.body) for v in op.operands}
    unseen = {op: _kind_of(op) for op in walk(f.body) if op.name.startswith("atomic.") and op.results[0] not in used}

    def behind(region: Region, after: frozenset[Op]) -> frozenset[Op]:
        """Note the pairs of a region, which `after` comes behind; gives what comes behind its begin."""
        for op in reversed(region.ops):
            if op.regions:
                if op.name != "scf.if":  # the next round comes behind this one
                    after = after.union(*[filter(_is_access, walk(part)) for part in op.regions])
                after = after.union(*[behind(part, after) for part in op.regions])
            elif _is_access(op):
                if op in updates:
                    others = [x.operands[0] for x in after if unseen.get(x) != unseen[op]]
                    found.update(dict.fromkeys([(op.operands[0], other) for other in others if other is not op.operands[0]]))
                after |= {op}
        return after

    behind(f.body, frozenset())
    order = {v: k for k, v in enumerate(f.params)}
    return sorted(found, key=lambda pair: [order[v] for v in pair])


def _is_access(op: Op) -> bool:
    return op.defn.touches and bool(op.operands) and op.name != "memory.extent" and is_argument(op.operands[0])


def _kind_of(op: Op) -> tuple[str, T.Type]:
    """Updates that have this alike may be made in any order, also of one element."""
    kind = op.name.removeprefix("atomic.")
    return JOINED.get(kind, kind), op.operands[-1].type


def _qualifies(op: Op, used: set[Value], math: str) -> bool:
    family, _, kind = op.name.partition(".")
    if family != "atomic" or kind not in JOINED or op.results[0] in used:
        return False
    array, x = op.operands[0], op.operands[-1]
    t = T.element_of(x.type)
    if not is_argument(array):
        return False
    return not t.is_float or (t.bits >= 32 and (kind not in ("add", "sub") or math != "strict"))


def _fixed(f: Function, indices: Sequence[Value], levels: Uniformity, most: int) -> bool:
    """Whether indices are arithmetic on parameters and on ids that a row has one of: the same before and behind its threads."""
    for v in indices:
        if v in f.params:
            continue
        op = v.op
        if op is None or levels.of(v) > most or not (op.defn.elementwise or op.name in _FACTS):
            return False
        if op.defn.elementwise and not _fixed(f, op.operands, levels, most):
            return False
    return True


def neutral(kind: str, t: T.ScalarType) -> int | float:
    """What changes no element of type `t`, bit for bit."""
    if kind in ("min", "max"):
        if t.is_float:
            return float("inf") if kind == "min" else float("-inf")
        low, high = T.limits(t)
        return high if kind == "min" else low
    if kind == "and":
        return -1 if t.is_signed else (1 << t.bits) - 1
    if t.is_float:
        return -0.0 if kind == "add" else 0.0
    return 0
