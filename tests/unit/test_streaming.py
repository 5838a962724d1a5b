"""Stores past the caches: which stores qualify, which launches use them, and that nothing else changes."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from cpu_launch import pack_args
from lowered import RUNNABLE, launch_on

import kdsl
from kdsl import Array, f16, f32, u8
from kdsl.artifact import Entry, LaunchSlot
from kdsl.codegen.cpu import assembly, compile_cpu, emit
from kdsl.compiler import lower
from kdsl.ir.core import walk
from kdsl.runtime.cpu import executable, schedule
from kdsl.runtime.cpu.device import CpuDevice
from kdsl.specialise import declared_signature
from kdsl.target import CPU_TARGETS, cpu_target_of_host

X86 = [arch for arch in RUNNABLE if CPU_TARGETS[arch].streams]


@kdsl.kernel
def triad(a: f32, x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[i] = x[i] + a * y[i]


@kdsl.kernel
def inner(x: Array[f32, 2], out: Array[f32, 2]):
    i, j = kdsl.global_id(0) + 1, kdsl.global_id(1) + 1
    out[j, i] = x[j, i - 1] + x[j, i + 1] + x[j - 1, i] + x[j + 1, i]


@kdsl.kernel
def guarded(x: Array[f32, 2], out: Array[f32, 2]):
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    if 0 < i < x.shape[1] - 1 and j > 0:
        out[j, i] = x[j, i - 1] + x[j - 1, i]
    else:
        out[j, i] = -1.0


@kdsl.kernel
def two_sizes(x: Array[f32, 1], small: Array[u8, 1], half: Array[f16, 1]):
    i = kdsl.global_id(0)
    small[i] = u8(x[i] * 200.0)
    half[i] = f16(x[i])


@kdsl.kernel
def updated(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


@kdsl.kernel
def fenced(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[i] = x[i]
    kdsl.fence("device")


@kdsl.kernel
def repeated(x: Array[f32, 2], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    for k in range(x.shape[0]):
        out[i] = x[k, i]


@kdsl.kernel
def apart(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[2 * i] = x[i]


def code(kernel, arch: str):
    f = lower(kernel.ir(*declared_signature(kernel, None, {})), CPU_TARGETS[arch])
    return f, assembly(f, CPU_TARGETS[arch])


@pytest.mark.parametrize("arch", X86)
@pytest.mark.parametrize("kernel", [triad, inner, guarded, two_sizes], ids=lambda k: k.name)
def test_arrays_that_are_only_written_stream(kernel, arch: str) -> None:
    f, text = code(kernel, arch)
    assert any(op.name == "tile.stream" for op in walk(f.body))
    assert any(op.name == "block.lead" for op in walk(f.body))
    assert re.search(r"v?movnt(ps|dq)\s", text)
    assert text.count("sfence") == 1


@kdsl.kernel
def longer(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    value = x[i]
    for k in kdsl.static_range(30):
        value = value * x[i] + (f32(k) + 0.5)
    out[i] = value


@pytest.mark.parametrize("arch, kernel, own", [("x86-64-v4", inner, True), ("x86-64-v4", longer, False),
                                               ("x86-64-v4", triad, False), ("x86-64-v3", inner, False)])  # fmt: skip
def test_rows_that_stay_have_code_of_their_own(arch: str, kernel, own: bool) -> None:
    """Of short bodies that load as stencils do, where stores of some lanes are no trouble: no vector of theirs is asked whether it
    goes past the caches."""
    ops = list(walk(code(kernel, arch)[0].body))
    asked = [op.results[0] for op in ops if op.name == "block.streams"]
    conditions = [op for op in ops if op.name == "scf.if" and op.operands[0] in asked]
    assert len(conditions) == own
    for op in conditions:
        past, stays = [{inner.name for inner in walk(region)} for region in op.regions]
        assert {"tile.stream", "block.lead"} <= past and "tile.store" in stays
        assert stays.isdisjoint({"tile.stream", "block.lead", "block.write_ahead"})


@pytest.mark.parametrize("kernel", [updated, fenced, repeated, apart], ids=lambda k: k.name)
def test_other_stores_do_not(kernel) -> None:
    f, text = code(kernel, "x86-64-v4")
    assert not any(op.name in ("tile.stream", "block.lead") for op in walk(f.body))
    assert "movnt" not in text
    assert "sfence" not in text


def test_no_streams_on_aarch64() -> None:
    assert not any(op.name == "tile.stream" for op in walk(code(triad, "aarch64")[0].body))


def test_a_launch_streams_when_it_writes_more_than_half_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "cache_bytes", lambda: 1 << 20)

    def streams(row: int, rows: int, stream_bytes: int = 4) -> bool:
        entry = Entry("k", (), width=16, stream_bytes=stream_bytes, cost=1.0)
        geometry = (-(-row // 64), rows, 1, 64, 1, 1, row, rows, 1)
        plan = schedule.make_plan(entry, geometry, 2)
        assert plan.streams == schedule.make_plan(entry, geometry, 1).streams
        return plan.streams

    assert streams(1024, 1024)
    assert streams(1 << 20, 1)
    assert not streams(1024, 128)  # half the cache
    assert streams(254, 8192)  # a 3-D stencil's rows
    assert not streams(111, 8192)  # short rows
    assert not streams(1 << 20, 1, stream_bytes=0)
    one = (1, 1, 1, 1, 1, 1, 1, 1, 1)
    of = Entry("kdsl_k", ())
    assert schedule.launch_record(of, one, 64, streams=True) != schedule.launch_record(of, one, 64)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "_streams", lambda entry, row, rows: entry.stream_bytes > 0)


@pytest.mark.parametrize("n", [1, 15, 16, 17, 31, 32, 47, 63, 64, 65, 100, 127, 128, 129, 1000])
@pytest.mark.parametrize("arch", X86)
@pytest.mark.usefixtures("always")
def test_every_start_and_length(arch: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outputs that start anywhere between two lines, one element apart, and nothing around them is touched."""
    launch_on(arch, monkeypatch, triad)
    rng = np.random.default_rng(n)
    x, y = rng.random(n + 32, np.float32), rng.random(n, np.float32)
    for start in range(17):
        out = np.full(n + 40, 7, np.float32)
        triad.over(n)(0.5, x[start : start + n], y, out[start : start + n])
        assert np.allclose(out[start : start + n], x[start : start + n] + np.float32(0.5) * y, rtol=1e-6)
        assert (out[:start] == 7).all() and (out[start + n :] == 7).all()


@pytest.mark.parametrize("arch", X86)
@pytest.mark.parametrize("kernel", [inner, guarded], ids=lambda k: k.name)
@pytest.mark.usefixtures("always")
def test_rows_that_start_anywhere(kernel, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Odd row lengths, views with gaps, reversed rows and columns (gathers), and an output that overlaps nothing."""
    launch_on(arch, monkeypatch, kernel)
    x = np.random.default_rng(1).random((9, 203), np.float32)
    for view in (lambda a: a, lambda a: a[:, 1:], lambda a: a[::2, 3:-5], lambda a: a[::-1], lambda a: a[:, ::-1]):
        got, want = np.full(x.shape, 7, np.float32), np.full(x.shape, 7, np.float32)
        h, w = view(x).shape
        domain = (w, h) if kernel is guarded else (w - 2, h - 2)
        kernel.over(domain)(view(x), view(got))
        kernel.interpret.over(domain)(view(x), view(want))
        assert np.array_equal(got, want)


@pytest.mark.parametrize("arch", X86)
@pytest.mark.parametrize("width", [1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 95, 96, 97, 130])
@pytest.mark.usefixtures("always")
def test_rows_of_every_length(arch: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their ends are parts of vectors, and some are whole lines of memory that stream; what lies beside them stays."""
    launch_on(arch, monkeypatch, inner)
    x = np.random.default_rng(width).random((5, width + 2), np.float32)
    want = x[1:-1, :-2] + x[1:-1, 2:] + x[:-2, 1:-1] + x[2:, 1:-1]
    for start in range(0, 17, 3):
        around = np.full((5, width + 40), 7, np.float32)
        out = around[:, start : start + width + 2]
        inner.over((width, 3))(x, out)
        assert np.allclose(out[1:-1, 1:-1], want, rtol=1e-6)
        out[1:-1, 1:-1] = 7
        assert (around == 7).all()


@pytest.mark.parametrize("arch", X86)
def test_the_lines_that_a_later_row_writes_in_part_are_asked_for(arch: str) -> None:
    """Of kernels with rows; one whose launches are one row has none to come."""
    assert code(inner, arch)[1].count("prefetch") == 3
    assert "prefetch" not in code(triad, arch)[1]


def test_whole_lines_at_the_ends_of_a_row_stream() -> None:
    f, text = code(inner, "x86-64-v4")
    masks = [op.operands[-2].constant for op in walk(f.body) if op.name == "tile.stream"]
    assert len(masks) == 2 and masks.count(True) == 1
    assert text.count("vmovntps") == 4  # both registers of a whole vector, and of one under a mask


@pytest.mark.parametrize("arch", X86)
@pytest.mark.usefixtures("always")
def test_arrays_of_different_sizes(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, two_sizes)
    x = np.random.default_rng(2).random(777, np.float32)
    for start in (0, 1, 5, 32):
        small, half = np.zeros(900, np.uint8)[start : start + 777], np.zeros(900, np.float16)[start : start + 777]
        two_sizes.over(777)(x, small, half)
        assert np.array_equal(small, (x * np.float32(200)).astype(np.uint8))
        assert np.array_equal(half, x.astype(np.float16))


def test_a_large_launch_streams_for_real() -> None:
    n = schedule.cache_bytes() // 8 + 12345
    x = np.ones(n, np.float32)
    out = np.zeros(n + 3, np.float32)[3:]
    triad.over(n)(2.0, x, x, out)
    assert (out == 3).all()


@kdsl.kernel
def halves(x: Array[f16, 1], y: Array[f16, 1], out: Array[f16, 1]):
    i = kdsl.global_id(0)
    out[i] = x[i] + y[i]


@pytest.mark.parametrize("arch", RUNNABLE)
@pytest.mark.parametrize("n", [1, 31, 32, 64, 1000])
@pytest.mark.usefixtures("always")
def test_halves_are_stored_as_they_are_converted(arch: str, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    launch_on(arch, monkeypatch, halves)
    rng = np.random.default_rng(n)
    x, y = [np.frombuffer(rng.bytes(2 * n), np.float16) for _ in range(2)]
    with np.errstate(invalid="ignore", over="ignore"):
        want, out = x + y, np.zeros(n + 3, np.float16)
        halves.over(n)(x, y, out)
    np.testing.assert_array_equal(out[:n], want)
    assert not out[n:].any()


@pytest.mark.parametrize("arch", ["x86-64-v3", "x86-64-v4"])
def test_rows_of_launches_that_do_not_stream_wait_for_nothing(arch: str) -> None:
    """How far a row begins before a line of memory is asked for behind a branch, not chosen."""
    target = CPU_TARGETS[arch]
    lines = emit(lower(inner.ir(*declared_signature(inner, None, {})), target), target).splitlines()
    asked = [k for k, line in enumerate(lines) if re.match(r"lead\d+:", line)]
    assert len(asked) == 1 and "udiv" in "".join(lines[asked[0] : asked[0] + 12])
    assert any(" phi i64 [0, " in line for line in lines[asked[0] :])


def test_halves_are_not_joined_before_they_are_stored() -> None:
    target = CPU_TARGETS["x86-64-v4"]
    text = assembly(lower(halves.ir(*declared_signature(halves, None, {})), target), target)
    assert text.count("vcvtps2ph") == 4 and text.count("vinserti64x4") + text.count("vinsertf64x4") <= 1  # of what is masked


@pytest.mark.parametrize("faster", [True, False])
@pytest.mark.parametrize("noise", [0, 5])
@pytest.mark.usefixtures("always")
def test_launches_find_out_whether_it_pays(faster: bool, noise: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two go past the caches and two do not, so that sweeps between two arrays do both to either; then all do as the faster ones
    did, but for one in two later trials, or, where the first was wrong, for another of four. From then on native calls may be
    made."""
    ways: list[bool] = []
    clock = [0]

    def run(loaded, plan, arguments: bytes, record: bytes) -> None:
        ways.append(_streams(record))
        clock[0] += 10 if (ways[-1] is faster) == (len(ways) > noise) else 15
        loaded.long(arguments, record, 0, plan.items, 0)

    monkeypatch.setattr(executable, "_run", run)
    monkeypatch.setattr(executable.time, "perf_counter_ns", lambda: clock[0])
    monkeypatch.setattr(executable.threads, "is_postponed", lambda: False)
    monkeypatch.setattr(schedule, "INLINE_NS", 0.0)
    target = cpu_target_of_host()
    artifact = compile_cpu(code(triad, target.arch)[0], target)
    loaded = executable.CpuExecutable(CpuDevice(), artifact)
    x, y, out = [np.full(1000, k, np.float32) for k in (1, 1, 0)]
    arguments, geometry = pack_args(artifact, [2.0, x, y, out]), (4, 1, 1, 256, 1, 1, 1000, 1, 1)
    wanted, first = [True, False, True, True, False], faster is (noise == 0)
    wanted += [first] * 16 + ([not first, first, first, not first, *[faster] * 16] if noise else [])
    wanted += [not faster, *[faster] * 32, not faster]
    for _ in wanted:
        assert loaded.call_plan(artifact.entry, geometry) is None
        loaded.launch(artifact.entry, arguments, geometry)
    assert ways == wanted
    plan = loaded.call_plan(artifact.entry, geometry)
    assert plan is not None and _streams(plan.record) is faster
    out[:] = 0
    loaded.launch(artifact.entry, arguments, geometry)
    assert ways[-1] is faster and (out == 3).all()


def _tried(times: Callable[[int, int], int], most: int = 400) -> tuple[list[int], executable._Trial]:
    """The ways of the launches until all is known, where one by way w takes times(its number, w)."""
    trial, ways = executable._Trial(), list[int]()
    for k in range(most):
        ways.append(int(not trial.next_streams))
        if trial.took(times(k, ways[-1])):
            break
    return ways, trial


@pytest.mark.parametrize("better", [0, 1])
def test_what_is_clear_is_tried_four_times_and_then_twice_more(better: int) -> None:
    ways, trial = _tried(lambda k, way: 100 if way == better else 130)
    assert trial.way == better and len(ways) == 1 + 4 + 16 + 1 + 32 + 1
    assert sum([way != better for way in ways]) == 2 + 1 + 1 + (better == 1)


@pytest.mark.parametrize("better", [0, 1])
def test_what_is_not_clear_is_tried_eight_times_and_again_soon(better: int) -> None:
    ways, trial = _tried(lambda k, way: 100 if way == better else 104)
    assert trial.way == better and len(ways) == 1 + 8 + 8 + 8 + 8 + 8
    assert ways[1:9] == [1, 0, 0, 1, 0, 1, 1, 0]


@pytest.mark.parametrize("better", [0, 1])
@pytest.mark.parametrize("hit", range(30))
def test_a_launch_that_another_program_made_longer_decides_nothing(better: int, hit: int) -> None:
    ways, trial = _tried(lambda k, way: (100 if way == better else 125) * (3 if k == hit else 1))
    assert trial.way == better
    assert sum([way != better for way in ways]) <= 6


@pytest.mark.parametrize("better", [0, 1])
@pytest.mark.parametrize("begin", range(12))
def test_a_burst_that_turns_a_trial_is_found_out_in_the_next(better: int, begin: int) -> None:
    """Even one that hits all launches of the faster way and none of the other's."""
    ways, trial = _tried(lambda k, way: (100 if way == better else 125) * (2 if way == better and begin <= k < begin + 8 else 1))
    assert trial.way == better
    assert sum([way != better for way in ways]) <= 16 + 4 + 8


@pytest.mark.parametrize("better", [0, 1])
@pytest.mark.parametrize("most_wrong", [(1.3, 0.01), (1.15, 0.05), (1.0, 1.0)])
def test_trials_among_noise(better: int, most_wrong: tuple[float, float]) -> None:
    """Half of all launches take longer, by a half as a mean; memory is new for each seventh. All is known within 200 launches."""
    ratio, share = most_wrong
    rng, wrong, lost = np.random.default_rng(1), 0, 0.0
    for _ in range(300):
        noise = 1 + np.abs(rng.normal(0, 0.03, 200)) + rng.exponential(0.5, 200) * (rng.random(200) < 0.5)
        noise[::7] *= 3
        ways, trial = _tried(lambda k, way, noise=noise: int(1e6 * noise[k] * (1 if way == better else ratio)), 200)
        assert len(ways) < 200
        wrong += trial.way != better
        lost += sum([way != better for way in ways[:36]]) / 36
    assert wrong <= share * 300
    assert ratio < 1.2 or lost / 300 < 0.2  # of the first launches


def _streams(record: bytes) -> bool:
    return bool(np.frombuffer(record, np.int64)[LaunchSlot.STREAM])
