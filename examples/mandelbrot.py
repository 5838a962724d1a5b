"""The Mandelbrot set: a loop that ends at another time for every pixel, in one kernel.

One idea: threads of a vector that have escaped wait, masked, for the others; the source says nothing about it.

Usage: mandelbrot.py [--size PIXELS] [--steps 200] [--out mandelbrot.png] [--device cpu]
"""

from collections.abc import Sequence

import numpy as np
from support import best_ms, option_parser, print_steps, save_picture, use_device

import kdsl
from kdsl import Array, f32, i32

X0, Y0, EXTENT = -2.0, -1.25, 2.5


@kdsl.kernel
def mandelbrot(x0: f32, y0: f32, step: f32, limit: i32, counts: Array[i32, 2]):
    px, py = kdsl.global_id(0), kdsl.global_id(1)
    cx, cy = x0 + step * f32(px), y0 + step * f32(py)
    zx, zy = f32(0), f32(0)
    k = i32(0)
    while k < limit and zx * zx + zy * zy <= 4.0:
        zx, zy = zx * zx - zy * zy + cx, 2.0 * zx * zy + cy
        k += 1
    counts[py, px] = k


def run(size: int, limit: int) -> np.ndarray:
    """Steps until |z| > 2, at most `limit`, of each pixel of a size x size picture."""
    counts = np.empty((size, size), np.int32)
    mandelbrot.over((size, size))(X0, Y0, EXTENT / size, limit, counts)
    return counts


def reference(size: int, limit: int) -> np.ndarray:
    """The same with NumPy, every pixel at once, in f32."""
    f = np.float32
    axis = np.arange(size, dtype=f) * f(EXTENT / size)
    cx, cy = np.broadcast_arrays(f(X0) + axis[None, :], f(Y0) + axis[:, None])
    zx, zy = np.zeros_like(cx), np.zeros_like(cx)
    counts = np.zeros((size, size), np.int32)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(limit):
            inside = zx * zx + zy * zy <= 4
            counts += inside
            zx, zy = np.where(inside, zx * zx - zy * zy + cx, zx), np.where(inside, 2 * zx * zy + cy, zy)
    return counts


def main(argv: Sequence[str] | None = None) -> None:
    """Parses the command line, runs both, prints the table and writes the picture."""
    parser = option_parser(__doc__, 1024, "pixels along each side", "mandelbrot.png")
    parser.add_argument("--steps", type=int, default=200, help="steps after which a point counts as inside")
    args = parser.parse_args(argv)
    use_device(args.device)

    counts, expected = run(args.size, args.steps), reference(args.size, args.steps)
    ours = best_ms(lambda: run(args.size, args.steps))
    theirs = best_ms(lambda: reference(args.size, args.steps), 1)
    # A rounding more or less grows along the orbit, so pixels at the rim may leave some steps earlier or later.
    print_steps([("mandelbrot", ours, theirs, float(np.max(np.abs(counts - expected))))], "NumPy")
    print(f"{np.mean(counts == expected):.3%} of the counts are equal")
    save_picture(args.out, [(f"{args.steps} steps", np.log1p(counts))], cmap="magma")


if __name__ == "__main__":
    main()
