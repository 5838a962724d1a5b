"""The op rows, by family: `arith`, `math`, `simt`, `memory`, `scf`, `tile`. Importing this package loads them all."""

from . import arith, math, memory, scf, simt, tile

__all__ = ["arith", "math", "memory", "scf", "simt", "tile"]
