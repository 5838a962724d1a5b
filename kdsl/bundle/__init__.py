"""Bundles: kernels compiled ahead of time, for many targets, in one folder or file.

In reading order: `manifest` (what a bundle says of itself, as data and as JSON), `store` (the folder or the `.kdsl` file, every
byte of it accounted for), `choice` (which artifact a device gets), `loading` (kernels that are called as those they were made of).
`exports`, `building` and `settings` make bundles; only these need the compiler.

One idea: whatever a launch needs to know stands in the manifest, so that a program with kdsl, NumPy and a bundle runs kernels
without the compiler, its dependencies, or the kernels' source.
"""
