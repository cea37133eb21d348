"""Google Health, which took the place of Fitbit's Web API."""
