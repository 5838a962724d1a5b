"""From an Artifact to launched work. Imports only L0 (`diagnostics`, `target`, `artifact`) and NumPy.

Reading order: `api` (the contract, in prose), `dtypes` and `views` (element types and foreign arrays as memory),
`arrays` (the array a user holds), `geometry` and `checked` (every check of a launch, once, in front of any device),
`signature` and `launcher` (the same launch again, fast), `commands` (recorded launches), `faults` (what a debug
kernel reports), `pool` (the caching allocator), `host` (what devices in host memory share), `null`, `cpu/`, `registry`
(names to devices).
"""
