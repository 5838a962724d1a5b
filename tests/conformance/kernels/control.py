"""Branches and loops: nested four deep, left in every way there is, by conditions that threads share and that they do not."""

from __future__ import annotations

from conformance.cases import blocks, each, over, register, wrap

import kdsl
from kdsl import Array, i32

SIZES = [over(n) for n in (0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 100)] + [blocks(2, 64), over(50, 7), over(70, 256)]


def numbers(low, high, outs=1):
    def make(where, rng):
        return [rng.integers(low, high, where.n).astype("i4"), *[rng.integers(0, 9, where.n).astype("i4") for _ in range(outs)]]

    return make


@kdsl.kernel
def four_deep(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    total = i32(0)
    for a in range(4):
        if x[i] % 3 != 0:
            b = i32(0)
            while b < x[i]:
                b += 1
                for c in range(3):
                    if c == 1 and b % 2 == 0:
                        continue
                    if total > 60:
                        break
                    if b > 12:
                        out[i] = -total
                        return
                    total += c * b + i32(a)
                if b == x[i] - 2:
                    break
        else:
            total += 7
            if a == 2:
                continue
            total -= i32(a)
    out[i] = total


def four_deep_oracle(i, x, out):
    total = 0
    for a in range(4):
        if x[i] % 3 != 0:
            b = 0
            while b < x[i]:
                b += 1
                for c in range(3):
                    if c == 1 and b % 2 == 0:
                        continue
                    if total > 60:
                        break
                    if b > 12:
                        out[i] = -total
                        return
                    total += c * b + a
                if b == x[i] - 2:
                    break
        else:
            total += 7
            if a == 2:
                continue
            total -= a
    out[i] = total


register(four_deep, each(four_deep_oracle), numbers(-3, 16), SIZES)


@kdsl.kernel
def uniform_four_deep(n: i32, x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    total = x[i]
    for a in range(n):
        if a % 2 == 0:
            b = i32(n)
            while b > 0:
                b -= 2
                for c in range(a, n):
                    if c == 3:
                        continue
                    if c == 5:
                        break
                    total += b * i32(c) + x[i]
                if b == 3:
                    break
        elif a == 5:
            out[i] = total
            return
        else:
            total ^= i32(a)
    out[i] = total * 2


def uniform_four_deep_oracle(i, n, x, out):
    total = int(x[i])
    for a in range(n):
        if a % 2 == 0:
            b = n
            while b > 0:
                b -= 2
                for c in range(a, n):
                    if c == 3:
                        continue
                    if c == 5:
                        break
                    total += b * c + int(x[i])
                if b == 3:
                    break
        elif a == 5:
            out[i] = total
            return
        else:
            total ^= a
    out[i] = total * 2


for _n in (0, 1, 4, 5, 7):
    register(
        uniform_four_deep,
        each(uniform_four_deep_oracle),
        lambda where, rng, n=_n: [n, *numbers(-50, 50)(where, rng)],
        [over(37), over(64)],
    )


@kdsl.kernel
def collatz(x: Array[i32, 1], steps: Array[i32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    n = i32(0)
    while v > 1:
        if v % 2 == 0:
            v //= 2
        else:
            v = 3 * v + 1
        n += 1
        if n == 100:
            break
    steps[i] = n


def collatz_oracle(i, x, steps):
    v, n = int(x[i]), 0
    while v > 1:
        v = v // 2 if v % 2 == 0 else 3 * v + 1
        n += 1
        if n == 100:
            break
    steps[i] = n


register(collatz, each(collatz_oracle), numbers(-2, 5000), SIZES[3:])


@kdsl.kernel
def returns_everywhere(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    if v < 0:
        out[i] = -1
        return
    for a in range(10):
        if v == a:
            out[i] = i32(a) * 100
            return
        for b in range(a):
            if v == 10 * a + b:
                out[i] = i32(a * b)
                return
            w = v
            while w > 80:
                w -= 7
                if w == 81:
                    out[i] = 81
                    return
        if a == 8 and v > 200:
            return
    out[i] = 5


def returns_everywhere_oracle(i, x, out):
    v = int(x[i])
    if v < 0:
        out[i] = -1
        return
    for a in range(10):
        if v == a:
            out[i] = a * 100
            return
        for b in range(a):
            if v == 10 * a + b:
                out[i] = a * b
                return
            w = v
            while w > 80:
                w -= 7
                if w == 81:
                    out[i] = 81
                    return
        if a == 8 and v > 200:
            return
    out[i] = 5


register(returns_everywhere, each(returns_everywhere_oracle), numbers(-20, 250), SIZES[4:])


@kdsl.kernel
def ladder(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    if v < 10:
        r = v
    elif v < 20:
        r = v * 2
        if v == 15:
            r += 1000
    elif v < 30 and v % 2 == 1 or v == 28:
        r = -v
    elif not (v > 40):
        r = v * v if v > 33 else v + 1
    else:
        r = 0
    out[i] = r


def ladder_oracle(i, x, out):
    v = int(x[i])
    if v < 10:
        r = v
    elif v < 20:
        r = v * 2
        if v == 15:
            r += 1000
    elif v < 30 and v % 2 == 1 or v == 28:
        r = -v
    elif not (v > 40):
        r = v * v if v > 33 else v + 1
    else:
        r = 0
    out[i] = r


register(ladder, each(ladder_oracle), numbers(0, 50), SIZES[2:])


@kdsl.kernel
def different_ranges(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    total = i32(0)
    for a in range(x[i], x[i] + 10, 3):
        total += i32(a)
    for a in range(x[i], -5, -2):
        for b in range(a, 3):
            total += i32(a) * 10 + i32(b)
            if total % 11 == 5:
                break
    for a in range(0, 6, x[i] % 3 - 1 if x[i] % 3 != 1 else 2):
        total = total * 3 + i32(a)
        if a > 100 or a < -100:
            break
    out[i] = total


def different_ranges_oracle(i, x, out):
    v, total = int(x[i]), 0
    for a in range(v, v + 10, 3):
        total += a
    for a in range(v, -5, -2):
        for b in range(a, 3):
            total += a * 10 + b
            if total % 11 == 5:
                break
    for a in range(0, 6, v % 3 - 1 if v % 3 != 1 else 2):
        total = wrap(total * 3 + a)
        if a > 100 or a < -100:
            break
    out[i] = wrap(total)


register(different_ranges, each(different_ranges_oracle), numbers(-9, 9), SIZES[2:])


@kdsl.kernel
def loop_values_after(x: Array[i32, 1], out: Array[i32, 1], last: Array[i32, 1]):
    """A counter and a flag that are read behind a loop which threads leave at different times."""
    i = kdsl.global_id(0)
    found = i32(-1)
    k = i32(0)
    seen = False
    while not seen:
        if k * k >= x[i]:
            seen = True
            found = k
        else:
            k += 1
    j = i32(99)
    for m in range(20):
        j = i32(m)
        if m * 3 > x[i]:
            break
    out[i] = found * 1000 + k
    last[i] = j


def loop_values_after_oracle(i, x, out, last):
    k = 0
    while k * k < x[i]:
        k += 1
    j = 99
    for m in range(20):
        j = m
        if m * 3 > x[i]:
            break
    out[i] = k * 1000 + k
    last[i] = j


register(loop_values_after, each(loop_values_after_oracle), numbers(-5, 90, 2), SIZES[1:])


@kdsl.kernel
def mixed_conditions(n: i32, x: Array[i32, 1], out: Array[i32, 1]):
    """A uniform branch inside a varying one inside a uniform loop, and the other way round."""
    i = kdsl.global_id(0)
    total = i32(1)
    for a in range(n):
        if x[i] > a:
            if n > 3:
                total += i32(a)
                if a == 2:
                    continue
            else:
                total *= 2
            for b in range(n - a):
                if x[i] == b:
                    break
                total += 1
        elif n % 2 == 0:
            total -= 3
            if total < -5:
                break
    if n == 6:
        if x[i] % 2 == 0:
            out[i] = total
            return
        total += 100
    out[i] = total


def mixed_conditions_oracle(i, n, x, out):
    total, v = 1, int(x[i])
    for a in range(n):
        if v > a:
            if n > 3:
                total += a
                if a == 2:
                    continue
            else:
                total *= 2
            for b in range(n - a):
                if v == b:
                    break
                total += 1
        elif n % 2 == 0:
            total -= 3
            if total < -5:
                break
    if n == 6 and v % 2 != 0:
        total += 100
    out[i] = total


for _n in (0, 2, 3, 5, 6):
    register(
        mixed_conditions,
        each(mixed_conditions_oracle),
        lambda where, rng, n=_n: [n, *numbers(-3, 9)(where, rng)],
        [over(45), blocks(2, 32)],
    )


@kdsl.kernel
def pass_and_nothing(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    for a in range(0):
        out[i] = 77
    for a in range(5, 5):
        out[i] = 78
    for a in range(3, 8, -1):
        out[i] = 79
    for a in range(8, 3):
        out[i] = 80
    while x[i] > 1000:
        out[i] = 81
    if x[i] > 3:
        pass
    else:
        out[i] += 1


def pass_and_nothing_oracle(i, x, out):
    if not x[i] > 3:
        out[i] += 1


register(pass_and_nothing, each(pass_and_nothing_oracle), numbers(0, 8), SIZES[:12])


@kdsl.kernel
def many_trips(n: i32, out: Array[i32, 1]):
    i = kdsl.global_id(0)
    total = i32(i)
    for a in range(n):
        total = total * 5 + i32(a)
    out[i] = total


def many_trips_oracle(where, n, out):
    import numpy as np

    with np.errstate(over="ignore"):
        total = np.arange(where.n, dtype=np.int32)
        for a in range(n):
            total = total * np.int32(5) + np.int32(a)
    out[:] = total


register(many_trips, many_trips_oracle, lambda where, rng: [3000, rng.integers(0, 2, where.n).astype("i4")], [over(40)])


@kdsl.kernel
def counts_down_twice(x: Array[i32, 1], out: Array[i32, 1]):
    """A bound that two loops share, one of them inside a branch, and one that a variable holds."""
    i = kdsl.global_id(0)
    total, n = i32(0), i32(0)
    for a in range(3):
        if x[i] > a:
            n += x[i] + a
    if x[i] > 2:
        for a in range(3, -1, -1):
            total = total * 3 + i32(a) + x[i]
        for a in range(n):
            total += a
            n -= 1
    for a in range(5, -1, -1):
        total = total * 2 - i32(a)
    for a in range(n):
        total ^= a
    out[i] = total * 8 + n


def counts_down_twice_oracle(i, x, out):
    v, total = int(x[i]), 0
    n = sum(v + a for a in range(3) if v > a)
    if v > 2:
        for a in range(3, -1, -1):
            total = total * 3 + a + v
        for a in range(n):
            total += a
            n -= 1
    for a in range(5, -1, -1):
        total = total * 2 - a
    for a in range(n):
        total ^= a
    out[i] = total * 8 + n


register(counts_down_twice, each(counts_down_twice_oracle), numbers(-2, 7), SIZES[:12])


@kdsl.kernel
def conditional_expressions(x: Array[i32, 1], out: Array[i32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    a = 1 if v > 0 else -1 if v < 0 else 0
    b = (v if v > 5 else 5) + (v if v < 9 else 9)
    ok = v > 2 and (v < 7 or v == 8)
    n = x.shape[0]
    # The element behind the end may be read by nobody.
    right = x[i + 1] if i + 1 < n else 0
    left = 0
    if i > 0 and x[i - 1] > 3:
        left = 10
    if i == n - 1 or x[i + 1] > 3:
        left += 20
    out[i] = a * 10000 + b * 100 + (1 if ok else 0) + right * 7 + left


def conditional_expressions_oracle(i, x, out):
    v, n = int(x[i]), len(x)
    a = 1 if v > 0 else -1 if v < 0 else 0
    b = max(v, 5) + min(v, 9)
    ok = v > 2 and (v < 7 or v == 8)
    right = int(x[i + 1]) if i + 1 < n else 0
    left = 10 if i > 0 and x[i - 1] > 3 else 0
    if i == n - 1 or x[i + 1] > 3:
        left += 20
    out[i] = a * 10000 + b * 100 + int(ok) + right * 7 + left


register(conditional_expressions, each(conditional_expressions_oracle), numbers(-4, 12), SIZES)


@kdsl.kernel
def searches(x: Array[i32, 1], out: Array[i32, 2]):
    """Loops with `else`, and variables that only the rounds that `break` ended give a value."""
    i = kdsl.global_id(0)
    v, n = x[i], x.shape[0]
    for j in range(n):
        if x[j] > v:
            found, place = x[j], i32(j)
            break
    else:
        found, place = -1, i32(n)
    out[i, 0] = found * 100 + place
    j, steps = i32(0), i32(0)
    while j * j < v:
        j += 1
        if j == 3:
            if i % 2 == 0:
                break
            continue
        steps += j
    else:
        steps += 1000
    out[i, 1] = steps
    first = i32(0)
    for k in kdsl.static_range(3):
        if v % (k + 2) == 0:
            first = k + 2
            break
    else:
        if v > 7:
            out[i, 2] = -7
            return
        first = 9
    out[i, 2] = first
    for a in range(3):
        for b in range(a, 5):
            if a * b == v:
                break
        else:
            if a == 1:
                continue
            first += 10
            if v < 0:
                break
        first += 100
    while True:
        if first % 7 == 0:
            seventh = first // 7
            break
        first += 1
    out[i, 3] = seventh


def searches_oracle(i, x, out):
    v, n = int(x[i]), len(x)
    larger = [j for j in range(n) if x[j] > v]
    out[i, 0] = int(x[larger[0]]) * 100 + larger[0] if larger else -100 + n
    j = steps = 0
    while j * j < v:
        j += 1
        if j == 3:
            if i % 2 == 0:
                break
            continue
        steps += j
    else:
        steps += 1000
    out[i, 1] = steps
    first = next((k for k in (2, 3, 4) if v % k == 0), 9)
    out[i, 2] = -7 if first == 9 and v > 7 else first
    if out[i, 2] == -7:
        return
    for a in range(3):
        if all(a * b != v for b in range(a, 5)):
            if a == 1:
                continue
            first += 10
            if v < 0:
                break
        first += 100
    out[i, 3] = -(-first // 7)


def _searched(where, rng):
    return [rng.integers(-3, 14, where.n).astype("i4"), rng.integers(0, 9, (where.n, 4)).astype("i4")]


register(searches, each(searches_oracle), _searched, SIZES[:12])


@kdsl.kernel
def named_on_the_way(x: Array[i32, 1], out: Array[i32, 2]):
    """:= where it may not run: in the condition of a loop, behind `and` and `or`, in a conditional expression."""
    i = kdsl.global_id(0)
    n = x.shape[0]
    j = i32(i)
    while j < n and (v := x[j]) != 3:
        if v < 0:
            break
        j += v + 1
    else:
        j += 1000
    out[i, 0] = j
    total = i32(0)
    while (left := x[i] - total) > 0:
        total += left // 2 + 1
        if total == 5:
            continue
        total += 1
    out[i, 1] = total * 10 + left
    last = i32(7)
    if i + 1 < n and (last := x[i + 1]) > 4 and (twice := last * 2) < 21:
        out[i, 2] = last + twice
    elif not (i < 2 or (before := x[i - 2]) < 1):
        out[i, 2] = last * 100 + before
    else:
        out[i, 2] = last
    a = (w := x[i]) + w if x[i] > 2 else (w := 5)
    if i >= n or (b := x[i]) < 0:
        out[i, 3] = a * 100 + w
        return
    out[i, 3] = a * 100 + w + b


def named_on_the_way_oracle(i, x, out):
    n, x = len(x), [int(v) for v in x]
    j = i
    while j < n and x[j] != 3:
        if x[j] < 0:
            break
        j += x[j] + 1
    else:
        j += 1000
    out[i, 0] = j
    total = 0
    while (left := x[i] - total) > 0:
        total += left // 2 + 1
        if total != 5:
            total += 1
    out[i, 1] = total * 10 + left
    last = x[i + 1] if i + 1 < n else 7
    if i + 1 < n and 4 < last and last * 2 < 21:
        out[i, 2] = last * 3
    elif i >= 2 and x[i - 2] >= 1:
        out[i, 2] = last * 100 + x[i - 2]
    else:
        out[i, 2] = last
    w = x[i] if x[i] > 2 else 5
    out[i, 3] = (2 * w if x[i] > 2 else 5) * 100 + w + max(x[i], 0)


register(named_on_the_way, each(named_on_the_way_oracle), _searched, SIZES[:12])
