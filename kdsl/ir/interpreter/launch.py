"""`interpret`: one launch of a function on NumPy arrays, as batches of lanes.

One idea: facts of the whole launch (options, arguments, shadow memory, numbers of ops) live here; a `Machine` is one
batch.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from ...artifact import exchanged
from ...diagnostics import InternalError, refuse
from .. import formats, types as T
from ..core import Function, Op, walk
from ..opdef import Level
from .host import Record
from .lanes import Geometry, Lanes, batches, flat_lanes
from .machine import Machine
from .memory import Memory, Stretch, argument_memories
from .shadow import Shadow

__all__ = ["Launch", "Options", "Report", "check_options", "interpret"]

A = Any
_BATCH_BYTES = 64 << 20  # shared and private memory of the blocks that run at once


@dataclass(frozen=True)
class Options:
    """See `interpret`."""

    subgroup_size: int = 32
    detect_races: bool = True
    check: bool = True
    order: str = "forward"
    seed: int = 0
    max_lanes: int = 1 << 16
    step_limit: int | None = None
    chunk: int | None = None
    breakpoints: bool = True


def check_options(given: dict[str, Any]) -> None:
    """Refuse (K662) options that the interpreter does not have."""
    known = [f.name for f in fields(Options)] + ["on_print"]
    wrong = [name for name in given if name not in known]
    if wrong:
        refuse("K662", None, f"the interpreter has no option {wrong[0]!r}", help=f"there are: {', '.join(known)}")


@dataclass
class Report:
    """What a launch did besides writing arrays: the diagnostic records of functions with sites."""

    records: list[Record] = field(default_factory=list)


class Launch:
    """One launch: what all its batches share."""

    def __init__(self, function: Function, geometry: Geometry, options: Options, on_print: Callable[[str], object]
                 ) -> None:  # fmt: skip
        self.function = function
        self.geometry = geometry
        self.options = options
        self.say = on_print
        self.report = Report()
        self.arguments: list[Memory | A] = []
        self.ops = list(walk(function.body))
        self.numbered: list[Op] = []
        self._numbers: dict[Op, int] = {}
        self.steps = 0
        self.watch_races = options.detect_races and function.level is Level.THREAD

    @property
    def tile_width(self) -> int:
        """Lanes of the function's tiles; 1 at thread level."""
        widths = [r.type.shape[0] for op in self.ops for r in op.results if isinstance(r.type, T.TileType)]
        return max(widths, default=1)

    def bind(self, args: Sequence[Any]) -> None:
        """Takes the arguments: arrays by address, scalars as values of their type."""
        params = self.function.params
        if len(params) != len(args):
            raise InternalError(f"{len(args)} arguments for {len(params)} parameters", where="interpreter")
        arrays = [(p.name, p.type, np.asarray(a)) for p, a in zip(params, args) if isinstance(p.type, T.ArrayType)]
        memories = iter(argument_memories(arrays))
        for p, a in zip(params, args):
            if isinstance(p.type, T.ArrayType):
                self.arguments.append(next(memories))
            else:
                t = T.element_of(p.type)
                self.arguments.append(formats.round_to(t, np.asarray(a).astype(t.value_dtype)))
        if self.watch_races:
            self._watch_arguments()

    def _watch_arguments(self) -> None:
        """Shadows for the arrays that some op may write; arrays that are only read cannot race."""
        written = {op.operands[0] for op in self.ops if op.defn.writes}
        for p, memory in zip(self.function.params, self.arguments):
            if p in written and isinstance(memory, Memory) and memory.stretch.shadow is None:
                memory.stretch.shadow = self.new_shadow(memory.stretch)

    @cached_property
    def stores(self) -> frozenset[Op]:
        """Exchanges of which nobody uses the old value: they may be the first to write an element."""
        used = {v for op in self.ops for v in op.operands}
        kinds = (op for op in self.ops if "exchange" in (op.defn.name.removeprefix("atomic."), op.attributes.get("kind")))
        return frozenset(op for op in kinds if op.results[0] not in used)

    def new_shadow(self, stretch: Stretch) -> Shadow:
        return Shadow(stretch.cells, self.geometry.threads_per_block)

    def op_number(self, op: Op) -> int:
        """A small number for an op, so that shadow memory can hold it."""
        number = self._numbers.get(op)
        if number is None:
            number = self._numbers[op] = len(self.numbered)
            self.numbered.append(op)
        return number

    def count_step(self, m: Machine, op: Op, active: A) -> None:
        """Counts a round of a `while` and reports one that goes on beyond the limit."""
        self.steps += 1
        limit = self.options.step_limit
        if limit is not None and self.steps > limit:
            raise m.fault("K449", op, m.lowest(active), f"a loop did not end within {limit} rounds; still in it is",
                          help="make sure that the condition becomes false for every thread")  # fmt: skip

    def batches(self) -> Any:
        if self.function.attributes.get("flat") is True and self.function.level is Level.BLOCK:
            return flat_lanes(self.geometry, self.options.chunk, self.function.attributes.get("rows", 1))
        rng = np.random.default_rng(self.options.seed) if self.options.order == "random" else None
        is_block = self.function.level is Level.BLOCK
        return batches(
            self.geometry, self._blocks_at_once(), one_lane_per_block=is_block, order=self.options.order, rng=rng
        )

    def _blocks_at_once(self) -> int:
        """As many blocks as lanes and memory allow; one at a time when the order of output would show."""
        names = {op.defn.name for op in self.ops}
        if names & {"simt.print", "simt.breakpoint", "simt.report", "tile.print"}:
            return 1
        lanes = 1 if self.function.level is Level.BLOCK else self.geometry.threads_per_block
        size = 1
        for op in self.ops:
            if op.defn.name == "memory.alloc" and isinstance(op.result.type, T.ArrayType):
                t = op.result.type
                each = T.size_and_align(t.element)[0] * prod(t.shape or self.geometry.block)
                size += each * (lanes if t.space is T.Space.PRIVATE else 1)
        return max(1, min(self.options.max_lanes // max(lanes, 1), _BATCH_BYTES // size))

    def run(self) -> None:
        for lanes in self.batches():
            assert isinstance(lanes, Lanes)
            Machine(self, lanes).run()


def _write(text: str) -> None:
    """What a kernel prints has its own line ends (`end=`)."""
    sys.stdout.write(text)


def interpret(function: Function, args: Sequence[Any], grid: tuple[int, int, int] = (1, 1, 1),
              block: tuple[int, int, int] = (1, 1, 1), *, threads: tuple[int, int, int] | None = None,
              on_print: Callable[[str], object] = _write, **options: Any) -> Report:  # fmt: skip
    """Runs `function` on NumPy arrays and scalars; raises `KernelFault` (K440 to K449) at the first fault.

    args: one per parameter. A vector's array has its components as one more axis or inside its dtype; bf16 and 8-bit
    floats come as any dtype of that size. threads: how many exist per axis, when fewer than grid * block (`over(n)`).
    options:
      subgroup_size=32     threads of a subgroup, a power of two up to 64
      detect_races=True    report data races between threads (thread level only)
      check=True           report division by zero, failed assertions, reads of undefined memory and divergent
                           subgroup operations; out of bounds and divergent barriers always are reported
      order="forward"      of blocks and lanes: "forward", "reverse" or "random" (with `seed`)
      max_lanes=65536      threads that run in step; blocks are never split
      step_limit=None      rounds of all `while` loops before K449
      chunk=None           flat functions: length of the pieces of a row, a multiple of the tile width
      breakpoints=True     whether `breakpoint()` stops
    """
    if turned := function.attributes.get("turned", 0):
        grid, block = exchanged(grid, turned), exchanged(block, turned)
        threads = None if threads is None else exchanged(threads, turned)
    launch = Launch(function, Geometry(grid, block, threads), Options(**options), on_print)
    launch.bind(args)
    with np.errstate(all="ignore"):
        launch.run()
    return launch.report
