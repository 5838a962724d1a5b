"""The runtime suite of GPUs: kernels from source to result, on every way that a launch can go.

One idea: the same tests run on hardware (`make check-gpu` names the device in KDSL_CHECK_GPU) and, in every run of the
tests, over a stand-in driver that executes the real code of the kernels.
"""

from __future__ import annotations

import gc
import os
import threading

import numpy as np
import pytest
from present import opened

import kdsl
from kdsl import Array, f32, i32, u32
from kdsl.diagnostics import CompileError, DeviceError, KernelFault, LaunchError
from kdsl.runtime import quick
from kdsl.runtime.api import Device

HARDWARE = [name for name in os.environ.get("KDSL_CHECK_GPU", "").split(",") if name]


@pytest.fixture(params=HARDWARE or ["cuda-stand-in", "hip-stand-in", "metal-stand-in"])
def dev(request, monkeypatch) -> Device:
    return opened(request.param, monkeypatch)


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


@kdsl.kernel
def add_rows(x: Array[f32, 2], y: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    y[j, i] = x[j, i] + f32(j)


@kdsl.kernel
def block_sums(x: Array[f32, 1], out: Array[f32, 1]):
    tile = kdsl.shared(128, f32)
    t = kdsl.thread_id(0)
    tile[t] = x[kdsl.global_id(0)]
    kdsl.barrier()
    step = 64
    while step > 0:
        if t < step:
            tile[t] += tile[t + step]
        kdsl.barrier()
        step //= 2
    if t == 0:
        out[kdsl.block_id(0)] = tile[0]


@kdsl.kernel
def histogram(x: Array[u32, 1], bins: Array[u32, 1]):
    kdsl.atomic_add(bins[x[kdsl.global_id(0)] % u32(16)], u32(1))


@kdsl.kernel
def much_shared(out: Array[i32, 1]):
    big = kdsl.shared(25_000, i32)
    t = kdsl.thread_id(0)
    for k in range(t, 25_000, 64):
        big[k] = i32(k)
    kdsl.barrier()
    total = i32(0)
    for k in range(t, 25_000, 64):
        total += big[24_999 - k]
    out[t] = total


@kdsl.kernel(debug=True)
def checked(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    assert i < 1000, "too many threads"
    y[i] = x[i + 1]


@kdsl.kernel
def talk(x: Array[i32, 1]):
    i = kdsl.global_id(0)
    if i < 3:
        print("i =", i, "x =", x[i])


def floats(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(n, np.float32)


@pytest.mark.parametrize("n", [1, 31, 256, 1000, 100_003])
def test_a_kernel_on_arrays_of_the_device(dev, n) -> None:
    x, y = floats(n), floats(n, 1)
    dx, dy = dev.array(x), dev.array(y)
    saxpy.over(n)(2.0, dx, dy)
    assert np.allclose(dy.numpy(), 2 * x + y, rtol=1e-6)


@pytest.mark.parametrize("n", [256, 1000])
def test_a_kernel_on_arrays_of_the_host(dev, n) -> None:
    x, y = floats(n), floats(n, 1)
    wanted = 2 * x + y
    saxpy.over(n)(2.0, x, y)
    assert np.allclose(y, wanted, rtol=1e-6)
    z = np.zeros(2 * n, np.float32)
    saxpy.over(n)(1.0, x[::-1], z[::2])
    assert np.allclose(z[::2], x[::-1]) and not z[1::2].any()


@pytest.mark.parametrize("shape", [(64, 32), (33, 7), (5, 70)])
def test_two_axes(dev, shape) -> None:
    width, height = shape
    x = floats(width * height).reshape(height, width)
    dx, dy = dev.array(x), dev.zeros((height, width))
    add_rows.over((width, height))(dx, dy)
    assert np.array_equal(dy.numpy(), x + np.arange(height, dtype=np.float32)[:, None])


def test_strided_arrays_of_the_device(dev) -> None:
    x = dev.array(floats(40 * 24).reshape(40, 24))
    y = dev.zeros((40, 24))
    add_rows.over((8, 20))(x[::2, 4:12], y[20:, 3:11])
    wanted = np.zeros((40, 24), np.float32)
    wanted[20:, 3:11] = x.numpy()[::2, 4:12] + np.arange(20, dtype=np.float32)[:, None]
    assert np.array_equal(y.numpy(), wanted)


def test_blocks_that_work_together(dev) -> None:
    x = np.arange(1280, dtype=np.float32)
    out = dev.zeros(10)
    block_sums[10, 128](dev.array(x), out)
    assert np.array_equal(out.numpy(), x.reshape(10, 128).sum(1))


def test_atomics(dev) -> None:
    x = np.random.default_rng(3).integers(0, 1 << 30, 5000).astype(np.uint32)
    bins = dev.zeros(16, "u32")
    histogram.over(5000)(dev.array(x), bins)
    assert np.array_equal(bins.numpy(), np.bincount(x % 16, minlength=16))


def test_more_shared_memory_than_48_kib(dev) -> None:
    if dev.limits.shared_bytes < 100_000:
        pytest.skip(f"{dev.name} has {dev.limits.shared_bytes} bytes of shared memory")
    out = dev.zeros(64, "i32")
    much_shared[1, 64](out)
    assert out.numpy().sum() == 25_000 * 24_999 // 2


def test_more_shared_memory_than_there_is(dev) -> None:
    @kdsl.kernel
    def too_much(out: Array[i32, 1]):
        big = kdsl.shared(120_000, i32)
        t = kdsl.thread_id(0)
        big[t] = i32(1)
        kdsl.barrier()
        out[t] = big[63 - t]

    with pytest.raises(CompileError, match="shared memory"):
        too_much[1, 64](dev.zeros(64, "i32"))


def test_streams_and_events(dev) -> None:
    n = 4096
    x, y = dev.array(np.ones(n, np.float32)), dev.zeros(n)
    s, t = dev.stream(), dev.stream()
    for _ in range(5):
        saxpy.over(n)(1.0, x, y, stream=s)
    first = s.record()
    t.wait(first)
    saxpy.over(n)(10.0, x, y, stream=t)
    second = t.record()
    second.wait()
    assert first.done and second.done and second.elapsed_ms(first) >= 0
    assert (y.numpy() == 15).all()


def test_recordings_are_replayed_and_updated(dev) -> None:
    n = 500
    x, y, z = dev.array(np.ones(n, np.float32)), dev.zeros(n), dev.zeros(n)
    with dev.commands() as c:
        saxpy.over(n)(1.0, x, y)
        saxpy.over(n)(2.0, y, z)
    assert not y.numpy().any()
    for _ in range(3):
        c.submit()
    c.submit().wait()
    assert (y.numpy() == 4).all() and (z.numpy() == 2 * (1 + 2 + 3 + 4)).all()
    other = dev.array(np.full(n, 5, np.float32))
    c.update((x, other), a=1.0)
    c.submit(stream=dev.stream()).wait()
    assert (y.numpy() == 9).all()


def test_recordings_with_arrays_of_the_host(dev) -> None:
    x, y = np.ones(100, np.float32), np.zeros(100, np.float32)
    with dev.commands() as c:
        saxpy.over(100)(1.0, x, y)
    c.submit().wait()
    x[:] = 2
    c.submit().wait()
    assert (y == 3).all()


def test_bound_launches(dev) -> None:
    n = 300
    x, y = dev.array(np.ones(n, np.float32)), dev.zeros(n)
    run = saxpy.over(n).bind(2.0, x, y)
    for _ in range(50):
        run()
    assert (y.numpy() == 100).all()
    run(dev.stream())
    dev.synchronize()
    assert (y.numpy() == 102).all()


def test_the_same_launch_many_times(dev) -> None:
    n = 256
    x, y = dev.array(np.ones(n, np.float32)), dev.zeros(n)
    launch = saxpy.over(n)
    for _ in range(400):
        launch(1.0, x, y)
    assert (y.numpy() == 400).all()
    if dev.name.startswith("cuda") and quick.call_status() == "native":
        assert quick.runs(launch) > 300


def test_memory_is_reused_after_the_work_that_uses_it(dev) -> None:
    n = 50_000
    total = dev.zeros(n)
    for k in range(40):
        saxpy.over(n)(1.0, dev.array(np.full(n, k, np.float32)), total)
    gc.collect()
    assert (total.numpy() == sum(range(40))).all()


def test_faults_name_the_line(dev) -> None:
    x, y = dev.array(np.arange(64, dtype=np.float32)), dev.zeros(64)
    checked.over(64)(x, y)
    with pytest.raises(KernelFault, match=r"axis 0 of array 'x'") as e:
        dev.synchronize()
    assert e.value.code == "K440" and "thread (63, 0, 0)" in str(e.value)
    checked.over(63)(x, y)  # the device goes on working
    dev.synchronize()
    assert np.array_equal(y.numpy()[:63], np.arange(1, 64))


def test_assertions(dev) -> None:
    x, y = dev.zeros(2000), dev.zeros(2000)
    checked.over(1500)(x, y)
    with pytest.raises(KernelFault, match="too many threads") as e:
        dev.synchronize()
    assert e.value.code == "K442"


def test_prints(dev, capsys) -> None:
    talk.over(100)(dev.array(np.arange(100, dtype=np.int32) * 7))
    dev.synchronize()
    assert capsys.readouterr().out.splitlines() == ["i = 0 x = 0", "i = 1 x = 7", "i = 2 x = 14"]


@pytest.mark.parametrize("memory", ["device", "host", "shared"])
def test_every_kind_of_memory(dev, memory) -> None:
    if memory not in dev.memories:
        pytest.skip(f"{dev.name} has no {memory} memory")
    from kdsl.runtime.arrays import DeviceArray

    buffer = dev.allocate(400, memory)
    y = DeviceArray(dev, buffer, "f32", (100,), (4,))
    y.fill(1.0)
    saxpy.over(100)(2.0, dev.array(np.arange(100, dtype=np.float32)), y)
    dev.synchronize()
    assert np.array_equal(y.numpy(), 2 * np.arange(100, dtype=np.float32) + 1)
    if memory != "device":
        assert dev.host_address(buffer)


@pytest.mark.parametrize("dtype", ["bool", "i8", "u16", "i32", "u64", "f16", "bf16", "f32", "f64", "f8e4m3", "vec3<f32>"])
def test_arrays_of_every_type(dev, dtype) -> None:
    x = dev.zeros((3, 5), dtype)
    assert not x.numpy().any()
    x.fill(1)
    assert (x.numpy().astype(np.float32) == 1).all()
    x[1, ::2] = 0
    assert (x.numpy().astype(np.float32).reshape(3, 5, -1)[1, ::2] == 0).all()


@pytest.mark.parametrize("size", [1, 1000, 100_000, 5_000_000, 20_000_001])
def test_copies_of_every_size(dev, size) -> None:
    data = np.random.default_rng(size).integers(0, 255, size).astype(np.uint8)
    x = dev.array(data)
    data2 = data.copy()
    data[:] = 0
    assert np.array_equal(x.numpy(), data2)


def test_several_threads(dev) -> None:
    failures: list[object] = []
    n = 1000

    def work(k: int) -> None:
        try:
            x, y = dev.array(np.full(n, k, np.float32)), dev.zeros(n)
            stream = dev.stream() if k % 2 else None
            for _ in range(30):
                saxpy.over(n)(1.0, x, y, stream=stream)
            if stream is not None:
                stream.synchronize()
            if not (y.numpy() == 30 * k).all():
                failures.append(k)
        except Exception as e:  # noqa: BLE001  # of whatever kind
            failures.append(e)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 5)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures


def test_no_blocks_run_nothing(dev) -> None:
    x, y = dev.array(np.ones(4, np.float32)), dev.zeros(4)
    saxpy[0, 32](1.0, x, y)
    saxpy.over(0)(1.0, x, y)
    dev.synchronize()
    assert not y.numpy().any()


def test_a_launch_with_empty_arrays(dev) -> None:
    saxpy.over(0)(1.0, dev.zeros(0), dev.zeros(0))
    dev.synchronize()


def test_grids_that_the_device_does_not_allow(dev) -> None:
    with pytest.raises(LaunchError, match="K65"):
        add_rows[(1, 2**31), (1, 1)](dev.zeros((4, 4)), dev.zeros((4, 4)))


def test_explain_says_what_the_drivers_compiler_made(dev) -> None:
    x, y = dev.array(np.ones(64, np.float32)), dev.zeros(64)
    saxpy[2, 32](1.0, x, y)
    if dev.name.startswith("cuda"):
        from kdsl.runtime.geometry import geometry

        text = saxpy._launcher((1.0, x, y), geometry("saxpy", 2, 32)).executable.explain()
        assert "registers, 0 bytes of local memory" in text


def test_a_forked_child_is_refused(dev) -> None:
    x, y = dev.array(np.ones(64, np.float32)), dev.zeros(64)
    saxpy.over(64)(1.0, x, y)
    dev.synchronize()
    child = os.fork()
    if child == 0:
        try:
            saxpy.over(64)(1.0, x, y)
        except DeviceError as e:
            os._exit(0 if "forked" in str(e) else 2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (y.numpy() == 1).all()
