"""What came in: kept raw, leased, processed into records."""
