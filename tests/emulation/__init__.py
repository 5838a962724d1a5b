"""Execution without the hardware: texts for GPUs, compiled and run on the CPU.

One idea: what a vendor's compiler would get is compiled here unchanged, against headers that give its words a meaning.
"""
