"""Every op on every type, in the ops that a GPU target must have: what `legalize` makes of it gives the interpreter's bits.

One idea: no GPU is needed for it: the interpreter runs what is left after `legalize`. It is first asked on a target that
spells the least and has no f16, then, where rules ask for what is spelled, on ones that spell more.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from conformance import matrix
from conformance.corners import wrong_at
from conformance.test_ops import AFFINE, DEFAULT, WORDS, complaints, expected
from property.gpu import SPELLS, TARGETS, illegal, lowered

from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function
from kdsl.ir.interpreter import interpret
from kdsl.ir.ops import arith, memory, simt
from kdsl.ir.verify import errors_of

WAYS = {
    "least": ("neither", "least"), "everything": ("all", "everything"), "halves": ("storage", "halves"),
}  # fmt: skip
# Elementary functions are made of arithmetic before: one way shows all that there is to see.
_CASES = [(way, name) for way in WAYS for name in WORDS if way == "least" or not name.startswith(("math", "random"))]


def _run(f: Function, way: str, args: list[Any], n: int) -> None:
    target, spells = TARGETS[WAYS[way][0]], SPELLS[WAYS[way][1]]
    g = lowered(f, target, spells, (64, 1, 1), cut=True)
    wrong = errors_of(g) or illegal(g, spells)
    assert not wrong, "\n".join(wrong)
    interpret(g, [*args, n, 1, 1], (-(-n // 64), 1, 1), (64, 1, 1), check=False, detect_races=False)


@pytest.mark.parametrize("way, name", _CASES)
def test_ops_of_a_gpu(way: str, name: str) -> None:
    group = WORDS[name]
    given, wanted = expected(name, "strict")
    if any(t.bits == 64 and t.is_float for t in group.operands) and any(c.op.name == "arith.fma" for c in group.cells):
        given, wanted = [[np.ascontiguousarray(x[::5]) for x in arrays] for arrays in (given, wanted)]
    got = [np.zeros_like(w) for w in wanted]
    _run(group.function("vector"), way, [*given, *got], len(given[0]))
    wrong = complaints(group, given, got, wanted, 0)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", DEFAULT)
def test_functions_with_fused_multiply_adds_are_near(name: str) -> None:
    """Where the target fuses, reductions take their errors from that: 4 ULP of the result, as everywhere."""
    group = DEFAULT[name]
    given, wanted = expected(name, "default")
    got = [np.zeros_like(w) for w in wanted]
    _run(group.function("vector"), "everything", [*given, *got], len(given[0]))
    wrong = complaints(group, given, got, wanted, 4)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", AFFINE)
def test_ids_and_what_grows_with_them(name: str) -> None:
    f, results = AFFINE[name]
    t = T.element_of(f.params[1].type)
    half = 1 << (t.bits - 1)
    for base in (0, half - 9, -5):
        wanted, got = ([np.zeros(45, r.dtype) for r in results] for _ in range(2))
        args = [np.int64(base), t.dtype.type(min(half - 1, 11))]
        interpret(f, [*args, *wanted], (1, 1, 1), (64, 1, 1), threads=(45, 1, 1), check=False, detect_races=False)
        _run(f, "least", [*args, *got], 45)
        wrong = [k for k, (r, g, w) in enumerate(zip(results, got, wanted, strict=True)) if len(wrong_at(r, g, w))]
        assert not wrong, f"base {base}: out{wrong}"


_NUMBERS = (0.0, -0.0, 1.5, -1.5, 2.0**-149, math.inf, -math.inf, math.nan)


@pytest.mark.parametrize("t", [T.f32, T.f64], ids=str)
def test_the_lesser_and_greater_of_a_variable_and_a_number(t: T.ScalarType) -> None:
    """One comparison: zeros keep their order, NaN goes where the op says, on either side."""
    array = T.ArrayType(t, 1, unit_axis=0)
    f = Function("bounds", (("x", array), ("out", T.ArrayType(t, 2, unit_axis=1))))
    b = Builder(f.body)
    i = b.emit(simt.GLOBAL_ID, axis=0)
    x = b.emit(memory.LOAD, f.params[0], i, type=t, offset=0)
    row = 0
    for defn in (arith.MINIMUM, arith.MAXIMUM, arith.FMIN, arith.FMAX):
        for number in _NUMBERS:
            c = b.constant(number, t)
            for pair in ((x, c), (c, x)):
                b.emit(memory.STORE, f.params[1], b.constant(row, T.index), i, b.emit(defn, *pair), offset=0)
                row += 1
    b.yield_()
    given = np.array([*_NUMBERS, 2.0, -2.0, 2.0**-148, -(2.0**-149)], t.dtype)
    wanted, got = np.zeros((row, len(given)), t.dtype), np.zeros((row, len(given)), t.dtype)
    interpret(f, [given, wanted], (1, 1, 1), (64, 1, 1), threads=(len(given), 1, 1), check=False, detect_races=False)
    _run(f, "least", [given, got], len(given))
    wrong = [(k, number) for k in range(row) for number in wrong_at(t, got[k], wanted[k])]
    assert not wrong


def test_there_is_a_case_for_every_op() -> None:
    assert {c for way, name in _CASES if way == "least" for c in WORDS[name].cells} == set(matrix.cells())
