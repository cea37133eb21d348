"""Fetching from vendors."""
