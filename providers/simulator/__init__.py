"""Vendors on this machine: OAuth, REST and webhooks of those adapters that have a `simulated` package, as one WSGI app.

Everything below /<slug> is a vendor's; below /_simulator faults are ordered, data is changed and calls are counted.
The people and their data follow from their names and the clock, so the same moment always shows the same.
"""
