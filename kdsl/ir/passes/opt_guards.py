"""`if i < n and x[i] > limit:` is a branch in a branch: the guard, and what only threads inside of it may ask.

One idea: the second part of `and` must not be computed where the first does not hold, so such a condition is itself a branch that
gives a value, and nobody sees any more that its first part is a bound that ends a row of threads. Where nothing is done but under
the whole condition, that may as well stand in the branch of the first part, which then is the guard that it was meant to be. So
it is with `if i >= n or x[i] <= limit: return`.
"""

from __future__ import annotations

from collections.abc import Callable

from ..analysis.uses import use_counts
from ..builder import Rebuilder
from ..core import Function, Op, Region, Value, walk, with_inner
from ..ops import scf

__all__ = ["opt_guards"]


def opt_guards(f: Function) -> Function:
    """An equal function; `f` itself where no condition has such parts."""
    while found := _found(f):
        f = _Nested(f, found).new  # a third part is the second of what there is now
    return f


def _found(f: Function) -> dict[Op, Op]:
    """By branch, the op that makes its condition."""
    regions = [f.body, *[region for op in walk(f.body) if op.regions for region in op.regions]]
    found: dict[Op, Op] = {}
    if any(op.defn is scf.IF and op.results for region in regions for op in region.ops):
        counts = use_counts(f)
        for region in regions:
            _search(region, counts, found)
    return found


def _search(region: Region, counts: dict[Value, int], found: dict[Op, Op]) -> None:
    place: dict[Op, int] = {}
    for k, op in enumerate(region.ops):
        place[op] = k
        made = op.operands[0].op if op.defn is scf.IF else None
        if made is None or made not in place or made.defn is not scf.IF or len(made.results) != 1 or counts[op.operands[0]] != 1:
            continue
        done = 0 if made.regions[1].yielded[0].constant is False else 1  # which branch is taken where both parts say so
        if made.regions[1 - done].yielded[0].constant is not bool(done) or len(made.regions[1 - done].ops) > 2:
            continue
        if op.results or len(op.regions[1 - done].ops) > 1:
            continue
        if any(not o.defn.pure for o in walk(made.regions[done]) if o.defn is not scf.YIELD):
            continue
        if all(_is_still(between) for between in region.ops[place[made] + 1 : k]):
            found[op] = made


def _is_still(op: Op) -> bool:
    """Whether memory is the same behind an op."""
    return all(inner.defn.pure or inner.defn is scf.YIELD or inner.regions
               for inner in with_inner([op]))  # fmt: skip


def _nothing() -> None: ...


class _Nested(Rebuilder):
    """A copy in which a condition's second part stands in the branch of the first. parts: by branch, the op of its condition."""

    def __init__(self, f: Function, parts: dict[Op, Op]) -> None:
        super().__init__(f)
        self.parts = parts
        self.taken = set(parts.values())
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        if op in self.taken and op not in self.parts:
            return True  # where its branch is
        made = self.parts.get(op)
        if made is None:
            return False
        self.nest(made, op)
        return True

    def nest(self, made: Op, op: Op) -> None:
        """A branch on `made`'s condition, with one on what it yields in it."""
        done = 0 if len(op.regions[0].ops) > 1 else 1
        asked = made.regions[done]

        def when(cond: Value, inside: Callable[[], None]) -> None:
            self.b.when(cond, *((inside, None) if done == 0 else (_nothing, inside)))

        def second() -> None:
            for inner in asked.ops[:-1]:
                self.copy(inner)
            when(self.mapping[asked.yielded[0]], lambda: self.fill_without_end(op.regions[done]))

        when(self.mapping[made.operands[0]], second)

    def fill_without_end(self, region: Region) -> None:
        for inner in region.ops[:-1]:
            self.copy(inner)
