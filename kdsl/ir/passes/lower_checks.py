"""Lower checks: assert, print and (in a debug build) every access and integer division become diagnostic sites.

One idea: what goes wrong on the device is reported by number. A site is a place in the kernel with the facts to explain it;
the code only writes (site, block, thread, payload). After a failed check the access is skipped: a load gives 0, a
store does nothing, so a debug build never touches memory that is not the array's.
"""

from __future__ import annotations

from collections.abc import Callable

from ...artifact import Site
from ...diagnostics import Span
from .. import types as T
from ..builder import Builder, like
from ..core import Function, Op, Region, Value, walk
from ..ops import arith, memory, simt

__all__ = ["lower_checks"]


def lower_checks(f: Function) -> Function:
    """Number the places that may report, and in a debug build guard every access and integer division; `f` itself when
    there are none."""
    if not f.debug and not any(op.defn.name in _ALWAYS for op in walk(f.body)):
        return f
    out = like(f)
    _Lowering(f, out).run()
    return out


def _place(span: Span) -> tuple[str, int, int, int, str]:
    return (span.file, span.line, span.col, span.end_col, span.function)


class _Lowering:
    def __init__(self, source: Function, out: Function) -> None:
        self.source = source
        self.out = out
        self.debug = source.debug
        self.b = Builder(out.body, source.span)
        self.map: dict[Value, Value] = dict(zip(source.params, out.params, strict=True))

    def run(self) -> None:
        for op in self.source.body.ops:
            self.op(op)

    def site(self, op: Op, kind: str, text: str, parts: tuple[tuple[str, str], ...] = ()) -> int:
        site = Site(kind, text, _place(op.span), parts)
        self.out.sites.append(site)
        return len(self.out.sites) - 1

    def op(self, op: Op) -> None:
        with self.b.at(op.span):
            rule = _RULES.get(op.defn.name)
            if rule is not None and (self.debug or op.defn.name in _ALWAYS):
                rule(self, op)
            else:
                self.copy(op)

    def copy(self, op: Op) -> Op:
        """The op as it is, its regions lowered."""
        regions = tuple([self.region(r) for r in op.regions])
        operands = [self.map[v] for v in op.operands]
        new = self.b.emit_op(op.defn, operands, [r.type for r in op.results], op.attributes, regions, op.span)
        for old, result in zip(op.results, new.results, strict=True):
            result.name = old.name
            self.map[old] = result
        return new

    def region(self, region: Region, *, guard: bool = False) -> Region:
        """The region, lowered; guard: what it yields also asks that no check has failed."""
        new = Region(tuple(a.type for a in region.args), tuple(a.name for a in region.args))
        self.map.update(zip(region.args, new.args, strict=True))
        with self.b.inside(new):
            for op in region.ops[:-1] if guard else region.ops:
                self.op(op)
            if guard:
                self.b.yield_(self.b.emit(arith.AND, self.map[region.yielded[0]], self.b.emit(simt.HEALTHY)))
        return new

    # --- rules ---

    def check(self, ok: Value, site: int, *payload: Value) -> None:
        self.b.emit(simt.CHECK, ok, *payload, site=site)

    def loop(self, op: Op) -> None:
        """A loop may never see what it waits for once an access was skipped: after a failed check all loops end."""
        cond = self.region(op.regions[0], guard=True)
        body = self.region(op.regions[1])
        new = self.b.while_([self.map[v] for v in op.operands], cond, body)
        self.map.update(zip(op.results, new.results, strict=True))

    def assertion(self, op: Op) -> None:
        if self.debug:
            self.check(self.map[op.operands[0]], self.site(op, "assert", op.attributes["message"]))

    def print(self, op: Op) -> None:
        values = [self.map[v] for v in op.operands]
        site = self.site(op, "print", "", _print_parts(op))
        self.b.emit(simt.REPORT, *values, site=site)

    def division(self, op: Op) -> None:
        divisor = self.map[op.operands[1]]
        t = T.element_of(divisor.type)
        if divisor.constant is None or divisor.constant == 0:
            ok = self.b.emit(arith.NE, divisor, self.b.constant(0, t))
            self.check(ok, self.site(op, "div", ""))
        self.copy(op)

    def access(self, op: Op) -> None:
        array = op.operands[0]
        t = array.type
        assert isinstance(t, T.ArrayType)
        ok: Value | None = None
        for axis in range(t.rank):
            inside = self.axis_check(op, t, axis)
            if inside is not None:
                ok = inside if ok is None else self.b.emit(arith.AND, ok, inside)
        if ok is None:
            self.copy(op)
            return
        self.guarded(op, ok)

    def axis_check(self, op: Op, t: T.ArrayType, axis: int) -> Value | None:
        """Check one index; gives the condition under which it is inside, None when that is certain."""
        b, array, i = self.b, op.operands[0], self.map[op.operands[1 + axis]]
        if t.shape is not None:
            if isinstance(i.constant, int) and 0 <= i.constant < t.shape[axis]:
                return None
            extent = b.constant(t.shape[axis], T.index)
        else:
            extent = b.emit(memory.EXTENT, self.map[array], axis=axis)
        inside = b.emit(arith.AND, b.emit(arith.GE, i, b.constant(0, T.index)), b.emit(arith.LT, i, extent))
        site = self.site(op, "bounds", array.name or "array")
        self.check(inside, site, b.constant(axis, T.index), i, extent)
        return inside

    def guarded(self, op: Op, ok: Value) -> None:
        """The access where `ok` holds; elsewhere a result of 0."""
        then, otherwise = Region(), Region()
        with self.b.inside(then):
            self.b.yield_(*self.copy(op).results)
        with self.b.inside(otherwise):
            self.b.yield_(*[self.b.constant(_zero(r.type), T.element_of(r.type)) for r in op.results])
        out = self.b.if_(ok, [r.type for r in op.results], then, otherwise)
        self.map.update(zip(op.results, out.results, strict=True))


def _zero(t: T.Type) -> object:
    element = T.element_of(t)
    return False if element.is_bool else 0.0 if element.is_float else 0


def _print_parts(op: Op) -> tuple[tuple[str, str], ...]:
    """("text", literal) and ("value", dtype or dtype:format) in order; the op has `{}` and `{:format}` for values."""
    types = iter([str(T.element_of(v.type)) for v in op.operands])
    parts: list[tuple[str, str]] = []
    for part in op.attributes["parts"]:
        is_value = part.startswith("{") and part.endswith("}")
        parts.append(("value", next(types) + part[1:-1]) if is_value else ("text", part))
    return tuple(parts)


_ALWAYS = {"simt.assert", "simt.print"}
_RULES: dict[str, Callable[[_Lowering, Op], None]] = {
    "simt.assert": _Lowering.assertion,
    "simt.print": _Lowering.print,
    "arith.floordiv": _Lowering.division,
    "arith.mod": _Lowering.division,
    "scf.while": _Lowering.loop,
    "memory.load": _Lowering.access,
    "memory.store": _Lowering.access,
    **{f"atomic.{kind}": _Lowering.access
       for kind in ("add", "sub", "min", "max", "and", "or", "xor", "exchange", "compare_exchange")},
}  # fmt: skip

