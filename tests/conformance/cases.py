"""What a case is: a kernel, how it is launched, its arguments, and a NumPy or plain Python oracle.

One idea: a file of kernels registers its cases when it is imported; who runs them on what is `test_kernels`' affair. An
oracle gets the launch and copies of the arguments and changes the arrays as the kernel must.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["Case", "Where", "all_cases", "blocks", "each", "kernel_groups", "over", "register"]

Triple = tuple[int, int, int]


def _triple(n: int | Sequence[int]) -> Triple:
    items = [n] if isinstance(n, int) else list(n)
    x, y, z = [*items, 1, 1, 1][:3]
    return x, y, z


@dataclass(frozen=True)
class Where:
    """A launch: blocks, threads of a block, and threads that exist, per axis."""

    grid: Triple
    block: Triple
    threads: Triple

    @property
    def n(self) -> int:
        """Threads that exist along axis 0."""
        return self.threads[0]

    @property
    def total(self) -> int:
        return self.threads[0] * self.threads[1] * self.threads[2]

    def ids(self) -> Iterator[tuple[int, int, int]]:
        """Global ids of the threads that exist, axis 0 fastest."""
        x, y, z = self.threads
        for k, j, i in itertools.product(range(z), range(y), range(x)):
            yield i, j, k

    def blocks(self) -> Iterator[tuple[Triple, Triple]]:
        """(first global ids, threads that exist) of each block."""
        for k, j, i in itertools.product(*[range(g) for g in reversed(self.grid)]):
            first = (i * self.block[0], j * self.block[1], k * self.block[2])
            here = [max(0, min(b, t - f)) for b, t, f in zip(self.block, self.threads, first, strict=True)]
            yield first, (here[0], here[1], here[2])

    def __str__(self) -> str:
        full = tuple(g * b for g, b in zip(self.grid, self.block, strict=True))
        cut = "" if full == self.threads else f", {self.threads} threads"
        return f"grid {self.grid}, block {self.block}{cut}"


def blocks(grid: int | Sequence[int], block: int | Sequence[int]) -> Where:
    """`kernel[grid, block]`"""
    g, b = _triple(grid), _triple(block)
    return Where(g, b, (g[0] * b[0], g[1] * b[1], g[2] * b[2]))


def over(threads: int | Sequence[int], block: int | Sequence[int] = 32) -> Where:
    """`kernel.over(threads, block)`"""
    t, b = _triple(threads), _triple(block)
    return Where((-(-t[0] // b[0]), -(-t[1] // b[1]), -(-t[2] // b[2])), b, t)


@dataclass(frozen=True)
class Case:
    """One launch of one kernel. make: (launch, random generator) -> arguments without constants. oracle: (launch, *arguments).

    ulp: how far floats may be from the oracle under math="default" (strict: bit for bit those of the interpreter), and
    `why` it is not 0. lanes: whether the oracle takes the subgroup size, as keyword `lanes`.
    """

    kernel: Any
    where: Where
    make: Callable[..., list[Any]]
    oracle: Callable[..., Any]
    consts: tuple[tuple[str, Any], ...] = ()
    ulp: float = 0
    why: str = ""
    lanes: bool = False

    @property
    def name(self) -> str:
        return f"{self.kernel.name}"


CASES: list[Case] = []


def register(
    kernel: Any,
    oracle: Callable[..., Any],
    make: Callable[..., list[Any]],
    launches: Sequence[Where],
    *,
    ulp: float = 0,
    why: str = "",
    lanes: bool = False,
    **consts: Any,
) -> None:
    """Add a case for each launch."""
    assert not ulp or why, "a tolerance needs its reason"
    for where in launches:
        CASES.append(Case(kernel, where, make, oracle, tuple(consts.items()), ulp, why, lanes))


def each(f: Callable[..., Any]) -> Callable[..., None]:
    """An oracle that calls f(i, *arguments) for every thread along axis 0, one after the other."""

    def oracle(where: Where, *args: Any) -> None:
        for i in range(where.n):
            f(i, *args)

    return oracle


def wrap(x: int, bits: int = 32, *, signed: bool = True) -> int:
    """An int as an integer of so many bits holds it."""
    x &= (1 << bits) - 1
    return x - (1 << bits) if signed and x >> (bits - 1) else x


@cache
def all_cases() -> tuple[Case, ...]:
    """The cases of every file in `kernels/`."""
    for path in sorted((Path(__file__).parent / "kernels").glob("*.py")):
        importlib.import_module(f"conformance.kernels.{path.stem}")
    return tuple(CASES)


@cache
def kernel_groups() -> dict[str, tuple[Case, ...]]:
    """Cases by kernel and constants, so that what is compiled once is launched together."""
    out: dict[str, list[Case]] = {}
    for c in all_cases():
        constants = "".join(f"-{n}={getattr(v, '__name__', v)}" for n, v in c.consts)
        out.setdefault(c.name + constants, []).append(c)
    return {name: tuple(found) for name, found in out.items()}
