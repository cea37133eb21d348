"""WHOOP: everything about its cloud."""
