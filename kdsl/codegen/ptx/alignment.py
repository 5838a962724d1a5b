"""What integers are modulo a power of two: which addresses are multiples of 8 or 16.

One idea: v = r modulo m for each value, from its op and its operands, asked for where an address is looked at; of loops the counter
is known by its first value and its step. Arithmetic that wraps keeps this, since m divides 2 ** bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd

from ...ir import types as T
from ...ir.core import Value

__all__ = ["MODULUS", "Residue", "Residues", "added", "scaled"]

MODULUS = 256  # that no integer type wraps in the middle of
_UNKNOWN = (1, 0)

Residue = tuple[int, int]  # (m, r): r modulo m, a power of two


def added(a: Residue, b: Residue) -> Residue:
    m = min(a[0], b[0])
    return m, (a[1] + b[1]) % m


def _product(a: Residue, b: Residue) -> Residue:
    (m, r), (n, s) = a, b
    k = gcd(m * n, m * s, n * r, MODULUS)
    return k, r * s % k


def scaled(a: Residue, by: int) -> Residue:
    return _product(a, (MODULUS, by % MODULUS))


def _negated(a: Residue) -> Residue:
    return a[0], -a[1] % a[0]


def _both_bits(a: Residue, b: Residue) -> Residue:
    """Of `and`: the bits that both are known to have, and none below the lowest of either."""
    m = min(a[0], b[0])
    known = m, (a[1] & b[1]) % m
    zeros = max(_zeros(a), _zeros(b))
    return (zeros, 0) if zeros > m else known


def _zeros(a: Residue) -> int:
    """The power of two that it is a multiple of."""
    return gcd(a[0], a[1])


_RULES: dict[str, Callable[..., Residue]] = {
    "arith.add": added,
    "arith.sub": lambda a, b: added(a, _negated(b)),
    "arith.mul": _product,
    "arith.neg": _negated,
    "arith.and": _both_bits,
    "arith.select": lambda p, a, b: a if a == b else _UNKNOWN,
}


class Residues:
    """Of integer values; `learn` says what is known of a value that no op makes."""

    def __init__(self) -> None:
        self.known: dict[Value, Residue] = {}

    def learn(self, v: Value, first: Value, step: int) -> None:
        """A counter: its first value plus multiples of a step."""
        start = self.of(first)
        m = gcd(start[0], step)
        self.known[v] = m, start[1] % m

    def of(self, v: Value) -> Residue:
        found = self.known.get(v)
        if found is None:
            found = self.known[v] = self._of(v)
        return found

    def _of(self, v: Value) -> Residue:
        op, t = v.op, v.type
        if op is None or not isinstance(t, T.ScalarType) or not t.is_integer:
            return _UNKNOWN
        name = op.defn.name
        if name == "arith.constant":
            return MODULUS, int(op.attributes["value"]) % MODULUS
        if name == "arith.cast":
            source = op.operands[0].type
            return self.of(op.operands[0]) if isinstance(source, T.ScalarType) and source.is_integer else _UNKNOWN
        if name in ("arith.shl", "machine.shl"):
            by = op.operands[1].constant
            return scaled(self.of(op.operands[0]), 1 << by) if by is not None and 0 <= by < t.bits else _UNKNOWN
        rule = _RULES.get(name)
        if rule is None:
            return _UNKNOWN
        return rule(*[self.of(x) if isinstance(x.type, T.ScalarType) and x.type.is_integer else _UNKNOWN for x in op.operands])

    def of_sum(self, terms: Sequence[tuple[Value, int]], constant: int) -> Residue:
        """Of an address: values times their strides, and a constant."""
        total = MODULUS, constant % MODULUS
        for v, stride in terms:
            total = added(total, scaled(self.of(v), stride))
        return total
