"""Arithmetic as kernels write it: wrapping, shifts, division, comparison chains, conversions, literals, masks."""

from __future__ import annotations

import numpy as np
from conformance.cases import each, over, register, wrap

import kdsl
from kdsl import Array, f16, f32, f64, i8, i16, i32, i64, u8, u16, u32, u64

LAUNCHES = [over(45), over(8), over(33, 7)]
INTEGERS = {"i8": i8, "i16": i16, "i32": i32, "i64": i64, "u8": u8, "u16": u16, "u32": u32, "u64": u64}


def _edges(t, count, rng):
    info = np.iinfo(t)
    edges = np.array([0, 1, 2, 3, 7, info.min, info.min + 1, info.max, info.max - 1, info.max // 2], t)
    return np.concatenate([edges, rng.integers(info.min, info.max, max(count, 10), dtype=t, endpoint=True)])[:count]


def _wrapper(name):
    bits, signed = int(name[1:]), name[0] == "i"
    return lambda v: wrap(v, bits, signed=signed)


@kdsl.kernel
def wraps(x, y, out):
    i = kdsl.global_id(0)
    a, b = x[i], y[i]
    out[i, 0] = a + b
    out[i, 1] = a - b
    out[i, 2] = a * b
    out[i, 3] = a + 100
    out[i, 4] = 3 * a - 1
    out[i, 5] = (a ^ b) + (a & 15) * (b | 1)
    out[i, 6] = ~a
    out[i, 7] = a**3
    out[i, 8] = abs(a)


def wraps_oracle(name):
    fit = _wrapper(name)

    def one(i, x, y, out):
        a, b = int(x[i]), int(y[i])
        values = [a + b, a - b, a * b, a + 100, 3 * a - 1, (a ^ b) + (a & 15) * (b | 1), ~a, a**3, abs(a)]
        for k, v in enumerate(values):
            out[i, k] = fit(v)

    return each(one)


for _name in INTEGERS:
    _t = np.dtype(_name[0] + str(int(_name[1:]) // 8))
    register(
        wraps,
        wraps_oracle(_name),
        lambda where, rng, t=_t: [_edges(t, where.n, rng), _edges(t, where.n, rng)[::-1].copy(), np.zeros((where.n, 9), t)],
        LAUNCHES[:2],
    )


@kdsl.kernel
def divides(x, y, out):
    i = kdsl.global_id(0)
    a, b = x[i], y[i]
    out[i, 0] = a // b if b != 0 else 0
    out[i, 1] = a % b if b != 0 else 0
    out[i, 2] = a // 3
    out[i, 3] = a % 3
    out[i, 4] = a // 8
    out[i, 5] = a % 8


@kdsl.kernel
def divides_by_negatives(x, out):
    i = kdsl.global_id(0)
    a = x[i]
    out[i, 0] = a // -3
    out[i, 1] = a % -3
    out[i, 2] = a // -8
    out[i, 3] = a % -8
    out[i, 4] = a // -1
    out[i, 5] = a % -1


def divides_oracle(name):
    fit = _wrapper(name)

    def one(i, x, y, out):
        a, b = int(x[i]), int(y[i])
        pairs = [a // b if b else 0, a % b if b else 0, a // 3, a % 3, a // 8, a % 8]
        for k, v in enumerate(pairs):
            out[i, k] = fit(v)

    return each(one)


def divides_by_negatives_oracle(name):
    fit = _wrapper(name)

    def one(i, x, out):
        a = int(x[i])
        for k, d in enumerate((-3, -8, -1)):
            out[i, 2 * k], out[i, 2 * k + 1] = fit(a // d), fit(a % d)

    return each(one)


for _name in INTEGERS:
    _t = np.dtype(_name[0] + str(int(_name[1:]) // 8))
    register(
        divides,
        divides_oracle(_name),
        lambda where, rng, t=_t: [_edges(t, where.n, rng), rng.permutation(_edges(t, where.n, rng)), np.zeros((where.n, 6), t)],
        LAUNCHES[:2],
    )
    if _name[0] == "i":
        register(
            divides_by_negatives,
            divides_by_negatives_oracle(_name),
            lambda where, rng, t=_t: [_edges(t, where.n, rng), np.zeros((where.n, 6), t)],
            LAUNCHES[:1],
        )


@kdsl.kernel
def shifts(x, y, out):
    i = kdsl.global_id(0)
    a, s = x[i], y[i]
    out[i, 0] = a << s
    out[i, 1] = a >> s
    out[i, 2] = a << 3
    out[i, 3] = a >> 3
    out[i, 4] = (a >> 1) ^ (a << 1)


def shifts_oracle(name):
    fit, bits = _wrapper(name), int(name[1:])

    def left(a, s):
        return 0 if s < 0 or s >= bits else fit(a << s)

    def right(a, s):
        return (-1 if a < 0 else 0) if s < 0 or s >= bits else a >> s

    def one(i, x, y, out):
        a, s = int(x[i]), int(y[i])
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = left(a, s), right(a, s), left(a, 3), right(a, 3)
        out[i, 4] = fit(right(a, 1) ^ left(a, 1))

    return each(one)


def _amounts(t, count, rng):
    low = -2 if t.kind == "i" else 0
    return rng.integers(low, 8 * t.itemsize + 3, count).astype(t)


for _name in INTEGERS:
    _t = np.dtype(_name[0] + str(int(_name[1:]) // 8))
    register(
        shifts,
        shifts_oracle(_name),
        lambda where, rng, t=_t: [_edges(t, where.n, rng), _amounts(t, where.n, rng), np.zeros((where.n, 5), t)],
        LAUNCHES[:2],
    )


@kdsl.kernel
def powers(x, y, out):
    i = kdsl.global_id(0)
    a, n = x[i], y[i]
    out[i, 0] = a**n
    out[i, 1] = 2 ** abs(n)
    out[i, 2] = (-3) ** i + kdsl.pow(a, u8(n))
    k = 0
    for _ in range(i % 5):
        k += 1
    out[i, 3] = 3**k + (-1) ** i32(n)


def powers_oracle(name):
    fit = _wrapper(name)

    def one(i, x, y, out):
        a, n = int(x[i]), int(y[i])
        sign = 1 if n % 2 == 0 else -1
        out[i, 0] = fit(a**n) if n >= 0 else 1 if a == 1 else sign
        out[i, 1], out[i, 2] = fit(2 ** abs(n)), fit((-3) ** i + a ** (n % 256))
        out[i, 3] = fit(3 ** (i % 5) + sign)

    return each(one)


def _exponents(where, rng, t):
    x, n = _edges(t, where.n, rng), rng.integers(0, min(np.iinfo(t).max, 300), where.n).astype(t)
    if t.kind == "i":  # a power below 0 of anything else is a fraction, which the interpreter reports
        x[-4:], n[-4:] = (1, -1, -1, 1), (-2, -3, -4, -7)
    return [x, n, np.zeros((where.n, 4), t)]


for _name in ("i32", "i64", "i8", "u16", "u32"):
    _t = np.dtype(_name[0] + str(int(_name[1:]) // 8))
    register(powers, powers_oracle(_name), lambda where, rng, t=_t: _exponents(where, rng, t), LAUNCHES[:1])


@kdsl.kernel
def chains(x: Array[i32, 1], y: Array[f32, 1], out: Array[i32, 1], masks: Array[kdsl.bool_, 2]):
    i = kdsl.global_id(0)
    a, b = x[i], y[i]
    masks[i, 0] = 0 < a <= 10
    masks[i, 1] = -5 <= a < 5 != a
    masks[i, 2] = 0.5 < b < 2.5
    masks[i, 3] = a == 3 or b > 1.0 and not a > 7
    r = i32(0)
    if 1 < a < 6 < b:
        r = 1
    elif a < 0 < b:
        r = 2
    if masks[i, 0] and masks[i, 3]:
        r += 10
    if masks[i, 1] != masks[i, 2]:
        r += 100
    masks[i, 4] = masks[i, 0] ^ masks[i, 2]
    masks[i, 5] = masks[i, 0] & masks[i, 1] | ~masks[i, 2]
    out[i] = r


def chains_oracle(i, x, y, out, masks):
    a, b = int(x[i]), float(y[i])
    m = [0 < a <= 10, -5 <= a < 5 != a, 0.5 < b < 2.5, a == 3 or (b > 1.0 and not a > 7)]
    r = 1 if 1 < a < 6 < b else 2 if a < 0 < b else 0
    r += 10 * (m[0] and m[3]) + 100 * (m[1] != m[2])
    out[i] = r
    masks[i] = [*m, m[0] ^ m[2], (m[0] and m[1]) or not m[2]]


register(
    chains,
    each(chains_oracle),
    lambda where, rng: [
        rng.integers(-9, 13, where.n).astype("i4"),
        rng.choice([-1, 0.5, 1, 2.5, 6, 7, np.nan, np.inf], where.n).astype("f4"),
        np.zeros(where.n, "i4"),
        np.zeros((where.n, 6), bool),
    ],
    LAUNCHES,
)


@kdsl.kernel
def short_circuit(x: Array[i32, 1], at: Array[i32, 1], out: Array[i32, 1]):
    """The right side reads out of bounds where the left side is false."""
    i = kdsl.global_id(0)
    k = at[i]
    n = x.shape[0]
    r = i32(0)
    if k >= 0 and k < n and x[k] > 0:
        r = 1
    if k < 0 or k >= n or x[k] > 20:
        r += 2
    if not (k < 0 or k >= n) and (x[k] < 0 or k + 1 < n and x[k + 1] < 0):
        r += 4
    ok = 0 <= k < n and x[k] % 2 == 0
    j = k
    while j >= 0 and j < n and x[j] > 0:
        j += 1
    out[i] = r + (8 if ok else 0) + j * 100


def short_circuit_oracle(i, x, at, out):
    k, n = int(at[i]), len(x)
    inside = 0 <= k < n
    r = int(inside and x[k] > 0) + 2 * int(not inside or x[k] > 20)
    r += 4 * int(inside and (x[k] < 0 or (k + 1 < n and x[k + 1] < 0)))
    r += 8 * int(inside and x[k] % 2 == 0)
    j = k
    while 0 <= j < n and x[j] > 0:
        j += 1
    out[i] = r + j * 100


register(
    short_circuit,
    each(short_circuit_oracle),
    lambda where, rng: [
        rng.integers(-10, 40, 23).astype("i4"),
        rng.integers(-8, 31, where.n).astype("i4"),
        np.zeros(where.n, "i4"),
    ],
    LAUNCHES,
)


@kdsl.kernel
def conversions(x: Array[f32, 1], ints: Array[i64, 2], floats: Array[f32, 2]):
    i = kdsl.global_id(0)
    v = x[i]
    ints[i, 0] = i64(i8(v))
    ints[i, 1] = i64(u8(v))
    ints[i, 2] = i64(i32(v))
    ints[i, 3] = i64(u32(v))
    ints[i, 4] = i64(v)
    ints[i, 5] = i64(u16(i32(v)))
    ints[i, 6] = i64(kdsl.bool_(v))
    floats[i, 0] = f32(f16(v))
    floats[i, 1] = f32(f64(v) * 2.0)
    floats[i, 2] = f32(i8(i32(v)))
    floats[i, 3] = i32(v) / 4
    floats[i, 4] = f32(kdsl.floor(v)) + f32(kdsl.round(v))


def conversions_oracle(i, x, ints, floats):
    v = float(x[i])

    def clip(low, high):
        return 0 if np.isnan(v) else high if v >= high else low if v <= low else int(v)

    whole = clip(-(2**31), 2**31 - 1)
    ints[i] = [clip(-128, 127), clip(0, 255), whole, clip(0, 2**32 - 1), clip(-(2**63), 2**63 - 1), whole & 0xFFFF, v != 0]
    with np.errstate(all="ignore"):
        floats[i] = [
            np.float32(np.float16(x[i])),
            np.float32(v * 2),
            wrap(whole, 8),
            np.float32(whole) / np.float32(4),
            np.floor(x[i]) + np.rint(x[i]),
        ]


def _floats(where, rng):
    edges = [
        0.0,
        -0.0,
        0.5,
        -0.5,
        1.5,
        2.5,
        127.5,
        128,
        -129,
        255.9,
        256,
        65504,
        65520,
        2**31,
        -(2**31),
        2**32,
        2**63,
        -(2**63),
        1e30,
        -1e30,
        np.inf,
        -np.inf,
        np.nan,
        1e-40,
    ]
    return np.resize(np.concatenate([np.array(edges, "f4"), rng.normal(0, 1000, 40).astype("f4")]), where.n)


register(
    conversions,
    each(conversions_oracle),
    lambda where, rng: [_floats(where, rng), np.zeros((where.n, 7), "i8"), np.zeros((where.n, 5), "f4")],
    [over(64), over(13)],
)


@kdsl.kernel
def promotion(a: Array[i8, 1], b: Array[i32, 1], c: Array[f32, 1], d: Array[f64, 1], out: Array[f64, 2], whole: Array[i64, 2]):
    i = kdsl.global_id(0)
    whole[i, 0] = a[i] + b[i]
    whole[i, 1] = a[i] * 3
    whole[i, 2] = i + b[i]
    whole[i, 3] = a[i] // 2 + i * 2
    out[i, 0] = b[i] * c[i]
    out[i, 1] = c[i] * 0.1
    out[i, 2] = c[i] * d[i] * 2
    out[i, 3] = b[i] / 3
    out[i, 4] = min(a[i], b[i]) + max(c[i], 1)
    out[i, 5] = d[i] * 0.1


def promotion_oracle(where, a, b, c, d, out, whole):
    i = np.arange(where.n)
    f = np.float32
    whole[:, 0], whole[:, 1], whole[:, 2], whole[:, 3] = a + b, a * np.int8(3), i + b, (a // np.int8(2)) + i * 2
    out[:, 0] = b.astype(f) * c
    out[:, 1] = c * f(0.1)
    out[:, 2] = c * d * 2
    out[:, 3] = b.astype(f) / f(3)
    out[:, 4] = np.minimum(a, b).astype(f) + np.maximum(c, f(1))
    out[:, 5] = d * 0.1


register(
    promotion,
    promotion_oracle,
    lambda where, rng: [
        rng.integers(-128, 127, where.n).astype("i1"),
        rng.integers(-2000, 2000, where.n).astype("i4"),
        rng.normal(0, 9, where.n).astype("f4"),
        rng.normal(0, 9, where.n),
        np.zeros((where.n, 6)),
        np.zeros((where.n, 4), "i8"),
    ],
    LAUNCHES,
)


@kdsl.kernel
def grey(image: Array[u8, 3], out: Array[u8, 2], mask: Array[kdsl.bool_, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if y < out.shape[0] and x < out.shape[1]:
        v = (u32(image[y, x, 0]) * 77 + u32(image[y, x, 1]) * 151 + u32(image[y, x, 2]) * 28) >> 8
        if mask[y, x]:
            v = 255 - v
        out[y, x] = u8(v)
        mask[y, x] = v > 128


def grey_oracle(where, image, out, mask):
    w = image.astype(np.uint32)
    v = (w[..., 0] * 77 + w[..., 1] * 151 + w[..., 2] * 28) >> 8
    v = np.where(mask, 255 - v, v)
    out[:], mask[:] = v, v > 128


register(
    grey,
    grey_oracle,
    lambda where, rng: [rng.integers(0, 256, (13, 37, 3)).astype("u1"), np.zeros((13, 37), "u1"), rng.random((13, 37)) > 0.5],
    [over((37, 13), (32, 8)), over((40, 16), (5, 3)), over((37, 13), (16, 16))],
)


@kdsl.kernel
def bits(x: Array[u32, 1], y: Array[f32, 1], out: Array[u32, 2]):
    i = kdsl.global_id(0)
    v = x[i]
    out[i, 0] = kdsl.popcount(v)
    out[i, 1] = kdsl.clz(v)
    out[i, 2] = kdsl.ctz(v)
    out[i, 3] = kdsl.bitcast(y[i], u32)
    out[i, 4] = (v << 13) ^ (v >> 19)
    out[i, 5] = u32(kdsl.isnan(y[i])) + 2 * u32(kdsl.isinf(y[i]))


def bits_oracle(i, x, y, out):
    v = int(x[i])
    out[i] = [
        v.bit_count(),
        32 - v.bit_length(),
        (v & -v).bit_length() - 1 if v else 32,
        y[i : i + 1].view("u4")[0],
        ((v << 13) ^ (v >> 19)) & 0xFFFFFFFF,
        int(np.isnan(y[i])) + 2 * int(np.isinf(y[i])),
    ]


register(
    bits,
    each(bits_oracle),
    lambda where, rng: [_edges(np.dtype("u4"), where.n, rng), _floats(where, rng), np.zeros((where.n, 6), "u4")],
    LAUNCHES,
)


@kdsl.kernel
def minmax(x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 2]):
    i = kdsl.global_id(0)
    a, b = x[i], y[i]
    out[i, 0] = min(a, b)
    out[i, 1] = max(a, b)
    out[i, 2] = kdsl.minimum(a, b)
    out[i, 3] = kdsl.fmin(a, b)
    out[i, 4] = kdsl.fmax(a, b)
    out[i, 5] = kdsl.clamp(a, -1.0, 1.0)
    out[i, 6] = abs(a) + kdsl.sign(b)


def minmax_oracle(where, x, y, out):
    out[:, 0] = out[:, 2] = np.minimum(x, y)
    out[:, 1] = np.maximum(x, y)
    out[:, 3], out[:, 4] = np.fmin(x, y), np.fmax(x, y)
    out[:, 5] = np.minimum(np.maximum(x, np.float32(-1)), np.float32(1))
    out[:, 6] = np.abs(x) + np.sign(y)


register(
    minmax,
    minmax_oracle,
    lambda where, rng: [_floats(where, rng), rng.permutation(_floats(where, rng)), np.zeros((where.n, 7), "f4")],
    [over(64), over(29)],
)


@kdsl.kernel
def halves(x: Array[f16, 1], y: Array[f16, 1], out: Array[f16, 1]):
    i = kdsl.global_id(0)
    v = x[i] * y[i]
    for k in range(3):
        v = v + x[i] / 3
        if v > 100:
            v -= y[i]
    out[i] = v


def halves_oracle(where, x, y, out):
    def r(v):
        return v.astype(np.float16).astype(np.float32)

    a, b = x.astype(np.float32), y.astype(np.float32)
    v = r(a * b)
    for _ in range(3):
        v = r(v + r(a / np.float32(3)))
        v = np.where(v > 100, r(v - b), v)
    out[:] = v


register(
    halves,
    halves_oracle,
    lambda where, rng: [rng.normal(0, 20, where.n).astype("f2"), rng.normal(0, 20, where.n).astype("f2"), np.zeros(where.n, "f2")],
    LAUNCHES,
)


@kdsl.kernel
def narrow_indices(at: Array[u8, 1], x: Array[i32, 1], out: Array[i32, 1]):
    """Indices of narrow types, and arithmetic on them that wraps before it is an index."""
    i = kdsl.global_id(0)
    k = at[i]
    out[i] = x[k] + x[k + 200] * 3 + x[i32(k) * 2 % 256] + x[u8(i * 7)]


def narrow_indices_oracle(i, at, x, out):
    k = int(at[i])
    out[i] = x[k] + x[(k + 200) % 256] * 3 + x[k * 2 % 256] + x[i * 7 % 256]


register(
    narrow_indices,
    each(narrow_indices_oracle),
    lambda where, rng: [
        rng.integers(0, 256, where.n).astype("u1"),
        rng.integers(-99, 99, 256).astype("i4"),
        np.zeros(where.n, "i4"),
    ],
    [over(100), over(9)],
)


# Ids that are clamped, narrowed and taken from each other: lane by lane, not as if all lanes were as the first.


@kdsl.kernel
def clamped_ids(out: Array[i64, 2], n: i32):
    i = kdsl.global_id(0)
    out[0, i] = max(i, n) - min(3, i)
    out[1, i] = min(i, n) - i
    out[2, i] = i - kdsl.clamp(i, 7, n)
    out[3, i] = (min(i, n) - i) * 3 + 7
    left = 0
    for _ in range(min(i, n) - i, 0):
        left += 1
    out[4, i] = left
    if min(i, n) < i:
        out[5, i] = 5


def clamped_ids_oracle(where, out, n):
    i = np.arange(where.n)
    low, high = np.minimum(i, n), np.maximum(i, n)
    out[0] = high - np.minimum(3, i)
    out[1] = low - i
    out[2] = i - np.clip(i, 7, n)
    out[3] = (low - i) * 3 + 7
    out[4] = i - low
    out[5, i > n] = 5


register(clamped_ids, clamped_ids_oracle, lambda where, rng: [np.zeros((6, where.n), "i8"), 20],
         [over(n, b) for n in (5, 40, 300) for b in (32, 256)])  # fmt: skip


@kdsl.kernel
def narrow_ids(table: Array[i32, 1], out: Array[i32, 2]):
    i = kdsl.global_id(0)
    out[0, i] = table[i32(i8(i + 5)) + 128]
    out[1, i] = table[u8(i + 3) * 2 - u8(i)]
    out[2, i] = i32(i8(i + 5)) - i32(i)
    out[3, i] = table[max(i8(i), 0)]
    out[4, i] = table[u8(i)]


def narrow_ids_oracle(where, table, out):
    i = np.arange(where.n)
    out[0] = table[(i + 5).astype("i1").astype(int) + 128]
    out[1] = table[((i + 3) * 2 - i) & 255]
    out[2] = (i + 5).astype("i1").astype(int) - i
    out[3] = table[np.maximum(i.astype("i1"), 0)]
    out[4] = table[i & 255]


register(narrow_ids, narrow_ids_oracle,
         lambda where, rng: [rng.integers(-9999, 9999, 256).astype("i4"), np.zeros((5, where.n), "i4")],
         [over(n, 256) for n in (100, 700)])  # fmt: skip


@kdsl.kernel
def widened(x, out: Array[i32, 2]):
    """A number of every width as one of 64 bits, against constants that need all widths."""
    i = kdsl.global_id(0)
    a = i64(x[i])
    k = 0
    for bound in kdsl.static_range(6):
        c = (-5, 5, -1000, 70000, -(2**31), 2**35)[bound]
        if a < c:
            out[i, k] = 1
        if a >= c:
            out[i, k] += 10
        if a == c:
            out[i, k] += 100
        k += 1


def widened_oracle(i, x, out):
    a = int(x[i])
    for k, c in enumerate((-5, 5, -1000, 70000, -(2**31), 2**35)):
        out[i, k] = (a < c) + 10 * (a >= c) + 100 * (a == c)


for _name in ("i8", "i16", "i32", "u8", "u16", "u32"):
    _t = np.dtype(_name[0] + str(int(_name[1:]) // 8))
    register(
        widened,
        each(widened_oracle),
        lambda where, rng, t=_t: [np.arange(-20, 25).astype(t)[: where.n], np.zeros((where.n, 6), "i4")],
        LAUNCHES[:1],
    )
