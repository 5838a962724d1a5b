"""Counter-based random numbers: Philox 4x32-10 on the algebra.

One idea: a random number is a pure function of a key (the seed) and a counter (the element), as in
Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), so every target gives the same bits
in any order of evaluation.  The seed fills the key; the 64-bit counter fills counter words 0 and 1.
"""

from __future__ import annotations

from kdsl.ir.mathlib.algebra import Algebra, Value
from kdsl.ir.mathlib.common import F32
from kdsl.ir.mathlib.log import log
from kdsl.ir.mathlib.trig import cos

Words = tuple[Value, Value, Value, Value]

# The multipliers and the Weyl sequence of the key, from the paper's reference implementation (Random123).
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10


def _wide(m: Algebra, a: Value, multiplier: int) -> tuple[Value, Value]:
    """The upper and lower 32 bits of a product."""
    product = m.convert(a, "u64") * multiplier
    return m.convert(product >> 32, "u32"), m.convert(product, "u32")


def philox4x32(m: Algebra, counter: Words, key: tuple[Value, Value]) -> Words:
    """Ten rounds of Philox on four u32 counter words and two u32 key words."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for round_number in range(_ROUNDS):
        if round_number:
            k0, k1 = k0 + _WEYL[0], k1 + _WEYL[1]
        high0, low0 = _wide(m, c0, _MULTIPLIERS[0])
        high1, low1 = _wide(m, c2, _MULTIPLIERS[1])
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
    return c0, c1, c2, c3


def _block(m: Algebra, seed: Value, counter: Value) -> Words:
    """The Philox block of a seed and a 64-bit counter (u32 is widened)."""
    seed, counter = m.convert(seed, "u64"), m.convert(counter, "u64")
    key = (m.convert(seed, "u32"), m.convert(seed >> 32, "u32"))
    zero = m.const(0, "u32")
    return philox4x32(m, (m.convert(counter, "u32"), m.convert(counter >> 32, "u32"), zero, zero), key)


def _unit(m: Algebra, word: Value, offset: int) -> Value:
    """(upper 24 bits of the word + offset) / 2**24, exactly."""
    return m.convert(m.bitcast((word >> 8) + offset, "i32"), "f32") * 2.0**-24


def random_bits(m: Algebra, seed: Value, counter: Value) -> Value:
    """32 random bits."""
    return _block(m, seed, counter)[0]


def random_uniform(m: Algebra, seed: Value, counter: Value) -> Value:
    """An f32 in [0, 1), a multiple of 2**-24."""
    return _unit(m, random_bits(m, seed, counter), 0)


def random_normal(m: Algebra, seed: Value, counter: Value) -> Value:
    """A standard normal f32: Box and Muller's transform of two words of one block."""
    first, second, _, _ = _block(m, seed, counter)
    radius = m.sqrt(log(m, F32, _unit(m, first, 1)) * -2.0)  # of a number in (0, 1]
    return radius * cos(m, F32, _unit(m, second, 0) * 6.2831854820251465)
