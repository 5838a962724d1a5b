"""How long a thread takes, roughly, from the ops of a function: the runtime picks its grain size from it.

One idea: being right within a factor of three is enough, so ops have three prices and a loop of unknown length counts
16.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.core import Function, Op, Region
from ...ir.opdef import OpDef
from ...ir.passes.vectorize.rows import PIECES

__all__ = ["thread_nanoseconds"]

_TILE, _MEMORY, _SLOW, _SCALAR = 0.3, 0.6, 4.0, 0.2  # nanoseconds for a whole tile, or for a scalar op
_FUNCTION = 20.0
_SLOW_OPS = {"arith.div": 4.0, "arith.floordiv": 6.0, "arith.mod": 6.0, "arith.sqrt": 4.0, "arith.rsqrt": 8.0}
_PER_LANE = ("tile.gather", "tile.scatter", "tile.atomic", "tile.atomic_cas")
_UNKNOWN_TRIPS = 16.0


def thread_nanoseconds(f: Function, lanes: int) -> float:
    """Rough nanoseconds per thread, at least 0.02."""
    return max(_region(f.body, lanes) / (lanes * f.attributes.get("rows", 1)), 0.02)


def _region(region: Region, lanes: int) -> float:
    return sum([_op(op, lanes) for op in region.ops])


def _op(op: Op, lanes: int) -> float:
    if op.regions:
        return _trips(op, lanes) * sum([_region(r, lanes) for r in op.regions])
    known = _known.get(op.defn)
    if known is None:
        known = _known[op.defn] = _price(op.defn)
    price, each = known
    if price is not None:
        return price * lanes if each else price
    for v in op.operands:
        if type(v.type) is T.TileType:
            return _TILE
    return _SCALAR if op.operands else 0.0


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


def _trips(op: Op, lanes: int) -> float:
    if op.name == "scf.if":
        return 1.0
    if op.name == "scf.while":
        return _UNKNOWN_TRIPS
    if (end := op.operands[1].op) is not None and end.name == "block.rows_end":
        return 0.0  # what rows that run together leave over
    if end is not None and end.name == "block.extent":
        return 1.0  # the loops over the rows of a block: a thread is in one of them
    lo, hi, step = [v.constant for v in op.operands[:3]]
    start = op.operands[0].op
    if step == lanes and (lanes > 1 or (start is not None and start.name == "block.row_begin")):
        return 1.0  # the loop over the row's tiles: a thread is in one of them
    if lo is None and hi == PIECES and step == 1:
        return 1.0  # the two pieces of a row whose stores stream: together they are the row
    if lo is None or hi is None or not step:
        return _UNKNOWN_TRIPS / max(step or 1, 1)  # several rounds are one, then
    return max(0.0, (hi - lo) / step)
