"""Two ways through a part of a kernel: where arguments lie at multiples of 16, neighbours that one thread accesses are one access.

One idea: of an argument nobody promises more than that its elements are aligned, and nearly all are aligned to 256. So the kernel
asks, of pointers and strides alone, and all threads of a launch go the same way; the other way is the ops as they were. Asked is no
more than what `together` needs to join something, and written twice are whole loops, but else only from the first access that
is joined to the last.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.builder import Builder, clone_op, like, rebuild_op
from ...ir.core import Function, Op, Region, Value, walk
from ...ir.ops import memory, scf
from .coarsen import Coarse
from .together import ASKED, Question, worth_asking

__all__ = ["twofold"]

_MOST_OPS = 400  # that are written twice


def twofold(f: Function) -> Coarse | None:
    """`f` with both ways, where that is of use."""
    if f.debug or f.sites or not _may_join(f):
        return None
    question = worth_asking(f, f.body, {v: ASKED for v in f.params if isinstance(v.type, T.ArrayType)}, {})
    return _Maker(f, question).run() if question.ops else None


def _may_join(f: Function) -> bool:
    """Whether an argument is accessed twice in the same manner: there is nothing to join otherwise."""
    seen: set[tuple[Value, object]] = set()
    for op in walk(f.body):
        if op.defn is memory.LOAD or op.defn is memory.STORE:
            array = op.operands[0]
            if array.op is None:
                key = array, op.defn
                if key in seen:
                    return True
                seen.add(key)
    return False


class _Maker:
    """Builds the new function."""

    def __init__(self, f: Function, question: Question) -> None:
        self.f = f
        self.question = question
        self.out = like(f)
        self.b = Builder(self.out.body, f.span)
        self.mapping: dict[Value, Value] = dict(zip(f.params, self.out.params, strict=True))
        self.coarse = Coarse(self.out, 1, asked={self.mapping[v]: size for v, size in question.asked.items()})
        self.inside: set[Op] = set()

    def run(self) -> Coarse | None:
        self.fill(self.f.body)
        self.coarse.inside = frozenset(self.inside)
        return self.coarse if self.inside else None

    def holds(self, op: Op) -> bool:
        """Whether something in an op is joined, or it itself."""
        return op in self.question.ops or any(x in self.question.ops for region in op.regions for x in walk(region))

    def fill(self, region: Region) -> None:
        ops = region.ops[:-1]
        found = [k for k, op in enumerate(ops) if self.holds(op)]
        first, last = (found[0], found[-1]) if found else (len(ops), len(ops))
        self.copy(ops[:first])
        if found:
            if first == last and ops[first].defn is scf.IF:
                rebuild_op(self.b, ops[first], self.mapping, self.fill)
            else:
                self.twice(ops[first : last + 1], region.ops[last + 1 :])
            self.copy(ops[last + 1 :])
        self.b.yield_(*[self.mapping.get(v, v) for v in region.yielded])

    def copy(self, ops: list[Op]) -> None:
        for op in ops:
            clone_op(self.b, op, self.mapping)

    def twice(self, ops: list[Op], after: list[Op]) -> None:
        allocs = [op for op in ops if op.defn is memory.ALLOC]
        rest = [op for op in ops if op.defn is not memory.ALLOC]
        inner = [x for op in rest for region in op.regions for x in walk(region)]
        if len(rest) + len(inner) > _MOST_OPS or any(x.defn is memory.ALLOC for x in inner):
            self.copy(ops)
            return
        self.copy(allocs)  # both ways have the same
        nested = [x for op in after for region in op.regions for x in walk(region)]
        needed = {v for op in (*after, *nested) for v in op.operands}
        results = [v for op in rest for v in op.results if v in needed]
        aligned = self.b.constant(value=True, type=T.bool_)
        assert aligned.op is not None
        self.coarse.aligned[aligned.op] = self.coarse.asked
        ways = (Region(), Region())
        for way in ways:
            mapping = dict(self.mapping)
            with self.b.inside(way):
                for op in rest:
                    clone_op(self.b, op, mapping)
                self.b.yield_(*[mapping[v] for v in results])
        self.inside.update(walk(ways[0]))
        made = self.b.if_(aligned, [v.type for v in results], *ways)
        self.mapping.update(zip(results, made.results, strict=True))
