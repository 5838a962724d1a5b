"""Numbers of points, as the channels of a picture's: what threads, one for each point, do alike with all of them.

One idea: if what happens to numbers 0, 1 and 2 of points is alike, and lane by lane, nobody can tell which lane of three vectors
has which number. It is alike in the rounds of a loop over numbers, by what the loop looks at, and in straight code where three
stores have values that are made by the same ops, of the same number each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .. import types as T
from ..core import Op, Region, Value, inner_ops, walk
from ..ops import arith, memory, scf, tile
from .masks import is_on

__all__ = ["MOST_NUMBERS", "Alike", "Numbers", "Rounds", "Rows", "alike_in", "array_of", "goes_over_numbers", "is_splat",
           "lanes_of", "made_of", "mask_of", "of_all", "rounds_of", "rows_of", "spread"]  # fmt: skip

MOST_NUMBERS = 8  # of a point
_MOST_OPS = 400  # that are alike

# Values that belong together, of number 0, 1, 2; None: what that number has does not matter.
Numbers = tuple[Value | None, ...]
_PLAIN = (scf.FOR, scf.IF, scf.WHILE, scf.YIELD, memory.LOAD, memory.EXTENT, arith.CONSTANT, tile.LOAD, tile.SPLAT, tile.IOTA,
          tile.ANY, tile.ALL)  # fmt: skip


class Stored(NamedTuple):
    """The stores of an array's points, by their numbers. values: what they store; where that is not alike for all, as of colours
    and alpha, for each kind those of its numbers, the most frequent one first."""

    ops: tuple[Op, ...]
    values: list[Numbers]


class Alike(NamedTuple):
    """What straight code stores of points, by arrays. last: of all stores. made: what is made alike for them, each behind what it
    is made of. own: the ops of that."""

    stores: list[Stored]
    last: Op
    made: list[Numbers]
    own: set[Op]


class Rounds(NamedTuple):
    """What a loop over the numbers of points has. few: how many. accesses: those to them. of_points: values that points have, from
    around the loop or loaded in it. apart: arrays that must not overlap, as one is loaded for each number. beside: arrays that must
    not, or have to be the same, as a number may not become another's."""

    few: int
    accesses: list[Op]
    of_points: list[Value]
    apart: list[tuple[Value, Value]]
    beside: list[tuple[Value, Value]]


class Rows(NamedTuple):
    """What threads have that fill a row each, one after the other. vectors, singles: the loops along a row, of which the second
    takes one number at a time. before: of each what is computed for it. accesses: those of the first. condition: for it; None:
    there is none."""

    vectors: Op
    singles: Op
    before: tuple[list[Op], list[Op]]
    accesses: list[Op]
    condition: Value | None


# --- of threads ---


def goes_over_numbers(loop: Op) -> bool:
    """Whether an op of a thread is a loop over so many numbers, which stores nothing but what it counts."""
    if _few(loop) is None:
        return False
    counter, inside = loop.regions[0].args[0], list(walk(loop.regions[0]))
    stores = [op for op in inside if op.defn.writes or op.defn.orders]
    return bool(stores) and all(_is_number(op, counter) for op in inside if op in stores or counter in op.operands)


def _few(op: Op) -> int | None:
    """How many rounds a loop has that counts so many numbers and hands nothing on."""
    if op.defn is not scf.FOR or op.results:
        return None
    lo, hi, step = [v.constant for v in op.operands[:3]]
    return hi if lo == 0 and step == 1 and isinstance(hi, int) and 1 < hi <= MOST_NUMBERS else None


def _is_number(op: Op, counter: Value) -> bool:
    """Whether an access is one to the number that a loop counts."""
    if op.defn is not memory.LOAD and op.defn is not memory.STORE:
        return False
    t = array_of(op)
    if t.rank < 2 or t.space is not T.Space.GLOBAL or t.unit_axis is None:
        return False
    return op.operands[1 + t.unit_axis] is counter and op.operands.count(counter) == 1


# --- of vectors ---


def array_of(op: Op) -> T.ArrayType:
    """The type of the array that an access is to."""
    t = op.operands[0].type
    assert isinstance(t, T.ArrayType)
    return t


def mask_of(op: Op) -> Value:
    """Which lanes of an access are on."""
    return op.operands[1 + array_of(op).rank]


def lanes_of(op: Op) -> int:
    """Of a `tile.load` or a `tile.store`."""
    return T.shape_of(_accessed(op))[0]


def _accessed(op: Op) -> T.Type:
    return op.results[0].type if op.results else op.operands[-1].type


def is_splat(v: Value) -> bool:
    return v.op is not None and v.op.defn is tile.SPLAT


def of_all(vs: Numbers) -> bool:
    """Whether all numbers have one value. It may have been loaded for each, as nothing is stored in between."""
    present = [v for v in vs if v is not None]
    ops = _ops(present)
    if not ops or ops[0].defn is not tile.LOAD:
        return all(v is present[0] for v in present)
    return len(ops) == len(present) and all(
        op.defn is tile.LOAD and op.operands == ops[0].operands and op.attributes == ops[0].attributes for op in ops)


def spread(vs: Numbers, given: Sequence[Value]) -> Numbers:
    """What numbers that matter have, as numbers."""
    rest = iter(given)
    return tuple([None if v is None else next(rest) for v in vs])


def made_of(vs: Numbers) -> list[Op]:
    """The ops that make values alike."""
    return _ops([v for v in vs if v is not None])


def _ops(vs: Iterable[Value]) -> list[Op]:
    return [v.op for v in vs if v.op is not None]


def _which(op: Op) -> Value | None:
    """The index that says which number of lanes' points an access is of; None: it is another op."""
    if op.defn is not tile.LOAD and op.defn is not tile.STORE:
        return None
    t = array_of(op)
    if t.space is not T.Space.GLOBAL or t.unit_axis is None or "points" in op.attributes:
        return None
    if abs(t.unit_axis - op.attributes["axis"]) != 1:
        return None  # with an axis in between, as rows of small matrices, points do not follow one another
    is_plain = t.element is T.element_of(_accessed(op)) and op.attributes["step"] == 1 and not op.attributes["offset"]
    return op.operands[1 + t.unit_axis] if is_plain else None


def _number(op: Op) -> int | None:
    v = _which(op)
    n = None if v is None else v.constant
    return n if isinstance(n, int) and 0 <= n < MOST_NUMBERS else None


def _points(op: Op) -> tuple[object, ...]:
    """What accesses to the same points have in common."""
    t = array_of(op)
    indices = [v for axis, v in enumerate(op.operands[1 : 1 + t.rank]) if axis != t.unit_axis]
    return op.operands[0], op.attributes["axis"], *indices


def rounds_of(loop: Op) -> Rounds | None:
    """Of a loop over the numbers of points, in which lanes look at their own only."""
    few = _few(loop)
    if few is None:
        return None
    counter, inside = loop.regions[0].args[0], list(walk(loop.regions[0]))
    made = {v for op in inside for v in (*op.results, *[a for region in op.regions for a in region.args])}
    accesses: list[Op] = []
    of_points: dict[Value, None] = {}
    for op in inside:
        if _which(op) is counter and op.operands.count(counter) == 1:
            accesses.append(op)
        elif counter in op.operands or not (op.defn.elementwise or op.defn in _PLAIN):
            return None
        elif op.defn in (tile.LOAD, tile.IOTA):
            of_points[op.results[0]] = None
        of_points.update(dict.fromkeys([v for v in op.operands if T.shape_of(v.type) and v not in made and not is_splat(v)]))
    stored = dict.fromkeys([op.operands[0] for op in accesses if op.defn is tile.STORE])
    loaded = dict.fromkeys([op.operands[0] for op in inside if op.defn in (tile.LOAD, memory.LOAD) and op not in accesses])
    if not stored or any(array in loaded for array in stored):
        return None
    if len(of_points) > len(accesses):
        return None
    own = dict.fromkeys([op.operands[0] for op in accesses])
    beside = [(a, b) for a in stored for b in own if a is not b]
    return Rounds(few, accesses, list(of_points), [(a, b) for a in stored for b in loaded], beside)


def rows_of(loop: Op) -> Rows | None:
    """Of a loop over threads, whose vectors look at nothing but what stands at their places in their rows: which row it is does not
    matter then."""
    if loop.defn is not scf.FOR or loop.results or loop.operands[2].constant != 1:
        return None
    body = loop.regions[0]
    choices = [op for op in body.ops if op.regions]
    if len(choices) != 1 or any(op.defn.touches or not op.defn.pure for op in body.ops[:-1] if op not in choices):
        return None
    (choice,), own = choices, set(body.ops)
    if choice.defn is not scf.IF or choice.results:
        return None
    asked = choice.operands[0].op
    conditions = list(asked.operands) if asked is not None and asked.defn is arith.AND else list(choice.operands)
    outside = [v for v in conditions if v.op not in own]
    if len(conditions) - len(outside) != 1 or len(outside) > 1:
        return None
    way = [body, choice.regions[1]]
    while (singles := next((op for op in way[-1].ops if op.regions), None)) is not None and singles.defn is scf.IF:
        way.append(singles.regions[1])  # of few numbers under a mask, where masks cost nothing
    vectors = next((op for op in choice.regions[0].ops if op.defn is scf.FOR), None)
    if vectors is None or singles is None or singles.defn is not scf.FOR or singles.operands[2].constant != 1:
        return None
    if any(op.results or op.operands[0].constant != 0 for op in (vectors, singles)):
        return None
    if any(len([op for op in region.ops if op.regions]) != 1 for region in way):
        return None  # another loop behind it
    before = [[op for part in parts for op in part.ops if not op.regions and op.defn is not scf.YIELD]
              for parts in ((body, choice.regions[0]), way)]  # fmt: skip
    if any(not op.defn.mergeable for ops in before for op in ops):
        return None
    of_thread = {body.args[0]}
    for op in before[0]:
        if any(v in of_thread for v in op.operands):
            of_thread.update(op.results)
    accesses = _in_rows(vectors.regions[0], body.args[0], of_thread)
    is_known = isinstance(singles.operands[1].constant, int) or [op.defn for op in _ops(singles.operands[1:2])] == [memory.EXTENT]
    if not accesses or not is_known or vectors.operands[2].constant != lanes_of(accesses[0]):
        return None
    if len([op for op in walk(singles.regions[0]) if op.defn.writes]) != len([op for op in accesses if op.defn is tile.STORE]):
        return None
    shared = [op for op in before[0] if op.results[0] not in of_thread]
    return Rows(vectors, singles, (shared, before[1]), accesses, outside[0] if outside else None)


def _in_rows(body: Region, thread: Value, of_thread: set[Value]) -> list[Op] | None:
    """The accesses of a loop along rows, if they are all that vectors look at, and store. of_thread: what hangs on which it is."""
    counter, accesses = body.args[0], list[Op]()
    for op in body.ops[:-1]:
        hangs = [v for v in op.operands if v in of_thread or v is counter]
        if op.defn in (tile.LOAD, tile.STORE):
            t, at = array_of(op), op.operands[1:]
            unit = t.unit_axis
            if t.space is not T.Space.GLOBAL or unit is None or unit != op.attributes["axis"] or not is_on(mask_of(op)):
                return None
            is_plain = t.element is T.element_of(_accessed(op)) and op.attributes["step"] == 1 and not op.attributes["offset"]
            places = [axis for axis in range(t.rank) if at[axis] is thread]
            if not is_plain or at[unit] is not counter or len(places) != 1 or abs(places[0] - unit) != 1 or len(hangs) != 2:
                return None
            accesses.append(op)
        elif op.regions or hangs or not op.defn.mergeable:
            return None
    return accesses if any(op.defn is tile.STORE for op in accesses) else None


def alike_in(body: Region, users: dict[Value, list[Op]]) -> Alike | None:
    """What straight code in a region does alike, if nothing else looks at it. users: by value, the ops that take it."""
    groups: dict[tuple[object, ...], dict[int, Op]] = {}
    for op in body.ops:
        if op.defn is tile.STORE and (n := _number(op)) is not None:
            groups.setdefault(_points(op), {})[n] = op
    whole = [numbers for numbers in groups.values() if len(numbers) == max(numbers) + 1 > 1]
    candidates = [tuple([numbers[n] for n in sorted(numbers)]) for numbers in whole]
    if not candidates:
        return None
    search = _Search(body)
    stores = [Stored(ops, values) for ops in candidates if (values := search.take(ops)) is not None]
    if not stores or len(search.of_points) > search.loads + len(stores):
        return None  # what is repeated takes as many shuffles
    return search.found(stores) if search.stands_alone(stores, users) else None


def _kinds(values: Sequence[Value]) -> list[Numbers]:
    """Values by what makes them, the most frequent kind first."""
    kinds: dict[object, set[int]] = {}
    for n, v in enumerate(values):
        kinds.setdefault(None if v.op is None else v.op.defn, set()).add(n)
    in_order = sorted(kinds.values(), key=len, reverse=True)
    return [tuple([v if n in kind else None for n, v in enumerate(values)]) for kind in in_order]


class _Search:
    """What values of a region are made of, as far as that is alike for all numbers. made: such, but what has no number. owner: by
    the op of each, those that it is one of. loads: how many are loaded. of_points: values that all numbers of a point have."""

    def __init__(self, body: Region) -> None:
        self.body = body
        self.place = {op: k for k, op in enumerate(body.ops)}
        self.made: dict[Numbers, None] = {}
        self.owner: dict[Op, Numbers] = {}
        self.of_points: dict[Numbers, None] = {}
        self.loads = 0

    def take(self, stores: tuple[Op, ...]) -> list[Numbers] | None:
        """What is stored, by kinds, if each is alike; if not, nothing of it is kept."""
        values, masks = [op.operands[-1] for op in stores], tuple([mask_of(op) for op in stores])
        if self.are_alike([tuple(values), masks]):
            return [tuple(values)]
        kinds = _kinds(values)
        is_worth_it = len(kinds) == 2 and len(values) - kinds[0].count(None) > 1  # both are made for all lanes
        return kinds if is_worth_it and self.are_alike([*kinds, masks]) else None

    def are_alike(self, numbers: list[Numbers]) -> bool:
        before = dict(self.made), dict(self.owner), dict(self.of_points), self.loads
        open_ = list(numbers)
        while open_:  # no recursion: a value may be hundreds of ops deep
            more = self.parts(open_.pop())
            if more is None or len(self.owner) > _MOST_OPS:
                self.made, self.owner, self.of_points, self.loads = before
                return False
            open_ += more
        return True

    def parts(self, vs: Numbers) -> list[Numbers] | None:
        """What values are made of that is yet to be asked for; None where they are not alike."""
        present = [v for v in vs if v is not None]
        if vs in self.made or all(is_splat(v) for v in present) or all(T.element_of(v.type).is_bool and is_on(v) for v in present):
            return []
        ops = [op for op in _ops(present) if op in self.place and op not in self.owner]
        own = [_number(op) == n for n, v in enumerate(vs) if v is not None for op in _ops([v])]
        is_one = len(present) == 1 < len(vs) and bool(ops) and (own == [True] or ops[0].defn.elementwise)
        if of_all(vs) and not is_one:
            self.of_points[vs] = None
            return []
        first = ops[0] if ops else None
        if first is None or len(ops) < len(present) or any(op.defn is not first.defn or len(op.results) != 1 for op in ops):
            return None
        if first.defn is tile.LOAD:
            if not all(own) or any(_points(op) != _points(first) for op in ops):
                return None
            self.loads += 1
            parts = [spread(vs, [mask_of(op) for op in ops])]
        elif not first.defn.elementwise or any(op.attributes != first.attributes for op in ops):
            return None
        else:
            parts = [spread(vs, operands) for operands in zip(*[op.operands for op in ops], strict=True)]
        self.made[vs] = None
        self.owner.update(dict.fromkeys(ops, vs))
        return parts

    def stands_alone(self, stores: Sequence[Stored], users: dict[Value, list[Op]]) -> bool:
        """Whether nothing else looks at what is made, and nothing else is written between what is loaded and what is stored."""
        written = [op for one in stores for op in one.ops]
        ours = {*self.owner, *written}
        if any(user not in ours for op in self.owner for user in users.get(op.results[0], ())):
            return False
        if any(op in self.owner for vs in self.of_points for op in made_of(vs)):
            return False  # one number is what all look at
        looked_at = [*self.owner, *[op for vs in self.of_points for op in made_of(vs) if op in self.place]]
        loads = [self.place[op] for op in looked_at if op.defn is tile.LOAD]
        places = [self.place[op] for op in written]
        if not loads or max(loads) > min(places):
            return False

        def others(first: int, last: int) -> list[Op]:
            ops = [op for op in self.body.ops[first:last] if op not in ours]
            return [*ops, *[inner for op in ops for inner in inner_ops(op)]]

        is_still = all(op.defn.pure for op in others(min(loads), min(places)))
        return is_still and not any(op.defn.touches or not op.defn.pure for op in others(min(places), max(places)))

    def found(self, stores: list[Stored]) -> Alike:
        def last(ops: Iterable[Op]) -> int:
            return max([self.place[op] for op in ops])

        in_order = sorted(stores, key=lambda one: last(one.ops))
        made = sorted(self.made, key=lambda vs: last(made_of(vs)))
        return Alike(in_order, self.body.ops[last(in_order[-1].ops)], made, set(self.owner))
