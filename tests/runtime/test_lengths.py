"""Launches whose loops go to a number that they know: planned by it, also where the next launch has another; and whether the pool
helps at all, which some launches find out."""

from __future__ import annotations

from collections.abc import Iterator

import handmade
import numpy as np
import pytest

import kdsl
from kdsl import Array, f32, i32
from kdsl.artifact import USUAL_ROUNDS, Entry
from kdsl.compiler import compile_function
from kdsl.runtime import quick
from kdsl.runtime.cpu import executable, threads
from kdsl.runtime.cpu.executable import _SETTLES, _SETTLES_NS, _SHARED, CpuExecutable, _Lengths, _Loaded
from kdsl.runtime.geometry import geometry_over
from kdsl.specialise import declared_signature
from kdsl.target import cpu_target_of_host


@kdsl.kernel
def row_sums(x: Array[f32, 2], o: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < o.shape[0]:
        s = f32(0)
        for k in range(x.shape[1]):
            s += x[i, k]
        o[i] = s


@kdsl.kernel
def steps(x: Array[f32, 1], n: i32):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        v = x[i]
        for _ in range(2 * n):
            v = v * 0.5 + 1.0
        x[i] = v


@kdsl.kernel
def doubled(x: Array[f32, 1]):
    i = kdsl.global_id(0)
    if i < x.shape[0]:
        x[i] = 2.0 * x[i]


@kdsl.kernel
def counted(k: Array[i32, 1], o: Array[i32, 1]):
    """The table's loops are no thread's."""
    i = kdsl.global_id(0)
    if i < k.shape[0]:
        kdsl.atomic_add(o[k[i]], 1)


@pytest.fixture
def two_threads() -> Iterator[None]:
    threads.set_num_threads(2)
    threads.offer_pool_provider(handmade.pool_bytes)  # where no kernel has been launched
    try:
        assert threads.shared_pool(1e12) is not None
        yield
    finally:
        threads.set_num_threads(0)


def entry_of(kernel: kdsl.Kernel) -> Entry:
    return compile_function(kernel.ir(*declared_signature(kernel, None, {})), cpu_target_of_host()).entry


def test_which_number_loops_go_to() -> None:
    rows, given = entry_of(row_sums), entry_of(steps)
    assert rows.counts_to == 2  # behind the pointer and the first extent
    assert given.counts_to == 3  # behind an array of one axis
    assert entry_of(doubled).counts_to == entry_of(counted).counts_to == -1
    assert entry_of(counted).tabled and not rows.tabled
    for entry in (rows, given):
        assert 0 < entry.round_ns <= entry.cost
        assert entry.cost_at(USUAL_ROUNDS) == entry.cost
        assert entry.cost_at(1000) > 20 * entry.cost
        assert entry.cost_at(-5) > 0


def test_plans_are_those_of_a_length() -> None:
    lengths = _Lengths(Entry("kdsl_k", (), cost=2.0, counts_to=1, round_ns=0.1), 0)
    calls = [np.array([0, n], np.int64).tobytes() for n in (-3, 0, 10, 15, 16, 31, 32, 5000)]
    found = [lengths.of(c) for c in calls]
    assert len(set(map(id, found))) == 4  # up to 15, 31, 63, 8191
    assert [f.most for f in found] == [15, 15, 15, 15, 31, 31, 63, 8191]
    assert lengths.last is found[-1]
    costs = [f.entry.cost for f in found]
    assert costs == sorted(costs) and 300 < costs[-1] < 900
    one = _Lengths(Entry("kdsl_k", ()), 0)
    assert one.of(b"") is one.last and one.last.most is None


def test_short_rows_then_long_ones(two_threads: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """One launch object and one geometry: calls for short rows are native, and do not decide how long ones run."""
    monkeypatch.setattr(executable, "_LONG", 1e9)  # on a busy machine short rows may take long
    o = np.zeros(256, np.float32)
    run = row_sums.over(256)
    short, long = np.ones((256, 8), np.float32), np.ones((256, 30_000), np.float32)
    for _ in range(40):
        run(short, o)
    assert threads.shared_pool(1e12) is not None  # the compiler's, which the first launch has brought
    for _ in range(40):
        run(short, o)
    before = quick.runs(run)
    run(short, o)
    assert quick.runs(run) == before + 1
    (spec,) = row_sums._specialisations.values()
    (code,) = spec.executables.values()
    assert isinstance(code, CpuExecutable)
    lengths = code._entries["kdsl_row_sums"]
    run(long, o)  # the table for short ones turns it away
    assert quick.runs(run) == before + 1
    assert (o == 30_000).all()
    (plan, _) = next(iter(lengths.known[(30_000).bit_length()].plans.values()))
    assert plan.shared and plan.items > 1
    assert next(iter(lengths.known[4].plans.values()))[0].brief
    for _ in range(100):
        run(long, o)
        run(short, o)
        assert (o == 8).all()
    assert quick.runs(run) > 50


def _tried(shared: int, alone: int, n: int = 100_000) -> _Loaded:
    """After launches that took so many nanoseconds."""
    loaded, geometry = _Loaded(Entry("kdsl_k", (), cost=1.0), 0), geometry_over("k", n)
    plan, _ = loaded.plan(geometry)
    assert plan.shared
    for turn in range(2 if alone < 0.8 * shared else 1):  # what loses is tried twice
        for _ in range(_SETTLES):
            assert loaded.may_lose(geometry, plan) and loaded.may_share(geometry)
            loaded.learn_sharing(geometry, int(_SETTLES_NS) if turn else 1)  # these do not count
        trial = loaded.sharing[geometry]
        assert trial is not None and not trial.times
        while not trial.times:
            loaded.learn_sharing(geometry, 500_000)
            assert loaded.may_share(geometry)
        for at, both in enumerate(_SHARED[1:], 1):
            assert loaded.may_share(geometry) == both
            loaded.learn_sharing(geometry, 10_000_000 if at == len(_SHARED) // 2 else shared if both else alone)
    assert loaded.sharing == {geometry: None}
    return loaded


def test_launches_that_workers_do_not_help(two_threads: None) -> None:
    geometry, larger, smaller = geometry_over("k", 100_000), geometry_over("k", 400_000), geometry_over("k", 50_000)
    gains = _tried(50_000, 100_000)
    assert gains.known_plan(geometry)[0].shared
    assert not gains.may_lose(larger, gains.known_plan(larger)[0])  # and is not tried
    assert gains.may_lose(smaller, gains.known_plan(smaller)[0])
    loses = _tried(100_000, 50_000)
    assert not loses.known_plan(geometry)[0].shared
    assert loses.may_lose(larger, loses.known_plan(larger)[0])
    same = _tried(100_000, 95_000)
    assert same.known_plan(geometry)[0].shared  # in doubt with the pool
    assert not same.may_lose(geometry, same.known_plan(geometry)[0])
    long = geometry_over("k", 10_000_000)
    assert not gains.may_lose(long, gains.known_plan(long)[0])


def test_a_launch_on_many_threads_at_once_is_tried_once(two_threads: None) -> None:
    """Times may come when all is known."""
    loaded, geometry = _tried(50_000, 100_000), geometry_over("k", 100_000)
    loaded.learn_sharing(geometry, 1)
    assert loaded.known_plan(geometry)[0].shared
