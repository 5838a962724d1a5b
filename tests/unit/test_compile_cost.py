"""What LLVM is given is short: addresses that accesses have alike are written once, and what is hardly ever run is a call."""

from __future__ import annotations

import re

import numpy as np
import pytest
from lowered import RUNNABLE

import kdsl
from kdsl import Array, i32, i64, u8, u64
from kdsl.codegen.cpu import assembly, emit
from kdsl.codegen.cpu.llvm import object_of
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def neighbours(image: Array[u8, 3], out: Array[i32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    row = min(y + 1, image.shape[0] - 1)
    a = i32(image[y, x, 0]) + i32(image[y, x, 1]) + i32(image[y, x, 2])
    b = i32(image[row, x, 0]) + i32(image[row, x, 1]) + i32(image[row, x, 2])
    left = max(x - 1, 0)
    c = i32(image[y, left, 0]) + i32(image[y, left, 1]) + i32(image[y, left, 2])
    d = i32(image[row, left, 0]) + i32(image[row, left, 1]) + i32(image[row, left, 2])
    out[y, x] = a + 2 * b + 3 * c + 5 * d


_TYPES = {"image": T.ArrayType(T.u8, 3, unit_axis=2), "out": T.ArrayType(T.i32, 2, unit_axis=1)}


def _text(target: str) -> str:
    return emit(lower(neighbours.ir(_TYPES), CPU_TARGETS[target]), CPU_TARGETS[target])


@pytest.mark.parametrize("target", ["x86-64-v3", "x86-64-v4", "aarch64"])
def test_addresses(target: str) -> None:
    text = _text(target)
    for block in re.split(r"^\w+:\n", text.partition("\n}\n")[0], flags=re.M):
        made = re.findall(r" = (getelementptr .*|mul (?:<\d+ x )?i64.*)", block)
        assert len(made) == len(set(made)), block
    # How far each lane of a row is from its first: for the whole kernel, before its loops.
    assert len(re.findall(r" = mul <\d+ x i64> .*<i64 0, i64 1,", text)) == 1


def test_points_apart() -> None:
    """Of points that do not lie side by side the first few are loaded in place, and the others by a function."""
    _, *others = re.split(r"^apart\d+:\n", _text("x86-64-v3").partition("\n}\n")[0], flags=re.M)
    assert len(others) == 4
    blocks = [re.split(r"^\w+:\n", text, flags=re.M)[0] for text in others]
    assert ["@apart.i8." in block for block in blocks] == [False, False, True, True]


@pytest.mark.parametrize("target", RUNNABLE)
@pytest.mark.parametrize("channels", [3, 4])
def test_run(target: str, channels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KDSL_TARGET", target)
    image = np.random.default_rng(1).integers(0, 256, (7, 37, channels), np.uint8)[:, :, :3]
    got, want = np.zeros((7, 37), np.int32), np.zeros((7, 37), np.int32)
    neighbours.over((37, 7))(image, got)
    neighbours.interpret.over((37, 7))(image, want)
    assert np.array_equal(got, want)


@kdsl.kernel
def quotients(a: Array[i64, 1], b: Array[i64, 1], c: Array[u64, 1], d: Array[u64, 1], out: Array[i64, 2], more: Array[u64, 2]):
    for n in range(a.shape[0]):
        out[0, n] = a[n] // b[n]
        out[1, n] = a[n] % b[n]
        more[0, n] = c[n] // d[n]
        more[1, n] = c[n] % d[n]


@pytest.mark.parametrize("target", RUNNABLE)
def test_wide_divisions(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short and long numbers, of both signs, and divisors that processors trap at."""
    monkeypatch.setenv("KDSL_TARGET", target)
    few = [0, 1, 2, 7, -1, -7, 2**31, 2**32 - 1, 2**32, 2**32 + 1, -(2**31), -(2**32), 2**63 - 1, -(2**63)]
    a, b = [np.array(x, np.int64) for x in zip(*[(x, y) for x in few for y in few], strict=True)]
    c, d = a.view(np.uint64), b.view(np.uint64)
    out, more = np.zeros((2, a.size), np.int64), np.zeros((2, a.size), np.uint64)
    quotients.over(1)(a, b, c, d, out, more)
    for got, xs, ys in ((out, a, b), (more, c, d)):
        want = [divmod(int(x), int(y)) if y else (0, 0) for x, y in zip(xs, ys, strict=True)]
        wrapped = np.array([[part % 2**64 for part in parts] for parts in zip(*want, strict=True)], np.uint64)
        assert np.array_equal(got, wrapped.view(got.dtype))


def test_forms_of_divisions() -> None:
    """Both are in the body only: a launch's own divisions are few, and LLVM would make four blocks of code of each."""
    target = CPU_TARGETS["x86-64-v3"]
    text = assembly(lower(neighbours.ir(_TYPES), target), target)
    assert "divq" in text and "divl" not in text
    one, two = [[T.ArrayType(t, rank, unit_axis=rank - 1) for t in (T.i64, T.u64)] for rank in (1, 2)]
    types = {"a": one[0], "b": one[0], "c": one[1], "d": one[1], "out": two[0], "more": two[1]}
    text = assembly(lower(quotients.ir(types), target), target)
    assert "idivq" in text and "divl" in text


def test_passes_left_out() -> None:
    """Where nothing lies on the stack, LLVM's pass for what does is not run, and would have changed nothing."""
    text = _text("x86-64-v3")
    assert " = alloca " not in text
    target = CPU_TARGETS["x86-64-v3"]
    assert object_of(text, target) == object_of(f"{text}\n; %x = alloca i8", target)
