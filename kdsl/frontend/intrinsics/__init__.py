"""What a kernel may call, by family; importing this package fills the table of rows.

Reading order: `table` (what a row is), `arithmetic` (math and random), `simt` (ids, barriers, subgroups), `memory`
(shared, local, atomics), `python` (the functions of Python, math and NumPy that mean the same).
"""

from . import arithmetic, memory, python, simt, table

__all__ = ["arithmetic", "memory", "python", "simt", "table"]
