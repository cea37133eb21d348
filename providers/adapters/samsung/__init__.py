"""Samsung Health, read by the SDK on the phone."""
