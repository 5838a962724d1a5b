"""Arrays: allocation in a block or thread, loads, stores, extents, atomics.

The interpreter holds the meaning of these rows. Indices are of type index, one per axis, outermost first; they must lie
in [0, extent): a debug build and the interpreter report one that does not, otherwise what happens is undefined.
Attribute `offset` is the byte offset inside an element (a field of a struct, a component of a vector), so the loaded
or stored type is explicit and only of a scalar. Atomics are relaxed, at device scope.
"""

from __future__ import annotations

from typing import Any

from .. import types as T
from ..opdef import Effect, Level, Trait, define

_RW = Effect.READ | Effect.WRITE

ALLOC = define("memory.alloc", "-> out:array", "An array for the block (shared) or the thread (private); contents undefined. Attribute `name`.", trait=Trait.DISTINCT, attributes=("name",))  # fmt: skip
EXTENT = define("memory.extent", "a:array -> out:index", "Elements along attribute `axis`.", trait=Trait.UNIFORM_RESULT, attributes=("axis",))  # fmt: skip
LOAD = define("memory.load", "a:array i:index* -> out:X", "The scalar at byte `offset` of element a[i...].", level=Level.ANY, effect=Effect.READ, attributes=("offset",))  # fmt: skip
STORE = define("memory.store", "a:array i:index* x:X ->", "Writes x at byte `offset` of element a[i...].", level=Level.ANY, effect=Effect.WRITE, attributes=("offset",))  # fmt: skip
PREFETCH = define("memory.prefetch", "a:array i:index* ->", "Element a[i...] will be read soon, or, where `near` is false, later: it need not come into the nearest cache. The indices may lie outside the array.", level=Level.ANY, effect=Effect.HOST, attributes=("near",))  # fmt: skip


def _old(operands: Any, attributes: Any) -> tuple[T.Type, ...]:
    """An atomic returns the old value: of the type of its last operand."""
    return (operands[-1].type,)


def _atomic(name: str, doc: str):
    return define(f"atomic.{name}", "a:array i:index* x:X -> old:X", f"{doc} Returns the old value.", effect=_RW, attributes=("offset",), infer=_old)  # fmt: skip


ATOMIC_ADD = _atomic("add", "a[i] += x, indivisibly.")
ATOMIC_SUB = _atomic("sub", "a[i] -= x, indivisibly.")
ATOMIC_MIN = _atomic("min", "a[i] = minimum(a[i], x), indivisibly.")
ATOMIC_MAX = _atomic("max", "a[i] = maximum(a[i], x), indivisibly.")
ATOMIC_AND = _atomic("and", "a[i] &= x, indivisibly.")
ATOMIC_OR = _atomic("or", "a[i] |= x, indivisibly.")
ATOMIC_XOR = _atomic("xor", "a[i] ^= x, indivisibly.")
ATOMIC_EXCHANGE = _atomic("exchange", "a[i] = x, indivisibly.")
ATOMIC_CAS = define("atomic.compare_exchange", "a:array i:index* expected:X x:X -> old:X", "a[i] = x if a[i] == expected (floats: same bits), indivisibly. Returns the old value.", effect=_RW, attributes=("offset",), infer=_old)  # fmt: skip
