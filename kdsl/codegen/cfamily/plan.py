"""What is known of a function before its first line is written: uses of values, places of uses, accesses to arrays.

One idea: one walk over the function answers what the emitter asks of every value: how often is it used, may it be written
where it is used, and is an array only reached in one simple way.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.core import Function, Op, Region, Value
from ...ir.opdef import Effect

__all__ = ["Access", "Plan"]


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
    """uses: how often a value is an operand. placed: the op that uses a value used once may write it there."""

    def __init__(self, function: Function) -> None:
        self.uses: dict[Value, int] = {}
        self.arrays: dict[Value, Access] = {}
        self.movable: set[Value] = set()
        self.ops: set[str] = set()
        self._home: dict[Value, int] = {}
        # Of each open region: its number, and whether it is entered at most once per run of what is around it.
        self._chain: list[tuple[int, bool]] = []
        self._regions = 0
        self._region(function.body, once=True)

    def _region(self, region: Region, *, once: bool) -> None:
        self._regions += 1
        number = self._regions
        self._chain.append((number, once))
        for op in region.ops:
            name = op.defn.name
            self.ops.add(name)
            for v in op.operands:
                self._use(v)
            if op.operands and isinstance(op.operands[0].type, T.ArrayType):
                self._access(op, name)
            for v in op.results:
                self._home[v] = number
            for inner in op.regions:
                self._region(inner, once=name == "scf.if")
        self._chain.pop()

    def _use(self, v: Value) -> None:
        count = self.uses.get(v, 0) + 1
        self.uses[v] = count
        if count > 1:
            self.movable.discard(v)
            return
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
        access.writes |= bool(op.defn.effect & Effect.WRITE)
        access.atomic |= name.startswith("atomic.")
