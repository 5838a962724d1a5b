"""Bundles on GPUs: what a device is given beside the code (slots, buffers, options) comes from the manifest alone."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "runtime"))
from bundle import kernels  # noqa: E402
from present import opened  # noqa: E402

import kdsl  # noqa: E402


@pytest.mark.parametrize("name", ["cuda-stand-in", "hip-stand-in", "metal-stand-in", "opencl", "vulkan"])
def test_a_bundle_runs_as_its_kernels_do(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    device = opened(name, monkeypatch)
    kdsl.build([kernels.saxpy, kernels.totals], tmp_path / "b.kdsl", [device.target.name], skip_refused=True)
    loaded = kdsl.load(tmp_path / "b.kdsl")
    x, y = np.arange(600, dtype=np.float32), np.ones(600, np.float32)
    loaded.saxpy.over(500)(2.0, x, y)
    assert np.array_equal(y, np.where(np.arange(600) < 500, 2 * x + 1, 1))
    numbers, out = np.arange(640, dtype=np.int32), np.zeros(10, np.int32)
    loaded.totals[10, 64](numbers, out, SCALE=3)
    assert np.array_equal(out, numbers.reshape(10, 64).sum(1) * 3)
