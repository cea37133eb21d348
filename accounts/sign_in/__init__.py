"""Signing up and in: sessions, passwords, locks, and taking an account back."""
