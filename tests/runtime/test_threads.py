"""The thread pool: every item once, whatever runs beside it; fork, exit, errors, and how launches are cut."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import handmade
import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32
from kdsl.artifact import Entry
from kdsl.codegen.cpu.pool import plain_object, pool_source
from kdsl.diagnostics import DeviceError
from kdsl.runtime import registry
from kdsl.runtime.cpu import threads
from kdsl.runtime.cpu.loader import load
from kdsl.runtime.cpu.schedule import INLINE_NS, make_plan, make_short_plan, scratch_bytes
from kdsl.runtime.geometry import geometry, geometry_over
from kdsl.runtime.launcher import Launcher
from kdsl.target import cpu_target_of_host


@pytest.fixture
def pool_of_4():
    threads.set_pool_provider(handmade.pool_bytes)
    threads.set_num_threads(4)
    yield
    threads.set_num_threads(0)
    threads.set_pool_provider(None)


def count_launcher(count: np.ndarray, hits: np.ndarray) -> Launcher:
    artifact = handmade.artifact(handmade.COUNT, "count", cost=50_000.0)
    return Launcher("count", registry.device("cpu").load(artifact), artifact.entry, (count, hits))


@pytest.mark.parametrize("workers", [2, 3, 4, 17])
@pytest.mark.parametrize("items, grain", [(1, 1), (2, 1), (7, 3), (100, 1), (1000, 64)])
def test_every_item_runs_once_in_many_launches(workers, items, grain) -> None:
    image = load(handmade.compile_object(handmade.COUNT))
    pool = threads.ThreadPool(handmade.pool_bytes(), workers)
    assert pool.workers == workers
    count, hits = np.zeros(items, np.int64), np.zeros(workers, np.int64)
    args = (ctypes.c_int64 * 6)(count.ctypes.data, items, 8, hits.ctypes.data, workers, 8)
    address = ctypes.c_void_p(image.address("count"))
    for _ in range(300):
        pool.run(address, ctypes.byref(args), None, items, grain)
    pool.stop()
    assert (count == 300).all() and hits.sum() == 300 * items
    assert pool.workers == 1
    pool.stop()


@pytest.mark.parametrize("crowded", [False, True])
def test_workers_are_kept_off_the_callers_processor(crowded) -> None:
    """Woken there, they wait for the caller or take its time while another processor is idle. Not where threads outnumber
    processors: some of them have to share one with the caller, and which is for the system to say."""
    allowed = os.sched_getaffinity(0)
    before = set(os.listdir("/proc/self/task"))
    pool = threads.ThreadPool(handmade.pool_bytes(), len(allowed) + 1 if crowded else min(len(allowed), 4))
    workers = [int(task) for task in set(os.listdir("/proc/self/task")) - before]
    image = load(handmade.compile_object(handmade.COUNT))
    count, hits = np.zeros(100, np.int64), np.zeros(pool.workers, np.int64)
    args = (ctypes.c_int64 * 6)(count.ctypes.data, count.size, 8, hits.ctypes.data, hits.size, 8)
    address = ctypes.c_void_p(image.address("count"))
    try:
        for here in sorted(allowed)[:2]:
            os.sched_setaffinity(0, {here})
            wanted = allowed if crowded else allowed - {here}
            for _ in range(10 if crowded else 1000):  # until all were asleep once when a launch began
                time.sleep(0.005)
                pool.run(address, ctypes.byref(args), None, count.size, 1)
                found = [os.sched_getaffinity(worker) for worker in workers]
                if not crowded and all(mask == wanted for mask in found):
                    break
            assert all(mask == wanted for mask in found), (here, found)
    finally:
        os.sched_setaffinity(0, allowed)
        pool.stop()


def claims_in_order(items: int, grain: int) -> list[tuple[int, int]]:
    """What one thread takes in four launches."""
    pool = threads.ThreadPool(handmade.pool_bytes(), 1)
    claims: list[tuple[int, int]] = []

    @ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
    def entry(args: object, launch: object, begin: int, end: int, worker: int) -> None:
        claims.append((begin, end))

    for _ in range(4):
        assert pool.run(ctypes.cast(entry, ctypes.c_void_p), None, None, items, grain) == 1
    pool.stop()
    return claims


def test_every_other_launch_goes_through_a_share_from_its_end() -> None:
    """What the launch before it came to last is still in the cache."""
    forwards = [(0, 4), (4, 8), (8, 10)]
    assert claims_in_order(10, 4) in ([*forwards, *forwards[::-1]] * 2, [*forwards[::-1], *forwards] * 2)


def test_a_grain_below_0_is_taken_forwards_each_time() -> None:
    assert claims_in_order(10, -4) == [(0, 4), (4, 8), (8, 10)] * 4


@kdsl.kernel
def chain(x: Array[f32, 1], ended: Array[i32, 1], missed: Array[i32, 1]):
    """Each block waits for the one before it, but not forever."""
    t, b = kdsl.thread_id(0), kdsl.block_id(0)
    total = f32(0)
    for i in range(x.shape[0]):
        total = total * 0.5 + x[i]
    kdsl.barrier()
    if t == 0:
        rounds = i32(0)
        while b > 0 and rounds < 1_000_000_000 and kdsl.atomic_add(ended[b - 1], 0) == 0:
            rounds += 1
        if rounds == 1_000_000_000:
            kdsl.atomic_add(missed[0], 1)
        kdsl.atomic_add(ended[b], 1 + i32(total * 0.0))


def test_blocks_may_wait_for_those_before_them(pool_of_4) -> None:
    """Threads that took their shares from the end began with blocks that wait for others of theirs."""
    x, missed = np.ones(20_000, np.float32), np.zeros(1, np.int32)
    for launch in range(8):
        ended = np.zeros(64, np.int32)
        chain[64, 64](x, ended, missed)
        assert (ended == 1).all() and missed[0] == 0
        if not launch:  # compiled, which may bring a pool that waits until it is worth its code
            threads.set_pool_provider(handmade.pool_bytes)
    assert threads.shared_pool() is not None


@pytest.mark.parametrize("workers, items, grain", [(2, 100, 3), (3, 64, 1), (4, 3, 1)])
def test_each_thread_goes_through_a_share_of_its_own(workers, items, grain) -> None:
    """Threads start where equal shares do, not at one counter: neighbours in memory stay in one core's cache."""
    pool = threads.ThreadPool(handmade.pool_bytes(), workers)
    shares = min(workers, -(-items // grain))
    all_there = threading.Barrier(shares)
    claims: dict[int, list[tuple[int, int]]] = {}

    @ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
    def entry(args: object, launch: object, begin: int, end: int, worker: int) -> None:
        if worker not in claims:
            claims[worker] = []
            all_there.wait(10.0)
        claims[worker].append((begin, end))

    try:
        assert pool.run(ctypes.cast(entry, ctypes.c_void_p), None, None, items, grain) == 1
    finally:
        pool.stop()
    assert sorted(claim for own in claims.values() for claim in own) == [
        (begin, min(begin + grain, items)) for begin in range(0, items, grain)
    ]
    if workers == shares:
        grains = -(-items // grain)
        sizes = [grains // shares + (share < grains % shares) for share in range(shares)]
        assert {worker: own[0][0] for worker, own in claims.items()} == {k: sum(sizes[:k]) * grain for k in range(shares)}


def test_launches_from_several_python_threads(pool_of_4) -> None:
    failures: list[object] = []

    def work() -> None:
        count, hits = np.zeros(40, np.int64), np.zeros(4, np.int64)
        launch = count_launcher(count, hits)
        for _ in range(200):
            launch((count, hits), geometry("count", 40))
        if not (count == 200).all():
            failures.append(count)

    started = [threading.Thread(target=work) for _ in range(6)]
    for t in started:
        t.start()
    for t in started:
        t.join()
    assert not failures and threads.pool_status() == "4 threads"


def test_scratch_memory_is_private_to_a_worker(pool_of_4) -> None:
    artifact = handmade.artifact(handmade.SCRATCH, "scratch", cost=50_000.0, shared_bytes=512)
    out = np.zeros(500, np.int64)
    launch = Launcher("scratch", registry.device("cpu").load(artifact), artifact.entry, (out,))
    failures: list[object] = []

    def work() -> None:
        mine = np.zeros(500, np.int64)
        for _ in range(30):
            launch((mine,), geometry("scratch", 500))
            if not np.array_equal(mine, 64 * np.arange(500)):
                failures.append(mine)

    started = [threading.Thread(target=work) for _ in range(3)]
    for t in started:
        t.start()
    for t in started:
        t.join()
    assert not failures


def run_python(code: str) -> str:
    """A fresh interpreter with the test helpers on its path."""
    tests = str(Path(__file__).resolve().parents[1])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([tests, str(Path(tests).parent)]), "KDSL_NUM_THREADS": "3"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


SETUP = """
import os, sys, threading, numpy as np, handmade
from kdsl.runtime import registry
from kdsl.runtime.cpu import threads
from kdsl.runtime.geometry import geometry
from kdsl.runtime.launcher import Launcher
pool = handmade.pool_bytes()
threads.set_pool_provider(lambda: pool)
artifact = handmade.artifact(handmade.COUNT, "count", cost=50_000.0)
count, hits = np.zeros(64, np.int64), np.zeros(3, np.int64)
launch = Launcher("count", registry.device("cpu").load(artifact), artifact.entry, (count, hits))
def go(n):
    for _ in range(n): launch((count, hits), geometry("count", 64))
"""


def test_a_forked_child_has_its_own_pool() -> None:
    code = (
        SETUP
        + """
go(50)
pid = os.fork()
if pid == 0:
    count[:] = 0
    before = threads._state.pool
    go(50)
    ok = before is None and (count == 50).all() and threads.pool_status() == "3 threads"
    sys.exit(0 if ok else 7)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
go(50)
assert (count == 100).all()
print("fine")
"""
    )
    assert run_python(code) == "fine\n"


def test_fork_while_another_thread_launches() -> None:
    code = (
        SETUP
        + """
stop = False
def busy():
    while not stop: go(1)
t = threading.Thread(target=busy); t.start()
for _ in range(10):
    pid = os.fork()
    if pid == 0:
        mine, h = np.zeros(64, np.int64), np.zeros(3, np.int64)
        for _ in range(20): launch((mine, h), geometry("count", 64))
        os._exit(0 if (mine == 20).all() else 7)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
stop = True; t.join()
print("fine")
"""
    )
    assert run_python(code) == "fine\n"


def test_the_pool_ends_with_the_process() -> None:
    assert run_python(SETUP + "go(20)\nprint(threads.pool_status())") == "3 threads\n"
    # A daemon thread in the middle of launches must not keep the process.
    assert run_python(SETUP + "threading.Thread(target=go, args=(10**9,), daemon=True).start(); go(5)\nprint(1)") == "1\n"


def test_workers_leave_signals_to_python() -> None:
    code = (
        SETUP
        + """
import signal, time
go(20)
got = []
signal.signal(signal.SIGALRM, lambda *a: got.append(time.perf_counter()))
signal.setitimer(signal.ITIMER_REAL, 0.05)
start = time.perf_counter(); time.sleep(0.5)
assert got and got[0] - start < 0.4
print("fine")
"""
    )
    assert run_python(code) == "fine\n"


def test_without_a_provider_launches_run_alone() -> None:
    threads.set_pool_provider(None)
    count, hits = np.zeros(40, np.int64), np.zeros(1, np.int64)
    threads.set_num_threads(2)
    try:
        count_launcher(count, hits)((count, hits), geometry("count", 40))
        assert (count == 1).all() and "set_pool_provider" in threads.pool_status()
        threads.set_pool_provider(lambda: b"damaged")
        count_launcher(count, hits)((count, hits), geometry("count", 40))
        assert (count == 2).all() and "not an ELF file" in threads.pool_status()
    finally:
        threads.set_num_threads(0)
        threads.set_pool_provider(None)


def test_number_of_threads(monkeypatch) -> None:
    monkeypatch.delenv("KDSL_NUM_THREADS", raising=False)
    assert threads.num_threads() == len(os.sched_getaffinity(0))
    monkeypatch.setenv("KDSL_NUM_THREADS", "5")
    assert threads.num_threads() == 5
    for bad in ("0", "-1", "many", "100000"):
        monkeypatch.setenv("KDSL_NUM_THREADS", bad)
        with pytest.raises(DeviceError, match="KDSL_NUM_THREADS"):
            threads.num_threads()
    with pytest.raises(DeviceError):
        threads.set_num_threads(-1)


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("workers", [1, 2, 8, 64])
@pytest.mark.parametrize("cost", [0.1, 1.0, 500.0])
@pytest.mark.parametrize("n", [1, 100, 5000, 10**6, (3, 10**5), (10**4, 100, 7), 10**10])
def test_plans_cover_the_launch(flat, workers, cost, n) -> None:
    shape = geometry_over("k", n, (64, 2), None) if n != 10**10 else (10**8, 1, 1, 100, 1, 1, 10**10, 1, 1)
    entry = Entry("k", (), flat, 16, cost=cost)
    plan = make_plan(entry, shape, workers)
    threads_in_all = shape[6] * shape[7] * shape[8]
    if flat:
        assert plan.chunk % 16 == 0
        assert plan.items == -(-shape[6] // plan.chunk) * shape[7] * shape[8]
    else:
        assert plan.items == shape[0] * shape[1] * shape[2]
    assert plan.grain >= 1
    if threads_in_all * cost < INLINE_NS:
        assert plan.brief and not plan.shared
    if workers == 1:
        assert not plan.shared
    elif flat and threads_in_all * cost > 1e6:
        assert plan.shared and plan.items / plan.grain >= min(3 * workers, threads_in_all * cost / 30_000)


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("workers", [1, 2, 3, 16])
@pytest.mark.parametrize("total_ns", [1000.0, 4001.0, 8000.0, 14_900.0])
@pytest.mark.parametrize("n", [64, 5000, 65_536, (300, 200)])
def test_short_plans_cover_the_launch_in_few_pieces(flat, workers, total_ns, n) -> None:
    shape = geometry_over("k", n, (64, 1), None)
    entry = Entry("k", (), flat, 16, cost=total_ns / (shape[6] * shape[7] * shape[8]))
    assert make_plan(entry, shape, workers).brief
    plan = make_short_plan(entry, shape, workers)
    if total_ns < 4000.0 or workers == 1 or n == 64:  # 64 threads are one block, or four vectors that would be cut too short
        assert plan is None or n == 64
        return
    assert plan is not None and plan.shared and not plan.streams
    if flat:
        assert plan.items == -(-shape[6] // plan.chunk) * shape[7] * shape[8] and plan.chunk % 16 == 0
    else:
        assert plan.items == shape[0] * shape[1] * shape[2]
    assert -(-plan.items // plan.grain) <= max(2 * workers, 2 * total_ns / 1500.0)


def test_short_launches_are_shared_once_they_follow_one_upon_the_other() -> None:
    pool = threads.ThreadPool(handmade.pool_bytes(), 2)
    image = load(handmade.compile_object(handmade.COUNT))
    count, hits = np.zeros(40, np.int64), np.zeros(2, np.int64)
    args = (ctypes.c_int64 * 6)(count.ctypes.data, 40, 8, hits.ctypes.data, 2, 8)
    pointer, i64 = ctypes.c_void_p, ctypes.c_int64
    run_awake = ctypes.CFUNCTYPE(i64, pointer, pointer, pointer, i64, i64)(pool.run_awake_address)
    address = ctypes.c_void_p(image.address("count"))
    try:
        time.sleep(0.3)  # the worker is asleep
        for _ in range(20):  # too far apart
            assert run_awake(address, ctypes.byref(args), None, 40, 20) == 0
            time.sleep(0.002)
        assert not count.any()
        until, shared = time.monotonic() + 60, 0
        while shared < 50 and time.monotonic() < until:
            shared += run_awake(address, ctypes.byref(args), None, 40, 20)
        assert shared == 50 and (count == 50).all()
    finally:
        pool.stop()


def test_the_pool_of_an_earlier_bundle_runs_what_is_long() -> None:
    """Its code knows of no launches that only workers share that are awake."""
    target = cpu_target_of_host()
    text = pool_source(target).replace("@kdsl_pool_run_awake", "@kdsl_pool_other")
    threads.set_pool_provider(lambda: plain_object(text, target))
    threads.set_num_threads(2)
    try:
        pool = threads.shared_pool()
        assert pool is not None and pool.workers == 2 and threads.pool_for_short() is None
        count, hits = np.zeros(40, np.int64), np.zeros(2, np.int64)
        count_launcher(count, hits)((count, hits), geometry("count", 40))
        assert (count == 1).all()
    finally:
        threads.set_num_threads(0)
        threads.set_pool_provider(None)


def test_scratch_size() -> None:
    entry = Entry("k", (), False, 16, shared_bytes=100, thread_bytes=8)
    assert scratch_bytes(entry, geometry("k", 3, (20, 3))) == 128 + 8 * 32 * 3
    assert scratch_bytes(Entry("k", ()), geometry("k", 3, 32)) == 0


def test_a_kernel_that_is_slower_than_estimated_gets_the_pool(pool_of_4) -> None:
    artifact = handmade.artifact(handmade.SAXPY, "saxpy", cost=0.01)  # 100 times less than it takes
    n = 1_400_000
    x, z = np.ones(n, np.float32), np.zeros(n, np.float32)
    executable = registry.device("cpu").load(artifact)
    launch = Launcher("saxpy", executable, artifact.entry, (2.0, x, x, z))
    shape = geometry_over("saxpy", n)
    loaded = executable._entries["saxpy"].last
    assert loaded.plan(shape)[0].brief
    launch((2.0, x, x, z), (*shape[:6], n - 1, 1, 1))
    assert loaded.plan(shape)[0].brief  # one slow launch may have other reasons
    launch((2.0, x, x, z), (*shape[:6], n - 1, 1, 1))
    assert not loaded.plan(shape)[0].brief and loaded.plan(shape)[0].shared
    launch((2.0, x, x, z), shape)
    assert (z == 3).all()


def test_a_pool_that_must_be_compiled_waits_until_launches_have_taken_as_long(monkeypatch) -> None:
    monkeypatch.setattr(threads, "_COMPILED_NS", 60_000_000_000)  # no launch of this test takes as long, however busy the machine
    threads.ran_alone(60_000_000_000)  # for another provider's pool
    asked = []
    threads.set_pool_provider(lambda: asked.append("code") or handmade.pool_bytes(), lambda: False)
    threads.set_num_threads(2)
    try:
        count, hits = np.zeros(40, np.int64), np.zeros(2, np.int64)
        launch = count_launcher(count, hits)  # 40 threads of 50 us each, as its code claims: worth a pool
        launch((count, hits), geometry("count", 40))
        assert threads.is_postponed() and not asked and (count == 1).all()
        threads.ran_alone(60_000_000_000)
        launch((count, hits), geometry("count", 40))
        assert asked == ["code"] and (count == 2).all() and not threads.is_postponed()
        threads.set_num_threads(3)  # another pool: of a launch that is long by itself
        assert threads.shared_pool(1e11) is not None and len(asked) == 2
    finally:
        threads.set_num_threads(0)
        threads.set_pool_provider(None)


def test_one_thread_waits_for_no_pool() -> None:
    """Launches that wait for one are Python's, so that they can be counted."""
    threads.set_pool_provider(handmade.pool_bytes, lambda: False)
    threads.set_num_threads(1)
    try:
        assert threads.shared_pool(1000.0) is None and not threads.is_postponed()
    finally:
        threads.set_num_threads(0)
        threads.set_pool_provider(None)


def test_a_pool_whose_code_is_at_hand_starts_at_once() -> None:
    threads.set_pool_provider(handmade.pool_bytes, lambda: True)
    threads.set_num_threads(2)
    try:
        assert threads.shared_pool(1000.0) is not None
    finally:
        threads.set_num_threads(0)
        threads.set_pool_provider(None)


COMPILES = """
import linecache, os, signal, sys, threading, time
import numpy as np
import kdsl
from kdsl import Array, f32

def kernel(c):
    text, name = f"@kdsl.kernel\\ndef k(x: Array[f32, 1]):\\n    x[kdsl.global_id(0)] = {c}\\n", f"<kernel {c}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    names = dict(globals())
    exec(compile(text, name, "exec"), names)
    return names["k"]

def value(c):
    x = np.zeros(10, np.float32)
    kernel(c).over(10)(x)
    return x[9]
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_child_forked_while_another_thread_compiles_can_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KDSL_CACHE_SIZE", "0")
    code = (
        COMPILES
        + """
def busy():
    for c in range(100, 10**6):
        if stop: break
        value(c)
stop = False
threads = [threading.Thread(target=busy) for _ in range(2)]
for t in threads: t.start()
for c in range(3):
    time.sleep(0.1 * c)  # at first while modules are imported
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)
        os._exit(0 if value(c) == c else 7)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
stop = True
for t in threads: t.join()
assert value(7) == 7  # the parent goes on
print("fine")
"""
    )
    assert run_python(code) == "fine\n"
