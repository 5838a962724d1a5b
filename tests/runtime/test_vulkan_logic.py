"""What the Vulkan runtime decides by itself: barriers, memory types, pieces of blocks, the ring, features. No device is needed.

One idea: the device that tests have has one memory type and one queue, so what other devices need is tested as data.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from ctypes import c_void_p

import pytest

from kdsl.diagnostics import DeviceError
from kdsl.runtime.bindings import vulkan as v
from kdsl.runtime.driver import DeviceLost, Memory
from kdsl.runtime.vulkan import features, memory
from kdsl.runtime.vulkan.api import check
from kdsl.runtime.vulkan.device import best_family
from kdsl.runtime.vulkan.hazards import Hazards
from kdsl.runtime.vulkan.memory import Block, choose_kind, whole_atoms
from kdsl.runtime.vulkan.parts import dispatches
from kdsl.runtime.vulkan.ring import Ring
from kdsl.target import FEATURES

A, B, C = (Memory(at, 64, None) for at in (256, 512, 1024))


@pytest.mark.parametrize(
    "works, barriers",
    [
        ([], []),
        ([[(A, False)], [(A, False)]], [False, False]),  # both read
        ([[(A, True)], [(B, True)]], [False, False]),  # nothing in common
        ([[(A, True)], [(A, False)]], [False, True]),  # read after write
        ([[(A, True)], [(A, True)]], [False, True]),  # write after write
        ([[(A, False)], [(A, True)]], [False, True]),  # write after read
        ([[(A, True)], [(A, False)], [(A, False)]], [False, True, False]),  # one barrier is enough
        ([[(A, True)], [(B, False)], [(B, True)], [(A, False)]], [False, False, True, False]),
        ([[(A, True)], [(B, True)], [(A, False), (B, False), (C, True)], [(C, False)]], [False, False, True, True]),
        ([[(A, False), (A, True)], [(A, False), (A, True)]], [False, True]),  # in place
        ([[], [(A, True)], []], [False, False, False]),
    ],
)
def test_barriers_stand_where_hazards_are(works, barriers) -> None:
    h = Hazards()
    assert [h.touch(w) for w in works] == barriers


def test_after_work_of_which_nothing_is_known_comes_a_barrier() -> None:
    h = Hazards()
    h.touch([(A, False)])
    h.lose_track()
    assert h.touch([(B, False)]) and not h.touch([(A, False)])


def test_barriers_are_enough_and_not_more_than_needed() -> None:
    """Random work: each conflicting pair has a barrier in between, and no barrier stands where it separates no conflict."""
    rng = random.Random(1)
    for _ in range(200):
        works = [[(rng.choice((A, B, C)), rng.random() < 0.4) for _ in range(rng.randint(0, 3))] for _ in range(12)]
        h = Hazards()
        due = [h.touch(w) for w in works]
        last = 0  # the work after the last barrier
        for i, work in enumerate(works):
            conflicts = any(_conflict(work, other) for other in works[last:i])
            assert due[i] == conflicts
            if due[i]:
                last = i


def _conflict(a: Sequence[tuple[Memory, bool]], b: Sequence[tuple[Memory, bool]]) -> bool:
    return any(x is y and (p or q) for x, p in a for y, q in b)


# Memory types, as (flags, heap): local 1, visible 2, coherent 4, cached 8. Heaps as (bytes, flags): local 1.
GIB = 1 << 30
LAPTOP = ([(7, 0), (15, 0)], [(16 * GIB, 1)])
DESKTOP = ([(0, 1), (1, 0), (6, 1), (14, 1), (7, 2)], [(8 * GIB, 1), (32 * GIB, 0), (256 << 20, 1)])
RESIZABLE = ([(1, 0), (7, 0), (6, 1), (14, 1)], [(8 * GIB, 1), (32 * GIB, 0)])
PHONE = ([(1, 0), (3, 0), (11, 0)], [(4 * GIB, 1)])
LAVAPIPE = ([(15, 0)], [(2 * GIB, 1)])


@pytest.mark.parametrize(
    "machine, is_unified, device, host",
    [
        (LAPTOP, True, (1, True, True), (1, True, True)),
        (DESKTOP, False, (1, False, False), (3, True, True)),
        (RESIZABLE, False, (0, False, False), (3, True, True)),
        (PHONE, True, (2, True, False), (2, True, False)),
        (LAVAPIPE, True, (0, True, True), (0, True, True)),
    ],
)
def test_memory_types(machine, is_unified, device, host) -> None:
    for name, expected in (("device", device), ("host", host)):
        kind = choose_kind(name, *machine, is_unified=is_unified)
        assert (kind.number, kind.is_visible, kind.is_coherent) == expected


# Queue families, as (flags, queues): graphics 1, compute 2, transfer 4.
@pytest.mark.parametrize(
    "families, best",
    [
        ([(7, 16), (4, 2), (6, 8)], 2),  # eight are all that are used, and the third draws nothing
        ([(7, 1), (6, 4), (4, 2)], 1),
        ([(7, 1)], 0),
        ([(1, 1), (4, 1), (7, 1), (6, 1)], 3),
        ([(1, 1), (4, 2)], None),
    ],
)
def test_queue_families(families, best) -> None:
    assert best_family(families) == best


def test_memory_modes(monkeypatch) -> None:
    monkeypatch.setenv("KDSL_VULKAN_MEMORY", "discrete, incoherent")
    how = memory.modes()
    device, host = (choose_kind(n, *LAVAPIPE, is_unified=True, modes=how) for n in ("device", "host"))
    assert not device.is_visible and host.is_visible and not host.is_coherent
    monkeypatch.setenv("KDSL_VULKAN_MEMORY", "attic")
    with pytest.raises(DeviceError, match="discrete and incoherent"):
        memory.modes()


def test_pieces_of_a_block() -> None:
    block, rng = Block(1, 2, 1 << 20, 0, 1 << 16), random.Random(2)
    taken: dict[int, int] = {}
    for _ in range(3000):
        if taken and rng.random() < 0.5:
            offset = rng.choice(list(taken))
            block.give(offset, taken.pop(offset))
        else:
            size = 256 * rng.randint(1, 20)
            offset = block.take(size)
            if offset is not None:
                assert all(offset + size <= o or o + n <= offset for o, n in taken.items())
                taken[offset] = size
        assert all(sum(a) < b[0] for a, b in zip(block.free, block.free[1:], strict=False)), "free neighbours are one range"
        assert sum(n for _, n in block.free) + sum(taken.values()) == 1 << 16
    for offset, size in taken.items():
        block.give(offset, size)
    assert block.is_empty and block.take((1 << 16) + 1) is None


def test_flushed_ranges_are_whole_atoms() -> None:
    assert whole_atoms(300, 10, 64, 4096) == (256, 320)
    assert whole_atoms(256, 64, 64, 4096) == (256, 320)
    assert whole_atoms(4000, 96, 256, 4096) == (3840, 4096)
    assert whole_atoms(0, 1, 1, 4096) == (0, 1)


def test_the_ring_gives_out_what_is_done() -> None:
    ring, rng = Ring(1 << 14), random.Random(3)
    serial, done = 1, 0
    live: list[tuple[int, int, int]] = []  # (serial, offset, bytes)
    for _ in range(5000):
        size = rng.randint(1, 5000)
        offset = ring.take(size, serial)
        if offset is None:
            assert ring.oldest, "an empty ring has room"
            done = max(done, ring.oldest)
            ring.release(done)
            live = [row for row in live if row[0] > done]
        else:
            assert offset % 256 == 0 and offset + size <= 1 << 14
            assert all(offset + size <= o or o + n <= offset for _, o, n in live)
            live.append((serial, offset, size))
        if rng.random() < 0.3:
            serial += 1
    ring.release(serial)
    assert ring.oldest == 0 and ring.take(1 << 14, serial + 1) == 0 and ring.take(1, serial + 1) is None


def test_the_parts_of_a_launch_are_its_blocks() -> None:
    rng = random.Random(4)
    for _ in range(30):
        grid = (rng.randint(1, 40), rng.randint(1, 40), rng.randint(1, 40))
        size = rng.randint(5, 9)
        limit = (rng.randint(size, 20), rng.randint(size, 20), rng.randint(size, 20))
        blocks: list[tuple[int, ...]] = []
        for word, part in dispatches(grid, limit, size):
            assert all(n <= most for n, most in zip(part, limit, strict=True))
            number = int.from_bytes(word, "little")
            first = [(number >> 16 * axis & 0xFFFF) * size for axis in range(3)]
            blocks += itertools.product(*[range(a, a + n) for a, n in zip(first, part, strict=True)])
        assert sorted(blocks) == sorted(itertools.product(*map(range, grid)))
    long = list(dispatches((2**31 - 1, 1, 1), (65535, 65535, 65535), 1 << 15))
    assert len(long) == 1 << 16 and long[-1] == ((0xFFFF).to_bytes(8, "little"), (32767, 1, 1))
    with pytest.raises(DeviceError, match="cut=True"):
        list(dispatches((70000, 1, 1), (65535, 65535, 65535), 0))


def test_a_word_of_a_target_takes_all_its_bits() -> None:
    everything = {bit: True for bits in features.RULES.values() for bit in bits}
    assert features.has_of(everything) == set(features.RULES)
    for bit in everything:
        lost = {word for word, bits in features.RULES.items() if bit in bits}
        assert features.has_of({**everything, bit: False}) == set(features.RULES) - lost
    assert set(features.RULES) | {"subgroups"} <= set(FEATURES)


def _physical(version: tuple[int, int], sizes: tuple[int, int, int, int] | None, own: int, **given: bool) -> features.Physical:
    """A device whose subgroups have from sizes[0] to sizes[1] lanes, at most sizes[2] of them in a block."""
    limits = v.PhysicalDeviceLimits(maxComputeWorkGroupInvocations=1024)
    p11 = v.PhysicalDeviceVulkan11Properties(subgroupSize=own, subgroupSupportedStages=32, subgroupSupportedOperations=255)
    found = sizes and v.PhysicalDeviceSubgroupSizeControlProperties(0, None, *sizes)
    number = 1 << 22 | version[1] << 12
    return features.Physical(c_void_p(), "a device", number, 1, limits, p11, found, given, frozenset(), b"", "")


@pytest.mark.parametrize("version, sizes, own, given, size, asked, threads", [
    ((1, 3), (8, 32, 64, 32), 32, {"subgroupSizeControl": True}, 32, 32, 1024),  # Intel
    ((1, 3), (8, 32, 16, 32), 16, {"subgroupSizeControl": True}, 16, 16, 256),
    ((1, 2), (32, 64, 32, 32), 64, {"subgroupSizeControl": True}, 64, 64, 1024),  # AMD, by the extension
    ((1, 3), (8, 32, 64, 0), 32, {"subgroupSizeControl": True}, 0, 0, 1024),  # not for compute: known when it runs
    ((1, 3), (8, 32, 64, 32), 32, {}, 0, 0, 1024),
    ((1, 3), (32, 32, 32, 0), 32, {}, 32, 0, 1024),  # NVIDIA
    ((1, 2), None, 32, {}, 0, 0, 1024),
])  # fmt: skip
def test_one_size_of_subgroups_is_asked_for(version, sizes, own, given, size, asked, threads) -> None:
    physical = _physical(version, sizes, own, **given)
    target, _ = features.target_of(physical)
    assert (target.subgroup_size, features.required_subgroup_size(physical)) == (size, asked)
    assert target.block_threads == threads and target.arch == f"1.{version[1]}"


def test_the_extension_is_for_drivers_before_vulkan_13() -> None:
    name = "VK_EXT_subgroup_size_control"
    for version, structure in (((1, 2), v.PhysicalDeviceSubgroupSizeControlFeatures), ((1, 3), v.PhysicalDeviceVulkan13Features)):
        physical = _physical(version, (8, 32, 64, 32), 32, subgroupSizeControl=True)._replace(extensions=frozenset((name,)))
        structures, extensions = features.switched_on(physical)
        assert [s.subgroupSizeControl for s in structures if type(s) is structure] == [1]
        assert (name in extensions) == (version == (1, 2))


def test_what_failed_is_said_with_what_to_do() -> None:
    check(0, "vkX")
    check(5, "vkX")  # VK_INCOMPLETE
    with pytest.raises(DeviceLost, match=r"lost.*\n.*KDSL_DEBUG"):
        check(-4, "vkQueueSubmit")
    with pytest.raises(DeviceError, match=r"vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY.*\n.*help"):
        check(-2, "vkAllocateMemory")
    with pytest.raises(DeviceError, match="VK_ERROR_TOO_MANY_OBJECTS"):
        check(-10, "vkCreateBuffer")
