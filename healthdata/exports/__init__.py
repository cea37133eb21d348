"""Health data as parts of an export, and back: what the archive's members hold, and how an empty account takes them."""
