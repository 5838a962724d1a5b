"""Elementary functions that stand ready as machine code: what they compute has the bits that compiled ones give.

That they are those of today is held by tests/architecture/test_written.py.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from entries import call_each

import kdsl
from kdsl import Array, f32
from kdsl.codegen.cpu import TAIL, compile_cpu, emit, functions, written as written_module
from kdsl.codegen.cpu.llvm import object_of
from kdsl.codegen.cpu.written import WRITTEN_FOR, written
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.runtime.cpu.loader import load
from kdsl.target import CPU_TARGETS, Target, why_not

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import make_cpu_functions

_DTYPES = {"float": np.dtype(np.float32), "double": np.dtype(np.float64), "i64": np.dtype(np.uint64)}


def test_a_program_without_them_compiles_them() -> None:
    """Packagers may leave out what is not Python."""
    assert written_module._text.__wrapped__("of-no-machine") == ""


@pytest.mark.parametrize("arch", [arch for arch in WRITTEN_FOR if not why_not(CPU_TARGETS[arch])])
def test_what_they_compute_is_what_compiled_ones_compute(arch: str) -> None:
    target = CPU_TARGETS[arch]
    for name, text in make_cpu_functions.texts(target):
        line = written(name, target)
        assert line is not None
        assert results(name, f"{line}\n{TAIL}", target) == results(name, text, target), name


def results(name: str, text: str, target: Target) -> bytes:
    """What a function of a module gives for numbers of all sizes, and for special ones."""
    found = re.search(rf"define internal (.+?) {re.escape(name)}\((.*?)\) #", text)
    assert found is not None
    result, types = found[1], [t.rpartition(" ")[0] for t in re.split(r", (?=<)", found[2])]
    loads = [f"%p{k} = getelementptr {t}, ptr %in{k}, i64 %i\n%x{k} = load {t}, ptr %p{k}, align 8\n" for k, t in enumerate(types)]
    args = ", ".join([f"{t} %x{k}" for k, t in enumerate(types)])
    go = (
        "define void @go(ptr %in0, ptr %in1, ptr %out, i64 %i) #0 {\n" + "".join(loads)
        + f"%y = call {result} {name}({args})\n%to = getelementptr {result}, ptr %out, i64 %i\n"
        + f"store {result} %y, ptr %to, align 8\nret void\n}}\n"
    )  # fmt: skip
    image = load(object_of(go + text, target))
    lanes = target.lanes
    inputs = [numbers(_DTYPES[re.sub(r".* x |>", "", t)], lanes, seed) for seed, t in enumerate(types)]
    outputs = np.zeros((len(inputs[0]), 2 * lanes), np.float64)
    arrays = [*(inputs * 2)[:2], outputs]
    call_each(target, image, "go", [(*[x.ctypes.data for x in arrays], k) for k in range(len(inputs[0]))], arrays)
    return outputs.tobytes()


def numbers(dtype: np.dtype, lanes: int, seed: int) -> np.ndarray:
    """Rows of a vector each."""
    random = np.random.default_rng(seed)
    if dtype.kind == "u":
        return random.integers(0, 2**64, (50, lanes), np.uint64)
    some = np.concatenate([random.standard_normal(50 * lanes) * scale for scale in (1e-3, 1, 100, 1e6, 1e30)])
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 1e-40])
    return random.permutation(np.concatenate([some, np.resize(special, 50 * lanes)])).astype(dtype).reshape(-1, lanes)


@kdsl.kernel
def waves(x: Array[f32, 1], a: f32):
    i = kdsl.global_id(0)
    v = x[i]
    for _ in range(3):
        v = kdsl.sin(v) + kdsl.sin(2.0 * v) * kdsl.sin(a)
    x[i] = v


@pytest.mark.parametrize("arch", list(CPU_TARGETS))
def test_code_takes_them_and_people_read_what_they_do(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "written", written)  # also where AVX-512 is put otherwise: nothing is run
    target = CPU_TARGETS[arch]
    f = lower(waves.ir({"x": T.ArrayType(T.f32, 1, unit_axis=0), "a": T.f32}), target)
    ready = f"define internal <{target.lanes} x float> @math.sin.f32.{target.lanes}.default(<{target.lanes} x float> %x0) #1"
    taken = compile_cpu(f, target).texts["llvm"]
    assert (f"{ready} align 64 prologue" in taken) == (arch in WRITTEN_FOR)
    assert f"{ready} {{" in emit(f, target)
