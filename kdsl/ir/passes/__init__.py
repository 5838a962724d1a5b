"""Passes: each reads one function and builds another. `lower_x` must run, `opt_x` may be left out.

`pipeline` orders them.
"""
