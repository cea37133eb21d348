"""What the platform's administrators see and do, over all tenants; pages and JSON read the same functions."""
