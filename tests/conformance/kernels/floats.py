"""Numerical kernels: what people write, in math="default" near the oracle and in math="strict" bit for bit."""

from __future__ import annotations

import math

import numpy as np
from conformance.cases import each, over, register

import kdsl
from kdsl import Array, f32, f64, i32, u64

LAUNCHES = [over(100), over(33, 32), over(7, 64)]


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


def saxpy_oracle(where, a, x, y):
    y[:] = np.float32(a) * x + y


register(
    saxpy,
    saxpy_oracle,
    lambda where, rng: [2.5, rng.integers(-99, 99, where.n).astype("f4"), rng.integers(-99, 99, where.n).astype("f4")],
    [over(n, 64) for n in (0, 1, 3, 4, 5, 15, 16, 17, 63, 64, 65, 100)],
)


@kdsl.kernel
def mandelbrot(counts: Array[i32, 2], steps: i32):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    cr = f64(x) / f64(counts.shape[1]) * 3.0 - 2.0
    ci = f64(y) / f64(counts.shape[0]) * 2.0 - 1.0
    zr, zi = f64(0), f64(0)
    n = i32(0)
    while zr * zr + zi * zi <= 4.0 and n < steps:
        zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
        n += 1
    counts[y, x] = n


def mandelbrot_oracle(where, counts, steps):
    for x, y, _ in where.ids():
        cr, ci, zr, zi, n = x / counts.shape[1] * 3 - 2, y / counts.shape[0] * 2 - 1, 0.0, 0.0, 0
        while zr * zr + zi * zi <= 4 and n < steps:
            zr, zi, n = zr * zr - zi * zi + cr, 2 * zr * zi + ci, n + 1
        counts[y, x] = n


register(mandelbrot, mandelbrot_oracle, lambda where, rng: [np.zeros(where.threads[1::-1], "i4"), 12], [over((37, 11), (8, 4))])


@kdsl.kernel
def functions(x: Array[f64, 1], out: Array[f64, 2]):
    i = kdsl.global_id(0)
    v = x[i]
    out[i, 0] = math.sin(v) + math.cos(v)
    out[i, 1] = kdsl.exp(-v * v)
    out[i, 2] = kdsl.log(abs(v) + 1.0)
    out[i, 3] = kdsl.sqrt(abs(v)) * kdsl.tanh(v)
    out[i, 4] = kdsl.atan2(v, 2.0)
    out[i, 5] = kdsl.pow(abs(v) + 0.5, 1.5)
    out[i, 6] = kdsl.erf(v)
    out[i, 7] = np.hypot(v, 1.0) if False else kdsl.fma(v, v, 1.0)


def functions_oracle(i, x, out):
    v = float(x[i])
    out[i] = [
        math.sin(v) + math.cos(v),
        math.exp(-v * v),
        math.log(abs(v) + 1),
        math.sqrt(abs(v)) * math.tanh(v),
        math.atan2(v, 2.0),
        (abs(v) + 0.5) ** 1.5,
        math.erf(v),
        v * v + 1,
    ]


register(
    functions,
    each(functions_oracle),
    lambda where, rng: [rng.normal(0, 2, where.n), np.zeros((where.n, 8))],
    LAUNCHES,
    ulp=64,
    why="functions of rounded values: a sum that cancels loses bits, and each is within 4 ULP",
)


@kdsl.kernel
def more_functions(x, y, out):
    i = kdsl.global_id(0)
    v, w = x[i], y[i]
    out[i, 0] = math.hypot(v, w)
    out[i, 1] = kdsl.cbrt(v) + np.cbrt(-8.0)
    out[i, 2] = math.asinh(v)
    out[i, 3] = np.arccosh(abs(v) + 1.0)
    out[i, 4] = kdsl.atanh(v / (abs(v) + 1.0))
    out[i, 5] = math.degrees(v) + np.deg2rad(w)
    out[i, 6] = math.log(abs(v) + 2, 2) + math.log(abs(w) + 2, 10)
    out[i, 7] = math.log(abs(v) + 2, abs(w) + 2)


def more_functions_oracle(i, x, y, out):
    v, w = float(x[i]), float(y[i])
    out[i] = [
        math.hypot(v, w),
        np.cbrt(v) - 2,
        math.asinh(v),
        np.arccosh(float(abs(x[i]) + x.dtype.type(1))),
        math.atanh(float(x[i] / (abs(x[i]) + x.dtype.type(1)))),
        math.degrees(v) + math.radians(w),
        math.log2(abs(v) + 2) + math.log10(abs(w) + 2),
        math.log(abs(v) + 2, abs(w) + 2),
    ]


for _t in ("f4", "f8"):
    register(
        more_functions,
        each(more_functions_oracle),
        lambda where, rng, t=_t: [*rng.normal(0, 9, (2, where.n)).astype(t), np.zeros((where.n, 8), t)],
        LAUNCHES[:1],
        ulp=64,
        why="functions of rounded values: a sum that cancels loses bits, and each is within 4 ULP",
    )


@kdsl.kernel
def exponents(x, n, whole, parts, back):
    """Exact but for the one rounding to a denormal."""
    i = kdsl.global_id(0)
    m, e = kdsl.frexp(x[i])
    rest, point = math.modf(x[i])
    whole[i, 0], whole[i, 1] = e, i32(kdsl.hypot(x[i], math.inf) == math.inf)
    parts[i, 0], parts[i, 1], parts[i, 2] = m, rest, point
    back[i, 0], back[i, 1], back[i, 2] = math.ldexp(x[i], n[i]), kdsl.ldexp(m, e), kdsl.ldexp(x[i], -3)


def exponents_oracle(where, x, n, whole, parts, back):
    with np.errstate(all="ignore"):
        m, e = np.frexp(x)
        whole[:, 0], whole[:, 1], parts[:, 0] = e, 1, m
        parts[:, 1], parts[:, 2] = np.modf(x)
        most = np.clip(n, -5000, 5000).astype("i4") if n.dtype.kind == "i" else np.minimum(n, 5000).astype("i4")
        back[:, 0], back[:, 1], back[:, 2] = np.ldexp(x, most), x, np.ldexp(x, -3)


def _exponents(where, rng, t, of_n):
    info = np.finfo(t)
    least = info.smallest_subnormal
    edges = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 0.5, 3.75, -3.75, info.max, -info.max, info.tiny, least]
    with np.errstate(all="ignore"):
        wide = rng.normal(0, 1, where.n) * np.exp2(rng.integers(info.minexp - info.nmant, info.maxexp, where.n))
        x = np.concatenate([np.array(edges, t), wide.astype(t)])[: where.n]
    limits = np.iinfo(of_n)
    n = rng.integers(max(limits.min, -2400), min(limits.max, 2400), where.n).astype(of_n)
    n[::2] = rng.integers(max(limits.min, -40), 40, len(n[::2])).astype(of_n)
    n[5:7] = limits.max, limits.min
    return [x, n, np.zeros((where.n, 2), "i4"), np.zeros((where.n, 3), t), np.zeros((where.n, 3), t)]


for _t, _n in (("f4", "i4"), ("f8", "i8"), ("f2", "i2"), ("f4", "u4")):
    register(exponents, exponents_oracle, lambda where, rng, t=_t, n=_n: _exponents(where, rng, t, n), [over(200)])


@kdsl.kernel
def n_body(places: Array[f64, 2], forces: Array[f64, 2]):
    i = kdsl.global_id(0)
    fx, fy = f64(0), f64(0)
    for j in range(places.shape[0]):
        dx, dy = places[j, 0] - places[i, 0], places[j, 1] - places[i, 1]
        inverse = kdsl.rsqrt(dx * dx + dy * dy + 0.01)
        strength = inverse * inverse * inverse
        fx += dx * strength
        fy += dy * strength
    forces[i, 0], forces[i, 1] = fx, fy


def n_body_oracle(where, places, forces):
    d = places[None] - places[:, None]
    strength = ((d**2).sum(-1) + 0.01) ** -1.5
    forces[:] = (d * strength[..., None]).sum(1)


register(
    n_body,
    n_body_oracle,
    lambda where, rng: [rng.random((where.n, 2)), np.zeros((where.n, 2))],
    [over(30), over(5)],
    ulp=20000,
    why="NumPy adds pairwise, the kernel in order; forces cancel",
)


@kdsl.kernel
def heat(a: Array[f32, 2], b: Array[f32, 2]):
    x, y = kdsl.global_id(0) + 1, kdsl.global_id(1) + 1
    if y < a.shape[0] - 1 and x < a.shape[1] - 1:
        b[y, x] = a[y, x] + 0.25 * (a[y - 1, x] + a[y + 1, x] + a[y, x - 1] + a[y, x + 1] - 4.0 * a[y, x])


def heat_oracle(where, a, b):
    b[1:-1, 1:-1] = a[1:-1, 1:-1] + 0.25 * (a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] - 4 * a[1:-1, 1:-1])


register(
    heat,
    heat_oracle,
    lambda where, rng: [rng.integers(0, 64, (14, 35)).astype("f4"), np.zeros((14, 35), "f4")],
    [over((33, 12), (32, 8)), over((40, 20), (7, 3))],
)


@kdsl.kernel
def randoms(seed: u64, uniform: Array[f32, 1], bits: Array[kdsl.u32, 1], walk: Array[i32, 1]):
    i = kdsl.global_id(0)
    uniform[i] = kdsl.random_uniform(seed, i)
    bits[i] = kdsl.random_bits(seed, i + 1)
    place = i32(0)
    for k in range(20):
        if kdsl.random_uniform(seed, i * 20 + k) < 0.5:
            place += 1
        else:
            place -= 1
            if place < -4:
                break
    walk[i] = place


def _philox(counter, seed):
    """Word 0 of Philox 4x32-10 as in Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011."""
    c = [counter & 0xFFFFFFFF, counter >> 32, 0, 0]
    k = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c[0]


def randoms_oracle(i, seed, uniform, bits, walk):
    uniform[i] = (_philox(i, seed) >> 8) * 2.0**-24
    bits[i] = _philox(i + 1, seed)
    place = 0
    for k in range(20):
        if _philox(i * 20 + k, seed) >> 8 < 2**23:
            place += 1
        else:
            place -= 1
            if place < -4:
                break
    walk[i] = place


register(
    randoms,
    each(randoms_oracle),
    lambda where, rng: [12345678901234, np.zeros(where.n, "f4"), np.zeros(where.n, "u4"), np.zeros(where.n, "i4")],
    [over(37), over(16)],
)


@kdsl.kernel
def remainders(x: Array[f32, 1], y: Array[f32, 1], rest: Array[f32, 1], whole: Array[f32, 1]):
    i = kdsl.global_id(0)
    rest[i] = x[i] % y[i]
    whole[i] = x[i] // y[i]


def remainders_oracle(where, x, y, rest, whole):
    rest[:], whole[:] = np.mod(x, y), np.floor_divide(x, y)


def _dividends(where, rng):
    x = [1e10, 8.9999995, 1.0, -1e-10, 5.5, -5.5, 5.5, 3e38, -7e20, 1e30, -1e10, 0.7]
    y = [7.0, 3.0, 0.1, 1.0, math.inf, math.inf, -2.0, 3e-38, 0.3, -1e-9, -7.0, 0.1]
    return [np.array(x, "f4"), np.array(y, "f4"), np.zeros(12, "f4"), np.zeros(12, "f4")]


register(remainders, remainders_oracle, _dividends, [over(12)])


@kdsl.kernel
def signs(x: Array[f32, 1], y: Array[f32, 1], rest: Array[f32, 1], signed: Array[f32, 1], finite: Array[i32, 1]):
    i = kdsl.global_id(0)
    rest[i], signed[i] = kdsl.fmod(x[i], y[i]), math.copysign(x[i], y[i])
    finite[i] = i32(kdsl.isfinite(x[i])) + 2 * i32(np.isfinite(y[i])) + 4 * i32(kdsl.isfinite(i))


def signs_oracle(where, x, y, rest, signed, finite):
    rest[:], signed[:] = np.fmod(x, y), np.copysign(x, y)
    finite[:] = np.isfinite(x) + 2 * np.isfinite(y) + 4


def _signs(where, rng):
    x, y = _dividends(where, rng)[:2]
    x, y = np.append(x, np.array([0.0, -0.0, -0.0, 4.0, -6.0], "f4")), np.append(y, np.array([-0.5, 2.0, -2.0, -2.0, 2.0], "f4"))
    return [x, y, np.zeros(17, "f4"), np.zeros(17, "f4"), np.zeros(17, "i4")]


register(signs, signs_oracle, _signs, [over(17)])


@kdsl.kernel
def constant_zeros(x: Array[f32, 1], y: Array[f64, 1], out: Array[f32, 2], out64: Array[f64, 2]):
    """No zero may be folded: the other side is infinite, NaN or a negative zero."""
    i = kdsl.global_id(0)
    a, b = x[i], y[i]
    out[i, 0], out[i, 1], out[i, 2], out[i, 3], out[i, 4], out[i, 5] = 0.0 + a, 0.0 * a, 0.0 / a, a / 0.0, a - a, a - 0.0
    out64[i, 0], out64[i, 1], out64[i, 2] = 0.0 + b, b * 0.0, 0.0 / b
    out64[i, 3], out64[i, 4], out64[i, 5] = b / 0.0, b - b, 0.0 - b


def constant_zeros_oracle(where, x, y, out, out64):
    with np.errstate(all="ignore"):
        out[:] = np.stack([0 + x, 0 * x, np.float32(0) / x, x / np.float32(0), x - x, x - 0], axis=1)
        out64[:] = np.stack([0 + y, y * 0, 0 / y, y / 0, y - y, 0 - y], axis=1)


def _corners(where, rng):
    x = rng.choice(np.array([0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan], "f4"), where.n)
    return [x, x[::-1].astype("f8"), np.ones((where.n, 6), "f4"), np.ones((where.n, 6), "f8")]


register(constant_zeros, constant_zeros_oracle, _corners, LAUNCHES)
