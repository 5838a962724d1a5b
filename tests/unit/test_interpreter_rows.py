"""Every op row with an `eval`, on corner values of every type, against plain Python integers and exact fractions.

One idea: the oracle shares no code with the rows: integers are Python's, floats are Fractions rounded by the few lines
of `rounded` here, which know only (precision, smallest exponent, largest value) of each format.
"""

from __future__ import annotations

import itertools
import math
import operator
from fractions import Fraction

import numpy as np
import pytest

from kdsl.ir import types as T
from kdsl.ir.evaluate import evaluate, fold
from kdsl.ir.interpreter.machine import known_ops
from kdsl.ir.opdef import CLASSES, OPS

INTS = [t.name for t in CLASSES["I"]]
FLOATS = ["f16", "bf16", "f32", "f64"]
# precision (bits of significand), exponent of the smallest normal, largest finite value, has infinity
FORMATS = {
    "f16": (11, -14, 65504.0, True),
    "bf16": (8, -126, float(Fraction(2) ** 127 * (2 - Fraction(1, 128))), True),
    "f32": (24, -126, float(Fraction(2) ** 127 * (2 - Fraction(1, 2**23))), True),
    "f64": (53, -1022, 1.7976931348623157e308, True),
    "f8e4m3": (4, -6, 448.0, False),
    "f8e5m2": (3, -14, 57344.0, True),
}
NAN, INF = math.nan, math.inf


# --- the oracle ---


def limits(t):
    bits = T.SCALARS[t].bits
    return (0, 2**bits - 1) if t.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def wrap(t, x):
    low, high = limits(t)
    return (x - low) % (high - low + 1) + low


def rounded(t, x, sign=1.0):
    """A Fraction rounded to nearest even in a format; a result of zero takes the given sign."""
    precision, lowest, largest, has_inf = FORMATS[t]
    if x == 0:
        return math.copysign(0.0, sign)
    e = abs(x.numerator).bit_length() - x.denominator.bit_length()
    e = max(e if abs(x) >= Fraction(2) ** e else e - 1, lowest)
    step = Fraction(2) ** (e - precision + 1)
    out = round(x / step) * step
    if abs(out) > Fraction(largest):
        return (INF if x > 0 else -INF) if has_inf else NAN
    return math.copysign(float(out), -1 if x < 0 else 1)


def div(t, a, b):
    if math.isnan(a) or math.isnan(b) or (math.isinf(a) and math.isinf(b)) or (a == 0 and b == 0):
        return NAN
    sign = math.copysign(1, a) * math.copysign(1, b)
    if math.isinf(a) or b == 0:
        return math.copysign(INF, sign)
    if math.isinf(b):
        return math.copysign(0.0, sign)
    return rounded(t, Fraction(a) / Fraction(b), sign)


def add(t, a, b):
    if not (math.isfinite(a) and math.isfinite(b)):
        return a + b
    return rounded(t, Fraction(a) + Fraction(b), a + b)


def mul(t, a, b):
    if not (math.isfinite(a) and math.isfinite(b)):
        return a * b
    return rounded(t, Fraction(a) * Fraction(b), math.copysign(1, a) * math.copysign(1, b))


def fma(t, a, b, c):
    product_sign = math.copysign(1, a) * math.copysign(1, b)
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if exact == 0:
        both_negative = product_sign < 0 and math.copysign(1, c) < 0 and a * b == 0 and c == 0
        return -0.0 if both_negative else 0.0
    wide = "f32" if t == "bf16" else t  # bf16 is f32's result rounded again
    once = rounded(wide, exact)
    return once if wide == t or not math.isfinite(once) else rounded(t, Fraction(once), once)


def sqrt(t, x):
    if math.isnan(x) or x < 0:
        return NAN
    if x == 0 or math.isinf(x):
        return x
    shift = 400 if t != "f64" else 2400
    root = Fraction(math.isqrt(int(Fraction(x) * 4**shift)), 2**shift)
    exact = root * root == Fraction(x)
    return rounded(t, root if exact else root + Fraction(1, 2 ** (shift + 1)))


def least(a, b):
    if math.isnan(a) or math.isnan(b):
        return NAN
    return min(a, b, key=lambda v: (v, math.copysign(1, v)))


def greatest(a, b):
    if math.isnan(a) or math.isnan(b):
        return NAN
    return max(a, b, key=lambda v: (v, math.copysign(1, v)))


def shl(t, a, b):
    amount = b % 2 ** T.SCALARS[t].bits
    return wrap(t, a << amount) if amount < T.SCALARS[t].bits else 0


def shr(t, a, b):
    return a >> min(b % 2 ** T.SCALARS[t].bits, T.SCALARS[t].bits)


def bits_of(t, x):
    return format(x % 2 ** T.SCALARS[t].bits, f"0{T.SCALARS[t].bits}b")


def sign_of(x):
    return x if x == 0 or x != x else math.copysign(1, x) if isinstance(x, float) else (x > 0) - (x < 0)


INT_ORACLE = {
    "add": lambda t, a, b: wrap(t, a + b),
    "sub": lambda t, a, b: wrap(t, a - b),
    "mul": lambda t, a, b: wrap(t, a * b),
    "floordiv": lambda t, a, b: wrap(t, a // b) if b else 0,
    "mod": lambda t, a, b: wrap(t, a % b) if b else 0,
    "neg": lambda t, a: wrap(t, -a),
    "abs": lambda t, a: wrap(t, abs(a)),
    "sign": lambda t, a: sign_of(a),
    "minimum": lambda t, a, b: min(a, b),
    "maximum": lambda t, a, b: max(a, b),
    "and": lambda t, a, b: a & b,
    "or": lambda t, a, b: a | b,
    "xor": lambda t, a, b: a ^ b,
    "not": lambda t, a: wrap(t, ~a),
    "shl": shl,
    "shr": shr,
    "popcount": lambda t, a: bits_of(t, a).count("1"),
    "clz": lambda t, a: len(bits_of(t, a)) - len(bits_of(t, a).lstrip("0")),
    "ctz": lambda t, a: len(bits_of(t, a)) - len(bits_of(t, a).rstrip("0")),
}
FLOAT_ORACLE = {
    "add": add,
    "sub": lambda t, a, b: add(t, a, -b),
    "mul": mul,
    "div": div,
    "fma": fma,
    "neg": lambda t, a: -a,
    "abs": lambda t, a: abs(a),
    "sign": lambda t, a: sign_of(a),
    "minimum": lambda t, a, b: least(a, b),
    "maximum": lambda t, a, b: greatest(a, b),
    "fmin": lambda t, a, b: b if math.isnan(a) else a if math.isnan(b) else least(a, b),
    "fmax": lambda t, a, b: b if math.isnan(a) else a if math.isnan(b) else greatest(a, b),
    "floor": lambda t, a: keep_sign(math.floor, a),
    "ceil": lambda t, a: keep_sign(math.ceil, a),
    "trunc": lambda t, a: keep_sign(math.trunc, a),
    "round": lambda t, a: keep_sign(round, a),
    "sqrt": sqrt,
    "rsqrt": lambda t, a: rsqrt(t, a),
}
COMPARE = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


def keep_sign(f, x):
    return math.copysign(float(f(x)), x) if math.isfinite(x) else x


def rsqrt(t, x):
    wide = t if t == "f64" else "f32"
    out = div(wide, 1.0, sqrt(wide, x))
    return out if t == wide or not math.isfinite(out) or out == 0 else rounded(t, Fraction(out))


# --- values ---


def int_values(t):
    low, high = limits(t)
    seeds = [
        0,
        1,
        2,
        3,
        5,
        7,
        8,
        9,
        31,
        32,
        33,
        63,
        64,
        100,
        -1,
        -2,
        -3,
        -7,
        -8,
        -100,
        low,
        low + 1,
        high,
        high - 1,
        high // 2,
    ]
    return sorted({x for x in seeds if low <= x <= high})


def float_values(t):
    precision, lowest, largest, has_inf = FORMATS[t]
    smallest = 2.0 ** (lowest - precision + 1)
    one_up = 1 + 2.0 ** (1 - precision)
    values = [
        0.0,
        1.0,
        1.5,
        0.5,
        2.5,
        3.0,
        0.1,
        7.0,
        1 / 3,
        100.25,
        one_up,
        largest,
        2.0**lowest,
        smallest,
        3 * smallest,
        INF,
    ]
    values = [rounded(t, Fraction(v)) if math.isfinite(v) else v for v in values]
    if not has_inf:
        values.remove(INF)
    return [*values, *[-v for v in values], NAN]


def run(name, t, columns, result=None):
    """One row on columns of Python numbers, as Python numbers; checks the result's dtype."""
    defn = OPS[name]
    result = T.SCALARS[result or t]
    types = [T.SCALARS[x] for x in (t if isinstance(t, list) else [t] * len(columns))]
    arrays = [np.array(c, s.value_dtype) for c, s in zip(columns, types, strict=True)]
    with np.errstate(all="ignore"):
        out = evaluate(defn, result, arrays, {}, types)
    assert out.dtype == result.value_dtype and out.shape == arrays[0].shape
    return out.tolist()


def same(a, b):
    return (a != a and b != b) or (a == b and math.copysign(1, a) == math.copysign(1, b))


def check(name, t, oracle, values, arity, result=None):
    rows = list(itertools.product(values, repeat=arity))
    out = run(f"arith.{name}", t, list(zip(*rows)), result)
    for row, got in zip(rows, out, strict=True):
        want = oracle(t, *row)
        assert same(got, want), f"arith.{name} {t} {row}: {got!r}, not {want!r}"


def allowed(name, types):
    return [t for t in types if T.SCALARS[t] in OPS[f"arith.{name}"].operands[0].allowed]


@pytest.mark.parametrize("name, t", [(name, t) for name in INT_ORACLE for t in allowed(name, INTS)])
def test_integer_rows(name, t):
    check(name, t, INT_ORACLE[name], int_values(t), len(OPS[f"arith.{name}"].operands))


@pytest.mark.parametrize("t", FLOATS)
@pytest.mark.parametrize("name", FLOAT_ORACLE)
def test_float_rows(name, t):
    values = float_values(t)
    arity = len(OPS[f"arith.{name}"].operands)
    if arity == 3:
        values = [v for v in values if math.isfinite(v)][:22]
    check(name, t, FLOAT_ORACLE[name], values, arity)


def test_fma_beyond_the_finite():
    values = [0.0, 1.0, -1.0, INF, -INF, NAN]
    for t in FLOATS:
        rows = list(itertools.product(values, repeat=3))
        for row, got in zip(rows, run("arith.fma", t, list(zip(*rows))), strict=True):
            assert same(got, row[0] * row[1] + row[2]), row


@pytest.mark.parametrize("t", INTS + FLOATS)
@pytest.mark.parametrize("name", COMPARE)
def test_comparisons(name, t):
    values = int_values(t) if t in INTS else float_values(t)
    rows = list(itertools.product(values, repeat=2))
    out = run(f"arith.{name}", t, list(zip(*rows)), "bool")
    assert out == [COMPARE[name](a, b) for a, b in rows]


def test_bools():
    both = list(itertools.product([False, True], repeat=2))
    for name, f in {
        "and": operator.and_,
        "or": operator.or_,
        "xor": operator.xor,
        "eq": operator.eq,
        "ne": operator.ne,
    }.items():
        assert run(f"arith.{name}", "bool", list(zip(*both)), "bool") == [f(a, b) for a, b in both]
    assert run("arith.not", "bool", [[False, True]]) == [True, False]


@pytest.mark.parametrize("t", FLOATS)
def test_classes_of_floats(t):
    values = float_values(t)
    assert run("arith.isnan", t, [values], "bool") == [math.isnan(v) for v in values]
    assert run("arith.isinf", t, [values], "bool") == [math.isinf(v) for v in values]


@pytest.mark.parametrize("t", [*T.SCALARS])
def test_select(t):
    values = [False, True] if t == "bool" else int_values(t) if t in INTS else float_values(t)
    other = values[::-1]
    cond = [k % 2 == 0 for k in range(len(values))]
    out = run("arith.select", ["bool", t, t], [cond, values, other], t)
    assert all(same(g, a if c else b) for g, c, a, b in zip(out, cond, values, other, strict=True))


def cast(source, to, x):
    if to == "bool":
        return x != 0
    if to in INTS:
        if source in INTS or source == "bool":
            return wrap(to, int(x))
        if math.isnan(x):
            return 0
        low, high = limits(to)
        return high if x == INF else low if x == -INF else max(low, min(high, math.trunc(x)))
    if not math.isfinite(x):
        return NAN if math.isnan(x) or not FORMATS[to][3] else x
    if to == "f64":
        return rounded("f64", Fraction(x), math.copysign(1, x))
    # to f32 and below by way of f32, as `formats` says
    single = rounded("f32", Fraction(x), math.copysign(1, x)) if source != to else x
    if not math.isfinite(single):
        return NAN if not FORMATS[to][3] else single
    return rounded(to, Fraction(single), math.copysign(1, single))


@pytest.mark.parametrize("to", [*T.SCALARS])
@pytest.mark.parametrize("source", [*T.SCALARS])
def test_casts(source, to):
    values = [False, True] if source == "bool" else int_values(source) if source in INTS else float_values(source)
    if source in FLOATS:
        values += [
            rounded(source, Fraction(v)) for v in (127.5, 128.0, -129.0, 255.9, 2.0**31, 2.0**63, -(2.0**63), 2.0**64)
        ]
    for x, got in zip(values, run("arith.cast", source, [values], to), strict=True):
        assert same(got, cast(source, to, x)), f"cast {source} {x!r} to {to}: {got!r}, not {cast(source, to, x)!r}"


WIDTHS = {8: ["i8", "u8", "f8e4m3", "f8e5m2"], 16: ["i16", "u16", "f16", "bf16"], 32: ["i32", "u32", "f32"],
          64: ["i64", "u64", "f64", "index"]}  # fmt: skip


@pytest.mark.parametrize("width", WIDTHS)
def test_bitcasts_go_there_and_back(width):
    unsigned = f"u{width}"
    values = int_values(unsigned)
    for a in WIDTHS[width]:
        there = run("arith.bitcast", unsigned, [values], a)
        back = run("arith.bitcast", a, [there], unsigned)
        for x, y, z in zip(values, back, there, strict=True):
            assert x == y or z != z, f"{x:x} as {a} came back as {y:x}"  # a NaN may change its payload
    assert run("arith.bitcast", "bf16", [[1.0, -2.0]], "u16") == [0x3F80, 0xC000]
    assert run("arith.bitcast", "u8", [[0x38, 0x7E]], "f8e4m3") == [1.0, 448.0]
    assert run("arith.bitcast", "f8e5m2", [[1.0, -INF]], "u8") == [0x3C, 0xFC]


def test_lookup_clamps():
    defn = OPS["arith.lookup"]
    out = evaluate(defn, T.f32, [np.array([-5, 0, 1, 2, 9], np.int32)], {"table": (1.5, 2.5, 3.5)})
    assert out.tolist() == [1.5, 1.5, 2.5, 3.5, 3.5] and out.dtype == np.float32


@pytest.mark.parametrize("name", [n.removeprefix("math.") for n in OPS if n.startswith("math.")])
@pytest.mark.parametrize("t", FLOATS)
def test_math_rows_are_close_to_python(name, t):
    own = {"exp2": np.exp2, "cbrt": np.cbrt, "acosh": np.arccosh, "atanh": np.arctanh}  # at poles too, and in Python 3.10
    f = own.get(name) or getattr(math, name)
    values = [rounded(t, Fraction(v)) for v in (0.25, 0.5, 0.75, 1.0)]
    columns = [values, values[::-1]][: len(OPS[f"math.{name}"].operands)]
    for row, got in zip(zip(*columns), run(f"math.{name}", t, columns), strict=True):
        with np.errstate(all="ignore"):
            want = f(*row)
        if want != want:
            assert got != got, row
            continue
        assert math.isclose(got, want, rel_tol=2.0 ** (4 - FORMATS[t][0]), abs_tol=2.0 ** (3 - FORMATS[t][0])), row


def test_random_rows():
    """Philox 4x32-10 known answers of Random123 (kat_vectors): counter and key 0, and all ones in what we can set."""
    zero = np.zeros(1, np.uint64)
    assert evaluate(OPS["random.bits"], T.u32, [zero, zero], {}).tolist() == [0x6627E8D5]
    n = np.arange(4096, dtype=np.uint64)
    uniform = evaluate(OPS["random.uniform"], T.f32, [n * 0 + np.uint64(7), n], {})
    assert uniform.dtype == np.float32 and 0 <= uniform.min() and uniform.max() < 1 and abs(uniform.mean() - 0.5) < 0.03
    normal = evaluate(OPS["random.normal"], T.f32, [n * 0 + np.uint64(7), n], {})
    assert abs(normal.mean()) < 0.06 and abs(normal.std() - 1) < 0.05


def test_folding_gives_python_numbers():
    assert fold(OPS["arith.add"], T.u8, [T.u8, T.u8], [250, 10], {}) == 4
    assert fold(OPS["arith.floordiv"], T.i32, [T.i32, T.i32], [-(2**31), -1], {}) == -(2**31)
    assert fold(OPS["arith.lt"], T.bool_, [T.f32, T.f32], [1.0, NAN], {}) is False
    assert fold(OPS["arith.mul"], T.bf16, [T.bf16, T.bf16], [1.0078125, 1.0078125], {}) == 1.015625
    assert fold(OPS["arith.cast"], T.i8, [T.f64], [1e9], {}) == 127
    assert fold(OPS["arith.bitcast"], T.u16, [T.bf16], [1.0], {}) == 0x3F80
    value = fold(OPS["math.exp"], T.f32, [T.f32], [0.0], {})
    assert value == 1.0 and type(value) is float


def test_every_row_has_a_meaning():
    assert set(OPS) - known_ops() == set()


def test_every_row_with_eval_is_tested_here():
    arith = {n.removeprefix("arith.") for n, d in OPS.items() if n.startswith("arith.") and d.eval is not None}
    tested = {*INT_ORACLE, *FLOAT_ORACLE, *COMPARE, "select", "cast", "bitcast", "lookup", "isnan", "isinf"}
    assert arith == tested
