"""A kernel of kdsl's that is called from functions under numba's `njit`.

One idea: numba compiles a caller for the types it sees, and asks for code of what is called for just these; so a kernel is compiled
then, to a function in C, and the call becomes a call of that. No Python runs, and the lock may be free (`nogil=True`).

    fill = function(kernel)

    @njit
    def work(x):
        fill(len(x), x)          # as kernel.over(len(x))(x)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic, overload
from numba.np.numpy_support import as_dtype

from ..diagnostics import KdslError, refuse
from ..kernel import Kernel
from .native import NativeFunction, check_kernel, geometry_of, native_function, sample_array

__all__ = ["function"]

_SCALARS = {
    "bool": types.boolean, "i8": types.int8, "i16": types.int16, "i32": types.int32, "i64": types.int64, "index": types.int64,
    "u8": types.uint8, "u16": types.uint16, "u32": types.uint32, "u64": types.uint64, "f32": types.float32, "f64": types.float64,
}  # fmt: skip
_I32, _I64, _POINTER = ir.IntType(32), ir.IntType(64), ir.IntType(8).as_pointer()


def function(kernel: Kernel, block: Any = None, **constants: Any) -> Callable[..., None]:
    """What launches the kernel as `kernel.over(threads, block)(*args)` does, callable inside and outside of `njit`.

    The result is called with the number of threads (an int, or a tuple of up to three) and the kernel's runtime arguments in order;
    constants are given here. Arrays are passed in place, of any strides; numbers are converted to the parameters' types, as
    numba converts (an integer that does not fit wraps). Inside `njit` raises numba's `TypingError` with kdsl's message for
    arguments that the kernel does not take, and ValueError for a launch that cannot be. K683 for what is no kernel.
    """
    of = check_kernel(kernel)
    specs = [s for s in of.specs if s.kind == "const"]
    wrong = [n for n in constants if n not in [s.name for s in specs]]
    if wrong:
        refuse("K602", None, f"{of.name}: {wrong[0]!r} is not a constant",
               help=f"the constants are: {', '.join(s.name for s in specs) or 'none'}")  # fmt: skip

    def launch(threads: Any, *args: Any) -> None:
        given = iter(args)
        values = [constants.get(s.name, s.default) if s.kind == "const" else next(given, None) for s in of.specs]
        of.over(threads, block)(*values, *given)

    launch.__name__ = launch.__qualname__ = of.name
    launch.__doc__ = of.__doc__

    @overload(launch)
    def typed(threads, *args):  # type: ignore[no-untyped-def]  # numba compares it with what it returns
        return _compiled(of, block, constants, threads, args)

    return launch


def _compiled(kernel: Kernel, block: Any, constants: dict[str, Any], threads: Any, args: tuple[Any, ...]) -> Any:
    """What numba calls for these types."""
    axes = 1 if isinstance(threads, types.Integer) else _count(threads)
    if len(args) == 1 and isinstance(args[0], (types.BaseTuple, types.StarArgTuple)):
        args = tuple(args[0])  # type: ignore[arg-type]
    try:
        if not axes:
            raise TypingError(f"{kernel.name}: the number of threads is an int or a tuple of up to three, not {threads}")
        found = native_function(kernel, _samples(kernel, args), constants)
        _check(kernel, found, args)
    except KdslError as error:
        raise TypingError(str(error)) from None
    # The threads of a block, as `over` has them for so many axes.
    bx, by, bz = geometry_of(kernel, (1,) * axes, block)[3:6]
    call = _call_of(found)
    texts = tuple([f"{kernel.name}: {found.error_text(e)}" for e in range(8)])

    @njit
    def run(x, y, z, given):  # type: ignore[no-untyped-def]
        gx, gy, gz = -(-x // bx), -(-y // by), -(-z // bz)
        error = call((gx, gy, gz, bx, by, bz, x, y, z), given)
        if error:
            raise ValueError(texts[error & 255])

    if isinstance(threads, types.Integer):
        return lambda threads, *args: run(threads, 1, 1, args)
    if axes == 1:
        return lambda threads, *args: run(threads[0], 1, 1, args)
    if axes == 2:
        return lambda threads, *args: run(threads[0], threads[1], 1, args)
    return lambda threads, *args: run(threads[0], threads[1], threads[2], args)


def _count(threads: Any) -> int:
    """How many axes a tuple of ints has; 0 for anything else."""
    parts = tuple(threads) if isinstance(threads, types.BaseTuple) else ()  # type: ignore[arg-type]
    return len(parts) if len(parts) <= 3 and all(isinstance(t, types.Integer) for t in parts) else 0


def _samples(kernel: Kernel, args: tuple[Any, ...]) -> dict[str, Any]:
    """What `native_function` is to look at."""
    specs = [s for s in kernel.specs if s.kind != "const"]
    if len(args) != len(specs):
        refuse("K601", None, f"{kernel.name} takes {len(specs)} runtime arguments, and {len(args)} were given",
               help=f"pass: {', '.join(s.name for s in specs) or 'none'}")  # fmt: skip
    out: dict[str, Any] = {}
    for spec, t in zip(specs, args, strict=True):
        if isinstance(t, types.Array):
            out[spec.name] = sample_array(as_dtype(t.dtype), t.ndim)
        elif spec.kind == "scalar":
            continue  # the annotation says what is passed
        elif isinstance(t, (types.Number, types.Boolean)):
            out[spec.name] = as_dtype(types.unliteral(t)).type(0)
        else:
            refuse("K612", None, f"{kernel.name}: argument {spec.name!r}: an array or a number is expected, and numba has {t}",
                   help="pass NumPy arrays and numbers")  # fmt: skip
    return out


def _check(kernel: Kernel, found: NativeFunction, args: tuple[Any, ...]) -> None:
    for p, t in zip(found.params, args, strict=True):
        where = f"{kernel.name}: argument {p.name!r}: "
        if p.kind == "array":
            if p.writes and not t.mutable:
                refuse("K618", None, f"{where}the kernel writes it, and numba's type says that it may not be written",
                       help="pass an array that may be written, not a global or a constant")  # fmt: skip
            continue
        if p.dtype not in _SCALARS:
            refuse("K683", None, f"{where}numba has no number of type {p.dtype}",
                   help=f"pass it in an array; numbers are {', '.join(_SCALARS)}")  # fmt: skip
        to = _SCALARS[p.dtype]
        is_number = isinstance(t, (types.Integer, types.Boolean)) or (
            isinstance(t, types.Float) and isinstance(to, types.Float)
        )
        if not is_number:
            refuse("K632", None, f"{where}{p.dtype} is expected, and numba has {t}", help="convert it before the call")


def _call_of(found: NativeFunction) -> Any:
    """The call as numba's own intermediate code: `call(nine numbers, tuple of arguments)`."""
    params, address, name = found.params, found.address, f"kdsl_{found.name}"

    @intrinsic
    def call(typing: Any, geometry: Any, given: Any) -> Any:
        del typing
        kinds = types.UniTuple(types.int64, 9)

        def codegen(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            launch = cgutils.alloca_once(builder, ir.ArrayType(_I64, 9))
            for k, number in enumerate(cgutils.unpack_tuple(builder, values[0], 9)):
                builder.store(number, cgutils.gep_inbounds(builder, launch, 0, k))
            passed = [builder.bitcast(launch, _POINTER)]
            given_types = list(signature.args[1])
            for p, t, value in zip(params, given_types, cgutils.unpack_tuple(builder, values[1]), strict=True):
                passed.append(_array(context, builder, t, value) if p.kind == "array" else _number(context, builder, p, t, value))
            wanted = ir.FunctionType(_I32, [v.type for v in passed])
            # numba then knows that the code holds for this process alone, and does not cache it.
            target = context.add_dynamic_addr(builder, address, info=name)
            return builder.call(builder.bitcast(target, wanted.as_pointer()), passed)

        return types.int32(kinds, given), codegen

    return call


def _array(context: Any, builder: Any, t: Any, value: Any) -> Any:
    """`const kdsl_array *` of an array."""
    array = context.make_array(t)(context, builder, value)
    parts = [builder.bitcast(array.data, _POINTER)]
    for numbers in (array.shape, array.strides):
        kept = cgutils.alloca_once(builder, numbers.type)
        builder.store(numbers, kept)
        parts.append(builder.bitcast(kept, _POINTER))
    out = cgutils.alloca_once(builder, ir.LiteralStructType([_POINTER] * 3))
    for k, part in enumerate(parts):
        builder.store(part, cgutils.gep_inbounds(builder, out, 0, k))
    return builder.bitcast(out, _POINTER)


def _number(context: Any, builder: Any, p: Any, t: Any, value: Any) -> Any:
    wanted = _SCALARS[p.dtype]
    converted = context.cast(builder, value, t, wanted)
    return builder.zext(converted, ir.IntType(8)) if wanted is types.boolean else converted
