"""Atomics: read, change and write back one element with no other thread in between; each but a store gives the old value.

The first argument is the element itself, `kdsl.atomic_add(x[i], 1)`: of a global or shared array, or a field or
component of one. They are relaxed and seen by the whole device. An element of another type is refused (K215).
"""

from __future__ import annotations

from typing import Any

from . import intrinsic, only_in_kernel

__all__ = [
    "atomic_add", "atomic_and", "atomic_compare_exchange", "atomic_exchange", "atomic_load", "atomic_max", "atomic_min",
    "atomic_or", "atomic_store", "atomic_sub", "atomic_xor",
]  # fmt: skip


@intrinsic("atomic_add")
def atomic_add(element: Any, value: Any) -> Any:
    """Adds `value` to an element, indivisibly; gives the old value. Types: i32, u32, i64, u64, f16, bf16, f32, f64."""
    only_in_kernel("atomic_add")


@intrinsic("atomic_sub")
def atomic_sub(element: Any, value: Any) -> Any:
    """Subtracts `value` from an element, indivisibly; gives the old value. Types: i32, u32, i64, u64, f16, bf16, f32,
    f64."""
    only_in_kernel("atomic_sub")


@intrinsic("atomic_min")
def atomic_min(element: Any, value: Any) -> Any:
    """Replaces an element by the lesser of it and `value` (NaN wins), indivisibly; gives the old value. Types: i32,
    u32, i64, u64, f16, bf16, f32, f64."""
    only_in_kernel("atomic_min")


@intrinsic("atomic_max")
def atomic_max(element: Any, value: Any) -> Any:
    """Replaces an element by the greater of it and `value` (NaN wins), indivisibly; gives the old value. Types: i32,
    u32, i64, u64, f16, bf16, f32, f64."""
    only_in_kernel("atomic_max")


@intrinsic("atomic_and")
def atomic_and(element: Any, value: Any) -> Any:
    """Bitwise and with `value`, indivisibly; gives the old value. Types: i32, u32, i64, u64."""
    only_in_kernel("atomic_and")


@intrinsic("atomic_or")
def atomic_or(element: Any, value: Any) -> Any:
    """Bitwise or with `value`, indivisibly; gives the old value. Types: i32, u32, i64, u64."""
    only_in_kernel("atomic_or")


@intrinsic("atomic_xor")
def atomic_xor(element: Any, value: Any) -> Any:
    """Bitwise exclusive or with `value`, indivisibly; gives the old value. Types: i32, u32, i64, u64."""
    only_in_kernel("atomic_xor")


@intrinsic("atomic_load")
def atomic_load(element: Any) -> Any:
    """The value of an element that other threads change by atomics meanwhile: never half of one, never one kept from an
    earlier read. Nothing else is ordered by it (`kdsl.fence` does that). The array counts as written to. Types: i32, u32, i64,
    u64, f32, f64."""
    only_in_kernel("atomic_load")


@intrinsic("atomic_store")
def atomic_store(element: Any, value: Any) -> None:
    """Replaces an element that other threads read or change by atomics meanwhile. Nothing else is ordered by it
    (`kdsl.fence` does that). Types: i32, u32, i64, u64, f32, f64."""
    only_in_kernel("atomic_store")


@intrinsic("atomic_exchange")
def atomic_exchange(element: Any, value: Any) -> Any:
    """Replaces an element by `value`, indivisibly; gives the old value. Types: i32, u32, i64, u64, f16, bf16,
    f32, f64."""
    only_in_kernel("atomic_exchange")


@intrinsic("atomic_compare_exchange")
def atomic_compare_exchange(element: Any, expected: Any, desired: Any) -> Any:
    """Replaces an element by `desired` if it equals `expected` (floats: the same bits), indivisibly; gives the old
    value.

    It succeeded when the result equals `expected`. Types: i32, u32, i64, u64, f16, bf16, f32, f64.
    """
    only_in_kernel("atomic_compare_exchange")
