"""Meals that are recorded: by hand, corrected, added up by day, told to customers."""
