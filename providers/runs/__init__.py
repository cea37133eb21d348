"""Sync runs and the wake-ups that start them."""
