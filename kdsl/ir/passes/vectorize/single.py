"""Threads one at a time: kernels whose loops lanes leave at different times, and which do in them what lanes take in turn anyway.

One idea: a row of a sparse matrix, a search in a hash table and a walk over a graph load from places that data decide. A vector
takes its lanes apart for each such access, by an instruction that gathers as without one (AMD's take a cycle for a lane: a sparse
product by them, measured on AVX2, takes 3 to 7 times as long as threads alone), and waits for the longest of its loops; a
thread by itself does neither. So the ops of the loops are counted, and what a vector would take is held against the sum of its
threads. The function is made as any other, with one lane: all values are scalars then, and no mask is left.

So it is with points that lie apart, as of a picture turned round: lanes take their channels one by one, or the fields of structs
that a branch changes for some.

So it is with threads that fill a row each: lanes would write to as many rows, element by element, and where rows are a power of two
apart their lines drive one another out of the nearest cache. And so with searches that divide integers, as for the factors of a
number: most threads are done at once, and a vector divides little faster than its lanes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ... import types as T
from ...analysis.accesses import in_row, indices_of
from ...analysis.axes import steps_of
from ...analysis.points import goes_over_numbers
from ...analysis.uniformity import SUBGROUP, Uniformity
from ...core import Function, Op, Region, Value, all_ops, inner_ops, walk
from ...ops import memory
from .along import Along
from .rounds import beside

__all__ = ["ALONE", "MIXED", "NEEDS_LANES", "TOGETHER", "goes_along_rows", "how_threads_run", "is_anywhere", "long_reductions",
           "meets"]  # fmt: skip

TOGETHER, ALONE, MIXED = range(3)
# What a lane of a vector costs where lanes are taken in turn, beside an op on scalars.
_APART = 3.0
# The same for what lanes load along rows of their own, and for what they store so.
_ALONG, _FILLED = 1.0, 8.0
# Trips of a vector's loop beside those of one of its threads, where they leave it at different times.
_LONGEST = 1.7
# The same of loops with another reason to end, as a search has for what divides a number: most of its threads are soon done.
_LONGEST_SEARCH = 4.0
# An integer division by what is no number, of a lane: in a vector, which converts to floats and back, and by itself.
_DIVISION = (2.5, 4.0)
# Of an op in a loop, beside one outside of it.
_TRIPS = 8
# Ops that take a row of instructions, or one that a thread by itself waits for.
_SLOW = {"arith.div": 12, "arith.floordiv": 4, "arith.mod": 4, "arith.sqrt": 12, "arith.rsqrt": 12, "arith.pow": 20}
_ATOMIC = 3
# Rounds of a row from which on it is worth joining a vector's lanes at its end.
_LONG = 128
# Of kernels without loops, for a lane: a channel that neighbours load or store together, and one that they do not; a condition of
# data, which is sometimes guessed wrong, and how often it holds. What else touches memory, or sees lanes, is left alone.
_SIDE_BY_SIDE, _SINGLY, _GUESSED, _OFTEN = 0.75, 4.0, 3.0, 0.5
NEEDS_LANES = ("simt.lane_id", "simt.subgroup_size", "simt.check", "simt.report", "simt.assert", "simt.print", "subgroup.")
_OTHERS = (*NEEDS_LANES, "atomic.", "memory.alloc", "simt.barrier")


def meets(f: Function) -> bool:
    """Whether threads of a block wait for each other, or share memory."""
    for op in walk(f.body):
        t = op.results[0].type if op.name == "memory.alloc" else None
        if op.defn.convergent or (isinstance(t, T.ArrayType) and t.space is T.Space.SHARED):
            return True
    return False


def how_threads_run(f: Function, levels: Uniformity, lanes: int, along: Mapping[Op, Along], updates: Collection[Op] = (),
                    ) -> int:  # fmt: skip
    """Whether a function takes least time with so many lanes (TOGETHER), with one (ALONE), or with so many that go through the
    loops `along` one after the other (MIXED): their rounds are lanes then. Rows that are a power of two apart are as bad for
    instructions that scatter. updates: atomics that are put by."""
    if _has_points_apart(f, levels, lanes):
        return ALONE
    of_numbers = {inner for op in walk(f.body) if goes_over_numbers(op) for inner in (op, *walk(op.regions[0]))}
    loops = [op for op in walk(f.body) if op.name in ("scf.for", "scf.while") and op not in of_numbers]
    if not any(_may_be_alone(op, levels, updates) or (op in along and along[op].is_narrow) for op in loops):
        return TOGETHER
    if any(op.defn.function or op.name.startswith(NEEDS_LANES) for op in walk(f.body)):
        return TOGETHER
    vector, _ = _cost(f.body.ops, levels, lanes, {}, 1.0, None)
    mixed, threads = _cost(f.body.ops, levels, lanes, along, 1.0, None)
    if along and _has_others(f.body, along) and mixed < min(vector, threads):
        return MIXED
    return ALONE if threads < vector else TOGETHER


def _has_points_apart(f: Function, levels: Uniformity, lanes: int) -> bool:
    """Whether a kernel without loops, whose accesses are all of points, side by side, or alike, takes less time by threads one by
    one: where points are not side by side, or are stored under a condition of data."""
    ops = all_ops(f.body)
    if any(op.defn.name in ("scf.for", "scf.while") or op.defn.function or op.defn.name.startswith(_OTHERS) for op in ops):
        return False
    steps = steps_of(f)
    if not any(_is_point(op) for op in steps):
        return False
    vector = threads = 0.0
    of_data = set[Value]()  # what is made of what was loaded

    def look(ops: Sequence[Op], *, chosen: bool) -> bool:
        """Takes ops up; false where one is none of these. chosen: whether data say which threads do them."""
        nonlocal vector, threads
        often = _OFTEN if chosen else 1.0
        for op in ops:
            if op in steps or not of_data.isdisjoint(op.operands):
                of_data.update(op.results)
            if op.regions:
                by_data = op.operands[0] in of_data and levels.of(op.operands[0]) > SUBGROUP
                threads += lanes * _GUESSED if by_data else 0.0
                if not all(look(region.ops[:-1], chosen=chosen or by_data) for region in op.regions):
                    return False
            elif op in steps:
                t, moves = op.operands[0].type, [step for step in steps[op] if step != 0]
                assert isinstance(t, T.ArrayType)
                if t.space is not T.Space.GLOBAL or t.unit_axis is None:
                    return False
                behind = indices_of(op)[steps[op].index(1) + 1 :] if moves == [1] else ()
                beside = moves == [1] and all(isinstance(i.constant, int) for i in behind)
                threads += often * lanes
                if not moves:
                    vector += 1
                elif not _is_point(op):
                    if steps[op][t.unit_axis] not in (1, -1) or len(moves) > 1:
                        return False
                    vector += 1
                elif None in moves and of_data.isdisjoint(indices_of(op)):
                    return False  # as `x // 2`, which lanes share (see `shared_places`)
                else:
                    vector += lanes * (_SIDE_BY_SIDE if beside and not (chosen and op.defn is memory.STORE) else _SINGLY)
            elif not op.results or levels.of(op.results[0]) > SUBGROUP:
                weight = _SLOW.get(op.defn.name, 1)
                vector += weight
                threads += often * lanes * weight
        return True

    return look(f.body.ops, chosen=False) and threads < vector


def _is_point(op: Op) -> bool:
    """Whether an access is to a channel of a point, or to a field of a struct."""
    t = op.operands[0].type
    if not isinstance(t, T.ArrayType) or t.unit_axis is None:
        return False
    return isinstance(t.element, T.StructType) or (t.unit_axis > 0 and isinstance(indices_of(op)[t.unit_axis].constant, int))


def long_reductions(found: Mapping[Op, Along], levels: Uniformity) -> dict[Op, Along]:
    """Of such loops those that lanes go through together, each along a row of its own, and only join what they load, in any
    grouping: long rows take less time one after the other, as memory is read in runs and nothing changes places."""
    return {op: made._replace(fewest=_LONG) for op, made in found.items()
            if made.kinds and not (made.in_order or made.apart or made.distances or made.in_turn)
            and levels.control[op] <= SUBGROUP and goes_along_rows(op, levels)}  # fmt: skip


def _may_be_alone(op: Op, levels: Uniformity, updates: Collection[Op]) -> bool:
    """Whether a loop is one of those for which it is worth asking."""
    if _apart(op, levels) and (levels.control[op] > SUBGROUP or _chooses(op, levels)):
        return True
    if _scatters(op, levels) or _fills(op, levels, updates):
        return True
    return _searches(op, levels) and _divides(op, levels)


def _has_others(region: Region, along: Mapping[Op, Along]) -> bool:
    """Whether there are loops that lanes may go through together, beside those they do not. Without them a thread is best done with
    its row before the next one begins, while it is in the nearest cache."""
    for op in region.ops:
        if op in along or not op.regions:
            continue
        inner = [o for part in op.regions for o in walk(part)]
        if op.name != "scf.if" and not any(o in along for o in inner):
            return True
        if any(_has_others(part, along) for part in op.regions):
            return True
    return False


def _apart(op: Op, levels: Uniformity) -> bool:
    """Whether there is an access in a loop that a vector takes lane by lane."""
    return any(_takes_turns(inner, levels) for inner in inner_ops(op))


def _scatters(op: Op, levels: Uniformity) -> bool:
    """Whether there is a store in a loop that a vector takes lane by lane."""
    return any(inner.name == "memory.store" and (_takes_turns(inner, levels) or _is_in_own_row(inner, levels))
               for inner in inner_ops(op))  # fmt: skip


def _is_in_own_row(op: Op, levels: Uniformity) -> bool:
    """Whether each lane accesses a row of its own, wherever in it."""
    place = in_row(op)
    if place is None:
        return False
    along, others = place
    return any(levels.of(v) > SUBGROUP for v in others) or _is_scaled(along, levels)


def _chooses(op: Op, levels: Uniformity) -> bool:
    """Whether lanes of a loop part over what they load, as the rows of a sparse matrix do that are filled up to one length. Its
    rounds do not go together then (see `rounds`), and what each lane loads along its row is taken lane by lane as well."""
    return any(inner.name == "scf.if" and levels.of(inner.operands[0]) > SUBGROUP and _loads(inner) for inner in op.regions[-1].ops)


def _loads(op: Op) -> bool:
    return any(inner.name == "memory.load" for inner in inner_ops(op))


def _searches(op: Op, levels: Uniformity) -> bool:
    """Whether lanes leave a loop at different times and for more than one reason."""
    if op.name != "scf.while" or levels.control[op] <= SUBGROUP:
        return False
    last = op.regions[0].yielded[0].op
    return last is not None and last.name == "arith.and"


def _divides(op: Op, levels: Uniformity) -> bool:
    """Whether a loop divides integers, which a vector does for hardly less than its lanes one by one."""
    return any(_is_division(inner, levels) for inner in inner_ops(op))


def _is_division(op: Op, levels: Uniformity) -> bool:
    if op.name not in ("arith.floordiv", "arith.mod") or levels.of(op.results[0]) <= SUBGROUP:
        return False
    t = T.element_of(op.results[0].type)
    return t.is_integer and t.bits >= 32 and op.operands[1].constant is None


def _fills(op: Op, levels: Uniformity, updates: Collection[Op]) -> bool:
    """Whether threads store along rows of their own in a loop, or update so what they may put by."""
    if op.name != "scf.for":
        return False
    inside = walk(op.regions[0], lambda inner: inner.name == "scf.if")
    return any((inner.name == "memory.store" or inner in updates) and _goes_along(inner, op.regions[0].args[0], levels)
               for inner in inside)  # fmt: skip


def goes_along_rows(op: Op, levels: Uniformity) -> bool:
    """Whether an op is a loop in which lanes load along rows of their own."""
    if op.name != "scf.for":
        return False
    counter, inside = op.regions[0].args[0], op.regions[0].ops
    return any(inner.name == "memory.load" and _goes_along(inner, counter, levels) for inner in inside)


def _goes_along(op: Op, counter: Value, levels: Uniformity) -> bool:
    """Whether an access goes on with the counter to the next element, in a row that is another for each lane."""
    place = in_row(op)
    terms = None if place is None else beside(place[0], counter)
    if place is None or terms is None:
        return False
    return any(levels.of(v) > SUBGROUP for v in place[1]) or any(_is_scaled(v, levels) for v in terms)


def _is_scaled(v: Value, levels: Uniformity) -> bool:
    """Whether neighbours are further apart than one: a row's number times its length, if lanes have rows of their own."""
    if v.op is None or v.op.defn.varying or levels.of(v) <= SUBGROUP:
        return False
    return v.op.name in ("arith.mul", "arith.shl") or any(_is_scaled(w, levels) for w in v.op.operands)


def _takes_turns(op: Op, levels: Uniformity) -> bool:
    if op.name.startswith("atomic."):
        return True
    if op.name not in ("memory.load", "memory.store"):
        return False
    return any(is_anywhere(v, levels) for v in indices_of(op))


def is_anywhere(v: Value, levels: Uniformity) -> bool:
    """Whether an index differs between lanes by what data decide: it was loaded, or a loop carries it."""
    if levels.of(v) <= SUBGROUP:
        return False
    op = v.op
    if op is None:
        return not (v.index == 0 and v.type is T.index and _counts_evenly(v, levels))
    if op.defn.varying:
        return False
    return not op.defn.elementwise or any(is_anywhere(w, levels) for w in op.operands)


def _counts_evenly(v: Value, levels: Uniformity) -> bool:
    """Whether a counter starts side by side with those of other lanes, and has their step: the stride of a grid."""
    loop = levels.loops.get(v)
    return loop is not None and levels.of(loop.operands[2]) <= SUBGROUP and not is_anywhere(loop.operands[0], levels)


def _cost(ops: Iterable[Op], levels: Uniformity, lanes: int, along: Mapping[Op, Along], times: float, counter: Value | None,
          row: float = _ALONG) -> tuple[float, float]:  # fmt: skip
    """(of a vector of threads, of its threads one after the other); loops `along` alike. counter: of the loop around the ops;
    row: what a lane costs that loads along its row there."""
    vector = threads = 0.0
    for op in ops:
        if op.regions:
            loop = op.name != "scf.if"
            inside = times * _TRIPS if loop else times
            own = op.regions[0].args[0] if op.name == "scf.for" else counter
            a, c = _all(op.regions, levels, lanes, along, inside, own, _APART if loop and _chooses(op, levels) else row)
            rounds = inside * lanes * along[op].cost if op in along else None
            longest = _LONGEST_SEARCH if _searches(op, levels) else _LONGEST if loop and levels.control[op] > SUBGROUP else 1.0
            vector += a * longest if rounds is None else rounds
            threads += c if rounds is None else rounds
        elif _takes_turns(op, levels):
            weight = _ATOMIC if op.name.startswith("atomic.") else 1
            vector += times * lanes * _APART * weight
            threads += times * lanes * weight
        elif op.name in ("memory.load", "memory.store") and counter is not None and _goes_along(op, counter, levels):
            vector += times * lanes * (row if op.name == "memory.load" else _FILLED)
            threads += times * lanes
        elif op.name in ("memory.load", "memory.store") and _is_in_own_row(op, levels):
            vector += times * lanes * _APART
            threads += times * lanes
        elif _is_division(op, levels):
            vector += times * _DIVISION[0] * lanes
            threads += times * _DIVISION[1] * lanes
        elif not op.results or levels.of(op.results[0]) > SUBGROUP:
            weight = _SLOW.get(op.name, 1)
            vector += times * weight
            threads += times * weight * lanes
    return vector, threads


def _all(regions: Iterable[Region], levels: Uniformity, lanes: int, along: Mapping[Op, Along], times: float,
         counter: Value | None, row: float) -> tuple[float, float]:  # fmt: skip
    costs = [_cost(r.ops[:-1], levels, lanes, along, times, counter, row) for r in regions]
    return sum(a for a, _ in costs), sum(c for _, c in costs)
