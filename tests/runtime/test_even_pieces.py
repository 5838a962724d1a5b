"""A launch of few pieces leaves every worker about the same."""

from __future__ import annotations

import pytest

from kdsl.artifact import Entry
from kdsl.runtime.cpu.schedule import make_plan


@pytest.mark.parametrize("workers", [2, 3, 4, 7, 16])
@pytest.mark.parametrize("n", [4096, 5000, 10_007, 1 << 20])
@pytest.mark.parametrize("cost", [1000.0, 50.0])
def test_even(n: int, cost: float, workers: int) -> None:
    entry = Entry(symbol="kdsl_k", params=(), flat=True, width=32, shared_bytes=0, thread_bytes=0, subgroup_size=32, cost=cost)
    plan = make_plan(entry, (-(-n // 256), 1, 1, 256, 1, 1, n, 1, 1), workers)
    assert plan.chunk % 32 == 0
    assert plan.items == -(-n // plan.chunk)
    busiest = -(-plan.items // workers) * plan.chunk
    assert busiest <= n / workers * 1.07 + 32
