"""The one way to make ops: `Builder.emit` checks operands against the row and works out the result types.

One idea: build, never patch. A builder appends at the end of its current region; `inside` moves it into another.
A mistake here is a fault of the compiler (`InternalError`): the front end has checked the user's program before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..diagnostics import NOWHERE, InternalError, Span
from . import types as T
from .core import Function, Op, Region, Value
from .opdef import OpDef
from .ops import arith, scf, tile

__all__ = ["Builder", "clone_region", "infer_types"]


def _wrong(defn: OpDef, operands: Sequence[Value], why: str) -> InternalError:
    given = ", ".join(str(v.type) for v in operands)
    return InternalError(f"{defn.name}({given}) does not fit {defn.signature!r}: {why}", where="builder")


def _operand_rules(defn: OpDef, count: int) -> list[Any]:
    """The rule of each operand, with a variadic one repeated as often as it takes."""
    rules = defn.operands
    for k, rule in enumerate(rules):
        if rule.variadic:
            extra = count - (len(rules) - 1)
            return [*rules[:k], *[rule] * max(extra, 0), *rules[k + 1 :]]
    return list(rules)


# What was inferred, by the row and the types: a kernel has few of them.
_inferred: dict[tuple[object, ...], tuple[T.Type, ...]] = {}


def infer_types(defn: OpDef, operands: Sequence[Value], attributes: dict[str, Any],
                result_type: T.Type | None = None) -> tuple[T.Type, ...]:  # fmt: skip
    """Result types from operand types, by the row's signature; raises InternalError when they do not fit."""
    if defn.infer is not None:
        return _infer_types(defn, operands, attributes, result_type)
    key = (defn, result_type, *[v.type for v in operands])
    known = _inferred.get(key)
    if known is None:
        if len(_inferred) > 4096:
            _inferred.clear()
        known = _inferred[key] = _infer_types(defn, operands, attributes, result_type)
    return known


def _infer_types(defn: OpDef, operands: Sequence[Value], attributes: dict[str, Any],
                 result_type: T.Type | None) -> tuple[T.Type, ...]:  # fmt: skip
    rules = defn.operands if len(defn.operands) == len(operands) else _operand_rules(defn, len(operands))
    if len(rules) != len(operands):
        raise _wrong(defn, operands, f"{len(operands)} operands")
    bound: dict[str, T.ScalarType] = {}
    shape: tuple[int, ...] | None = None
    for rule, v in zip(rules, operands, strict=True):
        t = v.type
        if rule.rule == "array":
            if not isinstance(t, T.ArrayType):
                raise _wrong(defn, operands, f"{rule.name} must be an array")
            continue
        if isinstance(t, T.ArrayType):
            if rule.rule == "any":
                continue
            raise _wrong(defn, operands, f"{rule.name} must not be an array")
        element = T.element_of(t)
        if rule.rule != "any" and element not in rule.allowed:
            raise _wrong(defn, operands, f"{rule.name} must be {rule.rule}")
        if rule.letter and bound.setdefault(rule.letter, element) is not element:
            raise _wrong(defn, operands, f"{rule.name} must be {bound[rule.letter]}")
        if defn.elementwise:
            if shape is None:
                shape = T.shape_of(t)
            elif shape != T.shape_of(t):
                raise _wrong(defn, operands, "shapes differ")
    if defn.infer is not None:
        return defn.infer(operands, attributes)
    out: list[T.Type] = []
    for rule in defn.results:
        if rule.rule in ("any", "array") or (rule.letter and (rule.letter not in bound or not defn.elementwise)
                                             and result_type is not None):  # fmt: skip
            if result_type is None:
                raise _wrong(defn, operands, "needs an explicit result type")
            if rule.letter in bound and T.element_of(result_type) is not bound[rule.letter]:
                raise _wrong(defn, operands, f"{rule.name} must be of {bound[rule.letter]}, not {result_type}")
            out.append(result_type)
            continue
        element = bound.get(rule.letter) if rule.letter else T.SCALARS[rule.rule]
        if element is None:
            raise _wrong(defn, operands, "needs an explicit result type")
        out.append(T.TileType(element, shape) if shape else element)
    return tuple(out)


class Builder:
    """Appends ops to `region`; `span` is what new ops point at."""

    __slots__ = ("region", "span")

    def __init__(self, region: Region, span: Span = NOWHERE) -> None:
        self.region = region
        self.span = span

    def emit(self, defn: OpDef, *operands: Value, type: T.Type | None = None, span: Span | None = None,
             **attributes: Any) -> Value:  # fmt: skip
        """Append an op without regions; gives its first result (ops without results give a value nobody may use)."""
        types = infer_types(defn, operands, attributes, type)
        op = Op(defn, operands, types, attributes, (), span or self.span)
        self.region.ops.append(op)
        return op.results[0] if op.results else _NOTHING

    def emit_op(self, defn: OpDef, operands: Sequence[Value], result_types: Sequence[T.Type],
                attributes: dict[str, Any] | None = None, regions: tuple[Region, ...] = (),
                span: Span | None = None) -> Op:  # fmt: skip
        """Append an op with its result types given, not inferred: for control flow and for cloning."""
        op = Op(defn, tuple(operands), tuple(result_types), attributes, regions, span or self.span)
        self.region.ops.append(op)
        return op

    def append(self, defn: OpDef, operands: tuple[Value, ...], type: T.Type, attributes: dict[str, Any]) -> Value:
        """As `emit`, where the one result's type is known: most ops of most passes."""
        op = Op(defn, operands, (type,), attributes, (), self.span)
        self.region.ops.append(op)
        return op.results[0]

    def inside(self, region: Region) -> _Inside:
        """`with builder.inside(region):` what is made goes to the end of `region`."""
        return _Inside(self, region)

    def at(self, span: Span) -> _At:
        """`with builder.at(span):` what is made points at `span`."""
        return _At(self, span)

    def constant(self, value: Any, type: T.ScalarType | T.TileType) -> Value:
        """A number; of a tile type, the splat of it. Python ints and floats must be representable already."""
        element = T.element_of(type)
        # One spelling per number (0.0 for a float, not 0; no NumPy scalars): text, folding and CSE compare it.
        value = float(value) if element.is_float else bool(value) if element.is_bool else int(value)
        op = Op(arith.CONSTANT, (), (element,), {"value": value}, (), self.span)
        self.region.ops.append(op)
        return self.splat(op.results[0], type.shape) if isinstance(type, T.TileType) else op.results[0]

    def splat(self, x: Value, shape: tuple[int, ...]) -> Value:
        op = Op(tile.SPLAT, (x,), (T.TileType(T.element_of(x.type), shape),), None, (), self.span)
        self.region.ops.append(op)
        return op.results[0]

    def yield_(self, *values: Value) -> None:
        self.region.ops.append(Op(scf.YIELD, values, (), None, (), self.span))

    def if_(self, cond: Value, result_types: Sequence[T.Type], then: Region, otherwise: Region) -> Op:
        return self.emit_op(scf.IF, (cond,), result_types, None, (then, otherwise))

    def for_(self, lo: Value, hi: Value, step: Value, init: Sequence[Value], body: Region) -> Op:
        return self.emit_op(scf.FOR, (lo, hi, step, *init), [v.type for v in init], None, (body,))

    def when(self, cond: Value, then: Callable[[], object], otherwise: Callable[[], object] | None = None) -> None:
        """An `if` that gives nothing: what `then` makes, or else what `otherwise` does."""
        regions = Region(), Region()
        for region, make in zip(regions, (then, otherwise), strict=True):
            with self.inside(region):
                if make is not None:
                    make()
                self.yield_()
        self.if_(cond, (), *regions)

    def count(self, lo: Value, hi: Value, step: Value, name: str, body: Callable[[Value], object]) -> None:
        """A loop that carries nothing: what `body` makes of its counter, which is called so."""
        region = Region((T.index,), (name,))
        with self.inside(region):
            body(region.args[0])
            self.yield_()
        self.for_(lo, hi, step, (), region)

    def while_(self, init: Sequence[Value], cond: Region, body: Region) -> Op:
        return self.emit_op(scf.WHILE, tuple(init), [v.type for v in init], None, (cond, body))


class _Inside:
    __slots__ = ("builder", "outer", "region")

    def __init__(self, builder: Builder, region: Region) -> None:
        self.builder = builder
        self.region = region

    def __enter__(self) -> Region:
        self.outer, self.builder.region = self.builder.region, self.region
        return self.region

    def __exit__(self, *error: object) -> None:
        self.builder.region = self.outer


class _At:
    __slots__ = ("builder", "outer", "span")

    def __init__(self, builder: Builder, span: Span) -> None:
        self.builder = builder
        self.span = span

    def __enter__(self) -> None:
        self.outer, self.builder.span = self.builder.span, self.span

    def __exit__(self, *error: object) -> None:
        self.builder.span = self.outer


_NOTHING = Value(T.bool_, Region(), 0, "nothing")


def empty_region(arg_types: Sequence[T.Type] = ()) -> Region:
    return Region(tuple(arg_types))


def clone_op(b: Builder, op: Op, mapping: dict[Value, Value]) -> Op:
    """Append a copy of `op` (regions too) with its operands looked up in `mapping`; enters the results there."""
    regions = tuple([clone_region(b, r, mapping) for r in op.regions])
    operands = tuple([mapping.get(v, v) for v in op.operands])
    new = b.emit_op(op.defn, operands, [r.type for r in op.results], op.attributes, regions, op.span)
    for old, result in zip(op.results, new.results, strict=True):
        result.name = old.name
        mapping[old] = result
    return new


def rebuild_op(b: Builder, op: Op, mapping: dict[Value, Value], fill: Callable[[Region], None]) -> Op:
    """Append a copy of `op` whose regions `fill` makes anew: it is given each old one, with the builder inside of the new one."""
    regions = []
    for region in op.regions:
        new = Region(tuple([a.type for a in region.args]), tuple([a.name for a in region.args]))
        mapping.update(zip(region.args, new.args, strict=True))
        with b.inside(new):
            fill(region)
        regions.append(new)
    operands = [mapping[v] for v in op.operands]
    made = b.emit_op(op.defn, operands, [r.type for r in op.results], op.attributes, tuple(regions))
    for old, result in zip(op.results, made.results, strict=True):
        result.name = old.name
        mapping[old] = result
    return made


class Rebuilder:
    """Copies a function, of whose ops a subclass changes some. new: the copy. mapping: what values of the old one are in it.
    params: those of the copy, if it has more behind those of the old one."""

    def __init__(self, f: Function, params: Sequence[tuple[str, T.Type]] | None = None) -> None:
        self.new = like(f, params)
        self.b = Builder(self.new.body)
        self.mapping: dict[Value, Value] = dict(zip(f.params, self.new.params, strict=params is None))

    def fill(self, region: Region) -> None:
        """Appends a region's ops where the builder stands."""
        for op in region.ops:
            self.copy(op)

    def copy(self, op: Op) -> None:
        """Appends what becomes of one op."""
        self.b.span = op.span
        if self.changes(op):
            return
        if op.regions:
            rebuild_op(self.b, op, self.mapping, self.fill)
        else:
            clone_op(self.b, op, self.mapping)

    def ahead(self, v: Value, region: Region) -> Value:
        """The copy of a value that is the same in all rounds of a loop, made in front of it. region: what the loop repeats."""
        if v.op is not None and v.op in region.ops:
            for x in v.op.operands:
                self.ahead(x, region)
            if v not in self.mapping:
                clone_op(self.b, v.op, self.mapping)
        return self.mapping[v]

    def changes(self, op: Op) -> bool:
        """Whether the op needs no copy, as a subclass has made what is there in its place, with its results in `mapping`."""
        return False


class _WithIds(Rebuilder):
    def __init__(self, f: Function, ids: Mapping[Op, tuple[OpDef, int]]) -> None:
        super().__init__(f)
        self.ids = ids

    def changes(self, op: Op) -> bool:
        found = self.ids.get(op)
        if found is None:
            return False
        made = self.b.emit(found[0], type=T.index, axis=found[1])
        made.name = op.results[0].name
        self.mapping[op.results[0]] = made
        return True


def with_ids(f: Function, ids: Mapping[Op, tuple[OpDef, int]]) -> Function:
    """A copy of a function in which some ops that give an index are ids: `ids` has the definition and the axis of each."""
    made = _WithIds(f, ids)
    made.fill(f.body)
    return made.new


def clone_region(b: Builder, region: Region, mapping: dict[Value, Value]) -> Region:
    """A copy of a region; its own arguments are new."""
    new = Region(tuple([a.type for a in region.args]), tuple([a.name for a in region.args]))
    mapping.update(zip(region.args, new.args, strict=True))
    with b.inside(new):
        for op in region.ops:
            clone_op(b, op, mapping)
    return new


def like(f: Function, params: Sequence[tuple[str, T.Type]] | None = None) -> Function:
    """An empty function with the same name, facts and (unless given) parameters."""
    given = tuple(params) if params is not None else tuple((p.name, p.type) for p in f.params)
    new = Function(f.name, given, level=f.level, attributes=dict(f.attributes), span=f.span)
    new.sites = list(f.sites)
    return new


def commutes(op: Op) -> bool:
    return op.defn.commutative
