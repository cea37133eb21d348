"""Polar: everything about its cloud."""
