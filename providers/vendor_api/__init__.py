"""Calling vendors: their credentials, limits and failures."""
