"""A few kernels as SPIR-V, both flavours, as spirv-dis prints it: `--update-golden` writes the files anew, to be read as a diff."""

from __future__ import annotations

from pathlib import Path

import pytest
from spirv_tools import disassembled, validated

import kdsl
from kdsl import Array, f32, i32, u8, u32

HERE = Path(__file__).parent / "spirv"
vec4 = kdsl.vec(f32, 4)


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        y[i] = a * x[i] + y[i]


@kdsl.kernel
def saxpy_of_vectors(a: f32, x: Array[vec4, 1], y: Array[vec4, 1]):
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        y[i] = a * x[i] + y[i]


@kdsl.kernel
def block_sums(x: Array[f32, 1], out: Array[f32, 1]):
    part = kdsl.shared(64, f32)
    t = kdsl.thread_id(0)
    total = f32(0)
    for k in range(kdsl.global_id(0), x.shape[0], 64 * kdsl.grid_dim(0)):
        total += x[k]
    part[t] = total
    kdsl.barrier()
    half = 32
    while half > 0:
        if t < half:
            part[t] += part[t + half]
        kdsl.barrier()
        half //= 2
    if t == 0:
        out[kdsl.block_id(0)] = part[0]


@kdsl.kernel
def histogram(pixels: Array[u8, 2], bins: Array[u32, 1]):
    y, x = kdsl.global_id(1), kdsl.global_id(0)
    kdsl.atomic_add(bins[i32(pixels[y, x])], u32(1))


@kdsl.kernel
def first_lane(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    x[i] = kdsl.broadcast(x[i], 0) + f32(kdsl.subgroup_size())


KERNELS = [(saxpy, (256,), True), (saxpy_of_vectors, (64,), False), (block_sums, (64,), False), (histogram, (16, 16), False),
           (first_lane, (8, 8), False)]  # fmt: skip


@pytest.mark.parametrize("target", ["vulkan:1.3", "opencl:2.2"])
@pytest.mark.parametrize("kernel, block, cut", KERNELS, ids=[k.name for k, _, _ in KERNELS])
def test_text(golden, kernel, block, cut, target):
    if kernel is first_lane and target.startswith("opencl"):
        with pytest.raises(kdsl.CompileError, match="K511"):
            kernel.compile(target=target, block=block)
        return
    artifact = validated(kernel.compile(target=target, block=block, cut=cut))
    # Where the sources lie is no part of what is compared.
    lines = [x.rstrip() for x in disassembled(artifact).splitlines() if "OpLine" not in x and "OpString" not in x]
    golden(HERE / f"{kernel.name}.{artifact.target.split(':')[0]}.spvasm", "\n".join(lines) + "\n")
