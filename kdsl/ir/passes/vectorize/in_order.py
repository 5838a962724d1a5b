"""What the threads of a block load from one array at places a block's length apart: place after place, as it lies in memory.

One idea: `s = a[i]; if i + 256 < n: s += a[i + 256]`, of blocks of 256 threads that begin 512 apart, reads one run of memory.
Vector by vector it would be two runs, of a kilobyte each, and then two others, and processors ask for what comes next where they
see one. A barrier in front of the second load lets all threads load from the first kilobyte before one loads from the second; it
means nothing else here, as it stands where control flow is the same for all.
"""

from __future__ import annotations

from ...analysis.accesses import in_row, split_constant
from ...analysis.uniformity import BLOCK, Uniformity, uniformity
from ...builder import Builder, clone_op, like, rebuild_op
from ...core import Function, Op, Region, Value, walk, with_inner
from ...ops import arith, memory, scf, simt
from .merge import merged_axis, waits

__all__ = ["in_order"]

# What crosses a barrier goes through memory, for each of them.
_MOST_BARRIERS = 8
_LEAST_THREADS = 64


def in_order(f: Function) -> Function:
    """`f` with barriers between such loads; `f` itself where there are none."""
    block: tuple[int, int, int] | None = f.attributes.get("block")
    if block is None or block[0] < _LEAST_THREADS or block[1:] != (1, 1) or merged_axis(f) is not None:
        return f
    ops = list(walk(f.body))
    loads = [op for op in ops if op.defn is memory.LOAD and in_row(op) is not None]
    if any(op.defn.tells or waits(op) for op in ops) or not (_repeats(loads) or any(op.defn is scf.FOR for op in ops)):
        return f
    work = _Rewrite(f, block[0])
    work.region(f.body)
    return work.out if 0 < work.barriers <= _MOST_BARRIERS else f


def _repeats(loads: list[Op]) -> bool:
    return len({op.operands[0] for op in loads}) < len(loads)


class _Rewrite:
    """The function built anew, with barriers where control flow is the same for the block."""

    def __init__(self, f: Function, threads: int) -> None:
        self.out = like(f)
        self.b = Builder(self.out.body, f.span)
        self.threads = threads
        self.levels = uniformity(f)
        self.map: dict[Value, Value] = dict(zip(f.params, self.out.params, strict=True))
        self.barriers = 0
        self.carries = False

    def region(self, region: Region) -> None:
        places = _Places(self.levels, self.threads)
        for op in region.ops:
            with self.b.at(op.span):
                if not self.carries and places.goes_on(op):
                    self.meet()
                if op.regions and self.levels.control.get(op) == BLOCK:
                    self.control(op, places)
                else:
                    clone_op(self.b, op, self.map)

    def meet(self) -> None:
        self.b.emit(simt.BARRIER)
        self.barriers += 1

    def control(self, op: Op, places: _Places) -> None:
        outer = self.carries
        self.carries = outer or (op.defn is not scf.IF and bool(op.results))
        strides = op.defn is scf.FOR and not self.carries and places.strides(op)

        def inside(region: Region) -> None:
            if strides:
                self.meet()
            self.region(region)

        rebuild_op(self.b, op, self.map, inside)
        self.carries = outer


class _Places:
    """Where ops of one region have loaded from since threads met: (array, other indices, the index without the number that is
    added to it), and those numbers."""

    def __init__(self, levels: Uniformity, threads: int) -> None:
        self.levels = levels
        self.threads = threads
        self.seen: dict[tuple[Value, ...], set[int]] = {}

    def goes_on(self, op: Op) -> bool:
        """Whether an op loads a block's length behind what was loaded before."""
        if op.defn is simt.BARRIER or (op.regions and (op.defn is not scf.IF or self.levels.control.get(op) == BLOCK)):
            self.seen = {}
            return False
        now = self.of(op)
        before, further = self.seen, False
        for key, numbers in now.items():
            old = before.get(key, ())
            further = further or any(abs(n - m) >= self.threads for n in numbers for m in old)
        if further:
            self.seen = now
        else:
            for key, numbers in now.items():
                self.seen.setdefault(key, set()).update(numbers)
        return further

    def strides(self, op: Op) -> bool:
        """Whether each round of a loop loads a block's length, or more, behind what the one before it loaded."""
        inside = list(walk(op.regions[0]))
        if any(inner.defn.convergent for inner in inside):
            return False
        found = [in_row(inner) for inner in inside if inner.defn is memory.LOAD]
        return any(place is not None and self.step(place[0]) == 1 and self.apart(place[0], op) >= self.threads for place in found)

    def apart(self, v: Value, loop: Op) -> int:
        """How far a sum of ids and others goes on from round to round; 0 where that is no number."""
        counter, step, op = loop.regions[0].args[0], loop.operands[2].constant, v.op
        if v is counter:
            return step if isinstance(step, int) else 0
        if op is None or op.defn not in (arith.ADD, arith.MUL, arith.SHL):
            return 0
        if op.defn is arith.ADD:
            return sum([self.apart(x, loop) for x in op.operands])
        n = op.operands[1].constant
        if not isinstance(n, int) or not 0 <= n < (1 << 15 if op.defn is arith.MUL else 15):
            return 0
        return self.apart(op.operands[0], loop) * (n if op.defn is arith.MUL else 1 << n)

    def of(self, op: Op) -> dict[tuple[Value, ...], set[int]]:
        found: dict[tuple[Value, ...], set[int]] = {}
        for inner in with_inner([op]):
            place = in_row(inner) if inner.defn is memory.LOAD else None
            if place is None:
                continue
            base, n = split_constant(place[0])
            if all(self.levels.of(v) == BLOCK for v in place[1]) and self.step(base) == 1:
                found.setdefault((inner.operands[0], base, *place[1]), set()).add(n)
        return found

    def step(self, v: Value) -> int | None:
        """How far apart neighbouring threads are in what is a sum of their number and of what they have alike."""
        op = v.op
        if self.levels.of(v) == BLOCK:
            return 0
        if op is None:
            return None
        if op.defn in (simt.THREAD_ID, simt.GLOBAL_ID):
            return int(op.attributes["axis"] == 0)
        if op.defn is arith.ADD:
            a, c = map(self.step, op.operands)
            return None if a is None or c is None else a + c
        return None
