"""Block-level ops: tiles of lanes, masked memory access, records.

One idea: a tile value is an array (lanes of the batch, lanes of the tile), so whatever works on the first axis at
thread level works on both here, and a batch of blocks costs no more than one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import types as T
from ..core import Op
from .atomics import compare_exchange, update
from .host import emit_records
from .memory import Memory, Picked, pick, read, write

if TYPE_CHECKING:
    from .machine import Machine

__all__ = ["RULES"]

A = Any


def _splat(m: Machine, op: Op, mask: A) -> A:
    shape = T.shape_of(op.result.type)
    x = m.get(op.operands[0]).reshape(m.count, *[1] * len(shape))
    return np.ascontiguousarray(np.broadcast_to(x, (m.count, *shape)))


def _iota(m: Machine, op: Op, mask: A) -> A:
    (width,) = T.shape_of(op.result.type)
    return np.tile(np.arange(width, dtype=T.element_of(op.result.type).value_dtype), (m.count, 1))


def _extract(m: Machine, op: Op, mask: A) -> A:
    x, lane = (m.get(v) for v in op.operands)
    return x[m.lane_numbers, lane % x.shape[1]]


def _insert(m: Machine, op: Op, mask: A) -> A:
    x, value, lane = (m.get(v) for v in op.operands)
    out = x.copy()
    out[m.lane_numbers, lane % x.shape[1]] = value
    return out


def _disjoint(m: Machine, op: Op, mask: A) -> A:
    (low, high), (begin, end) = [m.get(v).span for v in op.operands]
    return np.full(m.count, high <= begin or end <= low)


def _same(m: Machine, op: Op, mask: A) -> A:
    a, b = (m.get(v) for v in op.operands)
    return np.full(m.count, a.address == b.address and tuple(a.strides) == tuple(b.strides))


def _dense(m: Machine, op: Op, mask: A) -> A:
    memory, unit = m.get(op.operands[0]), op.operands[0].type.unit_axis  # type: ignore[union-attr]
    count = op.attributes["count"] or memory.extents[unit]
    return np.full(m.count, memory.strides[op.attributes["axis"]] == count * memory.strides[unit])


def _follows(m: Machine, op: Op, mask: A) -> A:
    memory, n = (m.get(v) for v in op.operands)
    return n * memory.strides[op.attributes["along"]] == memory.strides[op.attributes["axis"]]


def _first(m: Machine, op: Op, mask: A) -> A:
    x = m.get(op.operands[0])
    return np.where(x.any(axis=1), x.argmax(axis=1), x.shape[1])


def _bits(m: Machine, op: Op, mask: A) -> A:
    x = m.get(op.operands[0])
    bits = np.uint64(1) << np.arange(x.shape[1], dtype=np.uint64)
    return np.where(x, bits, np.uint64(0)).sum(axis=1, dtype=np.uint64)


def _permute(m: Machine, op: Op, mask: A) -> A:
    x, lane = (m.get(v) for v in op.operands)
    return np.take_along_axis(x, lane % x.shape[1], axis=1)


def _compact(m: Machine, op: Op, mask: A) -> A:
    x, on = (m.get(v) for v in op.operands)
    order = np.argsort(~on, axis=1, kind="stable")
    return np.where(np.take_along_axis(on, order, axis=1), np.take_along_axis(x, order, axis=1), np.zeros((), x.dtype))


def _pairs(m: Machine, op: Op, mask: A) -> A:
    x, y = (m.get(v).astype(np.int32) for v in op.operands)
    return x[:, ::2] * y[:, ::2] + x[:, 1::2] * y[:, 1::2]


def _repeat(m: Machine, op: Op, mask: A) -> A:
    return np.repeat(m.get(op.operands[0]), op.attributes["times"], axis=1)


# --- memory ---


def _where(m: Machine, given: A, active: A, width: int) -> A:
    """The op's own mask (a tile or a scalar) and the active lanes of the batch, as one (lanes, tile) mask."""
    given = given if given.ndim == 2 else given[:, None]
    return np.broadcast_to(given & active[:, None], (m.count, width))


def _wide(x: A, width: int) -> A:
    return x if x.ndim == 2 else np.broadcast_to(x[:, None], (x.shape[0], width))


def _operands(m: Machine, op: Op, mask: A, width: int) -> tuple[Memory, list[A], A, list[A]]:
    """Array, indices as tiles, mask, and the operands after the mask."""
    memory: Memory = m.get(op.operands[0])
    rank = len(memory.extents)
    indices = [_wide(m.get(v), width) for v in op.operands[1 : 1 + rank]]
    given, *values = [m.get(v) for v in op.operands[1 + rank :]]
    if "axis" in op.attributes:
        axis = op.attributes["axis"]
        indices[axis] = indices[axis] + np.arange(width) * op.attributes.get("step", 1)
        if "points" in op.attributes:
            points, count = op.attributes["points"], op.attributes["count"] or memory.extents[axis]
            indices[points], indices[axis] = indices[points] + indices[axis] // count, indices[axis] % count
    return memory, indices, _where(m, given, mask, width), values


def _load(m: Machine, op: Op, mask: A) -> A:
    (width,) = T.shape_of(op.result.type)
    memory, indices, where, _ = _operands(m, op, mask, width)
    picked = pick(m, op, memory, indices, where)
    return read(m, op, memory, picked, (m.count, width), T.element_of(op.result.type), op.attributes["offset"])


def _store(m: Machine, op: Op, mask: A) -> None:
    x = op.operands[-1]
    (width,) = T.shape_of(x.type)
    memory, indices, where, values = _operands(m, op, mask, width)
    picked = pick(m, op, memory, indices, where)
    write(m, op, memory, picked, picked.take(_wide(values[0], width)), T.element_of(x.type), op.attributes["offset"])


def _atomic(m: Machine, op: Op, mask: A) -> A:
    (width,) = T.shape_of(op.result.type)
    memory, indices, where, values = _operands(m, op, mask, width)
    picked = pick(m, op, memory, indices, where)
    t = T.element_of(op.result.type)
    x = picked.take(_wide(values[-1], width))
    if op.defn.name == "tile.atomic":
        return _spread(m, picked, update(m, op, memory, picked, op.attributes["kind"], x, t), t, width)
    expected = picked.take(_wide(values[0], width))
    return _spread(m, picked, compare_exchange(m, op, memory, picked, expected, x, t), t, width)


def _spread(m: Machine, picked: Picked, old: A, t: T.ScalarType, width: int) -> A:
    out = np.zeros((m.count, width), t.value_dtype)
    out[picked.where] = old
    return out


# --- records ---


def _check(m: Machine, op: Op, mask: A) -> None:
    ok, given, x, y, z, *payload = [m.get(v) for v in op.operands]
    emit_records(m, op, given & ~ok & _like(mask, given), payload, (x, y, z))


def _print(m: Machine, op: Op, mask: A) -> None:
    given, x, y, z, *values = [m.get(v) for v in op.operands]
    emit_records(m, op, given & _like(mask, given), values, (x, y, z))


def _like(mask: A, given: A) -> A:
    return mask if given.ndim == 1 else mask[:, None]


RULES: dict[str, Callable[[Machine, Op, Any], Any]] = {
    "tile.splat": _splat,
    "tile.iota": _iota,
    "tile.extract": _extract,
    "tile.insert": _insert,
    "tile.any": lambda m, op, mask: m.get(op.operands[0]).any(axis=1),
    "tile.all": lambda m, op, mask: m.get(op.operands[0]).all(axis=1),
    "tile.first": _first,
    "tile.bits": _bits,
    "tile.permute": _permute,
    "tile.compact": _compact,
    "tile.pairs": _pairs,
    "tile.repeat": _repeat,
    "tile.load": _load,
    "tile.store": _store,
    "tile.stream": _store,
    "block.lead": lambda m, op, mask: np.ones(m.count, np.int64),  # any number is right; this one shows wrong heads
    "block.ahead": lambda m, op, mask: None,
    "block.write_ahead": lambda m, op, mask: None,
    "block.disjoint": _disjoint,
    "block.streams": lambda m, op, mask: np.ones(m.count, np.bool_),
    "block.same": _same,
    "block.dense": _dense,
    "block.follows": _follows,
    "tile.gather": _load,
    "tile.scatter": _store,
    "tile.atomic": _atomic,
    "tile.atomic_cas": _atomic,
    "tile.check": _check,
    "tile.print": _print,
}
