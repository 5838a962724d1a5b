"""Random thread-level programs that mean exactly one thing: typed, in bounds, free of races, uniform where they must be.

One idea: valid by construction. Every value comes from a pool of what is visible, tagged with whether it is the same
for all threads of a block, so the generator always knows where a barrier may stand. A thread writes only cells of its
own; it reads inputs that nobody writes, its own cells, or shared cells between two barriers (of threads that exist, where
a launch ends inside a block); atomics commute and their old value is not used. Programs are math="strict", so every implementation gives the same bits (any NaN equals
any NaN).

    case = random_case(seed=7, size=40)
    args = case.args()              # fresh arrays, the same every time
    interpret(case.function, args, case.grid, case.block, threads=case.threads, check=case.checked)
    print(repro(case))              # the IR and everything needed to run it
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Region, Value
from kdsl.ir.opdef import CLASSES, OPS, OpDef, Trait
from kdsl.ir.ops import arith, memory, simt

from .values import components, constant, differences, fill, numpy_dtype

__all__ = ["Case", "compare", "random_case", "repro"]

_ATOMIC_TYPES = (T.i32, T.u32, T.i64, T.u64)
_FAMILIES = (("add", "sub"), ("min",), ("max",), ("and",), ("or",), ("xor",))
_KINDS = ("add", "sub", "min", "max", "and", "or", "xor")
_STRUCTS = (
    T.StructType("Pair", (("key", T.i32, 0), ("weight", T.f32, 4)), 8, 4),
    T.StructType("Mixed", (("flag", T.u8, 0), ("at", T.VectorType(T.f32, 3), 4), ("far", T.f64, 16)), 24, 8),
)
_MAX_DEPTH = 4
_MAX_TRIPS = 64  # of all loops around a statement, multiplied


@dataclass
class ArrayInfo:
    """A parameter: `pitch` cells per thread belong to it when it is written; None when nobody writes it.

    by_ids: its axes are those of the launch, and a thread's cell is at its global ids. rows: it has two axes, and a thread's cells
    are a row.
    """

    param: int
    shape: tuple[int, ...]
    layout: str = "dense"  # or "sparse": every second element; "reversed"
    pitch: int | None = None
    family: tuple[str, ...] = ()
    by_ids: bool = False
    rows: bool = False


@dataclass
class Case:
    """A program and a launch of it. checked: nothing happens that a debug build reports."""

    seed: int
    size: int
    function: Function
    grid: tuple[int, int, int]
    block: tuple[int, int, int]
    threads: tuple[int, int, int] | None
    arrays: dict[int, ArrayInfo] = field(default_factory=dict)
    checked: bool = True

    def args(self) -> list[Any]:
        """Fresh arguments, equal at every call."""
        rng = np.random.default_rng(self.seed)
        return [self._argument(rng, k, p.type) for k, p in enumerate(self.function.params)]

    def _argument(self, rng: np.random.Generator, k: int, t: T.Type) -> Any:
        if not isinstance(t, T.ArrayType):
            return T.element_of(t).value_dtype.type(constant(random.Random(int(rng.integers(1 << 30))), T.element_of(t)))
        info = self.arrays[k]
        step = 2 if info.layout == "sparse" else 1
        array = np.zeros((*info.shape[:-1], info.shape[-1] * step), numpy_dtype(t.element))
        fill(rng, t.element, array)
        along = (slice(None),) * (t.rank - 1)
        return array[(*along, slice(None, None, -1 if info.layout == "reversed" else step))]


def compare(case: Case, one: list[Any], two: list[Any]) -> str:
    """"" when two runs left the same in every array that the program writes."""
    for k, info in case.arrays.items():
        p = case.function.params[k]
        if info.pitch is not None or info.family:
            assert isinstance(p.type, T.ArrayType)
            found = differences(p.name, p.type.element, one[k], two[k])
            if found:
                return found
    return ""


def repro(case: Case) -> str:
    """Everything needed to see a failure again."""
    facts = f"seed={case.seed} size={case.size} grid={case.grid} block={case.block} threads={case.threads}"
    return f"# random_case(seed={case.seed}, size={case.size}): {facts}\n{case.function}"


def random_case(seed: int, size: int = 40, *, subgroups: bool = True) -> Case:
    """A program of about `size` statements' worth of ops, and a launch of it.

    Up to SLIM statements there is little around them either (one row of blocks, one array to write), so that very many such
    programs can be run.
    """
    return _Generator(seed, size, subgroups).case()


def _rows() -> list[OpDef]:
    """Elementwise rows to draw from, arithmetic four times as often as elementary functions; none that is partial."""
    rows: list[OpDef] = []
    for d in OPS.values():
        if d.elementwise and d.eval is not None and d is not arith.CONSTANT and not d.name.startswith("machine."):
            rows += [d] * (4 if d.name.startswith("arith.") else 1)
    return rows


_ROWS = _rows()
SLIM = 8
_DIVISIONS = (arith.FLOORDIV, arith.MOD)


class _Generator:
    """Builds one case. pool: values that are visible, by type, each with whether it is uniform."""

    def __init__(self, seed: int, size: int, subgroups: bool) -> None:
        self.seed = seed
        self.size = self.budget = size
        self.rng = random.Random(seed)
        self.subgroups = subgroups
        self.slim = size <= SLIM
        self.pool: dict[T.ScalarType, list[tuple[Value, bool]]] = {t: [] for t in T.SCALARS.values()}
        self.depth = 0
        self.trips = 1
        self.counters: list[Value] = []  # of the loops around a statement whose trips are numbers
        self.uniform = True  # whether all threads of the block are here together
        self.checked = self.rng.random() < 0.7
        self.favourites = self.rng.sample(list(T.SCALARS.values()), self.rng.randint(3, 7)) + [T.index, T.bool_, T.i32, T.f32]
        self.launch()
        # Histograms: flat programs with updates of one kind of small arrays, which a CPU's worker may put by in tables.
        is_row = self.slim and self.block[1:] + self.grid[1:] == (1, 1, 1, 1)
        self.counting = is_row and random.Random(seed).random() < 0.2
        # Rows that each thread fills by itself, in loops that a CPU may take many rounds of at once.
        self.filling = not self.counting and random.Random(~seed).random() < 0.15
        # Places: threads along one axis that find row and column by division, which a CPU's loops over threads end at.
        self.placing = not (self.counting or self.filling) and random.Random(seed ^ 0x5A5A).random() < 0.15
        if self.placing:
            self.grid, self.block = (self.grid[0], 1, 1), (max(self.block), 1, 1)
            self.measure()
        self.places: list[tuple[Value, Value]] = []  # what counts on, and where its row ends
        self.lonely = self.counting or self.filling or self.placing  # threads do not see their block

    def launch(self) -> None:
        rng = self.rng
        shapes = [(1, 1, 1), (4, 1, 1), (7, 1, 1), (8, 1, 1), (16, 1, 1), (33, 1, 1), (64, 1, 1), (8, 4, 1), (5, 3, 1), (3, 2, 2),
                  (6, 5, 1), (12, 3, 1), (20, 2, 1), (16, 2, 2), (1, 9, 1)]  # fmt: skip
        self.block = rng.choice(shapes)
        self.grid = (rng.randint(1, 4), rng.randint(1, 2), rng.choice((1, 1, 2)))
        if self.slim and rng.random() < 0.9:
            self.grid, self.block = (self.grid[0], 1, 1), (self.block[0], 1, 1)
        self.threads: tuple[int, int, int] | None = None
        if rng.random() < 0.3:
            self.grid, self.block = (self.grid[0], 1, 1), (max(self.block[0], 4), 1, 1)
            whole = self.grid[0] * self.block[0]
            self.threads = (whole - rng.randint(0, min(self.block[0] - 1, 6)), 1, 1)
        elif rng.random() < 0.2:
            whole = [g * b for g, b in zip(self.grid, self.block, strict=True)]
            x, y, z = (n - rng.randint(0, b - 1) for n, b in zip(whole, self.block, strict=True))
            self.threads = (x, y, z)
        self.measure()

    def measure(self) -> None:
        if self.threads is not None:
            self.threads = tuple([min(n, g * b) for n, g, b in zip(self.threads, self.grid, self.block, strict=True)])
        self.cut = self.threads is not None
        self.widths = tuple([g * b for g, b in zip(self.grid, self.block, strict=True)])
        self.per_block = self.block[0] * self.block[1] * self.block[2]
        self.total = self.per_block * self.grid[0] * self.grid[1] * self.grid[2]

    def case(self) -> Case:
        params = self.parameters()
        f = Function("random", tuple(params), attributes={"math": "strict"})
        self.f, self.b = f, Builder(f.body)
        for p in f.params:
            if isinstance(p.type, T.ScalarType):
                self.add(p, True)
        self.prologue()
        self.guarded(self.rng.choice((0, 1, 1, 2, 2)) if self.placing else 0)
        self.b.yield_()
        return Case(self.seed, self.size, f, self.grid, self.block, self.threads, self.arrays, self.checked)

    def guarded(self, guards: int) -> None:
        """The program, within so many conditions on the thread's place."""
        if not guards:
            while self.budget > 0:
                self.statement()
            self.epilogue()
            return
        cond = self.edge()
        for _ in range(self.rng.randint(0, 3)):
            cond = self.b.emit(self.rng.choice((arith.AND, arith.AND, arith.OR)), cond, self.edge())
        inside, outside = Region(), Region()
        with self.flow(False), self.scope(inside):
            self.guarded(guards - 1)
            self.b.yield_()
        with self.b.inside(outside):
            self.b.yield_()
        self.b.if_(cond, [], *(self.rng.choice(((inside, outside), (inside, outside), (outside, inside)))))

    # Parameters and what every program starts with

    def parameters(self) -> list[tuple[str, T.Type]]:
        rng = self.rng
        self.arrays: dict[int, ArrayInfo] = {}
        params: list[tuple[str, T.Type]] = []
        most = 1 if self.slim else 3
        for k in range(rng.randint(1, most)):
            t = self.any_type()
            params.append((f"s{k}", T.f32 if t.storage else t))
        if self.placing:
            params.append(("width", rng.choice((T.index, T.i32, T.i64))))
        for k in range(rng.randint(1, most)):
            rank = rng.choice((1, 1, 2))
            far = rng.random() < 0.5
            shape = (*[rng.randint(1, 5) for _ in range(rank - 1)], self.total + 3 if far else rng.randint(1, 40))
            self.array(params, f"in{k}", shape, self.element())
        for k in range(rng.randint(1, 1 if self.slim else 4)):
            pitch = rng.randint(1, 2 if self.slim else 4)
            self.array(params, f"out{k}", (self.total * pitch,), self.element(), pitch=pitch)
        if rng.random() < (0.1 if self.slim else 0.3) and not self.placing:
            x, y, z = self.widths
            self.array(params, "image", rng.choice([(z, y, x), (y * z, x)]), self.element(), pitch=1)
            self.arrays[len(params) - 1].by_ids = True
        for k in range(0 if self.placing else int(rng.random() < 0.1) if self.slim else rng.randint(0, 2)):
            self.array(params, f"acc{k}", (8,), rng.choice(_ATOMIC_TYPES), family=rng.choice(_FAMILIES))
        for k in range(self.rng.randint(1, 2) if self.counting else 0):
            self.array(params, f"bins{k}", (rng.choice((1, 3, 8, 16)),), rng.choice(_ATOMIC_TYPES), family=(rng.choice(_KINDS),))
        for k in range(self.rng.randint(1, 2) if self.filling else 0):
            pitch, flat = self.rng.randint(5, 45), self.rng.random() < 0.3
            shape = (self.total * pitch,) if flat else (self.total, pitch)
            self.array(params, f"row{k}", shape, self.any_type(), pitch=pitch)
            self.arrays[len(params) - 1].rows = True
        return params

    def array(self, params: list[tuple[str, T.Type]], name: str, shape: tuple[int, ...], element: T.ElementType,
              pitch: int | None = None, family: tuple[str, ...] = ()) -> None:  # fmt: skip
        layout = self.rng.choice(("dense", "dense", "dense", "sparse", "reversed"))
        unit = len(shape) - 1 if layout == "dense" and self.rng.random() < 0.8 else None
        self.arrays[len(params)] = ArrayInfo(len(params), shape, layout, pitch, family)
        params.append((name, T.ArrayType(element, len(shape), unit_axis=unit)))

    def element(self) -> T.ElementType:
        r = self.rng.random()
        if r < 0.8 or (self.slim and r < 0.95):
            return self.any_type()
        if r < 0.9 or (self.slim and r < 0.97):
            return T.VectorType(self.rng.choice((T.f32, T.i32, T.u8, T.f64, T.f16)), self.rng.randint(2, 4))
        return self.rng.choice(_STRUCTS)

    def prologue(self) -> None:
        """Ids along the axes, the linear thread in block and launch, and arrays of the block and the thread."""
        b = self.b
        ids = {d: [b.emit(d, axis=k) for k in range(3)] for d in (simt.THREAD_ID, simt.GLOBAL_ID, simt.BLOCK_ID)}
        blocks = [b.emit(simt.BLOCK_DIM, axis=k) for k in range(3)]
        grid = [b.emit(simt.GRID_DIM, axis=k) for k in range(3)]
        widths = [b.emit(arith.MUL, n, m) for n, m in zip(grid, blocks)]
        self.tid = self.linear(ids[simt.THREAD_ID], blocks)
        self.gid = self.linear(ids[simt.GLOBAL_ID], widths)
        if (self.slim or self.placing) and self.block[1:] + self.grid[1:] == (1, 1, 1, 1):
            self.gid, self.tid = ids[simt.GLOBAL_ID][0], ids[simt.THREAD_ID][0]
        self.gid.name, self.tid.name = "gid", "tid"
        own = () if self.placing else ids[simt.GLOBAL_ID]
        for v in (*(() if self.lonely else (*ids[simt.THREAD_ID], self.tid)), *own, self.gid):
            self.add(v, False)
        for v in () if self.lonely else (*ids[simt.BLOCK_ID], *blocks, *grid):
            self.add(v, True)
        self.ids, self.global_ids, self.blocks, self.launched = ids[simt.THREAD_ID], ids[simt.GLOBAL_ID], blocks, widths
        if self.placing:
            self.find_places()
        arrays = [int(self.rng.random() < 0.15) if self.slim else self.rng.randint(0, 2) for _ in range(2)]
        arrays[1] = 0 if self.placing else arrays[1]
        self.shared = [self.alloc(T.Space.SHARED, self.per_block) for _ in range(0 if self.lonely else arrays[0])]
        self.private = [self.alloc(T.Space.PRIVATE, self.rng.randint(1, 6)) for _ in range(arrays[1])]
        for a in self.private:
            self.clear(a)
        self.bins: tuple[Value, tuple[str, ...]] | None = None
        if self.rng.random() < (0.05 if self.slim else 0.3) and not self.lonely:
            self.make_bins()

    def find_places(self) -> None:
        """Rows and columns of the thread, and of those."""
        rng, b = self.rng, self.b
        t = rng.choice((T.index, T.index, T.index, T.i32, T.i64))
        place = self.gid if t is T.index else b.emit(arith.CAST, self.gid, type=t)
        if rng.random() < 0.3:
            # Indices are taken not to wrap between two threads.
            moved = self.pick(t, True)[0] if rng.random() < 0.6 and t is not T.index else b.constant(rng.randint(-99, 99), t)
            place = b.emit(rng.choice((arith.ADD, arith.SUB)), place, moved)
        width: Value | None = None
        for _ in range(rng.choice((1, 1, 2, 2, 3))):
            width = self.row_width(t) if width is None or rng.random() < 0.5 else b.emit(arith.MUL, width, self.row_width(t))
            row = b.emit(arith.FLOORDIV, place, width)
            at = b.emit(arith.MOD, place, width)
            if rng.random() < 0.4:
                at = b.emit(arith.SUB, place, b.emit(arith.MUL, row, width))
            self.places += [(place, b.constant(min(self.total, 99), t)), (at, width), (row, b.constant(rng.randint(1, 9), t))]
            for v in (place, at, row):
                self.add(v, False)
            place = rng.choice((place, at, at, row, self.places[0][0]))

    def row_width(self, t: T.ScalarType) -> Value:
        """Not 0 where that is reported; of rows that end between threads, most of the time."""
        if (r := self.rng.random()) < 0.3:
            return self.b.constant(self.rng.choice((64, 65, 100, 128, 7, 32)), t)
        if r < 0.4:
            v = self.pick(t, True)[0]
            return self.b.emit(arith.OR, v, self.b.constant(1, t)) if self.checked else v
        [width] = [p for p in self.f.params if p.name == "width"]
        width = width if width.type is T.index else self.b.emit(arith.CAST, width, type=T.index)
        width = self.b.emit(arith.MOD, width, self.index(60)) if r < 0.9 else self.below(self.index(60), True)[0]
        v = self.b.emit(arith.ADD, width, self.index(self.rng.choice((1, 8, 8, 17))))
        return v if t is T.index else self.b.emit(arith.CAST, v, type=t)

    def make_bins(self) -> None:
        """Shared cells for atomics, cleared by the block's first thread, which always exists."""
        b = self.b
        t = T.ArrayType(self.rng.choice(_ATOMIC_TYPES), 1, T.Space.SHARED, (8,), 0)
        bins = b.emit(memory.ALLOC, type=t, name="bins")
        self.bins = bins, self.rng.choice(_FAMILIES)
        first, others = Region(), Region()
        with b.inside(first):
            self.clear(bins)
            b.yield_()
        with b.inside(others):
            b.yield_()
        b.if_(b.emit(arith.EQ, self.tid, self.index(0)), [], first, others)
        b.emit(simt.BARRIER)

    def linear(self, at: list[Value], width: list[Value]) -> Value:
        b = self.b
        row = b.emit(arith.ADD, b.emit(arith.MUL, at[2], width[1]), at[1])
        return b.emit(arith.ADD, b.emit(arith.MUL, row, width[0]), at[0])

    def alloc(self, space: T.Space, cells: int) -> Value:
        element = self.element()
        return self.b.emit(memory.ALLOC, type=T.ArrayType(element, 1, space, (cells,), 0), name=f"{space.value}")

    def clear(self, a: Value) -> None:
        """Write every cell of an array, so that none is read undefined."""
        t = _array(a)
        assert t.shape is not None
        body = Region((T.index,))
        with self.b.inside(body):
            for part, offset in components(t.element):
                self.b.emit(memory.STORE, a, body.args[0], self.b.constant(constant(self.rng, part), part), offset=offset)
            self.b.yield_()
        self.b.for_(self.index(0), self.index(t.shape[0]), self.index(1), (), body)

    def epilogue(self) -> None:
        """Store late values in every cell of the thread."""
        for k, info in self.arrays.items():
            for cell in range(0 if info.rows else info.pitch or 0):
                for t, offset in components(_array(self.f.params[k]).element):
                    self.store_own(k, cell, t, offset)

    # Values

    def any_type(self) -> T.ScalarType:
        return self.rng.choice(self.favourites if self.rng.random() < 0.8 else list(T.SCALARS.values()))

    def add(self, v: Value, uniform: bool) -> None:
        t = v.type
        assert isinstance(t, T.ScalarType)
        self.pool[t].append((v, uniform))

    def index(self, n: int) -> Value:
        return self.b.constant(n, T.index)

    def pick(self, t: T.ScalarType, uniform: bool = False) -> tuple[Value, bool]:
        """A visible value of a type, or a new constant; only one that all threads agree on, if asked."""
        have = [x for x in self.pool[t] if x[1]] if uniform else self.pool[t]
        if not have or self.rng.random() < 0.15:
            v = self.b.constant(constant(self.rng, t), t)
            return v, True
        return self.rng.choice(have[-8:] if self.rng.random() < 0.7 else have)

    def condition(self, uniform: bool = False) -> tuple[Value, bool]:
        if self.rng.random() < 0.3:
            return self.pick(T.bool_, uniform)
        if not uniform and self.rng.random() < 0.2:
            return self.edge(), False
        t = self.rng.choice([u for u in self.favourites if u in CLASSES["N"]])
        (a, ua), (c, uc) = self.pick(t, uniform), self.pick(t, uniform)
        row = self.rng.choice((arith.LT, arith.LE, arith.GT, arith.GE, arith.EQ, arith.NE))
        return self.b.emit(row, a, c), ua and uc

    def edge(self) -> Value:
        """Whether the thread lies before (or behind) a place in the launch: what kernels ask at the end of an array."""
        if self.places and self.rng.random() < 0.8:
            v, bound = self.rng.choice(self.places)
            t = _type(v)
            bound = self.rng.choice((bound, bound, self.b.constant(self.rng.randint(0, 3), t)))
            moved = [self.b.emit(arith.SUB, x, self.b.constant(self.rng.randint(-2, 2), t)) if self.rng.random() < 0.4 else x
                     for x in (v, bound)]  # fmt: skip
            row = self.rng.choice((arith.LT, arith.LT, arith.GE, arith.GT, arith.LE, arith.NE, arith.EQ))
            return self.b.emit(row, *(moved if self.rng.random() < 0.7 else moved[::-1]))
        own = (self.gid, self.total) if self.placing else (self.tid, self.per_block)
        at, end = self.rng.choice([(self.gid, self.total), (self.global_ids[0], self.widths[0]), own])
        row = self.rng.choice((arith.LT, arith.LT, arith.GE, arith.LE, arith.GT))
        shifted = self.b.emit(arith.ADD, at, self.index(self.rng.randint(-2, 2))) if self.rng.random() < 0.3 else at
        if self.rng.random() < 0.3:
            return self.b.emit(row, shifted, self.below(self.index(end + 1), True)[0])
        return self.b.emit(row, shifted, self.index(max(0, end - self.rng.randint(0, 6))))

    def below(self, limit: Value, uniform: bool = False) -> tuple[Value, bool]:
        """An index in [0, limit), from any integer."""
        t = self.rng.choice([u for u in self.favourites if u.is_integer])
        v, is_uniform = self.pick(t, uniform)
        v = v if t is T.index else self.b.emit(arith.CAST, v, type=T.index)
        if self.rng.random() < 0.7:
            return self.b.emit(arith.MOD, v, limit), is_uniform
        last = self.b.emit(arith.SUB, limit, self.index(1))
        return self.b.emit(arith.MINIMUM, self.b.emit(arith.MAXIMUM, v, self.index(0)), last), is_uniform

    @contextmanager
    def scope(self, region: Region) -> Iterator[None]:
        """Build inside a region; values made there are not visible afterwards."""
        sizes = {t: len(values) for t, values in self.pool.items()}
        self.depth += 1
        with self.b.inside(region):
            yield
        self.depth -= 1
        for t, values in self.pool.items():
            del values[sizes[t] :]

    @contextmanager
    def flow(self, uniform: bool, trips: int = 1) -> Iterator[None]:
        before = self.uniform, self.trips
        self.uniform, self.trips = self.uniform and uniform, self.trips * trips
        yield
        self.uniform, self.trips = before

    # Statements

    def statement(self) -> None:
        loads = 6 if self.placing else 2
        choices: list[tuple[int, Callable[[], None]]] = [(10, self.expression), (loads, self.load), (1, self.store)]
        if self.depth < _MAX_DEPTH:
            choices.append((1, self.branch))
            if self.trips * 4 <= _MAX_TRIPS:
                choices += [(1, self.counted), (1, self.repeated)]
        if self.private:
            choices.append((2, self.private_access))
        if any(info.family for info in self.arrays.values()):
            choices.append((8 if self.counting else 1, self.atomic))
        if self.bins:
            choices.append((1, self.count))
        if self.filling and self.trips == 1:
            choices.append((4, self.fill))
        if self.uniform and not self.lonely:
            choices.append((1, self.barrier))
            choices += [(2, self.exchange)] if self.shared else []
            choices += [(1, self.stages)] if self.shared and not self.cut else []
            choices += [(1, self.counted_so_far)] if self.bins else []
        if self.uniform and self.subgroups and not self.lonely:
            choices.append((1, self.subgroup))
        weights, actions = zip(*choices)
        self.budget -= 1
        self.rng.choices(actions, weights)[0]()

    def some(self, most: int) -> None:
        for _ in range(self.rng.randint(1, most)):
            self.statement()

    def expression(self) -> None:
        rng, b = self.rng, self.b
        row = rng.choice(_ROWS)
        letters: dict[str, T.ScalarType] = {}
        operands: list[Value] = []
        uniform = True
        for rule in row.operands:
            t = letters.get(rule.letter) or self.type_of(rule.letter, rule.rule)
            letters[rule.letter] = t
            v, same = self.pick(t)
            uniform &= same
            operands.append(v)
        if row in _DIVISIONS and self.checked:
            operands[1] = b.emit(arith.OR, operands[1], b.constant(1, letters["I"]))
        result: T.ScalarType | None = None
        attributes: dict[str, Any] = {}
        if row is arith.CAST:
            result = self.any_type()
        elif row is arith.BITCAST:
            result = rng.choice([t for t in T.SCALARS.values() if t.bits == letters["X"].bits])
            operands = [self.not_nan(operands[0])] if result is not letters["X"] else operands
        elif row is arith.LOOKUP:
            result = self.any_type()
            attributes["table"] = tuple([constant(rng, result) for _ in range(rng.randint(1, 6))])
        elif Trait.EXACT_FLAG in row.trait and rng.random() < 0.1:
            attributes[rng.choice(("exact", "ordered"))] = True
        self.add(b.emit(row, *operands, type=result, **attributes), uniform)

    def type_of(self, letter: str, rule: str) -> T.ScalarType:
        if not letter:
            return T.SCALARS[rule]
        allowed = [t for t in self.favourites if t in CLASSES[letter]]
        return self.rng.choice(allowed if allowed and self.rng.random() < 0.8 else CLASSES[letter])

    def not_nan(self, v: Value) -> Value:
        """A float's bits are specified unless it is NaN."""
        t = _type(v)
        if not t.is_float:
            return v
        return self.b.emit(arith.SELECT, self.b.emit(arith.EQ, v, v), v, self.b.constant(1.0, t))

    def load(self) -> None:
        """From an input anywhere in range, or from a cell of one's own."""
        k = self.rng.choice([k for k, info in self.arrays.items() if not info.family])
        info, a = self.arrays[k], self.f.params[k]
        t, offset = self.rng.choice(list(components(_array(a).element)))
        if info.pitch is not None:
            at = self.own(info, self.rng.randrange(info.pitch))
        else:
            at = [self.anywhere(a, axis, info) for axis in range(len(info.shape))]
        self.add(self.b.emit(memory.LOAD, a, *at, type=t, offset=offset), False)

    def anywhere(self, a: Value, axis: int, info: ArrayInfo) -> Value:
        if info.shape[axis] == self.total + 3 and self.rng.random() < 0.7:
            return self.b.emit(arith.ADD, self.gid, self.index(self.rng.randint(0, 3)))
        extent = self.b.emit(memory.EXTENT, a, axis=axis)
        if self.rng.random() < (0.8 if self.placing else 0.3):
            at = self.rng.choice([v for v, _ in self.places] or [self.gid, *self.global_ids])
            return self.clamped(at if at.type is T.index else self.b.emit(arith.CAST, at, type=T.index), extent)
        return self.below(extent)[0]

    def clamped(self, at: Value, extent: Value) -> Value:
        """A neighbour's place, or the array's first or last."""
        moved = self.b.emit(arith.ADD, at, self.index(self.rng.randint(-3, 6)))
        moved = moved if self.rng.random() < 0.7 else self.b.emit(arith.MUL, moved, self.index(self.rng.choice((-1, 2, 3))))
        if self.rng.random() < 0.3:  # through a narrow type, where neighbours may wrap apart
            narrow = self.b.emit(arith.CAST, moved, type=self.rng.choice((T.i8, T.u8, T.i16, T.u16, T.i32, T.u32, T.u64)))
            if self.rng.random() < 0.5:
                narrow = self.b.emit(arith.ADD, narrow, self.pick(_type(narrow), True)[0])
            moved = self.b.emit(arith.CAST, narrow, type=T.index)
        last = self.b.emit(arith.SUB, extent, self.index(1))
        if self.rng.random() < 0.5:
            return self.b.emit(arith.MAXIMUM, self.b.emit(arith.MINIMUM, moved, last), self.index(0))
        return self.b.emit(arith.MINIMUM, self.b.emit(arith.MAXIMUM, self.index(0), moved), last)

    def own(self, info: ArrayInfo, cell: int) -> list[Value]:
        """The indices of a cell that belongs to this thread alone."""
        b = self.b
        if info.by_ids:
            x, y, z = self.global_ids
            return [z, y, x] if len(info.shape) == 3 else [b.emit(arith.ADD, b.emit(arith.MUL, z, self.launched[1]), y), x]
        pitch = info.pitch or 1
        if len(info.shape) == 2:
            return [self.gid, self.index(cell)]
        first = self.gid if pitch == 1 else b.emit(arith.MUL, self.gid, self.index(pitch))
        return [first if cell == 0 else b.emit(arith.ADD, first, self.index(cell))]

    def store(self) -> None:
        k = self.rng.choice([k for k, info in self.arrays.items() if info.pitch])
        t, offset = self.rng.choice(list(components(_array(self.f.params[k]).element)))
        self.store_own(k, self.rng.randrange(self.arrays[k].pitch or 1), t, offset)

    def store_own(self, k: int, cell: int, t: T.ScalarType, offset: int) -> None:
        at = self.own(self.arrays[k], cell)
        self.b.emit(memory.STORE, self.f.params[k], *at, self.pick(t)[0], offset=offset)

    def private_access(self) -> None:
        a = self.rng.choice(self.private)
        at = self.cell(a)
        t, offset = self.rng.choice(list(components(_array(a).element)))
        if self.rng.random() < 0.5:
            self.b.emit(memory.STORE, a, at, self.pick(t)[0], offset=offset)
        else:
            self.add(self.b.emit(memory.LOAD, a, at, type=t, offset=offset), False)

    def cell(self, a: Value) -> Value:
        """An element of an array of the thread: by number, by the counter of a loop that can be unrolled, or anywhere."""
        cells = (_array(a).shape or (1,))[0]
        r = self.rng.random()
        if r < (0.5 if a is self.private[0] else 0.3):
            return self.index(self.rng.randrange(cells))
        if self.counters and (r < 0.6 or a is self.private[0]):
            moved = self.b.emit(arith.ADD, self.rng.choice(self.counters), self.index(self.rng.randint(0, 3)))
            return self.b.emit(arith.MOD, moved, self.index(cells))
        if a is self.private[0] and self.rng.random() < 0.9:
            return self.index(self.rng.randrange(cells))
        return self.below(self.b.emit(memory.EXTENT, a, axis=0))[0]

    def atomic(self) -> None:
        k = self.rng.choice([k for k, info in self.arrays.items() if info.family])
        a = self.f.params[k]
        row = OPS[f"atomic.{self.rng.choice(self.arrays[k].family)}"]
        cells = self.b.emit(memory.EXTENT, a, axis=0)
        at, is_uniform = self.below(cells)
        if self.counting and is_uniform and self.seed % 4:
            at = self.b.emit(arith.MOD, self.b.emit(arith.ADD, at, self.gid), cells)
        self.b.emit(row, a, at, self.pick(_scalar(a))[0], offset=0)

    def count(self) -> None:
        """An atomic on a shared cell."""
        assert self.bins
        a, family = self.bins
        self.b.emit(OPS[f"atomic.{self.rng.choice(family)}"], a, self.below(self.index(8))[0], self.pick(_scalar(a))[0], offset=0)

    def counted_so_far(self) -> None:
        """Meet, read a cell of the shared atomics, meet."""
        assert self.bins
        a, _ = self.bins
        self.b.emit(simt.BARRIER)
        v = self.b.emit(memory.LOAD, a, self.below(self.index(8))[0], type=_scalar(a), offset=0)
        self.b.emit(simt.BARRIER)
        self.add(v, False)

    def barrier(self) -> None:
        self.b.emit(simt.BARRIER)

    def exchange(self) -> None:
        """Write one's own shared cell, meet, read another's, meet."""
        b, a = self.b, self.rng.choice(self.shared)
        t, offset = self.rng.choice(list(components(_array(a).element)))
        b.emit(memory.STORE, a, self.tid, self.pick(t)[0], offset=offset)
        if self.rng.random() < 0.3:
            self.statement_without_meeting()
        b.emit(simt.BARRIER)
        self.add(b.emit(memory.LOAD, a, self.other(), type=t, offset=offset), False)
        b.emit(simt.BARRIER)

    def other(self) -> Value:
        """The linear number of a thread of the block that exists."""
        b, n = self.b, self.index(self.rng.randint(1, 9))
        if self.cut:  # those below in the same row do
            x = b.emit(arith.MAXIMUM, b.emit(arith.SUB, self.ids[0], n), self.index(0))
            return self.linear([x, *self.ids[1:]], self.blocks)
        if self.rng.random() < 0.3 and self.per_block & (self.per_block - 1) == 0:
            return b.emit(arith.XOR, self.tid, b.emit(arith.AND, n, self.index(self.per_block - 1)))
        if self.rng.random() < 0.7:
            return b.emit(arith.MOD, b.emit(arith.ADD, self.tid, n), self.index(self.per_block))
        return self.below(self.index(self.per_block))[0]

    def stages(self) -> None:
        """Write one's own shared cell; then, in stages, some threads of each row take over another's: the first ones, every so many,
        or those whose cells lie so far apart. Distances are numbers, or a loop's counter tells them."""
        rng, b, a = self.rng, self.b, self.rng.choice(self.shared)
        t, offset = rng.choice(list(components(_array(a).element)))
        form, row = rng.randrange(3), self.index(self.block[0])
        b.emit(memory.STORE, a, self.tid, self.pick(t)[0], offset=offset)

        def stage(d: Value) -> None:
            x, twice = self.ids[0], b.emit(arith.MUL, d, self.index(2))
            own = b.emit(arith.MUL, x, twice) if form == 2 else x
            far = b.emit(arith.ADD, own, d)
            cond = b.emit(arith.LT, far, row)
            asks = [(arith.LT, x, d), (arith.EQ, b.emit(arith.MOD, x, twice), self.index(0))][form : form + 1]
            for defn, v, w in asks:
                cond = b.emit(arith.AND, cond, b.emit(defn, v, w))
            taken, others = Region(), Region()
            with b.inside(taken):
                v = b.emit(memory.LOAD, a, self.linear([far, *self.ids[1:]], self.blocks), type=t, offset=offset)
                b.emit(memory.STORE, a, self.linear([own, *self.ids[1:]], self.blocks), v, offset=offset)
                b.yield_()
            with b.inside(others):
                b.yield_()
            b.emit(simt.BARRIER)
            b.if_(cond, [], taken, others)

        if rng.random() < 0.5:
            stage(self.index(rng.choice((1, 1, 2, 3, 4, 8))))
        else:
            loop = Region((T.index,))
            with b.inside(loop):
                k = loop.args[0]
                stage(b.emit(arith.SHL, self.index(1), k) if rng.random() < 0.7 else b.emit(arith.ADD, k, self.index(1)))
                b.yield_()
            b.for_(self.index(0), self.index(rng.randint(2, 4)), self.index(1), (), loop)
        b.emit(simt.BARRIER)
        self.add(b.emit(memory.LOAD, a, self.tid, type=t, offset=offset), False)
        b.emit(simt.BARRIER)

    def statement_without_meeting(self) -> None:
        with self.flow(False):
            self.statement()

    def subgroup(self) -> None:
        rng, b = self.rng, self.b
        row = rng.choice([d for d in OPS.values() if d.name.startswith("subgroup.")])
        if row.name == "subgroup.broadcast" and self.cut and self.block[1] * self.block[2] > 1:
            return  # no lane that every subgroup has: rows end early
        rule = row.operands[0]
        t = self.type_of(rule.letter, rule.rule)
        operands = [self.pick(t)[0]]
        if len(row.operands) > 1:
            # Lane 0 is the only one that every subgroup has, and a broadcast needs one that is there.
            operands.append(self.index(0 if row.name == "subgroup.broadcast" else rng.choice((0, 1, 2, 3))))
        v = b.emit(row, *operands)
        self.add(v, False)

    # Control flow

    def results(self) -> list[T.ScalarType]:
        return [self.any_type() for _ in range(self.rng.randint(0, 3))]

    def give(self, types: list[T.ScalarType]) -> None:
        self.b.yield_(*[self.pick(t)[0] for t in types])

    def branch(self) -> None:
        cond, uniform = self.condition(uniform=self.uniform and self.rng.random() < 0.5)
        types = self.results()
        regions = (Region(), Region())
        with self.flow(uniform):
            for region in regions:
                with self.scope(region):
                    if region is regions[0] or self.rng.random() < 0.6:
                        self.some(4)
                    self.give(types)
        self.publish(self.b.if_(cond, types, *regions).results)

    def publish(self, results: tuple[Value, ...]) -> None:
        for v in results:
            self.add(v, False)

    def counted(self) -> None:
        """A `for` of at most four trips, upwards or downwards."""
        uniform, known = self.uniform and self.rng.random() < 0.6, self.rng.random() < 0.5
        if known:
            lo, step, trips = self.rng.randint(-3, 5), self.rng.choice((1, 1, 2, 3, -1, -2)), self.rng.randint(0, 4)
            bounds, uniform = [self.index(n) for n in (lo, lo + step * trips, step)], True
        else:
            count, uniform = self.below(self.index(5), uniform)
            up = [self.index(0), count, self.index(1)]
            down = [self.b.emit(arith.SUB, count, self.index(1)), self.index(-1), self.index(-1)]
            bounds = up if self.rng.random() < 0.7 else down
        types = self.results()
        init = [self.pick(t)[0] for t in types]
        body = Region((T.index, *types))
        with self.flow(uniform, 4), self.scope(body):
            self.add(body.args[0], uniform)
            self.publish(body.args[1:])
            self.counters += [body.args[0]] if known else []
            self.some(4)
            self.counters = [v for v in self.counters if v is not body.args[0]]
            self.give(types)
        self.publish(self.b.for_(bounds[0], bounds[1], bounds[2], init, body).results)

    def fill(self) -> None:
        """A loop along the thread's own row, which may also read it, sum up and take extremes."""
        rng, b = self.rng, self.b
        k = rng.choice([k for k, info in self.arrays.items() if info.rows])
        info, a = self.arrays[k], self.f.params[k]
        cells = info.pitch or 1
        lo = rng.choice((0, 0, 1, rng.randrange(cells)))
        end = self.index(cells - rng.choice((0, 0, 1))) if rng.random() < 0.6 else self.below(self.index(cells + 1), True)[0]
        shift: Value | None = None
        if rng.random() < 0.25:  # a second place in each round
            shift = self.below(self.index(cells), True)[0]
            end = b.emit(arith.SUB, self.index(cells), shift)
        types = [self.any_type() for _ in range(rng.choice((0, 1, 1, 2)))]
        types = [T.i32 if t.storage or t is T.bool_ else t for t in types]
        body = Region((T.index, *types))
        first = None if len(info.shape) == 2 else b.emit(arith.MUL, self.gid, self.index(cells))
        with self.flow(False, _MAX_TRIPS), self.scope(body):
            counter = body.args[0]
            at = [self.gid, counter] if first is None else [b.emit(arith.ADD, first, counter)]
            self.add(counter, False)
            t = _scalar(a)
            other = at if shift is None else [*at[:-1], b.emit(arith.ADD, at[-1], shift)]
            for _ in range(rng.randint(0, 2)):
                self.add(b.emit(memory.LOAD, a, *rng.choice((at, other)), type=t, offset=0), False)
            for _ in range(rng.randint(1, 5)):
                rng.choices((self.expression, self.load, self.branch), (8, 2, 1))[0]()
            if rng.random() < 0.9:
                b.emit(memory.STORE, a, *at, self.pick(t)[0], offset=0)
            if shift is not None and rng.random() < 0.6:
                b.emit(memory.STORE, a, *other, self.pick(t)[0], offset=0)
            sums: list[Value] = []
            for v in body.args[1:]:
                ops = [arith.ADD, arith.SUB, arith.MUL, arith.MINIMUM, arith.MAXIMUM]
                if _type(v).is_integer:
                    ops += [arith.AND, arith.OR, arith.XOR]
                sums.append(b.emit(rng.choice(ops), v, self.pick(_type(v))[0]))
            b.yield_(*sums)
        init = [self.pick(t)[0] for t in types]
        self.publish(b.for_(self.index(lo), end, self.index(1), init, body).results)

    def repeated(self) -> None:
        """A `while` that ends after at most four rounds, or earlier by a flag."""
        b = self.b
        uniform = self.uniform and self.rng.random() < 0.5
        extra = self.results()
        types = (T.index, T.bool_, *extra)
        init = [self.index(0), self.condition(uniform)[0], *[self.pick(t)[0] for t in extra]]
        cond, body = Region(types), Region(types)
        limit, _ = self.below(self.index(5), uniform)
        with self.flow(uniform, 4):
            with self.flow(False), self.scope(cond):
                self.publish(cond.args[2:])
                if self.rng.random() < 0.4:
                    self.expression()
                b.yield_(b.emit(arith.AND, b.emit(arith.LT, cond.args[0], limit), cond.args[1]))
            with self.scope(body):
                self.add(body.args[0], uniform)
                self.publish(body.args[2:])
                self.some(4)
                flag, _ = self.condition(uniform)
                after = b.emit(arith.ADD, body.args[0], self.index(1))
                b.yield_(after, flag, *[self.pick(t)[0] for t in extra])
        self.publish(b.while_(init, cond, body).results)


def _array(v: Value) -> T.ArrayType:
    assert isinstance(v.type, T.ArrayType)
    return v.type


def _type(v: Value) -> T.ScalarType:
    assert isinstance(v.type, T.ScalarType)
    return v.type


def _scalar(a: Value) -> T.ScalarType:
    t = _array(a).element
    assert isinstance(t, T.ScalarType)
    return t
