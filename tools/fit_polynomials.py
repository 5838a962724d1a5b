"""Fits the polynomials of kdsl's elementary functions and prints ``kdsl/ir/mathlib/coefficients.py``.

One idea: each polynomial is the weighted minimax approximation (Remez exchange in mpmath) of a smooth
"rest" of a function, for example ``(exp(r) - 1 - r) / r**2``; the weight turns an error of the polynomial
into an error of the function.  Leading coefficients of f32 polynomials are rounded one at a time and the
rest is fitted again, so that rounding the coefficients costs almost nothing.

Run ``python tools/fit_polynomials.py > kdsl/ir/mathlib/coefficients.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np

mp.mp.dps = 50
Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Fit:
    """One polynomial: its name, meaning, target and error weight on an interval, and degrees."""

    name: str
    meaning: str
    target: Function
    weight: Function
    interval: tuple[Any, Any]
    degree: dict[str, int]


def _samples(interval: tuple[Any, Any], count: int) -> list[Any]:
    """Chebyshev-distributed points, which are dense where the error of a minimax fit oscillates fastest."""
    low, high = mp.mpf(interval[0]), mp.mpf(interval[1])
    return [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * (i + mp.mpf(1) / 2) / count) for i in range(count)]


def _horner(coefficients: list[Any], x: Any) -> Any:
    result = mp.mpf(0)
    for c in reversed(coefficients):
        result = result * x + c
    return result


def _extrema(errors: list[Any], count: int) -> list[int]:
    """Indices of ``count`` alternating extrema of the weighted error on the sample grid."""
    best: list[int] = []
    for i, e in enumerate(errors):
        if best and (e > 0) == (errors[best[-1]] > 0):
            if abs(e) > abs(errors[best[-1]]):
                best[-1] = i
        else:
            best.append(i)
    while len(best) > count:
        best.pop(0 if abs(errors[best[0]]) < abs(errors[best[-1]]) else -1)
    return best


def remez(target: list[Any], weight: list[Any], points: list[Any], degree: int) -> list[Any]:
    """Minimax coefficients of sampled targets by the Remez exchange on the samples."""
    count = degree + 2
    chosen = [round(i * (len(points) - 1) / (count - 1)) for i in range(count)]
    coefficients: list[Any] = []
    for _ in range(8):
        matrix = mp.matrix(count, count)
        for row, i in enumerate(chosen):
            for k in range(degree + 1):
                matrix[row, k] = points[i] ** k
            matrix[row, count - 1] = (-1) ** row / weight[i]
        solution = mp.lu_solve(matrix, mp.matrix([target[i] for i in chosen]))
        coefficients = [solution[k] for k in range(degree + 1)]
        errors = [w * (t - _horner(coefficients, x)) for x, t, w in zip(points, target, weight)]
        following = _extrema(errors, count)
        if len(following) < count or max(abs(e) for e in errors) <= abs(solution[count - 1]) * mp.mpf("1.01"):
            break
        chosen = following
    return coefficients


def refit(rest: list[Any], weight: list[Any], points: list[Any], first: int, degree: int) -> list[Any]:
    """Coefficients ``first..degree`` by weighted least squares, once the lower ones are rounded and fixed."""
    count = degree + 1 - first
    rows = [[w * x ** (first + k) for k in range(count)] for x, w in zip(points, weight)]
    matrix, right = mp.matrix(count, count), mp.matrix(count, 1)
    for i in range(count):
        for j in range(count):
            matrix[i, j] = mp.fsum(row[i] * row[j] for row in rows)
        right[i] = mp.fsum(row[i] * w * r for row, w, r in zip(rows, weight, rest))
    return list(mp.lu_solve(matrix, right))


def fit(spec: Fit, kind: str) -> tuple[list[float], float]:
    """Rounded coefficients (lowest power first) and the weighted error that they leave."""
    degree = spec.degree[kind]
    points = _samples(spec.interval, 24 * (degree + 2))
    weight = [abs(mp.mpf(spec.weight(x))) + mp.mpf(10) ** -30 for x in points]
    target = [mp.mpf(spec.target(x)) for x in points]
    rest, fixed = list(target), []
    coefficients = remez(target, weight, points, degree)
    for power in range(degree + 1):
        if 0 < power <= 3 and kind == "f32":
            coefficients = refit(rest, weight, points, power, degree)
        fixed.append(float(np.float32(float(coefficients[0]))) if kind == "f32" else float(coefficients[0]))
        coefficients = coefficients[1:]
        rest = [r - mp.mpf(fixed[-1]) * x**power for r, x in zip(rest, points)]
    error = max(abs(w * r) for w, r in zip(weight, rest))
    return fixed, float(error)


def _even(function: Function) -> Function:
    """A function of z = x*x from one of x > 0."""
    return lambda z: function(mp.sqrt(z))


def _log_odd(s: Any) -> Any:
    return mp.log((1 + s) / (1 - s))


LN2 = mp.log(2)
QUARTER_PI = mp.pi / 4
S_MAX = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2
TINY = mp.mpf(10) ** -9

FITS = [
    Fit("EXP", "(exp(r) - 1 - r) / r**2, |r| <= ln(2)/2",
        lambda r: (mp.expm1(r) - r) / r**2, lambda r: r, (-LN2 / 2 * 1.001, LN2 / 2 * 1.001), {"f32": 4, "f64": 10}),
    Fit("EXP_NEAR_0", "(exp(x) - 1 - x) / x**2, |x| <= 1",
        lambda x: (mp.expm1(x) - x) / x**2, lambda x: x**2 / mp.exp(x), (-1.01, 1.01), {"f32": 6}),
    Fit("EXP2", "(2**r - 1) / r, |r| <= 1/2",
        lambda r: mp.expm1(r * LN2) / r, lambda r: r, (-0.5001, 0.5001), {"f32": 5, "f64": 11}),
    Fit("LOG", "(log(1+f) - f + f**2/2) / f**3, sqrt(1/2) <= 1+f <= sqrt(2)",
        lambda f: (mp.log1p(f) - f + f * f / 2) / f**3, lambda f: f * f,
        (mp.sqrt(0.5) - 1, mp.sqrt(2) - 1), {"f32": 7}),
    Fit("LOG2_REST", "log2(1+f) / f - 1, sqrt(1/2) <= 1+f <= sqrt(2)",
        lambda f: mp.log1p(f) / LN2 / f - 1, lambda f: 1, (mp.sqrt(0.5) - 1, mp.sqrt(2) - 1), {"f32": 9}),
    Fit("WIDE_LOG2", "log2(1+f) / f, sqrt(1/2) <= 1+f <= sqrt(2), for f64 as the wider format of f32",
        lambda f: mp.log1p(f) / LN2 / f, lambda f: f * LN2 / mp.log1p(f), (mp.sqrt(0.5) - 1, mp.sqrt(2) - 1), {"f64": 11}),
    Fit("LOG10_REST", "log10(1+f) / f - 1/2, sqrt(1/2) <= 1+f <= sqrt(2)",
        lambda f: mp.log1p(f) / mp.log(10) / f - 0.5, lambda f: 1, (mp.sqrt(0.5) - 1, mp.sqrt(2) - 1), {"f32": 9}),
    Fit("LOG_ODD", "(log((1+s)/(1-s)) / s - 2) / z, z = s*s, |s| <= (sqrt(2)-1)/(sqrt(2)+1)",
        _even(lambda s: (_log_odd(s) / s - 2) / s**2), lambda z: z, (TINY, S_MAX * 1.001), {"f32": 2, "f64": 6}),
    Fit("LOG_TAIL", "(log((1+s)/(1-s)) / (2*s) - 1 - z/3) / z**2, z = s*s",
        _even(lambda s: (_log_odd(s) / (2 * s) - 1 - s * s / 3) / s**4), lambda z: z * z,
        (TINY, S_MAX * 1.001), {"f32": 3, "f64": 8}),
    Fit("SIN", "(sin(r)/r - 1) / z, z = r*r, |r| <= pi/4",
        _even(lambda r: (mp.sin(r) / r - 1) / r**2), lambda z: z, (TINY, QUARTER_PI**2 * 1.001), {"f32": 2, "f64": 5}),
    Fit("COS", "(cos(r) - 1 + z/2) / z**2, z = r*r, |r| <= pi/4",
        _even(lambda r: (mp.cos(r) - 1 + r * r / 2) / r**4), lambda z: z * z,
        (TINY, QUARTER_PI**2 * 1.001), {"f32": 2, "f64": 5}),
    Fit("TAN", "(tan(r)/r - 1) / z, z = r*r, |r| <= pi/4",
        _even(lambda r: (mp.tan(r) / r - 1) / r**2), lambda z: z, (TINY, QUARTER_PI**2 * 1.001), {"f32": 5, "f64": 13}),
    Fit("ASIN", "(asin(s)/s - 1) / z, z = s*s <= 1/4",
        _even(lambda s: (mp.asin(s) / s - 1) / s**2), lambda z: z, (TINY, 0.2501), {"f32": 4, "f64": 11}),
    Fit("ATAN", "(atan(t)/t - 1) / z, z = t*t, |t| <= tan(pi/8)",
        _even(lambda t: (mp.atan(t) / t - 1) / t**2), lambda z: z,
        (TINY, mp.tan(mp.pi / 8) ** 2 * 1.001), {"f32": 4, "f64": 11}),
    Fit("SINH", "(sinh(x)/x - 1) / z, z = x*x <= 1",
        _even(lambda x: (mp.sinh(x) / x - 1) / x**2), lambda z: z, (TINY, 1.001), {"f32": 3, "f64": 6}),
    Fit("TANH", "(tanh(x)/x - 1) / z, z = x*x <= 1/4",
        _even(lambda x: (mp.tanh(x) / x - 1) / x**2), lambda z: z, (TINY, 0.2501), {"f32": 4, "f64": 9}),
    Fit("ERF", "erf(x)/x - 1, z = x*x <= 1",
        _even(lambda x: mp.erf(x) / x - 1), lambda z: 1, (TINY, 1.001), {"f32": 6, "f64": 13}),
    Fit("ERF_LOG_F32", "log(erfc(x)), 1 <= x <= 4", lambda x: mp.log(mp.erfc(x)), mp.erfc, (0.999, 4.0), {"f32": 7}),
    Fit("ERF_LOG_F64", "log(erfc(x)), 1 <= x <= 6", lambda x: mp.log(mp.erfc(x)), mp.erfc, (0.999, 6.0), {"f64": 19}),
    Fit("CBRT", "cbrt(g), 1 <= g < 2", mp.cbrt, lambda g: 1 / mp.cbrt(g), (0.9999, 2.0001), {"f32": 4, "f64": 6}),
    Fit("FAST_EXP2", "(2**r - 1) / r, |r| <= 1/2",
        lambda r: mp.expm1(r * LN2) / r, lambda r: r, (-0.5001, 0.5001), {"f32": 4}),
    Fit("FAST_EXP_NEAR_0", "exp(x), |x| <= 1", mp.exp, lambda x: mp.exp(-x), (-1.01, 1.01), {"f32": 7}),
    Fit("FAST_LOG2", "log2(1+f) / f, sqrt(1/2) <= 1+f <= sqrt(2)",
        lambda f: mp.log1p(f) / LN2 / f, lambda f: 1, (mp.sqrt(0.5) - 1, mp.sqrt(2) - 1), {"f32": 7}),
    Fit("FAST_SIN", "sin(r)/r, z = r*r, |r| <= pi/2",
        _even(lambda r: mp.sin(r) / r), lambda z: 1, (TINY, (mp.pi / 2) ** 2 * 1.001), {"f32": 4}),
]  # fmt: skip

HEADER = '''"""Polynomial coefficients of the elementary functions, generated by ``tools/fit_polynomials.py``.

One idea: each table is the weighted minimax fit of the function named in its comment, one tuple per float
type, lowest power first.  The comment also gives the largest weighted error of the rounded polynomial.
"""

from __future__ import annotations

# fmt: off'''


def main() -> None:
    print(HEADER)
    for spec in FITS:
        print(f"\n# {spec.meaning}")
        lines = []
        for kind in spec.degree:
            coefficients, error = fit(spec, kind)
            print(f"# {kind}: largest weighted error {error:.2e} = 2**{np.log2(error):.1f}")
            body = "".join(f"        {c!r},\n" for c in coefficients)
            lines.append(f'    "{kind}": (\n{body}    ),\n')
            sys.stdout.flush()
        print(f"{spec.name}: dict[str, tuple[float, ...]] = {{\n{''.join(lines)}}}")


if __name__ == "__main__":
    main()
