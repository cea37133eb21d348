"""The endpoints of exports."""
