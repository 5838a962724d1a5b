"""The machine: runs the ops of a function for one batch of lanes, with a mask of the lanes that are active.

One idea: every value is an array with one entry per lane, and control flow is masks: both sides of a branch run under
their part of the mask, a loop runs until no lane is left in it. Ops with an `eval` in their row go through
`evaluate`; the rest have a function in one of the tables (`RULES`: at most one result; `control.CONTROL`: several).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ...diagnostics import Diagnostic, InternalError, KernelFault, Label
from ...faults import ids_text, where_text
from .. import types as T
from ..core import Function, Op, Region, Value
from ..evaluate import evaluate
from ..opdef import OPS, Level
from . import atomics, basic, control, host, subgroup, tiles
from .lanes import Lanes
from .memory import Memory, Picked
from .shadow import Access, Shadow

if TYPE_CHECKING:
    from .launch import Launch

__all__ = ["Machine"]

A = Any
Rule = Callable[["Machine", Op, Any], Any]

_RACE_HELP = {
    True: "put a kdsl.barrier() between the two accesses, give each thread its own element, or use an atomic",
    False: "nothing orders the blocks of a launch: write to another array, split the work into two launches, or use "
    "atomics for every access",
}
RULES: dict[str, Rule] = {**basic.RULES, **atomics.RULES, **subgroup.RULES, **host.RULES, **tiles.RULES}


class Machine:
    """The state of one batch: values, masks, allocated arrays, barrier phases.

    everyone: the mask in which all lanes are active. phases: per block of the batch, barriers passed so far.
    entered: the control flow ops around the current op, each with the mask it was entered with.
    """

    def __init__(self, launch: Launch, lanes: Lanes) -> None:
        self.launch = launch
        self.function: Function = launch.function
        self.lanes = lanes
        self.count = lanes.count
        self.check = launch.options.check and launch.function.level is Level.THREAD
        self.everyone: A = np.ones(lanes.count, bool)
        self.lane_numbers: A = np.arange(lanes.count)
        self.env: dict[Value, A] = {}
        self.allocated: dict[Op, Memory] = {}
        self.phases: A = np.zeros(len(lanes.blocks), np.int32)
        self.entered: list[tuple[Op, A]] = []

    def run(self) -> None:
        """Runs the whole function."""
        for param, value in zip(self.function.params, self.launch.arguments):
            is_array = isinstance(param.type, T.ArrayType)
            self.env[param] = value if is_array else np.full(self.count, value, T.element_of(param.type).value_dtype)
        self.region(self.function.body, self.everyone)

    def region(self, region: Region, mask: A) -> list[A]:
        """Runs a region's ops where `mask` holds (somewhere); gives what it yields."""
        env = self.env
        for op in region.ops:
            defn = op.defn
            if rule := RULES.get(defn.name):
                out = rule(self, op, mask)
                if op.results:
                    env[op.results[0]] = out
            elif defn.eval is not None and len(op.results) == 1:
                env[op.results[0]] = self.evaluate(op)
            elif defn.eval is not None:
                env.update(zip(op.results, defn.eval(*[env[v] for v in op.operands]), strict=True))
            elif several := control.CONTROL.get(defn.name):
                self.entered.append((op, mask))
                env.update(zip(op.results, several(self, op, mask)))
                self.entered.pop()
            elif defn.name != "scf.yield":
                raise InternalError(f"the interpreter has no meaning for {defn.name}", where="interpreter")
        return [env[v] for v in region.yielded]

    def evaluate(self, op: Op) -> A:
        """An op through the `eval` of its row."""
        values = [self.env[v] for v in op.operands]
        types = [v.type for v in op.operands] if op.defn.encoded else ()
        return evaluate(op.defn, op.results[0].type, values, op.attributes, types)

    def get(self, v: Value) -> A:
        return self.env[v]

    def merge(self, mask: A, new: A, old: A) -> A:
        """`new` in the lanes of the mask, `old` in the others."""
        if new is old or mask is self.everyone:
            return new
        if isinstance(new, Memory):
            raise InternalError("references to different arrays meet", where="interpreter")
        return np.where(mask if new.ndim == 1 else mask[:, None], new, old)

    def place(self, lane: int) -> tuple[list[int], list[int]]:
        """Block and thread coordinates of a lane."""
        if self.lanes.rows:
            begin, _, row_1, row_2 = (int(x[lane]) for x in self.lanes.rows)
            return [0, 0, 0], [begin, row_1, row_2]
        return [int(x[lane]) for x in self.lanes.block_ids], [int(x[lane]) for x in self.lanes.thread_ids]

    def fault(self, code: str, op: Op, lane: int, message: str, *, caret: str = "", labels: tuple[Label, ...] = (),
              help: str = "", notes: tuple[str, ...] = ()) -> KernelFault:  # fmt: skip
        """A fault of one lane, to be raised."""
        text = f"{message}, in {where_text(self.function.name, *self.place(lane))}"
        return KernelFault(Diagnostic(code, text, op.span, caret=caret, labels=labels, help=help, notes=notes))

    def lowest(self, which: A) -> int:
        """The marked lane with the lowest thread number, so that reports do not depend on the order of lanes."""
        marked = np.flatnonzero(which)
        return int(marked[np.argmin(self.lanes.number[marked])])

    # --- what happens beside every access ---

    def track(self, op: Op, kind: Access, memory: Memory, picked: Picked, offset: int, size: int) -> None:
        """Checks an access for races and for reads of what nobody wrote, and remembers it."""
        stretch = memory.stretch
        if stretch.shadow is None and stretch.written is None:
            return
        cells = memory.cells(picked, offset, size)
        if stretch.written is not None:
            self._track_written(op, kind, memory, picked, cells)
        if stretch.shadow is not None:
            self._track_race(op, kind, memory, picked, cells, stretch.shadow)

    def _track_written(self, op: Op, kind: Access, memory: Memory, picked: Picked, cells: A) -> None:
        written = memory.stretch.written
        if kind is Access.WRITE or op in self.launch.stores:
            written[cells] = True
            return
        missing = ~written[cells]
        if not missing.any():
            return
        entries = missing if missing.ndim == 1 else missing.any(axis=1)
        entry = np.flatnonzero(entries)[0]
        shared = memory.type.space is T.Space.SHARED
        element = ", ".join(str(int(i[entry])) for i in picked.indices)
        what = "shared memory" if shared else "a local array"
        raise self.fault(
            "K445" if shared else "K446", op, int(picked.lanes[entry]),
            f"'{memory.name}'[{element}] is read, but nobody has written this element of {what}",
            caret="nothing was written here", help="its contents are undefined: write every element before reading it"
        )  # fmt: skip

    def _track_race(self, op: Op, kind: Access, memory: Memory, picked: Picked, cells: A, shadow: Shadow) -> None:
        lanes, width = picked.lanes, 1
        if cells.ndim == 2:
            width = cells.shape[1]
            lanes, cells = np.repeat(lanes, width), cells.reshape(-1)
        thread, phase = self.lanes.number[lanes], self.phases[self.lanes.slot[lanes]]
        found = shadow.access(kind, self.launch.op_number(op), cells, thread, phase)
        if found is None:
            return
        entry, other, other_op, other_kind = found
        raise self._race(op, kind, memory, picked, entry // width, other, self.launch.numbered[other_op], other_kind)

    def _race(self, op: Op, kind: Access, memory: Memory, picked: Picked, entry: int, other: int, earlier: Op,
              earlier_kind: Access) -> KernelFault:  # fmt: skip
        lane = int(picked.lanes[entry])
        block, thread = self.place(lane)
        other_block, other_thread = self.lanes.geometry.place(other)
        element = ", ".join(str(int(i[entry])) for i in picked.indices)
        same_block = block == other_block
        me, they = f"thread {ids_text(thread)}", f"thread {ids_text(other_thread)}"
        both = f"{me} and {they} of block {ids_text(block)}"
        if not same_block:
            both = f"{me} of block {ids_text(block)} and {they} of block {ids_text(other_block)}"
        labels, notes = (Label(earlier.span, f"{they} {earlier_kind.value} it here"),), ()
        if earlier.span == op.span:
            labels, notes = (), (f"{they} {earlier_kind.value} it on this same line",)
        return KernelFault(Diagnostic(
            "K443" if same_block else "K444",
            f"data race on '{memory.name}'[{element}]: {both} access it in no defined order, "
            f"in kernel '{self.function.name}'", op.span, caret=f"{me} {kind.value} it here", labels=labels,
            notes=notes, help=_RACE_HELP[same_block]))  # fmt: skip


def known_ops() -> set[str]:
    """Names of all ops the interpreter has a meaning for."""
    return {*RULES, *control.CONTROL, "scf.yield", *(name for name, defn in OPS.items() if defn.eval is not None)}
