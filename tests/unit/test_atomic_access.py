"""Atomic loads and stores are the target's own, though they are written as updates: nothing is written by a load."""

from __future__ import annotations

import pytest

import kdsl
from kdsl import Array, f32, i32


@kdsl.kernel
def waits(x: Array[f32, 1], flag: Array[i32, 1]):
    while kdsl.atomic_load(flag[0]) == 0:
        pass
    kdsl.atomic_store(flag[1], 3)
    kdsl.atomic_store(x[1], kdsl.atomic_load(x[0]))


WORDS = {
    "cuda:sm_80": ("ld.relaxed.gpu.global.b32", "st.relaxed.gpu.global.b32", "atom."),
    "hip:gfx1100": ("__hip_atomic_load(", "__hip_atomic_store(", "__hip_atomic_fetch"),
    "metal:3.1": ("atomic_load_explicit(", "atomic_store_explicit(", "atomic_fetch"),
}


@pytest.mark.parametrize("target", WORDS)
def test_a_gpu_loads_and_stores(target: str) -> None:
    load, store, update = WORDS[target]
    text = waits.compile(None, target).binary.decode()
    assert (text.count(load), text.count(store), text.count(update), text.count("exchange")) == (2, 2, 0, 0)


def test_a_processor_loads() -> None:
    text = waits.compile(None, "x86-64-v3").texts["llvm"]
    assert text.count("load atomic i32") == 2 and "atomicrmw or" not in text and "cmpxchg" not in text
