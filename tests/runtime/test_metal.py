"""The Metal runtime over the stand-in: what is Apple's own in it. The contract that all devices keep is in `test_device`."""

from __future__ import annotations

import ctypes
import gc
import mmap
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from standins.metal import PAGE, StandIn, _Buffer, _Commands, _Encoder, _Event, standin
from toolbox import require_tool

import kdsl
from kdsl import Array, f32, i32
from kdsl.artifact import Artifact, Entry
from kdsl.diagnostics import CompileError, DeviceError, KernelFault
from kdsl.runtime import registry
from kdsl.runtime.bindings.metal import Failure
from kdsl.runtime.driver import DeviceLost
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


@pytest.mark.parametrize(("families", "has"), [((1009,), True), ((1008, 2002), True), ((1008,), False), ((1007, 2002), False)])
def test_which_gpus_have_the_extremes_of_u64(families, has: bool) -> None:
    with standin(families=families):
        assert ("atomic_u64_extremes" in MetalDriver(0).target.has) is has


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
    assert machine.calls["launch"] == 30 and made < 12 + 30, "a command buffer for every launch"



@pytest.fixture
def device(machine: StandIn, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The one on which launches with arrays of the host run."""
    monkeypatch.setenv("KDSL_DEVICE", "metal")
    return registry.device("metal")


# --- what goes wrong ---


@pytest.mark.parametrize("code, words", [
    (Failure.TIMEOUT, "less to do in one launch"), (Failure.PAGE_FAULT, "KDSL_DEBUG=1"), (Failure.OUT_OF_MEMORY, "smaller pieces"),
    (Failure.INVALID_RESOURCE, "drop arrays"), (Failure.INTERNAL, "reason X"), (77, "reason X"),
])  # fmt: skip
def test_a_failure_is_said_once_and_the_device_goes_on(code: int, words: str, machine, device) -> None:
    x, y = device.array(np.ones(64, np.float32)), device.zeros(64)
    device.synchronize()
    machine.failures = [(code, "reason X")]
    run = fresh(scaled)
    run.over(64, 64)(2.0, x, y)
    with pytest.raises(DeviceError, match="work on the GPU failed: reason X") as failure:
        device.synchronize()
    assert words in str(failure.value) and not isinstance(failure.value, DeviceLost)
    device.synchronize()
    run.over(64, 64)(3.0, x, y)
    assert (y.numpy() == 3).all()


def test_commands_that_nobody_waits_for_may_fail(machine, device) -> None:
    """After so many launches they are handed over before anybody looks."""
    x, y = device.array(np.ones(64, np.float32)), device.zeros(64)
    device.synchronize()
    machine.failures = [(Failure.OUT_OF_MEMORY, "reason X"), (0, ""), (0, "")]
    run = fresh(scaled)
    for _ in range(150):
        run.over(64, 64)(2.0, x, y)
    with pytest.raises(DeviceError, match="reason X"):
        y.numpy()
    assert (y.numpy() == 2).all()


@pytest.mark.parametrize("code", [Failure.ACCESS_REVOKED, Failure.NOT_PERMITTED, Failure.DEVICE_REMOVED])
def test_a_lost_gpu_stays_lost(code: int, machine, device) -> None:
    x, y = device.array(np.ones(64, np.float32)), device.zeros(64)
    device.synchronize()
    machine.failures = [(code, "reason X")]
    run = fresh(scaled)
    run.over(64, 64)(2.0, x, y)
    for _ in range(2):
        with pytest.raises(DeviceLost, match="reason X(.|\n)*start"):
            device.synchronize()
    for attempt in (lambda: run.over(64, 64)(2.0, x, y), lambda: device.array(np.ones(4000, np.float32)), y.numpy):
        with pytest.raises(DeviceLost, match="reason X"):
            attempt()


def test_another_stream_does_not_wait_for_ever(machine, device) -> None:
    """Commands that failed did not come to their signal."""
    x, y, z = device.array(np.ones(64, np.float32)), device.zeros(64), device.zeros(64)
    device.synchronize()
    s, t = device.stream(), device.stream()
    run = fresh(scaled)
    machine.failures = [(Failure.TIMEOUT, "reason X")]
    run.over(64, 64)(2.0, x, y, stream=s)
    t.wait(s.record())
    run.over(64, 64)(3.0, x, z, stream=t)
    t.synchronize()  # whose own work is well
    assert (z.host_view() == 3).all()
    with pytest.raises(DeviceError, match="reason X"):
        s.synchronize()
    s.synchronize()


def test_streams_that_wait_for_each_other_again_and_again(machine, device, monkeypatch) -> None:
    """Waiting for the last one waits for all of them, and the first has failed."""
    device.synchronize()
    monkeypatch.setattr(machine, "event_value", lambda event: machine.objects[event].value)  # nothing gets on by being asked
    s, t = device.stream(), device.stream()
    machine.failures = [(Failure.TIMEOUT, "reason X")]
    for _ in range(400):
        t.wait(s.record())
        s.wait(t.record())
    t.synchronize()
    with pytest.raises(DeviceError, match="reason X"):
        s.synchronize()


def test_no_room_for_what_is_copied(machine, device) -> None:
    """An upload then waits for its turn; an array is an error with what to do."""
    x = device.zeros(1000)
    device.synchronize()
    machine.memory_limit = machine.used
    device.write(x.buffer, np.arange(1000, dtype=np.float32))
    assert np.array_equal(x.numpy(), np.arange(1000))
    with pytest.raises(DeviceError, match="out of memory(.|\n)*smaller pieces"):
        device.zeros(1 << 20)


# --- recordings ---


def test_a_recording_sends_only_what_changes(machine, device) -> None:
    x, y = device.array(np.ones(64, np.float32)), device.zeros(64)
    run = fresh(scaled)
    with device.commands() as c:
        for k in range(100):
            run[1, 64](2.0 if k < 50 else 3.0, x, y if k % 2 else x)
    before = dict(machine.calls)
    c.submit().wait()

    def sent(what: str) -> int:
        return machine.calls.get(what, 0) - before.get(what, 0)

    assert sent("launch") == 100
    assert sent("pipeline") == 2, "one for each of the two encoders"
    assert sent("buffer") == 2 + 99 + 1 and sent("offset") == 0  # the output changes with every launch, the input never
    assert sent("bytes") <= 3, "once for each encoder, and where the number changes"
    made = machine.alive(_Commands)
    for _ in range(3):
        c.submit().wait()
    assert machine.alive(_Commands) <= made + 2


def test_a_recording_of_slices_moves_the_offset(machine, device) -> None:
    x, y = device.array(np.arange(640, dtype=np.float32)), device.zeros(640)
    run = fresh(scaled)
    with device.commands() as c:
        for k in range(10):
            run[1, 64](float(k), x[64 * k :][:64], y[64 * k :][:64])
    before = machine.calls.get("offset", 0)
    c.submit().wait()
    assert machine.calls["offset"] - before == 18
    assert np.array_equal(y.numpy(), np.arange(640) * (np.arange(640) // 64))


def test_an_update_of_a_recording_of_several_segments(machine, device) -> None:
    x, y, z = device.array(np.ones(64, np.float32)), device.zeros(64), device.zeros(64)
    run = fresh(scaled)
    with device.commands() as c:
        for k in range(70):
            run[1, 64](float(k), x, y if k == 69 else z)
    c.submit().wait()
    assert (y.numpy() == 69).all() and (z.numpy() == 68).all()
    other = device.array(np.full(64, 2, np.float32))
    c.update((y, other))
    c.update(x=z)
    c.submit().wait()  # z has 68, then 0, 0, ...; and 69 times that goes to `other`
    assert (z.numpy() == 0).all() and (other.numpy() == 0).all() and (y.numpy() == 69).all()
    c.update(x=x)
    c.submit().wait()
    assert (other.numpy() == 69).all()


# --- memory of the host's, in place ---

def pages(count: int, dtype: Any = np.float32, *, shift: int = 0) -> np.ndarray:
    """An array of whole pages, or one that begins `shift` bytes behind the start of a page."""
    raw = np.frombuffer(mmap.mmap(-1, (count + 2) * PAGE), np.uint8)
    first = -raw.ctypes.data % PAGE + shift
    owner = _Owner(raw, raw.ctypes.data + first, count * PAGE)
    return np.asarray(owner).view(dtype)


class _Owner:
    """Memory of which NumPy knows nothing but where it is."""

    def __init__(self, keep: object, address: int, size: int) -> None:
        self.keep = keep
        self.__array_interface__ = {"version": 3, "shape": (size,), "typestr": "|u1", "data": (address, False)}


def moved(machine: StandIn) -> tuple[int, int]:
    """(buffers over memory that was there, buffers and copies for memory that was not)."""
    return machine.calls.get("new_buffer_over", 0), machine.calls.get("new_buffer", 0) + machine.calls.get("copy", 0)


def test_whole_pages_are_used_in_place(machine, device) -> None:
    x, y = pages(2), pages(1)
    x[:], y[:] = np.arange(len(x)), 0
    run = fresh(scaled)
    run.over(10, 64)(3.0, x[100:], y[7:])
    before = moved(machine)
    run.over(1000, 64)(2.0, x[100:], y[7:])
    assert moved(machine) == (before[0] + 2, before[1])
    assert np.array_equal(y[7:1007], 2 * x[100:1100]) and not y[:7].any() and not y[1007:].any()
    with device.commands() as c:
        run.over(1000, 64)(1.0, x, y)
    c.submit()  # has finished: what the program does to the arrays from here on comes behind it
    assert np.array_equal(y[:1000], x[:1000])
    x[:] = 5
    c.submit()
    assert (y[:1000] == 5).all()
    del c
    device.synchronize()
    device.stream()  # a moment at which what is no longer needed is given back
    gc.collect()
    assert not [b for b in machine.objects.values() if isinstance(b, _Buffer) and not b.gap], "buffers over arrays are left"


@pytest.mark.parametrize("why", ["address", "length", "strides", "refused"])
def test_other_memory_is_copied(why: str, machine, device) -> None:
    x, y = pages(1), pages(1, shift=64 if why == "address" else 0)
    if why == "length":
        y = np.asarray(_Owner(y, y.ctypes.data, 4096)).view(np.float32)
    y = y[::2] if why == "strides" else y
    machine.refuses_pages = why == "refused"
    x[:], y[:] = np.arange(len(x)), 0
    over = moved(machine)[0]
    fresh(scaled).over(500, 64)(2.0, x, y)
    assert np.array_equal(y[:500], 2 * x[:500]) and not y[500:].any()
    assert moved(machine)[0] - over == (2 if why == "refused" else 1)


def test_mapped_files_are_used_in_place(machine, device, tmp_path: Path) -> None:
    np.arange(1000, dtype=np.float32).tofile(tmp_path / "x")
    # The system's own pages are smaller here than the GPU's: a mapping of one of the GPU's pages is at one by chance.
    machine.page = mmap.PAGESIZE
    x, y = np.memmap(tmp_path / "x", np.float32, "r"), np.memmap(tmp_path / "y", np.float32, "w+", shape=(1000,))
    private = np.memmap(tmp_path / "x", np.float32, "c")
    run = fresh(scaled)
    run.over(1000, 64)(2.0, x, y)
    assert np.array_equal(y, 2 * np.arange(1000)) and moved(machine)[0] == 2
    run.over(1000, 64)(3.0, y, private)
    assert np.array_equal(private, 6 * np.arange(1000)) and moved(machine)[0] == 3, "a private mapping is written by copying"
    assert np.array_equal(np.fromfile(tmp_path / "x", np.float32), np.arange(1000))
    with pytest.raises(kdsl.LaunchError, match="K618"):
        run.over(10, 64)(1.0, y, x)


def test_an_array_is_held_until_its_commands_are_done(machine, device, monkeypatch) -> None:
    x, y = pages(1), pages(1)
    seen = weakref.ref(x.base.base)
    assert seen() is not None
    run = fresh(scaled)
    run.over(8, 64)(1.0, x, y)
    # A wait that fails leaves the commands on their way, and the arrays with them.
    with monkeypatch.context() as patch:
        patch.setattr(machine, "finish", lambda commands: (_ for _ in ()).throw(DeviceError("interrupted")))
        with pytest.raises(DeviceError, match="interrupted"):
            run.over(8, 64)(2.0, x, y)
    del x, y
    gc.collect()
    assert seen() is not None, "the GPU still works with its pages"
    device.synchronize()
    device.stream()
    gc.collect()
    assert seen() is None


def test_what_the_device_shares_is_found_by_its_address(machine, device) -> None:
    x, y = device.host_array(1000), device.array(np.zeros(1000, np.float32))
    x[:] = np.arange(1000)
    run = fresh(scaled)
    run.over(8, 64)(1.0, x, y)
    before = moved(machine)
    run.over(1000, 64)(2.0, x, y)  # one of the host's, one of the device's
    run.over(1000, 64)(3.0, y.numpy()[::-1][::-1], x[:])
    assert moved(machine) == before and np.array_equal(x, 6 * np.arange(1000))


# --- arrays of other libraries ---


class _Capsules:
    """What of DLPack a library on Metal does: capsules over a buffer of the stand-in's."""

    machine: StandIn
    buffer: int
    offset: int
    shape: tuple[int, ...]
    device_of_capsule = 8

    def __dlpack_device__(self) -> tuple[int, int]:
        return (8, 0)

    def __dlpack__(self, *, dl_device: tuple[int, int] | None = None, **_: Any) -> Any:
        from kdsl.runtime.dlpack import _Tensor, capsule

        at = self.buffer if self.device_of_capsule == 8 else self.machine.contents(self.buffer) + self.offset
        made = capsule(self, at, "f32", self.shape, (4,), (self.device_of_capsule, 0))
        pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))
        _Tensor.from_address(pointer(made, b"dltensor")).byte_offset = self.offset if self.device_of_capsule == 8 else 0
        return made


def of_mlx(machine: StandIn, count: int, offset: int = 0, *, device: int = 8) -> Any:
    """As MLX's array: the CPU sees it by the buffer protocol, and DLPack gives its buffer (device 8), or its address (1, in
    older versions)."""
    buffer = machine.new_buffer(0, 4 * count + offset + 12)

    class Mlx(ctypes.c_float * count, _Capsules):  # type: ignore[misc]
        device_of_capsule = device

    made = Mlx.from_address(machine.contents(buffer) + offset)
    made.machine, made.buffer, made.offset, made.shape = machine, buffer, offset, (count,)
    return made


@pytest.mark.parametrize("capsules", [8, 1])
def test_arrays_of_mlx(capsules: int, machine, device) -> None:
    x, y = of_mlx(machine, 100, 48, device=capsules), of_mlx(machine, 90, 16, device=capsules)
    x[:], y[:] = range(100), [0] * 90
    run = fresh(scaled)
    run.over(8, 64)(1.0, x, y)
    before = moved(machine)
    run.over(90, 64)(2.0, x, y)  # has finished when it returns, as MLX does not know of it
    assert y[:] == [2 * k for k in range(90)]
    assert (moved(machine) == before) == (capsules == 8), "in place by its buffer, and else by copying"
    gc.collect()
    device.synchronize()
    device.stream()
    assert machine.counts[x.buffer] == machine.counts[y.buffer] == 1
    machine.foreign = {y.buffer}  # of another GPU: copied
    run.over(90, 64)(3.0, x, y)
    assert y[:] == [3 * k for k in range(90)] and moved(machine) > before


def test_arrays_that_the_cpu_sees_by_their_buffer_alone(machine, device, monkeypatch) -> None:
    class Lent(_Capsules):
        def __init__(self, count: int, offset: int) -> None:
            self.machine, self.shape, self.offset = machine, (count,), offset
            self.buffer = machine.new_buffer(0, 4 * count + offset)

        @property
        def seen(self) -> np.ndarray:
            return machine.objects[self.buffer].bytes[self.offset :].view(np.float32)

    x, y = Lent(50, 16), Lent(50, 0)
    x.seen[:], y.seen[:] = np.arange(50), 0
    before = moved(machine)
    run = fresh(scaled)
    run.over(50, 64)(2.0, x, y)
    assert np.array_equal(y.seen, 2 * np.arange(50)) and moved(machine) == before
    monkeypatch.setenv("KDSL_DEVICE", "cpu")  # which sees the memory as well
    run.over(50, 64)(3.0, x, y)
    assert np.array_equal(y.seen, 3 * np.arange(50))
    monkeypatch.setattr(machine, "contents", lambda buffer: 0)
    with pytest.raises(kdsl.LaunchError, match=r"K621.*MTLStorageModePrivate(.|\n)*x\.cpu"):
        run.over(50, 64)(3.0, x, y)


def test_why_a_library_gives_no_buffer_is_said_in_its_words(machine, device) -> None:
    class Wanting(_Capsules):
        def __dlpack__(self, **options: Any) -> Any:
            raise BufferError("Can't export tensors that require gradient, use tensor.detach()")

    class Negated(_Capsules):
        def is_neg(self) -> bool:
            return True

    for kind, said in ((Wanting, r"K621.*detach\(\)"), (Negated, r"K622(.|\n)*resolve_neg")):
        with pytest.raises(kdsl.LaunchError, match=said):
            fresh(scaled).over(4)(1.0, kind(), np.ones(4, np.float32))


def test_without_metal_there_is_a_reason(monkeypatch) -> None:
    if sys.platform == "darwin":
        pytest.skip("a Mac has Metal: what is said where it is missing is tested on other systems")

    class Far(_Capsules):
        pass

    monkeypatch.setenv("KDSL_DEVICE", "cpu")
    with pytest.raises(kdsl.LaunchError, match="K621.*Apple GPU.*this is no Mac"):
        fresh(scaled).over(4)(1.0, Far(), np.ones(4, np.float32))

    class Nameless:
        def __dlpack_device__(self) -> Any:
            raise ValueError("Unknown device type mps for Dlpack")

        def __dlpack__(self) -> None: ...

    with pytest.raises(kdsl.LaunchError, match="K622.*Unknown device type mps"):
        fresh(scaled).over(4)(1.0, Nameless(), np.ones(4, np.float32))


def test_buffers_of_metalcompute(machine, device) -> None:
    """They are bytes that begin at a page; a type is what NumPy gives them."""

    class Buffer(ctypes.c_uint8 * 1000):
        __module__ = "metalcompute"

    memory = pages(2, np.uint8)
    buffer = Buffer.from_address(memory.ctypes.data)
    x, y = np.frombuffer(buffer, np.float32), device.zeros(250)
    x[:] = np.arange(250)
    run = fresh(scaled)
    run.over(8, 64)(1.0, x, y)
    before = moved(machine)
    run.over(250, 64)(2.0, x, y)
    assert np.array_equal(y.numpy(), 2 * np.arange(250)) and moved(machine) == (before[0] + 1, before[1])

    @kdsl.kernel
    def count_up(b: Array[kdsl.u8, 1]):
        b[kdsl.global_id(0)] = kdsl.u8(kdsl.global_id(0) + 1)

    count_up.over(8)(buffer)
    assert buffer[:8] == list(range(1, 9))
    with pytest.raises(kdsl.LaunchError, match=r"K615.*array of u8(.|\n)*np\.frombuffer\(x, np\.float32\)"):
        run.over(8, 64)(1.0, buffer, y)
