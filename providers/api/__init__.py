"""The REST endpoints of the providers app."""
