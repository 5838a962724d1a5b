"""What a target has no way to do: refused here, at the user's line, before any code is made.

One idea: each op names the feature that it cannot do without; what is only slow without one has a rule instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from ....diagnostics import refuse
from ....target import FEATURES, Target
from ... import types as T
from ...core import Function, Op, all_ops, walk
from .wide import wide_updates

__all__ = ["check_needs"]

_INSTEAD = {
    "f64": "compute in f32 on this target: write f32 in the annotations, and 1.0 for constants",
    "i64": "indices are 64 bits wide: kdsl needs them; choose another target or device",
    "i16": "hold 32-bit integers (or f32) in the array",
    "i8": "hold 32-bit integers in the array; a mask can be an i32",
    "atomic_i64": "update a 32-bit number; of 64 bits it can do sums, or just one of and, or, xor, where no old value is used",
    "atomic_i16": "update a 32-bit number (f32 in place of f16 and bf16)",
    "subgroups": "exchange the values through kdsl.shared memory, with a barrier",
}


def check_needs(f: Function, target: Target) -> Function:
    """`f` itself; K511 for a feature that the target lacks, K512 for more shared memory than a block may have."""
    if "i64" not in target.has:
        _lacks("i64", "index", f.span, target)
    has_f64 = "f64" in target.has
    wide, seen = wide_updates(f, target)
    if seen is not None:
        _lacks("atomic_i64", _atomic(seen), seen.span, target)
    for op in all_ops(f.body):
        if (has_f64 and op.defn.elementwise) or op in wide:  # needs nothing
            continue
        for feature, what in _needs(op, target):
            if feature not in target.has:
                _lacks(feature, what, op.span, target)
    for p in f.params:
        if p.type is T.f64 and "f64" not in target.has:
            _lacks("f64", f"parameter {p.name}", f.span, target)
    _check_shared(f, target)
    return f


def _lacks(feature: str, what: str, span: object, target: Target) -> None:
    refuse("K511", span, f"{target} has no {FEATURES[feature]}, which {what} needs",  # type: ignore[arg-type]
           caret=f"this needs {feature}", help=_INSTEAD[feature])  # fmt: skip


def _needs(op: Op, target: Target) -> Iterator[tuple[str, str]]:
    """Features and what they are needed for."""
    if op.name.startswith("subgroup.") or op.name in ("simt.lane_id", "simt.subgroup_size"):
        yield "subgroups", op.name.partition(".")[2]
    if op.name.startswith("atomic."):
        yield from _atomic_needs(op, target)
    for v in (*op.results, *op.operands):
        if v.type is T.f64:
            yield "f64", op.name.partition(".")[2] + " of f64"
    if op.operands and isinstance(op.operands[0].type, T.ArrayType) and op.name != "memory.extent":
        moved = op.results[0].type if op.results else op.operands[-1].type
        if isinstance(moved, T.ScalarType) and moved.size_bytes < 4 and op.name != "memory.prefetch":
            yield _storage(moved, target), f"an element of {moved}"


def _atomic_needs(op: Op, target: Target) -> Iterator[tuple[str, str]]:
    """An update that is not one instruction is a compare and exchange as wide as its type."""
    t = op.operands[-1].type
    kind = op.name.partition(".")[2]
    if not isinstance(t, T.ScalarType) or t.bits == 32 or f"atomic_{t}_{kind}" in target.has:
        return
    yield ("atomic_i64" if t.bits == 64 else "atomic_i16"), _atomic(op)


def _atomic(op: Op) -> str:
    return f"atomic {op.name.partition('.')[2]} of {op.operands[-1].type}"


def _storage(t: T.ScalarType, target: Target) -> str:
    """What moving a narrow type to and from memory takes."""
    if t is T.f16 and ("f16" in target.has or "f16_storage" in target.has):
        return "f16" if "f16" in target.has else "f16_storage"
    return "i8" if t.size_bytes == 1 else "i16"


def _check_shared(f: Function, target: Target) -> None:
    arrays = [(op, op.results[0].type) for op in walk(f.body) if op.name == "memory.alloc"]
    total = 0
    for op, t in arrays:
        if isinstance(t, T.ArrayType) and t.space is T.Space.SHARED:
            total += T.size_and_align(t.element)[0] * prod(t.shape or ())
            if total > target.shared_bytes:
                refuse("K512", op.span, f"the block's shared memory is {total} bytes; {target} has {target.shared_bytes}",
                       caret="this is too much", help="use smaller tiles, a narrower type, or one array for two purposes "
                       "with a barrier in between")  # fmt: skip
