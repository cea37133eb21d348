"""Secrets: encryption, hashed passwords, signed tokens."""
