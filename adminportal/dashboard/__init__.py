"""The developers' portal at /dashboard: pages of one organization, read by the same queries as the API."""
