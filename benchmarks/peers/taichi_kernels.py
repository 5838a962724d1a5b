"""Taichi's kernels, in a module of their own: Taichi reads annotations as values, so it is imported before them."""

import taichi as ti

f = ti.f32
A1, A2, A3 = (ti.types.ndarray(dtype=f, ndim=n) for n in (1, 2, 3))
Counts1, Counts2 = (ti.types.ndarray(dtype=ti.i32, ndim=n) for n in (1, 2))
Bytes = ti.types.ndarray(dtype=ti.u8, ndim=1)


@ti.kernel
def saxpy(a: f, x: A1, y: A1):
    for i in range(x.shape[0]):
        y[i] = a * x[i] + y[i]


@ti.kernel
def triad(a: f, x: A1, y: A1, out: A1):
    for i in range(x.shape[0]):
        out[i] = x[i] + a * y[i]


@ti.kernel
def heat(k: f, a: A2, b: A2):
    for y, x in ti.ndrange((1, a.shape[0] - 1), (1, a.shape[1] - 1)):
        around = a[y - 1, x] + a[y + 1, x] + a[y, x - 1] + a[y, x + 1]
        b[y, x] = a[y, x] + k * (around - 4.0 * a[y, x])


@ti.kernel
def stencil7(k: f, a: A3, b: A3):
    for z, y, x in ti.ndrange((1, a.shape[0] - 1), (1, a.shape[1] - 1), (1, a.shape[2] - 1)):
        around = a[z - 1, y, x] + a[z + 1, y, x] + a[z, y - 1, x] + a[z, y + 1, x] + a[z, y, x - 1] + a[z, y, x + 1]
        b[z, y, x] = a[z, y, x] + k * (around - 6.0 * a[z, y, x])


@ti.kernel
def blur(image: A2, out: A2):
    for y, x in ti.ndrange(out.shape[0], out.shape[1]):
        corners = image[y, x] + image[y, x + 2] + image[y + 2, x] + image[y + 2, x + 2]
        sides = image[y, x + 1] + image[y + 1, x] + image[y + 1, x + 2] + image[y + 2, x + 1]
        out[y, x] = (corners + 2.0 * sides + 4.0 * image[y + 1, x + 1]) / 16.0


@ti.kernel
def conv7(image: A2, weights: A2, out: A2):
    for y, x in ti.ndrange(out.shape[0], out.shape[1]):
        total = 0.0
        for i in ti.static(range(7)):
            for j in ti.static(range(7)):
                total += weights[i, j] * image[y + i, x + j]
        out[y, x] = total


@ti.kernel
def mandelbrot(x0: f, y0: f, step: f, limit: ti.i32, out: Counts2):
    for py, px in ti.ndrange(out.shape[0], out.shape[1]):
        cx, cy = x0 + step * px, y0 + step * py
        zx, zy = 0.0, 0.0
        k = 0
        while k < limit and zx * zx + zy * zy <= 4.0:
            zx, zy = zx * zx - zy * zy + cx, 2.0 * zx * zy + cy
            k += 1
        out[py, px] = k


@ti.kernel
def nbody(soft2: f, x: A1, y: A1, z: A1, m: A1, ax: A1, ay: A1, az: A1):
    for i in range(x.shape[0]):
        sx, sy, sz = 0.0, 0.0, 0.0
        for j in range(x.shape[0]):
            dx, dy, dz = x[j] - x[i], y[j] - y[i], z[j] - z[i]
            inv = ti.rsqrt(dx * dx + dy * dy + dz * dz + soft2)
            s = m[j] * inv * inv * inv
            sx += s * dx
            sy += s * dy
            sz += s * dz
        ax[i], ay[i], az[i] = sx, sy, sz


@ti.kernel
def functions(x: A1, out: A1):
    for i in range(x.shape[0]):
        out[i] = ti.exp(ti.sin(x[i])) + ti.log(1.0 + x[i] * x[i])


@ti.kernel
def total(x: A1) -> f:
    result = 0.0
    for i in range(x.shape[0]):
        result += x[i]
    return result


@ti.kernel
def dot(x: A1, y: A1) -> f:
    result = 0.0
    for i in range(x.shape[0]):
        result += x[i] * y[i]
    return result


@ti.kernel
def histogram(values: Bytes, counts: Counts1):
    for k in range(256):
        counts[k] = 0
    for i in range(values.shape[0]):
        counts[ti.cast(values[i], ti.i32)] += 1
