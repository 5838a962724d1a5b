"""A kernel that a C program runs through Vulkan: `kdsl build` makes SPIR-V of it, and the manifest says how to launch that."""

from __future__ import annotations

import kdsl
from kdsl import Array, f32


@kdsl.kernel(block=64)
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    """y += a * x."""
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        y[i] = a * x[i] + y[i]
