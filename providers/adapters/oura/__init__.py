"""Oura: everything about its cloud."""
