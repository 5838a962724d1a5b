"""PTX: what a thread accesses side by side in arguments is one instruction where they are aligned, and nothing else changes."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from emulation.ptx.launch import launch
from ptx_tools import assemble, resources

import kdsl
from kdsl import Array, f32, f64, i16, i32
from kdsl.codegen.ptx import compile_ptx
from kdsl.compiler import lower
from kdsl.ir.interpreter import interpret
from kdsl.ir.parse import parse
from kdsl.specialise import declared_signature
from kdsl.target import parse_target

TARGET = parse_target("cuda:sm_90")
THREADS = 64


def compiled(kernel, threads: int = THREADS):
    types, values = declared_signature(kernel, None, {})
    function = kernel.ir(types, values)
    return function, compile_ptx(lower(function, TARGET, block=(threads, 1, 1)), TARGET)


def wide(text: str) -> list[str]:
    return re.findall(r"\b((?:ld|st)\.global(?:\.nc)?\.v\d\.\w+)", text)


def buffer(count: int, dtype, shift: int = 0) -> np.ndarray:
    """Numbers that begin so many elements past a multiple of 256."""
    size = np.dtype(dtype).itemsize
    raw = np.zeros(count * size + 512, np.uint8)
    start = -raw.ctypes.data % 256 + shift * size
    out = raw[start : start + count * size].view(dtype)
    out[:] = (np.arange(count) * 7 % 23).astype(dtype)
    return out


def check(kernel, *args, threads: int = THREADS) -> str:
    """The text of a kernel, after it gave what the interpreter gives and the assembler took it."""
    function, artifact = compiled(kernel, threads)
    wanted = [np.copy(x) if isinstance(x, np.ndarray) else x for x in args]
    interpret(function, wanted, (1, 1, 1), (threads, 1, 1))
    launch(artifact, list(args), (1, 1, 1), (threads, 1, 1), (threads, 1, 1))
    for got, expected in zip(args, wanted, strict=True):
        assert np.array_equal(got, expected)
    text = artifact.texts["asm"]
    assert all(r.spill_bytes == r.stack_bytes == 0 for r in resources(assemble(text, "sm_90")).values())
    return text


@kdsl.kernel
def fours(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    if 4 * i + 3 < y.shape[0]:
        for k in kdsl.static_range(4):
            y[4 * i + k] = x[4 * i + k] * 2.0 + f32(k)


@pytest.mark.parametrize("shifts", [(0, 0), (4, 8), (1, 0), (0, 2), (3, 3)])
def test_four_neighbours_whether_aligned_or_not(shifts):
    text = check(fours, buffer(250, np.float32, shifts[0]), buffer(250, np.float32, shifts[1]))
    assert wide(text) == ["ld.global.nc.v4.f32", "st.global.v4.f32"]


@kdsl.kernel
def steps(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[4 * i] = x[4 * i + 3]
    y[4 * i + 1] = x[4 * i + 1]
    y[4 * i + 3] = x[4 * i]
    y[4 * i + 2] = x[4 * i + 2]


def test_what_may_be_overwritten_is_read_after_it():
    """y may be x: then y[4i] = x[4i + 3] changes what y[4i + 3] = x[4i] reads."""
    text = check(steps, buffer(256, np.float32), buffer(256, np.float32))
    assert "ld.global.nc.v4" not in text and "ld.global.v4" not in text
    function, artifact = compiled(steps)
    both, expected = buffer(256, np.float32), buffer(256, np.float32)
    interpret(function, [expected, expected], (1, 1, 1), (THREADS, 1, 1))
    launch(artifact, [both, both], (1, 1, 1), (THREADS, 1, 1), (THREADS, 1, 1))
    assert np.array_equal(both, expected)


@kdsl.struct
class Body:
    x: f32
    y: f32
    z: f32
    mass: f32
    id: i32
    near: i32


@kdsl.kernel
def bodies(b: Array[Body, 1], y: Array[kdsl.vec4, 1], z: Array[kdsl.vec3, 1]):
    i = kdsl.global_id(0)
    y[i] = kdsl.vec4(b[i].x + b[i].mass, b[i].y, b[i].z, f32(b[i].id + b[i].near))
    z[i] = y[i].xyz * 2.0


def test_structs_and_vectors_as_wide_as_their_size_allows():
    """Bodies of 24 bytes are multiples of 8, vectors of 12 of nothing."""
    b = np.zeros(THREADS, Body.dtype)
    for k, name in enumerate(Body.dtype.names):
        b[name] = np.arange(THREADS) * (k + 1)
    text = check(bodies, b, buffer(4 * THREADS, np.float32).reshape(-1, 4), buffer(3 * THREADS, np.float32).reshape(-1, 3))
    loads = ["ld.global.nc.v2.f32", "ld.global.nc.v2.f32", "ld.global.nc.v2.b32"]
    assert wide(text) == [*loads, "st.global.v4.f32", "ld.global.v2.f32"]


@kdsl.kernel
def row_sums(x: Array[f32, 2], v: Array[f32, 1], y: Array[f32, 2]):
    i = kdsl.global_id(0)
    s = f32(0)
    for k in range(x.shape[1]):
        s += x[i, k] * v[k]
    y[i, 0], y[i, 1] = s, -s


@pytest.mark.parametrize("columns, row", [(16, 16), (7, 8), (8, 9), (5, 5), (0, 4), (3, 4)])
def test_loops_along_rows_take_several_elements_to_a_trip(columns, row):
    x = buffer(THREADS * row, np.float32).reshape(THREADS, row)[:, :columns]
    text = check(row_sums, x, buffer(columns, np.float32), buffer(THREADS * 2, np.float32).reshape(-1, 2))
    assert wide(text) == ["ld.global.nc.v4.f32", "ld.global.nc.v4.f32", "st.global.v2.f32"]


@kdsl.kernel
def luminance(p: Array[kdsl.vec4, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        y[i] = p[i].x * 0.25 + p[i].y * 0.5 + p[i].z * 0.125 + p[i].w


@kdsl.kernel
def exposure(p: Array[kdsl.vec4, 1], v: Array[f32, 1], w: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        y[i] = (p[i].x * 0.25 + p[i].y * 0.5 + p[i].z * 0.125) * v[i] + p[i].w * w[i]


@pytest.mark.parametrize("shift", [0, 1])
def test_also_where_one_thread_does_several(shift):
    floats = [buffer(256, np.float32, shift) for _ in range(3)]
    text = check(exposure, buffer(4 * 256, np.float32, shift).reshape(-1, 4), *floats, threads=256)
    assert wide(text) == ["ld.global.nc.v4.f32"] * 6 + ["st.global.v4.f32"]


def test_one_element_to_a_thread_where_elements_are_as_wide_as_an_access():
    """Four of them would be 64 bytes from the next thread's."""
    text = check(luminance, buffer(4 * 256, np.float32).reshape(-1, 4), buffer(256, np.float32), threads=256)
    assert wide(text) == ["ld.global.nc.v4.f32"]


@kdsl.kernel
def unknown(x: Array[f32, 1], d: Array[f64, 1], h: Array[i16, 1], n: i32):
    i = kdsl.global_id(0)
    k = i * 2 + kdsl.index(n)
    x[k] = x[k + 1] + 1.0
    x[3 * i + 128] = x[3 * i + 129]
    d[2 * i + 1] = d[2 * i] * 2.0
    h[i] += h[i + 1]


def test_what_lies_anywhere_stays_as_it_is():
    function, artifact = compiled(unknown)
    assert wide(artifact.texts["asm"]) == []
    assert len(re.findall(r"ld\.global", artifact.texts["asm"])) == 5  # one way


BEHIND = """kernel @f(%x: array<f32, 1, global, unit=0>, %y: array<f32, 1, global, unit=0>) {math = 'default', block = (64, 1, 1)} {
  %i = simt.global_id {axis = 0} : index
  %two = arith.constant {value = 2} : index
  %one = arith.constant {value = 1} : index
  %k = arith.mul %i, %two : index
  %a = memory.load %x, %k {offset = 0} : f32
  %square = arith.mul %i, %i : index
  %last = arith.add %square, %one : index
  %k1 = arith.add %k, %one : index
  %b = memory.load %x, %k1 {offset = 0} : f32
  %s = arith.add %a, %b : f32
  memory.store %y, %last, %s {offset = 0}
  scf.yield
}
"""


def test_an_index_made_where_there_are_two_ways_is_known_after_them():
    """Of `last` the address takes `square`, which nothing else does after the ways have met."""
    x, y = buffer(128, np.float32), buffer(64 * 64, np.float32)
    expected = y.copy()
    expected[np.arange(64) ** 2 + 1] = x[::2] + x[1::2]
    artifact = compile_ptx(parse(BEHIND), TARGET)
    assert wide(artifact.texts["asm"]) == ["ld.global.nc.v2.f32"]
    launch(artifact, [x, y], (1, 1, 1), (64, 1, 1), (64, 1, 1))
    assert np.array_equal(y, expected)
    x = buffer(128, np.float32, 1)
    launch(artifact, [x, y], (1, 1, 1), (64, 1, 1), (64, 1, 1))
    assert np.array_equal(y, expected)


# Random programs over arguments that overlap

TYPES = {"i16": np.int16, "i32": np.int32, "i64": np.int64}
REGION = 256  # bytes of each thread, which no other touches


def random_program(rng: random.Random) -> tuple[str, list[np.ndarray], list[str]]:
    """Loads and stores at neighbouring places, of arrays some of which lie over each other."""
    names = [rng.choice(tuple(TYPES)) for _ in range(3)]
    params = ", ".join(f"%p{k}: array<{t}, 1, global, unit=0>" for k, t in enumerate(names))
    lines, known = [], {t: [f"%{t}_one"] for t in TYPES}
    for t in TYPES:
        lines.append(f"%{t}_one = arith.constant {{value = 1}} : {t}")
    lines.append("%t = simt.thread_id {axis = 0} : index")
    for k, t in enumerate(names):
        lines.append(f"%n{k} = arith.constant {{value = {REGION // np.dtype(TYPES[t]).itemsize}}} : index")
        lines.append(f"%b{k} = arith.mul %t, %n{k} : index")
    for c in range(12):
        lines.append(f"%c{c} = arith.constant {{value = {c}}} : index")
    for n in range(rng.randint(6, 40)):
        k = rng.randrange(3)
        t = names[k]
        c = rng.randrange(4) if rng.random() < 0.7 else rng.randrange(12)
        lines.append(f"%i{n} = arith.add %b{k}, %c{c} : index")
        if rng.random() < 0.55:
            lines.append(f"%v{n} = memory.load %p{k}, %i{n} {{offset = 0}} : {t}")
            lines.append(f"%w{n} = arith.{rng.choice(('add', 'xor', 'mul'))} %v{n}, {rng.choice(known[t])} : {t}")
            known[t].append(f"%w{n}")
        else:
            lines.append(f"memory.store %p{k}, %i{n}, {known[t][-1]} {{offset = 0}}")
    text = f"kernel @k({params}) {{math = 'default', block = (8, 1, 1)}} {{\n  " + "\n  ".join([*lines, "scf.yield"]) + "\n}\n"
    memory = np.frombuffer(rng.randbytes(8 * REGION + 64), np.uint8).copy()
    arrays = []
    for t in names:
        size = np.dtype(TYPES[t]).itemsize
        at = -memory.ctypes.data % 16 + rng.choice((0, 0, 0, 16, 8)) // size * size
        whole = memory if rng.random() < 0.7 else buffer(8 * REGION + 64, np.uint8)
        at += (-whole.ctypes.data - at) % 16 if whole is not memory else 0
        arrays.append(whole[at : at + 8 * REGION].view(TYPES[t]))
    return text, arrays, names


def random_programs(seed: int, count: int) -> int:
    """Compare as many programs with the interpreter; gives in how many something was joined."""
    rng = random.Random(seed)
    joined = 0
    for _ in range(count):
        text, arrays, _ = random_program(rng)
        function = parse(text)
        before = [a.copy() for a in arrays]
        interpret(function, arrays, (1, 1, 1), (8, 1, 1), check=False)
        expected = [a.copy() for a in arrays]
        for a, b in zip(arrays, before, strict=True):
            a[:] = b
        artifact = compile_ptx(lower(function, TARGET, block=(8, 1, 1)), TARGET)
        joined += bool(wide(artifact.texts["asm"]))
        launch(artifact, arrays, (1, 1, 1), (8, 1, 1), (8, 1, 1))
        for got, wanted in zip(arrays, expected, strict=True):
            assert np.array_equal(got, wanted), text
    return joined


def test_random_neighbours_in_arguments_that_overlap():
    assert random_programs(5, 30) > 5
