"""The IR as text: the printer. `parse` beside it reads it back, and the promise is parse(print(f)) == f.

    kernel @scale(%a: f32, %x: array<f32, 1, global, unit=0>) {math = 'default'} {
      %i = simt.global_id {axis = 0} : index
      %0 = memory.load %x, %i {offset = 0} : f32
      %1 = arith.mul %a, %0 : f32
      memory.store %x, %i, %1 {offset = 0}
      scf.yield
    }

One idea: the text holds all that the nodes hold, in one spelling, so that dumps, golden files and hand-written tests
are the same thing. Attributes are Python literals (`nan`, `inf` and `-inf` are words). A region is introduced by its
label, and its arguments stand before its brace: `body (%j: index) {`. `block @f` is a function of level BLOCK.
Diagnostic sites follow the closing brace. With `with_spans=True` every op that knows its place ends in `loc('file',
line, col, end line, end col, ...)`.
"""

from __future__ import annotations

import math
import re
from typing import Any

from ..diagnostics import NOWHERE, Span
from .core import Function, Op, Region, Value
from .opdef import Level
from .types import ScalarType

__all__ = ["print_function", "span_literal"]

_PLAIN = re.compile(r"[^\W\d]\w*")
KINDS = {"kernel": Level.THREAD, "block": Level.BLOCK}
_KIND_OF = {level: kind for kind, level in KINDS.items()}


def _literal(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_literal, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)


def _attributes(attributes: dict[str, Any]) -> str:
    return "{" + ", ".join([f"{k} = {_literal(v)}" for k, v in attributes.items()]) + "}"


def span_literal(span: Span) -> tuple[Any, ...]:
    """A span as nested Python literals, as `loc(...)` prints it; a span in an inlined function ends in its caller's."""
    chain = () if span.call_site is None else (span_literal(span.call_site),)
    return (span.file, span.line, span.col, span.end_line, span.end_col, span.function, *chain)


def _loc(span: Span) -> str:
    return "" if span is NOWHERE else f" loc{_literal(span_literal(span))}"


class _Printer:
    def __init__(self, with_spans: bool) -> None:
        self.names: dict[Value, str] = {}
        self.taken: dict[str, int] = {}  # words, and how often each was wanted
        self.lines: list[str] = []
        self.count = 0
        self.with_spans = with_spans

    def name(self, v: Value) -> str:
        """%hint, %hint_2, ... or a number: printed names are distinct, so printing what was parsed gives them again."""
        known = self.names.get(v)
        if known is None:
            known = self.names[v] = f"%{self.fresh(v.name)}"
        return known

    def fresh(self, hint: str) -> str:
        if not hint or hint.isdecimal():
            self.count += 1
            return str(self.count - 1)
        if not _PLAIN.fullmatch(hint):
            hint = "v_" + re.sub(r"\W", "_", hint)
        name, k = hint, self.taken.get(hint, 0)
        while name in self.taken:
            k += 1
            name = f"{hint}_{k}"
        self.taken[hint] = max(k, 1)
        self.taken.setdefault(name, 1)
        return name

    def typed(self, v: Value) -> str:
        return f"{self.name(v)}: {v.type}"

    def op(self, op: Op, indent: str) -> None:
        names, name = self.names, self.name
        # Operands first: a value that is used before its definition (a fault to be shown) must not take its name.
        operands = " " + ", ".join([names.get(v) or name(v) for v in op.operands]) if op.operands else ""
        left = types = ""
        if len(op.results) == 1:
            (r,) = op.results
            left, types = f"{name(r)} = ", f" : {r.type.name if type(r.type) is ScalarType else r.type}"
        elif op.results:
            left, types = ", ".join(map(name, op.results)) + " = ", " : " + ", ".join([str(r.type) for r in op.results])
        attributes = f" {_attributes(op.attributes)}" if op.attributes else ""
        loc = _loc(op.span) if self.with_spans else ""
        head = f"{indent}{left}{op.defn.name}{operands}{attributes}{types}{loc}"
        for label, region in zip(op.defn.regions, op.regions, strict=True) if op.regions else ():
            args = "(" + ", ".join(map(self.typed, region.args)) + ") " if region.args else ""
            self.lines.append(f"{head} {label} {args}{{")
            self.region(region, indent + "  ")
            head = indent + "}"
        self.lines.append(head)

    def region(self, region: Region, indent: str) -> None:
        for op in region.ops:
            self.op(op, indent)


def print_function(f: Function, *, with_spans: bool = False) -> str:
    """The function as text that `parse` reads back."""
    p = _Printer(with_spans)
    params = ", ".join(map(p.typed, f.params))
    name = f.name if _PLAIN.fullmatch(f.name) else repr(f.name)
    loc = _loc(f.span) if with_spans else ""
    p.lines.append(f"{_KIND_OF.get(f.level, 'kernel')} @{name}({params}) {_attributes(f.attributes)}{loc} {{")
    p.region(f.body, "  ")
    p.lines.append("}")
    p.lines += [f"site {_literal((s.kind, s.text, s.place, s.parts))}" for s in f.sites]
    return "\n".join(p.lines) + "\n"
