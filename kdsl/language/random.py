"""Random numbers from a counter: Philox 4x32-10, the same on every target, with no state to keep.

seed and counter are any integers (they are taken as u64); the same pair always gives the same number. Use the thread's
`global_id` for the counter, or (id * draws + draw) for several numbers per thread.
"""

from __future__ import annotations

from . import intrinsic, only_in_kernel

__all__ = ["random_bits", "random_normal", "random_uniform"]


@intrinsic("random_bits")
def random_bits(seed: int, counter: int) -> int:
    """32 random bits (u32)."""
    only_in_kernel("random_bits")


@intrinsic("random_uniform")
def random_uniform(seed: int, counter: int) -> float:
    """A number in [0, 1) with 24 random bits (f32)."""
    only_in_kernel("random_uniform")


@intrinsic("random_normal")
def random_normal(seed: int, counter: int) -> float:
    """A number from the standard normal distribution, by Box-Muller (f32)."""
    only_in_kernel("random_normal")
