"""How many vectors a thread's code is made for at a time: two, or four where rounds of a loop wait for results of their own."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, i32, u32
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS

ROWS, COLUMNS = 3, 203


@kdsl.kernel
def escapes(out: Array[i32, 2], limit: i32):
    px, py = kdsl.global_id(0), kdsl.global_id(1)
    cx, cy = f32(px) * 0.0125 - 2.0, f32(py) * 0.4 - 0.5
    x, y, k = f32(0), f32(0), i32(0)
    while k < limit and x * x + y * y <= 4.0:
        x, y = x * x - y * y + cx, 2.0 * x * y + cy
        k += 1
    out[py, px] = k


@kdsl.kernel
def leaves_early(out: Array[i32, 2], limit: i32):
    px, py = kdsl.global_id(0), kdsl.global_id(1)
    x, k = f32(px + py) * 0.004, i32(0)
    for _ in range(limit):
        if x > 0.9:
            break
        x = 3.7 * x * (1.0 - x)
        k += 1
    out[py, px] = k


@kdsl.kernel
def halves_or_triples(out: Array[i32, 2], limit: i32):
    px, py = kdsl.global_id(0), kdsl.global_id(1)
    n, k = u32(px + py) + u32(1), i32(0)
    while n != u32(1) and k < limit:
        if n & u32(1):
            n = n * u32(3) + u32(1)
        else:
            n = n >> u32(1)
        k += 1
    out[py, px] = k


@kdsl.kernel
def mixes(out: Array[i32, 2], limit: i32):
    px, py = kdsl.global_id(0), kdsl.global_id(1)
    s = u32(px) * u32(97) + u32(py)
    for _ in range(limit):
        s = s * u32(1664525) + u32(1013904223)
        s = s ^ (s >> u32(15))
    out[py, px] = i32(s >> u32(1))


@kdsl.kernel
def leaves_two_ways(out: Array[i32, 2], limit: i32):
    """What is kept by who leaves in the middle of a round, and what by who leaves at its end; the limit differs between threads."""
    px, py = kdsl.global_id(0), kdsl.global_id(1)
    x, n, unused, most = f32(px + py) * 0.004, i32(0), i32(7), limit - i32(px) % 5
    while n < most and x < 0.95:
        unused += n
        if x * f32(unused) > 400.0 or n == i32(py) + 30:
            break
        x = 3.7 * x * (1.0 - x)
        n += 1
    out[py, px] = n * 1000 + i32(x * 100.0)


@kdsl.kernel
def chooses_in_rounds(out: Array[i32, 2], limit: i32):
    """Masks of several kinds at a time: of who goes on, of a branch, of what two comparisons and a negation give."""
    px, py = kdsl.global_id(0), kdsl.global_id(1)
    a, b, k = i32(px) + 1, i32(py) * 40 + 17, i32(0)
    while a != b and k < limit:
        is_odd = (a + b) & 1 == 1
        if a > b and not (is_odd and k > 10):
            a -= b
        elif is_odd or b > 1000:
            b = (b - a) & 255
        else:
            b += 3
        k += 1 if is_odd else 2
    out[py, px] = a * 1000 + k


@kdsl.kernel
def holds_many(out: Array[i32, 2], limit: i32):
    """More values at a time than four vectors have registers for."""
    px, py = kdsl.global_id(0), kdsl.global_id(1)
    a, b, c, d = i32(px), i32(py), i32(px + py), i32(px - py)
    e, f, g, h = i32(px) * 3, i32(py) * 5, i32(px) * 7, i32(py) * 11
    for _ in range(limit):
        a, b, c, d, e, f, g, h = b ^ h, c + a, d ^ b, e + c, f ^ d, g + e, h ^ f, a + g
    out[py, px] = a ^ b ^ c ^ d ^ e ^ f ^ g ^ h


@kdsl.kernel
def looks_up(out: Array[i32, 2], limit: i32):
    """Touches memory in its loop."""
    px, py = kdsl.global_id(0), kdsl.global_id(1)
    k = i32(px) & 1
    for _ in range(limit):
        k = out[py, kdsl.index(k)] + i32(1) & 1
    out[py, px] = k


ALL = (escapes, leaves_early, halves_or_triples, mixes, leaves_two_ways, chooses_in_rounds, holds_many)
SHORT = {"mixes", "halves_or_triples"}
LONG = {"escapes", "leaves_early", "leaves_two_ways", "chooses_in_rounds"}  # for half as many registers, some of which have masks
FOUR = {arch: SHORT if arch in ("x86-64-v2", "x86-64-v3") else SHORT | LONG for arch in CPU_TARGETS}


@pytest.mark.parametrize("arch", CPU_TARGETS)
@pytest.mark.parametrize("kernel", [*ALL, looks_up], ids=lambda k: k.name)
def test_four_vectors_where_rounds_wait_and_there_are_registers(kernel, arch: str) -> None:
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])
    usual = CPU_TARGETS[arch].vector_bytes // 4
    assert (f.attributes["width"] == 4 * usual) == (kernel.name in FOUR[arch]), f.attributes["width"] // usual


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", ALL, ids=lambda k: k.name)
def test_each_thread_leaves_its_loop_by_itself(kernel, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that are no multiple of any number of lanes."""
    launch_on(arch, monkeypatch, kernel)
    want, got = np.zeros((ROWS, COLUMNS), np.int32), np.zeros((ROWS, COLUMNS), np.int32)
    kernel.over((COLUMNS, ROWS)).interpret(want, 40)
    kernel.over((COLUMNS, ROWS))(got, 40)
    assert np.array_equal(got, want)
