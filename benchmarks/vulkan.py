"""What a launch costs on a Vulkan device: eager, replayed, and against a bare dispatch of the same module; and what it costs to
write SPIR-V for kernels of a hundred lines.

    python benchmarks/vulkan.py

One idea: the bare dispatch is the least that any program can do (one command buffer recorded beforehand, submitted, waited for),
made through the same ctypes functions; all is measured in one run, so ratios hold on any machine.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from ctypes import addressof, byref, c_uint64, c_void_p
from typing import Any

import numpy as np

import kdsl
from kdsl import Array, f32
from kdsl.codegen import registry
from kdsl.compiler import uncollected
from kdsl.runtime.bindings import vulkan as v
from kdsl.runtime.vulkan.api import new
from kernels_100_lines import KERNELS


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


def best_us(f: Callable[[], object], times: int, rounds: int = 7) -> float:
    """Microseconds of one call, in the fastest of some rounds."""
    f()
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            f()
        found.append((time.perf_counter() - start) / times)
    return min(found) * 1e6


def bare_dispatch(dev: Any, recording: Any) -> Callable[[], None]:
    """Submit the recording's command buffer and wait for it, with nothing around it."""
    driver, queue = dev.driver, dev.driver.queue()
    commands = recording._replay_of.commands()
    handles = (c_void_p * len(commands))(*commands)
    value, semaphore = c_uint64(0), queue.semaphore
    timeline = new(v.TimelineSemaphoreSubmitInfo, signalSemaphoreValueCount=1, pSignalSemaphoreValues=addressof(value))
    info = new(v.SubmitInfo, pNext=addressof(timeline), signalSemaphoreCount=1, pSignalSemaphores=addressof(semaphore),
               commandBufferCount=len(commands), pCommandBuffers=addressof(handles))  # fmt: skip
    wait = new(v.SemaphoreWaitInfo, semaphoreCount=1, pSemaphores=addressof(semaphore), pValues=addressof(value))
    vk, device, native = driver.vk, driver.device, queue.native
    keep = (handles, value, timeline, info, wait)

    def run() -> None:
        value.value += 1
        vk.QueueSubmit_raw(native, 1, byref(keep[3]), 0)
        vk.WaitSemaphores_raw(device, byref(keep[4]), 1 << 60)

    return run


def emission() -> None:
    """Processor time of the emitter alone, behind the passes, in the fastest of some rounds."""
    emit, given = registry.compile_function, []

    def listen(function: Any, target: Any) -> Any:
        given.append((function, target))
        return emit(function, target)

    registry.compile_function = listen
    try:
        for launch in KERNELS.values():
            launch()
    finally:
        registry.compile_function = emit
    found = []
    for function, target in given:
        times = []
        for _ in range(10):
            with uncollected():
                start = time.process_time()
                emit(function, target)
                times.append(time.process_time() - start)
        found.append(f"{function.name} {min(times) * 1e3:.1f}")
    print(f"SPIR-V of kernels of 100 lines, ms: {', '.join(found)}")


def main() -> None:
    os.environ["KDSL_DEVICE"], os.environ["KDSL_CACHE_SIZE"] = "vulkan", "0"
    emission()
    dev: Any = kdsl.device("vulkan")
    x, y = dev.array(np.ones(256, np.float32)), dev.zeros(256)
    launch = saxpy[1, 256]
    launch(1.0, x, y)
    with dev.commands() as one:
        launch(1.0, x, y)
    with dev.commands() as thousand:
        for _ in range(1000):
            launch(1.0, x, y)
    one.submit().wait()
    thousand.submit().wait()
    bare = bare_dispatch(dev, one)
    pairs = [(best_us(bare, 500, 3), best_us(lambda: one.submit().wait(), 500, 3)) for _ in range(5)]
    bare_us, replay_us = (min(row[k] for row in pairs) for k in (0, 1))
    print(f"{dev!r}")
    print(f"one dispatch, submitted and waited for: bare {bare_us:.1f} us, replayed {replay_us:.1f} us: {replay_us / bare_us:.2f}")

    def eager() -> None:
        for _ in range(1000):
            launch(1.0, x, y)

    host = {}
    for name, f in (("eager", eager), ("replayed", thousand.submit)):
        dev.synchronize()
        spent = []
        for _ in range(5):
            cpu, wall = time.thread_time(), time.perf_counter()
            f()
            spent.append((time.thread_time() - cpu, time.perf_counter() - wall))
            dev.synchronize()
        host[name] = tuple(min(s[k] for s in spent) for k in (0, 1))
    (cpu_e, wall_e), (cpu_r, wall_r) = host["eager"], host["replayed"]
    print(f"1000 launches, host time: eager {cpu_e * 1e6:.0f} us ({wall_e * 1e6:.0f} us until it returns), replayed "
          f"{cpu_r * 1e6:.0f} us ({wall_r * 1e6:.0f} us): {cpu_r / cpu_e:.3f} ({wall_r / wall_e:.3f})")  # fmt: skip
    dev.synchronize()
    peaks = []
    for _ in range(4):
        for _ in range(25):
            eager()
        dev.synchronize()
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    print(f"100000 launches: {' '.join(f'{p / 1024:.1f}' for p in peaks)} MiB at most, after each quarter")


if __name__ == "__main__":
    main()
