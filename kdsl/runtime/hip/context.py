"""Which GPU a thread's calls go to, and what that GPU is.

One idea: HIP has one current device per thread; it is set before a call and set back after it, where CUDA sets a context.
"""

from __future__ import annotations

import ctypes
import re

from ...diagnostics import DeviceError
from ..bindings.hip import ATTRIBUTES, GCN_ARCH_NAME, Hip, Rtc, load_rtc
from ..cuda.context import Context, raise_error

__all__ = ["HipContext", "architecture", "describe", "device_count"]

_MINIMUM = 50_200_000  # ROCm 5.2, as hipRuntimeGetVersion says it: major * 10**7 + minor * 10**5 + patch
_NO_DEVICE = (100, 101)  # hipErrorNoDevice, and what hipInit says in its place


def device_count(hip: Hip) -> int:
    """How many GPUs there are. `DeviceError` when ROCm is too old or does not start."""
    code = hip.cuInit(0)
    if code in _NO_DEVICE:
        return 0
    if code:
        raise_error(hip, code, "the HIP runtime does not start")
    if version(hip) < _MINIMUM:
        raise DeviceError(f"the HIP runtime is of version {version_text(hip)}, and kdsl needs 5.2\n  = help: update ROCm")
    count = ctypes.c_int()
    code = hip.cuDeviceGetCount(ctypes.byref(count))
    if code in _NO_DEVICE:
        return 0
    if code:
        raise_error(hip, code, "counting GPUs")
    return count.value


def version(hip: Hip) -> int:
    found = ctypes.c_int()
    hip.cuDriverGetVersion(ctypes.byref(found))
    return found.value


def version_text(hip: Hip) -> str:
    """As in "6.3"."""
    found = version(hip)
    return f"{found // 10**7}.{found // 10**5 % 100}"


def architecture(hip: Hip, index: int) -> str:
    """The GPU's full name, as in "gfx90a:sramecc+:xnack-". The attribute is not in every version; where it is not, the name is
    looked for in the properties, whose layout changes between versions."""
    room = ctypes.create_string_buffer(16 << 10)
    hip.cuDeviceGetAttribute(room, GCN_ARCH_NAME, index)
    if not room.value.startswith(b"gfx"):
        new = hip.own.has("hipGetDevicePropertiesR0600")
        ask = hip.own.hipGetDevicePropertiesR0600 if new else hip.own.hipGetDeviceProperties
        code = ask(room, index)
        if code:
            raise_error(hip, code, f"asking what GPU {index} is")
    found = re.search(rb"gfx[0-9a-f]+(:[a-z]+[+-])*", room.raw)
    if found is None:
        raise DeviceError(f"the HIP runtime does not say what GPU {index} is")
    return found[0].decode()


def describe(hip: Hip, index: int) -> str:
    """GPU number `index` in words."""
    text, total = ctypes.create_string_buffer(256), ctypes.c_size_t()
    code = hip.cuDeviceGetName(text, len(text), index) or hip.cuDeviceTotalMem_v2(ctypes.byref(total), index)
    if code:
        raise_error(hip, code, f"asking what GPU {index} is")
    name = text.value.decode(errors="replace")
    return f"{name}, {architecture(hip, index)}, {total.value / 2**30:.1f} GiB, ROCm {version_text(hip)}"


class HipContext(Context):
    """A GPU of AMD's. Its calls have CUDA's names."""

    def __init__(self, hip: Hip, index: int) -> None:
        count = device_count(hip)
        if index >= count:
            there = f"{count} GPU{'s' * (count != 1)}" if count else "no GPU"
            raise DeviceError(f"there is no GPU number {index}: the HIP runtime sees {there}\n"
                              "  = help: rocminfo says whether the driver sees a GPU; HIP_VISIBLE_DEVICES may hide it")  # fmt: skip
        self.cuda = hip
        self.hip = hip
        self.index = self.device = self.handle = index
        self.architecture = architecture(hip, index)
        self._rtc: Rtc | None = None

    def compiler(self) -> Rtc:
        """hiprtc, loaded when something is first compiled: a process whose code is all kept on disk never needs it."""
        if self._rtc is None:
            self._rtc = load_rtc()
        return self._rtc

    def enter(self) -> int | None:
        before = ctypes.c_int(-1)
        self.hip.own.hipGetDevice(ctypes.byref(before))
        if before.value == self.index:
            return None
        self.check(self.hip.own.hipSetDevice(self.index), "choosing the GPU")
        return before.value

    def leave(self, before: int | None) -> None:
        if before is not None and before >= 0:
            self.hip.own.hipSetDevice(before)

    def attribute(self, which: int) -> int:
        value = ctypes.c_int()
        if which not in ATTRIBUTES:
            return 0
        self.check(self.hip.cuDeviceGetAttribute(ctypes.byref(value), ATTRIBUTES[which], self.index), "asking what the GPU can do")
        return value.value
