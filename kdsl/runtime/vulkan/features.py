"""What a physical device can do: as features to switch on, as a `Target` to compile for, as limits of a launch.

One idea: `RULES` says which bits of the driver stand behind each word of `Target.has`; a device lacks a word as soon as it
lacks one of the bits. Nothing is used that is not switched on, and nothing is switched on that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from ctypes import byref, c_void_p
from typing import Any, NamedTuple

from ...records import replace
from ...target import Target, parse_target
from ..api import Limits
from ..bindings import vulkan as v
from .api import chain, new
from .instance import Instance, version_text

__all__ = ["NEEDED", "RULES", "WANTED", "Physical", "describe", "has_of", "reason_against", "target_of"]

# The bits without which nothing runs, in the words of the reason.
NEEDED: dict[str, str] = {
    "bufferDeviceAddress": "buffer device addresses",
    "timelineSemaphore": "timeline semaphores",
    "vulkanMemoryModel": "the Vulkan memory model",
    "shaderInt64": "64-bit integers in kernels",
}

# `Target.has` -> the bits that it takes. Those of subgroups are properties: see `_has_subgroups`.
RULES: dict[str, tuple[str, ...]] = {
    "f64": ("shaderFloat64",),
    "i64": ("shaderInt64",),
    "i16": ("shaderInt16", "storageBuffer16BitAccess"),
    "i8": ("shaderInt8", "storageBuffer8BitAccess"),
    "f16": ("shaderFloat16", "storageBuffer16BitAccess"),
    "f16_storage": ("storageBuffer16BitAccess",),
    "atomic_i64": ("shaderBufferInt64Atomics", "shaderSharedInt64Atomics"),
    "atomic_f32_add": ("shaderBufferFloat32AtomicAdd",),
    "atomic_f32_shared_add": ("shaderSharedFloat32AtomicAdd",),
    "atomic_f64_add": ("shaderBufferFloat64AtomicAdd",),
    "atomic_f16_add": ("shaderBufferFloat16AtomicAdd",),
    "atomic_f32_min": ("shaderBufferFloat32AtomicMinMax",),
}

WANTED: tuple[str, ...] = (
    *NEEDED, *sorted({bit for bits in RULES.values() for bit in bits} - set(NEEDED)), "vulkanMemoryModelDeviceScope",
    "scalarBlockLayout", "shaderSubgroupExtendedTypes", "subgroupBroadcastDynamicId", "subgroupSizeControl",
    "computeFullSubgroups", "maintenance4",
)  # fmt: skip

_SUBGROUP_OPS = v.SUBGROUP_FEATURE_BASIC_BIT | v.SUBGROUP_FEATURE_BALLOT_BIT | v.SUBGROUP_FEATURE_SHUFFLE_BIT
_MOST_BLOCKS = 2**31 - 1  # along an axis; `parts` cuts what is too long for the device
_VERSION_13 = (1 << 22) | (3 << 12)
_SIZE_CONTROL = "VK_EXT_subgroup_size_control"  # a part of Vulkan 1.3
_EXTENSIONS = {
    "VK_EXT_shader_atomic_float": v.PhysicalDeviceShaderAtomicFloatFeaturesEXT,
    "VK_EXT_shader_atomic_float2": v.PhysicalDeviceShaderAtomicFloat2FeaturesEXT,
}


class Physical(NamedTuple):
    """What the driver says of a physical device. features: bit -> whether it is there. structures: to switch bits on."""

    handle: c_void_p
    name: str
    version: int
    kind: int  # VkPhysicalDeviceType
    limits: Any
    p11: Any
    sizes: Any  # of subgroups, from the least to the largest; None where the driver says nothing of them
    features: Mapping[str, bool]
    extensions: frozenset[str]
    uuid: bytes
    driver: str
    arithmetic: frozenset[str] = frozenset()  # words of `Target.has` on how floats behave; and "fma"

    @property
    def is_13(self) -> bool:
        return self.version >= _VERSION_13

    @property
    def is_software(self) -> bool:
        return self.kind == v.PHYSICAL_DEVICE_TYPE_CPU


def _feature_structures(version: int, extensions: frozenset[str]) -> list[Any]:
    kinds: list[Any] = [v.PhysicalDeviceFeatures2, v.PhysicalDeviceVulkan11Features, v.PhysicalDeviceVulkan12Features]
    if version >= _VERSION_13:
        kinds.append(v.PhysicalDeviceVulkan13Features)
    elif _SIZE_CONTROL in extensions:
        kinds.append(v.PhysicalDeviceSubgroupSizeControlFeatures)
    kinds += [kind for name, kind in _EXTENSIONS.items() if name in extensions]
    return [new(kind) for kind in kinds]


def _bits(structures: list[Any]) -> dict[str, tuple[Any, str]]:
    """Where each bit stands: its structure, and the field."""
    found: dict[str, tuple[Any, str]] = {}
    for structure in structures:
        inner = getattr(structure, "features", structure)
        for name, _ in inner._fields_:
            if name not in ("sType", "pNext"):
                found[name] = (inner, name)
    return found


def describe(instance: Instance, handle: c_void_p) -> Physical:
    """Ask the driver."""
    vk = instance.vk
    extensions = frozenset(instance.extensions(handle))
    properties, p11, p12 = (new(kind) for kind in (
        v.PhysicalDeviceProperties2, v.PhysicalDeviceVulkan11Properties, v.PhysicalDeviceVulkan12Properties))  # fmt: skip
    vk.GetPhysicalDeviceProperties2(handle, byref(properties))
    version = min(properties.properties.apiVersion, instance.version)
    sizes: Any = None
    if version >= _VERSION_13:
        sizes = new(v.PhysicalDeviceVulkan13Properties)
    elif _SIZE_CONTROL in extensions:
        sizes = new(v.PhysicalDeviceSubgroupSizeControlProperties)
    if version < (1 << 22) | (2 << 12):
        return Physical(handle, _text(properties.properties.deviceName), version, properties.properties.deviceType,
                        properties.properties.limits, None, None, {}, extensions, b"", "")  # fmt: skip
    vk.GetPhysicalDeviceProperties2(handle, byref(chain(properties, p11, p12, *[sizes] * (sizes is not None))))
    structures = _feature_structures(version, extensions)
    vk.GetPhysicalDeviceFeatures2(handle, byref(chain(*structures)))
    features = {bit: bool(getattr(*place)) for bit, place in _bits(structures).items()}
    p = properties.properties
    return Physical(handle, _text(p.deviceName), version, p.deviceType, p.limits, p11, sizes, features,
                    extensions, bytes(p.pipelineCacheUUID), f"{_text(p12.driverName)} {_text(p12.driverInfo)}",
                    _arithmetic(p12))  # fmt: skip


_CONTROLS = {
    "denorm_preserve": "shaderDenormPreserveFloat", "rounding_rte": "shaderRoundingModeRTEFloat",
    "signed_zero_inf_nan_preserve": "shaderSignedZeroInfNanPreserveFloat",
}  # fmt: skip
# Drivers that are known for more than Vulkan promises, by VkDriverId. Quotients and roots: those that are a processor's own
# instructions. Fma in one rounding: those of cards that have no other.
_EXACT_DRIVERS = (10, 13)  # SwiftShader, lavapipe
_FUSED_DRIVERS = (4, 5, 6)  # NVIDIA, Intel on Windows, Intel in Mesa
_FOLDING_DRIVERS = (13,)  # lavapipe
_FLUSHING_DRIVERS = (4,)  # NVIDIA: seen on an H100 with driver 580


def _arithmetic(p12: Any) -> frozenset[str]:
    words = {f"{word}_f{bits}" for word, field in _CONTROLS.items() for bits in (32, 64) if getattr(p12, f"{field}{bits}")}
    if p12.driverID in _EXACT_DRIVERS:
        words.add("exact_f32")
    if p12.driverID in _FOLDING_DRIVERS:
        words.add("folds_zeros")
    if p12.driverID in _FLUSHING_DRIVERS and not p12.shaderDenormPreserveFloat32:
        words.add("flushes_f32")
    if p12.driverID in _FUSED_DRIVERS:
        words |= {"fma", "fast_fma"}
    return frozenset(words)


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace") if isinstance(raw, bytes) else str(raw)


def switched_on(physical: Physical) -> tuple[list[Any], list[str]]:
    """(the chain of feature structures for a new device, its extensions): what is wanted and there."""
    structures = _feature_structures(physical.version, physical.extensions)
    places = _bits(structures)
    for bit in WANTED:
        if physical.features.get(bit):
            structure, field = places[bit]
            setattr(structure, field, 1)
    wanted = (*_EXTENSIONS, *[_SIZE_CONTROL] * (not physical.is_13), "VK_KHR_portability_subset", "VK_EXT_memory_budget")
    extensions = [name for name in wanted if name in physical.extensions]
    return structures, extensions


def reason_against(physical: Physical) -> str:
    """Why kernels cannot run on it; "" when they can."""
    if not physical.features:
        return f"its driver has Vulkan {version_text(physical.version)}, and 1.2 is needed"
    missing = [text for bit, text in NEEDED.items() if not physical.features.get(bit)]
    return f"its driver has no {', no '.join(missing)}" if missing else ""


def has_of(features: Mapping[str, bool]) -> frozenset[str]:
    """The words of `Target.has` whose bits are all there; without subgroups."""
    return frozenset(word for word, bits in RULES.items() if all(features.get(bit) for bit in bits))


def _has_subgroups(p11: Any) -> bool:
    operations, stages = p11.subgroupSupportedOperations, p11.subgroupSupportedStages
    return operations & _SUBGROUP_OPS == _SUBGROUP_OPS and bool(stages & v.SHADER_STAGE_COMPUTE_BIT)


def required_subgroup_size(physical: Physical) -> int:
    """The size to ask of each pipeline, where the driver would choose one of several; 0 where there is nothing to ask."""
    sizes = physical.sizes
    if sizes is None or sizes.minSubgroupSize == sizes.maxSubgroupSize:
        return 0
    can_ask = physical.features.get("subgroupSizeControl") and sizes.requiredSubgroupSizeStages & v.SHADER_STAGE_COMPUTE_BIT
    return physical.p11.subgroupSize if can_ask else 0


def _subgroup_size(physical: Physical) -> int:
    sizes = physical.sizes
    is_one = sizes is not None and sizes.minSubgroupSize == sizes.maxSubgroupSize
    return physical.p11.subgroupSize if is_one or required_subgroup_size(physical) else 0


def target_of(physical: Physical) -> tuple[Target, Limits]:
    """What to compile for, and what a launch may ask for."""
    limits = physical.limits
    base = parse_target("vulkan:1.3" if physical.is_13 else "vulkan:1.2")
    has = has_of(physical.features) | (frozenset(("subgroups",)) if _has_subgroups(physical.p11) else frozenset())
    has |= physical.arithmetic - {"fma"}
    size, threads = _subgroup_size(physical), limits.maxComputeWorkGroupInvocations
    if required_subgroup_size(physical):
        threads = min(threads, size * physical.sizes.maxComputeWorkgroupSubgroups)
    grid = tuple(min(n, _MOST_BLOCKS) for n in limits.maxComputeWorkGroupCount)
    block = tuple(limits.maxComputeWorkGroupSize)
    target = replace(base, has=has, has_fma="fma" in physical.arithmetic, subgroup_size=size,
                     block_threads=threads, block_limit=block, grid_limit=grid,
                     shared_bytes=limits.maxComputeSharedMemorySize)  # fmt: skip
    sizes = (physical.p11.subgroupSize,)
    most = (_MOST_BLOCKS, _MOST_BLOCKS, _MOST_BLOCKS)
    return target, Limits(target.block_threads, target.block_limit, most, target.shared_bytes, sizes)


