"""What deletes: erasure of end users with its receipts, retention, objects that no row knows."""
