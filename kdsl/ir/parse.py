"""The IR's text read back: `parse(print_function(f))` is `f` again, node for node.

One idea: the grammar (`grammar.lark`) knows only the shape of the text; names of ops, types of values and regions
come from the op rows, so a new row is parsed with no work here. A mistake in the text is a K199 diagnostic with line
and column; whether the function makes sense is `verify`'s question. lark is loaded at the first call.
"""

from __future__ import annotations

import ast
import linecache
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from ..artifact import Site
from ..diagnostics import NOWHERE, Span, refuse
from . import types as T
from .core import Function, Op, Region, Value
from .opdef import OPS
from .ops import scf
from .text import KINDS

__all__ = ["equal", "parse", "parse_type"]

_INF = float("inf")
_CONSTANTS = {"True": True, "False": False, "None": None, "nan": float("nan"), "inf": _INF, "-inf": -_INF}
Node = Any  # lark's Tree or Token: lark has no types worth importing here


@cache
def _parser(start: str) -> Any:
    import lark

    text = (Path(__file__).parent / "grammar.lark").read_text("utf-8")
    return lark.Lark(text, start=start, parser="lalr", propagate_positions=True)


def _read(text: str, file: str, start: str) -> Node:
    import lark

    if start == "start":
        text += "\n"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    try:
        return _parser(start).parse(text)
    except lark.exceptions.UnexpectedInput as e:
        line, column = max(e.line, 1), max(e.column, 1)
        found = getattr(getattr(e, "token", None), "type", "")
        what = "the text ends too early" if found == "$END" else "this is not IR"
        expected = sorted(getattr(e, "expected", None) or getattr(e, "allowed", None) or ())
        notes = [f"expected one of: {', '.join(expected)}"] if expected else []
        refuse("K199", Span(file, line, column), what, notes=notes, help="`kdsl opt` prints IR in this form")


def _value(node: Node) -> Any:
    """A Python literal."""
    if node.data == "tuple":
        return tuple([_value(c) for c in node.children if c is not None])
    token = node.children[0]
    if token.type == "STRING":
        return ast.literal_eval(token.value)
    if token.type == "CONSTANT":
        return _CONSTANTS[token.value]
    return float(token) if set(token.value) & set(".eE") else int(token)


def _word(node: Node) -> str:
    token = node.children[0]
    return ast.literal_eval(token.value) if token.type == "STRING" else str(token)


def _span(literal: tuple[Any, ...]) -> Span:
    return Span(*literal[:6], call_site=_span(literal[6]) if len(literal) > 6 else None)


def _element(node: Node) -> T.ElementType:
    if node.data == "scalar":
        return T.SCALARS[str(node.children[0])]
    if node.data == "vector":
        return T.VectorType(T.SCALARS[str(node.children[1])], int(node.children[0][3]))
    name, *fields, size, align = node.children
    made = tuple([(_word(x.children[0]), _element(x.children[1]), int(x.children[2])) for x in fields if x is not None])
    return T.StructType(_word(name), made, int(size), int(align))


def _type(node: Node) -> T.Type:
    if node.data == "scalar":
        return T.SCALARS[str(node.children[0])]
    if node.data == "tile":
        dims, element = node.children
        return T.TileType(T.SCALARS[str(element)], tuple(map(int, dims[:-1].split("x"))))
    element, extents, space, unit, whole = node.children
    numbers = tuple([int(n) for n in extents.children if n is not None])
    shape = numbers if extents.data == "shape" else None
    rank = numbers[0] if shape is None else len(shape)
    given = None if whole is None else _type(whole)
    assert given is None or isinstance(given, T.ArrayType)
    return T.ArrayType(_element(element), rank, T.SPACES[str(space)], shape, None if unit is None else int(unit), given)


class _Reader:
    """Builds nodes from the tree, with the values that are visible so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[str, Value] = {}

    def fail(self, node: Node, message: str) -> NoReturn:
        at = node if hasattr(node, "line") else node.meta
        refuse("K199", Span(self.file, at.line, at.column, at.end_line, at.end_column), message,
               help="docs/OPS.md lists the ops; `kdsl opt` prints IR in this form")  # fmt: skip

    def bind(self, token: Node, v: Value) -> None:
        if token in self.values:
            self.fail(token, f"{token} is defined twice")
        v.name = "" if token[1:].isdecimal() else str(token[1:])
        self.values[str(token)] = v

    def look_up(self, token: Node) -> Value:
        if token not in self.values:
            self.fail(token, f"{token} is not defined here")
        return self.values[token]

    def new_region(self, params: Node | None) -> Region:
        items = [] if params is None else params.children
        region = Region(tuple([_type(p.children[1]) for p in items]))
        for p, v in zip(items, region.args, strict=True):
            self.bind(p.children[0], v)
        return region

    def fill(self, region: Region, ops: list[Node]) -> None:
        region.ops.extend([self.op(node) for node in ops])

    def op(self, node: Node) -> Op:
        results, name, operands, attributes, types, loc, *regions = node.children
        if name not in OPS:
            self.fail(name, f"there is no op {name}")
        defn = OPS[name]
        inputs = () if operands is None else tuple([self.look_up(t) for t in operands.children[0].children])
        names = [] if results is None else results.children[0].children
        result_types = () if types is None else tuple([_type(t) for t in types.children])
        if len(names) != len(result_types):
            self.fail(name, f"{len(names)} results but {len(result_types)} types")
        labels = tuple([str(r.children[0]) for r in regions])
        if labels != defn.regions:
            wanted, found = (", ".join(x) or "(none)" for x in (defn.regions, labels))
            self.fail(name, f"{name} has the regions {wanted}, not {found}")
        made = tuple([self.region(r) for r in regions])
        op = Op(defn, inputs, result_types, self.attributes(attributes), made, self.place(loc))
        for token, v in zip(names, op.results, strict=True):
            self.bind(token, v)
        return op

    def region(self, node: Node) -> Region:
        _, params, *ops = node.children
        outside = set(self.values)
        region = self.new_region(params)
        self.fill(region, ops)
        self.values = {k: v for k, v in self.values.items() if k in outside}
        return region

    def attributes(self, node: Node | None) -> dict[str, Any]:
        items = [] if node is None else [a for a in node.children if a is not None]
        return {str(a.children[0]): _value(a.children[1]) for a in items}

    def place(self, node: Node | None) -> Span:
        return NOWHERE if node is None else _span(_value(node.children[0]))

    def function(self, node: Node) -> Function:
        kind, name, params, attributes, loc, *rest = node.children
        ops = [n for n in rest if n.data == "op"]
        f = Function(_word(name), (), level=KINDS[kind], attributes=self.attributes(attributes), span=self.place(loc))
        f.body = self.new_region(params)
        self.fill(f.body, ops)
        if not f.body.ops or f.body.terminator.defn is not scf.YIELD:
            self.fail(name, "the function does not end in scf.yield")
        f.sites = [Site(*_value(n.children[0])) for n in rest if n.data == "site"]
        return f


def parse(text: str, file: str = "<ir>") -> Function:
    """The function that `text` spells; a `CompileError` (K199) with line and column when it does not spell one."""
    return _Reader(file).function(_read(text, file, "start").children[0])


def parse_type(text: str) -> T.Type:
    """A type from its text, such as `array<vec3<f32>, 2, global>`."""
    return _type(_read(text, "<type>", "type"))


def equal(f: Function, g: Function) -> bool:
    """Whether two functions have the same structure: ops, types, attributes, regions, facts. Names are only hints."""
    return f is g or (_facts(f) == _facts(g) and f.sites == g.sites)


def _facts(f: Function) -> tuple[object, ...]:
    """A function as nested tuples; values become numbers in order of definition."""
    number: dict[Value, int] = {}

    def define(values: tuple[Value, ...]) -> list[T.Type]:
        for v in values:
            number[v] = len(number)
        return [v.type for v in values]

    def region(r: Region) -> tuple[object, ...]:
        return (define(r.args), [op(o) for o in r.ops])

    def op(o: Op) -> tuple[object, ...]:
        inner = [region(r) for r in o.regions]
        # repr tells 0 from 0.0 from -0.0 from False, and one NaN is like another.
        facts = (o.defn.name, [number[v] for v in o.operands], repr(o.attributes), inner)
        return (*facts, define(o.results))

    return (f.name, f.level, repr(f.attributes), region(f.body))
