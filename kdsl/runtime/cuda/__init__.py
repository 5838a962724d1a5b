"""The CUDA devices: PTX loaded by the driver, launched on its streams.

Reading order: `context` (the driver's calls, and what their errors mean), `memory` (allocations and the staging of
copies), `queue` (one stream), `code` (modules and functions), `graph` (recorded launches), `foreign` (arrays and
streams of other libraries), `driver` (all of it as `kdsl.runtime.driver` wants it), `device`. Loaded when a CUDA device
is first asked for.
"""
