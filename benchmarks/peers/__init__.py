"""One module per peer. Each has `unavailable()`, `version()` and `KERNELS`: from a kernel's name to a function that takes a
`Case`, compiles what there is to compile, and gives a function of no arguments that runs the kernel once.

What that function returns is None if it filled the case's arrays, or the outputs by name, as anything NumPy can read.
"""
