"""Meals that are recorded: by hand, corrected, added up by day, emitted to customers."""
