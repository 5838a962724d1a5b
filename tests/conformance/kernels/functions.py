"""Device functions, closures, constants, loops that the compiler unrolls."""

from __future__ import annotations

import numpy as np
from conformance.cases import each, over, register, wrap

import kdsl
from kdsl import Array, f32, f64, i16, i32, ivec3

LAUNCHES = [over(45), over(8), over(17, 7)]
OFFSET = 40
TABLE = (5, 3, 8, 1)


def ints(where, rng):
    return [rng.integers(-50, 50, where.n).astype("i4"), np.zeros(where.n, "i4")]


@kdsl.func
def first_power_above(v, base):
    p = i32(1)
    for k in range(8):
        if p > v:
            return i32(k)
        if v < 0:
            if v < -25:
                return i32(-2)
            return i32(-1)
        p *= base
    return i32(99)


@kdsl.kernel
def early_returns(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    a = first_power_above(x[i], 2)
    out[i] = a * 100 + first_power_above(a, 3) if a > 0 else a


def _first_power_above(v, base):
    p = 1
    for k in range(8):
        if p > v:
            return k
        if v < 0:
            return -2 if v < -25 else -1
        p *= base
    return 99


def early_returns_oracle(i, x, out):
    a = _first_power_above(int(x[i]), 2)
    out[i] = a * 100 + _first_power_above(a, 3) if a > 0 else a


register(early_returns, each(early_returns_oracle), ints, LAUNCHES)


@kdsl.func
def square(v):
    return v * v


@kdsl.func
def twice(f, v):
    return f(f(v))


@kdsl.func
def swap(a, b):
    return b, a


@kdsl.kernel
def generic(x: Array[i32, 1], y: Array[f64, 1], out: Array[i32, 1], out2: Array[f64, 1]):
    i = kdsl.global_id(0)
    a, b = swap(x[i], y[i])
    out[i] = square(b) + i32(square(i16(b)))
    out2[i] = twice(square, a)


def generic_oracle(where, x, y, out, out2):
    out[:] = x * x * 2
    out2[:] = (y * y) * (y * y)


register(
    generic,
    generic_oracle,
    lambda where, rng: [
        rng.integers(-50, 50, where.n).astype("i4"),
        rng.random(where.n),
        np.zeros(where.n, "i4"),
        np.zeros(where.n),
    ],
    LAUNCHES,
)


def _scaled_by(factor):
    @kdsl.func
    def scale(v):
        return v * factor + OFFSET

    return scale


triple = _scaled_by(3)
seven = _scaled_by(7)


@kdsl.kernel
def closures(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    total = triple(x[i]) - seven(x[i])
    for k in kdsl.static_range(len(TABLE)):
        total = total * 3 + TABLE[k]
    out[i] = total


def closures_oracle(i, x, out):
    total = (3 * int(x[i]) + 40) - (7 * int(x[i]) + 40)
    for t in TABLE:
        total = total * 3 + t
    out[i] = total


register(closures, each(closures_oracle), ints, LAUNCHES)


@kdsl.kernel
def constants(
    x: Array[i32, 1],
    out: Array[i32, 1],
    N: kdsl.const = 4,
    FLIP: kdsl.const = False,
    F: kdsl.const = square,
    WORD: kdsl.const = "add",
    KIND: kdsl.const = i32,
):
    i = kdsl.global_id(0)
    v = KIND(x[i])
    if FLIP:
        v = -v
    for k in kdsl.static_range(N):
        if WORD == "add":
            v += KIND(k)
        else:
            v -= KIND(F(k))
    out[i] = i32(F(v))


def constants_oracle(n, flip, f, word, bits):
    def one(i, x, out):
        v = wrap(int(x[i]), bits)
        v = -v if flip else v
        for k in range(n):
            v = v + k if word == "add" else v - f(k)
        out[i] = wrap(f(wrap(v, bits)), bits)

    return each(one)


@kdsl.func
def halved(v):
    return v // 2


for _n, _flip, _f, _word, _kind in (
    (0, False, square, "add", i32),
    (4, True, square, "sub", i32),
    (3, False, halved, "sub", i16),
    (6, True, halved, "add", i32),
    (1, False, square, "sub", i16),
):
    _python = (lambda v: v * v) if _f is square else (lambda v: v // 2)
    register(
        constants,
        constants_oracle(_n, _flip, _python, _word, _kind.bits),
        ints,
        [over(33)],
        N=_n,
        FLIP=_flip,
        F=_f,
        WORD=_word,
        KIND=_kind,
    )


@kdsl.kernel
def unrolled(x: Array[f32, 2], out: Array[f32, 1], W: kdsl.const = 3):
    """Private arrays and nested unrolled loops: a median of a window by sorting."""
    i = kdsl.global_id(0)
    v = kdsl.local((W,), f32)
    for k in kdsl.static_range(W):
        v[k] = x[i, k]
    for a in kdsl.static_range(W):
        for b in kdsl.static_range(W - 1 - a):
            if v[b] > v[b + 1]:
                v[b], v[b + 1] = v[b + 1], v[b]
    out[i] = v[W // 2]


def unrolled_oracle(where, x, out):
    out[:] = np.sort(x, axis=1)[:, x.shape[1] // 2]


for _w in (1, 2, 5):
    register(
        unrolled,
        unrolled_oracle,
        lambda where, rng, w=_w: [rng.random((where.n, w), np.float32), np.zeros(where.n, np.float32)],
        [over(37), over(16)],
        W=_w,
    )


@kdsl.func
def inside_three(v, depth):
    if depth > 2:
        return v
    for k in range(3):
        v += i32(k)
        if v % 4 == 3:
            return v * 10
    return -v


@kdsl.func
def inside_two(v):
    a = inside_three(v, 1)
    if a > 100:
        return a
    while a < 20:
        a += inside_three(v, 3) // 8 + 7
    return a + inside_three(v, 3)


@kdsl.kernel
def nested_calls(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    if x[i] > -30:
        out[i] = inside_two(x[i])
    else:
        out[i] = inside_two(-x[i]) + inside_two(3)


def _three(v, depth):
    if depth > 2:
        return v
    for k in range(3):
        v += k
        if v % 4 == 3:
            return v * 10
    return -v


def _two(v):
    a = _three(v, 1)
    if a > 100:
        return a
    while a < 20:
        a += _three(v, 3) // 8 + 7
    return a + _three(v, 3)


def nested_calls_oracle(i, x, out):
    v = int(x[i])
    out[i] = _two(v) if v > -30 else _two(-v) + _two(3)


register(nested_calls, each(nested_calls_oracle), ints, LAUNCHES)


@kdsl.kernel
def unannotated(x, y, n, out):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        out[i] = x[i] * y[i] + n


def unannotated_oracle(where, x, y, n, out):
    with np.errstate(over="ignore"):
        out[:] = x * y + x.dtype.type(n)


for _type in ("i4", "f8", "u1", "i8", "f2", "u4"):
    register(
        unannotated,
        unannotated_oracle,
        lambda where, rng, t=_type: [
            rng.integers(0, 15, where.n).astype(t),
            rng.integers(0, 15, where.n).astype(t),
            3.0 if t[0] == "f" else np.dtype(t).type(3),
            np.zeros(where.n, t),
        ],
        [over(21)],
    )


WORTH, SIGNS, SHARES = (3, -200, 7, 40), (True, False, True), (0.1, 0.2, 0.7)


@kdsl.func
def least_and_rest(first, /, *others, scale=1):
    least = min((first, *others))
    return least * scale, others


@kdsl.kernel
def tuples(x: Array[i32, 2], out: Array[i32, 2], wide: Array[f64, 1]):
    """Tuples taken apart, folded, gone over and looked up in; indices in brackets of their own."""
    i = kdsl.global_id(0)
    a, *rest = x[i][0], x[i, 1], x[i][2]
    least, others = least_and_rest(*(a, *rest), 5, scale=2)
    out[i][0] = least + len(others) * 100
    out[i, 1] = sum(v * k for k, v in enumerate((a, *rest), start=1)) + max([b for b in (3, a, 8)])
    out[i, 2] = WORTH[a % 4] + (i32(5) if SIGNS[i % 3] else 0)
    one_of = a in {1, 2, 5} or rest[0] in [7, a]
    out[i, 3] = i32(one_of) + 2 * i32(a in range(-3, 9, 4)) + 4 * i32(a not in range(6, 0, -1))
    place = ivec3(a, rest[0], 7)
    place[i % 3] += 100
    out[i, 5] = place[(i + 1) % 3] * 1000 + (a, rest[1], -3)[i % 3] + place.z
    total = i32(0)
    for step in [1, 10, 100]:
        total += step * i32(any(v == step for v in (a, *rest))) + 1000 * i32(all((a > 0, rest[1] > 0)))
    out[i, 4] = total
    wide[i] = SHARES[i % 3]


def tuples_oracle(i, x, out, wide):
    a, *rest = [int(v) for v in x[i]]
    out[i, 0] = min(a, *rest, 5) * 2 + 300
    out[i, 1] = a + 2 * rest[0] + 3 * rest[1] + max(3, a, 8)
    out[i, 2] = WORTH[a % 4] + (5 if SIGNS[i % 3] else 0)
    out[i, 3] = (a in (1, 2, 5, rest[0]) or rest[0] == 7) + 2 * (a in range(-3, 9, 4)) + 4 * (a not in range(6, 0, -1))
    place = [a, rest[0], 7]
    place[i % 3] += 100
    out[i, 5] = place[(i + 1) % 3] * 1000 + (a, rest[1], -3)[i % 3] + place[2]
    positive = a > 0 and rest[1] > 0
    out[i, 4] = sum(step * (step in (a, *rest)) + 1000 * positive for step in (1, 10, 100))
    wide[i] = SHARES[i % 3]


register(
    tuples,
    each(tuples_oracle),
    lambda where, rng: [rng.integers(-8, 13, (where.n, 3)).astype("i4"), np.zeros((where.n, 6), "i4"), np.zeros(where.n)],
    [over(67)],
)


RINGS = (((1, -2), (30, 4), (5, 60)), ((7, 8), (-9, 10), (110, 12)))
STEPS, FACTORS = ((0, 1, True), (1, 0, False), (0, -1, False), (-1, 0, True)), ((0.1, 0.2), (0.3, 0.7), (1.5, 3))


@kdsl.kernel
def tables(x: Array[i32, 2], out: Array[i32, 2], wide: Array[f64, 1]):
    """Tuples of tuples that numbers choose from: one of their numbers, a row of them, and from those computed here."""
    i = kdsl.global_id(0)
    a, b = x[i, 0], x[i, 1]
    down, right, turns = STEPS[b]
    out[i, 0] = RINGS[a % 2][b % 3][i % 2] * (10 if turns else 3)
    out[i, 1] = down * 100 + right
    out[i, 2] = RINGS[1][b % 3][a % 2] - RINGS[a % 2][-1][i % 2] * RINGS[i % 2][1:][a % 2][0]
    out[i, 3] = ((a, i32(i), 5), (b, a * b, a))[a % 2][b % 3]
    total = 0
    for k in range(3):
        for q in RINGS[a % 2][k]:
            total = total * 3 + q
    out[i, 4] = total
    wide[i] = FACTORS[b % 3][a % 2]


def tables_oracle(i, x, out, wide):
    a, b = [int(v) for v in x[i]]
    down, right, turns = STEPS[b]
    out[i, 0] = RINGS[a % 2][b % 3][i % 2] * (10 if turns else 3)
    out[i, 1] = down * 100 + right
    out[i, 2] = RINGS[1][b % 3][a % 2] - RINGS[a % 2][-1][i % 2] * RINGS[i % 2][1:][a % 2][0]
    out[i, 3] = ((a, i, 5), (b, a * b, a))[a % 2][b % 3]
    total = 0
    for row in RINGS[a % 2]:
        for q in row:
            total = total * 3 + q
    out[i, 4] = total
    wide[i] = FACTORS[b % 3][a % 2]


register(
    tables,
    each(tables_oracle),
    lambda where, rng: [rng.integers(0, 4, (where.n, 2)).astype("i4"), np.zeros((where.n, 5), "i4"), np.zeros(where.n)],
    [over(67)],
)
