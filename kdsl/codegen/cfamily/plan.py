"""What is known of a function before its first line is written: uses of values, places of uses, accesses to arrays.

One idea: one walk over the function answers what the emitter asks of every value: how often is it used, may it be written
where it is used, and is an array only reached in one simple way.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.core import Function, Op, Region, Value
from ...ir.opdef import OPS
from ...ir.ops import scf

__all__ = ["Access", "Plan"]


_ON_ARRAYS = frozenset(defn for name, defn in OPS.items() if name.startswith(("memory.", "atomic.")))


class Access:
    """How the code reaches an array: the types at byte offsets, whether it writes or updates, extents and strides used."""

    __slots__ = ("atomic", "axes", "extents", "kinds", "writes")

    def __init__(self) -> None:
        self.kinds: set[tuple[T.ScalarType, int]] = set()
        self.writes = False
        self.atomic = False
        self.extents: set[int] = set()
        self.axes = False  # whether any element is reached, so that strides are needed


class Plan:
    """uses: how often a value is an operand. movable: those used once, by an op that may write it there. last: the place of a
    value's last use, ops being counted. spans: of an op with regions, its own place and that of the last op inside. starts: the
    place before a region's first op."""

    def __init__(self, function: Function) -> None:
        self.uses: dict[Value, int] = {}
        self.last: dict[Value, int] = {}
        self.spans: dict[Op, tuple[int, int]] = {}
        self.starts: dict[Region, int] = {}
        self._ops = 0
        self.arrays: dict[Value, Access] = {}
        self.movable: set[Value] = set()
        self.shared: list[Op] = []  # allocations of the block's memory
        self._home: dict[Value, int] = {}
        # Of each open region: its number, and whether it is entered at most once per run of what is around it.
        self._chain: list[tuple[int, bool]] = []
        self._regions = 0
        self._region(function.body, once=True)

    def _region(self, region: Region, *, once: bool) -> None:
        self._regions += 1
        number = self._regions
        self._chain.append((number, once))
        uses, home, movable, last, place = self.uses, self._home, self.movable, self.last, self._ops
        self.starts[region] = place
        for op in region.ops:
            place += 1
            for v in op.operands:
                last[v] = place
                if v in uses:
                    uses[v] += 1
                    movable.discard(v)
                    continue
                uses[v] = 1
                if home.get(v) == number:
                    movable.add(v)
                elif once:
                    self._first_use(v)
            if op.defn in _ON_ARRAYS:
                if op.operands:
                    self._access(op, op.defn.name)
                elif op.results[0].type.space is T.Space.SHARED:  # type: ignore[union-attr]
                    self.shared.append(op)
            for v in op.results:
                home[v] = number
            if op.regions:
                start, self._ops = place, place
                for inner in op.regions:
                    self._region(inner, once=op.defn is scf.IF)
                place = self._ops
                self.spans[op] = start, place
        self._ops = place
        self._chain.pop()

    def _first_use(self, v: Value) -> None:
        """Whether a value of a region around may be written at its only use: no loop lies between."""
        home = self._home.get(v)
        for number, once in reversed(self._chain):
            if number == home:
                self.movable.add(v)
                return
            if not once:
                return

    def _access(self, op: Op, name: str) -> None:
        access = self.arrays.setdefault(op.operands[0], Access())
        if name == "memory.extent":
            access.extents.add(op.attributes["axis"])
            return
        access.axes = True
        if name == "memory.prefetch":
            return
        t = op.results[0].type if name == "memory.load" else op.operands[-1].type
        access.kinds.add((T.element_of(t), op.attributes["offset"]))
        access.writes |= op.defn.writes
        access.atomic |= name.startswith("atomic.")
