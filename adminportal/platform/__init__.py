"""The administrators' view of all tenants; pages and JSON read the same functions."""
