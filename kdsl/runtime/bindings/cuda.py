"""The CUDA driver API through ctypes: the functions that kdsl calls, and the constants it passes. After cuda.h of CUDA 13.0.

One idea: a function is a row (name, codes of its parameters), made callable at first use from an address that a
resolver gives. On a machine with a driver that is `libcuda.so.1`; a test gives addresses of its own. Nothing
has to be installed beside the driver, and what every function of a wrapper package would cost at each call (converting
enums, allocating results) is not paid. `cuda-bindings`' handles are accepted where a user has one: `int(handle)` is all
that they are.

Names are those of the library, with the version suffix that cuda.h's macros add, because an old program's `cuMemAlloc`
is another function than today's.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

from ...diagnostics import DeviceError

__all__ = ["Attribute", "Cuda", "Error", "FunctionAttribute", "Jit", "KernelNodeParams", "load", "use_library"]

HEADER_VERSION = 13000

# One letter per parameter: i int, u unsigned, b unsigned char, h unsigned short, z size_t, l unsigned long long,
# p pointer or handle, d device address (64 bits), c text.
_CODES: dict[str, Any] = {
    "i": ctypes.c_int, "u": ctypes.c_uint, "b": ctypes.c_ubyte, "h": ctypes.c_ushort, "z": ctypes.c_size_t, "l": ctypes.c_ulonglong,
    "p": ctypes.c_void_p, "d": ctypes.c_uint64, "c": ctypes.c_char_p,
}  # fmt: skip

FUNCTIONS: dict[str, str] = {
    "cuInit": "u",
    "cuDriverGetVersion": "p",
    "cuGetErrorName": "ip",
    "cuGetErrorString": "ip",
    # devices and contexts
    "cuDeviceGetCount": "p",
    "cuDeviceGet": "pi",
    "cuDeviceGetName": "pii",
    "cuDeviceGetAttribute": "pii",
    "cuDeviceTotalMem_v2": "pi",
    "cuDeviceGetDefaultMemPool": "pi",
    "cuDevicePrimaryCtxRetain": "pi",
    "cuDevicePrimaryCtxRelease_v2": "i",
    "cuCtxGetCurrent": "p",
    "cuCtxSetCurrent": "p",
    "cuCtxSynchronize": "",
    # memory
    "cuMemGetInfo_v2": "pp",
    "cuMemAlloc_v2": "pz",
    "cuMemFree_v2": "d",
    "cuMemAllocAsync": "pzp",
    "cuMemFreeAsync": "dp",
    "cuMemAllocManaged": "pzu",
    "cuMemHostAlloc": "pzu",
    "cuMemFreeHost": "p",
    "cuMemHostGetDevicePointer_v2": "ppu",
    "cuMemPoolSetAttribute": "pip",
    "cuMemPoolTrimTo": "pz",
    "cuPointerGetAttribute": "pid",
    "cuMemcpyHtoDAsync_v2": "dpzp",
    "cuMemcpyDtoHAsync_v2": "pdzp",
    "cuMemcpyDtoDAsync_v2": "ddzp",
    "cuMemsetD8Async": "dbzp",
    "cuMemsetD16Async": "dhzp",
    "cuMemsetD32Async": "duzp",
    # streams and events
    "cuStreamCreate": "pu",
    "cuStreamDestroy_v2": "p",
    "cuStreamSynchronize": "p",
    "cuStreamQuery": "p",
    "cuStreamWaitEvent": "ppu",
    "cuEventCreate": "pu",
    "cuEventDestroy_v2": "p",
    "cuEventRecord": "pp",
    "cuEventQuery": "p",
    "cuEventSynchronize": "p",
    "cuEventElapsedTime": "ppp",
    # code
    "cuModuleLoadDataEx": "ppupp",
    "cuModuleUnload": "p",
    "cuModuleGetFunction": "ppc",
    "cuFuncGetAttribute": "pip",
    "cuFuncSetAttribute": "pii",
    "cuOccupancyMaxActiveBlocksPerMultiprocessor": "ppiz",
    "cuLaunchKernel": "puuuuuuuppp",
    # graphs
    "cuGraphCreate": "pu",
    "cuGraphAddKernelNode_v2": "pppzp",
    "cuGraphInstantiateWithFlags": "ppl",
    "cuGraphExecKernelNodeSetParams_v2": "ppp",
    "cuGraphLaunch": "pp",
    "cuGraphDestroy": "p",
    "cuGraphExecDestroy": "p",
}  # fmt: skip


class Error:
    """Values of CUresult that are told apart."""

    SUCCESS = 0
    INVALID_VALUE = 1
    OUT_OF_MEMORY = 2
    NOT_INITIALIZED = 3
    DEINITIALIZED = 4
    STUB_LIBRARY = 34
    NO_DEVICE = 100
    INVALID_DEVICE = 101
    INVALID_IMAGE = 200
    INVALID_CONTEXT = 201
    NO_BINARY_FOR_GPU = 209
    INVALID_PTX = 218
    JIT_COMPILER_NOT_FOUND = 221
    UNSUPPORTED_PTX_VERSION = 222
    INVALID_HANDLE = 400
    NOT_FOUND = 500
    NOT_READY = 600
    ILLEGAL_ADDRESS = 700
    LAUNCH_OUT_OF_RESOURCES = 701
    LAUNCH_TIMEOUT = 702
    LAUNCH_FAILED = 719
    SYSTEM_DRIVER_MISMATCH = 803
    # After these every further call on the context gives the same error, until the process ends.
    STICKY = frozenset({700, 702, 710, 714, 715, 716, 717, 718, 719})


class Attribute:
    """CUdevice_attribute."""

    MAX_THREADS_PER_BLOCK = 1
    MAX_BLOCK_DIM_X, MAX_BLOCK_DIM_Y, MAX_BLOCK_DIM_Z = 2, 3, 4
    MAX_GRID_DIM_X, MAX_GRID_DIM_Y, MAX_GRID_DIM_Z = 5, 6, 7
    MAX_SHARED_MEMORY_PER_BLOCK = 8
    WARP_SIZE = 10
    MULTIPROCESSOR_COUNT = 16
    CAN_MAP_HOST_MEMORY = 19
    COMPUTE_CAPABILITY_MAJOR, COMPUTE_CAPABILITY_MINOR = 75, 76
    MANAGED_MEMORY = 83
    PAGEABLE_MEMORY_ACCESS = 88
    CONCURRENT_MANAGED_ACCESS = 89
    MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97
    MEMORY_POOLS_SUPPORTED = 115


class FunctionAttribute:
    """CUfunction_attribute."""

    MAX_THREADS_PER_BLOCK, SHARED_SIZE_BYTES, CONST_SIZE_BYTES, LOCAL_SIZE_BYTES, NUM_REGS = 0, 1, 2, 3, 4
    PTX_VERSION, BINARY_VERSION = 5, 6
    MAX_DYNAMIC_SHARED_SIZE_BYTES = 8
    PREFERRED_SHARED_MEMORY_CARVEOUT = 9


class Jit:
    """CUjit_option."""

    INFO_LOG_BUFFER, INFO_LOG_BUFFER_SIZE_BYTES = 3, 4
    ERROR_LOG_BUFFER, ERROR_LOG_BUFFER_SIZE_BYTES = 5, 6
    LOG_VERBOSE = 12
    GENERATE_LINE_INFO = 13


EVENT_DEFAULT, EVENT_BLOCKING_SYNC, EVENT_DISABLE_TIMING = 0, 1, 2
STREAM_NON_BLOCKING = 1
STREAM_LEGACY, STREAM_PER_THREAD = 1, 2  # handles that name the default streams
MEM_ATTACH_GLOBAL = 1
HOST_PORTABLE, HOST_DEVICEMAP = 1, 2
MEMPOOL_RELEASE_THRESHOLD = 4
POINTER_CONTEXT, POINTER_MEMORY_TYPE, POINTER_HOST_POINTER, POINTER_IS_MANAGED, POINTER_DEVICE_ORDINAL = 1, 2, 4, 8, 9
LAUNCH_PARAM_END, LAUNCH_PARAM_BUFFER_POINTER, LAUNCH_PARAM_BUFFER_SIZE = 0, 1, 2


class KernelNodeParams(ctypes.Structure):
    """CUDA_KERNEL_NODE_PARAMS_v2."""

    _fields_ = (
        ("func", ctypes.c_void_p),
        ("grid_x", ctypes.c_uint), ("grid_y", ctypes.c_uint), ("grid_z", ctypes.c_uint),
        ("block_x", ctypes.c_uint), ("block_y", ctypes.c_uint), ("block_z", ctypes.c_uint),
        ("shared_bytes", ctypes.c_uint),
        ("kernel_params", ctypes.c_void_p),
        ("extra", ctypes.c_void_p),
        ("kern", ctypes.c_void_p),
        ("context", ctypes.c_void_p),
    )  # fmt: skip


class Cuda:
    """The driver's functions as attributes: `cuda.cuInit(0)` gives the CUresult. Handles are ints, results go by reference."""

    is_nvidia = True  # what helps against an error is the vendor's affair

    def __init__(self, address_of: Callable[[str], int], where: str) -> None:
        """`address_of` gives a function's address, or 0 where the library has none of that name."""
        self._address_of = address_of
        self.where = where

    def __getattr__(self, name: str) -> Callable[..., int]:
        """Made at first use, and then an attribute like any other."""
        codes = FUNCTIONS.get(name)
        if codes is None:
            raise AttributeError(name)
        address = self._address_of(name)
        if not address:
            raise DeviceError(f"the CUDA driver of {self.where} has no {name}: it is too old\n"
                              "  = help: kdsl needs a driver of CUDA 12 or later (R525)")  # fmt: skip
        function = ctypes.CFUNCTYPE(ctypes.c_int, *[_CODES[code] for code in codes])(address)
        setattr(self, name, function)
        return function

    def address(self, name: str) -> int:
        """Of a function, for compiled code that calls it."""
        return self._address_of(name)

    def error_text(self, code: int) -> str:
        """The driver's own words: `CUDA_ERROR_OUT_OF_MEMORY: out of memory`."""
        texts = []
        for function in (self.cuGetErrorName, self.cuGetErrorString):
            text = ctypes.c_char_p()
            if function(code, ctypes.byref(text)) == 0 and text.value:
                texts.append(text.value.decode(errors="replace"))
        return ": ".join(texts) or f"CUDA error {code}"


_library: Cuda | None = None


def use_library(library: Cuda | None) -> None:
    """What `load` gives from now on; None to look for the driver again."""
    global _library
    _library = library


def load() -> Cuda:
    """The machine's driver. `DeviceError` with the reason when there is none."""
    global _library
    if _library is None:
        _library = _open()
    return _library


def _open() -> Cuda:
    names = ("nvcuda.dll",) if os.name == "nt" else ("libcuda.so.1", "libcuda.so")
    reasons = []
    for name in names:
        try:
            library = ctypes.CDLL(name)
        except OSError as e:
            reasons.append(str(e))
            continue

        def address_of(function: str, library: ctypes.CDLL = library) -> int:
            try:
                return ctypes.cast(getattr(library, function), ctypes.c_void_p).value or 0
            except AttributeError:
                return 0

        return Cuda(address_of, name)
    raise DeviceError(f"no CUDA driver: {reasons[0]}\n"
                      "  = help: it comes with the graphics driver; nvidia-smi says whether one is there")  # fmt: skip
