"""Health Connect (and what is left of Google Fit), read by the SDK on the phone."""
