"""A CUDA device as users have it, over the stand-in driver: launches from Python and by compiled code, streams, fork, absence.

Kernels are Python functions in the place of PTX: what is asked is what reaches the driver, with which arguments, in which
order. That PTX itself is right is the conformance suite's question.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest
from standins.cuda import Launched, Machine, standin

import kdsl
from kdsl.artifact import Artifact, Entry, Param
from kdsl.diagnostics import DeviceError, LaunchError
from kdsl.kernel import provide_pool
from kdsl.runtime import quick, registry
from kdsl.runtime.api import Device
from kdsl.runtime.geometry import check_geometry, geometry_over
from kdsl.runtime.launcher import launcher_of

PARAMS = (Param("a", "scalar", "f32", 4), Param("x", "array", "f32", 4, 1, 0), Param("y", "array", "f32", 4, 1, 0, True, True))


def saxpy(arguments: bytes, launch: Launched) -> None:
    """y = a * x + y over the threads that exist: y's extent where none is cut off."""
    words = np.frombuffer(arguments, np.int64)
    a = np.frombuffer(arguments, np.float32)[0]
    n = int(words[7]) if len(words) > 7 else int(words[5])
    x = launch.memory(int(words[1]), 4 * n).view(np.float32)
    y = launch.memory(int(words[4]), 4 * n).view(np.float32)
    y[...] = a * x + y


def execute(module: str, entry: str, arguments: bytes, launch: Launched) -> None:
    saxpy(arguments, launch)


@pytest.fixture
def machine() -> Iterator[Machine]:
    provide_pool()
    with standin(execute) as m:
        yield m


@pytest.fixture
def dev(machine) -> Device:
    return registry.device("cuda")


def artifact(*, cut: bool) -> Artifact:
    entry = Entry("kdsl_saxpy", PARAMS, False, block=(32, 1, 1), cut=cut)
    text = ".version 8.0\n.target sm_75\n.visible .entry kdsl_saxpy() { ret; }\n"
    return Artifact("cuda:sm_75", "ptx", text.encode(), (entry,))


def launcher(dev: Device, n: int, *samples):
    made = artifact(cut=n % 32 != 0)
    return launcher_of("saxpy", dev.load(made), made.entry, samples), geometry_over("saxpy", n, 32)


def floats(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(n, np.float32)


def test_names(dev) -> None:
    assert registry.device("cuda:0") is dev and dev.name == "cuda:0" and "Stand-in GPU" in repr(dev)
    assert [f.name for f in registry.list_kind("cuda")] == ["cuda:0"]
    with pytest.raises(DeviceError, match="no GPU number 7"):
        registry.device("cuda:7")


def test_absence_is_a_reason() -> None:
    with standin(execute, devices=0):
        found = registry.list_kind("cuda")
    assert len(found) == 1 and "sees no GPU" in found[0].reason


@pytest.mark.parametrize("n", [64, 100])
def test_arrays_of_the_device(dev, n) -> None:
    x, y = floats(n), floats(n, 1)
    dx, dy = dev.array(x), dev.array(y)
    launch, shape = launcher(dev, n, 2.0, dx, dy)
    launch((2.0, dx, dy), shape)
    launch((3.0, dx, dy), shape)
    assert np.allclose(dy.numpy(), 5 * x + y)


def test_arrays_of_the_host(dev) -> None:
    x, y = floats(64), floats(64, 1)
    wanted = 2 * x + y
    launch, shape = launcher(dev, 64, 2.0, x, y)
    launch((2.0, x, y), shape)
    assert np.allclose(y, wanted)


class Call(quick.Repeated):
    """What `kernel.Launch` is, over a launcher that is there already."""

    __slots__ = ("launch", "shape")

    def __init__(self, launch, shape) -> None:
        super().__init__()
        self.launch, self.shape = launch, shape

    def __call__(self, *args) -> None:
        self.launch(args, self.shape)
        if self._is_due():
            plan = self.launch.executable.call_plan(self.launch.entry, self.shape)
            quick.make_quick(self, plan, (), quick.rows_of(self.launch.entry.params, args, ()))


@pytest.mark.parametrize("n", [64, 100])
def test_the_same_launch_again_is_made_by_compiled_code(dev, machine, n) -> None:
    x = dev.array(np.ones(n, np.float32))
    y = dev.zeros(n)
    call = Call(*launcher(dev, n, 1.0, x, y))
    for _ in range(40):
        call(1.0, x, y)
    assert quick.runs(call) > 20 and machine.calls["cuLaunchKernel"] == 40
    assert (y.numpy() == 40).all()
    call(np.float32(2.5), y, x)  # other arrays and another number
    assert (x.numpy() == 101).all()


def test_memory_of_compiled_launches_is_not_given_out_too_early(dev) -> None:
    n = 64
    x, y = dev.array(np.ones(n, np.float32)), dev.zeros(n)
    call = Call(*launcher(dev, n, 1.0, x, y))
    for _ in range(20):
        call(1.0, x, y)
    dev.synchronize()
    call(1.0, x, y)
    assert quick.runs(call)
    address = x.address
    del x
    other = dev.empty(n)
    assert other.address != address, "the launch that reads it has not run"
    assert (y.numpy() == 21).all()


def test_arrays_of_the_host_never_reach_compiled_code(dev) -> None:
    x, y = np.ones(64, np.float32), np.zeros(64, np.float32)
    call = Call(*launcher(dev, 64, 1.0, x, y))
    for _ in range(40):
        call(1.0, x, y)
    assert quick.runs(call) == 0 and (y == 40).all()


def test_what_the_driver_refuses_comes_back_through_python(dev, machine) -> None:
    x, y = dev.array(np.ones(64, np.float32)), dev.zeros(64)
    call = Call(*launcher(dev, 64, 1.0, x, y))
    for _ in range(20):
        call(1.0, x, y)
    dev.synchronize()
    machine.context.current = 0  # a thread without a context: compiled code is refused, Python makes it current
    call(1.0, x, y)
    assert (y.numpy() == 21).all()
    machine.broken = 700
    with pytest.raises(DeviceError, match="ILLEGAL_ADDRESS"):
        call(1.0, x, y)
    machine.broken = 0


def test_streams(dev) -> None:
    x, y = dev.array(np.ones(64, np.float32)), dev.zeros(64)
    launch, shape = launcher(dev, 64, 1.0, x, y)
    s, t = dev.stream(), dev.stream()
    launch((1.0, x, y), shape, s)
    done = s.record()
    t.wait(done)
    launch((2.0, x, y), shape, t)
    last = t.record()
    last.wait()
    assert (y.numpy() == 3).all() and last.elapsed_ms(done) >= 0 and s.native != t.native


def new_kernel() -> kdsl.Kernel:
    """One that knows no device yet: each test has its own."""

    @kdsl.kernel
    def axpy(a: kdsl.f32, x: kdsl.Array[kdsl.f32, 1], y: kdsl.Array[kdsl.f32, 1]):
        i = kdsl.global_id(0)
        if i < y.shape[0]:
            y[i] = a * x[i] + y[i]

    return axpy


def test_launches_on_a_named_stream_are_made_by_compiled_code(dev, machine) -> None:
    x, y = dev.array(np.ones(64, np.float32)), dev.zeros(64)
    s, t = dev.stream(), dev.stream()
    launch = new_kernel().over(64)
    for _ in range(40):
        launch(1.0, x, y, stream=s)
    made = quick.runs(launch)
    assert made > 20 and machine.calls["cuLaunchKernel"] == 40
    s.synchronize()
    assert (y.numpy() == 40).all()
    for other in ({"stream": t}, {}, {"stream": None}):  # not what was seen: through Python
        launch(1.0, x, y, **other)
        dev.synchronize()
    assert quick.runs(launch) == made and (y.numpy() == 43).all()
    launch(1.0, x, y, stream=s)
    assert quick.runs(launch) == made + 1
    with pytest.raises(LaunchError, match="no parameter .nothing"):
        launch(1.0, x, y, nothing=s)
    with pytest.raises(LaunchError, match="no stream"):
        launch(1.0, x, y, stream="s")  # pyright: ignore


def test_what_the_host_writes_is_there_for_compiled_launches_on_every_stream(dev) -> None:
    x, y = dev.array(np.ones(64, np.float32)), dev.zeros(64)
    s = dev.stream()
    run = new_kernel().over(64).bind(1.0, x, y)
    for _ in range(40):
        run(stream=s)
    made = quick.runs(run)
    assert made > 20
    s.synchronize()
    y.fill(0.0)  # on the default stream
    run(stream=s)  # waits for that, so Python makes it
    run(stream=s)
    s.synchronize()
    assert quick.runs(run) == made + 1 and (y.numpy() == 2).all()


def test_a_stream_that_met_another_has_not_met_the_default_one(dev) -> None:
    x, y = dev.array(np.ones(64, np.float32)), dev.zeros(64)
    s, busy = dev.stream(), dev.stream()
    launch, shape = launcher(dev, 64, 1.0, x, y)
    for _ in range(30):
        launch((1.0, x, y), shape, busy)
    launch((1.0, x, y), shape, s)
    s.line.meet(busy.line)
    dev.synchronize()
    y.fill(5.0)
    launch((1.0, x, y), shape, s)
    s.synchronize()
    assert (y.numpy() == 6).all()


def test_recordings_are_graphs(dev, machine) -> None:
    x, y = dev.array(np.ones(64, np.float32)), dev.zeros(64)
    launch, shape = launcher(dev, 64, 1.0, x, y)
    with dev.commands() as c:
        launch((1.0, x, y), shape)
        launch((2.0, x, y), shape)
    for _ in range(3):
        c.submit().wait()
    assert (y.numpy() == 9).all() and machine.calls["cuGraphLaunch"] == 3
    z = dev.zeros(64)
    c.update(y=z)
    c.submit().wait()
    assert (z.numpy() == 3).all() and (y.numpy() == 9).all()
    assert machine.calls["cuGraphInstantiateWithFlags"] == 1


def test_a_forked_child_is_told(dev) -> None:
    x, y = dev.array(np.ones(64, np.float32)), dev.zeros(64)
    call = Call(*launcher(dev, 64, 1.0, x, y))
    for _ in range(20):
        call(1.0, x, y)
    assert quick.runs(call)
    child = os.fork()
    if child == 0:
        try:
            call(1.0, x, y)
        except DeviceError as e:
            os._exit(0 if "forked" in str(e) else 2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (y.numpy() == 20).all()


def test_out_of_memory_says_what_to_do(machine) -> None:
    machine.memory_bytes = 1 << 20
    dev = registry.device("cuda")
    kept = dev.zeros(100_000)
    with pytest.raises(DeviceError, match="out of memory(.|\n)*help"):
        dev.zeros(200_000)
    del kept
    assert dev.zeros(200_000).shape == (200_000,)


def test_limits_of_the_device_count(dev) -> None:
    assert dev.limits.grid[1] == 65535
    with pytest.raises(LaunchError, match="K656"):
        check_geometry("k", (1, 70_000, 1, 1, 1, 1, 1, 70_000, 1), dev.limits)
