"""Kernels through the whole compiler, on every backend, against an oracle in NumPy or plain Python.

The interpreter runs every case with all its checks and has to agree with the oracle: if it does not, the case is wrong. A
backend has to agree with the oracle too; cases with floats are run in two modes: math="strict", which gives the
interpreter's bits, and math="default", within the case's tolerance.
"""

from __future__ import annotations

import zlib
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pytest
from conformance.backends import Interpreter, backend_params, require
from conformance.base import Backend, Job, job
from conformance.cases import Case, all_cases, kernel_groups

from kdsl.ir.core import Function
from kdsl.kernel import Kernel

GROUPS = kernel_groups()
REFERENCE = Interpreter()


def arguments(case: Case) -> list[Any]:
    rng = np.random.default_rng(zlib.crc32(f"{case.name} {case.where}".encode()))
    return case.make(case.where, rng)


@lru_cache(maxsize=64)
def specialised(kernel: Any, math: str) -> Kernel:
    return Kernel(kernel.function, math=math, name=kernel.name)


_built: dict[tuple[Any, ...], Function] = {}


def function_of(case: Case, args: list[Any], math: str) -> Function:
    """The case's IR, by way of the front end; made once per types of arguments."""
    from kdsl.specialise import signature_of

    kernel = specialised(case.kernel, math)
    signature, consts = signature_of(kernel, kernel._bind(tuple(args), dict(case.consts)))
    key = (case.kernel, math, tuple(signature.items()), consts.key)
    if key not in _built:
        _built[key] = kernel.ir(signature, consts.values)
    return _built[key]


def run(backend: Backend, case: Case, args: list[Any], math: str, lanes: int) -> None:
    w = case.where
    backend.run(function_of(case, args, math), args, w.grid, w.block, w.threads, lanes)


def jobs_of(case: Case) -> list[Job]:
    """What will be compiled for a case."""
    args, w = arguments(case), case.where
    modes = ("default", "strict") if case.ulp else ("default",)
    return [job(function_of(case, args, math), w.grid, w.block, w.threads) for math in modes]


def copies(args: list[Any]) -> list[Any]:
    """Copies that keep strides, also of views."""
    out = []
    for a in args:
        if not isinstance(a, np.ndarray):
            out.append(a)
            continue
        base = a
        while isinstance(base.base, np.ndarray):
            base = base.base
        new = base.copy() if base is a else np.lib.stride_tricks.as_strided(_moved(a, base), a.shape, a.strides)
        out.append(new)
    return out


def _moved(a: np.ndarray, base: np.ndarray) -> np.ndarray:
    """The first element of the view `a`, in a copy of its base."""
    flat = np.frombuffer(bytearray(base.tobytes(order="A")), np.uint8)
    first = a.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    return flat[first : first + a.itemsize].view(a.dtype)


def compare(got: list[Any], wanted: list[Any], names: list[str], ulp: float, what: object, *, flushes: bool = False) -> None:
    for name, g, w in zip(names, got, wanted, strict=True):
        if not isinstance(g, np.ndarray):
            continue
        if ulp and g.dtype.kind == "f":
            unit = np.spacing(np.maximum(np.abs(w), np.finfo(w.dtype).tiny))
            wrong = ~((np.abs(g - w) <= ulp * unit) | (np.isnan(g) & np.isnan(w)) | (g == w))
        elif g.dtype.kind == "f":
            lost = (g == 0) & (np.abs(w) < np.finfo(np.float32).tiny) if flushes else False
            wrong = ~((g == w) | (np.isnan(g) & np.isnan(w)) | lost)
        else:
            wrong = np.asarray(g != w)
        bad = np.argwhere(wrong)
        assert len(bad) == 0, (
            f"{what}: {name} differs in {len(bad)} of {w.size} elements, first at {bad[0].tolist()}: "
            f"{g[tuple(bad[0])]} instead of {w[tuple(bad[0])]}"
        )


def names_of(case: Case) -> list[str]:
    constants = {n for n, _ in case.consts}
    return [s.name for s in case.kernel.specs if s.kind != "const" and s.name not in constants]


TOGETHER = 8  # groups that backends which compile many functions at once compile at once


def share_of(test: str, params: dict) -> str:
    """Tests of one name use the same compilation."""
    return f"{test} {list(GROUPS).index(params['name']) // TOGETHER}"


@cache
def prepare(backend: Backend, part: int) -> None:
    names = list(GROUPS)[part * TOGETHER : (part + 1) * TOGETHER]
    backend.prepare([found for name in names for case in GROUPS[name] for found in jobs_of(case)])


@pytest.mark.parametrize("backend", backend_params())
@pytest.mark.parametrize("name", GROUPS)
def test_kernel(name, backend):
    require(backend)
    if backend.batches:
        prepare(backend, list(GROUPS).index(name) // TOGETHER)
    for case in GROUPS[name]:
        lanes = backend.lanes or 8
        wanted = arguments(case)
        with np.errstate(all="ignore"):
            case.oracle(case.where, *wanted, **({"lanes": lanes} if case.lanes else {}))
        args = arguments(case)
        if isinstance(backend, Interpreter):
            run(backend, case, args, "strict", lanes)
            compare(args, wanted, names_of(case), case.ulp, case.where)
            continue
        run(backend, case, args, "default", lanes)
        compare(args, wanted, names_of(case), case.ulp, case.where, flushes=backend.flushes)
        if case.ulp:
            exact, strict = arguments(case), arguments(case)
            run(REFERENCE, case, exact, "strict", lanes)
            run(backend, case, strict, "strict", lanes)
            compare(strict, exact, names_of(case), 0, f"strict, {case.where}")


def test_there_are_enough():
    assert len(all_cases()) >= 120
