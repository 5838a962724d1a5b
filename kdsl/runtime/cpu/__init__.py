"""The CPU device: compiled objects loaded into this process and run by a pool of threads.

Reading order: `elf` and `relocate` (object files), `loader` (into memory), `threads` (the pool), `schedule` (how a
launch is cut into pieces), `executable` (one loaded artifact), `device`. Loaded at the first launch, not by `import
kdsl`.
"""
