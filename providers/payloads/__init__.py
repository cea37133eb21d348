"""Payloads: received and kept raw, leased, processed into records."""
