"""One Vulkan device, as a driver that `kdsl.runtime.asynchronous` makes a device of; and which devices there are.

One idea: devices are numbered as the loader lists them, but real ones come before processors that play one, so "vulkan" is
the best there is.
"""

from __future__ import annotations

import ctypes
import itertools
import threading
from collections.abc import Sequence
from ctypes import addressof, byref, c_void_p

from ...artifact import Artifact, Entry
from ...diagnostics import DeviceError
from ..asynchronous import AsyncDevice
from ..bindings import vulkan as v
from ..driver import Driver, Memory, Work
from ..registry import Found
from .api import Commands, chain, listed, new
from .features import Physical, describe, reason_against, required_subgroup_size, switched_on, target_of
from .instance import Instance, instance, version_text
from .memory import Heap, Piece, choose_kind, modes
from .pipelines import Code, Module, Pipelines
from .queue import VulkanQueue, barrier_of, host_barrier_of
from .replay import VulkanReplay

__all__ = ["VulkanDriver", "best_family", "list_devices", "open_device"]

_BEST_FIRST = (v.PHYSICAL_DEVICE_TYPE_DISCRETE_GPU, v.PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU, v.PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU,
               v.PHYSICAL_DEVICE_TYPE_OTHER, v.PHYSICAL_DEVICE_TYPE_CPU)  # fmt: skip
_MOST_QUEUES = 8
_UNIFIED = (v.PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU, v.PHYSICAL_DEVICE_TYPE_CPU)


class VulkanDriver(Driver):
    """See `driver.Driver`."""

    formats = ("spirv",)
    memories = ("device", "host")
    wants_uses = True

    def __init__(self, of: Instance, physical: Physical) -> None:
        self.physical = physical
        self.target, self.limits = target_of(physical)
        self.description = f"{physical.name}, Vulkan {version_text(physical.version)}, {physical.driver.strip()}"
        self.asked_subgroup_size = required_subgroup_size(physical)
        self.fills_subgroups = bool(physical.features.get("computeFullSubgroups"))
        self._instance = of
        self.family, count = self._choose_family()
        self.device = self._make_device(count)
        self.vk = Commands(v.DEVICE, lambda name: of.vk.GetDeviceProcAddr(self.device, name))
        self._queues = [(self._queue_handle(i), threading.Lock()) for i in range(count)]
        self._next = itertools.cycle(self._queues)
        self._heaps_lock = threading.Lock()
        self.atom_bytes = max(physical.limits.nonCoherentAtomSize, 1)
        self.largest_bytes = physical.p11.maxMemoryAllocationSize
        self.heaps = self._make_heaps()
        self._pipelines = Pipelines(self)
        self.layout = self._pipelines.layout
        self.barrier, self.host_barrier = barrier_of(self.vk), host_barrier_of(self.vk)

    # Opening

    def _choose_family(self) -> tuple[int, int]:
        """(queue family, queues to take)"""
        rows = listed(self._instance.vk.GetPhysicalDeviceQueueFamilyProperties, v.QueueFamilyProperties,
                      self.physical.handle)  # fmt: skip
        best = best_family([(row.queueFlags, row.queueCount) for row in rows])
        if best is None:
            raise DeviceError(f"Vulkan: {self.physical.name} has no queue that computes")
        bits = rows[best].timestampValidBits
        self.stamp_mask, self.stamp_ns = (1 << bits) - 1, self.physical.limits.timestampPeriod
        return best, min(rows[best].queueCount, _MOST_QUEUES)

    def _make_device(self, count: int) -> c_void_p:
        structures, extensions = switched_on(self.physical)
        priorities = (ctypes.c_float * count)(*[1.0] * count)
        queues = new(v.DeviceQueueCreateInfo, queueFamilyIndex=self.family, queueCount=count,
                     pQueuePriorities=addressof(priorities))  # fmt: skip
        names = (ctypes.c_char_p * max(len(extensions), 1))(*[n.encode() for n in extensions])
        info = new(v.DeviceCreateInfo, queueCreateInfoCount=1, pQueueCreateInfos=addressof(queues),
                   enabledExtensionCount=len(extensions), ppEnabledExtensionNames=addressof(names))  # fmt: skip
        device = c_void_p()
        self._instance.vk.CreateDevice(self.physical.handle, byref(chain(info, *structures)), None, byref(device))
        return device

    def _queue_handle(self, index: int) -> int:
        handle = c_void_p()
        self.vk.GetDeviceQueue(self.device, self.family, index, byref(handle))
        return handle.value or 0

    def _make_heaps(self) -> dict[str, Heap]:
        found = new(v.PhysicalDeviceMemoryProperties2)
        self._instance.vk.GetPhysicalDeviceMemoryProperties2(self.physical.handle, byref(found))
        rows = found.memoryProperties
        types = [(t.propertyFlags, t.heapIndex) for t in rows.memoryTypes[: rows.memoryTypeCount]]
        heaps = [(h.size, h.flags) for h in rows.memoryHeaps[: rows.memoryHeapCount]]
        is_unified, how = self.physical.kind in _UNIFIED, modes()
        kinds = {name: choose_kind(name, types, heaps, is_unified=is_unified, modes=how) for name in self.memories}
        return {name: Heap(self, kind) for name, kind in kinds.items()}

    # Memory

    def heap_of(self, memory: Memory) -> Heap:
        return self.heaps[memory.name]

    def allocate(self, size_bytes: int, memory: str) -> Memory:
        heap = self.heaps[memory]
        with self._heaps_lock:
            piece = heap.allocate(size_bytes)
        is_shared = heap.kind.is_coherent and piece.block.host  # what must be flushed is copied through calls
        host = piece.block.host + piece.offset if is_shared else 0
        return Memory(piece.block.address + piece.offset, size_bytes, piece, host, memory)

    def free(self, memory: Memory) -> None:
        piece: Piece = memory.handle
        with self._heaps_lock:
            self.heaps[memory.name].free(piece)

    def memory_info(self) -> tuple[int, int]:
        kind = self.heaps["device"].kind
        if "VK_EXT_memory_budget" not in self.physical.extensions:
            own = sum(h.allocated_bytes for h in self.heaps.values() if h.kind.heap == kind.heap)
            return kind.heap_bytes - own, kind.heap_bytes
        budget = new(v.PhysicalDeviceMemoryBudgetPropertiesEXT)
        found = new(v.PhysicalDeviceMemoryProperties2, pNext=addressof(budget))
        self._instance.vk.GetPhysicalDeviceMemoryProperties2(self.physical.handle, byref(found))
        return max(budget.heapBudget[kind.heap] - budget.heapUsage[kind.heap], 0), kind.heap_bytes

    # Work

    def queue(self) -> VulkanQueue:
        return VulkanQueue(self, *next(self._next))

    def load(self, artifact: Artifact) -> Module:
        return self._pipelines.load(artifact)

    def prepare(self, module: Module, artifact: Artifact, entry: Entry) -> Code:
        del artifact
        return self._pipelines.prepare(module, entry)

    def unload(self, module: Module) -> None:
        self._pipelines.unload(module)

    def record(self, works: Sequence[Work]) -> VulkanReplay:
        return VulkanReplay(self, works)

    def finish(self) -> None:
        self._pipelines.store()


def best_family(families: Sequence[tuple[int, int]]) -> int | None:
    """Of families as (flags, queues), the one that computes with most queues; of equals one that draws nothing, whose work does
    not wait for the screen's. All streams share its queues, so memory never changes hands between families."""
    able = [i for i, (flags, _) in enumerate(families) if flags & v.QUEUE_COMPUTE_BIT]
    if not able:
        return None
    return max(able, key=lambda i: (min(families[i][1], _MOST_QUEUES), not families[i][0] & v.QUEUE_GRAPHICS_BIT, -i))


def _ordered(of: Instance) -> list[Physical]:
    found = [describe(of, handle) for handle in of.devices]
    return sorted(found, key=lambda p: _BEST_FIRST.index(p.kind) if p.kind in _BEST_FIRST else len(_BEST_FIRST))


def list_devices() -> list[Found]:
    """Every physical device, the best first; `DeviceError` where Vulkan has none."""
    of = instance()
    found = _ordered(of)
    if not found:
        raise DeviceError("Vulkan is here, but no driver of a device is\n"
                          "  = help: install your GPU's driver, or Debian's mesa-vulkan-drivers")  # fmt: skip
    return [Found(f"vulkan:{i}" if i else "vulkan", f"{p.name}, Vulkan {version_text(p.version)}, {p.driver.strip()}",
                  p.is_software, reason_against(p)) for i, p in enumerate(found)]  # fmt: skip


def open_device(index: int) -> AsyncDevice:
    """The device with this number in the list. `DeviceError` where it is not there or cannot run kernels."""
    of = instance()
    found = _ordered(of)
    if index >= len(found):
        what = f"there are {len(found)}" if found else "there is none"
        raise DeviceError(f"there is no device vulkan:{index}: {what}\n  = help: `kdsl doctor` lists the devices")
    reason = reason_against(found[index])
    if reason:
        raise DeviceError(f"{found[index].name} cannot run kernels: {reason}\n  = help: update its driver")
    return AsyncDevice(f"vulkan:{index}" if index else "vulkan", VulkanDriver(of, found[index]))
