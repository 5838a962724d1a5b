"""Subgroup operations: threads of a block that run together exchange values without memory.

A subgroup is a run of consecutive threads; `subgroup_size()` says how many on this target, and is never assumed. All
lanes must reach the operation together: one under a varying condition is refused (K3).
"""

from __future__ import annotations

from typing import Any

from . import intrinsic, only_in_kernel

__all__ = [
    "all", "any", "ballot", "broadcast", "lane_id", "shuffle", "shuffle_down", "shuffle_up", "shuffle_xor",
    "subgroup_exclusive_sum", "subgroup_inclusive_sum", "subgroup_max", "subgroup_min", "subgroup_size", "subgroup_sum",
]  # fmt: skip


@intrinsic("subgroup_size")
def subgroup_size() -> int:
    """Lanes of a full subgroup on this target."""
    only_in_kernel("subgroup_size")


@intrinsic("lane_id")
def lane_id() -> int:
    """The thread's place in its subgroup."""
    only_in_kernel("lane_id")


@intrinsic("subgroup_sum")
def subgroup_sum(x: Any) -> Any:
    """Sum over the lanes of the subgroup, in a fixed order. x: a number or vector."""
    only_in_kernel("subgroup_sum")


@intrinsic("subgroup_min")
def subgroup_min(x: Any) -> Any:
    """The least x of the lanes (NaN if any is)."""
    only_in_kernel("subgroup_min")


@intrinsic("subgroup_max")
def subgroup_max(x: Any) -> Any:
    """The greatest x of the lanes (NaN if any is)."""
    only_in_kernel("subgroup_max")


@intrinsic("subgroup_inclusive_sum")
def subgroup_inclusive_sum(x: Any) -> Any:
    """Sum of x over this lane and those below."""
    only_in_kernel("subgroup_inclusive_sum")


@intrinsic("subgroup_exclusive_sum")
def subgroup_exclusive_sum(x: Any) -> Any:
    """Sum of x over the lanes below; 0 in lane 0."""
    only_in_kernel("subgroup_exclusive_sum")


@intrinsic("shuffle")
def shuffle(x: Any, lane: int) -> Any:
    """x of the given lane; one's own when that lane does not exist."""
    only_in_kernel("shuffle")


@intrinsic("shuffle_xor")
def shuffle_xor(x: Any, mask: int) -> Any:
    """x of lane (own lane xor mask); one's own when that lane does not exist."""
    only_in_kernel("shuffle_xor")


@intrinsic("shuffle_up")
def shuffle_up(x: Any, delta: int) -> Any:
    """x of lane (own lane - delta); one's own when that lane does not exist."""
    only_in_kernel("shuffle_up")


@intrinsic("shuffle_down")
def shuffle_down(x: Any, delta: int) -> Any:
    """x of lane (own lane + delta); one's own when that lane does not exist."""
    only_in_kernel("shuffle_down")


@intrinsic("broadcast")
def broadcast(x: Any, lane: int) -> Any:
    """x of one lane, the same for all."""
    only_in_kernel("broadcast")


@intrinsic("ballot")
def ballot(x: bool) -> int:
    """A u64 whose bit k is condition x of lane k."""
    only_in_kernel("ballot")


@intrinsic("any")
def any(x: bool) -> bool:
    """Whether condition x holds in any lane."""
    only_in_kernel("any")


@intrinsic("all")
def all(x: bool) -> bool:
    """Whether condition x holds in every lane."""
    only_in_kernel("all")
