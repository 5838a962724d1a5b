"""An executor of PTX: a subset of the instruction set as its manual describes it, run on NumPy arrays of threads.

In reading order: `syntax` (text to instructions), `memory` (what addresses mean), `arithmetic` (instructions that NumPy has
no function for), `translate` (instructions to Python source), `machine` (threads, warps and blocks).

One idea: it is written from "Parallel Thread Execution ISA" and knows nothing of the code generator that it judges.
"""

from .machine import Fault, Module
from .memory import Memory

__all__ = ["Fault", "Memory", "Module"]
