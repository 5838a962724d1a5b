"""Simplification keeps the meaning of random programs, and does what it says on small ones."""

from __future__ import annotations

import pytest
from property.generate import random_case
from property.run import against_order, against_simplify, check, seeds, well_formed

from kdsl.ir import rules
from kdsl.ir.core import walk
from kdsl.ir.parse import parse
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.ir.verify import verify


def test_random_programs_are_well_formed_and_do_not_depend_on_order() -> None:
    for seed, size in seeds(0, 40):
        assert not check(seed, size, well_formed)
        assert not check(seed, size, against_order)


def test_random_programs_mean_the_same_when_simplified() -> None:
    for seed, size in seeds(1000, 150):
        assert not check(seed, size, against_simplify)


def test_a_second_run_finds_little() -> None:
    for seed, size in seeds(0, 40):
        f = simplify(random_case(seed, size).function)
        assert len(list(walk(simplify(f).body))) >= 0.9 * len(list(walk(f.body)))


def test_a_wrong_rule_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = rules.Rule("and x y", "x", "I", "wrong on purpose")
    monkeypatch.setitem(rules._TABLE, (wrong.pattern[0], None, None), [(wrong.pattern, wrong)])
    monkeypatch.setattr(rules, "_by_makers", {})  # what the table was asked before is kept there
    assert any(check(seed, size, against_simplify) for seed, size in seeds(0, 400))


HEAD = "kernel @f(%c: bool, %n: index, %i: i32, %v: f32, %x: array<f32, 1, global>, %y: array<i32, 1, global>) {} {\n"
ZERO = "%z = arith.constant {value = 0} : index\n%o = arith.constant {value = 1} : index\n"


def simplified(body: str) -> list[str]:
    """The lines of the simplified body, without the constants' definitions."""
    f = parse(HEAD + ZERO + body + "\nscf.yield\n}\n")
    verify(f)
    g = simplify(f)
    verify(g)
    return [line.strip() for line in str(g).splitlines()[1:-2] if "arith.constant" not in line]


CASES = {
    "unused": ("%a = arith.mul %v, %v : f32\n%b = memory.load %x, %z {offset = 0} : f32", []),
    "common": ("%a = arith.mul %v, %v : f32\n%b = arith.mul %v, %v : f32\n%s = arith.add %a, %b : f32\n"
               "memory.store %x, %z, %s {offset = 0}",
               ["%a = arith.mul %v, %v : f32", "%s = arith.add %a, %a : f32", "memory.store %x, %0, %s {offset = 0}"]),
    "constants": ("%a = arith.add %o, %o : index\n%b = arith.cast %a : f32\n%r = arith.sqrt %b : f32\n"
                  "memory.store %x, %z, %r {offset = 0}", ["memory.store %x, %0, %r {offset = 0}"]),
    "branch that is known": ("%t = arith.eq %z, %z : bool\nscf.if %t then {\nmemory.store %x, %z, %v {offset = 0}\nscf.yield\n"
                             "} otherwise {\nscf.yield\n}", ["memory.store %x, %0, %v {offset = 0}"]),
    "branch of nothing": ("scf.if %c then {\n%a = arith.neg %v : f32\nscf.yield\n} otherwise {\nscf.yield\n}", []),
    "branch that gives the same": ("%r = scf.if %c : f32 then {\nscf.yield %v\n} otherwise {\nscf.yield %v\n}\n"
                                   "memory.store %x, %z, %r {offset = 0}", ["memory.store %x, %0, %v {offset = 0}"]),
    "branch to select": ("%r = scf.if %c : index then {\nscf.yield %n\n} otherwise {\nscf.yield %z\n}\n"
                         "memory.store %x, %r, %v {offset = 0}",
                         ["%r = arith.select %c, %n, %z : index", "memory.store %x, %r, %v {offset = 0}"]),
    "condition known inside": ("scf.if %c then {\nscf.if %c then {\nmemory.store %x, %z, %v {offset = 0}\nscf.yield\n} "
                               "otherwise {\nscf.yield\n}\nscf.yield\n} otherwise {\nscf.yield\n}",
                               ["scf.if %c then {", "memory.store %x, %0, %v {offset = 0}", "scf.yield", "} otherwise {",
                                "scf.yield", "}"]),
    "no trips": ("%r = scf.for %o, %z, %o, %v : f32 body (%k: index, %a: f32) {\n%b = arith.add %a, %a : f32\nscf.yield %b\n}\n"
                 "memory.store %x, %z, %r {offset = 0}", ["memory.store %x, %0, %v {offset = 0}"]),
    "one trip": ("scf.for %z, %o, %o body (%k: index) {\nmemory.store %x, %k, %v {offset = 0}\nscf.yield\n}",
                 ["memory.store %x, %0, %v {offset = 0}"]),
    "loop of nothing": ("%r = scf.for %z, %n, %o, %v : f32 body (%k: index, %a: f32) {\n%b = arith.add %a, %a : f32\n"
                        "scf.yield %b\n}", []),
    "carried in vain": ("%r, %q = scf.for %z, %n, %o, %v, %v : f32, f32 body (%k: index, %a: f32, %b: f32) {\n"
                        "%s = arith.add %a, %b : f32\nmemory.store %x, %k, %s {offset = 0}\nscf.yield %a, %s\n}",
                        ["%q = scf.for %z, %n, %o, %v : f32 body (%k: index, %b: f32) {", "%s = arith.add %v, %b : f32",
                         "memory.store %x, %k, %s {offset = 0}", "scf.yield %s", "}"]),
    "while that never runs": ("%r = scf.while %v : f32 cond (%a: f32) {\n%t = arith.lt %a, %a : bool\nscf.yield %t\n} "
                              "body (%b: f32) {\n%s = arith.add %b, %b : f32\nscf.yield %s\n}\n"
                              "memory.store %x, %z, %r {offset = 0}", ["memory.store %x, %0, %v {offset = 0}"]),
    "casts": ("%a = arith.cast %i : i64\n%b = arith.cast %a : i32\nmemory.store %y, %z, %b {offset = 0}",
              ["memory.store %y, %0, %i {offset = 0}"]),
    "not of less": ("%a = arith.lt %i, %i : bool\n%m = arith.neg %i : i32\n%l = arith.lt %i, %m : bool\n%b = arith.not %l : bool\n"
                    "%r = arith.select %b, %i, %m : i32\nmemory.store %y, %z, %r {offset = 0}",
                    ["%m = arith.neg %i : i32", "%b = arith.ge %i, %m : bool", "%r = arith.select %b, %i, %m : i32",
                     "memory.store %y, %0, %r {offset = 0}"]),
    "power of two": ("%e = arith.constant {value = 8} : i32\n%a = arith.floordiv %i, %e : i32\n%b = arith.mod %i, %e : i32\n"
                     "%s = arith.or %a, %b : i32\nmemory.store %y, %z, %s {offset = 0}",
                     ["%a = arith.shr %i, %1 : i32", "%b = arith.and %i, %2 : i32", "%s = arith.or %a, %b : i32",
                      "memory.store %y, %0, %s {offset = 0}"]),
    "extent of shared": ("%s = memory.alloc {name = 's'} : array<f32, [7], shared>\n%e = memory.extent %s {axis = 0} : index\n"
                         "memory.store %x, %e, %v {offset = 0}", ["memory.store %x, %e, %v {offset = 0}"]),
    "allocations stay apart": ("%s = memory.alloc {name = 's'} : array<f32, [7], private>\n"
                               "%t = memory.alloc {name = 's'} : array<f32, [7], private>\nmemory.store %s, %z, %v {offset = 0}\n"
                               "memory.store %t, %o, %v {offset = 0}",
                               ["%s = memory.alloc {name = 's'} : array<f32, [7], private>",
                                "%t = memory.alloc {name = 's'} : array<f32, [7], private>",
                                "memory.store %s, %z, %v {offset = 0}", "memory.store %t, %o, %v {offset = 0}"]),
    "loads stay apart": ("%a = memory.load %x, %z {offset = 0} : f32\nmemory.store %x, %z, %v {offset = 0}\n"
                         "%b = memory.load %x, %z {offset = 0} : f32\n%s = arith.add %a, %b : f32\n"
                         "memory.store %x, %o, %s {offset = 0}",
                         ["%a = memory.load %x, %z {offset = 0} : f32", "memory.store %x, %z, %v {offset = 0}",
                          "%b = memory.load %x, %z {offset = 0} : f32", "%s = arith.add %a, %b : f32",
                          "memory.store %x, %o, %s {offset = 0}"]),
}  # fmt: skip


def plain(lines: list[str]) -> list[str]:
    """Constants have names or numbers; which does not matter here."""
    import re

    return [re.sub(r"%(\d+|z|o)\b", "%_", line) for line in lines]


@pytest.mark.parametrize("name", CASES)
def test_small_programs(name: str) -> None:
    body, expected = CASES[name]
    assert plain(simplified(body)) == plain(expected)


def test_vectorized_code_is_simplified_too() -> None:
    f = parse("""
block @f(%a: f32, %x: array<f32, 1, global, unit=0>) {flat = True} {
  %i = block.row_begin : index
  %t = arith.constant {value = True} : bool
  %m = tile.splat %t : tile<8xbool>
  %n = tile.splat %t : tile<8xbool>
  %both = arith.and %m, %n : tile<8xbool>
  %all = tile.all %both : bool
  %s = tile.splat %a : tile<8xf32>
  %d = arith.mul %s, %s : tile<8xf32>
  scf.if %all then {
    tile.store %x, %i, %both, %d {axis = 0, step = 1, offset = 0}
    scf.yield
  } otherwise {
    scf.yield
  }
  scf.yield
}
""")
    verify(f)
    g = simplify(f)
    verify(g)
    names = [op.name for op in walk(g.body)]
    assert "scf.if" not in names and names.count("tile.splat") == 2
    assert next(op for op in g.body.ops if op.name == "arith.mul").result.type == f.params[0].type
