"""What is known of masks."""

from __future__ import annotations

from ..core import Value

__all__ = ["is_on"]


def is_on(mask: Value) -> bool:
    """Whether a mask is the constant with all lanes on."""
    if mask.op is not None and mask.op.name == "tile.splat":
        mask = mask.op.operands[0]
    return mask.constant is True or mask.constant == 1
