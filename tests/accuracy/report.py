"""docs/ACCURACY.md: the largest error of every function, in every format and math mode.

    python -m tests.accuracy.report                     prints the table of what was measured
    python -m tests.accuracy.report --write             measures everything anew and writes measured.json and the table
    python -m tests.accuracy.report --write exp "x / y" the same for these functions only; --format f32 for one format

One idea: measured.json keeps each largest error with the bits of its arguments, the table is made from that alone, and a test
evaluates every one of them again. A function takes about half a minute of one core (Zen 4), most of it 2**32 floats; on a busy
machine KDSL_NUM_THREADS=1 is faster.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).resolve().parents[1]
if str(_TESTS) not in sys.path:  # run as a program
    sys.path[:0] = [str(_TESTS.parent), str(_TESTS)]

import numpy as np  # noqa: E402
from accuracy.catalogue import FUNCTIONS, Measured  # noqa: E402
from accuracy.kernels import FORMATS, Format, evaluate, host  # noqa: E402
from accuracy.measure import Finding, Job, every_float, exact_error, sampled  # noqa: E402
from accuracy.samples import batches  # noqa: E402
from accuracy.table import render  # noqa: E402

__all__ = ["DATA", "PATH", "measured"]

DATA = Path(__file__).with_name("measured.json")
PATH = _TESTS.parent / "docs" / "ACCURACY.md"
MAIN = host() if host() in ("x86-64-v4", "x86-64-v3") else "x86-64-v4"
# Under math="strict" all targets give the same bits (tests/conformance, and a test here).
THOROUGH: tuple[Job, ...] = tuple(dict.fromkeys((("strict", MAIN), ("default", MAIN), ("default", "x86-64-v3"), ("fast", MAIN))))
QUICK: tuple[Job, ...] = (("default", "x86-64-v2"), ("default", "aarch64"))
_SAMPLES = {"f32": 1 << 23, "f64": 1 << 20, "f16": 1 << 20, "bf16": 1 << 20}


def measured() -> dict[str, Any]:
    """format -> function -> "mode target" -> what was found there."""
    return json.loads(DATA.read_text("utf-8")) if DATA.exists() else {}


def measure(f: Measured, format: Format, stride: int = 1) -> dict[str, Any]:
    """The entries of one function and format."""
    is_wide = format.fraction >= 23
    thorough = THOROUGH if is_wide else tuple(j for j in THOROUGH if j[1] == MAIN)
    rounds = 0 if f.name == "fma" and format.name == "f64" else 6
    count = 1 << 14 if rounds == 0 else _SAMPLES[format.name] if f.op.startswith("math.") else 1 << 18
    if f.arity == 1 and format.name != "f64":
        how = "every float" if stride == 1 else f"one float in {stride}"
        out = _entries(f, format, every_float(f, format, thorough, stride), how)
    else:
        out = _entries(f, format, sampled(f, format, thorough, batches(f, format, count), rounds), "samples")
    if is_wide:
        out |= _entries(f, format, sampled(f, format, QUICK, batches(f, format, min(count, 1 << 18)), 0), "samples")
    return out


def _entries(f: Measured, format: Format, found: dict[Job, Finding], how: str) -> dict[str, Any]:
    out = {}
    for (mode, target), finding in found.items():
        bits = [np.array([b], format.patterns) for b in finding.at]
        got = int(evaluate(f.function, format, mode, target, *bits)[0])
        error = exact_error(f, format, mode, finding.at, got)
        at = [f"{b:#0{format.patterns.itemsize * 2 + 2}x}" for b in finding.at]
        out[f"{mode} {target}"] = {"error": error, "at": at, "tried": finding.tried, "how": how}
    return out


def write(names: list[str], formats: list[str], stride: int = 1) -> None:
    """Measure, and write after every function, so that an interrupted run loses one."""
    if host() != MAIN:
        sys.exit(f"the table is of {MAIN}; this machine is {host()}")
    for name in formats or list(FORMATS):
        for f in FUNCTIONS:
            if names and f.name not in names:
                continue
            start = time.perf_counter()
            entries = measure(f, FORMATS[name], stride)
            data = measured()  # read late: another process may be measuring other functions
            data.setdefault(name, {})[f.name] = entries
            DATA.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
            PATH.write_text(render(data), encoding="utf-8")
            errors = ", ".join(f"{k} {v['error']:.3f}" for k, v in data[name][f.name].items())
            print(f"{name} {f.name}: {errors} ({time.perf_counter() - start:.0f} s)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", help="only these")
    parser.add_argument("--write", action="store_true", help="measure, and write the table")
    parser.add_argument("--format", action="append", default=[], choices=list(FORMATS), help="only this one")
    parser.add_argument("--stride", type=int, default=1, help="look at one f32 in so many only (an odd number)")
    options = parser.parse_args()
    if options.write:
        write(options.functions, options.format, options.stride)
    else:
        print(render(measured()))


if __name__ == "__main__":
    main()
