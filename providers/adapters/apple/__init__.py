"""Apple Health, read from HealthKit by the SDK on the phone."""
