"""What is long and rare is a function that texts have once, and kernels call it where it is needed."""

from __future__ import annotations

import re

import numpy as np
import pytest
from ptx_tools import assemble

import kdsl
from kdsl import Array, f32, f64, i32
from kdsl.artifact import Artifact
from kdsl.codegen.cfamily import functions as cfamily
from kdsl.codegen.hip.dialect import HIP
from kdsl.codegen.msl.dialect import MSL
from kdsl.codegen.ptx import compile_many, functions as ptx
from kdsl.codegen.written import WRITTEN
from kdsl.compiler import compile_function, lower
from kdsl.ir import types as T
from kdsl.ir.ops import machine
from kdsl.specialise import signature_of
from kdsl.target import GPU_TARGETS


@kdsl.kernel
def waves(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    x[i] = kdsl.sin(v) + kdsl.cos(v * v) + kdsl.tan(v + 1.0)


@kdsl.kernel
def exact(x: Array[f64, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = kdsl.sin(x[i])
    y[i] = kdsl.sin(y[i]) + kdsl.cos(y[i])


@kdsl.kernel
def clipped(x: Array[f32, 1], y: Array[f32, 1], k: Array[i32, 1]):
    i = kdsl.global_id(0)
    x[i] = kdsl.clamp(max(x[i], min(y[i], x[i] - 1.0)), 0.0, 1.0)
    k[i] = max(k[i], i32(i))


def made(kernel: kdsl.Kernel, *arguments: np.ndarray, target: str) -> Artifact:
    return compile_function(kernel.ir(signature_of(kernel, arguments)[0]), GPU_TARGETS[target])


@pytest.mark.parametrize(("target", "call"), [("cuda:sm_90", "call ("), ("hip:gfx942", " = payne_hanek_f32_of_kdsl_waves("),
                                              ("metal:3.1", " = payne_hanek_f32_of_kdsl_waves(")])  # fmt: skip
def test_one_body_serves_all_calls(target: str, call: str) -> None:
    text = made(waves, np.zeros(64, np.float32), target=target).binary.decode()
    assert text.count(call) == 3
    assert text.count("2734261102") == 1, "the table of 2/pi"
    assert text.count("[40]") == 1


@pytest.mark.parametrize("target", ["cuda:sm_90", "hip:gfx942"])
def test_each_type_has_its_own(target: str) -> None:
    text = made(exact, np.zeros(64), np.zeros(64, np.float32), target=target).binary.decode()
    assert text.count("call (" if target.startswith("cuda") else "_of_kdsl_exact reduced") == 3
    assert text.count("table0_of_payne_hanek_f32") >= 2 and text.count("table0_of_payne_hanek_f64") >= 2


def test_kernels_of_one_module_share_it() -> None:
    target = GPU_TARGETS["cuda:sm_90"]
    functions = [kernel.ir(signature_of(kernel, arguments)[0]) for kernel, arguments in (
        (waves, [np.zeros(64, np.float32)]), (exact, [np.zeros(64), np.zeros(64, np.float32)]),
    )]  # fmt: skip
    text = compile_many([lower(f, target) for f in functions], target).binary.decode()
    assert text.count(".func") == 2 and text.count("call (") == 6
    assemble(text, "sm_90")


@pytest.mark.parametrize("target", ["hip:gfx942", "metal:3.1"])
def test_the_lesser_of_two_variables_is_a_call_and_of_a_number_a_comparison(target: str) -> None:
    arguments = np.zeros(64, np.float32), np.zeros(64, np.float32), np.zeros(64, np.int32)
    text = made(clipped, *arguments, target=target).binary.decode()
    head, body = text.split("void kdsl_clipped(")
    assert head.count("_of_kdsl_clipped(float ") == 2  # one minimum, one maximum, none of integers
    assert body.count("maximum_f32_of_kdsl_clipped(") == body.count("minimum_f32_of_kdsl_clipped(") == 1
    assert "<= 0.0f ?" in body and "> 1.0f ?" in body


@kdsl.kernel
def tabled(x: Array[f32, 1], y: Array[f32, 1], n: i32, payne_hanek_f32_of_kdsl_tabled: f32):
    i = kdsl.global_id(0)
    x[i] = min(kdsl.sin(y[i]), y[i + 1]) * (1.0, 5.0, 2.0, 7.0)[(i + n) % 4] + payne_hanek_f32_of_kdsl_tabled


@pytest.mark.parametrize("target", ["hip:gfx942", "metal:3.1", "cuda:sm_90"])
def test_what_stands_beside_a_kernel_has_no_name_that_a_kernel_or_a_variable_may_have(target: str) -> None:
    """Texts may be joined, whatever their kernels are called: a kernel's name begins with `kdsl_`."""
    text = made(tabled, np.zeros(64, np.float32), np.zeros(64, np.float32), 1, 2.0, target=target).binary.decode()
    inside = {"kdsl_tabled_args"}  # PTX: what a kernel takes is its own, as labels are
    beside = set(re.findall(r"(?<![$\w])\w*kdsl_tabled\w*", text)) - {"kdsl_tabled"} - inside
    assert beside and not [name for name in beside if name.startswith("kdsl_") or not name.endswith("_of_kdsl_tabled")]
    assert not re.search(r"float (payne_hanek_f32_of_kdsl_tabled)(?!\(float)", text), "a parameter would hide the function"


@pytest.mark.parametrize("target", [name for name, target in GPU_TARGETS.items() if target.backend in ("cuda", "hip", "metal")])
def test_what_is_written_down_is_what_would_be_made(target: str) -> None:
    backend, found = GPU_TARGETS[target].backend, 0
    for (language, name), parts in WRITTEN.items():
        t = T.SCALARS[name.rpartition("_")[2]]
        if language == {"cuda": "PTX", "hip": "HIP", "metal": "Metal"}[backend]:
            found += 1
            if backend == "cuda":
                made = ptx.write(t, GPU_TARGETS[target], "default")
            else:
                dialect = HIP if backend == "hip" else MSL
                made = (cfamily.write(machine.PAYNE_HANEK, t, dialect, GPU_TARGETS[target], "default"),)
            assert made == parts, "run tools/make_functions.py"
    assert found == (1 if backend == "metal" else 2)
