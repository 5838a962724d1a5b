"""AMD's HIP runtime and its compiler hiprtc through ctypes. After hip_runtime_api.h and hiprtc.h of ROCm 5.2 to 6.3.

One idea: HIP's functions are CUDA's driver functions under other names, with the same parameters and the same numbers of
errors, so a row says which, and what is written for CUDA's queues and memory serves here as it is. What differs is written out:
texts of errors, numbers of attributes, the parameters of a graph's node.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

from ...diagnostics import DeviceError
from . import cuda
from .cuda import Attribute, Cuda

__all__ = ["ATTRIBUTES", "Dim3", "GCN_ARCH_NAME", "Hip", "NodeParams", "Rtc", "load", "load_rtc", "use_library"]

# CUDA's name -> HIP's.
NAMES: dict[str, str] = {
    "cuInit": "hipInit", "cuDriverGetVersion": "hipRuntimeGetVersion", "cuDeviceGetCount": "hipGetDeviceCount",
    "cuDeviceGet": "hipDeviceGet", "cuDeviceGetName": "hipDeviceGetName", "cuDeviceGetAttribute": "hipDeviceGetAttribute",
    "cuDeviceTotalMem_v2": "hipDeviceTotalMem", "cuMemGetInfo_v2": "hipMemGetInfo", "cuMemAlloc_v2": "hipMalloc",
    "cuMemFree_v2": "hipFree", "cuMemAllocAsync": "hipMallocAsync", "cuMemFreeAsync": "hipFreeAsync",
    "cuMemAllocManaged": "hipMallocManaged", "cuMemHostAlloc": "hipHostMalloc", "cuMemFreeHost": "hipHostFree",
    "cuMemHostGetDevicePointer_v2": "hipHostGetDevicePointer", "cuMemcpyHtoDAsync_v2": "hipMemcpyHtoDAsync",
    "cuMemcpyDtoHAsync_v2": "hipMemcpyDtoHAsync", "cuMemcpyDtoDAsync_v2": "hipMemcpyDtoDAsync",
    "cuMemsetD8Async": "hipMemsetD8Async", "cuMemsetD16Async": "hipMemsetD16Async", "cuMemsetD32Async": "hipMemsetD32Async",
    "cuStreamCreate": "hipStreamCreateWithFlags", "cuStreamDestroy_v2": "hipStreamDestroy",
    "cuStreamSynchronize": "hipStreamSynchronize", "cuStreamQuery": "hipStreamQuery", "cuStreamWaitEvent": "hipStreamWaitEvent",
    "cuEventCreate": "hipEventCreateWithFlags", "cuEventDestroy_v2": "hipEventDestroy", "cuEventRecord": "hipEventRecord",
    "cuEventQuery": "hipEventQuery", "cuEventSynchronize": "hipEventSynchronize", "cuEventElapsedTime": "hipEventElapsedTime",
    "cuModuleUnload": "hipModuleUnload", "cuModuleGetFunction": "hipModuleGetFunction",
    "cuFuncGetAttribute": "hipFuncGetAttribute", "cuLaunchKernel": "hipModuleLaunchKernel",
    "cuOccupancyMaxActiveBlocksPerMultiprocessor": "hipModuleOccupancyMaxActiveBlocksPerMultiprocessor",
    "cuGraphCreate": "hipGraphCreate", "cuGraphDestroy": "hipGraphDestroy", "cuGraphExecDestroy": "hipGraphExecDestroy",
    "cuGraphLaunch": "hipGraphLaunch", "cuGraphAddKernelNode_v2": "hipGraphAddKernelNode",
    "cuGraphExecKernelNodeSetParams_v2": "hipGraphExecKernelNodeSetParams",
}  # fmt: skip
# HIP's own, with the codes of their parameters as in `bindings.cuda`.
FUNCTIONS: dict[str, str] = {
    "hipGetDevice": "p", "hipSetDevice": "i", "hipModuleLoadData": "pp", "hipGraphInstantiate": "pppcz",
    "hipGetDevicePropertiesR0600": "pi", "hipGetDeviceProperties": "pi",
}  # fmt: skip
RTC: dict[str, str] = {
    "hiprtcCreateProgram": "pccipp", "hiprtcCompileProgram": "pip", "hiprtcGetProgramLogSize": "pp", "hiprtcGetProgramLog": "pp",
    "hiprtcGetCodeSize": "pp", "hiprtcGetCode": "pp", "hiprtcDestroyProgram": "p",
}  # fmt: skip

# hipDeviceAttribute_t by CUDA's number of the same question.
ATTRIBUTES: dict[int, int] = {
    Attribute.CAN_MAP_HOST_MEMORY: 3, Attribute.CONCURRENT_MANAGED_ACCESS: 9, Attribute.MANAGED_MEMORY: 24,
    Attribute.MAX_BLOCK_DIM_X: 26, Attribute.MAX_BLOCK_DIM_Y: 27, Attribute.MAX_BLOCK_DIM_Z: 28, Attribute.MAX_GRID_DIM_X: 29,
    Attribute.MAX_GRID_DIM_Y: 30, Attribute.MAX_GRID_DIM_Z: 31, Attribute.MAX_THREADS_PER_BLOCK: 56,
    Attribute.MULTIPROCESSOR_COUNT: 63, Attribute.MAX_SHARED_MEMORY_PER_BLOCK: 74, Attribute.WARP_SIZE: 87,
    Attribute.MEMORY_POOLS_SUPPORTED: 88,
}  # fmt: skip
GCN_ARCH_NAME = 10004  # gives 256 bytes of text, in the versions that have it


class Dim3(ctypes.Structure):
    """dim3."""

    _fields_ = (("x", ctypes.c_uint), ("y", ctypes.c_uint), ("z", ctypes.c_uint))


class NodeParams(ctypes.Structure):
    """hipKernelNodeParams."""

    _fields_ = (
        ("block", Dim3), ("extra", ctypes.c_void_p), ("func", ctypes.c_void_p), ("grid", Dim3),
        ("kernel_params", ctypes.c_void_p), ("shared_bytes", ctypes.c_uint),
    )  # fmt: skip


class _Library:
    """Functions as attributes, made at first use from the address that `address_of` gives (0: there is none)."""

    rows: dict[str, str]

    def __init__(self, address_of: Callable[[str], int], where: str) -> None:
        self._address_of = address_of
        self.where = where

    def __getattr__(self, name: str) -> Callable[..., int]:
        codes = self.rows.get(name)
        if codes is None:
            raise AttributeError(name)
        address = self._address_of(name)
        if not address:
            raise DeviceError(f"{self.where} has no {name}: it is too old\n  = help: kdsl needs ROCm 5.2 or later")
        function = ctypes.CFUNCTYPE(ctypes.c_int, *[cuda._CODES[code] for code in codes])(address)
        setattr(self, name, function)
        return function

    def has(self, name: str) -> bool:
        return bool(self._address_of(name))


class Hip(Cuda):
    """HIP's functions under CUDA's names, and those that CUDA does not have under their own (`own`)."""

    is_nvidia = False

    def __init__(self, address_of: Callable[[str], int], where: str) -> None:
        super().__init__(lambda name: address_of(NAMES.get(name, name)), where)
        self.own = _Own(address_of, where)

    def error_text(self, code: int) -> str:
        """HIP gives texts, and no places for them."""
        texts = []
        for name in ("hipGetErrorName", "hipGetErrorString"):
            address = self.address(name)
            text = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_int)(address)(code) if address else None
            texts += [text.decode(errors="replace")] if text else []
        return ": ".join(dict.fromkeys(texts)) or f"HIP error {code}"


class _Own(_Library):
    rows = FUNCTIONS


class Rtc(_Library):
    """hiprtc."""

    rows = RTC


_hip: Hip | None = None
_rtc: Rtc | None = None


def use_library(hip: Hip | None, rtc: Rtc | None = None) -> None:
    """What `load` and `load_rtc` give from now on; None to look for the libraries again."""
    global _hip, _rtc
    _hip, _rtc = hip, rtc


def load() -> Hip:
    """The machine's HIP runtime. `DeviceError` with the reason when there is none."""
    global _hip
    if _hip is None:
        address_of, where = _open(_names("amdhip64"), "HIP runtime")
        _hip = Hip(address_of, where)
    return _hip


def load_rtc() -> Rtc:
    """hiprtc: a library of its own since ROCm 6, part of the runtime's before."""
    global _rtc
    if _rtc is None:
        address_of, where = _open((*_names("hiprtc"), *_names("amdhip64")), "hiprtc")
        _rtc = Rtc(address_of, where)
    return _rtc


def _names(stem: str) -> tuple[str, ...]:
    if os.name == "nt":
        return tuple([f"{stem}_{v}.dll" for v in (7, 6)] + [f"{stem}.dll"])
    return tuple([f"lib{stem}.so{v}" for v in (".7", ".6", ".5", "")])


def _open(names: tuple[str, ...], what: str) -> tuple[Callable[[str], int], str]:
    reasons = []
    for name in names:
        try:
            library = ctypes.CDLL(name)
        except OSError as e:
            reasons.append(str(e))
            continue

        def address_of(function: str, library: Any = library) -> int:
            try:
                return ctypes.cast(getattr(library, function), ctypes.c_void_p).value or 0
            except AttributeError:
                return 0

        if what != "hiprtc" or address_of("hiprtcCreateProgram"):
            return address_of, name
    raise DeviceError(f"no {what}: {reasons[0] if reasons else names[0]}\n"
                      "  = help: it comes with ROCm; rocminfo says whether the GPU is seen")  # fmt: skip
