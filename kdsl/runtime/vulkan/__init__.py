"""Vulkan 1.2 and later, compute only, through the binding in `kdsl.runtime.bindings.vulkan`.

In reading order: `api` (the loaded library, results as errors), `instance` (the instance, which devices there are and why one
is not used), `features` (what a device can do, as a `Target`), `memory` (memory types, suballocation), `ring` (memory that
the host and the device pass data through), `hazards` (where barriers are due), `pipelines` (code, kept on disk), `stamps`
(times), `queue` (work), `replay` (recorded work), `device` (the driver that `kdsl.runtime.asynchronous` makes a device of).

One idea: buffers are addresses. Kernels get 64-bit addresses as push constants, so there are no descriptors, and a launch is
one push and one dispatch.
"""
