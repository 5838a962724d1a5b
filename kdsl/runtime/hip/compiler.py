"""hiprtc: HIP text to a code object.

One idea: hiprtc of ROCm 5 ends the whole process on an architecture that its LLVM does not know, so what a version knows is
a table here, and what it does not know is refused in words.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable, Sequence

from ...diagnostics import DeviceError
from .. import keep, kept
from ..bindings.hip import Rtc

__all__ = ["code_object", "since"]

# The first ROCm whose compiler knows an architecture (ROCm's release notes and compatibility matrix).
_SINCE: dict[str, tuple[int, int]] = {
    "gfx900": (5, 0), "gfx906": (5, 0), "gfx908": (5, 0), "gfx90a": (5, 0), "gfx1010": (5, 0), "gfx1030": (5, 0),
    "gfx1031": (5, 0), "gfx1032": (5, 0), "gfx1100": (5, 5), "gfx1101": (5, 5), "gfx1102": (5, 5), "gfx1103": (5, 5),
    "gfx942": (6, 0), "gfx1150": (6, 2), "gfx1151": (6, 2), "gfx1200": (6, 3), "gfx1201": (6, 3), "gfx950": (7, 0),
}  # fmt: skip


def since(architecture: str) -> tuple[int, int]:
    """The ROCm that compiles for an architecture; 6.0 for one that is not known here, because from then on hiprtc says no."""
    return _SINCE.get(architecture.partition(":")[0], (6, 0))


def code_object(compiler: Callable[[], Rtc], text: str, architecture: str, options: Sequence[str],
                version: tuple[int, int]) -> tuple[bytes, str]:  # fmt: skip
    """(code object, the compiler's log), from the cache where it was compiled before. compiler: loads hiprtc where need be."""
    key = hashlib.sha256("\0".join([text, architecture, *options, repr(version)]).encode()).hexdigest()
    found = kept(f"hip {key}")
    if found is not None:
        return found, ""
    if version < since(architecture):
        needed = "{}.{}".format(*since(architecture))
        raise DeviceError(f"hiprtc of ROCm {version[0]}.{version[1]} cannot compile for {architecture}\n"
                          f"  = help: update ROCm to {needed} or later")  # fmt: skip
    made, log = _compile(compiler(), text, [f"--offload-arch={architecture}", *options])
    keep(f"hip {key}", made)
    return made, log


def _compile(rtc: Rtc, text: str, options: Sequence[str]) -> tuple[bytes, str]:
    program = ctypes.c_void_p()
    code = rtc.hiprtcCreateProgram(ctypes.byref(program), text.encode(), b"kernel.hip", 0, None, None)
    if code:
        raise DeviceError(f"hiprtc makes no program: error {code}")
    try:
        given = (ctypes.c_char_p * max(len(options), 1))(*[o.encode() for o in options])
        failed = rtc.hiprtcCompileProgram(program, len(options), given)
        log = _bytes(program, rtc.hiprtcGetProgramLogSize, rtc.hiprtcGetProgramLog).rstrip(b"\0").decode(errors="replace").strip()
        if failed:
            raise DeviceError(f"hiprtc does not compile the text: error {failed}\n"
                              + "\n".join([f"  {line}" for line in log.splitlines()[:12]]))  # fmt: skip
        return _bytes(program, rtc.hiprtcGetCodeSize, rtc.hiprtcGetCode), log
    finally:
        rtc.hiprtcDestroyProgram(ctypes.byref(program))


def _bytes(program: ctypes.c_void_p, size_of: Callable[..., int], bytes_of: Callable[..., int]) -> bytes:
    size = ctypes.c_size_t()
    if size_of(program, ctypes.byref(size)) or not size.value:
        return b""
    room = ctypes.create_string_buffer(size.value)
    return b"" if bytes_of(program, room) else room.raw
