"""The op rows, by family: `arith`, `math`, `simt`, `memory`, `scf`, `tile`, `machine`. Importing this package loads them all."""

from . import arith, machine, math, memory, scf, simt, tile

__all__ = ["arith", "machine", "math", "memory", "scf", "simt", "tile"]
