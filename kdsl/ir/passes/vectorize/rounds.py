"""Rounds of a loop together, where each thread goes along a row of its own.

One idea: with a row of a matrix for each thread, lanes load from as many rows, one element of each. Of four rounds and more, what
a lane loads is a run of memory: a vector for each lane, and shuffles that hand out elements (`codegen/cpu/interleaved`), instead
of an element for each lane and round. So the loop makes several rounds one, where nothing in it writes. What they all compute
comes before the loop, what they all load is loaded by the first of them. Each thread does what it did, in its order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ... import types as T
from ...analysis.uniformity import SUBGROUP
from ...builder import Builder
from ...core import Op, Region, Value
from ...opdef import OpDef
from ...ops import arith, memory
from .lanes import Lane
from .parts import kind_of

if TYPE_CHECKING:
    from .body import Body

__all__ = ["Rounds", "ask_ahead", "beside", "counted", "rounds_of"]

_TOGETHER = 4  # as many as lines of memory have room for take a tenth less time, and half again as much to compile
_LINE, _AHEAD = 64, 512  # bytes: of what is asked for at once, and how far ahead that is
_MANY = 2  # runs of each lane; of one, asking gains a twentieth from memory, and takes a tenth in the caches
_MOST_OPS = 24  # of a round: LLVM's time grows with them
_NEAR = 4  # elements from lane to lane that whole vectors and shuffles reach
_ALIKE = {"arith.constant", "arith.add", "arith.sub", "arith.mul", "arith.shl", "arith.neg", "arith.cast", "memory.extent",
          "simt.global_id", "simt.thread_id", "simt.block_id", "simt.block_dim", "simt.grid_dim"}  # fmt: skip


class Rounds(NamedTuple):
    """together: how many are one. first: ops of the first of them; others: those of the ones that follow. extremes: by carried
    value, the op that joins what each of them has of it, so that none waits for the one before; None where they are in order. runs:
    loads along rows."""

    together: int
    first: list[Op]
    others: list[Op]
    extremes: tuple[OpDef | None, ...]
    runs: tuple[Op, ...]


def rounds_of(op: Op, bodies: Sequence[Body]) -> Rounds | None:
    """How the rounds of a loop that all lanes take alike go together, if that is worth it. What they all compute is known to
    the bodies then."""
    body, region = bodies[0], op.regions[0]
    if body.width == 1 or not all(some.loads_all for some in bodies) or op.operands[2].constant != 1:
        return None
    if not all(_is_plain(o) for o in region.ops[:-1]):
        return None
    before, first, each, moving = _parted(region)
    runs = [o for o in each if o.name == "memory.load" and _may_run(o, region.args[0], moving, body)]
    if not runs or sum([1 + sum(len(r.ops) for r in o.regions) for o in each]) > _MOST_OPS:
        return None
    for some in bodies:
        for o in before:
            some.op(o)
    if not any(_runs(o, op, moving, body) for o in runs):
        return None
    kinds = [kind_of(region, k) for k in range(len(region.yielded))]
    extremes = tuple([kind if kind in (arith.MINIMUM, arith.MAXIMUM) else None for kind in kinds])
    return Rounds(_TOGETHER, first, each, extremes, tuple(runs))


def _is_plain(op: Op) -> bool:
    """Whether rounds that have an op may go together: choices may be made, of what is there already."""
    if op.name == "scf.if":
        return all(inner.defn.elementwise for region in op.regions for inner in region.ops[:-1])
    return op.defn.elementwise or op.name == "memory.load" or op.name in _ALIKE


def counted(b: Builder, bounds: Sequence[Value], init: Sequence[Value], names: tuple[str, ...], count: int,
            one: Callable[[int, Value, Sequence[Value]], list[Value]],
            extremes: Sequence[OpDef | None] = ()) -> Sequence[Value]:  # fmt: skip
    """The loop over [lo, hi): `count` rounds at a time, then those that are left. one: a round, from its number among those that
    are one, the counter and what the round before gave. extremes: of each carried value, see `Rounds`."""
    lo, hi, step = bounds
    if count == 1:
        return _loop(b, lo, hi, step, init, names, one)
    zero, several = b.constant(0, T.index), b.constant(count, T.index)
    rounds = b.emit(arith.SELECT, b.emit(arith.LT, lo, hi), b.emit(arith.SUB, hi, lo), zero)
    whole = b.emit(arith.MUL, b.emit(arith.FLOORDIV, b.emit(arith.MAXIMUM, rounds, zero), several), several)
    middle = b.emit(arith.ADD, lo, whole)
    copies = [count if kind is not None else 1 for kind in extremes or [None] * len(init)]
    first = [sum(copies[:k]) for k in range(len(copies))]

    def together(_: int, counter: Value, now: Sequence[Value]) -> list[Value]:
        after = list(now)
        for k in range(count):
            mine = [at + k % n for at, n in zip(first, copies, strict=True)]
            new = one(k, b.emit(arith.ADD, counter, b.constant(k, T.index)) if k else counter, [after[at] for at in mine])
            for at, v in zip(mine, new, strict=True):
                after[at] = v
        return after

    start = [v for v, n in zip(init, copies, strict=True) for _ in range(n)]
    wide = (names[0], *[name for name, n in zip(names[1:], copies, strict=True) for _ in range(n)])
    parts = _loop(b, lo, middle, several, start, wide, together)
    now = [_joined(b, parts[at : at + n], kind) for at, n, kind in zip(first, copies, extremes or [None] * len(init), strict=True)]
    return _loop(b, middle, hi, step, now, names, one)


def ask_ahead(body: Body, rounds: Rounds, counter: Value) -> None:
    """Ask for what lanes will load along rows of two arrays and more: processors do not foresee as many runs of memory as twice the
    lanes. A line of each lane is asked for once, so each time some lanes do."""
    b, s = body.b, body.s
    if len(rounds.runs) < _MANY:
        return
    for op in rounds.runs:
        array, *indices = op.operands
        lanes, size = [body.lane(v) for v in indices], T.element_of(op.results[0].type).size_bytes
        if not isinstance(array.type, T.ArrayType) or not all(x.affine and x.exact for x in lanes):
            continue
        turns = min(max(_LINE // (rounds.together * size), 1), body.width)
        turn = b.emit(arith.MOD, b.emit(arith.FLOORDIV, counter, s.index(rounds.together)), s.index(turns))
        first, some = b.emit(arith.MUL, turn, s.index(body.width // turns)), body.width // turns
        for k in range(some):
            at: list[Value] = []
            for axis, x in enumerate(lanes):
                assert x.scalar is not None
                moved = b.emit(arith.MUL, b.emit(arith.ADD, first, s.index(k)), s.index(x.step)) if x.step else s.index(0)
                far = b.emit(arith.ADD, moved, s.index(_AHEAD // size)) if axis == array.type.unit_axis else moved
                at.append(b.emit(arith.ADD, x.scalar, far))
            b.emit(memory.PREFETCH, body.array(array), *at, near=False)


def _joined(b: Builder, parts: Sequence[Value], kind: OpDef | None) -> Value:
    if kind is None:
        return parts[0]
    while len(parts) > 1:
        half = len(parts) // 2
        parts = [b.emit(kind, x, y) for x, y in zip(parts[:half], parts[half:], strict=True)]
    return parts[0]


def _loop(b: Builder, lo: Value, hi: Value, step: Value, init: Sequence[Value], names: tuple[str, ...],
          one: Callable[[int, Value, Sequence[Value]], list[Value]]) -> Sequence[Value]:  # fmt: skip
    region = Region((T.index, *[v.type for v in init]), names)
    with b.inside(region):
        b.yield_(*one(0, region.args[0], region.args[1:]))
    return b.for_(lo, hi, step, list(init), region).results


def _parted(region: Region) -> tuple[list[Op], list[Op], list[Op], set[Value]]:
    """Ops that may come before the loop; all others; those of them that differ between rounds; and what differs."""
    before: list[Op] = []
    others: list[Op] = []
    each: list[Op] = []
    inside: set[Value] = set(region.args)
    moving: set[Value] = set(region.args)
    for op in region.ops[:-1]:
        if op.name in _ALIKE and not any(v in inside for v in op.operands):
            before.append(op)
            continue
        others.append(op)
        inside.update(op.results)
        if op.regions or any(v in moving for v in op.operands):
            each.append(op)
            moving.update(op.results)
    return before, others, each, moving


def _may_run(op: Op, counter: Value, moving: set[Value], body: Body) -> bool:
    """Whether a load's place differs between lanes and goes on by an element a round."""
    array, *indices = op.operands
    t, element = array.type, T.element_of(op.results[0].type)
    assert isinstance(t, T.ArrayType)
    if t.space is not T.Space.GLOBAL or t.unit_axis is None or op.attributes["offset"]:
        return False
    if T.size_and_align(t.element)[0] != element.size_bytes or not any(body.levels.of(v) > SUBGROUP for v in indices):
        return False
    return all(_terms(v, counter, moving) is not None if axis == t.unit_axis else v not in moving
               for axis, v in enumerate(indices))  # fmt: skip


def beside(v: Value, counter: Value) -> list[Value] | None:
    """What an index adds to, or takes from, a counter; None where it is no sum with it."""
    open_, behind = [v], {v: (v, v)}  # of each part: the sum that it is of, and the other part
    while open_:
        w = open_.pop()
        if w is counter:
            found: list[Value] = []
            while w is not v:
                w, other = behind[w]
                found.append(other)
            return found
        if w.op is None or w.op.name not in ("arith.add", "arith.sub"):
            continue
        a, c = w.op.operands
        for part, other in ((c, a), (a, c)) if w.op.name == "arith.add" else ((a, c),):
            if part not in behind:
                behind[part] = (w, other)
                open_.append(part)
    return None


def _terms(v: Value, counter: Value, moving: set[Value]) -> list[Value] | None:
    """The same, of what all rounds have alike."""
    found = beside(v, counter)
    return None if found is None or not moving.isdisjoint(found) else found


def _runs(op: Op, loop: Op, moving: set[Value], body: Body) -> bool:
    """Whether lanes lie further apart than shuffles of whole vectors reach."""
    counter, start = loop.regions[0].args[0], loop.operands[0]
    array, *indices = op.operands
    assert isinstance(array.type, T.ArrayType)
    apart = 0
    for axis, v in enumerate(indices):
        for term in [start, *(_terms(v, counter, moving) or [])] if axis == array.type.unit_axis else [v]:
            lane = body.env.get(term)
            if not isinstance(lane, Lane) or not lane.affine or not lane.exact:
                if body.levels.of(term) > SUBGROUP:
                    return True
                continue
            if axis != array.type.unit_axis and lane.step:
                return True
            apart += lane.step
    return abs(apart) > _NEAR
