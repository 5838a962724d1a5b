"""Subgroup operations on every type: the interpreter at 4, 8, 16 and 32 lanes against NumPy, every backend at its own
number of lanes against the interpreter.

One idea: a block is laid out as a table (subgroup, lane) with a mask of the threads that exist; the oracle works on that table
with plain loops, so it shares nothing with what it checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from conformance.backends import Backend, Interpreter, backend_params, expand, require
from conformance.base import job
from conformance.corners import corners, random_bits
from conformance.matrix import array_type
from conformance.test_memory import check

from kdsl.ir import formats, types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function
from kdsl.ir.evaluate import evaluate
from kdsl.ir.opdef import CLASSES, OPS
from kdsl.ir.ops import arith, memory, simt

TYPES = list(T.SCALARS.values())
EXCHANGES = ("shuffle", "shuffle_xor", "shuffle_up", "shuffle_down", "broadcast")
NUMBERS = ("sum", "min", "max", "inclusive_sum", "exclusive_sum")
VOTES = ("ballot", "any", "all")
COVERED = {(f"subgroup.{op}", t.name) for op in EXCHANGES for t in TYPES}
COVERED |= {(f"subgroup.{op}", t.name) for op in NUMBERS for t in CLASSES["N"]}
COVERED |= {(f"subgroup.{op}", "bool") for op in VOTES} | {("simt.lane_id", "index"), ("simt.subgroup_size", "index")}

# (grid, block, threads that exist, None for all): blocks that are no multiple of a subgroup, rows that are none either.
GEOMETRIES = [
    (2, 64, None),
    (3, 33, None),
    (2, 7, None),
    (1, 1, None),
    (3, 32, 70),
    (2, (16, 16), None),
    (2, (5, 3), None),
    (1, (4, 3, 2), None),
    (2, 256, None),
    ((2, 2), (8, 8), None),
    (2, 48, 90),
]


def ops_for(t: T.ScalarType) -> list[str]:
    return [*EXCHANGES, *(NUMBERS if t in CLASSES["N"] else ()), *(VOTES if t.is_bool else ())]


def linear_id(b: Builder):
    """Number of the thread in the launch, by blocks, and in its block."""
    dims = [b.emit(simt.BLOCK_DIM, axis=k) for k in range(3)]
    ids = [b.emit(simt.THREAD_ID, axis=k) for k in range(3)]
    grid = [b.emit(simt.GRID_DIM, axis=k) for k in range(2)]
    blocks = [b.emit(simt.BLOCK_ID, axis=k) for k in range(3)]

    def fold(parts, sizes):
        inner = b.emit(arith.ADD, b.emit(arith.MUL, parts[2], sizes[1]), parts[1])
        return b.emit(arith.ADD, b.emit(arith.MUL, inner, sizes[0]), parts[0])

    own, block = fold(ids, dims), fold(blocks, grid)
    size = b.emit(arith.MUL, b.emit(arith.MUL, dims[0], dims[1]), dims[2])
    return b.emit(arith.ADD, b.emit(arith.MUL, block, size), own), own


@cache
def kernel(t: T.ScalarType) -> Function:
    results = {op: T.u64 if op == "ballot" else T.bool_ if op in VOTES else t for op in ops_for(t)}
    outs = [(op, array_type(r)) for op, r in results.items()]
    params = (("x", array_type(t)), ("pick", array_type(T.index)), ("lane", array_type(T.index)), *outs)
    f = Function(f"subgroup_{t.name}", params, attributes={"math": "strict"})
    b = Builder(f.body)
    at = {p.name: p for p in f.params}
    i, _ = linear_id(b)
    x = b.emit(memory.LOAD, at["x"], i, type=t, offset=0)
    pick = b.emit(memory.LOAD, at["pick"], i, type=T.index, offset=0)
    own, two, zero = b.emit(simt.LANE_ID), b.constant(2, T.index), b.constant(0, T.index)
    size = b.emit(simt.SUBGROUP_SIZE)
    b.emit(memory.STORE, at["lane"], i, b.emit(arith.ADD, b.emit(arith.MUL, size, b.constant(1000, T.index)), own), offset=0)
    extra = {"shuffle": pick, "shuffle_xor": two, "shuffle_up": two, "shuffle_down": b.constant(3, T.index), "broadcast": zero}
    for op, r in results.items():
        operands = (x, extra[op]) if op in extra else (x,)
        y = b.emit(OPS[f"subgroup.{op}"], *operands, type=r)
        b.emit(memory.STORE, at[op], i, y, offset=0)
    b.yield_()
    return f


def arguments(t: T.ScalarType, total: int) -> list[np.ndarray]:
    x = np.resize(np.concatenate([random_bits(t, 97, "subgroup"), corners(t)]), total)
    if t in CLASSES["N"] and t.is_float:  # sums: mostly ordinary numbers, so that a wrong order shows and little is NaN
        tame = formats.encode(t, formats.convert(t, np.random.default_rng(5).normal(0, 3, total)))
        x = np.where(np.arange(total) % 41 == 40, x, tame).astype(t.dtype)
    pick = np.random.default_rng(6).integers(-3, 36, total).astype(np.int64)
    outs = [np.zeros(total, np.uint64 if op == "ballot" else bool if op in VOTES else t.dtype) for op in ops_for(t)]
    return [x.copy(), pick, np.zeros(total, np.int64), *outs]


def launch(backend: Backend, t: T.ScalarType, args: list, where: tuple, size: int) -> None:
    grid, block, threads = where
    backend.run(kernel(t), args, expand(grid), expand(block), None if threads is None else expand(threads), size)


def total_of(where: tuple) -> int:
    return int(np.prod(expand(where[0])) * np.prod(expand(where[1])))


# --- the oracle: threads one by one ---


def subgroups_of(where: tuple, size: int) -> list[list[int | None]]:
    """Per subgroup the launch's linear number of each lane's thread, None where there is none (1-D cuts only)."""
    per_block = int(np.prod(expand(where[1])))
    exist = where[2] if where[2] is not None else total_of(where)
    out = []
    for block in range(total_of(where) // per_block):
        for first in range(0, per_block, size):
            lanes = [block * per_block + j if j < per_block else None for j in range(first, first + size)]
            lanes = [k if k is not None and k < exist else None for k in lanes]
            if any(k is not None for k in lanes):
                out.append(lanes)
    return out


def oracle(t: T.ScalarType, args: list[np.ndarray], where: tuple, size: int) -> dict[str, np.ndarray]:
    x = formats.decode(t, args[0])
    pick = args[1]
    out = {op: a.copy() for op, a in zip(ops_for(t), args[3:], strict=True)}

    def value(v: object, r: T.ScalarType = t) -> object:
        return formats.encode(r, np.asarray(v, r.value_dtype).reshape(1))[0]

    def add(a: object, b: object) -> object:
        return evaluate(arith.ADD, t, [np.asarray(a, t.value_dtype).reshape(1), np.asarray(b, t.value_dtype).reshape(1)], {})[0]

    def extreme(row, a: object, b: object) -> object:
        return evaluate(row, t, [np.asarray([a], t.value_dtype), np.asarray([b], t.value_dtype)], {})[0]

    zero = t.value_dtype.type(0)
    for lanes in subgroups_of(where, size):
        own = [x[k] if k is not None else None for k in lanes]
        for j, k in enumerate(lanes):
            if k is None:
                continue
            wanted = {"shuffle": int(pick[k]), "shuffle_xor": j ^ 2, "shuffle_up": j - 2, "shuffle_down": j + 3, "broadcast": 0}
            for op, source in wanted.items():
                exists = 0 <= source < size and lanes[source] is not None
                out[op][k] = args[0][lanes[source]] if exists else args[0][k]  # type: ignore[index]
        present = [v for v in own if v is not None]
        members = [k for k in lanes if k is not None]
        if t.is_bool:
            out["ballot"][members] = sum(1 << j for j, v in enumerate(own) if v)
            out["any"][members], out["all"][members] = any(present), all(present)
        if t not in CLASSES["N"]:
            continue
        tree = [zero if v is None else v for v in own]
        half = size // 2
        while half:
            tree = [add(tree[j], tree[j + half]) for j in range(half)]
            half //= 2
        out["sum"][members] = value(tree[0])
        scan = [zero if v is None else v for v in own]
        distance = 1
        while distance < size:
            scan = [add(scan[j], scan[j - distance]) if j >= distance else scan[j] for j in range(size)]
            distance *= 2
        for j, k in enumerate(lanes):
            if k is not None:
                out["inclusive_sum"][k] = value(scan[j])
                out["exclusive_sum"][k] = value(scan[j - 1] if j else zero)
        low = high = present[0]
        for v in present[1:]:
            low, high = extreme(arith.MINIMUM, low, v), extreme(arith.MAXIMUM, high, v)
        out["min"][members], out["max"][members] = value(low), value(high)
    return out


@pytest.mark.parametrize("size", [4, 8, 16, 32])
@pytest.mark.parametrize("t", TYPES, ids=str)
def test_interpreter(t, size):
    for where in GEOMETRIES:
        if where[0] == 2 and where[1] == 256 and t.bits != 32:
            continue
        args = arguments(t, total_of(where))
        with np.errstate(all="ignore"):
            wanted = oracle(t, args, where, size)
        launch(Interpreter(), t, args, where, size)
        for op, got in zip(ops_for(t), args[3:], strict=True):
            r = T.u64 if op == "ballot" else T.bool_ if op in VOTES else t
            check(r, got, wanted[op], f"{op} at {where}")


def share_of(test: str, params: dict) -> str:
    """Tests of one name use the same compilation."""
    return test


@cache
def prepare(backend: Backend) -> None:
    """For backends that compile many functions at once: those of all types."""
    if backend.batches:
        shapes = [(expand(grid), expand(block), None if n is None else expand(n)) for grid, block, n in GEOMETRIES]
        backend.prepare([job(kernel(t), *shape) for t in types_for(backend) for shape in shapes])


_FEW = (T.bool_, T.u8, T.f16, T.u32, T.f32, T.i64, T.f64)  # every size, for what runs for its number of lanes alone


def types_for(backend: Backend) -> Sequence[T.ScalarType]:
    return _FEW if getattr(backend, "as_run_on", "") else TYPES


@pytest.mark.parametrize("t, backend", [
    pytest.param(t, p.values[0], id=f"{t}-{p.id}", marks=p.marks)
    for p in backend_params() if not isinstance(p.values[0], Interpreter)
    for t in types_for(p.values[0])
])  # fmt: skip
def test_backend(t, backend):
    require(backend)
    prepare(backend)
    for where in GEOMETRIES:
        args = arguments(t, total_of(where))
        wanted = [np.copy(a) for a in args]
        launch(Interpreter(), t, wanted, where, backend.lanes)
        launch(backend, t, args, where, backend.lanes)
        for k, p in enumerate(kernel(t).params):
            check(p.type.element, args[k], wanted[k], f"{p.name} at {where}")
