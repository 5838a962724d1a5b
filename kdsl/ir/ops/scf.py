"""Structured control flow: the only branches there are. A region is one list of ops that ends in `scf.yield`.

`scf.if` picks a region; its results are what that region yields. `scf.for` counts an index from lo to hi by step (a
nonzero step; negative counts down) and carries values: the body gets (i, carried...) and yields the next carried
values. `scf.while` repeats: region `cond` gets the carried values and yields one bool; while it holds, region `body` gets
them and yields the next ones; the results are the carried values when the condition fails. There is no break: the front end
turns break, continue and return into carried flags.
"""

from __future__ import annotations

from typing import Any

from .. import types as T
from ..core import Op, Value
from ..opdef import Trait, define


def _carried(first: int):
    def infer(operands: Any, attributes: Any) -> tuple[T.Type, ...]:
        return tuple(v.type for v in operands[first:])

    return infer


IF = define("scf.if", "cond:bool -> out:any*", "Runs region `then` or region `otherwise`.", regions=("then", "otherwise"))
FOR = define("scf.for", "lo:index hi:index step:index init:any* -> out:any*", "Counts from lo up to (not including) hi by step, carrying values; a step of 0 runs nothing.", regions=("body",), infer=_carried(3))  # fmt: skip
WHILE = define("scf.while", "init:any* -> out:any*", "Repeats `body` while `cond` holds, carrying values.", regions=("cond", "body"), infer=_carried(0))  # fmt: skip
YIELD = define("scf.yield", "values:any* ->", "Ends a region and gives its values to the op that holds it.", trait=Trait.TERMINATOR)  # fmt: skip


def trip_count(lo: int, hi: int, step: int) -> int:
    """How often a loop with these bounds runs. (`len` knows no ranges of 2 ** 63 and more.)"""
    return max(-((lo - hi) // step), 0) if step else 0


def known_trips(loop: Op) -> int | None:
    """How often an `scf.for` runs, where its bounds are numbers."""
    lo, hi, step = [v.constant for v in loop.operands[:3]]
    return None if lo is None or hi is None or step is None else trip_count(int(lo), int(hi), int(step))


def counters(loop: Op) -> dict[int, tuple[Value, int]]:
    """What an `scf.while` counts up while it is below a bound: the number of the carried value -> (bound, step)."""
    cond, body = loop.regions
    found: dict[int, tuple[Value, int]] = {}
    tests = [cond.yielded[0]]
    while tests:
        test = tests.pop().op
        if test is None:
            continue
        if test.name == "arith.and":
            tests += test.operands
        elif test.name == "arith.lt" and test.operands[0].owner is cond:
            k = test.operands[0].index
            step = _step(body.yielded[k].op, body.args[k])
            if step > 0:
                found[k] = test.operands[1], step
    return found


def _step(op: Op | None, base: Value) -> int:
    """c where an op is base + c; 0 where it is something else."""
    if op is None or op.name != "arith.add" or op.operands[0] is not base:
        return 0
    c = op.operands[1].constant
    return c if isinstance(c, int) and not isinstance(c, bool) else 0
