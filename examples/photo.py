"""Takes a photograph through five classic filters, each a kdsl kernel, and compares each with NumPy or SciPy.

    greyscale                one thread per pixel, integer arithmetic
    Gaussian blur            separable: two kernels that stage a tile and its halo in shared memory
    Sobel edges              a device function for reads beyond the border
    histogram equalisation   atomics on shared memory, then on global memory; a scan with barriers in a loop
    bilateral filter         81 exponentials per pixel

Usage: photo.py [PHOTO] [--size LONGEST_SIDE] [--out photo.png] [--device cpu]
Without a photograph it takes the one that the matplotlib package carries. Every filter of 8-bit integers is exact, so
it must agree with NumPy in every bit; the others may differ by rounding, in the last column of the table.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from support import best_ms, option_parser, print_steps, save_picture, use_device

import kdsl
from kdsl import Array, f32, i32, i64, u8

RADIUS = 8  # of the blur, in pixels
SIGMA = 2.5
BLOCK_X, BLOCK_Y = 64, 4  # threads of a block of the blur along x; along y it is turned
BINS = 256
REACH = 4  # of the bilateral filter, in pixels
SIGMA_SPACE, SIGMA_VALUE = 2.0, 25.0


# ---------------------------------------------------------------------------------------------- kernels


@kdsl.kernel
def greyscale(rgb: Array[u8, 3], grey: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    # ITU-R BT.601 luma in 1/256: 77 + 150 + 29 = 256
    luma = 77 * i32(rgb[y, x, 0]) + 150 * i32(rgb[y, x, 1]) + 29 * i32(rgb[y, x, 2])
    grey[y, x] = u8((luma + 128) >> 8)


@kdsl.kernel
def blur_along_x(src: Array[u8, 2], taps: Array[f32, 1], dst: Array[f32, 2]):
    tile = kdsl.shared((BLOCK_Y, BLOCK_X + 2 * RADIUS), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    height, width = src.shape[0], src.shape[1]
    row = min(y, height - 1)
    left = kdsl.block_id(0) * BLOCK_X - RADIUS
    for k in range(tx, BLOCK_X + 2 * RADIUS, BLOCK_X):  # the tile and its halo are wider than the block
        tile[ty, k] = f32(src[row, min(max(left + k, 0), width - 1)])
    kdsl.barrier()
    total = f32(0)
    for k in kdsl.static_range(2 * RADIUS + 1):
        total += taps[k] * tile[ty, tx + k]
    if x < width and y < height:
        dst[y, x] = total


@kdsl.kernel
def blur_along_y(src: Array[f32, 2], taps: Array[f32, 1], dst: Array[f32, 2]):
    tile = kdsl.shared((BLOCK_X + 2 * RADIUS, BLOCK_Y), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    height, width = src.shape[0], src.shape[1]
    column = min(x, width - 1)
    top = kdsl.block_id(1) * BLOCK_X - RADIUS
    for k in range(ty, BLOCK_X + 2 * RADIUS, BLOCK_X):
        tile[k, tx] = src[min(max(top + k, 0), height - 1), column]
    kdsl.barrier()
    total = f32(0)
    for k in kdsl.static_range(2 * RADIUS + 1):
        total += taps[k] * tile[ty + k, tx]
    if x < width and y < height:
        dst[y, x] = total


@kdsl.func
def at(image, y, x):
    """The pixel, or the nearest one for places beyond the border."""
    return f32(image[min(max(y, 0), image.shape[0] - 1), min(max(x, 0), image.shape[1] - 1)])


@kdsl.kernel
def sobel(src: Array[f32, 2], dst: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    nw, n, ne = at(src, y - 1, x - 1), at(src, y - 1, x), at(src, y - 1, x + 1)
    w, e = at(src, y, x - 1), at(src, y, x + 1)
    sw, s, se = at(src, y + 1, x - 1), at(src, y + 1, x), at(src, y + 1, x + 1)
    gx = (ne + 2 * e + se) - (nw + 2 * w + sw)
    gy = (sw + 2 * s + se) - (nw + 2 * n + ne)
    dst[y, x] = kdsl.sqrt(gx * gx + gy * gy)


@kdsl.kernel
def histogram(values: Array[u8, 1], counts: Array[i32, 1]):
    mine = kdsl.shared((BINS,), i32)
    t = kdsl.thread_id(0)
    mine[t] = 0
    kdsl.barrier()
    for i in range(kdsl.global_id(0), values.shape[0], kdsl.grid_dim(0) * BINS):
        kdsl.atomic_add(mine[kdsl.index(values[i])], 1)
    kdsl.barrier()
    kdsl.atomic_add(counts[t], mine[t])


@kdsl.kernel
def equalising_table(counts: Array[i32, 1], pixels: i64, table: Array[u8, 1]):
    """One block: an inclusive scan of the counts (Hillis and Steele), scaled to 0..255."""
    below = kdsl.shared((BINS,), i32)
    t = kdsl.thread_id(0)
    below[t] = counts[t]
    kdsl.barrier()
    step = kdsl.index(1)
    while step < BINS:
        left = i32(0)
        if t >= step:
            left = below[t - step]
        kdsl.barrier()  # all have read before any writes
        below[t] += left
        kdsl.barrier()
        step *= 2
    table[t] = u8((i64(below[t]) * 255 + pixels // 2) // pixels)


@kdsl.kernel
def look_up(values: Array[u8, 1], table: Array[u8, 1], out: Array[u8, 1]):
    i = kdsl.global_id(0)
    out[i] = table[kdsl.index(values[i])]


@kdsl.kernel
def bilateral(src: Array[u8, 2], dst: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    centre = f32(src[y, x])
    total, weights = f32(0), f32(0)
    for dy in range(-REACH, REACH + 1):
        for dx in range(-REACH, REACH + 1):
            value = at(src, y + dy, x + dx)
            away = value - centre
            far = f32(dx * dx + dy * dy) * (0.5 / (SIGMA_SPACE * SIGMA_SPACE))
            weight = kdsl.exp(-(far + away * away * (0.5 / (SIGMA_VALUE * SIGMA_VALUE))))
            total += weight * value
            weights += weight
    dst[y, x] = total / weights


# ------------------------------------------------------------------- the same on the host, and launches


def gaussian_taps() -> np.ndarray:
    """Weights of the blur, 2 * RADIUS + 1 of them, with sum 1."""
    offsets = np.arange(-RADIUS, RADIUS + 1)
    taps = np.exp(-0.5 * (offsets / SIGMA) ** 2)
    return (taps / taps.sum()).astype(np.float32)


def run_greyscale(rgb: np.ndarray) -> np.ndarray:
    """Luma of an (h, w, 3) u8 picture, (h, w) u8."""
    height, width = rgb.shape[:2]
    grey = np.empty((height, width), np.uint8)
    greyscale.over((width, height))(rgb, grey)
    return grey


def numpy_greyscale(rgb: np.ndarray) -> np.ndarray:
    """The same with NumPy."""
    wide = rgb.astype(np.int32)
    return ((77 * wide[..., 0] + 150 * wide[..., 1] + 29 * wide[..., 2] + 128) >> 8).astype(np.uint8)


def run_blur(grey: np.ndarray) -> np.ndarray:
    """Gaussian blur of a u8 picture, f32; beyond the border lies the nearest pixel."""
    height, width = grey.shape
    taps = gaussian_taps()
    between, out = np.empty(grey.shape, np.float32), np.empty(grey.shape, np.float32)
    grid = (kdsl.cdiv(width, BLOCK_X), kdsl.cdiv(height, BLOCK_Y))
    blur_along_x[grid, (BLOCK_X, BLOCK_Y)](grey, taps, between)
    grid = (kdsl.cdiv(width, BLOCK_Y), kdsl.cdiv(height, BLOCK_X))
    blur_along_y[grid, (BLOCK_Y, BLOCK_X)](between, taps, out)
    return out


def scipy_blur(grey: np.ndarray) -> np.ndarray:
    """The same with SciPy."""
    from scipy import ndimage

    return ndimage.gaussian_filter(grey.astype(np.float32), SIGMA, mode="nearest", truncate=RADIUS / SIGMA)


def run_sobel(image: np.ndarray) -> np.ndarray:
    """Magnitude of the Sobel gradient, f32."""
    height, width = image.shape
    out = np.empty(image.shape, np.float32)
    sobel.over((width, height))(image, out)
    return out


def scipy_sobel(image: np.ndarray) -> np.ndarray:
    """The same with SciPy."""
    from scipy import ndimage

    return np.hypot(ndimage.sobel(image, axis=1, mode="nearest"), ndimage.sobel(image, axis=0, mode="nearest"))


def run_equalise(grey: np.ndarray) -> np.ndarray:
    """Histogram equalisation of a u8 picture, u8."""
    values = grey.reshape(-1)
    counts, table, out = np.zeros(BINS, np.int32), np.empty(BINS, np.uint8), np.empty_like(values)
    histogram[min(64, kdsl.cdiv(values.size, BINS)), BINS](values, counts)
    equalising_table[1, BINS](counts, values.size, table)
    look_up.over(values.size)(values, table, out)
    return out.reshape(grey.shape)


def numpy_equalise(grey: np.ndarray) -> np.ndarray:
    """The same with NumPy."""
    below = np.cumsum(np.bincount(grey.reshape(-1), minlength=BINS))
    return ((below * 255 + grey.size // 2) // grey.size).astype(np.uint8)[grey]


def run_bilateral(grey: np.ndarray) -> np.ndarray:
    """Bilateral filter of a u8 picture, f32."""
    height, width = grey.shape
    out = np.empty(grey.shape, np.float32)
    bilateral.over((width, height))(grey, out)
    return out


def numpy_bilateral(grey: np.ndarray) -> np.ndarray:
    """The same with NumPy, one shifted picture at a time."""
    height, width = grey.shape
    image = grey.astype(np.float32)
    padded = np.pad(image, REACH, mode="edge")
    total, weights = np.zeros_like(image), np.zeros_like(image)
    for dy in range(-REACH, REACH + 1):
        for dx in range(-REACH, REACH + 1):
            value = padded[REACH + dy : REACH + dy + height, REACH + dx : REACH + dx + width]
            far = np.float32((dx * dx + dy * dy) * 0.5 / SIGMA_SPACE**2)
            weight = np.exp(-(far + (value - image) ** 2 * np.float32(0.5 / SIGMA_VALUE**2)))
            total += weight * value
            weights += weight
    return total / weights


# --------------------------------------------------------------------------------------------- program


def load_photo(path: Path | None, longest: int) -> np.ndarray:
    """An RGB picture as (h, w, 3) u8, its longest side scaled to `longest` pixels unless that is 0."""
    import matplotlib
    from PIL import Image

    if path is None:
        path = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
    picture = Image.open(path).convert("RGB")
    if longest:
        scale = longest / max(picture.size)
        picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    return np.ascontiguousarray(picture)


def main(argv: Sequence[str] | None = None) -> None:
    """Parses the command line, runs every step in both ways, prints the table and writes the picture."""
    parser = option_parser(__doc__, 0, "scale the longest side to this many pixels; 0 leaves the picture as it is",
                           "photo.png")  # fmt: skip
    parser.add_argument("photo", type=Path, nargs="?", help="any picture file; default: one that matplotlib carries")
    args = parser.parse_args(argv)
    use_device(args.device)

    rgb = load_photo(args.photo, args.size)
    grey = run_greyscale(rgb)
    blurred = run_blur(grey)
    equalised = run_equalise(grey)
    work = [
        ("greyscale", run_greyscale, numpy_greyscale, rgb),
        ("Gaussian blur", run_blur, scipy_blur, grey),
        ("Sobel edges", run_sobel, scipy_sobel, blurred),
        ("histogram equalisation", run_equalise, numpy_equalise, grey),
        ("bilateral filter", run_bilateral, numpy_bilateral, equalised),
    ]
    print(f"{rgb.shape[1]} x {rgb.shape[0]} pixels")
    panels, steps = [("photograph", rgb)], []
    for name, ours, theirs, image in work:
        result = ours(image)
        apart = float(np.max(np.abs(result.astype(np.float64) - theirs(image))))
        steps.append((name, best_ms(lambda f=ours, a=image: f(a)), best_ms(lambda f=theirs, a=image: f(a), 3), apart))
        panels.append((name, result))
    print_steps(steps, "NumPy/SciPy")
    save_picture(args.out, panels, columns=3)


if __name__ == "__main__":
    main()
