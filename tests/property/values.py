"""Numbers for random programs: constants where things break, array contents, and what it means for two results to agree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from kdsl.ir import formats, types as T

__all__ = ["components", "constant", "differences", "fill", "numpy_dtype"]

_FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -1.5, 0.12345, 7.0, -20.25, 100.0, 1e-5, 1e10, float("inf"), float("-inf"),
           float("nan"), 65504.0, 2.0**-14, 2.0**-24, 2.0**-126, 2.0**-149, 1e300, 5e-324)  # fmt: skip


def constant(rng: random.Random, t: T.ScalarType) -> Any:
    """A Python number that `t` holds exactly; often a corner of it."""
    if t.is_bool:
        return rng.random() < 0.5
    if t.is_integer:
        low = -(1 << (t.bits - 1)) if t.is_signed else 0
        high = low + (1 << t.bits) - 1
        corners = (0, 1, 2, 3, 5, 8, t.bits - 1, t.bits, low, high, high - 1, low + 1, -1, -2, -7)
        value = rng.choice(corners) if rng.random() < 0.7 else rng.randint(low, high)
        return value if low <= value <= high else 1
    value = rng.choice(_FLOATS) if rng.random() < 0.5 else rng.uniform(-8, 8)
    with np.errstate(all="ignore"):
        return float(formats.convert(t, np.float64(value)))


def components(t: T.ElementType, offset: int = 0) -> Iterator[tuple[T.ScalarType, int]]:
    """The scalars that an element holds, each with its byte offset."""
    if isinstance(t, T.ScalarType):
        yield t, offset
    elif isinstance(t, T.VectorType):
        for k in range(t.count):
            yield t.element, offset + k * t.element.size_bytes
    else:
        for _, field, start in t.fields:
            yield from components(field, offset + start)


def numpy_dtype(t: T.ElementType) -> np.dtype:
    """How NumPy sees an element; a vector's components are the last axis of its array (or of its field)."""
    if isinstance(t, T.ScalarType):
        return t.dtype
    if isinstance(t, T.VectorType):
        return np.dtype((t.element.dtype, (t.count,)))
    return np.dtype({"names": [n for n, _, _ in t.fields], "formats": [numpy_dtype(u) for _, u, _ in t.fields],
                     "offsets": [o for _, _, o in t.fields], "itemsize": t.size_bytes})  # fmt: skip


def scalar_views(t: T.ElementType, array: np.ndarray) -> Iterator[tuple[T.ScalarType, np.ndarray]]:
    """A view of `array` for each scalar that its elements hold."""
    if isinstance(t, T.ScalarType):
        yield t, array
    elif isinstance(t, T.VectorType):
        for k in range(t.count):
            yield t.element, array[..., k]
    else:
        for name, field, _ in t.fields:
            yield from scalar_views(field, array[name])


def _bits(rng: np.random.Generator, t: T.ScalarType, shape: tuple[int, ...]) -> np.ndarray:
    """Random memory of a type: small numbers, corners, and now and then any bits."""
    if t.is_bool:
        return rng.random(shape) < 0.5
    corner = random.Random(int(rng.integers(1 << 30)))
    corners = np.array([constant(corner, t) for _ in range(16)], t.value_dtype)
    small = rng.integers(0, 20, shape) - (8 if t.is_signed else 0)
    numbers = np.where(rng.random(shape) < 0.5, small, 0).astype(t.value_dtype)
    if t.is_float:
        numbers = formats.convert(t, small + np.round(rng.random(shape), 2))
    numbers = np.where(rng.random(shape) < 0.3, corners[rng.integers(0, 16, shape)], numbers).astype(t.value_dtype)
    return formats.encode(t, numbers)


def fill(rng: np.random.Generator, t: T.ElementType, array: np.ndarray) -> None:
    """Random contents for an array of elements `t`."""
    for scalar, view in scalar_views(t, array):
        view[...] = _bits(rng, scalar, view.shape)


def same(t: T.ScalarType, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Where two arrays of `t` hold the same number: equal bits, or both NaN."""
    u = f"u{t.dtype.itemsize}"
    equal = np.ascontiguousarray(a).view(u) == np.ascontiguousarray(b).view(u)
    if not t.is_float:
        return equal
    return equal | (np.isnan(formats.decode(t, np.ascontiguousarray(a))) & np.isnan(formats.decode(t, np.ascontiguousarray(b))))


def differences(name: str, t: T.ElementType, a: np.ndarray, b: np.ndarray) -> str:
    """"" when two results agree; else where they do not, and how."""
    for (scalar, x), (_, y) in zip(scalar_views(t, a), scalar_views(t, b), strict=True):
        good = same(scalar, x, y)
        if not good.all():
            at = tuple(int(k) for k in np.argwhere(~good)[0])
            one, two = (formats.decode(scalar, np.ascontiguousarray(v))[at] for v in (x, y))
            return f"{name}{list(at)}: {one!r} and {two!r} ({scalar}); {int((~good).sum())} of {good.size} cells differ"
    return ""
