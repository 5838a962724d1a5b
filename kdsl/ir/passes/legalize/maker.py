"""The maker: appends an op if the target has it, and otherwise what the op's rule makes of it.

One idea: rules are written in the same ops, through the maker again, so a rule may use whatever is handy: what of it the
target lacks is expanded in its turn. An op without a rule is one that every target has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ....target import Target
from ... import types as T
from ...analysis.ranges import Ranges
from ...builder import Builder, infer_types
from ...core import Op, Region, Value
from ...evaluate import fold
from ...opdef import OpDef
from ...ops import arith, machine
from ..ir_algebra import IRAlgebra, Term, fit

if TYPE_CHECKING:
    from . import Legalizer

__all__ = ["CARRIED_AS_INTEGER", "EXACT_ROWS", "SPECIAL", "Maker", "Rule", "Spells", "narrow_rule", "rule", "special"]

Spells = Callable[[str, T.ScalarType], bool]
# operands, result type, attributes -> the result
Rule = Callable[["Maker", tuple[Value, ...], T.ScalarType, dict[str, Any]], Value]

RULES: dict[OpDef, Rule] = {}
_ALWAYS: set[OpDef] = set()

# Ops whose old types or place in the function matter, so that they are handled by the pass itself.
SPECIAL: dict[OpDef, Callable[[Legalizer, Op], None]] = {}

# Narrow values may stand in these as they are.
_ON_NARROW = frozenset((
    arith.EQ, arith.NE, arith.SELECT, arith.CAST, arith.BITCAST, arith.CONSTANT, arith.LOOKUP,
))  # fmt: skip
# A result of these is representable whenever the operands are, so that a narrow type needs no rounding after it.
EXACT_ROWS = frozenset((
    arith.NEG, arith.ABS, arith.SIGN, arith.MINIMUM, arith.MAXIMUM, arith.FMIN, arith.FMAX, arith.SELECT, arith.FLOOR,
    arith.CEIL, arith.TRUNC, arith.ROUND, arith.CONSTANT,
))  # fmt: skip
# What a float's bits are moved as.
CARRIED_AS_INTEGER = {8: T.u8, 16: T.u16, 32: T.u32, 64: T.u64}


def rule(*defns: OpDef, always: bool = False) -> Callable[[Rule], Rule]:
    """The rule of ops that a target may lack. always: of ops that have it whatever the target spells."""

    def add(function: Rule) -> Rule:
        for defn in defns:
            assert defn not in RULES, defn
            RULES[defn] = function
            if always:
                _ALWAYS.add(defn)
        return function

    return add


def special(*defns: OpDef) -> Callable[[Callable[[Legalizer, Op], None]], Callable[[Legalizer, Op], None]]:
    """What becomes of ops that are not elementwise, or whose old types matter."""

    def add(function: Callable[[Legalizer, Op], None]) -> Callable[[Legalizer, Op], None]:
        for defn in defns:
            assert defn not in SPECIAL, defn
            SPECIAL[defn] = function
        return function

    return add


def wide_of(t: T.ScalarType) -> T.ScalarType:
    """The type in which arithmetic on a narrow type is done."""
    if t.is_float:
        return T.f32
    return T.i32 if t.is_signed else T.u32


class Maker(IRAlgebra):
    """Makes legal ops in the builder's current region; also an algebra of `Term`s, whose operators do.

    What was made is remembered as long as the region is open that it stands in, so that nothing is computed twice; ops on
    constants are constants.
    """

    def __init__(self, b: Builder, target: Target, spells: Spells, ranges: Ranges,
                 carriers: dict[T.ScalarType, T.ScalarType], math: str = "default") -> None:  # fmt: skip
        super().__init__(b, ordered=math == "fast")
        self.target = target
        self.ranges = ranges
        self.carriers = carriers  # types that are no types of values, each with the one that stands for it
        self.math = math
        self._spells = spells
        self._spelled: dict[tuple[str, T.ScalarType], bool] = {}
        self.known: dict[tuple[object, ...], Value] = {}
        self.scope: list[tuple[object, ...]] = []  # what the current region has added to `known`

    def spelled(self, name: str, t: T.ScalarType) -> bool:
        """Whether the target has an op of this name on this type."""
        key = (name, t)
        known = self._spelled.get(key)
        if known is None:
            known = self._spelled[key] = self._spells(name, t)
        return known

    def has(self, feature: str) -> bool:
        return feature in self.target.has

    # Ops

    def raw(self, defn: OpDef, operands: tuple[Value, ...], t: T.Type, attributes: dict[str, Any] | None = None) -> Value:
        """An op that the target has."""
        if not defn.mergeable:
            return self._new(defn, operands, t, attributes)
        key = (defn, operands, t, *attributes.items()) if attributes else (defn, operands, t)
        made = self.known.get(key)
        if made is None:
            op = Op(defn, operands, (t,), attributes, (), self.b.span)
            self.b.region.ops.append(op)
            made = self.known[key] = op.results[0]
            self.scope.append(key)
        return made

    def _new(self, defn: OpDef, operands: tuple[Value, ...], t: T.Type, attributes: dict[str, Any] | None) -> Value:
        op = Op(defn, operands, (t,), attributes, (), self.b.span)
        self.b.region.ops.append(op)
        return op.results[0]

    def binary(self, defn: OpDef, a: Any, b: Any, result: T.ScalarType | None = None,
               attributes: dict[str, Any] | None = None) -> Term:  # fmt: skip
        """As everywhere, in fewer steps, on scalars: most ops are made here."""
        if type(a) is not Term or type(b) is not Term or a.element is not b.element:
            a, b = self.pair(a, b)
        t = result or a.element
        return Term(self, t, self.append(defn, (a.value, b.value), t, attributes))

    def literal(self, value: Any, t: T.ScalarType) -> Term:
        """A constant; integers wrap, floats are rounded to the type."""
        key = (t, type(value), repr(value) if type(value) is float else value)  # repr tells 0.0 from -0.0
        made = self.known.get(key)
        if made is None:
            fitting = fit(value, t)
            full = key if type(fitting) is type(value) and fitting is value else (t, type(fitting), repr(fitting))
            made = self.known.get(full)
            if made is None:
                made = self._new(arith.CONSTANT, (), t, {"value": fitting})
                self._remember(full, made)
            if full != key:
                self._remember(key, made)
        return Term(self, t, made)

    def _remember(self, key: tuple[object, ...], made: Value) -> None:
        self.known[key] = made
        self.scope.append(key)

    def append(
        self, defn: OpDef, operands: tuple[Value, ...], t: T.Type, attributes: dict[str, Any] | None = None
    ) -> Value:
        """An elementwise op in ops that the target has."""
        if defn.eval is not None and operands:
            for v in operands:
                owner = v.owner
                if type(owner) is not Op or owner.defn is not arith.CONSTANT:
                    break
            else:
                return self._folded(defn, operands, t, attributes or {})
        of = operands[0].type if operands else t
        if of.bits < 32 and of is not T.bool_ and defn not in _ON_NARROW:  # type: ignore[union-attr]
            return self._on_narrow(defn, operands, of, t, attributes)  # type: ignore[arg-type]
        expand = RULES.get(defn)
        if expand is not None and (defn in _ALWAYS or not self.spelled(defn.name, of)):  # type: ignore[arg-type]
            return expand(self, operands, t, attributes or {})  # type: ignore[arg-type]
        return self.raw(defn, operands, t, attributes)

    def _folded(self, defn: OpDef, operands: tuple[Value, ...], t: T.Type, attributes: dict[str, Any]) -> Value:
        """An op on constants. Their types are those of values, which hold what is narrower exactly."""
        numbers = [v.owner.attributes["value"] for v in operands]  # type: ignore[union-attr]
        value = fold(defn, t, [v.type for v in operands], numbers, attributes)
        return self.literal(value, t).value  # type: ignore[arg-type]

    def _on_narrow(self, defn: OpDef, operands: tuple[Value, ...], of: T.ScalarType, t: T.ScalarType,
                   attributes: dict[str, Any] | None) -> Value:  # fmt: skip
        """An op on a type of fewer than 32 bits, where the target has none."""
        if of is T.f16 and self.spelled(defn.name, of):
            return self.raw(defn, operands, t, attributes)
        special = NARROW_RULES.get(defn)
        if special is not None:
            return special(self, operands, t, attributes or {})
        wide = wide_of(of)
        out = self.append(defn, tuple([self.cast(v, wide) for v in operands]), wide if t is of else t, attributes)
        return self.cast(out, t) if t is of else out

    def cast(self, v: Value, to: T.ScalarType) -> Value:
        """A cast between types of values (bool too)."""
        return v if v.type is to else self.append(arith.CAST, (v,), to)

    # Terms

    def terms(self, operands: tuple[Value, ...]) -> tuple[Term, ...]:
        return tuple([Term(self, T.element_of(v.type), v) for v in operands])

    def to(self, x: Term, t: T.ScalarType) -> Term:
        """A cast, exact or wrapping as casts are."""
        return x if x.element is t else Term(self, t, self.cast(x.value, t))

    def bits_of(self, x: Term) -> Term:
        """The bits of a number as an unsigned integer of its width."""
        return self.bitcast(x, CARRIED_AS_INTEGER[x.element.bits].name)

    def unsigned(self, x: Term) -> Term:
        """An integer as the unsigned one of its width."""
        return x if x.element.kind is T.Kind.UINT else self.to(x, CARRIED_AS_INTEGER[x.element.bits])

    def both(self, a: Term, b: Term) -> Term:
        return self.binary(arith.AND, a, b)

    def either(self, a: Term, b: Term) -> Term:
        return self.binary(arith.OR, a, b)

    # What elementary functions ask for

    def product_error(self, x: Term, y: Any, product: Term) -> Term | None:
        if self.math == "strict" or not self.spelled("arith.fma", x.element):
            return None
        x, y = self.pair(x, y)
        return Term(self, x.element, self.raw(arith.FMA, (x.value, y.value, (-product).value), x.element))

    def huge(self, ax: Term, expand: Callable[[], Sequence[Term]]) -> Sequence[Term]:
        """A call, where the target makes a function of it."""
        if not self.spelled("machine.payne_hanek", ax.element):
            return expand()
        types = infer_types(machine.PAYNE_HANEK, (ax.value,), {})
        made = self.b.emit_op(machine.PAYNE_HANEK, (ax.value,), types)
        return [Term(self, T.element_of(v.type), v) for v in made.results]

    def rarely(self, mask: Term, slow: Callable[[], Sequence[Term]], fast: Sequence[Term]) -> Sequence[Term]:
        """A branch around `slow`."""
        then, otherwise = Region(), Region()
        with self.inside(then):
            self.b.yield_(*[x.value for x in slow()])
        with self.inside(otherwise):
            self.b.yield_(*[x.value for x in fast])
        made = self.b.if_(mask.value, [x.value.type for x in fast], then, otherwise)
        return [Term(self, x.element, result) for x, result in zip(fast, made.results, strict=True)]

    def inside(self, region: Region) -> _Inside:
        """What is made in the block goes into `region`; what the regions around hold is seen there."""
        return _Inside(self, region)


class _Inside:
    __slots__ = ("maker", "outer", "region", "scope")

    def __init__(self, maker: Maker, region: Region) -> None:
        self.maker = maker
        self.region = region

    def __enter__(self) -> Region:
        m = self.maker
        self.outer, m.b.region = m.b.region, self.region
        self.scope, m.scope = m.scope, []
        return self.region

    def __exit__(self, *_: object) -> None:
        m = self.maker
        m.b.region = self.outer
        for key in m.scope:
            del m.known[key]
        m.scope = self.scope


NARROW_RULES: dict[OpDef, Rule] = {}


def narrow_rule(*defns: OpDef) -> Callable[[Rule], Rule]:
    """What becomes of ops on narrow types where widening alone would give another result."""

    def add(function: Rule) -> Rule:
        NARROW_RULES.update(dict.fromkeys(defns, function))
        return function

    return add
