"""Kernels from text, from intermediate code, and compiled without a device."""

from __future__ import annotations

import re

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32
from kdsl.diagnostics import CompileError, InternalError, LaunchError
from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function
from kdsl.ir.ops import arith, memory, simt

TEXT = """
@func
def twice(v):
    return v + v

@kernel
def scale(x: Array[f32, 1], BY: kdsl.const = 3):
    i = kdsl.global_id(0)
    x[i] = twice(x[i]) * BY * FACTOR
"""


def test_from_text() -> None:
    scale = kdsl.from_source(TEXT, names={"FACTOR": 5})
    x = np.ones(10, np.float32)
    scale.over(10)(x)
    assert (x == 30).all()
    other = kdsl.from_source(TEXT, "scale", names={"FACTOR": 7})  # the same text, other names: another kernel
    other.over(10)(x, BY=1)
    assert (x == 30 * 14).all()


def test_messages_show_the_text() -> None:
    broken = kdsl.from_source("@kernel\ndef k(x: Array[f32, 1]):\n    y = [v for v in x]\n", file="broken.py")
    with pytest.raises(CompileError) as error:
        broken.compile()
    # With a number where another text of that name was there before.
    assert re.search(r"broken\.py( \(\d+\))?:3", str(error.value)) and "y = [v for v in x]" in str(error.value)


@pytest.mark.parametrize("text, name", [("x = 1", ""), (TEXT, "other"), (TEXT + TEXT.replace("scale", "again"), "")])
def test_no_such_kernel(text: str, name: str) -> None:
    with pytest.raises(LaunchError) as error:
        kdsl.from_source(text, name)
    assert error.value.code == "K681"


def saxpy_by_hand() -> Function:
    f32_array = T.ArrayType(T.f32, 1, unit_axis=0)
    f = Function("saxpy", (("a", T.f32), ("x", f32_array), ("y", f32_array)), attributes={"math": "default"})
    a, x, y = f.params
    b = Builder(f.body)
    i = b.emit(simt.GLOBAL_ID, axis=0)
    xi, yi = (b.emit(memory.LOAD, v, i, type=T.f32, offset=0) for v in (x, y))
    b.emit(memory.STORE, y, i, b.emit(arith.ADD, b.emit(arith.MUL, a, xi), yi), offset=0)
    b.yield_()
    return f


@pytest.mark.parametrize("as_text", [False, True])
def test_from_intermediate_code(as_text: bool) -> None:
    f = saxpy_by_hand()
    saxpy = kdsl.from_ir(str(f) if as_text else f, block=64)
    x, y = np.arange(100, dtype=np.float32), np.ones(100, np.float32)
    saxpy.over(100)(2.0, x, y)
    saxpy.over(64)(a=1.0, x=x, y=y)
    run = saxpy[1, 64].bind(0.0, x, y)
    run()
    assert np.array_equal(y, np.where(np.arange(100) < 64, 3 * x + 1, 2 * x + 1))
    with pytest.raises(LaunchError) as error:
        saxpy.over(100)(2.0, x.astype(np.float64), y)
    assert error.value.code == "K615"
    with pytest.raises(LaunchError):
        saxpy.over(50)(2.0, x[::2], y[::2])


def test_malformed_code_is_ours_to_say() -> None:
    with pytest.raises(InternalError):
        kdsl.from_ir(Function("nothing", ()))


def test_intermediate_code_is_interpreted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KDSL_INTERPRET", "1")
    x, y = np.arange(9, dtype=np.float32), np.ones(9, np.float32)
    kdsl.from_ir(saxpy_by_hand()).over(9)(2.0, x, y)
    assert np.array_equal(y, 2 * x + 1)


@pytest.mark.parametrize("target, start", [("x86-64-v3", b"\x7fELF"), ("aarch64", b"\x7fELF"), ("vulkan:1.3", b"\x03\x02\x23\x07"),
                                           ("cuda:sm_80", b""), ("hip:gfx942", b""), ("metal:3.0", b"")])  # fmt: skip
def test_compile_for_any_target(target: str, start: bytes) -> None:
    def fill(x: Array[f32, 1], value: f32):
        x[kdsl.global_id(0)] = value

    artifact = kdsl.compile(fill, target=target)
    assert artifact.target == kdsl.target.parse_target(target).name and artifact.binary.startswith(start)
    assert kdsl.compile(saxpy_by_hand_kernel(), target=target).entry.params[0].name == "a"


def saxpy_by_hand_kernel() -> object:
    return kdsl.from_ir(saxpy_by_hand())
