"""What all threads of a row do alike is done once for the row: parameters that it has, or a loop over all of it.

One idea: `o[n, c, i] = (x[n, c, i] - mean[c]) * scale[c]` loads `mean[c]` for each vector again, and so does the processor, as a
store to `o` might change it. But threads that do not wait for each other change nothing that another looks at, or the kernel
would have a race; and what a thread itself stores comes behind what it loads first. So everything that is the same for the row and
stands in front of a thread's stores may be there before the row begins, be it a root or a sum over a thousand elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import types as T
from ...analysis.uniformity import SUBGROUP
from ...core import Op, Value, with_inner
from .plan import Segment, external

if TYPE_CHECKING:
    from .blocks import Blocks

__all__ = ["of_row"]


def of_row(blocks: Blocks, segment: Segment) -> tuple[list[Op], Segment]:
    """Of a flat kernel's segment: the ops that are done for a row, in front of it, and what is left for its threads. There are none
    where they load nothing, as what is computed alone leaves the loop by itself."""
    own: set[Value] = set()  # what threads have of their own
    ahead: list[Op] = []
    rest: list[Op] = []
    stores = False
    for op in segment.ops:
        reads = _any(op, "reads")
        if _is_alike(blocks, op) and not (reads and stores) and not any(v in own for v in external([op])):
            ahead.append(op)
            continue
        rest.append(op)
        own.update(op.results)
        stores = stores or _any(op, "writes") or _any(op, "orders")
    if not any(_any(op, "reads") for op in ahead) or segment.stores or segment.fill is not None:
        return [], segment
    return ahead, Segment(rest)


def _any(op: Op, what: str) -> bool:
    return any(getattr(inner.defn, what) for inner in with_inner([op]))


def _is_alike(blocks: Blocks, op: Op) -> bool:
    """Whether an op has one result for all threads of a row, and leaves no trace."""
    levels = blocks.differs  # where threads run one by one, all is alike to each
    if not op.results or any(levels.of(r) > SUBGROUP or r in blocks.planner.slots for r in op.results):
        return False
    for inner in with_inner([op]):
        if not inner.defn.pure or inner.defn.convergent or levels.control.get(inner, SUBGROUP) > SUBGROUP:
            return False
        if any(levels.of(r) > SUBGROUP for r in inner.results):
            return False
        if any(isinstance(v.type, T.ArrayType) and v.type.space is not T.Space.GLOBAL for v in inner.operands):
            return False
    return True
