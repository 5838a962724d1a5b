"""Every op on every type, on every backend: corner values in all combinations, and random values.

math="strict" gives the interpreter's bits everywhere; math="default" keeps elementary functions within 4 ULP of them.
"""

from __future__ import annotations

import zlib
from functools import cache, lru_cache

import numpy as np
import pytest
from conformance import backends, matrix
from conformance.backends import Interpreter, backend_params, require
from conformance.base import Backend, Triple, Unsupported, job
from conformance.corners import combinations, wrong_at

from kdsl.ir import formats, types as T
from kdsl.ir.core import Function

WORDS = {g.name: g for g in matrix.groups("strict")}
DEFAULT = {g.name: g for g in matrix.groups("default")}
_REFERENCE = Interpreter(check=False, detect_races=False)  # division by zero has a result, too
_NATIVE = [p for p in backend_params() if not isinstance(p.values[0], Interpreter)]


def launch(backend: Backend, function: Function, args: list, n: int, form: str = "vector", size: int = 0) -> None:
    if form == "scalar":
        backend.run(function, args, (1, 1, 1), (1, 1, 1), None, size)
    else:
        backend.run(function, args, (-(-n // 64), 1, 1), (64, 1, 1), (n, 1, 1), size)


@lru_cache(maxsize=8)
def expected(name: str, math: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Operands and what the interpreter gives for them."""
    group = (WORDS if math == "strict" else DEFAULT)[name]
    given, out = matrix.arrays_for(group)
    launch(_REFERENCE, group.function("vector"), [*given, *out], len(given[0]))
    return given, out


def geometry(n: int, form: str) -> tuple[Triple, Triple, Triple | None]:
    return ((1, 1, 1), (1, 1, 1), None) if form == "scalar" else ((-(-n // 64), 1, 1), (64, 1, 1), (n, 1, 1))


TOGETHER = 6  # groups that backends which compile many functions at once compile at once


def share_of(test: str, params: dict) -> str:
    """Tests of one name use the same compilation."""
    if test in ("test_strict", "test_default_math_is_near"):
        table = WORDS if test == "test_strict" else DEFAULT
        return f"{test} {list(table).index(params['name']) // TOGETHER}"
    return f"{test} {params['name']}"


def is_run(backend: Backend, name: str, form: str) -> bool:
    """Emulated backends run every cell in the form of one value per thread, and every third group in one thread's loop."""
    return form == "vector" or not backend.batches or zlib.crc32(name.encode()) % 3 == 0


@cache
def prepare(backend: Backend, math: str, part: int) -> None:
    table = WORDS if math == "strict" else DEFAULT
    names = list(table)[part * TOGETHER : (part + 1) * TOGETHER]
    jobs = []
    for name in names:
        group = only(table[name], backend)
        n = len(combinations(group.operands)[0])
        for form in matrix.FORMS if math == "strict" else matrix.FORMS[:1]:
            if group.cells and is_run(backend, name, form):
                jobs.append(job(group.function(form), *geometry(n, form)))
    backend.prepare(jobs)


@cache
def only(group: matrix.Group, backend: Backend) -> matrix.Group:
    """The cells of a group that the backend does not refuse."""
    refused = [c for c in group.cells if refusal(backend, c)]
    if not refused:
        return group
    return matrix.Group(group.name, group.operands, [c for c in group.cells if c not in refused], group.math)


def refusal(backend: Backend, cell: matrix.Cell) -> str:
    return backend.refusal(cell.op.name, [t.name for t in cell.operands], cell.result.name)


def run_group(backend: Backend, name: str, math: str, form: str, ulp: int) -> list[str]:
    """What is wrong with the cells of a group."""
    table = WORDS if math == "strict" else DEFAULT
    whole = table[name]
    given, wanted = expected(name, math)
    backend = backend.plain
    group = only(whole, backend)
    if not group.cells:
        raise Unsupported(refusal(backend, whole.cells[0]))
    if backend.batches:
        prepare(backend, math, list(table).index(name) // TOGETHER)
    wanted = [w for w, c in zip(wanted, whole.cells, strict=True) if c in group.cells]
    if form == "scalar" and backend.thin > 1:
        given, wanted = [[np.ascontiguousarray(x[:: backend.thin]) for x in arrays] for arrays in (given, wanted)]
    got = [np.zeros_like(w) for w in wanted]
    launch(backend, group.function(form), [*given, *got], len(given[0]), form)
    if ulp and backend.flushes:
        for cell, g, w in zip(group.cells, got, wanted, strict=True):
            forgive(cell.result, g, w)
    return complaints(group, given, got, wanted, ulp)


def forgive(t: T.ScalarType, got: np.ndarray, wanted: np.ndarray) -> None:
    """A zero in place of an f32 below the normal ones is taken for it."""
    if t in (T.f32, T.bf16):
        lost = (formats.decode(t, got) == 0) & (np.abs(formats.decode(t, wanted)) < 2.0**-126 * 1.25)
        got[lost] = wanted[lost]


def show(t: T.ScalarType, bits: np.ndarray) -> str:
    return f"{formats.decode(t, bits).item()!r} ({bits.view(f'u{t.size_bytes}').item():#x})"


def complaints(group: matrix.Group, given: list, got: list, wanted: list, ulp: int) -> list[str]:
    out = []
    for cell, g, w in zip(group.cells, got, wanted, strict=True):
        wrong = wrong_at(cell.result, g, w, ulp)
        if len(wrong) == 0:
            continue
        k = wrong[0]
        operands = ", ".join(show(t, x[k]) for t, x in zip(group.operands, given, strict=True))
        out.append(
            f"{cell}: {len(wrong)} of {len(g)} wrong, e.g. ({operands}) gave {show(cell.result, g[k])}, "
            f"not {show(cell.result, w[k])}"
        )
    return out


_STRICT = [
    pytest.param(name, p.values[0], form, id=f"{name}-{p.id}-{form}", marks=p.marks)
    for name in WORDS
    for p in _NATIVE
    for form in matrix.FORMS
    if is_run(p.values[0], name, form)
]


@pytest.mark.parametrize("name, backend, form", _STRICT)
def test_strict(name, backend, form):
    require(backend)
    wrong = run_group(backend, name, "strict", form, 0)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("form", matrix.FORMS)
@pytest.mark.parametrize("name", WORDS)
def test_interpreter_does_not_depend_on_the_form(name, form):
    """A value per thread or all in one thread's loop: the interpreter must not care, or is no reference."""
    if form == "vector":
        group = WORDS[name]
        given, wanted = expected(name, "strict")
        backwards = [np.ascontiguousarray(x[::-1]) for x in given]
        got = [np.zeros_like(w) for w in wanted]
        launch(_REFERENCE, group.function(form), [*backwards, *got], len(given[0]), form)
        wrong = complaints(group, given, [np.ascontiguousarray(g[::-1]) for g in got], wanted, 0)
    else:
        group = WORDS[name]
        given, wanted = expected(name, "strict")
        few = [np.ascontiguousarray(x[::37]) for x in given]
        got = [np.zeros_like(np.ascontiguousarray(w[::37])) for w in wanted]
        launch(_REFERENCE, group.function(form), [*few, *got], len(few[0]), form)
        wrong = complaints(group, few, got, [np.ascontiguousarray(w[::37]) for w in wanted], 0)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("backend", _NATIVE)
@pytest.mark.parametrize("name", DEFAULT)
def test_default_math_is_near(name, backend):
    """4 ULP of the result; what is NaN, infinite or zero stays so."""
    require(backend)
    wrong = run_group(backend, name, "default", "vector", 4)
    assert not wrong, "\n".join(wrong)


AFFINE = {name: (f, results) for name, f, results in matrix.affine_groups()}


@pytest.mark.parametrize("backend", _NATIVE)
@pytest.mark.parametrize("name", AFFINE)
def test_values_that_grow_by_lane(name, backend):
    """Ids, what is added to them and multiplied, cast to narrow types across the ends of their ranges."""
    require(backend)
    backend = backend.plain
    f, results = AFFINE[name]
    t = T.element_of(f.params[1].type)
    half = 1 << (t.bits - 1)
    for base in (0, half - 9, 2 * half - 9, -5) if t.bits < 64 else (0, half - 100, -5, -half):
        bound = min(half - 1, 11) if base == 0 else 5
        wanted = [np.zeros(45, r.dtype) for r in results]
        got = [np.zeros(45, r.dtype) for r in results]
        args = [np.int64(base) if -(2**63) <= base < 2**63 else np.int64(-(2**63)), bound]
        launch(_REFERENCE, f, [*args, *wanted], 45)
        launch(backend, f, [*args, *got], 45)
        wrong = [
            f"base {base}, out{k} lane {wrong_at(r, g, w)[0]}: {g[wrong_at(r, g, w)[0]]} not {w[wrong_at(r, g, w)[0]]}"
            for k, (r, g, w) in enumerate(zip(results, got, wanted, strict=True))
            if len(wrong_at(r, g, w))
        ]
        assert not wrong, "\n".join(wrong)


def test_every_row_with_a_meaning_has_cells():
    from kdsl.ir.opdef import OPS

    covered = {c.op.name for c in matrix.cells()}
    assert covered == {name for name, op in OPS.items() if op.eval is not None and not matrix.is_partial(op)}
    assert {c for g in WORDS.values() for c in g.cells} == set(matrix.cells())


_ = backends
