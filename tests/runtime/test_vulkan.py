"""Kernels on a Vulkan device: the ways of data, recordings, streams, faults, many of everything, and what goes wrong.

One idea: each test runs on the device as it is and once more with its memory treated as discrete and incoherent, which takes
other ways through the runtime; the validation layer watches both.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from present import opened

import kdsl
from kdsl import Array, const, f32, f64, i32, i64, u32
from kdsl.diagnostics import DeviceError, KernelFault, LaunchError
from kdsl.runtime import registry
from kdsl.runtime.asynchronous import AsyncDevice
from kdsl.runtime.driver import DeviceLost
from kdsl.runtime.vulkan.queue import VulkanQueue


@pytest.fixture(params=["vulkan", "vulkan-discrete"])
def dev(request, monkeypatch) -> AsyncDevice:
    device = opened(request.param, monkeypatch)
    assert isinstance(device, AsyncDevice)
    device.synchronize()
    return device


@kdsl.kernel
def add(x: Array[f32, 1], y: Array[f32, 1], z: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < z.shape[0]:
        z[i] = x[i] + y[i]


@kdsl.kernel
def increment(x: Array[i32, 1]):
    i = kdsl.global_id(0)
    x[i] = x[i] + 1


@kdsl.kernel
def work_long(x: Array[f32, 1], rounds: i32):
    i = kdsl.global_id(0)
    v = x[i]
    for _ in range(rounds):
        v = v * f32(0.5) + f32(1.0)
    x[i] = v


# More arguments than push constants hold: 8 arrays of 3 slots.
@kdsl.kernel
def sum_of_many(a: Array[f32, 1], b: Array[f32, 1], c: Array[f32, 1], d: Array[f32, 1], e: Array[f32, 1], f: Array[f32, 1],
                g: Array[f32, 1], k: f32, out: Array[f32, 1]):  # fmt: skip
    i = kdsl.global_id(0)
    out[i] = a[i] + b[i] + c[i] + d[i] + e[i] + f[i] + g[i] + k


@kdsl.kernel(debug=True)
def checked(x: Array[f32, 1], n: const = 0):
    i = kdsl.global_id(0)
    x[i + n] = 1.0


@kdsl.kernel
def chatty(x: Array[i32, 1]):
    i = kdsl.global_id(0)
    print("x[", i, "] =", x[i])


def floats(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(n, np.float32)


# Data


@pytest.mark.parametrize("n", [1, 1000, 3_000_000, 9_000_001])
def test_data_goes_in_and_out_in_any_size(dev, n) -> None:
    data = np.random.default_rng(n).integers(0, 256, n, np.uint8)
    buffer, out = dev.allocate(n + 8), np.zeros(n, np.uint8)
    dev.write(buffer, data, 5)
    dev.read(buffer, out, 5)
    assert np.array_equal(out, data)


def test_many_writes_while_the_device_works(dev) -> None:
    """More bytes than the ring holds are on their way behind work that takes long."""
    x, big = dev.zeros(1 << 10), dev.empty(1 << 20)
    work_long.over(1 << 10)(x, 20_000)
    for k in range(6):
        big.copy_from(np.full(1 << 20, k, np.float32))
        work_long.over(1 << 10)(x, 1000)
    assert (big.numpy() == 5).all()


@pytest.mark.parametrize("pattern", [b"\1", b"\1\2", b"\1\2\3\4", bytes(range(8)), bytes(range(12))])
@pytest.mark.parametrize("offset, count", [(0, 3), (0, 1000), (24, 500_000), (3, 7)])
def test_fills_of_any_pattern_and_place(dev, pattern, offset, count) -> None:
    size = len(pattern) * count
    buffer, out = dev.allocate(offset + size + 9), np.zeros(offset + size + 9, np.uint8)
    dev.fill(buffer, b"\xee", out.size)
    dev.fill(buffer, pattern, size, offset)
    dev.read(buffer, out)
    assert out[offset : offset + size].tobytes() == pattern * count
    assert (out[:offset] == 0xEE).all() and (out[offset + size :] == 0xEE).all()


def test_arguments_beyond_push_constants(dev) -> None:
    arrays = [dev.array(floats(100, k)) for k in range(7)]
    out = dev.zeros(100)
    for k in range(300):
        sum_of_many.over(100)(*arrays, float(k), out)
    assert np.allclose(out.numpy(), sum(floats(100, k) for k in range(7)) + 299, rtol=1e-5)


def test_launches_that_end_inside_blocks(dev) -> None:
    for n in (1, 63, 64, 65, 1000):
        x = dev.array(np.zeros(n + 100, np.int32))
        increment.over(n, 64)(x[:n])
        assert x.numpy().sum() == n


@kdsl.kernel
def total(x: Array[i32, 1], y: Array[i32, 1]):
    y[kdsl.global_id(0)] = kdsl.subgroup_sum(x[kdsl.global_id(0)]) + i32(kdsl.lane_id())


# More blocks than a Vulkan device need take at once: 65,535 along each axis.


@kdsl.kernel
def places(x: Array[i64, 1], y: Array[i64, 1], z: Array[i64, 1]):
    i = kdsl.global_id(0)
    x[i], y[i], z[i] = i, kdsl.block_id(0), kdsl.grid_dim(0)


@kdsl.kernel
def count_rows(x: Array[u32, 1], rows: Array[u32, 1]):
    if kdsl.global_id(2) + 1 == kdsl.grid_dim(2):
        kdsl.atomic_add(rows[kdsl.block_id(1)], u32(kdsl.grid_dim(1)))
    kdsl.atomic_add(x[kdsl.block_id(0)], u32(1))


@pytest.mark.parametrize("name", ["vulkan", "opencl"])
@pytest.mark.parametrize("n", [140_001, 140_002, 65_535 * 2, 65_536 * 2])
def test_launches_of_many_blocks(name, n, monkeypatch) -> None:
    dev = opened(name, monkeypatch)
    out = [dev.zeros(n, "i64") for _ in range(3)]
    places.over(n, 2)(*out)
    i = np.arange(n)
    for got, wanted in zip(out, (i, i // 2, np.full(n, -(-n // 2))), strict=True):
        assert np.array_equal(got.numpy(), wanted)
    if n % 2 == 0:
        out[0].fill(-1)
        with dev.commands() as c:
            places[n // 2, 2](*out)
        c.submit().wait()
        assert np.array_equal(out[0].numpy(), i)


def test_launches_that_are_long_along_other_axes(dev) -> None:
    x, rows = dev.zeros(2, "u32"), dev.zeros(70_000, "u32")
    count_rows[(2, 70_000, 2), 1](x, rows)
    assert (x.numpy() == 140_000).all() and (rows.numpy() == 140_000).all()


def test_long_launches_with_arguments_in_memory(dev) -> None:
    arrays, out = [dev.array(floats(70_000, k)) for k in range(7)], dev.zeros(70_000)
    sum_of_many[70_000, 1](*arrays, 1.0, out)
    wanted = sum(floats(70_000, k) for k in range(7)) + 1
    assert np.allclose(out.numpy(), wanted, rtol=1e-5)
    out.fill(0)
    with dev.commands() as c:
        sum_of_many[70_000, 1](*arrays, 1.0, out)
    c.submit().wait()
    assert np.allclose(out.numpy(), wanted, rtol=1e-5)


def test_a_fault_in_a_long_launch_says_where_it_was(dev) -> None:
    x = dev.zeros(69_999)
    checked[70_000, 1](x)
    with pytest.raises(KernelFault, match=r"index 69999(.|\n)*block \(69999, 0, 0\)"):
        dev.synchronize()


def test_a_size_of_subgroups_is_asked_for(dev, monkeypatch) -> None:
    """As on devices that have several; blocks of whole subgroups and others."""
    lanes = dev.driver.physical.p11.subgroupSize
    monkeypatch.setattr(dev.driver, "asked_subgroup_size", lanes)
    for block in (8 * lanes, lanes + 1):
        x, y = dev.array(np.arange(3 * block, dtype=np.int32)), dev.zeros(3 * block, "i32")
        total[3, block](x, y)
        place = np.arange(3 * block) % block
        group = np.arange(3 * block) // block * 1000 + place // lanes
        sums = np.array([np.arange(3 * block)[group == g].sum() for g in group])
        assert np.array_equal(y.numpy(), sums + place % lanes)


def test_f64_where_the_device_has_it(dev) -> None:
    @kdsl.kernel
    def half(x: Array[f64, 1]):
        x[kdsl.global_id(0)] = x[kdsl.global_id(0)] / 3.0

    if "f64" not in dev.target.has:
        pytest.skip("the device has no f64")
    x = dev.array(np.arange(10.0))
    half.over(10)(x)
    assert np.array_equal(x.numpy(), np.arange(10.0) / 3)


# Launches


def test_many_launches_in_a_row_keep_memory_constant(dev) -> None:
    x = dev.zeros(64, "i32")
    launch = increment[1, 64]
    counts = []
    for _ in range(4):
        for _ in range(2500):
            launch(x)
        dev.synchronize()
        queue = dev.lines[0].queue
        assert isinstance(queue, VulkanQueue)
        counts.append((len(queue._idle) + len(queue._flying), len(gc.get_objects()) // 2000))
    assert (x.numpy() == 10_000).all()
    assert all(buffers <= 40 for buffers, _ in counts) and counts[1][1] == counts[3][1]


def test_arrays_that_come_and_go(dev) -> None:
    x = dev.array(np.ones(1 << 16, np.float32))
    total = dev.zeros(1 << 16)
    for _ in range(200):
        y = dev.empty(1 << 16)
        add.over(1 << 16)(x, x, y)
        add.over(1 << 16)(total, y, total)
    assert (total.numpy() == 400).all()
    assert dev.pools["device"].stats().peak_bytes < 600 << 20


def test_memory_freed_while_it_is_used(dev) -> None:
    z = dev.zeros(5000)
    for k in range(30):
        x = dev.array(np.full(5000, k, np.float32))
        work_long.over(5000)(x, 0)
        add.over(5000)(x, z, z)
        x.buffer.free()
        dev.array(np.full(5000, -1, np.float32)).buffer.free()  # takes the memory of x, if it may
    assert (z.numpy() == sum(range(30))).all()


def test_five_hundred_arrays(dev) -> None:
    arrays = [dev.array(np.full(100 + 7 * k, k, np.int32)) for k in range(500)]
    for a in arrays:
        increment.over(len(a))(a)
    assert all((a.numpy() == k + 1).all() for k, a in enumerate(arrays))


def test_an_allocation_larger_than_the_device(dev) -> None:
    with pytest.raises(DeviceError, match=r"out of memory.*\n.*help"):
        dev.empty(1 << 45)
    x = dev.zeros(8, "i32")
    increment.over(8)(x)
    assert (x.numpy() == 1).all()
    free, total = dev.memory_info()
    assert 0 < free <= total


# Streams


def test_streams_hand_on_to_each_other(dev) -> None:
    s, t = dev.stream(), dev.stream()
    x = dev.zeros(256, "i32")
    for _ in range(40):
        increment.over(256)(x, stream=s)
        t.wait(s.record())
        increment.over(256)(x, stream=t)
        s.wait(t.record())
    s.synchronize()
    assert (x.numpy() == 80).all()


def test_arrays_are_there_for_every_stream(dev) -> None:
    for k in range(50):
        x = dev.array(np.full(1000, k, np.int32))
        increment.over(1000)(x, stream=dev.stream())
        assert (x.numpy() == k + 1).all()


def test_events_tell_times_that_grow(dev) -> None:
    s = dev.stream()
    x = dev.zeros(1000)
    events = [s.record()]
    for _ in range(5):
        work_long.over(1000)(x, 2000, stream=s)
        events.append(s.record())
    events[-1].wait()
    times = [e.elapsed_ms(events[0]) for e in events]
    assert times == sorted(times) and times[-1] > 0 and all(e.done for e in events)


def test_two_threads_launch_at_once(dev) -> None:
    arrays = [dev.zeros(512, "i32") for _ in range(3)]
    increment.over(512)(arrays[0])
    arrays[0].fill(0)
    failures: list[BaseException] = []

    def work(x, stream) -> None:
        try:
            for _ in range(300):
                increment.over(512)(x, stream=stream)
        except BaseException as e:  # noqa: BLE001
            failures.append(e)

    streams = [None, None, dev.stream()]
    started = [threading.Thread(target=work, args=pair) for pair in zip(arrays, streams, strict=True)]
    for t in started:
        t.start()
    for t in started:
        t.join()
    assert not failures
    assert all((x.numpy() == 300).all() for x in arrays)


# Recordings


def test_a_recording_of_a_thousand_launches(dev) -> None:
    x, y, z = dev.zeros(64, "i32"), dev.zeros(64, "i32"), dev.zeros(64, "i32")
    launch = increment[1, 64]
    with dev.commands() as c:
        for k in range(1000):
            launch((x, y, z)[k % 3])
    for _ in range(10):
        c.submit()
    assert [int(a.numpy()[0]) for a in (x, y, z)] == [3340, 3330, 3330]
    w = dev.zeros(64, "i32")
    c.update((y, w))
    c.submit().wait()
    assert [int(a.numpy()[0]) for a in (x, y, z, w)] == [3674, 3330, 3663, 333]


def test_recorded_arguments_in_memory_are_replaced_in_place(dev) -> None:
    arrays = [dev.array(floats(50, k)) for k in range(7)]
    out, sums = dev.zeros(50), sum(floats(50, k) for k in range(7))
    with dev.commands() as c:
        sum_of_many.over(50)(*arrays, 0.0, out)
        sum_of_many.over(50)(*arrays[:6], out, 0.0, out)
    for k in (1.0, 2.0, 5.0):
        c.update(k=k)
        c.submit()
        dev.synchronize()
        assert np.allclose(out.numpy(), 2 * sums - floats(50, 6) + 2 * k, rtol=1e-5)
    other = dev.zeros(50)
    c.update((arrays[0], other))
    c.submit().wait()
    rest = sums - floats(50, 0)
    assert np.allclose(out.numpy(), 2 * rest - floats(50, 6) + 10, rtol=1e-5)


def test_a_recording_equals_the_launches(dev) -> None:
    rng = np.random.default_rng(5)
    order = rng.integers(0, 4, (40, 3))
    results = []
    for recorded in (False, True):
        arrays = [dev.array(floats(300, k)) for k in range(4)]
        if recorded:
            with dev.commands() as c:
                for a, b, d in order:
                    add.over(300)(arrays[a], arrays[b], arrays[d])
            c.submit(dev.stream()).wait()
        else:
            for a, b, d in order:
                add.over(300)(arrays[a], arrays[b], arrays[d])
        results.append([a.numpy().copy() for a in arrays])
    assert all(np.array_equal(a, b) for a, b in zip(*results, strict=True))


# Faults


def test_faults_and_prints(dev, capsys) -> None:
    x = dev.zeros(10)
    checked.over(10)(x)
    dev.synchronize()
    checked.over(10)(x, 4)
    with pytest.raises(KernelFault, match=r"index 1[0-3] is out of bounds for axis 0 of array 'x' with extent 10") as e:
        dev.synchronize()
    assert e.value.code == "K440"
    chatty.over(5)(dev.array(np.arange(5, dtype=np.int32) ** 2))
    dev.synchronize()
    assert capsys.readouterr().out.splitlines() == [f"x[ {i} ] = {i * i}" for i in range(5)]
    with pytest.raises(KernelFault):
        checked.over(10)(np.zeros(10, np.float32), 1)  # on the host: finished when it returns


def test_what_the_device_does_not_allow_is_refused(dev) -> None:
    x = dev.zeros(4, "i32")
    with pytest.raises(LaunchError, match="K656"):
        increment[dev.limits.grid[0] + 1, 1](x)
    with pytest.raises(LaunchError, match="K655"):
        increment[1, dev.limits.block_threads + 1](x)
    with pytest.raises(LaunchError, match="K621"):
        increment.over(4)(kdsl.device("cpu").zeros(4, "i32"), stream=dev.stream())


def test_shared_memory_beyond_the_device(dev) -> None:
    @kdsl.kernel
    def greedy(x: Array[u32, 1]):
        s = kdsl.shared((1 << 20,), u32)
        s[kdsl.thread_id(0)] = x[kdsl.global_id(0)]
        kdsl.barrier()
        x[kdsl.global_id(0)] = s[kdsl.thread_id(0) ^ u32(1)]

    with pytest.raises((kdsl.CompileError, DeviceError), match="shared memory"):
        greedy[1, 64](dev.zeros(64, "u32"))


# What goes wrong


def test_a_device_that_does_not_finish(dev, monkeypatch) -> None:
    monkeypatch.setenv("KDSL_TIMEOUT", "0.001")
    x = dev.zeros(1 << 16)  # a second of work: waiting is looked at by slices, two of which a quarter of it was through in
    work_long.over(1 << 16)(x, 60_000)
    with pytest.raises(DeviceError, match=r"did not finish within 0\.001 s(?s:.*)KDSL_INTERPRET"):
        dev.synchronize()
    monkeypatch.delenv("KDSL_TIMEOUT")
    dev.synchronize()
    assert np.allclose(x.numpy(), 2)


def test_a_device_that_is_lost(dev, monkeypatch) -> None:
    x = dev.zeros(16, "i32")
    dev.synchronize()
    stream = dev.stream()
    monkeypatch.setattr(stream.line.queue, "_submit_raw", lambda *_: -4)
    with pytest.raises(DeviceLost, match="the device was lost"):
        increment.over(16)(x, stream=stream)
    monkeypatch.undo()


_CHILD = """
import json, os, sys
import numpy as np
import kdsl
from kdsl import Array, i32

@kdsl.kernel
def increment(x: Array[i32, 1]):
    i = kdsl.global_id(0)
    x[i] = x[i] + 1

dev = kdsl.device("vulkan")
x = dev.zeros(8, "i32")
increment.over(8)(x)
if sys.argv[1] == "fork":
    pid = os.fork()
    if pid == 0:
        try:
            increment.over(8)(x)
        except kdsl.DeviceError as e:
            os._exit(7 if "spawn" in str(e) else 2)
        os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(json.dumps([code, x.numpy().tolist()]))
else:
    for _ in range(100):
        increment.over(8)(x)  # and leaves without waiting
    print(json.dumps("left"))
"""


def _in_a_process(folder: Path, how: str) -> object:
    program = folder / "child.py"  # a kernel's source is looked for in its file
    program.write_text(_CHILD)
    done = subprocess.run([sys.executable, str(program), how], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_forked_child_is_told_and_the_parent_goes_on(tmp_path, monkeypatch) -> None:
    opened("vulkan", monkeypatch)
    assert _in_a_process(tmp_path, "fork") == [7, [1] * 8]


def test_pipelines_are_kept_on_disk_for_the_next_process(empty_cache, tmp_path, monkeypatch) -> None:
    opened("vulkan", monkeypatch)
    assert _in_a_process(tmp_path, "leave") == "left"
    kept = {p for p in empty_cache.rglob("*") if p.is_file()}
    assert _in_a_process(tmp_path, "leave") == "left"
    assert len(kept) >= 2 and kept == {p for p in empty_cache.rglob("*") if p.is_file()}


# Choice


def test_a_processor_that_plays_a_gpu_is_not_chosen_unasked(monkeypatch) -> None:
    opened("vulkan", monkeypatch)
    monkeypatch.delenv("KDSL_DEVICE")
    found = [d for d in registry.devices() if d.name.startswith("vulkan")]
    assert found and all(d.text or d.reason for d in found)
    if all(d.is_software for d in found):
        assert not registry.best_name().startswith("vulkan")
    with pytest.raises(DeviceError, match=r"there is no device vulkan:99.*\n.*doctor"):
        kdsl.device("vulkan:99")


def test_a_system_without_vulkan_says_so(monkeypatch) -> None:
    from kdsl.runtime.vulkan import api, instance

    instance.instance.cache_clear()
    monkeypatch.setattr(api, "_LIBRARIES", {"linux": ("libnothing.so",)})
    try:
        (row,) = registry.list_kind("vulkan")
        assert "there is no Vulkan on this system" in row.reason
    finally:
        monkeypatch.undo()
        instance.instance.cache_clear()
