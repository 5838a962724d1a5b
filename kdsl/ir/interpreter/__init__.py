"""The reference interpreter: the meaning of the IR, executed on NumPy arrays; every backend and pass is tested
against it.

Reading order: `launch` (interpret(): arguments, options, batches), `lanes` (which threads run together, their ids),
`machine` (values, masks, dispatch, what is reported), `control` (branches and loops), `basic` (constants, ids, memory
ops, barriers), `memory` (arrays as addresses), `shadow` (races and undefined reads), `atomics`, `subgroup`, `tiles`
(block level), `host` (assert, print, breakpoint), `codes` (K440 to K449). Imports `kdsl.ir`, L0 and NumPy.
"""

from .codes import CODES
from .host import Record
from .launch import Report, check_options, interpret

__all__ = ["CODES", "Record", "Report", "check_options", "interpret"]
