"""Arrays and streams of other libraries on a CUDA device, and kdsl's arrays in theirs: order, lifetime, refusals.

One idea: what the libraries are to kdsl is what their objects say, so small objects that say the same stand for them;
the libraries themselves are asked where a GPU and one of them is there.
"""

from __future__ import annotations

import ctypes
import gc
import os
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
from present import opened

import kdsl
from kdsl import Array, f32
from kdsl.diagnostics import LaunchError
from kdsl.interop.pycuda import function
from kdsl.runtime import dlpack
from kdsl.runtime.api import Device
from kdsl.runtime.foreign import adopt

HARDWARE = [name for name in os.environ.get("KDSL_CHECK_GPU", "").split(",") if name.startswith("cuda")]


@pytest.fixture(params=HARDWARE or ["cuda-stand-in"])
def dev(request, monkeypatch) -> Device:
    from kdsl.runtime import foreign, registry

    device = opened(request.param, monkeypatch)
    if not HARDWARE:  # arrays that say they are on CUDA device 0 are on the stand-in
        monkeypatch.setattr(foreign, "device", lambda name=None: device if name == "cuda:0" else registry.device(name))
    return device


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


class Foreign:
    """An array as `__cuda_array_interface__` describes it, over memory of the device."""

    def __init__(self, dev: Device, data: np.ndarray, stream: int | None = None, *, is_read_only: bool = False) -> None:
        self.kept = dev.array(data)
        self.stream, self.is_read_only = stream, is_read_only

    @property
    def __cuda_array_interface__(self) -> dict:
        return {"version": 3, "shape": self.kept.shape, "strides": None, "typestr": "<f4", "stream": self.stream,
                "data": (self.kept.address, self.is_read_only)}  # fmt: skip


class Packed:
    """An array that speaks DLPack alone."""

    def __init__(self, array) -> None:
        self.array = array
        self.asked: list[object] = []

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()

    def __dlpack__(self, *, stream=None):
        self.asked.append(stream)
        return self.array.__dlpack__(stream=stream)


def ones(n: int) -> np.ndarray:
    return np.ones(n, np.float32)


def a_stream(dev: Device) -> int:
    """A stream as another library makes it: blocking, and unknown to kdsl."""
    handle = ctypes.c_void_p()
    dev.driver.context.call("cuStreamCreate", ctypes.byref(handle), 0)
    return handle.value or 0


def test_arrays_with_an_interface(dev) -> None:
    x, y = Foreign(dev, ones(100)), Foreign(dev, 2 * ones(100))
    saxpy.over(100)(3.0, x, y)
    assert (y.kept.numpy() == 5).all()


def test_arrays_with_dlpack(dev) -> None:
    x, y = Packed(dev.array(ones(64))), Packed(dev.zeros(64))
    saxpy.over(64)(3.0, x, y)
    assert (y.array.numpy() == 3).all() and x.asked == [1]


def test_named_arguments_and_bound_ones(dev) -> None:
    x, y = Foreign(dev, ones(64)), Foreign(dev, ones(64))
    saxpy.over(64)(a=1.0, x=x, y=y)
    run = saxpy.over(64).bind(1.0, x, y)
    for _ in range(20):
        run()
    dev.synchronize()
    assert (y.kept.numpy() == 22).all()


def test_a_launch_goes_to_the_stream_that_the_library_uses(dev) -> None:
    handle = a_stream(dev)
    x, y = Foreign(dev, ones(64), handle), Foreign(dev, ones(64), handle)
    theirs = dev.driver.adopt_queue(handle)
    raw = x.kept.buffer.raw
    theirs.fill(raw, 0, 256, np.float32(5).tobytes())  # their work, not waited for
    saxpy.over(64)(1.0, x, y)
    theirs.fill(raw, 0, 256, np.float32(7).tobytes())  # comes after the launch
    theirs.signal(1)
    theirs.wait(1)
    assert (y.kept.numpy() == 6).all() and (x.kept.numpy() == 7).all()


def test_streams_of_other_libraries_are_streams(dev) -> None:
    handle = a_stream(dev)
    x, y = dev.array(ones(64)), dev.zeros(64)
    for stream in (handle, SimpleNamespace(cuda_stream=handle), SimpleNamespace(ptr=handle), SimpleNamespace(handle=handle)):
        saxpy.over(64)(1.0, x, y, stream=stream)
    dev.synchronize()
    assert (y.numpy() == 4).all()
    run = saxpy.over(64).bind(1.0, x, y)
    run(handle)
    dev.synchronize()
    assert (y.numpy() == 5).all()
    with pytest.raises(LaunchError, match="K625"):
        saxpy.over(64)(1.0, x, y, stream="fast")


def test_two_libraries_in_one_launch_wait_for_each_other(dev) -> None:
    first, second = a_stream(dev), a_stream(dev)
    x, y = Foreign(dev, ones(64), first), Foreign(dev, ones(64), second)
    dev.driver.adopt_queue(second).fill(y.kept.buffer.raw, 0, 256, np.float32(3).tobytes())
    saxpy.over(64)(1.0, x, y)  # on the first's stream, after what the second was given
    dev.synchronize()
    assert (y.kept.numpy() == 4).all()


def test_what_may_not_be_written(dev) -> None:
    x, y = Foreign(dev, ones(64), is_read_only=True), Foreign(dev, ones(64))
    saxpy.over(64)(1.0, x, y)
    with pytest.raises(LaunchError, match="K618"):
        saxpy.over(64)(1.0, y, x)


class Said:
    """An array whose interface says what it is told; None takes a word out."""

    def __init__(self, dev: Device, **words: object) -> None:
        self.kept = dev.array(ones(8))
        said = {"version": 3, "shape": (8,), "strides": None, "typestr": "<f4", "stream": None, "data": (self.kept.address, False)}
        self.__cuda_array_interface__ = {name: v for name, v in {**said, **words}.items() if v is not ...}


@pytest.mark.parametrize(("words", "code"), [
    ({"shape": ...}, "K622"), ({"data": ...}, "K622"), ({"typestr": ...}, "K622"), ({"shape": 8}, "K622"),
    ({"shape": (8.0,)}, "K622"), ({"shape": (-8,)}, "K622"), ({"shape": (1 << 70,)}, "K622"), ({"strides": (4, 4)}, "K622"),
    ({"strides": "x"}, "K622"), ({"data": None}, "K622"), ({"data": (0, False)}, "K622"), ({"data": (-4, False)}, "K622"),
    ({"data": (1 << 70, False)}, "K622"), ({"data": (1.5, False)}, "K622"), ({"data": 4096}, "K622"),
    ({"typestr": "words"}, "K622"), ({"typestr": None}, "K622"), ({"stream": "s"}, "K622"), ({"stream": -3}, "K622"),
    ({"mask": ones(8)}, "K622"), ({"typestr": ">f4"}, "K617"), ({"typestr": "<c8"}, "K614"), ({"typestr": "|V8"}, "K614"),
    ({"shape": (2, 4)}, "K616"),
])  # fmt: skip
def test_what_an_interface_may_not_say(dev, words, code) -> None:
    with pytest.raises(LaunchError) as caught:
        saxpy.over(8)(1.0, Said(dev, **words), Foreign(dev, ones(8)))
    assert caught.value.code == code and "help: " in str(caught.value)


def test_memory_that_is_not_aligned(dev) -> None:
    x = Said(dev)
    x.__cuda_array_interface__["data"] = (x.kept.address + 2, False)
    with pytest.raises(LaunchError, match="K619"):
        saxpy.over(7)(1.0, x, Foreign(dev, ones(8)))


def test_arrays_without_elements_are_at_no_address(dev) -> None:
    saxpy.over(0)(1.0, Said(dev, shape=(0,), data=(0, False)), Said(dev, shape=(0,), data=(None, False)))
    y = dev.empty(0, f32)
    assert y.__cuda_array_interface__["data"][0] == 0
    saxpy.over(0)(1.0, y, Said(dev, **y.__cuda_array_interface__))


@pytest.mark.parametrize("kind", [None, 5, ("a", 0), (2,)])
def test_devices_of_dlpack_that_there_are_not(dev, kind) -> None:
    x = Packed(dev.array(ones(8)))
    x.__dlpack_device__ = lambda: kind  # type: ignore[method-assign]
    with pytest.raises(LaunchError, match="K62[12]"):
        saxpy.over(8)(1.0, x, Foreign(dev, ones(8)))


@pytest.mark.parametrize("gives", [None, 7, BufferError("not now"), TypeError("no"), RuntimeError("Array has been deleted")])
def test_capsules_that_are_none(dev, gives) -> None:
    class Broken(Packed):
        def __dlpack__(self, **options):
            if isinstance(gives, Exception):
                raise gives
            return gives

    with pytest.raises(LaunchError, match="K622"):
        saxpy.over(8)(1.0, Broken(dev.array(ones(8))), Foreign(dev, ones(8)))


@pytest.mark.parametrize(("field", "value", "code"), [
    ("code", 5, "K614"), ("lanes", 2, "K614"), ("data", None, "K622"), ("device_id", 7, "K622"), ("device_type", 1, "K622"),
])  # fmt: skip
def test_capsules_that_say_what_cannot_be(dev, field, value, code) -> None:
    class Changed(Packed):
        def __dlpack__(self, **options):
            capsule = self.array.__dlpack__()
            setattr(dlpack._Tensor.from_address(dlpack._pointer(capsule, b"dltensor")), field, value)
            return capsule

    with pytest.raises(LaunchError) as caught:
        saxpy.over(8)(1.0, Changed(dev.array(ones(8))), Foreign(dev, ones(8)))
    assert caught.value.code == code and "this Changed" in str(caught.value)


class Tensor:
    """A tensor as torch's say what they are, over memory of the device."""

    def __init__(self, dev: Device, **said: object) -> None:
        self.kept = dev.array(ones(8))
        self.device, self.dtype, self.shape = SimpleNamespace(type="cuda", index=0), "torch.float32", (8,)
        self.requires_grad, self.negated, self.error = False, False, None
        self.__dict__.update(said)

    def data_ptr(self) -> int:
        if self.error:
            raise self.error
        return self.kept.address

    def is_neg(self) -> bool:
        return self.negated

    def is_contiguous(self) -> bool:
        return True

    def element_size(self) -> int:
        return 4

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, 0


@pytest.mark.parametrize(("said", "code", "help"), [
    ({"requires_grad": True}, "K622", "x.detach()"), ({"negated": True}, "K622", "x.resolve_neg()"),
    ({"dtype": "torch.complex64"}, "K614", "convert"), ({"error": RuntimeError("no storage")}, "K622", "copy"),
])  # fmt: skip
def test_tensors_that_a_kernel_cannot_take_say_why(dev, said, code, help, monkeypatch) -> None:
    monkeypatch.setattr("kdsl.runtime.cuda.foreign._torch_stream", lambda index: 0)
    saxpy.over(8)(1.0, Tensor(dev), Tensor(dev))
    with pytest.raises(LaunchError) as caught:
        saxpy.over(8)(1.0, Tensor(dev, **said), Foreign(dev, ones(8)))
    assert caught.value.code == code and help in str(caught.value)


def test_wrong_types_are_refused_as_ever(dev) -> None:
    with pytest.raises(LaunchError, match="K616"):
        saxpy.over(4)(1.0, Foreign(dev, np.ones((4, 4), np.float32)), dev.zeros(4))


def test_the_owner_lives_as_long_as_the_launch_needs_it(dev) -> None:
    x = Foreign(dev, ones(64))
    gone = weakref.ref(x)
    found = adopt(x)
    assert found is not None
    del x
    gc.collect()
    assert gone() is not None and (found[0].numpy() == 1).all()
    del found
    gc.collect()
    assert gone() is None


def test_kdsl_arrays_in_other_libraries(dev) -> None:
    x = dev.array(np.arange(12, dtype=np.float32).reshape(3, 4))
    interface = x.__cuda_array_interface__
    assert interface["shape"] == (3, 4) and interface["strides"] is None and interface["typestr"] == "<f4"
    assert interface["data"] == (x.address, False) and interface["stream"] == 1
    assert x[:, ::2].__cuda_array_interface__["strides"] == (16, 8)
    assert x.__dlpack_device__() == (2, dev.cuda_index)
    found = adopt(Packed(x[1:, ::2]))
    assert found is not None
    assert found[0].shape == (2, 2) and found[0].strides == (16, 8) and found[0].address == x.address + 16


@pytest.mark.parametrize("dtype", ["bool", "i8", "u16", "i32", "u64", "f16", "bf16", "f32", "f64", "vec3<f32>"])
def test_every_type_goes_out_and_comes_back(dev, dtype) -> None:
    x = dev.zeros((2, 3), dtype)
    found = adopt(Packed(x))
    assert found is not None
    assert found[0].address == x.address and found[0].dtype == ("f32" if "vec" in dtype else dtype)


def test_types_that_dlpack_lacks(dev) -> None:
    with pytest.raises(BufferError):
        dev.zeros(4, "f8e4m3").__dlpack__()


def test_a_capsule_keeps_its_memory(dev) -> None:
    from kdsl.runtime import dlpack

    x = dev.array(ones(64))
    gone = weakref.ref(x)
    capsule = x.__dlpack__()
    del x
    gc.collect()
    assert gone() is not None
    count = len(dlpack._kept)
    dlpack.purge()
    assert gone() is not None and len(dlpack._kept) == count
    del capsule  # nobody took it
    dlpack.purge()  # as the next capsule does
    gc.collect()
    assert gone() is None and len(dlpack._kept) == count - 1


def test_a_consumer_on_another_stream_waits(dev) -> None:
    handle, x, y = a_stream(dev), dev.array(ones(64)), dev.zeros(64)
    saxpy.over(64)(4.0, x, y)
    y.__dlpack__(stream=handle)
    theirs = dev.driver.adopt_queue(handle)
    out = np.zeros(256, np.uint8)
    theirs.download(y.buffer.raw, 0, out)
    assert (out.view(np.float32) == 4).all()


def test_where_the_cpu_sees_the_memory_it_is_the_cpus() -> None:
    x = kdsl.device("cpu").zeros(3)
    assert not hasattr(x, "__cuda_array_interface__") and x.__dlpack_device__() == (1, 0)


def test_memory_of_another_context_is_used_in_that_context(dev, monkeypatch) -> None:
    """As pycuda.autoinit makes one."""
    if HARDWARE:
        pytest.skip("a second context is another library's to make")
    cuda = dev.driver.context.cuda

    class Theirs:
        def __init__(self, value: float) -> None:
            address = ctypes.c_uint64()
            cuda.cuCtxSetCurrent(0x123)
            assert cuda.cuMemAlloc_v2(ctypes.byref(address), 256) == 0
            cuda.cuCtxSetCurrent(dev.driver.context.handle)
            raw = (ctypes.c_float * 64).from_address(address.value)
            raw[:] = [value] * 64
            self.content, self.address = raw, address.value

        @property
        def __cuda_array_interface__(self) -> dict:
            return {"version": 2, "shape": (64,), "typestr": "<f4", "data": (self.address, False)}

    monkeypatch.setattr("kdsl.runtime.cuda.driver.load", lambda: cuda)
    x, y = Theirs(2.0), Theirs(1.0)
    f = function(saxpy)
    f(3.0, x, y, block=(32, 1, 1), grid=(2, 1))
    f.prepare("fPP").prepared_call((2, 1), (32, 1, 1), 1.0, x, y)
    assert f(1.0, x, y, block=32, grid=2, time_kernel=True) > 0
    assert list(y.content) == [11.0] * 64
    for block, code in ((None, "K658"), ("32", "K651"), ((1.5,), "K651")):
        with pytest.raises(LaunchError, match=code):
            f(1.0, x, y, block=block)
    found = adopt(y)
    assert found is not None
    assert found[0].device.name == f"{dev.name}@123" and found[0].device.driver.context.handle == 0x123


# The libraries themselves


def test_torch(dev) -> None:
    if not HARDWARE:
        pytest.skip("torch's own arrays need a GPU")
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("this torch sees no GPU")
    x, y = torch.ones(1000, device="cuda"), torch.zeros(1000, device="cuda")
    saxpy.over(1000)(2.0, x, y)
    assert float(y.sum()) == 2000.0
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(50):
            x += 1
        saxpy.over(1000)(1.0, x, y)
        y *= 2
    stream.synchronize()
    assert float(y[0]) == 2 * (2 + 51)
    z = torch.from_dlpack(dev.array(np.arange(10, dtype=np.float32)))
    assert z.device.type == "cuda" and float(z.sum()) == 45.0
    assert float(torch.as_tensor(dev.array(ones(5)), device="cuda").sum()) == 5.0
    b = torch.ones(8, device="cuda", dtype=torch.bfloat16)
    assert adopt(b)[0].dtype == "bf16"
    with pytest.raises(LaunchError, match="K622(.|\n)*detach"):
        saxpy.over(1000)(1.0, x, torch.zeros(1000, device="cuda", requires_grad=True))


def test_cupy(dev) -> None:
    if not HARDWARE:
        pytest.skip("CuPy's own arrays need a GPU")
    cupy = pytest.importorskip("cupy")
    x, y = cupy.ones(1000, cupy.float32), cupy.zeros(1000, cupy.float32)
    with cupy.cuda.Stream(non_blocking=True) as stream:
        for _ in range(50):
            x += 1
        saxpy.over(1000)(1.0, x, y)
        y *= 2
        stream.synchronize()
    assert float(y[0]) == 102.0
    saxpy.over(1000)(1.0, x, y, stream=cupy.cuda.Stream(non_blocking=True))
    dev.synchronize()
    assert float(y[0]) == 153.0
    z = cupy.asarray(dev.array(np.arange(10, dtype=np.float32)))
    assert float(z.sum()) == 45.0
    assert float(cupy.from_dlpack(dev.array(ones(7))).sum()) == 7.0


def test_dlpack_gives_what_it_is_asked_for_or_says_no(dev) -> None:
    x = dev.array(ones(8))
    for options in ({"copy": True}, {"dl_device": (1, 0)}):
        with pytest.raises(BufferError, match="without a copy"):
            x.__dlpack__(**options)
    assert x.__dlpack__(copy=False, dl_device=x.__dlpack_device__(), max_version=(1, 0))
    for stream in ("x", -7, 1 << 70):
        with pytest.raises(LaunchError, match="K625"):
            x.__dlpack__(stream=stream)


@pytest.mark.parametrize("stream", [
    -1, 1 << 70, "s", 1.5, SimpleNamespace(__cuda_stream__=5), SimpleNamespace(ptr="s"), SimpleNamespace(__cuda_stream__=(0, -1)),
])  # fmt: skip
def test_numbers_that_are_no_streams(dev, stream) -> None:
    with pytest.raises(LaunchError, match="K625"):
        saxpy.over(8)(1.0, dev.array(ones(8)), dev.array(ones(8)), stream=stream)


def test_a_recording_is_submitted_to_a_stream_of_its_device(dev) -> None:
    x = dev.array(ones(8))
    with dev.commands() as commands:
        saxpy.over(8)(1.0, x, x)
    for stream in (5, kdsl.device("cpu").stream()):
        with pytest.raises(LaunchError, match="K625"):
            commands.submit(stream=stream)
