"""Elements of every second to fourth place, as whole vectors under masks where AVX-512 has them: row ends and guards, too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, f64, i16, i32, u8
from kdsl.codegen.cpu import assembly, emit
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def every_second(a: Array, o: Array):
    i = kdsl.global_id(0)
    o[2 * i] = a[i]


@kdsl.kernel
def every_third_backwards(a: Array, o: Array):
    i = kdsl.global_id(0)
    o[o.shape[0] - 1 - 3 * i] = a[i]


@kdsl.kernel
def some_of_every_second(a: Array, o: Array):
    i = kdsl.global_id(0)
    if a[2 * i] > 40:
        o[2 * i + 1] = a[2 * i]


@kdsl.kernel
def every_fourth_where(a: Array, b: Array, o: Array):
    i = kdsl.global_id(0)
    v = b[i]
    if v > 40:
        v = a[4 * i + 1]
    o[4 * i] = v


@kdsl.kernel
def backwards_where(a: Array, b: Array, o: Array):
    i = kdsl.global_id(0)
    v = b[i]
    if v > 40:
        v = a[a.shape[0] - 1 - 2 * i]
    o[i] = v


@kdsl.kernel
def halves(a: Array, o: Array):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    o[y, x] = max(a[y, 2 * x], a[y, 2 * x + 1])


@kdsl.kernel
def pairs(a: Array, o: Array):
    i = kdsl.global_id(0)
    o[2 * i], o[2 * i + 1] = a[2 * i + 1], a[2 * i]


@kdsl.kernel
def threes(a: Array, o: Array):
    """Points of a picture, or of a part of a larger one."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    o[y, x, 0], o[y, x, 1], o[y, x, 2] = a[y, x, 2], a[y, x, 0], a[y, x, 1]


@kdsl.kernel
def fours_where(a: Array, o: Array):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if a[y, x, 0] > 30:
        o[y, x, 0], o[y, x, 1], o[y, x, 2], o[y, x, 3] = a[y, x, 3], a[y, x, 2], a[y, x, 1], a[y, x, 0]


KERNELS = (every_second, every_third_backwards, some_of_every_second, every_fourth_where, backwards_where, halves, pairs, threes,
           fours_where)  # fmt: skip
PICTURES = (halves, threes, fours_where)
TYPES = (np.uint8, np.int16, np.float16, np.int32, np.float32, np.float64)


def arguments(kernel: Any, n: int, dtype: Any) -> list[np.ndarray]:
    """Nothing lies behind the last element that a thread has."""
    rng = np.random.default_rng(n)

    def numbers(*shape: int) -> np.ndarray:
        return rng.integers(0, 90, shape).astype(dtype)

    return {
        every_second: lambda: [numbers(n), numbers(2 * n - 1)],
        every_third_backwards: lambda: [numbers(n), numbers(3 * n - 2)],
        some_of_every_second: lambda: [numbers(2 * n - 1), numbers(2 * n)],
        every_fourth_where: lambda: [numbers(4 * n - 2), numbers(n), numbers(4 * n - 3)],
        backwards_where: lambda: [numbers(2 * n - 1), numbers(n), numbers(n)],
        halves: lambda: [numbers(3, 2 * n), numbers(3, n)],
        pairs: lambda: [numbers(2 * n), numbers(2 * n)],
        threes: lambda: [numbers(3, n, 3), numbers(3, 2 * n, 5)[:, ::2, 1:4] if n % 2 else numbers(3, n, 3)],
        fours_where: lambda: [numbers(3, n, 4), numbers(3, n, 4)],
    }[kernel]()


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.name)
@pytest.mark.parametrize("dtype", TYPES, ids=lambda t: t.__name__)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_apart(kernel: Any, dtype: Any, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, kernel)
    for n in (1, 7, 16, 45, 133):
        got, wanted = arguments(kernel, n, dtype), arguments(kernel, n, dtype)
        threads = (n, 3) if kernel in PICTURES else n
        with runs(CPU_TARGETS[arch]):
            kernel.over(threads)(*got)
        kernel.interpret.over(threads)(*wanted)
        for x, y in zip(got, wanted, strict=True):
            np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("element", [u8, i16, i32, f32, f64], ids=lambda t: t.name)
def test_no_element_is_stored_by_itself(element: Any) -> None:
    target = CPU_TARGETS["x86-64-v4"]
    types = [Array[element, 1], Array[element, 1]]
    code = assembly(lower(every_second.ir(*declared_signature(every_second, types, {})), target), target)
    masked = [line for line in code.splitlines() if line.strip().startswith("vmov") and "{%k" in line and "(%r" in line]
    # What is left of a row of f64 is scattered: masks that are spread first take as long.
    assert len(masked) >= 2 and ("vscatter" in code) == (element is f64) and "vpextr" not in code


def test_what_is_left_of_a_row_of_points_is_vectors() -> None:
    target = CPU_TARGETS["x86-64-v4"]
    for element in (u8, f32):
        types = [Array[element, 3], Array[element, 3]]
        text = emit(lower(threes.ir(*declared_signature(threes, types, {})), target), target)
        assert text.count("call void @llvm.masked.store.") >= 3 <= text.count(" @llvm.masked.load.")


def test_narrow_elements_are_stored_as_words() -> None:
    target = CPU_TARGETS["x86-64-v4"]
    for element, word in ((u8, "i16"), (i16, "i32")):
        types = [Array[element, 1], Array[element, 1]]
        assert f"x {word}> %" in emit(lower(pairs.ir(*declared_signature(pairs, types, {})), target), target).split("store <")[1]
