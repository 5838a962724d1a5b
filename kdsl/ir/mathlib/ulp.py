"""Measures the errors of elementary functions in units in the last place, against mpmath.

One idea: an error is ``|computed - exact| / ulp`` where ``ulp`` is the spacing of the floats around the exact
value (the smallest spacing for denormal values), so 0.5 is perfect rounding.  Needs mpmath, which only tests
and tools install; it is imported on use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kdsl.ir.mathlib.common import F32, F64, Format

Array = np.ndarray[Any, Any]

# Intervals in which a function is neither trivial nor out of range, as (f32 bounds, f64 bounds).
_INTERVALS: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "exp": ((-104.0, 89.0), (-746.0, 710.0)),
    "exp2": ((-150.0, 128.0), (-1075.0, 1024.0)),
    "expm1": ((-18.0, 89.0), (-38.0, 710.0)),
    "sinh": ((-90.0, 90.0), (-711.0, 711.0)),
    "cosh": ((-90.0, 90.0), (-711.0, 711.0)),
    "tanh": ((-10.0, 10.0), (-20.0, 20.0)),
    "erf": ((-4.2, 4.2), (-6.2, 6.2)),
    "asin": ((-1.0, 1.0), (-1.0, 1.0)),
    "acos": ((-1.0, 1.0), (-1.0, 1.0)),
    "atanh": ((-1.0, 1.0), (-1.0, 1.0)),
    "sin": ((-2000.0, 2000.0), (-30000.0, 30000.0)),
    "cos": ((-2000.0, 2000.0), (-30000.0, 30000.0)),
    "tan": ((-2000.0, 2000.0), (-30000.0, 30000.0)),
}
# Where something changes in a function: thresholds, zeros, poles and changes of formula.
_CENTRES: dict[str, tuple[float, ...]] = {
    "exp": (88.72283905206835, -87.33654475055311, -103.97207708399179, 709.782712893384, -745.1332191019412),
    "exp2": (128.0, -126.0, -149.0, -150.0, 1024.0, -1022.0, -1074.0, -1075.0, 0.5, 1.5),
    "expm1": (88.72283905206835, 709.782712893384, 0.34657359, -0.34657359, -17.3, -37.4, 1.0397),
    "sinh": (89.41598629223294, 710.4758600739439, 1.0),
    "cosh": (89.41598629223294, 710.4758600739439, 0.34657359),
    "tanh": (0.5, 9.010913, 19.06154746539849),
    "erf": (0.9999, 1.0, 3.9192059040069580, 5.921587195794507),
    "log1p": (-1.0, -0.2928932188134524, 0.41421356237309503),
    "asin": (0.5, 1.0, -1.0),
    "acos": (0.5, -0.5, 1.0, -1.0),
    "atan": (0.41421356237309503, 2.414213562373095),
    "asinh": (2.0**26, 2.0**55),
    "acosh": (1.0, 2.0, 2.0**26, 2.0**55),
    "atanh": (0.5, 1.0),
    "cbrt": (2.0, 4.0, 8.0, 0.125),
}
# The arguments closest to a multiple of pi/2 in each format (Muller, Elementary Functions, table 11.1).
_HARD_ANGLES = (16367173.0 * 2.0**72, 6381956970095103.0 * 2.0**797)


def sample(name: str, f: Format, count: int, rng: np.random.Generator) -> tuple[Array, ...]:
    """About ``count`` arguments: critical neighbourhoods, an interesting interval, and all magnitudes."""
    if name == "pow":
        return _sample_pow(f, count, rng)
    if name == "atan2":
        y = _spread(f, count, rng)
        y = np.where(np.abs(y) < 0.01 * f.largest, y, 3.0)
        x = y * np.exp2(rng.uniform(-4, 4, y.size)) * rng.choice([-1.0, 1.0], y.size)
        x[: count // 4] = _spread(f, count, rng)[: count // 4]
        return _cast(f, y), _cast(f, x)
    if name == "hypot":
        x = _spread(f, count, rng)
        with np.errstate(all="ignore"):
            near = x * np.exp2(rng.uniform(-f.fraction_bits / 2 - 2, f.fraction_bits / 2 + 2, x.size))
        y = np.where(rng.random(x.size) < 0.1, _spread(f, count, rng), near)
        return _cast(f, x), _cast(f, y)
    low, high = _INTERVALS.get(name, ((-10.0, 10.0), (-10.0, 10.0)))[f is F64]
    parts = [_near(f, c) for c in (0.0, 1.0, 2.0, *_CENTRES.get(name, ()), *_extremes(f))]
    parts.append(rng.uniform(low, high, count // 4))
    parts.append(rng.uniform(-2.0, 3.0, count // 4))
    if name in ("sin", "cos", "tan"):
        multiples = np.arange(1.0, 1100.0), np.floor(np.exp2(rng.uniform(6, 100, count // 16)))
        parts += [np.concatenate(multiples) * (np.pi / 2), np.array(_HARD_ANGLES)]
    parts.append(_spread(f, count // 2, rng))
    return (_cast(f, np.concatenate(parts)),)


def _extremes(f: Format) -> tuple[float, ...]:
    return (f.smallest_normal, f.largest, 2.0 ** (1 - f.bias - f.fraction_bits))


def _cast(f: Format, values: Array) -> Array:
    with np.errstate(all="ignore"):
        result = np.asarray(values).astype(np.float32 if f is F32 else np.float64)
    return np.where(np.isfinite(result), result, result.dtype.type(1.0))


def _near(f: Format, centre: float) -> Array:
    """Both signs of the neighbours of a number, close ones and others at distances of all magnitudes."""
    dtype = np.float32 if f is F32 else np.float64
    steps = 2.0 ** -np.arange(2, f.fraction_bits + 2)
    with np.errstate(all="ignore"):
        c = np.asarray(centre).astype(dtype)
        unit = np.spacing(c)
        around = [c + dtype(k) * unit for k in range(-6, 7)]
        values = np.array([*around, *(c * (1 + steps).astype(dtype)), *(c * (1 - steps).astype(dtype))])
    return np.concatenate([values, -values]).astype(np.float64)


def _spread(f: Format, count: int, rng: np.random.Generator) -> Array:
    """Random bit patterns, that is, all exponents alike."""
    if f is F32:
        values = rng.integers(0, 2**32, count, dtype=np.uint64).astype(np.uint32).view(np.float32)
    else:
        values = rng.integers(0, 2**64, count, dtype=np.uint64, endpoint=False).view(np.float64)
    with np.errstate(all="ignore"):
        return np.where(np.isfinite(values), values, 1.0).astype(np.float64)


def _sample_pow(f: Format, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Bases of all magnitudes and close to 1, with exponents that use the whole range of results."""
    wide = np.abs(_spread(f, count // 2, rng))
    close = 1.0 + rng.choice([-1.0, 1.0], count - count // 2) * np.exp2(
        rng.uniform(-f.fraction_bits, -1, count - count // 2)
    )
    x = _cast(f, np.concatenate([wide, close]))
    with np.errstate(all="ignore"):
        limit = np.abs((f.bias + f.fraction_bits + 2) / np.log2(x.astype(np.float64)))
    y = np.where(np.isfinite(limit), limit, 1.0) * rng.uniform(-1.0, 1.0, count)
    y[::7] = np.rint(y[::7])
    x[::14] = -x[::14]
    return x, _cast(f, y)


def references(name: str, f: Format, arguments: Sequence[Array]) -> list[Any]:
    """The exact results (as mpmath numbers, None where undefined), to well beyond the format's precision."""
    import mpmath as mp

    functions: dict[str, Callable[..., Any]] = {
        "exp2": lambda x: mp.mpf(2) ** x,
        "log2": lambda x: mp.log(x) / mp.log(2),
        "log10": mp.log10,
        "log1p": mp.log1p,
        "rsqrt": lambda x: 1 / mp.sqrt(x),
        "pow": lambda x, y: x**y,
        "cbrt": _signed_cbrt,
    }
    function = functions.get(name) or getattr(mp, name)
    results = []
    with mp.workprec(2 * f.fraction_bits + 40):
        for values in zip(*(a.tolist() for a in arguments)):
            try:
                exact = function(*map(mp.mpf, values))
            except (ZeroDivisionError, ValueError):
                exact = None
            results.append(exact if isinstance(exact, mp.mpf) and mp.isfinite(exact) else None)
    return results


def _signed_cbrt(x: Any) -> Any:
    """mpmath's own gives the complex root of a negative number."""
    import mpmath as mp

    return mp.sign(x) * mp.cbrt(abs(x))


def ulp_errors(f: Format, computed: Array, exact: Sequence[Any]) -> Array:
    """The error of each result in ULP: NaN where the reference is undefined, infinite where NaN was computed."""
    import mpmath as mp

    errors = np.full(len(exact), np.nan)
    overflow = mp.ldexp(1, f.bias + 1)
    for i, (value, reference) in enumerate(zip(computed.tolist(), exact)):
        if reference is None:
            continue
        if value != value:
            errors[i] = np.inf
            continue
        if abs(value) == np.inf:  # stands for the first number that has no finite representation
            if value * reference > 0 and abs(reference) >= overflow:
                errors[i] = 0.0
                continue
            value = overflow if value > 0 else -overflow
        exponent = max(mp.frexp(reference)[1] - 1, 1 - f.bias) if reference else 1 - f.bias
        with mp.workprec(2 * f.fraction_bits + 40):
            errors[i] = float(abs(value - reference) / mp.ldexp(1, min(exponent, f.bias) - f.fraction_bits))
    return errors


def worst(
    f: Format, computed: Array, exact: Sequence[Any], arguments: Sequence[Array]
) -> tuple[float, tuple[Any, ...]]:
    """The largest error and the arguments at which it occurs."""
    errors = np.nan_to_num(ulp_errors(f, computed, exact), nan=0.0, posinf=np.inf)
    at = int(errors.argmax())
    return float(errors[at]), tuple(float(a[at]) for a in arguments)
