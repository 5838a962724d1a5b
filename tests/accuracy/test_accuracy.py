"""docs/ACCURACY.md holds: no function is missing, every recorded error is found again, and nothing near is larger than promised.

One idea: the whole sweep takes minutes, so it is a program (`report`); here its worst inputs are evaluated again on every target
that runs, and every mode walks through the whole range in strides.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from accuracy import report
from accuracy.catalogue import BY_NAME, EXACT, FUNCTIONS, Measured, promise
from accuracy.kernels import FORMATS, MODES, Format, bits_of, evaluate, floats_of, host
from accuracy.measure import every_float, exact_error, quick_errors, sampled
from accuracy.samples import batches
from accuracy.table import render
from conformance.backends import backend_named

from kdsl.ir.mathlib import FUNCTIONS as MATHLIB, evaluate_numpy
from kdsl.ir.opdef import OPS, Level

INF, NAN = math.inf, math.nan
DATA = report.measured()
FLOATS = {"f16", "bf16", "f32", "f64"}


def runs(target: str) -> bool:
    return not backend_named(f"cpu:{target}").missing()


def test_every_op_that_rounds_is_measured():
    """A new row that takes or gives floats needs a place in the catalogue."""
    measured = {f.op for f in FUNCTIONS}
    for name, op in OPS.items():
        if not op.elementwise or op.level is Level.BLOCK or name.startswith("random."):
            continue
        touches = any(t.name in FLOATS for x in (*op.operands, *op.results) for t in x.allowed)
        assert not touches or (name in measured) != (name in EXACT), name
    assert set(MATHLIB) <= {f.name for f in FUNCTIONS}


def test_the_table_is_current():
    assert report.PATH.read_text("utf-8") == render(DATA), "python -m tests.accuracy.report --write"


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_function_is_recorded_within_its_promise(name: str):
    format = FORMATS[name]
    assert set(DATA[name]) == set(BY_NAME)
    for f in FUNCTIONS:
        for key, entry in DATA[name][f.name].items():
            mode = key.split()[0]
            assert entry["error"] <= promise(f, format, mode).most + 1e-9, (name, f.name, key)
        assert {key.split()[0] for key in DATA[name][f.name]} == set(MODES), f.name


def replay(f: Measured, format: Format, key: str, entry: dict[str, Any]) -> None:
    mode, target = key.split()
    if not runs(target):
        return
    at = [int(b, 16) for b in entry["at"]]
    got = int(evaluate(f.function, format, mode, target, *[np.full(1, b, format.patterns) for b in at])[0])
    error = exact_error(f, format, mode, at, got)
    again = f"{f.name} {format.name} {key}: run python -m tests.accuracy.report --write '{f.name}' --format {format.name}"
    if mode == "strict":
        assert error == pytest.approx(entry["error"], rel=1e-9, abs=1e-12), again
    else:  # which products are fused, what stands around a call and the version of LLVM decide; it must be no worse than recorded
        assert error <= entry["error"] * (1 + 1e-9) + 1e-12, again


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.name)
@pytest.mark.parametrize("name", ["f32", "f64"])
def test_worst_inputs_and_a_walk(name: str, f: Measured):
    format = FORMATS[name]
    for key, entry in DATA[name][f.name].items():
        if not key.endswith("aarch64"):
            replay(f, format, key, entry)
    jobs = [(mode, host()) for mode in MODES]
    if f.arity == 1 and name == "f32":
        found = every_float(f, format, jobs, stride=65521)
    else:
        arguments = tuple(np.concatenate([a[::31][:2000] for a in column]) for column in zip(*batches(f, format, 2000)))
        found = sampled(f, format, jobs, [arguments], rounds=0)
    for (mode, _), finding in found.items():
        assert finding.error <= promise(f, format, mode).most * 1.0005, (mode, finding)


@pytest.mark.parametrize("name", ["f16", "bf16"])
def test_narrow_worst_inputs(name: str):
    for function in ("exp", "log", "sin", "pow", "rsqrt", "x / y", "fma"):
        for key, entry in DATA[name][function].items():
            replay(BY_NAME[function], FORMATS[name], key, entry)


@pytest.mark.qemu
@pytest.mark.skipif(not runs("aarch64"), reason="no qemu-aarch64")
@pytest.mark.parametrize("name", ["exp", "sin", "log1p", "rsqrt", "pow"])
def test_worst_inputs_on_arm(name: str):
    replay(BY_NAME[name], FORMATS["f32"], "default aarch64", DATA["f32"][name]["default aarch64"])


@pytest.mark.parametrize("f", [f for f in FUNCTIONS if f.op.startswith("math.")], ids=lambda f: f.name)
def test_strict_bits_are_the_interpreters(f: Measured):
    for name in ("f32", "f64"):
        format = FORMATS[name]
        arguments = tuple(np.concatenate([a[:300] for a in column]) for column in zip(*batches(f, format, 300)))
        wanted = evaluate_numpy(f.name, *[a.view(format.values) for a in arguments])
        for target in ("x86-64-v2", "x86-64-v3", "x86-64-v4"):
            if runs(target):
                got = evaluate(f.function, format, "strict", target, *arguments).view(format.values)
                assert np.array_equal(got, wanted, equal_nan=True), (name, target)


# --- the measure itself ---


def test_the_measure_measures():
    """A result that is k units away has an error of k; NaN and infinities count as the text of the table says."""
    f, format = BY_NAME["x + y"], FORMATS["f32"]
    p = promise(f, format, "default")
    exact = np.array([1.0, 1.0, 2.0**-149, 1e39, 1e39, 3.4e38, NAN, 1.0, INF, INF, 0.0])
    got = np.array([1 + 2.0**-22, 1 - 2.0**-24, 0.0, INF, 3.4028234663852886e38, INF, NAN, NAN, INF, 1.0, -0.0])
    bits = bits_of(format, got)
    errors = quick_errors(format, p, bits, (bits, bits), exact)
    top = 2.0**128
    wanted = [2.0, 0.5, 1.0, 0.0, (1e39 - got[4]) / 2.0**104, (top - 3.4e38) / 2.0**104, 0.0, INF, 0.0, INF, 0.0]
    assert np.allclose(errors, wanted, rtol=1e-12)
    at = (int(bits_of(format, [1.0])[0]), int(bits_of(format, [2.0**-24])[0]))
    assert exact_error(f, format, "strict", at, int(bits_of(format, [1.0])[0])) == 0.5


def test_the_sweep_sees_what_the_samples_see():
    """The kernel that judges and NumPy agree, on every f16."""
    format = FORMATS["f16"]
    for name in ("exp", "rsqrt", "sin", "log"):
        f = BY_NAME[name]
        everything = np.arange(1 << 16, dtype=np.uint64).astype(np.uint16)
        one = every_float(f, format, [("default", host())])["default", host()]
        other = sampled(f, format, [("default", host())], [(everything,)], rounds=0)["default", host()]
        assert one.tried == other.tried == 1 << 16
        assert one.error == pytest.approx(other.error, rel=1e-6)


# --- special values and denormals ---

ZERO_FOR_ZERO = ("expm1", "log1p", "sin", "tan", "asin", "atan", "sinh", "tanh", "erf", "sqrt")
SPECIAL = [
    *[(name, (z,), z) for name in ZERO_FOR_ZERO for z in (0.0, -0.0)],
    *[(f.name, (NAN,) * f.arity, NAN) for f in FUNCTIONS],
    *[(name, (z,), 1.0) for name in ("exp", "exp2", "cos", "cosh") for z in (0.0, -0.0)],
    *[(name, (1.0,), 0.0) for name in ("log", "log2", "log10", "acos")],
    *[(name, (INF,), INF) for name in ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sinh", "cosh", "sqrt")],
    *[(name, (x,), NAN) for name in ("sin", "cos", "tan", "asin", "acos") for x in (INF, -INF)],
    *[(name, (-1.0,), NAN) for name in ("log", "log2", "log10", "sqrt", "rsqrt")],
    ("exp", (-INF,), 0.0), ("expm1", (-INF,), -1.0), ("log1p", (-1.0,), -INF), ("log", (-0.0,), -INF),
    ("tanh", (-INF,), -1.0), ("erf", (INF,), 1.0), ("sinh", (-INF,), -INF), ("cosh", (-INF,), INF),
    ("rsqrt", (0.0,), INF), ("rsqrt", (-0.0,), -INF), ("rsqrt", (INF,), 0.0), ("sqrt", (-0.0,), -0.0),
    ("pow", (1.0, NAN), 1.0), ("pow", (NAN, 0.0), 1.0), ("pow", (-2.0, 3.0), -8.0), ("pow", (-0.0, -1.0), -INF),
    ("pow", (-2.0, 0.5), NAN), ("pow", (-1.0, INF), 1.0), ("atan2", (0.0, -0.0), math.pi), ("atan2", (-0.0, 1.0), -0.0),
    ("x / y", (1.0, -0.0), -INF), ("x / y", (0.0, 0.0), NAN), ("x * y", (INF, 0.0), NAN), ("x - y", (INF, INF), NAN),
    ("fma", (INF, 0.0, 1.0), NAN), ("exp2", (10.0,), 1024.0), ("log2", (2.0**-120,), -120.0),
]  # fmt: skip


@pytest.mark.parametrize("mode", ["strict", "default"])
@pytest.mark.parametrize("name", ["f32", "f64"])
def test_special_values(name: str, mode: str):
    """Compiled for this machine; the interpreter's are in tests/unit/test_mathlib.py."""
    format = FORMATS[name]
    by_function: dict[str, list[tuple[tuple[float, ...], float]]] = {}
    for function, arguments, expected in SPECIAL:
        by_function.setdefault(function, []).append((arguments, expected))
    for function, rows in by_function.items():
        columns = [bits_of(format, [a[k] for a, _ in rows]) for k in range(BY_NAME[function].arity)]
        got = floats_of(format, evaluate(BY_NAME[function].function, format, mode, host(), *columns))
        wanted = floats_of(format, bits_of(format, [e for _, e in rows]))
        same = np.isnan(wanted) & np.isnan(got) | (got == wanted) & (np.signbit(got) == np.signbit(wanted))
        assert same.all(), (function, [r for r, ok in zip(rows, same) if not ok], got[~same])


@pytest.mark.parametrize("target", ["x86-64-v2", "x86-64-v3", "x86-64-v4"])
def test_denormals_are_numbers(target: str):
    """As arguments and as results."""
    if not runs(target):
        pytest.skip(f"this machine has no {target}")
    format = FORMATS["f32"]
    cases = [("log", 1e-40), ("sin", 1e-42), ("rsqrt", 3e-39), ("sqrt", 1e-44), ("exp", -100.0), ("exp2", -140.5), ("erf", 1e-41)]
    for mode in ("strict", "default"):
        for name, x in cases:
            bits = bits_of(format, [x])
            got = evaluate(BY_NAME[name].function, format, mode, target, bits)
            value = float(floats_of(format, got)[0])
            assert value != 0 and math.isfinite(value), (mode, name, x)
            assert exact_error(BY_NAME[name], format, mode, (int(bits[0]),), int(got[0])) <= 4, (mode, name)


def test_fast_flushes_what_the_table_says():
    format = FORMATS["f32"]
    for name, x, wanted in (("exp", -95.0, 0.0), ("exp2", -140.0, 0.0), ("log", 1e-40, -INF), ("pow", (2.0, -140.0), 0.0)):
        bits = [bits_of(format, [a]) for a in (x if isinstance(x, tuple) else (x,))]
        got = floats_of(format, evaluate(BY_NAME[name].function, format, "fast", host(), *bits))
        assert got[0] == wanted, name
    tiny = bits_of(format, [1e-40])
    assert floats_of(format, evaluate(BY_NAME["x + y"].function, format, "fast", host(), tiny, tiny))[0] > 0
