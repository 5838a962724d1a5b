"""The verifier: random programs pass, and every kind of damage that its docstring promises to find is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from property.generate import random_case
from property.run import seeds

from kdsl.artifact import Site
from kdsl.diagnostics import InternalError
from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Op, Region, Value
from kdsl.ir.opdef import Level
from kdsl.ir.ops import arith, scf, simt
from kdsl.ir.parse import parse
from kdsl.ir.verify import component_at, errors_of, verify

GOOD = """
kernel @good(%a: f32, %n: index, %c: bool, %k: i32, %x: array<f32, 1, global, unit=0>, %y: array<i32, 2, global>,
) {math = 'default'} {
  %z = arith.constant {value = 0} : index
  %one = arith.constant {value = 1.0} : f32
  %id = simt.global_id {axis = 0} : index
  %e = memory.extent %y {axis = 1} : index
  %sum = arith.add %a, %one {exact = True} : f32
  %less = arith.lt %id, %e : bool
  %pick = arith.select %less, %a, %sum : f32
  %wide = arith.cast %k : f64
  %bits = arith.bitcast %a : u32
  %look = arith.lookup %k {table = (1.0, 2.0)} : f32
  %v = memory.load %x, %id {offset = 0} : f32
  %p = memory.load %s, %id {offset = 8} : f32
  memory.store %y, %id, %z, %k {offset = 0}
  %old = atomic.add %y, %id, %z, %k {offset = 0} : i32
  %sh = memory.alloc {name = 'tile'} : array<f32, [4, 5], shared>
  memory.store %sh, %z, %z, %v {offset = 0}
  simt.barrier
  simt.fence {scope = 'block'}
  simt.assert %c {message = 'no'}
  %all = subgroup.all %c : bool
  %r = scf.if %less : f32 then {
    %inner = arith.neg %a : f32
    scf.yield %inner
  } otherwise {
    scf.yield %one
  }
  %last, %far = scf.for %z, %n, %e, %r, %z : f32, index body (%i: index, %acc: f32, %at: index) {
    scf.yield %acc, %i
  }
  %w = scf.while %last : f32 cond (%now: f32) {
    %go = arith.lt %now, %one : bool
    scf.yield %go
  } body (%then: f32) {
    scf.yield %then
  }
  scf.yield
}
""".replace(",\n)", ", %s: array<struct P {k: u8 @0, v: vec2<f32> @4} [12, 4], 1, global>)")

BLOCK = """
block @good(%a: f32, %n: index, %x: array<f32, 1, global, unit=0>) {} {
  %i = block.row_begin : index
  %t = arith.constant {value = True} : bool
  %m = tile.splat %t : tile<8xbool>
  %l = tile.iota : tile<8xindex>
  %s = tile.splat %a : tile<8xf32>
  %v = tile.load %x, %i, %m {axis = 0, step = 1, offset = 0} : tile<8xf32>
  %g = tile.gather %x, %l, %m {offset = 0} : tile<8xf32>
  %q = arith.mul %s, %v : tile<8xf32>
  %any = tile.any %m : bool
  %old = tile.atomic %x, %l, %m, %q {kind = 'add', offset = 0} : tile<8xf32>
  tile.store %x, %i, %m, %q {axis = 0, step = 1, offset = 0}
  scf.yield
}
"""

# What is damaged: text -> other text, and a word of the complaint.
DAMAGE = [
    ("too few operands", "arith.add %a, %one", "arith.add %a", "1 operands"),
    ("too many operands", "arith.neg %a", "arith.neg %a, %a", "2 operands"),
    ("letters differ", "arith.add %a, %one", "arith.add %a, %k", "must be f32"),
    ("class", "arith.neg %a : f32", "arith.neg %c : bool", "must be S"),
    ("exact type", "arith.select %less", "arith.select %k", "must be bool"),
    ("array for a number", "arith.add %a, %one", "arith.add %x, %one", "must not be an array"),
    ("number for an array", "memory.extent %y", "memory.extent %k", "must be an array"),
    ("result type", "arith.lt %id, %e : bool", "arith.lt %id, %e : i32", "gives (bool), not (i32)"),
    ("result of an operand's type", "%one {exact = True} : f32", "%one {exact = True} : f64", "gives (f32), not (f64)"),
    ("too many results", "%v = memory.load %x, %id {offset = 0} : f32",
     "%v, %v2 = memory.load %x, %id {offset = 0} : f32, f32", "needs"),
    ("index not of type index", "%x, %id {offset = 0} : f32", "%x, %k {offset = 0} : f32", "must be index"),
    ("missing attribute", "simt.global_id {axis = 0}", "simt.global_id", "lacks the attribute axis"),
    ("axis of an id", "simt.global_id {axis = 0}", "simt.global_id {axis = 3}", "not an axis below 3"),
    ("axis that is no number", "simt.global_id {axis = 0}", "simt.global_id {axis = 'x'}", "not an axis below 3"),
    ("axis of an array", "memory.extent %y {axis = 1}", "memory.extent %y {axis = 2}", "not an axis below 2"),
    ("negative axis", "memory.extent %y {axis = 1}", "memory.extent %y {axis = -1}", "not an axis below 2"),
    ("constant of another kind", "{value = 0} : index", "{value = 0.0} : index", "not a value of index"),
    ("int for a float", "{value = 1.0} : f32", "{value = 1} : f32", "not a value of f32"),
    ("constant out of range", "{value = 0} : index", "{value = 9223372036854775808} : index", "not a value of index"),
    ("constant that would round", "{value = 1.0} : f32", "{value = 0.1} : f32", "not a value of f32"),
    ("constant of an array", "{value = 1.0} : f32", "{value = 1.0} : array<f32, 1, global>", "array"),
    ("offset past the element", "memory.load %x, %id {offset = 0}", "memory.load %x, %id {offset = 4}", "nothing starts at byte 4"),
    ("offset inside a component", "%s, %id {offset = 8}", "%s, %id {offset = 6}", "nothing starts at byte 6"),
    ("offset of another type", "%s, %id {offset = 8}", "%s, %id {offset = 0}", "holds u8, not f32"),
    ("offset that is no int", "%s, %id {offset = 8}", "%s, %id {offset = 8.0}", "nothing starts at byte 8.0"),
    ("stored type", "%y, %id, %z, %k {offset = 0}\n  %old", "%y, %id, %z, %a {offset = 0}\n  %old", "holds i32, not f32"),
    ("too few indices", "memory.store %y, %id, %z, %k", "memory.store %y, %id, %k", "1 indices into"),
    ("too many indices", "memory.load %x, %id {", "memory.load %x, %id, %id {", "2 indices into"),
    ("atomic of another type", "%k {offset = 0} : i32", "%a {offset = 0} : f32", "holds i32, not f32"),
    ("atomic result", "%k {offset = 0} : i32", "%k {offset = 0} : i64", "gives (i32), not (i64)"),
    ("atomic on a type that has none", "atomic.add %y, %id, %z, %k {offset = 0} : i32",
     "atomic.add %s, %id, %pick8 {offset = 0} : u8", "no atomic add on u8"),
    ("bitwise atomic on floats", "atomic.add %y, %id, %z, %k {offset = 0} : i32",
     "atomic.xor %x, %id, %a {offset = 0} : f32", "no atomic xor on f32"),
    ("table", "{table = (1.0, 2.0)}", "{table = ()}", "non-empty tuple"),
    ("table of words", "{table = (1.0, 2.0)}", "{table = ('a',)}", "non-empty tuple"),
    ("bitcast to another width", "arith.bitcast %a : u32", "arith.bitcast %a : u64", "differ in width"),
    ("exact on an op without it", "arith.neg %a : f32", "arith.neg %a {exact = True} : f32", "does not take it"),
    ("exact that is no bool", "{exact = True}", "{exact = 1}", "must be bool"),
    ("scope", "{scope = 'block'}", "{scope = 'planet'}", "must be one of"),
    ("message", "{message = 'no'}", "{message = 7}", "must be str"),
    ("name", "{name = 'tile'}", "{name = None}", "must be str"),
    ("allocation without extents", "array<f32, [4, 5], shared>", "array<f32, 2, shared>", "static positive extents"),
    ("allocation of nothing", "array<f32, [4, 5], shared>", "array<f32, [4, 0], shared>", "static positive extents"),
    ("allocation of global memory", "array<f32, [4, 5], shared>", "array<f32, [4, 5], global>", "cannot allocate global"),
    ("slots before vectorize", "array<f32, [4, 5], shared>", "array<f32, [20], slots>", "cannot allocate slots"),
    ("yield too few", "    scf.yield %one\n", "    scf.yield\n", "region otherwise yields (), not (f32)"),
    ("yield another type", "    scf.yield %inner", "    scf.yield %k", "region then yields (i32), not (f32)"),
    ("yield too many", "    scf.yield %inner", "    scf.yield %inner, %a", "yields (f32, f32), not (f32)"),
    ("function that yields", "  scf.yield\n}", "  scf.yield %a\n}", "a function yields nothing"),
    ("no yield", "    scf.yield %inner\n", "", "does not end in scf.yield"),
    ("yield in the middle", "  simt.barrier\n", "  simt.barrier\n  scf.yield\n", "terminator before the end"),
    ("region with arguments", "then {", "then (%q: f32) {", "region then takes (f32), not ()"),
    ("counter's type", "body (%i: index, %acc", "body (%i: i64, %acc", "takes (i64, f32, index), not"),
    ("loop without its counter", "(%i: index, %acc: f32, %at: index) {\n    scf.yield %acc, %i",
     "(%acc: f32, %at: index) {\n    scf.yield %acc, %at", "takes (f32, index), not (index, f32, index)"),
    ("carried type", "%r, %z : f32, index body", "%r, %k : f32, index body", "gives (f32, i32), not (f32, index)"),
    ("carried out of order", "scf.yield %acc, %i\n", "scf.yield %i, %acc\n", "yields (index, f32), not (f32, index)"),
    ("bounds of another type", "scf.for %z, %n, %e", "scf.for %z, %k, %e", "must be index"),
    ("condition that is no bool", "scf.yield %go", "scf.yield %now", "region cond yields (f32), not (bool)"),
    ("two conditions", "scf.yield %go", "scf.yield %go, %go", "region cond yields (bool, bool), not (bool)"),
    ("body of a while", "scf.yield %then", "scf.yield %one, %one", "region body yields (f32, f32), not (f32)"),
    ("while without its argument", "cond (%now: f32) {\n    %go = arith.lt %now", "cond {\n    %go = arith.lt %one",
     "region cond takes (), not (f32)"),
    ("if on a number", "scf.if %less", "scf.if %k", "must be bool"),
    ("op of the other level", "simt.barrier\n", "simt.barrier\n  %iota = tile.first %c : index\n", "level block in a function of level thread"),
    ("tile in a thread's code", "%wide = arith.cast %k : f64", "%wide = arith.constant {value = 1.0} : tile<8xf32>", "in a function of level thread"),
    ("parameter that is a tile", "(%a: f32,", "(%t0: tile<4xf32>, %a: f32,", "neither a scalar nor a global array"),
    ("parameter in shared memory", "(%a: f32,", "(%t0: array<f32, [4], shared>, %a: f32,", "neither a scalar nor a global array"),
    ("unit axis that is not there", "1, global, unit=0>", "1, global, unit=1>", "has no axis 1"),
    ("math", "'default'", "'sloppy'", "attribute math"),
    ("array selected", "arith.select %less, %a, %sum : f32", "arith.select %less, %x, %x : array<f32, 1, global, unit=0>", "must not be an array"),
    ("array out of an if", "%pick = arith.select %less, %a, %sum : f32",
     "%pick = scf.if %c : array<f32, 1, global, unit=0> then {\n scf.yield %x\n} otherwise {\n scf.yield %x\n}", "may only come from"),
    ("subgroup op's result", "subgroup.all %c : bool", "subgroup.all %c : i32", "gives (bool), not (i32)"),
]  # fmt: skip

BLOCK_DAMAGE = [
    ("thread op", "block.row_begin", "simt.lane_id", "level thread in a function of level block"),
    ("shapes differ", "arith.mul %s, %v", "arith.mul %s, %a", "shapes differ"),
    ("splat of another type", "%s = tile.splat %a : tile<8xf32>", "%s = tile.splat %n : tile<8xf32>", "must be of index"),
    ("splat to a scalar", "%m = tile.splat %t : tile<8xbool>", "%m = tile.splat %t : bool", "gives a tile"),
    ("iota of floats", "tile.iota : tile<8xindex>", "tile.iota : tile<8xf32>", "must be I"),
    ("tile without lanes", "tile.iota : tile<8xindex>", "tile.iota : tile<0xindex>", "has no lanes"),
    ("tile as the index of a load", "tile.load %x, %i", "tile.load %x, %l", "indices must be scalars"),
    ("kind of atomic", "kind = 'add'", "kind = 'nand'", "no kind of atomic"),
    ("kind on floats", "kind = 'add'", "kind = 'xor'", "no atomic xor on f32"),
    ("step", "axis = 0, step = 1, offset = 0} : tile", "axis = 0, step = 1.0, offset = 0} : tile", "must be int"),
    ("axis of a load", "axis = 0, step = 1, offset = 0} : tile", "axis = 1, step = 1, offset = 0} : tile", "not an axis below 1"),
    ("mask of numbers", "tile.any %m", "tile.any %s", "must be bool"),
    ("result of any", "tile.any %m : bool", "tile.any %m : tile<8xbool>", "gives (bool)"),
    ("branch on a mask", "%any = tile.any %m : bool", "scf.if %m then {\n scf.yield\n} otherwise {\n scf.yield\n}", "takes scalars"),
    ("site that is not there", "%any = tile.any %m : bool", "tile.check %m, %m, %i, %i, %i {site = 0}", "none of 0 sites"),
]  # fmt: skip


def test_the_examples_are_well_formed() -> None:
    verify(parse(GOOD))
    verify(parse(BLOCK))


@pytest.mark.parametrize("kind, old, new, complaint", [(*d, ) for d in DAMAGE], ids=[d[0] for d in DAMAGE])
def test_damage(kind: str, old: str, new: str, complaint: str) -> None:
    text = GOOD.replace("%bits = ", "%pick8 = arith.cast %k : u8\n  %bits = ")
    assert old in text
    check_complaint(text.replace(old, new, 1) if "yields nothing" not in complaint else last(text, old, new), complaint)


@pytest.mark.parametrize("kind, old, new, complaint", BLOCK_DAMAGE, ids=[d[0] for d in BLOCK_DAMAGE])
def test_damage_at_block_level(kind: str, old: str, new: str, complaint: str) -> None:
    assert old in BLOCK
    check_complaint(BLOCK.replace(old, new, 1), complaint)


def last(text: str, old: str, new: str) -> str:
    head, _, tail = text.rpartition(old)
    return head + new + tail


def check_complaint(text: str, complaint: str) -> None:
    errors = errors_of(parse(text))
    assert any(complaint in e for e in errors), errors


# Damage that the text cannot express.


def find(region: Region, name: str) -> Op:
    return next(op for op in region.ops if op.name == name)


def use_before_definition(f: Function) -> None:
    f.body.ops.insert(0, f.body.ops.pop(next(k for k, op in enumerate(f.body.ops) if op.name == "arith.add")))
    f.body.ops.insert(0, f.body.ops.pop(next(k for k, op in enumerate(f.body.ops) if op.name == "arith.select")))


def use_out_of_a_region(f: Function) -> None:
    inner = find(f.body, "scf.if").regions[0].ops[0].result
    Builder(f.body).emit(arith.NEG, inner)
    f.body.ops.insert(-1, f.body.ops.pop())


def use_from_the_other_region(f: Function) -> None:
    op = find(f.body, "scf.if")
    inner = op.regions[0].ops[0].result
    op.regions[1].ops[-1] = Op(scf.YIELD, (inner,), ())


def own_result_in_region(f: Function) -> None:
    op = find(f.body, "scf.if")
    op.regions[1].ops[-1] = Op(scf.YIELD, (op.result,), ())


def counter_after_the_loop(f: Function) -> None:
    f.body.ops.insert(-1, Op(arith.NEG, (find(f.body, "scf.for").regions[0].args[0],), (T.index,)))


def value_of_another_function(f: Function) -> None:
    other = Function("other", (("q", T.f32),))
    f.body.ops.insert(-1, Op(arith.NEG, (other.params[0],), (T.f32,)))


def op_twice(f: Function) -> None:
    f.body.ops.insert(-1, f.body.ops[0])


def region_twice(f: Function) -> None:
    op = find(f.body, "scf.if")
    f.body.ops.insert(-1, Op(scf.IF, op.operands, (T.f32,), {}, (op.regions[0], op.regions[0])))


def result_of_another_op(f: Function) -> None:
    a, b = f.body.ops[0], f.body.ops[1]
    a.results = (Value(T.index, b),)


def wrong_place_of_a_result(f: Function) -> None:
    find(f.body, "scf.for").results[0].index = 1


def region_missing(f: Function) -> None:
    op = find(f.body, "scf.if")
    op.regions = op.regions[:1]


def region_too_many(f: Function) -> None:
    op = find(f.body, "simt.barrier")
    op.regions = (Region(),)


def empty_region(f: Function) -> None:
    find(f.body, "scf.if").regions[1].ops.clear()


def attribute_that_is_no_literal(f: Function) -> None:
    find(f.body, "simt.barrier").attributes["note"] = object()


def attribute_with_a_list(f: Function) -> None:
    find(f.body, "arith.lookup").attributes["table"] = [1.0]


def function_attribute_that_is_no_literal(f: Function) -> None:
    f.attributes["launch"] = {1, 2}


def level_any(f: Function) -> None:
    f.level = Level.ANY


def terminator_that_is_none(f: Function) -> None:
    f.body.ops[-1] = Op(simt.BARRIER, (), ())


PLANTED: list[tuple[Callable[[Function], None], str]] = [
    (use_before_definition, "is not defined here"), (use_out_of_a_region, "is not defined here"),
    (use_from_the_other_region, "is not defined here"), (own_result_in_region, "is not defined here"),
    (counter_after_the_loop, "is not defined here"), (value_of_another_function, "is not defined here"),
    (op_twice, "stands at two places"), (region_twice, "stands at two places"),
    (result_of_another_op, "does not know its owner"), (wrong_place_of_a_result, "does not know its owner"),
    (region_missing, "1 regions, not 2"), (region_too_many, "1 regions, not 0"), (empty_region, "does not end in scf.yield"),
    (attribute_that_is_no_literal, "no Python literal"), (attribute_with_a_list, "no Python literal"),
    (function_attribute_that_is_no_literal, "no Python literal"), (level_any, "has level any"),
    (terminator_that_is_none, "does not end in scf.yield"),
]  # fmt: skip


@pytest.mark.parametrize("damage, complaint", PLANTED, ids=[d.__name__ for d, _ in PLANTED])
def test_planted(damage: Callable[[Function], None], complaint: str) -> None:
    f = parse(GOOD)
    damage(f)
    errors = errors_of(f)
    assert any(complaint in e for e in errors), errors


def test_all_errors_are_in_one_exception() -> None:
    f = parse(GOOD.replace("axis = 0", "axis = 5").replace("offset = 8", "offset = 6").replace("'default'", "'other'"))
    with pytest.raises(InternalError) as e:
        verify(f)
    for word in ("simt.global_id %id", "5 is not an axis", "nothing starts at byte 6", "attribute math", "details are in"):
        assert word in str(e.value)


def test_sites() -> None:
    f = parse(BLOCK.replace("%any = tile.any %m : bool", "tile.check %m, %m, %i, %i, %i {site = 0}"))
    f.sites = [Site("bounds", "x", ("a.py", 1, 1, 2, "f"))]
    verify(f)


def test_component_at() -> None:
    t = T.StructType("P", (("k", T.u8, 0), ("v", T.VectorType(T.f32, 2), 4), ("q", T.StructType("Q", (("z", T.i16, 2),), 4, 2), 12)), 16, 4)
    assert {k: component_at(t, k) for k in range(17) if component_at(t, k)} == {0: T.u8, 4: T.f32, 8: T.f32, 14: T.i16}


def test_random_programs_are_well_formed() -> None:
    for seed, size in seeds(5000, 80):
        assert not errors_of(random_case(seed, size).function)
