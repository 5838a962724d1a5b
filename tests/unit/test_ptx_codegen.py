"""PTX text: what is emitted for small kernels, line by line where it matters, and that the assembler takes all of it."""

from __future__ import annotations

import numpy as np
import pytest
from emulation.ptx import arithmetic
from emulation.ptx.launch import launch
from ptx_tools import ARCHITECTURES, assemble, resources

import kdsl
from kdsl.codegen.ptx import compile_ptx, emit
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function
from kdsl.ir.interpreter import interpret
from kdsl.ir.ops import memory, simt
from kdsl.ir.parse import parse
from kdsl.runtime.dtypes import numpy_dtype
from kdsl.specialise import declared_signature
from kdsl.target import parse_target

ARRAY = "array<f32, 1, global, unit=0>"
SAXPY = f"kernel @saxpy(%a: f32, %x: {ARRAY}, %y: {ARRAY}) {{math = 'default', block = (64, 1, 1)}}" + """ {
  %i = simt.global_id {axis = 0} : index
  %n = memory.extent %y {axis = 0} : index
  %c = arith.lt %i, %n : bool
  scf.if %c then {
    %0 = memory.load %x, %i {offset = 0} : f32
    %1 = arith.mul %a, %0 : f32
    %2 = memory.load %y, %i {offset = 0} : f32
    %3 = arith.add %1, %2 : f32
    memory.store %y, %i, %3 {offset = 0}
    scf.yield
  } otherwise {
    scf.yield
  }
  scf.yield
}
"""


WIDE = SAXPY.replace("(64, 1, 1)", "(256, 1, 1)")


def ptx(text: str, arch: str = "sm_90") -> str:
    return emit(parse(text), parse_target(f"cuda:{arch}"))


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_assembler_takes_saxpy(arch):
    found = resources(assemble(ptx(SAXPY, arch), arch))["kdsl_saxpy"]
    assert found.stack_bytes == found.spill_bytes == 0
    assert 0 < found.registers <= 16


def test_a_product_and_a_sum_are_one_instruction():
    text = ptx(SAXPY)
    assert "fma.rn.f32" in text
    assert "mul." not in text


def test_strict_math_contracts_nothing():
    text = ptx(SAXPY.replace("'default'", "'strict'"))
    assert "fma" not in text
    assert "mul.rn.f32" in text
    assert "add.rn.f32" in text


def test_what_nothing_writes_is_read_past_the_coherent_path():
    text = ptx(SAXPY)
    assert text.count("ld.global.nc.f32") == 1
    assert text.count("ld.global.f32") == 1


def test_a_load_after_a_store_is_coherent():
    """Arguments may overlap, so what stands after a store to any array may see it."""
    late = SAXPY.replace("    memory.store %y, %i, %3 {offset = 0}\n", """    memory.store %y, %i, %3 {offset = 0}
    %4 = memory.load %x, %i {offset = 0} : f32
    memory.store %y, %i, %4 {offset = 0}
""")  # fmt: skip
    assert ptx(late).count("ld.global.nc") == 1


def test_header_follows_the_architecture():
    assert ptx(SAXPY, "sm_75").startswith(".version 6.3\n.target sm_75\n")
    assert ptx(SAXPY, "sm_90a").startswith(".version 8.0\n.target sm_90a\n")
    assert ".reqntid 64, 1, 1" in ptx(SAXPY)


def test_four_elements_to_a_thread_are_loaded_and_stored_at_once():
    made = compile_ptx(parse(WIDE), parse_target("cuda:sm_90"))
    text = made.texts["asm"]
    assert text.count("ld.global.nc.v4.f32") == 1
    assert text.count("ld.global.v4.f32") == 1
    assert text.count("st.global.v4.f32") == 1
    assert made.entry.coarsen == 4
    assert ".reqntid 64, 1, 1" in text
    found = resources(assemble(text, "sm_90"))["kdsl_saxpy"]
    assert found.stack_bytes == found.spill_bytes == 0


@pytest.mark.parametrize("why, change", [
    ("a loop gains nothing", ("    memory.store %y, %i, %3 {offset = 0}\n", """    %z = arith.constant {value = 0} : index
    %one = arith.constant {value = 1} : index
    scf.for %z, %n, %one body (%k: index) {
      memory.store %y, %i, %3 {offset = 0}
      scf.yield
    }
""")),
    ("threads know their place in the block", ("%i = simt.global_id", "%i = simt.thread_id")),
    ("strided accesses are not side by side", ("%2 = memory.load %y, %i", "%2 = memory.load %y, %n")),
    ("the block does not divide", ("(256, 1, 1)", "(255, 1, 1)")),
])  # fmt: skip
def test_what_is_left_one_element_to_a_thread(why, change):
    text = WIDE.replace(*change)
    if why.startswith("strided"):
        text = text.replace("unit=0", "unit=None").replace(", unit=None", "")
    made = compile_ptx(parse(text), parse_target("cuda:sm_90"))
    assert made.entry.coarsen == 1, why
    assert ".v4" not in made.texts["asm"]


@pytest.mark.parametrize("shift", [0, 4])
def test_elements_that_are_not_aligned_and_a_tail_go_one_by_one(shift):
    """1001 threads of 1024, and pointers 4 bytes past a multiple of 16."""
    base = np.arange(1100, dtype=np.float32)
    start = -(base.ctypes.data // 4) % 4 + shift // 4
    x, y = base[start : start + 1001], np.ones(1100, np.float32)[:1001]
    made = compile_ptx(parse(WIDE), parse_target("cuda:sm_90"))
    wanted = 2 * x + y
    launch(made, [np.float32(2.0), x, y], (4, 1, 1), (256, 1, 1), (1024, 1, 1))
    assert np.array_equal(y, wanted)


def test_an_address_that_a_loop_computes_first_is_there_without_the_loop():
    """It stands before the loop, on the way of threads that do not enter it as well."""
    start = "  %i = simt.global_id {axis = 0} : index\n"
    text = WIDE.replace("(256, 1, 1)", "(32, 1, 1)").replace(start, start + """  %z = arith.constant {value = 0} : index
  %one = arith.constant {value = 1} : index
  %v = arith.constant {value = 1.0} : f32
  scf.for %z, %i, %one body (%k: index) {
    memory.store %y, %i, %v {offset = 0}
    scf.yield
  }
  memory.store %y, %i, %v {offset = 0}
""")  # fmt: skip
    x, y = np.zeros(32, np.float32), np.zeros(32, np.float32)
    launch(compile_ptx(parse(text), parse_target("cuda:sm_90")), [np.float32(0), x, y], (1, 1, 1), (32, 1, 1), (32, 1, 1))
    assert (y == 1).all()


@kdsl.kernel(math="fast")
def quick(x: kdsl.Array[kdsl.f32, 1], y: kdsl.Array[kdsl.f32, 1]):
    i = kdsl.global_id(0)
    y[i] = kdsl.exp(x[i]) / kdsl.sqrt(x[i] * x[i] + 1.0)


def test_fast_math_takes_the_short_instructions():
    target = parse_target("cuda:sm_90")
    made = compile_ptx(lower(quick.ir(*declared_signature(quick, None, {})), target), target)
    text = made.texts["asm"]
    assert {"ex2.approx.ftz.f32", "sqrt.approx.ftz.f32", "div.full.ftz.f32"} <= set(text.split())
    assemble(text, "sm_90")
    x, y = np.linspace(-80, 80, 256).astype(np.float32), np.zeros(256, np.float32)
    launch(made, [x, y], (1, 1, 1), (256, 1, 1), (256, 1, 1))
    wide = x.astype(np.float64)
    assert np.allclose(y, np.exp(wide) / np.sqrt(wide * wide + 1), rtol=2e-5)


@kdsl.kernel
def powers(x: kdsl.Array[kdsl.f32, 1], y: kdsl.Array[kdsl.f32, 1], z: kdsl.Array[kdsl.f32, 1]):
    i = kdsl.thread_id(0)
    y[i], z[i] = kdsl.exp(x[i]), kdsl.exp2(x[i])


@pytest.mark.parametrize("off", [0, 2, -2])
def test_exponentials_take_the_short_instruction_unless_math_is_strict(off, monkeypatch):
    """From subnormal results to infinite ones: within 4 ULP also where the instruction is as far off as NVIDIA's manual allows,
    which is 2 ULP from the correctly rounded result (PTX ISA 9.1, `ex2`)."""
    rounded = arithmetic.APPROXIMATE["ex2"]

    def ex2(x: np.ndarray) -> np.ndarray:
        found = rounded(x)
        for _ in range(abs(off)):
            found = np.where((found > 0) & np.isfinite(found), np.nextafter(found, np.float32(np.copysign(np.inf, off))), found)
        return np.maximum(found, np.float32(0)) if off else found

    monkeypatch.setitem(arithmetic.APPROXIMATE, "ex2", ex2)
    target = parse_target("cuda:sm_90")
    made = compile_ptx(lower(powers.ir(*declared_signature(powers, None, {})), target, block=(1024, 1, 1)), target)
    text = made.texts["asm"]
    assert {"ex2.approx.f32", "ex2.approx.ftz.f32"} <= set(text.split())
    assert "cvt" not in text  # conversions take as long as four sums
    assemble(text, "sm_90")
    ends = [-np.inf, -3e38, -151, -149, -126, -104, -103, -88, -87.3, 0, 1e-40, 88, 88.72, 88.73, 127, 128, 1e30, np.inf, np.nan]
    x = np.array([*ends, *np.linspace(-110, 95, 1024 - len(ends))], np.float32)
    y, z = np.zeros(1024, np.float32), np.zeros(1024, np.float32)
    launch(made, [x, y, z], (1, 1, 1), (1024, 1, 1), (1024, 1, 1))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for got, f, most in ((y, np.exp, 1.04 + abs(off)), (z, np.exp2, 0.51 + abs(off))):
            exact = f(x.astype(np.float64))
            wanted = exact.astype(np.float32)
            unit = np.spacing(np.minimum(wanted, np.float32(3e38)))
            error = np.abs(got - exact) / unit
            usual = np.isfinite(wanted) & np.isfinite(got)
            assert error[usual].max() <= most < 4
            assert (np.isfinite(wanted) == np.isfinite(got))[exact < 3.4e38].all()
            assert np.array_equal(got[~np.isfinite(wanted)], wanted[~np.isfinite(wanted)], equal_nan=True)


def test_fields_of_packed_structs_lie_anywhere():
    """NumPy packs structs unless told otherwise; an instruction takes only what is aligned."""
    fields = (("a", T.u8, 0), ("b", T.f32, 1), ("c", T.f64, 5), ("d", T.i16, 13), ("e", T.f16, 15))
    packed = T.ArrayType(T.StructType("P", fields, 17, 1), 1, unit_axis=0)
    f = Function("packed", (("x", packed), ("y", packed)), attributes={"math": "strict", "block": (32, 1, 1)})
    b = Builder(f.body)
    i = b.emit(simt.GLOBAL_ID, axis=0)
    for _, t, offset in fields:
        b.emit(memory.STORE, f.params[1], i, b.emit(memory.LOAD, f.params[0], i, type=t, offset=offset), offset=offset)
    b.yield_()
    target = parse_target("cuda:sm_75")
    made = compile_ptx(lower(f, target, block=(32, 1, 1)), target)
    assemble(made.texts["asm"], "sm_75")
    dtype = np.dtype([("a", "u1"), ("b", "f4"), ("c", "f8"), ("d", "i2"), ("e", "f2")])
    assert dtype.itemsize == 17
    x, y = np.zeros(32, dtype), np.zeros(32, dtype)
    for k, name in enumerate(dtype.names or ()):
        x[name] = np.arange(32) * (k + 1) - 16 * (name == "d")
    launch(made, [x, y], (1, 1, 1), (32, 1, 1), (32, 1, 1))
    assert (x == y).all()


ROOT = f"kernel @root(%x: {ARRAY}, %y: {ARRAY}) {{math = 'default', block = (64, 1, 1)}}" + """ {
  %i = simt.thread_id {axis = 0} : index
  %cent = arith.constant {value = 0.01} : f32
  %bit = arith.constant {value = 1e-39} : f32
  %one = arith.constant {value = 1} : index
  %a = memory.load %x, %i {offset = 0} : f32
  %b = memory.load %y, %i {offset = 0} : f32
  %aa = arith.mul %a, %a : f32
  %ab = arith.mul %a, %b : f32
  %next = arith.add %i, %one : index
  %v = VALUE
  %r = arith.rsqrt %v : f32
  memory.store %x, %i, %r {offset = 0}
  scf.yield
}
"""


@pytest.mark.parametrize("value, is_normal", [
    ("arith.add %aa, %cent : f32", True),
    ("arith.fma %aa, %aa, %cent : f32", True),
    ("arith.maximum %ab, %cent : f32", True),
    ("arith.fmax %cent, %ab : f32", True),
    ("arith.cast %next : f32", True),
    ("arith.sqrt %cent : f32", True),
    ("arith.add %aa, %aa : f32", False),
    ("arith.add %aa, %bit : f32", False),
    ("arith.add %ab, %cent : f32", False),
    ("arith.sub %cent, %aa : f32", False),
    ("arith.mul %cent, %cent : f32", False),
    ("arith.minimum %cent, %a : f32", False),
    ("arith.fmax %a, %aa : f32", False),
    ("arith.cast %i : f32", False),
])  # fmt: skip
def test_a_root_of_what_is_no_subnormal_may_flush(value, is_normal):
    text = ptx(ROOT.replace("VALUE", value))
    assert text.count("rsqrt.approx.ftz.f32" if is_normal else "rsqrt.approx.f32") == 1


@kdsl.kernel
def brain(x: kdsl.Array[kdsl.bf16, 1], y: kdsl.Array[kdsl.bf16, 1], z: kdsl.Array[kdsl.f32, 1]):
    i = kdsl.global_id(0)
    product = x[i] * y[i] - kdsl.bf16(1.5)
    x[i] = product + y[i]
    y[i] = -product
    z[i] = kdsl.f32(product) + kdsl.f32(x[i] * kdsl.bf16(3.0))


@pytest.mark.parametrize("arch, words", [
    ("sm_75", set()),
    ("sm_80", {"fma.rn.bf16"}),
    ("sm_90", {"mul.rn.bf16", "sub.rn.bf16", "add.rn.bf16"}),
    ("sm_120", {"mul.rn.bf16", "sub.rn.bf16", "add.rn.bf16"}),
])  # fmt: skip
def test_sums_and_products_of_bf16_are_one_instruction_from_where_there_is_one(arch, words):
    target = parse_target(f"cuda:{arch}")
    function = brain.ir(*declared_signature(brain, None, {}))
    made = compile_ptx(lower(function, target, block=(32, 1, 1)), target)
    text = made.texts["asm"]
    assert {word for word in text.split() if word.endswith(".rn.bf16")} == words
    assert "mul.rn.f32" not in text or not words
    assemble(text, arch)
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 1 << 16, (2, 1024), np.uint16)
    bits[1, ::2] = bits[0, ::2] ^ 0x8000  # differences that cancel
    x, y = [row.view(numpy_dtype("bf16")) for row in bits.copy()]
    wanted = [x.copy(), y.copy(), np.zeros(1024, np.float32)]
    got = [x, y, np.zeros(1024, np.float32)]
    interpret(function, wanted, (32, 1, 1), (32, 1, 1))
    launch(made, got, (32, 1, 1), (32, 1, 1), (1024, 1, 1))
    for a, b in zip(got, wanted, strict=True):
        a, b = a.astype(np.float32), b.astype(np.float32)
        assert np.array_equal(a.view(np.uint32)[~np.isnan(b)], b.view(np.uint32)[~np.isnan(b)])
        assert np.array_equal(np.isnan(a), np.isnan(b))


@kdsl.kernel
def gather_rows(ptr: kdsl.Array[kdsl.i32, 1], x: kdsl.Array[kdsl.f32, 1], y: kdsl.Array[kdsl.f32, 1]):
    i = kdsl.global_id(0)
    s = kdsl.f32(0)
    for k in range(ptr[i], ptr[i + 1]):
        if k % 3 == 1:
            continue
        if x[k] < 0.0:
            break
        s += x[k]
    y[i] = s


@kdsl.kernel
def stride_by_the_grid(x: kdsl.Array[kdsl.f32, 1], y: kdsl.Array[kdsl.f32, 1]):
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * kdsl.block_dim(0)):
        y[i] = x[i]


@kdsl.kernel
def sums_of_subgroups(x: kdsl.Array[kdsl.i32, 1], y: kdsl.Array[kdsl.i32, 1], z: kdsl.Array[kdsl.f32, 1]):
    i = kdsl.global_id(0)
    y[i] = kdsl.subgroup_sum(x[i]) + kdsl.subgroup_inclusive_sum(x[i])
    z[i] = kdsl.subgroup_sum(z[i])


@kdsl.kernel
def steps_of_subgroups(x: kdsl.Array[kdsl.f32, 1], y: kdsl.Array[kdsl.f32, 1]):
    i = kdsl.global_id(0)
    v = x[i]
    for d in kdsl.static_range(3):
        v += kdsl.shuffle_down(v, 4 >> d)
    v = max(kdsl.shuffle_xor(v, 8), kdsl.shuffle_up(v, 2))
    y[i] = v if kdsl.any(v > 0.0) and not kdsl.all(v > 9.0) else 0.0


@kdsl.kernel
def greatest(x: kdsl.Array[kdsl.f32, 1], out: kdsl.Array[kdsl.f32, 1]):
    kdsl.atomic_max(out[0], x[kdsl.global_id(0)])


def text_of(kernel, target: str) -> str:
    return kernel.compile(None, target, block=64).binary.decode()


def test_a_counter_that_a_break_may_leave_is_kept_in_32_bits():
    text = text_of(gather_rows, "cuda:sm_90")
    assert "rem.s32" in text and "rem.s64" not in text


def test_a_loop_that_strides_by_the_grid_is_known_to_count_up():
    text = text_of(stride_by_the_grid, "cuda:sm_90")
    assert "abs.s64" not in text and "sub.s64" not in text
    for target in ("hip:gfx942", "metal:3.1"):
        assert "||" not in text_of(stride_by_the_grid, target)


def test_sums_of_a_warp():
    text = text_of(sums_of_subgroups, "cuda:sm_80")
    assert text.count("redux.sync.add.s32") == 1
    assert text.count("shfl.sync.up") == 5 and text.count("shfl.sync.bfly") == 5
    assert "shfl.sync.idx" not in text and "vote" not in text
    assert "redux" not in text_of(sums_of_subgroups, "cuda:sm_75")
    assert "simd_sum(" in text_of(sums_of_subgroups, "metal:3.1")
    hip = text_of(sums_of_subgroups, "hip:gfx1100")
    assert "__shfl_xor(" in hip and "__ballot" not in hip


@pytest.mark.parametrize(("target", "names"), [
    ("hip:gfx942", ("__shfl_down(", "__shfl_xor(", "__shfl_up(", "__any(", "__all(")),
    ("metal:3.1", ("simd_shuffle_down(", "simd_shuffle_xor(", "simd_shuffle_up(", "simd_any(", "simd_all(")),
    ("cuda:sm_75", ("shfl.sync.down", "shfl.sync.bfly", "shfl.sync.up", "vote.sync.any", "vote.sync.all")),
])  # fmt: skip
def test_steps_along_a_subgroup_and_votes_are_what_the_target_has(target, names):
    text = text_of(steps_of_subgroups, target)
    assert [text.count(name) for name in names] == [3, 1, 1, 1, 1]
    assert "ballot" not in text and "__shfl(" not in text and "simd_shuffle(" not in text and ".idx" not in text


@kdsl.kernel
def one_to_a_subgroup(x: kdsl.Array[kdsl.f32, 1], y: kdsl.Array[kdsl.f32, 1]):
    t = kdsl.thread_id(0)
    part = kdsl.shared(32, kdsl.f32)
    part[t // kdsl.subgroup_size()] = kdsl.subgroup_sum(x[t])
    kdsl.barrier()
    for k in range(kdsl.block_dim(0) // kdsl.subgroup_size()):
        y[t] += part[k]


@pytest.mark.parametrize(("target", "shift", "trips"), [("hip:gfx942", 6, 1), ("hip:gfx1100", 5, 2), ("metal:3.1", 5, 2)])
def test_how_many_lanes_a_subgroup_has_is_a_number(target, shift, trips):
    text = text_of(one_to_a_subgroup, target)
    assert f">> {shift}]" in text and "warpSize" not in text and "threads_per_simdgroup" not in text
    assert (f"k < {trips};" if trips > 1 else "part[0]") in text


@pytest.mark.parametrize("target", ["hip:gfx942", "metal:3.1"])
def test_an_extreme_is_loaded_first_and_written_only_where_it_changes(target):
    text = text_of(greatest, target)
    assert "atomic_load" in text and text.count("compare_exchange") == 1
    assert text.index("if (") < text.index("compare_exchange")
