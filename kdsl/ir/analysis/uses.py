"""Who uses a value: side tables over a function, since values do not know their users."""

from __future__ import annotations

from collections.abc import Container

from ..core import Function, Op, Value, walk
from ..ops import scf

__all__ = ["use_counts", "users"]


def use_counts(f: Function, among: Container[Op] | None = None) -> dict[Value, int]:
    """How many operands each value is; a value that nobody uses is not in the table. among: ops that count, beside what regions
    yield."""
    counts: dict[Value, int] = {}
    for op in walk(f.body):
        if among is None or op in among or op.defn is scf.YIELD:
            for v in op.operands:
                counts[v] = counts.get(v, 0) + 1
    return counts


def users(f: Function) -> dict[Value, list[Op]]:
    """The ops that take each value, in order; an op that takes it twice stands there once."""
    table: dict[Value, list[Op]] = {}
    for op in walk(f.body):
        for v in dict.fromkeys(op.operands):
            table.setdefault(v, []).append(op)
    return table
