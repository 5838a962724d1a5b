"""Which OpenCL devices there are, why one is not used, and what it can do.

One idea: devices are numbered as the platforms list them, but GPUs come before processors, so "opencl" is the best there is.
"""

from __future__ import annotations

import functools
import shutil
from importlib import import_module
from typing import Any

from ...diagnostics import DeviceError
from ...records import replace
from ...target import Target, parse_target
from ..api import Limits

__all__ = ["listed", "pyopencl", "reason_against", "takes_spirv", "target_of", "text_of", "translator"]

# Word of `Target.has` -> extensions that it takes.
_EXTENSIONS = {
    "f64": ("cl_khr_fp64",),
    "atomic_i64": ("cl_khr_int64_base_atomics", "cl_khr_int64_extended_atomics"),
    "subgroups": ("cl_khr_subgroup_shuffle", "cl_khr_subgroup_ballot"),
}
_TRANSLATORS = ("llvm-spirv", *[f"llvm-spirv-{version}" for version in range(20, 10, -1)])
_ALWAYS = frozenset(("i64", "i16", "i8", "f16_storage"))  # of the full profile; f16 is converted as bits


def pyopencl() -> Any:
    """The module; `DeviceError` with what to do where it is not there."""
    try:
        return import_module("pyopencl")
    except ImportError as e:
        raise DeviceError(f"the Python module pyopencl cannot be loaded: {e}\n"
                          "  = help: pip install 'kdsl[opencl]', and an OpenCL driver for your device") from None  # fmt: skip


def listed() -> list[Any]:
    """Every device of every platform, the best first."""
    cl = pyopencl()
    try:
        platforms = cl.get_platforms()
    except cl.Error as e:
        raise DeviceError(f"OpenCL has no platform: {e}\n"
                          "  = help: install your device's driver, or Debian's pocl-opencl-icd") from None  # fmt: skip
    found = [d for p in platforms for d in _devices_of(cl, p)]
    return sorted(found, key=lambda d: not d.type & cl.device_type.GPU)


def _devices_of(cl: Any, platform: Any) -> list[Any]:
    try:
        return platform.get_devices()
    except cl.Error:  # of a platform without a device
        return []


def text_of(device: Any) -> str:
    return f"{device.name.strip()}, {device.version.strip()}, {device.platform.name.strip()} {device.driver_version.strip()}"


def takes_spirv(device: Any) -> bool:
    """Whether the device builds SPIR-V itself."""
    cl = pyopencl()
    try:
        return "SPIR-V" in device.il_version
    except (cl.Error, AttributeError):
        return False


@functools.cache
def translator() -> str:
    """The path of llvm-spirv, of whatever version; "" where there is none."""
    return next((path for path in map(shutil.which, _TRANSLATORS) if path), "")


def reason_against(device: Any) -> str:
    """Why kernels cannot run on it; "" when they can."""
    if device.profile != "FULL_PROFILE":
        return "it has OpenCL's embedded profile"
    if not device.compiler_available:
        return "its driver has no compiler"
    if takes_spirv(device):
        return ""
    if "cl_khr_spir" not in device.extensions.split():
        return "its driver takes no SPIR-V"
    return "" if translator() else "its driver takes no SPIR-V, and there is no llvm-spirv on the PATH to make bitcode of it"


def target_of(device: Any) -> tuple[Target, Limits]:
    """What to compile for, and what a launch may ask for."""
    cl = pyopencl()
    extensions = frozenset(device.extensions.split())
    has = {word for word, needed in _EXTENSIONS.items() if extensions.issuperset(needed)}
    if not takes_spirv(device):
        has.discard("subgroups")  # PoCL has none, and bitcode has no way to say them
    if device.single_fp_config & cl.device_fp_config.CORRECTLY_ROUNDED_DIVIDE_SQRT:
        has.add("exact_f32")  # `program` asks for it
    if device.single_fp_config & cl.device_fp_config.FMA:
        has.add("fast_fma")
    sizes = device.max_work_item_sizes
    block = (sizes[0], sizes[1], sizes[2])
    grid = (2**31 - 1, 2**31 - 1, 2**31 - 1)
    target = replace(parse_target("opencl:3.0"), has=_ALWAYS | has, has_fma=True, subgroup_size=0, block_limit=block,
                     block_threads=device.max_work_group_size, grid_limit=grid, shared_bytes=device.local_mem_size)  # fmt: skip
    return target, Limits(device.max_work_group_size, block, grid, device.local_mem_size, (0,))
