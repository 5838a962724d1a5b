"""What a thread loads from one place in every trip of a loop is loaded before it: `for j in ...: dx = p[j, 0] - p[i, 0]`.

One idea: a vector of such places is shuffles, or a load for each lane, which LLVM leaves in the loop. Where the loop may have no
trips the loads are behind that question, as the place need not exist then. What is one scalar for all lanes stays: the code
generator takes care of it.
"""

from __future__ import annotations

from ..analysis.uniformity import VARYING, Uniformity, uniformity
from ..builder import Rebuilder, clone_op
from ..core import Function, Op, Region, Value, walk
from ..ops import arith, memory, scf

__all__ = ["opt_loads"]

_MOST_LOADS = 8  # of a loop, each of which takes a register


def opt_loads(f: Function) -> Function:
    """An equal function; `f` itself where no loop loads from one place again and again."""
    candidates = [op for op in walk(f.body) if op.defn is scf.FOR and any(o.defn is memory.LOAD for o in op.regions[0].ops)]
    if not candidates or f.debug:  # a debug build says which access of which trip is wrong
        return f
    levels = uniformity(f, rows=True)
    params = set(f.params)
    found = {op: loads for op in candidates if 0 < len(loads := _fixed_loads(op, levels, params)) <= _MOST_LOADS}
    return _Loaded(f, found).new if found else f


def _fixed_loads(loop: Op, levels: Uniformity, params: set[Value]) -> list[Op]:
    """The loads of every trip from a place that differs between threads and not between trips."""
    if not isinstance(loop.operands[2].constant, int) or not loop.operands[2].constant or not _keeps_memory(loop.regions[0]):
        return []
    moving = set(loop.regions[0].args)
    loads = []
    for op in loop.regions[0].ops:
        is_fixed = op.defn.pure and not op.regions and moving.isdisjoint(op.operands)
        if is_fixed and op.defn is memory.LOAD and op.operands[0] in params and levels.of(op.results[0]) == VARYING:
            loads.append(op)
        if not is_fixed or op.defn.reads:
            moving.update(op.results)
    return loads


def _keeps_memory(body: Region) -> bool:
    """Whether trips change no parameter's elements (parameters may overlap), and no thread waits for others' changes."""
    return all(op.defn.pure or (op.defn is memory.STORE and op.operands[0].op is not None) for op in walk(body))


class _Loaded(Rebuilder):
    """found: the loads that go before each loop."""

    def __init__(self, f: Function, found: dict[Op, list[Op]]) -> None:
        super().__init__(f)
        self.found = found
        self.loaded: set[Op] = set()
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        if op in self.found:
            self.load_before(op, self.found[op])
        return op in self.loaded

    def load_before(self, loop: Op, loads: list[Op]) -> None:
        for load in loads:
            for v in load.operands:
                self.place(v, loop.regions[0])
        results = [load.results[0] for load in loads]
        lo, hi = [self.mapping[v] for v in loop.operands[:2]]
        runs = self.b.emit(arith.LT if loop.operands[2].constant > 0 else arith.GT, lo, hi)
        then, otherwise = Region(), Region()
        with self.b.inside(then):
            self.b.yield_(*[clone_op(self.b, load, self.mapping).results[0] for load in loads])
        with self.b.inside(otherwise):
            self.b.yield_(*[self.b.constant(0, v.type) for v in results])  # type: ignore[arg-type]
        made = self.b.if_(runs, [v.type for v in results], then, otherwise)
        self.mapping.update(zip(results, made.results, strict=True))
        self.loaded.update(loads)

    def place(self, v: Value, body: Region) -> None:
        """An index, made before the loop."""
        if v not in self.mapping and v.op is not None and v.op in body.ops:
            for x in v.op.operands:
                self.place(x, body)
            clone_op(self.b, v.op, self.mapping)
