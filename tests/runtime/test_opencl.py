"""What is OpenCL's own of its devices: numbers for addresses, arguments in memory, bitcode, pyopencl's arrays."""

from __future__ import annotations

import numpy as np
import pytest
from toolbox import missing, require_module

import kdsl
from kdsl import Array, f32
from kdsl.diagnostics import DeviceError
from kdsl.runtime import registry
from kdsl.runtime.opencl.memory import Addresses


@pytest.fixture
def device():
    try:
        return registry.device("opencl")
    except DeviceError as e:
        missing(f"no OpenCL: {e}")


def test_addresses_lead_back_to_buffers():
    addresses = Addresses()
    first, second = addresses.place("a", 100, "device"), addresses.place("b", 100, "device")
    assert first.address % 256 == 0
    assert addresses.find(first.address + 7) == ("a", 7)
    assert addresses.find(second.address) == ("b", 0)
    assert addresses.find(0) == (None, 0)
    addresses.drop(first)
    assert addresses.place("c", 1, "device").address == first.address
    assert addresses.find(second.address + 99) == ("b", 99)


@kdsl.kernel
def many(a: Array[f32, 3], b: Array[f32, 3], c: Array[f32, 3], d: Array[f32, 3], e: Array[f32, 3], g: Array[f32, 3],
         h: Array[f32, 3], k: Array[f32, 3], m: Array[f32, 3], n: Array[f32, 3], o: Array[f32, 3], p: Array[f32, 3],
         q: Array[f32, 3], r: Array[f32, 3], s: Array[f32, 3], t: Array[f32, 3], u: Array[f32, 3], v: Array[f32, 3],
         out: Array[f32, 1], scale: f32):  # fmt: skip
    i = kdsl.global_id(0)
    x = a[0, 0, i] + b[0, 0, i] + c[0, 0, i] + d[0, 0, i] + e[0, 0, i] + g[0, 0, i] + h[0, 0, i] + k[0, 0, i] + m[0, 0, i]
    y = n[0, 0, i] + o[0, 0, i] + p[0, 0, i] + q[0, 0, i] + r[0, 0, i] + s[0, 0, i] + t[0, 0, i] + u[0, 0, i] + v[0, 0, i]
    out[i] = (x + y) * scale


def test_more_arguments_than_a_kernel_may_have_lie_in_memory(device):
    arrays = [device.array(np.full((2, 1, 65), k, np.float32)[1:, :, 1:]) for k in range(18)]
    out = device.array(np.zeros(64, np.float32))
    for scale in (2.0, 3.0):
        many[1, 64](*arrays, out, scale)
        assert (out.numpy() == sum(range(18)) * scale).all()


@kdsl.kernel
def twice(x: Array[f32, 1]):
    x[kdsl.global_id(0)] *= 2.0


@pytest.fixture(params=["its own", "ours"])
def queue(request, device):
    """A queue of pyopencl, in a context of its own or in that of kdsl's device."""
    require_module("pyopencl")
    import pyopencl as cl

    context = device.driver.context if request.param == "ours" else cl.Context([device.driver.device])
    return cl.CommandQueue(context)


def test_arrays_and_queues_of_pyopencl_are_taken_as_they_are(queue, monkeypatch):
    import pyopencl.array as cl_array

    monkeypatch.setenv("KDSL_DEVICE", "opencl")
    given = cl_array.to_device(queue, np.arange(8, dtype=np.float32))
    twice[1, 6](given[2:])
    twice[1, 8](given, stream=queue)
    assert given.get().tolist() == [0, 2, 8, 12, 16, 20, 24, 28]


def test_adopted_buffers_are_let_go(device):
    import pyopencl as cl
    import pyopencl.array as cl_array

    queue = cl.CommandQueue(device.driver.context)
    given = cl_array.to_device(queue, np.arange(8, dtype=np.float32))
    memory = device.driver.adopt(given[2:]).memory
    buffer, offset = device.driver.addresses.find(memory.address)
    assert (buffer.int_ptr, offset) == (given.base_data.int_ptr, 8)
    assert device.driver.adopt(np.zeros(3)) is None
    before = len(device.driver.addresses.buffers)
    del memory, given, buffer
    other = cl_array.zeros(queue, 4, np.float32)
    device.driver.adopt(other)
    assert len(device.driver.addresses.buffers) == before


def test_a_device_that_is_not_there_is_a_reason(device):
    with pytest.raises(DeviceError, match=r"there is no device opencl:99.*\n.*doctor"):
        kdsl.device("opencl:99")


def test_code_that_the_driver_refuses_says_so(device):
    from dataclasses import replace

    artifact = twice.compile(target=device.target, block=64)
    words = bytearray(artifact.binary)
    with pytest.raises(DeviceError):
        device.driver.load(replace(artifact, binary=bytes(words[:40])))
