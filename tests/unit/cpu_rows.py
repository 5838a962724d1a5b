"""Every arithmetic op on every type as one function per type: built here, judged by the rows' own meaning.

One idea: a function that loads three operands, applies all ops that take them, and stores every result to its own
array, over tiles of any width or (width 0) over scalars. The expected arrays come from `ir.evaluate`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from cpu_run import array_type, block_function, index, load, over_row, store

from kdsl.ir import formats, types as T
from kdsl.ir.core import Function, Region, Value
from kdsl.ir.evaluate import evaluate
from kdsl.ir.opdef import OPS, OpDef
from kdsl.ir.ops import arith, memory

TABLE = (1.0, 0.5, -2.0, 3.25, 0.0)


class Case(NamedTuple):
    """One op applied: its row, operands by letter ("abc", m for a bool), result type, attributes."""

    defn: OpDef
    operands: str
    result: T.ScalarType
    attributes: dict[str, Any]


def arith_cases(t: T.ScalarType) -> list[Case]:
    out = []
    for name, defn in OPS.items():
        if not name.startswith("arith.") or name in ("arith.constant", "arith.cast", "arith.bitcast", "arith.lookup"):
            continue
        rules = defn.operands
        if name == "arith.select":
            out.append(Case(defn, "mab", t, {}))
        elif all(t in r.allowed for r in rules):
            result = T.bool_ if defn.results[0].rule == "bool" else t
            out.append(Case(defn, "abc"[: len(rules)], result, {}))
    if t.is_integer:
        out += [Case(arith.LOOKUP, "a", r, {"table": TABLE}) for r in (T.f32, T.f64)]
    return out


def cast_cases(t: T.ScalarType) -> list[Case]:
    same = [o for o in T.SCALARS.values() if o.bits == t.bits and o is not t]
    casts = [Case(arith.CAST, "a", o, {}) for o in T.SCALARS.values()]
    return casts + [Case(arith.BITCAST, "a", o, {}) for o in same]


def operand_types(case: Case, t: T.ScalarType) -> list[T.ScalarType]:
    return [T.bool_ if k == "m" else t for k in case.operands]


def build(t: T.ScalarType, cases: list[Case], lanes: int) -> Function:
    params = [("a", array_type(t)), ("b", array_type(t)), ("c", array_type(t)), ("m", array_type(T.bool_))]
    params += [(f"out{k}", array_type(case.result)) for k, case in enumerate(cases)]
    f, b = block_function("rows", params, math="strict")
    names = dict(zip("abcm", f.params[:4], strict=True))
    element = {"a": t, "b": t, "c": t, "m": T.bool_}

    def tiles(i: Value, mask: Value) -> None:
        values = {k: load(b, element[k], lanes, names[k], i, mask=mask) for k in "abcm"}
        for case, out in zip(cases, f.params[4:], strict=True):
            operands = [values[k] for k in case.operands]
            r = b.emit(case.defn, *operands, type=T.TileType(case.result, (lanes,)), **case.attributes)
            store(b, r, out, i, mask=mask)

    def scalars(i: Value) -> None:
        values = {k: b.emit(memory.LOAD, names[k], i, type=element[k], offset=0) for k in "abcm"}
        for case, out in zip(cases, f.params[4:], strict=True):
            r = b.emit(case.defn, *[values[k] for k in case.operands], type=case.result, **case.attributes)
            b.emit(memory.STORE, out, i, r, offset=0)

    if lanes:
        over_row(b, lanes, tiles)
    else:
        loop = Region((T.index,))
        with b.inside(loop):
            scalars(loop.args[0])
            b.yield_()
        b.for_(b.emit(OPS["block.row_begin"]), b.emit(OPS["block.row_end"]), index(b, 1), (), loop)
    b.yield_()
    return f


def corners(t: T.ScalarType) -> np.ndarray:
    """Values of `t` that break things, as its value dtype."""
    if t.is_bool:
        return np.array([False, True])
    if t.is_integer:
        low, high = np.iinfo(t.dtype).min, np.iinfo(t.dtype).max
        some = [
            0,
            1,
            2,
            3,
            5,
            7,
            8,
            15,
            16,
            31,
            32,
            33,
            63,
            64,
            100,
            low,
            low + 1,
            high,
            high - 1,
            high // 2 + 1,
            high // 3,
        ]
        if t.is_signed:
            some += [-1, -2, -3, -7, -8, -64, -100, low // 2, low // 3]
        return np.unique(np.array(some).astype(t.dtype) if t.bits < 64 else np.array(some, t.dtype))
    biggest = {
        "f16": 65504.0,
        "bf16": 3.38e38,
        "f32": 3.4028235e38,
        "f64": 1.7e308,
        "f8e4m3": 448.0,
        "f8e5m2": 57344.0,
    }[t.name]
    tiny = {"f16": 6e-8, "bf16": 1e-40, "f32": 1e-45, "f64": 5e-324, "f8e4m3": 0.002, "f8e5m2": 1.6e-5}[t.name]
    some = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        -0.5,
        1.5,
        2.5,
        -2.5,
        3.3,
        1e-3,
        100.7,
        -127.6,
        255.5,
        256.0,
        32767.5,
        65535.9,
        np.inf,
        -np.inf,
        np.nan,
        biggest,
        -biggest,
        tiny,
        -tiny,
        tiny * 3,
        biggest / 3,
        1.0000001,
        0.99999994,
        6.1e-5,
        1.2e-38,
        2147483648.0,
        -2147483648.0,
        4294967296.0,
        9.3e18,
        -9.3e18,
        1.9e19,
        2147483520.0,
        4294967040.0,
    ]
    with np.errstate(all="ignore"):
        return formats.convert(t, np.array(some, np.float64))


def operands(t: T.ScalarType, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """All pairs of corners, then random bits and random small numbers; c and m random."""
    c = corners(t)
    a, b = [x.reshape(-1) for x in np.meshgrid(c, c, indexing="ij")]
    extra = 200
    if t.is_bool:
        random = [rng.integers(0, 2, extra).astype(bool) for _ in range(2)]
    else:
        bits = [rng.integers(0, 256, (extra, t.size_bytes), np.uint8) for _ in range(2)]
        random = [formats.decode(t, np.ascontiguousarray(x).view(t.dtype).reshape(-1)) for x in bits]
        near = (
            formats.convert(t, rng.integers(-20, 20, (2, 50)))
            if t.is_signed
            else rng.integers(0, 20, (2, 50)).astype(t.dtype)
        )
        random = [np.concatenate([r, n]) for r, n in zip(random, near, strict=True)]
    a, b = np.concatenate([a, random[0]]), np.concatenate([b, random[1]])
    third = np.concatenate([c, a])[rng.integers(0, len(c) + len(a), len(a))]
    return {"a": a, "b": b, "c": third, "m": rng.integers(0, 2, len(a)).astype(bool)}


def expected(case: Case, t: T.ScalarType, values: dict[str, np.ndarray]) -> np.ndarray:
    """What memory must hold."""
    with np.errstate(all="ignore"):
        out = evaluate(
            case.defn, case.result, [values[k] for k in case.operands], case.attributes, operand_types(case, t)
        )
        return formats.encode(case.result, np.asarray(out))


def encoded(t: T.ScalarType, values: dict[str, np.ndarray]) -> list[np.ndarray]:
    with np.errstate(all="ignore"):
        return [formats.encode(t, values[k]) for k in "abc"] + [values["m"]]


def differences(case: Case, t: T.ScalarType, values: dict[str, np.ndarray], got: np.ndarray) -> str:
    """ "" when the bits agree (any NaN is as good as another), else the first few that do not."""
    want = expected(case, t, values)
    raw = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}[want.dtype.itemsize]
    same = np.ascontiguousarray(want).view(raw) == np.ascontiguousarray(got).view(raw)
    if case.result.is_float:
        same |= np.isnan(formats.decode(case.result, want)) & np.isnan(formats.decode(case.result, got))
    if case.defn is arith.BITCAST and t.is_float:
        same |= np.isnan(values["a"])  # a NaN's payload is not specified
    bad = np.flatnonzero(~same)
    if not len(bad):
        return ""
    shown = [
        f"{case.defn.name}({', '.join(str(values[k][i]) for k in case.operands)}): {t} -> {case.result} is "
        f"{formats.decode(case.result, got[i : i + 1])[0]}, not {formats.decode(case.result, want[i : i + 1])[0]}"
        for i in bad[:4]
    ]
    return f"{len(bad)} differ\n" + "\n".join(shown)
