"""What the pages about devices show runs, on stand-ins for their drivers: a page is a program after the kernels that it names.

One idea: each block of Python is run behind those before it, with small arrays; what needs another library on a GPU is left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from standins import metal, ptx

import kdsl
from kdsl.kernel import provide_pool

DOCS = Path(__file__).resolve().parents[2] / "docs"


def names() -> dict[str, Any]:
    """What the pages take as given."""

    @kdsl.kernel
    def saxpy(a: kdsl.f32, x: kdsl.Array[kdsl.f32, 1], y: kdsl.Array[kdsl.f32, 1]):
        i = kdsl.global_id(0)
        if i < y.shape[0]:
            y[i] = a * x[i] + y[i]

    @kdsl.kernel
    def produce(x: kdsl.Array[kdsl.f32, 1]):
        x[kdsl.global_id(0)] = 2.0

    @kdsl.kernel
    def step(x: kdsl.Array[kdsl.f32, 1], y: kdsl.Array[kdsl.f32, 1]):
        i = kdsl.global_id(0)
        y[i] = x[i] + 1.0

    @kdsl.kernel
    def blur(x: kdsl.Array[kdsl.f32, 2], y: kdsl.Array[kdsl.f32, 2]):
        i, j = kdsl.global_id(0), kdsl.global_id(1)
        y[j, i] = x[j, i] * 0.5

    return {"saxpy": saxpy, "produce": produce, "step": step, "consume": step, "blur": blur, "n": 64, "kdsl": kdsl,
            "a": np.ones(64, np.float32)}  # fmt: skip


def blocks(page: str) -> list[str]:
    found = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.S)
    return [block for block in found if "torch" not in block]


def run(page: str, space: dict[str, Any], change: tuple[str, str] = ("", "")) -> dict[str, Any]:
    for block in blocks(page):
        exec(compile(block.replace(*change), page, "exec"), space)
    return space


@pytest.fixture(autouse=True, scope="module")
def pool():
    provide_pool()


def test_cuda():
    with ptx.gpu():
        space = run("CUDA.md", names())
        assert (space["y"].numpy() == 2 * np.arange(1000)).all()


def test_devices():
    with ptx.gpu() as gpu:
        x = gpu.zeros(64)
        space: dict[str, Any] = names() | {"x": x, "other": gpu.zeros(64)}
        run("DEVICES.md", space, ('"vulkan"', '"cuda"'))
        space["dev"].synchronize()
        assert np.all(space["b"] == 200.0)  # saxpy a hundred times
        assert (space["x"].numpy() == 102.0).all() and (space["y"].numpy() == 101.0).all()  # 2, and a hundred steps


def test_metal():
    with metal.standin():
        gpu = kdsl.device("metal")
        out = gpu.host_array((64, 64), np.float32)
        space = names() | {"image": np.full((64, 64), 3.0, np.float32), "out": out}
        run("METAL.md", space, ("(1024, 1024)", "(64, 64)"))
        assert np.all(space["y"].numpy() == 2 * np.arange(1000)) and np.all(out == 1.5)
