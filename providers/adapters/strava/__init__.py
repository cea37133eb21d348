"""Strava: everything about its cloud."""
