"""Every rule of `kdsl.ir.rules` proved by what its ops mean: both sides on corner values of every type it claims."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32
from kdsl.compiler import lower
from kdsl.ir import formats, rules, types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, walk
from kdsl.ir.evaluate import evaluate
from kdsl.ir.opdef import CLASSES
from kdsl.ir.ops import arith, memory
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.ir.verify import verify
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

RNG = np.random.default_rng(7)


def corners(t: T.ScalarType, count: int = 24) -> list:
    """Values of `t` where rules break: limits, zeros, NaN, infinities, the smallest; then random bits."""
    if t.is_bool:
        return [False, True]
    if t.is_integer:
        low, high = T.limits(t)
        values = [0, 1, 2, 3, 7, 8, t.bits - 1, t.bits, low, low + 1, high, high - 1, high // 2 + 1, -1, -2, -8]
        return [v for v in dict.fromkeys(values) if low <= v <= high]
    given = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -4.0, 3.0, 0.12345, -1.5, 1e-30, 65504.0, np.nan, np.inf, -np.inf,
             2.0**-14, 2.0**-15, 2.0**-126, 2.0**-127, 2.0**-1022, 5e-324, 3e38, 1.7e308]  # fmt: skip
    made = formats.convert(t, np.array(given, np.float64))
    bits = RNG.integers(0, 1 << t.bits, 4, np.uint64 if t.bits == 64 else np.int64).astype(t.dtype)
    bits = formats.decode(t, bits.view(t.dtype)) if t.storage else bits.astype(f"u{t.dtype.itemsize}").view(t.dtype)
    return list(np.concatenate([made, np.asarray(bits, t.value_dtype)]).tolist())[:count]


def letters_of(p) -> Iterator[str]:
    if isinstance(p, str):
        if not rules.is_word(p):
            yield p
        return
    for q in p[1:]:
        yield from letters_of(q)


def operand_types(p, t: T.ScalarType | None, result: T.ScalarType | None, free: T.ScalarType) -> list[T.ScalarType]:
    """Types of the operands of pattern `p`, from its last operand's type, its result's, or freely."""
    defn = p[0]
    letter = defn.operands[-1].letter
    if t is None:
        t = result if defn.results[0].letter == letter else free
    return [t if rule.letter == letter else T.SCALARS[rule.rule] for rule in defn.operands]


def typed(p, t, result, free, into: dict) -> None:
    """Enter the type of every letter of `p`."""
    for q, u in zip(p[1:], operand_types(p, t, result, free), strict=True):
        if not isinstance(q, str):
            typed(q, None, u, free, into)
        elif not rules.is_word(q):
            assert into.setdefault(q, u) is u, (p, q)


def value_of(p, t, result, free, env: dict, types: dict):
    """Evaluate a side of a rule on arrays with the rows' own meaning."""
    if isinstance(p, str):
        if rules.is_word(p):
            return np.asarray(rules.number(p, result)).astype(result.value_dtype)
        return env[p]
    kinds = operand_types(p, t, result, free)
    values = [value_of(q, None, u, free, env, types) for q, u in zip(p[1:], kinds, strict=True)]
    values = [np.broadcast_to(v, np.broadcast_shapes(*[np.shape(v) for v in values], (1,))) for v in values]
    out = result if p[0].results[0].letter else T.bool_
    return evaluate(p[0], out, values, {}, kinds)


def same(a, b) -> np.ndarray:
    a, b = np.broadcast_arrays(a, b)
    assert a.dtype == b.dtype
    if a.dtype.kind != "f":
        return a == b
    u = f"u{a.dtype.itemsize}"
    return (np.ascontiguousarray(a).view(u) == np.ascontiguousarray(b).view(u)) | (np.isnan(a) & np.isnan(b))


def check(rule: rules.Rule, t: T.ScalarType, free: T.ScalarType) -> int:
    types: dict[str, T.ScalarType] = {}
    typed(rule.pattern, t, None, free, types)
    result = types_result(rule, t)
    names = list(types)
    hashes = [n for n in names if n[0] == "#"]
    others = [n for n in names if n[0] != "#"]
    grid = np.meshgrid(*[np.array(corners(types[n]), types[n].value_dtype) for n in others], indexing="ij")
    env = {n: g.reshape(-1) for n, g in zip(others, grid)}
    if rule.fast:
        env = {n: v[np.isfinite(v)] for n, v in env.items()}
    tried = 0
    for numbers in itertools.product(*[corners(types[n], 20) for n in hashes]):
        extra = {} if rule.when is None else rule.when(t, *numbers)
        if extra is None:
            continue
        tried += 1
        full = dict(env)
        for n, v in zip(hashes, numbers):
            full[n] = np.array([v], types[n].value_dtype)
        for n, v in extra.items():
            if rules_fit(v, t):
                full[n] = np.array([v], t.value_dtype)
        left = value_of(rule.pattern, t, result, free, full, types)
        right = value_of(rule.replacement, None, result, replaced_type(rule, t, free), full, types)
        good = left == right if rule.fast else same(left, right)
        assert np.all(good), f"{rule} on {t}: wrong where {counterexample(full, good)}"
    return tried


def rules_fit(v, t) -> bool:
    return t.is_float or T.limits(t)[0] <= v <= T.limits(t)[1]


def types_result(rule, t):
    return t if rule.pattern[0].results[0].letter else T.bool_


def replaced_type(rule, t, free):
    """What the operands of the replacement are when its result does not say: those of a comparison."""
    return free if isinstance(rule.pattern[1], tuple) and not rule.pattern[1][0].results[0].letter else t


def counterexample(env, good) -> dict:
    k = int(np.argmin(np.broadcast_to(good, good.shape).reshape(-1)))
    return {n: v.reshape(-1)[k if v.size > 1 else 0] for n, v in env.items()}


def frees(rule: rules.Rule, t: T.ScalarType) -> tuple[T.ScalarType, ...]:
    """Types that the rule leaves open: those compared under a `not`."""
    inner = [q for q in rule.pattern[1:] if isinstance(q, tuple)]
    if inner and not inner[0][0].results[0].letter:
        return CLASSES[inner[0][0].operands[-1].letter]
    return (t,)


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda r: r.text)
def test_both_sides_mean_the_same(rule: rules.Rule) -> None:
    assert rule.types and rule.why
    with np.errstate(all="ignore"):
        for t in sorted(rule.types, key=str):
            for free in frees(rule, t):
                assert check(rule, t, free), f"{rule} never applies to {t}"


def check_all(rule: rules.Rule) -> None:
    with np.errstate(all="ignore"):
        for t in sorted(rule.types, key=str):
            check(rule, t, t)


def test_a_wrong_rule_is_found() -> None:
    for pattern, replacement, kinds in [
        ("add x 0.0", "x", "F"), ("sub x x", "0.0", "F"), ("mul x 0.0", "0.0", "F"), ("le x x", "true", "N"),
        ("floordiv x x", "1", "I"), ("shl (shr x 1) 1", "x", "I"), ("maximum x (minimum x y)", "x", "F"),
        ("minimum x y", "x", "I"),
    ]:  # fmt: skip
        wrong = rules.Rule(pattern, replacement, kinds, "wrong on purpose")
        with pytest.raises(AssertionError, match="wrong where"):
            check_all(wrong)


def test_cast_chains_over_all_triples() -> None:
    allowed = 0
    with np.errstate(all="ignore"):
        for first, middle, last in itertools.product(T.SCALARS.values(), repeat=3):
            if not rules.cast_chain(first, middle, last):
                continue
            allowed += 1
            x = np.array(corners(first, 40), first.value_dtype)
            twice = formats.convert(last, formats.convert(middle, x))
            assert np.all(same(twice, formats.convert(last, x))), (first, middle, last)
    assert allowed > 800


def clamped(source: T.ScalarType, t: T.ScalarType, low: float, high: float) -> Function:
    f = Function("f", (("out", T.ArrayType(t, 1)), ("x", source)))
    b = Builder(f.body)
    x = b.emit(arith.MAXIMUM, f.params[1], b.constant(low, source))
    x = b.emit(arith.MINIMUM, x, b.constant(high, source))
    b.emit(memory.STORE, f.params[0], b.constant(0, T.index), b.emit(arith.CAST, x, type=t), offset=0)
    b.yield_()
    return f


def test_clamps_before_casts_that_saturate() -> None:
    dropped = 0
    for source, t in itertools.product((T.f16, T.f32, T.f64), CLASSES["I"]):
        x = np.array(corners(source, 40), source.value_dtype)
        for low, high in ((0.0, 255.0), (-128.0, 127.0), (-32768.0, 65535.0), (-(2.0**63), 2.0**64), (0.0, 1.0), (1.0, 300.0)):
            g = simplify(clamped(source, t, low, high))
            left = [op.defn for op in walk(g.body) if op.defn in (arith.MINIMUM, arith.MAXIMUM)]
            dropped += 2 - len(left)
            with np.errstate(all="ignore"):
                want = formats.convert(t, np.minimum(np.maximum(x, source.value_dtype.type(low)), source.value_dtype.type(high)))
                now = np.maximum(x, source.value_dtype.type(low)) if arith.MAXIMUM in left else x
                now = np.minimum(now, source.value_dtype.type(high)) if arith.MINIMUM in left else now
                assert np.array_equal(formats.convert(t, now), want), (source, t, low, high)
    assert dropped > 50


def test_not_of_an_order_is_the_opposite_for_integers() -> None:
    for t in CLASSES["I"]:
        x, y = (g.reshape(-1) for g in np.meshgrid(*[np.array(corners(t), t.dtype)] * 2))
        for op, opposite in rules.NOT_ORDER.items():
            assert np.array_equal(~op.eval(x, y), opposite.eval(x, y))


def instance(rule: rules.Rule, t: T.ScalarType, free: T.ScalarType) -> Function | None:
    """A function that stores an instance of the rule's pattern."""
    types: dict[str, T.ScalarType] = {}
    typed(rule.pattern, t, None, free, types)
    out = T.ArrayType(types_result(rule, t), 1)
    values = [n for n in types if n[0] != "#"]
    hashes = [n for n in types if n[0] == "#"]
    math = "fast" if rule.fast else "strict"
    f = Function("f", (("out", out), *[(n, types[n]) for n in values]), attributes={"math": math})
    b = Builder(f.body)
    for numbers in itertools.product(*[corners(types[n], 20) for n in hashes]):
        if rule.when is None or rule.when(t, *numbers) is not None:
            break
    env = dict(zip(values, f.params[1:]))
    env.update({n: b.constant(v, types[n]) for n, v in zip(hashes, numbers)})

    def build(p, u, result):
        if isinstance(p, str):
            return b.constant(rules.number(p, result), result) if rules.is_word(p) else env[p]
        operands = [build(q, None, w) for q, w in zip(p[1:], operand_types(p, u, result, free))]
        return b.emit(p[0], *operands)

    r = build(rule.pattern, t, out.element)
    b.emit(memory.STORE, f.params[0], b.constant(0, T.index), r, offset=0)
    b.yield_()
    return f


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda r: r.text)
def test_the_pass_applies_it(rule: rules.Rule) -> None:
    for t in sorted(rule.types, key=str):
        f = instance(rule, t, frees(rule, t)[0])
        verify(f)
        g = simplify(f)
        verify(g)
        roots = [op for op in g.body.ops if op.defn is rule.pattern[0] and op.defn is not arith.ADD]
        assert g is not f
        if isinstance(rule.replacement, str):
            assert not roots, f"{rule} on {t}:\n{f}\n{g}"


@kdsl.kernel(math="fast")
def softened(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = kdsl.log1p(x[i] * x[i])


@kdsl.kernel(math="fast")
def any_sign(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = kdsl.log1p(x[i])


@pytest.mark.parametrize(("kernel", "asked"), [(softened, []), (any_sign, ["arith.eq", "arith.lt"])])
def test_squares_are_not_asked_for_their_sign(kernel, asked: list[str]) -> None:
    target = CPU_TARGETS["x86-64-v3"]
    ops = list(walk(lower(kernel.ir(*declared_signature(kernel, None, {})), target).body))
    floats = [op for op in ops if op.name in ("arith.eq", "arith.lt") and T.element_of(op.operands[0].type) is T.f32]
    assert sorted({op.name for op in floats if rules.constant_of(op.operands[1]) in (0, -1)}) == asked
