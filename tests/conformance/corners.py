"""The values that every op is tried on: corners of each type, and random bits.

One idea: a value is kept as its bits in memory (an array of `ScalarType.dtype`), so types that NumPy lacks are no case of
their own. A NaN is always the canonical quiet one: payloads are not specified.
"""

from __future__ import annotations

import itertools
import zlib

import numpy as np

from kdsl.ir import formats, types as T

__all__ = ["combinations", "corners", "is_nan", "random_bits", "same", "unary", "wrong_at"]

Bits = np.ndarray


def rng_for(*names: object) -> np.random.Generator:
    """A generator that is the same in every run and process for the same names."""
    return np.random.default_rng(zlib.crc32(repr(names).encode()))


def _float_corners() -> list[float]:
    powers = [2.0**k for k in (7, 8, 15, 16, 24, 31, 32, 53, 63, 64)]
    small = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 1 / 3, 0.1, 7.0, 100.0, 255.5, 448.0, 65504.0]
    return [s * x for x in small + powers for s in (1.0, -1.0)]


def _float_edges(t: T.ScalarType) -> Bits:
    """Zeros, infinities, NaN, smallest, largest, and the neighbours of 1, as bits."""
    exponent_bits = t.bits - 1 - t.mantissa
    one = ((1 << (exponent_bits - 1)) - 1) << t.mantissa
    infinity = ((1 << exponent_bits) - 1) << t.mantissa
    largest = infinity - 1
    if t is T.f8e4m3:  # no infinity: all exponents are numbers, all ones is NaN
        infinity, largest = 0x7E, 0x7E
    least_normal = 1 << t.mantissa
    codes = [0, 1, least_normal - 1, least_normal, one - 1, one, one + 1, largest, infinity]
    codes += [c | 1 << (t.bits - 1) for c in codes]
    return np.array([*codes, _nan_bits(t)], dtype=f"u{t.size_bytes}").view(t.dtype)


def _nan_bits(t: T.ScalarType) -> int:
    if t is T.f8e4m3:
        return 0x7F
    exponent_bits = t.bits - 1 - t.mantissa
    return ((1 << exponent_bits) - 1) << t.mantissa | 1 << (t.mantissa - 1)


def canonical(t: T.ScalarType, bits: Bits) -> Bits:
    """The same values with every NaN the canonical one."""
    if not t.is_float:
        return bits
    raw = np.where(is_nan(t, bits), np.dtype(f"u{t.size_bytes}").type(_nan_bits(t)), bits.view(f"u{t.size_bytes}"))
    return raw.astype(f"u{t.size_bytes}").view(t.dtype)


def is_nan(t: T.ScalarType, bits: Bits) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.isnan(formats.decode(t, bits)) if t.is_float else np.zeros(bits.shape, bool)


def corners(t: T.ScalarType) -> Bits:
    """About twenty to forty values where something goes wrong if anywhere."""
    if t.is_bool:
        return np.array([False, True])
    if t.is_integer:
        low, high = (0, (1 << t.bits) - 1) if t.kind is T.Kind.UINT else (-(1 << (t.bits - 1)), (1 << (t.bits - 1)) - 1)
        wanted = [0, 1, 2, 3, 5, 7, 10, t.bits - 1, t.bits, t.bits + 1, low, low + 1, high, high - 1, high // 2, high // 3]
        wanted += [-1, -2, -3, -7, -10, -t.bits]
        return np.array(sorted({x for x in wanted if low <= x <= high}), dtype=t.dtype)
    rounded = formats.convert(t, np.array(_float_corners()))
    bits = np.concatenate([_float_edges(t), formats.encode(t, rounded)])
    return _unique(t, canonical(t, bits))


def few(t: T.ScalarType) -> Bits:
    """A dozen corners, for ops of three operands."""
    if not t.is_float:
        found = corners(t)
        return found[:: max(1, len(found) // 12)]
    wanted = [0.0, -0.0, 1.0, -1.0, 1 / 3, -2.5, 1e-30, 3e38, np.inf, -np.inf, np.nan]
    bits = formats.encode(t, formats.convert(t, np.array(wanted)))
    edges = _float_edges(t)[[1, 5, 7]]
    return _unique(t, canonical(t, np.concatenate([bits, edges])))


def _unique(t: T.ScalarType, bits: Bits) -> Bits:
    return np.unique(bits.view(f"u{t.size_bytes}")).view(t.dtype)


def random_bits(t: T.ScalarType, count: int, *names: object) -> Bits:
    """Random bits: of floats half over all exponents, half of ordinary size."""
    rng = rng_for(t.name, count, *names)
    if t.is_bool:
        return rng.integers(0, 2, count).astype(bool)
    raw = np.frombuffer(rng.bytes(count * t.size_bytes), t.dtype).copy()
    if t.is_float:
        ordinary = formats.encode(t, formats.convert(t, rng.normal(0, 8, count)))
        raw = np.where(np.arange(count) % 2 == 0, raw, ordinary).astype(t.dtype)
    return canonical(t, raw)


def unary(t: T.ScalarType) -> Bits:
    """Values for an op of one operand: every one of an 8-bit type, else corners, steps around powers of two, random."""
    if t.is_bool:
        return np.array([False, True, True, False, True])
    if t.bits == 8:
        return canonical(t, np.arange(256, dtype=np.uint8).view(t.dtype))
    parts = [corners(t), random_bits(t, 300, "unary")]
    if t.is_float:
        parts.append(_steps(t))
    return np.concatenate(parts)


def _steps(t: T.ScalarType) -> Bits:
    """Next above and below the powers of two, where casts saturate and roundings tie."""
    raw = corners(t).view(f"u{t.size_bytes}").astype(np.uint64)
    near = np.concatenate([raw + np.uint64(1), raw - np.uint64(1)]).astype(f"u{t.size_bytes}").view(t.dtype)
    return canonical(t, near)


def combinations(types: tuple[T.ScalarType, ...]) -> list[Bits]:
    """One array per operand: all combinations of corners, then random values."""
    if len(types) == 1:
        return [unary(types[0])]
    grids = [corners(t) if len(types) == 2 else few(t) for t in types]
    rows = np.array(list(itertools.product(*[range(len(g)) for g in grids])))
    return [
        np.concatenate([g[rows[:, k]], random_bits(t, 157, "operand", k)])
        for k, (g, t) in enumerate(zip(grids, types, strict=True))
    ]


def same(t: T.ScalarType, got: Bits, expected: Bits) -> np.ndarray:
    """Where two arrays hold the same bits, or both a NaN."""
    equal = got.view(f"u{t.size_bytes}") == expected.view(f"u{t.size_bytes}")
    return equal | (is_nan(t, got) & is_nan(t, expected)) if t.is_float else equal


def wrong_at(t: T.ScalarType, got: Bits, expected: Bits, ulp: int = 0) -> np.ndarray:
    """Indices where the values are further apart than `ulp` steps of the type."""
    ok = same(t, got, expected)
    if ulp and t.is_float:
        ok |= (~is_nan(t, got) & ~is_nan(t, expected)) & (np.abs(_ordered(t, got) - _ordered(t, expected)) <= ulp)
    return np.flatnonzero(~ok)


def _ordered(t: T.ScalarType, bits: Bits) -> np.ndarray:
    """Floats as integers in their order, so that a step is 1; both zeros are 0. As f64 where 64 bits would overflow."""
    raw = bits.view(f"i{t.size_bytes}").astype(np.int64)
    low = np.int64(-(1 << (t.bits - 1)))
    with np.errstate(all="ignore"):
        ordered = np.where(raw < 0, low - raw, raw)
    return ordered.astype(np.longdouble)
