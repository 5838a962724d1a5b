"""Functions that a kernel calls: what is long, rare, and would else stand at every call.

One idea: a function is made like a kernel's body, once per process, and a module has it once for all its kernels. What it
takes and gives lies in parameters, the results one behind the other, as the calling convention has it: around a call the
assembler saves what is alive there, and nowhere else. Inlined a dozen times, what hardly ever runs took registers from what
always does.
"""

from __future__ import annotations

import functools

from ...ir import types as T
from ...ir.core import Op
from ...ir.ops import machine
from ...ir.passes.legalize.functions import body_of, name_of
from ...target import Target
from ..registry import spells_of
from ..written import WRITTEN
from .emitter import Emitter, flatten, lowering
from .text import CLASS, PREFIX

__all__ = ["write"]

_LETTERS = {"f32": "b32", "f64": "b64"}


@lowering("machine.payne_hanek")
def _payne_hanek(e: Emitter, op: Op) -> None:
    (x,) = op.operands
    t = T.element_of(x.type)
    module = _function(t, e.target, e.math)
    name = _name(t, e.math)
    e.module += [part for part in module if part not in e.module]
    given = e.in_register(x)
    bits = _LETTERS[t.name]
    e.labels += 1
    taken, out = f"x{e.labels}", f"reduced{e.labels}"
    e.lines += [
        "{", f".param .{bits} {taken};", f".param .align {t.size_bytes} .b8 {out}[{3 * t.size_bytes}];",
        f"st.param.{bits} [{taken}], {given};", f"call ({out}), {name}, ({taken});",
    ]  # fmt: skip
    for k, v in enumerate(op.results):
        if v in e.uses:
            e.bind(v, e.do(CLASS[T.element_of(v.type).name], f"ld.param.{bits}", f"[{out}+{k * t.size_bytes}]"))
    e.lines.append("}")


@functools.cache
def _function(t: T.ScalarType, target: Target, math: str) -> tuple[str, ...]:
    """What a module has to hold for it: tables, then the function itself."""
    return WRITTEN.get(("PTX", _name(t, math))) or write(t, target, math)


def _name(t: T.ScalarType, math: str) -> str:
    return name_of(machine.PAYNE_HANEK, t, math)


def write(t: T.ScalarType, target: Target, math: str) -> tuple[str, ...]:
    """As `_function`, from the ops."""
    f = body_of(machine.PAYNE_HANEK, t, target, spells_of(target), math)
    e = Emitter(f, target, (1, 1, 1))
    e.symbol = name = f.name
    bits = _LETTERS[t.name]
    e.bind(f.params[0], e.do(CLASS[t.name], f"ld.param.{bits}", "[x]"))
    for k, v in enumerate(e.region(f.body)):
        e.act(f"st.param.{bits} [reduced+{k * t.size_bytes}], {e.in_register(v)}")
    text = "\n\t".join([
        f".func (.param .align {t.size_bytes} .b8 reduced[{3 * t.size_bytes}]) {name}(.param .{bits} x)\n{{",
        *[f".reg .{type_} {prefix}<{e.counts[cls] + 1}>;" for cls, (prefix, type_) in PREFIX.items() if e.counts[cls]],
        *flatten(e.entry), *flatten(e.lines), "ret;",
    ])  # fmt: skip
    return *e.module, f"{text}\n}}"
