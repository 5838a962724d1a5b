"""What is compiled when the wheel is built; nobody imports it afterwards."""

from __future__ import annotations

import kdsl
from kdsl import Array, f32, f64


@kdsl.kernel(export=[{"image": Array[f32, 2], "out": Array[f32, 2]}, {"image": Array[f64, 2], "out": Array[f64, 2]}])
def mean(image, out, RADIUS: kdsl.const = 1):
    """The mean of the square of pixels around each; edges are repeated."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    height, width = image.shape[0], image.shape[1]
    if x < width and y < height:
        total = image[y, x] * 0
        for dy in kdsl.static_range(-RADIUS, RADIUS + 1):
            for dx in kdsl.static_range(-RADIUS, RADIUS + 1):
                total += image[kdsl.clamp(y + dy, 0, height - 1), kdsl.clamp(x + dx, 0, width - 1)]
        out[y, x] = total / ((2 * RADIUS + 1) * (2 * RADIUS + 1))
