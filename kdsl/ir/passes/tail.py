"""Tail: launches that end inside of blocks, `over(n)`, on targets that run whole blocks.

One idea: threads past the end exist, and must do nothing that is seen. Without a barrier in the kernel they skip the body.
With one they must come along to every barrier, so between barriers what reads, writes or reports stands in an `if`. What is
the same for the whole block is still computed by all, since it may decide who comes to a barrier; that needs loads at
uniform addresses, which some thread that exists makes, too.
"""

from __future__ import annotations

from collections import Counter

from .. import types as T
from ..analysis.uniformity import BLOCK, Uniformity, uniformity
from ..analysis.uses import use_counts
from ..builder import Builder, clone_op, like
from ..core import Function, Op, Region, Value, walk
from ..ops import arith, memory, simt

__all__ = ["HIDDEN_THREADS", "tail"]

HIDDEN_THREADS = ("kdsl_threads_0", "kdsl_threads_1", "kdsl_threads_2")


def tail(f: Function) -> Function:
    """`f` with the number of threads along each axis as hidden parameters, and guards; `f` itself where attribute "cut" does
    not say that launches may end inside of blocks."""
    if not f.attributes.get("cut"):
        return f
    params = [(p.name, p.type) for p in f.params]
    out = like(f, [*params, *[(name, T.index) for name in HIDDEN_THREADS]])
    out.attributes["hidden"] = (*f.attributes.get("hidden", ()), *HIDDEN_THREADS)
    b = Builder(out.body, f.span)
    mapping: dict[Value, Value] = dict(zip(f.params, out.params))
    alive = _exists(b, out.params[-3:], f.attributes.get("block"), _take_ids(f, b, mapping))
    if alive is None or not _meets(f.body):
        _whole(b, f.body, mapping, alive)
    else:
        _Guard(f, b, mapping, alive).region(f.body)
    return out


def _take_ids(f: Function, b: Builder, mapping: dict[Value, Value]) -> dict[int, Value]:
    """The ids that the body asks for, by axis, before the guard, which asks for them, too."""
    ids: dict[int, Value] = {}
    for op in f.body.ops:
        if op.defn is simt.GLOBAL_ID:
            axis = op.attributes["axis"]
            if axis not in ids:
                clone_op(b, op, mapping)
                ids[axis] = mapping[op.results[0]]
            mapping[op.results[0]] = ids[axis]
    return ids


def _exists(b: Builder, threads: tuple[Value, ...], block: tuple[int, int, int] | None, ids: dict[int, Value]) -> Value | None:
    """Whether a thread exists; None where all do: along an axis of blocks of one thread nothing is cut off."""
    alive: Value | None = None
    for axis in range(3):
        if block is None or block[axis] > 1:
            i = ids[axis] if axis in ids else b.emit(simt.GLOBAL_ID, axis=axis)
            inside = b.emit(arith.LT, i, threads[axis])
            alive = inside if alive is None else b.emit(arith.AND, alive, inside)
    return alive


def _whole(b: Builder, body: Region, mapping: dict[Value, Value], alive: Value | None) -> None:
    then, otherwise = (b.region, None) if alive is None else (Region(), Region())
    with b.inside(then):
        for op in body.ops:
            if op.defn is not simt.GLOBAL_ID:  # it stands before the guard
                clone_op(b, op, mapping)
    if alive is not None and otherwise is not None:
        with b.inside(otherwise):
            b.yield_()
        b.if_(alive, (), then, otherwise)
        b.yield_()


def _meets(region: Region) -> bool:
    return any(op.defn is simt.BARRIER for op in walk(region))


class _Guard:
    """A body with barriers. pending: ops of the current region that wait to be put into one `if`."""

    def __init__(self, f: Function, b: Builder, mapping: dict[Value, Value], alive: Value) -> None:
        self.b = b
        self.map = mapping
        self.alive = alive
        self.levels: Uniformity = uniformity(f)
        self.uses = use_counts(f)
        self.pending: list[Op] = []
        self.waiting: set[Value] = set()  # what they define

    def region(self, region: Region) -> None:
        """The ops of a region that the whole block runs together."""
        outer = self.pending, self.waiting
        self.pending, self.waiting = [], set()
        for op in region.ops[:-1]:
            self.op(op)
        self.flush()
        clone_op(self.b, region.terminator, self.map)
        self.pending, self.waiting = outer

    def op(self, op: Op) -> None:
        if op.defn is simt.GLOBAL_ID and op.results[0] in self.map:  # it stands before the guard
            return
        if op.defn is simt.BARRIER:
            self.flush()
            clone_op(self.b, op, self.map)
        elif op.regions:
            self.control(op)
        elif op.defn.pure and not op.defn.reads:
            if self.waiting.isdisjoint(op.operands):
                clone_op(self.b, op, self.map)
            else:
                self.wait(op)
        elif (op.defn is memory.LOAD and self.levels.of(op.results[0]) == BLOCK) or op.defn is simt.HEALTHY:
            self.flush()  # it may read what they write
            clone_op(self.b, op, self.map)
        else:
            self.wait(op)

    def wait(self, op: Op) -> None:
        self.pending.append(op)
        self.waiting.update(op.results)

    def control(self, op: Op) -> None:
        """What the block decides together, where something hangs on it, is decided by all."""
        is_together = self.levels.control[op] == BLOCK and any(self.levels.of(r) == BLOCK for r in op.results)
        if not is_together and not any(map(_meets, op.regions)):
            self.wait(op)
            return
        self.flush()
        regions = tuple([self.inner(r) for r in op.regions])
        operands = [self.map[v] for v in op.operands]
        new = self.b.emit_op(op.defn, operands, [r.type for r in op.results], op.attributes, regions, op.span)
        for old, result in zip(op.results, new.results, strict=True):
            result.name = old.name
            self.map[old] = result

    def inner(self, region: Region) -> Region:
        new = Region(tuple([a.type for a in region.args]), tuple([a.name for a in region.args]))
        self.map.update(zip(region.args, new.args, strict=True))
        with self.b.inside(new):
            self.region(region)
        return new

    def flush(self) -> None:
        """What waits, for threads that exist; the others get 0 for what is used further on."""
        if not self.pending:
            return
        left = self.escaping()
        then, otherwise = Region(), Region()
        self.b.span = self.pending[0].span
        with self.b.inside(then):
            for op in self.pending:
                clone_op(self.b, op, self.map)
            self.b.yield_(*[self.map[v] for v in left])
        with self.b.inside(otherwise):
            self.b.yield_(*[self.b.constant(_zero(v.type), T.element_of(v.type)) for v in left])
        out = self.b.if_(self.alive, [v.type for v in left], then, otherwise)
        for old, result in zip(left, out.results, strict=True):
            result.name = old.name
            self.map[old] = result
        self.pending, self.waiting = [], set()

    def escaping(self) -> list[Value]:
        """Results of what waits that something else uses."""
        inside: Counter[Value] = Counter()
        for op in self.pending:
            inside.update(op.operands)
            for region in op.regions:
                for inner in walk(region):
                    inside.update(inner.operands)
        return [r for op in self.pending for r in op.results if self.uses.get(r, 0) > inside[r]]


def _zero(t: T.Type) -> object:
    element = T.element_of(t)
    return False if element.is_bool else 0.0 if element.is_float else 0
