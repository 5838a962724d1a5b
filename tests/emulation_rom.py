"""The program of the emulated PC: it turns on 64 bits and vectors, makes the calls, writes what has changed, and turns itself off.

One idea: all it needs to know is in a header where memory begins, so the ROM is the same for every run. Pages are written to port
0xE9, which `bochs` prints, and only those whose entry in the tables of pages says that they are dirty.
"""

from __future__ import annotations

import functools
import struct

from kdsl.runtime.cpu.elf import Elf

__all__ = ["ALIAS", "BEGIN", "CALL", "FAULT", "HEADER", "IMAGE", "PAGE", "STATE", "WITH_ERROR", "assembled",
           "rom"]  # fmt: skip

PAGE = 4096
IMAGE = 0x100000  # where the header lies in the machine's memory
ALIAS = 0xFFFF800000000000  # addresses from here on are those of the machine's memory
HEADER = struct.Struct("<8Q")  # CR3, end of memory, calls, how many, stack, addresses of pages' entries, how many, pages
CALL = struct.Struct("<7Q")  # address, six arguments: as many as the System V ABI has in registers
BEGIN, FAULT = b"the pages:", b"a fault:"  # records of (entry's address, page) up to one of 0; or STATE
STATE = struct.Struct("<5Q")  # CR2, vector, what the processor has pushed
WITH_ERROR = (8, 10, 11, 12, 13, 14, 17)  # vectors that push an error code first

_GATES = "\n".join(
    [f"fault{k}: pushq ${k}\njmp fault" for k in range(32)]
    + [".balign 16", "gates:", *[f".word fault{k}-rom, 16, 0x8e00, 0xffff, 0, 0, 0, 0" for k in range(32)]]
)
# Intel SDM volume 3: 9.1.4 (reset), 4.5 (paging), 10.8.5 (64-bit mode), 6.14 (gates), 13.2 (XCR0). It lies in the last 64 KiB
# below 4 GiB. `touch` is for bochs 2.7: it loads the file into its first blocks of memory, and gives blocks to addresses in
# the order in which these are used.
_TEXT = f"""
.code16
rom:    .quad 0, 0x00cf9b000000ffff, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt:    .word 31
        .long 0xffff0000
start16:
        cli
        lgdtl %cs:(gdt-rom)
        movl %cr0, %eax
        orl $1, %eax
        movl %eax, %cr0
        ljmpl $8, $(0xffff0000+(start32-rom))
.code32
start32:
        movl $24, %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %ss
        movl ${IMAGE}, %ecx
touch:  movl (%ecx), %eax
        addl $0x20000, %ecx
        cmpl {IMAGE + 8}, %ecx
        jb touch
        movl ({IMAGE}), %eax
        movl %eax, %cr3
        movl $0x40620, %eax
        movl %eax, %cr4
        movl $0xc0000080, %ecx
        rdmsr
        orl $0x100, %eax
        wrmsr
        movl $0x80010033, %eax
        movl %eax, %cr0
        ljmpl $16, $(0xffff0000+(start64-rom))
.code64
start64:
        xorl %ecx, %ecx
        xorl %edx, %edx
        movl $0xe7, %eax
        xsetbv
        fninit
        lidt idt(%rip)
        movabsq ${ALIAS + IMAGE}, %rbp
        movq 16(%rbp), %rbx
        movq 24(%rbp), %r12
        movq 32(%rbp), %rsp
call:   movq 8(%rbx), %rdi
        movq 16(%rbx), %rsi
        movq 24(%rbx), %rdx
        movq 32(%rbx), %rcx
        movq 40(%rbx), %r8
        movq 48(%rbx), %r9
        callq *(%rbx)
        addq ${CALL.size}, %rbx
        decq %r12
        jnz call
        cld
        movl $0xe9, %edx
        leaq begin(%rip), %rsi
        movl ${len(BEGIN)}, %ecx
        rep outsb
        movq 40(%rbp), %rbx
        movq 48(%rbp), %r12
        movq 56(%rbp), %r13
page:   decq %r12
        js done
        movq (%rbx), %rax
        testb $0x40, (%rax)
        jz clean
        movq %rbx, %rsi
        movl $8, %ecx
        rep outsb
        movq %r13, %rsi
        movl ${PAGE}, %ecx
        rep outsb
clean:  addq $8, %rbx
        addq ${PAGE}, %r13
        jmp page
done:   leaq rom(%rip), %rsi
        movl $8, %ecx
        rep outsb
off:    movl $0x8900, %edx
        leaq bye(%rip), %rsi
        movl $8, %ecx
        rep outsb
wait:   hlt
        jmp wait
fault:  movq %cr2, %rax
        pushq %rax
        cld
        movl $0xe9, %edx
        leaq sorry(%rip), %rsi
        movl ${len(FAULT)}, %ecx
        rep outsb
        movq %rsp, %rsi
        movl ${STATE.size}, %ecx
        rep outsb
        jmp off
idt:    .word 511
        .quad 0xffff0000 + (gates-rom)
bye:    .ascii "Shutdown"
begin:  .ascii "{BEGIN.decode()}"
sorry:  .ascii "{FAULT.decode()}"
{_GATES}
.org 0xfff0
.code16
        .byte 0xe9
        .word (start16-rom)+13
.org 0x10000
"""


@functools.cache
def rom() -> bytes:
    """The 64 KiB."""
    return assembled(_TEXT)


def assembled(text: str) -> bytes:
    """The machine code of a text for x86-64."""
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    llvm.initialize_native_asmparser()
    triple = "x86_64-unknown-linux-gnu"
    lines = "".join([f'module asm "{line}"\n' for line in text.replace('"', "\\22").splitlines()])
    machine = llvm.Target.from_triple(triple).create_target_machine()
    elf = Elf(machine.emit_object(llvm.parse_assembly(f'target triple = "{triple}"\n{lines}')))
    section = next(s for s in elf.sections if s.name == ".text")
    return elf.data[section.offset : section.offset + section.size]
