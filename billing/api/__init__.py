"""The endpoints of billing."""
