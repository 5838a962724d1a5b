"""Time per kernel of a running program, for `kdsl run --time`.

One idea: while it is on, the calls that launch are wrapped; a first launch of a kernel (which may compile) is kept
apart from the others, because averaging them says nothing.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .kernel import Bound, Launch
from .runtime.quick import suspended

__all__ = ["Times", "timed_launches"]


class Times:
    """Seconds of every launch by kernel, in the order of their first launches."""

    def __init__(self) -> None:
        self.launches: dict[str, list[float]] = {}

    def add(self, kernel: str, seconds: float) -> None:
        self.launches.setdefault(kernel, []).append(seconds)

    def table(self, whole_s: float) -> str:
        """One line per kernel: launches, milliseconds of the first, median and sum of the others."""
        rows = [f"{'kernel':24} {'launches':>8} {'first ms':>10} {'median ms':>10} {'others ms':>10}"]
        for name, all_s in self.launches.items():
            first, others = all_s[0], sorted(all_s[1:])
            median = f"{others[len(others) // 2] * 1e3:10.3f}" if others else f"{'-':>10}"
            rows.append(f"{name:24} {len(all_s):8} {first * 1e3:10.3f} {median} {sum(others) * 1e3:10.3f}")
        launched = sum(sum(s) for s in self.launches.values())
        rows.append(f"{launched * 1e3:.1f} ms in launches (first ones with compilation) of {whole_s * 1e3:.1f} ms")
        return "\n".join(rows)


def _wrapped(call: Callable[..., None], name: Callable[[Any], str], times: Times) -> Callable[..., None]:
    @functools.wraps(call)
    def launch(self: Any, *args: Any, **named: Any) -> None:
        start = time.perf_counter()
        try:
            call(self, *args, **named)
        finally:
            times.add(name(self), time.perf_counter() - start)

    return launch


@contextmanager
def timed_launches() -> Iterator[Times]:
    """Times of all launches inside the `with`."""
    times = Times()
    suspended["timed"] = True
    before = Launch.__call__, Bound.__call__
    Launch.__call__ = _wrapped(Launch.__call__, lambda launch: launch.kernel.name, times)
    Bound.__call__ = _wrapped(Bound.__call__, lambda bound: bound._launch.kernel.name, times)
    try:
        yield times
    finally:
        Launch.__call__, Bound.__call__ = before
        del suspended["timed"]
