"""Loads, stores and atomics of every type, wherever elements may lie: strided, reversed, transposed, scattered, in fields
of structs and vectors, in shared and private memory.

One idea: one kernel per type makes every kind of access, and NumPy's indexing says what each must give; the interpreter
has to agree with NumPy, every backend with the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest
from conformance.backends import Backend, Interpreter, backend_params, require
from conformance.base import Triple, job
from conformance.corners import corners, random_bits, wrong_at
from conformance.matrix import array_type

from kdsl.ir import formats, types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Region, Value
from kdsl.ir.opdef import OPS
from kdsl.ir.ops import arith, memory, simt

N = 77  # no multiple of any number of lanes
TYPES = list(T.SCALARS.values())
BACKENDS = backend_params()
COVERED = {(op, t.name) for op in ("memory.load", "memory.store", "memory.alloc", "memory.extent") for t in TYPES}


class Kernel:
    """A function under construction: parameters are asked for as they are needed, with their arrays."""

    def __init__(self, name: str, params: list[tuple[str, T.Type]]) -> None:
        self.f = Function(name, tuple(params), attributes={"math": "strict"})
        self.b = Builder(self.f.body)
        self.at = {p.name: p for p in self.f.params}
        self.i = self.b.emit(simt.GLOBAL_ID, axis=0)

    def index(self, value: int) -> Value:
        return self.b.constant(value, T.index)

    def load(self, name: str, *indices: Value, offset: int = 0, type: T.ScalarType | None = None) -> Value:
        array = self.at[name]
        element = type or array.type.element  # type: ignore[union-attr]
        return self.b.emit(memory.LOAD, array, *indices, type=element, offset=offset)

    def store(self, name: str, *indices: Value, value: Value, offset: int = 0) -> None:
        self.b.emit(memory.STORE, self.at[name], *indices, value, offset=offset)

    def done(self) -> Function:
        self.b.yield_()
        return self.f


def values(t: T.ScalarType, count: int, *names: object) -> np.ndarray:
    found = np.concatenate([corners(t), random_bits(t, max(count, 1), *names)])
    return np.resize(found, count).copy()


# --- one array, every way to reach it ---


@cache
def access_kernel(t: T.ScalarType) -> Function:
    one, any1, any2 = array_type(t), array_type(t, 1, None), array_type(t, 2, None)
    fortran, dense = array_type(t, 2, 0), array_type(t, 2, 1)
    index = array_type(T.index)
    outs = [(f"out{k}", one) for k in range(14)]
    k = Kernel(
        f"access_{t.name}",
        [
            ("a", one),
            ("s", any1),
            ("r", any1),
            ("m", any2),
            ("mf", fortran),
            ("md", dense),
            ("perm", index),
            ("broadcast", any1),
            *outs,
            ("to_s", any1),
            ("to_r", any1),
            ("to_perm", one),
            ("to_m", any2),
            ("to_md", dense),
            ("to_double", one),
            ("to_back", one),
        ],
    )
    b, i = k.b, k.i
    zero, last = k.index(0), b.emit(arith.SUB, b.emit(memory.EXTENT, k.at["perm"], axis=0), k.index(1))
    back = b.emit(arith.SUB, last, i)
    double = b.emit(arith.MUL, i, k.index(2))
    reads = [
        k.load("a", i),
        k.load("a", b.emit(arith.ADD, i, k.index(1))),
        k.load("s", i),
        k.load("r", i),
        k.load("m", i, k.index(3)),
        k.load("m", k.index(2), i),
        k.load("mf", i, k.index(3)),
        k.load("md", k.index(2), i),
        k.load("a", k.load("perm", i)),
        k.load("a", double),
        k.load("a", back),
        k.load("a", k.index(5)),
        k.load("a", b.emit(arith.MAXIMUM, b.emit(arith.SUB, i, k.index(1)), zero)),
        k.load("broadcast", i),
    ]
    for n, x in enumerate(reads):
        k.store(f"out{n}", i, value=x)
    x = reads[0]
    k.store("to_s", i, value=x)
    k.store("to_r", i, value=x)
    k.store("to_perm", k.load("perm", i), value=x)
    k.store("to_m", i, k.index(1), value=x)
    k.store("to_md", k.index(1), i, value=x)
    k.store("to_double", double, value=x)
    k.store("to_back", back, value=x)
    return k.done()


def access_case(t: T.ScalarType, n: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Arguments, and what NumPy says that they must be afterwards."""
    rng = np.random.default_rng(n)
    a = values(t, 2 * n + 2, "a")
    m = values(t, (n + 4) * (n + 5), "m").reshape(n + 4, n + 5)
    s, r = values(t, 3 * n, "s")[::3], values(t, n, "r")[::-1]
    mf, md = np.asfortranarray(m), m
    perm = rng.permutation(n).astype(np.int64)
    broadcast = np.broadcast_to(a[7:8], (n,))
    i = np.arange(n)
    reads = [
        a[i],
        a[i + 1],
        s,
        r,
        m.T[i, 3],
        m.T[2, i],
        mf[i, 3],
        md[2, i],
        a[perm],
        a[2 * i],
        a[n - 1 - i],
        np.resize(a[5], n),
        a[np.maximum(i - 1, 0)],
        broadcast,
    ]

    def writable() -> list[np.ndarray]:
        zeros = [np.zeros(n, t.dtype) for _ in reads]
        wide = np.zeros((n + 4, n + 5), t.dtype)
        return [
            *zeros,
            np.zeros(3 * n, t.dtype)[::3],
            np.zeros(n, t.dtype)[::-1],
            np.zeros(n, t.dtype),
            wide.T,
            np.zeros((n + 4, n + 5), t.dtype),
            np.zeros(2 * n, t.dtype),
            np.zeros(n, t.dtype),
        ]

    wanted = writable()
    for out, x in zip(wanted, reads, strict=False):
        out[:] = x
    to_s, to_r, to_perm, to_m, to_md, to_double, to_back = wanted[len(reads) :]
    to_s[:], to_r[:], to_perm[perm], to_m[:n, 1], to_md[1, :n] = a[:n], a[:n], a[:n], a[:n], a[:n]
    to_double[::2], to_back[::-1] = a[:n], a[:n]
    return [a, s, r, m.T, mf, md, perm, broadcast, *writable()], wanted


def over(backend: Backend, f: Function, args: list, n: int, block: int = 32) -> None:
    backend.run(f, args, *geometry(n, block))


def geometry(n: int, block: int) -> tuple[Triple, Triple, Triple]:
    return (-(-n // block), 1, 1), (block, 1, 1), (n, 1, 1)


def share_of(test: str, params: dict) -> str:
    """Tests of one name use the same compilation."""
    return test


def prepare(backend: Backend, kernel: Callable[[T.ScalarType], Function], types: Sequence[T.ScalarType],
            counts: Callable[[T.ScalarType], Sequence[int]]) -> None:  # fmt: skip
    """For backends that compile many functions at once: those of all types, for these numbers of threads."""
    if backend.batches and (backend, kernel) not in _prepared:
        _prepared.add((backend, kernel))
        backend.prepare([job(kernel(t), *geometry(n, 32)) for t in types for n in counts(t)])


_prepared: set[tuple[Backend, Callable[[T.ScalarType], Function]]] = set()


def check(t: T.ScalarType, got: np.ndarray, wanted: np.ndarray, what: object) -> None:
    flat, right = np.ascontiguousarray(got).reshape(-1), np.ascontiguousarray(wanted).reshape(-1)
    wrong = wrong_at(t, flat, right)
    assert len(wrong) == 0, f"{what}: {len(wrong)} wrong, at {wrong[:8]}: {flat[wrong[:4]]} instead of {right[wrong[:4]]}"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("t", TYPES, ids=str)
def test_every_way_to_reach_an_element(t, backend):
    require(backend)
    prepare(backend, access_kernel, TYPES, lambda t: (N, 64))
    for n in (N, 64, 3):
        args, wanted = access_case(t, n)
        over(backend, access_kernel(t), args, n)
        for k, w in enumerate(wanted):
            p = access_kernel(t).params[8 + k]
            check(t, args[8 + k], w, f"{p.name}, n = {n}")


# --- fields and components ---


@cache
def struct_of(t: T.ScalarType) -> T.StructType:
    size = t.size_bytes
    v = max(size, 1)
    w = v + size
    end = -(-(w + 3 * size + 4) // max(size, 4)) * max(size, 4)
    fields = (("flag", T.u8, 0), ("v", t, v), ("w", T.VectorType(t, 3), w), ("tail", T.f32, end - 4))
    return T.StructType(f"S{t.name}", fields, end, max(size, 4))


@cache
def field_kernel(t: T.ScalarType) -> Function:
    s, vec = struct_of(t), T.VectorType(t, 4)
    k = Kernel(
        f"fields_{t.name}",
        [
            ("a", array_type(s)),
            ("to", array_type(s)),
            ("v", array_type(vec)),
            ("to_v", array_type(vec)),
            ("perm", array_type(T.index)),
        ],
    )
    at = {name: (type, offset) for name, type, offset in s.fields}
    p = k.load("perm", k.i)
    offsets = [at["v"][1], *[at["w"][1] + j * t.size_bytes for j in range(3)]]
    loaded = [k.load("a", k.i, offset=o, type=t) for o in offsets]
    for o, x in zip(offsets, loaded[1:] + loaded[:1], strict=True):  # rotated, so that a mix-up shows
        k.store("to", k.i, value=x, offset=o)
    k.store("to", k.i, value=k.load("a", p, type=T.u8), offset=0)
    k.store("to", p, value=k.load("a", p, offset=at["tail"][1], type=T.f32), offset=at["tail"][1])
    parts = [k.load("v", p, offset=j * t.size_bytes, type=t) for j in range(4)]
    for j, x in enumerate(reversed(parts)):
        k.store("to_v", k.i, value=x, offset=j * t.size_bytes)
    return k.done()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("t", TYPES, ids=str)
def test_fields_and_components(t, backend):
    require(backend)
    prepare(backend, field_kernel, TYPES, lambda t: (N,))
    s = struct_of(t)
    offsets = [o for _, _, o in s.fields]
    dtype = np.dtype(
        {
            "names": [n for n, _, _ in s.fields],
            "formats": ["u1", t.dtype, (t.dtype, 3), "f4"],
            "offsets": offsets,
            "itemsize": s.size_bytes,
        }
    )
    n = N
    a, to = np.zeros(n, dtype), np.zeros(n, dtype)
    a["flag"], a["v"], a["tail"] = np.arange(n), values(t, n, "v"), np.arange(n) * 1.5
    a["w"] = values(t, 3 * n, "w").reshape(n, 3)
    v = values(t, 4 * n, "vec").reshape(n, 4)
    to_v = np.zeros_like(v)
    perm = np.random.default_rng(3).permutation(n).astype(np.int64)
    over(backend, field_kernel(t), [a, to, v, to_v, perm], n)
    w = a["w"]
    check(t, to["v"], w[:, 0], "v")
    check(t, to["w"], np.stack([w[:, 1], w[:, 2], a["v"]], 1), "w")
    assert np.array_equal(to["flag"], a["flag"][perm])
    assert np.array_equal(to["tail"], a["tail"])
    check(t, to_v, v[perm][:, ::-1], "vector")


# --- memory of the block and of the thread ---


@cache
def local_kernel(t: T.ScalarType) -> Function:
    k = Kernel(
        f"local_{t.name}", [("a", array_type(t)), ("by_barrier", array_type(t)), ("own", array_type(t)), ("across", array_type(t))]
    )
    b = k.b
    shared = b.emit(memory.ALLOC, type=T.ArrayType(t, 2, T.Space.SHARED, (2, 32), 1), name="shared")
    own = b.emit(memory.ALLOC, type=T.ArrayType(t, 1, T.Space.PRIVATE, (5,), 0), name="own")
    k.at.update(shared=shared, mine=own)
    me = b.emit(simt.THREAD_ID, axis=0)
    x = k.load("a", k.i)
    slot = b.emit(arith.MOD, me, k.index(5))
    for j in range(5):
        k.store("mine", k.index(j), value=k.load("a", k.index(j)))
    k.store("mine", slot, value=x)
    k.store("shared", k.index(1), me, value=x)
    k.store("own", k.i, value=k.load("mine", b.emit(arith.MOD, b.emit(arith.ADD, slot, k.index(5)), k.index(5))))
    b.emit(simt.BARRIER)
    other = b.emit(arith.SUB, k.index(31), me)
    k.store("by_barrier", k.i, value=k.load("shared", k.index(1), other))
    k.store("across", k.i, value=k.load("mine", b.emit(arith.MOD, b.emit(arith.ADD, slot, k.index(2)), k.index(5))))
    return k.done()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("t", TYPES, ids=str)
def test_shared_and_private_memory(t, backend):
    require(backend)
    prepare(backend, local_kernel, TYPES, lambda t: (96,))
    n, i = 96, np.arange(96)
    a = values(t, n, "local")
    out = [np.zeros(n, t.dtype) for _ in range(3)]
    over(backend, local_kernel(t), [a, *out], n)
    check(t, out[0], a.reshape(3, 32)[:, ::-1].reshape(-1), "shared")
    check(t, out[1], a, "own")
    check(t, out[2], a[(i % 32 + 2) % 5], "across the barrier")


# --- atomics ---

KINDS = ("add", "sub", "min", "max", "and", "or", "xor", "exchange")
ATOMIC_TYPES = [T.i32, T.u32, T.i64, T.u64, T.index, T.f16, T.bf16, T.f32, T.f64]


def kinds_of(t: T.ScalarType) -> tuple[str, ...]:
    return tuple(k for k in KINDS if not t.is_float or k not in ("and", "or", "xor"))


COVERED |= {(f"atomic.{k}", t.name) for t in ATOMIC_TYPES for k in (*kinds_of(t), "compare_exchange")}
COUNTS = {T.i32, T.u32, T.i64, T.u64, T.f32, T.f64}  # where sums of small numbers stay exact


@cache
def own_cell_kernel(t: T.ScalarType) -> Function:
    """Every thread its own cells: the old and the new value are determined."""
    kinds = kinds_of(t)
    k = Kernel(
        f"atomic_own_{t.name}",
        [
            ("x", array_type(t)),
            ("expected", array_type(t)),
            *[(f"{kind}_cell", array_type(t)) for kind in (*kinds, "cas")],
            *[(f"{kind}_old", array_type(t)) for kind in (*kinds, "cas")],
        ],
    )
    x, expected = k.load("x", k.i), k.load("expected", k.i)
    for kind in kinds:
        old = k.b.emit(OPS[f"atomic.{kind}"], k.at[f"{kind}_cell"], k.i, x, offset=0)
        k.store(f"{kind}_old", k.i, value=old)
    old = k.b.emit(memory.ATOMIC_CAS, k.at["cas_cell"], k.i, expected, x, offset=0)
    k.store("cas_old", k.i, value=old)
    return k.done()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("t", ATOMIC_TYPES, ids=str)
def test_atomics_on_own_cells(t, backend):
    """Bit for bit the arithmetic of the rows."""
    require(backend)
    prepare(backend, own_cell_kernel, ATOMIC_TYPES, lambda t: (len(corners(t)) ** 2,))
    f, kinds = own_cell_kernel(t), kinds_of(t)
    edges = corners(t)
    cell, x = (g.reshape(-1).copy() for g in np.meshgrid(edges, edges))
    expected = np.where(np.arange(len(x)) % 2 == 0, cell, x)
    args = [x, expected, *[cell.copy() for _ in range(len(kinds) + 1)], *[np.zeros_like(cell) for _ in range(len(kinds) + 1)]]
    wanted = [np.copy(a) for a in args]
    over(Interpreter(), f, wanted, len(x))
    over(backend, f, args, len(x))
    for k, p in enumerate(f.params):
        check(t, args[k], wanted[k], p.name)
    # Compare-exchange compares bits, so that -0.0 is not 0.0 and a NaN finds itself.
    same = cell.view(f"u{t.size_bytes}") == expected.view(f"u{t.size_bytes}")
    check(t, args[2 + len(kinds)], np.where(same, x, cell), "compare_exchange")


@cache
def shared_cell_kernel(t: T.ScalarType) -> Function:
    """All threads on eight cells, one cell, and on cells in shared memory."""
    kinds = kinds_of(t)
    k = Kernel(
        f"atomic_shared_{t.name}",
        [
            ("x", array_type(t)),
            *[(f"{kind}_cell", array_type(t)) for kind in (*kinds, "cas")],
            ("all_in_one", array_type(t)),
            ("histogram", array_type(t)),
            ("old", array_type(t)),
            ("cas_old", array_type(t)),
        ],
    )
    b = k.b
    x = k.load("x", k.i)
    place = b.emit(arith.MOD, k.i, k.index(8))
    for kind in kinds:
        old = b.emit(OPS[f"atomic.{kind}"], k.at[f"{kind}_cell"], place, x, offset=0)
        if kind == "exchange":
            k.store("old", k.i, value=old)
    start = k.b.constant(0.0 if t.is_float else 0, t)
    k.store("cas_old", k.i, value=b.emit(memory.ATOMIC_CAS, k.at["cas_cell"], place, start, x, offset=0))
    b.emit(memory.ATOMIC_ADD, k.at["all_in_one"], k.index(1), b.constant(1.0 if t.is_float else 1, t), offset=0)
    shared = b.emit(memory.ALLOC, type=T.ArrayType(t, 1, T.Space.SHARED, (8,), 0), name="bins")
    me = b.emit(simt.THREAD_ID, axis=0)
    eight = b.emit(arith.MOD, me, k.index(8))
    then, otherwise = Region(), Region()
    with b.inside(then):
        b.emit(memory.STORE, shared, me, start, offset=0)
        b.yield_()
    with b.inside(otherwise):
        b.yield_()
    b.if_(b.emit(arith.LT, me, k.index(8)), [], then, otherwise)
    b.emit(simt.BARRIER)
    b.emit(memory.ATOMIC_ADD, shared, eight, x, offset=0)
    b.emit(simt.BARRIER)
    got = b.emit(memory.ATOMIC_ADD, shared, eight, start, offset=0)
    k.store("histogram", k.i, value=got)
    return k.done()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("t", ATOMIC_TYPES, ids=str)
def test_atomics_on_shared_cells(t, backend):
    """Sums, extremes and bits do not depend on the order; an exchange loses nothing; one compare-exchange wins."""
    require(backend)
    prepare(backend, shared_cell_kernel, ATOMIC_TYPES, lambda t: (96,))
    f, kinds = shared_cell_kernel(t), kinds_of(t)
    n = 96
    numbers = np.arange(n) % 13 + 1
    distinct = np.arange(1, n + 1)
    x = formats.encode(t, formats.convert(t, numbers if t not in COUNTS else distinct))
    cells = [np.zeros(8, t.dtype) for _ in range(len(kinds) + 1)]
    one, histogram, old, cas_old = np.zeros(3, t.dtype), *[np.zeros(n, t.dtype) for _ in range(3)]
    args = [x, *cells, one, histogram, old, cas_old]
    wanted = [np.copy(a) for a in args]
    over(Interpreter(), f, wanted, n)
    over(backend, f, args, n)
    for k, kind in enumerate(kinds):
        if kind != "exchange":
            check(t, cells[k], wanted[1 + k], kind)
    assert formats.decode(t, one)[1] == n
    check(t, histogram, wanted[-3], "histogram")
    given = formats.decode(t, x).astype(np.float64)
    swapped = cells[kinds.index("exchange")]
    for c in range(8):
        seen = sorted([*formats.decode(t, old[c::8]).astype(np.float64), float(formats.decode(t, swapped[c : c + 1])[0])])
        assert seen == sorted([0.0, *given[c::8]]), f"exchange lost a value in cell {c}"
        winners = np.flatnonzero(formats.decode(t, cas_old[c::8]) == 0)
        assert len(winners) == 1
        assert formats.decode(t, cells[-1][c : c + 1])[0] == given[c::8][winners[0]]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("t", [T.u32, T.i64, T.f32, T.f64], ids=str)
def test_many_threads_lose_no_update(t, backend):
    """Enough work for the pool's threads to meet on a cell."""
    require(backend)
    k = Kernel(f"count_{t.name}", [("cell", array_type(t))])
    k.b.emit(
        memory.ATOMIC_ADD, k.at["cell"], k.b.emit(arith.MOD, k.i, k.index(3)), k.b.constant(1.0 if t.is_float else 1, t), offset=0
    )
    # Where an update is a loop of compare-exchanges and threads go in step, n threads on a cell take n trips of all of them.
    n = 300 if backend.thin > 1 else 6_000 if backend.emulated or isinstance(backend, Interpreter) else 3_000_000
    cell = np.zeros(3, t.dtype)
    over(backend, k.done(), [cell], n, 256)
    assert cell.sum() == n and cell.max() == cell.min()
