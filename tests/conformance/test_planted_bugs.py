"""Planted faults are found, with the right report: accesses out of bounds by the debug build on the CPU as by the
interpreter, races by the interpreter; and the examples have none.

One idea: the line at fault carries a mark, so that a test knows it without counting lines. That the examples are free of races
is tests/examples/test_examples.py's `test_no_race_is_found`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from conformance.backends import BACKENDS, Cpu, Emulated, require
from conformance.cases import Where
from conformance.hardware import hardware
from conformance.planted import bounds, races
from lowered import runs

from kdsl.diagnostics import KernelFault
from kdsl.kernel import Kernel, Launch

TARGETS = [b for b in BACKENDS if isinstance(b, Cpu) and not isinstance(b, Emulated)]


@cache
def marked_lines(file: str) -> frozenset[int]:
    text = Path(file).read_text(encoding="utf-8").splitlines()
    return frozenset(k for k, line in enumerate(text, 1) if line.endswith("# planted"))


def marks_of(kernel: Kernel, functions: tuple = ()) -> set[int]:
    """The marked lines of a kernel, and of the functions it calls."""
    code = [kernel.function, *functions]
    spans = []
    for f in code:
        first = f.__code__.co_firstlineno
        last = max((line for _, _, line in f.__code__.co_lines() if line), default=first)
        spans.append((first, last))
    return {k for k in marked_lines(kernel.function.__code__.co_filename) if any(a <= k <= b for a, b in spans)}


def functions_of(kernel: Kernel, module: object) -> tuple:
    """The device functions that a kernel reaches, by name."""
    found, names = [], list(kernel.function.__code__.co_names)
    while names:
        f = getattr(module, names.pop(), None)
        python = getattr(f, "function", None)
        if python is not None and python not in found and not isinstance(f, Kernel):
            found.append(python)
            names += python.__code__.co_names
    return tuple(found)


def launch_of(kernel: Kernel, where: Where, *, interpreted: bool) -> Launch:
    return Launch(kernel, (*where.grid, *where.block, *where.threads), interpreted=interpreted)


def copies(args: tuple) -> list:
    return [a.copy() if isinstance(a, np.ndarray) and a.flags.c_contiguous else a for a in args]


def check(fault: KernelFault, bug: bounds.Bug) -> None:
    d = fault.diagnostic
    assert d.code == "K440"
    wanted = f"index {bug.index} is out of bounds for axis {bug.axis} of array '{bug.array}' with extent {bug.extent}"
    assert d.message.startswith(wanted + ","), d.message
    assert d.span is not None
    assert d.span.line in marks_of(bug.kernel, functions_of(bug.kernel, bounds)), fault
    assert d.span.file == bug.kernel.function.__code__.co_filename
    assert "# planted" in str(fault)  # the source line is shown


def named(rows: list) -> list:
    return [pytest.param(r, id=r.kernel.name) for r in rows]


@pytest.mark.parametrize("bug", named(bounds.BUGS))
def test_bounds_in_the_interpreter(bug):
    with pytest.raises(KernelFault) as caught:
        launch_of(bug.kernel, bug.where, interpreted=True)(*copies(bug.args))
    check(caught.value, bug)


@pytest.mark.parametrize("backend", TARGETS, ids=str)
@pytest.mark.parametrize("bug", named(bounds.BUGS))
def test_bounds_in_a_debug_build(bug, backend, monkeypatch):
    require(backend)
    monkeypatch.setenv("KDSL_TARGET", backend.name)
    kernel = Kernel(bug.kernel.function, debug=True)
    with pytest.raises(KernelFault) as caught, runs(backend.target):
        launch_of(kernel, bug.where, interpreted=False)(*copies(bug.args))
    check(caught.value, bug)
    if not bug.same_thread:
        return
    first = re.search(r"block (\(.*?\)), thread (\(.*?\)) of", caught.value.diagnostic.message)
    with pytest.raises(KernelFault) as reference:
        launch_of(bug.kernel, bug.where, interpreted=True)(*copies(bug.args))
    assert first and first.group() in reference.value.diagnostic.message  # the same thread, the lowest


if hardware():

    @pytest.mark.parametrize("backend", hardware(), ids=str)
    @pytest.mark.parametrize("bug", named(bounds.BUGS))
    def test_bounds_on_hardware(bug, backend, monkeypatch):
        monkeypatch.setenv("KDSL_DEVICE", backend.name)
        with pytest.raises(KernelFault) as caught:
            launch_of(Kernel(bug.kernel.function, debug=True), bug.where, interpreted=False)(*copies(bug.args))
        check(caught.value, bug)


@pytest.mark.parametrize("race", named(races.RACES))
@pytest.mark.parametrize("order", ["forward", "reverse", "random"])
def test_races(race, order):
    kernel = race.kernel
    launch = launch_of(kernel, race.where, interpreted=True)
    launch.options["order"] = order
    with pytest.raises(KernelFault) as caught:
        launch(*copies(race.args))
    d = caught.value.diagnostic
    assert d.code == ("K443" if race.same_block else "K444")
    assert f"data race on '{race.array}'[" in d.message
    wanted = marks_of(kernel, functions_of(kernel, races))
    lines = {d.span.line, *[label.span.line for label in d.labels]}
    assert lines <= wanted, (lines, wanted)
    if not d.labels:  # both accesses are on one line
        assert any("same line" in note for note in d.notes)


def test_there_are_enough():
    assert len({b.kernel.name for b in bounds.BUGS}) >= 30
    assert len({r.kernel.name for r in races.RACES}) >= 20
