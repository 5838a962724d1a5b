"""How long a thread takes, roughly, from the ops of a function: the runtime picks its grain size from it.

One idea: being right within a factor of three is enough, so ops have three prices for each register of their tiles, and a loop of
unknown length counts 16. Only the loop over the row's full tiles counts, and of branches the longer one. Where loops go on to an
extent of an array, or to a number that is given, launches know how long they are (`dearest_number`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ...artifact import USUAL_ROUNDS
from ...ir import types as T
from ...ir.core import Function, Op, Region, Value, walk
from ...ir.opdef import OpDef
from ...ir.passes.vectorize.rows import PIECES

__all__ = ["Dearest", "Number", "dearest_number", "thread_nanoseconds"]

_TILE, _MEMORY, _SLOW, _SCALAR = 0.15, 0.3, 4.0, 0.2  # nanoseconds for a register of a tile, or for a scalar op
_FUNCTION = 20.0
_APART = 2.0  # for a register that is loaded, or stored, of elements that do not lie side by side: shuffles, or one by one
_SLOW_OPS = {"arith.div": 2.0, "arith.floordiv": 3.0, "arith.mod": 3.0, "arith.sqrt": 2.0, "arith.rsqrt": 4.0}
_PER_LANE = ("tile.gather", "tile.scatter", "tile.atomic", "tile.atomic_cas")
_DEPTH = 6  # of arithmetic between such a number and a loop's end


class Number(NamedTuple):
    """What a launch knows: an array's extent along an axis, or (axis None) a number that is given."""

    param: Value
    axis: int | None


_Rounds = Mapping[Number, float]


class Dearest(NamedTuple):
    """cost: nanoseconds per thread where the number is `USUAL_ROUNDS`; round_ns: what each more takes."""

    number: Number
    cost: float
    round_ns: float


def dearest_number(f: Function, lanes: int, vector_bytes: int) -> Dearest | None:
    """The number to which those loops go that take most of a thread's time; None where no loop goes to any."""
    loops = [op for op in walk(f.body) if op.name == "scf.for"]
    best: Dearest | None = None
    for number in dict.fromkeys([found[0] for op in loops if (found := _number_of(op, f)) is not None]):
        cost, more = [thread_nanoseconds(f, lanes, vector_bytes, {number: n}) for n in (USUAL_ROUNDS, 2 * USUAL_ROUNDS)]
        made = Dearest(number, cost, (more - cost) / USUAL_ROUNDS)
        if made.round_ns > 0 and (best is None or made.round_ns > best.round_ns):
            best = made
    return best


def _number_of(loop: Op, f: Function) -> tuple[Number, float] | None:
    """What a loop's end is made of, and how many of its rounds there are for each: of several numbers the first, as a factor of two
    or three does not matter. The loops over threads, which end with a piece of work, are no thread's."""
    step = loop.operands[2].constant
    found: list[tuple[Number, float]] = []
    if not isinstance(step, int) or step <= 0 or not _looks(loop.operands[1], f, _DEPTH, 1.0 / step, found):
        return None
    return found[0] if found else None


def _looks(v: Value, f: Function, depth: int, times: float, found: list[tuple[Number, float]]) -> bool:
    """Notes the numbers that a value is made of; false where it is made of where a piece of work is, or of too much."""
    op = v.op
    if op is None:
        if v in f.params and isinstance(v.type, T.ScalarType) and v.type.is_integer:
            found.append((Number(v, None), times))
        return True
    if op.name == "memory.extent":
        if op.operands[0] in f.params:
            found.append((Number(op.operands[0], op.attributes["axis"]), times))
        return True
    if not op.operands:
        return not op.name.startswith("block.")
    by = op.operands[-1].constant
    if isinstance(by, int) and by > 0 and op.name in _SCALES:
        times *= _SCALES[op.name](by)
    return depth > 0 and op.defn.elementwise and all(_looks(w, f, depth - 1, times, found) for w in op.operands)


_SCALES: dict[str, Callable[[int], float]] = {
    "arith.floordiv": lambda n: 1 / n,
    "arith.mul": float,
    "arith.shr": lambda n: 0.5 ** min(n, 64),
    "arith.shl": lambda n: 2.0 ** min(n, 64),
}


def thread_nanoseconds(f: Function, lanes: int, vector_bytes: int, rounds: _Rounds | None = None) -> float:
    """Rough nanoseconds per thread, at least 0.01. vector_bytes: of a register. rounds: what some numbers are."""
    near = f.attributes.get("neighbours")
    if near is not None:  # rows of many blocks: what is done where arrays do not overlap, for one vector of each row of a block
        direct, block = next(op for op in f.body.ops if op.name == "scf.if").regions[0], f.attributes["block"]
        cost = _Cost(near[2], vector_bytes, 0, is_flat=True)
        cost.function, cost.rounds = f, rounds or {}
        return max(cost.region(direct) / (near[2] * block[1] * block[2]), 0.01)
    cost = _Cost(lanes, vector_bytes, f.attributes.get("few", 0), is_flat=bool(f.attributes.get("flat", True)))
    cost.function, cost.rounds = f, rounds or {}
    body, trips = _in_strides(f)
    if "march" in f.attributes:  # each turn goes through the rows of a piece, of which a thread is in one
        cost.marches = True
        return max(cost.region(body) * trips / lanes, 0.01)
    loops = [op for op in walk(body) if op.name == "scf.for"] if "pieces" in f.attributes else []
    of_row = next((op for op in loops if cost.is_row(op)), None)
    if of_row is None:
        total = cost.region(body)
    else:  # what is computed for a piece of a row is little beside its threads
        cost.in_row = True
        total = cost.region(of_row.regions[0])
    together = 1 if f.attributes.get("joined") else f.attributes.get("rows", 1)  # rows of which each vector has one more
    return max(total * trips / (lanes * together), 0.01)


def _in_strides(f: Function) -> tuple[Region, int]:
    """What is in the loops around all that a function does, if it strides by the grid, and how often a thread is taken to do it."""
    loops, region = f.attributes.get("strided", 0), f.body
    for _ in range(loops):
        region = next(op.regions[0] for op in region.ops if op.name == "scf.for")
    return region, USUAL_ROUNDS if loops else 1


class _Cost:
    """few: lanes of tiles that do what full ones cannot. in_row: whether what is counted lies in the loop over the row's tiles.
    marches: whether rows are in pieces whose threads take each turn of a loop together. rounds: numbers that loops may go to."""

    function: Function
    rounds: _Rounds

    def __init__(self, lanes: int, vector_bytes: int, few: int, *, is_flat: bool) -> None:
        self.lanes = lanes
        self.few = few
        self.vector_bytes = vector_bytes
        self.is_flat = is_flat
        self.in_row = False
        self.marches = False

    def region(self, region: Region) -> float:
        total = 0.0
        for op in region.ops:
            if op.regions and not self.in_row and op.name == "scf.for" and self.is_row(op):
                self.in_row = True
                total += self.region(op.regions[0])
                self.in_row = False
                if self.is_flat:
                    break  # behind it comes the row's end
                continue
            total += self.op(op)
            if self.is_flat and not self.in_row and op.name == "scf.if" and any(self.has_row(inner) for inner in op.regions):
                break
        return total

    def has_row(self, region: Region) -> bool:
        """Whether the loop over the row's tiles is in a region."""
        return any(op.name == "scf.for" and self.is_row(op) for op in region.ops)

    def op(self, op: Op) -> float:
        if op.regions:
            if op.name == "scf.if" and any(self.is_rest(inner) for inner in op.regions[1].ops):
                return self.region(op.regions[0])
            if op.name == "scf.if" and _is_of_piece(op.operands[0]):
                return 0.0
            if op.name == "scf.if" and _is_of_arrays(op.operands[0]):
                return self.region(next((r for r in op.regions if self.has_row(r)), op.regions[0]))
            parts = [self.region(r) for r in op.regions]
            if op.name == "scf.if":
                return max(parts)
            return sum(parts) * (1.0 if self.marches and _is_of_rows(op) else self.trips(op))
        known = _known.get(op.defn)
        if known is None:
            known = _known[op.defn] = _price(op.defn)
        price, each = known
        if price is not None:
            if price == _MEMORY and _is_apart(op):
                price = _APART
            return price * self.lanes if each else price * self.registers(op)
        for v in op.operands:
            if type(v.type) is T.TileType:
                return _TILE * self.registers(op)
        return _SCALAR if op.operands else 0.0

    def is_rest(self, op: Op) -> bool:
        """Whether a loop is over tiles that do what full ones cannot."""
        return self.few > 0 and op.name == "scf.for" and op.operands[2].constant == self.few

    def registers(self, op: Op) -> float:
        """Of the largest tile that an op takes or makes; masks have as many as what they were made from, or hardly any."""
        found = 1.0
        for v in (*op.operands, *op.results):
            t = v.type
            if type(t) is T.TileType and not t.element.is_bool:
                found = max(found, t.shape[0] * t.element.bits / (8 * self.vector_bytes))
        return found

    def is_row(self, op: Op) -> bool:
        """Whether a loop is that over the tiles of a row: a thread is in one of them."""
        start, step = op.operands[0].op, op.operands[2].constant
        if step != self.lanes:
            return False
        return self.lanes > 1 or start is None or start.name == "block.row_begin"

    def trips(self, op: Op) -> float:
        if op.name == "scf.while":
            return USUAL_ROUNDS
        if (end := op.operands[1].op) is not None and end.name == "block.rows_end":
            return 0.0  # what rows that run together leave over
        if end is not None and end.name == "block.extent":
            return 1.0  # the loops over the rows of a block: a thread is in one of them
        lo, hi, step = [v.constant for v in op.operands[:3]]
        if lo is None and hi == PIECES and step == 1:
            return 1.0  # the two pieces of a row whose stores stream: together they are the row
        if lo is None or hi is None or not step:
            found = _number_of(op, self.function) if self.rounds and hi is None else None
            if found is not None and found[0] in self.rounds:
                return self.rounds[found[0]] * found[1]
            return USUAL_ROUNDS / max(step or 1, 1)  # several rounds are one, then
        return max(0.0, (hi - lo) / step)


def _is_apart(op: Op) -> bool:
    """Whether what a vector loads, or stores, does not lie side by side."""
    t = op.operands[0].type
    return isinstance(t, T.ArrayType) and (op.attributes["axis"] != t.unit_axis or op.attributes.get("step", 1) != 1)


def _is_of_piece(v: Value) -> bool:
    """Whether a condition holds for the first, or the last, of the pieces of work that a thread claims at once: hardly ever."""
    op = v.op
    if op is None or op.name != "arith.and":
        return op is not None and op.name in ("block.is_first", "block.is_last")
    return any(_is_of_piece(w) for w in op.operands)


def _is_of_arrays(v: Value) -> bool:
    """Whether a condition is on how arrays lie in memory: they mostly lie as code wants them."""
    op = v.op
    if op is None:
        return False
    if op.name in ("arith.and", "arith.or"):
        found = [_is_of_arrays(w) for w in op.operands]  # and that there is a round of a loop
        return any(found) and all(known or (w.op is not None and w.op.name == "arith.lt")
                                  for w, known in zip(op.operands, found, strict=True))  # fmt: skip
    if op.name == "arith.eq":
        return all(w.op is not None and w.op.name == "memory.extent" for w in op.operands)
    return op.name in ("block.dense", "block.disjoint", "block.follows", "block.same", "block.streams")


def _price(defn: OpDef) -> tuple[float | None, bool]:
    """Of an op, or of each of its lanes; None: it hangs on its operands."""
    name = defn.name
    if name in _SLOW_OPS:
        return _SLOW_OPS[name], False
    if name in _PER_LANE:
        return 0.5 if name == "tile.gather" else 1.0, True
    if defn.function:
        return _FUNCTION, False
    if name in ("tile.load", "tile.store", "tile.stream"):
        return _MEMORY, False
    return (_SLOW if name.startswith("atomic.") else None), False


_known: dict[OpDef, tuple[float | None, bool]] = {}


def _is_of_rows(op: Op) -> bool:
    """Whether a loop is over the pieces of a work item, or over the rows of a piece."""
    end = op.operands[1].op if op.name == "scf.for" else None
    if end is None:
        return False
    last = [v.op.name for v in end.operands if v.op is not None] if end.name == "arith.minimum" else [end.name]
    return "block.rows_end" in last or "block.row_end" in last
