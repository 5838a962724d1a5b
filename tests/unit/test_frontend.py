"""The front end: what IR a kernel becomes, which types meet in which, and where kernels may be typed."""

# ruff: noqa: E501

from __future__ import annotations

import enum
import importlib
import inspect
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl import Array, f16, f32, f64, i8, i16, i32, i64, index, u8, u32, vec3
from kdsl.diagnostics import CompileError
from kdsl.frontend import annotations, build, captures_changed
from kdsl.frontend.intrinsics.table import REQUIRED, ROWS
from kdsl.frontend.promote import Conflict, Weak, promote
from kdsl.ir import types as T
from kdsl.ir.core import Function, walk
from kdsl.ir.verify import verify


def ir(function: Any, **types: Any) -> Function:
    function = getattr(function, "function", function)
    signature, consts = {}, {}
    for p in annotations(function):
        if p.kind == "array":
            signature[p.name] = T.ArrayType(p.type, p.rank or 1, unit_axis=(p.rank or 1) - 1)
        elif p.kind == "const":
            consts[p.name] = types.pop(p.name, p.default)
        else:
            signature[p.name] = p.type
    signature.update(types)
    f = build(function, signature, consts=consts)
    verify(f)
    return f


def ops(f: Function) -> list[str]:
    return [op.name for op in walk(f.body) if op.name != "scf.yield"]


def stored(f: Function) -> list[T.Type]:
    """The types of the values stored, before the conversion to the element type."""
    out = []
    for op in walk(f.body):
        if op.name == "memory.store":
            v = op.operands[-1]
            cast = v.op is not None and v.op.name == "arith.cast"
            out.append(v.op.operands[0].type if cast else v.type)  # type: ignore[union-attr]
    return out


# Promotion

PROMOTIONS = [
    ("i8", "i32", "i32"), ("u8", "u32", "u32"), ("i32", "u8", "i32"), ("i64", "u32", "i64"), ("i32", "u32", "K201"),
    ("i8", "u32", "K201"), ("i32", "index", "index"), ("i64", "index", "index"), ("u32", "index", "index"),
    ("u64", "index", "K201"), ("i64", "f32", "f32"), ("index", "f16", "f16"), ("f16", "f32", "f32"), ("f32", "f64", "f64"),
    ("f16", "bf16", "K202"), ("bf16", "bf16", "bf16"), ("f8e4m3", "f8e4m3", "f32"), ("f8e5m2", "f16", "f32"),
    ("f8e5m2", "i32", "f32"), ("bool", "i32", "K203"), ("bool", "f32", "K203"), ("bool", "bool", "bool"),
]  # fmt: skip


@pytest.mark.parametrize("a, b, want", PROMOTIONS)
def test_promotion(a: str, b: str, want: str) -> None:
    for x, y in ((a, b), (b, a)):
        got = promote(T.SCALARS[x], T.SCALARS[y])
        assert (got.code if isinstance(got, Conflict) else str(got)) == want


@pytest.mark.parametrize(
    "t, literal, want",
    [("u8", 255, "u8"), ("u8", 256, "K204"), ("u8", -1, "K204"), ("i8", -128, "i8"), ("i32", 1 << 40, "K204"),
     ("f16", 3, "f16"), ("i32", 2.0, "f32"), ("index", 2.0, "f32"), ("f64", 2.0, "f64"), ("bool", 1, "K203")],
)  # fmt: skip
def test_literals_are_weak(t: str, literal: Any, want: str) -> None:
    weak = Weak(True) if isinstance(literal, float) else Weak(False, literal, literal)
    got = promote(T.SCALARS[t], weak)
    assert (got.code if isinstance(got, Conflict) else str(got)) == want


# Stubs


def stubs() -> dict[str, Any]:
    names = ["ids", "memory", "atomics", "subgroup", "math", "random", "control", "debug"]
    out = {}
    for name in names:
        module = importlib.import_module(f"kdsl.language.{name}")
        for public in module.__all__:
            out[public] = getattr(module, public)
    return out


PYTHON_ONLY = {
    "ord", "min", "max", "sum", "tuple", "len", "divmod", "print", "builtin_round", "builtin_any", "builtin_all", "math_log",
}  # fmt: skip


def test_every_stub_has_a_lowering_with_the_same_parameters() -> None:
    found = stubs()
    assert set(found) == set(ROWS) - PYTHON_ONLY
    for name, stub in found.items():
        assert stub.__kdsl_intrinsic__ == name and stub.__doc__
        given = inspect.signature(stub).parameters
        assert list(given) == [p.name for p in ROWS[name].params], name
        for p in ROWS[name].params:
            assert (p.default is REQUIRED) == (given[p.name].default is inspect.Parameter.empty), name
        assert getattr(kdsl, name) is stub


def test_import_is_light() -> None:
    heavy = ("llvmlite", "lark", "kdsl.ir.core", "kdsl.ir.passes", "kdsl.frontend.entry", "kdsl.codegen", "hashlib", "dataclasses",
             "threading")  # fmt: skip
    code = f"import numpy, sys; before = {{*sys.modules}}; import kdsl; print([m for m in {heavy} if m in {{*sys.modules}} - before])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_stubs_outside_a_kernel() -> None:
    with pytest.raises(CompileError, match="K151"):
        kdsl.global_id(0)
    assert kdsl.cdiv(7, 2) == 4 and kdsl.sqrt(4.0) == 2.0 and kdsl.clamp(5, 0, 3) == 3


# Shapes of control flow


def test_guard_becomes_one_branch() -> None:
    def k(x: Array[f32, 1], n: i32):
        i = kdsl.global_id(0)
        if i >= n:
            return
        x[i] = 1.0

    f = ir(k)
    assert ops(f) == ["simt.global_id", "arith.cast", "arith.ge", "scf.if", "arith.constant", "memory.store"]


def test_for_stays_for_and_carries_only_what_lives() -> None:
    def k(x: Array[f32, 1], n: i32):
        s = 0.0
        for j in range(n):
            t = x[j] * 2
            s += t
        x[0] = s

    loop = next(op for op in walk(ir(k).body) if op.name == "scf.for")
    assert [str(r.type) for r in loop.results] == ["f32"]


def test_break_is_a_flag() -> None:
    def k(x: Array[f32, 1], n: i32):
        for j in range(n):
            if x[j] > 0:
                break
            x[j] = 0.0

    loop = next(op for op in walk(ir(k).body) if op.name == "scf.while")
    assert [str(r.type) for r in loop.results] == ["index", "bool"]


def test_constant_conditions_prune() -> None:
    def k(x: Array[f32, 1], mode: kdsl.const = 2):
        if mode == 1:
            x[0] = "this is not looked at"
        elif x.dtype == f32 and x.ndim == 1:
            x[0] = 1.0

    assert ops(ir(k)) == ["arith.constant", "arith.constant", "memory.store"]


@pytest.mark.parametrize("element, want", [(f16, "f16"), (f32, "f32"), (f64, "f64"), (i32, "f32"), (i64, "f32")])
def test_literal_takes_the_type_the_loop_gives_it(element: Any, want: str) -> None:
    def k(x, n: i32):
        s = 0.0
        for j in range(n):
            s += x[j]
        x[0] = s

    array = T.ArrayType(element, 1, unit_axis=0)
    f = build(k, {"x": array, "n": i32})
    loop = next(op for op in walk(f.body) if op.name == "scf.for")
    assert str(loop.results[0].type) == want


@pytest.mark.parametrize(
    "element, start, help",
    [(u8, 255, None), (u8, 0, None), (i8, -128, None), (i64, 1 << 40, None), (u8, 256, "i32(256)"), (u8, -1, "i32(-1)"),
     (u8, 1 << 40, f"i64({1 << 40})"), (u8, 1 << 31, f"u32({1 << 31})"), (u32, -1, "i64(-1)"),
     (i16, 40000, "i32(40000)"), (i32, 1 << 31, f"i64({1 << 31})")],
)  # fmt: skip
def test_the_type_that_the_loop_gives_holds_the_literal(element: Any, start: int, help: str | None) -> None:
    def alone(x, start: kdsl.const):
        best = start
        for j in range(x.shape[0]):
            if x[j] > 7:
                best = x[j]
        x[0] = best

    def one_of_two(x, start: kdsl.const):
        best = (start if x[0] > 7 else 1), 0
        for j in range(x.shape[0]):
            k = 0
            while k < 2:
                best = x[j], k
                k += 1
        x[0] = best[0]

    for body in (alone, one_of_two):
        given = {"x": T.ArrayType(element, 1, unit_axis=0)}
        if help is None:
            build(body, given, consts={"start": start})
            continue
        with pytest.raises(CompileError) as caught:
            build(body, given, consts={"start": start})
        assert caught.value.code == "K204" and f"'best' starts as {start}, and in the loop it is {element}" in str(caught.value)
        assert f"for example {help}" in str(caught.value)


def test_counter_used_as_an_index_is_an_index() -> None:
    def k(x: Array[f32, 1], n: i32):
        j = 0
        c = 0
        while j < x.shape[0]:
            x[j] = 0.0
            j += 1
            c += 1
        x[c] = 1.0

    loop = next(op for op in walk(ir(k).body) if op.name == "scf.while")
    assert [str(r.type) for r in loop.results] == ["index", "i32"]


def test_short_circuit_keeps_loads_behind_the_test() -> None:
    def k(x: Array[f32, 1], n: i32):
        if n < x.shape[0] and x[n] > 0:
            x[0] = 1.0
        if n > 0 and n < 3:
            x[1] = 1.0

    f = ir(k)
    assert ops(f).count("scf.if") == 3 and "arith.and" in ops(f)


# Values


def test_types_of_arithmetic() -> None:
    def k(y: Array[f64, 1], a: i32, b: f16, c: u8, d: i64):
        y[0] = a / a
        y[1] = a * 2.0
        y[2] = b * 2
        y[3] = a // 3
        y[4] = c + 1
        y[5] = d / 2
        y[6] = a * b
        y[7] = b**2
        y[8] = c << 9
        y[9] = a + kdsl.global_id(0)
        y[10] = -c
        y[11] = b // 2

    want = [f32, f32, f16, i32, u8, f32, f16, f16, u8, index, u8, f16]
    assert stored(ir(k)) == want


def test_vectors_and_structs_are_scalars() -> None:
    @kdsl.struct
    class Ball:
        at: vec3
        mass: f32 = 2

    def k(balls: Array[Ball, 1], out: Array[vec3, 1], b: Ball):
        i = kdsl.global_id(0)
        out[i] = balls[i].at.zyx * b.mass + vec3(1)
        balls[i].mass += 1
        v = balls[i].at
        v.xy = 0
        balls[i] = Ball(at=v)

    f = ir(k)
    assert [p.name for p in f.params] == ["balls", "out", "b.at.x", "b.at.y", "b.at.z", "b.mass"]
    assert f.attributes["aggregates"][0][3] == (("b.at.x", 0), ("b.at.y", 4), ("b.at.z", 8), ("b.mass", 12))
    loads = [op.attributes["offset"] for op in walk(f.body) if op.name == "memory.load"]
    assert loads == [8, 4, 0, 12, 0, 4, 8]
    assert Ball.dtype.itemsize == 16 and Ball(at=(1, 2, 3), mass=4)["mass"] == 4


def test_device_functions() -> None:
    @kdsl.func
    def apply(g, v, times=2):
        for _ in kdsl.static_range(times):
            v = g(v)
        return v, times

    @kdsl.func
    def half(v):
        if v < 0:
            return -v
        return v / 2

    def k(x: Array[f32, 1], y: Array[f64, 1], g: kdsl.const = half):
        x[0], n = apply(g, x[0])
        y[0], n = apply(v=y[0], g=half, times=n + 1)

    f = ir(k)
    assert ops(f).count("arith.div") == 5
    inner = next(op for op in walk(f.body) if op.name == "arith.div")
    assert inner.span.function == "half" and inner.span.call_site is not None and inner.span.call_site.function == "apply"


def test_math_of_python_and_numpy() -> None:
    def k(x: Array[f32, 1]):
        x[0] = math.sin(x[0]) + np.sin(x[1]) + kdsl.sin(x[2]) + abs(x[3]) + np.float32(2) * math.pi
        x[1] = min(x[0], x[1], 3) + np.minimum(x[0], 1) + math.sqrt(2.0)

    assert ops(ir(k)).count("math.sin") == 3


def test_one_array_per_place() -> None:
    def k(x: Array[f32, 1]):
        t = kdsl.shared((4, 2), f32)
        for k0 in range(3):
            u = kdsl.local(4, i32)
            u[0] = k0
            t[0, u[0] % 2] = x[k0]

    allocs = [op for op in ir(k).body.ops if op.name == "memory.alloc"]
    assert [op.attributes["name"] for op in allocs] == ["t", "u"]
    assert [str(op.result.type) for op in allocs] == ["array<f32, [4, 2], shared, unit=1>", "array<i32, [4], private, unit=0>"]


def test_print_and_assert() -> None:
    def k(x: Array[f32, 1], n: i32):
        print("n =", n, f"{x[0]:.2f}!", vec3(1).x, sep=" ", end="")
        assert n > 0, "positive"

    f = ir(k)
    parts = next(op.attributes["parts"] for op in walk(f.body) if op.name == "simt.print")
    assert parts == ("n = ", "{}", " ", "{:.2f}", "! ", "{}")


# Where kernels are typed, and what they take from outside

SCALE = 2.0


def test_captured_constants_are_reported() -> None:
    factor = 3

    def k(x: Array[f32, 1]):
        x[0] = x[1] * SCALE + factor

    captured: list[Any] = []
    build(k, {"x": T.ArrayType(f32, 1, unit_axis=0)}, captured=captured)
    assert {key for _, key, _ in captured} == {"SCALE", "cell_contents"}
    assert not captures_changed(captured)
    factor = 4
    assert captures_changed(captured)


def test_exec_text() -> None:
    space: dict[str, Any] = {}
    body = "@kdsl.kernel\ndef k(x: Array[f32, 1]):\n    x[0] = nothing\n"
    exec("import kdsl\nfrom kdsl import Array, f32\n" + body, space)
    with pytest.raises(CompileError) as caught:
        ir(space["k"])
    assert "    x[0] = nothing" in str(caught.value) and caught.value.diagnostic.span.line == 5  # type: ignore[union-attr]


def test_annotations_as_strings_of_local_names() -> None:
    Local = f64

    @kdsl.kernel
    def k(x: "Array[Local, 1]", y, n: "int" = 3, c: kdsl.const = 2):
        x[0] = 1.0

    specs = annotations(k.function)
    assert [(p.kind, p.type, p.rank) for p in specs] == [
        ("array", f64, 1), ("any", None, None), ("scalar", i32, None), ("const", None, None),
    ]  # fmt: skip
    assert specs[2].default == 3 and not specs[0].has_default


def test_host_values() -> None:
    assert f32(3) == np.float32(3) and i32(3.9) == 3 and u8(300) == 44 and kdsl.bf16(1.001) == 1.0
    assert vec3(1, 2, 3).dtype == np.float32 and u32(-1) == 2**32 - 1


class Mode(enum.Enum):
    ADD = 1
    SCALE = "scale"


def test_enum_members_as_constants() -> None:
    @kdsl.kernel
    def k(x: Array[f32, 1], mode: kdsl.const):
        if mode == Mode.ADD:
            x[0] = 1.0
        elif mode is Mode.SCALE:
            x[0] = 2.0
        if mode in (Mode.SCALE, Mode.ADD) and mode != Mode.SCALE:
            x[1] = 3.0

    for mode, wanted in ((Mode.ADD, [1, 3]), (Mode.SCALE, [2, 0]), (7, [0, 0])):
        x = np.zeros(2, np.float32)
        k[1, 1](x, mode)
        assert x.tolist() == wanted


def test_in_a_tuple() -> None:
    @kdsl.kernel
    def k(x: Array[u8, 1], y: Array[i32, 2], how: kdsl.const = "both"):
        i = kdsl.global_id(0)
        y[i, 0] = i32(x[i] in (ord("a"), ord("e"), 105)) + 10 * i32(x[i] not in (97, 98))
        y[i, 1] = 1 if how in ("both", "one") and 4 not in () else 0

    x = np.frombuffer(b"abeiz", np.uint8)
    y = np.zeros((5, 2), np.int32)
    k.over(5)(x, y)
    assert y[:, 0].tolist() == [1, 0, 11, 11, 10] and y[:, 1].tolist() == [1] * 5


def test_a_tuple_into_a_swizzle() -> None:
    @kdsl.kernel
    def k(v: Array[vec3, 1]):
        v[0].zx = (1, 2.5)
        w = v[0]
        w.xy = (7, w.x)
        v[1] = w

    v = np.zeros((2, 3), np.float32)
    k[1, 1](v)
    assert v.tolist() == [[2.5, 0, 1], [7, 2.5, 1]]


def test_an_array_without_axes() -> None:
    @kdsl.kernel
    def k(a: Array[f32, 0], count: Array[i32, 0], y: Array[f32, 1]):
        y[kdsl.global_id(0)] = a[()] * 2 + a.ndim
        kdsl.atomic_add(count[()], 1)

    y, count = np.zeros(70, np.float32), np.zeros((), np.int32)
    for launch in (k.over(70), k.interpret.over(70)):
        launch(np.array(4, np.float32), count, y)
        assert set(y) == {8}
    assert count == 140


@pytest.mark.parametrize(("t", "wanted"), [(np.float32, 1), (np.float64, 2), (np.int32, 3), (np.uint8, 0)])
def test_types_of_numpy_are_types(t: Any, wanted: int) -> None:
    @kdsl.kernel
    def k(x, out):
        out[0] = 0
        if x.dtype == np.float32:
            out[0] = 1
        elif x.dtype in (np.float64, f16):
            out[0] = 2
        elif x.dtype == int:
            out[0] = 3

    out = np.zeros(1, np.int32)
    k[1, 1](np.zeros(1, t), out)
    assert out[0] == wanted


def test_a_type_is_no_string() -> None:
    def k(x: Array[f32, 1]):
        if x.dtype == "float32":
            x[0] = 1.0

    with pytest.raises(CompileError, match="K205"):
        ir(k)


@kdsl.kernel
def rounds(x: Array[f64, 1], out: Array[f64, 2]):
    i = kdsl.global_id(0)
    out[i, 0], out[i, 1], out[i, 2], out[i, 3] = round(x[i], 2), np.round(x[i], -1), round(x[i]), round(i, 2)


def test_rounding_to_digits_is_that_of_numpy() -> None:
    x = np.random.default_rng(3).normal(0, 100, 50)
    out = np.zeros((50, 4))
    rounds.over(50)(x, out)
    np.testing.assert_array_equal(out.T, [np.round(x, 2), np.round(x, -1), np.round(x), np.arange(50)])


@kdsl.kernel
def types_made_in_a_kernel(x, out: Array[f32, 1]):
    i = kdsl.global_id(0)
    pair = kdsl.local(2, kdsl.vec(x.dtype, 2))
    pair[1] = kdsl.vec(i32, 2)(1, x[i])
    out[i] = f32(pair[1].x) + f32(kdsl.vec(float, 3)(pair[1], 4).z) * f32(pair[1].y)


@pytest.mark.parametrize("t", [np.float16, np.int64])
def test_a_kernel_may_write_the_type_of_a_vector(t) -> None:
    out = np.zeros(3, np.float32)
    types_made_in_a_kernel.over(3)(np.arange(3).astype(t), out)
    assert out.tolist() == [1, 5, 9]


@kdsl.kernel
def stores_in_nests(o: Array[f32, 3], a: Array[f32, 3]):
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            k = 0
            while k < a.shape[2]:
                o[i, j, k] = 2.0 * a[i, j, k]
                k += 1


def test_a_round_that_stores_into_an_array_is_lowered_once(monkeypatch):
    """Each loop lowered its body anew without the array, which it does not carry: eight times the innermost of three."""
    from kdsl.frontend import loops

    lowered: list[int] = []
    settle = loops._Carry.settle

    def counted(carry: Any, adopted: Any) -> bool:
        lowered.append(carry.node.lineno)
        return settle(carry, adopted)

    monkeypatch.setattr(loops._Carry, "settle", counted)
    f = ir(stores_in_nests)
    assert len(lowered) == 4  # and once more for k, which is an index
    assert str(f).count("memory.store") == 1
    verify(f, "the kernel")
