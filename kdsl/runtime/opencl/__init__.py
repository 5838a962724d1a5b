"""OpenCL 2.0 and later, through pyopencl.

In reading order: `platforms` (which devices there are, and what they can do, as a `Target`), `program` (SPIR-V for devices that
take it, and LLVM bitcode made of it for those that do not), `memory` (buffers, and numbers that stand for their addresses),
`queue` (work), `device` (the driver that `kdsl.runtime.asynchronous` makes a device of).

One idea: a buffer of OpenCL has no address that the host may calculate with, so each allocation gets a number that plays one;
a launch turns such numbers back into buffers and bytes from their start.
"""
