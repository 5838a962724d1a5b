"""The GPU pipeline without a GPU: targets and their names, the layout of arguments, guards of cut launches, refusals, and
diagnostics written by plain IR.

One idea: what the pipeline makes is thread-level IR that the interpreter runs; that it means the same is shown on random
programs by `tests/property/gpu.py`, and here on what those do not reach.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from property.gpu import SPELLS, TARGETS, against_debug, against_legalize, arguments, illegal, lowered
from property.run import check, seeds

import kdsl
from kdsl import Array, f32, f64, i32
from kdsl.artifact import DiagnosticSlot
from kdsl.codegen.layout import layout_of, make_params
from kdsl.diagnostics import CompileError
from kdsl.ir import formats, types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.opdef import OPS
from kdsl.ir.ops import arith, memory, simt
from kdsl.ir.passes.legalize import legalize, nothing_more
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.ir.verify import errors_of
from kdsl.target import FEATURES, GPU_DEFAULTS, GPU_TARGETS, parse_target

CUDA = GPU_TARGETS["cuda:sm_80"]


def ir_of(kernel: Any, *, debug: bool = False) -> Function:
    from kdsl.specialise import declared_signature

    types, values = declared_signature(kernel, None, {})
    return kernel.ir(types, values, debug=debug)


# Targets


def test_a_bare_name_is_a_target_of_that_backend():
    for backend, name in GPU_DEFAULTS.items():
        assert parse_target(backend) is GPU_TARGETS[name]
        assert parse_target(backend).is_gpu
    assert parse_target("metal3").name == "metal:3.0"
    assert not parse_target("cpu").is_gpu


def test_features_are_known_ones_and_keys_tell_targets_apart():
    for t in GPU_TARGETS.values():
        assert t.has <= set(FEATURES), t
    keys = {t.key for t in GPU_TARGETS.values()}
    assert len(keys) == len(GPU_TARGETS)
    assert replace(CUDA, has=CUDA.has - {"f64"}).key != CUDA.key


def test_an_unknown_arch_says_which_there_are():
    with pytest.raises(CompileError, match="cuda:sm_90") as e:
        parse_target("cuda:sm_12")
    assert e.value.code == "K501"


@pytest.mark.parametrize(("written", "name"), [
    ("sm_90", "cuda:sm_90"), ("cuda:sm90", "cuda:sm_90"), ("rocm:gfx90a", "hip:gfx90a"), ("cpu:x86_64_v3", "cpu:x86-64-v3"),
])  # fmt: skip
def test_a_target_as_other_tools_write_it_is_named(written, name):
    with pytest.raises(CompileError, match=f"K501(.|\n)*written '{name}'"):
        parse_target(written)


# Layout


def test_slots_are_those_of_the_cpu_and_hidden_ones_follow():
    f = Function("k", (("a", T.f32), ("x", T.ArrayType(T.bf16, 2)), ("b", T.bf16), ("on", T.bool_)),
                 attributes={"block": (64, 1, 1), "cut": True})  # fmt: skip
    b = Builder(f.body)
    b.emit(simt.REPORT, b.constant(1, T.i32), site=0)
    f.sites.append(kdsl.artifact.Site("print", "", ("f", 1, 1, 2, "k"), (("value", "i32"),)))
    b.yield_()
    g = lowered(f, CUDA, nothing_more, (64, 1, 1), cut=True)
    slots = {s.name: s for s in layout_of(g)}
    assert slots["a"].offset == 0
    assert (slots["x"].offset, slots["x"].extents, slots["x"].strides) == (8, (16, 24), (32, 40))
    assert (slots["b"].offset, slots["b"].type, slots["on"].offset) == (48, T.u16, 56)
    assert [slots[f"kdsl_threads_{k}"].offset for k in range(3)] == [64, 72, 80]
    assert (slots["kdsl_diagnostics"].offset, slots["kdsl_diagnostics"].extents) == (88, (96,))
    assert [(p.name, p.dtype) for p in make_params(g)] == [("a", "f32"), ("x", "bf16"), ("b", "bf16"), ("on", "bool")]


# Random programs: many more with `python -m tests.property.run --compare tests.property.gpu:against_legalize`


@pytest.mark.parametrize("first, compare_with", [(50000, against_legalize), (51000, against_legalize), (52000, against_debug)])
def test_random_programs_mean_the_same(first: int, compare_with: Any) -> None:
    for seed, size in seeds(first, 20):
        assert not check(seed, size, compare_with)


# Narrow floats, every pattern of bits


def _unary(t: T.ScalarType, result: T.ScalarType, make: Any) -> Function:
    f = Function("k", (("x", T.ArrayType(t, 1)), ("y", T.ArrayType(result, 1))), attributes={"block": (256, 1, 1)})
    b = Builder(f.body)
    i = b.emit(simt.GLOBAL_ID, axis=0)
    b.emit(memory.STORE, f.params[1], i, make(b, b.emit(memory.LOAD, f.params[0], i, type=t, offset=0)), offset=0)
    b.yield_()
    return f


def _ran(f: Function, x: np.ndarray, out: np.ndarray, target: Any = CUDA, spells: Any = nothing_more) -> np.ndarray:
    g = simplify(legalize(f, target, spells))
    assert not errors_of(g)
    interpret(g, [x, out], (len(x) // 256, 1, 1), (256, 1, 1), check=False)
    return out


@pytest.mark.parametrize("t", [T.f16, T.bf16, T.f8e4m3, T.f8e5m2], ids=str)
def test_bits_of_narrow_floats_are_decoded_and_encoded(t: T.ScalarType):
    x = np.arange(1 << max(t.bits, 8), dtype=t.dtype if t.storage else np.uint16).view(t.dtype)
    bare = replace(CUDA, has=CUDA.has - {"f16", "f16_storage"})
    wide = _ran(_unary(t, T.f32, lambda b, v: b.emit(arith.CAST, v, type=T.f32)), x, np.zeros(len(x), np.float32), bare)
    want = formats.decode(t, x).astype(np.float32)
    assert np.array_equal(wide, want, equal_nan=True)
    same = _ran(_unary(t, t, lambda b, v: v), x, np.zeros(len(x), t.dtype), bare)
    assert np.array_equal(formats.decode(t, same), formats.decode(t, x), equal_nan=True)
    assert np.array_equal(np.signbit(formats.decode(t, same)), np.signbit(formats.decode(t, x)))


@pytest.mark.parametrize("t", [T.f16, T.bf16, T.f8e4m3, T.f8e5m2], ids=str)
def test_rounding_to_narrow_floats(t: T.ScalarType):
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 1 << 32, 1 << 16, dtype=np.uint32)
    near = formats.decode(t, (bits >> 7).astype(f"u{t.size_bytes}").view(t.dtype)).astype(np.float32)  # halfway and beside
    far = near.view(np.uint32) ^ np.left_shift(np.uint32(1), (bits & 15) + np.uint32(8))
    x = np.concatenate([bits, far, near.view(np.uint32)]).view(np.float32)
    bare = replace(CUDA, has=CUDA.has - {"f16", "f16_storage"})
    got = _ran(_unary(T.f32, t, lambda b, v: b.emit(arith.CAST, v, type=t)), x, np.zeros(len(x), t.dtype), bare)
    want = formats.convert(t, x)
    assert np.array_equal(formats.decode(t, got), want, equal_nan=True)
    assert np.array_equal(np.signbit(formats.decode(t, got)), np.signbit(want)) or np.isnan(want).any()


# Fused multiply-add


def _corners(t: T.ScalarType, rng: np.random.Generator, count: int) -> np.ndarray:
    info = np.finfo(t.dtype)
    corners = [0.0, 1.0, np.inf, np.nan, info.max, info.tiny, info.smallest_subnormal, 1 + info.eps, 1 - info.epsneg, 3.0]
    corners = np.array(corners, t.dtype)
    span = -int(np.log2(info.tiny))
    scaled = np.ldexp(rng.standard_normal(count), rng.integers(-span // 2 - 12, span // 2, count)).astype(t.dtype)
    near = (rng.standard_normal(count) * 2.0 ** rng.integers(-4, 4, count)).astype(t.dtype)
    pick = rng.random(count)
    x = np.where(pick < 0.3, rng.choice(np.concatenate([corners, -corners]), count), np.where(pick < 0.6, scaled, near))
    return x.astype(t.dtype)


@pytest.mark.parametrize("t, has_f64", [(T.f16, True), (T.f32, True), (T.f32, False), (T.f64, True)])
def test_a_fused_multiply_add_is_rounded_once(t: T.ScalarType, has_f64: bool):
    rng = np.random.default_rng(t.bits)
    count = 8192 if t is T.f64 else 65536
    with np.errstate(all="ignore"):
        a, b, c = (_corners(t, rng, count) for _ in range(3))
        cancelling = (-(a * b)).astype(t.dtype).view(f"u{t.size_bytes}") + rng.integers(0, 3, count).astype(f"u{t.size_bytes}")
        c = np.where(rng.random(count) < 0.4, cancelling.view(t.dtype), c)
        want = arith.fused_multiply_add(a, b, c)
    array = T.ArrayType(t, 1)
    f = Function("k", (("a", array), ("b", array), ("c", array), ("y", array)), attributes={"block": (256, 1, 1)})
    build = Builder(f.body)
    i = build.emit(simt.GLOBAL_ID, axis=0)
    operands = [build.emit(memory.LOAD, p, i, type=t, offset=0) for p in f.params[:3]]
    build.emit(memory.STORE, f.params[3], i, build.emit(arith.FMA, *operands), offset=0)
    build.yield_()
    g = simplify(legalize(f, CUDA if has_f64 else replace(CUDA, has=CUDA.has - {"f64"})))
    assert not illegal(g, nothing_more)
    got = np.zeros(count, t.dtype)
    interpret(g, [a, b, c, got], (count // 256, 1, 1), (256, 1, 1), check=False)
    same = (got.view(f"u{t.size_bytes}") == want.view(f"u{t.size_bytes}")) | (np.isnan(got) & np.isnan(want))
    assert same.all(), [(a[k], b[k], c[k], want[k], got[k]) for k in np.flatnonzero(~same)[:3]]


# Cut launches


@kdsl.kernel
def reversed_in_blocks(x: Array[f32, 1], n: i32):
    s = kdsl.shared(8, f32)
    t = kdsl.thread_id(0)
    i = kdsl.global_id(0)
    s[t] = x[i]
    rounds = 2 if n > 3 else 1
    for _ in range(rounds):
        kdsl.barrier()
        if t < 4:
            s[7 - t] = s[7 - t] + s[t]
    kdsl.barrier()
    x[i] = s[t]


def _cut(kernel: Any, arrays: list[Any], threads: tuple[int, int, int], block: tuple[int, int, int], target: Any = CUDA,
         subgroup_size: int = 4) -> tuple[list[Any], list[Any]]:  # fmt: skip
    """The arguments after the kernel's own launch, and after that of what the pipeline made, with whole blocks."""
    f = ir_of(kernel)
    g = lowered(f, replace(target, subgroup_size=0), nothing_more, block, cut=True)
    assert not errors_of(g)
    one, two = ([a.copy() if isinstance(a, np.ndarray) else a for a in arrays] for _ in range(2))
    grid = tuple(-(-n // b) for n, b in zip(threads, block))
    options: dict[str, Any] = {"subgroup_size": subgroup_size}
    interpret(f, one, grid, block, threads=threads, **options)  # type: ignore[arg-type]
    interpret(g, arguments(f, g, two, threads), grid, block, check=False, **options)  # type: ignore[arg-type]
    return one, two


@kdsl.kernel
def scaled(x: Array[f32, 2], factor: f32):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    x[j, i] = x[j, i] * factor


def test_threads_past_the_end_do_nothing():
    one, two = _cut(scaled, [np.ones((5, 9), np.float32), 3.0], (9, 5, 1), (4, 4, 1))
    assert np.array_equal(one[0], two[0]) and (two[0] == 3).all()


def test_threads_past_the_end_come_to_barriers():
    block = (8, 1, 1)
    f = ir_of(reversed_in_blocks)
    g = lowered(f, CUDA, nothing_more, block, cut=True)
    x = np.arange(16, dtype=np.float32)
    # All of a block's threads are there: the interpreter would report a barrier that some do not reach.
    interpret(g, arguments(f, g, [x, np.int32(9)], (16, 1, 1)), (2, 1, 1), block, check=True)
    want = np.arange(16, dtype=np.float32)
    interpret(f, [want, np.int32(9)], (2, 1, 1), block)
    assert np.array_equal(x, want)
    x = np.arange(12, dtype=np.float32)
    interpret(g, arguments(f, g, [x, np.int32(9)], (12, 1, 1)), (2, 1, 1), block, check=False)
    assert np.array_equal(x[:8], want[:8])


@kdsl.kernel
def summed(x: Array[f32, 2], total: Array[f32, 2], running: Array[f32, 2], least: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    v = x[j, i]
    total[j, i] = kdsl.subgroup_sum(v)
    running[j, i] = kdsl.subgroup_inclusive_sum(v) + kdsl.subgroup_exclusive_sum(v) * 4.0
    least[j, i] = kdsl.subgroup_min(v) + 2.0 * kdsl.subgroup_max(v) + kdsl.shuffle_down(v, 3)


@pytest.mark.parametrize("threads", [(8, 4, 1), (7, 3, 1), (5, 4, 1), (9, 1, 1)])
@pytest.mark.parametrize("subgroup_size", [4, 8, 32])
def test_trees_of_subgroups_with_holes_add_in_the_order_of_the_rows(threads: tuple[int, int, int], subgroup_size: int):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((threads[1], threads[0])).astype(np.float32) * np.float32(2) ** rng.integers(-9, 9, threads[1::-1])
    arrays = [x.astype(np.float32), *[np.zeros(threads[1::-1], np.float32) for _ in range(3)]]
    one, two = _cut(summed, arrays, threads, (5, 4, 1), subgroup_size=subgroup_size)
    for a, b in zip(one, two):
        assert np.array_equal(a.view(np.uint32), b.view(np.uint32))


# Diagnostics


@kdsl.kernel
def looks_up(x: Array[f32, 1], at: Array[i32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = x[at[i]]


def _records(buffer: np.ndarray) -> np.ndarray:
    words = buffer.view(np.int64)
    count, capacity = int(words[DiagnosticSlot.COUNT]), int(words[DiagnosticSlot.CAPACITY])
    rows = words[DiagnosticSlot.HEADER :].reshape(-1, DiagnosticSlot.RECORD)
    return rows[: min(count, capacity)]


def _buffer(capacity: int) -> np.ndarray:
    buffer = np.zeros(DiagnosticSlot.HEADER + DiagnosticSlot.RECORD * capacity, np.int64)
    buffer[DiagnosticSlot.CAPACITY] = capacity
    return buffer.view(np.uint32)


@pytest.mark.parametrize("capacity", [8, 1])
def test_checks_write_records(capacity: int):
    g = lowered(ir_of(looks_up, debug=True), CUDA, nothing_more, (4, 1, 1), cut=False)
    assert not illegal(g, nothing_more) and [s.kind for s in g.sites] == ["bounds"] * 3
    x, at, y = np.arange(8, dtype=np.float32), np.array([1, 9, 2, 3, -4, 5, 6, 7], np.int32), np.full(8, 7, np.float32)
    buffer = _buffer(capacity)
    interpret(g, [x, at, y, buffer], (2, 1, 1), (4, 1, 1), check=False)
    head = buffer.view(np.int64)
    assert head[DiagnosticSlot.COUNT] == 2 and head[DiagnosticSlot.FAILED] == 1
    rows = _records(buffer)
    assert len(rows) == min(capacity, 2)
    found = {(r[1], r[4]): tuple(r[7:10]) for r in rows}
    assert found.items() <= {(0, 1): (0, 9, 8), (1, 0): (0, -4, 8)}.items()
    assert y.tolist() == [1, 0, 2, 3, 0, 5, 6, 7]


@kdsl.kernel
def says(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    print(x[i], i, x[i] < 2.0)


@pytest.mark.parametrize("has_f64", [True, False])
def test_prints_carry_floats_as_f64(has_f64: bool):
    target = CUDA if has_f64 else replace(CUDA, has=CUDA.has - {"f64"})
    g = lowered(ir_of(says), target, nothing_more, (4, 1, 1), cut=False)
    values = np.array([0.0, -0.0, 1.5, -np.inf, np.nan, 1e-45, 2.0**-126, -3.4e38], np.float32)
    buffer = _buffer(16)
    interpret(g, [values, buffer], (2, 1, 1), (4, 1, 1), check=False)
    rows = _records(buffer)
    assert len(rows) == 8
    for row in rows:
        k = int(row[1] * 4 + row[4])
        shown = np.int64(row[7]).view(np.float64)
        assert np.array_equal(shown, np.float64(values[k]), equal_nan=True) and np.signbit(shown) == np.signbit(values[k])
        assert row[8] == k and row[9] == (values[k] < 2)


# Atomics


def _atomic_kernel(kind: str, t: T.ScalarType, space: T.Space) -> Function:
    """Each thread updates one of four elements of an array of the block's or of the launch's, and keeps the old value."""
    array = T.ArrayType(t, 1, unit_axis=0)
    f = Function("k", (("x", array), ("out", array), ("old", array)), attributes={"math": "strict"})
    b = Builder(f.body)
    i, four = b.emit(simt.GLOBAL_ID, axis=0), b.constant(4, T.index)
    place = b.emit(arith.MOD, i, four)
    x = b.emit(memory.LOAD, f.params[0], i, type=t, offset=0)
    target = f.params[1]
    if space is T.Space.SHARED:
        target = b.emit(memory.ALLOC, type=T.ArrayType(t, 1, space, (4,), 0), name="s")
        b.emit(memory.STORE, target, place, b.emit(memory.LOAD, f.params[1], place, type=t, offset=0), offset=0)
        b.emit(simt.BARRIER)
    operands = (target, place, x, x) if kind == "compare_exchange" else (target, place, x)
    old = b.emit(OPS[f"atomic.{kind}"], *operands, offset=0)
    b.emit(memory.STORE, f.params[2], i, old, offset=0)
    if space is T.Space.SHARED:
        b.emit(simt.BARRIER)
        b.emit(memory.STORE, f.params[1], place, b.emit(memory.LOAD, target, place, type=t, offset=0), offset=0)
    b.yield_()
    return f


_KINDS = ("add", "sub", "min", "max", "exchange", "compare_exchange", "and", "or", "xor")
_TYPES = (T.i32, T.u32, T.i64, T.u64, T.f16, T.bf16, T.f32, T.f64)


@pytest.mark.parametrize("spells", ["least", "everything"])
@pytest.mark.parametrize("t", _TYPES, ids=str)
def test_atomics_by_compare_and_exchange(t: T.ScalarType, spells: str):
    rng = np.random.default_rng(5)
    numbers = rng.integers(0 if t.kind is T.Kind.UINT else -9, 9, 16)
    for kind in _KINDS if t.is_integer else _KINDS[:6]:
        for space in (T.Space.GLOBAL, T.Space.SHARED):
            f = _atomic_kernel(kind, t, space)
            g = lowered(f, CUDA, lambda name, of: SPELLS[spells](name, of) or of is T.u16, (8, 1, 1), cut=False)
            assert not errors_of(g)
            runs = []
            for function in (f, g):
                x = formats.encode(t, formats.convert(t, numbers))
                out, old = np.zeros(4, t.dtype), np.zeros(16, t.dtype)
                grid = 2 if space is T.Space.GLOBAL else 1
                interpret(function, [x, out, old], (grid, 1, 1), (8, 1, 1), detect_races=space is T.Space.GLOBAL)
                runs.append((out, old[: 8 * grid]))
            # Lanes take turns in order also in the loop, so that even old values are the same; but for those of threads that find
            # an extreme that stays as it is, who leave the loop at once.
            same = 1 if kind in ("min", "max") else 2
            for one, two in zip(runs[0][:same], runs[1][:same], strict=True):
                assert np.array_equal(one, two), (kind, space)


def test_sixteen_bits_without_an_exchange_of_them_are_refused():
    f = _atomic_kernel("max", T.f16, T.Space.GLOBAL)
    with pytest.raises(CompileError, match="atomic max of f16") as e:
        lowered(f, GPU_TARGETS["metal:3.1"], nothing_more, (8, 1, 1), cut=False)
    assert e.value.code == "K511"


# Refusals


@kdsl.kernel
def doubles(x: Array[f64, 1]):
    i = kdsl.global_id(0)
    x[i] = x[i] * 2.0


def test_what_a_target_lacks_is_refused_at_the_line():
    with pytest.raises(CompileError, match="no arithmetic on f64") as e:
        doubles.compile(target="metal")
    assert e.value.code == "K511"
    assert e.value.diagnostic.span is not None and e.value.diagnostic.span.line > 1


def test_every_spelled_set_leaves_only_ops_that_are_spelled():
    """What the contract promises to backends, on a kernel with a bit of everything."""
    for target in TARGETS.values():
        for spells in SPELLS.values():
            g = lowered(ir_of(summed), target, spells, (16, 2, 1), cut=True)
            assert not illegal(g, spells)


def test_index_arithmetic_needs_no_corrections():
    """Ids are not negative: a quotient is one instruction, and a division by a power of two a shift."""

    @kdsl.kernel
    def tiles(x: Array[f32, 2], w: i32):
        i = kdsl.global_id(0)
        x[i // 12, i % 12] = x[i // 8, i % 8]

    g = lowered(ir_of(tiles), CUDA, nothing_more, (256, 1, 1), cut=False)
    names = [op.name for op in walk(g.body)]
    assert names.count("machine.quot") == 1 and names.count("machine.rem") == 1 and "arith.select" not in names
