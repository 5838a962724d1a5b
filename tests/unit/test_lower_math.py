"""`lower_math`: the expansion computes what the functions mean, bit by bit under math="strict", at both levels."""

from __future__ import annotations

import time

import numpy as np
import pytest
from cpu_run import array_type, block_function, load, over_row, run, store

from kdsl.codegen import cpu
from kdsl.ir import formats, types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Value, walk
from kdsl.ir.evaluate import evaluate
from kdsl.ir.opdef import OPS
from kdsl.ir.ops import arith, memory, simt
from kdsl.ir.passes.lower_math import lower_math
from kdsl.ir.verify import verify
from kdsl.target import CPU_TARGETS

NAMES = [name for name in OPS if name.startswith("math.")]


def calls(t: T.ScalarType, lanes: int, math: str, names: list[str] = NAMES) -> Function:
    params = [("x", array_type(t)), ("y", array_type(t))] + [(f"o{k}", array_type(t)) for k in range(len(names))]
    f, b = block_function("calls", params, math=math)

    def body(i: Value, mask: Value) -> None:
        x, y = [load(b, t, lanes, v, i, mask=mask) for v in f.params[:2]]
        for name, out in zip(names, f.params[2:], strict=True):
            operands = (x, y)[: len(OPS[name].operands)]
            store(b, b.emit(OPS[name], *operands), out, i, mask=mask)

    over_row(b, lanes, body)
    b.yield_()
    return f


def arguments(t: T.ScalarType) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    some = np.array(
        [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 10.0, -3.0, np.inf, -np.inf, np.nan, 1e-40, 1e30, 1e5, 88.7, -103.0]
    )
    x = np.concatenate([some, rng.normal(0, 3, 50), rng.normal(0, 1e4, 20), rng.uniform(-1, 1, 50)])
    with np.errstate(all="ignore"):
        return formats.convert(t, x), formats.convert(t, rng.permutation(x))


@pytest.mark.parametrize("way", ["inlined", "called"])
@pytest.mark.parametrize("target", ["x86-64-v2", "x86-64-v4"])
@pytest.mark.parametrize("t", [T.f32, T.f64, T.f16, T.bf16], ids=str)
def test_strict_bits(t: T.ScalarType, target: str, way: str) -> None:
    x, y = arguments(t)
    f = calls(t, CPU_TARGETS[target].lanes, "strict")
    if way == "inlined":  # otherwise the backend makes functions of them
        f = lower_math(f)
        assert not any(op.name.startswith("math.") for op in walk(f.body))
    verify(f)
    outs = [np.zeros(len(x), t.dtype) for _ in NAMES]
    run(f, target, [formats.encode(t, x), formats.encode(t, y), *outs], (len(x),))
    for name, out in zip(NAMES, outs, strict=True):
        with np.errstate(all="ignore"):
            want = evaluate(OPS[name], t, [x, y][: len(OPS[name].operands)], {})
        got = formats.decode(t, out)
        assert np.array_equal(got, want, equal_nan=True), (
            name,
            x[got != want][:4],
            got[got != want][:4],
            want[got != want][:4],
        )


@pytest.mark.parametrize("math", ["default", "fast"])
def test_not_strict_is_close(math: str) -> None:
    x = np.linspace(0.1, 9.0, 100, dtype=np.float32)
    names = ["math.exp", "math.log", "math.sin", "math.cos", "math.tanh", "math.exp2", "math.log2", "math.atan"]
    f = lower_math(calls(T.f32, 16, math, names), CPU_TARGETS["x86-64-v4"])
    outs = [np.zeros(len(x), np.float32) for _ in names]
    run(f, "x86-64-v4", [x, x, *outs], (len(x),))
    for name, out in zip(names, outs, strict=True):
        want = getattr(np, {"math.atan": "arctan"}.get(name, name[5:]))(x.astype(np.float64))
        assert np.allclose(out, want, rtol=3e-6, atol=3e-7), name


def test_random() -> None:
    f, b = block_function(
        "random", [("o", array_type(T.u32)), ("u", array_type(T.f32)), ("n", array_type(T.f32))], math="strict"
    )

    def body(i: Value, mask: Value) -> None:
        t = T.TileType(T.index, (8,))
        place = b.emit(arith.ADD, b.splat(i, (8,)), b.emit(OPS["tile.iota"], type=t))
        counter = b.emit(arith.CAST, place, type=T.TileType(T.u64, (8,)))
        seed = b.constant(1234567890123, T.TileType(T.u64, (8,)))
        for name, out in zip(("bits", "uniform", "normal"), f.params, strict=True):
            store(b, b.emit(OPS[f"random.{name}"], seed, counter), out, i, mask=mask)

    over_row(b, 8, body)
    b.yield_()
    outs = [np.zeros(100, np.uint32), np.zeros(100, np.float32), np.zeros(100, np.float32)]
    run(lower_math(f), "x86-64-v3", outs, (100,))
    for name, out in zip(("bits", "uniform", "normal"), outs, strict=True):
        seeds, counters = np.full(100, 1234567890123, np.uint64), np.arange(100, dtype=np.uint64)
        assert np.array_equal(out, evaluate(OPS[f"random.{name}"], T.f32, [seeds, counters], {})), name


def test_thread_level_and_speed() -> None:
    f = Function("thread", (("x", array_type(T.f32)),))
    b = Builder(f.body)
    i = b.emit(simt.GLOBAL_ID, axis=0)
    v = b.emit(memory.LOAD, f.params[0], i, type=T.f32, offset=0)
    for name in [n for n in NAMES if len(OPS[n].operands) == 1] + ["math.exp"] * 3:
        v = b.emit(OPS[name], v)
    b.emit(memory.STORE, f.params[0], i, v, offset=0)
    b.yield_()
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        out = lower_math(f)
        best = min(best, time.perf_counter() - start)
    verify(out)
    print(f"20 calls: {best * 1e3:.1f} ms, {sum(1 for _ in walk(out.body))} ops")
    plain = Function("plain", ())
    Builder(plain.body).yield_()
    assert lower_math(plain) is plain


def test_fast_math_keeps_the_order_within_functions() -> None:
    """`(x - n*a) - n*b` must not become `x - n*(a + b)`: with that, tan(543.5) had no digit right."""
    target = CPU_TARGETS["x86-64-v3"]
    f = lower_math(calls(T.f32, 8, "fast", ["math.tan"]), target)
    arithmetic = [op for op in walk(f.body) if op.name in ("arith.add", "arith.sub", "arith.mul")]
    floats = [op for op in arithmetic if T.element_of(op.results[0].type).is_float]
    assert floats and all(op.attributes.get("ordered") or op.attributes.get("exact") for op in floats)
    text = cpu.emit(f, target)
    assert "fmul contract <8 x float>" in text and "fmul reassoc" not in text and "fadd reassoc" not in text
    x = np.array([543.495544, -543.495544, 1000.0, 22.0], np.float32)
    out = np.zeros_like(x)
    run(f, "x86-64-v3", [x, x, out], (len(x),))
    np.testing.assert_allclose(out, np.tan(x.astype(np.float64)), rtol=3e-7)
