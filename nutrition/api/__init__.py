"""The endpoints of meals, energy balance and review."""
