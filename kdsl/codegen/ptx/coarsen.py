"""Which accesses of a kernel whose threads do several elements each are one instruction.

One idea: a table beside the IR says it, so the ops stay what every pass and the interpreter know.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...ir.core import Op

__all__ = ["Coarse"]


@dataclass
class Coarse:
    """factor: elements along axis 0 of a thread. loads, stores: the ops of a vector, in order, by each of them."""

    factor: int = 1
    loads: dict[Op, tuple[Op, ...]] = field(default_factory=dict)
    stores: dict[Op, tuple[Op, ...]] = field(default_factory=dict)
