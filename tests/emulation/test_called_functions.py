"""What is long and rare is a function that texts have once, and kernels call it where it is needed."""

from __future__ import annotations

import numpy as np
import pytest
from ptx_tools import assemble

import kdsl
from kdsl import Array, f32, f64, i32
from kdsl.artifact import Artifact
from kdsl.codegen.ptx import compile_many
from kdsl.compiler import compile_function, lower
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


@pytest.mark.parametrize(("target", "call"), [("cuda:sm_90", "call ("), ("hip:gfx942", " = kdsl_waves_payne_hanek_f32("),
                                              ("metal:3.1", " = kdsl_waves_payne_hanek_f32(")])  # fmt: skip
def test_one_body_serves_all_calls(target: str, call: str) -> None:
    text = made(waves, np.zeros(64, np.float32), target=target).binary.decode()
    assert text.count(call) == 3
    assert text.count("2734261102") == 1, "the table of 2/pi"
    assert text.count("[40]") == 1


@pytest.mark.parametrize("target", ["cuda:sm_90", "hip:gfx942"])
def test_each_type_has_its_own(target: str) -> None:
    text = made(exact, np.zeros(64), np.zeros(64, np.float32), target=target).binary.decode()
    assert text.count("call (" if target.startswith("cuda") else " = kdsl_exact_payne_hanek_f") == 3
    assert text.count("payne_hanek_f32_table") >= 2 and text.count("payne_hanek_f64_table") >= 2


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
    assert head.count("float kdsl_clipped_m") == 2  # one minimum, one maximum, none of integers
    assert body.count("kdsl_clipped_maximum_f32(") == body.count("kdsl_clipped_minimum_f32(") == 1
    assert "<= 0.0f ?" in body and "> 1.0f ?" in body
