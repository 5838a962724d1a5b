"""Kernels with a fault planted in each, for `test_planted_bugs`; the line at fault ends in `# planted`."""
