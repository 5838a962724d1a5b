"""Kernels of a library that ships them compiled."""

from __future__ import annotations

import kdsl
from kdsl import Array, f32, f64, i32


@kdsl.kernel(export=[{"a": f32, "x": Array[f32, 1], "y": Array[f32, 1]}, {"a": f64, "x": Array[f64, 1], "y": Array[f64, 1]}])
def saxpy(a, x, y):
    """y += a * x."""
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        y[i] = a * x[i] + y[i]


@kdsl.kernel(block=64, export=[{"SCALE": 2}, {"SCALE": 3}])
def totals(x: Array[i32, 1], out: Array[i32, 1], SCALE: kdsl.const):
    """The sum of each block's numbers, SCALE times."""
    part = kdsl.shared(64, i32)
    t = kdsl.thread_id(0)
    part[t] = x[kdsl.global_id(0)]
    kdsl.barrier()
    if t == 0:
        total = 0
        for k in range(kdsl.block_dim(0)):
            total += part[k]
        out[kdsl.block_id(0)] = total * SCALE


@kdsl.kernel(debug=True)
def checked(x: Array[f32, 1], at: i32):
    """A debug build: reports an access out of bounds."""
    x[kdsl.global_id(0) + at] = 1.0
