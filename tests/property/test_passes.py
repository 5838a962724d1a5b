"""Each pass keeps the meaning of random programs, alone and in any width: the interpreter before it against after it."""

from __future__ import annotations

import pytest
from property.generate import Case, compare
from property.run import check, interpreted, seeds

from kdsl.ir.core import Function
from kdsl.ir.passes.lower_checks import lower_checks
from kdsl.ir.passes.lower_math import lower_math
from kdsl.ir.passes.opt_low_bits import low_bits
from kdsl.ir.passes.opt_narrow import narrow
from kdsl.ir.passes.vectorize import vectorize
from kdsl.ir.verify import errors_of


def _kept(case: Case, g: Function, lanes: int) -> str:
    """"" when `g` is well formed and does what the case's program does."""
    before = interpreted(case, subgroup_size=lanes)
    after = interpreted(case, g, check=False, subgroup_size=lanes)
    return "\n".join(errors_of(g)) or compare(case, before, after)


def checks(case: Case) -> str:
    """With checks on, where nothing happens that they report; else only with the sites numbered."""
    f = case.function
    plain = f.attributes
    f.attributes = {**plain, "debug": case.checked}
    try:
        g = lower_checks(f)
    finally:
        f.attributes = plain
    return _kept(case, g, 8)


def elementary_functions(case: Case) -> str:
    return _kept(case, lower_math(case.function), 8)


def narrowed(case: Case) -> str:
    return _kept(case, narrow(case.function), 8)


def lowest_bits(case: Case) -> str:
    return _kept(case, low_bits(case.function), 8)


def rows(case: Case) -> str:
    """Row by row, where subgroups are then runs of the block's linear order: whole rows of them, or one row."""
    for width in (4, 8, 16):
        if case.block[0] % width == 0 or case.block[1] * case.block[2] == 1:
            wrong = _kept(case, vectorize(lower_math(case.function), width), width)
            if wrong:
                return f"width {width}: {wrong}"
    return ""


def linear_order(case: Case) -> str:
    for width in (4, 8, 16):
        wrong = _kept(case, vectorize(lower_math(case.function), width, linear=True), width)
        if wrong:
            return f"width {width}: {wrong}"
    return ""


@pytest.mark.parametrize("first", [30000, 31000, 32000])
@pytest.mark.parametrize("kept", [checks, elementary_functions, narrowed, lowest_bits, rows, linear_order])
def test_a_pass_keeps_the_meaning(kept, first: int) -> None:
    for seed, size in seeds(first, 12):
        assert not check(seed, size, kept)
