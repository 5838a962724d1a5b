"""The native call path: what it takes, what it leaves to Python, and that both come to the same.

One idea: `runs` counts native calls, so each test says which way a call went. Kernels have run often enough before.
"""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
import threading

import handmade
import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, f64, i32, i64, u8, u64, vec3
from kdsl.calltable import MAX_SCRATCH, CallSlot, GuardKind, GuardSlot
from kdsl.diagnostics import KernelFault, LaunchError
from kdsl.records import replace
from kdsl.runtime import quick
from kdsl.runtime.cpu import executable, threads

WARM = 10


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < y.shape[0]:
        y[i] = a * x[i] + y[i]


@kdsl.kernel
def numbers(y: Array[f64, 1], a: f32, b: f64, c: i32, d: u8, e: i64, f: u64, g: kdsl.bool):
    y[0] = f64(a)
    y[1] = b
    y[2] = f64(c)
    y[3] = f64(d)
    y[4] = f64(e)
    y[5] = f64(f)
    y[6] = 1.0 if g else 0.0


@kdsl.kernel
def copy2(x: Array[f32, 2], y: Array[f32, 2]):
    i = kdsl.global_id(0)
    j = kdsl.global_id(1)
    if i < y.shape[1] and j < y.shape[0]:
        y[j, i] = x[j, i]


def warm(launch, *args) -> None:
    """Call until the launch is native, and make sure of it."""
    for k in range(40 * WARM):  # launches that may gain by the pool, or lose, are tried first, on a busy machine again and again
        launch(*args)
        if k >= WARM and quick.runs(launch):
            break
    assert quick.runs(launch) > 0, quick.call_status()


def is_native(launch, *args) -> bool:
    """Call, and say which way the call went."""
    before = quick.runs(launch)
    launch(*args)
    return quick.runs(launch) > before


@pytest.fixture
def launch():
    saxpy._overs.clear()
    made = saxpy.over(16)
    warm(made, 0.0, np.ones(16, np.float32), np.zeros(16, np.float32))
    return made


def test_this_python_has_the_native_path(launch) -> None:
    assert quick.call_status() == "native"
    assert isinstance(launch, type(saxpy.over(17))) or type(launch).__name__ == "Launch"
    assert repr(launch).startswith("<launch of saxpy")


def test_every_spelling_becomes_native() -> None:
    x, y = np.ones(16, np.float32), np.zeros(16, np.float32)
    bound = saxpy.over(16).bind(1.0, x, y)
    for made, args in ((saxpy.over(16), (1.0, x, y)), (saxpy[1, 16], (1.0, x, y)), (bound, ())):
        warm(made, *args)
        y[:] = 0
        assert is_native(made, *args)
        assert (y == 1).all()


def f32s(n: int = 16) -> np.ndarray:
    return np.arange(n, dtype=np.float32)


def test_other_arrays_of_the_same_type_are_native(launch) -> None:
    for x, y in ((f32s(), f32s()), (f32s(40)[3:19], f32s(40)[7:23]), (f32s(100), f32s(16))):
        expected = y + 2 * x[: y.size]
        assert is_native(launch, 2.0, x, y)
        assert np.array_equal(y, expected)


def test_arrays_without_elements(launch) -> None:
    nothing = np.zeros(0, np.float32)
    assert is_native(launch, 2.0, nothing, nothing)


def misaligned(n: int) -> np.ndarray:
    return np.frombuffer(bytearray(4 * n + 1), np.uint8)[1:].view(np.float32)


def read_only(n: int) -> np.ndarray:
    a = f32s(n)
    a.flags.writeable = False
    return a


@pytest.mark.parametrize(
    "args, code",
    [
        ((1.0, f32s(), np.arange(16.0)), "K615"),
        ((1.0, f32s(), np.arange(16, dtype=np.int32)), "K615"),
        ((1.0, f32s(), f32s().astype(">f4")), "K617"),
        ((1.0, f32s(), np.ones((4, 4), np.float32)), "K616"),
        ((1.0, f32s(), np.array(1.0, np.float32)), "K616"),
        ((1.0, f32s(), read_only(16)), "K618"),
        ((1.0, f32s(), misaligned(16)), "K619"),
        ((1.0, f32s(), np.broadcast_to(np.float32(1), 16).view()), "K618"),
        ((1.0, f32s(), np.lib.stride_tricks.as_strided(f32s(), (16,), (0,))), "K620"),
        ((1.0, f32s(), None), "K611"),
        ((1.0, f32s(), [1.0] * 16), "K613"),
        ((1.0, f32s(), "text"), "K612"),
        ((1.0, f32s(), 3.0), "K612"),
        ((1.0, f32s(), np.zeros(16, object)), "K614"),
        ((1.0, f32s()), "K601"),
        ((1.0, f32s(), f32s(), f32s()), "K601"),
        ((), "K601"),
        ((None, f32s(), f32s()), "K611"),
        ((True, f32s(), f32s()), "K631"),
        (("1", f32s(), f32s()), "K631"),
        ((1e300, f32s(), f32s()), "K632"),
        ((10**400, f32s(), f32s()), "K632"),
        ((f32s(), f32s(), f32s()), "K633"),
    ],
)
def test_refusals_are_those_of_python(launch, args, code) -> None:
    before = quick.runs(launch)
    with pytest.raises(LaunchError) as refused:
        launch(*args)
    assert refused.value.code == code
    assert quick.runs(launch) == before


def test_what_python_accepts_is_left_to_it(launch) -> None:
    class Mine(np.ndarray):
        pass

    strided = f32s(32)[::2]
    backwards = f32s()[::-1]
    for y in (f32s().view(Mine), memoryview(f32s()), strided, backwards):
        expected = np.asarray(y) + 1
        assert not is_native(launch, 1.0, np.ones(16, np.float32), y)
        assert np.array_equal(np.asarray(y), expected)
    y = f32s()
    before = quick.runs(launch)
    launch(1.0, x=f32s(), y=y)
    launch(1.0, f32s(), f32s(), stream=kdsl.device("cpu").stream())
    assert quick.runs(launch) == before
    assert np.array_equal(y, 2 * f32s())


def test_kinds_of_arguments_get_tables_of_their_own(launch) -> None:
    """A strided array, a NumPy scalar: other code or another conversion, and native all the same after some calls."""
    x = np.ones(16, np.float32)
    for a, y in ((1.0, f32s(32)[::2]), (1, f32s()), (np.float64(1), f32s()), (np.float32(1), f32s()[::-1])):
        for _ in range(200):
            launch(a, x, y)
        before = y.copy()
        assert is_native(launch, a, x, y)
        assert np.array_equal(y, before + 1)


def test_numbers_arrive_and_keep_their_ranges() -> None:
    y = np.zeros(7)
    run = numbers.over(1)
    good = (0.5, 1e300, -(2**31), 255, -(2**63), 2**64 - 1, True)
    warm(run, y, *good)
    cases = [good, (-1.0, -1.0, -1, 0, -1, 0, False), (float("inf"), float("nan"), 2**31 - 1, 1, 2**63 - 1, 2**63, True)]
    for case in cases:
        assert is_native(run, y, *case)
        assert np.array_equal(y, np.array([float(v) for v in case]), equal_nan=True)
    before = quick.runs(run)
    wrong = {0: 1e39, 2: 2**31, 3: -1, 4: 2**63, 5: -1, 6: 1}
    for at, value in (*wrong.items(), (3, 256), (5, 2**64), (2, 1.0), (2, float("nan")), (4, True), (2, None)):
        case = list(good)
        case[at] = value
        with pytest.raises(LaunchError):
            run(y, *case)
    assert quick.runs(run) == before and sys.exc_info() == (None, None, None)


def test_numpy_scalars_are_converted_as_python_does() -> None:
    y = np.zeros(7)
    run = numbers.over(1)
    case = (np.float64(0.25), np.float32(3), np.int64(-7), np.uint8(200), np.int16(-3), np.uint64(2**63), np.bool_(True))
    for _ in range(WARM):
        run(y, *case)
    assert is_native(run, y, *case)
    assert y.tolist() == [0.25, 3, -7, 200, -3, 2.0**63, 1]
    with pytest.raises(LaunchError):
        run(y, *case[:2], np.int64(2**40), *case[3:])


@pytest.mark.parametrize("order", ["whole", "rows", "inner", "fortran", "transposed"])
def test_layouts_of_two_axes(order) -> None:
    def made() -> np.ndarray:
        base = np.arange(240, dtype=np.float32).reshape(12, 20)
        return {"whole": base, "rows": base[::2], "inner": base[1:-1, 1:-1], "fortran": np.asfortranarray(base),
                "transposed": base.T}[order]  # fmt: skip

    x, y = made(), made() * 0
    y = y if order in ("fortran", "whole") else made()
    run = copy2.over(x.shape[::-1])
    warm(run, x, y)
    y[...] = 0
    native = is_native(run, x, y)
    assert np.array_equal(x, y)
    assert native
    with pytest.raises(LaunchError) as refused:
        run(x, np.lib.stride_tricks.as_strided(np.zeros(40, np.float32), x.shape, (4, 4)))
    assert refused.value.code == "K620"


def test_vectors_have_their_components() -> None:
    @kdsl.kernel
    def double(x: Array[vec3, 1]):
        i = kdsl.global_id(0)
        x[i] = x[i] * 2.0

    x = np.ones((8, 3), np.float32)
    run = double.over(8)
    warm(run, x)
    assert is_native(run, x)
    for wrong, code in ((np.ones((8, 4), np.float32), "K623"), (np.ones(24, np.float32), "K623")):
        with pytest.raises(LaunchError) as refused:
            run(wrong)
        assert refused.value.code == code


def test_structs_are_recognised_by_their_dtype() -> None:
    pair = np.dtype([("a", np.float32), ("b", np.int32)], align=True)

    @kdsl.kernel
    def take(p, y: Array[f32, 1]):
        i = kdsl.global_id(0)
        y[i] = p[i].a

    p, y = np.ones(4, pair), np.zeros(4, np.float32)
    run = take.over(4)
    warm(run, p, y)
    assert is_native(run, p, y)
    other = np.ones(4, np.dtype([("b", np.float32), ("a", np.float32)]))
    other["a"] = 5
    assert not is_native(run, other, y)
    assert (y == 5).all()


def test_arrays_of_the_device() -> None:
    cpu = kdsl.device("cpu")
    x, y = cpu.array(np.ones(16, np.float32)), cpu.zeros(16)
    saxpy._overs.clear()
    run = saxpy.over(16)
    warm(run, 1.0, x, y)
    start = y.numpy().copy()
    assert is_native(run, 1.0, x, y)
    assert np.array_equal(y.numpy(), start + 1)
    part = cpu.zeros(32)
    assert is_native(run, 3.0, x, part[16:])
    assert part.numpy().tolist() == [0.0] * 16 + [3.0] * 16
    assert not is_native(run, 1.0, x, part[::2])
    for wrong, code in ((cpu.zeros(16, "f64"), "K615"), (cpu.zeros((4, 4)), "K616")):
        with pytest.raises(LaunchError) as refused:
            run(1.0, x, wrong)
        assert refused.value.code == code
    y.buffer.free()
    with pytest.raises(kdsl.DeviceError, match="freed"):
        run(1.0, x, y)


def test_constants_are_compared() -> None:
    @kdsl.kernel
    def fill(y: Array[f32, 1], n: kdsl.const, v: kdsl.const):
        y[kdsl.global_id(0)] = v * n

    y = np.zeros(4, np.float32)
    run = fill.over(4)
    half = 0.5
    warm(run, y, 1000, half)
    assert is_native(run, y, int("1000"), half)
    assert not is_native(run, y, 1001, half)
    assert y[0] == 500.5
    assert not is_native(run, y, 1000.0, half)
    assert not is_native(run, y, 1000, -half)
    assert y[0] == -500


FACTOR = 3.0


@kdsl.kernel
def defaulted(x: Array[f32, 1], n: kdsl.const = 2, a: f32 = 0.5):
    x[kdsl.global_id(0)] += n * a


def test_calls_that_leave_defaults_out_or_name_arguments() -> None:
    launch, x = defaulted.over(3), np.zeros(3, np.float32)
    for _ in range(2 * WARM):
        launch(x)
        launch(x, a=1.5)
        launch(x=x, n=4)
    assert (x == 2 * WARM * (1 + 3 + 2)).all()
    assert quick.runs(launch) == 0 and quick.runs(launch._complete) > 0
    with pytest.raises(LaunchError, match="K601"):
        launch()
    with pytest.raises(LaunchError, match="K602"):
        launch(x, b=1)



def test_a_constant_from_outside_is_watched(monkeypatch) -> None:
    inner = 1.0

    @kdsl.kernel
    def scale(y: Array[f32, 1]):
        y[kdsl.global_id(0)] = FACTOR + inner

    y = np.zeros(4, np.float32)
    run = scale.over(4)
    warm(run, y)
    assert y[0] == 4
    monkeypatch.setitem(globals(), "FACTOR", 5.0)
    assert not is_native(run, y)
    assert y[0] == 6
    inner = 10.0
    run(y)
    assert y[0] == 15
    for _ in range(100):
        run(y)
    assert is_native(run, y)
    assert y[0] == 15


@kdsl.func
def with_defaults(a, b=2.0, *, c=3.0):
    return a + b + c


def test_a_default_of_a_device_function_is_watched() -> None:
    @kdsl.kernel
    def add(y: Array[f32, 1]):
        y[kdsl.global_id(0)] = with_defaults(1.0)

    y = np.zeros(4, np.float32)
    run = add.over(4)
    warm(run, y)
    assert is_native(run, y)
    assert y[0] == 6
    with_defaults.function.__defaults__ = (5.0,)
    assert not is_native(run, y)
    assert y[0] == 9
    warm(run, y)
    with_defaults.function.__kwdefaults__["c"] = 10.0
    assert not is_native(run, y)
    assert y[0] == 16
    warm(run, y)
    with_defaults.function.__kwdefaults__ = {"c": 20.0}
    assert not is_native(run, y)
    assert y[0] == 26


def test_the_environment_is_watched(launch, monkeypatch) -> None:
    args = (1.0, f32s(), f32s())
    assert is_native(launch, *args)
    for name, value in (("KDSL_DEBUG", "1"), ("KDSL_INTERPRET", "1"), ("KDSL_TARGET", "cpu:x86-64-v2")):
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            if name == "KDSL_TARGET" and os.uname().machine != "x86_64":
                continue
            assert not is_native(launch, *args)
            if name == "KDSL_DEBUG":
                with pytest.raises(KernelFault):
                    launch(1.0, f32s(3), f32s())
        assert is_native(launch, *args)


def test_a_dict_that_did_not_change_is_not_asked_again(launch, monkeypatch) -> None:
    """Where dicts have a version (PEP 509); without one the same calls are native, and each asks for every name."""
    layout = quick._native.layout
    args = (1.0, f32s(), f32s())
    for version in {layout.dict_version, 0}:
        monkeypatch.setattr(quick._native, "layout", replace(layout, dict_version=version))
        saxpy._overs.clear()
        made = saxpy.over(16)
        warm(made, *args)
        words = made._tables[0].view(np.int64)
        guards = words[CallSlot.HEADER + CallSlot.COUNT_SLOTS :][: words[CallSlot.HEADER + CallSlot.GUARDS] * GuardSlot.COUNT]
        same = guards[GuardSlot.KIND :: GuardSlot.COUNT] == GuardKind.SAME
        assert same.sum() == (version != 0)
        for value in "12":
            monkeypatch.setenv("UNRELATED", value)
            seen = guards[GuardSlot.VALUE :: GuardSlot.COUNT][same].tolist()
            assert is_native(made, *args)
            assert not same.any() or guards[GuardSlot.VALUE :: GuardSlot.COUNT][same].tolist() != seen
        monkeypatch.setenv("KDSL_INTERPRET", "1")
        assert not is_native(made, *args)
        monkeypatch.delenv("KDSL_INTERPRET")
        assert is_native(made, *args)


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="names x86 targets")
def test_a_target_of_this_process_can_change(monkeypatch) -> None:
    args = (1.0, f32s(), f32s())
    made = set()
    for target in ("cpu:x86-64-v2", "cpu:x86-64-v3", ""):
        monkeypatch.setenv("KDSL_TARGET", target)
        saxpy.over(16)(*args)
        made.add(saxpy._launcher(args, saxpy.over(16).geometry).executable.artifact.target)
    assert {"cpu:x86-64-v2", "cpu:x86-64-v3"} <= made


def test_recording_and_debug_builds_are_python(launch) -> None:
    cpu, y = kdsl.device("cpu"), f32s()
    with cpu.commands() as commands:
        assert not is_native(launch, 1.0, f32s(), y)
    assert np.array_equal(y, f32s())
    commands.submit()
    assert np.array_equal(y, 2 * f32s())

    @kdsl.kernel(debug=True)
    def outside(y: Array[f32, 1]):
        y[kdsl.global_id(0) + 1] = 1.0

    run = outside.over(4)
    for _ in range(3 * WARM):
        with pytest.raises(KernelFault) as fault:
            run(np.zeros(4, np.float32))
        assert fault.value.code == "K440"
    assert quick.runs(run) == 0


def test_shared_memory_of_short_launches_is_on_the_stack() -> None:
    @kdsl.kernel
    def reverse(x: Array[i32, 1]):
        s = kdsl.shared(64, i32)
        t = kdsl.thread_id(0)
        i = kdsl.global_id(0)
        s[63 - t] = x[i]
        kdsl.barrier()
        x[i] = s[t]

    x = np.arange(256, dtype=np.int32)
    run = reverse[4, 64]
    threads.set_num_threads(1)  # with several, each has memory of its own, and it is not on the stack
    try:
        warm(run, x)
        before = x.copy()
        assert is_native(run, x)
    finally:
        threads.set_num_threads(0)
    assert np.array_equal(x, before.reshape(4, 64)[:, ::-1].ravel())


def sums_of_blocks(block: int, words: int):
    @kdsl.kernel
    def sums(x: Array[i32, 1], out: Array[i32, 1]):
        """Of each block, by way of shared memory that is more than any stack is asked for."""
        s = kdsl.shared(words, i32)
        t = kdsl.thread_id(0)
        for k in range(t, words, block):
            s[k] = 0
        kdsl.barrier()
        for k in range(t, words, block):
            kdsl.atomic_add(s[words - 1 - k], x[kdsl.block_id(0) * words + k])
        kdsl.barrier()
        if t == 0:
            total = i32(0)
            for k in range(words):
                total += s[k]
            out[kdsl.block_id(0)] = total

    return sums


def test_tables_that_another_thread_replaces_last_as_long_as_they_are_looked_at() -> None:
    """A launch whose memory another one has lets others run, and goes through Python then, by what its tables say."""
    blocks, words = 4, 30_000
    run = sums_of_blocks(32, words)[blocks, 32]
    x, out = np.ones(blocks * words, np.int32), np.zeros(blocks, np.int32)
    threads.set_num_threads(1)
    interval, done = sys.getswitchinterval(), threading.Event()

    def replace() -> None:
        while not done.is_set():
            old, known = run._tables
            run._tables = (old.copy(), known)
            size = old.size
            del old
            for _ in range(3):
                np.full(size, 0x4141414141414141, np.uint64)  # where the old ones were

    for _ in range(40):
        run(x, out)
    (lock,) = [row[1].lock for row in run._tables[1]]
    other = threading.Thread(target=replace)
    ctypes.c_int64.from_address(lock).value = 1  # as if another launch had the memory
    sys.setswitchinterval(1e-6)
    other.start()
    try:
        for _ in range(400):
            out[:] = 0
            run(x, out)
            assert (out == words).all()
    finally:
        sys.setswitchinterval(interval)
        done.set()
        other.join()
        ctypes.c_int64.from_address(lock).value = 0
        threads.set_num_threads(0)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_shared_memory_of_long_launches_is_native(count) -> None:
    blocks, words = 100, 30_000
    assert 4 * words > MAX_SCRATCH + (64 << 10)  # entries have some on the stack
    x = np.random.default_rng(1).integers(-99, 99, (blocks, words), np.int32)
    out = np.zeros(blocks, np.int32)
    run = sums_of_blocks(32, words)[blocks, 32]
    threads.set_num_threads(count)
    try:
        for _ in range(50):  # until the pool's code is there
            run(x.reshape(-1), out)
        warm(run, x.reshape(-1), out)
        out[:] = 0
        assert is_native(run, x.reshape(-1), out)
        assert np.array_equal(out, x.sum(axis=1))
    finally:
        threads.set_num_threads(0)


@pytest.mark.parametrize("count", [1, 2])
def test_threads_that_launch_at_once_have_shared_memory_of_their_own(count) -> None:
    blocks, words = 40, 30_000
    sums, failures, launches = sums_of_blocks(32, words), list[object](), []
    threads.set_num_threads(count)

    def work(k: int) -> None:
        x = np.random.default_rng(k).integers(-99, 99, (blocks, words), np.int32)
        out, flat, wanted = np.zeros(blocks, np.int32), x.reshape(-1), x.sum(axis=1)
        run = sums[blocks, 32] if k % 2 else sums_of_blocks(32, words)[blocks, 32]
        for _ in range(60):
            out[:] = 0
            run(flat, out)
            if not np.array_equal(out, wanted):
                failures.append(k)
        launches.append(run)

    try:
        all_of_them = [threading.Thread(target=work, args=(k,)) for k in range(1, 6)]
        for t in all_of_them:
            t.start()
        for t in all_of_them:
            t.join()
        assert not failures
        assert len(launches) == 5
        assert any(map(quick.runs, launches))
    finally:
        threads.set_num_threads(0)


def test_memory_that_another_launch_has_is_not_taken() -> None:
    """On one thread: the word in front of it says so, and Python makes the launch in memory of its own."""
    blocks, words = 20, 30_000
    x, out = np.ones((blocks, words), np.int32), np.zeros(blocks, np.int32)
    run = sums_of_blocks(32, words)[blocks, 32]
    threads.set_num_threads(1)
    try:
        warm(run, x.reshape(-1), out)
        lock = executable._locked[0][:8].view(np.int64)
        assert lock[0] == 0
        lock[0] = 1
        out[:] = 0
        before, there = quick.runs(run), executable._locked[0].copy()
        run(x.reshape(-1), out)
        assert (out == words).all()
        assert np.array_equal(executable._locked[0], there), "the memory is somebody else's"
        assert quick.runs(run) == before + 1  # recognised, and left to Python
        lock[0] = 0
        assert is_native(run, x.reshape(-1), out)
        assert lock[0] == 0
    finally:
        threads.set_num_threads(0)


def test_nothing_leaks(launch) -> None:
    x, y = f32s(), np.zeros(16, np.float32)
    args = (np.float64(0), x, y)
    for _ in range(100):
        launch(*args)
    assert is_native(launch, *args)
    objects = [None, x, y, x.dtype, args[0], launch, launch._tables, True]
    gc.collect()
    counts = [sys.getrefcount(o) for o in objects]
    memory = _resident()
    for _ in range(100_000):
        launch(*args)
    assert quick.runs(launch) >= 100_000
    for _ in range(1000):
        with pytest.raises(LaunchError):
            launch(1e300, x, y)
    gc.collect()
    assert max(abs(sys.getrefcount(o) - n) for o, n in zip(objects, counts, strict=True)) < 500  # None has others, too
    assert _resident() - memory < 2 << 20


def _resident() -> int:
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_kernel_of_a_function_is_collected() -> None:
    import weakref

    def make() -> weakref.ref:
        @kdsl.kernel
        def one(y: Array[f32, 1]):
            y[kdsl.global_id(0)] = 1.0

        warm(one.over(4), np.zeros(4, np.float32))
        return weakref.ref(one)

    gone = make()
    gc.collect()
    assert gone() is None


def test_many_threads_launch_at_once() -> None:
    n = 1 << 18
    failures: list[object] = []
    started = threads.num_threads()
    threads.set_num_threads(2)

    def work(k: int) -> None:
        x, y = np.full(n, k, np.float32), np.zeros(n, np.float32)
        run = saxpy.over(n)
        for _ in range(200):
            run(1.0, x, y)
        if not (y == 200 * k).all():
            failures.append(k)

    try:
        all_of_them = [threading.Thread(target=work, args=(k,)) for k in range(1, 6)]
        for t in all_of_them:
            t.start()
        for t in all_of_them:
            t.join()
        assert not failures
        assert quick.runs(saxpy.over(n)) > 0
    finally:
        threads.set_num_threads(0)
    assert threads.num_threads() == started or os.environ.get("KDSL_NUM_THREADS")


def test_a_changed_pool_makes_new_tables() -> None:
    n = 1 << 20
    x, y = np.ones(n, np.float32), np.zeros(n, np.float32)
    run = saxpy.over(n)
    threads.set_num_threads(2)
    try:
        run(1.0, x, y)
        threads.shared_pool(1e11)  # or its code is compiled once launches have taken as long as that
        warm(run, 1.0, x, y)
        assert is_native(run, 1.0, x, y)
        threads.set_num_threads(3)
        assert not is_native(run, 1.0, x, y)
        for _ in range(100):
            run(1.0, x, y)
        assert is_native(run, 1.0, x, y)
    finally:
        threads.set_num_threads(0)
    assert (y == y[0]).all()


def test_a_launch_of_some_microseconds_shares_workers_that_are_awake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executable, "_LONG", 1e9)  # on a busy machine two launches may take so long that it is no short one
    n = 1 << 15
    x, y = np.ones(n, np.float32), np.zeros(n, np.float32)
    run = saxpy.over(n)
    threads.set_num_threads(2)
    try:
        run(1.0, x, y)
        threads.offer_pool_provider(handmade.pool_bytes)  # where another test has taken the compiler's away
        assert threads.shared_pool(1e11) is not None
        warm(run, 1.0, x, y)
        pool, plan = threads.pool_for_short(), run._tables[1][-1][1]
        assert plan.brief == (pool is None)  # where processors are fewer than threads
        if pool is not None:
            assert plan.pool == pool.run_awake_address and plan.items > plan.grain
        for _ in range(1000):
            run(1.0, x, y)
        assert is_native(run, 1.0, x, y)
    finally:
        threads.set_num_threads(0)
    assert (y == y[0]).all() and y[0] >= 1001


FORKED = """
import os, sys
import numpy as np
from test_quick import saxpy, quick
n = 1 << 20
x, y = np.ones(n, np.float32), np.zeros(n, np.float32)
run = saxpy.over(n)
calls = 0
while not quick.runs(run) and calls < 5000:  # the pool is made once launches have taken as long as that
    run(1.0, x, y)
    calls += 1
assert quick.runs(run)
child = os.fork()
if child == 0:
    for _ in range(50): run(1.0, x, y)
    os._exit(0 if (y == calls + 50).all() else 1)
assert os.waitpid(child, 0)[1] == 0
run(1.0, x, y)
assert (y == calls + 1).all()
print("fine")
"""


def test_a_forked_child_launches_on_its_own_pool() -> None:
    here = os.path.dirname(__file__)
    above = os.path.dirname(here)
    env = {**os.environ, "KDSL_NUM_THREADS": "2", "PYTHONPATH": os.pathsep.join([here, above, os.path.dirname(above)])}
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=60, env=env)
    assert done.stdout == "fine\n", done.stderr


def test_where_objects_differ_launches_stay_python(monkeypatch) -> None:
    monkeypatch.setattr(quick, "_native", quick._Native())
    monkeypatch.setattr(quick, "_is_so", lambda layout: False)

    @kdsl.kernel
    def one(y: Array[f32, 1]):
        y[kdsl.global_id(0)] = 1.0

    y = np.zeros(4, np.float32)
    run = one.over(4)
    for _ in range(3 * WARM):
        run(y)
    assert quick.runs(run) == 0 and (y == 1).all()
    assert "lays out objects" in quick.call_status()
