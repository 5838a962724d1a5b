"""Structured control flow on masks: `scf.if`, `scf.for`, `scf.while`.

One idea: a region runs once for all lanes that enter it; a lane that did not take part keeps its old values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core import Op

if TYPE_CHECKING:
    from .machine import Machine

__all__ = ["CONTROL"]

A = Any


def _if(m: Machine, op: Op, mask: A) -> list[A]:
    cond = m.get(op.operands[0])
    then, otherwise = op.regions
    taken = cond & mask
    count = np.count_nonzero(taken)
    if count == np.count_nonzero(mask):
        return m.region(then, mask)
    if count == 0:
        return m.region(otherwise, mask)
    a, b = m.region(then, taken), m.region(otherwise, mask & ~cond)
    return [m.merge(taken, x, y) for x, y in zip(a, b)]


def _trips(lo: A, hi: A, step: A) -> A:
    """How often each lane's loop runs, as u64: no counter ever has to pass the end of the range of i64."""
    up, down = (step > 0) & (lo < hi), (step < 0) & (lo > hi)
    span = np.where(up, hi - lo, lo - hi).view(np.uint64) - np.uint64(1)  # wraps into the right unsigned distance
    stride = np.where(up, step, -step).view(np.uint64)
    return np.where(up | down, span // np.where(up | down, stride, np.uint64(1)) + np.uint64(1), np.uint64(0))


def _for(m: Machine, op: Op, mask: A) -> list[A]:
    lo, hi, step, *carried = [m.get(v) for v in op.operands]
    body = op.regions[0]
    trips = _trips(lo, hi, step)
    active_trips = trips[mask]
    common, longest = int(active_trips.min()), int(active_trips.max())
    i, active = lo, mask
    for k in range(longest):
        if k >= common:
            active = mask & (trips > k)
        m.env.update(zip(body.args, [i, *carried]))
        carried = [m.merge(active, new, old) for new, old in zip(m.region(body, active), carried)]
        i = i + step
    return carried


def _while(m: Machine, op: Op, mask: A) -> list[A]:
    carried = [m.get(v) for v in op.operands]
    cond, body = op.regions
    active, left = mask, np.count_nonzero(mask)
    while True:
        m.env.update(zip(cond.args, carried))
        holds = m.region(cond, active)[0] & active
        count = np.count_nonzero(holds)
        if count == 0:
            return carried
        if count < left:  # otherwise keep the mask object, which may be `everyone`
            active, left = holds, count
        m.launch.count_step(m, op, active)
        m.env.update(zip(body.args, carried))
        carried = [m.merge(active, new, old) for new, old in zip(m.region(body, active), carried)]


CONTROL: dict[str, Callable[[Machine, Op, Any], list[Any]]] = {"scf.if": _if, "scf.for": _for, "scf.while": _while}
