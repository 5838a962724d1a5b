"""The largest error of a function: over every float of a format, or over samples with a search around the worst of them.

One idea: a quick reference finds the arguments, mpmath says the error there. The quick one is kdsl's own f64 function for the
narrower formats (within 4 ULP of f64, so within 2**-27 ULP of f32), and long doubles (11 bits more, where the machine has
them) for f64.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np

from .catalogue import Measured, Promise, promise
from .kernels import (
    EVALUATE,
    FORMATS,
    JUDGE,
    REFERENCE,
    Format,
    evaluate,
    floats_of,
    host,
    launcher,
    reference,
)  # fmt: skip

__all__ = ["Finding", "Job", "every_float", "exact_error", "quick_errors", "sampled"]

Job = tuple[str, str]  # math mode, target
_CHUNK = 1 << 17


@dataclass
class Finding:
    """The largest error, in the units of the promise; the bits of the arguments where it is; how many were tried."""

    error: float
    at: tuple[int, ...]
    tried: int


def every_float(f: Measured, format: Format, jobs: Sequence[Job], stride: int = 1) -> dict[Job, Finding]:
    """The largest error of a function of one argument over all bit patterns, or over every `stride`-th one."""
    half = 1 << (8 * format.patterns.itemsize - 1)
    n = min(_CHUNK, -(-half // stride))
    starts = (np.arange(n, dtype=np.uint64) * stride).astype(format.patterns)
    x, exact, error = np.empty_like(starts), np.empty(n), np.empty(n, np.float32)
    refer = launcher(REFERENCE[1], host(), (x, exact), f=f.function, kind=format.kind)
    runs = [_Run(f, format, job, x, exact, error) for job in jobs]
    for first in range(0, half, n * stride):
        for sign in (0, 1):
            np.add(starts, format.patterns.type(first + sign * half), out=x)
            if sign == 0 or f.symmetry == 0:
                refer()
            for i, run in enumerate(runs):
                run.evaluate()
                # Many functions give the same bits in several modes and on several targets: those were judged already.
                twin = next((r for r in runs[:i] if r.promise is run.promise and np.array_equal(r.got, run.got)), None)
                if twin is None:
                    run.judges[sign]()
                    run.at = int(error.argmax())
                    run.largest = float(error[run.at])
                else:
                    run.largest, run.at = twin.largest, twin.at
                run.keep(x)
    return {run.job: run.best for run in runs}


class _Run:
    """One job of a sweep: its launches, what they gave for the current arguments, and the worst so far."""

    def __init__(self, f: Measured, format: Format, job: Job, x: np.ndarray, exact: np.ndarray, error: np.ndarray) -> None:
        self.job = job
        mode, target = job
        self.promise = p = promise(f, format, mode)
        self.got = np.empty_like(x)
        self.best = Finding(-1.0, (0,), 0)
        self.largest, self.at = 0.0, 0
        self.evaluate = launcher(
            EVALUATE[1, mode], target, (x, self.got), f=f.function, kind=format.kind, bits=format.bits
        )
        self.judges = [
            launcher(JUDGE, host(), (x, self.got, exact, flip, p.low, p.high, error), scale=p.scale, kind=format.kind,
                     fraction=format.fraction, bias=format.bias, overflow=format.overflow)
            for flip in (1.0, float(f.symmetry or 1))
        ]  # fmt: skip

    def keep(self, x: np.ndarray) -> None:
        self.best.tried += x.size
        if self.largest > self.best.error:
            self.best.error, self.best.at = self.largest, (int(x[self.at]),)


def _keep(best: Finding, error: np.ndarray, arguments: Sequence[np.ndarray]) -> None:
    """Remember the worst of these, if it is worse."""
    best.tried += error.size
    if error.max() > best.error:
        i = int(error.argmax())
        best.error, best.at = float(error[i]), tuple([int(a[i]) for a in arguments])


# --- samples ---


def quick_errors(format: Format, p: Promise, got: np.ndarray, arguments: Sequence[np.ndarray], exact: Any) -> np.ndarray:
    """What the kernel JUDGE computes, for any number of arguments; exact values as f64 or as long doubles."""
    values = [floats_of(format, a) for a in arguments]
    y = floats_of(format, got)
    with np.errstate(all="ignore"):
        distance = np.abs(np.clip(y, -np.longdouble(2) ** (format.bias + 1), np.longdouble(2) ** (format.bias + 1)) - exact)
        if p.scale is None:
            exponent = np.clip(np.frexp(exact)[1] - 1, 1 - format.bias, format.bias)
            e = np.ldexp(distance, format.fraction - exponent)
        else:
            e = distance * getattr(p.scale, "function", p.scale)(exact, *values)
        e = np.where(np.isnan(e), np.inf, e)
        right = (y == exact) | (np.isnan(y) & np.isnan(exact))
        right |= np.isinf(y) & (y * exact > 0) & (np.abs(exact) >= np.longdouble(2) ** (format.bias + 1))
        right |= (values[0] < p.low) | (values[0] > p.high)
        if p.usual is not None:
            right |= ~p.usual(*values)
    return np.where(right, 0.0, e).astype(np.float64)


def _quick_exact(f: Measured, format: Format, arguments: Sequence[np.ndarray]) -> Any:
    if format is not FORMATS["f64"]:
        return reference(f.function, format, *arguments)
    values = [a.view(np.float64) for a in arguments]
    with np.errstate(all="ignore"):
        if f.wide is not None:
            return f.wide(*[v.astype(np.longdouble) for v in values])
        out = [f.exact(*[mp.mpf(v) for v in row]) for row in zip(*[v.tolist() for v in values])]
        return np.array([_long(v) for v in out], np.longdouble)


def _long(x: Any) -> Any:
    """An mpmath number as a long double: its upper 53 bits and the rest."""
    upper = float(x)
    return np.longdouble(upper) + (np.longdouble(float(x - upper)) if np.isfinite(upper) else 0)


def sampled(
    f: Measured, format: Format, jobs: Sequence[Job], samples: Iterable[tuple[np.ndarray, ...]], rounds: int = 4
) -> dict[Job, Finding]:
    """The largest error over samples, then over neighbours of the worst ones, in several rounds."""
    rng = np.random.default_rng(11)
    best: dict[Job, Finding] = {job: Finding(-1.0, (0,) * f.arity, 0) for job in jobs}
    worst: dict[Job, list[tuple[np.ndarray, ...]]] = {job: [] for job in jobs}
    for arguments in samples:
        exact = _quick_exact(f, format, arguments)
        for job in jobs:
            worst[job].append(_worst_of(f, format, job, arguments, exact, best[job]))
    for _ in range(rounds):
        for job in jobs:
            together = tuple(np.concatenate(column) for column in zip(*worst[job]))
            arguments = _neighbours(format, together, rng)
            exact = _quick_exact(f, format, arguments)
            worst[job] = [_worst_of(f, format, job, arguments, exact, best[job])]
    return best


def _worst_of(f: Measured, format: Format, job: Job, arguments: Any, exact: Any, best: Finding, keep: int = 32) -> Any:
    mode, target = job
    got = evaluate(f.function, format, mode, target, *arguments)
    errors = quick_errors(format, promise(f, format, mode), got, arguments, exact)
    _keep(best, errors, arguments)
    keep = min(keep, errors.size)
    at = np.argpartition(errors, -keep)[-keep:]
    return tuple(a[at] for a in arguments)


def _neighbours(format: Format, arguments: Sequence[np.ndarray], rng: np.random.Generator, count: int = 1 << 17) -> Any:
    """Each argument moved by up to a random power of two of units, or left alone where there are several."""
    out = []
    repeats = max(1, count // arguments[0].size)
    for a in arguments:
        steps = np.exp2(rng.uniform(0, format.fraction - 2, a.size * repeats)) * rng.choice([-1, 1], a.size * repeats)
        if len(arguments) > 1:
            steps *= rng.integers(0, 2, steps.size)
        moved = np.repeat(a, repeats).astype(np.int64) + steps.astype(np.int64)
        out.append(moved.astype(format.patterns))
    return tuple(out)


# --- the truth ---


def exact_error(f: Measured, format: Format, mode: str, at: Sequence[int], got: int) -> float:
    """The error of one result in units of the promise, by mpmath."""
    p = promise(f, format, mode)
    values = [float(floats_of(format, np.array([b], format.patterns))[0]) for b in at]
    y = float(floats_of(format, np.array([got], format.patterns))[0])
    with mp.workprec(2 * format.fraction + 60):
        try:
            exact = f.exact(*[mp.mpf(v) for v in values])
        except (ZeroDivisionError, ValueError):
            exact = mp.nan
        if not isinstance(exact, mp.mpf) or mp.isnan(exact):  # a complex number: undefined among the reals
            return 0.0 if y != y else float("inf")
        if mp.isinf(exact) or y != y:
            return 0.0 if y == float(exact) else float("inf")
        overflow = mp.ldexp(1, format.bias + 1)
        if abs(y) == float("inf"):
            if abs(exact) >= overflow and y * exact > 0:
                return 0.0
            distance = abs(mp.sign(y) * overflow - exact)
        else:
            distance = abs(y - exact)
        if p.scale is not None:
            return float(distance * mp.mpf(float(getattr(p.scale, "function", p.scale)(float(exact), *values))))
        exponent = mp.frexp(exact)[1] - 1 if exact else -(10**6)
        return float(mp.ldexp(distance, format.fraction - max(min(exponent, format.bias), 1 - format.bias)))
