"""Driving LLVM through llvmlite: text in, object bytes or assembly out.

One idea: LLVM ends the process on names and operations it does not know, so processor names come from the target tables
only, and every module is verified before it is compiled. Target machines and pass builders are made once per
process. Importing this module does not import llvmlite; compiling does.
"""

from __future__ import annotations

import os
import threading
from typing import Any, NamedTuple

from ...diagnostics import InternalError
from ...forks import undivided
from ...target import CPU_TARGETS, Target

__all__ = ["assembly_of", "object_of", "versions"]

_lock = threading.Lock()  # llvmlite has one global context
_machines: dict[tuple[str, int], _Machine] = {}


class _Machine(NamedTuple):
    machine: Any
    builder: Any


_SPEED = {"none": 0, "default": 2}  # of code generation
# Of O2's passes, those that still find something. Values are folded, shared and spread over lanes outside of loops before the
# text is made, dead ones are left out, and code generation hoists out of loops: with all of O2, LLVM took twice the time
# for saxpy, and no kernel of the benchmarks became faster by more than 2 %. Removing dead code removes loops' counters
# for axes that a kernel does not look at. The first is for what lies on the stack, which most kernels have nothing on.
_PASSES = ("sroa", "instruction_combine", "aggressive_dce", "simplify_cfg")
# Combining instructions takes a tenth of LLVM's time. In texts of more lines than that (convolution of 7 x 7, sort, scan,
# histogram, a kernel of 100 lines) it changes no run time by more than 2 %: `simplify` has found what there is.
_COMBINED_LINES = 900
# LLVM has two forms of each 64-bit division, and a test which: those around a kernel's body, of numbers of pieces, took a tenth of
# the time that saxpy takes it. A body's divisions have both from `number`.
_PLAIN_DIVISIONS = "-idivq-to-divl"
_WRITTEN_LINES = 90  # of a function that stands ready: the text of one that does not is as long


def _machine(target: Target, opt: str) -> _Machine:
    key = (target.arch, _SPEED[opt])
    known = _machines.get(key)
    if known is not None:
        return known
    if CPU_TARGETS.get(target.arch) is not target and CPU_TARGETS.get(target.arch) != target:
        raise InternalError(f"{target} is not in the table of CPU targets", where="cpu code generation")
    import llvmlite.binding as llvm

    if target.triple.startswith(os.uname().machine):
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
    else:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
    features = f"{target.features},{_PLAIN_DIVISIONS}" if target.triple.startswith("x86") else target.features
    machine = llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=features.lstrip(","), opt=_SPEED[opt], reloc="pic", codemodel="default"
    )
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=_SPEED[opt]))
    known = _machines[key] = _Machine(machine, builder)
    return known


def _optimised(text: str, target: Target, opt: str) -> tuple[Any, Any]:
    made = _machine(target, opt)
    import llvmlite.binding as llvm

    try:
        module = llvm.parse_assembly(text)
        module.verify()
    except RuntimeError as error:
        raise InternalError(f"LLVM refuses the code: {error}", where="cpu code generation", state=text) from error
    module.triple = target.triple
    module.data_layout = str(made.machine.target_data)
    # A pass manager gives its passes away when it runs: each module needs a new one, or LLVM aborts.
    if opt != "none":
        is_long = text.count("\n") + _WRITTEN_LINES * text.count(" prologue [") > _COMBINED_LINES
        left_out = {name for name, is_idle in (("instruction_combine", is_long), ("sroa", " = alloca " not in text)) if is_idle}
        passes = llvm.create_new_module_pass_manager()
        for name in _PASSES:
            if name not in left_out:
                getattr(passes, f"add_{name}_pass")()
        passes.run(module, made.builder)
    return module, made.machine


def object_of(text: str, target: Target, opt: str = "default") -> bytes:
    """ELF object bytes of a module."""
    with undivided(), _lock:
        module, machine = _optimised(text, target, opt)
        return machine.emit_object(module)


def assembly_of(text: str, target: Target, opt: str = "default") -> str:
    """The assembly that `object_of` encodes."""
    with undivided(), _lock:
        module, machine = _optimised(text, target, opt)
        return machine.emit_assembly(module)


def versions() -> str:
    """`llvmlite 0.50.0 with LLVM 20.1.8`. Raises ImportError or OSError where llvmlite cannot be loaded."""
    import llvmlite
    import llvmlite.binding as llvm

    return f"llvmlite {llvmlite.__version__} with LLVM {'.'.join(map(str, llvm.llvm_version_info))}"
