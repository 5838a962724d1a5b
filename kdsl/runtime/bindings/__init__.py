"""Declarations of driver libraries that are reached with ctypes; each says which header it follows.

Loaded when a device is asked for, never by `import kdsl`.
"""
