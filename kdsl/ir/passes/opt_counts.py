"""Which elements are counted is computed first, for a whole row of threads, and then they are counted.

One idea: an update `table[b] += 1` is a load and a store, and a processor lets loads pass stores whose addresses it does not know
yet. Where b is computed (from floats, by a division) the addresses come late and in any order, loads pass stores that they should
have waited for, and the processor begins anew. Numbers that lie in memory are known early. So a loop that counts only writes down
what is to be counted, in the nearest cache, and a loop behind it does so.

That may be where nothing in the loop looks at the table, whose updates are of one kind that may come in any order: atomics of
several threads have none. Lanes that are off are left out of what is written down (`tile.compact`), where an instruction does so
and where the rows of an array stand for one table (`vectorize/pool`), so that it does not matter which lane is in which; else
such lanes are counted as they were, on the way.
"""

from __future__ import annotations

from typing import NamedTuple

from ...target import Target
from .. import types as T
from ..analysis.combining import JOINED
from ..analysis.masks import is_on
from ..analysis.uses import users
from ..builder import Rebuilder
from ..core import Function, Op, Region, Value, walk
from ..ops import arith, memory, scf, tile

__all__ = ["opt_counts"]

_LEAST_VECTORS, _MOST_NUMBERS = 4, 2048
_MOST_BYTES = 8192  # of the nearest cache and of the stack, for all loops
_ROUNDS = 24  # at a time, of loops that are as long as a launch has it
_MOST_LANES = 16  # more are counted in a loop, whose numbers are in memory anyway
_BY_INSTRUCTION = 64  # bytes of a vector whose lanes an instruction compacts


_Key = tuple[int, int, T.ScalarType]  # of an array of numbers: of which list of a loop, what of it, and its type


class _List(NamedTuple):
    """What a loop writes down of one array's updates.

    axes: of the indices that differ in its rounds. like: one of the updates, of which all else is the same as of the others. types:
    of what is written down, for each index and, where it differs too, of the value. sites: of each update, whether all lanes
    are on. most: numbers. own: what the loop makes.
    """

    array: Value
    axes: tuple[int, ...]
    like: Op
    types: tuple[T.ScalarType, ...]
    sites: dict[Op, bool]
    lanes: int
    most: int
    own: set[Value]

    @property
    def takes_value(self) -> bool:
        return len(self.types) > len(self.axes)

    def keys(self, k: int) -> list[_Key]:
        """The arrays of numbers of a loop's kth list."""
        return [(k, n, t) for n, t in enumerate(self.types)]

    def noted(self, op: Op) -> list[Value]:
        """What is written down of an update."""
        return [*[op.operands[1 + axis] for axis in self.axes], *([op.operands[-1]] if self.takes_value else [])]


def opt_counts(f: Function, target: Target) -> Function:
    """An equal function; `f` itself where nothing is counted so."""
    if not any(op.defn is tile.ATOMIC for op in walk(f.body)):
        return f
    found = _Finder(f, compacts=target.vector_bytes >= _BY_INSTRUCTION)
    return _Apart(f, found.loops, found.room).new if found.loops else f


class _Finder:
    """loops: what is written down in each loop that may do so."""

    def __init__(self, f: Function, *, compacts: bool) -> None:
        self.users = users(f)
        self.compacts = compacts
        self.loops: dict[Op, list[_List]] = {}
        self.room = dict[_Key, int]()  # numbers of each kind
        for op in walk(f.body):
            if op.defn is scf.FOR and (lists := self.fitting(self.lists(op))):
                self.loops[op] = lists

    def fitting(self, lists: list[_List]) -> list[_List]:
        """Those that there is room for, which loops have in common."""
        found = list[_List]()
        for some in lists:
            room = dict(self.room)
            for key in some.keys(len(found)):
                room[key] = max(room.get(key, 0), some.most)
            if sum([n * t.size_bytes for (_, _, t), n in room.items()]) <= _MOST_BYTES:
                self.room = room
                found.append(some)
        return found

    def lists(self, loop: Op) -> list[_List]:
        """Of a loop without loops."""
        lo, hi, step = [v.constant for v in loop.operands[:3]]
        inner = list(walk(loop.regions[0]))
        arrays = {op.operands[0]: None for op in inner if op.defn is tile.ATOMIC}
        if not arrays or not isinstance(step, int) or step < 1 or any(op.defn in (scf.FOR, scf.WHILE) for op in inner):
            return []
        is_known = isinstance(lo, int) and isinstance(hi, int)
        own = {v for op in inner for v in [*op.results, *[a for region in op.regions for a in region.args]]}
        own.update(loop.regions[0].args)
        found = [self.list_of(array, inner, own, max(-((lo - hi) // step), 0) if is_known else _ROUNDS) for array in arrays]
        return [some for some in found if some is not None]

    def list_of(self, array: Value, inner: list[Op], own: set[Value], rounds: int) -> _List | None:
        t = array.type
        if not isinstance(t, T.ArrayType) or t.space not in (T.Space.SHARED, T.Space.PRIVATE):
            return None
        touching = [op for op in inner if op.operands and op.operands[0] is array and op.defn is not memory.EXTENT]
        kinds = {op.attributes.get("kind") for op in touching}
        is_counted = all(op.defn is tile.ATOMIC and op.results[0] not in self.users for op in touching)
        if not is_counted or len(kinds) != 1 or not kinds <= set(JOINED):
            return None
        sites = dict[Op, bool]()
        axes, like = (), touching[0]
        for op in touching:
            found = _computed(op, own)
            if not found or (sites and (found != axes or not _alike(op, like, axes, own))):
                continue
            whole = is_on(op.operands[-2])
            if not whole and not (self.compacts and _any_lane(op, found, own)):
                continue
            if not sites:
                axes, like = found, op
            sites[op] = whole
        x = like.operands[-1]
        types = (*[T.i32 for _ in axes], *([] if _made_again(x, own) else [T.element_of(x.type)]))
        lanes, vectors = T.shape_of(x.type)[0], rounds * len(sites)
        if not 1 < lanes <= _MOST_LANES or not _LEAST_VECTORS <= vectors <= _MOST_NUMBERS // (lanes * max(len(types), 1)):
            return None
        return _List(array, axes, like, types, sites, lanes, (vectors + 1) * lanes, own)


def _computed(op: Op, own: set[Value]) -> tuple[int, ...]:
    """The axes of the indices that differ in a loop's rounds, where one of them is computed; all others can be made again."""
    indices = op.operands[1:-2]
    axes = [axis for axis, v in enumerate(indices) if not _made_again(v, own) and not (axis == 0 and _ways(op))]
    if not all(isinstance(indices[axis].type, T.TileType) for axis in axes) or all(_is_loaded(indices[axis], own) for axis in axes):
        return ()
    return tuple(axes)


def _made_again(v: Value, own: set[Value]) -> bool:
    """Whether a value is there outside of the loop, or is made of such and of numbers."""
    op = v.op
    if v not in own:
        return True
    if op is None or op.regions or not (op.defn.elementwise or op.defn in (arith.CONSTANT, tile.IOTA, tile.SPLAT)):
        return False
    return all(_made_again(x, own) for x in op.operands)


def _is_loaded(index: Value, own: set[Value]) -> bool:
    """Whether an index is in memory already, but for what all lanes add, and what they add in each round."""
    op = index.op
    if op is not None and op.defn is arith.CAST and T.element_of(op.operands[0].type).is_integer:
        return _is_loaded(op.operands[0], own)
    if op is not None and op.defn is arith.ADD:
        rest = [v for v in op.operands if not _is_uniform(v) and not _made_again(v, own)]
        return len(rest) == 1 and _is_loaded(rest[0], own)
    return op is not None and op.defn is tile.LOAD


def _alike(a: Op, b: Op, axes: tuple[int, ...], own: set[Value]) -> bool:
    """Whether two updates have all in common but those indices, the mask, and values that differ in the loop's rounds."""
    if a.attributes != b.attributes or a.operands[-1].type != b.operands[-1].type:
        return False
    pairs = list(enumerate(zip(a.operands[1:-2], b.operands[1:-2], strict=True)))
    others = [pair for k, pair in pairs if k not in axes and not (k == 0 and _ways(a))]
    x, y = a.operands[-1], b.operands[-1]
    if _made_again(x, own):
        others.append((x, y))
    return _made_again(x, own) is _made_again(y, own) and all(_same(v, w) for v, w in others)


def _same(x: Value, y: Value) -> bool:
    a, b = x.op, y.op
    if x is y or a is None or b is None:
        return x is y
    if a.defn is not b.defn or a.attributes != b.attributes or x.type != y.type or a.regions or a.defn.touches:
        return False
    return len(a.operands) == len(b.operands) and all(map(_same, a.operands, b.operands))


def _ways(op: Op) -> int:
    """How many rows of an update's array stand for one table, so that any may be updated; 0: none do."""
    alloc = op.operands[0].op
    return 0 if alloc is None else alloc.attributes.get("ways", 0)


def _any_lane(op: Op, axes: tuple[int, ...], own: set[Value]) -> bool:
    """Whether it does not matter which lane updates an element: what is not written down is the same for all, but for which of the
    rows in common."""
    others = [v for k, v in enumerate(op.operands[1:-2]) if k not in axes and not (k == 0 and _ways(op))]
    return all(_is_uniform(v) or not _made_again(v, own) for v in [*others, op.operands[-1]])


def _is_uniform(v: Value) -> bool:
    return not isinstance(v.type, T.TileType) or (v.op is not None and v.op.defn is tile.SPLAT)


class _Apart(Rebuilder):
    """A copy in which such loops are two."""

    def __init__(self, f: Function, loops: dict[Op, list[_List]], room: dict[_Key, int]) -> None:
        super().__init__(f)
        self.loops = loops
        self.numbers = {key: self.alloc(key[2], n) for key, n in room.items()}
        self.lists: list[_List] = []  # of the loop that is being made
        self.counts: list[Value] = []  # how many numbers each has so far
        self.ends: set[Op] = set()  # what yields them, too
        self.fill(f.body)

    def alloc(self, t: T.ScalarType, n: int) -> Value:
        return self.b.emit(memory.ALLOC, type=T.ArrayType(t, 1, T.Space.PRIVATE, (n,), 0), name="numbers")

    def index(self, n: int) -> Value:
        return self.b.constant(n, T.index)

    def changes(self, op: Op) -> bool:
        if op in self.loops:
            self.loop(op)
            return True
        if op in self.ends:
            self.b.yield_(*[self.mapping[v] for v in op.operands], *self.counts)
            return True
        for k, some in enumerate(self.lists):
            if op in some.sites:
                self.note(op, k, is_whole=some.sites[op])
                return True
        if op.defn is scf.IF and any(inner in some.sites for some in self.lists for r in op.regions for inner in walk(r)):
            self.branch(op)
            return True
        return False

    def note(self, op: Op, k: int, *, is_whole: bool) -> None:
        """Writes down which elements an update has, and their values if they differ."""
        some, b = self.lists[k], self.b
        mask, true, added = self.mapping[op.operands[-2]], b.constant(True, T.bool_), self.index(some.lanes)
        for n, (v, t) in enumerate(zip(some.noted(op), some.types, strict=True)):
            number, wanted = self.mapping[v], T.TileType(t, (some.lanes,))
            number = _narrowest(number) if n < len(some.axes) else number
            number = number if number.type == wanted else b.emit(arith.CAST, number, type=wanted)
            number = number if is_whole else b.emit(tile.COMPACT, number, mask)
            b.emit(tile.STORE, self.numbers[k, n, t], self.counts[k], true, number, axis=0, step=1, offset=0)
        if not is_whole:
            added = b.emit(arith.CAST, b.emit(arith.POPCOUNT, b.emit(tile.BITS, mask)), type=T.index)
        self.counts[k] = b.emit(arith.ADD, self.counts[k], added)

    def branch(self, op: Op) -> None:
        """A branch that gives how many numbers there are then, too."""
        before, regions = self.counts, []
        for region in op.regions:
            self.counts = list(before)
            regions.append(self.region(region, Region()))
        made = self.b.if_(self.mapping[op.operands[0]], [*[v.type for v in op.results], *[v.type for v in before]], *regions)
        self.mapping.update(zip(op.results, made.results[: len(op.results)], strict=True))
        self.counts = list(made.results[len(op.results) :])

    def region(self, region: Region, new: Region) -> Region:
        """A region that yields them, too."""
        self.ends.add(region.terminator)
        with self.b.inside(new):
            self.fill(region)
        return new

    def loop(self, op: Op) -> None:
        b, lists = self.b, self.loops[op]
        lo, hi, step, *init = [self.mapping[v] for v in op.operands]
        if op.operands[0].constant is not None and op.operands[1].constant is not None:
            results = self.both(op, lists, lo, hi, step, init)
        else:
            some = self.index(_ROUNDS * op.operands[2].constant)
            rounds = Region((T.index, *[v.type for v in init]), ("begin", *[a.name for a in op.regions[0].args[1:]]))
            with b.inside(rounds):
                begin, *carried = rounds.args
                end = b.emit(arith.MINIMUM, b.emit(arith.ADD, begin, some), hi)
                b.yield_(*self.both(op, lists, begin, end, step, carried))
            results = b.for_(lo, hi, some, init, rounds).results
        for old, result in zip(op.results, results, strict=True):
            result.name = old.name
            self.mapping[old] = result

    def both(self, op: Op, lists: list[_List], lo: Value, hi: Value, step: Value, init: list[Value]) -> tuple[Value, ...]:
        """The two loops, from `lo` to `hi`; gives what the first one carries."""
        (body,) = op.regions
        carried = [("numbers", T.index) for _ in lists]
        names, types = zip(*[(a.name, a.type) for a in body.args], *carried, strict=True)
        new = Region(types, names)
        self.mapping.update(zip(body.args, new.args[: len(body.args)], strict=True))
        self.lists, self.counts = lists, list(new.args[len(body.args) :])
        self.region(body, new)
        self.lists = []
        results = self.b.for_(lo, hi, step, [*init, *[self.index(0) for _ in lists]], new).results
        for k, (some, count) in enumerate(zip(lists, results[len(init) :], strict=True)):
            with self.b.at(some.like.span):
                self.count(some, [self.numbers[key] for key in some.keys(k)], count)
        return results[: len(init)]

    def count(self, some: _List, numbers: list[Value], count: Value) -> None:
        """The second loop."""
        b, shape = self.b, (some.lanes,)
        is_even = all(some.sites.values())
        zero, true, step = self.index(0), b.constant(True, T.bool_), self.index(some.lanes)
        for array, t in zip(numbers, some.types, strict=True):
            if not is_even:  # nobody has written what the last vector has behind the last number
                b.emit(tile.STORE, array, count, true, b.constant(0, T.TileType(t, shape)), axis=0, step=1, offset=0)
        body = Region((T.index,), ("first",))
        with b.inside(body):
            (first,) = body.args
            noted = [b.emit(tile.LOAD, array, first, true, type=T.TileType(t, shape), axis=0, step=1, offset=0)
                     for array, t in zip(numbers, some.types, strict=True)]  # fmt: skip
            if is_even:
                mask = b.splat(b.constant(True, T.bool_), shape)
            else:
                left = b.emit(arith.CAST, b.emit(arith.SUB, count, first), type=T.i32)
                mask = b.emit(arith.LT, b.emit(tile.IOTA, type=T.TileType(T.i32, shape)), b.splat(left, shape))
            *indices, x = [some.like.operands[k] for k in (*range(1, len(some.like.operands) - 2), -1)]
            made: dict[Value, Value] = {}
            places = [b.emit(arith.CAST, noted[some.axes.index(axis)], type=v.type) if axis in some.axes
                      else self.way(_ways(some.like), first, some.lanes) if axis == 0 and _ways(some.like)
                      else self.again(v, some.own, made)
                      for axis, v in enumerate(indices)]  # fmt: skip
            value = noted[-1] if some.takes_value else self.again(x, some.own, made)
            b.emit(tile.ATOMIC, self.mapping[some.array], *places, mask, value, type=x.type, **some.like.attributes)
            b.yield_()
        b.for_(zero, count, step, [], body)

    def way(self, ways: int, first: Value, lanes: int) -> Value:
        """Which of the rows in common each lane updates: neighbours different ones."""
        b, some = self.b, (lanes,)
        lane, most = b.emit(tile.IOTA, type=T.TileType(T.index, some)), self.index(ways - 1)
        if lanes >= ways:
            return b.emit(arith.AND, lane, b.splat(most, some))
        return b.emit(arith.ADD, b.splat(b.emit(arith.AND, first, most), some), lane)

    def again(self, v: Value, own: set[Value], made: dict[Value, Value]) -> Value:
        """A value of the first loop in the second one. own: what the first loop has of its own."""
        if v not in own:
            return self.mapping[v]
        if v not in made:
            assert v.op is not None
            operands = [self.again(x, own, made) for x in v.op.operands]
            (made[v],) = self.b.emit_op(v.op.defn, operands, [v.type], v.op.attributes).results
        return made[v]


def _narrowest(index: Value) -> Value:
    """What an index was before it was widened, of at most 32 bits."""
    op = index.op
    if op is None or op.defn is not arith.CAST:
        return index
    a, c = T.element_of(op.operands[0].type), T.element_of(index.type)
    fits = a.is_integer and not a.is_bool and T.holds(c, a)
    return _narrowest(op.operands[0]) if fits and c.bits > 32 else index
