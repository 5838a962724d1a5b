"""Several vectors of a block side by side: each op for all of them before the next op, where there is a loop among the ops.

One idea: between two barriers threads may run in any order, so a loop that is the same for the whole block may run once
around all vectors instead of once for each. What is the same for the block is computed once, rows that read the same
elements share the loads (LLVM sees two equal loads), and chains of dependent sums hide each other's latency: a tiled matrix
product gets its block of registers this way. `team_size` says how many vectors are worth it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ... import types as T
from ...analysis.uniformity import BLOCK, SUBGROUP, Uniformity
from ...core import Op, Region, Value
from ...ops import arith
from .body import Body
from .rounds import counted, rounds_of

__all__ = ["run_together", "shared_loop", "team_size"]

# Ops that a segment may become: LLVM's time grows with them. Of more segments, as stages of a scan are that became straight code,
# all together may become fewer: 10 have 128 each, 20 have 32.
_MOST_OPS, _MOST_IN_ALL = 320, 12800
# Without a loop inside there is nothing to share, only the loop over vectors to amortise.
_UNROLLED, _UNROLLED_OPS = 4, 32


_DIVIDED = 30  # a division of indices, with what spares most vectors of them


def team_size(ops: Sequence[Op], levels: Uniformity, vectors: int, row: int, segments: int, registers: int) -> int:
    """How many of so many vectors run side by side. row: vectors along axis 0, whose ids are numbers in straight code; segments:
    of the kernel."""
    weight = max(_weight(ops, levels), 1)
    carried = max([_carried(op, levels) for op in ops], default=0)
    if carried:
        return min(vectors, max(_MOST_OPS // weight, 1), max(registers * 3 // 4 // carried, 1))
    limit = min(vectors, max(min(_MOST_OPS, _MOST_IN_ALL // segments**2) // weight, 1))
    return limit if limit == vectors else row if row <= limit else min(limit, _UNROLLED, max(_UNROLLED_OPS // weight, 1))


def _weight(ops: Sequence[Op], levels: Uniformity) -> int:
    """Ops that one vector's code has of its own. A branch that lanes may part at is made with and without a mask; loops that
    they leave at different times, and atomics, which take one lane after the other, gain nothing."""
    total = 0
    for op in ops:
        inside = sum([_weight(region.ops[:-1], levels) for region in op.regions])
        if op.regions:
            parts = levels.control[op] > BLOCK
            total += _MOST_OPS if parts and op.defn.name != "scf.if" else 2 * inside if parts else inside
        elif op.defn.name.startswith("atomic."):
            total += _MOST_OPS
        elif not op.results or any(levels.of(r) > BLOCK for r in op.results):
            total += _DIVIDED if op.defn in (arith.FLOORDIV, arith.MOD) and op.operands[1].constant is None else 1
    return total


def _carried(op: Op, levels: Uniformity) -> int:
    """Vector registers that the loops of the block inside an op carry, and at least 1 where there is such a loop."""
    inside = max([_carried(inner, levels) for region in op.regions for inner in region.ops], default=0)
    if not _is_shared(op, levels) or op.defn.name == "scf.if":
        return inside
    args = op.regions[0].args
    own = sum([max(T.element_of(a.type).bits // 32, 1) for a in args if levels.of(a) > SUBGROUP])
    return max(own + inside, 1)


def _is_shared(op: Op, levels: Uniformity) -> bool:
    """Whether all threads of the block take the same way through a control op."""
    return op.defn.name in _TOGETHER and levels.control[op] == BLOCK


def shared_loop(op: Op, levels: Uniformity) -> bool:
    """Whether an op is or holds control flow that all threads of the block take alike."""
    return _is_shared(op, levels) or any(shared_loop(inner, levels) for region in op.regions for inner in region.ops)


def run_together(bodies: Sequence[Body], ops: Sequence[Op], levels: Uniformity, before: Body | None = None) -> None:
    """Each op in all bodies. before: the body of a vector that has run and has what is the same for all."""
    first = bodies[0]
    for op in ops:
        if before is not None and before is not first and _is_same(op, levels):
            _share([before, *bodies], op.results)
        elif len(bodies) == 1:
            first.op(op)
        elif _is_shared(op, levels) and op not in first.along:
            with first.b.at(op.span):
                _TOGETHER[op.defn.name](bodies, op, levels)
        elif _is_same(op, levels) or _is_alike(op, first):
            first.op(op)
            _share(bodies, op.results)
        else:
            for body in bodies:
                body.op(op)


def _is_same(op: Op, levels: Uniformity) -> bool:
    """Whether an op gives one value for the whole block, so that it need not run for each vector."""
    if not op.results or op.regions or op.defn.writes or op.defn.convergent:
        return False
    return all(levels.of(r) == BLOCK for r in op.results)


def _is_alike(op: Op, first: Body) -> bool:
    """Whether vectors that are rows of one column have the same of an op."""
    if first.moving is None or not op.results or op.regions or op.defn.writes:
        return False
    return not any(v in first.moving for v in op.results)


def _share(bodies: Sequence[Body], values: Sequence[Value]) -> None:
    for body in bodies[1:]:
        for v in values:
            body.env[v] = bodies[0].env[v]


class _Carried:
    """Values that a control op passes on: one for the block where they are the same, else one for each vector."""

    def __init__(self, bodies: Sequence[Body], places: Sequence[Value], levels: Uniformity) -> None:
        self.bodies = bodies
        self.rows = [(k, body) for body in bodies for k, v in enumerate(places) if body is bodies[0] or levels.of(v) > BLOCK]
        self.scalar = [levels.of(v) <= SUBGROUP for v in places]

    def give(self, values: Sequence[Value]) -> list[Value]:
        return [body.value_of(values[k], uniform=self.scalar[k]) for k, body in self.rows]

    def types(self, places: Sequence[Value]) -> list[T.Type]:
        return [body.result_type(places[k]) for k, body in self.rows]

    def take(self, places: Sequence[Value], new: Sequence[Value]) -> None:
        for (k, body), v in zip(self.rows, new, strict=True):
            body.bind(places[k], v)
        own = {k for k, body in self.rows if body is not self.bodies[0]}
        _share(self.bodies, [v for k, v in enumerate(places) if k not in own])


def _if(bodies: Sequence[Body], op: Op, levels: Uniformity) -> None:
    b = bodies[0].b
    carried = _Carried(bodies, op.results, levels)
    regions = []
    for region in op.regions:
        new = Region()
        with b.inside(new):
            run_together(bodies, region.ops[:-1], levels)
            b.yield_(*carried.give(region.yielded))
        regions.append(new)
    out = b.if_(bodies[0].scalar(op.operands[0]), carried.types(op.results), *regions)
    carried.take(op.results, out.results)


def _for(bodies: Sequence[Body], op: Op, levels: Uniformity) -> None:
    first, region = bodies[0], op.regions[0]
    lo, hi, step = (first.scalar(v) for v in op.operands[:3])
    counter, args = region.args[0], region.args[1:]
    carried = _Carried(bodies, args, levels)
    init = carried.give(op.operands[3:])
    rounds = rounds_of(op, bodies)

    def one(number: int, index: Value, now: Sequence[Value]) -> list[Value]:
        first.bind(counter, index)
        _share(bodies, [counter])
        carried.take(args, now)
        run_together(bodies, region.ops[:-1] if rounds is None else rounds.others if number else rounds.first, levels)
        return carried.give(region.yielded)

    names = (counter.name, *[args[k].name for k, _ in carried.rows])
    count, extremes = (rounds.together, [rounds.extremes[k] for k, _ in carried.rows]) if rounds else (1, ())
    carried.take(op.results, counted(first.b, (lo, hi, step), init, names, count, one, extremes))


def _while(bodies: Sequence[Body], op: Op, levels: Uniformity) -> None:
    first = bodies[0]
    source, repeated = op.regions
    carried = _Carried(bodies, source.args, levels)
    init = carried.give(op.operands)
    types = tuple([v.type for v in init])
    cond, body = Region(types), Region(types)
    with first.b.inside(cond):
        carried.take(source.args, cond.args)
        run_together(bodies, source.ops[:-1], levels)
        first.b.yield_(first.scalar(source.yielded[0]))
    with first.b.inside(body):
        carried.take(repeated.args, body.args)
        run_together(bodies, repeated.ops[:-1], levels)
        first.b.yield_(*carried.give(repeated.yielded))
    carried.take(op.results, first.b.while_(init, cond, body).results)


_TOGETHER = {"scf.if": _if, "scf.for": _for, "scf.while": _while}
