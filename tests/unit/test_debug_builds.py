"""Debug builds: what goes on after a fault.

One idea: a skipped access gives 0, and a loop that waits for something else must still end, so that the fault is reported.
"""

from __future__ import annotations

import numpy as np
import pytest

import kdsl
from kdsl import Array, i32


@kdsl.kernel(debug=True)
def search(x: Array[i32, 1]):
    i = kdsl.global_id(0)
    k = i
    while True:
        if x[k] > 100:
            break
        k += 1
    x[i] = k


def test_a_loop_that_waits_for_what_was_not_read_ends() -> None:
    with pytest.raises(kdsl.KernelFault, match="index 20 is out of bounds for axis 0 of array 'x' with extent 20"):
        search.over(20)(np.arange(20, dtype=np.int32))


@kdsl.kernel(debug=True)
def power(x: Array[i32, 1], n: i32):
    x[0] = x[0] ** n + 2 ** abs(n)


def test_a_negative_power_of_an_integer_is_reported_unless_it_is_one() -> None:
    for base, n, want in ((1, -3, 9), (-1, -3, 7), (-1, -2, 5), (7, 2, 53)):
        x = np.array([base], np.int32)
        power.over(1)(x, n)
        assert x[0] == want
    with pytest.raises(kdsl.KernelFault, match="a negative power of an integer is a fraction"):
        power.over(1)(np.array([0], np.int32), -1)


@kdsl.kernel(debug=True)
def fine(x: Array[i32, 1], n: i32):
    i = kdsl.global_id(0)
    k = i32(0)
    while k < n:
        x[i] += 1
        k += 1


def test_loops_without_faults_run_to_their_end() -> None:
    x = np.zeros(37, np.int32)
    fine.over(37)(x, 11)
    assert (x == 11).all()
