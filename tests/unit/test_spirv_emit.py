"""SPIR-V of small functions, both flavours: what spirv-val says, and the instructions that must be in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from spirv_tools import disassembled, validated

from kdsl.artifact import Artifact
from kdsl.codegen.spirv import compile_spirv
from kdsl.ir.parse import parse
from kdsl.ir.verify import errors_of
from kdsl.target import GPU_TARGETS

VULKAN, OPENCL = GPU_TARGETS["vulkan:1.3"], GPU_TARGETS["opencl:2.2"]
BOTH = [pytest.param(t, id=t.backend) for t in (VULKAN, OPENCL)]


def made(text: str, target=VULKAN) -> Artifact:
    f = parse(" ".join(text.split("\n" + " " * 10)))  # a head may go on in the next line
    assert not errors_of(f)
    return validated(compile_spirv(f, target))


LOOP = """
kernel @f(%x: array<f32, 1, global, unit=0>, %n: index, %s: index) {math = 'strict', block = (64, 1, 1)} {
  %i = simt.global_id {axis = 0} : index
  %zero = arith.constant {value = 0} : index
  %step = arith.constant {value = STEP} : index
  %start = arith.constant {value = 0.0} : f32
  %sum = scf.for %zero, %n, STEPS, %start : f32 body (%k: index, %acc: f32) {
    %v = memory.load %x, %k {offset = 0} : f32
    %c = arith.lt %v, %acc : bool
    %w = scf.if %c : f32 then {
      %d = arith.add %v, %v : f32
      scf.yield %d
    } otherwise {
      scf.yield %v
    }
    %next = arith.add %acc, %w : f32
    scf.yield %next
  }
  memory.store %x, %i, %sum {offset = 0}
  scf.yield
}
"""


@pytest.mark.parametrize("step", [1, -1, 3, -2, None])
@pytest.mark.parametrize("target", BOTH)
def test_loops(target, step):
    text = LOOP.replace("STEPS", "%s" if step is None else "%step").replace("STEP", str(step or 1))
    out = disassembled(made(text, target))
    assert out.count("OpLoopMerge") == 1
    assert out.count("OpSelectionMerge") == 1


def test_loops_have_the_form_that_every_driver_compiles():
    """Steps are counted down by one, and a bool is carried as a word: see `control`."""
    stepped = disassembled(made(LOOP.replace("STEPS", "%step").replace("STEP", "3")))
    assert "OpUDiv" in stepped and "OpUGreaterThan" not in stepped
    text = """
kernel @f(%x: array<u32, 1, global, unit=0>) {block = (64, 1, 1)} {
  %i = simt.global_id {axis = 0} : index
  %first = memory.load %x, %i {offset = 0} : u32
  %one = arith.constant {value = 1} : u32
  %yes = arith.constant {value = True} : bool
  %a, %b = scf.while %first, %yes : u32, bool cond (%p: u32, %q: bool) {
    scf.yield %q
  } body (%p: u32, %q: bool) {
    %half = machine.shr %p, %one : u32
    %more = arith.ne %half, %one : bool
    scf.yield %half, %more
  }
  memory.store %x, %i, %a {offset = 0}
  scf.yield
}
"""
    assert "OpPhi %bool" not in disassembled(made(text))
    assert "OpPhi %bool" in disassembled(made(text, OPENCL))


def test_strict_functions_forbid_contraction_op_by_op():
    text = LOOP.replace("STEPS", "%step").replace("STEP", "1")
    assert disassembled(made(text)).count("NoContraction") >= 3
    assert "OpExecutionMode" in disassembled(made(text, OPENCL))
    assert "ContractionOff" in disassembled(made(text, OPENCL))


WHILE = """
kernel @f(%x: array<u32, 1, global, unit=0>) {block = (64, 1, 1)} {
  %i = simt.global_id {axis = 0} : index
  %first = memory.load %x, %i {offset = 0} : u32
  %one = arith.constant {value = 1} : u32
  %a, %b = scf.while %first, %one : u32, u32 cond (%p: u32, %q: u32) {
    %c = arith.ne %p, %one : bool
    scf.yield %c
  } body (%p: u32, %q: u32) {
    %half = machine.shr %p, %one : u32
    %more = arith.add %q, %one : u32
    scf.yield %half, %more
  }
  memory.store %x, %i, %b {offset = 0}
  scf.yield
}
"""


@pytest.mark.parametrize("target", BOTH)
def test_while(target):
    assert "OpLoopMerge" in disassembled(made(WHILE, target))


SHARED = """
kernel @f(%x: array<f32, 1, global, unit=0>) {block = (64, 1, 1)} {
  %i = simt.thread_id {axis = 0} : index
  %s = memory.alloc {name = 'tile'} : array<f32, [8, 8], shared>
  %eight = arith.constant {value = 8} : index
  %r = machine.quot %i, %eight : index
  %c = machine.rem %i, %eight : index
  %v = memory.load %x, %i {offset = 0} : f32
  memory.store %s, %r, %c, %v {offset = 0}
  simt.barrier
  %w = memory.load %s, %c, %r {offset = 0} : f32
  memory.store %x, %i, %w {offset = 0}
  simt.fence {scope = 'device'}
  scf.yield
}
"""


@pytest.mark.parametrize("target", BOTH)
def test_shared_memory_and_barriers(target):
    artifact = made(SHARED, target)
    out = disassembled(artifact)
    assert artifact.entry.shared_bytes == 256
    assert out.count("OpControlBarrier") == 1
    assert out.count("OpMemoryBarrier") == 1


VECTOR = """
kernel @f(%a: f32, %x: array<vec4<f32>, 1, global, unit=0>, %y: array<vec4<f32>, 1, global, unit=0>) {block = (64, 1, 1)} {
  %i = simt.global_id {axis = 0} : index
  %x0 = memory.load %x, %i {offset = 0} : f32
  %x1 = memory.load %x, %i {offset = 4} : f32
  %y0 = memory.load %y, %i {offset = 0} : f32
  %x3 = memory.load %x, %i {offset = 12} : f32
  %x2 = memory.load %x, %i {offset = 8} : f32
  memory.store %y, %i, %x0 {offset = 0}
  memory.store %y, %i, %x1 {offset = 4}
  %z = arith.mul %x2, %y0 : f32
  memory.store %y, %i, %z {offset = 8}
  memory.store %y, %i, %x3 {offset = 12}
  scf.yield
}
"""


@pytest.mark.parametrize("target", BOTH)
def test_components_of_an_element_go_together(target):
    lines = disassembled(made(VECTOR, target)).splitlines()
    assert len([x for x in lines if "OpLoad %v4float" in x]) == 1
    assert len([x for x in lines if "OpStore" in x]) == 1


def test_a_store_in_between_keeps_components_apart():
    text = VECTOR.replace("  %y0 =", "  memory.store %y, %i, %x1 {offset = 0}\n  %y0 =")
    out = disassembled(made(text))
    assert out.count("OpLoad %v2float") == 2
    assert "OpLoad %v4float" not in out


PACKED = """
kernel @f(%x: array<struct P {a: u8 @0, b: f32 @1, c: f64 @5, d: i16 @13, e: f16 @15} [17, 1], 1, global, unit=0>)
          {block = (64, 1, 1)} {
  %i = simt.global_id {axis = 0} : index
  %one = arith.constant {value = 1} : index
  %j = arith.add %i, %one : index
  %a = memory.load %x, %i {offset = 0} : u8
  %b = memory.load %x, %i {offset = 1} : f32
  %c = memory.load %x, %i {offset = 5} : f64
  %d = memory.load %x, %i {offset = 13} : i16
  %e = memory.load %x, %i {offset = 15} : f16
  memory.store %x, %j, %a {offset = 0}
  memory.store %x, %j, %b {offset = 1}
  memory.store %x, %j, %c {offset = 5}
  memory.store %x, %j, %d {offset = 13}
  memory.store %x, %j, %e {offset = 15}
  scf.yield
}
"""


@pytest.mark.parametrize("target", BOTH)
def test_what_is_aligned_less_than_its_size_goes_in_pieces(target):
    out = disassembled(made(PACKED, target))
    pieces = 1 + 4 + 8 + 2 + 2 if target is VULKAN else 5
    assert out.count("OpStore") == pieces


NUMBERS = """
kernel @f(%x: array<i8, 1, global, unit=0>, %h: array<f16, 1, global, unit=0>, %t: array<bool, 1, global, unit=0>, %p: u8, %q: f16,
          %r: bool) {block = (64, 1, 1)} {
  %i = simt.global_id {axis = 0} : index
  %a = memory.load %x, %i {offset = 0} : i8
  %b = arith.cast %a : i32
  %c = arith.cast %b : u8
  %d = arith.bitcast %c : i8
  %e = arith.eq %d, %a : bool
  memory.store %t, %i, %e {offset = 0}
  %g = memory.load %h, %i {offset = 0} : f16
  %k = arith.cast %g : f32
  %l = arith.lookup %i {table = (1.0, 2.0, 4.0)} : f32
  %m = arith.add %k, %l : f32
  %o = arith.cast %m : f16
  %s = arith.select %r, %o, %q : f16
  memory.store %h, %i, %s {offset = 0}
  %u = arith.cast %p : f64
  %v = machine.convert %u : i64
  %w = arith.cast %v : i8
  memory.store %x, %i, %w {offset = 0}
  scf.yield
}
"""


@pytest.mark.parametrize("target", BOTH)
def test_narrow_numbers_need_no_narrow_arithmetic(target):
    out = disassembled(made(NUMBERS, target))
    capabilities = {line.split()[-1] for line in out.splitlines() if "OpCapability" in line}
    if target is VULKAN:
        assert {"StorageBuffer8BitAccess", "StorageBuffer16BitAccess"} <= capabilities
        assert not {"Int8", "Int16", "Float16"} & capabilities


ATOMICS = """
kernel @f(%x: array<i32, 1, global, unit=0>, %y: array<f32, 1, global, unit=0>, %z: array<u64, 1, global, unit=0>)
          {block = (64, 1, 1)} {
  %i = simt.global_id {axis = 0} : index
  %zero = arith.constant {value = 0} : index
  %s = memory.alloc {name = 's'} : array<f32, [4], shared>
  %one = arith.constant {value = 1} : i32
  %old = atomic.min %x, %i, %one {offset = 0} : i32
  %f = arith.constant {value = 1.0} : f32
  %g = atomic.exchange %y, %i, %f {offset = 0} : f32
  %h = atomic.compare_exchange %y, %i, %f, %g {offset = 0} : f32
  %k = arith.constant {value = 1} : u64
  %l = atomic.add %z, %i, %k {offset = 0} : u64
  memory.store %s, %zero, %h {offset = 0}
  scf.yield
}
"""


@pytest.mark.parametrize("target", BOTH)
def test_atomics(target):
    out = disassembled(made(ATOMICS, target))
    for opcode in ("OpAtomicSMin", "OpAtomicExchange", "OpAtomicCompareExchange", "OpAtomicIAdd"):
        assert out.count(opcode) == 1


SUBGROUPS = """
kernel @f(%x: array<f32, 1, global, unit=0>) {block = (4, 16, 1)} {
  %i = simt.thread_id {axis = 0} : index
  %j = simt.thread_id {axis = 1} : index
  %lane = simt.lane_id : index
  %size = simt.subgroup_size : index
  %k = arith.sub %size, %lane : index
  %v = memory.load %x, %i {offset = 0} : f32
  %w = subgroup.shuffle %v, %k : f32
  %zero = arith.constant {value = 0.0} : f32
  %c = arith.lt %w, %zero : bool
  %b = subgroup.ballot %c : u64
  %r = arith.cast %b : f32
  memory.store %x, %j, %r {offset = 0}
  scf.yield
}
"""


@pytest.mark.parametrize("target", BOTH)
def test_kernels_that_see_subgroups_run_in_blocks_of_one_axis(target):
    artifact = made(SUBGROUPS, target)
    assert artifact.metadata["local_size"] == (64, 1, 1)
    assert "GroupNonUniformShuffle" in disassembled(artifact)


def many_arrays(count: int) -> str:
    params = ", ".join(f"%x{k}: array<f32, 1, global, unit=0>" for k in range(count))
    return f"""
kernel @f({params}) {{block = (64, 1, 1)}} {{
  %i = simt.global_id {{axis = 0}} : index
  %v = memory.load %x{count - 1}, %i {{offset = 0}} : f32
  memory.store %x0, %i, %v {{offset = 0}}
  scf.yield
}}
"""


@pytest.mark.parametrize("count", [5, 6])
def test_arguments_past_the_limit_lie_in_memory(count):
    artifact = made(many_arrays(count))
    assert artifact.metadata["arguments"] == ("push constants" if count == 5 else "buffer")


ZEROS = """
kernel @f(%x: array<f32, 1, global, unit=0>, %y: array<f32, 1, global, unit=0>) {block = (64, 1, 1)} {
  %i = simt.global_id {axis = 0} : index
  %a = memory.load %x, %i {offset = 0} : f32
  %b = memory.load %y, %i {offset = 0} : f32
  %zero = arith.constant {value = 0.0} : f32
  %product = arith.mul %a, %b : f32
  %sum = arith.add %product, %b : f32
  %made = arith.add %zero, %sum : f32
  memory.store %y, %i, %made {offset = 0}
  scf.yield
}
"""


def test_zeros_are_hidden_beside_fused_sums():
    """From a device that folds zeros, and fuses products into other sums."""
    target = replace(VULKAN, has=VULKAN.has | {"folds_zeros", "fast_fma"}, has_fma=True)
    text = disassembled(made(ZEROS, target))
    assert "Fma" in text and "NumWorkgroups" in text and text.count("OpFAdd") == 1
    assert "NumWorkgroups" not in disassembled(made(ZEROS))
