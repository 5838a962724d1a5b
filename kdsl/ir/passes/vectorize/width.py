"""How many lanes one tile gets: a vector register's worth, or two where the values of both still fit into registers.

One idea: two vectors at once hide latencies from each other, share what is uniform (loads, broadcasts, loop counters,
guards), and cost nothing where no value has to be spilled. So the peak of live varying values is counted; memory-bound
and latency-bound bodies (saxpy, mandelbrot) are far below the limit, long ones are above it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ... import types as T
from ...analysis.accesses import in_row
from ...analysis.uniformity import SUBGROUP, Uniformity
from ...core import Function, Op, Region, Value, walk
from ...ops import arith, memory, scf, simt
from .plan import external
from .rounds import beside

__all__ = ["BY_LANE", "fits_twice", "has_many_rows", "peak_of", "waits_in_loops"]

# Doubling the vectors doubles LLVM's work, and longer bodies have enough independent ops anyway.
_MOST_OPS = 160
_MOST_WITH_CHAINS = 64
# Lanes of registers as long as a line of memory, and ops of a body in which what is computed counts for less than the order of
# its accesses.
_LINE, _SHORT = 16, 32
# Rows that threads go along together, of elements of so many bytes and more, unless a round waits for more ops of the one before.
_MOST_ROWS, _LONG, _MOST_WAITS = 16, 4, 4
# Ops of a round for each of its longest chain: what two vectors of so many compute leaves no room for another two.
_BUSY = 8
_SLOW = {"arith.div": 4, "arith.sqrt": 4, "arith.rsqrt": 2}
# Taken one lane after the other, or with a place for every lane: nothing is gained by more lanes.
BY_LANE = ("atomic.", "memory.alloc", "simt.subgroup_size", "simt.check", "simt.report")


def fits_twice(f: Function, levels: Uniformity, registers: int, combined: Sequence[Op] = (), *, width: int = 0) -> bool:
    """Whether a flat function may use tiles of two registers, of `width` lanes each, on a machine with so many of them.

    combined: atomics that are not taken lane by lane (see `analysis/combining`).
    """
    if has_many_rows(f, levels, 2 * width):
        return False
    for count, op in enumerate(walk(f.body)):
        if count >= _MOST_OPS or op.defn.function or (op.defn.name.startswith(BY_LANE) and op not in combined):
            return False  # what is still a function was called often: a long body
        if op.defn.reads and op not in combined and op.operands and _moves(op.operands[1:], levels):
            return False
    # In a loop a quarter stays for what is uniform, for masks and for results in flight: what is spilled there is spilled in
    # every round. A value or two that straight code spills cost less than the latencies that another vector hides.
    loops = any(op.name in ("scf.for", "scf.while") for op in walk(f.body))
    if width >= _LINE and not loops and _updates(f):
        return False
    return 2 * (peak_of(f.body, levels) + len(combined)) <= registers * (3 if loops else 5) // 4


def waits_in_loops(f: Function, levels: Uniformity, registers: int, *, slow_masks: bool) -> bool:
    """Whether two vectors still wait for each round's results in a loop, and four have room. Another two have chains of their own.

    slow_masks: masks lie in the registers that values need. Where they have their own, a value or two too many may spill.
    """
    ops = list(walk(f.body))
    loops = [op for op in ops if op.regions and op.defn is not scf.IF]
    if len(ops) > _MOST_WITH_CHAINS:
        return False
    if _only_computes(loops, levels):
        return 4 * peak_of(f.body, levels) <= (registers if slow_masks else registers * 5 // 4)
    if any(op.defn is not scf.FOR for op in loops):
        return False
    if any(levels.of(v) > SUBGROUP for op in loops for v in op.operands[:3]):
        return False  # how long threads take differs
    moves = [op for op in ops if op.results and op.results[0].type is T.index and levels.of(op.results[0]) > SUBGROUP]
    if any(op.defn not in (simt.GLOBAL_ID, arith.ADD, arith.SUB) for op in moves):
        return False  # twice as many lanes meet an edge twice as often
    loads = [in_row(op) for op in ops if op.defn is memory.LOAD and any(levels.of(v) > SUBGROUP for v in op.operands[1:])]
    if any(place is None or levels.of(place[0]) <= SUBGROUP for place in loads):
        return False  # each lane has a run of memory of its own
    chains = [loop for loop in loops if any(op.defn.reads for op in loop.regions[0].ops)
              and any(levels.of(a) > SUBGROUP and T.element_of(a.type).is_float for a in loop.regions[0].args[1:])]  # fmt: skip
    if not chains:
        return False
    # Where what rounds load is the same for all lanes, the vectors share it, and a third of what they hold may lie in memory: what
    # does not change is an operand from there.
    inside = [op for loop in loops for op in walk(loop.regions[0]) if op.defn is memory.LOAD]
    is_shared = not slow_masks and all(levels.of(v) <= SUBGROUP for op in inside for v in op.operands)
    return 4 * (peak_of(f.body, levels) + 1) <= (registers * 3 // 2 if is_shared else registers)


def _only_computes(loops: Sequence[Op], levels: Uniformity) -> bool:
    """Whether loops touch no memory, and a round of two vectors is too little beside the chain of results that the next one waits
    for: processors begin two to four such ops in a cycle, and have what comes of one three or four cycles later."""
    inside = [op for loop in loops for region in loop.regions for op in walk(region)]
    if not loops or any(op.defn.effect or op.defn.function for op in inside):
        return False
    return all(_ops_of(loop, levels) < _BUSY * _chain_of(loop) for loop in loops)


def _ops_of(loop: Op, levels: Uniformity) -> int:
    """Ops of a round that each vector has its own of."""
    ops = [op for region in loop.regions for op in walk(region) if not op.regions]
    return sum([_SLOW.get(op.name, 1) for op in ops if any(levels.of(v) > SUBGROUP for v in op.results)])


def _chain_of(loop: Op) -> int:
    body = loop.regions[-1]
    return _waits(body, body.args[1:] if loop.defn is scf.FOR else body.args)


def has_many_rows(f: Function, levels: Uniformity, width: int) -> bool:
    """Whether so many lanes go along more rows of their own than the nearest cache has room for."""
    return width > _MOST_ROWS and any(_has_rows(op, levels) for op in walk(f.body))


def _updates(f: Function) -> bool:
    """Whether threads of little work change elements where they lie, as saxpy does. Their stores do not go past the caches. With
    two registers of 64 bytes they read lines of one array and the other, 0 1 1 0, and write 0 1: memory takes 1.05 to 1.15 times as
    long for that as for line after line (AMD's Zen 4, from C as well). Arrays in the second cache lose up to a tenth by it."""
    ops = list(walk(f.body))
    read = {op.operands for op in ops if op.name == "memory.load"}
    changed = [op.operands[0].type for op in ops if op.name == "memory.store" and op.operands[:-1] in read]
    long = [t for t in changed if isinstance(t, T.ArrayType) and T.size_and_align(t.element)[0] >= 4]
    return len(ops) <= _SHORT and bool(long)


def _has_rows(op: Op, levels: Uniformity) -> bool:
    """Whether lanes go along rows of their own in a loop, by long elements. Where rows have a power of two of bytes, those of 32
    lanes drive one another's lines out of the nearest cache, before more than four of the elements of a line are used."""
    if op.name != "scf.for" or _waits(op.regions[0], op.regions[0].args[1:]) > _MOST_WAITS:
        return False
    counter = op.regions[0].args[0]
    for inner in op.regions[0].ops:
        if inner.name != "memory.load":
            continue
        t, place = inner.operands[0].type, in_row(inner)
        if place is None or not isinstance(t, T.ArrayType) or T.size_and_align(t.element)[0] < _LONG:
            continue
        along, others = place
        if levels.of(along) <= SUBGROUP and beside(along, counter) is not None and any(levels.of(v) > SUBGROUP for v in others):
            return True
    return False


def _waits(region: Region, carried: Sequence[Value]) -> int:
    """The longest chain of ops from what a loop carries to what it yields: another vector has its own beside it."""
    length = dict.fromkeys(carried, 0)
    for op in region.ops[:-1]:
        inside = external([op]) if op.regions else op.operands
        before = [length[v] for v in inside if v in length]
        if before:
            own = _waits_inside(op) if op.regions else _SLOW.get(op.name, 1)
            length.update(dict.fromkeys(op.results, max(before) + own))
    return max([length.get(v, 0) for v in region.yielded], default=0)


def _waits_inside(op: Op) -> int:
    return max([sum([_SLOW.get(o.name, 1) for o in walk(region)]) for region in op.regions])


def peak_of(region: Region, levels: Uniformity) -> int:
    """Registers that one vector of threads needs at most at a time, for what differs between them."""
    return _Peak(levels).of(region, set())


def _moves(indices: tuple[Value, ...], levels: Uniformity) -> bool:
    """Whether an access is a gather for certain: an index that comes from memory or from a carried value."""
    return any(levels.of(v) > SUBGROUP and (v.op is None or v.op.defn.name == "memory.load") for v in indices)


class _Peak:
    """Backward over structured control flow: which varying values are needed later."""

    def __init__(self, levels: Uniformity) -> None:
        self.levels = levels

    def weight(self, v: Value) -> int:
        """Registers of one vector's worth. Ids are scalars as a rule, and masks have registers of their own."""
        t = v.type
        if not isinstance(t, T.ScalarType) or t is T.index or t.is_bool or self.levels.of(v) <= SUBGROUP:
            return 0
        return max(t.bits // 32, 1)

    def of(self, region: Region, live: set[Value]) -> int:
        """The peak inside a region behind which `live` is needed; `live` becomes what is needed before it."""
        live.update(region.yielded)
        peak = self.total(live)
        for op in reversed(region.ops[:-1]):
            live.difference_update(op.results)
            if op.regions:
                live.update(external([op]))  # a loop needs all of it until its end
                peak = max(peak, *[self.of(r, set(live)) for r in op.regions])
            else:
                live.update(op.operands)
            peak = max(peak, self.total(live))
        return peak

    def total(self, live: set[Value]) -> int:
        return sum([self.weight(v) for v in live])
