"""The kernels of a C program: `kdsl build` makes a library of them, and the program needs neither Python nor kdsl."""

from __future__ import annotations

import kdsl
from kdsl import Array, f32


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    """y += a * x."""
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        y[i] = a * x[i] + y[i]


@kdsl.kernel
def blur(image: Array[f32, 2], out: Array[f32, 2]):
    """The mean of each pixel and its eight neighbours; edges are repeated."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < image.shape[1] and y < image.shape[0]:
        total = f32(0)
        for dy in kdsl.static_range(-1, 2):
            for dx in kdsl.static_range(-1, 2):
                total += image[kdsl.clamp(y + dy, 0, image.shape[0] - 1), kdsl.clamp(x + dx, 0, image.shape[1] - 1)]
        out[y, x] = total / 9


@kdsl.kernel(block=64)
def block_sums(x: Array[f32, 1], out: Array[f32, 1]):
    """The sum of each 64 numbers, in memory that the threads of a block share."""
    part = kdsl.shared(64, f32)
    t = kdsl.thread_id(0)
    part[t] = x[kdsl.global_id(0)]
    kdsl.barrier()
    step = 32
    while step > 0:
        if t < step:
            part[t] += part[t + step]
        kdsl.barrier()
        step //= 2
    if t == 0:
        out[kdsl.block_id(0)] = part[0]
