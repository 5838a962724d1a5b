"""HIP and Metal texts as people read them, and what AMD's compiler makes of them.

One idea: a golden file for each of a few kernels, read as a diff whenever the emitter changes; and for each of AMD's architectures
that no register is spilled and that shared memory is what the artifact says.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from toolbox import require_tool

import kdsl
from emulation.amd import ARCHITECTURES, assembled
from emulation.building import BuildError
from kdsl import Array, f32, i32
from kdsl.artifact import Artifact
from kdsl.compiler import compile_function
from kdsl.diagnostics import CompileError
from kdsl.specialise import signature_of
from kdsl.target import GPU_TARGETS

GOLDEN = Path(__file__).parent / "golden"


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


@kdsl.kernel
def product(a: Array[f32, 2], b: Array[f32, 2], c: Array[f32, 2]):
    left, right = kdsl.shared((16, 16), f32), kdsl.shared((16, 16), f32)
    x, y = kdsl.thread_id(0), kdsl.thread_id(1)
    column, row = kdsl.global_id(0), kdsl.global_id(1)
    total = f32(0)
    for first in range(0, a.shape[1], 16):
        left[y, x] = a[row, first + x]
        right[y, x] = b[first + y, column]
        kdsl.barrier()
        for k in range(16):
            total += left[y, k] * right[k, x]
        kdsl.barrier()
    c[row, column] = total


@kdsl.kernel
def count(x: Array[i32, 1], bins: Array[i32, 1], steps: i32):
    i = kdsl.global_id(0)
    value, n = x[i], 0
    while value != 1 and n < steps:
        if value % 2 == 0:
            value = value // 2
        else:
            value = 3 * value + 1
        n += 1
    kdsl.atomic_add(bins[n], 1)


_F, _I = np.zeros(256, np.float32), np.zeros(256, np.int32)
_M = np.zeros((32, 32), np.float32)
CASES = {
    "saxpy": (saxpy, (np.float32(2), _F, _F), (256, 1, 1), False),
    "saxpy_over": (saxpy, (np.float32(2), _F, _F), (256, 1, 1), True),
    "product": (product, (_M, _M, _M), (16, 16, 1), False),
    "count": (count, (_I, _I, np.int32(100)), (64, 1, 1), False),
}


def artifact(name: str, target: str) -> Artifact:
    kernel, args, block, cut = CASES[name]
    signature, consts = signature_of(kernel, kernel._bind(args, {}))
    return compile_function(kernel.ir(signature, consts.values), GPU_TARGETS[target], block=block, cut=cut)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("target", "suffix"), [("hip:gfx942", "hip"), ("metal:3.1", "metal")])
def test_texts(name, target, suffix, golden):
    golden(GOLDEN / f"{name}.{suffix}", artifact(name, target).texts["source"])


@kdsl.kernel
def named_as_macros(FLT_MAX: f32, NULL: Array[f32, 1], M_PI_F: Array[f32, 1]):
    INT_MAX = NULL[kdsl.global_id(0)] * FLT_MAX
    M_PI_F[kdsl.global_id(0)] = INT_MAX * INT_MAX


@pytest.mark.parametrize("target", ["hip:gfx942", "metal:3.1"])
def test_names_of_macros_are_no_variables(target):
    signature, consts = signature_of(named_as_macros, named_as_macros._bind((2.0, _F, _F), {}))
    made = compile_function(named_as_macros.ir(signature, consts.values), GPU_TARGETS[target], block=(32, 1, 1))
    code = re.sub(r"//[^\n]*", "", made.texts["source"])
    assert not {"FLT_MAX", "NULL", "M_PI_F", "INT_MAX"} & set(re.findall(r"\w+", code))


@kdsl.kernel
def long_polynomial(coefficients: Array[f32, 1], x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    s = coefficients[0]
    for k in kdsl.static_range(1, 12):
        s = s * v + coefficients[k]
    y[i] = s


@pytest.mark.parametrize("target", ["hip:gfx942", "metal:3.1"])
def test_products_that_are_too_long_for_a_line_are_fused(target):
    """What is named is a factor of theirs."""
    signature, consts = signature_of(long_polynomial, long_polynomial._bind((_F, _F, _F), {}))
    made = compile_function(long_polynomial.ir(signature, consts.values), GPU_TARGETS[target], block=(32, 1, 1))
    assert len(re.findall(r"\bfmaf?\(", made.texts["source"])) == 11


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_amds_compiler_spills_nothing(arch):
    clang = require_tool("clang-19")
    for name in CASES:
        made = artifact(name, f"hip:{arch}")
        facts = assembled([made.binary.decode()], arch, clang)[made.entry.symbol]
        assert facts.spilled == 0 and facts.scratch_bytes == 0, name
        assert facts.shared_bytes == made.entry.shared_bytes, name


def test_amds_compiler_refuses():
    clang = require_tool("clang-19")
    with pytest.raises(BuildError, match="nonsense"):
        assembled(['extern "C" __global__ void k(float* x) { x[0] = nonsense; }'], "gfx1100", clang)


@kdsl.kernel
def fenced(x: Array[i32, 1]):
    x[0] = 1
    kdsl.fence()
    x[1] = 1


def test_a_fence_needs_metal_3_2():
    signature, consts = signature_of(fenced, fenced._bind((_I,), {}))
    function = fenced.ir(signature, consts.values)
    with pytest.raises(CompileError, match="K511"):
        compile_function(function, GPU_TARGETS["metal:3.1"], block=(32, 1, 1))
    text = compile_function(function, GPU_TARGETS["metal:3.2"], block=(32, 1, 1)).texts["source"]
    assert "atomic_thread_fence(" in text and "math_mode(safe)" in text
