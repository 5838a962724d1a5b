"""The interpreter on kernels as people write them: examples have no faults, and faults point at the kernel's text."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

SMALL = {
    "reduce": ["--size", "5000"],
    "mandelbrot": ["--size", "24", "--steps", "20"],
    "nbody": ["--size", "70", "--steps", "1"],
    "heat": ["--size", "20", "--sweeps", "3"],
    "raytrace": ["--size", "20", "--bounces", "2"],
    "photo": ["--size", "40"],
}


@pytest.mark.parametrize("name", SMALL)
def test_examples_have_no_faults(name, tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib")
    pytest.importorskip("scipy")
    monkeypatch.setenv("KDSL_INTERPRET", "1")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setattr(sys, "argv", [name])
    monkeypatch.chdir(tmp_path)
    importlib.import_module(name).main(SMALL[name])


@kdsl.kernel
def places(x: Array[i32, 1], by: i32 = 2):
    x[kdsl.global_id(0)] = i32(kdsl.block_id(0)) * 100 + by * i32(kdsl.thread_id(0))


def test_a_launch_in_the_interpreter() -> None:
    """Either way round, with defaults and names as in any launch."""
    wanted, found, named = np.zeros((3, 12), np.int32)
    places.interpret[3, 4](wanted)
    places[3, 4].interpret(found)
    places[3, 4].interpret(x=named, by=2)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(named, wanted)
    found[:] = 0
    places.over(5, 4).interpret(found)
    assert found.tolist() == [0, 2, 4, 6, 100, *[0] * 7]
    assert repr(places[3, 4].interpret) == repr(places.interpret[3, 4])


@kdsl.kernel
def blur_in_place(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i > 0 and i < x.shape[0] - 1:
        around = x[i - 1] + x[i + 1]  # read
        x[i] = around / 2.0  # write


@kdsl.kernel
def rotate(x: Array[f32, 1], missing: kdsl.const = True):
    tile = kdsl.shared((16,), f32)
    t = kdsl.thread_id(0)
    tile[t] = x[kdsl.global_id(0)]  # fill
    if not missing:
        kdsl.barrier()
    x[kdsl.global_id(0)] = tile[(t + 1) % 16]  # take


@kdsl.func
def pick(values, i):
    return values[i * 2]  # inner


@kdsl.kernel
def through_a_function(x: Array[i32, 1], y: Array[i32, 1]):
    i = kdsl.global_id(0)
    y[i] = pick(x, i)  # outer


def line_of(comment):
    lines = Path(__file__).read_text().splitlines()
    return next(n for n, text in enumerate(lines, 1) if text.endswith(f"# {comment}"))


def fault(call):
    with pytest.raises(kdsl.KernelFault) as e:
        call()
    return e.value.diagnostic


def test_race_in_global_memory():
    d = fault(lambda: blur_in_place.interpret[1, 32](np.ones(32, np.float32)))
    assert d.code == "K443" and d.span.line == line_of("write") and d.labels[0].span.line == line_of("read")
    assert fault(lambda: blur_in_place.interpret[32, 1](np.ones(32, np.float32))).code == "K444"


def test_race_in_shared_memory_and_its_remedy():
    x = np.arange(32, dtype=np.float32)
    d = fault(lambda: rotate.interpret[2, 16](x, missing=True))
    assert d.code == "K443" and {d.span.line, d.labels[0].span.line} == {line_of("fill"), line_of("take")}
    x = np.arange(32, dtype=np.float32)
    rotate.interpret[2, 16](x, missing=False)
    assert x.tolist() == [*range(1, 16), 0, *range(17, 32), 16]


def test_out_of_bounds_inside_a_function_names_both_places():
    d = fault(lambda: through_a_function.interpret.over(8)(np.zeros(8, np.int32), np.zeros(8, np.int32)))
    assert d.code == "K440" and d.span.line == line_of("inner") and d.span.call_site.line == line_of("outer")
    assert "index 8 " in d.message and "'x'" in d.message
