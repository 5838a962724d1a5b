"""Three kernels, kdsl's own, that measure kdsl: one evaluates a function in a math mode, one its exact value, one the error.

One idea: floats travel as their bits, so one source serves every format; which format, function and mode are compile-time
parameters. Code is made for any CPU target and run where this machine can, or under an emulator.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import ml_dtypes
import numpy as np
from conformance.backends import backend_named, compile_ir
from cpu_launch import pack_args

import kdsl
from kdsl import Array, f16, f32, f64, u16, u32, u64
from kdsl.codegen.cpu.written import WRITTEN_FOR
from kdsl.kernel import Kernel
from kdsl.runtime.cpu.device import CpuDevice
from kdsl.specialise import signature_of
from kdsl.target import CPU_TARGETS, cpu_target_of_host

__all__ = [
    "EVALUATE", "FORMATS", "JUDGE", "MODES", "REFERENCE", "Format", "bits_of", "evaluate", "floats_of", "host", "launcher",
    "reference",
]  # fmt: skip

MODES = ("strict", "default", "fast")


class Format:
    """A float format: its name, its kdsl type and that of its bits, bits of the fraction, largest exponent, dtypes."""

    def __init__(self, name: str, kind: Any, bits: Any, fraction: int, bias: int, values: Any, patterns: Any) -> None:
        self.name, self.kind, self.bits, self.fraction, self.bias = name, kind, bits, fraction, bias
        self.values, self.patterns = np.dtype(values), np.dtype(patterns)

    @property
    def overflow(self) -> float:
        """What infinity stands for: the first number that the format lacks because of its size."""
        return float(np.ldexp(1.0, self.bias + 1))


FORMATS = {
    f.name: f
    for f in (
        Format("f16", f16, u16, 10, 15, np.float16, np.uint16),
        Format("bf16", kdsl.bf16, u16, 7, 127, ml_dtypes.bfloat16, np.uint16),
        Format("f32", f32, u32, 23, 127, np.float32, np.uint32),
        Format("f64", f64, u64, 52, 1023, np.float64, np.uint64),
    )
}


# --- the kernels ---


def _evaluate_1(x: Array, out: Array, f: kdsl.const, kind: kdsl.const, bits: kdsl.const):
    i = kdsl.global_id(0)
    out[i] = kdsl.bitcast(f(kdsl.bitcast(x[i], kind)), bits)


def _evaluate_2(x: Array, y: Array, out: Array, f: kdsl.const, kind: kdsl.const, bits: kdsl.const):
    i = kdsl.global_id(0)
    out[i] = kdsl.bitcast(f(kdsl.bitcast(x[i], kind), kdsl.bitcast(y[i], kind)), bits)


def _evaluate_3(x: Array, y: Array, z: Array, out: Array, f: kdsl.const, kind: kdsl.const, bits: kdsl.const):
    i = kdsl.global_id(0)
    out[i] = kdsl.bitcast(f(kdsl.bitcast(x[i], kind), kdsl.bitcast(y[i], kind), kdsl.bitcast(z[i], kind)), bits)


EVALUATE = {
    (arity, mode): kdsl.kernel(source, math=mode)
    for arity, source in ((1, _evaluate_1), (2, _evaluate_2), (3, _evaluate_3))
    for mode in MODES
}


@kdsl.kernel
def _reference_1(x: Array, out: Array[f64, 1], f: kdsl.const, kind: kdsl.const):
    i = kdsl.global_id(0)
    out[i] = f(f64(kdsl.bitcast(x[i], kind)))


@kdsl.kernel
def _reference_2(x: Array, y: Array, out: Array[f64, 1], f: kdsl.const, kind: kdsl.const):
    i = kdsl.global_id(0)
    out[i] = f(f64(kdsl.bitcast(x[i], kind)), f64(kdsl.bitcast(y[i], kind)))


@kdsl.kernel
def _reference_3(x: Array, y: Array, z: Array, out: Array[f64, 1], f: kdsl.const, kind: kdsl.const):
    i = kdsl.global_id(0)
    out[i] = f(f64(kdsl.bitcast(x[i], kind)), f64(kdsl.bitcast(y[i], kind)), f64(kdsl.bitcast(z[i], kind)))


REFERENCE = {1: _reference_1, 2: _reference_2, 3: _reference_3}


@kdsl.func
def per_ulp(exact, fraction: kdsl.const, bias: kdsl.const):
    """How many ULP an error of 1 is: the inverse of the spacing of a format's numbers around the exact value."""
    power = kdsl.bitcast(kdsl.bitcast(exact, u64) & (2047 << 52), f64)  # of two, not above it
    power = kdsl.where(power < 2.0 ** (1 - bias), f64(2.0 ** (1 - bias)), power)
    power = kdsl.where(power > 2.0**bias, f64(2.0**bias), power)
    return kdsl.bitcast(u64((2046 + fraction) << 52) - kdsl.bitcast(power, u64), f64)


@kdsl.kernel(math="strict")
def JUDGE(x: Array, got: Array, exact: Array[f64, 1], flip: f64, low: f64, high: f64, error: Array[f32, 1], scale: kdsl.const,
          kind: kdsl.const, fraction: kdsl.const, bias: kdsl.const, overflow: kdsl.const):  # fmt: skip
    """Errors in units; 0 outside of [low, high], infinite where one is NaN and the other is not, or a wrong infinity.

    scale: how many units an error of 1 is, None for ULP. flip: what the exact value is to be multiplied with, for the other
    half of an odd function.
    """
    i = kdsl.global_id(0)
    at = f64(kdsl.bitcast(x[i], kind))
    wanted = exact[i] * flip
    y = f64(kdsl.bitcast(got[i], kind))
    # An infinity stands for the first number that is too large.
    finite = kdsl.where(y > overflow, f64(overflow), kdsl.where(y < -overflow, f64(-overflow), y))
    if scale is None:
        e = abs(finite - wanted) * per_ulp(wanted, fraction, bias)
    else:
        e = abs(finite - wanted) * scale(wanted, at)
    e = kdsl.where(e == e, e, f64(np.inf))
    is_right = (y == wanted) | ((y != y) & (wanted != wanted))
    is_right |= ((y > overflow) & (wanted >= overflow)) | ((y < -overflow) & (wanted <= -overflow))
    error[i] = f32(kdsl.where(is_right | (at < low) | (at > high), f64(0.0), e))


# --- running them ---


def bits_of(format: Format, values: Any) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.ascontiguousarray(np.asarray(values, np.float64).astype(format.values)).view(format.patterns)


def floats_of(format: Format, bits: np.ndarray) -> np.ndarray:
    """Bits as f64."""
    with np.errstate(all="ignore"):
        return bits.view(format.values).astype(np.float64)


@cache
def host() -> str:
    """The name of the best target that this machine runs; of those with the same functions, the first."""
    arch = cpu_target_of_host().arch
    return WRITTEN_FOR.get(arch, arch)


_functions: dict[Any, Any] = {}


def _function(kernel: Kernel, args: tuple[Any, ...], consts: dict[str, Any]) -> Any:
    signature, values = signature_of(kernel, kernel._bind(args, consts))
    key = (kernel, tuple(signature.items()), values.key)
    if key not in _functions:
        _functions[key] = kernel.ir(signature, values.values)
    return _functions[key]


def launcher(kernel: Kernel, target: str, args: tuple[Any, ...], **consts: Any) -> Callable[[], None]:
    """A launch with one thread per element, which may be run again and again."""
    artifact = compile_ir(_function(kernel, args, consts), CPU_TARGETS[target])
    executable, packed, n = CpuDevice().load(artifact), pack_args(artifact, args), args[0].size
    geometry = (-(-n // 256), 1, 1, 256, 1, 1, n, 1, 1)
    return lambda: executable.launch(artifact.entry, packed, geometry)


def evaluate(function: Any, format: Format, mode: str, target: str, *bits: np.ndarray) -> np.ndarray:
    """The bits of the results on a target."""
    out = np.empty_like(bits[0])
    kernel = EVALUATE[len(bits), mode]
    ir = _function(kernel, (*bits, out), {"f": function, "kind": format.kind, "bits": format.bits})
    n = out.size
    backend_named(f"cpu:{target}").run(ir, (*bits, out), (-(-n // 256), 1, 1), (256, 1, 1), (n, 1, 1))
    return out


def reference(function: Any, format: Format, *bits: np.ndarray) -> np.ndarray:
    """Nearly exact values, by kdsl's f64 function on this machine's target."""
    out = np.empty(bits[0].size)
    launcher(REFERENCE[len(bits)], host(), (*bits, out), f=function, kind=format.kind)()
    return out
