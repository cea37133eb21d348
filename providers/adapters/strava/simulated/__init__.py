"""Strava's simulated side."""

from providers.adapters.strava.simulated.vendor import SimulatedStrava

VENDOR = SimulatedStrava()
