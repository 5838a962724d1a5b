"""Algebraic rules as data: a pattern, what to put in its place, the types it holds for, and why.

One idea: a rule is true because both its sides *mean* the same, so a test evaluates both with the op rows on corner
values of every type that the rule claims (0, ±1, NaN, ±inf, the smallest normal and subnormal, the limits) and
compares bits (any NaN equals any NaN). A rule that cannot be proved that way does not belong here.

The language of patterns: `add x 0`, nested `and x (not x)`. The first word is an op; then
    x y z c     any value; the same letter again means the same value
    #a #b       any constant              0 1 -1 2.0 true    that constant (0.0 and -0.0 are different)
    LOW HIGH    the least and greatest value of the type       ONES    all bits set (true for a bool)
A replacement is an operand, a constant or a pattern of known things; ops on constants in it fold by themselves. The
type of a rule is that of the root's last operand. `when(t, a, b)` gives extra constants for the replacement, or None
for "not here". Operands of commutative ops match in any order, and their constant comes last (`opt_simplify` puts it
there).

How to write one: it must not make code worse, needs no second sweep to pay off, and shrinks or keeps the number of
ops. Under a family stand the tempting rules that are wrong, so that nobody adds them twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any

from . import types as T
from .core import Op, Value
from .opdef import CLASSES, OPS, OpDef
from .ops import arith, tile

__all__ = ["KINDS", "RULES", "Rule", "candidates", "cast_chain", "constant_of", "match"]

When = Callable[..., "dict[str, Any] | None"]
Pattern = Any  # str (an atom) or (OpDef, Pattern, ...)

KINDS: dict[str, tuple[T.ScalarType, ...]] = {
    **{letter: CLASSES[letter] for letter in "NIFSBA"},
    "signed": (T.i8, T.i16, T.i32, T.i64, T.index),
    "unsigned": (T.u8, T.u16, T.u32, T.u64),
    "bool": (T.bool_,),
}


class Rule:
    """One row. `fast`: holds only where NaN, infinities and the sign of zero do not matter (math="fast"). legal: puts only
    ops that every GPU target has where they were not (what `legalize` made stays so)."""

    __slots__ = ("fast", "legal", "pattern", "replacement", "text", "types", "when", "why")

    def __init__(self, pattern: str, replacement: str, kinds: str, why: str, when: When | None = None,
                 fast: bool = False) -> None:  # fmt: skip
        self.text = f"{pattern} -> {replacement}"
        self.pattern: Pattern = _read(pattern)
        self.replacement: Pattern = _read(replacement)
        self.types = frozenset(t for kind in kinds.split() for t in KINDS[kind])
        self.when = when
        self.why = why
        self.fast = fast
        self.legal = _ops(self.replacement) <= _ops(self.pattern) | _EVERYWHERE

    def __repr__(self) -> str:
        return f"<rule {self.text}>"


_EVERYWHERE = frozenset((
    arith.ADD, arith.SUB, arith.MUL, arith.NEG, arith.AND, arith.OR, arith.XOR, arith.NOT, arith.EQ, arith.NE, arith.SELECT,
))  # fmt: skip


def _ops(p: Pattern) -> frozenset[OpDef]:
    return frozenset() if isinstance(p, str) else frozenset((p[0],)).union(*map(_ops, p[1:]))


def _read(text: str) -> Pattern:
    """Text to nested tuples. A single word is an atom, more words are an op with its operands."""
    stack: list[list[Any]] = [[]]
    for token in text.replace("(", " ( ").replace(")", " ) ").split():
        if token == "(":
            stack.append([])
        elif token == ")":
            inner = tuple(stack.pop())
            stack[-1].append(inner)
        else:
            first = not stack[-1] and (len(stack) > 1 or " " in text)
            stack[-1].append(OPS[f"arith.{token}"] if first else token)
    (items,) = stack
    return items[0] if len(items) == 1 else tuple(items)


def _power_of_two(t: T.ScalarType, a: int) -> dict[str, Any] | None:
    return {"k": a.bit_length() - 1, "m": a - 1} if a > 0 and a & (a - 1) == 0 else None


def _exact_reciprocal(t: T.ScalarType, a: float) -> dict[str, Any] | None:
    """1/a where a is a power of two and 1/a a normal number of `t`, so that the product rounds as the quotient does."""
    if a == 0 or not math.isfinite(a) or abs(math.frexp(a)[0]) != 0.5:
        return None
    lowest = {T.f16: -14, T.bf16: -126, T.f32: -126, T.f64: -1022}[t]
    exponent = 1 - math.frexp(a)[1]
    return {"k": math.ldexp(math.copysign(1.0, a), exponent)} if lowest <= exponent <= -lowest else None


def _sum_below_width(t: T.ScalarType, a: int, b: int) -> dict[str, Any] | None:
    return {"k": a + b} if 0 <= a < t.bits and 0 <= b < t.bits and a + b < t.bits else None


def _clears_low_bits(t: T.ScalarType, a: int, b: int) -> dict[str, Any] | None:
    """The mask of the bits that remain when `a` are shifted out and as many zeros come back: b == 2**a."""
    if not 0 <= a < t.bits - t.is_signed or b != 1 << a:
        return None
    return {"k": -b if t.is_signed else (1 << t.bits) - b}


def _negatable(t: T.ScalarType, a: int) -> dict[str, Any] | None:
    return {"k": -a} if a != -(1 << (t.bits - 1)) else None


def _positive(t: T.ScalarType, a: float) -> dict[str, Any] | None:
    return {} if a > 0 else None


R = Rule
RULES: tuple[Rule, ...] = (
    # Sums and differences.
    R("add x 0", "x", "I", "nothing is added"),
    R("add x -0.0", "x", "F", "-0.0 is the float that changes nothing, also not -0.0"),
    R("sub x 0", "x", "I", "nothing is taken"),
    R("sub x 0.0", "x", "F", "-0.0 - 0.0 is -0.0, so zero keeps its sign"),
    R("sub x x", "0", "I", "a number less itself"),
    R("sub 0 x", "neg x", "signed", "what negation means; also for the smallest, which wraps to itself"),
    R("sub x #a", "add x k", "signed", "one form for offsets, so that sums of them join", _negatable),
    R("add (add x #a) #b", "add x (add #a #b)", "I", "wrapping sums are associative"),
    R("add (sub #a x) #b", "sub (add #a #b) x", "I", "wrapping sums are associative"),
    R("sub #a (add x #b)", "sub (sub #a #b) x", "I", "wrapping sums are associative"),
    R("sub (add x y) x", "y", "I", "what was added is taken again"),
    R("sub (add x y) y", "x", "I", "what was added is taken again"),
    R("add (sub x y) y", "x", "I", "what was taken is added again"),
    R("add x (neg y)", "sub x y", "S", "a + -b rounds as a - b"),
    R("sub x (neg y)", "add x y", "S", "a - -b rounds as a + b"),
    # Wrong: add x 0.0 -> x for floats (-0.0 + 0.0 is 0.0); sub x x -> 0.0 (NaN, infinities); sub 0.0 x -> neg x
    # (0.0 - 0.0 is 0.0); joining float sums (rounding). Under math="fast":
    R("add x 0.0", "x", "F", "the sign of zero does not matter", fast=True),
    R("sub x x", "0.0", "F", "x is finite", fast=True),
    R("mul x 0.0", "0.0", "F", "x is finite and the sign of zero does not matter", fast=True),
    # Products.
    R("mul x 1", "x", "I", "once x"),
    R("mul x 1.0", "x", "F", "once x, exactly"),
    R("mul x 0", "0", "I", "nothing of x"),
    R("mul x -1", "neg x", "signed", "what negation means"),
    R("mul x -1.0", "neg x", "F", "exact; flips the sign of zero too"),
    R("mul (mul x #a) #b", "mul x (mul #a #b)", "I", "wrapping products are associative"),
    R("mul (neg x) (neg y)", "mul x y", "S", "two flips cancel"),
    # Wrong: mul x 0.0 -> 0.0 (NaN, infinities, -0.0); mul x 2**k -> shl: no gain on a CPU, and analyses of strides and
    # ranges read products.
    R("neg (neg x)", "x", "S", "two flips cancel"),
    R("neg (sub x y)", "sub y x", "signed", "wrapping; for floats 0.0 differs in sign"),
    # Quotients.
    R("div x 1.0", "x", "F", "x by one"),
    R("div x -1.0", "neg x", "F", "exact"),
    R("div x #a", "mul x k", "F", "1/a is a power of two: the same real number, rounded once", _exact_reciprocal),
    R("floordiv x 1", "x", "I", "x by one"),
    R("floordiv x -1", "neg x", "signed", "exact; the smallest wraps to itself, as the row says"),
    R("floordiv x 0", "0", "I", "as the row says"),
    R("floordiv 0 x", "0", "I", "also when x is 0"),
    R("floordiv x #a", "shr x k", "I", "an arithmetic shift rounds down, as floor does", _power_of_two),
    R("mod x 1", "0", "I", "everything is a multiple of one"),
    R("mod x -1", "0", "signed", "everything is a multiple of one"),
    R("mod x 0", "0", "I", "as the row says"),
    R("mod 0 x", "0", "I", "also when x is 0"),
    R("mod x x", "0", "I", "also when x is 0"),
    R("mod x #a", "and x m", "I", "floor's remainder by 2**k is the low k bits, also below 0", _power_of_two),
    R("mul (shr x #a) #b", "and x k", "I", "x // 2**a * 2**a clears the low bits", _clears_low_bits),
    # Wrong: floordiv x x -> 1 (x may be 0); div x x -> 1.0 (0, NaN, infinities); mul (floordiv x y) y -> x.
    # Lesser, greater, magnitude, whole numbers.
    R("minimum x x", "x", "N", "the lesser of one number"),
    R("maximum x x", "x", "N", "the greater of one number"),
    R("fmin x x", "x", "F", "the lesser of one number"),
    R("fmax x x", "x", "F", "the greater of one number"),
    R("minimum x LOW", "LOW", "I", "nothing is less"),
    R("minimum x HIGH", "x", "I", "nothing is greater"),
    R("maximum x LOW", "x", "I", "nothing is less"),
    R("maximum x HIGH", "HIGH", "I", "nothing is greater"),
    R("minimum x (maximum x y)", "x", "I", "absorption"),
    R("maximum x (minimum x y)", "x", "I", "absorption; with floats a NaN in y would be lost"),
    R("abs (abs x)", "abs x", "N", "a magnitude has no sign"),
    R("abs (neg x)", "abs x", "S", "a magnitude has no sign"),
    R("abs x", "x", "unsigned", "a magnitude already"),
    *[R(f"{outer} ({inner} x)", f"{inner} x", "F", "whole already")
      for outer in ("floor", "ceil", "trunc", "round") for inner in ("floor", "ceil", "trunc", "round")],
    # Bits. For a bool these are the laws of logic.
    R("and x x", "x", "B", "idempotent"),
    R("or x x", "x", "B", "idempotent"),
    R("xor x x", "0", "B", "every bit equals itself"),
    R("and x 0", "0", "B", "no bit remains"),
    R("and x ONES", "x", "B", "every bit remains"),
    R("or x 0", "x", "B", "no bit is set"),
    R("or x ONES", "ONES", "B", "every bit is set"),
    R("xor x 0", "x", "B", "no bit flips"),
    R("xor x ONES", "not x", "B", "every bit flips"),
    R("not (not x)", "x", "B", "every bit flips twice"),
    R("and x (not x)", "0", "B", "a bit and its complement"),
    R("or x (not x)", "ONES", "B", "a bit and its complement"),
    R("xor (xor x y) y", "x", "B", "every bit flips twice"),
    R("and (and x #a) #b", "and x (and #a #b)", "B", "associative"),
    R("or (or x #a) #b", "or x (or #a #b)", "B", "associative"),
    R("xor (xor x #a) #b", "xor x (xor #a #b)", "B", "associative"),
    R("and x (or x y)", "x", "B", "absorption"),
    R("or x (and x y)", "x", "B", "absorption"),
    R("and x (and x y)", "and x y", "B", "idempotent"),
    R("or x (or x y)", "or x y", "B", "idempotent"),
    R("and (not x) (not y)", "not (or x y)", "B", "De Morgan; one op fewer"),
    R("or (not x) (not y)", "not (and x y)", "B", "De Morgan; one op fewer"),
    R("shl x 0", "x", "I", "by nothing"),
    R("shr x 0", "x", "I", "by nothing"),
    R("shl 0 x", "0", "I", "no bit to move"),
    R("shr 0 x", "0", "I", "no bit to move"),
    R("shl (shl x #a) #b", "shl x k", "I", "the steps add up while they stay below the width", _sum_below_width),
    R("shr (shr x #a) #b", "shr x k", "I", "the steps add up while they stay below the width", _sum_below_width),
    # Wrong: shl (shr x a) a -> x (low bits are lost); adding amounts that pass the width (the sum would wrap).
    # Comparisons.
    R("eq x x", "true", "B", "equal to itself; a float may be NaN"),
    R("ne x x", "false", "B", "equal to itself"),
    R("ne x x", "isnan x", "F", "only a NaN differs from itself"),
    R("le x x", "true", "I", "equal to itself; a float may be NaN"),
    R("ge x x", "true", "I", "equal to itself; a float may be NaN"),
    R("lt x x", "false", "N", "nothing is less than itself, NaN included"),
    R("gt x x", "false", "N", "nothing is greater than itself, NaN included"),
    R("lt x LOW", "false", "I", "nothing is less"),
    R("ge x LOW", "true", "I", "nothing is less"),
    R("gt x HIGH", "false", "I", "nothing is greater"),
    R("le x HIGH", "true", "I", "nothing is greater"),
    R("le x LOW", "eq x LOW", "I", "only the least itself"),
    R("ge x HIGH", "eq x HIGH", "I", "only the greatest itself"),
    R("lt (mul x x) 0.0", "false", "F", "a square is not negative, and of a NaN it is one"),
    *[R(f"{below} (add (mul x x) #a) 0.0", "false", "F", "more than a square: not even #a is lost by rounding", _positive)
      for below in ("eq", "lt", "le")],
    R("eq x true", "x", "bool", "what x says"),
    R("eq x false", "not x", "bool", "what x denies"),
    R("ne x true", "not x", "bool", "what x denies"),
    R("ne x false", "x", "bool", "what x says"),
    R("eq (add x #a) #b", "eq x (sub #b #a)", "I", "wrapping, both sides move alike"),
    R("ne (add x #a) #b", "ne x (sub #b #a)", "I", "wrapping, both sides move alike"),
    # Wrong: lt (add x a) b -> lt x (b - a): the sum may wrap. le x x -> true for floats: NaN.
    # A `not` of a comparison turns it. The type is the bool's; candidates look at the comparison's own below.
    R("not (eq x y)", "ne x y", "bool", "holds for NaN too: eq is false and ne true"),
    R("not (ne x y)", "eq x y", "bool", "holds for NaN too"),
    # not (lt x y) -> ge x y holds only for integers, so it hangs on the type of x (`_NOT_ORDER` below).
    # Choices.
    R("select true x y", "x", "A", "chosen"),
    R("select false x y", "y", "A", "chosen"),
    R("select c x x", "x", "A", "no choice"),
    R("select c true false", "c", "bool", "what c says"),
    R("select c false true", "not c", "bool", "what c denies"),
    R("select c x false", "and c x", "bool", "both"),
    R("select c true x", "or c x", "bool", "either"),
    R("select (not c) x y", "select c y x", "A", "ask the other way round"),
    R("select c (select c x y) z", "select c x z", "A", "c is known there"),
    R("select c x (select c y z)", "select c x z", "A", "c is known there"),
    # Wrong: select (lt x y) x y -> minimum x y for floats: NaN and the two zeros differ.
)  # fmt: skip

# not (ordered comparison) -> the opposite one, where every two numbers are ordered: integers.
NOT_ORDER = {arith.LT: arith.GE, arith.GE: arith.LT, arith.GT: arith.LE, arith.LE: arith.GT}


@cache
def number(word: str, t: T.ScalarType) -> Any:
    """The value that a constant word of a pattern stands for in type `t`; None when `t` has no such value."""
    if word in ("true", "false"):
        return word == "true" if t.is_bool else None
    if word in ("LOW", "HIGH"):
        return T.limits(t)[word == "HIGH"] if t.is_integer else None
    if word == "ONES":
        return True if t.is_bool else -1 if t.is_signed else T.limits(t)[1]
    if t.is_float:
        return float(word) if "." in word else None
    value = int(word) if "." not in word else None
    if value is None or t.is_bool:
        return False if value == 0 else None
    return value if T.limits(t)[0] <= value <= T.limits(t)[1] else None


def is_word(atom: Pattern) -> bool:
    """Whether an atom of a pattern is a particular constant (not a variable, not `#a`)."""
    return isinstance(atom, str) and _is_word(atom)


@cache
def _is_word(atom: str) -> bool:
    return atom in ("true", "false", "LOW", "HIGH", "ONES") or atom.lstrip("-")[0].isdigit()


def constant_of(v: Value) -> Any:
    """The number that `v` is known to be (a constant or a splat of one), or None."""
    op = v.owner
    if type(op) is not Op:
        return None
    if op.defn is arith.CONSTANT:
        return op.attributes["value"]
    return constant_of(op.operands[0]) if op.defn is tile.SPLAT else None


def same_number(a: Any, b: Any) -> bool:
    """Equal and of the same sign of zero."""
    return a == b and (a != 0 or type(a) is not float or math.copysign(1, a) == math.copysign(1, b))


def _variants(p: Pattern) -> Iterator[Pattern]:
    """A pattern in every order of the operands of its commutative ops, constants staying last."""
    if isinstance(p, str):
        yield p
        return
    defn, *args = p
    fixed = any(is_word(a) or (isinstance(a, str) and a[0] == "#") for a in args)
    for inner in product(*[list(_variants(a)) for a in args]):
        yield (defn, *inner)
        if defn.commutative and not fixed and inner[0] != inner[1]:
            yield (defn, inner[1], inner[0])


def _key(p: tuple[Any, ...]) -> tuple[OpDef, object, object]:
    """What must be true of the operands before a pattern is worth a try: one nested op, one constant, or two alike."""
    defn, *args = p
    for k, a in enumerate(args):
        if not isinstance(a, str):
            return defn, k, a[0]
    for k, a in enumerate(args):
        if is_word(a) or a[0] == "#":
            return defn, k, arith.CONSTANT
    return defn, None, None


def _table() -> dict[tuple[OpDef, object, object], list[tuple[Pattern, Rule]]]:
    table: dict[tuple[OpDef, object, object], list[tuple[Pattern, Rule]]] = {}
    for rule in RULES:
        for variant in dict.fromkeys(_variants(rule.pattern)):
            table.setdefault(_key(variant), []).append((variant, rule))
    return table


_TABLE = _table()
_ROOTS = frozenset(key[0] for key in _TABLE)
_Found = list[tuple[Pattern, "Rule", tuple[tuple[int, str], ...]]]
# What of the table is about an op, a type, and operands that were made by such ops.
_by_makers: dict[tuple[object, ...], _Found] = {}


def _found(defn: OpDef, k: object, made: object, t: T.ScalarType) -> _Found:
    """What of the table is about a type, each with the particular constants among its operands."""
    return [
        (pattern, rule, tuple([(at, word) for at, word in enumerate(pattern[1:]) if is_word(word)]))
        for pattern, rule in _TABLE.get((defn, k, made), ())
        if t in rule.types
    ]


def _found_by(defn: OpDef, t: T.ScalarType, *makers: OpDef | None) -> _Found:
    groups = [_found(defn, k, made, t) for k, made in enumerate(makers) if made is not None]
    return [row for group in [*groups, _found(defn, None, None, t)] for row in group]


def candidates(defn: OpDef, operands: Sequence[Value]) -> Sequence[tuple[Pattern, Rule]]:
    """Rules whose first requirements hold for an op of these operands; one look-up where no rule is about the op."""
    if defn not in _ROOTS:
        return ()
    key: list[object] = [defn, T.element_of(operands[-1].type)]
    for v in operands:
        op = v.owner
        if type(op) is not Op:
            key.append(None)
        elif op.defn is tile.SPLAT:  # one of a constant is a constant
            made = op.operands[0].owner
            key.append(made.defn if type(made) is Op else None)
        else:
            key.append(op.defn)
    known = tuple(key)
    found = _by_makers.get(known)
    if found is None:
        found = _by_makers[known] = _found_by(*known)  # type: ignore[arg-type]
    return [row[:2] for row in found if not row[2] or _has_words(row[2], operands)] if found else ()


def _has_words(words: tuple[tuple[int, str], ...], operands: Sequence[Value]) -> bool:
    """Whether the particular constants of a pattern are there."""
    for at, word in words:
        v = operands[at]
        given = constant_of(v)
        if given is None or not same_number(given, number(word, T.element_of(v.type))):
            return False
    return True


def match(pattern: Pattern, rule: Rule, operands: Sequence[Value]) -> dict[str, Any] | None:
    """Bindings of the pattern's letters (values, and numbers for constants) when the rule applies, else None."""
    t = T.element_of(operands[-1].type)
    if t not in rule.types:
        return None
    bound: dict[str, Any] = {}
    for p, v in zip(pattern[1:], operands):
        if not _matches(p, v, bound):
            return None
    if rule.when is not None:
        numbers = [constant_of(bound[k]) for k in bound if k[0] == "#"]
        extra = rule.when(t, *numbers)
        if extra is None:
            return None
        bound.update(extra)
    return bound


def _matches(p: Pattern, v: Value, bound: dict[str, Any]) -> bool:
    if not isinstance(p, str):
        op = v.owner
        if type(op) is not Op or op.defn is not p[0]:
            return False
        return all(_matches(q, w, bound) for q, w in zip(p[1:], op.operands))
    if is_word(p):
        found = constant_of(v)
        wanted = number(p, T.element_of(v.type))
        return found is not None and wanted is not None and same_number(found, wanted)
    if p[0] == "#" and constant_of(v) is None:
        return False
    return bound.setdefault(p, v) is v


def _holds_all(outer: T.ScalarType, inner: T.ScalarType) -> bool:
    """Whether every value of `inner` is a value of `outer`, so that a cast to it keeps the number."""
    if outer is inner or inner.is_bool:
        return True
    if outer.is_bool:
        return False
    if outer.is_integer:
        return inner.is_integer and T.holds(outer, inner)
    if inner.is_integer:
        # Every integer of `bits` bits; f16 and the 8-bit floats run out of exponents before they run out of bits.
        largest = {T.f16: 11, T.f8e4m3: 4, T.f8e5m2: 3}.get(outer, outer.mantissa + 1)
        return inner.bits - inner.is_signed <= largest
    return outer in _WIDER[inner]


_WIDER: dict[T.ScalarType, tuple[T.ScalarType, ...]] = {
    T.f8e4m3: (T.f16, T.bf16, T.f32, T.f64), T.f8e5m2: (T.f16, T.bf16, T.f32, T.f64), T.f16: (T.f32, T.f64),
    T.bf16: (T.f32, T.f64), T.f32: (T.f64,), T.f64: (),
}  # fmt: skip


@cache
def cast_chain(first: T.ScalarType, middle: T.ScalarType, last: T.ScalarType) -> bool:
    """Whether first -> middle -> last is the cast first -> last. Tested over all triples of types.

    Either `middle` keeps every number (but integer -> float -> integer saturates where integer -> integer wraps), or
    all are integers and `last` keeps no bit that `middle` dropped.
    """
    if first.is_integer and middle.is_integer and last.is_integer and last.bits <= middle.bits:
        return True
    if not _holds_all(middle, first):
        return False
    return not (first.is_integer and middle.is_float and last.is_integer) or _holds_all(last, first)
