"""What is spilled lies on whole vectors: a stack that happens to start between two of them costs a third of the speed."""

from __future__ import annotations

import re

import kdsl
from kdsl import Array, f32
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def spills(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[i] = kdsl.exp(kdsl.sin(x[i])) + kdsl.log1p(x[i] * x[i])


def test_spilled_vectors_are_aligned() -> None:
    target = CPU_TARGETS["x86-64-v3"]
    text = assembly(lower(spills.ir(*declared_signature(spills, None, {})), target), target)
    kept = re.findall(r"(vmov\w+)\s+%ymm\d+, -?\d*\(%rsp\)", text)
    assert kept
    assert not [name for name in kept if name.startswith(("vmovu", "vmovdqu"))]
    assert re.search(r"andq\s+\$-32, %rsp", text)
