"""What each access, branch, loop and operation of a kernel became for a CPU target, and why.

One idea: nothing is predicted. A thread-level op and the block-level ops made of it carry the same place in the source,
so what it became is read off the vectorized IR: which ops stand there, how often with a mask, with which indices.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from typing import NamedTuple

from .diagnostics import Span
from .ir import types as T
from .ir.analysis.points import mask_of
from .ir.analysis.uniformity import BLOCK, SUBGROUP, Uniformity, uniformity
from .ir.core import Function, Op, Value, inner_ops, walk
from .target import Target

__all__ = ["Outcome", "outcomes", "source_text"]


class Outcome(NamedTuple):
    """One fact about a place. kind: for counting ("vector load", "gather", ...); text: for the line's report."""

    span: Span
    kind: str
    text: str


def source_text(span: Span) -> str:
    """The source at a place that lies on one line, else its first line."""
    line = linecache.getline(span.file, span.line)
    stop = span.end_col - 1 if span.end_line == span.line else len(line)
    return line[span.col - 1 : stop].strip()


class _Facts:
    """Both levels of a kernel, and the block-level ops by place."""

    def __init__(self, thread: Function, block: Function, target: Target) -> None:
        self.thread = thread
        self.target = target
        self.block = block
        self.alone = block.attributes.get("width") == 1  # threads run one after the other
        self.levels: Uniformity = uniformity(thread, rows=True)
        self.at: dict[Span, list[Op]] = {}
        for op in walk(block.body):
            self.at.setdefault(op.span, []).append(op)
        self.rounds = self._rounds()

    def _rounds(self) -> dict[Span, int]:
        """By place, how many rounds of the loop around it run together (see `vectorize/rounds`), where more than one do."""
        single = {op.span for op in walk(self.thread.body) if op.name == "scf.for" and op.operands[2].constant == 1}
        found: dict[Span, int] = {}
        for op in walk(self.block.body):
            count = op.operands[2].constant if op.name == "scf.for" and op.span in single else None
            if isinstance(count, int) and count > 1:
                found.update(dict.fromkeys([op.span, *[inner.span for inner in walk(op.regions[0])]], count))
        return found

    def made(self, op: Op, names: frozenset[str]) -> list[Op]:
        return [o for o in self.at.get(op.span, ()) if o.name in names]


def outcomes(thread: Function, block: Function, target: Target) -> list[Outcome]:
    """What became of the ops of `thread`, in its order, from `block`, which the pipeline made of it."""
    facts = _Facts(thread, block, target)
    found = [o for op in walk(thread.body) for o in _of(facts, op)]
    return list(dict.fromkeys(found))


def _of(facts: _Facts, op: Op) -> Iterator[Outcome]:
    family, _, name = op.name.partition(".")
    if op.name in ("memory.load", "memory.store"):
        yield from _access(facts, op, name)
    elif family == "atomic":
        yield from _atomic(facts, op, name)
    elif family in ("math", "random"):
        yield from _function(facts, op, name)
    elif op.name == "scf.if":
        yield _branch(facts, op)
    elif op.name in ("scf.for", "scf.while"):
        yield from _loop(facts, op)
    elif op.name in _PLAIN:
        yield Outcome(op.span, name, _PLAIN[op.name])
    elif family == "subgroup":
        yield Outcome(op.span, "subgroup operation", f"{name}: {_SUBGROUP.get(name, _SHUFFLE)}")


_PLAIN = {
    "simt.barrier": "barrier: the block's threads are walked up to here, then again from here",
    "simt.check": "check: a test of all lanes; what fails is written to the diagnostic buffer",
    "simt.report": "print: a record for every active lane",
}
_SHUFFLE = "a permutation of the vector, own value where the lane does not exist"
_SUBGROUP = {
    **dict.fromkeys(("sum", "min", "max"), "by halves of the vector, a permutation and an operation for each"),
    **dict.fromkeys(("inclusive_sum", "exclusive_sum"), "by doubling distances, a permutation and an addition for each"),
    "broadcast": "one lane of the vector as a scalar",
    "ballot": "the mask as bits of a scalar",
    "any": "a test of the mask",
    "all": "a test of the mask",
}

# --- memory ---

_ACCESSES = frozenset({"memory.load", "memory.store", "tile.load", "tile.store", "tile.stream", "tile.gather", "tile.scatter"})


def _access(facts: _Facts, op: Op, verb: str) -> Iterator[Outcome]:
    array = op.operands[0]
    made = [o for o in facts.made(op, _ACCESSES) if o.name.endswith(_ENDS[verb]) and _same_array(o, op)]
    if not made:
        return  # removed: nobody needs it, or another access gives the same
    together = [o for o in made if o.name in ("tile.load", "tile.store", "tile.stream")]
    apart = [o for o in made if o.name in ("tile.gather", "tile.scatter")]
    subject = f"{array.name or 'array'}: "
    scattered = "gather" if verb == "load" else "scatter"
    if any("points" in o.attributes for o in together):
        text = f"vector {verb} (unit stride): numbers of points as they lie, where points follow one another"
        yield Outcome(op.span, f"vector {verb}", subject + text)
    elif together and apart:
        kind, form = _form(facts, together[0], verb)
        text = f"{form} where all lanes are in range (a test), {scattered} at the edge"
        yield Outcome(op.span, f"guarded {kind}", subject + text)
    elif together:
        kind, form = _form(facts, together[0], verb)
        past = ", past the caches in large launches" if any(o.name == "tile.stream" for o in together) else ""
        yield Outcome(op.span, kind, subject + form + past + _mask_text(together))
    elif apart:
        reason = _why_apart(apart[0], verb)
        how = _run_of(facts, apart[0]) if op.span in facts.rounds else _scattered_how(facts, apart[0], verb)
        yield Outcome(op.span, scattered, f"{subject}{scattered} ({how}): {reason}{_mask_text(apart)}")
    elif facts.alone:
        yield Outcome(op.span, f"scalar {verb}", f"{subject}a scalar {verb} of each thread")
    else:
        yield Outcome(op.span, f"scalar {verb}", f"{subject}one scalar {verb} for all: its index is uniform")


_ENDS = {"load": ("load", "gather"), "store": ("store", "stream", "scatter")}


def _same_array(made: Op, op: Op) -> bool:
    same_name = made.operands[0].name.rstrip("_0123456789") == op.operands[0].name.rstrip("_0123456789")
    return same_name and made.attributes["offset"] == op.attributes["offset"]


def _mask_text(made: list[Op]) -> str:
    """A full vector needs no mask but in a branch; the last vector of a row always has one and is not worth a word."""
    always = all(mask_of(o).constant is not True for o in made)
    return ", under a mask" if always else ""


def _form(facts: _Facts, op: Op, verb: str) -> tuple[str, str]:
    """(kind, words) for lanes that advance by a fixed step."""
    array = op.operands[0].type
    assert isinstance(array, T.ArrayType)
    scalar = T.element_of(op.results[0].type if op.results else op.operands[-1].type)
    axis, step = op.attributes["axis"], op.attributes.get("step", 1)  # what streams has a step of 1
    element, _ = T.size_and_align(array.element)
    is_unit = axis == array.unit_axis or (array.space is not T.Space.GLOBAL and axis == array.rank - 1)
    if step == 0:
        return f"broadcast {verb}", "one element for all lanes"
    if is_unit and element == scalar.size_bytes and step in (1, -1):
        return f"vector {verb}", f"vector {verb} (unit stride)" if step == 1 else f"vector {verb}, reversed"
    why, how = _why_strided(array, scalar, axis, step), _strided_how(facts, op, verb)
    return f"strided {verb}", f"strided {verb}: {why}; {how}"


def _why_strided(array: T.ArrayType, scalar: T.ScalarType, axis: int, step: int) -> str:
    element, _ = T.size_and_align(array.given.element)
    apart = abs(step) * element // scalar.size_bytes
    if array.whole is not None and axis == array.whole.unit_axis:
        return f"{scalar} is one field of an element of {element} bytes, {apart} apart"
    if array.unit_axis is not None and axis != array.unit_axis:
        return f"axis {axis} moves from thread to thread, and elements lie side by side along axis {array.unit_axis}"
    if array.unit_axis is None and array.space is T.Space.GLOBAL:
        return "the array is not known to have elements side by side along any axis"
    if element != scalar.size_bytes:
        return f"{scalar} is one field of an element of {element} bytes, {apart} apart"
    return f"neighbouring threads are {apart} elements apart"


def _step_of(op: Op) -> int | None:
    """Scalars between neighbouring lanes, where that is known."""
    array = op.operands[0].type
    assert isinstance(array, T.ArrayType)
    scalar = T.element_of(op.results[0].type if op.results else op.operands[-1].type)
    apart = T.size_and_align(array.element)[0] if array.space is not T.Space.GLOBAL else array.stride_bytes(op.attributes["axis"])
    return None if apart is None else op.attributes["step"] * apart // scalar.size_bytes


def _strided_how(facts: _Facts, op: Op, verb: str) -> str:
    step = _step_of(op)
    if op.span in facts.rounds and (step is None or abs(step) > 4):
        return _run_of(facts, op)
    if verb == "load" and step is not None and 2 <= abs(step) <= 4:
        return "vector loads and shuffles in full vectors"
    return _scattered_how(facts, op, verb) + (_NEIGHBOURS if _has_neighbours(facts, op, step) else "")


_NEIGHBOURS = ", or whole vectors where a thread's accesses leave no gap"


def _has_neighbours(facts: _Facts, op: Op, step: int | None) -> bool:
    """Whether an access may be one of a group that makes whole vectors (`codegen/cpu/interleaved`)."""
    array = op.operands[0]
    assert isinstance(array.type, T.ArrayType)
    if (step is None or not 2 <= step <= 4) and op.attributes["axis"] == array.type.unit_axis:
        return False
    alike = [o for o in walk(facts.block.body) if o.name == op.name and o.operands[0] is array]
    return len({o.span for o in alike if o.attributes == op.attributes}) > 1


def _run_of(facts: _Facts, op: Op) -> str:
    return f"in full vectors {facts.rounds[op.span]} rounds at a time, by a vector load for each lane and shuffles"


def _scattered_how(facts: _Facts, op: Op, verb: str) -> str:
    scalar = T.element_of(op.results[0].type if op.results else op.operands[-1].type)
    if facts.target.has_gather and scalar.size_bytes >= 4:
        return f"{'gather' if verb == 'load' else 'scatter'} instructions"
    return "element by element"


# --- why lanes are apart ---


def _indices(op: Op) -> tuple[Value, ...]:
    return op.operands[1 : len(op.operands) - (1 if op.name == "tile.gather" else 2)]


def _why_apart(op: Op, verb: str) -> str:
    moving = [k for k, v in enumerate(_indices(op)) if isinstance(v.type, T.TileType)]
    causes = [(k, _cause(_indices(op)[k])) for k in moving]
    uneven = [(k, c) for k, c in causes if c]
    if uneven:
        return "; ".join([f"index {k} {c}" for k, c in uneven])
    if len(moving) > 1:
        return f"axes {' and '.join(map(str, moving))} both move from thread to thread"
    return "its index does not move by a fixed step"


_THROUGH = frozenset({"arith.add", "arith.sub", "arith.neg", "arith.cast"})
_SCALED = frozenset({"arith.mul", "arith.shl"})
_EVEN = frozenset({"tile.splat", "tile.iota", "arith.constant"})


def _cause(v: Value, depth: int = 0) -> str:
    """Why a tile of indices is uneven; "" when it is a scalar plus a multiple of the lane."""
    op = v.op
    if op is None or op.name in ("scf.for", "scf.while"):
        return "changes in a loop, differently for each thread"
    if op.name in _EVEN or depth > 30:
        return ""
    if op.name in _THROUGH or (op.name in _SCALED and op.operands[1].constant is not None):
        return next((c for c in (_cause(x, depth + 1) for x in op.operands) if c), "")
    if op.name in ("tile.load", "tile.gather", "tile.atomic", "memory.load"):
        return f"is read from {op.operands[0].name} at line {op.span.line}"
    return f"is `{source_text(op.span)}` (line {op.span.line}), which no fixed step describes"


# --- atomics and functions ---

_ATOMICS = frozenset({"tile.atomic", "tile.atomic_cas"})
_BITS = frozenset({"tile.bits"})  # how many lanes take part, and which come before which
_COMBINED = frozenset({"add", "sub", "and", "or", "xor", "min", "max"})


def _atomic(facts: _Facts, op: Op, name: str) -> Iterator[Outcome]:
    made = facts.made(op, _ATOMICS if not facts.alone else frozenset({op.name}))
    t = T.element_of(op.operands[-1].type)
    subject = f"{op.operands[0].name or 'array'}: atomic {name} of {t}: "
    if not made and facts.made(op, _BITS) and facts.made(op, frozenset({op.name})):
        how = _atomic_how(facts.target, name, t, is_used=True)
        yield Outcome(op.span, "combined atomic", f"{subject}lanes take their places together, {how} for all that take part")
    if not made:
        return
    is_same_place = not any(isinstance(v.type, T.TileType) for v in made[0].operands[1:-2])
    is_unused = not any(v is op.results[0] for other in walk(facts.thread.body) for v in other.operands)
    how = _atomic_how(facts.target, name, t, is_used=not is_unused)
    if any(o.operands[0].name.startswith("table") for o in made) and len(made) > 1:
        text = f"in a table of each worker where the array is small beside the launch, else {how} for each"
        yield Outcome(op.span, "tabled atomic", subject + text)
    elif facts.alone:
        yield Outcome(op.span, "atomic", f"{subject}of each thread, {how}")
    elif is_same_place and is_unused and name in _COMBINED and _groups(t, name, facts.thread.math):
        yield Outcome(op.span, "combined atomic", f"{subject}lanes are combined first, then {how} for all")
    else:
        yield Outcome(op.span, "atomic", f"{subject}for each active lane, lowest first, {how}")


def _groups(t: T.ScalarType, name: str, math: str) -> bool:
    return not t.is_float or (t.bits >= 32 and (name in ("min", "max") or math != "strict"))


def _atomic_how(target: Target, name: str, t: T.ScalarType, *, is_used: bool) -> str:
    if target.triple.startswith("aarch64"):
        return "a loop of exclusive load and store"
    if name in ("exchange", "compare_exchange"):
        return "one locked instruction"
    if t.is_float or name in ("min", "max"):
        return f"a compare-and-swap loop (the processor has no atomic {name} of {t})"
    if is_used and name in ("and", "or", "xor"):
        return f"a compare-and-swap loop (the old value of {name} is used)"
    return "one locked instruction"


def _function(facts: _Facts, op: Op, name: str) -> Iterator[Outcome]:
    count = sum(1 for o in facts.at.get(op.span, ()) if o.name != "arith.constant")
    if not count:
        return
    is_scalar = facts.levels.of(op.results[0]) <= SUBGROUP
    if op.name.startswith("random."):
        how = "Philox 4x32-10"
    elif facts.thread.math == "fast" and T.element_of(op.results[0].type).name in ("f32", "f16", "bf16"):
        how = "kdsl's short polynomial (math='fast')"
    else:
        how = "kdsl's polynomial"
    where = "once for all threads, as a scalar" if is_scalar else "for all lanes at once"
    yield Outcome(op.span, "function", f"{name}: {how}, {where}")


# --- control flow ---


def _holds_barrier(op: Op) -> bool:
    return any(inner.name == "simt.barrier" for inner in inner_ops(op))


def _branch(facts: _Facts, op: Op) -> Outcome:
    level = facts.levels.of(op.operands[0])
    if _holds_barrier(op):
        return Outcome(op.span, "uniform branch", "branch: taken by the whole block, it holds a barrier")
    made = facts.made(op, frozenset({"scf.if"}))
    if not made:
        if level <= SUBGROUP:
            return Outcome(op.span, "selected branch", "branch: uniform, and so short that its results are selected")
        if facts.alone:
            return Outcome(op.span, "selected branch", "branch: of each thread, and so short that its results are selected")
        return Outcome(op.span, "flattened branch", "branch: varies; both sides are computed, and lanes selected")
    masked = [o for o in made if _is_any(o.operands[0])]
    if masked and len(masked) < len(made):
        return Outcome(op.span, "coherent branch", "branch: varies; no mask where all lanes agree, else masks")
    if masked:
        return Outcome(op.span, "masked branch", "branch: varies; under masks, jumped over where no lane takes it")
    who = "of each thread" if facts.alone and level > SUBGROUP else _WHO[level]
    return Outcome(op.span, "uniform branch", f"branch: {who}, a plain jump")


_WHO = {BLOCK: "uniform for the block", SUBGROUP: "uniform for each vector", 2: "varies between threads"}


def _is_any(v: Value) -> bool:
    return v.op is not None and v.op.name == "tile.any"


def _loop(facts: _Facts, op: Op) -> Iterator[Outcome]:
    if _holds_barrier(op):
        yield Outcome(op.span, "block loop", "loop: of the whole block, it holds a barrier")
        return
    made = facts.made(op, frozenset({"scf.for", "scf.while"}))
    if not made:
        return  # unrolled, or removed
    if any(o.name == "scf.while" and _is_any(o.regions[0].yielded[0]) for o in made):
        yield Outcome(op.span, "divergent loop", "loop: threads leave it at different times; it runs while any is in")
    elif facts.alone and facts.levels.control[op] > SUBGROUP:
        yield Outcome(op.span, "loop", "loop: of each thread by itself: lanes would part, and load in turn")
    else:
        several = f", {facts.rounds[op.span]} of them together" if op.span in facts.rounds else ""
        yield Outcome(op.span, "uniform loop", f"loop: the same rounds for all lanes{several}")
