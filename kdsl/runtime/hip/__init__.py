"""AMD GPUs, through the HIP runtime of ROCm: HIP texts compiled by hiprtc, streams, events, graphs.

In reading order: `context` (which GPU a thread's calls go to), `compiler` (hiprtc), `code` (modules and their functions), `queue`,
`graph`, `driver`, `device`. Memory, copies and events are CUDA's, see `kdsl.runtime.cuda`: HIP's functions are those under other
names (`bindings.hip`).

One idea: nothing has to be installed but the driver's own libraries, which are loaded by name.
"""
