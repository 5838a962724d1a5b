"""The Metal runtime over the stand-in: what is Apple's own in it. The contract that all devices keep is in `test_device`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from standins.metal import StandIn, _Buffer, _Commands, _Encoder, _Event, standin
from toolbox import require_tool

import kdsl
from kdsl import Array, f32, i32
from kdsl.artifact import Artifact, Entry
from kdsl.diagnostics import CompileError, DeviceError, KernelFault
from kdsl.runtime import registry
from kdsl.runtime.metal.driver import MetalDriver


@pytest.fixture
def machine() -> Iterator[StandIn]:
    require_tool("g++")
    require_tool("clang-19")
    with standin() as m:
        yield m


@kdsl.kernel
def block_sums(x: Array[f32, 1], sums: Array[f32, 1]):
    part = kdsl.shared((64,), f32)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    part[t] = x[i] if i < x.shape[0] else 0.0
    kdsl.barrier()
    step = 32
    while step > 0:
        if t < step:
            part[t] = part[t] + part[t + step]
        kdsl.barrier()
        step = step // 2
    if t == 0:
        sums[kdsl.block_id(0)] = part[0]


@kdsl.kernel
def scaled(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i]


@kdsl.kernel(debug=True)
def past_the_end(x: Array[i32, 1]):
    x[kdsl.global_id(0) + 1] = 1


def fresh(kernel: Any) -> Any:
    """The kernel as it was before any launch: what it has compiled belongs to a device of another test."""
    return kdsl.kernel(kernel.function, debug=kernel.debug)


def test_what_the_gpu_is(machine) -> None:
    driver = MetalDriver(0)
    assert driver.target.name == "metal:3.1" and driver.target.subgroup_size == 32
    assert driver.description.startswith("Stand-in Apple GPU, Metal 3.1")
    assert [f.name for f in registry.list_kind("metal")] == ["metal"]


def test_why_there_is_no_device() -> None:
    with standin(devices=0), pytest.raises(DeviceError, match="Metal sees 0"):
        MetalDriver(0)
    with standin(version=""), pytest.raises(DeviceError, match="update to macOS 12"):
        MetalDriver(0)
    if sys.platform != "darwin":
        (found,) = registry.list_kind("metal")
        assert found.reason == "no Metal: this is no Mac"


def test_kernels_with_shared_memory_and_cut_launches(machine) -> None:
    device = registry.device("metal")
    x = device.array(np.arange(1000, dtype=np.float32))
    sums = device.zeros(16, np.float32)
    fresh(block_sums)[16, 64](x, sums)
    padded = np.zeros(1024, np.float32)
    padded[:1000] = np.arange(1000)
    assert np.array_equal(sums.numpy(), padded.reshape(16, 64).sum(1))
    y = device.zeros(1000, np.float32)
    fresh(scaled).over(990, 64)(2.0, x, y)
    assert np.array_equal(y.numpy(), np.where(np.arange(1000) < 990, 2 * np.arange(1000), 0).astype(np.float32))


def test_more_arrays_than_there_are_buffers(machine) -> None:
    """Past 31 the structure holds their addresses."""
    names = [f"x{k}" for k in range(33)]
    source = f"def many({', '.join(f'{n}: Array[f32, 1]' for n in names)}):\n    i = kdsl.global_id(0)\n"
    source += "    x0[i] = " + " + ".join([f"{n}[i]" for n in names[1:]]) + "\n"
    space = {"kdsl": kdsl, "Array": Array, "f32": f32}
    import linecache

    linecache.cache["<many>"] = (len(source), None, source.splitlines(True), "<many>")
    exec(compile(source, "<many>", "exec"), space)
    many = kdsl.kernel(space["many"])  # type: ignore[arg-type]
    device = registry.device("metal")
    arrays = [device.array(np.full(32, k, np.float32)) for k in range(33)]
    many[1, 32](*arrays)
    assert (arrays[0].numpy() == sum(range(1, 33))).all()


def test_a_fault_of_a_debug_build_has_the_users_line(machine) -> None:
    device = registry.device("metal")
    x = device.zeros(64, np.int32)
    fresh(past_the_end)[1, 64](x)
    with pytest.raises(KernelFault, match="x") as fault:
        device.synchronize()
    assert "64" in str(fault.value)


def test_an_access_out_of_its_buffer_is_an_error_of_the_commands(machine) -> None:
    device = registry.device("metal")

    @kdsl.kernel
    def far(x: Array[i32, 1]):
        x[kdsl.global_id(0) + 100000] = 1

    far[1, 32](device.zeros(32, np.int32))
    with pytest.raises(DeviceError, match="work on the GPU failed: Caused GPU Address Fault"):
        device.synchronize()


def test_f64_is_refused_at_the_line(machine) -> None:
    device = registry.device("metal")

    @kdsl.kernel
    def wide(x: Array[kdsl.f64, 1]):
        x[kdsl.global_id(0)] = 1.0

    with pytest.raises(CompileError, match="K511"):
        wide[1, 32](device.zeros(32, np.float64))


def test_blocks_that_have_no_room() -> None:
    require_tool("clang-19")
    with standin(threads=32):
        device = registry.device("metal")
        x = device.zeros(64, np.float32)
        with pytest.raises((DeviceError, kdsl.LaunchError), match="32"):
            fresh(scaled)[1, 64](1.0, x, x)


def test_what_metal_does_not_compile(machine) -> None:
    driver = MetalDriver(0)
    text = "#include <metal_stdlib>\nkernel void k(device float* x [[buffer(0)]]) { nonsense; }"
    facts = {"buffers": (0,), "members": (), "pointers": (), "structure_bytes": 0, "version": "3.1"}
    with pytest.raises(DeviceError, match="Metal does not compile the text(.|\n)*nonsense"):
        driver.load(Artifact("metal:3.1", "msl", text.encode(), (Entry("k", ()),), (), {}, facts))


def test_everything_is_released() -> None:
    """What was made for work is given up when the work is done."""
    require_tool("clang-19")
    with standin() as machine:
        device = registry.device("metal")
        x, y = device.zeros(64, np.float32), device.zeros(64, np.float32)
        launch = fresh(scaled)
        for k in range(20):
            launch[1, 64](float(k), x, y)
            device.synchronize()
            y.numpy()
        gc.collect()
        assert machine.alive(_Encoder) == 0
        assert machine.alive(_Commands) < 6, "command buffers pile up"
        assert machine.alive(_Buffer) < 12, "staging buffers pile up"
        assert machine.alive(_Event) <= 2


def test_launches_are_gathered(machine) -> None:
    device = registry.device("metal")
    x, y = device.array(np.ones(64, np.float32)), device.zeros(64, np.float32)
    device.synchronize()
    before = machine.next
    launch = fresh(scaled)
    for _ in range(30):
        launch[1, 64](2.0, x, y)
    made = (machine.next - before) // 16
    device.synchronize()
    assert machine.calls["dispatch"] == 30 and made < 12 + 30, "a command buffer for every launch"

