"""The IR as text: the printer here, the lark parser beside it (`parse`), and the promise parse(print(f)) == f.

    kernel @scale(%a: f32, %x: array<f32, 1, global, unit=0>) {math = "default"} {
      %0 = simt.global_id {axis = 0} : index
      %1 = memory.load %x, %0 {offset = 0} : f32
      %2 = arith.mul %a, %1 : f32
      memory.store %x, %0, %2 {offset = 0}
      scf.yield
    }

Attributes are Python literals. A region with arguments prints them as `(%i: index) {`.
"""

from __future__ import annotations

import math
from typing import Any

from .core import Function, Op, Region, Value

__all__ = ["print_function"]


def _literal(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_literal, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)


class _Printer:
    def __init__(self) -> None:
        self.names: dict[Value, str] = {}
        self.taken: set[str] = set()
        self.lines: list[str] = []
        self.count = 0

    def name(self, v: Value) -> str:
        known = self.names.get(v)
        if known is None:
            known = v.name
            while not known or known in self.taken:
                known = f"{v.name}_{self.count}" if v.name else str(self.count)
                self.count += 1
            self.taken.add(known)
            self.names[v] = known
        return f"%{known}"

    def typed(self, v: Value) -> str:
        return f"{self.name(v)}: {v.type}"

    def op(self, op: Op, indent: str) -> None:
        left = ", ".join(map(self.name, op.results)) + " = " if op.results else ""
        operands = " " + ", ".join(map(self.name, op.operands)) if op.operands else ""
        inner = ", ".join(f"{k} = {_literal(v)}" for k, v in op.attributes.items())
        attributes = f" {{{inner}}}" if inner else ""
        types = " : " + ", ".join(str(r.type) for r in op.results) if op.results else ""
        head = f"{indent}{left}{op.defn.name}{operands}{attributes}{types}"
        if not op.regions:
            self.lines.append(head)
            return
        for k, (label, region) in enumerate(zip(op.defn.regions, op.regions, strict=True)):
            args = "(" + ", ".join(map(self.typed, region.args)) + ") " if region.args else ""
            start = head if k == 0 else f"{indent}}}"
            self.lines.append(f"{start} {label} {args}{{")
            self.region(region, indent + "  ")
        self.lines.append(indent + "}")

    def region(self, region: Region, indent: str) -> None:
        for op in region.ops:
            self.op(op, indent)


def print_function(f: Function) -> str:
    """The function as text."""
    p = _Printer()
    params = ", ".join(map(p.typed, f.params))
    attributes = ", ".join(f"{k} = {_literal(v)}" for k, v in f.attributes.items())
    kind = "kernel" if f.level.value == "thread" else "block"
    p.lines.append(f"{kind} @{f.name}({params}) {{{attributes}}} {{")
    p.region(f.body, "  ")
    p.lines.append("}")
    return "\n".join(p.lines) + "\n"
