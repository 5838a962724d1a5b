"""Facts about the two float formats, and the small building blocks that every elementary function shares.

One idea: an algorithm is written once over a ``Format``; whatever differs between f32 and f64 (widths,
masks, constants, coefficients) is looked up by the format, so both types run the same source.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.records import record


class Format(metaclass=record):
    """One IEEE binary format and the names of the integer types of its width."""

    name: str
    signed: str
    unsigned: str
    fraction_bits: int
    bias: int

    @property
    def bits(self) -> int:
        """Width of the format."""
        return 64 if self.name == "f64" else 32

    @property
    def sign_mask(self) -> int:
        """The bit of the sign."""
        return 1 << (self.bits - 1)

    @property
    def one_bits(self) -> int:
        """The bit pattern of 1.0."""
        return self.bias << self.fraction_bits

    @property
    def half_mask(self) -> int:
        """Clears the lower half of a significand, so that products of two such halves are exact."""
        return ~((1 << (12 if self.name == "f32" else 27)) - 1)

    @property
    def smallest_normal(self) -> float:
        """The smallest positive normal number."""
        return 2.0 ** (1 - self.bias)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return (2.0 - 2.0**-self.fraction_bits) * 2.0**self.bias


class Exact:
    """A quotient of integers. `fractions` would do, and takes 3 ms to import, with `decimal`."""

    __slots__ = ("above", "below")

    def __init__(self, above: int, below: int) -> None:
        self.above = above
        self.below = below

    def __float__(self) -> float:
        return self.above / self.below  # of integers, and so correctly rounded

    def __sub__(self, x: float) -> Exact:
        above, below = x.as_integer_ratio()
        return Exact(self.above * below - above * self.below, self.below * below)

    def __truediv__(self, x: Exact | int) -> Exact:
        return Exact(self.above * x.below, self.below * x.above) if isinstance(x, Exact) else Exact(self.above, self.below * x)

    def __rtruediv__(self, x: int) -> Exact:
        return Exact(x * self.below, self.above)


F32 = Format("f32", "i32", "u32", 23, 127)
F64 = Format("f64", "i64", "u64", 52, 1023)

INFINITY = math.inf
NAN = math.nan

# Constants beyond double precision, to be split into exactly representable parts.
PI = Exact(314159265358979323846264338327950288419716939937510582097494459230781640628620899862803483, 10**89)
LN2 = Exact(69314718055994530941723212145817656807550013436025525412068000949339362196969471560586333, 10**89)
LN10 = Exact(23025850929940456840179914546843642076011014886287729760333279009675726096773524802359972, 10**88)


def round_to_bits(x: Exact, bits: int) -> float:
    """The float nearest to ``x`` with ``bits`` significant bits."""
    if x.above == 0:
        return 0.0
    shift = bits - math.frexp(float(x))[1]
    above, below = x.above << max(shift, 0), x.below << max(-shift, 0)
    whole, rest = divmod(above, below)
    whole += 2 * rest + (whole & 1) > below  # to nearest, ties to even
    return math.ldexp(whole, -shift)


def split(x: Exact, widths: Sequence[int]) -> tuple[float, ...]:
    """``x`` as a sum of floats with the given numbers of significant bits, largest first."""
    parts = []
    for bits in widths:
        part = round_to_bits(x, bits)
        parts.append(part)
        x -= part
    return tuple(parts)


def polynomial(x: Value, coefficients: Sequence[float]) -> Value:
    """Horner's scheme, lowest power first."""
    result: Value = x * coefficients[-1] + coefficients[-2]
    for c in reversed(coefficients[:-2]):
        result = result * x + c
    return result


def with_sign_of(m: Algebra, f: Format, magnitude: Value, x: Value) -> Value:
    """``magnitude`` (whose sign bit is clear) with the sign bit of ``x``."""
    sign = m.bitcast(x, f.unsigned) & f.sign_mask
    return m.bitcast(m.bitcast(magnitude, f.unsigned) | sign, f.name)


def clamp(m: Algebra, x: Value, low: float, high: float) -> Value:
    """``x`` limited to [low, high]; NaN stays NaN."""
    known_low, known_high = m.limits(x)
    if known_low < low:
        x = m.select(x < low, low, x)
    return m.select(x > high, high, x) if known_high > high else x


def at_most(m: Algebra, x: Value, high: float) -> Value:
    """``x`` limited from above; NaN stays NaN."""
    return m.select(x > high, high, x) if m.limits(x)[1] > high else x


def scale(m: Algebra, f: Format, x: Value, n: Value) -> Value:
    """``x * 2**n`` for x in [1/2, 2) and -2*bias < n <= bias + 1, rounding once when the result is denormal.

    Half of the exponent is added to that of x (exactly), the other half is one multiplication, which
    overflows or underflows as it should.
    """
    half = n >> 1
    upper = m.bitcast(m.bitcast(x, f.signed) + ((n - half) << f.fraction_bits), f.name)
    return upper * m.bitcast((half << f.fraction_bits) + f.one_bits, f.name)


def power_of_two(m: Algebra, f: Format, n: Value) -> Value:
    """``2**n`` for an integer n in the range of normal exponents."""
    return m.bitcast((n << f.fraction_bits) + f.one_bits, f.name)


# Double-length arithmetic: a pair (high, low) stands for the unevaluated sum high + low.  The algorithms
# are Dekker's and Knuth's, see Handbook of Floating-Point Arithmetic, chapters 4 and 14.

Pair = tuple[Value, Value]


def two_sum(m: Algebra, a: Value, b: Value) -> Pair:
    """a + b and its rounding error, for any order of magnitudes."""
    total = m.exact_add(a, b)
    carried = m.exact_sub(total, a)
    return total, m.exact_add(m.exact_sub(a, m.exact_sub(total, carried)), m.exact_sub(b, carried))


def fast_two_sum(m: Algebra, a: Value, b: Value) -> Pair:
    """a + b and its rounding error, for |a| >= |b| (or a = 0)."""
    total = m.exact_add(a, b)
    return total, m.exact_sub(b, m.exact_sub(total, a))


def halves(m: Algebra, f: Format, x: Value) -> Pair:
    """x as a sum of two numbers of half its precision; the lower one uses its sign as the odd bit of f64."""
    bits = m.bitcast(x, f.unsigned)
    upper = m.bitcast((bits if f is F32 else bits + (1 << 26)) & f.half_mask, f.name)
    return upper, m.exact_sub(x, upper)


def two_product(m: Algebra, f: Format, a: Value, b: Value) -> Pair:
    """a * b and its rounding error, from the algebra or by Dekker's product, both exact unless it underflows."""
    product = m.exact_mul(a, b)
    known = m.product_error(a, b, product)
    if known is not None:
        return product, known
    a_high, a_low = halves(m, f, a)
    b_high, b_low = halves(m, f, b)
    error = m.exact_sub(m.exact_mul(a_high, b_high), product)
    error = m.exact_add(error, m.exact_mul(a_high, b_low))
    error = m.exact_add(error, m.exact_mul(a_low, b_high))
    return product, m.exact_add(error, m.exact_mul(a_low, b_low))


def pair_product(m: Algebra, f: Format, a: Pair, b: Pair) -> Pair:
    """The product of two double-length numbers to about twice the precision."""
    high, low = two_product(m, f, a[0], b[0])
    return fast_two_sum(m, high, low + (a[0] * b[1] + a[1] * b[0]))


def constant_pair(m: Algebra, f: Format, x: Exact) -> Pair:
    """A constant as a double-length number."""
    high, low = split(x, (f.fraction_bits + 1, f.fraction_bits + 1))
    return m.const(high, f.name), m.const(low, f.name)
