"""docs/ACCURACY.md as text, from what was measured.

One idea: a pure function of the measurements, so the file is current when it equals what this gives.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .catalogue import EXACT, FUNCTIONS, Measured, promise
from .kernels import FORMATS, MODES, Format, floats_of

__all__ = ["render"]

_MAIN = "x86-64-v4"
_OTHERS = ("x86-64-v3", "x86-64-v2", "aarch64")

_HEAD = """\
# Accuracy

The largest error found in every function that rounds, in every format and math mode. Written by `python -m
tests.accuracy.report --write` (about half a minute for a function in f32); `make test` evaluates every worst input again
and sweeps a part of the range.

**Unit.** One ULP is the distance of the format's neighbouring numbers around the exact result (for a denormal result, of
the denormals). 0.5 is perfect rounding. An infinity counts as the first number that is too large, so 0 is the error of an
overflow that is one. A NaN that should not be, or is missing, counts as infinite.

**Ranges.** "every float" is all 2\\*\\*32 (2\\*\\*16) bit patterns, NaN, infinities, zeros and denormals among them; "one
float in 61" is every 61st of them, from a quick run. Where that is not possible: all exponents with special significands,
the places where a formula changes, arguments near multiples of pi/2 up to the largest float, random bits, and then a search
around the worst ones; there the figure is the largest error *found*.

**How.** A kernel evaluates the function, another one its f64 version, a third one compares; every figure here is then
computed again by mpmath. f64 itself is searched with long doubles (64 bits of significand).

## What is promised

* `strict`: 4 ULP for f32 and f64 over the whole range; `+ - * /`, `sqrt` and `fma` correctly rounded; **the same bits on
  every target**.
* `default`: 4 ULP for f32 and f64 over the whole range; single `+ - * /`, `sqrt` and `fma` correctly rounded. A product may
  be fused into a sum (one rounding less), so bits may differ between targets. On NVIDIA GPUs `exp` and `exp2` of f32 go through
  `ex2.approx`: 3.1 and 2.5 ULP at most, by the bound of NVIDIA's manual, which is 2 ULP from the correctly rounded result (4.5
  if that is a power of 2 above the exact one, by the letter). The instruction is not measured here; what kdsl adds to it is at
  most 0.58 ULP of `exp`, and less than 2 ULP are left where the result is denormal.
* `fast`: as `default`, but nine functions of f32 have shorter versions, with the bounds and ranges that their table gives;
  sums and products of *your* expressions may be reassociated, those inside of functions never.
* f16 and bf16: the functions of f32, rounded once more: 0.51 ULP.

"""

_MODE_TEXT = {
    "strict": "All targets give these bits.",
    "default": "The columns of other targets are larger only where their fused multiply-adds or their `rsqrt` differ; those of "
    "x86-64-v2 (which cannot fuse) and aarch64 come from fewer samples.",
    "fast": "Functions with a bound of their own are promised within their range only; errors in shares of the bound have a %.",
}

_TAIL = """\
## Special values

As in annex F of C99, under `strict` and `default` (`tests/unit/test_mathlib.py`, `tests/accuracy`). NaN in, NaN out, but
for `pow(1, y)` and `pow(x, 0)`, which are 1, and `hypot(inf, y)`, which is infinite. Infinities and poles give infinities
(`log(0)`, `1/0`, `rsqrt(0)`, `log1p(-1)`, `atanh(1)`), arguments outside of a domain NaN.

* **Signed zeros**: the odd functions, `sqrt`, `log1p` and `expm1` give -0 for -0; `rsqrt(-0)` is -inf; `atan2` and `pow`
  follow C.
* **Exact**: `exp(0)`, `exp2(n)` for every integer `n` (on NVIDIA GPUs under `strict`; else as their instruction has it), `cos(0)`,
  `cosh(0)`, `log2(2**n)`, `pow(2, n)`, and the zeros `log(1)`, `log2(1)`, `log10(1)`, `acos(1)`. *Not* promised: that
  `pow(x, 2)` equals `x * x`, or that `log10(10**n)` is n.
* **Denormals** are numbers like all others, as arguments and as results, on every target, under `strict` and `default`: no
  mode of the processor that takes them for zero is ever set. Under `fast`, `+ - * /` keep them, while the shorter `exp`,
  `exp2` and `pow` of f32 give 0 for results below about 2\\*\\*-125, and the shorter `log` and `log2` take denormal
  arguments for 0. Two exceptions: NVIDIA's Vulkan driver preserves no subnormal f32 in a fused multiply-add and in its atomic
  sums; `strict` uses neither there, under `default` a result below 2\\*\\*-126 may be 0. And Metal lets a
  GPU take every subnormal f32 for 0, in every mode: there nothing is promised of them, also not of `strict`.
* **Under `fast`** the sign of a zero may be lost; infinities and NaN keep their meaning. The shorter `sin` and `cos` mean
  nothing beyond 10000, and the shorter `pow` gives NaN for every negative base.

## What is not promised

* **Monotonicity**: from one argument to the next, an increasing function may step down, by no more than the errors of the
  two.
* **The sign and the other bits of a NaN**, in any mode: `copysign(1, x)` and `bitcast` show what the processor left there, which
  differs (0/0 is a negative NaN on x86, a positive one on GPUs). `isnan` and comparisons mean the same everywhere.
* The same bits under `default` or `fast` for the same function in another kernel: whether a product is fused depends on
  what is around it.
* Whole expressions: the errors here are of one call. `x ** n` of a constant integer is products, `x ** 0.5` is `sqrt`; sums
  of a subgroup or by float atomics depend on their order. (`x % y` of floats is NumPy's, bit for bit, in every mode.)
* `random_normal`: its distribution is tested, not its distance from an exact number. Under `strict` its bits are the same
  everywhere.
"""


def render(data: dict[str, Any]) -> str:
    """The whole file."""
    lines = [_HEAD]
    for name in ("f32", "f64", "f16", "bf16"):
        for mode in MODES:
            lines += _table(FORMATS[name], mode, data.get(name, {}))
    lines += ["## What has no error of its own", "", _exact_rows(), "", _TAIL]
    return "\n".join(lines)


def _exact_rows() -> str:
    reasons: dict[str, list[str]] = {}
    for op, reason in EXACT.items():
        reasons.setdefault(reason, []).append(f"`{op}`")
    return "\n".join(f"* {', '.join(ops)}: {reason}." for reason, ops in reasons.items())


def _table(format: Format, mode: str, found: dict[str, Any]) -> list[str]:
    wanted = (f"{mode} {_MAIN}", f"{mode} {_OTHERS[0]}")  # the latter where it was not measured on a machine of the former kind
    others = [t for t in _OTHERS if any(f"{mode} {t}" in entries and wanted[0] in entries for entries in found.values())]
    header = ["function", "promise", "largest error", "at", "tried", *others]
    lines = [f"## {format.name}, math=\"{mode}\"", "", _MODE_TEXT[mode], ""]
    lines += ["| " + " | ".join(header) + " |", "| " + " | ".join(["---"] * len(header)) + " |"]
    for f in FUNCTIONS:
        entries = found.get(f.name)
        if entries is None:
            continue
        main = entries.get(wanted[0]) or entries[wanted[1]]
        cells = [f"`{f.name}`", _promise_text(f, format, mode), _error(f, format, mode, main)]
        cells += [_arguments(format, main), _tried(main) + ("" if wanted[0] in entries else f", on {_OTHERS[0]}")]
        cells += [_error(f, format, mode, entries[f"{mode} {t}"]) if f"{mode} {t}" in entries else "" for t in others]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""]


def _promise_text(f: Measured, format: Format, mode: str) -> str:
    p = promise(f, format, mode)
    limits = {(-p.high, p.high): f"abs(x) <= {p.high:g}"}.get((p.low, p.high), f"{p.low:g} <= x <= {p.high:g}")
    if p.usual is not None:
        return f"{p.text}, x and the result normal"
    if math.isinf(p.low) and math.isinf(p.high):
        return p.text
    return f"{p.text}, {limits}" if not math.isinf(p.high) else f"{p.text}, x >= {p.low:g}"


def _error(f: Measured, format: Format, mode: str, entry: dict[str, Any]) -> str:
    if promise(f, format, mode).scale is not None:
        return f"{math.ceil(entry['error'] * 1000) / 10:.1f} %"
    # Never rounded below what was found.
    return f"{math.ceil(entry['error'] * 1000 - 1e-6) / 1000:.3f}"


def _arguments(format: Format, entry: dict[str, Any]) -> str:
    bits = np.array([int(b, 16) for b in entry["at"]], format.patterns)
    return ", ".join(_hexadecimal(x) for x in floats_of(format, bits).tolist())


def _hexadecimal(x: float) -> str:
    """Exact, as C and Python write it, without the zeros that f32 leaves."""
    if not math.isfinite(x) or x == 0:
        return str(x)
    digits, exponent = x.hex().split("p")
    return f"{digits.rstrip('0').rstrip('.') if '.' in digits else digits}p{exponent}"


def _tried(entry: dict[str, Any]) -> str:
    return entry["how"] if "float" in entry["how"] else f"{entry['tried'] / 1e6:.1f}M samples"
