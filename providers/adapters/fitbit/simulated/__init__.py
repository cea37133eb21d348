"""Fitbit, simulated as it was before it was switched off."""

from providers.adapters.fitbit.simulated.vendor import SimulatedFitbit

VENDOR = SimulatedFitbit()
