"""Arguments to try where not all can be: critical neighbourhoods, all exponents with special significands, and random bits.

One idea: samples are batches of bit patterns, made from a seed; `kdsl/ir/mathlib/ulp.py` knows where each function changes its
formula, this adds what no formula says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kdsl.ir.mathlib.common import F32, F64
from kdsl.ir.mathlib.ulp import sample

from .catalogue import Measured
from .kernels import Format, bits_of

__all__ = ["batches"]

Bits = tuple[np.ndarray, ...]
_BATCH = 1 << 18


def batches(f: Measured, format: Format, count: int, seed: int = 5) -> Iterator[Bits]:
    """About `count` sets of arguments, in batches."""
    rng = np.random.default_rng(seed)
    yield corners(f.arity, format, rng)
    wide = F64 if format.name == "f64" else F32
    for _ in range(0, count, _BATCH):
        n = min(_BATCH, count)
        if f.op.startswith("math.") or f.arity == 1:
            yield tuple(bits_of(format, a) for a in sample(f.name, wide, n, rng))
        else:
            yield _related(f.arity, format, n, rng)
        if f.name == "pow":
            yield _powers(format, n, rng)


def _significands(format: Format) -> np.ndarray:
    """Few bits, many bits, the middle, alternating bits."""
    ones = (1 << format.fraction) - 1
    half = 1 << (format.fraction - 1)
    root = int((2**0.5 - 1) * (ones + 1))
    spread = [0, 1, 2, 3, ones, ones - 1, half, half - 1, half + 1, ones // 3, root, root + 1]
    return np.array([*spread, *(1 << k for k in range(format.fraction))], np.uint64)


def corners(arity: int, format: Format, rng: np.random.Generator) -> Bits:
    """One argument: every exponent with every special significand. Several: random pairs of such, all of the largest ones too."""
    exponents = np.arange((2 << (format.patterns.itemsize * 8 - 2 - format.fraction)), dtype=np.uint64)
    magnitudes = ((exponents[:, None] << np.uint64(format.fraction)) | _significands(format)).reshape(-1)
    both = np.concatenate([magnitudes, magnitudes | np.uint64(1 << (8 * format.patterns.itemsize - 1))]).astype(format.patterns)
    if arity == 1:
        return (both,)
    return tuple(rng.choice(both, _BATCH) for _ in range(arity))


def _random_bits(format: Format, n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 2**64, n, dtype=np.uint64, endpoint=False).astype(format.patterns)


def _related(arity: int, format: Format, n: int, rng: np.random.Generator) -> Bits:
    """Numbers of similar exponents, so that sums carry and cancel, and for `fma` a third one near the product."""
    x = _random_bits(format, n, rng)
    with np.errstate(all="ignore"):
        values = x.view(format.values).astype(np.float64)
        near = values * np.exp2(rng.uniform(-30, 30, n)) * rng.choice([-1.0, 1.0], n)
        y = np.where(rng.random(n) < 0.25, values * (1 + np.exp2(rng.uniform(-50, -1, n))), near)
        y_bits = bits_of(format, y)
        product = values * y_bits.view(format.values).astype(np.float64)
        z = -product * (1 + rng.choice([0.0, 1.0], n) * np.exp2(rng.uniform(-50, 2, n)))
    return (x, y_bits, bits_of(format, z))[:arity]


def _powers(format: Format, n: int, rng: np.random.Generator) -> Bits:
    """Bases near 1 with huge exponents, and any base with a result near overflow and underflow."""
    limit = format.bias + 1
    base = np.exp2(rng.uniform(-1, 1, n) * np.exp2(rng.uniform(-format.fraction, 7, n)))
    bits = bits_of(format, base)
    with np.errstate(all="ignore"):
        log = np.log2(bits.view(format.values).astype(np.float64))
        edge: Any = rng.choice([limit, 1.0 - format.bias, 1.0 - format.bias - format.fraction, 0.5 * limit], n)
        y = np.where(log == 0, 1.0, edge / log) * (1 + rng.normal(0, 1e-3, n))
    return bits, bits_of(format, y)
