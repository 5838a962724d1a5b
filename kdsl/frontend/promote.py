"""Which type two numbers meet in: the promotion rules of the language as one function over pairs.

One idea: a rule gives a type or a `Conflict` (code, reason, remedy); where it is reported is the caller's affair.
Literals are weak: they take the other side's type when they fit.
"""

from __future__ import annotations

from typing import NamedTuple

from ..ir import types as T

__all__ = ["Conflict", "Weak", "arithmetic_type", "default_type", "fits", "holding", "literal_type", "promote"]


class Conflict(NamedTuple):
    """Why two types do not meet."""

    code: str
    reason: str
    help: str


class Weak(NamedTuple):
    """The type of a literal, or of a variable that so far only held literals.

    is_float: or an int. lo, hi: what an int may be. roots: the loop variables whose type is still being found out;
    empty for plain literals.
    """

    is_float: bool
    lo: int = 0
    hi: int = 0
    roots: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return "a float literal" if self.is_float else "an int literal"


NumberType = T.ScalarType | Weak


def fits(value: int, t: T.ScalarType) -> bool:
    lo, hi = T.limits(t)
    return lo <= value <= hi


def literal_type(value: bool | int | float) -> T.ScalarType:
    """The type a literal takes when nothing else decides: bool, i32 (i64, u64 if it must), f32."""
    if isinstance(value, bool):
        return T.bool_
    if isinstance(value, float):
        return T.f32
    return next((t for t in (T.i32, T.i64, T.u64) if fits(value, t)), T.i64)


def default_type(w: Weak) -> T.ScalarType:
    if w.is_float:
        return T.f32
    return T.i32 if fits(w.lo, T.i32) and fits(w.hi, T.i32) else T.i64


def arithmetic_type(t: T.ScalarType) -> T.ScalarType:
    """What a type computes in: 8-bit floats in f32, everything else in itself."""
    return T.f32 if t is T.f8e4m3 or t is T.f8e5m2 else t


def _weak(strong: T.ScalarType, w: Weak) -> T.ScalarType | Conflict:
    if strong.is_bool:
        return _mask(str(w))
    if strong.is_float:
        return arithmetic_type(strong)
    if w.is_float:
        return T.f32
    if w.lo < 0 and strong.kind is T.Kind.UINT:
        return Conflict(
            "K204",
            f"the negative number {w.lo} meets {strong}, which holds no negative numbers",
            f"cast the other side to a signed type first, for example {holding(strong, w)}(...), or write {strong}(...)",
        )
    if not (fits(w.lo, strong) and fits(w.hi, strong)):
        lo, hi = T.limits(strong)
        number = w.hi if fits(w.lo, strong) else w.lo
        unsigned = f", or to {strong.name.replace('i', 'u')}, where it fits" if 0 < number <= 2 * hi + 1 and lo < 0 else ""
        return Conflict("K204", f"{number} does not fit {strong}, whose numbers are {lo} to {hi}",
                        f"cast the other side to a wider type first, for example {holding(strong, w)}(...){unsigned}")  # fmt: skip
    return strong


def holding(t: T.ScalarType, w: Weak) -> T.ScalarType:
    """An integer type that holds the literal, and what `t` holds if there is one."""
    fitting = [wide for wide in (T.i32, T.u32, T.i64, T.u64) if fits(w.lo, wide) and fits(w.hi, wide)]
    lo, hi = T.limits(t)
    return next((wide for wide in fitting if fits(lo, wide) and fits(hi, wide)), fitting[0] if fitting else T.i64)


def _mask(other: str) -> Conflict:
    return Conflict("K203", f"a mask (bool) is mixed with a number ({other})",
                    "write i32(mask) to count with it, or kdsl.where(mask, a, b) to choose with it")  # fmt: skip


def promote(a: NumberType, b: NumberType) -> NumberType | Conflict:
    """The type that numbers of types `a` and `b` are computed in together."""
    if isinstance(a, Weak):
        if isinstance(b, Weak):
            both = a.roots | b.roots
            is_float = a.is_float or b.is_float
            return Weak(is_float, min(a.lo, b.lo), max(a.hi, b.hi), both)
        return _weak(b, a)
    if isinstance(b, Weak):
        return _weak(a, b)
    if a is b:
        return arithmetic_type(a)
    if a.is_bool or b.is_bool:
        return _mask(str(b if a.is_bool else a))
    if a.is_float or b.is_float:
        return _floats(a, b)
    return _integers(a, b)


def _floats(a: T.ScalarType, b: T.ScalarType) -> T.ScalarType | Conflict:
    a, b = arithmetic_type(a), arithmetic_type(b)
    if not a.is_float:
        return b
    if not b.is_float or a is b:
        return a
    if a.bits == b.bits:
        return Conflict("K202", f"{a} and {b} have no common type of their size",
                        "write f32(...) around one of them (or both) to say where to compute")  # fmt: skip
    return a if a.bits > b.bits else b


def _integers(a: T.ScalarType, b: T.ScalarType) -> T.ScalarType | Conflict:
    if a.kind is b.kind:
        if a.bits == b.bits:
            return T.index  # index with i64
        return a if a.bits > b.bits else b
    signed, unsigned = (a, b) if a.kind is T.Kind.INT else (b, a)
    if signed.bits > unsigned.bits:
        return signed
    size = "the same width" if signed.bits == unsigned.bits else "fewer bits"
    wide = f"i{min(unsigned.bits * 2, 64)}"
    return Conflict("K201", f"{signed} is signed and {unsigned} is not, and {signed} has {size}",
                    f"say which you mean: {unsigned}(...) around the {signed}, or "
                    f"{signed if signed.bits == unsigned.bits else wide}(...) around the {unsigned}")  # fmt: skip
