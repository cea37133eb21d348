"""Samples in chunks, and vendors' daily values."""
