"""Views that are a part of a larger array: every second column, a channel of a picture, the real parts of complex numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f32, f64, i16, u8
from kdsl.codegen.cpu import assembly
from kdsl.compiler import lower
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS


@kdsl.kernel
def of_f32(a: Array[f32, 2], b: Array[f32, 2], o: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = a[y, x] - b[y, x]


@kdsl.kernel
def of_f64(a: Array[f64, 2], b: Array[f64, 2], o: Array[f64, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = a[y, x] - b[y, x]


@kdsl.kernel
def of_bytes(a: Array[u8, 2], b: Array[u8, 2], o: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = a[y, x] - b[y, x]


@kdsl.kernel
def of_i16(a: Array[i16, 2], b: Array[i16, 2], o: Array[i16, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < o.shape[1] and y < o.shape[0]:
        o[y, x] = a[y, x] - b[y, x]


@kdsl.kernel
def size(re: Array[f32, 1], im: Array[f32, 1], o: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        o[i] = re[i] * re[i] + im[i] * im[i]


KERNELS = {of_f32: np.float32, of_f64: np.float64, of_bytes: np.uint8, of_i16: np.int16}


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda k: k.name)
def test_every_step(kernel: Any, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is read, and of what is written."""
    launch_on(arch, monkeypatch, kernel)
    t, rng = KERNELS[kernel], np.random.default_rng(2)
    for width in (1, 7, 40, 97):
        for step in (1, 2, 3, 4, 5, -1, -2, -3, 9):
            a, b = [rng.integers(0, 100, (3, abs(step) * width)).astype(t)[:, ::step] for _ in range(2)]
            whole = np.full((3, abs(step) * width), 7, t)
            dense = np.zeros((3, width), t)
            for x, y, o in ((a, b, dense), (a, b[::-1].copy(), dense), (a, b, whole[:, ::step])):
                kernel.over((width, 3))(x, y, o)
                np.testing.assert_array_equal(o, x - y)
            whole[:, ::step] = 7
            assert (whole == 7).all()


def test_complex_numbers_and_channels() -> None:
    rng = np.random.default_rng(3)
    z = (rng.integers(0, 50, 203) + 1j * rng.integers(0, 50, 203)).astype(np.complex64)
    found = np.zeros(203, np.float32)
    size.over(203)(z.real, z.imag, found)
    np.testing.assert_array_equal(found, (z * z.conj()).real)
    picture, out = rng.integers(0, 256, (5, 61, 3), dtype=np.uint8), np.zeros((5, 61), np.uint8)
    of_bytes.over((61, 5))(picture[:, :, 0], picture[:, :, 2], out)
    np.testing.assert_array_equal(out, picture[:, :, 0] - picture[:, :, 2])


def test_only_such_views_have_code_for_it() -> None:
    def shuffles(signature: dict[str, Any]) -> int:
        f = lower(of_f32.ir(*declared_signature(of_f32, signature, {})), CPU_TARGETS["x86-64-v3"])
        return assembly(f, CPU_TARGETS["x86-64-v3"]).count("vshufps")

    whole = np.zeros((8, 64), np.float32)
    assert shuffles({"a": whole, "b": whole, "o": whole}) == 0
    assert shuffles({"a": whole[:, ::2], "b": whole, "o": whole}) > 0
