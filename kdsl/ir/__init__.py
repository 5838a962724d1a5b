"""The language between front end and targets: types, op rows, functions, and everything that only needs those.

Reading order: `types` (what values are), `opdef` and `ops/` (what can be done with them; an op is one row),
`core` (values, ops, regions, functions), `builder` (the one way to make them), `verify`, `text` (printer and parser),
`interpreter` (the meaning, executed), `mathlib/` (elementary functions), `analysis/`, `rules`, `passes/`, `pipeline`.
Imports only L0 and NumPy inside the package.
"""
