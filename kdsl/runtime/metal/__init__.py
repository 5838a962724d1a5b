"""Apple GPUs: Metal texts compiled by the system, launches gathered into command buffers, shared events as timelines.

In reading order: `code` (libraries, pipelines, where a launch's arguments go), `encoding` (what an encoder must be told), `queue`,
`replay`, `foreign` (memory of the host's that is used in place), `driver`, `device`. Every message that is sent to Metal is in
`kdsl.runtime.bindings.metal`.

One idea: memory is one for the CPU and the GPU, so an array's address is the CPU's, and a launch finds the buffer that it lies in.
"""
