"""Fitbit's legacy Web API, which its owner has ended; Google Health goes on."""
