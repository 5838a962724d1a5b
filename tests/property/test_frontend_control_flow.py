"""Random control flow: a kernel interpreted must do what the same text does as plain Python.

One idea: the texts only use integers kept small by `%`, so Python's unbounded integers and i64 agree, and every way
out of a block (break, continue, return, at any depth, also in device functions) is exercised against Python itself.
"""

# ruff: noqa: PT017

from __future__ import annotations

import linecache
import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import kdsl
from kdsl.diagnostics import CompileError
from kdsl.frontend import build
from kdsl.ir import types as T
from kdsl.ir.interpreter import interpret
from kdsl.ir.verify import verify

NAMES = ("a", "b", "c", "d")
THREADS = 8
PROGRAMS = 24
SEEDS = 6


class Writer:
    """A random function body as text."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.loops = 0
        self.counter = 0
        self.in_func = False
        self.room = 60

    def atom(self) -> str:
        return self.rng.choice(
            [*NAMES, *NAMES, str(self.rng.randint(0, 7)), "x[i]"] if not self.in_func else [*NAMES, "3"]
        )

    def expr(self, depth: int = 2) -> str:
        r = self.rng.random()
        if depth == 0 or r < 0.3:
            return self.atom()
        if r < 0.45:
            return self.other(depth - 1)
        if r < 0.7:
            return f"({self.expr(depth - 1)} {self.rng.choice('+-*')} {self.expr(depth - 1)})"
        if r < 0.8:
            return f"({self.expr(depth - 1)} {self.rng.choice(['//', '%'])} {self.rng.randint(2, 5)})"
        if r < 0.9:
            return f"({self.expr(depth - 1)} if {self.cond(1)} else {self.expr(depth - 1)})"
        if self.in_func:
            return f"abs({self.expr(depth - 1)})"
        one, two = self.expr(depth - 1), self.expr(depth - 1)
        return self.rng.choice([f"f({one}, {two})", f"f(b={one}, a={two})", f"f({one}, *({two},))", f"min({one}, {two})"])

    def other(self, depth: int) -> str:
        """What may have effects on variables, and whose parts are evaluated in an order."""
        one, two, three = self.expr(depth), self.expr(depth), self.expr(depth)
        kept = f"({self.rng.choice(NAMES)} := {one} % 50)"
        items = self.rng.choice(["(1, 2, 3)", f"(2, {self.atom()})", "range(3)", "reversed((1, 4))"])
        at = self.rng.choice(["0", "-1", f"abs({self.atom()}) % 3"])
        return self.rng.choice([
            kept, kept, f"sum(k * {one} for k in {items})", f"max([{two} + k for k in (1, 2, 4) if k != 2])",
            f"({one}, {two}, {three})[{at}]", f"(5, 3, 8)[abs({one}) % 3]", f"divmod({one}, 7)[{self.rng.randint(0, 1)}]",
            f"sum(({one}, *({two}, {three})))",
        ])  # fmt: skip

    def cond(self, depth: int = 1) -> str:
        if depth and self.rng.random() < 0.35:
            op = self.rng.choice(["and", "or"])
            right = self.cond(depth - 1)
            return f"({self.cond(depth - 1)} {op} {right})"
        if self.rng.random() < 0.15:
            return f"not {self.cond(0)}"
        if self.rng.random() < 0.2:
            one, two, three = self.expr(depth), self.expr(depth), self.expr(0)
            return self.rng.choice([
                f"0 <= {one} < {two}", f"{three} % 5 < {one} % 6 != {two} % 7", f"{one} % 6 in ({three}, 2, {two})",
                f"{one} in range({three}, {two})", f"{one} not in range({three}, 9, 2)", f"any([{one} % 4 > k for k in (0, 2)])",
            ])  # fmt: skip
        op = self.rng.choice(["<", "<=", ">", ">=", "==", "!="])
        return f"({self.expr(1)}) % 5 {op} {self.rng.randint(0, 4)}"

    def block(self, indent: str, depth: int) -> None:
        for _ in range(self.rng.randint(1, 3)):
            self.room -= 1
            if self.room < 0:
                break
            self.statement(indent, depth)
        self.lines.append(f"{indent}pass")

    def statement(self, indent: str, depth: int) -> None:
        rng, w = self.rng, self.lines.append
        r = rng.random()
        inner = indent + "    "
        if depth == 0 or r < 0.35:
            self.assign(indent)
        elif r < 0.6:
            w(f"{indent}if {self.cond()}:")
            self.block(inner, depth - 1)
            if rng.random() < 0.3:
                w(f"{indent}elif {self.cond()}:")
                self.block(inner, depth - 1)
            if rng.random() < 0.5:
                w(f"{indent}else:")
                self.block(inner, depth - 1)
        elif r < 0.8:
            self.loop(indent, inner, depth)
        elif r < 0.88 and self.loops:
            w(f"{indent}if {self.cond()}:")
            w(f"{inner}{rng.choice(['break', 'continue'])}")
        elif r < 0.93:
            w(f"{indent}if {self.cond()}:")
            self.result(inner)
        elif self.loops and r < 0.95:
            w(f"{indent}{rng.choice(['break', 'continue'])}")
        else:
            self.assign(indent)

    def result(self, indent: str) -> None:
        if self.in_func:
            self.lines.append(f"{indent}return {self.expr(1)} % 89")
        else:
            self.lines.append(f"{indent}y[i, 0] = {self.atom()}")
            self.lines.append(f"{indent}return")

    def assign(self, indent: str) -> None:
        n, m = self.rng.sample(NAMES, 2)
        r = self.rng.random()
        if r < 0.6:
            self.lines.append(f"{indent}{n} = {self.expr()} % 97")
        elif r < 0.8:
            self.lines.append(f"{indent}{n} {self.rng.choice('+-')}= {self.expr(1)} % 7")
        elif r < 0.9 or self.in_func:
            self.lines.append(f"{indent}{n}, {m} = {m}, {n}")
        else:
            self.lines.append(f"{indent}y[i, {self.rng.randint(1, 4)}] = {self.expr(1)}")

    def loop(self, indent: str, inner: str, depth: int) -> None:
        rng, w = self.rng, self.lines.append
        self.counter += 1
        k = f"k{self.counter}"
        r = rng.random()
        if r < 0.45:
            bounds = rng.choice([f"({self.atom()}) % 4", f"1, ({self.atom()}) % 6", f"5, ({self.atom()}) % 4, -2"])
            backwards = rng.random() < 0.2 and "-2" not in bounds
            w(f"{indent}for {k} in " + (f"reversed(range({bounds})):" if backwards else f"range({bounds}):"))
            w(f"{inner}{rng.choice(NAMES)} += {k}")
        elif r < 0.6:
            w(f"{indent}for {k} in kdsl.static_range({rng.randint(1, 3)}):")
            w(f"{inner}{rng.choice(NAMES)} += {k}")
        elif r < 0.8:
            w(f"{indent}{k} = 0")
            if rng.random() < 0.5:
                w(f"{indent}while ({k} := {k} + 1) < 5 and {self.cond()}:")
            else:
                w(f"{indent}while {k} < 4 and {self.cond()}:")
                w(f"{inner}{k} += 1")
        else:
            w(f"{indent}{k} = 0")
            w(f"{indent}while True:")
            w(f"{inner}{k} += 1")
            w(f"{inner}if {k} > 3:")
            w(f"{inner}    break")
        self.loops += 1
        self.block(inner, depth - 1)
        self.loops -= 1
        if rng.random() < 0.2:
            w(f"{indent}else:")
            self.block(inner, depth - 1)


def program(seed: int) -> str:
    rng = random.Random(seed)
    f = Writer(rng)
    f.in_func = True
    f.room = 12
    f.lines += ["@kdsl.func", "def f(a, b):", "    c, d = b, a"]
    f.block("    ", 3)
    f.lines.append("    return (a + b) % 83")
    k = Writer(rng)
    k.lines += ["def k(x, y):", "    i = kdsl.global_id(0)", "    a, b, c, d = x[i], x[i] + 1, x[i] * 2, x[i] % 3"]
    for _ in range(3):
        k.block("    ", 4)
    k.lines += [f"    y[i, {n + 5}] = {v}" for n, v in enumerate(NAMES)]
    return "\n".join([*f.lines, "", *k.lines, ""])


def as_python(text: str, x: np.ndarray, y: np.ndarray) -> None:
    thread = [0]
    fake = SimpleNamespace(global_id=lambda axis: thread[0], func=lambda f: f, static_range=range)
    space: dict[str, Any] = {"kdsl": fake}
    exec(text, space)
    items = [int(v) for v in x]
    for t in range(THREADS):
        thread[0] = t
        space["k"](items, y)


def as_kernel(text: str, name: str, x: np.ndarray, y: np.ndarray) -> None:
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, Any] = {"kdsl": kdsl, "__name__": "generated"}
    exec(compile(text, name, "exec"), space)
    arrays = {"x": T.ArrayType(T.i64, 1, unit_axis=0), "y": T.ArrayType(T.i64, 2, unit_axis=1)}
    f = build(space["k"], arrays)
    verify(f)
    interpret(f, [x, y], (1, 1, 1), (THREADS, 1, 1))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_kernel_does_what_python_does(seed: int) -> None:
    skipped = 0
    for n in range(PROGRAMS):
        number = seed * PROGRAMS + n
        text = program(number)
        x = np.arange(THREADS, dtype=np.int64) * 3 - 5
        want = np.full((THREADS, 16), -1, np.int64)
        got = want.copy()
        as_python(text, x, want)
        try:
            as_kernel(text, f"<program {number}>", x, got)
        except CompileError as error:
            assert error.code in ("K310", "K315"), f"{text}\n{error}"
            skipped += 1
            continue
        assert np.array_equal(want, got), text
    assert skipped < PROGRAMS // 4
