"""The nodes of the IR: values, ops, regions, functions.

One idea: plain slotted objects compared by identity, each op with the place in the user's source that it came from. Passes do
not change them: they read one function and build another (`builder`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..artifact import Site
from ..diagnostics import NOWHERE, Span
from . import types as T
from .opdef import Level, OpDef

__all__ = ["Function", "Op", "Region", "Value", "all_ops", "inner_ops", "joined_by", "walk", "with_inner"]


class Value:
    """The result of an op, or an argument of a region or function.

    owner: the op that defines it, or the region it is an argument of (a function's parameters: its body).
    index: which result or argument. name: a hint for printing.
    """

    __slots__ = ("index", "name", "owner", "type")

    def __init__(self, type: T.Type, owner: Op | Region, index: int = 0, name: str = "") -> None:
        self.type = type
        self.owner = owner
        self.index = index
        self.name = name

    @property
    def op(self) -> Op | None:
        """The op that defines it, or None for an argument."""
        return self.owner if isinstance(self.owner, Op) else None

    @property
    def constant(self) -> Any:
        """The number it is known to be (`arith.constant`, or a splat of one), or None."""
        op = self.op
        if op is None:
            return None
        if op.defn.name == "tile.splat":
            return op.operands[0].constant
        return op.attributes["value"] if op.defn.name == "arith.constant" else None

    def __repr__(self) -> str:
        return f"<%{self.name or self.index}: {self.type}>"


class Op:
    """One operation: its row, operands, results, attributes and regions, and the user's line it stands for."""

    __slots__ = ("attributes", "defn", "operands", "regions", "results", "span")

    def __init__(self, defn: OpDef, operands: tuple[Value, ...], result_types: tuple[T.Type, ...],
                 attributes: dict[str, Any] | None = None, regions: tuple[Region, ...] = (),
                 span: Span = NOWHERE) -> None:  # fmt: skip
        self.defn = defn
        self.operands = operands
        self.attributes = attributes or {}
        self.regions = regions
        self.span = span
        if len(result_types) == 1:  # most ops, and passes make many
            self.results: tuple[Value, ...] = (Value(result_types[0], self),)
        else:
            self.results = tuple([Value(t, self, i) for i, t in enumerate(result_types)])

    @property
    def name(self) -> str:
        return self.defn.name

    @property
    def result(self) -> Value:
        return self.results[0]

    def __repr__(self) -> str:
        return f"<op {self.defn.name} at {self.span}>"


class Region:
    """A list of ops that ends in `scf.yield` (a function's body too), and the values it is entered with."""

    __slots__ = ("args", "ops")

    def __init__(self, arg_types: tuple[T.Type, ...] = (), names: tuple[str, ...] = ()) -> None:
        self.args = tuple([Value(t, self, i, names[i] if names else "") for i, t in enumerate(arg_types)])
        self.ops: list[Op] = []

    @property
    def terminator(self) -> Op:
        return self.ops[-1]

    @property
    def yielded(self) -> tuple[Value, ...]:
        return self.ops[-1].operands


class Function:
    """A kernel (or a vectorized kernel): parameters, one region, facts.

    math: "default", "strict" or "fast". debug: accesses are checked. level: THREAD before `vectorize`, BLOCK after.
    sites: places that may write diagnostic records, once a pass has numbered them.
    """

    __slots__ = ("attributes", "body", "level", "name", "sites", "span")

    def __init__(self, name: str, params: tuple[tuple[str, T.Type], ...], *, level: Level = Level.THREAD,
                 attributes: dict[str, Any] | None = None, span: Span = NOWHERE) -> None:  # fmt: skip
        self.name = name
        self.body = Region(tuple(t for _, t in params), tuple(n for n, _ in params))
        self.level = level
        self.attributes = attributes or {}
        self.sites: list[Site] = []
        self.span = span

    @property
    def params(self) -> tuple[Value, ...]:
        return self.body.args

    @property
    def math(self) -> str:
        return self.attributes.get("math", "default")

    @property
    def debug(self) -> bool:
        return self.attributes.get("debug", False)

    def __str__(self) -> str:
        from .text import print_function

        return print_function(self)


def all_ops(region: Region) -> list[Op]:
    """What `walk` gives, in a list, in a quarter of the time."""
    out: list[Op] = []
    _collect(region.ops, out)
    return out


def with_inner(ops: Sequence[Op]) -> list[Op]:
    """Ops, each before all that is in its regions, at any depth."""
    out: list[Op] = []
    _collect(ops, out)
    return out


def inner_ops(op: Op) -> list[Op]:
    """All that is in an op's regions, at any depth, in order."""
    out: list[Op] = []
    for region in op.regions:
        _collect(region.ops, out)
    return out


def _collect(ops: Sequence[Op], out: list[Op]) -> None:
    start = 0
    for k in [k for k, op in enumerate(ops) if op.regions]:
        out += ops[start : k + 1]
        start = k + 1
        for inner in ops[k].regions:
            _collect(inner.ops, out)
    out += ops[start:] if start else ops


def joined_by(v: Value, defn: OpDef) -> Iterator[Value]:
    """What ops of one kind join to a value, first to last: of a * (b * c) a, b and c, of a value that no such op makes itself."""
    if v.op is not None and v.op.defn is defn:
        for part in v.op.operands:
            yield from joined_by(part, defn)
    else:
        yield v


def walk(region: Region, enter: Callable[[Op], bool] | None = None) -> Iterator[Op]:
    """Every op of a region in order, each before the ops of its own regions (where `enter` says so)."""
    open_ = [iter(region.ops)]  # of a generator in another every op would pass through all
    while open_:
        for op in open_[-1]:
            yield op
            if op.regions and (enter is None or enter(op)):
                open_ += [iter(inner.ops) for inner in reversed(op.regions)]
                break
        else:
            open_.pop()
