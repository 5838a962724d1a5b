"""What all asynchronous devices share, on a device that does nothing until it must (`late`)."""

from __future__ import annotations

import gc
import os
import threading

import handmade
import numpy as np
import pytest
from late import LateDevice, late_device

import kdsl
from kdsl import Array, f32
from kdsl.diagnostics import DeviceError, KernelFault, LaunchError
from kdsl.runtime.geometry import geometry, geometry_over
from kdsl.runtime.launcher import Launcher, launcher_of
from kdsl.runtime.staging import Host, dense_layout


@pytest.fixture
def dev() -> LateDevice:
    return late_device()


def saxpy(dev: LateDevice, *args: object) -> Launcher:
    artifact = handmade.artifact(handmade.SAXPY, "saxpy")
    return launcher_of("saxpy", dev.load(artifact), artifact.entry, args)


def run_saxpy(dev: LateDevice, a: float, x, y, z, stream=None) -> None:
    saxpy(dev, a, x, y, z)((a, x, y, z), geometry_over("saxpy", len(z)), stream)


def floats(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(n, np.float32)


# Arguments on the host


@pytest.mark.parametrize("step", [1, 2, -1, -3])
def test_host_arrays_of_any_stride(dev, step) -> None:
    x, y, z = (floats(120, k)[::step] for k in range(3))
    base = z.base
    assert base is not None
    before = base.copy()
    run_saxpy(dev, 2.0, x, y, z)
    assert np.array_equal(z, np.float32(2) * x + y)
    rest = np.ones(120, bool)
    rest[::step] = False
    assert np.array_equal(base[rest], before[rest]), "nothing but the array's own elements is written"


def test_what_is_passed_twice_is_copied_once(dev) -> None:
    x, z = floats(1000), floats(1000, 1)
    run_saxpy(dev, 2.0, x, x, z)
    assert np.array_equal(z, np.float32(3) * x)
    assert (dev.driver.uploaded, dev.driver.downloaded) == (8000, 4000)
    other = np.frombuffer(x)  # the same memory as another type, read only: no need to lie together
    assert other.size == 500
    run_saxpy(dev, 1.0, z, z, z)
    assert dev.driver.uploaded == 12000 and np.allclose(z, 6 * x)


def test_views_that_share_memory_share_it_on_the_device(dev) -> None:
    base = floats(300)
    before = base.copy()
    x, z, y = base[0::3], base[1::3], np.ones(100, np.float32)
    run_saxpy(dev, 2.0, x, y, z)
    assert np.array_equal(base[1::3], np.float32(2) * before[0::3] + 1)
    assert np.array_equal(base[0::3], before[0::3]) and np.array_equal(base[2::3], before[2::3])
    chained = floats(50)  # z[i] = x[i] + y[i] where z is x, one further: each element is of the element before it
    before = chained.copy()
    run_saxpy(dev, 0.0, chained[:-1], chained[1:], chained[1:])
    assert np.array_equal(chained, before)


def test_read_only_views_that_overlap_are_copied_apart(dev) -> None:
    base, z = floats(101), np.zeros(100, np.float32)
    run_saxpy(dev, 1.0, base[1:], base[:-1], z)
    assert np.array_equal(z, base[1:] + base[:-1])
    assert dev.driver.uploaded == 1200


def test_empty_arrays(dev) -> None:
    empty = np.zeros(0, np.float32)
    run_saxpy(dev, 1.0, empty, empty, empty)
    assert dev.driver.launches == 0


def test_host_and_device_arrays_together(dev) -> None:
    x, y, z = floats(64), dev.array(floats(64, 1)), np.zeros(64, np.float32)
    run_saxpy(dev, 3.0, x, y, z)
    assert np.array_equal(z, np.float32(3) * x + y.numpy())


@pytest.mark.parametrize(
    "view, unit_axis, strides",
    [
        (np.zeros((3, 4), np.float32), 1, (16, 4)),
        (np.zeros((3, 4), np.float32, order="F"), 0, (4, 12)),
        (np.zeros((3, 8), np.float32)[:, ::2], None, (16, 4)),
        (np.zeros((2, 3, 4), np.float32).transpose(1, 0, 2), 2, (16, 48, 4)),
        (np.zeros((3, 4), np.float32)[::-1], 1, (16, 4)),
        (np.zeros((1, 4), np.float32).T, 0, (4, 16)),
    ],
)
def test_copies_lie_as_the_host_arrays_do(view, unit_axis, strides) -> None:
    shape, found, _ = dense_layout(Host(view, handmade.array("x", "f32", view.ndim, unit_axis=unit_axis)))
    assert shape == view.shape and found == strides


def test_refusals_name_the_argument(dev) -> None:
    x = floats(8)
    launch = saxpy(dev, 1.0, x, x, x)
    with pytest.raises(LaunchError, match="K632"):
        launch((1e300, x, x, x), geometry_over("saxpy", 8))
    with pytest.raises(LaunchError, match="K621"):
        run_saxpy(dev, 1.0, x, x, kdsl.device("cpu").zeros(8))
    with pytest.raises(LaunchError, match="K620"):
        run_saxpy(dev, 1.0, x, x, np.lib.stride_tricks.as_strided(x, (8,), (0,)))


# Memory


def test_memory_is_reused_after_the_work_that_uses_it(dev) -> None:
    x, z = dev.array(np.full(500, 2, np.float32)), dev.zeros(500)
    address = x.buffer.address
    run_saxpy(dev, 1.0, x, x, z)
    del x
    gc.collect()
    y = dev.array(np.full(500, 9, np.float32))
    assert y.buffer.address != address
    assert (z.numpy() == 4).all()
    del y
    assert dev.empty(500).buffer.address in (address, address)


def test_launches_with_arrays_that_come_and_go_need_no_more_memory() -> None:
    dev = late_device(room_bytes=200_000)
    z = dev.zeros(1000)
    launch = saxpy(dev, 1.0, z, z, z)
    for k in range(400):
        x = dev.array(np.full(1000, k, np.float32))
        launch((1.0, x, z, z), geometry_over("saxpy", 1000))
    assert (z.numpy() == sum(range(400))).all()


def test_an_allocation_larger_than_the_device(dev) -> None:
    kept = dev.array(floats(10))
    with pytest.raises(DeviceError, match=r"out of memory.*\n.*help"):
        dev.allocate(1 << 40)
    with pytest.raises(DeviceError, match="no memory called 'attic'"):
        dev.allocate(8, "attic")
    assert kept.numpy().size == 10 and dev.allocate(8, "host").memory == "host"
    assert dev.memory_info()[1] == 1 << 30


def test_five_hundred_arrays(dev) -> None:
    arrays = [dev.array(np.full(100 + k, k, np.float32)) for k in range(500)]
    assert all((a.numpy() == k).all() for k, a in enumerate(arrays))
    del arrays
    gc.collect()
    assert dev.pools["device"].stats().live_bytes == 0


# Streams


def test_streams_wait_for_events_of_each_other(dev) -> None:
    s, t = dev.stream(), dev.stream()
    x, y, z = dev.zeros(100), dev.array(np.ones(100, np.float32)), dev.zeros(100)
    for _ in range(5):
        run_saxpy(dev, 1.0, y, z, x, s)
        t.wait(s.record())
        run_saxpy(dev, 1.0, y, x, z, t)
        s.wait(t.record())
    t.synchronize()
    assert (z.numpy() == 10).all()


def test_nothing_runs_before_it_is_waited_for(dev) -> None:
    x = dev.zeros(10)
    event = dev.stream().record()
    assert not event.done
    event.wait()
    assert event.done
    run_saxpy(dev, 1.0, x, x, x)
    later = dev.stream()
    assert later.record().elapsed_ms(event) > 0


def test_streams_that_are_gone_are_closed_when_their_work_is_done(dev) -> None:
    x = dev.zeros(10)
    for _ in range(20):
        run_saxpy(dev, 1.0, x, x, x, dev.stream())
    gc.collect()
    dev.synchronize()
    dev.stream()
    assert dev.driver.closed == 20 and len(dev.lines) == 2


def test_code_that_is_gone_is_unloaded_when_its_work_is_done(dev) -> None:
    x = dev.zeros(10)
    run_saxpy(dev, 1.0, x, x, x)
    gc.collect()
    dev.stream()
    assert dev.driver.unloaded == 0
    dev.synchronize()
    dev.stream()
    assert dev.driver.unloaded == 1


def test_two_threads_launch_at_once(dev) -> None:
    arrays = [dev.zeros(50) for _ in range(4)]
    one = dev.array(np.ones(50, np.float32))
    launch = saxpy(dev, 1.0, one, one, one)

    def work(x) -> None:
        for _ in range(100):
            launch((1.0, one, x, x), geometry_over("saxpy", 50))

    started = [threading.Thread(target=work, args=(x,)) for x in arrays]
    for t in started:
        t.start()
    for t in started:
        t.join()
    assert all((x.numpy() == 100).all() for x in arrays)


# Diagnostics


def debug(dev: LateDevice, text: str, blocks: int, stream=None) -> None:
    artifact = handmade.artifact(text, "bounds", sites=handmade.SITES)
    launcher_of("bounds", dev.load(artifact), artifact.entry, ())((), geometry("bounds", blocks), stream)


def test_faults_are_raised_where_the_host_waits(dev, capsys) -> None:
    debug(dev, handmade.HIDDEN_PRINT, 3)
    debug(dev, handmade.HIDDEN_BOUNDS, 2)
    debug(dev, handmade.HIDDEN_PRINT, 1)
    assert not capsys.readouterr().out
    with pytest.raises(KernelFault, match="axis 0 of array 'x'") as e:
        dev.synchronize()
    assert e.value.code == "K440" and "further faults" in str(e.value)
    assert capsys.readouterr().out.splitlines() == [f"i = {i} x 2.0" for i in (0, 1, 2, 0)]
    dev.synchronize()


def test_faults_of_one_stream_are_not_anothers(dev) -> None:
    s, t = dev.stream(), dev.stream()
    debug(dev, handmade.HIDDEN_BOUNDS, 1, s)
    debug(dev, handmade.HIDDEN_PRINT, 0, t)
    t.synchronize()
    event = s.record()
    with pytest.raises(KernelFault):
        event.wait()
    s.synchronize()
    debug(dev, handmade.HIDDEN_BOUNDS, 1)
    with pytest.raises(KernelFault):
        dev.zeros(3).numpy()


def test_faults_of_a_recording(dev, capsys) -> None:
    with dev.commands() as c:
        debug(dev, handmade.HIDDEN_PRINT, 2)
    for _ in range(2):
        c.submit()
        dev.synchronize()
        assert capsys.readouterr().out.splitlines() == ["i = 0 x 2.0", "i = 1 x 2.0"]


# Recordings


def test_recordings_of_device_arrays_do_not_wait(dev) -> None:
    x, y, z = dev.array(floats(30)), dev.array(floats(30, 1)), dev.zeros(30)
    with dev.commands() as c:
        run_saxpy(dev, 2.0, x, y, z)
        run_saxpy(dev, 1.0, z, y, y)
        run_saxpy(dev, 1.0, z[:0], y[:0], y[:0])
    assert len(c) == 3
    event = c.submit()
    assert not event.done
    event.wait()
    first = y.numpy()
    assert np.allclose(first, 2 * floats(30) + 2 * floats(30, 1))
    other = dev.array(np.zeros(30, np.float32))
    c.update(a=0.0)
    c.update((x, other))
    c.submit()
    assert np.array_equal(z.numpy(), first) and np.array_equal(y.numpy(), first)


def test_recordings_of_host_arrays_see_what_is_in_them_now(dev) -> None:
    x, y, z = floats(30), floats(30, 1), np.zeros(30, np.float32)
    with dev.commands() as c:
        run_saxpy(dev, 2.0, x, y, z)
        run_saxpy(dev, 1.0, z, z, z)
    for k in range(3):
        x[:] = k
        assert c.submit().done
        assert np.array_equal(z, 2 * (np.float32(2 * k) + y))
    w = np.zeros(30, np.float32)
    c.update((z, w), (y, x))
    c.submit()
    assert (w == 12).all()


# The kernel, and the process


@kdsl.kernel
def add(x: Array[f32, 1], y: Array[f32, 1], z: Array[f32, 1]):
    i = kdsl.global_id(0)
    z[i] = x[i] + y[i]


def test_a_launch_runs_where_its_stream_or_arrays_are(dev) -> None:
    x, y, z = floats(40), floats(40, 1), np.zeros(40, np.float32)
    for _ in range(3):
        add.over(40)(x, y, z)
    assert dev.driver.launches == 0
    s = dev.stream()
    for k in range(1, 4):
        z[:] = 0
        add.over(40)(x, y, z, stream=s)
        assert dev.driver.launches == k and np.array_equal(z, x + y)
    d = dev.array(x)
    for k in range(4, 15):
        add.over(40)(d, d, d)
        assert dev.driver.launches == k
    assert np.allclose(d.numpy(), x * 2**11)
    run = add.over(40).bind(d, d, d)
    run()
    add.over(40).bind(x, y, z)()
    assert dev.driver.launches == 15 and np.allclose(d.numpy(), x * 2**12)
    with pytest.raises(LaunchError, match="K621"):
        add.over(40)(d, d, d, stream=kdsl.device("cpu").stream())


def test_a_device_allows_what_it_allows(dev) -> None:
    x = dev.zeros(4)
    with pytest.raises(LaunchError, match="K656"):
        add[1 << 21, 1](x, x, x)
    add[4, 1](x, x, x)
    with pytest.raises(LaunchError, match="K656"):
        add[1 << 21, 1](x, x, x)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_is_told(dev) -> None:
    x = dev.array(floats(10))
    with dev.lines[0].lock:  # held in the parent, by this thread, when the child is made
        child = os.fork()
        if child == 0:
            code = 1
            try:
                x.numpy()
            except DeviceError as e:
                code = 7 if "forked" in str(e) and "spawn" in str(e) else 2
            del x
            gc.collect()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
    assert np.array_equal(x.numpy(), floats(10))
