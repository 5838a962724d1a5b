"""Kernels over bytes and numbers of 16 bits fill registers with them; their results are the interpreter's at every length."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on, runs

import kdsl
from kdsl import Array, f32, i16, i32, u8, u16
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.core import Function, walk
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def upper(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        c = a[i]
        if c >= 97 and c <= 122:
            c = u8(c - u8(32))
        o[i] = c


@kdsl.kernel
def starts(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        if i == 0:
            o[i] = u8(1)
        else:
            if a[i] != a[i - 1]:
                o[i] = u8(1)
            else:
                o[i] = u8(0)


@kdsl.kernel
def pairs(a: Array[u8, 1], o: Array[u8, 1]):
    """Two stores to a thread, which are whole vectors together."""
    i = kdsl.global_id(0)
    if 2 * i + 1 < o.shape[0]:
        hi = a[i] >> 4
        lo = a[i] & 15
        o[2 * i] = u8(hi + 48) if hi < 10 else u8(hi + 87)
        o[2 * i + 1] = u8(lo + 48) if lo < 10 else u8(lo + 87)


@kdsl.kernel
def at_edges(a: Array[u8, 1], o: Array[u8, 1]):
    """Neighbours that are clamped, and those of a ring."""
    i = kdsl.global_id(0)
    n = o.shape[0]
    left, right = a[max(i - 1, 0)], a[min(i + 1, n - 1)]
    o[i] = max(left, right) ^ a[(i + 3) % n]


@kdsl.kernel
def inside(a: Array[u8, 1], o: Array[u8, 1]):
    """What is left of the row does something else, with a number of more bits."""
    i = kdsl.global_id(0)
    if i >= 2 and i < o.shape[0] - 2:
        o[i] = u8((i32(a[i - 2]) + i32(a[i - 1]) + i32(a[i + 1]) + i32(a[i + 2])) // 4)
    else:
        o[i] = u8(f32(a[i]) * 0.5)


@kdsl.kernel
def backward(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    o[o.shape[0] - 1 - i] = a[i] + u8(i) // 3


@kdsl.kernel
def mixed(a: Array[u8, 1], o: Array[i16, 1]):
    i = kdsl.global_id(0)
    o[i] = i16(a[i]) * 3 - o[i]


@kdsl.kernel
def looped(a: Array[u8, 1], o: Array[u16, 1]):
    i = kdsl.global_id(0)
    n = u16(0)
    for k in range(i32(a[0]) % 7):
        n += u16(a[i] >> u8(k))
    o[i] = n


@kdsl.kernel
def masked(a: Array[bool, 1], o: Array[bool, 1]):
    i = kdsl.global_id(0)
    o[i] = a[i] != (i < 40)


@kdsl.kernel
def in_place(a: Array[u8, 1], o: Array[u8, 1]):
    """Given one array for both, each thread changes its own element alone."""
    i = kdsl.global_id(0)
    if i < a.shape[0]:
        o[i] = a[i] * 7 + 1


@kdsl.kernel
def mean(a: Array[u8, 2], o: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if 0 < x < a.shape[1] - 1 and 0 < y < a.shape[0] - 1:
        s = 0
        for dy in range(-1, 2):
            for dx in range(-1, 2):
                s += i32(a[y + dy, x + dx])
        o[y, x] = u8(s // 9)


@kdsl.kernel
def twice(a: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    a[y, x] = 2 * a[y, x] + 1


PACKED = [upper, starts, pairs, at_edges, inside, backward, mixed, looped, masked, in_place]


@kdsl.kernel
def of_floats(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    o[i] = u8(f32(a[i]) * 0.5)


@kdsl.kernel
def of_ids(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    o[i] = u8(i // 3) + a[i]


@kdsl.kernel
def far_apart(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    o[i] = a[9 * i]


@kdsl.kernel
def one_of_two(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    o[2 * i] = a[i]


@kdsl.kernel
def chosen(a: Array[u8, 1], o: Array[u8, 1]):
    """No instruction before AVX-512 stores some bytes of a vector."""
    i = kdsl.global_id(0)
    if a[i] > 99:
        o[i] = a[i]


@kdsl.kernel
def looked_up(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    o[i] = a[i32(a[i])]


OTHERS = [of_floats, of_ids, far_apart, one_of_two, chosen, looked_up]


LENGTHS = [1, 7, 15, 16, 31, 33, 63, 64, 65, 100, 128, 131, 200, 513]


def lowered(kernel: Any, arch: str) -> Function:
    return lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])


def arrays(kernel: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    element = {"mixed": np.int16, "looped": np.uint16, "masked": np.bool_}.get(kernel.name, np.uint8)
    rng = np.random.default_rng(n)
    a = rng.integers(0, 130, n).astype(np.bool_ if kernel is masked else np.uint8)
    if kernel is starts:
        a //= 60
    return a, rng.integers(0, 2, 2 * n if kernel is pairs else n).astype(element)


@pytest.mark.parametrize("kernel", PACKED, ids=lambda k: k.name)
@pytest.mark.parametrize("arch", RUNNABLE)
def test_every_length(kernel: Any, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, kernel)
    with runs(CPU_TARGETS[arch]):
        for n in LENGTHS:
            a, o = arrays(kernel, n)
            room = np.full(len(o) + 130, 1, o.dtype)  # nothing behind the end is written
            room[: len(o)] = o
            kernel.over(n)(a, room[: len(o)])
            kernel.interpret.over(n)(a, o)
            np.testing.assert_array_equal(room[: len(o)], o, str(n))
            assert (room[len(o) :] == 1).all(), n


@pytest.mark.parametrize("arch", RUNNABLE)
def test_one_array_for_both(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, in_place)
    with runs(CPU_TARGETS[arch]):
        for n in LENGTHS:
            a, _ = arrays(in_place, n)
            wanted = a * np.uint8(7) + np.uint8(1)
            in_place.over(n)(a, a)
            np.testing.assert_array_equal(a, wanted)


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("shape", [(3, 5), (4, 28), (3, 37), (3, 64), (2, 70), (2, 131), (5, 160)], ids=str)
def test_rows(arch: str, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """What overlaps at a row's end leaves no trace, and no row touches the next one."""
    launch_on(arch, monkeypatch, mean)
    a = np.random.default_rng(1).integers(0, 255, shape).astype(np.uint8)
    got, want = np.full(shape, 9, np.uint8), np.full(shape, 9, np.uint8)
    with runs(CPU_TARGETS[arch]):
        mean.over((shape[1], shape[0]))(a, got)
        a2 = a.copy()
        twice.over((shape[1], shape[0]))(a2)
    mean.interpret.over((shape[1], shape[0]))(a, want)
    np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(a2, 2 * a + 1)


@pytest.mark.parametrize("kernel", PACKED, ids=lambda k: k.name)
@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_registers_are_full(kernel: Any, arch: str) -> None:
    """Two of them where the registers are short; no vector of places, and no mask where those are slow."""
    f = lowered(kernel, arch)
    bits = 16 if kernel in (mixed, looped, inside) else 8
    assert f.attributes["width"] == min(2 * 8 * CPU_TARGETS[arch].vector_bytes // bits, 64)
    wide = [op for op in walk(f.body) for v in op.results
            if isinstance(v.type, T.TileType) and v.type.shape == (f.attributes["width"],)]  # fmt: skip
    assert wide
    slow = CPU_TARGETS[arch].vector_bytes < 64
    for op in wide:
        assert not T.element_of(op.results[0].type).is_float and T.element_of(op.results[0].type) is not T.index, op
        assert op.name != "tile.load" or not slow or op.operands[-1].constant is True, op


@pytest.mark.parametrize("kernel", OTHERS, ids=lambda k: k.name)
@pytest.mark.parametrize("arch", CPU_TARGETS)
def test_others_have_the_lanes_they_had(kernel: Any, arch: str) -> None:
    if kernel is chosen and CPU_TARGETS[arch].vector_bytes == 64:
        assert lowered(kernel, arch).attributes["width"] == 64
        return
    assert lowered(kernel, arch).attributes["width"] <= 2 * CPU_TARGETS[arch].lanes


_LEAVES = ("a[i]", "b[i]", "a[max(i - 1, 0)]", "b[min(i + 2, n - 1)]", "a[(i + 5) % n]", "a[n - 1 - i]", "u8(i)", "u8(7)", "a[0]",
           "b[min(max(i - 3, 0), n - 1)]", "a[i // 2]", "(b[i // 8] >> u8(i % 8))", "a[(i >> 2) + n // 2]")  # fmt: skip
_CONDITIONS = ("i == 0", "i != 3", "i > 1 and i < n - 2", "not (i <= 40)", "i == n - 1 or i == 2", "0 < i", "i < n - 40", "m > 3",
               "i >= 7 and m > 3", "a[i] > 99", "u8(i) == a[i]")  # fmt: skip


def _expression(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.1:
        return rng.choice(_LEAVES[:2] if rng.random() < 0.5 else _LEAVES)
    x, y = _expression(rng, depth - 1), _expression(rng, depth - 1)
    return rng.choice([
        f"({x} + {y})", f"({x} - {y})", f"({x} * {y})", f"({x} & {y})", f"({x} ^ {y})", f"min({x}, {y})", f"max({x}, {y})",
        f"({x} >> {rng.randrange(8)})", f"({x} // {rng.choice([3, 9, 16])})", f"({x} if {y} > 99 else {y})",
        f"kdsl.where({rng.choice(_CONDITIONS)}, {x}, {y})", f"u8((i32({x}) + i32({y})) // {rng.choice([2, 3])})",
        f"u8(i32({x}) - i32({y}) * {rng.choice(['3', 'm'])})", f"u8(abs(i32({x}) - i32({y})))",
        f"u8(1 if {rng.choice(_CONDITIONS)} else -3)",
    ])  # fmt: skip


def _program(seed: int) -> str:
    rng = random.Random(seed)

    def statement() -> str:
        text = rng.choice(["o[i]", "o[i]", "o[i]", "r[n - 1 - i]", "w[i]"])
        value = _expression(rng, 2)
        return f"{text} = i16({value}) * i16({_expression(rng, 1)})" if text == "w[i]" else f"{text} = {value}"

    rows = []
    for _ in range(rng.randrange(1, 4)):
        match rng.randrange(4):
            case 0:
                rows += [f"if {rng.choice(_CONDITIONS[:9])}:", "    " + statement(), "else:", f"    c = {_expression(rng, 2)}",
                         f"    o[i] = c + a[{rng.choice(['i', 'min(i, n - 1)'])}]"]  # fmt: skip
            case 1:
                rows += [f"p[2 * i], p[2 * i + 1] = {_expression(rng, 2)}, {_expression(rng, 1)}"]
            case 2:
                rows += ["s = u8(0)", f"for j in range({rng.choice(['m', '3'])}):",
                         f"    s += {rng.choice(['b[i]', 'a[min(i + j, n - 1)]', 'a[i] >> u8(j)'])}", "o[i] = s"]  # fmt: skip
            case _:
                rows.append(statement())
    guard = rng.choice(["if True:", "if i < n:", "if i > 2 and i < n - 1:", "if i + 1 < n:"])
    return "\n".join([
        "@kdsl.kernel",
        "def k(a: Array[u8, 1], b: Array[u8, 1], m: i32, o: Array[u8, 1], w: Array[i16, 1], p: Array[u8, 1], r: Array[u8, 1]):",
        "    i, n = kdsl.global_id(0), a.shape[0]", "    " + guard, *["        " + row for row in rows], "",
    ])  # fmt: skip


def _arguments(n: int) -> list[Any]:
    rng = np.random.default_rng(n)
    a, b = rng.integers(0, 256, (2, n)).astype(np.uint8)
    u8s = [np.full(size, 5, np.uint8) for size in (n + 70, 2 * n + 140, n + 70)]
    return [a, b, n % 7, u8s[0], np.full(n + 70, 5, np.int16), *u8s[1:]]


@pytest.mark.parametrize("seed", range(6))
def test_random_kernels(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = _program(seed)
    space = {"kdsl": kdsl, "Array": Array, "i16": i16, "i32": i32, "u8": u8}
    exec(text, space)
    k: Any = space["k"]
    for arch in RUNNABLE:
        launch_on(arch, monkeypatch, k)
        with runs(CPU_TARGETS[arch]):
            for n in (1, 9, 64, 130, 201):
                wanted, found = _arguments(n), _arguments(n)
                k.interpret.over(n)(*wanted)
                k.over(n)(*found)
                for x, y in zip(wanted[3:], found[3:], strict=True):
                    np.testing.assert_array_equal(y, x, f"{arch} {n}\n{text}")


@kdsl.kernel
def half(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    if 2 * i + 1 < a.shape[0]:
        o[i] = u8((i32(a[2 * i]) + i32(a[2 * i + 1])) // 2)


def test_two_bytes_are_halves_of_a_number() -> None:
    """Which a mask and a shift take apart."""
    lines = [line for line in assembly(lowered(half, "x86-64-v3"), CPU_TARGETS["x86-64-v3"]).splitlines() if "%ymm" in line]
    assert [line for line in lines if "vpsrlw\t$8" in line] and not [line for line in lines if "pshufb" in line]


@pytest.mark.parametrize("arch", RUNNABLE)
def test_halves(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, half)
    with runs(CPU_TARGETS[arch]):
        for n in LENGTHS:
            a, o = np.random.default_rng(n).integers(0, 256, 2 * n).astype(np.uint8), np.zeros(n, np.uint8)
            half.over(n)(a, o)
            np.testing.assert_array_equal(o, (a[::2].astype(int) + a[1::2]) // 2)
