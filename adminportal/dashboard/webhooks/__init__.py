"""Endpoints, what was sent to them, and what they answered."""
