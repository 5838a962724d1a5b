"""The HIP runtime over the stand-in: what is AMD's own in it. The contract that all devices keep is in `test_device`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from standins.hip import HipMachine, standin
from toolbox import require_tool

import kdsl
from kdsl import Array, f32, i32
from kdsl.artifact import Artifact, Entry
from kdsl.diagnostics import DeviceError, KernelFault
from kdsl.runtime import registry
from kdsl.runtime.bindings import hip as bindings
from kdsl.runtime.hip import compiler
from kdsl.runtime.hip.driver import HipDriver


@pytest.fixture
def machine() -> Iterator[HipMachine]:
    require_tool("g++")
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
    driver = HipDriver(0)
    assert driver.target.name == "hip:gfx1100" and driver.target.subgroup_size == 32
    assert "gfx1100" in driver.description and "ROCm 6.3" in driver.description
    assert driver.memories == ("device", "host", "shared")
    assert [f.name for f in registry.list_kind("hip")] == ["hip:0"]


@pytest.mark.parametrize("new_properties", [False, True])
def test_features_in_the_name_of_an_architecture(new_properties) -> None:
    with standin(architecture="gfx90a:sramecc+:xnack-", new_properties=new_properties):
        driver = HipDriver(0)
        assert driver.context.architecture == "gfx90a:sramecc+:xnack-"
        assert driver.target.name == "hip:gfx90a" and driver.target.subgroup_size == 64


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"devices": 0}, "there is no GPU number 0: the HIP runtime sees no GPU"),
        ({"rocm": (5, 1)}, "version 5.1, and kdsl needs 5.2"),
        ({"architecture": "gfx803"}, "this GPU is gfx803, which kdsl does not know"),
        ({"missing": ("hipStreamCreateWithFlags",)}, "has no cuStreamCreate|has no hipStreamCreateWithFlags"),
    ],
)
def test_why_there_is_no_device(options, says) -> None:
    with standin(**options), pytest.raises(DeviceError, match=says):
        HipDriver(0).queue()


def test_no_library_is_a_reason(monkeypatch) -> None:
    monkeypatch.setattr(bindings, "_names", lambda stem: (f"lib{stem}-not-there.so",))
    bindings.use_library(None)
    with pytest.raises(DeviceError, match="no HIP runtime: .*amdhip64-not-there(.|\n)*ROCm"):
        bindings.load()
    with pytest.raises(DeviceError, match="no hiprtc"):
        bindings.load_rtc()
    (found,) = registry.list_kind("hip")
    assert "no HIP runtime" in found.reason


def test_kernels_with_shared_memory_and_cut_launches(machine) -> None:
    device = registry.device("hip")
    x = device.array(np.arange(1000, dtype=np.float32))
    sums = device.zeros(16, np.float32)
    fresh(block_sums)[16, 64](x, sums)
    padded = np.zeros(1024, np.float32)
    padded[:1000] = np.arange(1000)
    assert np.array_equal(sums.numpy(), padded.reshape(16, 64).sum(1))
    y = device.zeros(1000, np.float32)
    fresh(scaled).over(990, 64)(2.0, x, y)
    assert np.array_equal(y.numpy(), np.where(np.arange(1000) < 990, 2 * np.arange(1000), 0).astype(np.float32))


def test_a_fault_of_a_debug_build_has_the_users_line(machine) -> None:
    device = registry.device("hip")
    x = device.zeros(64, np.int32)
    fresh(past_the_end)[1, 64](x)
    with pytest.raises(KernelFault, match="x") as fault:
        device.synchronize()
    assert "64" in str(fault.value)


def test_an_access_to_what_is_not_allocated_loses_the_device(machine) -> None:
    device = registry.device("hip")

    @kdsl.kernel
    def far(x: Array[i32, 1]):
        x[kdsl.global_id(0) + 100000] = 1

    far[1, 32](device.zeros(32, np.int32))
    with pytest.raises(DeviceError, match="hipError700"):
        device.synchronize()
    assert "out of bounds" in machine.faults[0]


def test_recordings_are_graphs_whose_arguments_change(machine) -> None:
    device = registry.device("hip")
    x, y, z = device.array(np.arange(64, dtype=np.float32)), device.zeros(64, np.float32), device.zeros(64, np.float32)
    with device.commands() as recording:
        fresh(scaled)[1, 64](2.0, x, y)
        fresh(scaled)[1, 64](3.0, y, z)
    recording.submit()
    assert np.array_equal(z.numpy(), 6 * np.arange(64, dtype=np.float32))
    w = device.zeros(64, np.float32)
    recording.update(a=5.0)
    recording.update((z, w))
    recording.submit()
    assert np.array_equal(w.numpy(), 25 * np.arange(64, dtype=np.float32))
    assert np.array_equal(z.numpy(), 6 * np.arange(64, dtype=np.float32))
    assert machine.calls["cuGraphLaunch"] == 2 and machine.calls["cuGraphCreate"] == 1


def test_what_hiprtc_does_not_compile(machine) -> None:
    driver = HipDriver(0)
    artifact = Artifact("hip:gfx1100", "hip", b'extern "C" __global__ void k() { nonsense; }', (Entry("k", ()),), (), {},
                        {"slots": (), "options": ("-fwrapv", "-ffp-contract=off")})  # fmt: skip
    with pytest.raises(DeviceError, match="hiprtc does not compile the text(.|\n)*nonsense"):
        driver.load(artifact)


def test_an_architecture_that_would_end_the_process_is_refused() -> None:
    def never() -> bindings.Rtc:
        raise AssertionError("hiprtc was called")

    for architecture, version in (("gfx1100", (5, 2)), ("gfx942:xnack-", (5, 7)), ("gfx9999", (5, 7))):
        with pytest.raises(DeviceError, match="update ROCm to"):
            compiler.code_object(never, "text", architecture, (), version)
    assert compiler.since("gfx90a:sramecc+") <= (5, 2)


