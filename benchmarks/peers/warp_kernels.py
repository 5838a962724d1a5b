"""Warp's kernels, in a module of their own: Warp reads their annotations when they are decorated, so it is imported here."""

import warp as wp

f = wp.float32


@wp.kernel(enable_backward=False)
def saxpy(a: f, x: wp.array(dtype=f), y: wp.array(dtype=f)):
    i = wp.tid()
    y[i] = a * x[i] + y[i]


@wp.kernel(enable_backward=False)
def triad(a: f, x: wp.array(dtype=f), y: wp.array(dtype=f), out: wp.array(dtype=f)):
    i = wp.tid()
    out[i] = x[i] + a * y[i]


@wp.kernel(enable_backward=False)
def heat(k: f, a: wp.array2d(dtype=f), b: wp.array2d(dtype=f)):
    i, j = wp.tid()
    y, x = i + 1, j + 1
    around = a[y - 1, x] + a[y + 1, x] + a[y, x - 1] + a[y, x + 1]
    b[y, x] = a[y, x] + k * (around - 4.0 * a[y, x])


@wp.kernel(enable_backward=False)
def stencil7(k: f, a: wp.array3d(dtype=f), b: wp.array3d(dtype=f)):
    i, j, l = wp.tid()
    z, y, x = i + 1, j + 1, l + 1
    around = a[z - 1, y, x] + a[z + 1, y, x] + a[z, y - 1, x] + a[z, y + 1, x] + a[z, y, x - 1] + a[z, y, x + 1]
    b[z, y, x] = a[z, y, x] + k * (around - 6.0 * a[z, y, x])


@wp.kernel(enable_backward=False)
def blur(image: wp.array2d(dtype=f), out: wp.array2d(dtype=f)):
    y, x = wp.tid()
    corners = image[y, x] + image[y, x + 2] + image[y + 2, x] + image[y + 2, x + 2]
    sides = image[y, x + 1] + image[y + 1, x] + image[y + 1, x + 2] + image[y + 2, x + 1]
    out[y, x] = (corners + 2.0 * sides + 4.0 * image[y + 1, x + 1]) / 16.0


@wp.kernel(enable_backward=False)
def conv7(image: wp.array2d(dtype=f), weights: wp.array2d(dtype=f), out: wp.array2d(dtype=f)):
    y, x = wp.tid()
    total = float(0.0)
    for i in range(7):
        for j in range(7):
            total += weights[i, j] * image[y + i, x + j]
    out[y, x] = total


@wp.kernel(enable_backward=False)
def mandelbrot(x0: f, y0: f, step: f, limit: int, out: wp.array2d(dtype=int)):
    py, px = wp.tid()
    cx = x0 + step * float(px)
    cy = y0 + step * float(py)
    zx = float(0.0)
    zy = float(0.0)
    k = int(0)
    while k < limit and zx * zx + zy * zy <= 4.0:
        t = zx * zx - zy * zy + cx
        zy = 2.0 * zx * zy + cy
        zx = t
        k += 1
    out[py, px] = k


@wp.kernel(enable_backward=False)
def nbody(soft2: f, x: wp.array(dtype=f), y: wp.array(dtype=f), z: wp.array(dtype=f), m: wp.array(dtype=f),
          ax: wp.array(dtype=f), ay: wp.array(dtype=f), az: wp.array(dtype=f)):  # fmt: skip
    i = wp.tid()
    sx = float(0.0)
    sy = float(0.0)
    sz = float(0.0)
    for j in range(x.shape[0]):
        dx = x[j] - x[i]
        dy = y[j] - y[i]
        dz = z[j] - z[i]
        inv = 1.0 / wp.sqrt(dx * dx + dy * dy + dz * dz + soft2)
        s = m[j] * inv * inv * inv
        sx += s * dx
        sy += s * dy
        sz += s * dz
    ax[i] = sx
    ay[i] = sy
    az[i] = sz


@wp.kernel(enable_backward=False)
def functions(x: wp.array(dtype=f), out: wp.array(dtype=f)):
    i = wp.tid()
    out[i] = wp.exp(wp.sin(x[i])) + wp.log(1.0 + x[i] * x[i])
