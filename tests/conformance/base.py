"""What a backend is: a name, how it executes, and `run`.

One idea: a backend takes the thread-level IR of a kernel and arrays, and leaves what the kernel wrote in the arrays. Nothing
else of a case knows where it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from kdsl.ir.core import Function

__all__ = ["Backend", "ExpectedFailure", "Job", "Triple", "Unsupported", "expand", "expand_threads", "flattened",
           "job"]  # fmt: skip

Triple = tuple[int, int, int]


class Unsupported(pytest.skip.Exception):
    """The backend will never do this, and why: the test is skipped with the reason."""


@dataclass(frozen=True)
class Job:
    """A function and the launches that its code is made for."""

    function: Function
    block: Triple
    cut: bool


def job(function: Function, grid: Triple, block: Triple, threads: Triple | None) -> Job:
    return Job(function, block, expand_threads(grid, block, threads) != expand_threads(grid, block, None))


class ExpectedFailure(Exception):
    """The backend should do this and does not yet: a debt with its reason."""


class Backend:
    """name: as the report says it. lanes: threads of its subgroups, 0 when it takes any. emulated: not on hardware. thin: where
    one thread loops over all values, it is every thin-th of them: for executors that are slow at that."""

    name: str
    lanes: int = 0
    emulated: bool = False
    thin: int = 1

    @property
    def flushes(self) -> bool:
        """Whether subnormal f32 may be lost outside of "strict"."""
        return False

    # whether functions are compiled for each shape of blocks, many at once if they are known: see `prepare`
    batches: bool = False

    def missing(self) -> str:
        """Why this machine cannot run it, or ""."""
        return ""

    @property
    def plain(self) -> Backend:
        """The same without what is only looked for where threads share memory."""
        return self

    def prepare(self, jobs: Sequence[Job]) -> None:
        """What will be run soon: it may be compiled together. What the target refuses says so when it is run."""

    def refusal(self, op: str, operands: Sequence[str], result: str) -> str:
        """Why the target refuses an op on these types, or ""."""
        return ""

    def run(
        self,
        function: Function,
        args: Sequence[Any],
        grid: Triple,
        block: Triple,
        threads: Triple | None = None,
        subgroup_size: int = 0,
    ) -> None:
        """Run the launch; arrays are written in place."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.name


def flattened(function: Function, args: Sequence[Any]) -> list[Any]:
    """One value per IR parameter: vectors and structs that are passed by value as their scalars."""
    from kdsl.codegen.layout import make_params
    from kdsl.runtime.dtypes import scalar_bytes

    leaves = {name: (dtype, parts) for name, dtype, _, parts in function.attributes.get("aggregates", ())}
    types = {p.name: p.type for p in function.params}
    out: list[Any] = []
    for param, value in zip(make_params(function), args, strict=True):
        if param.name not in leaves:
            out.append(value)
            continue
        dtype, parts = leaves[param.name]
        data = scalar_bytes(dtype, value)
        out += [np.frombuffer(data, types[leaf].dtype, 1, offset)[0] for leaf, offset in parts]  # type: ignore[union-attr]
    return out


def expand_threads(grid: Triple, block: Triple, threads: Triple | None) -> Triple:
    return threads or (grid[0] * block[0], grid[1] * block[1], grid[2] * block[2])


def expand(n: int | Sequence[int]) -> Triple:
    """1 to 3 numbers as three."""
    items = [n] if isinstance(n, int) else list(n)
    x, y, z = [*items, 1, 1, 1][:3]
    return x, y, z
