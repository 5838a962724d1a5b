"""Functions that a kernel calls: what is long, rare, and would else stand at every call.

One idea: a function is written like a kernel's body, once per process, and a text that calls it has it before the kernel, under a
name that begins with the kernel's: texts may be joined. What it gives is a structure, whose members are the results.
"""

from __future__ import annotations

import functools

from ...ir import types as T
from ...ir.core import Op
from ...ir.passes.legalize.functions import payne_hanek
from ...target import Target
from ..registry import spells_of
from .emitter import Dialect, Emitter, emits
from .forms import Expr

_NAME = "payne_hanek"
_PARTS = ("quadrant", "rest", "tail")


@emits("machine.payne_hanek")
def _payne_hanek(e: Emitter, op: Op) -> None:
    x = e.take(op.operands[0])
    t = T.element_of(op.operands[0].type)
    name = f"{e.symbol}_payne_hanek_{t}"
    if name not in e.facts:
        e.facts.add(name)
        e.head.append(_text(t, e.dialect, e.target, e.function.math).replace(_NAME, name))
    made = e.name("reduced")
    e.act(f"const {name}_result {made} = {name}({x.text});")
    for part, v in zip(_PARTS, op.results, strict=True):
        e.exprs[v] = Expr(f"{made}.{part}")


@functools.cache
def _text(t: T.ScalarType, dialect: Dialect, target: Target, math: str) -> str:
    """The function, called `_NAME`, behind the structure that it gives and the tables that it reads."""
    f = payne_hanek(t, target, spells_of(target), math)
    e = Emitter(f, dialect, target, (1, 1, 1))
    e.symbol = _NAME
    (x,) = f.params
    e.exprs[x] = Expr(e.name("x"))
    e.region(f.body)
    parts = ",\n            ".join([e.text(v) for v in f.body.yielded])
    members = " ".join([f"{e.type(v)} {part};" for part, v in zip(_PARTS, f.body.yielded, strict=True)])
    return "\n".join([
        "// The argument reduction of Payne and Hanek: x is (quadrant + 4*any)*pi/2 + rest + tail, also if it is huge.",
        f"struct {_NAME}_result {{ {members} }};",
        *e.head,
        f"{dialect.function}{_NAME}_result {_NAME}({e.type(x)} x) {{",
        *dialect.body, *e.lines,
        f"    return {{{parts}}};",
        "}",
    ])  # fmt: skip
