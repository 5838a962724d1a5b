"""The text of the IR holds all that the nodes hold: random programs, and the corners that they do not reach."""

from __future__ import annotations

import pytest
from property.generate import random_case
from property.run import against_text, check, seeds

from kdsl.artifact import Site
from kdsl.diagnostics import CompileError, Span
from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Region
from kdsl.ir.opdef import Level
from kdsl.ir.ops import arith, simt, tile
from kdsl.ir.parse import equal, parse, parse_type
from kdsl.ir.text import print_function


def round_trip(f: Function) -> Function:
    text = print_function(f)
    again = parse(text)
    assert print_function(again) == text
    assert equal(f, again)
    return again


def test_random_programs() -> None:
    for seed, size in seeds(0, 120):
        assert not check(seed, size, against_text)


def test_random_programs_with_spans() -> None:
    for seed, size in seeds(0, 10):
        f = random_case(seed, size).function
        for k, op in enumerate(f.body.ops):
            op.span = Span("a 'b'.py", k + 1, 2, k + 3, 4, "f", Span("caller.py", 7) if k % 2 else None)
        text = print_function(f, with_spans=True)
        again = parse(text)
        assert print_function(again, with_spans=True) == text
        assert [op.span for op in again.body.ops] == [op.span for op in f.body.ops]


@pytest.mark.parametrize("value", [
    None, True, False, 0, -5, 1 << 70, 0.0, -0.0, 1.5, 1e-300, 1e300, float("inf"), -float("inf"), float("nan"), "", "plain",
    "quote ' and \" and \\", "line\nbreak\ttab\0nul", "{%0: f32} # not a comment", "größe 漢字 \U0001f600 \u2028 \ud800",
    (), (1,), (1, 2.0, "x"), ((), ((1,), ("a", (None, True)))), (float("nan"), -float("inf")),
])  # fmt: skip
def test_attributes(value: object) -> None:
    f = Function("f", (), attributes={"value": value, "other": value})
    Builder(f.body).emit(simt.PRINT, parts=value)
    Builder(f.body).yield_()
    again = round_trip(f)
    assert repr(again.attributes["value"]) == repr(value) == repr(again.body.ops[0].attributes["parts"])


@pytest.mark.parametrize("t", [
    *T.SCALARS.values(),
    T.ArrayType(T.f32, 1), T.ArrayType(T.f32, 0), T.ArrayType(T.f8e4m3, 3, unit_axis=2),
    T.ArrayType(T.VectorType(T.f16, 3), 2, T.Space.SHARED, (4, 5)), T.ArrayType(T.i8, 0, T.Space.PRIVATE, ()),
    T.ArrayType(T.i64, 1, T.Space.SLOTS, (64,)),
    T.ArrayType(T.StructType("P", (("x", T.f32, 0), ("v", T.VectorType(T.u8, 4), 4), (
        "in", T.StructType("Q", (("odd name, {", T.i16, 2),), 4, 2), 8)), 12, 4), 2),
    T.ArrayType(T.StructType("empty", (), 1, 1), 1), T.TileType(T.bool_, (16,)), T.TileType(T.f32, (2, 3, 4)),
], ids=str)  # fmt: skip
def test_types(t: T.Type) -> None:
    assert parse_type(str(t)) == t


def test_names_stay_and_are_made_distinct() -> None:
    f = Function("f", (("n", T.i32), ("n", T.i32), ("größe", T.f32), ("a b", T.f32), ("7", T.f32), ("n_2", T.i32)))
    b = Builder(f.body)
    b.emit(arith.ADD, f.params[0], f.params[1]).name = "n"
    b.constant(1, T.i32)
    b.yield_()
    assert [v.name for v in round_trip(f).params] == ["n", "n_2", "größe", "v_a_b", "", "n_2_2"]


def test_block_level_and_sites() -> None:
    f = Function("odd name", (), level=Level.BLOCK)
    f.sites = [Site("bounds", "x", ("a.py", 1, 2, 3, "f")), Site("print", "", ("", 0, 0, 0, ""), (("a\n", ""), ("", "f32")))]
    b = Builder(f.body)
    b.emit(tile.IOTA, type=T.TileType(T.i32, (8,)))
    b.yield_()
    again = round_trip(f)
    assert again.level is Level.BLOCK and again.sites == f.sites and again.name == "odd name"


def test_region_arguments_and_labels() -> None:
    f = Function("f", (("n", T.index),))
    b = Builder(f.body)
    body = Region((T.index, T.index), ("i", ""))
    with b.inside(body):
        b.yield_(body.args[0])
    b.for_(f.params[0], f.params[0], f.params[0], [f.params[0]], body)
    b.yield_()
    assert "body (%i: index, %1: index) {" in print_function(f)
    round_trip(f)


GOOD = """
kernel @f(%x: array<f32, 1, global>) {} {   # hand-written text may have comments

  %i = simt.global_id {axis = 0} : index
  %v = memory.load %x, %i {offset = 0} : f32
  scf.yield
}
"""


@pytest.mark.parametrize("old, new, line, column, message", [
    ("simt.global_id", "simt.globalid", 4, 8, "there is no op simt.globalid"),
    ("%x, %i", "%x, %j", 5, 24, "%j is not defined here"),
    ("%v = ", "%i = ", 5, 3, "%i is defined twice"),
    (": f32\n", "\n", 5, 8, "1 results but 0 types"),
    (": index", ": indexx", 4, 36, "this is not IR"),
    ("{axis = 0}", "{axis 0}", 4, 29, "this is not IR"),
    ("scf.yield\n", "scf.yield then {\n scf.yield\n}\n", 6, 3, "scf.yield has the regions (none), not then"),
    ("  scf.yield\n", "", 2, 9, "does not end in scf.yield"),
    ("}\n", "", 6, 12, "the text ends too early"),
    ("kernel", "kernle", 2, 1, "this is not IR"),
])  # fmt: skip
def test_mistakes_have_a_place(old: str, new: str, line: int, column: int, message: str) -> None:
    parse(GOOD)
    with pytest.raises(CompileError, match="K199") as e:
        parse(GOOD.replace(old, new))
    span = e.value.diagnostic.span
    assert message in str(e.value) and span is not None and (span.line, span.col) == (line, column), e.value


def test_equal_sees_every_difference() -> None:
    text = print_function(parse(GOOD.replace("global>", "global>, %s: f32")))
    f = parse(text)
    for old, new in [("axis = 0", "axis = 1"), ("offset = 0", "offset = 0.0"), ("@f", "@g"), ("%x, %i {", "%x, %i, %i {"),
                     ("global>", "global, unit=0>"), ("kernel", "block"), ("{} {", "{a = 0} {"), ("}\n", "}\nsite ('', '', ())\n"),
                     (": f32\n", ": f64\n")]:  # fmt: skip
        changed = text.replace(old, new) if old != "}\n" else text[:-2] + new
        assert not equal(f, parse(changed)), (old, new)
