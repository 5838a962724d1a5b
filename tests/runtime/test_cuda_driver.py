"""The CUDA driver layer over a stand-in driver: streams, copies, graphs, errors, what the driver is asked and when.

Kernels here are Python functions by name; what PTX does is tested where PTX is executed.
"""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from standins.cuda import Launched, Machine, standin

from kdsl.artifact import Artifact, Entry
from kdsl.diagnostics import DeviceError
from kdsl.runtime.bindings import cuda as bindings
from kdsl.runtime.cuda.driver import CudaDriver
from kdsl.runtime.cuda.queue import CudaQueue
from kdsl.runtime.driver import DeviceLost, Memory, Work

ONE = (1, 1, 1, 32, 1, 1, 32, 1, 1)
MIB = 1 << 20


def add_one(arguments: bytes, launch: Launched) -> None:
    """(address, count): adds 1 to so many i32."""
    address, count = np.frombuffer(arguments, np.int64)
    launch.memory(int(address), 4 * int(count)).view(np.int32)[...] += 1


def double(arguments: bytes, launch: Launched) -> None:
    address, count = np.frombuffer(arguments, np.int64)
    launch.memory(int(address), 4 * int(count)).view(np.int32)[...] *= 2


KERNELS = {"add_one": add_one, "double": double}


def execute(module: str, entry: str, arguments: bytes, launch: Launched) -> None:
    KERNELS[entry](arguments, launch)


@pytest.fixture
def machine() -> Iterator[Machine]:
    with standin(execute) as m:
        yield m


@pytest.fixture
def driver(machine) -> CudaDriver:
    return CudaDriver(0)


def ptx(*names: str, version: str = "8.0", **facts) -> Artifact:
    entries = tuple([Entry(n, (), False, **facts) for n in names])
    head = f".version {version}\n.target sm_75\n.address_size 64\n"
    text = head + "".join([f".visible .entry {n}() {{ ret; }}\n" for n in names])
    return Artifact("cuda:sm_75", "ptx", text.encode(), entries)


def code_of(driver: CudaDriver, name: str, **facts):
    artifact = ptx(name, **facts)
    return driver.prepare(driver.load(artifact), artifact, artifact.entry)


def packed(memory: Memory, count: int) -> bytes:
    return np.array([memory.address, count], np.int64).tobytes()


def numbers(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.int32).view(np.uint8)


def got(queue: CudaQueue, memory: Memory, count: int) -> np.ndarray:
    out = np.zeros(4 * count, np.uint8)
    queue.download(memory, 0, out)
    return out.view(np.int32)


@pytest.mark.parametrize("hidden", [0, 3])
def test_launches_by_compiled_code(driver, machine, hidden) -> None:
    """`kdsl_launch_cuda` of the native call path, called as the call path calls it."""
    from kdsl.calltable import CudaSlot
    from kdsl.kernel import provide_pool
    from kdsl.runtime.quick import cuda_launch_address

    provide_pool()
    seen: list[bytes] = []
    KERNELS["see"] = lambda arguments, launch: seen.append(arguments + bytes([*launch.grid, *launch.block]))
    queue, code = driver.queue(), code_of(driver, "see", shared_bytes=64)
    counter, record = ctypes.c_int64(), (ctypes.c_int64 * 16)()
    record[CudaSlot.LAUNCH], record[CudaSlot.FUNCTION] = driver.context.cuda.address("cuLaunchKernel"), code.handle
    record[CudaSlot.GRID : CudaSlot.GRID + 6] = [2, 3, 4, 8, 5, 1]
    record[CudaSlot.SHARED], record[CudaSlot.STREAM] = code.dynamic_bytes, queue.native
    record[CudaSlot.ARGUMENTS], record[CudaSlot.HIDDEN] = 2, hidden
    record[CudaSlot.THREADS : CudaSlot.THREADS + 3] = [15, 14, 4]
    record[CudaSlot.COUNTER] = ctypes.addressof(counter)
    arguments = np.array([7, 8], np.int64).tobytes()
    launch = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_char_p, ctypes.c_void_p, *[ctypes.c_int64] * 3)(cuda_launch_address())
    assert launch(arguments, record, 0, 0, 0) == 0 and counter.value == 1
    queue.signal(1)
    queue.wait(1)
    threads = np.array([15, 14, 4], np.int64).tobytes() if hidden else b""
    assert seen == [arguments + threads + bytes([2, 3, 4, 8, 5, 1])]
    record[CudaSlot.FUNCTION] = 0
    assert launch(arguments, record, 0, 0, 0) == bindings.Error.INVALID_HANDLE and counter.value == 1


def test_what_the_device_is(driver) -> None:
    assert driver.target.name == "cuda:sm_90" and driver.target.subgroup_size == 32
    assert driver.limits.shared_bytes == driver.target.shared_bytes == 227 << 10
    assert driver.limits.grid == (2**31 - 1, 65535, 65535) and driver.memories == ("device", "host", "shared")
    assert "Stand-in GPU" in driver.description and "13.0" in driver.description


@pytest.mark.parametrize("capability, name", [((7, 0), "sm_70"), ((8, 9), "sm_89"), ((13, 0), "sm_121"), ((10, 1), "sm_100")])
def test_every_gpu_gets_the_newest_target_that_it_runs(capability, name) -> None:
    with standin(execute, capability=capability):
        assert CudaDriver(0).target.arch == name


def test_a_gpu_that_is_too_old() -> None:
    with standin(execute, capability=(6, 1)), pytest.raises(DeviceError, match=r"6\.1.*needs 7\.0"):
        CudaDriver(0)


@pytest.mark.parametrize("size", [1, 100, 32 << 10, (32 << 10) + 1, 4 * MIB, 4 * MIB + 3, 37 * MIB])
def test_round_trip(driver, size) -> None:
    queue, memory = driver.queue(), driver.allocate(size + 8, "device")
    data = np.random.default_rng(size).integers(0, 256, size).astype(np.uint8)
    kept = data.copy()
    queue.upload(memory, 8, data)
    data[...] = 0  # the source may change at once
    out = np.zeros(size, np.uint8)
    queue.download(memory, 8, out)
    assert np.array_equal(out, kept)


def test_pinned_source_may_change_after_the_upload(driver) -> None:
    """A copy from pinned memory reads it when it runs, which is later."""
    queue, memory, host = driver.queue(), driver.allocate(64, "device"), driver.allocate(64, "host")
    source = np.frombuffer((ctypes.c_ubyte * 64).from_address(host.host), np.uint8)
    source[...] = 5
    queue.upload(memory, 0, source)
    source[...] = 9
    out = np.zeros(64, np.uint8)
    queue.download(memory, 0, out)
    assert (out == 5).all()


def test_launches_run_in_order_and_late(driver, machine) -> None:
    queue, memory = driver.queue(), driver.allocate(400, "device")
    queue.upload(memory, 0, numbers(100))
    one, two = code_of(driver, "add_one"), code_of(driver, "double")
    for code in (one, two, one):
        queue.launch(code, packed(memory, 100), ONE, ())
    assert np.array_equal(got(queue, memory, 100), 2 * (np.arange(100) + 1) + 1)
    assert machine.calls["cuLaunchKernel"] == 3


def test_signals_are_reached_when_their_work_is_done(driver) -> None:
    queue, memory = driver.queue(), driver.allocate(400, "device")
    queue.fill(memory, 0, 400, b"\0")
    assert queue.reached() == 0
    marks = [queue.signal(v) for v in (1, 2, 5)]
    assert queue.reached() == 0  # nobody has waited
    queue.wait(2)
    assert queue.reached() == 2
    queue.wait(5)
    assert queue.reached() == 5 and queue.elapsed_ms(marks[0], marks[2]) > 0
    queue.wait(5)
    queue.close()


def test_events_are_used_again(driver, machine) -> None:
    queue = driver.queue()
    for v in range(1, 40):
        mark = queue.signal(v)
        queue.wait(v)
        assert queue.reached() == v
        del mark
    assert machine.calls["cuEventCreate"] < 4


def test_streams_run_apart_and_wait_where_they_are_told(driver) -> None:
    memory = driver.allocate(400, "device")
    a, b = driver.queue(), driver.queue()
    a.fill(memory, 0, 400, (3).to_bytes(4, "little"))
    a.launch(code_of(driver, "add_one"), packed(memory, 100), ONE, ())
    b.after(a.signal(1))
    b.launch(code_of(driver, "double"), packed(memory, 100), ONE, ())
    assert (got(b, memory, 100) == 8).all()


def test_without_the_wait_the_order_is_lost(driver) -> None:
    """The stand-in is worth something: what is not ordered runs in another order."""
    memory = driver.allocate(400, "device")
    a, b = driver.queue(), driver.queue()
    a.fill(memory, 0, 400, (3).to_bytes(4, "little"))
    b.launch(code_of(driver, "double"), packed(memory, 100), ONE, ())
    assert (got(b, memory, 100) != 6).all()


def test_the_default_queue_is_the_legacy_stream(driver) -> None:
    """What another library gives to its own blocking stream is in order with it; our streams are not."""
    default = driver.default_queue()
    assert default.native == 0
    handle = ctypes.c_void_p()
    driver.context.call("cuStreamCreate", ctypes.byref(handle), 0)
    theirs, memory = driver.adopt_queue(handle.value), driver.allocate(400, "device")
    theirs.fill(memory, 0, 400, (3).to_bytes(4, "little"))
    assert (got(default, memory, 100) == 3).all()


@pytest.mark.parametrize("pattern", [b"\7", b"ab", b"abab", b"abcd", b"abcdefgh", b"abc", b"x" * 12, bytes(range(16))])
@pytest.mark.parametrize("offset", [0, 2, 3])
def test_fill(driver, pattern, offset) -> None:
    queue, memory = driver.queue(), driver.allocate(1000, "device")
    size = len(pattern) * 37
    queue.fill(memory, 0, 1000, b"\0")
    queue.fill(memory, offset, size, pattern)
    out = np.zeros(1000, np.uint8)
    queue.download(memory, 0, out)
    assert out[offset : offset + size].tobytes() == pattern * 37 and not out[:offset].any() and not out[offset + size :].any()


def test_copy(driver) -> None:
    queue, a, b = driver.queue(), driver.allocate(400, "device"), driver.allocate(400, "device")
    queue.upload(a, 0, numbers(100))
    queue.fill(b, 0, 400, b"\0")
    queue.copy(a, 40, b, 80, 200)
    assert np.array_equal(got(queue, b, 100)[20:70], np.arange(10, 60))


def test_graphs(driver, machine) -> None:
    queue, a, b = driver.queue(), driver.allocate(400, "device"), driver.allocate(400, "device")
    one, two = code_of(driver, "add_one"), code_of(driver, "double")
    works = [Work(c, packed(a, 100), ONE, ()) for c in (one, two, one)]
    for memory in (a, b):
        queue.upload(memory, 0, numbers(100))
    replay = driver.record(works)
    queue.replay(replay)
    queue.replay(replay)
    twice = np.arange(100)
    for _ in range(2):
        twice = 2 * (twice + 1) + 1
    assert np.array_equal(got(queue, a, 100), twice) and np.array_equal(got(queue, b, 100), np.arange(100))
    replay.update({1: Work(two, packed(b, 100), ONE, ())})
    queue.replay(replay)
    assert np.array_equal(got(queue, a, 100), twice + 2) and np.array_equal(got(queue, b, 100), 2 * np.arange(100))
    assert "cuLaunchKernel" not in machine.calls and machine.calls["cuGraphLaunch"] == 3
    assert machine.calls["cuGraphInstantiateWithFlags"] == 1 and machine.calls["cuGraphExecKernelNodeSetParams_v2"] == 1
    replay.close()
    queue.replay(driver.record([]))  # nothing was recorded


def test_memory_runs_out_and_comes_back(machine) -> None:
    machine.memory_bytes = 1 << 20
    driver = CudaDriver(0)
    first = driver.allocate(1 << 19, "device")
    with pytest.raises(MemoryError):
        driver.allocate(1 << 20, "device")
    free, total = driver.memory_info()
    assert total == 1 << 20 and free == 1 << 19
    driver.free(first)
    assert driver.allocate(1 << 20, "device").size_bytes == 1 << 20


@pytest.mark.parametrize("name", ["host", "shared"])
def test_memory_that_the_host_sees(driver, name) -> None:
    queue, memory = driver.queue(), driver.allocate(400, name)
    assert memory.host and memory.address % 256 == 0
    queue.upload(memory, 0, numbers(100))
    queue.launch(code_of(driver, "double"), packed(memory, 100), ONE, ())
    queue.signal(1)
    queue.wait(1)
    seen = np.frombuffer((ctypes.c_ubyte * 400).from_address(memory.host), np.int32)
    assert np.array_equal(seen, 2 * np.arange(100))
    driver.free(memory)


def test_without_memory_pools(machine, monkeypatch) -> None:
    plain = machine.cuDeviceGetAttribute

    def without(out: int, attribute: int, device: int) -> None:
        plain(out, attribute, device)
        if attribute in (bindings.Attribute.MEMORY_POOLS_SUPPORTED, bindings.Attribute.CONCURRENT_MANAGED_ACCESS):
            ctypes.c_int.from_address(out).value = 0

    monkeypatch.setattr(machine, "cuDeviceGetAttribute", without)
    driver = CudaDriver(0)
    assert driver.memories == ("device", "host")
    driver.free(driver.allocate(100, "device"))
    assert machine.calls["cuMemAlloc_v2"] == machine.calls["cuMemFree_v2"] == 1


def test_large_shared_memory_is_asked_for(driver, machine) -> None:
    seen = []
    KERNELS["big"] = lambda arguments, launch: seen.append(launch.dynamic_shared_bytes)
    queue = driver.queue()
    queue.launch(code_of(driver, "big", shared_bytes=100 << 10), b"", ONE, ())
    queue.launch(code_of(driver, "big", shared_bytes=1 << 10), b"", ONE, ())
    queue.signal(1)
    queue.wait(1)
    assert seen == [100 << 10, 1 << 10]
    with pytest.raises(DeviceError, match="big: asking for 300000 bytes of shared memory"):
        code_of(driver, "big", shared_bytes=300_000)


def test_static_shared_memory_is_the_functions_own() -> None:
    seen = []
    KERNELS["own"] = lambda arguments, launch: seen.append(launch.dynamic_shared_bytes)
    with standin(execute, static_shared=lambda module, name: 4096):
        driver = CudaDriver(0)
        queue = driver.queue()
        queue.launch(code_of(driver, "own", shared_bytes=4096), b"", ONE, ())
        queue.signal(1)
        queue.wait(1)
    assert seen == [0]


def test_code_that_the_driver_refuses(driver) -> None:
    with pytest.raises(DeviceError, match=r"'bad'.*CUDA_ERROR_INVALID_PTX(.|\n)*fatal"):
        driver.load(Artifact("cuda:sm_75", "ptx", b"nonsense", (Entry("bad", ()),)))
    with pytest.raises(DeviceError, match=r"UNSUPPORTED_PTX_VERSION(.|\n)*PTX 9.9, the driver is of CUDA 13.0(.|\n)*update"):
        driver.load(ptx("new", version="9.9"))
    artifact = ptx("there")
    with pytest.raises(DeviceError, match="looking for 'other'.*NOT_FOUND"):
        driver.prepare(driver.load(artifact), artifact, Entry("other", ()))
    module = driver.load(artifact)
    driver.prepare(module, artifact, artifact.entry)
    assert "there: 16 registers, 0 bytes of local memory" in driver.explain(module) and "ptxas info" in driver.explain(module)
    driver.unload(module)


def test_a_fault_is_for_ever(driver) -> None:
    KERNELS["stray"] = lambda arguments, launch: launch.memory(64, 4)
    queue = driver.queue()
    queue.launch(code_of(driver, "stray"), b"", ONE, ())
    queue.signal(1)
    with pytest.raises(DeviceLost, match="ILLEGAL_ADDRESS(.|\n)*KDSL_DEBUG=1"):
        queue.wait(1)
    with pytest.raises(DeviceLost):
        queue.reached()
    with pytest.raises(DeviceLost):
        driver.allocate(100, "device")


def test_launches_that_cannot_be(driver) -> None:
    with pytest.raises(DeviceError, match="launching add_one: CUDA_ERROR_INVALID_VALUE"):
        driver.queue().launch(code_of(driver, "add_one"), b"", (1, 70_000, 1, 32, 1, 1, 32, 70_000, 1), ())


def test_every_thread_gets_the_context_and_strangers_keep_theirs(driver, machine) -> None:
    queue, memory = driver.queue(), driver.allocate(400, "device")
    queue.upload(memory, 0, numbers(100))
    code = code_of(driver, "add_one")
    failures: list[Exception] = []

    def work(mine: int) -> None:
        machine.context.current = mine
        try:
            queue.launch(code, packed(memory, 100), ONE, ())
            queue.signal(mine + 1)
            assert machine.context.current == (mine or driver.context.handle)
        except (AssertionError, DeviceError) as e:
            failures.append(e)

    for mine in (0, 0x123):
        t = threading.Thread(target=work, args=(mine,))
        t.start()
        t.join()
    assert not failures
    assert np.array_equal(got(queue, memory, 100), np.arange(100) + 2)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"devices": 0}, r"no GPU number 0: the CUDA driver sees no GPU(.|\n)*CUDA_VISIBLE_DEVICES"),
        ({"driver": 11040}, r"version 11\.4, and kdsl needs 12\.0(.|\n)*R525"),
        ({"missing": ("cuMemAllocAsync",)}, "has no cuMemAllocAsync: it is too old"),
    ],
)
def test_no_device(options, message) -> None:
    with standin(execute, **options), pytest.raises(DeviceError, match=message):
        CudaDriver(0).allocate(64, "device")


def test_no_driver(monkeypatch) -> None:
    def no_library(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    bindings.use_library(None)
    with pytest.raises(DeviceError, match=r"no CUDA driver: libcuda\.so\.1(.|\n)*nvidia-smi"):
        bindings.load()


class Interface:
    def __init__(self, memory: Memory, stream: int | None = None) -> None:
        self.__cuda_array_interface__ = {"version": 3, "shape": (10, 5), "strides": (40, 4), "typestr": "<i4",
                                         "data": (memory.address, False), "stream": stream}  # fmt: skip


def test_arrays_of_other_libraries(driver) -> None:
    memory = driver.allocate(400, "device")
    adopted = driver.adopt(Interface(memory))
    assert adopted is not None
    shared, shape, strides, dtype, stream, is_read_only = adopted
    assert stream == 0 and not is_read_only
    assert shared.address == memory.address and shape == (10, 5) and strides == (40, 4) and dtype == np.int32
    assert shared.size_bytes == 380
    for other in (3, np.zeros(3), "x", object(), None):
        assert driver.adopt(other) is None


def test_streams_of_other_libraries(driver) -> None:
    from types import SimpleNamespace

    streams = [0x70, SimpleNamespace(cuda_stream=0x70), SimpleNamespace(ptr=0x70), SimpleNamespace(handle=0x70),
               SimpleNamespace(handle=ctypes.c_void_p(0x70)), SimpleNamespace(__cuda_stream__=lambda: (0, 0x70))]  # fmt: skip
    assert [driver.adopt_queue(s).native for s in streams] == [0x70] * len(streams)
    assert driver.adopt_queue("x") is None and driver.adopt_queue(SimpleNamespace(handle=0)).native == 0


def test_the_table_is_that_of_the_header() -> None:
    """Where CUDA's header is installed: each function has as many parameters as the table says, of such sizes."""
    import re
    from pathlib import Path

    headers = [p for p in (Path("/usr/local/cuda/include/cuda.h"), Path("/usr/include/cuda.h")) if p.exists()]
    if not headers:
        pytest.skip("no cuda.h on this machine")
    text = re.sub(r"/\*.*?\*/", "", headers[0].read_text(), flags=re.DOTALL)
    sizes = {"int": "iu", "unsigned int": "u", "size_t": "z", "CUdeviceptr": "d", "CUdevice": "i", "unsigned char": "b",
             "unsigned short": "h", "unsigned long long": "l", "cuuint64_t": "l", "char*": "cp"}  # fmt: skip
    for name, codes in bindings.FUNCTIONS.items():
        base = re.sub(r"_v\d$|WithFlags$", "", name)
        found = re.findall(rf"CUresult CUDAAPI (?:{name}|{base})\(([^)]*)\);", text)
        assert found, name
        parameters = [p.strip() for p in found[0].split(",") if p.strip() not in ("", "void")]
        assert len(parameters) == len(codes), (name, parameters)
        for parameter, code in zip(parameters, codes, strict=True):
            kind = re.sub(r"\s*\w+$", "", parameter.replace("const ", "")).replace(" *", "*").strip()
            wanted = sizes.get(kind, "iup" if kind.startswith("CU") and not kind.endswith("*") else "pc")
            assert code in wanted, (name, parameter, code)


def test_nothing_is_left_when_a_queue_goes(driver) -> None:
    queue = driver.queue()
    queue.signal(1)
    queue.wait(1)
    queue.reached()
    queue.close()
    del queue
    gc.collect()
