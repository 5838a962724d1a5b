"""Every launch code K601 to K657: the call that gets it, and what the message names."""

from __future__ import annotations

import array as pyarray
import re
import sys
from pathlib import Path

import handmade
import numpy as np
import pytest

import kdsl.runtime
from kdsl.diagnostics import LaunchError
from kdsl.runtime import checked, registry
from kdsl.runtime.api import Limits
from kdsl.runtime.geometry import geometry, geometry_over
from kdsl.runtime.signature import ArgType, classify, key_of, make_packer, signature_key
from kdsl.runtime.views import as_host_view

F32 = np.zeros((4, 6), np.float32)


def read_only() -> np.ndarray:
    x = np.zeros((4, 6), np.float32)
    x.flags.writeable = False
    return x


def misaligned() -> np.ndarray:
    return np.zeros(4 * 24 + 1, np.uint8)[1:].view(np.float32).reshape(4, 6)


def overlapping() -> np.ndarray:
    return np.lib.stride_tricks.as_strided(np.zeros(32, np.float32), (4, 6), (8, 4))


class OnCuda:
    __cuda_array_interface__ = {}


class OnDlpackGpu:
    def __dlpack_device__(self):
        return (2, 0)

    def __dlpack__(self, **_):
        raise AssertionError("must not be asked for")


class BadInterface:
    __array_interface__ = {"version": 3, "shape": (4,)}


ARRAY = handmade.array("x", rank=2, writes=True)
UNIT = handmade.array("x", rank=2, writes=True, unit_axis=1)
VECTOR = handmade.array("x", "vec3<f32>", rank=1)


@pytest.mark.parametrize(
    "code, param, value, words",
    [
        ("K611", ARRAY, None, "not None"),
        ("K611", handmade.scalar("x"), None, "not None"),
        ("K612", ARRAY, 3.0, "np.full"),
        ("K612", ARRAY, np.float32(3), "number"),
        ("K612", ARRAY, object(), "__dlpack__"),
        ("K612", ARRAY, "text", "str"),
        ("K613", ARRAY, [1, 2], "np.asarray"),
        ("K613", ARRAY, (1, 2), "tuple"),
        ("K614", ARRAY, np.zeros((4, 6), object), "object"),
        ("K614", ARRAY, np.zeros((4, 6), np.complex64), "complex64"),
        ("K614", ARRAY, np.zeros((4, 6), "U3"), "<U3"),
        ("K615", ARRAY, np.zeros((4, 6), np.float64), "f64"),
        ("K615", ARRAY, np.zeros((4, 6), np.int32), "i32"),
        ("K615", ARRAY, registry.device("cpu").zeros((4, 6), "f64"), "f64"),
        ("K616", ARRAY, np.zeros(24, np.float32), r"\(24,\)"),
        ("K616", ARRAY, registry.device("cpu").zeros(24), r"\(24,\)"),
        ("K617", ARRAY, np.zeros((4, 6), np.dtype(np.float32).newbyteorder()), "byte order"),
        ("K618", ARRAY, read_only(), "read-only"),
        ("K618", ARRAY, np.broadcast_to(np.zeros(6, np.float32), (4, 6)), "read-only"),
        ("K618", handmade.array("x", "u8", writes=True), b"bytes", "read-only"),
        ("K619", ARRAY, misaligned(), "aligned to 4"),
        ("K620", ARRAY, overlapping(), "share memory"),
        ("K621", ARRAY, registry.device("null").zeros((4, 6)), "null"),
        ("K621", ARRAY, OnCuda(), "CUDA"),
        ("K621", ARRAY, OnDlpackGpu(), "DLPack device"),
        ("K622", ARRAY, BadInterface(), "__array_interface__"),
        ("K623", VECTOR, np.zeros((5, 4), np.float32), "3 components"),
        ("K623", VECTOR, np.zeros((3, 5), np.float32).T, "side by side"),
        ("K624", UNIT, np.zeros((4, 12), np.float32)[:, ::2], "contiguous"),
        ("K631", handmade.scalar("x", "i32"), 2.5, "int is expected"),
        ("K631", handmade.scalar("x", "i32"), True, "int"),
        ("K631", handmade.scalar("x", "f32"), False, "int"),
        ("K631", handmade.scalar("x", "f32"), "2", "str"),
        ("K631", handmade.scalar("x", "f32"), 1j, "number"),
        ("K631", handmade.scalar("x", "bool"), 1, "True or False"),
        ("K631", handmade.scalar("x", "vec3<f32>"), (1, 2), "3 values"),
        ("K632", handmade.scalar("x", "i32"), 2**31, "-2147483648 to 2147483647"),
        ("K632", handmade.scalar("x", "u8"), -1, "0 to 255"),
        ("K632", handmade.scalar("x", "f32"), 1e300, "too large"),
        ("K632", handmade.scalar("x", "f16"), 1e6, "too large"),
        ("K633", handmade.scalar("x"), np.zeros(1, np.float32), "item"),
    ],
)
def test_argument_codes(code, param, value, words) -> None:
    with pytest.raises(LaunchError, match=words) as e:
        checked.check_arguments("k", (param,), (value,))
    assert e.value.code == code
    assert "k: argument 'x'" in str(e.value)


def test_numbers_too_long_for_a_text() -> None:
    for dtype in ("f32", "i32"):
        with pytest.raises(LaunchError, match="K632.*an int of 16610 bits"):
            checked.check_arguments("k", (handmade.scalar("x", dtype),), (10**5000,))


@pytest.mark.parametrize(
    "param, value",
    [
        (ARRAY, F32),
        (ARRAY, F32[::2, ::-1]),
        (ARRAY, np.zeros((0, 6), np.float32)),
        (ARRAY, registry.device("cpu").zeros((4, 6))),
        (UNIT, np.zeros((4, 12), np.float32)[::2, :6]),
        (UNIT, np.zeros((4, 1), np.float32)),
        (handmade.array("x", rank=2), np.broadcast_to(np.zeros(6, np.float32), (4, 6))),
        (handmade.array("x", rank=2), read_only()),
        (VECTOR, np.zeros((5, 3), np.float32)),
        (handmade.array("x", "i32"), pyarray.array("i", [1, 2])),
        (handmade.array("x", "u8"), b"bytes"),
        (handmade.array("x", "struct P {p: vec3<f32> @0, i: i32 @12} [16, 4]"),
         np.zeros(2, [("p", "f4", 3), ("i", "i4")])),
        (handmade.scalar("x", "i32"), np.int64(-5)),
        (handmade.scalar("x", "f32"), 3),
        (handmade.scalar("x", "f64"), np.float32(3)),
        (handmade.scalar("x", "f32"), float("inf")),
        (handmade.scalar("x", "bool"), np.True_),
        (handmade.scalar("x", "vec3<f32>"), (1, 2, 3)),
    ],
)  # fmt: skip
def test_accepted(param, value) -> None:
    checked.check_arguments("k", (param,), (value,))
    packer = make_packer("k", (param,), (value,))
    assert len(packer(value)) == 8 * param.slots


def test_a_stream_that_is_none() -> None:
    from kdsl.runtime.foreign import taken

    with pytest.raises(LaunchError, match="is no stream of cpu") as e:
        taken((registry.device("cpu").zeros(4),), "fast")
    assert e.value.code == "K625"


@pytest.mark.parametrize(
    "code, args, named, words",
    [
        ("K601", (1, 2, 3, 4), {}, "takes 3"),
        ("K601", (1,), {}, "missing 'y'"),
        ("K602", (1, 2), {"out_": 3}, "did you mean 'out'"),
        ("K603", (1, 2), {"y": 3}, "twice"),
    ],
)
def test_binding_codes(code, args, named, words) -> None:
    with pytest.raises(LaunchError, match=words) as e:
        checked.bind_arguments("k", ("x", "y", "out"), args, named, {"out": 0})
    assert e.value.code == code


def test_binding() -> None:
    assert checked.bind_arguments("k", ("x", "y", "z"), (1,), {"z": 3}, {"y": 2}) == (1, 2, 3)
    with pytest.raises(LaunchError, match="K601"):
        checked.check_arguments("k", (ARRAY,), ())


@pytest.mark.parametrize(
    "code, call",
    [
        ("K651", lambda: geometry("k", 2.5)),
        ("K651", lambda: geometry("k", "3")),
        ("K651", lambda: geometry("k", 1, None)),
        ("K651", lambda: geometry_over("k", (10, 1e3))),
        ("K652", lambda: geometry("k", (1, 2, 3, 4))),
        ("K653", lambda: geometry("k", (1, -2))),
        ("K653", lambda: geometry_over("k", -1)),
        ("K654", lambda: geometry("k", 1, 0)),
        ("K655", lambda: geometry("k", 1, 1025)),
        ("K655", lambda: geometry("k", 1, (1, 1, 65))),
        ("K656", lambda: geometry("k", (1, 70_000), 1, Limits())),
        ("K656", lambda: geometry("k", 10**5000, 1, Limits())),
        ("K656", lambda: geometry("k", (2**32, 2**32))),
        ("K656", lambda: geometry("k", (2**31, 1, 2**31), 2)),
        ("K656", lambda: geometry_over("k", 2**62 + 1)),
        ("K656", lambda: geometry_over("k", (2**40, 2**40))),
        ("K655", lambda: geometry("k", 1, 10**5000, Limits())),
        ("K653", lambda: geometry("k", -(10**5000), 1, Limits())),
        ("K657", lambda: geometry("k", ())),
    ],
)
def test_geometry_codes(code, call) -> None:
    with pytest.raises(LaunchError, match="k: ") as e:
        call()
    assert e.value.code == code


def test_geometry() -> None:
    assert geometry("k", 4, 32) == (4, 1, 1, 32, 1, 1, 128, 1, 1)
    assert geometry("k", (np.int32(2), 3), (8, 4)) == (2, 3, 1, 8, 4, 1, 16, 12, 1)
    assert geometry_over("k", (100, 3), (32, 2)) == (4, 2, 1, 32, 2, 1, 100, 3, 1)
    assert geometry("k", 0)[6] == 0
    assert geometry("k", (2**40, 0, 2**40))[1] == 0
    assert geometry_over("k", 2**62)[6] == 2**62


def test_every_code_in_the_source_is_in_the_table_and_tested() -> None:
    used: set[str] = set()
    for folder in kdsl.runtime.__path__:
        for file in Path(folder).rglob("*.py"):
            used |= set(re.findall(r'(?:refuse|_bad)\(\s*"(K6\d\d)"', file.read_text()))
    assert used == set(checked.LAUNCH_CODES)
    tested = Path(__file__).read_text() + (Path(__file__).parent / "test_device.py").read_text()
    assert not [code for code in used if f'"{code}"' not in tested]


def test_keys_tell_apart_what_matters() -> None:
    x = np.zeros((4, 6), np.float32)
    values = [
        x,
        x.T,
        x[:, ::2],
        x[::2],
        x.astype(np.float64),
        read_only(),
        misaligned(),
        x[0],
        1,
        1.0,
        True,
        np.float32(1),
    ]
    values += [registry.device("cpu").zeros((4, 6)), registry.device("null").zeros((4, 6)), memoryview(x)]
    keys = [key_of(v) for v in values]
    assert len(set(keys)) == len(keys)
    assert signature_key([x, 1, 2.0]) == signature_key([np.ones((9, 2), np.float32), 7, -1.0])
    assert key_of(x[::2]) == key_of(np.zeros((8, 12), np.float32)[::2, :6])


def test_classify() -> None:
    x = np.zeros((4, 6), np.float32)
    assert classify(x) == ArgType("array", "f32", 2, (1,), True, True, "")
    assert classify(x.T) == ArgType("array", "f32", 2, (0,), False, True, "")
    assert classify(registry.device("cpu").zeros(3, "vec3<f32>")) == ArgType("array", "vec3<f32>", 1, (0,), True, True, "cpu")
    assert [classify(v) for v in (1, 1.0, True, np.int8(1))] == [ArgType("scalar", t) for t in ("int", "float", "bool", "i8")]


def test_addresses_are_read_from_the_array() -> None:
    floats, bytes_ = handmade.array("x"), handmade.array("x", "u8")
    plain = np.zeros((3, 4), np.float32)
    for a in (plain[0], plain[1:, 1], plain[0, :0], np.frombuffer(b"abc", np.uint8)):
        packed = make_packer("k", (bytes_ if a.dtype == np.uint8 else floats,), (a,))(a)
        assert int.from_bytes(packed[:8], sys.byteorder) == a.__array_interface__["data"][0]


def test_packer_checks_what_the_key_leaves_open() -> None:
    """Same key, other strides: an overlapping array must not slip through the fast path."""
    good = np.zeros((8, 12), np.float32)[::2, :6]
    packer = make_packer("k", (ARRAY,), (good,))
    packer(good)
    assert key_of(overlapping()) == key_of(good)
    with pytest.raises(LaunchError, match="K620"):
        packer(overlapping())
    vectors = make_packer("k", (VECTOR,), (np.zeros((5, 3), np.float32),))
    with pytest.raises(LaunchError, match="K623"):
        vectors(np.zeros((5, 4), np.float32))


def test_packed_layout() -> None:
    params = (
        handmade.scalar("a", "f32"),
        handmade.array("x"),
        handmade.scalar("n", "i8"),
        handmade.scalar("v", "vec3<f32>"),
    )
    x = np.zeros((10, 4), np.float32)[:, 1]
    data = make_packer("k", params, (1.5, x, 3, (1, 2, 3)))(1.5, x, -3, (1, 2, 3))
    words = np.frombuffer(data, np.int64)
    assert np.frombuffer(data, np.float32)[0] == 1.5
    assert words[1] == x.ctypes.data and words[2] == 10 and words[3] == 16
    assert np.frombuffer(data, np.int8)[32] == -3 and list(np.frombuffer(data, np.float32)[10:13]) == [1, 2, 3]


@pytest.mark.parametrize(
    "dtype, value, bits", [("bf16", 1.0, 0x3F80), ("bf16", 1.00390625, 0x3F80), ("f8e4m3", 1.0, 0x38)]
)
def test_scalars_without_a_numpy_type(dtype, value, bits) -> None:
    param = handmade.scalar("a", dtype)
    assert int.from_bytes(make_packer("k", (param,), (value,))(value), "little") == bits


def test_host_views_share_memory() -> None:
    class Interface:
        def __init__(self, a):
            self.a, self.__array_interface__ = a, a.__array_interface__

    class OldDlpack:
        def __init__(self, a):
            self.a = a

        def __dlpack__(self, stream=None):
            return self.a.__dlpack__()

        def __dlpack_device__(self):
            return (1, 0)

    a = np.arange(6, dtype=np.float32)
    for wrap in (Interface, OldDlpack, memoryview, lambda a: a):
        view = as_host_view(wrap(a))
        view[0] += 1
        assert view.flags.writeable
    assert a[0] == 4
