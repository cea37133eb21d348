"""Stages as they were received, and the nights they make."""
