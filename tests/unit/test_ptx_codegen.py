"""PTX text: what is emitted for small kernels, line by line where it matters, and that the assembler takes all of it."""

from __future__ import annotations

import pytest
from ptx_tools import ARCHITECTURES, assemble, resources

from kdsl.codegen.ptx import emit
from kdsl.ir.parse import parse
from kdsl.target import parse_target

ARRAY = "array<f32, 1, global, unit=0>"
SAXPY = f"kernel @saxpy(%a: f32, %x: {ARRAY}, %y: {ARRAY}) {{math = 'default', block = (256, 1, 1)}}" + """ {
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
    assert ".reqntid 256, 1, 1" in ptx(SAXPY)
