"""Shared arrays that are windows: what they hold is an argument's elements as they lie there, so threads may load those themselves.

One idea: on a GPU the threads of a block bring a tile with its halo into shared memory, wait, and compute from there. A processor's
cache does so by itself, and the tile costs a store and a load for each element, short rows, and a branch for each edge. Where every
store says of an element what all others would say (the element at `e` is `a[e + where the block is]`, or a number outside of `a`),
the tile's loads become loads of `a`; without tiles and barriers a thread sees its block no more, and rows are as long as those of
neighbouring blocks. What is loaded later than it was must not have been stored to meanwhile, which is asked when the code runs:
whether arrays overlap. Where they do, blocks run one by one, as they are written.

An element that no thread has stored may be anything; but that it is loaded must not fail, so what may lie outside is asked for.

Blocks may bring a tile anew in each turn of a loop, as those do that march through a volume with a plane in shared memory. The same
threads store the same elements in all turns then, and each turn's loads are of what it has stored. What a thread keeps from one
turn to the next, as the plane above that is the next turn's own, is an element that the next turn's counter would lead to. And
no thread may meet in another turn what another has stored: each has elements of the results to itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from ... import types as T
from ...analysis.forms import Atom, Form, Forms, added, holds_surely, known, number, replaced
from ...builder import Rebuilder, clone_op
from ...core import Function, Op, Region, Value, walk
from ...ops import arith, memory, scf, simt
from .narrow import parts_of

__all__ = ["Windows", "one_by_one", "windows"]

_MOST_LOADS = 64  # of windows, in the code
_MOST_ASKED = 12  # of them that ask where they are; in loops none
_MOST_PAIRS = 6
_CHAIN = 3  # ops between an argument's element and that of the window


class Windows(NamedTuple):
    """function: what a thread does without shared arrays. apart: numbers of arguments that must not overlap for it."""

    function: Function
    apart: tuple[tuple[int, int], ...]


class _GivesUp(Exception):
    """Some op needs what a thread without a block does not know."""


class _Access(NamedTuple):
    """Of memory. path: conditions that hold where it is. segment: how many barriers are before it. turns: the loop around it in
    which threads meet."""

    op: Op
    path: tuple[tuple[Value, bool], ...]
    segment: int
    in_loop: bool
    turns: Op | None


class _Source(NamedTuple):
    """What is stored: `chain` of an argument's element. guards: what must not be negative for that; else it is `fill`.
    outside: whether the element is loaded only then."""

    load: Op
    indices: tuple[Form, ...]
    chain: tuple[Op, ...] = ()
    guards: tuple[Form, ...] = ()
    fill: Op | None = None
    outside: bool = True


class _Window(NamedTuple):
    """source: in `places`, the elements' own indices, and what is the same for the block. asked: what must hold at its loads."""

    source: _Source
    asked: tuple[Form, ...]


def windows(f: Function) -> Windows | None:
    """None where a shared array is something else, or the kernel sees its block in another way."""
    allocations = [op for op in walk(f.body) if op.defn is memory.ALLOC]
    if not allocations or f.debug or f.sites or f.attributes.get("block") is None or "merged" in f.attributes:
        return None
    search = _Search(f)
    if not search.region(f.body, (), is_top=True, in_loop=False):
        return None
    apart = search.apart()
    if apart is None:
        return None
    found: dict[Value, _Window] = {}
    for op in allocations:
        window = search.window(op.results[0])
        if window is None or search.is_written(window.source.load.operands[0]):
            return None
        found[op.results[0]] = window
    try:
        made = _Without(f, search, found)
    except _GivesUp:
        return None
    return Windows(made.new, apart)


class _Search:
    """Looks at all accesses of a function. accesses: by array, in order."""

    def __init__(self, f: Function) -> None:
        self.f = f
        self.forms = Forms(f)
        self.accesses: dict[Value, list[_Access]] = {}
        self.segment = 0
        self.turns: Op | None = None  # a loop in which threads meet, and what is in it
        self.within: dict[Op, tuple[tuple[Value, bool], ...]] = {}  # the ops in it, with their paths
        self.inside: set[Value] = set()

    def region(self, region: Region, path: tuple[tuple[Value, bool], ...], *, is_top: bool, in_loop: bool) -> bool:
        """Whether threads meet only outside of all control flow but one loop, and in no other way."""
        for op in region.ops:
            if op in self.within:
                self.within[op] = path
            if op.defn is simt.BARRIER:
                if not is_top:
                    return False
                self.segment += 1
            elif op.defn.orders or op.defn.convergent or op.defn is simt.LANE_ID or op.defn.name.startswith("atomic."):
                return False  # what a block's threads add up together is brought at its end
            elif op.defn.touches and op.operands:
                self.accesses.setdefault(op.operands[0], []).append(_Access(op, path, self.segment, in_loop, self.around(op)))
            if op.defn is scf.FOR and is_top and any(inner.defn is simt.BARRIER for inner in walk(op.regions[0])):
                if in_loop or not self.enter(op) or not self.region(op.regions[0], path, is_top=True, in_loop=True):
                    return False
                continue
            for k, inner in enumerate(op.regions):
                more = ((op.operands[0], k == 0),) if op.defn is scf.IF else ()
                if not self.region(inner, (*path, *more), is_top=False, in_loop=in_loop or op.defn is not scf.IF):
                    return False
        return True

    def enter(self, loop: Op) -> bool:
        """A loop in which threads meet, if it is the first and goes up."""
        step = loop.operands[2].constant
        if self.turns is not None or not isinstance(step, int) or step < 1:
            return False
        ops = list(walk(loop.regions[0]))
        self.turns, self.within = loop, dict.fromkeys(ops, ())
        self.inside = {*loop.regions[0].args, *[v for op in ops for v in [*op.results, *[a for r in op.regions for a in r.args]]]}
        return True

    def around(self, op: Op) -> Op | None:
        return self.turns if op in self.within else None

    def is_steady(self, v: Value) -> bool:
        """Whether a value is the same in all turns."""
        if v not in self.inside:
            return True
        op = v.op
        if op is None or op.regions or not (op.defn.elementwise or op.defn in (arith.CONSTANT, memory.EXTENT, *_IDS)):
            return False
        return all(self.is_steady(x) for x in op.operands)

    def spared(self, op: Op, v: Value) -> _Source | None:
        """The element that an op in such a loop may load in place of what a turn has from the one before it."""
        loop = self.turns
        if loop is None or op not in self.within or op.regions or op.defn is scf.YIELD or not self.is_kept(v, loop.regions[0]):
            return None
        path = self.within[op]
        source = self.source(v, path)
        if source is None or source.guards or self.is_written(source.load.operands[0]):
            return None
        facts = self.facts_at(_Access(op, path, 0, True, loop))
        return source if all(self.is_positive(form, facts) for form in _ends(source.load, source.indices)) else None

    def is_kept(self, v: Value, body: Region) -> bool:
        """Whether a turn has a value, or may have it, from the one before it."""
        if v.owner is body:
            return v.index > 0
        return v.op is not None and v.op.defn is scf.IF and any(r.yielded[v.index].owner is body for r in v.op.regions)

    def is_own_place(self, accesses: Sequence[_Access]) -> bool:
        """Whether no two threads of a block come to the same element: along some axis of the array each has a place of its own."""
        for axis, extent in enumerate(self.forms.block):
            if extent == 1:
                continue
            whole = frozenset([(("thread", axis), 1), (("block", axis), extent)])
            places = [[self.forms.of(v) for v in a.op.operands[1 : 1 + _rank(a.op)]] for a in accesses]
            if not any(len(set(found)) == 1 and found[0].terms == whole for found in zip(*places, strict=True)):
                return False
        return True

    def apart(self) -> tuple[tuple[int, int], ...] | None:
        """Arguments that must not overlap, so that nobody sees that there are no barriers; None where one alone is enough."""
        pairs: list[tuple[int, int]] = []
        arguments = {k: self.accesses[v] for k, v in enumerate(self.f.params) if v in self.accesses}
        for k, own in arguments.items():
            if any(a.op.defn.writes for a in own):
                many = len({a.segment for a in own}) > 1 or any(a.turns is not None for a in own)
                if many and not self.is_own_place(own):
                    return None
                pairs += [(k, other) for other in arguments if other != k and (other, k) not in pairs]
        return tuple(pairs) if 0 < len(pairs) <= _MOST_PAIRS else None

    def is_written(self, array: Value) -> bool:
        """Also before the first barrier, where a thread brings an element and changes it: its neighbour would load the new one."""
        return any(a.op.defn.writes for a in self.accesses[array])

    # --- what a shared array holds ---

    def window(self, array: Value) -> _Window | None:
        t = array.type
        own = self.accesses.get(array, [])
        stores, loads = [[a for a in own if a.op.defn is d] for d in (memory.STORE, memory.LOAD)]
        if not isinstance(t, T.ArrayType) or t.space is not T.Space.SHARED or not isinstance(t.element, T.ScalarType):
            return None
        if not stores or not loads or len(stores) + len(loads) < len(own):
            return None
        if max(a.segment for a in stores) >= min(a.segment for a in loads) or len({a.turns for a in own}) > 1:
            return None
        if not all(self.is_steady(v) for a in stores for v in [*[cond for cond, _ in a.path], *a.op.operands[1:-1]]):
            return None
        sources = [self.source(a.op.operands[-1], a.path) for a in stores]
        for master, source in zip(stores, sources, strict=True):
            places = self.places(master)
            if source is None or places is None:
                continue
            whole = _moved(source, places)
            if any(self.is_own(atom) for form in whole.indices for atom, _ in form.terms):
                continue
            fills = [s.fill for s in sources if s is not None and s.fill is not None]
            asked = self.agreed(whole, stores, sources)
            if asked is None or any(not _is_same_number(fills[0], fill) for fill in fills):
                return None
            return _Window(whole._replace(fill=fills[0] if fills else None), asked)
        return None

    def places(self, store: _Access) -> dict[Atom, Form] | None:
        """What a thread that stores an element knows of its own place from that of the element: each index is an id, a counter, or
        the like, and a number, or a number alone."""
        found = self.equal(store.path)
        for k, v in enumerate(store.op.operands[1:-1]):
            form = replaced(self.forms.of(v), found)
            if not form.terms:
                continue
            ((atom, n),) = form.terms if len(form.terms) == 1 else ((("value", v), 0),)
            if n != 1 or atom in found or not self.is_own(atom):
                return None
            found[atom] = Form(frozenset([(("element", k), 1)]), -form.number)
        return found

    def equal(self, path: Sequence[tuple[Value, bool]]) -> dict[Atom, Form]:
        """Ids that are numbers where a thread takes this way, as in `if thread_id(0) == 0`."""
        facts = self.facts(path)
        found: dict[Atom, Form] = {}
        for one, other in pairwise(facts):
            if len(one.terms) == 1 and not added(one, other).terms and one.number == -other.number:
                ((atom, n),) = one.terms
                if abs(n) == 1:
                    found[atom] = number(-n * one.number)
        return found

    def agreed(self, whole: _Source, stores: Sequence[_Access], sources: Sequence[_Source | None]) -> tuple[Form, ...] | None:
        """Whether all stores say the same of each element, and what must hold for it where it is loaded; None: they do not."""
        asked: dict[Form, None] = {}
        for store, source in zip(stores, sources, strict=True):
            if source is None or not _is_alike(whole, source):
                return None
            here = self.equal(store.path)
            elements: dict[Atom, Form] = {("element", k): self.forms.of(v) for k, v in enumerate(store.op.operands[1:-1])}
            if [replaced(replaced(x, elements), here) for x in whole.indices] != [replaced(x, here) for x in source.indices]:
                return None
            facts = self.facts(store.path)
            ends = [replaced(x, here) for x in _ends(source.load, source.indices)] if source.outside else []
            places = self.places(store)
            for guard in source.guards:
                guard = replaced(guard, here)
                if guard in ends or holds_surely(self.forms, guard, facts):
                    continue
                moved = None if places is None else replaced(guard, places)
                if moved is None or any(self.is_own(atom) for atom, _ in moved.terms):
                    return None
                asked[moved] = None
        return tuple(asked)

    def source(self, v: Value, path: Sequence[tuple[Value, bool]], steps: int = 16) -> _Source | None:
        """What a value is where all of the path holds."""
        op = v.op
        if not steps:
            return None
        if op is None:
            return self.carried(v, path, steps)
        if op.defn is memory.LOAD:
            t = op.operands[0].type
            is_argument = isinstance(t, T.ArrayType) and op.operands[0] in self.f.params
            return _Source(op, tuple([self.forms.of(x) for x in op.operands[1:]])) if is_argument else None
        if op.defn is scf.IF or op.defn is arith.SELECT:
            sides = [region.yielded[v.index] for region in op.regions] or op.operands[1:]
            return self.chosen(op.operands[0], sides, path, steps, outside=op.defn is scf.IF)
        others = [x for x in op.operands if x.constant is None]
        if not op.defn.elementwise or op.defn.function or len(others) != 1:
            return None
        inner = self.source(others[0], path, steps - 1)
        if inner is None or inner.guards or len(inner.chain) == _CHAIN:
            return None
        return inner._replace(chain=(*inner.chain, op))

    def carried(self, v: Value, path: Sequence[tuple[Value, bool]], steps: int) -> _Source | None:
        """What a turn has from the one before it: what that one's counter leads to, if what the first one has is the same."""
        loop = self.turns
        if loop is None or v.owner is not loop.regions[0] or not v.index:
            return None
        first = self.source(loop.operands[2 + v.index], path, steps - 1)
        next_ = self.source(loop.regions[0].yielded[v.index - 1], path, steps - 1)
        if first is None or next_ is None or not _is_alike(first, next_) or first.guards or next_.guards:
            return None
        counter, step = ("value", loop.regions[0].args[0]), loop.operands[2].constant
        if any(not self.is_fixed(form, counter) for form in next_.indices):
            return None
        before = [replaced(form, {counter: Form(frozenset([(counter, 1)]), -step)}) for form in next_.indices]  # type: ignore[operator]
        lo = self.forms.of(loop.operands[0])
        return next_._replace(indices=tuple(before)) if [replaced(x, {counter: lo}) for x in before] == [*first.indices] else None

    def is_fixed(self, form: Form, counter: Atom) -> bool:
        """Whether nothing in a sum is another in each turn but the counter."""
        parts = [atom for atom, _ in form.terms]
        inner = [part for atom in parts if atom[0] == "of" for part in atom[2:]]
        own = [atom for atom in parts if atom[0] == "value" and atom != counter]
        return all(self.is_steady(atom[1]) for atom in own) and all(self.is_fixed(part, counter) for part in inner)

    def chosen(self, cond: Value, sides: Sequence[Value], path: Sequence[tuple[Value, bool]], steps: int, *,
               outside: bool) -> _Source | None:  # fmt: skip
        """A choice between an element and a number, or one that the path has made in all turns."""
        taken = [holds for given, holds in path if given is cond and self.is_steady(cond)]
        if taken:
            return self.source(sides[0 if taken[0] else 1], path, steps - 1)
        for side, other, holds in ((sides[0], sides[1], True), (sides[1], sides[0], False)):
            if other.constant is None:
                continue
            inner, facts = self.source(side, path, steps - 1), [self.fact(*part) for part in parts_of(cond, holds)]
            if inner is None or None in facts or (inner.fill is not None and not _is_same_number(inner.fill, other.op)):
                return None
            guards = [form for fact in facts if fact is not None for form in fact]
            return inner._replace(guards=(*inner.guards, *guards), fill=other.op, outside=outside and inner.outside)
        return None

    def is_own(self, atom: Atom) -> bool:
        """Whether threads of a block may differ in it."""
        if atom[0] == "of":
            return any(self.is_own(inner) for part in atom[2:] for inner, _ in part.terms)
        return atom[0] == "thread" or (atom[0] == "value" and not self.is_given(atom[1]))

    def is_given(self, v: Value) -> bool:
        """Whether a value is made of arguments and numbers alone, and which turn it is."""
        op = v.op
        if op is None:
            return v in self.f.params or (self.turns is not None and v is self.turns.regions[0].args[0])
        return op.defn is arith.CONSTANT or (op.defn.elementwise and all(self.is_given(x) for x in op.operands))

    # --- what is known on the way to an op ---

    def facts(self, path: Sequence[tuple[Value, bool]]) -> list[Form]:
        """Sums that are not negative."""
        found = [self.fact(*part) for cond, holds in path for part in parts_of(cond, holds)]
        return [form for fact in found if fact is not None for form in fact]

    def facts_at(self, access: _Access) -> list[Form]:
        """The same for an access, with what its turn is."""
        if access.turns is None:
            return self.facts(access.path)
        counter, lo, hi = [self.forms.of(v) for v in (access.turns.regions[0].args[0], *access.turns.operands[:2])]
        return [*self.facts(access.path), added(counter, lo, -1), _plus(added(hi, counter, -1), -1)]

    def fact(self, cond: Value, holds: bool) -> list[Form] | None:
        """What a comparison of indices says; None where it is none."""
        op = cond.op
        if op is None or op.defn.name not in _CONTRARY or op.operands[0].type is not T.index:
            return None
        name = op.defn.name if holds else _CONTRARY[op.defn.name]
        a, b = [self.forms.of(x) for x in op.operands]
        more, less = added(a, b, -1), added(b, a, -1)
        if name == "arith.ne":
            least, greatest = self.forms.bounds(more)
            return [_plus(more, -1)] if least >= 0 else [_plus(less, -1)] if greatest <= 0 else None
        return {"arith.lt": [_plus(less, -1)], "arith.le": [less], "arith.gt": [_plus(more, -1)], "arith.ge": [more],
                "arith.eq": [more, less]}[name]  # fmt: skip

    def settled(self, form: Form, facts: Sequence[Form]) -> Form:
        """Without the minima and maxima that are decided where the facts hold: an edge that a thread away from it does not meet."""
        for atom, n in form.terms:
            if atom[0] != "of":
                continue
            a, b = [self.settled(part, facts) for part in atom[2:]]
            left = None
            if atom[1] in ("minimum", "maximum"):
                apart = added(a, b, -1) if atom[1] == "maximum" else added(b, a, -1)
                if holds_surely(self.forms, apart, facts):
                    left = a
                elif holds_surely(self.forms, added(number(0), apart, -1), facts):
                    left = b
            form = added(added(form, known(atom), -n), known((*atom[:2], a, b)) if left is None else left, n)
        return form

    def is_positive(self, form: Form, facts: Sequence[Form]) -> bool:
        """Whether a sum is not negative, of whose minima and maxima one side may be enough."""
        if holds_surely(self.forms, form, facts):
            return True
        for atom, n in form.terms:
            if atom[0] == "of" and atom[1] in ("minimum", "maximum"):
                sides = [self.is_positive(added(added(form, known(atom), -n), part, n), facts) for part in atom[2:]]
                return any(sides) if (atom[1] == "maximum") == (n > 0) else all(sides)
        return False


_CONTRARY = {"arith.lt": "arith.ge", "arith.ge": "arith.lt", "arith.gt": "arith.le", "arith.le": "arith.gt",
             "arith.eq": "arith.ne", "arith.ne": "arith.eq"}  # fmt: skip


_IDS = (simt.THREAD_ID, simt.BLOCK_ID, simt.GLOBAL_ID)


def _rank(op: Op) -> int:
    t = op.operands[0].type
    return t.rank if isinstance(t, T.ArrayType) else 0


def _plus(form: Form, n: int) -> Form:
    return Form(form.terms, form.number + n)


def _moved(source: _Source, places: Mapping[Atom, Form]) -> _Source:
    return source._replace(indices=tuple([replaced(x, places) for x in source.indices]), guards=())


def _ends(load: Op, indices: Sequence[Form]) -> Iterator[Form]:
    """What is not negative where an element exists."""
    for axis, index in enumerate(indices):
        yield index
        yield _plus(added(known(("extent", load.operands[0], axis)), index, -1), -1)


def _is_alike(a: _Source, b: _Source) -> bool:
    """Whether two sources are elements of one array, and what is made of them."""
    if a.load.operands[0] is not b.load.operands[0] or a.load.attributes != b.load.attributes or len(a.chain) != len(b.chain):
        return False
    if a.load.results[0].type != b.load.results[0].type:
        return False
    return all(_does_alike(x, y) for x, y in zip(a.chain, b.chain, strict=True))


def _does_alike(x: Op, y: Op) -> bool:
    if x.defn is not y.defn or x.attributes != y.attributes or x.results[0].type != y.results[0].type:
        return False
    return all(repr(v.constant) == repr(w.constant) for v, w in zip(x.operands, y.operands, strict=True))


def _is_same_number(a: Op, b: Op | None) -> bool:
    return b is not None and repr(a.results[0].constant) == repr(b.results[0].constant)  # 0.0 is not -0.0


class _Without(Rebuilder):
    """A copy without shared arrays and barriers, in which ids are those of the grid."""

    def __init__(self, f: Function, search: _Search, found: Mapping[Value, _Window]) -> None:
        super().__init__(f)
        self.search = search
        self.found = found
        self.loads = {a.op: a for v in found for a in search.accesses[v] if a.op.defn is memory.LOAD}
        if len(self.loads) > _MOST_LOADS:
            raise _GivesUp
        self.asked = 0
        self.spared: dict[tuple[Op, Value], _Source] = {}
        self.needed: set[Value] = set()  # of what turns have from one another
        self.stays = self.staying(f.body)
        self.fill(f.body)

    def changes(self, op: Op) -> bool:
        if op not in self.stays:
            return True
        if op in self.loads:
            self.mapping[op.results[0]] = self.load(self.loads[op])
            return True
        if op is self.search.turns:
            self.loop(op)
            return True
        if self.search.turns is not None and op is self.search.turns.regions[0].terminator:
            args = self.search.turns.regions[0].args[1:]
            self.b.yield_(*[self.mapping[v] for v, a in zip(op.operands, args, strict=True) if a in self.needed])
            return True
        if any((op, v) in self.spared for v in op.operands):
            self.loading(op)
            return True
        if op.results and op.results[0].type is T.index and not op.regions and not op.defn.reads:
            form = self.search.forms.of(op.results[0])
            if form != known(("value", op.results[0])):
                self.named(op, form)
                return True
        if any(v not in self.mapping for v in op.operands):
            raise _GivesUp
        return False

    def loop(self, op: Op) -> None:
        """Turns, with what is still needed from one to the next."""
        (body,) = op.regions
        kept = [k for k, a in enumerate(body.args) if k and a in self.needed]
        args = [body.args[0], *[body.args[k] for k in kept]]
        if any(v not in self.mapping for v in [*op.operands[:3], *[op.operands[2 + k] for k in kept]]):
            raise _GivesUp
        lo, hi, step, *init = [self.mapping[v] for v in [*op.operands[:3], *[op.operands[2 + k] for k in kept]]]
        new = Region(tuple([a.type for a in args]), tuple([a.name for a in args]))
        self.mapping.update(zip(args, new.args, strict=True))
        with self.b.inside(new):
            self.fill(body)
        made = self.b.for_(lo, hi, step, init, new)
        self.mapping.update(zip([op.results[k - 1] for k in kept], made.results, strict=True))

    def loading(self, op: Op) -> None:
        """An op that loads what it would have had from the turn before."""
        known = dict(self.mapping)
        for v in op.operands:
            source = self.spared.get((op, v))
            if source is not None:
                known[v] = self.element(source, source.indices)
            elif v not in known:
                raise _GivesUp
        clone_op(self.b, op, known)
        self.mapping.update((v, known[v]) for v in op.results)

    def staying(self, body: Region) -> set[Op]:
        """What is left for somebody to see where these arrays and all barriers are gone."""
        search, turns = self.search, self.search.turns
        holders: dict[Op, Op | None] = {}
        work: list[Op] = []

        def survey(region: Region, holder: Op | None) -> None:
            for op in region.ops:
                holders[op] = holder
                is_gone = op.defn is simt.BARRIER or any(v in self.found for v in op.operands[:1])
                if holder is None if op.defn is scf.YIELD else not (op.defn.pure or op.regions or is_gone):
                    work.append(op)
                for inner in op.regions:
                    survey(inner, op)

        def follow(v: Value) -> None:
            if turns is not None and v.owner is turns:
                v = turns.regions[0].args[v.index + 1]
            if isinstance(v.owner, Op):
                work.append(v.owner)
            elif turns is not None and v.owner is turns.regions[0] and v.index and v not in self.needed:
                self.needed.add(v)
                work.append(turns)
                follow(turns.operands[2 + v.index])
                follow(turns.regions[0].yielded[v.index - 1])

        survey(body, None)
        stays: set[Op] = set()
        while work:
            op = work.pop()
            if op in stays:
                continue
            stays.add(op)
            if (holder := holders[op]) is not None:
                work.append(holder)
            work += [inner.ops[-1] for inner in op.regions]
            if (op.operands and op.operands[0] in self.found) or (turns is not None and op is turns.regions[0].terminator):
                continue
            for v in op.operands[:3] if op is turns else op.operands:
                if (source := search.spared(op, v)) is not None:
                    self.spared[op, v] = source
                else:
                    follow(v)
        return stays

    def named(self, op: Op, form: Form) -> None:
        """An index by its sum; what only threads of blocks know has no place here, and whoever uses it gives up."""
        try:
            made = self.index(form)
        except _GivesUp:
            return
        made.name = op.results[0].name
        self.mapping[op.results[0]] = made

    def load(self, access: _Access) -> Value:
        """The element of the argument in place of that of its window."""
        window, facts = self.found[access.op.operands[0]], self.search.facts_at(access)
        source = window.source
        elements: dict[Atom, Form] = {("element", k): self.search.forms.of(v) for k, v in enumerate(access.op.operands[1:])}
        if not all(holds_surely(self.search.forms, replaced(form, elements), facts) for form in window.asked):
            raise _GivesUp
        array = source.load.operands[0]
        indices = [self.search.settled(replaced(form, elements), facts) for form in source.indices]
        # An array of which a thread has an element is not empty.
        given = [*facts, *[_plus(known(("extent", array, axis)), -1) for axis in range(len(indices))]]
        unsure = [form for form in _ends(source.load, indices) if not self.search.is_positive(form, given)]
        if not unsure:
            return self.element(source, indices)
        self.asked += 1
        if access.in_loop or self.asked > _MOST_ASKED:
            raise _GivesUp
        b, zero = self.b, self.b.constant(0, T.index)
        conditions = [b.emit(arith.GE, *self.sides(form, zero)) for form in unsure]
        for other in conditions[1:]:
            conditions[0] = b.emit(arith.AND, conditions[0], other)
        some, none, t = Region(), Region(), access.op.results[0].type
        with b.inside(some):
            b.yield_(self.element(source, indices))
        with b.inside(none):
            b.yield_(b.constant(0 if source.fill is None else source.fill.results[0].constant, t))  # type: ignore[arg-type]
        return b.if_(conditions[0], [t], some, none).results[0]

    def sides(self, form: Form, zero: Value) -> tuple[Value, Value]:
        """A sum that shall not be negative as a comparison: what is added on one side, what is subtracted on the other."""
        less = Form(frozenset([(atom, -n) for atom, n in form.terms if n < 0]), 0)
        more = added(form, less)
        return self.index(more), (self.index(less) if less.terms else zero)

    def element(self, source: _Source, indices: Sequence[Form]) -> Value:
        load = source.load
        places = [self.index(form) for form in indices]
        made = self.b.emit_op(load.defn, [self.mapping[load.operands[0]], *places], [load.results[0].type], load.attributes)
        value = made.results[0]
        value.name = load.results[0].name
        for op in source.chain:
            known = {v: self.b.constant(v.constant, v.type) for v in op.operands if v.constant is not None}  # type: ignore[arg-type]
            known.update({v: value for v in op.operands if v.constant is None})
            value = clone_op(self.b, op, known).results[0]
        return value

    # --- sums as values ---

    def index(self, form: Form) -> Value:
        """A sum of ids of the grid and what is known."""
        b, block = self.b, self.search.forms.block
        terms = dict(form.terms)
        total: Value | None = None
        for axis in range(3):
            n = terms.pop(("thread", axis), 0)
            if terms.pop(("block", axis), 0) != n * block[axis]:
                raise _GivesUp
            if n:
                total = self.sum(total, b.emit(simt.GLOBAL_ID, axis=axis), n)
        for atom, n in terms.items():
            total = self.sum(total, self.atom(atom), n)
        if total is None:
            return b.constant(form.number, T.index)
        return total if not form.number else b.emit(arith.ADD, total, b.constant(form.number, T.index))

    def sum(self, total: Value | None, v: Value, times: int) -> Value:
        b = self.b
        if total is not None and times == -1:
            return b.emit(arith.SUB, total, v)
        part = v if times == 1 else b.emit(arith.MUL, v, b.constant(times, T.index))
        return part if total is None else b.emit(arith.ADD, total, part)

    def atom(self, atom: Atom) -> Value:
        kind, what = atom[:2]
        if kind == "extent":
            if what not in self.mapping:
                raise _GivesUp
            return self.b.emit(memory.EXTENT, self.mapping[what], axis=atom[2])
        if kind == "of":
            defn = {"minimum": arith.MINIMUM, "maximum": arith.MAXIMUM, "floordiv": arith.FLOORDIV, "mod": arith.MOD}[what]
            return self.b.emit(defn, *[self.index(part) for part in atom[2:]])
        if kind != "value":
            raise _GivesUp
        if what.op is not None and self.search.is_given(what):  # where it is may be out of reach
            parts = {v: self.atom(("value", v)) for v in what.op.operands}
            return clone_op(self.b, what.op, parts).results[0]
        if what not in self.mapping:
            raise _GivesUp
        return self.mapping[what]


def one_by_one(f: Function, axis: int) -> Function:
    """What a block does, for each of so many neighbours along axis 0 as `block_dim` says along another axis, in turn."""
    made = _InTurn(f, axis)
    return made.new


class _InTurn(Rebuilder):
    def __init__(self, f: Function, axis: int) -> None:
        super().__init__(f)
        self.block = f.attributes["block"]
        b = self.b
        zero, one, loop = b.constant(0, T.index), b.constant(1, T.index), Region((T.index,), ("nth",))
        count = b.emit(simt.BLOCK_DIM, axis=axis)
        self.arrays = [op for op in f.body.ops if op.defn is memory.ALLOC]
        for op in self.arrays:
            clone_op(b, op, self.mapping)
        self.nth = loop.args[0]
        with b.inside(loop):
            self.fill(f.body)
        b.for_(zero, count, one, [], loop)
        b.yield_()

    def changes(self, op: Op) -> bool:
        if op in self.arrays:
            return True
        if op.defn not in (simt.BLOCK_ID, simt.GLOBAL_ID) or op.attributes["axis"]:
            return False
        b = self.b
        place = b.emit(arith.ADD, b.emit(simt.BLOCK_ID, axis=0), self.nth)
        if op.defn is simt.GLOBAL_ID:
            place = b.emit(arith.MUL, place, b.constant(self.block[0], T.index))
            place = b.emit(arith.ADD, place, b.emit(simt.THREAD_ID, axis=0))
        self.mapping[op.results[0]] = place
        return True
