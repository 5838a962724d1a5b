"""The table op x type as kernels: every row with an `eval`, on every type that its signature allows.

One idea: cells with the same operand types share a function that reads its operands once and writes one array per cell,
so the whole table is a few dozen compilations per target. Each function exists twice: `vector` runs a thread per value,
`scalar` one thread that loops over all values, so that the code for uniform values is tried as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from conformance.corners import combinations

from kdsl.ir import types as T
from kdsl.ir.builder import Builder, infer_types
from kdsl.ir.core import Function, Region, Value
from kdsl.ir.opdef import CLASSES, OPS, OpDef
from kdsl.ir.ops import arith, memory, scf, simt

__all__ = ["Cell", "Group", "affine_groups", "arrays_for", "cells", "groups"]

FORMS = ("vector", "scalar")
_LOOKUP = (1.0, 0.0, 3.0, 2.0, 7.0, 5.0, 4.0)
_MOST = 24  # cells of one function


@dataclass(frozen=True)
class Cell:
    """One op on one choice of operand types, with the result's."""

    op: OpDef
    operands: tuple[T.ScalarType, ...]
    result: T.ScalarType
    attributes: tuple[tuple[str, Any], ...] = ()

    @property
    def tested_type(self) -> str:
        """The column of the report: the first operand's type; casts name both."""
        first = self.operands[0].name if self.op is not arith.SELECT else self.operands[1].name
        return f"{first}->{self.result}" if self.op.typed and self.op is not arith.LOOKUP else first

    def __str__(self) -> str:
        return f"{self.op.name}({', '.join(t.name for t in self.operands)}) -> {self.result}"


@dataclass(eq=False)
class Group:
    """Cells of the same operand types, and their function in each form."""

    name: str
    operands: tuple[T.ScalarType, ...]
    cells: list[Cell]
    math: str = "strict"
    built: dict[str, Function] = field(default_factory=dict)

    def function(self, form: str) -> Function:
        if form not in self.built:
            self.built[form] = _build(self, form)
        return self.built[form]


def _free_letters(op: OpDef) -> list[str]:
    """Class letters in order of appearance, operands first."""
    return list(dict.fromkeys(o.letter for o in (*op.operands, *op.results) if o.letter))


def _cells_of(op: OpDef) -> Iterator[Cell]:
    letters = _free_letters(op)
    for choice in itertools.product(*[CLASSES[x] for x in letters]):
        bound = dict(zip(letters, choice, strict=True))
        operands = tuple(bound[o.letter] if o.letter else T.SCALARS[o.rule] for o in op.operands)
        result = op.results[0]
        out = bound[result.letter] if result.letter else T.SCALARS[result.rule]
        if op is arith.BITCAST and operands[0].bits != out.bits:
            continue
        if op is arith.LOOKUP and out not in (T.f32, T.f64, T.i32, operands[0]):
            continue  # tables are made by the compiler's own expansions, of these types
        attributes = (("table", _LOOKUP if out.is_float else tuple(int(x) for x in _LOOKUP)),) if op is arith.LOOKUP else ()
        if op is arith.LOOKUP and out.is_bool:
            continue
        yield Cell(op, operands, out, attributes)


@cache
def cells() -> tuple[Cell, ...]:
    """Every cell of every row with a meaning of its own."""
    return tuple(c for op in OPS.values() if op.eval is not None and not is_partial(op) for c in _cells_of(op))


def is_partial(op: OpDef) -> bool:
    """Whether a row has a result only for some operands: `legalize` makes it for those, and the ops that it stands for are
    tested on all."""
    return op.name.startswith("machine.")


# Ops that are newer than the last runs on GPUs (benchmarks/results) are tried in functions of their own, so that what is recorded
# of the others is not taken for theirs.
_NEWER = frozenset(f"math.{name}" for name in ("asinh", "acosh", "atanh", "cbrt", "hypot"))


def _kind(op: OpDef) -> str:
    if op.name in _NEWER:
        return "newer"
    if op is arith.CAST or op is arith.BITCAST:
        return "cast"
    return op.name.split(".")[0]


@cache
def groups(math: str = "strict") -> tuple[Group, ...]:
    """All cells for math="strict"; for another mode those whose results it may change."""
    by_key: dict[tuple[str, tuple[T.ScalarType, ...]], list[Cell]] = {}
    for c in cells():
        if math == "strict" or c.op.name.startswith("math."):
            by_key.setdefault((_kind(c.op), c.operands), []).append(c)
    out = []
    for (kind, operands), found in by_key.items():
        most = 10 if kind in ("math", "newer") else _MOST
        for k in range(0, len(found), most):
            part = f"-{k // most}" if len(found) > most else ""
            name = f"{kind}-{'-'.join(t.name for t in operands)}{part}"
            out.append(Group(name, operands, found[k : k + most], math))
    return tuple(out)


def array_type(t: T.ElementType, rank: int = 1, unit: int | None = 0) -> T.ArrayType:
    return T.ArrayType(t, rank, unit_axis=unit)


def _build(group: Group, form: str) -> Function:
    params = [(f"x{k}", array_type(t)) for k, t in enumerate(group.operands)]
    params += [(f"out{k}", array_type(c.result)) for k, c in enumerate(group.cells)]
    name = "k_" + group.name.replace("-", "_") + "_" + form
    f = Function(name, tuple(params), attributes={"math": group.math})
    b = Builder(f.body)
    inputs, outputs = f.params[: len(group.operands)], f.params[len(group.operands) :]
    if form == "vector":
        _apply(b, group, inputs, outputs, b.emit(simt.GLOBAL_ID, axis=0))
    else:
        n = b.emit(memory.EXTENT, inputs[0], axis=0)
        body = Region((T.index,), ("k",))
        with b.inside(body):
            _apply(b, group, inputs, outputs, body.args[0])
            b.yield_()
        b.for_(b.constant(0, T.index), n, b.constant(1, T.index), [], body)
    b.yield_()
    return f


def _apply(b: Builder, group: Group, inputs: tuple[Value, ...], outputs: tuple[Value, ...], i: Value) -> None:
    x = [b.emit(memory.LOAD, a, i, type=t, offset=0) for a, t in zip(inputs, group.operands, strict=True)]
    for c, out in zip(group.cells, outputs, strict=True):
        y = b.emit(c.op, *x, type=c.result, **dict(c.attributes))
        b.emit(memory.STORE, out, i, y, offset=0)


def arrays_for(group: Group) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Operands and zeroed results."""
    given = combinations(group.operands)
    return given, [np.zeros(len(given[0]), c.result.dtype) for c in group.cells]


# --- operands that grow by lane: ids and what is computed from them ---

_AFFINE = (
    arith.ADD,
    arith.SUB,
    arith.MUL,
    arith.SHL,
    arith.MINIMUM,
    arith.MAXIMUM,
    arith.LT,
    arith.LE,
    arith.GT,
    arith.GE,
    arith.EQ,
    arith.NE,
    arith.FLOORDIV,
    arith.MOD,
    arith.SHR,
    arith.AND,
    arith.XOR,
)


@cache
def affine_groups() -> tuple[tuple[str, Function, tuple[T.ScalarType, ...]], ...]:
    """(name, function, result types): op(cast(global_id + base), constant) and the other way round, per integer type.

    base is a parameter, so that the ids pass the ends of the narrow types' ranges inside a vector.
    """
    return tuple(_affine(t) for t in CLASSES["I"])


def _affine(t: T.ScalarType) -> tuple[str, Function, tuple[T.ScalarType, ...]]:
    constants = [3, (1 << (t.bits - 1)) - 1 if t.is_signed else (1 << t.bits) - 1]
    constants += [-2] if t.is_signed else []
    plan = []
    for op in _AFFINE:
        for c in constants if op not in (arith.SHL, arith.SHR) else constants[:1]:
            for swapped in (False, True):
                plan.append((op, c, swapped))
    probe = Function("probe", (("a", t), ("b", t)))
    results = tuple(T.element_of(infer_types(op, probe.params, {})[0]) for op, _, _ in plan)
    results += (T.i64, T.f32)
    outs = tuple((f"out{k}", array_type(r)) for k, r in enumerate(results))
    f = Function(f"affine_{t.name}", (("base", T.index), ("bound", t), *outs), attributes={"math": "strict"})
    b = Builder(f.body)
    base, bound, *targets = f.params
    i = b.emit(simt.GLOBAL_ID, axis=0)
    x = b.emit(arith.CAST, b.emit(arith.ADD, i, base), type=t)
    for (op, c, swapped), out in zip(plan, targets, strict=False):
        y = b.constant(c, t)
        b.emit(memory.STORE, out, i, b.emit(op, *((y, x) if swapped else (x, y))), offset=0)
    wide = b.emit(arith.CAST, b.emit(arith.ADD, b.emit(arith.MINIMUM, x, bound), b.constant(1, t)), type=T.i64)
    b.emit(memory.STORE, targets[-2], i, wide, offset=0)
    b.emit(memory.STORE, targets[-1], i, b.emit(arith.CAST, b.emit(arith.MUL, x, x), type=T.f32), offset=0)
    b.yield_()
    return f"affine-{t.name}", f, results


_ = scf
