"""What one thread-level value becomes when W threads run together: a scalar, a scalar that grows by lane, or a tile.

One idea: keep a value in its cheapest form for as long as possible. `Lane.scalar` with `step` 0 is the same in all lanes;
with another step, lane k is scalar + k*step ("affine": ids and what is added to them), which turns memory accesses into
plain vector loads. `guard` is a scalar bool: only where it holds is the affine form true (`min(i, n - 1)` away
from the edge); the tile form is always true and is made on demand.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ... import types as T
from ...builder import Builder
from ...core import Op, Region, Value
from ...opdef import OpDef
from ...ops import arith, tile

__all__ = ["Lane", "Lanes", "is_multiple"]

Maker = Callable[[], Value]

# What is made on demand is made at each demand: a form of more ops than this is made once, where it is computed.
LAZY_OPS = 16
# Lanes further apart than this have no form: so as many as a vector has reach no further than numbers of 64 bits.
_FURTHEST = 1 << 31


class Lane:
    """See the module. `make` builds the tile where it is asked for (so it is always in scope); `full` and `none` build,
    for a condition, a scalar bool that implies that all lanes hold, or that none does. weight: ops that these may emit.
    exact: the affine form is true in every lane, also where narrow numbers wrap (only widening and guards end that).
    aligned: step is 1 and scalar a multiple of the width, so that `i // 32` is the same in all lanes and `i % 32` counts on.
    swapped: (base, flip), of which base is a multiple of the width: lane k has base + (k ^ flip).
    usual: (scalar, guard) of one that varies: where the guard holds, all lanes have that scalar.
    widened: was of fewer bits, which may have wrapped, so the affine form may be untrue where the guard holds, too: it is good
    for places alone, and what makes places of numbers below 0, as a remainder does, has no such form.
    far: may be as large as 64 bits have it, and wrap between two lanes: the form is true, but lanes are in no order."""

    __slots__ = ("aligned", "exact", "far", "full", "guard", "make", "none", "scalar", "step", "swapped", "tile",
                 "type", "usual", "weight", "widened")  # fmt: skip

    def __init__(self, type: T.ScalarType, *, scalar: Value | None = None, step: int = 0, tile: Value | None = None,
                 make: Maker | None = None, guard: Value | None = None, full: Maker | None = None,
                 none: Maker | None = None) -> None:  # fmt: skip
        self.type = type
        self.scalar = scalar
        self.step = step
        self.tile = tile
        self.make = make
        self.guard = guard
        self.full = full
        self.none = none
        self.weight = 0
        self.exact = guard is None
        self.aligned = False
        self.widened = False
        self.far = False
        self.swapped: tuple[Value, Value] | None = None
        self.usual: tuple[Value, Value] | None = None

    @property
    def uniform(self) -> bool:
        return self.scalar is not None and self.step == 0

    @property
    def affine(self) -> bool:
        """scalar + k*step in lane k, without a condition."""
        return self.scalar is not None and self.guard is None


class Lanes:
    """Arithmetic on lanes: emits the cheapest form."""

    def __init__(self, b: Builder, width: int) -> None:
        self.b = b
        self.width = width
        self._tiles = {t: T.TileType(t, (width,)) for t in T.SCALARS.values()}

    def tile_type(self, element: T.ScalarType) -> T.TileType:
        return self._tiles[element]

    def constant(self, value: object, t: T.ScalarType) -> Value:
        return self.b.constant(value, t)

    def index(self, value: int) -> Value:
        return self.b.constant(value, T.index)

    def partners(self, flip: Value) -> Value:
        """The lanes that change places where their numbers differ in the bits of `flip`. So lanes are joined into the first: within
        half a register that is one step, and three for lane k + flip."""
        return self.b.emit(arith.XOR, self.iota(T.index), self.splat(flip))

    def iota(self, t: T.ScalarType) -> Value:
        return self.b.emit(tile.IOTA, type=self.tile_type(t))

    def splat(self, x: Value) -> Value:
        return self.b.splat(x, (self.width,))

    def uniform(self, x: Value) -> Lane:
        return Lane(T.element_of(x.type), scalar=x)

    def varying(self, x: Value) -> Lane:
        return Lane(T.element_of(x.type), tile=x)

    def tile(self, x: Lane) -> Value:
        """The tile form, made here unless it exists."""
        if x.tile is not None:
            return x.tile
        if x.make is not None:
            return x.make()
        assert x.scalar is not None
        base = self.splat(x.scalar)
        if x.step == 0:
            return base
        steps = self.iota(x.type)
        if x.step != 1:
            steps = self.b.emit(arith.MUL, steps, self.splat(self.constant(_wrap(x.step, x.type), x.type)))
        return self.b.emit(arith.ADD, base, steps)

    def apply(self, defn: OpDef, operands: list[Lane], result: T.ScalarType, attributes: dict[str, Any]) -> Lane:
        """An elementwise op on lanes."""
        scalars = [x.scalar for x in operands if x.scalar is not None and x.step == 0]
        if len(scalars) == len(operands):
            if _is_next(defn, scalars):
                return Lane(result, scalar=_remainder(self.b, *scalars))
            return Lane(result, scalar=self.b.append(defn, tuple(scalars), result, attributes))
        rule = _AFFINE.get(defn.name)
        if rule is not None and result.is_integer:
            form = _piece(self, defn, operands, result) or rule(self, operands, result)
            if form is not None and abs(form.step) < _FURTHEST:
                widens = defn.name == "arith.cast" and result.bits > operands[0].type.bits
                form.exact = form.guard is None and not widens and all(x.exact for x in operands)
                form.widened = widens or any(x.widened for x in operands)
                form.far = any(x.far for x in operands)
                form.aligned = form.exact and form.step == 1 and _stays_aligned(self, defn, operands)
                # Step 0 means "the same in all lanes": a form that is only true sometimes must not say so.
                if form.exact or form.step != 0:
                    return self._with_tile(form, defn, operands, result, attributes)
                if form.guard is not None and not form.widened:  # as i - i % n is, where a row of n begins
                    assert form.scalar is not None
                    return self._usually(form.scalar, form.guard, defn, operands, attributes)
        alike = _alike(self, defn, operands)
        if alike is not None:
            return alike
        usual = _usual(self, defn, operands, result)
        if usual is not None:
            return usual
        compare = _COHERENT.get(defn.name)
        swapped = _swapped(self, defn, operands, result) if defn.name in ("arith.xor", "arith.cast") else None
        if swapped is not None:
            lane = Lane(result, make=self._maker(defn, operands, result, attributes))
            lane.swapped, lane.weight = swapped, 2
            return lane
        if compare is None:
            tiles = [x.tile or self.tile(x) for x in operands]
            return Lane(result, tile=self.b.append(defn, tuple(tiles), self._tiles[result], attributes))
        lane = Lane(result, make=self._maker(defn, operands, result, attributes))
        compare(self, lane, operands)
        lane.weight = 1 + sum([x.weight for x in operands])
        if (lane.full is None and lane.none is None) or lane.weight > LAZY_OPS:
            lane.tile, lane.make = lane.make() if lane.make else None, None
            lane.full = lane.none = None
            lane.weight = 0
        return lane

    def _maker(self, defn: OpDef, operands: list[Lane], result: T.ScalarType, attributes: dict[str, Any]) -> Maker:
        def make() -> Value:
            tiles = [self.tile(x) for x in operands]
            return self.b.append(defn, tuple(tiles), self._tiles[result], attributes)

        return make

    def _with_tile(self, form: Lane, defn: OpDef, operands: list[Lane], result: T.ScalarType,
                   attributes: dict[str, Any]) -> Lane:  # fmt: skip
        """Affine forms of widened or conditional values may differ from the op itself: keep the op for the tile."""
        if not form.exact:
            form.make = form.make or self._maker(defn, operands, result, attributes)
            form.weight += 1 + sum([x.weight for x in operands])
        if form.weight > LAZY_OPS:
            assert form.make is not None
            form.tile, form.make, form.weight = form.make(), None, 0
        return form

    def _usually(self, scalar: Value, guard: Value, defn: OpDef, operands: list[Lane], attributes: dict[str, Any]) -> Lane:
        """An op on lanes that gives all of them this scalar where the guard holds."""
        t = T.element_of(scalar.type)
        assert isinstance(t, T.ScalarType)
        lane = Lane(t, tile=self.b.append(defn, tuple([self.tile(x) for x in operands]), self._tiles[t], attributes))
        lane.usual = scalar, guard
        return lane

    def starts(self, *scalars: Value) -> Value:
        """Whether these have none of the bits that tell a vector's lanes apart."""
        some = functools.reduce(lambda x, y: self.b.emit(arith.OR, x, y), scalars)
        t = T.element_of(some.type)
        assert isinstance(t, T.ScalarType)
        return self.b.emit(arith.EQ, self.b.emit(arith.AND, some, self.constant(self.width - 1, t)), self.constant(0, t))

    def both(self, a: Value | None, b: Value | None) -> Value | None:
        """Conjunction of two guards, where None is true."""
        if a is None or b is None:
            return b if a is None else a
        return self.b.emit(arith.AND, a, b)

    def wide(self, x: Value) -> Value:
        """A signed scalar as an index, where adding the lanes cannot wrap."""
        return x if x.type is T.index else self.b.emit(arith.CAST, x, type=T.index)

    def last(self, x: Lane) -> Value:
        """The value in the last lane of an affine lane."""
        assert x.scalar is not None
        return self.b.emit(arith.ADD, x.scalar, self.constant((self.width - 1) * x.step, x.type))

    def in_order(self, x: Lane) -> Value:
        """Whether no two lanes of an affine lane are on both sides of where 64 bits wrap."""
        assert x.scalar is not None
        return self.b.emit(arith.GE if x.step > 0 else arith.LE, self.last(x), x.scalar)


def _wrap(value: int, t: T.ScalarType) -> int:
    value &= (1 << t.bits) - 1
    return value - (1 << t.bits) if t.kind is T.Kind.INT and value >> (t.bits - 1) else value


# --- affine forms: rules that give a lane, or None where the op has no such form ---


def _sum(sign: int, defn: OpDef) -> Callable[[Lanes, list[Lane], T.ScalarType], Lane | None]:
    def rule(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
        a, c = xs
        if a.scalar is None or c.scalar is None:
            return None
        scalar = s.b.emit(defn, a.scalar, c.scalar)
        return Lane(t, scalar=scalar, step=a.step + sign * c.step, guard=s.both(a.guard, c.guard))

    return rule


def _product(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    a, c = xs if xs[1].uniform else (xs[1], xs[0])
    if a.scalar is None or not c.uniform or c.scalar is None or not isinstance(c.scalar.constant, int):
        return None
    return Lane(t, scalar=s.b.emit(arith.MUL, a.scalar, c.scalar), step=a.step * c.scalar.constant, guard=a.guard)


def _shifted(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    a, c = xs
    if a.scalar is None or not c.uniform or c.scalar is None or not isinstance(c.scalar.constant, int):
        return None
    if not 0 <= c.scalar.constant < 16:
        return None
    return Lane(t, scalar=s.b.emit(arith.SHL, a.scalar, c.scalar), step=a.step << c.scalar.constant, guard=a.guard)


def _negated(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    a = xs[0]
    if a.scalar is None:
        return None
    return Lane(t, scalar=s.b.emit(arith.NEG, a.scalar), step=-a.step, guard=a.guard)


def _cast(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    """Casts keep the affine form where lanes cannot wrap apart: not from unsigned, whose 0 - 1 is far away, nor from 8 or
    16 bits, which wrap between any two lanes. 32 bits that wrap are negative, and index nothing."""
    a = xs[0]
    if a.scalar is None or a.type.kind is not T.Kind.INT:
        return None
    if t.bits > a.type.bits and (t.kind is not T.Kind.INT or a.type.bits < 32 or abs(a.step) * s.width >= 1 << 31):
        return None
    return Lane(t, scalar=s.b.emit(arith.CAST, a.scalar, type=t), step=a.step, guard=a.guard)


def _clamped(lower: bool) -> Callable[[Lanes, list[Lane], T.ScalarType], Lane | None]:
    """min(i, n) is i while the last lane is not above n; max(i, n) is i while the first lane is not below n."""

    def rule(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
        a, c = xs if xs[1].uniform else (xs[1], xs[0])
        if a.scalar is None or not c.uniform or c.scalar is None or t.kind is not T.Kind.INT or a.step == 0:
            return None
        first, bound = s.wide(a.scalar), s.wide(c.scalar)
        reach = s.b.emit(arith.ADD, first, s.index((s.width - 1) * a.step))
        end = reach if (a.step > 0) != lower else first
        holds = s.b.emit(arith.GE if lower else arith.LE, end, bound)
        if t.bits < 64 and end is first:  # the other end, which nothing holds back, must not have wrapped
            holds = s.b.emit(arith.AND, holds, _fits(s, reach, a.step, t))
        elif a.far or t is T.i64:  # an index is one that is known, or says so
            holds = s.b.emit(arith.AND, holds, s.in_order(a))
        return Lane(t, scalar=a.scalar, step=a.step, guard=s.both(a.guard, holds))

    return rule


_not_below = _clamped(lower=True)


def _magnitude(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    """abs(i) is i where max(i, 0) is: an edge that reflects is met by one vector of a row. What wrapped before is some place."""
    return None if xs[0].widened else _not_below(s, [xs[0], s.uniform(s.constant(0, t))], t)


def _low_bits(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    """i & m counts on with i while m keeps the bits that tell lanes apart and the first lane has none of them: `i & (n - 1)`
    where n is a power of two that is known at run time, as networks of sorting and of prefix sums have it."""
    a, c = xs if xs[1].uniform else (xs[1], xs[0])
    if a.scalar is None or a.step != 1 or not c.uniform or c.scalar is None or t.bits < 32:
        return None
    if _clears(s, c.scalar) or s.width & (s.width - 1):
        return None
    low = s.constant(s.width - 1, t)
    keeps = s.b.emit(arith.EQ, s.b.emit(arith.AND, c.scalar, low), low)
    masked = s.b.emit(arith.AND, a.scalar, c.scalar)
    return Lane(t, scalar=masked, step=1, guard=s.both(a.guard, s.b.emit(arith.AND, keeps, s.starts(a.scalar))))


def _clears(s: Lanes, mask: Value) -> bool:
    """Whether a mask is one of high bits, as -n and ~(n - 1) of a power of two."""
    if isinstance(mask.constant, int):
        return ~mask.constant & (s.width - 1) != 0
    return mask.op is not None and mask.op.defn in (arith.NOT, arith.NEG)


def _put_together(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    """`start | i` counts on with i where neither has bits that tell lanes apart in the first one: so places are put together of
    the number of a piece and the place in it."""
    a, c = xs if xs[1].uniform else (xs[1], xs[0])
    if a.scalar is None or a.step != 1 or not c.uniform or c.scalar is None or t.bits < 32 or s.width & (s.width - 1):
        return None
    if isinstance(c.scalar.constant, int) and c.scalar.constant & (s.width - 1):
        return None
    scalar = s.b.emit(arith.OR, a.scalar, c.scalar)
    return Lane(t, scalar=scalar, step=1, guard=s.both(a.guard, s.starts(scalar)))


def _modulo(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    """i % n counts on with i up to the next multiple of n: a periodic edge, as in `(i + 1) % n`, is met by one vector of a row."""
    a, c = xs
    if a.scalar is None or a.step == 0 or not c.uniform or c.scalar is None or t.kind is not T.Kind.INT or t.bits < 32:
        return None
    if a.widened or (isinstance(c.scalar.constant, int) and c.scalar.constant < s.width * abs(a.step)):
        return None
    passes = _passes_rows(a, c, t)
    if _is_next(arith.MOD, [a.scalar, c.scalar], s.width):
        first = _remainder(s.b, a.scalar, c.scalar)
    else:
        first = _column(s, a.scalar, c.scalar) if passes else s.b.emit(arith.MOD, a.scalar, c.scalar)
    reach = s.index((s.width - 1) * a.step)
    if a.step > 0:  # n may be the greatest number, and what is added to a place below it beyond that
        holds = s.b.emit(arith.GT, s.b.emit(arith.SUB, s.wide(c.scalar), s.wide(first)), reach)
    else:
        holds = s.b.emit(arith.GE, s.wide(first), s.index((s.width - 1) * -a.step))
    if t.bits < 64:  # i itself must not have wrapped between two lanes
        last = s.b.emit(arith.ADD, s.wide(a.scalar), reach)
        holds = s.b.emit(arith.AND, holds, _fits(s, last, a.step, t))
    elif a.far or t is T.i64:
        holds = s.b.emit(arith.AND, holds, s.in_order(a))
    if passes:  # of no columns there is no such place
        holds = s.b.emit(arith.AND, holds, s.b.emit(arith.GT, c.scalar, s.index(0)))
    form = Lane(t, scalar=first, step=a.step, guard=s.both(a.guard, holds))
    if passes:
        form.make, form.weight = _divided(s, arith.MOD, a, c), _DIVIDED_OPS
    return form


_DIVIDED_OPS = 10  # so that it is made once


def _passes_rows(a: Lane, c: Lane, t: T.ScalarType) -> bool:
    """Whether `i // n` or `i % n` asks for row or column of places that follow one another, n of which are a row."""
    return t is T.index and a.step == 1 and a.affine and a.exact and c.uniform


def _column(s: Lanes, place: Value, n: Value) -> Value:
    """place % n, n not 0, by the division that finds the row as well."""
    return s.b.emit(arith.SUB, place, s.b.emit(arith.MUL, s.b.emit(arith.FLOORDIV, place, n), n))


def _divided(s: Lanes, defn: OpDef, a: Lane, c: Lane) -> Maker:
    """The tile of i // n or i % n by dividing once for all lanes: where n is no less than the width, one row ends at most."""
    assert a.scalar is not None and c.scalar is not None
    first, n = a.scalar, c.scalar
    result = s.tile_type(T.index)

    def make() -> Value:
        b = s.b
        quick, general = Region(), Region()
        with b.inside(quick):
            # From the row's end on: n may be the greatest number, and what is added to a column beyond it.
            behind = b.emit(arith.ADD, s.splat(b.emit(arith.SUB, _column(s, first, n), n)), s.iota(T.index))
            is_next = b.emit(arith.GE, behind, s.splat(s.index(0)))
            if defn is arith.MOD:
                here, there = b.emit(arith.ADD, behind, s.splat(n)), behind
            else:
                row = b.emit(arith.FLOORDIV, first, n)
                here, there = s.splat(row), s.splat(b.emit(arith.ADD, row, s.index(1)))
            b.yield_(b.emit(arith.SELECT, is_next, there, here))
        with b.inside(general):
            b.yield_(b.emit(defn, s.tile(a), s.splat(n)))
        once = b.emit(arith.GE, n, s.index(s.width))
        return b.if_(b.emit(arith.AND, once, s.in_order(a)) if a.far else once, [result], quick, general).results[0]

    return make


def _usual(s: Lanes, defn: OpDef, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    """The number of the row of places that follow one another, as `i // n`, and what is added to it or multiplied with it:
    the same in all lanes but where a row ends between them."""
    if not t.is_integer or t.bits < 32:
        return None
    if defn is arith.CAST:
        return s._usually(s.b.emit(defn, xs[0].usual[0], type=t), xs[0].usual[1], defn, xs, {}) if xs[0].usual else None
    if len(xs) != 2:
        return None
    a, c = xs
    if defn in (arith.SHR, arith.AND):
        return _of_piece(s, defn, a, c)
    if defn is arith.FLOORDIV and _passes_rows(a, c, t):
        column = _modulo(s, xs, t)
        if column is None or column.guard is None or a.scalar is None or c.scalar is None:
            return None
        row = Lane(t, tile=_divided(s, defn, a, c)())
        row.usual = s.b.emit(defn, a.scalar, c.scalar), column.guard
        return row
    if defn is arith.FLOORDIV and a.step == 1 and a.affine and a.exact and c.uniform and (column := _modulo(s, xs, t)) is not None:
        assert a.scalar is not None and c.scalar is not None and column.guard is not None
        return s._usually(s.b.emit(defn, a.scalar, c.scalar), column.guard, defn, xs, {})
    if a.usual is not None and c.uniform and t is T.index and defn in (arith.FLOORDIV, arith.MOD):
        assert c.scalar is not None
        scalar = s.b.emit(defn, a.usual[0], c.scalar)
        rare, common = Region(), Region()
        with s.b.inside(common):
            s.b.yield_(s.splat(scalar))
        with s.b.inside(rare):
            s.b.yield_(s.b.emit(defn, s.tile(a), s.tile(c)))
        out = Lane(t, tile=s.b.if_(a.usual[1], [s.tile_type(t)], common, rare).results[0])
        out.usual = scalar, a.usual[1]
        return out
    if defn not in _KEPT or not (a.usual or c.usual):
        return None
    (x, one), (y, other) = [_often(v) for v in xs]
    if x is None or y is None:
        return None
    step = a.step - c.step if defn is arith.SUB else a.step + c.step
    if defn not in (arith.ADD, arith.SUB) and step != (1 if defn is arith.OR else 0):
        return None
    scalar, guard = s.b.emit(defn, x, y), s.both(one, other)
    if defn is arith.OR:
        guard = s.both(guard, s.starts(scalar))
    out = Lane(t, tile=s.b.append(defn, (s.tile(a), s.tile(c)), s.tile_type(t), {}))
    if step:
        out.scalar, out.step, out.guard, out.exact = scalar, step, guard, False
        out.widened = a.widened or c.widened
    elif guard is not None:
        out.usual = scalar, guard
    return out


_KEPT = (arith.ADD, arith.SUB, arith.MUL, arith.SHL, arith.OR)


def _of_piece(s: Lanes, defn: OpDef, a: Lane, c: Lane) -> Lane | None:
    """`i >> n`, and `i & -2**n`: number and beginning of a piece of 2**n places, which are the same in all lanes where none ends
    between them."""
    if not (a.affine and a.exact and c.uniform) or a.step != 1 or a.scalar is None or c.scalar is None or s.width & (s.width - 1):
        return None
    if defn is arith.AND:
        if not _clears(s, c.scalar):
            return None
        same = s.starts(a.scalar, c.scalar)
    else:
        far = s.b.emit(arith.GE, c.scalar, s.constant(s.width.bit_length() - 1, c.type))
        same = s.b.emit(arith.AND, far, s.starts(a.scalar))
    return s._usually(s.b.emit(defn, a.scalar, c.scalar), same, defn, [a, c], {})


def _often(x: Lane) -> tuple[Value | None, Value | None]:
    """The scalar that a lane's form has where a guard holds, and the guard."""
    return x.usual if x.usual is not None else (x.scalar, x.guard)


def _remainder(b: Builder, i: Value, n: Value) -> Value:
    """i % n of a periodic edge, `(i + 1) % n` or `(i + n - 1) % n`: i itself, or i - n, for all but the ends of a row, and a
    division takes as long as the work of a vector."""
    if n.constant is not None:
        return b.emit(arith.MOD, i, n)
    t, is_around = T.element_of(i.type), n in _terms(i)
    near = b.emit(arith.SUB, i, n) if is_around else i
    holds = b.emit(arith.AND, b.emit(arith.GE, near, b.constant(0, t)), b.emit(arith.LT, near, n))
    if is_around:  # of i below n, i - n may wrap
        holds = b.emit(arith.AND, holds, b.emit(arith.GE, i, n))
    inside, outside = Region(), Region()
    with b.inside(inside):
        b.yield_(near)
    with b.inside(outside):
        b.yield_(b.emit(arith.MOD, i, n))
    return b.if_(holds, [t], inside, outside).results[0]


def _terms(i: Value, steps: int = 3) -> list[Value]:
    """What is added up to a number."""
    op = i.op
    if op is None or op.defn is not arith.ADD or not steps:
        return [i]
    return [x for v in op.operands for x in _terms(v, steps - 1)]


def _is_next(defn: OpDef, scalars: list[Value], width: int = 0) -> bool:
    """Whether a remainder is that of a number beside another, as rows of a torus ask for theirs: LLVM does not take a division by
    what might be 0 out of the loop over a row. width: of vectors, of which later ones of a round are no neighbours."""
    if defn is not arith.MOD or scalars[0].type is not T.index:
        return False
    terms = _terms(scalars[0])
    near = [v for v in terms if v is scalars[1] or (isinstance(v.constant, int) and not (width and v.constant % width == 0))]
    return len(terms) > 1 and bool(near)


def _piece(s: Lanes, defn: OpDef, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    """Place in, or number of, a piece of so many lanes: no piece ends inside of a vector where its length is a multiple of the
    width and vectors begin at such. That is how blocks of one axis find rows and columns: `t // 32`, `t % 32`."""
    a, c = xs[0], xs[-1]
    if not (a.aligned and a.exact and c.uniform) or a.scalar is None or c.scalar is None:
        return None
    n = c.scalar.constant
    if not isinstance(n, int):
        return None
    low = s.width - 1
    if defn is arith.AND and 0 < n <= low and n & (n + 1) == 0 and s.width & low == 0:  # what a multiple of the width has none of
        if n == low:
            return Lane(t, scalar=s.constant(0, t), step=1)
        return Lane(t, tile=s.b.emit(arith.AND, s.iota(t), s.splat(s.constant(n, t))))
    counts_on = {"arith.mod": n > 0 and n & low == 0, "arith.and": n & low == low}.get(defn.name, False)
    is_same = {"arith.floordiv": n > 0 and n & low == 0, "arith.and": n & low == 0,
               "arith.shr": 0 <= n < t.bits and (1 << n) & low == 0}.get(defn.name, False)  # fmt: skip
    if not (counts_on or is_same) or s.width & low:
        return None
    return Lane(t, scalar=s.b.emit(defn, a.scalar, c.scalar), step=int(counts_on))


def _stays_aligned(s: Lanes, defn: OpDef, xs: list[Lane]) -> bool:
    if defn.name == "arith.add":
        a, c = xs if xs[0].aligned else (xs[1], xs[0])
        return a.aligned and c.uniform and is_multiple(c.scalar, s.width)
    return defn.name in ("arith.cast", "arith.mod", "arith.and") and xs[0].aligned


def is_multiple(v: Value | None, n: int) -> bool:
    """Whether a scalar is certainly a multiple of n."""
    if v is None:
        return False
    if isinstance(v.constant, int):
        return v.constant % n == 0
    op = v.owner
    return isinstance(op, Op) and op.defn is arith.MUL and any(is_multiple(x, n) for x in op.operands)


def _exclusive(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    """i ^ n of a multiple n of the width is another vector, from its first lane to its last."""
    a, c = xs if xs[1].uniform else (xs[1], xs[0])
    if not (a.aligned and a.exact and c.uniform) or a.scalar is None or c.scalar is None:
        return None
    n = c.scalar.constant
    return Lane(t, scalar=s.b.emit(arith.XOR, a.scalar, c.scalar), step=1) if isinstance(n, int) and n % s.width == 0 else None


def _swapped(s: Lanes, defn: OpDef, xs: list[Lane], t: T.ScalarType) -> tuple[Value, Value] | None:
    """i ^ n, where networks of sorting find a thread's partner: a vector whose lanes change places. A wider type changes nothing,
    as between the first lane and the last no bit beyond theirs differs."""
    a, c = xs[0], xs[-1]
    if defn is arith.CAST:
        if a.swapped is None or not t.is_integer or s.width > 1 << (min(t.bits, a.type.bits) - 1):
            return None
        return s.b.emit(arith.CAST, a.swapped[0], type=t), a.swapped[1]
    if not c.uniform:
        a, c = c, a
    if not (a.aligned and a.exact and c.uniform) or a.scalar is None or c.scalar is None or s.width & (s.width - 1):
        return None
    if s.width > 1 << (t.bits - 1):
        return None
    low = s.constant(s.width - 1, t)
    base = s.b.emit(arith.AND, s.b.emit(arith.XOR, a.scalar, c.scalar), s.constant(-s.width & _ones(t), t))
    return base, s.b.emit(arith.CAST, s.b.emit(arith.AND, c.scalar, low), type=T.index)


def _ones(t: T.ScalarType) -> int:
    return -1 if t.kind is T.Kind.INT else (1 << t.bits) - 1


def _chosen(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    """`0 if i == n else i` is i wherever no lane meets n, and `i if i < n else 0` where all lanes are below: an edge that wraps or
    reflects by `if` is met by one vector of a row. `i - n if i >= n else i` counts on wherever the lanes agree. Where the sides
    move apart, what moves on is taken to be the common one."""
    cond, a, c = xs
    full, none = _full(s, cond), _none(s, cond)
    if a.scalar is not None and c.scalar is not None and a.step == c.step:
        if full is None or none is None or a.step == 0:
            return None
        chosen = full()
        scalar = s.b.emit(arith.SELECT, chosen, a.scalar, c.scalar)
        agree = None if cond.uniform else s.b.emit(arith.OR, chosen, none())
        return Lane(t, scalar=scalar, step=a.step, guard=s.both(s.both(a.guard, c.guard), agree))
    sides = [(side, asks) for side, asks in ((a, full), (c, none)) if asks and side.scalar is not None and side.step != 0]
    if not sides:
        return None
    side, asks = max(sides, key=lambda each: each[0].step)
    return Lane(t, scalar=side.scalar, step=side.step, guard=s.both(side.guard, asks()))


def _none_yet(s: Lanes, xs: list[Lane], t: T.ScalarType) -> Lane | None:
    return None


_AFFINE: dict[str, Callable[[Lanes, list[Lane], T.ScalarType], Lane | None]] = {
    "arith.add": _sum(1, arith.ADD),
    "arith.sub": _sum(-1, arith.SUB),
    "arith.mul": _product,
    "arith.shl": _shifted,
    "arith.neg": _negated,
    "arith.cast": _cast,
    "arith.and": _low_bits,
    "arith.or": _put_together,
    "arith.mod": _modulo,
    "arith.xor": _exclusive,
    "arith.floordiv": _none_yet,
    "arith.shr": _none_yet,
    "arith.minimum": _clamped(lower=False),
    "arith.maximum": _not_below,
    "arith.abs": _magnitude,
    "arith.select": _chosen,
}

# --- conditions whose outcome for all lanes a few scalar ops decide ---

_MIRROR = {"arith.lt": "arith.gt", "arith.le": "arith.ge", "arith.gt": "arith.lt", "arith.ge": "arith.le"}
_ROWS = {"arith.lt": arith.LT, "arith.le": arith.LE, "arith.gt": arith.GT, "arith.ge": arith.GE}
_STRICT = {"arith.lt": "arith.lt", "arith.le": "arith.lt", "arith.gt": "arith.gt", "arith.ge": "arith.gt"}
_OPPOSITE = {"arith.lt": "arith.ge", "arith.le": "arith.gt", "arith.gt": "arith.le", "arith.ge": "arith.lt"}


def _compare(name: str) -> Callable[[Lanes, Lane, list[Lane]], None]:
    def rule(s: Lanes, out: Lane, xs: list[Lane]) -> None:
        a, c, op = xs[0], xs[1], name
        if a.uniform or c.swapped is not None:
            a, c, op = c, a, _MIRROR[name]
        if a.swapped is not None and c.aligned and c.exact and a.type is not T.u64:
            _compare_partners(s, out, op, a.swapped, c)
            return
        if not c.uniform or a.scalar is None or a.type not in (T.index, T.i32):
            return
        if not (a.exact or (a.guard is not None and a.step and a.type is T.index and not a.widened)):
            return
        assert c.scalar is not None
        scalar, bound, guard = a.scalar, c.scalar, a.guard
        if a.type is T.i32:
            if a.step:
                out.full = lambda: _holds_in_32_bits(s, op, a, bound)
                out.none = lambda: _holds_in_32_bits(s, _OPPOSITE[op], a, bound)
            return
        # Of type index: 64 bits wrap between two lanes only where that is asked for.

        def end(which: str) -> Value:
            """For i < n the last lane decides that all hold, the first that none does; for i > n the other way."""
            upward = (a.step > 0) == (which in ("arith.lt", "arith.le"))
            return s.last(a) if upward else scalar

        def settled(which: str) -> Value:
            holds = s.b.emit(_ROWS[which], end(which), bound)
            if a.far:
                holds = s.b.emit(arith.AND, holds, s.in_order(a))
            return holds if guard is None else s.b.emit(arith.AND, guard, holds)

        out.full = lambda: settled(op)
        out.none = lambda: settled(_OPPOSITE[op])
        if a.step == 1 and guard is None and not a.far:
            out.make = lambda: _narrow_compare(s, op, scalar, bound)

    return rule


def _alike(s: Lanes, defn: OpDef, xs: list[Lane]) -> Lane | None:
    """i < n of a multiple n of the width is the same in all lanes, where vectors begin at such: as `if t < 64` in a block."""
    if defn.name not in _ROWS:
        return None
    a, c, op = (xs[0], xs[1], defn.name) if xs[1].uniform else (xs[1], xs[0], _MIRROR[defn.name])
    if not (a.aligned and a.exact and c.uniform) or a.scalar is None or c.scalar is None or s.width & (s.width - 1):
        return None
    number = c.scalar.constant
    if op in ("arith.lt", "arith.ge"):
        holds = is_multiple(c.scalar, s.width)
    else:
        holds = isinstance(number, int) and (number + 1) % s.width == 0
    return Lane(T.bool_, scalar=s.b.emit(_ROWS[op], a.scalar, c.scalar)) if holds else None


def _holds_in_32_bits(s: Lanes, op: str, a: Lane, bound: Value) -> Value:
    """Whether all lanes of numbers that may wrap between two of them satisfy the comparison."""
    assert a.scalar is not None
    first = s.wide(a.scalar)
    last = s.b.emit(arith.ADD, first, s.index((s.width - 1) * a.step))
    if (a.step > 0) == (op in ("arith.lt", "arith.le")):  # the bound holds the last one back
        return s.b.emit(_ROWS[op], last, s.wide(bound))
    return s.b.emit(arith.AND, s.b.emit(_ROWS[op], first, s.wide(bound)), _fits(s, last, a.step, T.i32))


def _fits(s: Lanes, last: Value, step: int, t: T.ScalarType) -> Value:
    """Whether numbers that begin inside of a narrow type have not left it at the last lane."""
    edge = (1 << (t.bits - 1)) - 1
    return s.b.emit(*((arith.LE, last, s.index(edge)) if step > 0 else (arith.GE, last, s.index(~edge))))


def _equal(s: Lanes, out: Lane, xs: list[Lane]) -> None:
    """i == n is none of the lanes wherever n lies before the first or behind the last, as in most vectors of a row."""
    a, c = xs if xs[1].uniform else (xs[1], xs[0])
    if not (a.affine and a.exact and c.uniform) or not a.type.is_integer or a.type.bits < 32 or a.step == 0:
        return
    reach = (s.width - 1) * abs(a.step)
    if reach >= 1 << 31:
        return
    assert a.scalar is not None and c.scalar is not None
    low, bound = a.scalar if a.step > 0 else s.last(a), c.scalar
    unsigned = T.u64 if a.type.bits == 64 else T.u32

    def none() -> Value:
        ahead = s.b.emit(arith.CAST, s.b.emit(arith.SUB, bound, low), type=unsigned)  # before the first is far ahead
        return s.b.emit(arith.GT, ahead, s.constant(reach, unsigned))

    out.none = none


def _unequal(s: Lanes, out: Lane, xs: list[Lane]) -> None:
    _equal(s, out, xs)
    out.full, out.none = out.none, None


def _compare_partners(s: Lanes, out: Lane, op: str, partner: tuple[Value, Value], c: Lane) -> None:
    """base + (k ^ flip) < i + k: decided by base and i where those are of different vectors, else by which lanes change places."""
    assert c.scalar is not None
    (base, flip), own = partner, c.scalar
    differs = s.b.emit(_ROWS[_STRICT[op]], s.wide(base), s.wide(own))
    opposite = s.b.emit(_ROWS[_STRICT[_OPPOSITE[op]]], s.wide(base), s.wide(own))
    out.full, out.none = lambda: differs, lambda: opposite

    def make() -> Value:
        lanes = s.iota(T.i32)
        moved = s.b.emit(arith.XOR, lanes, s.splat(s.b.emit(arith.CAST, flip, type=T.i32)))
        within = s.b.emit(_ROWS[op], moved, lanes)
        same = s.splat(s.b.emit(arith.EQ, base, own))
        return s.b.emit(arith.OR, s.b.emit(arith.AND, within, same), s.splat(differs))

    out.make = make


def _narrow_compare(s: Lanes, op: str, scalar: Value, bound: Value) -> Value:
    """base + k < n as k < n - base, clamped into 32 bits: half the vector width of comparing 64-bit lanes."""
    # The difference of two indices may pass 63 bits (n may be a sentinel): where it is positive it fits 64 unsigned ones.
    apart = s.b.emit(arith.CAST, s.b.emit(arith.SUB, bound, scalar), type=T.u64)
    ahead = s.b.emit(arith.CAST, s.b.emit(arith.MINIMUM, apart, s.constant(s.width, T.u64)), type=T.index)
    behind = s.b.emit(arith.GT, scalar, bound)
    room = s.b.emit(arith.SELECT, behind, s.index(-1), ahead)
    narrow = s.b.emit(arith.CAST, room, type=T.i32)
    return s.b.emit(_ROWS[op], s.iota(T.i32), s.splat(narrow))


def _and(s: Lanes, out: Lane, xs: list[Lane]) -> None:
    full = [_full(s, x) for x in xs]
    none = [_none(s, x) for x in xs]
    if all(full):
        out.full = lambda: s.b.emit(arith.AND, *[f() for f in full if f])
    given = [n for n in none if n]
    if given:
        out.none = given[0] if len(given) == 1 else lambda: s.b.emit(arith.OR, given[0](), given[1]())


def _or(s: Lanes, out: Lane, xs: list[Lane]) -> None:
    full = [f for f in (_full(s, x) for x in xs) if f]
    none = [_none(s, x) for x in xs]
    if full:
        out.full = full[0] if len(full) == 1 else lambda: s.b.emit(arith.OR, full[0](), full[1]())
    if all(none):
        out.none = lambda: s.b.emit(arith.AND, *[n() for n in none if n])


def _not(s: Lanes, out: Lane, xs: list[Lane]) -> None:
    out.full, out.none = xs[0].none, xs[0].full


def _full(s: Lanes, x: Lane) -> Maker | None:
    if x.uniform and x.scalar is not None:
        scalar = x.scalar
        return lambda: scalar
    return x.full


def _none(s: Lanes, x: Lane) -> Maker | None:
    if x.uniform and x.scalar is not None:
        scalar = x.scalar
        return lambda: s.b.emit(arith.NOT, scalar)
    return x.none


_COHERENT: dict[str, Callable[[Lanes, Lane, list[Lane]], None]] = {
    **{name: _compare(name) for name in _ROWS},
    "arith.eq": _equal,
    "arith.ne": _unequal,
    "arith.and": _and,
    "arith.or": _or,
    "arith.not": _not,
}
