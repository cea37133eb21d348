"""Files that end users upload."""
