"""Arrays of every layout: views, strides, vectors, structs, storage floats, ranks 0 to 4, and scalars of every type."""

from __future__ import annotations

import numpy as np
import pytest
from handbuilt import Kernel

from kdsl.ir import formats, types as T
from kdsl.ir.interpreter import interpret


def copy_kernel(element, rank):
    k = Kernel(x=f"{element}[{rank}]", y=f"{element}[{rank}]")
    place = tuple(k.gid(a) for a in reversed(range(min(rank, 3))))
    if rank == 4:
        k.for_(0, k.extent(k.x, 0), lambda j: k.store(k.y, (j, *place), k.load(k.x, (j, *place))))
    else:
        k.store(k.y, place, k.load(k.x, place))
    return k.done()


LAYOUTS = {
    "plain": lambda a: a,
    "transposed": lambda a: a.T.copy().T,
    "reversed": lambda a: a[tuple(slice(None, None, -1) for _ in a.shape)].copy()[
        tuple(slice(None, None, -1) for _ in a.shape)
    ],
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "offset": lambda a: np.concatenate([a[..., :1], a], axis=-1)[..., 1:],
    "misaligned": lambda a: np.frombuffer(b"." + a.tobytes(), np.uint8)[1:].view(a.dtype).reshape(a.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(6,), (3, 4), (2, 3, 4), (2, 3, 2, 4)])
def test_layouts(layout, shape):
    a = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    x, y = LAYOUTS[layout](a), LAYOUTS[layout](a * 0) if layout != "misaligned" else a * 0
    sizes = (*shape[::-1][:3], 1, 1)[:3]
    interpret(copy_kernel("f32", len(shape)), (x, y), (1, 1, 1), sizes)
    assert (y == a).all()


@pytest.mark.parametrize("element", [*T.SCALARS])
def test_every_type_is_loaded_and_stored_as_it_is(element):
    t = T.SCALARS[element]
    rng = np.random.default_rng(3)
    x = (
        rng.integers(0, 2, 64).astype(bool)
        if t.is_bool
        else rng.integers(0, 256, 64 * t.size_bytes, np.uint8).view(t.dtype)
    )
    y = np.zeros_like(x)
    interpret(copy_kernel(element, 1), (x, y), (1, 1, 1), (64, 1, 1))
    a, b = formats.decode(t, x), formats.decode(t, y)
    assert ((a == b) | (a != a)).all()
    if not t.is_float:
        assert (x == y).all()


@pytest.mark.parametrize(
    "element, name", [("bf16", "bfloat16"), ("f8e4m3", "float8_e4m3fn"), ("f8e5m2", "float8_e5m2")]
)
def test_storage_floats_agree_with_ml_dtypes(element, name):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    dtype = getattr(ml_dtypes, name)
    x = np.linspace(-20, 20, 101).astype(dtype)
    y = np.zeros(101, dtype)
    k = Kernel(x=f"{element}[1]", y=f"{element}[1]")
    i = k.gid()
    doubled = (k.load(k.x, i).cast("f32") * 1.37).cast(element)
    k.store(k.y, i, doubled)
    interpret(k.done(), (x, y), (1, 1, 1), (101, 1, 1))
    want = (x.astype(np.float32) * np.float32(1.37)).astype(dtype)
    assert (y.view(np.uint8) == want.view(np.uint8)).all()


def test_vectors_as_a_further_axis():
    vec3 = T.VectorType(T.f32, 3)
    k = Kernel(x=T.ArrayType(vec3, 1), y="f32[1]")
    i = k.gid()
    x, y, z = (k.load(k.x, i, T.f32, offset=4 * c) for c in range(3))
    k.store(k.y, i, x + y * 10.0 + z * 100.0)
    k.store(k.x, i, z, offset=0)
    a, out = np.arange(12, dtype=np.float32).reshape(4, 3), np.zeros(4, np.float32)
    want = a @ np.array([1, 10, 100], np.float32)
    interpret(k.done(), (a, out), (1, 1, 1), (4, 1, 1))
    assert (out == want).all() and a[:, 0].tolist() == [2, 5, 8, 11]


def test_vectors_inside_a_dtype():
    k = Kernel(x=T.ArrayType(T.VectorType(T.i16, 2), 1), y="i16[1]")
    i = k.gid()
    k.store(k.y, i, k.load(k.x, i, T.i16, offset=2) - k.load(k.x, i, T.i16, offset=0))
    a = np.array([(1, 5), (7, 9)], [("x", "i2"), ("y", "i2")])
    out = np.zeros(2, np.int16)
    interpret(k.done(), (a, out), (1, 1, 1), (2, 1, 1))
    assert out.tolist() == [4, 2]


def test_nested_structs_with_padding():
    dtype = np.dtype(
        {"names": ["flag", "pos", "mass"], "formats": ["u1", ("f4", 3), "f8"], "offsets": [0, 4, 16], "itemsize": 24}
    )
    body = T.StructType("body", (("flag", T.u8, 0), ("pos", T.VectorType(T.f32, 3), 4), ("mass", T.f64, 16)), 24, 8)
    k = Kernel(x=T.ArrayType(body, 1))
    i = k.gid()
    mass = k.load(k.x, i, T.f64, offset=16)
    k.store(k.x, i, k.load(k.x, i, T.f32, offset=8) * mass.cast("f32"), offset=8)
    k.store(k.x, i, (mass > 2.0).cast("u8"), offset=0)
    a = np.zeros(8, dtype)
    a["pos"][:, 1], a["mass"] = 2, np.arange(8)
    a["pos"][:, 2] = 9
    interpret(k.done(), (a[::2],), (1, 1, 1), (4, 1, 1))
    assert a["pos"][:, 1].tolist() == [0, 2, 4, 2, 8, 2, 12, 2] and a["flag"].tolist() == [0, 0, 0, 0, 1, 0, 1, 0]
    assert (a["pos"][:, 2] == 9).all()


def test_struct_in_shared_memory():
    pair = T.StructType("pair", (("a", T.f32, 0), ("b", T.i32, 4)), 8, 4)
    k = Kernel(y="i32[1]")
    tile = k.op("memory.alloc", type=T.ArrayType(pair, 1, T.Space.SHARED, (4,)), name="tile")
    t = k.tid()
    k.store(tile, t, t.cast("f32"), offset=0)
    k.store(tile, t, t.cast("i32") * 10, offset=4)
    k.barrier()
    n = (t + 1) % 4
    k.store(k.y, k.gid(), k.load(tile, n, T.f32, offset=0).cast("i32") + k.load(tile, n, T.i32, offset=4))
    y = np.zeros(8, np.int32)
    interpret(k.done(), (y,), (2, 1, 1), (4, 1, 1))
    assert y.tolist() == [11, 22, 33, 0] * 2


@pytest.mark.parametrize("element", [*T.SCALARS])
def test_scalar_arguments(element):
    t = T.SCALARS[element]
    k = Kernel(a=element, y=f"{element}[1]")
    k.store(k.y, k.gid(), k.a)
    y = np.zeros(4, t.dtype)
    value = True if t.is_bool else 1.5 if t.is_float else 100
    interpret(k.done(), (value, y), (1, 1, 1), (4, 1, 1))
    assert formats.decode(t, y).tolist() == [value] * 4


def test_extents_of_views():
    k = Kernel(x="f32[3]", y="i32[1]")
    for axis in range(3):
        k.store(k.y, axis, k.extent(k.x, axis).cast("i32"))
    y = np.zeros(3, np.int32)
    interpret(k.done(), (np.zeros((6, 4, 2), np.float32)[::2, :, :0], y))
    assert y.tolist() == [3, 4, 0]


def test_rank_0():
    k = Kernel(x="f32[0]")
    k.store(k.x, (), k.load(k.x, ()) + 1.0)
    x = np.array(2.0, np.float32)
    interpret(k.done(), (x,))
    assert x == 3
