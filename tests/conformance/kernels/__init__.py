"""Kernels of the conformance suite, by what they try; each file registers its cases."""
