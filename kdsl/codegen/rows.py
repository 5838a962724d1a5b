"""How a target spells ops: rows of (op, spelling, types) and refusals with a reason.

One idea: a code generator is a table first. An op of a type has exactly one fate on a target: a row spells it, a
function lowers it, or it is `Refused` for a reason that a user can read; a test walks all ops and finds holes.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..ir import types as T
from ..ir.opdef import OpDef
from ..records import record

__all__ = ["Refused", "Row", "classify", "table"]

_CLASS: dict[str, str] = {
    **dict.fromkeys(("i8", "i16", "i32", "i64", "index"), "i"),
    **dict.fromkeys(("u8", "u16", "u32", "u64"), "u"),
    **dict.fromkeys(("f16", "bf16", "f32", "f64"), "f"),
    **dict.fromkeys(("f8e4m3", "f8e5m2"), "s"),
    "bool": "b",
}


def classify(t: T.ScalarType) -> str:
    """The letter of a type's class in rows: i signed, u unsigned, f float that computes, s stored float, b bool."""
    return _CLASS[t.name]


class Row(metaclass=record):
    """`op` on operands of one of the `classes` is spelled so.

    exact: a float result is representable whenever the operands are, so a narrow type needs no rounding after it.
    """

    op: OpDef
    spelling: str
    classes: str
    exact: bool = False


class Refused(metaclass=record):
    """The target cannot do an op (on some types), and why."""

    reason: str


def table(rows: Iterable[Row]) -> dict[tuple[str, str], Row]:
    """Rows by (op name, class letter); a cell may be filled only once."""
    out: dict[tuple[str, str], Row] = {}
    for row in rows:
        for letter in row.classes:
            assert (row.op.name, letter) not in out, (row.op.name, letter)
            out[row.op.name, letter] = row
    return out
