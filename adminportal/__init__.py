"""Screens and admin API. Empty until the portal is built."""
