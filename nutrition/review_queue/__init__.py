"""Meals that a reviewer looks at, and how good the model proves there."""
