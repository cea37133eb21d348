"""Benchmarks on real processes: `python -m tests.bench [names…] [--quick]`.

A file of this package becomes part of the run by decorating functions with figures.benchmark; nothing lists the files.
"""
