"""The examples on GPUs, and on processors that play them: the same kernels, against the same references and tolerances.

One idea: `--device` does what KDSL_DEVICE does, so the tests of the examples are run again under it, each at one size.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

import pytest
import test_examples as on_cpu
from toolbox import missing

import kdsl
from kdsl.diagnostics import DeviceError

EXAMPLES = on_cpu.EXAMPLES

CHECKS: dict[str, Callable[[Any], None]] = {
    "greyscale": lambda e: on_cpu.test_photo_greyscale_is_exact(e, (47, 61)),
    "blur": lambda e: on_cpu.test_photo_blur(e, (47, 61)),
    "sobel": lambda e: on_cpu.test_photo_sobel(e, (47, 61)),
    "equalise": lambda e: on_cpu.test_photo_equalise_is_exact(e, (47, 61)),
    "bilateral": lambda e: on_cpu.test_photo_bilateral(e, (47, 61)),
    "mandelbrot": on_cpu.test_mandelbrot,
    "nbody": lambda e: on_cpu.test_nbody_acceleration(e, 100),
    "heat": lambda e: on_cpu.test_heat(e, 33),
    "raytrace": on_cpu.test_raytrace,
    "sum over a tree": lambda e: on_cpu.test_reduce(e, "sum_tree", 1000),
    "sum over subgroups": lambda e: on_cpu.test_reduce(e, "sum_subgroups", 1000),
}


@pytest.fixture(params=["vulkan", "opencl"])
def example(request, monkeypatch):
    try:
        kdsl.device(request.param)
    except DeviceError as e:
        missing(str(e))
    monkeypatch.setenv("KDSL_DEVICE", request.param)
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return importlib.import_module


@pytest.mark.parametrize("name", CHECKS)
def test_example(example, name) -> None:
    if "subgroups" in name and "subgroups" not in kdsl.device().target.has:
        with pytest.raises(kdsl.CompileError, match=r"K511.*subgroup"):
            CHECKS[name](example)
        return
    CHECKS[name](example)


def test_the_option_chooses_the_device(example, capsys) -> None:
    name = os.environ.pop("KDSL_DEVICE")
    example("reduce").main(["--device", name, "--size", "500"])
    assert os.environ["KDSL_DEVICE"] == name and "speed-up" in capsys.readouterr().out
