"""Facts about a function, as side tables that passes ask for: functions from a `Function` to a table, nothing kept on nodes.

`uses` (who uses a value), `effects` (what code does to memory), `liveness` (what matters), `uniformity` (what is the same
for all threads of a block), `ranges` (between which numbers integers lie).
"""
