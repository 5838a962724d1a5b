"""Every check of a launch's arguments, once, in front of any device. Slow and thorough: the fast path is `signature`.

One idea: a launch is refused before anything ran, with the kernel, the parameter, what was expected, what was given
and what to write instead. All launch codes are in this table; `geometry`, `views` and `commands` use some of them.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from ..artifact import Param
from ..diagnostics import refuse, shown
from .arrays import DeviceArray
from .dtypes import SCALARS, bits_dtype, item_shape, name_of, numpy_dtype, scalar_bytes, size_bytes
from .views import as_host_view

__all__ = ["LAUNCH_CODES", "bind_arguments", "check_argument", "check_arguments"]

LAUNCH_CODES = {
    "K601": "too many or too few arguments",
    "K602": "no parameter of this name",
    "K603": "an argument is given twice",
    "K611": "None where an array or a number is expected",
    "K612": "not an array and not convertible to one without a copy",
    "K613": "a Python list or tuple where an array is expected",
    "K614": "an element type that kernels cannot hold",
    "K615": "the array's element type is not the parameter's",
    "K616": "the array's number of axes is not the parameter's",
    "K617": "the array is stored in the byte order of another machine",
    "K618": "the kernel writes to a read-only array",
    "K619": "the array's memory is not aligned to its element type",
    "K620": "the kernel writes to an array whose elements share memory",
    "K621": "the array lives on another device",
    "K622": "the array's memory cannot be shared",
    "K623": "the last axis does not hold the components of the vector type",
    "K624": "the axis that must be contiguous is not",
    "K625": "not a stream of the device that the launch runs on",
    "K626": "something that a call of a device, stream or event does not take",
    "K631": "a value of the wrong kind for a scalar parameter",
    "K632": "a number out of the range of the parameter's type",
    "K633": "an array where a number is expected",
    "K641": "an update names nothing that was recorded",
    "K642": "an update with an argument of another type than the recorded one",
    "K643": "a command buffer used at the wrong time",
    "K651": "a grid or block that is not made of ints",
    "K652": "a grid or block of more than three axes",
    "K653": "a negative grid or block",
    "K654": "a block without threads",
    "K655": "a block larger than the device allows",
    "K656": "a grid larger than the device allows",
    "K657": "a grid without axes",
}


def bind_arguments(kernel: str, names: Sequence[str], args: Sequence[object], named: Mapping[str, object],
                   defaults: Mapping[str, object] | None = None) -> tuple[object, ...]:  # fmt: skip
    """The arguments in the order of the parameters `names`. K601, K602, K603."""
    signature = f"{kernel}({', '.join(names)})"
    if len(args) > len(names):
        refuse("K601", None, f"{signature} takes {len(names)} arguments, and {len(args)} were given",
               help=f"the parameters are: {', '.join(names) or 'none'}")  # fmt: skip
    for name in named:
        if name not in names:
            refuse("K602", None, f"{signature} has no parameter {name!r}", help=_nearest(name, names))
    twice = [n for n in names[: len(args)] if n in named]
    if twice:
        refuse("K603", None, f"{signature}: argument {twice[0]!r} is given twice, by position and by name",
               help=f"leave out {twice[0]}=..., or the argument at its place")  # fmt: skip
    rest = defaults or {}
    missing = [n for n in names[len(args) :] if n not in named and n not in rest]
    if missing:
        refuse("K601", None, f"{signature}: missing {', '.join(map(repr, missing))}; {len(args) + len(named)} of "
               f"{len(names)} arguments were given",
               help="stream= is the stream of a launch: give this argument at its place" if missing == ["stream"]
               else f"pass {missing[0]}=..., or give every argument at its place")  # fmt: skip
    return (*args, *(named[n] if n in named else rest[n] for n in names[len(args) :]))


def _nearest(name: str, names: Sequence[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, names, 1)
    return f"did you mean {close[0]!r}?" if close else f"the parameters are: {', '.join(names)}"


def check_arguments(kernel: str, params: Sequence[Param], args: Sequence[object], device: str = "cpu") -> None:
    """Refuse with the first argument that does not fit. `args` are in the order of `params`."""
    if len(args) != len(params):
        names = ", ".join(p.name for p in params)
        refuse("K601", None, f"{kernel}({names}) takes {len(params)} arguments, and {len(args)} were given",
               help=f"pass exactly: {names or 'none'}")  # fmt: skip
    for param, value in zip(params, args, strict=True):
        check_argument(kernel, param, value, device)


def check_argument(kernel: str, param: Param, value: object, device: str = "cpu") -> None:
    """Refuse `value` for `param` with one of K611 to K633, or return."""
    if value is None:
        what = "an array" if param.kind == "array" else "a number"
        _bad("K611", kernel, param, f"{what} is expected, not None",
             "a NumPy function that works in place or with out= may have returned None" if param.kind == "array" else
             "pass a number; a kernel has no optional arguments")  # fmt: skip
    if param.kind == "array":
        _check_array(kernel, param, value, device)
    else:
        _check_scalar(kernel, param, value)


def _type(param: Param) -> str:
    dtype = _short(param.dtype)
    return f"Array[{dtype}, {param.rank}]" if param.kind == "array" else dtype


def _bad(code: str, kernel: str, param: Param, message: str, help: str = "") -> NoReturn:
    refuse(code, None, f"{kernel}: argument {param.name!r} ({_type(param)}): {message}", help=help)


def _check_array(kernel: str, param: Param, value: object, device: str) -> None:
    if isinstance(value, DeviceArray):
        if value.device.name != device:
            _bad("K621", kernel, param, f"this array lives on {value.device.name}, and the launch runs on {device}",
                 f"copy it: kdsl.device({device!r}).array(x.numpy())")  # fmt: skip
        if not _same_type(value.dtype, param.dtype):
            _bad("K615", kernel, param, f"{param.dtype} is expected, and an array of {value.dtype} was given",
                 "make the array with that type, or let the parameter's type follow the argument")  # fmt: skip
        _check_rank(kernel, param, value.shape)
        if param.writes and getattr(value.buffer, "is_read_only", False):
            _bad("K618", kernel, param, "the kernel writes to this array, and it is read-only",
                 "pass a writable copy")  # fmt: skip
        _check_layout(kernel, param, value.shape, value.strides)
        return
    if isinstance(value, (bool, int, float, complex, np.generic)):
        _bad("K612", kernel, param, f"an array is expected, and the number {shown(value)} was given",
             "np.full(shape, value, dtype) makes an array")  # fmt: skip
    view = as_host_view(value, kernel, param.name)
    _check_element(kernel, param, view, is_raw=_has_no_type(value))
    shape, strides = _without_components(kernel, param, view)
    _check_rank(kernel, param, shape)
    if param.writes and not view.flags.writeable:
        _bad("K618", kernel, param, "the kernel writes to this array, and it is read-only",
             "pass a writable copy: x.copy()")  # fmt: skip
    if not view.flags.aligned and view.size:
        _bad("K619", kernel, param, f"the memory is not aligned to {view.dtype.alignment} bytes",
             "np.require(x, requirements='A') makes an aligned copy")  # fmt: skip
    _check_layout(kernel, param, shape, strides)


def _has_no_type(value: object) -> bool:
    """Whether something is bytes and nothing else: a buffer of metalcompute's, of Arrow's, a bytearray."""
    return not isinstance(value, np.ndarray) and not hasattr(value, "__array_interface__") and not hasattr(value, "dtype")


def _check_element(kernel: str, param: Param, view: np.ndarray[Any, Any], *, is_raw: bool = False) -> None:
    dtype = view.dtype
    if not dtype.isnative:
        _bad("K617", kernel, param, f"the elements ({dtype.str}) are stored in the byte order of another machine",
             "x.astype(x.dtype.newbyteorder('=')) gives a copy in this machine's order")  # fmt: skip
    expected = numpy_dtype(_scalar_of(param.dtype))
    bits = bits_dtype(_scalar_of(param.dtype))  # compared only if there is one: NumPy says float64 == None
    if dtype == expected or _same_struct(dtype, expected) or (bits is not None and dtype == bits):
        return
    given = name_of(dtype)
    if expected.fields is not None and dtype.fields is not None:
        _bad_struct(kernel, param, dtype, expected)
    if given is None:
        _bad("K614", kernel, param, f"an array of {dtype} cannot be held by a kernel",
             _convert(expected))  # fmt: skip
    is_bytes = is_raw and dtype.itemsize == 1 and view.ndim == 1 and expected.isbuiltin == 1
    _bad("K615", kernel, param, f"{_short(param.dtype)} is expected, and an array of {_short(given)} was given",
         f"np.frombuffer({param.name}, np.{expected.name}) is the same memory with that type" if is_bytes else
         _convert(expected))  # fmt: skip


def _short(dtype: str) -> str:
    """A type's name; of a struct without its layout."""
    return dtype.split(" {")[0]


def _bad_struct(kernel: str, param: Param, dtype: np.dtype[Any], expected: np.dtype[Any]) -> NoReturn:
    """Say what of a structured dtype differs: names, the type of a field, or where the fields lie."""
    name = param.dtype.split()[1]
    message = f"the elements are not laid out as struct {name} is"
    if dtype.names != expected.names:
        message += f": its fields are {', '.join(expected.names or ())}, and the array's are {', '.join(dtype.names or ())}"
    else:
        for n in expected.names or ():
            (a, at), (b, b_at) = dtype.fields[n][:2], expected.fields[n][:2]  # type: ignore[index]
            if not _same_field(a, b):
                message += f": field {n!r} is {b} there, and {a} in the array"
                break
            if at != b_at:
                message += f": field {n!r} is at byte {b_at} there, and at {at} in the array"
                break
        else:
            message += f": an element takes {expected.itemsize} bytes there, and {dtype.itemsize} in the array"
    _bad("K615", kernel, param, message,
         f"make the array with dtype={name}.dtype, which is NumPy's with align=True, or x.astype({name}.dtype)")  # fmt: skip


def _convert(expected: np.dtype[Any]) -> str:
    if expected.isbuiltin == 1:
        return f"convert it: x.astype(np.{expected.name})"
    return "make the array with the dtype that the kernel's parameter has (a struct's is its .dtype)"


def _scalar_of(dtype: str) -> str:
    return dtype[5:-1] if item_shape(dtype) else dtype


def _same_struct(given: np.dtype[Any], expected: np.dtype[Any]) -> bool:
    """Same fields at the same offsets; titles, flags and alignment do not matter."""
    if given.fields is None or expected.fields is None or given.itemsize != expected.itemsize:
        return False
    if given.names != expected.names:
        return False
    return all(
        given.fields[n][1] == expected.fields[n][1] and _same_field(given.fields[n][0], expected.fields[n][0])
        for n in given.names or ()
    )


def _same_field(given: np.dtype[Any], expected: np.dtype[Any]) -> bool:
    """A field of a type that NumPy lacks may hold the bits of it, as whole arrays may."""
    if given == expected or _same_struct(given, expected):
        return True
    bits = bits_dtype(name_of(expected.base) or "")
    return bits is not None and given.shape == expected.shape and given.base == bits


def _same_type(given: str, expected: str) -> bool:
    if given == expected:
        return True
    if not (given.startswith("struct ") and expected.startswith("struct ")):
        return False
    a, b = numpy_dtype(given), numpy_dtype(expected)
    return a == b or _same_struct(a, b)


def may_be(param: Param, dtype: str, rank: int) -> bool:
    """Whether arrays of `rank` axes with elements called `dtype` are taken for an array parameter, going by these alone: also a
    structured dtype with the fields of a struct, the bits of a type that NumPy lacks, numbers along the last axis for vectors."""
    if _same_type(dtype, param.dtype):
        return rank == param.rank
    scalar, given = _scalar_of(param.dtype), numpy_dtype(dtype)
    bits = bits_dtype(scalar)
    fits = given == numpy_dtype(scalar) or (bits is not None and given == bits)
    return fits and rank == param.rank + len(item_shape(param.dtype))


def _without_components(
    kernel: str, param: Param, view: np.ndarray[Any, Any]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shape and strides in elements: for a vector type without the axis of its components."""
    axes = item_shape(param.dtype)
    if not axes:
        return view.shape, view.strides
    dense = view.ndim and (view.strides[-1] == view.itemsize or view.size == 0)
    if view.shape[-1:] != axes or not dense:
        _bad("K623", kernel, param, f"the last axis must be the {axes[0]} components, side by side in memory; the "
             f"array has shape {view.shape} and strides {view.strides}",
             f"np.ascontiguousarray of an array of shape (..., {axes[0]}) has them so")  # fmt: skip
    return view.shape[:-1], view.strides[:-1]


def _check_rank(kernel: str, param: Param, shape: tuple[int, ...]) -> None:
    if len(shape) != param.rank:
        axes = "axis is" if param.rank == 1 else "axes are"
        _bad("K616", kernel, param, f"{param.rank} {axes} expected, and an array of shape {shape} was given",
             "x.reshape(...) gives another shape over the same memory" if len(shape) else
             "np.full(shape, value, dtype) makes an array")  # fmt: skip


def _check_layout(kernel: str, param: Param, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
    item = size_bytes(param.dtype)
    axis = param.unit_axis
    if axis is not None and shape[axis] > 1 and strides[axis] != item and 0 not in shape:
        _bad("K624", kernel, param, f"the code was made for an array whose axis {axis} is contiguous; its stride is "
             f"{strides[axis]} bytes, and an element has {item}", "np.ascontiguousarray(x) makes a copy")  # fmt: skip
    if param.writes and elements_overlap(shape, strides, item):
        _bad("K620", kernel, param, f"the kernel writes to this array, whose elements share memory (strides {strides})",
             "a broadcast or sliding-window view cannot be written; pass a copy: x.copy()")  # fmt: skip


def elements_overlap(shape: tuple[int, ...], strides: tuple[int, ...], item: int) -> bool:
    """Whether two elements may share bytes. Each axis must step over all that the faster axes cover, which is how
    every slice and transposition of a real array looks; an odd interleaving counts as overlapping."""
    if 0 in shape:
        return False
    covered = item
    for stride, extent in sorted((abs(s), n) for s, n in zip(strides, shape, strict=True) if n > 1):
        if stride < covered:
            return True
        covered = stride * (extent - 1) + covered
    return False


def _check_scalar(kernel: str, param: Param, value: object) -> None:
    kind = type(value).__name__
    if isinstance(value, (np.ndarray, DeviceArray)) and not _is_components(param, value):
        _bad("K633", kernel, param, f"a number is expected, and an array of shape {value.shape} was given",
             "x.item() or x[0] takes a number out of an array")  # fmt: skip
    if param.dtype not in SCALARS:
        _check_composite(kernel, param, value)
        return
    if param.dtype == "bool":
        if not isinstance(value, (bool, np.bool_)):
            _bad(
                "K631",
                kernel,
                param,
                f"True or False is expected, and {shown(value)} ({kind}) was given",
                "bool(x) converts",
            )
        return
    if isinstance(value, (bool, np.bool_)):
        _bad("K631", kernel, param, f"a number is expected, and {shown(value)} was given", "int(x) converts")
    whole = not numpy_is_float(param.dtype)
    if whole and not hasattr(value, "__index__"):
        _bad("K631", kernel, param, f"an int is expected, and {shown(value)} ({kind}) was given",
             "int(x) converts, rounding towards zero" if isinstance(value, (float, np.floating)) else
             "pass a Python int or a NumPy integer")  # fmt: skip
    if not whole and ((not hasattr(value, "__float__") and not hasattr(value, "__index__")) or isinstance(value, str)):
        _bad("K631", kernel, param, f"a number is expected, and {shown(value)} ({kind}) was given",
             "pass a Python or NumPy number, such as float(x)")  # fmt: skip
    try:
        scalar_bytes(param.dtype, value)
    except (OverflowError, ValueError, struct.error):
        _out_of_range(kernel, param, value)
    except TypeError as e:
        _bad("K631", kernel, param, f"a number is expected, and {shown(value)} ({kind}) was given: {e}",
             "pass a Python or NumPy number, such as float(x)")  # fmt: skip


def _is_components(param: Param, value: np.ndarray[Any, Any] | DeviceArray) -> bool:
    """Whether an array stands for a vector's components, or is a struct's record."""
    if isinstance(value, DeviceArray) or param.dtype in SCALARS:
        return False
    return value.shape == item_shape(param.dtype)


def numpy_is_float(dtype: str) -> bool:
    return dtype[0] == "f" or dtype == "bf16"


def _out_of_range(kernel: str, param: Param, value: object) -> NoReturn:
    if numpy_is_float(param.dtype):
        _bad("K632", kernel, param, f"{shown(value)} is too large for {param.dtype}", "float('inf') is an infinity")
    info = np.iinfo(numpy_dtype(param.dtype))
    _bad("K632", kernel, param, f"{shown(value)} does not fit {param.dtype}, which holds {info.min} to {info.max}",
         "declare the parameter with a wider type")  # fmt: skip


def _check_composite(kernel: str, param: Param, value: object) -> None:
    try:
        data = scalar_bytes(param.dtype, value)
    except (TypeError, ValueError, OverflowError, struct.error) as e:
        why = "one number is not enough" if isinstance(value, (int, float, np.number)) else str(e)
        _bad("K631", kernel, param, f"{shown(value)} is not a value of this type: {why}",
             "pass a tuple or array of its components, or a value of the struct")  # fmt: skip
    if len(data) != param.size_bytes:
        _bad("K631", kernel, param, f"{shown(value)} has {len(data)} bytes, and {param.size_bytes} are expected",
             "pass as many components as the type has")  # fmt: skip
