"""Functions that a kernel calls: what is long, or hard to read, and would else stand at every call.

One idea: a function is written like a kernel's body, once per process, and a text that calls it has it before the kernel, under a
name that holds the kernel's: texts may be joined. What it gives is a structure, whose members are the results.
"""

from __future__ import annotations

import functools

from ...ir import types as T
from ...ir.core import Op
from ...ir.opdef import OpDef
from ...ir.ops import arith, machine
from ...ir.passes.legalize.functions import body_of, name_of
from ...target import Target
from ..layout import name_beside
from ..registry import spells_of
from ..written import WRITTEN
from .emitter import Dialect, Emitter, emits, union
from .forms import ATOM, Expr

__all__ = ["EXTREMES", "write"]

# Of floats they are functions, which `spells` is asked for as "...:function".
EXTREMES = ("arith.minimum", "arith.maximum", "arith.fmin", "arith.fmax")
_NAME = "called_function"
_LINE = "\n            "
_PARTS = ("quadrant", "rest", "tail")
_ABOUT = {
    machine.PAYNE_HANEK: "Argument reduction (Payne and Hanek): x is (quadrant + 4*any)*pi/2 + rest + tail, also if it is huge.",
    arith.MINIMUM: "The lesser: NaN if either is, and -0 before 0.",
    arith.MAXIMUM: "The greater: NaN if either is, and 0 before -0.",
    arith.FMIN: "The lesser number: not NaN if one is a number, and -0 before 0.",
    arith.FMAX: "The greater number: not NaN if one is a number, and 0 before -0.",
}


@emits("machine.payne_hanek")
def _payne_hanek(e: Emitter, op: Op) -> None:
    x = e.take(op.operands[0])
    name, made = _called(e, op), e.name("reduced")
    e.act(f"const {name_beside(name, 'result')} {made} = {name}({x.text});")
    for part, v in zip(_PARTS, op.results, strict=True):
        e.exprs[v] = Expr(f"{made}.{part}")


@emits(*EXTREMES)
def _extreme(e: Emitter, op: Op) -> None:
    if not T.element_of(op.operands[0].type).is_float:
        e.by_row(op)
        return
    a, b = [e.take(v) for v in op.operands]
    e.give(op.results[0], Expr(f"{_called(e, op)}({a.text}, {b.text})", ATOM, *union((a, b))))


def _called(e: Emitter, op: Op) -> str:
    """The name of an op's function, which stands before the kernel from here on."""
    t = T.element_of(op.operands[0].type)
    name = name_beside(e.symbol, f"{op.defn.name.partition('.')[2]}_{t}")
    if name not in e.facts:
        e.facts.add(name)
        e.head.append(_text(op.defn, t, e.dialect, e.target, e.function.math).replace(_NAME, name))
    return name


@functools.cache
def _text(defn: OpDef, t: T.ScalarType, dialect: Dialect, target: Target, math: str) -> str:
    """The function, under the name `_NAME`, behind the structure that it gives and the tables that it reads."""
    return "".join(WRITTEN.get((dialect.name, name_of(defn, t, math)), ())) or write(defn, t, dialect, target, math)


def write(defn: OpDef, t: T.ScalarType, dialect: Dialect, target: Target, math: str) -> str:
    """As `_text`, from the ops."""
    f = body_of(defn, t, target, spells_of(target), math)
    e = Emitter(f, dialect, target, (1, 1, 1))
    e.symbol = _NAME
    params: list[str] = []
    for v in f.params:
        name = e.name(v.name)
        e.exprs[v] = Expr(name)
        params.append(f"{e.type(v)} {name}")
    e.region(f.body)
    lines, yielded = [f"// {_ABOUT[defn]}"], list(f.body.yielded)
    if len(yielded) > 1:
        members = " ".join([f"{e.type(v)} {part};" for part, v in zip(_PARTS, yielded, strict=True)])
        gives = name_beside(_NAME, "result")
        lines.append(f"struct {gives} {{ {members} }};")
        last = f"{{{f',{_LINE}'.join([e.text(v) for v in yielded])}}}"
    else:
        gives, last = e.type(yielded[0]), e.text(yielded[0])
    head = f"{dialect.function}{gives} {_NAME}({', '.join(params)}) {{"
    return "\n".join([*lines, *e.head, head, *dialect.body, *e.lines, f"    return {last};", "}"])
