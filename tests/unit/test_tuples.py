"""Tuples of tuples in kernels: tables of two axes and more, rows that a number chooses, and what is refused of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, f64, i32, i64, u8
from kdsl.diagnostics import CompileError

WEIGHTS = ((1.0, 2.0, 1.0), (2.0, 4.0, 2.0), (1.0, 2.0, 1.0))
SHARES = ((0.1, 0.2), (0.3, 0.7))
STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))
NEAR = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
DEEP = (((1, 2), (3, 4), (5, 6)), ((7, 8), (9, 10), (11, 12)))
MASKS = ((True, False), (False, True))
MIXED = ((1, 0.5), (2, 0.25))


DIGITS = b"0123456789abcdef"
OF_I16 = np.iinfo(np.int16)


@kdsl.kernel
def hexadecimal(x: Array[u8, 1], o: Array[u8, 1], text: kdsl.const = b"-+"):
    i = kdsl.global_id(0)
    o[3 * i] = DIGITS[x[i] >> 4]
    o[3 * i + 1] = b"0123456789abcdef"[x[i] & 15]
    o[3 * i + 2] = text[x[i] & 1] if len(DIGITS) == 16 else 0


@kdsl.kernel
def ends(x, o: Array[f64, 1]):
    least, most = np.iinfo(x.dtype).max, OF_I16.min
    for k in range(x.shape[0]):
        least, most = min(least, x[k]), max(most, x[k])
    o[0], o[1], o[2], o[3] = least, most, np.finfo(f32).eps, np.finfo(np.float64).max
    o[4] = np.iinfo(np.uint8).bits + np.finfo(f32).bits


@kdsl.kernel
def counted(o: Array[i32, 1]):
    for i in range(1, 10, 3):
        o[i] = 1
    for j in range(4):
        for k in range(3, -1, -1):
            o[k] += j
        o[9] += k
    o[8] = 10 * i + j


class Stage(NamedTuple):
    gain: float
    taps: tuple[int, int]


STAGES = (Stage(0.5, (1, 2)), Stage(2.0, (3, 4)))


@kdsl.kernel
def blur(x: Array[f32, 2], y: Array[f32, 2]):
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    total = f32(0)
    for dy in range(3):
        for dx in range(3):
            total += x[i + dy, j + dx] * WEIGHTS[dy][dx]
    y[i, j] = total / 16


@kdsl.kernel
def looked_up(out: Array[i64, 2], wide: Array[f64, 1]):
    i = kdsl.global_id(0)
    out[i, 0] = DEEP[i % 2][i % 3][(i + 1) % 2]
    out[i, 1] = DEEP[1][i % 3][i % 2] * 100 + DEEP[i % 2][-1][i % 2]
    out[i, 2] = DEEP[i % 2][i % 3][1] * 100 + DEEP[i % 2][1:][i % 2][0]
    out[i, 3] = 1 if MASKS[i % 2][i % 3 % 2] else 2
    down, right = STEPS[i % 4]
    out[i, 4] = down * 10 + right
    out[i, 5] = sum(DEEP[i % 2][i % 3]) + len(DEEP[i % 2])
    number = 0
    for a, b in DEEP[i % 2]:
        number = number * 100 + a * 10 + b
    out[i, 6] = number
    out[i, 7] = STAGES[i % 2].taps[i % 2] + i64(STAGES[i % 2].gain * 100)
    out[i, 8] = ((i, 3), (i * i, 5))[i % 2][0] + ((i, 3), (4, i))[i % 2][(i + 1) % 2]
    wide[i] = SHARES[i % 2][i % 3 % 2] + f64(MIXED[i % 2][i % 3 % 2])


def oracle(i: int) -> tuple[list[int], float]:
    number = 0
    for a, b in DEEP[i % 2]:
        number = number * 100 + a * 10 + b
    down, right = STEPS[i % 4]
    row = [
        DEEP[i % 2][i % 3][(i + 1) % 2],
        DEEP[1][i % 3][i % 2] * 100 + DEEP[i % 2][-1][i % 2],
        DEEP[i % 2][i % 3][1] * 100 + DEEP[i % 2][1:][i % 2][0],
        1 if MASKS[i % 2][i % 3 % 2] else 2,
        down * 10 + right,
        sum(DEEP[i % 2][i % 3]) + len(DEEP[i % 2]),
        number,
        STAGES[i % 2].taps[i % 2] + int(STAGES[i % 2].gain * 100),
        ((i, 3), (i * i, 5))[i % 2][0] + ((i, 3), (4, i))[i % 2][(i + 1) % 2],
    ]
    return row, SHARES[i % 2][i % 3 % 2] + MIXED[i % 2][i % 3 % 2]


@pytest.mark.parametrize("interpreted", [True, False])
def test_bytes_and_limits_are_constants(interpreted: bool) -> None:
    def over(kernel: Any, n: int) -> Any:
        return kernel.interpret.over(n) if interpreted else kernel.over(n)

    x = np.arange(256, dtype=np.uint8)
    text = np.zeros(768, np.uint8)
    over(hexadecimal, 256)(x, text)
    assert bytes(text) == "".join([f"{v:02x}{'-+'[v & 1]}" for v in range(256)]).encode()
    o = np.zeros(5)
    over(ends, 1)(np.array([5, -7, 300], np.int16), o)
    np.testing.assert_array_equal(o, [-7, 300, np.finfo(np.float32).eps, np.finfo(np.float64).max, 40])
    o = np.zeros(10, np.int32)
    over(counted, 1)(o)
    np.testing.assert_array_equal(o, [6, 7, 6, 6, 1, 0, 0, 1, 73, 0])


def test_weights_of_a_window() -> None:
    x = np.random.default_rng(3).random((40, 71)).astype(np.float32)
    want = sum(np.float64(x[dy : dy + 38, dx : dx + 69]) * WEIGHTS[dy][dx] for dy in range(3) for dx in range(3)) / 16
    for launch in (blur, blur.interpret):
        y = np.zeros((38, 69), np.float32)
        launch.over((69, 38))(x, y)
        np.testing.assert_allclose(y, want, rtol=1e-6)


def test_numbers_and_rows_that_numbers_choose() -> None:
    rows, wide_rows = zip(*[oracle(i) for i in range(50)])
    for launch in (looked_up, looked_up.interpret):
        out, wide = np.zeros((50, 9), np.int64), np.zeros(50)
        launch.over(50)(out, wide)
        np.testing.assert_array_equal(out, rows)
        np.testing.assert_array_equal(wide, wide_rows)  # of f64, as literals are beside one


@kdsl.kernel
def neighbours(x: Array[i32, 2], y: Array[i32, 2]):
    """A number of a table and an array's extent, behind `and`: no rare path of an elementary function, which it was taken for."""
    j, i = kdsl.global_id(0), kdsl.global_id(1)
    total = 0
    for k in range(8):
        dy, dx = NEAR[k]
        if 0 <= i + dy < x.shape[0] and 0 <= j + dx < x.shape[1]:
            total += x[i + dy, j + dx]
    y[i, j] = total


def test_neighbours_inside_of_a_grid() -> None:
    x = np.random.default_rng(4).integers(0, 99, (9, 37)).astype(np.int32)
    padded = np.pad(x, 1)
    want = sum(padded[1 + dy : 10 + dy, 1 + dx : 38 + dx] for dy, dx in NEAR)
    for launch in (neighbours, neighbours.interpret):
        y = np.zeros_like(x)
        launch.over((37, 9))(x, y)
        np.testing.assert_array_equal(y, want)


REFUSED = {
    "y[0] = ((1.0, 2.0), (3.0,))[n][0]": ("K121", "chooses among tuples of 1 and of 2 items", "2 items each, with zeros behind"),
    "y[0] = ((1.0, 2.0), 3.0)[n][0]": ("K121", "among tuples and other things side by side", "tuples of as many items"),
    "y[0] = ((1, (2, 3)), (1, (2, 3, 4)))[n][1][n]": ("K121", "of 2 and of 3 items", "static_range"),
    "a, b = (((1, 2), 1), ((1,), 1))[n]": ("K121", "of 1 and of 2 items", "static_range"),
    "y[0] = (('a', 1), ('b', 2))[n][0]": ("K121", "things that are no numbers, a string for one", "on each branch"),
    "y[0] = (y, x)[n][0]": ("K121", "things that are no numbers, an array of f32 for one", "on each branch"),
    "y[0] = ((1.0, True), (2.0, 3.0))[n][n]": ("K203", "masks (bool) and numbers in one tuple", "for all of them"),
    "y[0] = ((1.0, 2.0), (3.0, 4.0))[n]": ("K205", "a number is needed here, this is a tuple of 2", "take one of its items"),
    "y[0] = ((1.0, 2.0), (3.0, 4.0))[n][2]": ("K401", "index 2 is out of range: there are 2", "use 0 to 1"),
    "y[0] = ((1.0, 2.0), (3.0, 4.0))[-3][n]": ("K401", "index -3 is out of range: there are 2", "use 0 to 1"),
    "y[0] = ((), ())[n][n]": ("K121", "this index must be known when the kernel is compiled", ""),
    "y[0] = ((1.0, 2.0), (3.0, 4.0))[n][n][n]": ("K205", "cannot be indexed", ""),
    "y[0] = ((1.0, 2.0), (3.0, 4.0))[n][n:]": ("K121", "a bound of a tuple's slice must be known", ""),
    "y[0] = W[n, 1]": ("K121", "one number is needed as the index here", "write W[n][1]"),
    "W[1][1] = 2.0": ("K115", "'W' is read before it is assigned", "the W outside is not changed by a kernel"),
    "w[1][1] = 2.0": ("K115", "'w' is read before it is assigned", "assign it first"),
    "w = W; w[n][1] = 2.0": ("K131", "w[n][1] cannot be assigned", "assign variables, elements"),
    "y[0] = K1[n]": ("K125", "'K1' is an array from outside", "K1_TABLE = tuple(K1.tolist()), and write K1_TABLE[k]"),
    "y[0] = K2[n, 1]": ("K125", "'K2' is an array from outside",
                        "K2_TABLE = tuple(map(tuple, K2.tolist())), and write K2_TABLE[i][k]"),
    "w = np.array([[1.0, 2.0], [3.0, 4.0]])": ("K119", "array is not available", "w = ((1, 2), (3, 4)), read by w[i][k]"),
    "x[n].x[0][n] = 2.0": ("K205", "cannot be indexed", ""),
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_refused(line: str) -> None:
    space: dict[str, Any] = {"kdsl": kdsl, "Array": Array, "f32": f32, "i32": i32, "W": SHARES, "np": np}
    space.update(K1=np.ones(3, np.float32), K2=np.ones((2, 3), np.float32))
    text = f"@kdsl.kernel\ndef k(x: Array[kdsl.vec3, 1], y: Array[f32, 1], n: i32):\n    {line}\n"
    exec(text, space)
    with pytest.raises(CompileError) as caught:
        space["k"].compile()
    code, message, help = REFUSED[line]
    assert caught.value.code == code, caught.value
    assert message in caught.value.diagnostic.message
    assert help in caught.value.diagnostic.help


@kdsl.kernel
def item(out: Array[i64, 1], a: i32, b: i32, c: i32):
    out[0] = DEEP[a][b][c]


@kdsl.kernel(debug=True)
def checked_item(out: Array[i64, 1], a: i32, b: i32, c: i32):
    out[0] = DEEP[a][b][c]


@pytest.mark.parametrize(("at", "count"), [
    ((2, 0, 0), 2), ((-1, 1, 1), 2), ((0, 3, 0), 3), ((0, -1, 1), 3), ((1, 0, 2), 2), ((1, 2, -1), 2),
])  # fmt: skip
def test_each_index_is_checked_against_its_own_tuple(at: tuple[int, int, int], count: int) -> None:
    """Also where the item lies within the tuples around it."""
    for launch in (checked_item, item.interpret):
        with pytest.raises(kdsl.KernelFault, match=f"an index into a tuple of {count} is out of range"):
            launch.over(1)(np.zeros(1, np.int64), *at)
    out = np.zeros(1, np.int64)
    item.over(1)(out, *at)
    assert out[0] in range(1, 13)
