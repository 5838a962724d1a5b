"""Any Python text as a kernel gives IR that verifies, or one CompileError with a code, a place and a remedy; never a
traceback.

One idea: kernels that work are broken in random ways: operators, names, constants and whole subtrees are swapped with
pieces of other kernels and with Python that kernels do not have.
"""

# ruff: noqa: E501, BLE001, PT017

from __future__ import annotations

import ast
import copy
import linecache
import random
import warnings
from typing import Any

import pytest

from kdsl.codes import CODES
from kdsl.diagnostics import CompileError
from kdsl.frontend import annotations, build
from kdsl.ir import types as T
from kdsl.ir.verify import verify

HEAD = """
import math
import enum
import numpy as np
import kdsl
from kdsl import Array, f16, f32, f64, i8, i32, i64, u8, u32, u64, bf16, vec2, vec3

N = 4
TABLE = (1.0, 2.5, 4.0)
BAD = [1, 2]
NESTED = ((1, 2), (3, 4))

class Color(enum.Enum):
    RED = 1

@kdsl.struct
class P:
    pos: vec3
    mass: f32
    n: i32

@kdsl.func
def sq(v):
    return v * v

@kdsl.func
def early(v, w=2):
    for k in range(4):
        if v > k:
            return v + w
    return v

@kdsl.func
def twice(g, v):
    return g(g(v))

@kdsl.func
def loop_(v):
    return loop_(v - 1)

def plain(v):
    return v
"""

KERNELS = """
def k(x: Array[f32, 1], y: Array[f32, 2], idx: Array[i32, 1], p: Array[P, 1], q: Array[vec3, 1], h: Array[f16, 1], u: Array[u32, 1], n: i32, a: f32, s: P, m: bool, B: kdsl.const = 8):
    i = kdsl.global_id(0)
    if i >= n: return
    acc = 0.0
    c = 0
    for j in range(n):
        if x[j] < 0: continue
        if x[j] > 100: break
        acc += x[j] * sq(a)
        c += 1
    while c > 0 and x[c] > 1:
        c -= 1
        if c == 5: return
    y[i, 0] = acc if acc > 3 else acc * 2 + c
---
def k(x: Array[f32, 1], y: Array[f32, 2], idx: Array[i32, 1], p: Array[P, 1], q: Array[vec3, 1], h: Array[f16, 1], u: Array[u32, 1], n: i32, a: f32, s: P, m: bool, B: kdsl.const = 8):
    t = kdsl.shared((B, 4), f32)
    l = kdsl.local(4, vec3)
    i, j = kdsl.thread_id(0), kdsl.block_id()
    t[i % B, 0] = x[i]
    kdsl.barrier()
    for k0 in kdsl.static_range(4):
        l[k0] = q[i] + vec3(k0)
    v = l[0] * 2.0 - q[j].zyx
    v.x += 1
    p[i].pos = v
    p[i].mass, p[i].n = s.mass, s.n + 1
    q[i].xy = vec2(1, 2)
    old = kdsl.atomic_add(x[0], v.x)
    kdsl.atomic_compare_exchange(u[0], 1, 2)
    print("v", v, f"{old:.3f} {n}", sep=", ")
    assert old >= 0, "negative"
---
def k(x: Array[f32, 1], y: Array[f32, 2], idx: Array[i32, 1], p: Array[P, 1], q: Array[vec3, 1], h: Array[f16, 1], u: Array[u32, 1], n: i32, a: f32, s: P, m: bool, B: kdsl.const = 8):
    i = kdsl.global_id()
    if m and i < x.shape[0] or not m:
        z = math.sin(x[i]) + np.sqrt(a) * math.pi ** 2 + TABLE[1]
    else:
        z = kdsl.where(n > 3, -a, abs(a))
    w = (n << 3) ^ ~idx[i] & 7 | n >> 1
    while True:
        z = z / 2
        w = w // 3 % 5
        if z < 1 or w == Color.RED.value: break
    h[i] = z + early(w) + early(a, w=3.0)
    u[i] = u[i] * 3 + (u[i + 1] >> 4)
    x[i] = min(x[i], max(a, z, 1), 4) + round(z) + float(w) + int(z) + twice(sq, z)
    for f in (sq, early):
        x[i] += f(a)
    if B == 8 and x.dtype == f32:
        hh, ww = y.shape
        y[hh - 1, ww - 1] = kdsl.bitcast(u[0], f32) + kdsl.random_uniform(n, i)
    r: f64 = a
    x[i + 1] = r + len(x) + kdsl.subgroup_sum(a) + divmod(n, 3)[0]
""".split("---")

PIECES = """
lambda: 3 | [1, 2] | {1: 2} | {1} | [v for v in x] | (v for v in x) | x[0:2] | x[...] | x[None] | "text" | b"text" | f"{n}" | 1j | None | ... | True | 10**30
-1 | 1e400 | 2.5 | BAD | BAD[0] | TABLE | TABLE[n] | TABLE[-1] | NESTED[1] | NESTED | Color | Color.RED | Color.BLUE | sq | sq() | sq(1, 2) | sq(v=1) | early(*TABLE) | loop_(n) | plain(n)
kdsl | kdsl.nothing | kdsl.f32 | f32 | f32(1, 2) | f32() | P(1) | P(pos=vec3(0), mass=1, n=2) | vec3(1, 2) | vec2(vec2(1), 3) | x.T | x.shape | x.dtype | x.foo | q[i].w | q[i].xxx | s.pos.x | s.foo | s
x | y[0] | x[1, 2] | x[a] | x[m] | x[-1] | x[x[0]] | x @ x | x + x | x == x | s == s | n in (1, 2) | n is None | n is not None | a is a | m + 1 | m & n | n & a | n ** n | n ** -1 | a ** 3 | 2 ** 40000 | 1 << 100000 | n // 0
print(x) | print(n, end=3) | len(n) | sum(x) | isinstance(n, int) | type(n) | open("f") | range(3) | kdsl.barrier() | kdsl.shared(n, f32) | kdsl.shared(4) | kdsl.local((2, 2), i32) | kdsl.global_id(3) | kdsl.global_id(n) | kdsl.bitcast(a, f64)
kdsl.atomic_add(a, 1) | kdsl.atomic_add(h[0], 1) | kdsl.atomic_and(x[0], 1) | kdsl.atomic_add(p[0], 1) | kdsl.fence("x") | kdsl.ballot(m) | kdsl.shuffle(a, a) | (z := 3) | (n, a) | (n, a)[n] | -x | not x | ~a | -m | +m | await n | (yield n) | *x
np.float32(n) | np.zeros(3) | np.pi | math.inf | math.nan | math.floor(a) | np.where(m, 1, 2) | x[i].foo.bar | a.b.c | i.x | u[0] + n | u[0] + i | u[0] - 300 | h[0] + bf16(1) | u8(300) | u8(n) | a if x else n | a if m else x | m if m else 1 | early | i8
""".replace("\n", " | ")  # fmt: skip

STATEMENTS = """
x = 3;;x.shape = 2;;x[0] = x;;x += 1;;del x;;import os;;global n;;with x: pass;;try: pass
except E: pass;;raise ValueError;;def g(): pass;;class C: pass;;a, b = 1, 2, 3;;a, *b = 1, 2;;for q in x: pass;;for a, b in range(3): pass
for j in range(0, n, 0): pass;;while True: pass;;while n: n -= 1;;for j in range(3): pass
else: n = 1;;return 3;;return;;match n:
    case 1: pass;;(n) = 3;;s.mass = 2;;s.pos.x = a;;s.pos = 1;;s = a;;q[0].xx = vec2(1);;q[i][0] = 1;;q[i] = (1, 2, 3);;q[i] = (1, 2);;n = x;;n = sq
if m: z = 1
print(z);;if m: z = 1
else: z = vec3(1)
print(z);;for j in kdsl.static_range(3): n = n * j
if n > 2: return;;for j in range(n):
    if m: return
    while n > j:
        n -= 1
        if n == 2: break;;assert n;;assert m, f"{n}";;assert False;;n: u8 = 300;;n: foo = 3;;n: f32;;nonlocal a;;async def f(): pass;;pass;;...;;"doc"
for (i, j) in ((1, 2), (3, 4)): n += i * j;;for i, v in enumerate(TABLE): a += v * i;;n = n if m else a;;m = n;;a = 1;;a = a + r;;k = k;;kdsl = 3
""".strip().split(";;")  # fmt: skip


def signature(function: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    types, consts = {}, {}
    for p in annotations(function):
        if p.kind == "array":
            types[p.name] = T.ArrayType(p.type or T.f32, p.rank or 1, unit_axis=(p.rank or 1) - 1)
        elif p.kind == "const":
            consts[p.name] = p.default
        else:
            types[p.name] = p.type or T.f32
    return types, consts


HEAD_SPACE: dict[str, Any] = {"__name__": "fuzz"}


def setup_module() -> None:
    linecache.cache["<head>"] = (len(HEAD), None, HEAD.splitlines(keepends=True), "<head>")
    exec(compile(HEAD, "<head>", "exec"), HEAD_SPACE)


def attempt(text: str) -> str:
    """Compile one text; "" when it is no Python, else the code of the error, or "ok"."""
    name = "<fuzz>"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            code = compile(text, name, "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space = dict(HEAD_SPACE)
    try:
        try:
            exec(code, space)
        except CompileError:
            raise
        except Exception:  # Python itself evaluates annotations and defaults
            return ""
        function = space.get("k")
        if not callable(function) or not hasattr(function, "__code__"):
            return ""
        types, consts = signature(function)
        verify(build(function, types, consts=consts))
        return "ok"
    except CompileError as error:
        d = error.diagnostic
        assert d.code in CODES and d.help and d.span is not None and d.span.line > 0, f"{text}\n{error}"
        return d.code


class Breaker(ast.NodeTransformer):
    """Replace nodes here and there."""

    def __init__(self, rng: random.Random, pool: list[ast.expr], statements: list[ast.stmt], rate: float) -> None:
        self.rng, self.pool, self.statements, self.rate = rng, pool, statements, rate

    def break_body(self, tree: ast.Module) -> None:
        function = tree.body[0]
        assert isinstance(function, ast.FunctionDef)
        if self.rng.random() < 0.1:
            self.visit(function.args)
        new: list[ast.stmt] = []
        for s in function.body:
            made = self.visit(s)
            new += made if isinstance(made, list) else [made]
        function.body = new

    def visit(self, node: ast.AST) -> Any:
        node = super().visit(node)
        rng = self.rng
        if rng.random() > self.rate:
            return node
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return copy.deepcopy(rng.choice(self.pool))
        if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef):
            new = copy.deepcopy(rng.choice(self.statements))
            return rng.choice([new, [new, node], [node, copy.deepcopy(node)]])
        if isinstance(node, ast.operator):
            return rng.choice(
                [ast.Add(), ast.FloorDiv(), ast.Mod(), ast.Pow(), ast.LShift(), ast.BitAnd(), ast.MatMult(), ast.Div()]
            )
        if isinstance(node, ast.cmpop):
            return rng.choice([ast.Eq(), ast.Is(), ast.In(), ast.Lt(), ast.NotEq()])
        return node


def pools() -> tuple[list[ast.Module], list[ast.expr], list[ast.stmt]]:
    modules = [ast.parse(text.strip()) for text in KERNELS]
    pool: list[ast.expr] = []
    for piece in PIECES.split(" | "):
        try:
            pool.append(ast.parse(f"f({piece.strip()})").body[0].value.args[0])  # type: ignore[attr-defined]
        except (SyntaxError, IndexError):
            pass
    statements: list[ast.stmt] = []
    for text in STATEMENTS:
        try:
            statements += ast.parse(text).body
        except SyntaxError:
            pass
    for m in modules:
        pool += [
            n for n in ast.walk(m) if isinstance(n, ast.expr) and isinstance(getattr(n, "ctx", ast.Load()), ast.Load)
        ]
        statements += [n for n in ast.walk(m) if isinstance(n, ast.stmt) and not isinstance(n, ast.FunctionDef)]
    return modules, pool, statements


def broken(seed: int, count: int) -> dict[str, int]:
    rng = random.Random(seed)
    modules, pool, statements = pools()
    seen: dict[str, int] = {}
    for _ in range(count):
        tree = copy.deepcopy(rng.choice(modules))
        Breaker(rng, pool, statements, rng.choice([0.01, 0.02, 0.05])).break_body(tree)
        try:
            text = ast.unparse(ast.fix_missing_locations(tree))
        except (ValueError, AttributeError, TypeError):
            continue
        code = attempt(text)
        seen[code] = seen.get(code, 0) + 1
    return seen


@pytest.mark.parametrize("text", KERNELS)
def test_the_kernels_are_right(text: str) -> None:
    assert attempt(text.strip()) == "ok"


@pytest.mark.parametrize("seed", range(4))
def test_broken_kernels_give_one_error(seed: int) -> None:
    seen = broken(seed, 300)
    assert len([c for c in seen if c.startswith("K")]) > 15, seen


@pytest.mark.parametrize("seed", range(2))
def test_random_edits_of_text_give_one_error(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(300):
        chars = list(rng.choice(KERNELS).strip())
        start = "".join(chars).index("\n")
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(start, len(chars))
            if rng.random() < 0.5:
                chars[at] = rng.choice("xynabi01.,()[]:+-*/%=<> \n\té")
            else:
                del chars[at : at + rng.randint(1, 6)]
        attempt("".join(chars))


def test_deep_nesting() -> None:
    head = "def k(x: Array[f32, 1], n: i32):\n    x[0] = "
    assert attempt(head + "(" * 50 + "n" + "+1)" * 50) == "ok"
    assert attempt(head + "-" * 5000 + "n") in ("K126", "K100", "")
    assert attempt(head + "n" + "+1" * 3000) in ("K126", "K100", "")
