"""Arithmetic on numbers: the same rows for scalars and for tiles.

Rules that hold for every row here, on every target:
* Integers wrap modulo 2**bits. `//` and `%` round toward minus infinity; division by zero gives 0 (and `%` gives 0), and
  the smallest value divided by -1 wraps to itself; a debug build reports division by zero.
* A shift by the width or more gives 0, or -1 for an arithmetic right shift of a negative number. The amount counts as
  unsigned.
* Floats are IEEE 754 with rounding to nearest even, subnormals included. A NaN's payload and sign are not specified.
  Under math="default" `a*b+c` may be computed with one rounding, unless the op carries exact=True. Under math="fast"
  sums and products may be reassociated too, unless the op carries exact=True or ordered=True.
* f16, bf16 results are those of f32 arithmetic rounded once (which equals a native operation for + - * / sqrt).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import formats, types as T
from ..opdef import Trait, define

A = Any
_EXACT = Trait.EXACT_FLAG


def _unsigned(x: A) -> A:
    return np.asarray(x).view(np.dtype(f"u{x.dtype.itemsize}"))


def _floordiv(a: A, b: A) -> A:
    return np.where(b == 0, a.dtype.type(0), np.floor_divide(a, np.where(b == 0, b.dtype.type(1), b))).astype(a.dtype)


def _mod(a: A, b: A) -> A:
    return np.where(b == 0, a.dtype.type(0), np.mod(a, np.where(b == 0, b.dtype.type(1), b))).astype(a.dtype)


def _shl(a: A, b: A) -> A:
    bits = a.dtype.itemsize * 8
    amount = _unsigned(b)
    return np.where(amount < bits, np.left_shift(a, np.where(amount < bits, b, 0).astype(a.dtype)), 0).astype(a.dtype)


def _shr(a: A, b: A) -> A:
    bits = a.dtype.itemsize * 8
    amount = np.minimum(_unsigned(b), bits - 1).astype(a.dtype)
    shifted = np.right_shift(a, amount)
    if a.dtype.kind == "u":
        shifted = np.where(_unsigned(b) < bits, shifted, 0)
    return shifted.astype(a.dtype)


def _bitcast(t: T.ScalarType, x: A) -> A:
    # `encoded`: x is bits already, also of the storage floats, whose values are computed in f32.
    return formats.decode(t, np.ascontiguousarray(x).view(t.dtype))


def _popcount(a: A) -> A:
    bits = _unsigned(a).astype(np.uint64)
    count = np.zeros(bits.shape, np.int64)
    for k in range(a.dtype.itemsize * 8):
        count += ((bits >> np.uint64(k)) & np.uint64(1)).astype(np.int64)
    return count.astype(a.dtype)


def _clz(a: A) -> A:
    width = a.dtype.itemsize * 8
    bits = _unsigned(a).astype(np.uint64)
    found = np.zeros(bits.shape, bool)
    count = np.full(bits.shape, width, np.int64)
    for k in range(width):
        here = ((bits >> np.uint64(width - 1 - k)) & np.uint64(1)).astype(bool) & ~found
        count = np.where(here, k, count)
        found |= here
    return count.astype(a.dtype)


def _ctz(a: A) -> A:
    width = a.dtype.itemsize * 8
    bits = _unsigned(a).astype(np.uint64)
    count = np.full(bits.shape, width, np.int64)
    for k in reversed(range(width)):
        count = np.where((bits >> np.uint64(k)) & np.uint64(1), k, count)
    return count.astype(a.dtype)


def _minimum(a: A, b: A) -> A:
    """NaN if either is; -0.0 counts as less than +0.0, so that every target agrees."""
    low = np.minimum(a, b)  # of -0.0 and 0.0 NumPy gives either
    return np.where(a == b, np.where(np.signbit(b), b, a), low) if a.dtype.kind == "f" else low


def _maximum(a: A, b: A) -> A:
    high = np.maximum(a, b)
    return np.where(a == b, np.where(np.signbit(a), b, a), high) if a.dtype.kind == "f" else high


def _fmin(a: A, b: A) -> A:
    return np.where(np.isnan(a), b, np.where(np.isnan(b), a, _minimum(a, b)))


def _fmax(a: A, b: A) -> A:
    return np.where(np.isnan(a), b, np.where(np.isnan(b), a, _maximum(a, b)))


def _sign(x: A) -> A:
    """-1, 0 or 1; a NaN stays NaN and a zero keeps its sign."""
    return np.where((x == 0) | (x != x), x, np.sign(x)).astype(x.dtype)


def _div(a: A, b: A) -> A:
    return np.divide(a, b)


def _fma(a: A, b: A, c: A) -> A:
    return fused_multiply_add(a, b, c)


def _split(a: A) -> tuple[A, A]:
    """Veltkamp: a = high + low with high in the upper 26 bits of an f64."""
    big = a * 134217729.0
    high = big - (big - a)
    return high, a - high


def _two_sum(a: A, b: A) -> tuple[A, A]:
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def fused_multiply_add(a: A, b: A, c: A) -> A:
    """a*b + c rounded once, for f16, f32 and f64 arrays.

    Narrow types: the product is exact in f64; the sum is rounded to odd there, so that the final rounding to the narrow
    type is the only one that counts (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
    f64: exactly through integers, one element at a time; slow, and the definition.
    """
    if a.dtype == np.float64:
        return _fma_f64(a, b, c)
    product = a.astype(np.float64) * b.astype(np.float64)
    total, error = _two_sum(product, c.astype(np.float64))
    bits = np.ascontiguousarray(total).view(np.int64)
    inexact = np.isfinite(total) & (error != 0) & ((bits & 1) == 0)
    # Odd means one step toward the true value; that is away from zero when the error has the sum's sign.
    step = np.where((error > 0) == (total > 0), 1, -1)
    odd = np.where(inexact, bits + step, bits).astype(np.int64).view(np.float64)
    return odd.astype(a.dtype)


def _fma_f64(a: A, b: A, c: A) -> A:
    from fractions import Fraction

    a, b, c = np.broadcast_arrays(a, b, c)
    plain = np.asarray(a * b + c)
    out = plain.copy().reshape(-1)
    for i, (x, y, z) in enumerate(zip(a.reshape(-1).tolist(), b.reshape(-1).tolist(), c.reshape(-1).tolist(), strict=True)):
        if np.isfinite(x) and np.isfinite(y) and np.isinf(z):
            out[i] = z  # also where x*y alone would overflow
            continue
        if not (np.isfinite(x) and np.isfinite(y) and np.isfinite(z)) or x == 0 or y == 0:
            continue
        exact = Fraction(x) * Fraction(y) + Fraction(z)
        if exact == 0:
            # An exact cancellation is +0; a product that only underflowed is not zero here, so signs are settled.
            out[i] = 0.0
            continue
        try:
            out[i] = float(exact)
        except OverflowError:
            out[i] = np.inf if exact > 0 else -np.inf
    return out.reshape(plain.shape)


def _rsqrt(x: A) -> A:
    wide = x.astype(np.float32) if x.dtype == np.float16 else x  # f16 rounds once, as the rule above says
    return (wide.dtype.type(1) / np.sqrt(wide)).astype(x.dtype)


def _lookup(t: T.ScalarType, i: A, *, table: tuple[float, ...]) -> A:
    return np.asarray(table, t.value_dtype)[np.clip(i, 0, len(table) - 1)]


CONSTANT = define("arith.constant", "-> out:A", "The number in attribute `value`.", attributes=("value",), elementwise=True)

ADD = define("arith.add", "lhs:N rhs:N -> out:N", "Sum. Integers wrap modulo 2**bits.", eval=np.add, elementwise=True, trait=Trait.COMMUTATIVE | Trait.ASSOCIATIVE | _EXACT)  # fmt: skip
SUB = define("arith.sub", "lhs:N rhs:N -> out:N", "Difference. Integers wrap.", eval=np.subtract, elementwise=True, trait=_EXACT)  # fmt: skip
MUL = define("arith.mul", "lhs:N rhs:N -> out:N", "Product. Integers wrap.", eval=np.multiply, elementwise=True, trait=Trait.COMMUTATIVE | Trait.ASSOCIATIVE | _EXACT)  # fmt: skip
DIV = define("arith.div", "lhs:F rhs:F -> out:F", "Quotient of floats, IEEE.", eval=_div, elementwise=True)
FLOORDIV = define("arith.floordiv", "lhs:I rhs:I -> out:I", "Quotient rounded toward minus infinity; 0 when rhs is 0.", eval=_floordiv, elementwise=True)  # fmt: skip
MOD = define("arith.mod", "lhs:I rhs:I -> out:I", "lhs - lhs // rhs * rhs: the sign is rhs's; 0 when rhs is 0.", eval=_mod, elementwise=True)  # fmt: skip
NEG = define("arith.neg", "x:S -> out:S", "Negation; flips the sign bit of a float, also of zero and NaN.", eval=np.negative, elementwise=True)  # fmt: skip
ABS = define("arith.abs", "x:N -> out:N", "Magnitude; the smallest integer wraps to itself.", eval=np.abs, elementwise=True)  # fmt: skip
SIGN = define("arith.sign", "x:S -> out:S", "-1, 0 or 1. A NaN and a zero stay as they are.", eval=_sign, elementwise=True)  # fmt: skip
MINIMUM = define("arith.minimum", "lhs:N rhs:N -> out:N", "The lesser; NaN if either is NaN; -0.0 is less than 0.0.", eval=_minimum, elementwise=True, trait=Trait.COMMUTATIVE | Trait.ASSOCIATIVE)  # fmt: skip
MAXIMUM = define("arith.maximum", "lhs:N rhs:N -> out:N", "The greater; NaN if either is NaN; 0.0 is greater than -0.0.", eval=_maximum, elementwise=True, trait=Trait.COMMUTATIVE | Trait.ASSOCIATIVE)  # fmt: skip
FMIN = define("arith.fmin", "lhs:F rhs:F -> out:F", "The lesser; of a number and a NaN, the number.", eval=_fmin, elementwise=True, trait=Trait.COMMUTATIVE)  # fmt: skip
FMAX = define("arith.fmax", "lhs:F rhs:F -> out:F", "The greater; of a number and a NaN, the number.", eval=_fmax, elementwise=True, trait=Trait.COMMUTATIVE)  # fmt: skip
FMA = define("arith.fma", "a:F b:F c:F -> out:F", "a*b + c rounded once, on every target.", eval=_fma, elementwise=True)

AND = define("arith.and", "lhs:B rhs:B -> out:B", "Bitwise and; logical and of bools (both are evaluated).", eval=np.bitwise_and, elementwise=True, trait=Trait.COMMUTATIVE | Trait.ASSOCIATIVE)  # fmt: skip
OR = define("arith.or", "lhs:B rhs:B -> out:B", "Bitwise or; logical or of bools (both are evaluated).", eval=np.bitwise_or, elementwise=True, trait=Trait.COMMUTATIVE | Trait.ASSOCIATIVE)  # fmt: skip
XOR = define("arith.xor", "lhs:B rhs:B -> out:B", "Bitwise exclusive or; of bools: differ.", eval=np.bitwise_xor, elementwise=True, trait=Trait.COMMUTATIVE | Trait.ASSOCIATIVE)  # fmt: skip
NOT = define("arith.not", "x:B -> out:B", "Bitwise complement; logical not of a bool.", eval=np.invert, elementwise=True)
SHL = define("arith.shl", "lhs:I rhs:I -> out:I", "Left shift; 0 when rhs is the width or more (or negative).", eval=_shl, elementwise=True)  # fmt: skip
SHR = define("arith.shr", "lhs:I rhs:I -> out:I", "Right shift, of signed types by copies of the sign; by the width or more: 0 or -1.", eval=_shr, elementwise=True)  # fmt: skip
POPCOUNT = define("arith.popcount", "x:I -> out:I", "How many bits are set.", eval=_popcount, elementwise=True)
CLZ = define("arith.clz", "x:I -> out:I", "Zero bits above the highest set bit; the width when x is 0.", eval=_clz, elementwise=True)  # fmt: skip
CTZ = define("arith.ctz", "x:I -> out:I", "Zero bits below the lowest set bit; the width when x is 0.", eval=_ctz, elementwise=True)  # fmt: skip

EQ = define("arith.eq", "lhs:A rhs:A -> out:bool", "Equal. A NaN equals nothing.", eval=np.equal, elementwise=True, trait=Trait.COMMUTATIVE)  # fmt: skip
NE = define("arith.ne", "lhs:A rhs:A -> out:bool", "Not equal. True when either is NaN.", eval=np.not_equal, elementwise=True, trait=Trait.COMMUTATIVE)  # fmt: skip
LT = define("arith.lt", "lhs:N rhs:N -> out:bool", "Less. False when either is NaN.", eval=np.less, elementwise=True)
LE = define("arith.le", "lhs:N rhs:N -> out:bool", "Less or equal. False when either is NaN.", eval=np.less_equal, elementwise=True)  # fmt: skip
GT = define("arith.gt", "lhs:N rhs:N -> out:bool", "Greater. False when either is NaN.", eval=np.greater, elementwise=True)  # fmt: skip
GE = define("arith.ge", "lhs:N rhs:N -> out:bool", "Greater or equal. False when either is NaN.", eval=np.greater_equal, elementwise=True)  # fmt: skip

SELECT = define("arith.select", "cond:bool a:A b:A -> out:A", "a where cond, else b. Evaluates both.", eval=np.where, elementwise=True)  # fmt: skip
CAST = define("arith.cast", "x:X -> out:Y", "The number in another type. Integers wrap; float to integer truncates, saturates, NaN to 0; to bool: != 0.", eval=formats.convert, typed=True, elementwise=True)  # fmt: skip
BITCAST = define("arith.bitcast", "x:X -> out:Y", "The same bits read as another type of the same width.", eval=_bitcast, typed=True, encoded=True, elementwise=True)  # fmt: skip
LOOKUP = define("arith.lookup", "i:I -> out:A", "Element i of the constant attribute `table`; i is clamped to it.", eval=_lookup, typed=True, elementwise=True, attributes=("table",))  # fmt: skip

FLOOR = define("arith.floor", "x:F -> out:F", "The largest integer not above x; keeps -0.0, infinities and NaN.", eval=np.floor, elementwise=True)  # fmt: skip
CEIL = define("arith.ceil", "x:F -> out:F", "The smallest integer not below x; keeps -0.0, infinities and NaN.", eval=np.ceil, elementwise=True)  # fmt: skip
TRUNC = define("arith.trunc", "x:F -> out:F", "x without its fraction.", eval=np.trunc, elementwise=True)
ROUND = define("arith.round", "x:F -> out:F", "The nearest integer, ties to even.", eval=np.rint, elementwise=True)
SQRT = define("arith.sqrt", "x:F -> out:F", "Square root, correctly rounded; NaN below 0; sqrt(-0.0) is -0.0.", eval=np.sqrt, elementwise=True)  # fmt: skip
RSQRT = define("arith.rsqrt", "x:F -> out:F", "1 / sqrt(x), each step rounded; within 4 ULP of it unless math is strict.", eval=_rsqrt, elementwise=True)
ISNAN = define("arith.isnan", "x:F -> out:bool", "Whether x is NaN.", eval=np.isnan, elementwise=True)
ISINF = define("arith.isinf", "x:F -> out:bool", "Whether x is an infinity.", eval=np.isinf, elementwise=True)
