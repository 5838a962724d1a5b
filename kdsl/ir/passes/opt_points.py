"""Points' numbers stay where they lie: lanes of a vector go on from one point to the next, where all numbers get the same.

One idea: `for c in range(3): o[i, c] = f(p[i, c])` with a thread for each point is three vectors behind `vectorize`, of numbers 0,
1 and 2, taken out of one run of memory and put back into one by shuffles; or, as a loop, element by element. Where what happens
to numbers is alike (`analysis/points`), three vectors as they lie in memory do as well. What each number has of its own (a factor
for a channel) is a pattern then, and what a point has (its mass) is repeated for its numbers.

That holds where points follow one another, which is asked when the code runs; where they do not, the loop is as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeGuard

from .. import types as T
from ..analysis.accesses import split_constant
from ..analysis.masks import is_on
from ..analysis.points import (
    Alike,
    Numbers,
    Rounds,
    Rows,
    alike_in,
    array_of,
    is_splat,
    lanes_of,
    made_of,
    mask_of,
    of_all,
    rounds_of,
    rows_of,
    spread,
)
from ..analysis.uses import users
from ..builder import Rebuilder, clone_op, rebuild_op
from ..core import Function, Op, Region, Value, walk
from ..ops import arith, memory, scf, tile

__all__ = ["opt_points"]

_MOST_OPS = 600  # of a loop that is there twice then: each takes a tenth of a millisecond to compile


class _Plan(NamedTuple):
    """What a loop over points has: straight code that does the same with all numbers, and loops over numbers."""

    alike: list[Alike]
    rounds: dict[Op, Rounds]


# An array whose places along an axis are so many elements apart.
_Dense = tuple[Value, int, int]


def _dense(what: Alike | Rounds) -> list[_Dense]:
    """What holds where points follow one another."""
    if isinstance(what, Rounds):
        accesses = [(op, what.few) for op in what.accesses]
    else:
        loads = [(op, len(vs)) for vs in what.made if (op := made_of(vs)[0]).defn is tile.LOAD]
        accesses = [*[(one.ops[0], len(one.ops)) for one in what.stores], *loads]
    return [(op.operands[0], op.attributes["axis"], count) for op, count in accesses]


def _is_dense(row: _Dense) -> bool | None:
    """None: only the launch knows."""
    array, axis, count = row
    assert isinstance(array.type, T.ArrayType)
    stride = array.type.stride_bytes(axis)
    return None if stride is None else stride == count * T.size_and_align(array.type.element)[0]


_AS_IT_WAS = _Plan([], {})


def opt_points(f: Function) -> Function:
    """An equal function; `f` itself where no loop has such points."""
    plans: dict[Op, _Plan] = {}
    if any(op.defn is tile.STORE and op.attributes["axis"] != array_of(op).unit_axis for op in walk(f.body)):
        _search(f.body, users(f), plans)
    rows: dict[Op, Rows] = {}
    if f.attributes.get("width") == 1:
        rows = {op: found for op in walk(f.body) if (found := rows_of(op)) is not None}
    return _AsTheyLie(f, plans, rows).new if plans or rows else f


def _search(region: Region, used: dict[Value, list[Op]], plans: dict[Op, _Plan]) -> None:
    for op in region.ops:
        if (plan := _plan(op, used)) is not None and len(list(walk(op.regions[0]))) <= _MOST_OPS:
            plans[op] = plan
            continue
        for inner in op.regions:
            _search(inner, used, plans)


def _plan(loop: Op, used: dict[Value, list[Op]]) -> _Plan | None:
    """None: there is nothing to gain, or loops in it have plans of their own, as those over the vectors of each row."""
    if loop.defn is not scf.FOR or loop.results:
        return None
    parts = list(_branches(loop.regions[0]))
    rounds = {op: found for part in parts for op in part.ops if _may_lie(found := rounds_of(op))}
    alike = [found for part in parts if _may_lie(found := alike_in(part, used))]
    if not alike and not rounds:
        return None
    return None if any(_plan(op, used) for part in parts for op in part.ops if op not in rounds) else _Plan(alike, rounds)


def _may_lie(what: Alike | Rounds | None) -> TypeGuard[Any]:
    return what is not None and all(_is_dense(row) is not False for row in _dense(what))


def _branches(region: Region) -> Iterator[Region]:
    """A region, and those of branches in it."""
    yield region
    for op in region.ops:
        if op.defn is scf.IF:
            for inner in op.regions:
                yield from _branches(inner)


class _Round(NamedTuple):
    """Vector `nth` of a loop over numbers. first: its first element, counted from the first number of its points."""

    of: Rounds
    first: Value
    nth: int


class _AsTheyLie(Rebuilder):
    """A copy in which some loops are there twice. plan, round: of what is made as numbers lie."""

    def __init__(self, f: Function, plans: dict[Op, _Plan], rows: dict[Op, Rows]) -> None:
        super().__init__(f)
        self.plans = plans
        self.rows = rows
        self.plan = _AS_IT_WAS
        self.round: _Round | None = None
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        if op in self.plans:
            self.twice(op, self.plans[op])
        elif op in self.rows:
            self.as_one_row(op, self.rows[op])
        elif op in self.plan.rounds:
            self.in_rounds(op, self.plan.rounds[op])
        elif self.round is not None:
            return self.changes_in_round(op, self.round)
        else:
            return any(self.changes_alike(op, alike) for alike in self.plan.alike)
        return True

    def twice(self, loop: Op, plan: _Plan) -> None:
        def one(plan: _Plan) -> None:
            self.plan = plan
            rebuild_op(self.b, loop, self.mapping, self.fill)
            self.plan = _AS_IT_WAS

        conditions = self.lie_so(plan)
        if conditions:
            self.b.when(self.all_of(conditions), lambda: one(plan), lambda: one(_AS_IT_WAS))
        else:
            one(plan)

    def lie_so(self, plan: _Plan) -> list[Value]:
        """Whether the points of all arrays follow one another, in front of a loop, as far as only the launch knows."""
        b = self.b
        conditions: list[Value] = []
        for rounds in plan.rounds.values():
            conditions += [b.emit(tile.DISJOINT, self.mapping[x], self.mapping[y]) for x, y in rounds.apart]
            for x, y in rounds.beside:
                one, other = self.mapping[x], self.mapping[y]
                conditions.append(b.emit(arith.OR, b.emit(tile.DISJOINT, one, other), b.emit(tile.SAME, one, other)))
        asked = dict.fromkeys([row for what in (*plan.alike, *plan.rounds.values()) for row in _dense(what)])
        conditions += [b.emit(tile.DENSE, self.mapping[array], axis=axis, count=count)
                       for array, axis, count in asked if not _is_dense((array, axis, count))]  # fmt: skip
        return conditions

    # --- threads with a row each ---

    def as_one_row(self, loop: Op, rows: Rows) -> None:
        """Where rows follow one another they are one."""
        b, (first, end) = self.b, [self.mapping[v] for v in loop.operands[:2]]
        conditions = [] if rows.condition is None else [self.mapping[rows.condition]]
        few = rows.singles.operands[1]
        length = few.constant if isinstance(few.constant, int) else 0
        count = b.constant(length, T.index)
        if not length and few.op is not None:
            count = b.emit(memory.EXTENT, self.mapping[few.op.operands[0]], **few.op.attributes)
        of_arrays = dict.fromkeys([(op.operands[0], _row_axis(op, loop)) for op in rows.accesses])
        for array, axis in of_arrays:
            conditions.append(b.emit(tile.DENSE, self.mapping[array], axis=axis, count=length))
            if few.op is not None and not length and few.op.operands[0] is not array:
                extent = b.emit(memory.EXTENT, self.mapping[array], axis=array.type.unit_axis)  # type: ignore[union-attr]
                conditions.append(b.emit(arith.EQ, count, extent))

        def together() -> None:
            x, zero, one = loop.regions[0].args[0], b.constant(0, T.index), b.constant(1, T.index)
            total = b.emit(arith.MUL, b.emit(arith.MAXIMUM, b.emit(arith.SUB, end, first), zero), count)
            lanes = lanes_of(rows.accesses[0])
            whole = b.emit(arith.AND, total, b.constant(-lanes, T.index))
            for op in rows.before[0]:
                clone_op(b, op, self.mapping)

            def vector(place: Value) -> None:
                self.mapping[x], self.mapping[rows.vectors.regions[0].args[0]] = first, place
                for op in rows.vectors.regions[0].ops[:-1]:
                    if op not in rows.accesses:
                        clone_op(b, op, self.mapping)
                        continue
                    attributes = {**op.attributes, "points": _row_axis(op, loop), "count": length}
                    given, types = [self.mapping[v] for v in op.operands], [v.type for v in op.results]
                    made = b.emit_op(op.defn, given, types, attributes, span=op.span)
                    self.mapping.update(zip(op.results, made.results, strict=True))

            def single(place: Value) -> None:
                row = b.emit(arith.FLOORDIV, place, count)
                self.mapping[x] = b.emit(arith.ADD, first, row)
                self.mapping[rows.singles.regions[0].args[0]] = b.emit(arith.SUB, place, b.emit(arith.MUL, row, count))
                for op in (*rows.before[1], *rows.singles.regions[0].ops[:-1]):
                    clone_op(b, op, self.mapping)

            b.count(zero, whole, b.constant(lanes, T.index), "place", vector)
            b.count(whole, total, one, "place", single)

        b.when(self.all_of(conditions), together, lambda: rebuild_op(b, loop, self.mapping, self.fill))

    def all_of(self, conditions: Sequence[Value]) -> Value:
        out = conditions[0]
        for condition in conditions[1:]:
            out = self.b.emit(arith.AND, out, condition)
        return out

    # --- loops over numbers ---

    def in_rounds(self, loop: Op, rounds: Rounds) -> None:
        """One vector after the other, as they lie."""
        lanes = lanes_of(rounds.accesses[0])
        for nth in range(rounds.few):
            self.one_round(loop, _Round(rounds, self.b.constant(nth * lanes, T.index), nth))

    def one_round(self, loop: Op, made: _Round) -> None:
        kept, inside = dict(self.mapping), set(walk(loop.regions[0]))
        for v in made.of.of_points:
            if v.op not in inside:
                self.mapping[v] = self.repeated(v, made.nth, made.of.few)
        self.round = made
        without_end = Region()
        without_end.ops.extend(loop.regions[0].ops[:-1])
        self.fill(without_end)
        self.round = None
        self.mapping = kept

    def changes_in_round(self, op: Op, made: _Round) -> bool:
        if op in made.of.accesses:
            self.access(op, made)
        elif op.results and op.results[0] in made.of.of_points:
            if op.defn is tile.LOAD and not is_on(mask_of(op)):
                self.gather(op, made)
                return True
            clone_op(self.b, op, self.mapping)
            self.mapping[op.results[0]] = self.repeated(op.results[0], made.nth, made.of.few)
        else:
            return False
        return True

    def access(self, op: Op, made: _Round) -> None:
        t = array_of(op)
        array, *operands = [made.first if k == 1 + (t.unit_axis or 0) else self.mapping[v] for k, v in enumerate(op.operands)]
        result = op.results[0].type if op.results else None
        x = self.b.emit(op.defn, array, *operands, type=result, **_goes_on(op, made.of.few))
        if op.results:
            self.mapping[op.results[0]] = x

    def gather(self, op: Op, made: _Round) -> None:
        """What the points of those numbers have that are on; of others it may not be looked at."""
        b, axis, attributes = self.b, 1 + op.attributes["axis"], op.attributes
        lanes = T.TileType(T.index, T.shape_of(op.results[0].type))
        operands = [self.mapping[v] for v in op.operands]
        further = b.emit(arith.MUL, self.points(lanes, made.nth, made.of.few), b.constant(attributes["step"], lanes))
        operands[axis] = b.emit(arith.ADD, b.splat(operands[axis], lanes.shape), further)
        self.mapping[op.results[0]] = b.emit(tile.GATHER, *operands, type=op.results[0].type, offset=attributes["offset"])

    # --- straight code ---

    def changes_alike(self, op: Op, alike: Alike) -> bool:
        if op is alike.last:
            self.store(alike)
        return op in alike.own or any(op in one.ops for one in alike.stores)

    def store(self, alike: Alike) -> None:
        """Everything is made before anything is stored, as it was."""
        made: dict[tuple[Numbers, int], Value] = {}
        for vs in alike.made:
            with self.b.at(made_of(vs)[0].span):
                for nth in range(len(vs)):
                    made[vs, nth] = self.make(made, vs, nth)
        for ops, values in alike.stores:
            masks = tuple([mask_of(op) for op in ops])
            for nth, op in enumerate(ops):
                x = self.lying(made, values[0], nth)
                for vs in values[1:]:
                    x = self.of_numbers(x, {n: self.lying(made, vs, nth) for n, v in enumerate(vs) if v is not None}, nth, len(ops))
                self.b.emit(tile.STORE, *self.place(made, op, masks, nth), x, **_goes_on(op, len(ops)))

    def make(self, made: dict[tuple[Numbers, int], Value], vs: Numbers, nth: int) -> Value:
        """Vector `nth` of values that are made alike."""
        ops = made_of(vs)
        op = ops[0]
        t = op.results[0].type
        if op.defn is tile.LOAD:
            place = self.place(made, op, spread(vs, [mask_of(x) for x in ops]), nth)
            return self.b.emit(tile.LOAD, *place, type=t, **_goes_on(op, len(vs)))
        given = tuple([self.lying(made, spread(vs, xs), nth) for xs in zip(*[x.operands for x in ops], strict=True)])
        return self.b.append(op.defn, given, t, op.attributes)

    def place(self, made: dict[tuple[Numbers, int], Value], op: Op, masks: Numbers, nth: int) -> list[Value]:
        """Array, indices and mask of a vector. Places of neighbouring points are numbers along the unit axis, too."""
        t, point = array_of(op), op.attributes["axis"]
        first, further = split_constant(op.operands[1 + point])
        at = [self.mapping[v] for v in op.operands[: 1 + t.rank]]
        at[1 + point] = self.mapping[first]
        at[1 + (t.unit_axis or 0)] = self.b.constant(nth * lanes_of(op) + further * len(masks), T.index)
        return [*at, self.lying(made, masks, nth)]

    def lying(self, made: dict[tuple[Numbers, int], Value], vs: Numbers, nth: int) -> Value:
        """Vector `nth` of values that are made, that are each number's own, or a point's."""
        if (vs, nth) in made:
            return made[vs, nth]
        present = {n: v for n, v in enumerate(vs) if v is not None}
        first = next(iter(present.values()))
        if T.element_of(first.type).is_bool and all(is_on(v) for v in present.values()):
            out = self.b.constant(True, T.bool_)
        elif of_all(vs):
            out = self.mapping[first] if is_splat(first) else self.repeated(first, nth, len(vs))
        else:
            of_others = {n: self.mapping[v] for n, v in present.items() if v is not first}
            out = self.of_numbers(self.mapping[first], of_others, nth, len(vs))
        made[vs, nth] = out
        return out

    def of_numbers(self, x: Value, others: dict[int, Value], nth: int, count: int) -> Value:
        """Vector `nth` of what numbers have, of which some have another value."""
        lanes = T.TileType(T.index, T.shape_of(x.type))
        number = self.b.emit(arith.MOD, self.elements(lanes, nth), self.b.constant(count, lanes))
        for n, v in others.items():
            x = self.b.emit(arith.SELECT, self.b.emit(arith.EQ, number, self.b.constant(n, lanes)), v, x)
        return x

    # --- what points have ---

    def repeated(self, v: Value, nth: int, count: int) -> Value:
        """What points have, for each of their numbers. Of a mask, what it was compared from."""
        op = v.op
        if T.element_of(v.type).is_bool and op is not None and op.defn.elementwise:
            given = tuple([self.mapping[x] if is_splat(x) else self.repeated(x, nth, count) for x in op.operands])
            return self.b.append(op.defn, given, v.type, op.attributes)
        lanes = T.TileType(T.index, T.shape_of(v.type))
        return self.b.emit(tile.PERMUTE, self.mapping[v], self.points(lanes, nth, count))

    def points(self, lanes: T.TileType, nth: int, count: int) -> Value:
        """Of each lane of vector `nth`, counted from the first."""
        return self.b.emit(arith.FLOORDIV, self.elements(lanes, nth), self.b.constant(count, lanes))

    def elements(self, lanes: T.TileType, nth: int) -> Value:
        """Of each lane of vector `nth`, counted from its points' first."""
        return self.b.emit(arith.ADD, self.b.emit(tile.IOTA, type=lanes), self.b.constant(nth * lanes.shape[0], lanes))


def _row_axis(op: Op, loop: Op) -> int:
    """The axis along which a loop's threads are side by side in an access."""
    return op.operands[1:].index(loop.regions[0].args[0])


def _goes_on(op: Op, count: int) -> dict[str, Any]:
    """Attributes of an access that goes on from point to point."""
    return {"axis": array_of(op).unit_axis, "step": 1, "offset": 0, "points": op.attributes["axis"], "count": count}
