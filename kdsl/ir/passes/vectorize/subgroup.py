"""Subgroup operations: the lanes of one vector are a subgroup.

One idea: exchanges are permutations of a tile; reductions halve the distance each step, in the order that
`ir/ops/simt.py` promises, so that every target adds in the same order. Lanes of threads that do not exist (`body.exists`)
give the neutral value and are never a source.
"""

from __future__ import annotations

from ... import types as T
from ...core import Op, Value
from ...opdef import OpDef
from ...ops import arith, tile
from .body import Body, handles
from .lanes import Lane

__all__: list[str] = []


def _iota(body: Body) -> Lane:
    return Lane(T.index, scalar=body.s.index(0), step=1)


def _existing(body: Body, lane: Value) -> Value:
    """A mask: where `lane` (a tile of index) names a thread that exists."""
    b, s = body.b, body.s
    width = s.splat(s.index(body.width))
    inside = b.emit(arith.AND, b.emit(arith.GE, lane, s.splat(s.index(0))), b.emit(arith.LT, lane, width))
    if body.exists is None:
        return inside
    return b.emit(arith.AND, inside, b.emit(tile.PERMUTE, body.exists, lane))


def _exchange(body: Body, op: Op, lane: Value) -> None:
    x = body.tile(op.operands[0])
    moved = body.b.emit(tile.PERMUTE, x, lane)
    out = body.b.emit(arith.SELECT, _existing(body, lane), moved, x)
    body.env[op.results[0]] = body.s.varying(out)


@handles("subgroup.shuffle")
def shuffle(body: Body, op: Op) -> None:
    _exchange(body, op, body.tile(op.operands[1]))


def _offset(defn: OpDef):
    def rule(body: Body, op: Op) -> None:
        lane = body.b.emit(defn, body.s.tile(_iota(body)), body.tile(op.operands[1]))
        _exchange(body, op, lane)

    return rule


handles("subgroup.shuffle_xor")(_offset(arith.XOR))
handles("subgroup.shuffle_up")(_offset(arith.SUB))
handles("subgroup.shuffle_down")(_offset(arith.ADD))


@handles("subgroup.broadcast")
def broadcast(body: Body, op: Op) -> None:
    x, lane = body.lane(op.operands[0]), body.lane(op.operands[1])
    if x.uniform:
        body.env[op.results[0]] = x
        return
    # A lane that varies is a fault that the interpreter reports; the first lane's choice is taken.
    which = lane.scalar if lane.uniform and lane.scalar is not None else body.b.emit(
        tile.EXTRACT, body.s.tile(lane), body.s.index(0))  # fmt: skip
    body.env[op.results[0]] = body.s.uniform(body.b.emit(tile.EXTRACT, body.s.tile(x), which))


@handles("subgroup.ballot")
def ballot(body: Body, op: Op) -> None:
    held = body.and_mask(body.tile(op.operands[0]))
    body.env[op.results[0]] = body.s.uniform(body.b.emit(tile.BITS, held))


@handles("subgroup.any")
def any_(body: Body, op: Op) -> None:
    held = body.and_mask(body.tile(op.operands[0]))
    body.env[op.results[0]] = body.s.uniform(body.b.emit(tile.ANY, held))


@handles("subgroup.all")
def all_(body: Body, op: Op) -> None:
    held = body.tile(op.operands[0])
    if body.mask is not None:
        held = body.b.emit(arith.OR, held, body.not_(body.mask))
    body.env[op.results[0]] = body.s.uniform(body.b.emit(tile.ALL, held))


def _present(body: Body, x: Value, neutral: Value) -> Value:
    """x with the neutral value in lanes of threads that do not exist."""
    return x if body.exists is None else body.b.emit(arith.SELECT, body.exists, x, neutral)


def _number(value: int, t: T.ScalarType) -> float | int:
    return float(value) if t.is_float else value


def _moved(body: Body, x: Value, by: int) -> Value:
    """Lane k is x of lane k + by, modulo the width."""
    lane = body.s.tile(Lane(T.index, scalar=body.s.index(by), step=1))
    return body.b.emit(tile.PERMUTE, x, lane)


def _reduce(body: Body, op: Op, defn: OpDef, neutral: Value, x: Value) -> None:
    x = _present(body, x, neutral)
    distance = body.width // 2
    while distance:
        x = body.b.emit(defn, x, body.b.emit(tile.PERMUTE, x, body.s.partners(body.s.index(distance))))
        distance //= 2
    body.env[op.results[0]] = body.s.uniform(body.b.emit(tile.EXTRACT, x, body.s.index(0)))


@handles("subgroup.sum")
def sum_(body: Body, op: Op) -> None:
    x = body.tile(op.operands[0])
    zero = body.b.constant(_number(0, T.element_of(x.type)), body.s.tile_type(T.element_of(x.type)))
    _reduce(body, op, arith.ADD, zero, x)


def _extreme(defn: OpDef):
    def rule(body: Body, op: Op) -> None:
        x = body.tile(op.operands[0])
        # A value that is there changes nothing where a thread is absent.
        lane = body.s.index(0) if body.exists is None else body.b.emit(tile.FIRST, body.exists)
        _reduce(body, op, defn, body.s.splat(body.b.emit(tile.EXTRACT, x, lane)), x)

    return rule


handles("subgroup.min")(_extreme(arith.MINIMUM))
handles("subgroup.max")(_extreme(arith.MAXIMUM))


def _scan(body: Body, x: Value) -> Value:
    """Lanes with none so far before them add -0.0, or 0, which changes nothing: that is a shift of lanes, with no choice behind."""
    b, s = body.b, body.s
    lanes, t = s.tile(_iota(body)), T.element_of(x.type)
    nothing = s.splat(b.constant(-0.0 if t.is_float else 0, t))
    distance = 1
    while distance < body.width:
        has = b.emit(arith.GE, lanes, s.splat(s.index(distance)))
        x = b.emit(arith.ADD, x, b.emit(arith.SELECT, has, _moved(body, x, -distance), nothing))
        distance *= 2
    return x


def _prefix(*, exclusive: bool):
    def rule(body: Body, op: Op) -> None:
        b, s = body.b, body.s
        x = body.tile(op.operands[0])
        t = T.element_of(x.type)
        zero = b.constant(_number(0, t), s.tile_type(t))
        x = _scan(body, _present(body, x, zero))
        if exclusive:
            lanes = s.tile(_iota(body))
            x = b.emit(arith.SELECT, b.emit(arith.GE, lanes, s.splat(s.index(1))), _moved(body, x, -1), zero)
        body.env[op.results[0]] = s.varying(x)

    return rule


handles("subgroup.inclusive_sum")(_prefix(exclusive=False))
handles("subgroup.exclusive_sum")(_prefix(exclusive=True))


@handles("simt.lane_id")
def lane_id(body: Body, op: Op) -> None:
    body.env[op.results[0]] = _iota(body)


@handles("simt.subgroup_size")
def subgroup_size(body: Body, op: Op) -> None:
    body.env[op.results[0]] = body.s.uniform(body.s.index(body.width))
