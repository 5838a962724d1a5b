"""The axis that lies along memory becomes axis 0, whose threads are side by side.

One idea: no thread can see in which order threads run, so axes may change places, if those of the launch do: attribute `turned`
says which axis of the launch is axis 0 of the code. Who runs it turns grid, blocks and threads (`kdsl/runtime/cpu/schedule.py`).
"""

from __future__ import annotations

from copy import copy

from ...artifact import exchanged
from .. import types as T
from ..analysis.axes import IDS, better_axis
from ..builder import Builder, clone_op, like, rebuild_op
from ..core import Function, Region, Value

__all__ = ["opt_axes", "with_beside"]


def opt_axes(f: Function) -> Function:
    """An equal function for turned launches; `f` itself where nothing is gained, and where it reports which threads did what.
    Attribute `beside`: the axis whose threads shall be side by side, as launches have few along others."""
    wanted = f.attributes.get("beside")
    axis = 0 if f.sites else better_axis(f) if wanted is None else wanted
    if not axis:
        return f
    new = like(f)
    new.attributes["turned"] = axis
    if (block := f.attributes.get("block")) is not None:
        new.attributes["block"] = exchanged(block, axis)
    b = Builder(new.body)
    now = exchanged((0, 1, 2), axis)
    mapping: dict[Value, Value] = dict(zip(f.params, new.params, strict=True))

    def fill(region: Region) -> None:
        for op in region.ops[:-1]:
            b.span = op.span
            if op.defn.name in IDS:
                made = b.emit(op.defn, type=T.index, axis=now[op.attributes["axis"]])
                made.name = op.results[0].name
                mapping[op.results[0]] = made
            elif op.regions:
                rebuild_op(b, op, mapping, fill)
            else:
                clone_op(b, op, mapping)
        b.yield_(*[mapping[v] for v in region.yielded])

    fill(f.body)
    return new


def with_beside(f: Function, axis: int) -> Function:
    """The same function, which `opt_axes` turns so that threads along `axis` are side by side."""
    kept = copy(f)
    kept.attributes = {**f.attributes, "beside": axis}
    return kept
