"""Running hand-built block-level functions on the CPU in tests: compile, load, make the argument slots, call.

One idea: `Case` builds a function of one tile per step over a row, so an op is tested by naming it and giving arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from cpu_launch import diagnostic_buffer, item_count, launch_record, pack_args, scratch_bytes
from entries import entry_of
from lowered import runs, why_not_even_lowered

from kdsl.artifact import Artifact
from kdsl.codegen import cpu
from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Region, Value
from kdsl.ir.opdef import OPS, Level
from kdsl.ir.ops import arith, tile
from kdsl.target import CPU_TARGETS

__all__ = ["X86", "array_type", "block_function", "diagnostic_buffer", "index", "load", "over_row", "run", "store"]
X86 = tuple(arch for arch in CPU_TARGETS if arch.startswith("x86"))


def array_type(element: T.ElementType, rank: int = 1, unit_axis: int | None = 0) -> T.ArrayType:
    return T.ArrayType(element, rank, unit_axis=unit_axis)


def block_function(name: str, params: Sequence[tuple[str, T.Type]], **attributes: Any) -> tuple[Function, Builder]:
    f = Function(name, tuple(params), level=Level.BLOCK, attributes={"flat": True, **attributes})
    return f, Builder(f.body)


def index(b: Builder, value: int) -> Value:
    return b.constant(value, T.index)


def over_row(b: Builder, lanes: int, body: Any) -> None:
    """for i in row step lanes: body(i, mask), with full tiles unmasked and a masked tail, as the vectorizer does it."""
    lo, hi = b.emit(OPS["block.row_begin"]), b.emit(OPS["block.row_end"])
    whole = b.emit(arith.AND, b.emit(arith.SUB, hi, lo), index(b, -lanes))
    middle = b.emit(arith.ADD, lo, whole)
    loop = Region((T.index,))
    with b.inside(loop):
        body(loop.args[0], b.constant(True, T.bool_))
        b.yield_()
    b.for_(lo, middle, index(b, lanes), (), loop)
    then, otherwise = Region(), Region()
    with b.inside(then):
        iota = b.emit(tile.IOTA, type=T.TileType(T.index, (lanes,)))
        left = b.splat(b.emit(arith.SUB, hi, middle), (lanes,))
        body(middle, b.emit(arith.LT, iota, left))
        b.yield_()
    with b.inside(otherwise):
        b.yield_()
    b.if_(b.emit(arith.LT, middle, hi), (), then, otherwise)


def load(b: Builder, t: T.ScalarType, lanes: int, array: Value, *at: Value, mask: Value, step: int = 1, axis: int |
None = None,          offset: int = 0) -> Value:  # fmt: skip
    axis = len(at) - 1 if axis is None else axis
    return b.emit(tile.LOAD, array, *at, mask, type=T.TileType(t, (lanes,)), axis=axis, step=step, offset=offset)


def store(b: Builder, x: Value, array: Value, *at: Value, mask: Value, step: int = 1, axis: int | None = None,
          offset: int = 0) -> None:  # fmt: skip
    axis = len(at) - 1 if axis is None else axis
    b.emit(tile.STORE, array, *at, mask, x, axis=axis, step=step, offset=offset)


def run(f: Function, target: str, args: Sequence[Any], threads: Sequence[int], block: Sequence[int] = (64,), chunk:
int = 64,         diagnostics: np.ndarray | None = None, worker: int = 0) -> Artifact:  # fmt: skip
    """Compile, load, run all work items on this thread, as worker `worker`; skips the test where the processor cannot."""
    from kdsl.runtime.cpu.loader import load as load_image

    if reason := why_not_even_lowered(CPU_TARGETS[target]):
        pytest.skip(reason)
    with runs(CPU_TARGETS[target]):
        artifact = cpu.compile_cpu(f, CPU_TARGETS[target])
    image = load_image(artifact.binary)
    scratch = np.zeros(scratch_bytes(artifact, block) + 64, np.uint8)
    at = (scratch.ctypes.data + 63) // 64 * 64
    buffer = 0 if diagnostics is None else diagnostics.ctypes.data
    record = launch_record(threads, block, chunk, at, 0, buffer)
    slots = np.frombuffer(pack_args(artifact, args) + bytes(8), np.uint8).copy()
    call = entry_of(artifact, artifact.entry, image)
    call(slots.ctypes.data, record.ctypes.data, 0, item_count(artifact, record), worker)
    return artifact
