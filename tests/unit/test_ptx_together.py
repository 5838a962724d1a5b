"""PTX: which accesses become one instruction, which loops are unrolled for that, and that nothing else changes."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from emulation.ptx import Fault
from emulation.ptx.launch import launch
from ptx_tools import assemble, resources

import kdsl
from kdsl import Array, f16, f32, f64, i8, i32
from kdsl.codegen.ptx import compile_ptx
from kdsl.codegen.ptx.alignment import Residues
from kdsl.codegen.ptx.unroll import unroll
from kdsl.compiler import lower
from kdsl.ir.interpreter import interpret
from kdsl.ir.parse import parse
from kdsl.specialise import declared_signature
from kdsl.target import parse_target

TARGET = parse_target("cuda:sm_90")
THREADS = 64


def made(kernel, *, debug: bool = False):
    types, values = declared_signature(kernel, None, {})
    return kernel.ir(types, values, debug=debug) if debug else kernel.ir(types, values)


def compiled(kernel):
    return compile_ptx(lower(made(kernel), TARGET, block=(THREADS, 1, 1)), TARGET)


def vectors(text: str, kind: str = "shared") -> list[str]:
    return re.findall(rf"\b((?:ld|st)\.{kind}\.v\d)\.", text)


def same_as_interpreted(kernel, *args) -> str:
    """The PTX of a kernel, which gives what the interpreter gives; the assembler takes it without spills."""
    artifact = compiled(kernel)
    wanted = [np.copy(x) if isinstance(x, np.ndarray) else x for x in args]
    interpret(made(kernel), wanted, (1, 1, 1), (THREADS, 1, 1))
    launch(artifact, list(args), (1, 1, 1), (THREADS, 1, 1), (THREADS, 1, 1))
    for got, expected in zip(args, wanted, strict=True):
        assert np.array_equal(got, expected)
    text = artifact.texts["asm"]
    assert all(r.spill_bytes == r.stack_bytes == 0 for r in resources(assemble(text, "sm_90")).values())
    return text


def numbers(n: int = THREADS, dtype=np.float32) -> np.ndarray:
    return (np.arange(n) * 7 % 23).astype(dtype)


@kdsl.kernel
def fours(x: Array[f32, 1], y: Array[f32, 1]):
    s = kdsl.shared(4 * 64, f32)
    t = kdsl.thread_id(0)
    s[4 * t + 3], s[4 * t], s[4 * t + 1], s[4 * t + 2] = x[t], 1.0, x[t] + 2.0, 3.0
    kdsl.barrier()
    u = 63 - t
    y[t] = s[4 * u + 2] * s[4 * u + 1] + s[4 * u] * s[4 * u + 3] + s[4 * u + 1]


def test_four_neighbours_are_one_access_in_whatever_order():
    text = same_as_interpreted(fours, numbers(), np.zeros(THREADS, np.float32))
    assert vectors(text) == ["st.shared.v4", "ld.shared.v4"]


@kdsl.kernel
def shifted(x: Array[f32, 1], y: Array[f32, 1]):
    s = kdsl.shared(4 * 64 + 8, f32)
    t = kdsl.thread_id(0)
    for k in kdsl.static_range(4):
        s[t + 64 * k] = x[t]
    kdsl.barrier()
    y[t] = s[4 * t + 1] + s[4 * t + 2] * s[4 * t + 3] + s[3 * t] * s[3 * t + 1]


def test_only_what_is_aligned_is_joined():
    """Of 4t + 1, 2, 3 the last two; of 3t and 3t + 1 nothing."""
    text = same_as_interpreted(shifted, numbers(), np.zeros(THREADS, np.float32))
    assert vectors(text) == ["ld.shared.v2"]


@kdsl.kernel
def between(x: Array[f32, 1], y: Array[f32, 1]):
    s, other = kdsl.shared(4 * 64, f32), kdsl.shared(64, f32)
    t = kdsl.thread_id(0)
    for k in kdsl.static_range(4):
        s[4 * t + k] = x[t] + f32(k)
    a = s[4 * t]
    s[4 * t + 1] = a + 5.0
    other[t] = a
    y[t] = s[4 * t + 1] + s[4 * t]
    kdsl.barrier()
    b = s[(4 * t + 4) % 256]
    kdsl.barrier()
    s[4 * t + 1] = b
    y[t] += s[4 * t + 1]
    if t > 31:
        s[4 * t + 2] = b
    s[4 * t + 3] = b + 1.0
    y[t] += s[4 * t + 2]


def test_nothing_goes_past_what_writes_or_orders_the_same_array():
    text = same_as_interpreted(between, numbers(), np.zeros(THREADS, np.float32))
    assert vectors(text) == ["st.shared.v4", "ld.shared.v2"]


@kdsl.kernel
def branches(x: Array[f32, 1], y: Array[f32, 1]):
    s = kdsl.shared(2 * 64, f32)
    t = kdsl.thread_id(0)
    s[2 * t] = x[t]
    s[2 * t + 1] = 2.0
    kdsl.barrier()
    a = s[2 * t]
    if a > 3.0:
        a = kdsl.sqrt(a * a * a * a) - x[t]
    y[t] = a + s[2 * t + 1]


def test_a_branch_that_writes_nothing_is_no_hindrance():
    text = same_as_interpreted(branches, numbers(), np.zeros(THREADS, np.float32))
    assert vectors(text) == ["st.shared.v2", "ld.shared.v2"]


@kdsl.kernel
def of_types(x: Array[f32, 1], h: Array[f16, 1], d: Array[f64, 1], c: Array[i8, 1]):
    halves, doubles, bytes_ = kdsl.shared(8 * 64, f16), kdsl.shared(2 * 64, f64), kdsl.shared(4 * 64, i8)
    t = kdsl.thread_id(0)
    for k in kdsl.static_range(8):
        halves[8 * t + k] = f16(x[t]) + f16(k)
    for k in kdsl.static_range(2):
        doubles[2 * t + k] = f64(x[t]) * f64(k + 1)
    for k in kdsl.static_range(4):
        bytes_[4 * t + k] = i8(i32(x[t])) - i8(k)
    kdsl.barrier()
    u = 63 - t
    for k in kdsl.static_range(8):
        h[t] += halves[8 * u + k]
    d[t] = doubles[2 * u] - 3.0 * doubles[2 * u + 1]
    c[t] = bytes_[4 * u] - bytes_[4 * u + 1] ^ bytes_[4 * u + 2] + bytes_[4 * u + 3]


def test_each_type_as_wide_as_an_instruction():
    args = [numbers(), *[np.zeros(THREADS, t) for t in (np.float16, np.float64, np.int8)]]
    text = same_as_interpreted(of_types, *args)
    found = re.findall(r"\b((?:ld|st)\.shared\.v\d\.\w+)", text)
    assert found == [f"{way}.shared.{kind}" for way in ("st", "ld") for kind in ("v4.b32", "v2.f64", f"v4.{'us'[way == 'ld']}8")]


@kdsl.kernel
def windows(x: Array[f32, 1], y: Array[f32, 1], n: i32):
    s = kdsl.shared((2, 68), f32)
    t = kdsl.thread_id(0)
    s[0, t], s[1, t] = x[t], x[63 - t]
    if t < 4:
        s[0, 64 + t], s[1, 64 + t] = 1.0, 2.0
    kdsl.barrier()
    total = f32(0)
    for k in range(61):  # not a multiple of four
        total += s[0, k] * s[1, k] - s[1, k + 1]
    for k in range(n):
        total += s[0, k] * f32(k)
    for k in range(4, n, 1):
        total -= s[1, k]
    for k in range(0, 32, 2):  # every other one: nothing to be joined
        total += s[1, 2 * k]
    y[t] = total


@pytest.mark.parametrize("n", [-5, 0, 1, 3, 4, 7, 8, 61])
def test_loops_over_neighbours_are_unrolled(n):
    text = same_as_interpreted(windows, numbers(), np.zeros(THREADS, np.float32), np.int32(n))
    assert vectors(text).count("ld.shared.v4") >= 4


@kdsl.kernel
def fills(x: Array[f32, 1], y: Array[f32, 1]):
    own = kdsl.shared((64, 12), f32)
    t = kdsl.thread_id(0)
    for k in range(12):
        if x[t] > 5.0:
            own[t, k] = x[t] + f32(k)
        else:
            own[t, k] = 1.0
    kdsl.barrier()
    for k in range(10):
        own[t, k] = own[t, 2 + k] * 2.0
    for k in range(12):
        y[t] += own[t, k] * f32(k * k)


def test_trips_that_depend_on_one_another_stay_in_order():
    text = same_as_interpreted(fills, numbers(), np.zeros(THREADS, np.float32))
    assert vectors(text).count("ld.shared.v4") == 1


LOOP = """kernel @sum(%x: array<f32, 1, global, unit=0>) {math = 'default', block = (64, 1, 1)} {
  %s = memory.alloc {name = 's'} : array<f32, [64], shared>
  %lo = arith.constant {value = 0} : index
  %hi = arith.constant {value = 64} : index
  %step = arith.constant {value = 1} : index
  %zero = arith.constant {value = 0.0} : f32
  %t = simt.thread_id {axis = 0} : index
  memory.store %s, %t, %zero {offset = 0}
  simt.barrier
  %r = scf.for %lo, %hi, %step, %zero : f32 body (%k: index, %a: f32) {
    %v = memory.load %s, %k {offset = 0} : f32
    %b = arith.add %a, %v : f32
    scf.yield %b
  }
  memory.store %x, %t, %r {offset = 0}
  scf.yield
}
"""


@pytest.mark.parametrize("change", [
    ("    %b =", "    simt.barrier\n    %b ="),
    ("memory.load %s, %k {offset = 0} : f32", "subgroup.shuffle %a, %k : f32"),
    ("'default'", "'default', debug = True"),
    ("%s, %k {", "%s, %t {"),
    ("%step = arith.constant {value = 1}", "%step = arith.constant {value = 2}"),
    ("%step = arith.constant {value = 1}", "%step = arith.constant {value = -1}"),
])  # fmt: skip
def test_loops_that_stay_as_they_are(change):
    f = parse(LOOP.replace(*change))
    assert unroll(f) is f
    f = parse(LOOP)
    assert unroll(f) is not f


def test_a_misaligned_vector_is_a_fault_in_the_executor():
    text = compiled(fours).texts["asm"]
    wrong = re.sub(r"(ld\.shared\.v4\.f32 \{[^}]*\}, \[%r\d+)\]", r"\1+4]", text)
    assert wrong != text
    changed = replace(compiled(fours), binary=wrong.encode(), texts={"asm": wrong})
    with pytest.raises(Fault, match="misaligned"):
        launch(changed, [numbers(), np.zeros(THREADS, np.float32)], (1, 1, 1), (THREADS, 1, 1), (THREADS, 1, 1))


@pytest.mark.parametrize("line, wanted", [
    ("%v = arith.mul %t, %c4 : index", (4, 0)),
    ("%v = arith.add %t4, %c4 : index", (4, 0)),
    ("%v = arith.sub %c5, %t4 : index", (4, 1)),
    ("%v = arith.shl %t, %c5 : index", (32, 0)),
    ("%v = arith.shl %t4, %c4 : index", (64, 0)),
    ("%v = arith.shl %t, %c259 : index", (1, 0)),
    ("%v = arith.and %t, %cm8 : index", (8, 0)),
    ("%v = arith.and %t4, %c5 : index", (4, 0)),
    ("%v = arith.mul %t4, %t4 : index", (16, 0)),
    ("%v = arith.or %t4, %c4 : index", (1, 0)),
    ("%v = arith.cast %t4 : i32", (4, 0)),
])  # fmt: skip
def test_residues(line, wanted):
    constants = "".join(f"  %c{n if n >= 0 else f'm{-n}'} = arith.constant {{value = {n}}} : index\n" for n in (4, 5, -8, 259))
    f = parse("kernel @k() {math = 'default', block = (64, 1, 1)} {\n  %t = simt.thread_id {axis = 0} : index\n" + constants
              + f"  %t4 = arith.mul %t, %c4 : index\n  {line}\n  scf.yield\n}}\n")  # fmt: skip
    assert Residues().of(f.body.ops[-2].result) == wanted
