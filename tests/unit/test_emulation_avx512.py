"""What code for AVX-512 becomes on the emulated processor (tests/emulation_avx512.py), held against LLVM's assembler."""

from __future__ import annotations

import platform

import pytest
from emulation_detours import DETOUR_BYTES, detour, far_indices
from emulation_rom import assembled

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="LLVM's assembler is that of the machine")


@pytest.mark.parametrize("text, low, moved", [
    ("vgatherdps (%rax,%zmm26), %zmm1 {%k1}", 0, "vgatherdps (%rax,%zmm0), %zmm1 {%k1}"),
    ("vpgatherdd 4(%r9,%zmm17,8), %zmm0 {%k1}", 1, "vpgatherdd 4(%r9,%zmm1,8), %zmm0 {%k1}"),
    ("vpgatherqd (%rbx,%ymm21,4), %xmm16 {%k4}", 0, "vpgatherqd (%rbx,%ymm0,4), %xmm16 {%k4}"),
    ("vgatherqpd 1000(%r10,%zmm31), %zmm31 {%k7}", 0, "vgatherqpd 1000(%r10,%zmm0), %zmm31 {%k7}"),
    ("vpscatterqd %ymm25, (%rdx,%zmm22) {%k4}", 0, "vpscatterqd %ymm25, (%rdx,%zmm0) {%k4}"),
    ("vscatterdps %zmm8, -8(,%zmm24,2) {%k2}", 0, "vscatterdps %zmm8, -8(,%zmm0,2) {%k2}"),
])  # fmt: skip
def test_indices_move_to_a_register_that_is_known(text: str, low: int, moved: str) -> None:
    before = "vpaddd %zmm20, %zmm21, %zmm22\nret\n"
    code = assembled(f"{before}{text}\nret")
    ((begin, end),) = far_indices(code)
    assert (begin, end) == (len(assembled(before)), len(code) - 1)
    index = next(name for name in text.replace(")", ",").replace("(", ",").split(",") if name[2:4] == "mm" and _number(name) > 15)
    wanted = assembled(
        f"saved: .zero 64\nvmovdqu64 %zmm{low}, saved(%rip)\nvmovdqa64 %zmm{_number(index)}, %zmm{low}\n{moved}\n"
        f"vmovdqu64 saved(%rip), %zmm{low}\n.byte 0xe9\n.long saved + 4096 - . - 4"
    )[64:]
    got = detour(code[begin:end], 64, 4096, 0)
    assert got[: len(wanted)] == wanted and set(got[len(wanted) :]) == {0xCC} and len(got) == DETOUR_BYTES


def _number(register: str) -> int:
    return int(register[4:].split(" ")[0])


@pytest.mark.parametrize("text", [
    "vgatherdps (%rax,%zmm6), %zmm17 {%k1}", "vgatherdps %ymm1, (%rax,%ymm2), %ymm3", "vpscatterqd %ymm25, (%rdx,%zmm15) {%k4}",
    "vpermw %zmm17, %zmm18, %zmm19 {%k1}", "vmovups %zmm17, (%rax,%rbx) {%k1}",
])  # fmt: skip
def test_other_instructions_stay(text: str) -> None:
    assert not list(far_indices(assembled(text)))
