"""What a kernel may call and name: typed, documented stubs, one file per family.

Reading order: `types` (scalars, vectors, structs, `Array`, `const`), `functions` (`@kdsl.func`), `ids`, `memory`,
`atomics`, `subgroup`, `math`, `random`, `control`, `debug`; `marks` says how a stub is tied to its lowering. Inside a
kernel the compiler knows these functions by their mark (`kdsl/frontend/intrinsics`); called from Python, those that
work on plain numbers do, and the others say that they belong in a kernel.
"""
