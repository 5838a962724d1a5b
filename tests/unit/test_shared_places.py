"""Places that neighbours share (`i // 2`): short vectors whose elements are repeated, where vectors begin as they must."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, f64, u8, u16
from kdsl.codegen.cpu import emit
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import Function, walk
from kdsl.ir.interpreter import interpret
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def double(a: Array[u8, 2], o: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = a[y // 2, x // 2]


@kdsl.kernel
def double_floats(a: Array[f32, 2], o: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    o[y, x] = a[y >> 1, x >> 1] * 2.0 + a[y // 4, x // 4 + 1]


@kdsl.kernel
def double_points(a: Array[u8, 3], o: Array[u8, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        for c in kdsl.static_range(3):
            o[y, x, c] = a[y // 2, x // 2, c]


@kdsl.kernel
def bits(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        o[i] = (a[i // 8] >> u8(7 - i % 8)) & 1


@kdsl.kernel
def nibbles(a: Array[u16, 1], o: Array[u16, 1]):
    i = kdsl.global_id(0)
    o[i] = (a[i // 4 - 0] >> (4 * u16(i & 3))) & 15


@kdsl.kernel
def from_one(a: Array[u8, 1], o: Array[u8, 1]):
    """Vectors begin where no pair does."""
    i = kdsl.global_id(0)
    if 0 < i < o.shape[0]:
        o[i] = a[i // 2] + a[i // 2 + 1]


@kdsl.kernel
def chosen(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    if o[i] > 3:
        o[i] = a[i // 2]


@kdsl.kernel
def of_three(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    o[i] = a[i // 3] + u8(i % 16)


@kdsl.kernel
def eighths(a: Array[f64, 1], o: Array[f64, 1]):
    """Eight neighbours are more than some vectors have."""
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        b, c, d, e, f, g = a[i // 8], a[i // 4], a[i // 2], a[i // 8 + 1], a[i // 4 + 1], a[i // 2 + 1]
        o[i] = (b - g) * (c - f) * (d - e) + (b + c + d + e + f + g)


SHARING = [double, double_floats, double_points, bits, nibbles, from_one]
SIZES = [1, 2, 7, 16, 31, 64, 65, 130, 257]


def arguments(kernel: Any, n: int) -> tuple[Any, list[np.ndarray]]:
    rng = np.random.default_rng(n)
    shape = {double: (5, n), double_floats: (5, n), double_points: (5, n, 3)}.get(kernel, (n,))
    t = {double_floats: np.float32, nibbles: np.uint16, eighths: np.float64}.get(kernel, np.uint8)
    given = tuple([k // 2 + 3 for k in shape[:2]]) + shape[2:]
    a, o = rng.integers(0, 255, given).astype(t), rng.integers(0, 9, shape).astype(t)
    return (n, 5) if len(shape) > 1 else n, [a, o]


def lowered(kernel: Any, arch: str) -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])


@pytest.mark.parametrize("kernel", [*SHARING, chosen, of_three, eighths], ids=lambda k: k.name)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_every_length(kernel: Any, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, kernel)
    with runs(CPU_TARGETS[arch]):
        for n in SIZES:
            threads, (a, o) = arguments(kernel, n)
            _, (_, want) = arguments(kernel, n)
            kernel.over(threads)(a, o)
            kernel.interpret.over(threads)(a, want)
            np.testing.assert_array_equal(o, want, str(n))


@pytest.mark.parametrize("kernel", [double, bits, double_floats, eighths], ids=lambda k: k.name)
@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_what_the_interpreter_says_of_vectors(kernel: Any, arch: str) -> None:
    threads, (a, o) = arguments(kernel, 150)
    want = o.copy()
    kernel.interpret.over(threads)(a, want)
    x, y = threads if isinstance(threads, tuple) else (threads, 1)
    interpret(lowered(kernel, arch), [a, o], (x, y, 1), (1, 1, 1), threads=(x, y, 1))
    np.testing.assert_array_equal(o, want)


@pytest.mark.parametrize("kernel", SHARING, ids=lambda k: k.name)
@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_whole_vectors_do_not_gather(kernel: Any, arch: str) -> None:
    f = lowered(kernel, arch)
    assert [op for op in walk(f.body) if op.name == "tile.repeat"]
    loops = [op for op in walk(f.body) if op.name == "scf.for" and op.operands[2].constant == f.attributes["width"]]
    fast = next(op.regions[0] for op in walk(loops[0].regions[0]) if op.name == "scf.if")
    assert not [op for op in walk(fast) if op.name == "tile.gather"]
    indices = [v for op in walk(fast) for v in op.results if isinstance(v.type, T.TileType) and v.type.element is T.index]
    assert not indices
    assert emit(f, CPU_TARGETS[arch])


@pytest.mark.parametrize("kernel", [chosen, of_three], ids=lambda k: k.name)
def test_others_are_made_once(kernel: Any) -> None:
    assert not [op for op in walk(lowered(kernel, "x86-64-v3").body) if op.name == "tile.repeat"]
