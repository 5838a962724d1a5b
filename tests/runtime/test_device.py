"""The runtime conformance suite: the contract of `kdsl.runtime.api`, kept by every device that is here.

One idea: a test asks only what the contract says; whether a launch had an effect is asked of devices that run.
"""

from __future__ import annotations

import gc
from typing import Any

import handmade
import numpy as np
import pytest
from present import DEVICES, opened, saxpy_launcher

from kdsl import f32, u8
from kdsl.diagnostics import CompileError, DeviceError, KernelFault, LaunchError
from kdsl.runtime import commands, registry
from kdsl.runtime.api import Device, Event
from kdsl.runtime.arrays import DeviceArray
from kdsl.runtime.cpu import threads
from kdsl.runtime.geometry import geometry, geometry_over
from kdsl.runtime.launcher import Launcher


@pytest.fixture(autouse=True, scope="module")
def pool():
    threads.set_pool_provider(handmade.pool_bytes)
    threads.set_num_threads(3)
    yield
    threads.set_num_threads(0)
    threads.set_pool_provider(None)


@pytest.fixture(params=list(DEVICES))
def dev(request, monkeypatch) -> Device:
    return opened(request.param, monkeypatch)


def runs(dev: Device) -> bool:
    return dev.name != "null"


def test_names_give_the_same_device(monkeypatch) -> None:
    assert registry.device("cpu") is registry.device("cpu:0") is registry.device(registry.device("cpu"))
    monkeypatch.setenv("KDSL_DEVICE", "null")
    assert registry.device().name == "null"
    with pytest.raises(CompileError, match="K501"):
        registry.device("abacus")
    assert {"cpu", "null"} <= {found.name for found in registry.devices() if not found.reason}


def test_memory_round_trip(dev) -> None:
    buffer = dev.allocate(1000)
    assert buffer.size_bytes == 1000 and buffer.address % 64 == 0
    data = np.arange(250, dtype=np.float32)
    dev.write(buffer, data)
    out = np.zeros(250, np.float32)
    dev.read(buffer, out)
    assert np.array_equal(out, data)
    dev.write(buffer, b"abcd", offset=4)
    piece = bytearray(4)
    dev.read(buffer, piece, offset=4)
    assert piece == b"abcd"


def test_an_array_of_the_host_in_memory_that_the_device_shares(dev) -> None:
    """A launch uses it in place, sees what the CPU has written, and what it writes the CPU sees."""
    device: Any = dev
    is_apart = dev.name.startswith("late") and not device.driver.is_unified
    if dev.name.startswith(("opencl", "vulkan-")) or is_apart:  # or must be flushed
        with pytest.raises(DeviceError, match="has no memory that the CPU sees"):
            dev.host_array(1000)
        return
    x, z = dev.host_array(1000), dev.host_array((2, 500), np.float32)
    assert type(x) is np.ndarray and z.shape == (2, 500) and z.dtype == np.float32 and x.flags.writeable
    if not runs(dev):
        return
    launch = saxpy_launcher(dev, x[:100], x[:100], z[1, :100])
    for k in (1, 2):
        x[:], z[:] = np.arange(1000), 7
        launch((k, x[:100], x[:100], z[1, :100]), geometry("saxpy", 4, 25))
        assert np.array_equal(z[1, :100], (k + 1) * np.arange(100)) and (z[0] == 7).all() and (z[1, 100:] == 7).all()
    with dev.commands() as c:
        launch((2.0, x[100:200], x[100:200], x[:100]), geometry("saxpy", 4, 25))
    c.submit().wait()
    x[100:200] = 1
    c.submit().wait()
    assert (x[:100] == 3).all()


def test_write_has_copied_when_it_returns(dev) -> None:
    buffer, data, out = dev.allocate(64), np.full(16, 7, np.int32), np.zeros(16, np.int32)
    dev.write(buffer, data)
    data[:] = 0
    dev.read(buffer, out)
    assert (out == 7).all()


def test_copy_and_fill(dev) -> None:
    a, b, out = dev.allocate(400), dev.allocate(400), np.zeros(100, np.int32)
    dev.fill(a, (5).to_bytes(4, "little"), 400)
    dev.fill(b, b"\xff", 400)
    dev.copy(a, b, 200, source_offset=4, offset=100)
    dev.read(b, out)
    assert (out[25:75] == 5).all() and (out[:25] == -1).all() and (out[75:] == -1).all()


def test_freed_memory_is_reused_and_freeing_twice_is_allowed(dev) -> None:
    dev.synchronize()  # what other tests gave it: memory is reused after all work so far
    a = dev.allocate(123_456)
    address = a.address
    a.free()
    a.free()
    assert a.address == 0
    b = dev.allocate(123_000)
    assert b.address == address
    del b
    gc.collect()
    assert dev.allocate(123_456).address == address


def test_array_of_freed_memory(dev) -> None:
    x = dev.zeros(10)
    x.buffer.free()
    with pytest.raises(DeviceError, match="freed"):
        _ = x.address


@pytest.mark.parametrize("dtype", ["bool", "i8", "u16", "i32", "u64", "f16", "bf16", "f32", "f64", "f8e4m3", "f8e5m2"])
def test_arrays_of_every_type(dev, dtype) -> None:
    x = dev.zeros((3, 5), dtype)
    assert x.shape == (3, 5) and x.dtype == dtype and x.ndim == 2 and len(x) == 3 and x.device is dev
    assert not x.numpy().any()
    x.fill(1)
    assert (x.numpy() == 1).all() and x.numpy().nbytes == x.nbytes
    x[1, ::2] = 0
    assert x.numpy().astype(np.float32).sum() == 12


def test_array_shares_memory_where_the_host_sees_it(dev) -> None:
    source = np.arange(24, dtype=np.float64).reshape(4, 6)
    x = dev.array(source)
    assert np.array_equal(x.numpy(), source) and x.numpy() is not source and np.array_equal(np.asarray(x), source)
    if not dev.host_address(x.buffer):
        with pytest.raises((LaunchError, RuntimeError, BufferError), match="K621|device"):  # kdsl's refusal, or NumPy's
            np.from_dlpack(x)
        return
    view = np.from_dlpack(x)
    view[0, 0] = 99
    assert x.numpy()[0, 0] == 99 and np.asarray(x)[0, 0] == 99
    assert x.__dlpack_device__() == (1, 0)
    assert x.__array_interface__["data"][0] == x.address


@pytest.mark.parametrize(
    "index", [0, -1, slice(1, 3), (slice(None), 2), (Ellipsis, slice(None, None, -2)), (1, None, slice(4)), (2, 3)]
)
def test_slices_are_views(dev, index) -> None:
    source = np.arange(24, dtype=np.int32).reshape(4, 6)
    x = dev.array(source)
    part = x[index]
    assert isinstance(part, DeviceArray) and np.array_equal(part.numpy(), source[index])
    part.fill(-1)
    source[index] = -1
    assert np.array_equal(x.numpy(), source)


def test_wrong_indices(dev) -> None:
    x = dev.zeros((2, 3))
    for index in (2, (0, 3), (0, 0, 0), (Ellipsis, Ellipsis)):
        with pytest.raises(IndexError):
            x[index]


def test_vector_and_struct_arrays(dev) -> None:
    v = dev.zeros(4, "vec3<f32>")
    v.fill((1, 2, 3))
    assert v.shape == (4,) and v.numpy().shape == (4, 3) and (v.numpy() == [1, 2, 3]).all() and v.nbytes == 48
    assert dev.array(np.ones((5, 2), np.int32), "vec2<i32>").shape == (5,)
    record = np.dtype([("p", np.float32, 3), ("id", np.int32)])
    s = dev.array(np.zeros(3, record))
    assert s.numpy().dtype == record and s.numpy()["p"].shape == (3, 3)
    with pytest.raises(LaunchError, match="K614"):
        dev.array(np.ones((5, 2)), "vec3<f64>")
    with pytest.raises(LaunchError, match="K614"):
        dev.array(np.array(["a"]))


@pytest.mark.parametrize("n", [0, 1, 15, 16, 17, 1000, 200_000])
@pytest.mark.parametrize("cost", [0.3, 100.0])
def test_launch(dev, n, cost) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.random(n, np.float32), rng.random(n, np.float32)
    z = np.full(n + 5, -1, np.float32)
    launch = saxpy_launcher(dev, x, y, z, cost)
    launch((2.0, x, y, z), geometry_over("saxpy", n))
    if runs(dev):
        assert np.array_equal(z[:n], np.float32(2) * x + y)
    assert (z[n:] == -1).all()


def test_launch_on_strided_foreign_and_device_arrays(dev) -> None:
    x = np.arange(40, dtype=np.float32)[::-2]
    y = memoryview(np.ones(20, np.float32))
    z = dev.zeros((20, 3))[:, 1]
    launch = saxpy_launcher(dev, x, y, z)
    launch((np.float64(3.0), x, y, z), geometry_over("saxpy", 20))
    if runs(dev):
        assert np.array_equal(z.numpy(), 3 * x + 1)


def test_bound_launch(dev) -> None:
    x, z = np.ones(9, np.float32), np.zeros(9, np.float32)
    run = saxpy_launcher(dev, x, x, z).bound((2.0, x, x, z), geometry_over("saxpy", 9))
    with dev.commands() as c:
        run()
    assert len(c) == 1 and not z.any()
    run()
    if runs(dev):
        assert (z == 3).all()
    with pytest.raises(LaunchError, match="K632"):
        saxpy_launcher(dev, x, x, z).bound((1e300, x, x, z), geometry_over("saxpy", 9))


def test_zero_blocks_run_nothing(dev) -> None:
    x = np.zeros(4, np.float32)
    saxpy_launcher(dev, x, x, x)((1.0, x, x, x), geometry("saxpy", (0, 5), 32))


def test_streams_and_events(dev) -> None:
    s, t = dev.stream(), dev.stream()
    first = s.record()
    x = np.ones(100_000, np.float32)
    launch = saxpy_launcher(dev, x, x, x)
    launch((1.0, x, x, x), geometry_over("saxpy", x.size), s)
    second = s.signal()
    t.wait(second)
    launch((1.0, x, x, x), geometry_over("saxpy", x.size), t)
    third = t.record()
    third.wait()
    assert first.done and second.done and third.done
    assert second.elapsed_ms(first) >= 0 and third.elapsed_ms(first) >= second.elapsed_ms(first)
    s.synchronize()
    dev.synchronize()
    if runs(dev):
        assert (x == 4).all()


def test_command_buffers(dev) -> None:
    x, y = np.ones(50, np.float32), np.full(50, 10, np.float32)
    z, w = np.zeros(50, np.float32), np.zeros(50, np.float32)
    launch = saxpy_launcher(dev, x, y, z)
    shape = geometry_over("saxpy", 50)
    with dev.commands() as c:
        launch((2.0, x, y, z), shape)
        launch((1.0, z, y, w), shape)
        with pytest.raises(LaunchError, match="K643"):
            c.submit()
    assert not commands.recording and len(c) == 2
    assert not z.any(), "recording runs nothing"
    assert c.submit().done
    if runs(dev):
        assert (z == 12).all() and (w == 22).all()
    c.update(a=3.0, y=np.zeros(50, np.float32))
    c.submit(stream=dev.stream()).wait()
    if runs(dev):
        assert (z == 3).all() and (w == 9).all()
    other = np.full(50, 7, np.float32)
    c.update((x, other))
    c.submit()
    if runs(dev):
        assert (z == 21).all()


def test_command_buffer_updates_are_checked_as_a_whole(dev) -> None:
    x, z = np.ones(8, np.float32), np.zeros(8, np.float32)
    launch = saxpy_launcher(dev, x, x, z)
    with dev.commands() as c:
        launch((2.0, x, x, z), geometry_over("saxpy", 8))
    for code, pairs, named in [
        ("K641", [], {"q": x}),
        ("K641", [(np.zeros(8), x)], {}),
        ("K624" if dev.compiles_shapes else "K642", [], {"x": x[::2]}),  # compiled for a contiguous x, or for any
        ("K615", [], {"a": 5.0, "x": np.zeros(8, np.float64)}),
        ("K631", [], {"a": "much"}),
    ]:
        with pytest.raises(LaunchError) as e:
            c.update(*pairs, **named)
        assert e.value.code == code
    c.submit()
    if runs(dev):
        assert (z == 3).all()


def test_recording_belongs_to_one_thread_and_one_device(dev) -> None:
    other = registry.device("cpu" if dev.name == "null" else "null")
    x = np.zeros(4, np.float32)
    mine, theirs = saxpy_launcher(dev, x, x, x), saxpy_launcher(other, x, x, x)
    with dev.commands() as c:
        theirs((1.0, x, x, x), geometry_over("saxpy", 4))
        mine((1.0, x, x, x), geometry_over("saxpy", 4))
        with pytest.raises(LaunchError, match="K643"):
            c.__enter__()
    assert len(c) == 1


def test_commands_keep_their_arguments_alive(dev) -> None:
    n = 70_000
    z = dev.zeros(n)
    launch = saxpy_launcher(dev, dev.zeros(n), dev.zeros(n), z)
    with dev.commands() as c:
        x = dev.array(np.ones(n, np.float32))
        launch((2.0, x, x, z), geometry_over("saxpy", n))
    del x
    gc.collect()
    noise = dev.array(np.full(n, 9, np.float32))  # would take the memory of x
    c.submit()
    if runs(dev):
        assert (z.numpy() == 3).all()
    assert (noise.numpy() == 9).all()


def test_wrong_artifacts_are_refused() -> None:
    from dataclasses import replace

    cpu = registry.device("cpu")
    good = handmade.artifact(handmade.SAXPY, "saxpy")
    for bad in (replace(good, format="ptx"), replace(good, binary=b""), replace(good, binary=good.binary[:200])):
        with pytest.raises(DeviceError):
            cpu.load(bad)
    with pytest.raises(DeviceError, match="does not define"):
        cpu.load(replace(good, entries=(replace(good.entry, symbol="other"),)))


def launch_debug(text: str, blocks: int) -> None:
    artifact = handmade.artifact(text, "bounds", cost=1e6 if blocks > 1 else 1.0, sites=handmade.SITES)
    Launcher("bounds", registry.device("cpu").load(artifact), artifact.entry, ())((), geometry("bounds", blocks))


@pytest.mark.parametrize(
    "text, code, message",
    [
        (handmade.BOUNDS, "K440", "axis 0 of array 'x'"),
        (handmade.ASSERT, "K442", "i must be small"),
        (handmade.DIVIDE, "K441", "zero"),
    ],
)
@pytest.mark.parametrize("blocks", [1, 40])
def test_faults_of_a_debug_kernel(text, code, message, blocks) -> None:
    with pytest.raises(KernelFault, match=message) as e:
        launch_debug(text, blocks)
    assert e.value.code == code and "block (0, 0, 0)" in str(e.value)
    assert ("further faults" in str(e.value)) == (blocks > 1)


def test_prints_come_in_order_of_blocks(capsys) -> None:
    launch_debug(handmade.PRINT, 30)
    assert capsys.readouterr().out.splitlines() == [f"i = {i} x 2.0" for i in range(30)]


def test_more_records_than_fit(capsys) -> None:
    launch_debug(handmade.PRINT, 1500)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1025 and "476 more records" in lines[-1]


@pytest.mark.parametrize("shape", [-1, (2, -3), 1.5, (1.5,), "ab", None, (1 << 40, 1 << 40)])
def test_what_is_no_shape(dev, shape) -> None:
    for make in (dev.empty, dev.zeros):
        with pytest.raises(LaunchError, match="is not the shape of an array") as caught:
            make(shape, f32)
        assert caught.value.code == "K626"


def test_what_is_no_event_stream_or_size(dev) -> None:
    event = dev.stream().record()
    for wrong in (5, None, "e", dev.stream()):
        for call in (dev.stream().wait, event.elapsed_ms):
            with pytest.raises(LaunchError, match="is no event") as caught:
                call(wrong)
            assert caught.value.code == "K626"
    for wrong in (-1, 1.5, None, "8"):
        with pytest.raises(LaunchError, match="is no number of bytes"):
            dev.allocate(wrong)
    with pytest.raises(LaunchError, match="K614"):
        dev.empty(3, None)


def test_events_and_streams_of_another_device(dev) -> None:
    class Other(Event):
        done = True

        def wait(self) -> None:
            pass

        def elapsed_ms(self, since: Event) -> float:
            return 0.0

    event = dev.stream().record()
    dev.stream().wait(Other())
    with pytest.raises(LaunchError, match="events of two devices"):
        event.elapsed_ms(Other())


def test_freed_memory_says_what_to_do(dev) -> None:
    x = dev.zeros(4)
    x.buffer.free()
    y = dev.zeros(4)  # which may have the same memory now
    for use in (x.numpy, x.fill, lambda *_: x.copy_from(np.ones(4, np.float32)), lambda *_: dev.read(x.buffer, bytearray(4))):
        with pytest.raises(DeviceError, match="has been freed\n  = help: "):
            use(*([1.0] if use == x.fill else []))
    assert (y.numpy() == 0).all()


def test_bytes_that_a_buffer_does_not_have(dev) -> None:
    x, y = dev.array(np.ones(64, np.float32)), dev.zeros(64)
    for wrong in (
        lambda: dev.copy(x.buffer, y.buffer, 257), lambda: dev.copy(x.buffer, y.buffer, 8, 252),
        lambda: dev.copy(x.buffer, y.buffer, 8, 0, 252),
        lambda: dev.copy(x.buffer, y.buffer, 8, -4), lambda: dev.copy(x.buffer, y.buffer, 8.0), lambda: dev.copy(x, y.buffer, 8),
        lambda: dev.fill(y.buffer, b"\1", 300), lambda: dev.write(y.buffer, np.ones(65, np.float32)),
        lambda: dev.read(y.buffer, np.ones(64, np.float32), 4), lambda: dev.fill(None, b"\1", 1),
        lambda: y.fill("many"), lambda: y.fill(1e300), lambda: dev.zeros(4, u8).fill(300),
    ):  # fmt: skip
        with pytest.raises(LaunchError, match="K626"):
            wrong()
    dev.copy(x.buffer, y.buffer, np.int64(128), 0, 128)
    if dev.name != "null":
        assert y.numpy().tolist() == [0] * 32 + [1] * 32
