"""Deletion: erasure of end users with its receipts, retention, and objects that no row knows."""
