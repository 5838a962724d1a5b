"""The axis that lies along memory becomes axis 0, whose threads are side by side.

One idea: no thread can see in which order threads run, so axes may change places, if those of the launch do: attribute `turned`
says which axis of the launch is axis 0 of the code. Who runs it turns grid, blocks and threads (`kdsl/runtime/cpu/schedule.py`).
"""

from __future__ import annotations

from copy import copy

from ...artifact import exchanged
from ..analysis.axes import IDS, better_axis
from ..builder import with_ids
from ..core import Function, walk

__all__ = ["opt_axes", "with_beside"]


def opt_axes(f: Function) -> Function:
    """An equal function for turned launches; `f` itself where nothing is gained, and where it reports which threads did what.
    Attribute `beside`: the axis whose threads shall be side by side, as launches have few along others."""
    wanted = f.attributes.get("beside")
    axis = 0 if f.sites else better_axis(f) if wanted is None else wanted
    if not axis:
        return f
    now = exchanged((0, 1, 2), axis)
    new = with_ids(f, {op: (op.defn, now[op.attributes["axis"]]) for op in walk(f.body) if op.defn.name in IDS})
    new.attributes["turned"] = axis
    if (block := f.attributes.get("block")) is not None:
        new.attributes["block"] = exchanged(block, axis)
    return new


def with_beside(f: Function, axis: int, folded: int = 0) -> Function:
    """The same function, which `opt_axes` turns so that threads along `axis` are side by side. folded: so many lie along axis 1
    then in all launches (0: any number)."""
    kept = copy(f)
    kept.attributes = {**f.attributes, "beside": axis}
    if folded:
        kept.attributes["folded"] = folded
    return kept
