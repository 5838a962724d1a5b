"""Argument reduction for sin, cos and tan: x = q*(pi/2) + r with |r| <= pi/4 (about).

One idea: for moderate x, subtract q times pi/2 given as a sum of short constants whose products with q are
exact (Cody and Waite); for huge x, which is rare, multiply the significand of x with the relevant window of
the bits of 2/pi in integer arithmetic (Payne and Hanek), where whole turns drop out by wrapping around.
Only |x| is reduced, so that the sign of zero is easily kept by the callers.
"""

from __future__ import annotations

from collections.abc import Sequence

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.common import F32, F64, INFINITY, NAN, PI, Format, fast_two_sum, split, two_product, two_sum

# pi/2 in parts that are exact times any q <= 2**10 (f32) or 2**14 (f64).
_HALF_PI = {"f32": split(PI / 2, (14, 14, 14, 24)), "f64": split(PI / 2, (39, 39, 53))}
_HALF_PI_PAIR = {"f32": split(PI / 2, (24, 24)), "f64": split(PI / 2, (53, 53))}
# Above, the products of q would not be exact any more.
LARGEST_MODERATE = {"f32": 1600.0, "f64": 25000.0}

_WORDS = 40
_LEADING_ZEROS = 64  # bits of zeros in front of 2/pi, for arguments whose window begins before its first bit


def _two_over_pi(count: int) -> tuple[int, ...]:
    """2/pi * 2**-_LEADING_ZEROS as a sequence of 32-bit words; needs pi to 32*count bits (Machin's formula)."""
    bits = 32 * count + 64

    def arctan_inverse(n: int) -> int:
        total = term = (1 << bits) // n
        square, k, sign = n * n, 3, -1
        while term:
            term //= square
            total += sign * (term // k)
            k, sign = k + 2, -sign
        return total

    pi = 4 * (4 * arctan_inverse(5) - arctan_inverse(239))
    fraction = (2 << (bits + 32 * count - _LEADING_ZEROS)) // pi
    return tuple((fraction >> (32 * (count - 1 - i))) & 0xFFFF_FFFF for i in range(count))


TWO_OVER_PI = _two_over_pi(_WORDS)


def reduce(m: Algebra, f: Format, ax: Value, *, has_tail: bool) -> Sequence[Value]:
    """(q, r), or (q, r, tail), with ax = |x| = (q + 4*any)*pi/2 + (r + tail), and q an integer of f's width.

    The rare path is the same for all functions, so that a target may have it once.  Infinity gives a NaN as r.
    """
    count = 3 if has_tail else 2

    def slow() -> Sequence[Value]:
        return m.huge(ax, lambda: huge(m, f, ax))[:count]

    if m.limits(ax)[1] <= LARGEST_MODERATE[f.name]:
        return moderate(m, f, ax)[:count]
    return m.rarely(ax > LARGEST_MODERATE[f.name], slow, moderate(m, f, ax)[:count])


def moderate(m: Algebra, f: Format, ax: Value) -> tuple[Value, Value, Value]:
    """Cody and Waite's reduction for ax <= LARGEST_MODERATE."""
    parts = _HALF_PI[f.name]
    n = m.rint(ax * float(2 / PI))
    q = m.convert(n, f.signed)
    if f is F32:
        return q, *_subtract_f32(m, ax, n)
    high, error = two_sum(m, ax - n * parts[0], -m.exact_mul(n, m.const(parts[1], "f64")))
    r, tail = fast_two_sum(m, high, error - n * parts[2])
    return q, r, tail


def _subtract_f32(m: Algebra, ax: Value, n: Value) -> tuple[Value, Value]:
    """ax - n*pi/2; the rounding error of the second step goes into the third one, which keeps r within 0.5 ULP.

    The products but the last are exact, so fusing them changes nothing.  sin and cos ignore the tail (which then
    costs nothing).
    """
    first, second, third, fourth = _HALF_PI["f32"]
    a = ax - n * first  # exact
    b = a - n * second
    rest = n * third - ((a - b) - n * second)
    c = m.exact_sub(b, rest)
    r = c - n * fourth
    tail = m.exact_sub(m.exact_sub(b, c), rest) + ((c - r) - n * fourth)
    return r, tail


def huge(m: Algebra, f: Format, ax: Value) -> tuple[Value, Value, Value]:
    """The reduction for huge ax: (q, r, tail). Infinity gives a NaN as r."""
    q, r, tail = payne_hanek(m, f, ax)
    return q, m.select(ax == INFINITY, NAN, r), tail


def payne_hanek(m: Algebra, f: Format, ax: Value) -> tuple[Value, Value, Value]:
    """The reduction for huge finite ax."""
    return _payne_hanek_f32(m, ax) if f is F32 else _payne_hanek_f64(m, ax)


def _window(m: Algebra, start: Value, count: int) -> list[Value]:
    """``count`` 64-bit words (each holding 32 bits) of the bits of 2/pi from bit ``start`` (an i32 >= 0) on."""
    word = start >> 5
    word = m.select(word > _WORDS - count - 1, _WORDS - count - 1, word)
    word = m.select(word < 0, 0, word)
    back = m.convert(m.bitcast(32 - (start & 31), "u32"), "u64") & 63  # which tells a target that it is in range
    words = [m.convert(m.lookup(TWO_OVER_PI, word + i if i else word, "u32"), "u64") for i in range(count + 1)]
    return [(((words[i] << 32) | words[i + 1]) >> back) & 0xFFFF_FFFF for i in range(count)]


def _payne_hanek_f32(m: Algebra, ax: Value) -> tuple[Value, Value, Value]:
    """ax = significand * 2**e, times three words of 2/pi from the bit of weight 2**(1-e): 2 + 62 bits remain."""
    bits = m.bitcast(ax, "i32")
    significand = m.convert(m.bitcast((bits & 0x7F_FFFF) | 0x80_0000, "u32"), "u64")
    w = _window(m, (bits >> 23) + (_LEADING_ZEROS - 2 - 150), 3)
    turns = ((significand * w[0]) << 32) + significand * w[1] + ((significand * w[2]) >> 32)
    q, fraction = _split_quadrant(m, turns)
    # The signed 64-bit fraction in three pieces that convert exactly.
    high = m.convert(m.convert(fraction >> 40, "i32"), "f32")
    middle = m.convert(m.convert((fraction >> 16) & 0xFF_FFFF, "i32"), "f32") * 2.0**-24
    low = m.convert(m.convert(fraction & 0xFFFF, "i32"), "f32") * 2.0**-40
    r, tail = _times_half_pi(m, F32, high, middle, low, 2.0**-24)
    return m.convert(q, "i32"), r, tail


def _payne_hanek_f64(m: Algebra, ax: Value) -> tuple[Value, Value, Value]:
    """As for f32 with six words, of whose product with the significand 2 + 126 bits are kept."""
    bits = m.bitcast(ax, "i64")
    significand = m.bitcast((bits & 0xF_FFFF_FFFF_FFFF) | 0x10_0000_0000_0000, "u64")
    w = _window(m, m.convert(bits >> 52, "i32") + (_LEADING_ZEROS - 2 - 1075), 6)
    top, middle, last = ((w[i] << 32) | w[i + 1] for i in (0, 2, 4))
    middle_high, middle_low = _wide_product(significand, middle)
    last_high, _ = _wide_product(significand, last)
    lower = middle_low + last_high
    carry = m.select(lower < middle_low, m.const(1, "u64"), m.const(0, "u64"))
    q, fraction = _split_quadrant(m, significand * top + middle_high + carry)
    fraction = fraction | m.bitcast(lower >> 62, "i64")
    lower = lower << 2
    # The signed 128-bit fraction in three pieces that convert exactly.
    pieces = m.bitcast(lower >> 24, "i64") | ((fraction & 0xFFF) << 40)
    high = m.convert(fraction >> 12, "f64")
    middle_part = m.convert(pieces, "f64") * 2.0**-52
    low = m.convert(m.bitcast(lower & 0xFF_FFFF, "i64"), "f64") * 2.0**-76
    r, tail = _times_half_pi(m, F64, high, middle_part, low, 2.0**-52)
    return q, r, tail


def _split_quadrant(m: Algebra, turns: Value) -> tuple[Value, Value]:
    """Quarter turns with 62 fraction bits -> the nearest integer (mod 4), and the signed rest times 2**64."""
    quadrant = m.bitcast((turns + (1 << 61)) >> 62, "i64")
    return quadrant, m.bitcast(turns << 2, "i64")


def _wide_product(a: Value, b: Value) -> tuple[Value, Value]:
    """The upper and lower 64 bits of a u64 product."""
    mask = 0xFFFF_FFFF
    a_high, a_low, b_high, b_low = a >> 32, a & mask, b >> 32, b & mask
    low, cross, other = a_low * b_low, a_high * b_low, a_low * b_high
    carry = ((low >> 32) + (cross & mask) + (other & mask)) >> 32
    return a_high * b_high + (cross >> 32) + (other >> 32) + carry, a * b


def _times_half_pi(m: Algebra, f: Format, high: Value, middle: Value, low: Value, unit: float) -> tuple[Value, Value]:
    """(high + middle + low) * unit * pi/2 as a double-length number."""
    high, error = fast_two_sum(m, high, middle)
    high, error = fast_two_sum(m, high, m.exact_add(error, low))
    constant, constant_tail = _HALF_PI_PAIR[f.name]
    product, product_error = two_product(m, f, high, m.const(constant, f.name))
    rest = product_error + (error * constant + high * constant_tail)
    r, tail = fast_two_sum(m, product, rest)
    return r * unit, tail * unit
