"""Sums of bytes in 16 bits (`opt_narrow`): which are, which must not be, and that nothing changes by it."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, i8, i16, i32, u8, u16, u32
from kdsl.codegen.cpu import assembly
from kdsl.compiler import compile_function, lower
from kdsl.ir import types as T
from kdsl.ir.core import walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS, GPU_TARGETS


def widths(kernel: Any) -> dict[str, int]:
    """How many sums and products of each type the vector code has."""
    found: dict[str, int] = {}
    for op in walk(lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"]).body):
        t = op.results[0].type if op.name in ("arith.add", "arith.mul") else None
        if isinstance(t, T.TileType):
            found[t.element.name] = found.get(t.element.name, 0) + 1
    return found


def quotients(kernel: Any) -> set[str]:
    """Types of vectors that are divided."""
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS["x86-64-v3"])
    types = [op.results[0].type for op in walk(f.body) if op.name == "arith.floordiv"]
    return {t.element.name for t in types if isinstance(t, T.TileType)}


@kdsl.kernel
def box(a: Array[u8, 2], out: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = a.shape
    if 0 < x < w - 1 and 0 < y < h - 1:
        s = 0
        for dy in range(-1, 2):
            for dx in range(-1, 2):
                s += i32(a[y + dy, x + dx])
        out[y, x] = u8((s * 57 + 256) >> 9)


@kdsl.kernel
def luma(p: Array[u8, 2], out: Array[u8, 1]):
    i = kdsl.global_id(0)
    out[i] = u8((77 * i32(p[i, 0]) + 150 * i32(p[i, 1]) + 29 * i32(p[i, 2]) + 128) >> 8)


@kdsl.kernel
def mean(a: Array[u8, 2], out: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = 0
    for dy in range(3):
        for dx in range(3):
            s += i32(a[y + dy, x + dx])
    out[y, x] = u8(s // 9)


@kdsl.kernel
def laid_over(a: Array[u8, 1], b: Array[u8, 1], m: Array[u8, 1], out: Array[u8, 2]):
    """No share is more than the whole, so both products together are no more than one can be."""
    i = kdsl.global_id(0)
    w = i32(m[i])
    out[0, i] = u8((i32(a[i]) * w + i32(b[i]) * (255 - w) + 127) // 255)
    out[1, i] = u8(((256 - w) * i32(a[i]) + w * i32(b[i])) >> 8)


@kdsl.kernel
def overlaid(a: Array[u8, 1], b: Array[u8, 1], m: Array[u8, 1], out: Array[i32, 1]):
    """Shares that are not of one whole, or more than it."""
    i = kdsl.global_id(0)
    w, v = i32(m[i]), i32(b[i])
    out[i] = i32(a[i]) * w + v * (255 - v) + (i32(a[i]) * w + v * (100 - w)) // 255


@kdsl.kernel
def too_far(a: Array[u8, 1], n: i32, out: Array[i32, 1]):
    """What a loop of any length adds up, a factor that may be anything, a product that passes 65535, as one more may."""
    i = kdsl.global_id(0)
    s = 0
    for k in range(n):
        s += i32(a[i + k])
    out[i] = s + i32(a[i]) * n + i32(a[i]) * 300 + (i32(a[i]) * 257 + 1)


@pytest.mark.parametrize("arch", RUNNABLE)
def test_pictures(monkeypatch, arch: str) -> None:
    monkeypatch.setenv("KDSL_TARGET", f"cpu:{arch}")
    a = np.random.default_rng(1).integers(0, 256, (19, 150)).astype(np.uint8)
    a[3:9, 20:90] = 255
    out, whole = np.zeros_like(a), np.pad(a.astype(int), 1)
    box.over((150, 19))(a, out)
    s = sum(whole[1 + dy : 20 + dy, 1 + dx : 151 + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1))
    np.testing.assert_array_equal(out[1:-1, 1:-1], ((s * 57 + 256) >> 9)[1:-1, 1:-1])
    p, out = a.reshape(-1, 3), np.zeros(950, np.uint8)
    luma.over(950)(p, out)
    np.testing.assert_array_equal(out, (p.astype(int) @ [77, 150, 29] + 128) >> 8)
    out = np.zeros((17, 148), np.uint8)
    mean.over((148, 17))(a, out)
    np.testing.assert_array_equal(out, s[1:-1, 1:-1] // 9)
    sums = np.zeros(100, np.int32)
    too_far.over(100)(a.reshape(-1), 300, sums)
    b = a.reshape(-1).astype(int)
    wanted = [b[i : i + 300].sum() + b[i] * 600 + b[i] * 257 + 1 for i in range(100)]
    np.testing.assert_array_equal(sums, wanted)


@pytest.mark.parametrize("arch", RUNNABLE)
def test_shares_of_a_whole(monkeypatch, arch: str) -> None:
    launch_on(arch, monkeypatch, laid_over, overlaid)
    ends = np.array([0, 1, 127, 128, 254, 255], np.uint8)
    a, b, m = [x.reshape(-1).copy() for x in np.meshgrid(ends, ends, ends)]
    out, wanted = np.zeros((2, 216), np.uint8), np.zeros((2, 216), np.uint8)
    sums, wanted_sums = np.zeros(216, np.int32), np.zeros(216, np.int32)
    with runs(CPU_TARGETS[arch]):
        laid_over.over(216)(a, b, m, out)
        overlaid.over(216)(a, b, m, sums)
    laid_over.interpret.over(216)(a, b, m, wanted)
    overlaid.interpret.over(216)(a, b, m, wanted_sums)
    np.testing.assert_array_equal(out, wanted)
    np.testing.assert_array_equal(sums, wanted_sums)


def test_what_is_narrow() -> None:
    assert set(widths(laid_over)) == {"u16"} == quotients(laid_over)
    assert "i32" in widths(overlaid)
    assert set(widths(mean)) == {"u16"}  # its quotient too: sums would stay wide for it
    assert quotients(mean) == {"u16"}
    assert set(widths(box)) == {"i16", "i32"}  # the sum, and its product
    assert set(widths(luma)) == {"u16"}
    assert set(widths(too_far)) == {"i32"}


_LEAVES = ("i32(a[i])", "i32(b[i])", "i32(c[i])", "i32(d[i])", "i32(a[i + 1])", "i32(b[i] > 3)", "3", "-7", "100", "255")


def _expression(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.1:
        return rng.choice(_LEAVES[:5] if depth == 0 and rng.random() < 0.7 else _LEAVES)
    x, y = _expression(rng, depth - 1), _expression(rng, depth - 1)
    return rng.choice([
        f"({x} + {y})", f"({x} - {y})", f"({x} + {y})", f"({x} * {rng.choice(['3', '-2', '17', y])})",
        f"(({x}) >> {rng.randrange(9)})", f"(({x}) << {rng.randrange(5)})", f"min({x}, {y})", f"max({x}, {y})",
        f"(({x}) & {rng.choice(['15', '255', y])})", f"(({x}) | ({y}))", f"(({x}) ^ ({y}))", f"(-({x}))",
        f"(({x}) // {rng.choice(['9', '1', '-7', '300', '70000'])})",
        f"({x} if a[i] > 99 else {y})", f"kdsl.where(b[i] > 0, {x}, {y})",
        f"i32(u8({x} + i32(b[i])))", f"i32(i16({x} - i32(a[i])))", f"i32(u32({x} + i32(d[i])) + u32(a[i]))",
    ])  # fmt: skip


def _program(seed: int) -> str:
    """Expressions, in branches and loops of known and unknown length too, into elements of several types."""
    rng = random.Random(seed)
    rows = "\n".join([f"    out[{k}, i] = {_expression(rng, 3)}" for k in range(8)])
    return f"""\
@kdsl.kernel
def k(a: Array[u8, 1], b: Array[i8, 1], c: Array[u16, 1], d: Array[i16, 1], n: i32, out: Array[i32, 2], small: Array[u8, 1]):
    i = kdsl.global_id(0)
{rows}
    s = 0
    t = i32(a[i])
    u = 5
    for j in range({rng.randrange(1, 9)}):
        s += {_expression(rng, 2)}
        if b[i] > {rng.randrange(-9, 9)}:
            t -= {_expression(rng, 1)}
        for m in range(3):
            u += i32(a[i + m])
    for j in range(n):
        s += {_expression(rng, 1)}
    out[8, i], out[9, i], out[10, i] = s, t, u
    small[i] = u8({_expression(rng, 3)} + i32(c[i]))
"""


def _arguments() -> list[Any]:
    rng = np.random.default_rng(3)
    made: list[Any] = []
    for t in (np.uint8, np.int8, np.uint16, np.int16):
        info = np.iinfo(t)
        x = rng.integers(info.min, info.max, 80, dtype=t, endpoint=True)
        x[:12] = rng.choice(np.array([info.min, info.max, 0], t), 12)
        made.append(x)
    return [*made, 2, np.zeros((11, 70), np.int32), np.zeros(70, np.uint8)]


@pytest.mark.parametrize("seed", range(10))
def test_expressions_of_all_kinds(monkeypatch, seed: int) -> None:
    text = _program(seed)
    space = {"kdsl": kdsl, "Array": Array, "i8": i8, "i16": i16, "i32": i32, "u8": u8, "u16": u16, "u32": u32}
    exec(text, space)
    k = space["k"]
    wanted = _arguments()
    k.interpret.over(70)(*wanted)
    for arch in RUNNABLE[-2:]:  # the widest
        monkeypatch.setenv("KDSL_TARGET", f"cpu:{arch}")
        found = _arguments()
        with runs(CPU_TARGETS[arch]):
            k.over(70)(*found)
        for x, y in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(x, y, err_msg=text)


@kdsl.kernel
def far(a: Array[u8, 1], n: i32, out: Array[i32, 1]):
    i = kdsl.global_id(0)
    s = i32(a[i])
    if n == 5:
        for _ in range(-(2**62), 2**62 + 7):
            s += i32(a[i])
    out[i] = s


@pytest.mark.parametrize("target", ["x86-64-v2", "cuda:sm_90"])
def test_loops_of_more_rounds_than_python_counts(target: str) -> None:
    f = far.ir(*declared_signature(far, None, {}))
    assert compile_function(f, {**CPU_TARGETS, **GPU_TARGETS}[target]).binary


@kdsl.kernel
def quantised(a: Array[f32, 1], out: Array[i8, 1], positive: Array[u8, 1]):
    i = kdsl.global_id(0)
    out[i] = i8(a[i])
    positive[i] = u8(a[i])


@pytest.mark.parametrize("arch", RUNNABLE)
def test_floats_become_bytes(monkeypatch, arch: str) -> None:
    monkeypatch.setenv("KDSL_TARGET", f"cpu:{arch}")
    a = np.array([np.nan, np.inf, -np.inf, 1e30, -1e30, 127.9, 128, -128.9, -129, 255.9, 256, -0.9, 0.9, 77.5] * 5, np.float32)
    out, positive = np.zeros(70, np.int8), np.zeros(70, np.uint8)
    quantised.over(70)(a, out, positive)
    whole = np.trunc(np.nan_to_num(a, nan=0.0, posinf=999.0, neginf=-999.0))
    np.testing.assert_array_equal(out, np.clip(whole, -128, 127).astype(np.int8))
    np.testing.assert_array_equal(positive, np.clip(whole, 0, 255).astype(np.uint8))


def test_packing_clamps_by_itself() -> None:
    target = CPU_TARGETS["x86-64-v3"]
    code = assembly(lower(quantised.ir(*declared_signature(quantised, None, {})), target), target)
    assert "vpacksswb" in code and "vpackuswb" in code
    assert "vpand\t" not in code  # of upper halves, which are 0 already
    assert "vmaxps" not in code and "vcmpltps" not in code  # packing clamps what is too low, too
