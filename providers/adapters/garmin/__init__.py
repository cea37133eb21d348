"""Garmin: Health API, Activity API and Women's Health."""
