"""What a device function has become, for calls that give it arguments of the same kinds: the ops of the first call once more.

One idea: of an argument the front end knows its type, its number where that is a constant, and nothing else, so where these are
alike, and the same arguments are one value, so are the ops. A copy of one takes a fifth of the time in which an expression becomes
one. Of functions with arrays of their own, one call has not the ops of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..diagnostics import Span
from ..ir.core import Op, Region, Value
from .lowering import Lowering
from .values import Agg

__all__ = ["Call", "call_again", "is_closed", "kind_of", "lowered_call"]

_PLAIN = (bool, int, float, str, type(None))


class _Unlike(Exception):
    """Something that no later call may have alike."""


class Call:
    """A call that was lowered. ops: all of it, in order. given: the values among its arguments. result: what it gave. names: of
    the values in that, before the caller named them. site: the place of the call. inlined: calls in it, with itself."""

    __slots__ = ("given", "inlined", "is_closed", "names", "ops", "result", "site")

    def __init__(self, ops: list[Op], given: list[Value], result: Any, names: list[tuple[Value, str]], site: Span,
                 inlined: int) -> None:  # fmt: skip
        self.ops = ops
        self.given = given
        self.result = result
        self.names = names
        self.site = site
        self.inlined = inlined
        self.is_closed: bool | None = None  # whether it takes no other values; looked at when it is wanted


def kind_of(L: Lowering, arguments: dict[str, Any]) -> tuple[object, list[Value]] | None:
    """All that the front end knows of a call's arguments, and the values among them, each once; None where there is more to
    know."""
    given: dict[Value, int] = {}
    try:
        return tuple([(name, _kind(L, v, given)) for name, v in arguments.items()]), list(given)
    except _Unlike:
        return None


def _kind(L: Lowering, v: Any, given: dict[Value, int]) -> object:
    """given: which values there are, in order, with their numbers."""
    if isinstance(v, Value):
        if v in L.weak or v in L.tables:
            raise _Unlike
        at, number = given.setdefault(v, len(given)), v.constant
        return (v.type, at) if number is None else (v.type, at, repr(number))
    if isinstance(v, Agg):
        return (v.type, *[_kind(L, part, given) for part in v.parts])
    if type(v) is tuple:
        return (tuple, *[_kind(L, part, given) for part in v])
    if type(v) in _PLAIN:
        return (type(v), repr(v))
    raise _Unlike


def lowered_call(L: Lowering, region: Region, first: int, given: list[Value], result: Any, site: Span, inlined: int) -> Call | None:
    """The call whose ops are those of a region from number `first` on; None if none can be like it."""
    held: dict[Value, int] = {}
    try:
        _kind(L, result, held)
    except _Unlike:
        return None
    if L.b.region is not region:
        return None
    return Call(region.ops[first:], given, result, [(v, v.name) for v in held], site, inlined)


def call_again(L: Lowering, call: Call, given: list[Value], site: Span) -> Any:
    """The same call of other values at another place."""
    copy = _Copy(dict(zip(call.given, given, strict=True)), call.site, site)
    L.b.region.ops += copy.ops(call.ops)
    for v, name in call.names:
        if (made := copy.values[v]) not in given:
            made.name = name
    return copy.result(call.result)


def is_closed(call: Call) -> bool:
    """Whether a call takes nothing but its arguments: no array of its own."""
    if call.is_closed is None:
        made = set(call.given)
        call.is_closed = _is_closed(call.ops, made) and all(v in made for v, _ in call.names)
    return call.is_closed


def _is_closed(ops: Sequence[Op], made: set[Value]) -> bool:
    for op in ops:
        if not made.issuperset(op.operands):
            return False
        for region in op.regions:
            made.update(region.args)
            if not _is_closed(region.ops, made):
                return False
        made.update(op.results)
    return True


class _Copy:
    """Copies ops. values: what each is in the copy. Places in the text lead to the new site of the call in place of the old one."""

    def __init__(self, values: dict[Value, Value], old: Span, new: Span) -> None:
        self.values = values
        self.spans: dict[int, Span] = {id(old): new}  # by the old one's identity: they live as long as the call

    def ops(self, ops: Sequence[Op]) -> list[Op]:
        values, spans, out = self.values, self.spans, []
        for op in ops:
            span = spans.get(id(op.span)) or self.span(op.span)
            regions = tuple([self.region(region) for region in op.regions]) if op.regions else ()
            operands, types = tuple([values[v] for v in op.operands]), tuple([r.type for r in op.results])
            new = Op(op.defn, operands, types, op.attributes, regions, span)
            for v, made in zip(op.results, new.results, strict=True):
                made.name = v.name
                values[v] = made
            out.append(new)
        return out

    def region(self, region: Region) -> Region:
        new = Region(tuple([a.type for a in region.args]), tuple([a.name for a in region.args]))
        self.values.update(zip(region.args, new.args, strict=True))
        new.ops = self.ops(region.ops)
        return new

    def span(self, span: Span) -> Span:
        known = self.spans.get(id(span))
        if known is None:
            site = span.call_site
            known = span
            if site is not None:
                known = Span(span.file, span.line, span.col, span.end_line, span.end_col, span.function, self.span(site))
            self.spans[id(span)] = known
        return known

    def result(self, v: Any) -> Any:
        if isinstance(v, Value):
            return self.values[v]
        if isinstance(v, Agg):
            return Agg(v.type, tuple([self.result(part) for part in v.parts]))
        return tuple([self.result(part) for part in v]) if type(v) is tuple else v
