"""Edits and deletions of vendors, by id or by time."""
