"""The benchmarks of one device, as rows: what was measured, the number, and what it is held against.

One idea: every number stands beside one that was measured in the same minute on the same device: a copy by the driver, the same
kernel from NVIDIA's compiler, a bare launch. Device times are differences of events on one stream, host times are taken
while few launches are under way, so that no queue is full; all are medians.

    python -m tests.check_gpu.bench DEVICE            prints a line of JSON per row
    python -m tests.check_gpu.bench DEVICE quick      with little work: whether it runs, not how fast
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Row", "main", "rows"]

Row = dict[str, Any]


def row(name: str, value: float, unit: str, against: float = 0.0, bound: float = 0.0, note: str = "") -> Row:
    """against: what it is compared with. bound: what value / against, or value where there is nothing, should come to;
    positive for at least, negative for at most."""
    ratio = value / against if against else value
    met = True if not bound else ratio >= bound if bound > 0 else ratio <= -bound
    return {"name": name, "value": value, "unit": unit, "against": against, "ratio": ratio, "bound": bound, "met": met,
            "note": note}  # fmt: skip


class Sizes(NamedTuple):
    """count: elements of f32, beyond any cache. launches: of a round. transfer: bytes between host and device."""

    count: int = 1 << 26
    bodies: int = 1 << 16
    pixels: int = 4096
    limit: int = 1000
    repeats: int = 15
    launches: int = 100
    warm: int = 300
    transfer: int = 1 << 26


QUICK = Sizes(1 << 14, 256, 64, 20, 2, 5, 20, 1 << 16)


class Device:
    """The device under test and its clock."""

    def __init__(self, name: str, sizes: Sizes) -> None:
        from kdsl.runtime.registry import device

        self.device = device(name)
        self.stream = self.device.stream()
        free, _ = self.device.memory_info()
        small = 0 < free < 4 << 30
        self.sizes = sizes._replace(count=min(sizes.count, 1 << 22)) if small else sizes

    def seconds(self, work: Callable[[], object], repeats: int = 15) -> float:
        """Median of the device's time for one call of `work`, which gives work to `self.stream`."""
        repeats = min(repeats, self.sizes.repeats)
        for _ in range(min(3, repeats)):
            work()
        self.stream.synchronize()
        marks = [self.stream.record()]
        for _ in range(repeats):
            work()
            marks.append(self.stream.record())
        self.stream.synchronize()
        return statistics.median([b.elapsed_ms(a) for a, b in zip(marks, marks[1:], strict=False)]) * 1e-3

    def random(self, shape: Any) -> Any:
        return self.device.array(np.random.default_rng(1).random(shape, np.float32))


def host_seconds(call: Callable[[], object], finish: Callable[[], object], launches: int, rounds: int) -> float:
    """Median host time of one call, in rounds that end with waiting for the device."""
    times = []
    skipped = min(3, rounds)
    for k in range(rounds + skipped):
        start = time.perf_counter_ns()
        for _ in range(launches):
            call()
        took = time.perf_counter_ns() - start
        finish()
        if k >= skipped:
            times.append(took / launches)
    return statistics.median(times) * 1e-9


def bandwidth(d: Device) -> Iterator[Row]:
    """Memory: the device's own copy, and kernels that move as much."""
    from . import kernels

    n = d.sizes.count
    x, y = d.random(n), d.random(n)
    copied = 8 * n / d.seconds(lambda: d.device.copy(x.buffer, y.buffer, 4 * n, stream=d.stream))
    yield row("copy by the driver", copied * 1e-9, "GB/s")
    plain = kernels.copy.over(n)
    yield row("plain copy", 8e-9 * n / d.seconds(lambda: plain(x, y, stream=d.stream)), "GB/s", copied * 1e-9, 0.92)
    launch = kernels.saxpy.over(n)
    yield row("saxpy", 12e-9 * n / d.seconds(lambda: launch(1.0001, x, y, stream=d.stream)), "GB/s", copied * 1e-9, 0.92)
    ragged = kernels.saxpy.over(n - 77)
    took = d.seconds(lambda: ragged(1.0001, x, y, stream=d.stream))
    yield row("saxpy, cut inside a block", 12e-9 * n / took, "GB/s", copied * 1e-9, 0.92)
    width = 1 << 12
    a, b = d.device.empty((n // width, width + 64)), d.device.empty((n // width, width + 64))
    a.fill(1.0)
    part_a, part_b = a[:, 32 : 32 + width], b[:, 32 : 32 + width]
    strided = kernels.copy_rows.over((width, n // width), (256, 1))
    took = d.seconds(lambda: strided(part_a, part_b, stream=d.stream))
    assert float(part_b.numpy().min()) == 1.0
    yield row("strided copy", 8e-9 * n / took, "GB/s", copied * 1e-9, 0.92, "rows of 16 KiB out of longer ones")


def compute(d: Device) -> Iterator[Row]:
    """Arithmetic, against the same kernels in CUDA C++."""
    from . import kernels
    from .native import Compiled

    native = Compiled(d) if d.device.name.startswith("cuda") else None
    note = native.note if native else "no CUDA C++ on this device"
    n = d.sizes.bodies
    bodies, out = d.random((n, 4)), d.device.empty((n, 3))
    launch = kernels.accelerate[n // kernels.BLOCK, kernels.BLOCK]
    ours = d.seconds(lambda: launch(bodies, out, stream=d.stream), 7)
    mine = out.numpy()
    theirs = native.accelerate(bodies, out, n, d) if native and native.works else 0.0
    if theirs:
        assert np.allclose(mine, out.numpy(), rtol=2e-3, atol=1e-2), "n-body: another answer than CUDA C++"
    yield row("n-body", n * n * 1e-9 / ours, "G/s", n * n * 1e-9 / theirs if theirs else 0.0, 1.0 if theirs else 0.0, note)
    size, limit = d.sizes.pixels, d.sizes.limit
    counts = d.device.zeros((size, size), "i32")
    draw = kernels.mandelbrot.over((size, size))
    ours = d.seconds(lambda: draw(-2.0, -1.25, 2.5 / size, limit, counts, stream=d.stream), 7)
    total = int(counts.numpy().sum(dtype=np.int64))
    theirs = native.mandelbrot(counts, size, limit, d) if native and native.works else 0.0
    if theirs:
        other = int(counts.numpy().sum(dtype=np.int64))
        assert abs(other - total) < 1e-3 * total, f"mandelbrot: {other} steps in CUDA C++, not {total}"
    yield row("mandelbrot", total * 1e-9 / ours, "G/s", total * 1e-9 / theirs if theirs else 0.0, 1.0 if theirs else 0.0, note)


def launches(d: Device) -> Iterator[Row]:
    """What a launch costs on the host."""
    from . import kernels
    from .native import bare_launch_seconds

    n = 256
    x, y, z = d.random(n), d.random(n), d.device.zeros(n)
    launch = kernels.three.over(n)
    finish = d.device.synchronize
    for _ in range(d.sizes.warm):
        launch(x, y, z)
    finish()
    count, rounds = d.sizes.launches, d.sizes.repeats
    took = host_seconds(lambda: launch(x, y, z), finish, count, rounds)
    loop = host_seconds(lambda: None, finish, count, rounds)
    yield row("launch, 3 arrays", (took - loop) * 1e6, "us", bound=-3.0, note=f"{_native_runs(launch)}")
    bound = launch.bind(x, y, z)
    for _ in range(d.sizes.warm):
        bound()
    finish()
    again = host_seconds(bound, finish, count, rounds)
    bare, how = bare_launch_seconds(d) if d.device.name.startswith("cuda") else (0.0, "")
    if bare:
        yield row("bare cuLaunchKernel", bare * 1e6, "us", note=how)
        yield row("bound launch", again * 1e6, "us", bare * 1e6, -1.5, _native_runs(bound))
    else:
        yield row("bound launch", again * 1e6, "us", note=_native_runs(bound))
    with d.device.commands() as recorded:
        for _ in range(20):
            launch(x, y, z)
    recorded.submit().wait()
    replay = host_seconds(lambda: recorded.submit(), finish, min(20, count), rounds)
    yield row("replay of 20 launches, each", replay / 20 * 1e6, "us")
    host = [np.ones(n, np.float32) for _ in range(3)]
    yield row("launch on NumPy arrays, finished", host_seconds(lambda: launch(*host), finish, min(20, count), rounds) * 1e6, "us")


def _native_runs(launch: Any) -> str:
    from kdsl.runtime.quick import runs

    return f"{runs(launch)} of them by compiled code"


def transfers(d: Device) -> Iterator[Row]:
    """Between host and device."""
    data = np.ones(d.sizes.transfer, np.uint8)
    buffer = d.device.allocate(data.size)
    for name, call in (("to the device", d.device.write), ("from the device", d.device.read)):
        times = []
        for _ in range(6):
            start = time.perf_counter()
            call(buffer, data)
            d.device.synchronize()
            times.append(time.perf_counter() - start)
        yield row(f"{data.size >> 20} MiB {name}", data.size * 1e-9 / statistics.median(times[1:]), "GB/s")


def rows(name: str, sizes: Sizes) -> Iterator[Row]:
    """Every row; one that fails says why and is no reason to leave out the next."""
    d = Device(name, sizes)
    for part in (bandwidth, launches, compute, transfers):
        try:
            yield from part(d)
        except Exception as e:  # noqa: BLE001  # what a benchmark raises is its row
            yield {"name": part.__name__, "failed": f"{type(e).__name__}: {e}"[:600]}


def main(name: str, how: str = "") -> None:
    for r in rows(name, QUICK if how == "quick" else Sizes()):
        print(json.dumps(r), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
