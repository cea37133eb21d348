"""Meal logs. Empty until meals are recorded."""
